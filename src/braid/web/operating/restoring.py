"""Restoring a backup as a place, as it was kept or as it was at a moment since, and drills of it.

A drill is a restore into a folder that is discarded. What is held against what was kept: the rows of every table, the
bytes of every file, and the record against its signatures.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

from braid.store.copied_files import FileStore, KeptFile
from braid.store.database_copy import TableHash, dump_database, hash_tables, restore_database
from braid.store.engine import EngineNotAvailable
from braid.store.place_folder import Place, load_place
from braid.store.postgres import EmbeddedPostgres
from braid.store.recovery import Recovery, Target, last_moment
from braid.store.signing_key import LOG_KEY
from braid.trust.checkpoint import ED25519
from braid.web.audit_check import verify
from braid.web.operating.backups import BASE, DATABASE, list_backups, read_manifest

NEWEST = "newest"
"""Asks for the end of the journal instead of a time."""


@dataclass
class Drill:
    """What a restored backup is found to be. Empty `faults`: it is the place as it was."""

    name: str
    rows: int = 0
    tables: int = 0
    files: int = 0
    entries: int = 0
    seconds: float = 0.0
    until: str = ""
    """With a journal: when the newest change was made that came back."""
    faults: list[str] = field(default_factory=list)


Check = Callable[[Path, Drill], None]
"""Looks at a restored place and adds what it finds wrong."""


def choose_backup(folder: Path, name: str, to: dt.datetime | str | None) -> str:
    """Return the backup to restore: the one named, else the newest, and for a time the newest with a base before it.

    Raises `EngineNotAvailable` where there is none.
    """
    if to is None and name:
        return name
    fitting = [
        each
        for each in ([name] if name else list_backups(folder))
        if to is None or _goes_to(read_manifest(folder, each).get("base"), to)
    ]
    if fitting:
        return fitting[-1]
    if to is None:
        raise EngineNotAvailable("the folder holds no whole backup. Next step: braid backup DIR --to FOLDER")
    raise EngineNotAvailable(
        "no backup with a base was taken before that time. Next step: ask for a later time, or restore a backup as it"
        " was kept (leave --to out); braid backup --with-journal takes a base"
    )


def _goes_to(base: Mapping[str, str] | None, to: dt.datetime | str) -> bool:
    return base is not None and (isinstance(to, str) or dt.datetime.fromisoformat(base["marked_at"]) <= to)


def restore(
    folder: Path,
    name: str,
    keys: Path | None,
    target: Path,
    check: Check | None = None,
    to: dt.datetime | str | None = None,
) -> Drill:
    """Put a backup back as a place in an empty folder, with the embedded database, and say whether it is as it was.

    The rows of every table and the bytes of every file are held against the manifest; with the keys the audit log is
    recomputed. `to` is a time, or `NEWEST`: the journal is played from the base as far as that, and the rows are held
    against the manifest on the way. `check` is asked last, while the database is up. Raises `EngineNotAvailable` where
    nothing was done.
    """
    if target.exists() and any(target.iterdir()):
        raise EngineNotAvailable(f"the folder to restore into is not empty. Next step: name another than {target.name}")
    began, manifest = time.monotonic(), read_manifest(folder, name)
    drill = Drill(name, tables=len(manifest["tables"]))
    files = [KeptFile(**one) for one in manifest["files"]]
    drill.files = len(files)
    broken = FileStore(folder / "files").put_back(files, target)
    drill.faults += [f"file {path}: its bytes are gone or not what they were" for path in broken]
    state = target / "state"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if keys is not None:
        for key in sorted((keys / name).iterdir()):
            shutil.copyfile(key, state / key.name)
            (state / key.name).chmod(0o600)
    if "place.toml" in broken:
        return drill
    dump, wanted = folder / name / DATABASE, _hashes_of(manifest)
    if to is not None:
        dump = state / DATABASE
        wanted = _play(folder, name, manifest, state, to, drill)
    with EmbeddedPostgres(state) as server:
        restore_database(dump, server.url, manifest["roles"])
        _compare(wanted, hash_tables(server.url), drill)
        if keys is not None:
            _check_log(server.url, load_place(target), drill)
        if check is not None:
            check(target, drill)
    if to is not None:
        dump.unlink()
    drill.seconds = time.monotonic() - began
    return drill


def drill_restore(
    folder: Path,
    name: str,
    keys: Path | None,
    scratch: Path,
    check: Check | None = None,
    to: dt.datetime | str | None = None,
) -> Drill:
    """Restore into a folder that is discarded afterwards, its database too."""
    try:
        return restore(folder, name, keys, scratch, check, to)
    finally:
        if (scratch / "state").is_dir():
            EmbeddedPostgres(scratch / "state").discard()
        shutil.rmtree(scratch, ignore_errors=True)


def _play(
    folder: Path, name: str, manifest: Mapping[str, Any], state: Path, to: dt.datetime | str, drill: Drill
) -> dict[str, TableHash]:
    """Play the journal from the base to the mark, hold the rows there against the manifest, and play on; dump that.

    Returns the hashes of what was dumped.
    """
    base, scratch = manifest["base"], state / "recovery"
    journal = folder / "journal" / base["journal"]
    with Recovery(scratch, folder / name / BASE, journal, base["database"], base["user"]) as recovery:
        _compare(_hashes_of(manifest), hash_tables(recovery.play_to(Target(lsn=base["mark"]))), drill)
        url = recovery.play_to(Target(time=None if isinstance(to, str) else to))
        moment = last_moment(url)
        drill.until = moment.isoformat() if moment else ""
        hashes = dump_database(url, state / DATABASE)
    shutil.rmtree(scratch, ignore_errors=True)
    return hashes


def _hashes_of(manifest: Mapping[str, Any]) -> dict[str, TableHash]:
    return {name: TableHash(**one) for name, one in manifest["tables"].items()}


def _compare(wanted: Mapping[str, TableHash], found: Mapping[str, TableHash], drill: Drill) -> None:
    """Hold the rows of every table against what was kept."""
    drill.rows = sum(table.rows for table in found.values())
    for name in sorted(wanted.keys() | found.keys()):
        before, now = wanted.get(name), found.get(name)
        if before is None or now is None:
            drill.faults.append(f"table {name}: {'came' if before is None else 'is gone'}")
        elif before != now:
            drill.faults.append(f"table {name}: {now.rows} rows where {before.rows} were, or others")


def _check_log(url: str, place: Place, drill: Drill) -> None:
    """Recompute the audit log from its entries and hold it against its signatures."""
    key = place.state_folder / LOG_KEY
    with psycopg.connect(url, autocommit=True) as connection:
        if not key.is_file():
            kept = "select exists (select from braid_auditentry) or exists (select from braid_auditcheckpoint)"
            if connection.execute(kept).fetchone() == (True,):  # a place that nobody served yet has no log and no key
                drill.faults.append("audit log: the key that signed it is not among the keys, so nothing was checked")
            return
        log = verify(connection, import_module("braid.web.serve").log_key(place).public(ED25519))
    drill.entries = log.entries
    drill.faults += [f"audit log: {misfit.rule}" for misfit in log.misfits]
