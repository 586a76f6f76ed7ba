"""A small published place in a database of its own, with real commits: for what ends processes and servers.

Everything here runs in a fork of the process that tests (`in_world`): it points Django at that database, so that no
other test sees what is committed there, and ends with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction
from kept_rows import KeptRows
from psycopg.conninfo import conninfo_to_dict
from sample_agreements import ORGANISATIONS, sample_agreements
from sample_run import sample_tables, write_run, write_sample_place

from braid.store.engine import EngineNotAvailable
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.store.postgres import EmbeddedPostgres
from braid.store.signing_key import SigningKey, open_key
from braid.trust.roles import ROLES
from braid.web.audit_check import verify
from braid.web.audit_log import seal
from braid.web.enforcement import enforce
from braid.web.models import User
from braid.web.pages_role import make_pages_role
from braid.web.publish import publish
from braid.web.row_security import apply_row_security
from braid.web.vault.schema import make_vault, open_to_pages
from braid.web.watch import known_asker
from faults.forked import in_fork
from faults.killing import State
from lent_database import lend_database

VICTIM_NAME = "braid-fault"
"""How a process that is to be ended calls itself to the server."""
TABLES = (
    "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'"
    " and n.nspname in ('public', 'vault') and c.relname <> 'django_migrations' order by 1, 2"
)
NOT_FACTS = frozenset({"braid_auditleaf", "braid_auditnode", "braid_auditcheckpoint"})
"""Made from the entries by whoever seals, and held against them by `verify`."""
SEQUENCES = "select format('%I.%I', schemaname, sequencename) from pg_sequences where schemaname in ('public', 'vault')"


@dataclass
class World:
    """The place, its two runs, its server and its key; and its rows as they stood when it was made."""

    folder: Path
    place: Place
    runs: tuple[Run, Run]
    """The one that is published, and the one after it."""
    server: EmbeddedPostgres
    key: SigningKey
    made: KeptRows = field(default_factory=KeptRows)
    kept: KeptRows = field(default_factory=KeptRows)
    tables: list[tuple[str, str]] = field(default_factory=list)

    @property
    def spool(self) -> Path:
        """Where letters go."""
        return self.folder / "spool"

    def keep(self) -> None:
        """Let `put_back` return to the rows as they are now."""
        self.kept = KeptRows()
        with known_asker(), connection.cursor() as cursor:
            self.kept.keep()
            cursor.execute(TABLES)
            self.tables = cursor.fetchall()

    def begin_anew(self) -> None:
        """Return to the place as it was made, whatever was kept since."""
        self.kept = self.made
        self.put_back()

    def put_back(self) -> None:
        """Return to the rows that were kept, and to nothing in every other table; what is in the spool goes."""
        kept = {(schema, table) for schema, table, _, _ in self.kept.rows}
        others = [f'delete from {schema}."{table}";' for schema, table in self.tables if (schema, table) not in kept]
        with known_asker(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            cursor.execute("".join(others))
            self.kept.put_back()
        shutil.rmtree(self.spool, ignore_errors=True)

    def jolt(self) -> None:
        """Let every sequence run ahead, so that no number of one is taken for a fact."""
        with known_asker(), connection.cursor() as cursor:
            cursor.execute(SEQUENCES)
            for (name,) in cursor.fetchall():
                cursor.execute(f"select setval('{name}', nextval('{name}') + 5)")

    def state(self) -> State:
        """Return every row of every table, and what lies in the spool."""
        asked = " union all ".join(
            f"select '{table}', to_jsonb(t)::text from {schema}.\"{table}\" t"
            for schema, table in self.tables
            if table not in NOT_FACTS
        )
        found: State = {}
        with known_asker(), connection.cursor() as cursor:
            cursor.execute(asked)
            for table, row in cursor.fetchall():
                found.setdefault(table, []).append(json.loads(row))
        return {**found, "spool": self.spooled()}

    def spooled(self) -> list[dict[str, Any]]:
        """Return the files of the spool; one that is half written has a name that says so."""
        files = sorted(self.spool.iterdir()) if self.spool.is_dir() else []
        return [
            {"name": path.name if path.suffix != ".part" else "half of one", "bytes": path.stat().st_size}
            for path in files
        ]

    def check_record(self) -> None:
        """Seal the record and verify all of it. Raises `AssertionError` where it does not hold."""
        url = self.server.url
        with psycopg.connect(url, autocommit=True) as sealing:
            seal(sealing, self.key)
            report = verify(sealing, self.key.public())
        assert not report.misfits, [misfit.rule for misfit in report.misfits]
        assert report.waiting == 0, "an entry has no place in the record"

    def after_end(self) -> None:
        """Wait until the server has noticed that a process is no more."""
        asked = "select count(*) from pg_stat_activity where application_name = %s"
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with connection.cursor() as cursor:
                cursor.execute(asked, [VICTIM_NAME])
                if cursor.fetchone() == (0,):
                    return
            time.sleep(0.002)
        raise AssertionError("the server still works for a process that was ended two minutes ago")

    def revive(self) -> None:
        """Bring the server back where it was ended, and connect anew where it let go of everybody."""
        with contextlib.suppress(OperationalError, psycopg.OperationalError), connection.cursor() as cursor:
            cursor.execute("select 1")
            return
        connections.close_all()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("select 1")
                return
            except (OperationalError, psycopg.OperationalError):
                connections.close_all()
                with contextlib.suppress(EngineNotAvailable):  # processes of the server that was ended are still there
                    self._start_again()
        raise AssertionError("the server did not come back within a minute")

    def _start_again(self) -> None:
        if not is_alive(postmaster_of(self.server)):
            self.server._let_go()
            self.server.start()
            point_at(self.server.url)
        time.sleep(0.02)


def postmaster_of(server: EmbeddedPostgres) -> int:
    """Return the number of the server's first process; 0 where there is none."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = (server._find_home() / "data" / "postmaster.pid").read_text(encoding="utf-8")
        return abs(int(text.splitlines()[0]))
    return 0


