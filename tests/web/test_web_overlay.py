"""Entries of the overlay on the real database: effects as the pure rule says, at once; lifted by two people only."""

import datetime as dt
import random
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_agreements import HOST
from sample_run import CHILD, ONE_WAIT, VICTIM, person_id

from braid.language.steps import NotPossible
from braid.store.lake import Run
from braid.trust.overlay import Exclusion, Restriction, spread
from braid.trust.overlay_change import Change, Step
from braid.web.access.context import asking_as
from braid.web.models import Admitted, Barred, ExclusionEntry, Home, OverlayChange, PersonAlias, Tie, User
from braid.web.overlay.effects import renew_effects
from braid.web.overlay.entries import add_entry, decide_change, declare_conflict, list_entries, propose
from braid.web.overlay.ties import fill_ties
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


@pytest.fixture
def leads(published, user_of) -> tuple[User, User]:
    second = User.objects.create(username="test-ig_lead-2", role="ig_lead", organisation=HOST, display_name="Second")
    return user_of("ig_lead"), second


def barring(user: str, subject: str = CHILD, until: dt.datetime | None = None) -> Exclusion:
    return Exclusion(subject, "relative", "somebody", NOW, barred_user=user, until=until)


def effects() -> tuple[set, dict]:
    with known_asker():
        barred = set(Barred.objects.values_list("person_id", "username"))
        admitted: dict[str, set[str]] = {}
        for who, username in Admitted.objects.values_list("person_id", "username"):
            admitted.setdefault(who, set()).update({username} - {""})
    return barred, admitted


@pytest.mark.parametrize("seed", range(40))
def test_the_database_spreads_as_the_pure_rule_says(leads, seed):
    """Worlds drawn at random: the function of the database against `spread`, which has a twin of its own."""
    draw = random.Random(seed)
    people, users = [f"p{n}" for n in range(9)], ["u", "v", "w"]
    homes = {who: f"h{draw.randrange(4)}" for who in people if draw.random() < 0.7}
    ties, merges = ({tuple(draw.sample(people, 2)) for _ in range(draw.randrange(5))} for _ in range(2))
    entries = [barring(draw.choice(users), draw.choice(people)) for _ in range(draw.randrange(3))]
    entries += [
        Restriction(
            draw.choice(people), frozenset(draw.sample([*users, ""], draw.randrange(4))), "witness", "somebody", NOW
        )
        for _ in range(draw.randrange(4))
    ]
    entries.append(Exclusion(draw.choice(people), "perpetrator", "somebody", NOW, barred_person=draw.choice(people)))
    with known_asker():
        Home.objects.bulk_create(Home(person_id=who, household_id=home) for who, home in homes.items())
        Tie.objects.bulk_create(Tie(person_id=left, other_id=right) for left, right in ties)
        PersonAlias.objects.bulk_create(PersonAlias(person_id=left, other_id=right) for left, right in merges)
        for entry in entries:
            add_entry(leads[0], entry)
    expected = spread(entries, homes, ties, merges)
    assert effects() == (set(expected.barred), {who: set(named) for who, named in expected.admitted.items()})


