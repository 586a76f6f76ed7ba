"""The rules page and the order of priority: what is said, in which order, and that nobody hidden leaves a gap."""

import contextlib
import csv
import dataclasses
import datetime as dt
import html
import re
import shutil

import pytest
from published_sample import ENTRIES, REFERENCE
from sample_run import CHILD, ONE_WAIT, ONLY_HIDDEN, sample_tables, write_run

from braid.language.codes import BACKLOGS, STAY_KINDS, WAIT_KINDS
from braid.language.priority_findings import RANK_CHANGE
from braid.problems.model import Aged, Cohort, HasNeed, InEpisode, LivesIn, WaitsFor, WaitsInBacklogs
from braid.problems.priority.rests import STAYS, conditions_of
from braid.problems.words import condition_in_words
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.lake import Lake
from braid.trust.disclosure import ROUND_TO
from braid.web.access import get_person, get_ranking
from braid.web.access.beside import NOT_TOLD
from braid.web.access.projections import Viewer
from braid.web.models import Barred, Flow, LinkErrorFigure, PersonIdentity, PersonRank, PriorityVersion
from braid.web.publish import publish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def viewer(role="analyst", purpose="school_from_ta"):
    return Viewer(f"test-{role}", role, purpose, REFERENCE, "ranking")


def everybody(asker):
    first = get_ranking(asker, "", 1)
    return [person for page in range(1, first.page_count + 1) for person in get_ranking(asker, "", page).people]


def test_the_order_is_that_of_the_rules_and_places_are_counted_as_at_a_race(published, user_of):
    user_of("analyst")
    people = everybody(viewer())
    assert len(people) > 25
    keys = [(p.rank.band_position, -p.rank.points, p.rank.longest_since) for p in people]
    assert keys == sorted(keys)
    assert [p.position for p in people] == [1 + sum(other < key for other in keys) for key in keys]
    assert all(sum(points for points, _ in p.rank.reasons) == p.rank.points for p in people)


def test_somebody_kept_from_the_reader_leaves_no_gap_in_the_order(published, user_of):
    user_of("analyst")
    before = everybody(viewer())
    hidden = before[2]
    with known_asker():
        Barred.objects.create(person_id=hidden.person_id, username="test-analyst")
    hidden_after = everybody(viewer())
    with known_asker():
        PersonRank.objects.filter(person_id=hidden.person_id).delete()
        Barred.objects.all().delete()
    assert hidden_after == everybody(viewer())
    assert hidden.person_id not in {person.person_id for person in hidden_after}
    assert hidden_after[2].position == before[2].position


def test_every_person_of_a_page_is_a_look_that_is_recorded(published, user_of):
    user_of("analyst")
    shown = {person.person_id for person in get_ranking(viewer(), "", 1).people}
    entries = ENTRIES.filter(kind="look", page="ranking")
    assert {entry.person_id for entry in entries} == shown


def test_an_order_serves_its_own_purpose_alone(published, client_of, user_of):
    user_of("analyst")
    assert get_ranking(viewer(), "court_readiness", 1) is None
    assert all(rank.problem == "school_from_ta" for rank in get_person(viewer(), CHILD).ranks)
    page = client_of("analyst", "school_from_ta").get("/ranking/?problem=court_readiness").content.decode()
    assert "serve the purpose for which you are looking" in page


def test_without_the_item_in_an_agreement_there_is_nobody_in_the_order(published, user_of, monkeypatch):
    user_of("analyst")
    assert get_person(viewer(), CHILD).ranks
    monkeypatch.setattr("braid.web.access.sight.Sight.opens", lambda _self, item, *_: item != "priority")
    assert get_ranking(viewer(), "", 1).count == 0
    assert get_person(viewer(), CHILD).ranks == ()


def with_reason(person, problem, reason, points):
    """Let an entry hold of somebody whom it did not, or not any more."""
    with known_asker():
        row = PersonRank.objects.get(person=person, rules=problem)
        held = [*row.reasons, reason] if reason not in row.reasons else [r for r in row.reasons if r != reason]
        change = {"causes": ["reasons_changed"], "gained": [reason], "lost": []}
        row.points += points if reason in held else -points
        PersonRank.objects.filter(pk=row.pk).update(reasons=held, points=row.points, changes=change)


CLOSED = (
    ("listing_officer", "court_readiness", "unsettled_home", 15),
    ("placement_officer", "school_from_ta", "special_needs", 15),
    ("placement_officer", "school_from_ta", "several_backlogs", 10),
)
"""Entries that rest on what the role or the agreement of its organisation does not open."""


