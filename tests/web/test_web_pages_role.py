"""The role of the pages reads what is published and adds looks; it can change neither looks nor tables nor roles."""

import psycopg
import pytest
from django.db import connection

from braid.web.pages_role import PAGES_ROLE, open_pages_role
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

ALLOWED = (
    "select count(*) from {web}_person",
    "select count(*) from {web}_personidentity",
    "select count(*) from {web}_auditentry",
    "delete from {web}_signedsession",
    "update {web}_user set last_login = now()",
)
REFUSED = (
    "update {web}_auditentry set reference = 'x'",
    "delete from {web}_auditentry",
    "truncate {web}_auditentry",
    "alter table {web}_auditentry disable trigger all",
    "set session_replication_role = replica",
    "update {web}_user set role = 'advocate'",
    "insert into {web}_apitoken (digest, user_id, created_at, expires_at) values ('x', 1, now(), now())",
    "delete from {web}_person",
    "update {web}_personwait set sensitivity = 'normal'",
    "create table public.mine (id int)",
    "create temporary table mine (id int)",
    "create role helper superuser",
    "copy {web}_person to program 'cat'",
    "select pg_read_file('/etc/passwd')",
)


@pytest.fixture
def as_pages(published):
    """A cursor with the rights of the role of the pages, in the test's own transaction."""
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(f"set local role {PAGES_ROLE}")
        yield cursor
        cursor.execute("reset role")


def _text(statement: str) -> str:
    from braid.web.models import AuditEntry

    return statement.replace("{web}", AuditEntry._meta.db_table.removesuffix("_auditentry"))


@pytest.mark.parametrize("statement", ALLOWED)
def test_what_pages_need_they_may_do(as_pages, statement):
    as_pages.execute(_text(statement))


@pytest.mark.parametrize("statement", REFUSED)
def test_what_would_hide_or_widen_they_may_not(as_pages, statement):
    as_pages.execute("savepoint before")
    with pytest.raises(Exception) as refusal:
        as_pages.execute(_text(statement))
    as_pages.execute("rollback to savepoint before")
    cause = refusal.value.__cause__ or refusal.value
    assert isinstance(cause, psycopg.errors.InsufficientPrivilege), cause


def test_the_role_is_made_once_and_renewed(published):
    first = open_pages_role("postgresql:///braid")
    assert open_pages_role("postgresql:///braid") != first, "the password is new at every start"
    assert f"user={PAGES_ROLE}" in first
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = %s", [PAGES_ROLE])
        assert cursor.fetchall() == [(False, False, False)]
