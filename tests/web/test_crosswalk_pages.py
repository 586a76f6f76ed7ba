"""The crosswalk page: every role reads it, its organisation's own words first; and a person's page says them too."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from sample_run import CHILD

from braid.extracts.crosswalk import LISTS, find_own_words, list_crossings
from braid.web.access.projections import Viewer
from braid.web.crosswalk import get_crossed_list, own_words, standards_of
from braid.web.models import PublishedRun
from braid.web.published import find_published_run

pytestmark = pytest.mark.django_db


def test_every_list_has_a_page_and_another_has_none(published, client_of):
    client = client_of("board_member")
    for name, title in LISTS.items():
        page = client.get("/crosswalk/", {"list": name})
        assert page.status_code == 200 and title in page.content.decode()
    assert client.get("/crosswalk/", {"list": "telephone"}).status_code == 404
    assert "Domestic violence: the child" in client.get("/crosswalk/").content.decode()


def test_the_words_of_the_own_organisation_come_first_and_are_marked(published):
    run = find_published_run()
    feed = dict(run.feeds[0], organisation=run.names[next(iter(run.names))], standard="ssda903")
    own = standards_of(PublishedRun(names=run.names, feeds=[feed]), next(iter(run.names)))
    assert own == ("ssda903",) and standards_of(run, "nobody") == () == standards_of(None, "x")
    found = get_crossed_list("need", own)
    income = next(one for one in found.codes if one.code == "income")
    marks = [is_own for _, is_own in income.crossings]
    assert marks == sorted(marks, reverse=True) and any(marks) and not all(marks)
    assert {one.standard for one, is_own in income.crossings if is_own} == {"ssda903"}
    assert found.exact + found.group == sum(bool(one.common) for one in list_crossings() if one.list_name == "need")


def test_of_several_own_words_all_are_said():
    said = own_words(("fpl",), "cause_group", "court_capacity")
    first = find_own_words(["fpl"], "cause_group", "court_capacity")
    assert said.startswith("; or ".join(first[:3])) and said.endswith(f"; or one of {len(first) - 3} more")
    assert own_words(("fpl",), "cause_group", "nothing") == "" == own_words((), "cause_group", "court_capacity")


def test_the_file_holds_every_crossing(published, client_of):
    answer = client_of("advocate").get("/crosswalk/words.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == len(list_crossings())
    assert {row["Precision"] for row in rows} == {"exact", "group"}


def test_a_person_reads_what_holds_a_wait_in_the_own_words_of_the_reader(published, monkeypatch):
    from braid.web.access import words

    seen = []
    kept = words._blocker_seen
    monkeypatch.setattr(words, "standards_of", lambda _run, _organisation: ("fpl",))
    monkeypatch.setattr(words, "_blocker_seen", lambda row, own: seen.append((row, kept(row, own))) or kept(row, own))
    from braid.web.access import get_person

    viewer = Viewer("test-practitioner", "practitioner", "school_from_ta", "CASE-1", "person")
    get_person(viewer, CHILD)
    get_person(replace(viewer, purpose="court_readiness"), CHILD)
    assert seen
    for row, told in seen:
        expected = "" if row.holder_wait else own_words(("fpl",), "cause_group", row.holder_kind)
        assert told.holder_own == expected