@pytest.mark.parametrize(("role", "problem", "reason", "points"), CLOSED)
def test_a_reason_that_is_not_open_leaves_no_trace_of_whether_it_holds(
    role, problem, reason, points, published, client_of
):
    if role == "placement_officer":
        closed = {"involvements", "waits.send"}
        flows = [flow for flow in Flow.objects.all() if flow.item in closed and flow.receiver == "northmere-council"]
        Flow.objects.filter(pk__in=[flow.pk for flow in flows]).delete()
    client, analyst = client_of(role, problem), client_of("analyst", problem)
    url = f"/people/{CHILD}/"

    def priority(asker):
        page = asker.get(url).content.decode()
        return page.split('id="priority"')[1].split('id="involved"')[0]

    unchanged = {"causes": ["reasons_changed"], "gained": [], "lost": []}
    with known_asker():
        PersonRank.objects.filter(person=CHILD).update(changes=unchanged)
    with_reason(CHILD, problem, reason, points)
    once, once_analyst = priority(client), priority(analyst)
    with_reason(CHILD, problem, reason, points)
    assert priority(client) == once
    assert priority(analyst) != once_analyst, "the control: whom all is open sees it"
    assert "what your role or agreement does not open, of everybody" in once
    assert "Another band" not in once


def test_what_sets_two_apart_is_not_said_where_not_all_of_it_is_open(published, client_of):
    said = "what sets the two apart is not said"
    with known_asker():
        PersonRank.objects.filter(rules="court_readiness").update(band_position=1)
    page = client_of("listing_officer", "court_readiness").get("/ranking/").content.decode()
    assert said in page and "points against" not in page
    page = client_of("analyst", "court_readiness").get("/ranking/").content.decode()
    assert said not in page and "Beside the next" in page


def test_two_people_are_put_beside_each_other_in_both_directions_and_both_looks_kept(published, client_of):
    client = client_of("analyst", "school_from_ta")
    first, *_, last = everybody(viewer())
    before = ENTRIES.filter(kind="look", page="person").count()
    page = client.get(f"/people/{first.person_id}/?beside={last.person_id}").content.decode()
    assert "School from temporary accommodation: comes first" in page
    assert ENTRIES.filter(kind="look", page="person").count() == before + 2
    headers = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
    answer = client.get(f"/api/v1/people/{last.person_id}?beside={first.person_id}", headers=headers).json()
    ((name, said),) = answer["beside"]["said"]
    assert name == "School from temporary accommodation" and said.startswith("Comes later")
    assert answer["beside"]["person_id"] == first.person_id