def is_alive(number: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return number > 0 and "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text(encoding="utf-8")
    except OSError:
        return False


def point_at(url: str, name: str = "braid-world", user: str = "") -> None:
    """Let Django use another server from now on, in this process alone; a connection of before is left to its owner."""
    parts = conninfo_to_dict(url)
    connection.connection = None
    wanted = {"HOST": parts["host"], "PORT": parts["port"], "NAME": parts["dbname"], "USER": user or parts["user"]}
    connection.settings_dict.update({**wanted, "PASSWORD": "", "OPTIONS": {"application_name": name}})


def as_victim(world: World) -> None:
    """In a fork that is to be ended: a connection of its own, under a name that can be waited for."""
    point_at(world.server.url, VICTIM_NAME)


@contextlib.contextmanager
def open_world(server: Callable[[Path], EmbeddedPostgres] = EmbeddedPostgres) -> Iterator[World]:
    """Give a world that nothing else uses; for `in_world`."""
    folder = Path(tempfile.mkdtemp(prefix="braid-faults-"))
    settings.VAULT_KEY_FILE = os.environ["BRAID_VAULT_KEY_FILE"] = str(folder / "vault_key")
    place, later = write_sample_place(folder / "place", extra_people=2)
    earlier = write_run(place, "2026-11-08-sample", sample_tables(1))
    lend_database(folder / "state")
    database = server(folder / "state")
    world = World(folder, place, (earlier, later), database, open_key(folder / "audit_key", "braid/faults/audit"))
    try:
        point_at(database.start())
        _make(world)
        yield world
    finally:
        connections.close_all()
        with contextlib.suppress(OSError):
            database.discard()
        shutil.rmtree(folder, ignore_errors=True)


def _make(world: World) -> None:
    make_vault()
    make_pages_role("for tests only")
    apply_row_security()
    open_to_pages()
    publish(world.runs[0], world.place)
    enforce(sample_agreements())
    for role, values in ROLES.items():
        named = {"role": role, "display_name": f"{values.name} (test)", "organisation": ORGANISATIONS[role]}
        User.objects.create(username=f"test-{role}", password="!", **named)
    world.keep()
    world.made = world.kept


def in_world(work: Callable[[World], Any]) -> Any:
    """Return what `work` returns of a world, in a fork of this process. Raises `forked.Fell` where it raises."""

    def working() -> Any:
        signal.alarm(24 * 60 * 60)
        with open_world() as world:
            return work(world)

    return in_fork(working)
