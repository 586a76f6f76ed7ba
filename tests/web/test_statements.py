"""The accessibility statement: for everybody, with what the regulations ask for, from what the place names."""

import re
from html import unescape

import pytest
from django.test import Client
from sample_run import write_sample_place

from braid.web.served_place import PLACE_SETTING, served_answerable, served_marks

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(tmp_path, monkeypatch):
    """The folder of a place that is served."""
    write_sample_place(tmp_path / "place")
    monkeypatch.setenv(PLACE_SETTING, str(tmp_path / "place"))
    yield tmp_path / "place"
    served_answerable.cache_clear()
    served_marks.cache_clear()


def words_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_it_says_who_answers_how_far_it_holds_and_who_enforces(served):
    authority = served_answerable()
    assert authority.name
    words = words_of(Client().get("/accessibility/"))
    contact = f"Call {authority.name} on {authority.contact}." if authority.contact else "whoever gave you your account"
    for said in (
        "partially compliant",
        f"{authority.name} answers for them",
        contact,
        "Equality and Human Rights Commission",
        "Accessibility Regulations 2018",
        "was prepared on",
    ):
        assert said in words


def test_the_authority_answers_before_whoever_is_named_first(served):
    text = (served / "place.toml").read_text(encoding="utf-8")
    named = ("[[organisation]]", 'id = "the-authority"', 'name = "The Authority"', 'kind = "authority"')
    more = "\n".join(["", *named, 'contact = "01632 960999"', ""])
    others = text.replace('kind = "authority"', 'kind = "voluntary"')
    (served / "place.toml").write_text(others + more, encoding="utf-8")
    served_answerable.cache_clear()
    assert served_answerable().name == "The Authority"
    assert "Call The Authority on 01632 960999." in words_of(Client().get("/accessibility/"))


def test_without_a_place_it_still_says_whom_to_ask(monkeypatch):
    monkeypatch.delenv(PLACE_SETTING, raising=False)
    assert "Ask whoever gave you your account" in words_of(Client().get("/accessibility/"))


def test_every_page_leads_there_signed_in_or_not(served, client):
    assert 'href="/accessibility/"' in client.get("/sign-in/").content.decode()
    assert 'href="/accessibility/"' in client.get("/nowhere/").content.decode()
