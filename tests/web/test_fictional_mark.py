"""Where people are fictional and the ground is real, every page says so and names the publishers of the ground."""

import re
from html import unescape

import pytest
from django.test import Client, RequestFactory

from braid.store.place_folder import PlaceInvalid
from braid.store.reference_data import FOLDER, attribution_lines
from braid.trust.roles import ROLES
from braid.web.served_place import PLACE_SETTING, served_marks
from braid.web.templating import _links_of
from braid.web.views.errors import failed
from extracts.reference import publishers

pytestmark = pytest.mark.django_db
MARK = "Nobody on these pages is real, and nothing here happened."
LINE = "Contains Royal Mail data © Royal Mail copyright and database right 2025."


def words_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place on real ground: its people are said to be fictional, and a directory of postcodes is loaded."""
    from braid.extracts.reference.load import load_file

    text = publishers.place_toml().replace('id = "six-towns"', 'id = "six-towns"\npeople = "fictional"')
    (tmp_path / "place.toml").write_text(text, encoding="utf-8")
    load_file(publishers.write_directory(tmp_path), tmp_path)
    monkeypatch.setenv(PLACE_SETTING, str(tmp_path))
    yield tmp_path
    served_marks.cache_clear()


@pytest.mark.parametrize("code", ROLES)
def test_every_page_of_the_navigation_has_the_mark_above_and_the_publishers_below(published, folder, client_of, code):
    client = client_of(code, *sorted(ROLES[code].purposes)[:1])
    groups = _links_of(code)
    for entry in (entry for group in groups for entry in group["entries"]):
        answer = client.get(entry["href"], follow=True)
        text = words_of(answer)
        assert text.count(MARK) == 1 and text.count(LINE) == 1, entry["href"]
        assert text.index(MARK) < len(text) / 2 and text.endswith(attribution_lines(folder)[-1]), entry["href"]


@pytest.mark.parametrize("path", ["/sign-in/", "/own/", "/nowhere/"])
def test_whoever_is_not_signed_in_reads_it_too(folder, path):
    answer = Client().get(path, follow=True)
    assert MARK in words_of(answer) and LINE in words_of(answer)


def test_the_page_for_a_failure_has_it_even_where_the_files_of_the_place_are_broken(folder):
    assert MARK in words_of(failed(RequestFactory().get("/")))
    served_marks.cache_clear()
    next((folder / FOLDER).glob("*/*.json")).write_text("{", encoding="utf-8")
    assert failed(RequestFactory().get("/")).status_code == 500
    with pytest.raises(PlaceInvalid, match="load the publisher's file again"):
        served_marks()


def test_a_place_in_earnest_names_the_publishers_and_has_no_mark(folder):
    text = (folder / "place.toml").read_text(encoding="utf-8").replace('people = "fictional"\n', "")
    (folder / "place.toml").write_text(text, encoding="utf-8")
    served_marks.cache_clear()
    text = words_of(Client().get("/sign-in/", follow=True))
    assert MARK not in text and LINE in text


def test_a_place_without_reference_data_has_neither(monkeypatch):
    monkeypatch.delenv(PLACE_SETTING, raising=False)
    answer = Client().get("/sign-in/", follow=True)
    assert MARK not in words_of(answer) and words_of(answer).endswith("Accessibility statement")
