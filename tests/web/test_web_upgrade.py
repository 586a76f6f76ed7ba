"""An upgrade from the first version of the tables keeps the record of looks and publishes the rest again."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo


@pytest.fixture
def empty_database(db):
    """The conninfo of a database of its own, on the server of the tests."""
    name = f"upgrade_{os.getpid()}"
    parts = connection.get_connection_params()
    keys = {key: parts[key] for key in ("host", "port", "user", "password") if parts.get(key)}
    server = make_conninfo(**keys, dbname="postgres")
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield make_conninfo(**keys, dbname=name)
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _migrate(database: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", *arguments]
    subprocess.run(command, check=True, env={**os.environ, "DATABASE_URL": database}, capture_output=True)


def test_the_record_of_looks_outlives_the_upgrade(empty_database):
    _migrate(empty_database, "braid", "0001")
    with psycopg.connect(empty_database) as owner:
        owner.execute(
            "insert into braid_look (username, role, purpose, reference, person_id, page)"
            " values ('somebody', 'analyst', 'school_from_ta', 'MTG-1', 'p1', 'person')"
        )
        looked_at = owner.execute("select looked_at from braid_look").fetchone()[0]
    _migrate(empty_database)
    with psycopg.connect(empty_database) as owner:
        kept = owner.execute(
            "select recorded_at, kind, username, role, purpose, reference, person_id, page from braid_auditentry"
        ).fetchall()
    assert kept == [(looked_at, "look", "somebody", "analyst", "school_from_ta", "MTG-1", "p1", "person")]
