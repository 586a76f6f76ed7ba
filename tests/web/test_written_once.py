"""Queries written once answer as the query itself does, keep nothing of whoever asked, and refuse to depend on more."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from published_sample import as_pages
from sample_run import CHILD

from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking, people_with_waits, visible_waits, waits_of
from braid.web.models import Flow, PersonWait, User
from braid.web.prepared import answers_itself, cursor_for_prepared, prepare_where_direct
from braid.web.watch import NoContext
from braid.web.written_once import NotWrittenOnce, written_once

pytestmark = pytest.mark.django_db


def _users(role: str, names: list[str]):
    return User.objects.filter(role=role, username__among=names).order_by("username")


def _names(names: list[str]):
    return User.objects.filter(username__among=names).order_by("username").values_list("username", "role")


def _flat(role: str):
    return User.objects.filter(role=role).order_by("username").values_list("username", flat=True)


def _flows(organisation: str):
    return Flow.objects.exclude(receiver=organisation).order_by("pk")[:5]


@pytest.fixture
def everybody(published):
    return [user.username for user in User.objects.order_by("username")]


@pytest.mark.parametrize("query", [_users, _names, _flat, _flows])
def test_what_is_written_once_answers_as_the_query_does(everybody, query):
    asked = written_once(query)
    some = everybody[:3]
    for values in ((some[0], some), ("analyst", everybody), ("nobody's", ["nobody's"])):
        given = {"_users": values, "_names": values[1:], "_flat": values[:1], "_flows": values[:1]}[query.__name__]
        assert asked(*given) == list(query(*given))
    assert asked(*given) is not asked(*given)


def test_each_asking_is_a_statement_of_its_own(everybody):
    asked = written_once(_flat)
    with CaptureQueriesContext(connection) as seen:
        first, second = asked("analyst"), asked("practitioner")
    assert len(seen) == 2
    assert first != second


def test_of_none_nothing_is_asked(everybody):
    asked = written_once(_names)
    asked(everybody)
    with CaptureQueriesContext(connection) as seen:
        assert asked([]) == []
    assert not len(seen)


def test_rows_that_came_since_are_there(everybody):
    asked = written_once(_flat)
    before = asked("analyst")
    User.objects.create(username="aa-new", role="analyst", organisation="vale-authority", password="!")
    assert asked("analyst") == ["aa-new", *before]


def _by_time(username: str):
    return User.objects.filter(username=username, date_joined__lt=dt.datetime.now(dt.UTC))


def _made_of(username: str):
    return User.objects.filter(username=f"{username} and more")


def _leaves_out(username: str, role: str):
    return User.objects.filter(username=username)


def _as_mappings(username: str):
    return User.objects.filter(username=username).values("role")


_CALLS = iter(range(1000))


def _by_turn(username: str):
    return User.objects.filter(username=username).order_by("pk" if next(_CALLS) % 2 else "-pk")


@pytest.mark.parametrize("query", [_by_time, _made_of, _leaves_out, _as_mappings, _by_turn])
def test_a_query_that_depends_on_more_is_refused(published, query):
    asked = written_once(query)
    with pytest.raises(NotWrittenOnce):
        asked(*["x"] * query.__code__.co_argcount)


def test_a_query_that_holds_whoever_asks_is_refused(published):
    mine = "test-analyst"

    def of_asker(role: str):
        return User.objects.filter(role=role, username=mine)

    with pytest.raises(NotWrittenOnce, match="of where it was made"):
        written_once(of_asker)


def _a_persons(person_id: str):
    return PersonWait.objects.filter(person_id=person_id)


def test_the_watch_stands_before_it(published):
    with pytest.raises(NoContext):
        written_once(_a_persons)(CHILD)


@pytest.mark.parametrize("role", sorted(code for code, role in ROLES.items() if role.sees_people))
def test_waits_written_once_are_the_visible_ones(published, role):
    viewer = Viewer(f"test-{role}", role, min(ROLES[role].purposes), "MTG-2026-041", "people")
    with as_pages(), looking(viewer) as sight:
        everyone = sorted(set(visible_waits(sight).values_list("person_id", flat=True)))
        asked = [*everyone, CHILD, uuid.uuid4().hex]
        rows = visible_waits(sight).filter(person__in=asked).order_by("-elapsed_days", "wait_id")
        assert waits_of(sight, asked) == list(rows)
        assert people_with_waits(sight, asked) == set(everyone)


def _waits_from(kind: str):
    return PersonWait.objects.filter(kind__gte=kind).order_by("wait_id")


def test_one_asker_is_not_shown_what_another_was(published):
    """The same text for both, each under their own policies: who asks second sees what they may and no more."""
    asked = written_once(_waits_from)
    seen = {}
    for username in ("test-analyst", "test-practitioner", "nobody at all", "test-analyst"):
        with as_pages(), asking_as(username, "school_from_ta"):
            found = asked("")
            assert found == list(_waits_from(""))
            assert seen.setdefault(username, found) == found
    assert seen["nobody at all"] == []
    assert len(seen["test-analyst"]) > len(seen["test-practitioner"]) > 0


def test_statements_are_prepared_where_the_server_itself_answers(published):
    asked = written_once(_flat)
    connection.ensure_connection()
    raw = connection.connection
    assert answers_itself(raw)
    assert raw.prepare_threshold == 0
    asked("analyst")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%braid_user%'")
        assert cursor.fetchone()[0] > 0


class _Pooled:
    """A connection whose number is that of a pooler."""

    class info:  # noqa: N801 - the driver's name
        backend_pid = -1

    def __init__(self, raw):
        self.cursor = raw.cursor


def test_behind_a_pooler_nothing_is_prepared(published, monkeypatch):
    connection.ensure_connection()
    assert not answers_itself(_Pooled(connection.connection))
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    with cursor_for_prepared(connection) as cursor:
        cursor.execute("select username from braid_user where role = %s", ["analyst"])
        assert type(cursor.cursor).__name__ == "Cursor"


def test_preparing_can_be_switched_off(published, settings, monkeypatch):
    connection.ensure_connection()
    raw = connection.connection
    monkeypatch.setattr(raw, "prepare_threshold", 0)
    settings.PREPARE_STATEMENTS = False
    prepare_where_direct(connection)
    assert raw.prepare_threshold is None
