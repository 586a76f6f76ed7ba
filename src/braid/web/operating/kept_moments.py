"""Until when a place is kept, told to its database by whoever keeps it, so that pages can say how old that is.

Pages see neither the folder of the backups nor the journal; what they read is three times, about nobody.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import psycopg

from braid.store.journal import SLOT
from braid.web.operating.backups import STAMP, list_backups

DRILLED = "drilled.json"
"""In the folder of the backups: which one the newest drill found as it was, and when."""
TABLE = "braid_keptmoment"
_WRITE = f"""
insert into {TABLE} (kind, at) values (%s, %s)
on conflict (kind) do update set at = excluded.at where {TABLE}.at < excluded.at
"""
_PASSED = "select restart_lsn >= %s::pg_lsn from pg_replication_slots where slot_name = %s"
_HERE = "select now(), pg_current_wal_lsn()::text"


def note_drill(folder: Path, name: str, at: dt.datetime) -> None:
    """Write down that a drill found a backup as it was."""
    temporary = folder / f".{DRILLED}"
    temporary.write_text(json.dumps({"backup": name, "at": at.isoformat()}), encoding="utf-8")
    temporary.replace(folder / DRILLED)


def find_drill(folder: Path) -> dt.datetime | None:
    """Return when a drill last found a backup of a folder as it was; `None` where none did, or nobody can read it."""
    try:
        at = dt.datetime.fromisoformat(json.loads((folder / DRILLED).read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return at if at.tzinfo else None


def tell_kept(url: str, folder: Path) -> None:
    """Tell the database of the newest backup of a folder and of the newest drill. An earlier time changes nothing.

    Where the tables are of a version before there was such a thing, nothing is told.
    """
    names = list_backups(folder)
    newest = dt.datetime.strptime(names[-1], STAMP).replace(tzinfo=dt.UTC) if names else None
    with psycopg.connect(url) as connection:
        for kind, at in (("backup", newest), ("drill", find_drill(folder))):
            if at is not None:
                _write(connection, kind, at)


@dataclass
class Passing:
    """How far the journal has been kept: a moment of the server is passed once all written before it is on the disk."""

    url: str
    waited_for: tuple[dt.datetime, str] | None = None

    def look(self) -> None:
        """Tell of the moment that was waited for, where it has passed, and wait for the present one."""
        with psycopg.connect(self.url) as connection:
            if self.waited_for is not None:
                at, place = self.waited_for
                passed = connection.execute(_PASSED, [place, SLOT]).fetchone()
                if passed is None or not passed[0]:
                    return
                _write(connection, "journal", at)
            at, place = connection.execute(_HERE).fetchone() or (None, None)
            self.waited_for = (at, place) if at is not None else None


def _write(connection: psycopg.Connection, kind: str, at: dt.datetime) -> None:
    row = connection.execute("select to_regclass(%s) is not null", [TABLE]).fetchone()
    if row is not None and row[0]:
        connection.execute(_WRITE, [kind, at])