def test_an_exclusion_hides_a_person_with_the_next_statement_and_on_every_channel(leads, client_of):
    client, headers = client_of("analyst", "school_from_ta"), {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
    assert client.get(f"/people/{CHILD}/").status_code == 200
    with known_asker():
        add_entry(leads[0], barring("test-analyst"))
    hidden, absent = client.get(f"/people/{CHILD}/"), client.get(f"/people/{'0' * 32}/")
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert client.get(f"/api/v1/people/{CHILD}", headers=headers).status_code == 404
    assert CHILD not in client.get("/people/").content.decode()
    assert client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/").status_code == 200


def test_lifting_takes_a_second_person_and_then_the_person_is_back(leads, client_of):
    first, second = leads
    client = client_of("analyst", "school_from_ta")
    with known_asker():
        entry = add_entry(first, barring("test-analyst"))
        change = propose(first, "exclusion", entry.pk, Change.REMOVE)
        with pytest.raises(NotPossible, match="may not decide on it"):
            decide_change(first, change.pk, Step.APPROVE)
    assert client.get(f"/people/{CHILD}/").status_code == 404
    with known_asker():
        decide_change(second, change.pk, Step.APPROVE)
        with pytest.raises(NotPossible):
            decide_change(second, change.pk, Step.APPROVE)
    assert client.get(f"/people/{CHILD}/").status_code == 200
    recorded = list(ENTRIES.filter(page="overlay change").order_by("pk").values_list("username", "person_id"))
    assert recorded == [(first.username, CHILD), (first.username, CHILD), (second.username, CHILD)]


def test_the_database_itself_refuses_one_person_for_both(leads):
    with known_asker():
        entry = add_entry(leads[0], barring("test-analyst"))
    for decided_by in ("test-ig_lead", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            OverlayChange.objects.create(
                exclusion=entry, change="remove", state="approved", proposed_by="test-ig_lead", decided_by=decided_by
            )


def test_a_refused_or_withdrawn_proposal_changes_nothing_and_may_be_made_again(leads):
    first, second = leads
    with known_asker():
        entry = add_entry(first, barring("test-analyst"))
        for by, step in ((second, Step.REFUSE), (first, Step.WITHDRAW)):
            change = propose(first, "exclusion", entry.pk, Change.REMOVE)
            with pytest.raises(NotPossible, match="proposed already"):
                propose(second, "exclusion", entry.pk, Change.REMOVE)
            decide_change(by, change.pk, step)
    assert effects()[0] == {(CHILD, "test-analyst"), (ONE_WAIT, "test-analyst")}, "who lives with them too"


def test_at_its_date_an_entry_asks_and_goes_on(leads):
    long_ago = timezone.now() - dt.timedelta(days=400)
    with known_asker():
        entry = add_entry(leads[0], barring("test-analyst", until=long_ago))
        renew_effects()
    assert effects()[0] == {(CHILD, "test-analyst"), (ONE_WAIT, "test-analyst")}, "who lives with them too"
    with asking_as(leads[0].username, ""):
        assert [one.asks for one in list_entries(timezone.now())] == [True]
    with known_asker():
        propose(leads[0], "exclusion", entry.pk, Change.SHORTEN, timezone.now() + dt.timedelta(days=30))
    with asking_as(leads[0].username, ""):
        assert [one.asks for one in list_entries(timezone.now())] == [False]


def test_asking_earlier_takes_two_and_asking_later_one(leads):
    first, second = leads
    later, sooner = (timezone.now() + dt.timedelta(days=days) for days in (90, 30))
    with known_asker():
        entry = add_entry(first, barring("test-analyst", until=later))
        assert propose(first, "exclusion", entry.pk, Change.SHORTEN, later + dt.timedelta(1)).state == "approved"
        change = propose(first, "exclusion", entry.pk, Change.SHORTEN, sooner)
        assert change.state == "proposed"
        decide_change(second, change.pk, Step.APPROVE)
    with asking_as(first.username, ""):
        assert [one.until for one in list_entries(timezone.now())] == [sooner]


@pytest.mark.parametrize("role", ["analyst", "board_member", "advocate"])
def test_only_the_lead_changes_the_overlay(leads, user_of, role):
    with known_asker(), pytest.raises(NotPossible, match="Only an information governance lead"):
        add_entry(user_of(role), barring("test-analyst"))
    with known_asker():
        assert not ExclusionEntry.objects.exists()


def test_a_declared_conflict_bars_oneself_at_once(leads, user_of, client_of):
    analyst = user_of("analyst")
    client = client_of("analyst", "school_from_ta")
    with as_pages(), asking_as(analyst.username, ""):
        declare_conflict(analyst, CHILD, "", "staff_family")
        declare_conflict(analyst, "", REFERENCE, "staff_knows")
        with pytest.raises(NotPossible):
            declare_conflict(analyst, CHILD, "", "perpetrator")
    assert client.get(f"/people/{CHILD}/").status_code == 404
    with as_pages(), asking_as("test-ig_lead", ""):
        assert [one.needs_subject for one in list_entries(timezone.now())] == [True, False]


STATEMENTS = (
    "insert into braid_barred (person_id, username) values ('x', 'y')",
    "delete from braid_barred",
    "delete from braid_admitted",
    "select * from braid_tie",
    "select * from braid_home",
    "select * from braid_personalias",
    "delete from braid_exclusionentry",
    "update braid_exclusionentry set subject_id = 'other'",
    "update braid_restrictionentry set admitted = '[]'",
    "update braid_overlaychange set change = 'extend'",
    "delete from braid_overlaychange",
    "delete from braid_alert",
    "update braid_alert set raised_at = now()",
    "update braid_breakglass set live_to = now()",
    "delete from braid_breakglass",
    "update braid_suspension set suspended_at = now()",
    "delete from braid_suspension",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_page_writes_what_keeps_people_apart(leads, statement):
    with as_pages(), known_asker(), connection.cursor() as cursor:
        cursor.execute("savepoint before")
        with pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute(statement)
        cursor.execute("rollback to savepoint before")


def test_nobody_enters_for_others_who_is_no_lead_and_nobody_sees_what_bars_them(leads, user_of):
    refused = pytest.raises(DatabaseError, match="row-level security")
    with as_pages(), asking_as("test-analyst", ""), refused, transaction.atomic():
        ExclusionEntry.objects.create(
            subject_id=CHILD, barred_username="test-advocate", reason="relative", entered_by="test-analyst"
        )
    with known_asker():
        add_entry(leads[0], barring("test-ig_lead-2", VICTIM))
        add_entry(leads[0], barring("test-analyst", VICTIM))
    for username, seen in (("test-ig_lead", 2), ("test-ig_lead-2", 1), ("test-analyst", 0), ("test-board_member", 0)):
        with as_pages(), asking_as(username, ""):
            assert len(list_entries(timezone.now())) == seen, username


def test_a_change_that_fails_leaves_nothing(leads, monkeypatch):
    def fail(*arguments, **named):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr("braid.web.overlay.entries.record_change", fail)
    with known_asker(), pytest.raises(RuntimeError):
        add_entry(leads[0], barring("test-analyst"))
    with known_asker():
        assert not ExclusionEntry.objects.exists()
    assert effects() == (set(), {})


def test_no_tie_leads_from_an_adopted_child_to_the_first_identity_or_its_family(leads, tmp_path):
    """The two identities are in no pair, and neither are the child and whoever is of the first family."""
    before, mother, brother, parent = (person_id(number) for number in range(900, 904))
    people = (CHILD, before, mother, brother, parent)
    run = write_tables(
        tmp_path,
        person=[{"person_id": who, "household_id": None} for who in people],
        person_link=[{"person_record_id": f"record of {who}", "person_id": who} for who in people],
        relationship=[
            {"person_record_id": f"record of {who}", "other_person_record_id": f"record of {other}", "kind": kind}
            for who, other, kind in (
                (before, mother, "parent"),
                (before, brother, "sibling"),
                (CHILD, brother, "sibling"),
                (CHILD, before, "sibling"),
                (CHILD, parent, "parent"),
            )
        ],
        sealed_person=[{"person_id": before, "side": "pre_adoptive"}, {"person_id": CHILD, "side": "adoptive"}],
    )
    with known_asker(), connection.cursor() as cursor:
        fill_ties(cursor, run, set(people))
        found = {frozenset(pair) for pair in Tie.objects.values_list("person_id", "other_id")}
    assert found == {frozenset(pair) for pair in ((before, mother), (before, brother), (CHILD, parent))}


def test_ties_of_a_run_lead_through_people_who_wait_for_nothing(leads, tmp_path):
    """A mother who waits for nothing, her child who waits, and who lives with the child: an entry reaches them all."""
    mother, gone, stranger, away = (person_id(number) for number in range(900, 904))
    homes = ((CHILD, "home-1"), (ONE_WAIT, "home-1"), (mother, "home-9"), (VICTIM, None), (away, "home-8"))
    run = write_tables(
        tmp_path,
        person=[{"person_id": who, "household_id": home} for who, home in homes],
        person_link=[
            {"person_record_id": f"record of {who}", "person_id": who} for who in (CHILD, mother, stranger, away)
        ],
        relationship=[
            {
                "person_record_id": f"record of {who}",
                "other_person_record_id": f"record of {other}",
                "kind": kind,
            }
            for who, other, kind in (
                (CHILD, mother, "parent"),
                (mother, CHILD, "child"),
                (CHILD, stranger, "other"),
                (away, stranger, "sibling"),
                (CHILD, "nobody", "parent"),
            )
        ],
        person_history=[{"person_id": gone, "change": "merged", "other_person_id": mother}],
    )
    with known_asker(), connection.cursor() as cursor:
        assert fill_ties(cursor, run, {CHILD, ONE_WAIT, VICTIM}) == 2
        assert set(Home.objects.values_list("person_id", flat=True)) == {CHILD, ONE_WAIT, mother}
        assert fill_ties(cursor, write_tables(tmp_path / "next"), set()) == 0
        assert PersonAlias.objects.count() == 1, "a merge is remembered although the next run does not name it"
        fill_ties(cursor, run, {CHILD, ONE_WAIT, VICTIM})
        add_entry(leads[0], barring("test-analyst", gone))
    assert effects()[0] == {(who, "test-analyst") for who in (gone, mother, CHILD, ONE_WAIT)}


def write_tables(folder, **tables) -> Run:
    """Write a run that holds these columns alone."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return Run("ties", folder, {})


def test_two_entries_at_the_same_time_both_hold(db):
    """Two transactions that see nothing of each other's entry: the second waits, and its effects hold both."""
    settings = connection.settings_dict
    where = {key.lower(): settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT") if settings[key]}
    insert = (
        "insert into braid_exclusionentry (subject_id, barred_username, barred_person_id, reason, reference, source,"
        " entered_by) values (%s, 'u', '', 'relative', '', 'page', 'lead')"
    )
    with (
        psycopg.connect(dbname=settings["NAME"], **where) as first,
        psycopg.connect(dbname=settings["NAME"], **where) as second,
        ThreadPoolExecutor(1) as beside,
    ):
        try:
            first.execute(insert, ["race-1"])
            second.execute(insert, ["race-2"])
            first.execute("select braid_renew_effects()")
            waiting = beside.submit(second.execute, "select braid_renew_effects()")
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
            first.commit()
            waiting.result(timeout=10)
            second.commit()
            held = first.execute("select person_id from braid_barred where person_id like 'race-%'").fetchall()
            assert sorted(held) == [("race-1",), ("race-2",)]
        finally:
            first.rollback()
            first.execute("delete from braid_exclusionentry where subject_id like 'race-%'")
            first.execute("select braid_renew_effects()")
            first.commit()
