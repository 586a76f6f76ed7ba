"""A database as one file and back, by PostgreSQL's own programs, with a hash of the rows of every table.

The dump and the hashes are of one snapshot, so that a restored database can be held against them row for row.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from braid.store.engine import EngineNotAvailable
from braid.store.postgres_programs import find_programs

SETTLED = "set datestyle = 'ISO, YMD'; set timezone = 'UTC'; set bytea_output = 'hex'; set extra_float_digits = 3"
"""What a row looks like as text, whatever the server's settings."""
_TABLES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind = 'r' order by n.nspname, c.relname
"""
_HASH = "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from {} t"


@dataclass(frozen=True)
class TableHash:
    """How many rows a table has, and the sum of a 64-bit hash of each, whatever their order."""

    rows: int
    hashes: str


def dump_database(
    url: str, path: Path, take_snapshot: Callable[[psycopg.Connection], str] | None = None
) -> dict[str, TableHash]:
    """Write the database to a file of this user alone; return the hash of each table, of the same moment.

    `take_snapshot` exports the moment over a connection that reads, and returns its name; by default it is now. With
    the owners and rights of everything: functions act with the rights of who owns them. Raises `EngineNotAvailable`
    with the next step.
    """
    with psycopg.connect(url) as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        snapshot = (take_snapshot or _export_snapshot)(connection)
        path.touch(mode=0o600)
        run_program("pg_dump", url, "--format=custom", "--compress=gzip:1", f"--snapshot={snapshot}",
                    "--enable-row-security", f"--file={path}")  # fmt: skip
        return _hashes(connection)


def _export_snapshot(connection: psycopg.Connection) -> str:
    return str(_row(connection, "select pg_export_snapshot()")[0])


def hash_tables(url: str) -> dict[str, TableHash]:
    """Return the hash of each table as it is now."""
    with psycopg.connect(url) as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        return _hashes(connection)


def restore_database(path: Path, url: str, roles: Sequence[str]) -> None:
    """Fill an empty database from a file; `roles` are made first where they are missing, since it names them.

    Whoever connects must be a superuser of the server, as of the embedded one: what is restored has several owners.

    All or nothing. Raises `EngineNotAvailable` where the database holds tables already, or the file is none.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute(_TABLES).fetchone() is not None:
            raise EngineNotAvailable(
                "the database to restore into holds tables. Next step: give an empty one; nothing was changed"
            )
        for role in roles:
            if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
    run_program("pg_restore", url, "--single-transaction", "--exit-on-error", str(path))


def _hashes(connection: psycopg.Connection) -> dict[str, TableHash]:
    for setting in SETTLED.split("; "):
        connection.execute(setting)
    return {
        name: TableHash(*_row(connection, sql.SQL(_HASH).format(sql.Identifier(*name.split(".")))))
        for name in tables_of(connection)
    }


def tables_of(connection: psycopg.Connection) -> list[str]:
    """Return the tables of the database with their schemas, as `public.braid_person`, in order."""
    return [f"{schema}.{name}" for schema, name in connection.execute(_TABLES).fetchall()]


def _row(connection: psycopg.Connection, statement: str | sql.Composed) -> tuple[Any, ...]:
    found = connection.execute(statement).fetchone()
    assert found is not None
    return tuple(found)


def run_program(program: str, url: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on a database. Raises `EngineNotAvailable` where it fails."""
    command, environment = program_call(program, url)
    finished = subprocess.run(  # noqa: S603 - a program that we found, with options of ours
        [*command, *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise EngineNotAvailable(
            f"{program} ended with code {finished.returncode}{_why(finished.stderr)}. Next step: see that its version"
            " is that of the server or later (BRAID_PG_BIN names its folder), and that there is room"
        )


def program_call(program: str, url: str) -> tuple[list[str], dict[str, str]]:
    """Return command and environment of a program on a database; the password goes by the environment alone."""
    parts = conninfo_to_dict(url)
    password = str(parts.pop("password", "") or "")
    environment = {name: os.environ[name] for name in ("PGPASSFILE", "PGSSLROOTCERT", "HOME") if name in os.environ}
    if password:
        environment["PGPASSWORD"] = password
    command = [str(find_programs() / program), f"--dbname={make_conninfo('', **parts)}"]
    return command, {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment}


def _why(said: str) -> str:
    """Return a known reason without what the program said: it may quote a row."""
    reasons = {
        "server version": "server of another version",
        "No space left": "no room on the disk",
        "is active for PID": "somebody else fetches the journal already",
        **dict.fromkeys(
            ("REPLICATION attribute", "replication role", "entry for replication"),
            "the database user may not replicate: alter role … replication, and a line for replication in pg_hba.conf",
        ),
    }
    return next((f" ({words})" for sign, words in reasons.items() if sign in said), "")
