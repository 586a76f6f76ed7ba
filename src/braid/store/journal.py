"""The journal of a PostgreSQL server, its write-ahead log, kept beside backups: what happened since the newest of them.

```
BACKUP/journal/7431…/0000000100000000000000A1           a whole segment of the journal of the server of that number
BACKUP/journal/7431…/0000000100000000000000A2.partial   the one being written
```
Segments come over a connection as the server writes them (`pg_receivewal`), so the server needs neither a command nor a
folder of ours. A slot makes it keep what was not fetched yet. A *base* is a copy of the server's files from which the
journal is played (`pg_basebackup`); a *mark* is a moment of the journal whose rows were hashed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from braid.store.database_copy import program_call, run_program, tables_of
from braid.store.engine import EngineNotAvailable

SLOT = "braid_journal"
SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?")
SEGMENT_BYTES = 1 << 24
"""As servers are made, unless somebody chose otherwise; a larger one keeps more segments than it need, never fewer."""
LOCK_SECONDS = 2.0
LOCK_TRIES = 20
PAUSE_SECONDS = 1.0
MOST_WAITED_SECONDS = 120.0
_STATE = """
select active, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
  coalesce(wal_status, '') = 'lost'
from pg_replication_slots where slot_name = %s
"""
_DROP_IDLE = """
select pg_drop_replication_slot(slot_name) from pg_replication_slots
where slot_name = %s and restart_lsn is null and not active and coalesce(wal_status, '') <> 'lost'
"""
_CREATE = """
select pg_create_physical_replication_slot(%s, immediately_reserve => true)
where not exists (select 1 from pg_replication_slots where slot_name = %s)
"""


@dataclass(frozen=True)
class JournalState:
    """How far the keeping of a server's journal is: whether somebody fetches it, and how many bytes are not fetched."""

    is_followed: bool
    behind_bytes: int
    is_lost: bool = False
    """The server threw away what was not fetched: what is kept has a hole, and a new base is needed."""


@dataclass(frozen=True)
class Mark:
    """A moment of the journal: its place there, the place up to which it must be kept, and when it was.

    Places are as PostgreSQL writes them (`0/50001A8`); the time is by the server's clock.
    """

    lsn: str
    last: str
    at: dt.datetime


def ask_journal(connection: psycopg.Connection) -> JournalState | None:
    """Return the state of the keeping of this server's journal; `None` where nobody ever began it."""
    row = connection.execute(_STATE, [SLOT]).fetchone()
    return JournalState(*row) if row is not None else None


def journal_folder(url: str, backups: Path) -> Path:
    """Return the folder for the journal of this server: two servers never write into one."""
    with psycopg.connect(url) as connection:
        return backups / "journal" / _one(connection, "select system_identifier from pg_control_system()")


def begin_journal(url: str, folder: Path) -> None:
    """Make the folder, and the slot from which on the server keeps what was not fetched; once is enough.

    The slot keeps from now on, and not from whenever somebody first fetches: until then a base that is taken now would
    have no journal. `pg_receivewal --create-slot` makes one that keeps nothing yet, so the server is asked itself.
    Raises `EngineNotAvailable` where the database user may not replicate.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            connection.execute(_DROP_IDLE, [SLOT])
            connection.execute(_CREATE, [SLOT, SLOT])
        except (psycopg.errors.DuplicateObject, psycopg.errors.UndefinedObject):
            pass  # somebody else began it at the same moment
        except psycopg.errors.InsufficientPrivilege:
            pass  # the program says which right is missing
    run_program("pg_receivewal", url, "--create-slot", "--if-not-exists", f"--slot={SLOT}", "--no-password")


def follow_journal(url: str, folder: Path) -> subprocess.Popen[str]:
    """Begin to fetch the journal as it is written, each piece put on the disk at once; return the process.

    It ends when the connection does: whoever called begins it again.
    """
    command, environment = program_call("pg_receivewal", url)
    return subprocess.Popen(  # noqa: S603 - a program that we found, with options of ours
        [*command, f"--directory={folder}", f"--slot={SLOT}", "--synchronous", "--no-loop", "--no-password"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def reach(url: str, folder: Path, mark: Mark) -> None:
    """See that the journal is kept up to a mark: wait for whoever fetches it, or fetch it.

    Raises `EngineNotAvailable` where it does not come.
    """
    until = time.monotonic() + MOST_WAITED_SECONDS
    while time.monotonic() < until:
        with psycopg.connect(url, autocommit=True) as connection:
            state = ask_journal(connection)
            row = connection.execute(
                "select restart_lsn > %s::pg_lsn from pg_replication_slots where slot_name = %s", [mark.last, SLOT]
            ).fetchone()
        if state is None or state.is_lost:
            break
        if not state.is_followed:
            run_program(
                "pg_receivewal", url, f"--directory={folder}", f"--slot={SLOT}", "--synchronous", "--no-loop",
                "--no-password", f"--endpos={mark.last}",
            )  # fmt: skip
            return
        if row == (True,) and any(SEGMENT.fullmatch(path.name) for path in folder.iterdir()):
            return
        time.sleep(0.2)
    raise EngineNotAvailable(
        "the journal did not come as far as the backup. Next step: see that braid journal writes into this very folder"
        " of backups, and that its disk has room"
    )


def take_base(url: str, folder: Path) -> None:
    """Copy the server's files into a folder while it goes on, with the hash of each. Raises `EngineNotAvailable`."""
    run_program(
        "pg_basebackup", url, f"--pgdata={folder}", "--format=tar", "--compress=client-gzip:1", "--wal-method=stream",
        "--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password",
    )  # fmt: skip


