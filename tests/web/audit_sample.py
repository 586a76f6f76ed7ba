"""A log of its own for a test: the tables of the record in a schema apart, without triggers, as a superuser has it."""

import datetime as dt
import random
from contextlib import contextmanager

import psycopg
from django.db import connection as django_connection
from psycopg.types.json import Jsonb

from braid.trust.audit import COLUMNS

TABLES = ("auditentry", "auditleaf", "auditnode", "auditcheckpoint", "witnesssignature")


@contextmanager
def own_log(name: str):
    """Give an owner's connection on which the record's tables are empty copies in the schema `name`."""
    parts = django_connection.get_connection_params()
    wanted = {key: parts[key] for key in ("dbname", "user", "password", "host", "port") if parts.get(key)}
    with psycopg.connect(**wanted, autocommit=True) as connection:
        connection.execute(f"drop schema if exists {name} cascade")
        connection.execute(f"create schema {name}")
        for table in TABLES:
            connection.execute(f"create table {name}.braid_{table} (like public.braid_{table} including all)")
        connection.execute(f"set search_path = {name}")
        try:
            yield connection
        finally:
            connection.execute(f"drop schema {name} cascade")


def add_entries(connection, count: int, seed: int = 1) -> None:
    """Append `count` entries of made-up users and people, of the last minutes."""
    first_at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    choose = random.Random(seed)
    rows = [
        (
            first_at + dt.timedelta(milliseconds=37 * number),
            choose.choice(("look", "refused", "vault_read")),
            f"user{choose.randrange(9)}",
            choose.choice(("northmere", "vale")),
            choose.choice(("analyst", "advocate")),
            f"{choose.getrandbits(256):064x}",
            choose.choice((1, 2)),
            choose.choice(("school_from_ta", "victim_response")),
            "school-places",
            "1.0",
            choose.choice(("concerned", "household", "place")),
            f"MTG-2026-{choose.randrange(999):03}",
            f"{choose.getrandbits(128):032x}",
            "I L S",
            "allow",
            "permitted",
            choose.randrange(1, 30),
            "person",
            "page",
            f"{choose.getrandbits(64):016x}",
            f"{choose.getrandbits(256):064x}",
            Jsonb({"step": choose.randrange(9), "field": "vault.address"}),
        )
        for number in range(count)
    ]
    columns = ", ".join(COLUMNS[1:])
    with connection.cursor() as cursor, cursor.copy(f"copy braid_auditentry ({columns}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)
