"""How long a page waits for the database: what a place may set, who is held to it, and what is said after."""

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory
from psycopg.conninfo import make_conninfo

from braid.store.engine import EngineNotAvailable
from braid.web.page_limits import LOCK_SECONDS, STATEMENT_SECONDS, read_limits, waited_too_long
from braid.web.pages_role import PAGES_ROLE, open_pages_role
from braid.web.views.errors import failed

pytestmark = pytest.mark.django_db


def test_limits_are_there_without_a_setting_and_as_a_place_sets_them(monkeypatch):
    assert read_limits() == {"lock_timeout": 5_000, "statement_timeout": 30_000}
    monkeypatch.setenv(LOCK_SECONDS, "0.25")
    monkeypatch.setenv(STATEMENT_SECONDS, "")
    assert read_limits() == {"lock_timeout": 250, "statement_timeout": 30_000}


@pytest.mark.parametrize("name", [LOCK_SECONDS, STATEMENT_SECONDS])
@pytest.mark.parametrize("value", ["0", "-1", "601", "soon", "nan", "inf"])
def test_a_page_never_waits_without_end(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(EngineNotAvailable, match=rf"{name} is not a number of seconds.*Next step: ") as told:
        read_limits()
    assert value not in str(told.value).replace("0.1 to 600", "") or value == "0"


def test_a_lock_is_waited_for_no_longer_than_a_statement(monkeypatch):
    monkeypatch.setenv(LOCK_SECONDS, "31")
    with pytest.raises(EngineNotAvailable, match=r"Next step: "):
        read_limits()


def test_the_role_of_the_pages_has_the_limits_of_the_place_and_nobody_else_has(published, monkeypatch):
    monkeypatch.setenv(LOCK_SECONDS, "0.2")
    settings = connection.settings_dict
    open_pages_role(make_conninfo(dbname=settings["NAME"], host=settings["HOST"], user=settings["USER"]))
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolname, rolconfig from pg_roles where rolconfig::text ~ 'lock_timeout|statement_timeout'"
        )
        found = {role: sorted(each for each in config if "timeout" in each) for role, config in cursor.fetchall()}
    assert found == {PAGES_ROLE: ["lock_timeout=200", "statement_timeout=30000"]}


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (psycopg.errors.LockNotAvailable, 503),
        (psycopg.errors.QueryCanceled, 503),
        (psycopg.errors.AdminShutdown, 500),
        (psycopg.errors.DeadlockDetected, 500),
    ],
)
def test_what_is_said_depends_on_what_failed(cause, status):
    try:
        try:
            raise cause("somebody's value")
        except psycopg.Error as error:
            raise OperationalError("somebody's value") from error
    except OperationalError as error:
        answer = failed(RequestFactory().get("/"))
        assert waited_too_long(error) is (status == 503)
    text = answer.content.decode()
    assert (
        answer.status_code == status
        and "Nothing was changed" in text
        and "somebody" not in text.replace("Somebody", "")
    )
    assert answer.get("Retry-After") == ("10" if status == 503 else None)
