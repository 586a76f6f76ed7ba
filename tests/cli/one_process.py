"""Verbs typed one after another in one other process, on a place whose database is kept up: as a user types them, and
without starting Python and Django anew for each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from braid.store.postgres import EmbeddedPostgres
from lent_database import lend_database, without_place

LOOP = """
__file__ = "a program"  # or DuckDB takes this for a human at a prompt, and draws its progress among the answers
import contextlib, io, json, sys
from braid.cli.app import main
for line in sys.stdin:
    sys.argv = ["braid", *json.loads(line)]
    said, told, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    print(json.dumps([code, said.getvalue(), told.getvalue()]), flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """How a verb ended."""

    returncode: int
    stdout: str
    stderr: str


def python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python with Braid in a process of its own, with the environment of no other place."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment(**more), capture_output=True, text=True, timeout=300)


@dataclass(frozen=True)
class Opened:
    """A place whose database is up, open to the tests as its owner."""

    folder: Path
    database: psycopg.Connection[dict[str, Any]]
    process: subprocess.Popen[str]

    def braid(self, *arguments: str) -> Ended:
        """Run a verb."""
        return run_verb(self.process, *arguments)

    def entries(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the audit entries after one of that id, in their order."""
        return self.database.execute("select * from braid_auditentry where id > %s order by id", [after]).fetchall()

    def newest(self) -> int:
        """Return the id of the newest entry, 0 before the first."""
        return max((row["id"] for row in self.entries()), default=0)

    @contextmanager
    def no_entry(self) -> Iterator[None]:
        """Let the record refuse every entry."""
        self.database.execute(
            "create function no_entry() returns trigger language plpgsql as $$ begin raise 'full'; end $$;"
            " create trigger no_entry before insert on braid_auditentry for each row execute function no_entry()"
        )
        try:
            yield
        finally:
            self.database.execute("drop trigger no_entry on braid_auditentry; drop function no_entry()")


def run_verb(process: subprocess.Popen[str], *arguments: str) -> Ended:
    """Run a verb in a process that runs one after the other."""
    assert process.stdin and process.stdout
    process.stdin.write(f"{json.dumps(arguments)}\n")
    process.stdin.flush()
    return Ended(*json.loads(process.stdout.readline()))


@contextmanager
def verb_process() -> Iterator[subprocess.Popen[str]]:
    """Keep a process that runs verbs one after the other: to begin it takes longer than most of them."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", LOOP], env=environment(), text=True, **pipes) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@contextmanager
def opened(folder: Path) -> Iterator[Opened]:
    """Keep a place's database up, and a process that runs verbs on it."""
    lend_database(folder / "state")
    with (
        EmbeddedPostgres(folder / "state") as server,
        verb_process() as process,
        psycopg.connect(server.url, autocommit=True, row_factory=dict_row) as connection,
    ):
        place = Opened(folder, connection, process)
        assert place.braid("user", "code", "nobody", str(folder)).returncode == 2, "makes the tables"
        yield place


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process that types verbs: of no other place, at a wide terminal."""
    return {**without_place(), "COLUMNS": "200", **more}
