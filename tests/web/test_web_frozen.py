"""Ranks kept with decisions: what is kept, who sees it, that nothing changes it, and that it still follows."""

import datetime as dt
import json
import re

import psycopg
import pyarrow.parquet as pq
import pytest
from care_teams import make_teams
from django.db import DatabaseError, connection
from django.utils import timezone
from published_sample import REFERENCE, as_pages
from sample_run import CHILD, ONE_WAIT

from braid.care.meetings import Decision
from braid.care.referrals import Answer
from braid.problems.load import shipped_statements
from braid.problems.priority.freeze import find_faults, freeze
from braid.problems.priority.load import parse_rules
from braid.problems.priority.model import Rank, Reason
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.access import get_ranking
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.care import cases, meetings, referrals
from braid.web.frozen_check import check_frozen, document_of
from braid.web.models import (
    Barred,
    DecidedOrder,
    DecidedRules,
    FrozenRank,
    Meeting,
    PersonRank,
    PersonWait,
    PriorityVersion,
    Referral,
    RoleRight,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
STATEMENTS = {each.problem_id: each for each in shipped_statements()}
WORDS = "Rank of <bdi>"


def acting_as(role):
    return looking(Viewer(f"test-{role}", role, SCHOOL_FROM_TA, REFERENCE, "test"))


@pytest.fixture
def teams(published):
    """A team for each organisation at the table."""
    make_teams()


@pytest.fixture
def item(teams):
    """A case about the child, decided on by a chair who sees no ranks; the practitioner leads it."""
    with as_pages():
        with acting_as("practitioner") as sight:
            case = cases.open_case(sight, "complex_needs", "education", CHILD, "person")
        for role, team, agency in (
            ("coordinator", "vale-coordination", "coordination"),
            ("partner", "hospital-safeguarding", "health"),
        ):
            with acting_as("practitioner") as sight:
                offer = cases.offer_case(sight, case.pk, team, agency, "edit", "whole")
            with acting_as(role) as sight:
                cases.accept_offer(sight, offer.pk)
        with acting_as("coordinator") as sight:
            meeting = meetings.plan_meeting(sight, "complex_needs", timezone.now() + dt.timedelta(days=9))
            row = meetings.put_on_agenda(sight, meeting.pk, case.pk)
            meetings.take_meeting_step(sight, meeting.pk, 1, "ask_returns")
            there = {"social_care": ("", "urgent"), "health": ("present", "")}
            meetings.write_attendance(sight, meeting.pk, Meeting.objects.get(pk=meeting.pk).version, there)
            meetings.take_meeting_step(sight, meeting.pk, 3, "begin")
            meetings.decide(sight, row.pk, 1, Decision("one_service", "Seen by the school"), [])
    return row.pk


def rows():
    with known_asker():
        return list(FrozenRank.objects.select_related("rules__order"))


def kept(row) -> dict:
    """A kept rank as a document, its reasons in an order of their own."""
    values = {name: getattr(row.rules, name) for name in ("holds_from_date", "digest", "text")}
    document = document_of({**vars(row), **values, "people": row.rules.order.people})
    return {**document, "reasons": sorted(document["reasons"])}


def from_the_run(run, person_id: str) -> dict:
    """The twin: the document that `freeze` makes of what the run wrote, with the place among those published."""
    read = {
        name: pq.read_table(run.table(name)).to_pylist()
        for name in ("priority_rule", "priority_rank", "priority_reason")
    }
    text = next(row["text"] for row in read["priority_rule"] if row["problem"] == SCHOOL_FROM_TA)
    rules = parse_rules(text, "the run", STATEMENTS)
    with known_asker():
        published = set(PersonRank.objects.filter(rules=SCHOOL_FROM_TA).values_list("person_id", flat=True))
    ranks = [r for r in read["priority_rank"] if r["problem"] == SCHOOL_FROM_TA and r["person_id"] in published]
    mine = next(rank for rank in ranks if rank["person_id"] == person_id)
    held = [r for r in read["priority_reason"] if (r["problem"], r["person_id"]) == (SCHOOL_FROM_TA, person_id)]
    rank = Rank(
        person_id,
        mine["band_position"],
        mine["points"],
        mine["longest_since_date"],
        1 + sum(other["position"] < mine["position"] for other in ranks),
        tuple(Reason(row["reason_id"], "", row["points"]) for row in held),
    )
    document = freeze(rank, len(ranks), rules, run.id, dt.date.fromisoformat(run.manifest["as_of"]))
    return {**document, "reasons": sorted(document["reasons"])}


def test_a_decision_keeps_the_rank_of_its_people_as_the_run_had_it_whatever_becomes_of_the_rules(item, sample):
    (row,) = rows()
    assert (row.item_id, row.referral_id, row.person_id) == (item, None, CHILD)
    twin = from_the_run(sample[1], CHILD)
    assert kept(row) == twin and twin["of"] > 25
    assert find_faults(kept(row), STATEMENTS) == []
    with known_asker():
        PriorityVersion.objects.update(text="changed", bands=[["another", "Another"]])
        PersonRank.objects.update(points=0)
    (row,) = rows()
    assert kept(row) == twin


def test_an_accepted_referral_keeps_it_and_a_refused_one_does_not(teams, client_of):
    for step, answer in (("refused", Answer("refuse", "criteria")), ("accepted", Answer("accept"))):
        with as_pages():
            with acting_as("practitioner") as sight:
                service = "health" if step == "refused" else "therapy"
                sent = referrals.send(sight, CHILD, "hospital-safeguarding", service, "urgent", "Asthma")
            with acting_as("partner") as sight:
                referrals.answer_referral(sight, sent.pk, 1, answer)
    (row,) = rows()
    assert (row.item_id, row.referral_id, row.person_id) == (None, sent.pk, CHILD)
    page = client_of("practitioner", SCHOOL_FROM_TA).get(f"/referrals/{sent.pk}/").content.decode()
    assert WORDS in page and "when this was accepted" in page
    with known_asker():
        refused = Referral.objects.get(state="refused").pk
    assert WORDS not in client_of("practitioner", SCHOOL_FROM_TA).get(f"/referrals/{refused}/").content.decode()


def test_whoever_sees_ranks_sees_it_and_the_chair_finds_nothing_to_the_byte(item, client_of):
    clients = {role: client_of(role, SCHOOL_FROM_TA) for role in ("practitioner", "coordinator")}

    def pages():
        return {role: client.get(f"/agenda/{item}/").content for role, client in clients.items()}

    once = pages()
    page = once["practitioner"].decode()
    assert re.search(r"\d+ of \d\d, as of 15 November 2026", page)
    assert "The rules then" in page and "[[band]]" in page and "Ada" in page
    with known_asker():
        DecidedOrder.objects.all().delete()
        FrozenRank.objects.all().delete()
        DecidedRules.objects.all().delete()
    gone = pages()
    assert WORDS not in gone["practitioner"].decode()
    assert strip(gone["coordinator"]) == strip(once["coordinator"])


def strip(page: bytes) -> bytes:
    """A page without the tokens that are new with each answer."""
    return re.sub(rb'(csrfmiddlewaretoken" value|nonce)="[^"]*"', b"", page)


def shown_place(client, item) -> tuple[int, int]:
    """The place on the page of the item, and among how many."""
    page = client.get(f"/agenda/{item}/").content.decode()
    return tuple(int(number) for number in re.search(r"(\d+) of (\d+), as of", page).groups())


def live_place(role) -> tuple[int, int]:
    """The twin: place and number on the page of the order, of the same day."""
    asker = Viewer(f"test-{role}", role, SCHOOL_FROM_TA, REFERENCE, "ranking")
    first = get_ranking(asker, "", 1)
    people = [one for page in range(1, first.page_count + 1) for one in get_ranking(asker, "", page).people]
    return next(one.position for one in people if one.person_id == CHILD), len(people)


def test_the_place_is_that_of_the_page_of_the_order_and_whoever_is_not_there_for_the_reader_leaves_no_gap(
    item, client_of
):
    client, (row,) = client_of("practitioner", SCHOOL_FROM_TA), rows()
    people = row.rules.order.people
    place, of = once = live_place("practitioner")
    assert shown_place(client, item) == once
    before, closed, *_ = (one for one, how in people.items() if how["place"] < place)
    after = next(one for one, how in people.items() if how["place"] > place)
    with known_asker():
        PersonWait.objects.filter(person_id=closed).update(sensitivity="safe_address")
        people[closed]["waits"] = ["closed"]
        DecidedOrder.objects.update(people=people)
    place, of = once = live_place("practitioner")
    assert shown_place(client, item) == once, "whose waits are not open is not counted"
    for hidden, expected in ((before, (place - 1, of - 1)), (after, (place, of - 1))):
        with known_asker():
            Barred.objects.all().delete()
            Barred.objects.create(person_id=hidden, username="test-practitioner")
            Barred.objects.create(person_id=before, username="test-analyst")
        assert shown_place(client, item) == live_place("practitioner") == expected
    with known_asker():
        Barred.objects.all().delete()
        PersonRank.objects.exclude(person_id=CHILD).delete()
        PersonWait.objects.exclude(person_id=CHILD).delete()
    assert live_place("practitioner") == (1, 1)
    assert shown_place(client, item) == once, "who left since was there then"


def test_whose_role_reaches_their_cases_alone_counts_nobody_else(item, client_of):
    with known_asker():
        RoleRight.objects.filter(role="practitioner", kind="relation").delete()
    assert shown_place(client_of("practitioner", SCHOOL_FROM_TA), item) == (1, 1)


def test_without_the_item_in_an_agreement_it_is_not_there(item, client_of, monkeypatch):
    monkeypatch.setattr("braid.web.access.sight.Sight.opens", lambda _self, item, *_: item != "priority")
    assert WORDS not in client_of("practitioner", SCHOOL_FROM_TA).get(f"/agenda/{item}/").content.decode()


SEEN_BY = {"practitioner": 1, "partner": 0, "coordinator": 0, "analyst": 0, "placement_officer": 0}
"""How many of the one row each role sees: who takes part, and to whose organisation an agreement opens ranks."""


@pytest.mark.parametrize("role", SEEN_BY)
def test_the_database_shows_it_to_whoever_takes_part_and_may_see_ranks(role, item):
    (row,) = rows()
    with as_pages(), asking_as(f"test-{role}", SCHOOL_FROM_TA), connection.cursor() as cursor:
        for table in ("braid_frozenrank", "braid_decidedrules", "braid_place_then", f"braid_place_of('{row.pk}')"):
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (SEEN_BY[role],), table
    with as_pages(), asking_as(f"test-{role}", "court_readiness"), connection.cursor() as cursor:
        cursor.execute("select count(*) from braid_frozenrank")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "update braid_frozenrank set purpose = ''",
        "delete from braid_frozenrank",
        "insert into braid_frozenrank select * from braid_frozenrank",
        "update braid_decidedrules set text = ''",
        "delete from braid_decidedrules",
        "select people from braid_decidedorder",
        "select braid_freeze_ranks()",
        "alter table braid_agendaitem disable trigger freeze_ranks",
    ],
)
def test_no_page_writes_changes_or_empties_what_was_kept(statement, item):
    with as_pages(), asking_as("test-practitioner", SCHOOL_FROM_TA), connection.cursor() as cursor:
        cursor.execute("savepoint before")
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner|can only be called as trigger"):
            cursor.execute(statement)
        cursor.execute("rollback to savepoint before")