def test_somebody_hidden_beside_a_person_is_as_absent_as_nobody(published, client_of):
    client = client_of("practitioner", "school_from_ta")
    answers = [client.get(f"/people/{CHILD}/?beside={other}") for other in (ONLY_HIDDEN, "0" * 32, CHILD, "x")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_of_somebody_whom_the_statement_does_not_concern_the_condition_is_said(published, client_of):
    page = client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/?beside={ONE_WAIT}").content.decode()
    assert "the other is not in this order. " in page
    assert NOT_TOLD in page, "where somebody stays is on no page"
    with known_asker():
        PersonIdentity.objects.filter(person=ONE_WAIT).update(birth_date="1980-01-01")
    page = client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/?beside={ONE_WAIT}").content.decode()
    assert "It concerns people who are under 19, and by what is shown here they are not." in page
    page = client_of("analyst", "court_readiness").get(f"/people/{CHILD}/?beside={ONE_WAIT}").content.decode()
    assert "It concerns people who wait (Care proceedings or First hearing in care proceedings), and by what" in page


KINDS = ("register", "bnb_family", "in_year_admission")
ASKED = (
    (WaitsInBacklogs(3, KINDS), True),
    (WaitsInBacklogs(1, KINDS), False),
    (WaitsInBacklogs(3, tuple(WAIT_KINDS)), False),
    (LivesIn(("E08990002",)), True),
    (LivesIn(("E08990001",)), False),
    (WaitsFor(KINDS, least_days=9_999), True),
    (WaitsFor(KINDS, clocks=("past",), most_days_left=3), True),
    (WaitsFor(KINDS, least_days=1), False),
    (Aged(60, None), True),
    (Aged(1, 60), False),
    (HasNeed(("mental_health",), ("person",)), False),
    (InEpisode(("cin",)), False),
)
"""A condition of a statement, and whether what is shown of somebody says that it does not hold of them.

Not where it holds, nor where it also asks about waits that are not open, nor of what no page shows.
"""


@pytest.mark.parametrize(("condition", "is_said"), ASKED, ids=lambda each: type(each).__name__)
def test_every_condition_that_what_is_shown_can_answer_is_said_where_it_does_not_hold(
    condition, is_said, published, client_of
):
    with known_asker():
        version = PriorityVersion.objects.get(problem="school_from_ta")
        version.rests_on["cohort"] = conditions_of(Cohort((condition,), ()))
        version.save()
    page = client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/?beside={ONE_WAIT}").content.decode()
    words = html.escape(condition_in_words(condition))
    said = f"It concerns people who {words}, and by what is shown here they are not."
    assert (said in page, NOT_TOLD in page) == (is_said, not is_said)


def test_a_district_that_is_not_open_answers_nothing(published, client_of):
    with known_asker():
        version = PriorityVersion.objects.get(problem="school_from_ta")
        version.rests_on["cohort"] = conditions_of(Cohort((LivesIn(("E08990002",)),), ()))
        version.save()
        Flow.objects.filter(item="district").delete()
    page = client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/?beside={ONE_WAIT}").content.decode()
    assert NOT_TOLD in page and "live in a district that the statement names, and" not in page


def test_every_kind_of_accommodation_rests_on_a_backlog():
    assert STAYS.keys() == STAY_KINDS.keys()
    assert set(STAYS.values()) <= BACKLOGS.keys()


def test_pages_say_why_and_what_sets_the_next_apart(published, client_of):
    client = client_of("analyst", "school_from_ta")
    page = client.get("/ranking/").content.decode()
    assert "Band 1 of 3: A limit in law is past" in page
    assert re.search(r"Beside the next: comes first: in the same band, \d+ points against \d+ \(this alone: ", page)
    person = client.get(f"/people/{CHILD}/").content.decode()
    assert "Who comes first" in person and "waits in three or more backlogs of this problem at once (10)" in person


def test_what_changed_is_said_without_a_place_in_everybodys_order(published, user_of):
    user_of("analyst")
    changes = {"causes": ["reasons_changed"], "gained": ["limit_past"], "lost": ["limit_near", "gone_from_the_rules"]}
    with known_asker():
        PersonRank.objects.filter(person=CHILD).update(changes=changes)
    (rank,) = get_person(viewer(), CHILD).ranks
    assert rank.changes == (
        "Another band or other points",
        "Holds now: A limit in law is past",
        "Does not hold any more: A limit in law ends within two weeks",
    )


def test_what_changed_in_earlier_runs_is_read_from_the_lake_and_shown_by_day(published, sample, tmp_path, client_of):
    place = dataclasses.replace(sample[0], folder=tmp_path)
    run = write_run(place, "published", sample_tables(40))
    change = {
        **dict.fromkeys(RANK_CHANGE.names),
        "problem": "school_from_ta",
        "purpose": "school_from_ta",
        "person_id": CHILD,
        "gained": "limit_past",
        "lost": "",
        "cause": "reasons_changed",
    }
    lake = Lake(place.lake_folder)
    for day, cause in (("2026-11-08", "reasons_changed"), ("2026-11-01", "others_moved"), ("2025-01-01", "joined")):
        work = lake.begin(day)
        with contextlib.closing(DuckDBEngine()) as engine:
            engine.load_rows(RANK_CHANGE, [{**change, "cause": cause}])
            engine.write(RANK_CHANGE, work.table(RANK_CHANGE.name))
        shutil.copy(run.table("priority_rule"), work.table("priority_rule"))
        lake.publish(work, day, {"as_of": day, "made_at": day, "stages": {}})
    publish(run, place)
    rank = get_person(viewer(), CHILD).ranks[0]
    words = ("Another band or other points", "Holds now: A limit in law is past")
    assert rank.earlier == ((dt.date(2026, 11, 8), words),)
    page = client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/").content.decode()
    assert "8 November 2026: Another band or other points. Holds now: A limit in law is past." in page


def test_the_rules_are_public_in_words_and_as_a_file_and_their_fairness_is_rounded(published, client_of):
    page = client_of("board_member").get("/rules/").content.decode()
    for version in PriorityVersion.objects.all():
        assert version.digest in page
        assert f'id="{version.problem}"' in page
    cells = re.findall(r'numeric">(\d[\d,]*)</td>', page)
    assert cells and all(int(cell.replace(",", "")) % ROUND_TO == 0 for cell in cells)
    assert "Most deprived fifth of areas" in page and "Who comes first</a>" not in page


def test_how_often_linking_is_expected_to_err_stands_beside_the_rules_for_groups_that_are_large_enough(
    published, client_of
):
    client = client_of("board_member")
    assert "How often linking is expected to err" not in client.get("/rules/").content.decode()
    cell = {"source_a": "all", "source_b": "all", "people": 40, "records": 400, "unnamed": 100, "links": 200}
    cell |= {"false_links": 2.0, "false_variance": 1.0, "missed_links": 22.0, "missed_variance": 9.0}
    LinkErrorFigure.objects.create(characteristic="sex", group_code="female", **cell)
    LinkErrorFigure.objects.create(characteristic="sex", group_code="male", **{**cell, "people": 3})
    page = client.get("/rules/").content.decode().split('id="linking"')[1]
    assert "Links are missed at least so often" in page
    female, male = (re.search(rf">{name}</th>(.*?)</tr>", page, re.DOTALL)[1] for name in ("Female", "Male"))
    assert re.findall(r">\s*(\d+)", female) == ["1", "10", "25"] and "(7 to 13)" in female
    assert male.count("Not shown") == 3 and not re.findall(r"\d+ ", male)
    file = client.get("/rules/linking.csv").content.decode("utf-8-sig").splitlines()
    found = {tuple(row[:2]): row[2:9] for row in csv.reader(file)}
    assert found["Sex", "Female"] == ["1", "0", "2", "10", "7", "13", "25"] and found["Sex", "Male"] == ["[c]"] * 7
    assert client.get("/rules/linking.docx").status_code == 404
