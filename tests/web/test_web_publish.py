"""Publication: whole, once, and without what must never reach the web database."""

import dataclasses
import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone
from sample_run import CANARIES, CHILD, CHILD_PROTECTED, VICTIM, sample_tables, write_run

from braid.web.models import (
    Blocker,
    Cohort,
    Contact,
    Involvement,
    Person,
    PersonDistrict,
    PersonIdentity,
    PersonWait,
    Protection,
    PublishedRun,
)
from braid.web.publish import NotPublishable, publish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_the_owner():
    """These tests read the tables as whoever publishes them does."""
    with known_asker():
        yield


def test_publishing_twice_changes_nothing(published, sample):
    place, run = sample
    assert published.changed and published.people == 45
    again = publish(run, place)
    assert not again.changed
    assert Person.objects.count() == 45


def test_a_new_run_replaces_the_old_one_whole(published, sample, tmp_path):
    place, _ = sample
    moved = dataclasses.replace(place, folder=tmp_path)
    publish(write_run(moved, "second", sample_tables(0)), place)
    assert Person.objects.count() == 5
    assert PublishedRun.objects.get().run_id == "second"


def test_when_a_run_was_published_is_said_of_each_run_anew_and_not_of_the_first(published, sample, tmp_path):
    place, run = sample
    long_ago = timezone.now() - dt.timedelta(days=9)
    PublishedRun.objects.update(published_at=long_ago)
    publish(run, place)
    assert PublishedRun.objects.get().published_at == long_ago, "what is shown already is not published again"
    moved = dataclasses.replace(place, folder=tmp_path)
    publish(write_run(moved, "second", sample_tables(0)), place)
    assert timezone.now() - PublishedRun.objects.get().published_at < dt.timedelta(hours=1)


def test_a_run_that_does_not_hold_together_leaves_the_set_before(published, sample, tmp_path):
    place, _ = sample
    tables = sample_tables(0)
    tables["blocker"][0]["held_wait_id"] = "no such wait"
    broken = write_run(dataclasses.replace(place, folder=tmp_path), "broken", tables)
    with pytest.raises(NotPublishable, match="person_wait"):
        publish(broken, place)
    assert Person.objects.count() == 45
    assert PublishedRun.objects.get().run_id != "broken"


def test_what_a_places_own_statement_finds_is_published_under_its_purpose(published, sample, tmp_path):
    place, _ = sample
    tables = sample_tables(0)
    concerned = {row["person_id"] for row in tables["cohort"] if row["problem"] == "school_from_ta"}
    waiting = {row["person_id"] for row in tables["person_wait"]}
    known, another = min(concerned & waiting), min(waiting - concerned)
    own = {"problem": "own", "purpose": "school_from_ta", "reason": "Because of another statement."}
    tables["cohort"] += [{**own, "person_id": person} for person in (known, another)]
    tables["blocker"][0] |= {"problem": "own", "purpose": "school_from_ta"}
    publish(write_run(dataclasses.replace(place, folder=tmp_path), "own", tables), place)
    rows = Cohort.objects.filter(problem="school_from_ta").values_list("statement", "person_id", "reason")
    assert {(statement, person) for statement, person, _ in rows} == {
        *(("school_from_ta", person) for person in concerned & waiting),
        *(("own", person) for person in (known, another)),
    }
    assert {reason for statement, _, reason in rows if statement == "own"} == {own["reason"]}
    assert not Cohort.objects.filter(problem="own").exists()
    assert Blocker.objects.get(pk=tables["blocker"][0]["blocker_id"]).problem == "school_from_ta"


def test_a_feed_of_which_nothing_could_be_read_is_not_called_fresh(published, sample, tmp_path):
    place, _ = sample
    run = write_run(dataclasses.replace(place, folder=tmp_path), "unread", sample_tables(0))
    unread, *others = place.feeds
    manifest = {**run.manifest, "stages": {"read": {"feeds": [{"feed": unread.id, "as_of_date": None}]}}}
    (place.folder / "extracts" / unread.id / "2020-01-05").mkdir(parents=True, exist_ok=True)
    publish(dataclasses.replace(run, manifest=manifest), place)
    shown = {feed["feed"]: feed["as_of_date"] for feed in PublishedRun.objects.get().feeds}
    assert shown[unread.id] is None
    assert shown.keys() == {unread.id, *(feed.id for feed in others)}


def test_the_location_of_the_protected_is_left_out(published):
    assert PersonDistrict.objects.get(pk=CHILD).district_code == "E08990001"
    protected = set(Protection.objects.values_list("person_id", flat=True))
    assert {CHILD_PROTECTED, VICTIM} <= protected
    assert not PersonDistrict.objects.filter(person__in=protected).exists()
    assert not Contact.objects.filter(involvement__person__in=protected).exists()
    for table in (PersonWait, Involvement):
        providers = set(table.objects.filter(person__in=protected).values_list("provider", flat=True))
        assert providers
        assert all(provider.startswith("kind:") for provider in providers), providers
    assert Blocker.objects.filter(person=VICTIM).count() == 2
    assert PersonWait.objects.filter(person=VICTIM).count() == 3


def test_no_canary_is_anywhere_in_the_database(published):
    with connection.cursor() as cursor:
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        assert "braid_person" in tables
        for table in tables:
            cursor.execute(f'select t::text from "{table}" t')
            text = "\n".join(row[0] for row in cursor.fetchall())
            found = [name for name, token in CANARIES.items() if token in text]
            assert not found, f"{table} holds {found}"


def test_a_text_longer_than_its_column_is_cut_and_stops_nobody(published, sample, tmp_path):
    place, _ = sample
    tables = sample_tables(0)
    tables["person"][0]["given_name"] = "x" * 5000
    tables["involvement"][0]["worker"] = "y" * 5000
    place = dataclasses.replace(place, name="z" * 5000)
    assert publish(write_run(dataclasses.replace(place, folder=tmp_path), "long", tables), place).changed
    shown = PersonIdentity.objects.get(pk=tables["person"][0]["person_id"]).given_name
    assert len(shown) == 200 and shown.endswith("…")
    assert len(PublishedRun.objects.get().place_name) == 200