def test_every_kept_rank_is_checked_and_whatever_was_done_to_one_shows(item):
    def check():
        connection.ensure_connection()
        raw: psycopg.Connection = connection.connection
        return check_frozen(raw, STATEMENTS)

    sound = check()
    assert (sound.checked, sound.not_following) == (1, ())
    (row,) = rows()
    tampered = {
        "do not add up": {"points": row.document["points"] + 5},
        "no such band": {"band": "another"},
    }
    for words, change in tampered.items():
        with known_asker():
            FrozenRank.objects.update(document={**row.document, **change})
        found = check()
        assert found.checked == 1 and any(words in each.fault for each in found.not_following), words
        assert all(CHILD not in json.dumps(vars(each)) for each in found.not_following)
    with known_asker():
        FrozenRank.objects.update(document=row.document)
        DecidedRules.objects.update(text=row.rules.text + "\n# later")
    assert [each.fault for each in check().not_following] == ["the rules are not those whose digest was kept"]
    with known_asker():
        DecidedRules.objects.update(text=row.rules.text)
        people = dict(row.rules.order.people)
        people.pop(next(one for one, how in people.items() if how["place"] < people[CHILD]["place"]))
        DecidedOrder.objects.update(people=people)
    assert [each.fault for each in check().not_following] == ["the order is none: places are missing or too many"]
    with known_asker():
        DecidedOrder.objects.update(people={})
    assert [each.fault for each in check().not_following] == ["the person is not in the order, or there is none"]


def test_somebody_whom_no_statement_of_the_purpose_ranks_has_none(teams):
    with as_pages():
        with acting_as("practitioner") as sight:
            sent = referrals.send(sight, ONE_WAIT, "hospital-safeguarding", "health", "urgent", "Asthma")
        with acting_as("partner") as sight:
            referrals.answer_referral(sight, sent.pk, 1, Answer("accept"))
    assert rows() == []
