"""A server brought up from a base and its journal, as it was at a moment: to be looked at and dumped, never served.

    with Recovery(folder, base, segments, database, user) as recovery:
        url = recovery.play_to(Target(lsn="0/50001A8"))    # read only, held there
        url = recovery.play_to(Target(time=moment))        # further on, to the end of what is asked for

It listens on a socket of its own in a folder that nobody else enters. What the base said of addresses, rights to
connect and libraries is replaced, since it is of another machine.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from braid.store import postgres_supervisor
from braid.store.engine import EngineNotAvailable
from braid.store.journal import SEGMENT
from braid.store.postgres import LOG_WITHOUT_VALUES, EmbeddedPostgres, socket_folder
from braid.store.postgres_programs import ServerUser, reachable_programs, server_user

MOST_PLAYED_SECONDS = 3600.0
_SETTINGS = """
listen_addresses = ''
port = 5432
timezone = 'UTC'
unix_socket_permissions = 0700
hot_standby = on
fsync = off
autovacuum = off
max_connections = 1000
max_worker_processes = 64
max_wal_senders = 64
max_prepared_transactions = 64
max_locks_per_transaction = 128
"""
"""At least what the server had that the base is of: a smaller one would not let itself be read. Nothing here lasts."""


@dataclass(frozen=True)
class Target:
    """How far the journal is played: to a place in it, to a time, or, with neither, to its end."""

    lsn: str = ""
    time: dt.datetime | None = None

    def settings(self) -> str:
        """Return the lines of PostgreSQL's settings that say so."""
        if self.lsn:
            return (
                f"recovery_target_lsn = '{self.lsn}'\nrecovery_target_inclusive = off\n"
                "recovery_target_action = 'pause'\n"
            )
        if self.time is None:
            return ""
        return f"recovery_target_time = '{self.time.isoformat()}'\nrecovery_target_action = 'promote'\n"


