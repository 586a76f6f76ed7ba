"""Migrations may run while pages of the version before answer: rules over their SQL, and locks that wait not long."""

import threading
import time

import psycopg
import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg.conninfo import make_conninfo

from braid.store.engine import EngineNotAvailable
from braid.web.operating import migrating
from migration_lint import find_unsafe, statements_of_migrations

KNOWN = {
    (
        "0059_sign_in",
        "drop table",
        "axes_accessattemptexpiration",
    ): "names and addresses of who signed in wrongly go at once",
    ("0059_sign_in", "no default", "braid_user"): "everybody signs in anew at this version: its pages are stopped",
}
"""What is unsafe and stays, with the reason; the changelog says of such a version that pages are stopped."""
MADE = 'create table "braid_new" ("id" bigint not null primary key)'
SEEDED = {
    "drop table": ['drop table "braid_person"'],
    "drop column": ['alter table "braid_person" drop column "region" cascade'],
    "rename": ['alter table "braid_person" rename column "a" to "b"'],
    "no default": ['alter table "braid_person" add column "a" varchar(9) not null'],
    "rewrite": ['alter table "braid_person" add column "a" uuid default gen_random_uuid()'],
    "type": ['alter table "braid_person" alter column "a" type bigint using "a"::bigint'],
    "not null": ['alter table "braid_person" alter column "a" set not null'],
    "constraint": ['alter table "braid_person" add constraint "c" check ("a" > 0)'],
    "check of a new column": ['alter table "braid_person" add column "a" integer null check ("a" >= 0)'],
    "index": ['create index "i" on "braid_person" ("a")'],
    "rows": ['update "braid_person" set "a" = 1'],
    "rows by Python": ["-- THIS OPERATION CANNOT BE WRITTEN AS SQL"],
    "truncate": ['truncate table "braid_person"'],
    "lock": ['lock table "braid_person" in access exclusive mode'],
}
HARMLESS = [
    [MADE, 'create index "i" on "braid_new" ("id")', 'alter table "braid_new" add constraint "c" check ("id" > 0)'],
    ['alter table "braid_person" add column "a" varchar(9) default \'\' not null'],
    ['alter table "braid_person" add column "a" timestamp with time zone null'],
    ['alter table "braid_person" add constraint "c" check ("a" > 0) not valid'],
    ['create index concurrently "i" on "braid_person" ("a")'],
    ['alter table "braid_user" add constraint "c" unique ("a")'],
    ["create or replace function f() returns trigger as $$ begin delete from x; end $$ language plpgsql"],
]


@pytest.mark.parametrize("rule", SEEDED)
def test_each_rule_finds_what_breaks_it(rule):
    assert rule in [unsafe.rule for unsafe in find_unsafe(SEEDED[rule])]


@pytest.mark.parametrize("statements", HARMLESS)
def test_what_only_adds_is_let_through(statements):
    assert find_unsafe(statements) == []


@pytest.mark.django_db
def test_every_migration_keeps_to_the_rules():
    found = {
        (name, unsafe.rule, unsafe.table)
        for name, statements in statements_of_migrations().items()
        for unsafe in find_unsafe(statements)
    }
    assert found == KNOWN.keys(), "write it in steps (expand, then contract), or stop the pages and say so in KNOWN"


def elsewhere() -> psycopg.Connection:
    """Another connection to the database of the tests."""
    parameters = connection.get_connection_params()
    keys = {key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)}
    return psycopg.connect(make_conninfo(**keys), autocommit=True)


@pytest.mark.django_db
def test_one_process_at_a_time_changes_the_tables(monkeypatch):
    """A worker, a backup and the run of the night begin together when a machine starts."""
    changed = []
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(migrating, "call_command", lambda *_, **__: changed.append(1))
    with elsewhere() as other:
        other.execute("select pg_advisory_lock(%s)", [migrating.ALONE])
        monkeypatch.setattr(migrating, "MOST_WAITED_SECONDS", 0.2)
        with pytest.raises(EngineNotAvailable, match="another process"):
            migrating.migrate()
        assert changed == []
        monkeypatch.setattr(migrating, "MOST_WAITED_SECONDS", 60)
        threading.Timer(0.3, other.execute, ["select pg_advisory_unlock_all()"]).start()
        migrating.migrate()
        assert changed == [1]
        (free,) = other.execute("select pg_try_advisory_lock(%s)", [migrating.ALONE]).fetchone()
        assert free, "whoever comes next is let in"


@pytest.mark.django_db
def test_tables_of_a_newer_version_are_left_alone(monkeypatch):
    """This one would put its own policies over them."""
    monkeypatch.setattr(migrating, "call_command", lambda *_, **__: pytest.fail("nothing is to be changed"))
    MigrationRecorder(connection).record_applied("braid", "9999_of_next_year")
    with pytest.raises(EngineNotAvailable, match="newer version"):
        migrating.migrate()


@pytest.mark.django_db
def test_a_table_in_use_is_waited_for_and_then_given_up(monkeypatch):
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.05)
    asked = []

    def change(*_, **__):
        asked.append(time.monotonic())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("lock table braid_team in access exclusive mode")

    monkeypatch.setattr(migrating, "call_command", change)
    with elsewhere() as reader:
        reader.autocommit = False
        reader.execute("select 1 from braid_team limit 1")
        with pytest.raises(EngineNotAvailable, match="Next step"):
            migrating.migrate()
        assert len(asked) == migrating.TRIES
        asked.clear()
        threading.Timer(0.3, reader.rollback).start()
        monkeypatch.setattr(migrating, "TRIES", 20)
        migrating.migrate()
        assert len(asked) > 1
    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        assert cursor.fetchone() == ("0",)