def mark_moment(url: str, reader: psycopg.Connection) -> tuple[str, Mark]:
    """Return a snapshot of `reader` and the place in the journal at which the rows are those of that snapshot.

    While both are taken nobody changes a row: every table is locked against writers, for milliseconds. Whoever reads
    goes on. Raises `EngineNotAvailable` where somebody writes too long at each try.
    """
    for _ in range(LOCK_TRIES):
        try:
            with psycopg.connect(url) as writer:
                return _mark(writer, reader)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(PAUSE_SECONDS)
    raise EngineNotAvailable(
        "something wrote to the database for longer than a backup waits. Next step: take the backup when no run is"
        " being published"
    )


def _mark(writer: psycopg.Connection, reader: psycopg.Connection) -> tuple[str, Mark]:
    tables = sql.SQL(", ").join(sql.Identifier(*name.split(".")) for name in tables_of(writer))
    writer.execute("select set_config('lock_timeout', %s, true)", [f"{int(LOCK_SECONDS * 1000)}ms"])
    writer.execute(sql.SQL("lock table {} in share mode").format(tables))
    row = reader.execute("select pg_export_snapshot()").fetchone()
    assert row is not None
    found = writer.execute("select pg_current_wal_insert_lsn()::text, clock_timestamp()").fetchone()
    assert found is not None
    # What is played ends before this message. Without a record there nothing would say that the mark is reached.
    writer.execute("select pg_logical_emit_message(true, 'braid', 'mark')")
    writer.commit()
    return str(row[0]), Mark(found[0], _one(writer, "select (pg_current_wal_flush_lsn() - 1)::text"), found[1])


def _one(connection: psycopg.Connection, statement: str) -> str:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return str(row[0])


def first_segment(base: Path) -> str:
    """Return the number of the segment that a base begins with, of 16 digits as in the names of segments."""
    ranges = json.loads((base / "backup_manifest").read_text(encoding="utf-8"))["WAL-Ranges"]
    high, low = min(tuple(int(part, 16) for part in each["Start-LSN"].split("/")) for each in ranges)
    return f"{high:08X}{low // SEGMENT_BYTES:08X}"


def missing_segments(folder: Path, first: str, mark: Mark) -> int:
    """Return how many segments are not kept of those from a base's first to the one in which a mark lies."""
    high, low = (int(part, 16) for part in mark.last.split("/"))
    a_file = (1 << 32) // SEGMENT_BYTES
    begin, end = int(first[:8], 16) * a_file + int(first[8:], 16), high * a_file + low // SEGMENT_BYTES
    kept = {path.name[8:24] for path in folder.iterdir() if SEGMENT.fullmatch(path.name)}
    return sum(f"{one // a_file:08X}{one % a_file:08X}" not in kept for one in range(begin, end + 1))


def drop_journal_before(folder: Path, segment: str) -> int:
    """Delete the segments before one that is still needed, of whatever timeline; return how many went."""
    gone = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if SEGMENT.fullmatch(path.name) and path.name[8:24] < segment:
            path.unlink()
            gone += 1
    return gone