class Recovery:
    """A server below `folder`, which becomes the server's user's own; discarded when the block ends."""

    def __init__(self, folder: Path, base: Path, segments: Path, database: str, user: str) -> None:
        """Name what is played: nothing is made before the block begins."""
        self.folder, self.base, self.segments = folder, base, segments
        self._names = (user, database)
        self._embedded = EmbeddedPostgres(folder)

    def __enter__(self) -> Self:
        """Unpack the base, check every file of it against its manifest, and lay the journal beside it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._user = server_user()
        self._programs = reachable_programs(self._user)
        self._home = self._embedded._choose_home(self._user)
        self._home.mkdir(mode=0o700, parents=True)
        self._data = self._home / "data"
        self._give(self._home)
        self._sockets = socket_folder(self._home, self._user)
        try:
            self._unpack()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the server and delete it."""
        self._stop()
        self._discard()

    def play_to(self, target: Target) -> str:
        """Play the journal as far as a target and return the server's address; each call goes on from the last one.

        Held at a place it can only be read; otherwise it has left the journal. Raises `EngineNotAvailable` where the
        journal does not go so far, or lacks a piece.
        """
        self._stop()
        (self._data / "postgresql.conf").write_text(
            f"{_SETTINGS}unix_socket_directories = '{self._sockets}'\n"
            f'restore_command = \'cp "{self._home}/journal/%f" "%p"\'\n{target.settings()}',
            encoding="utf-8",
        )
        self._give(self._data / "postgresql.conf")
        self._start()
        until = time.monotonic() + MOST_PLAYED_SECONDS
        asked = "pg_get_wal_replay_pause_state() = 'paused'" if target.lsn else "not pg_is_in_recovery()"
        while time.monotonic() < until:
            try:
                with psycopg.connect(self.url, connect_timeout=10) as connection:
                    if connection.execute(f"select {asked}").fetchone() == (True,):
                        return self.url
            except psycopg.OperationalError:
                if not (self._data / "postmaster.pid").exists():
                    break
            time.sleep(0.1)
        raise self._not_played()

    @property
    def url(self) -> str:
        """The address of the server, for whoever owns the tables."""
        user, database = (quote(name, safe="") for name in self._names)
        return f"postgresql://{user}@/{database}?host={quote(str(self._sockets), safe='')}&port=5432"

    def _unpack(self) -> None:
        for name, target in (("base.tar.gz", self._data), ("pg_wal.tar.gz", self._data / "pg_wal")):
            with tarfile.open(self.base / name) as packed:
                packed.extractall(target, filter="data")
        shutil.copyfile(self.base / "backup_manifest", self._data / "backup_manifest")
        checked = ServerUser(os.geteuid(), os.getegid(), changes=False).run(
            [self._programs / "pg_verifybackup", "--quiet", self._data], timeout_seconds=MOST_PLAYED_SECONDS
        )
        if checked.returncode != 0:
            raise EngineNotAvailable(
                "the base is not what it was when it was taken. Next step: restore an older backup (--name), and take"
                " a new one at once"
            )
        journal = self._home / "journal"
        journal.mkdir(mode=0o700)
        for path in sorted(self.segments.iterdir()) if self.segments.is_dir() else ():
            whole = journal / path.name.removesuffix(".partial")
            if SEGMENT.fullmatch(path.name) and not whole.exists():
                shutil.copyfile(path, whole)
        (self._data / "recovery.signal").touch()
        (self._data / "postgresql.auto.conf").write_text("", encoding="utf-8")
        (self._data / "pg_hba.conf").write_text("local all all trust\n", encoding="utf-8")
        (self._data / "pg_ident.conf").write_text("", encoding="utf-8")
        for path in (self._home, *self._home.rglob("*")):
            self._give(path)
        self._data.chmod(0o700)

    def _give(self, path: Path) -> None:
        if self._user.changes:
            os.chown(path, self._user.uid, self._user.gid, follow_symlinks=False)

    def _start(self) -> None:
        """Start it under a supervisor, which stops it if we are killed."""
        locks = (self.folder / "recovery.users.lock", self.folder / "recovery.watcher.lock")
        self._held = locks[0].open("a+")
        fcntl.flock(self._held, fcntl.LOCK_SH)
        command = (
            *(sys.executable, "-I", Path(postgres_supervisor.__file__), *locks),
            *(str(self._user.uid), str(self._user.gid), self._programs / "pg_ctl"),
            *(self._data, self._home / "log", LOG_WITHOUT_VALUES),
        )
        subprocess.run(  # noqa: S603 - our own file, with paths of ours
            list(map(str, command)), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, check=False,
        )  # fmt: skip
        if not (self._data / "postmaster.pid").exists():
            raise self._not_played()

    def _stop(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self._user.run([self._programs / "pg_ctl", "stop", "-D", self._data, "-m", "fast", "-w", "-s"], 600)
        held = getattr(self, "_held", None)
        if held is not None:
            held.close()

    def _discard(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.rmtree(self._sockets, ignore_errors=True)
        self._embedded._pointer().unlink(missing_ok=True)

    def _not_played(self) -> EngineNotAvailable:
        """Say why in words of ours: the server's log names files of a machine, and may name more."""
        log = self._home / "log"
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        if "before configured recovery target was reached" in said:
            return EngineNotAvailable(
                "the journal ends before that time. Next step: ask for an earlier one, or for the newest (--to newest)"
            )
        return EngineNotAvailable(
            "the journal could not be played: it lacks a piece, or there is no room. Next step: restore an older backup"
            " (--name) or without the journal (leave --to out), and take a new backup with its base"
        )


@contextmanager
def recovering(folder: Path, base: Path, segments: Path, names: tuple[str, str]) -> Iterator[Recovery]:
    """Give a recovery; `names` are user and database of the server that the base is of."""
    with Recovery(folder, base, segments, database=names[1], user=names[0]) as recovery:
        yield recovery


def last_moment(url: str) -> dt.datetime | None:
    """Return when the newest change was made that a recovered server holds; `None` where the journal held none."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select pg_last_xact_replay_timestamp()").fetchone()
    return row[0] if row is not None else None
