"""The critical path on a person's page: in words, over what the viewer sees, as if what is hidden were absent."""

import dataclasses
import json

import pytest
from published_sample import ENTRIES, REFERENCE
from sample_run import AS_OF, CHILD, VICTIM, _blocker, _wait, person_id, sample_tables, write_run

from braid.web.access.paths import path_seen
from braid.web.access.projections import BlockerSeen, WaitSeen
from braid.web.models import Barred
from braid.web.publish import publish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

OTHER = person_id(10)


def url_of(person: str) -> str:
    return f"/people/{person}/"


def test_the_page_says_what_one_call_frees_and_whose_move_it_is(published, client_of):
    page = client_of("practitioner", "school_from_ta").get(url_of(CHILD)).content.decode()
    assert "One call unblocks one" in page
    assert (
        "Were <strong>Temporary accommodation</strong> out of the way, nothing known would hold up: EHC plan." in page
    )
    assert "It holds 2 waits in all; the others are held by something else too." in page
    assert "Whose move: <strong>Placement officer, Council</strong>" in page
    assert "They have waited 229 days together, 12 of them past a limit" in page


def test_the_api_has_the_path_of_the_page(published, client_of):
    headers = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
    answer = client_of("practitioner").get(f"/api/v1/people/{CHILD}", headers=headers)
    path = json.loads(answer.content)["path"]
    assert (path["end"], path["days"], path["days_over"], path["deadlock"]) == ("EHC plan", 229, 12, [])
    assert [(step["holder"], step["held"]) for step in path["steps"]] == [("Temporary accommodation", "EHC plan")]
    assert path["root"]["frees"] == ["EHC plan"]


def test_without_a_blocker_there_is_no_path(published, client_of):
    headers = {"X-Purpose": "court_readiness", "X-Reference": REFERENCE}
    someone = person_id(15)
    for purpose, held in (("school_from_ta", True), ("court_readiness", True)):
        answer = client_of("practitioner").get(f"/api/v1/people/{someone}", headers={**headers, "X-Purpose": purpose})
        assert (json.loads(answer.content)["path"] is not None) is held
    page = client_of("advocate", "victim_response").get(url_of(VICTIM)).content.decode()
    assert "No single call frees a wait" in page


def hidden_rows(tables, how):
    """Add a blocker that no practitioner and no analyst may see, though each would change the path."""
    plan = next(
        row["wait_id"] for row in tables["person_wait"] if row["person_id"] == CHILD and row["kind"] == "ehcp_plan"
    )
    stay = next(
        row["wait_id"]
        for row in tables["person_wait"]
        if row["person_id"] == CHILD and row["kind"] == "temporary_accommodation"
    )
    if how == "a wait that is hidden":
        therapy = _wait(tables, CHILD, "therapy", 900)
        _blocker(tables, CHILD, "school_from_ta", "hidden_rule", stay, therapy, "special")
        _blocker(tables, CHILD, "school_from_ta", "hidden_rule", plan, therapy, "special")
    elif how == "a row that is hidden":
        home = next(row["wait_id"] for row in tables["person_wait"] if row["person_id"] == CHILD)
        _blocker(tables, CHILD, "school_from_ta", "hidden_rule", plan, None, "safe_address")
        _blocker(tables, CHILD, "school_from_ta", "other_hidden_rule", stay, home, "safe_address")
    elif how == "a problem that is hidden":
        _blocker(tables, CHILD, "victim_response", "hidden_rule", stay, None, "normal")
    else:
        theirs = next(row["wait_id"] for row in tables["person_wait"] if row["person_id"] == OTHER)
        _blocker(tables, CHILD, "school_from_ta", "hidden_rule", stay, theirs, "normal")
        tables["blocker"][-1]["holder_person_id"] = OTHER


HOW = ("a wait that is hidden", "a row that is hidden", "a problem that is hidden", "a person who is hidden")


@pytest.fixture
def absent_and_hidden(published, sample, tmp_path):
    """Publish the sample with something hidden, or without it."""
    place, _ = sample

    def publish_with(how, barred=("practitioner", "analyst")):
        tables = sample_tables(3)
        if how:
            hidden_rows(tables, how)
        publish(write_run(dataclasses.replace(place, folder=tmp_path), f"{AS_OF} {how or 'absent'}", tables), place)
        with known_asker():
            for role in barred:
                Barred.objects.create(person_id=OTHER, username=f"test-{role}")

    return publish_with


@pytest.mark.parametrize("how", HOW)
def test_a_hidden_blocker_leaves_no_trace_in_the_path(how, absent_and_hidden, client_of):
    answers = {}
    for published_with in ("", how):
        absent_and_hidden(published_with)
        for role in ("practitioner", "analyst"):
            client = client_of(role, "school_from_ta")
            api = client.get(
                f"/api/v1{url_of(CHILD)[:-1]}", headers={"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
            )
            answers[published_with, role] = (client.get(url_of(CHILD)).content, api.content)
    for role in ("practitioner", "analyst"):
        assert answers["", role] == answers[how, role]
        assert b"Critical path" in answers[how, role][0]
    assert ENTRIES.filter(kind="look", person_id=CHILD).count() == 8
    assert not ENTRIES.filter(kind="look", person_id=OTHER).exists()


def test_the_same_blockers_where_they_may_be_seen_do_change_the_path(absent_and_hidden, client_of):
    """The control: what is hidden above would be told if it could be seen."""
    absent_and_hidden("", barred=())
    before = client_of("practitioner", "school_from_ta").get(url_of(CHILD)).content
    absent_and_hidden("a person who is hidden", barred=())
    assert client_of("practitioner", "school_from_ta").get(url_of(CHILD)).content != before


def test_what_is_missing_is_one_thing_for_each_wait():
    """Two letters are two calls: nothing on the page says that one letter would answer both."""

    def wait(name):
        values = dict.fromkeys(field.name for field in dataclasses.fields(WaitSeen))
        return WaitSeen(**{**values, "wait_id": name, "kind_name": name, "elapsed_days": 5, "clock": "within"})

    def blocker(held):
        values = dict.fromkeys((field.name for field in dataclasses.fields(BlockerSeen)), "")
        return BlockerSeen(
            **{**values, "held_wait_id": held, "held": held, "holder_type": "evidence", "holder": "Letter"}
        )

    path = path_seen([wait("a"), wait("b")], [blocker("a"), blocker("b")])
    assert path is not None
    assert (path.root.holds, path.root.frees) == (("a",), ("a",))
