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
from psycopg import sql

from braid.store.copied_files import FileStore, KeptFile
from braid.store.database_copy import TableHash, dump_database, hash_tables, restore_database
from braid.store.engine import EngineNotAvailable
from braid.store.place_folder import Place, load_place
from braid.store.postgres import EmbeddedPostgres
from braid.store.recovery import Recovery, Target, last_moment
from braid.store.signing_key import LOG_KEY
from braid.store.vault_keys import KeyRing, VaultKeyNotAvailable, VaultSealBroken, WrappedKey, load_key_ring, unwrap
from braid.trust.checkpoint import ED25519
from braid.web.audit_check import verify
from braid.web.operating.backups import BASE, DATABASE, list_backups, read_manifest
from braid.web.vault.sealing import owner_of

NEWEST = "newest"
"""Asks for the end of the journal instead of a time."""
RESTORED = "restored"
"""The file of the state folder that says of when a restored place is, until somebody looked through what came back."""
PROTECTING = tuple(
    f"restricted/{name}.csv" for name in ("withdrawn", "stopped", "opt_outs", "sealed", "refuges", "overlay")
)
"""Lists that only ever keep somebody out: of them the newest holds, whatever else is put back."""
_SEALED = """
select table_schema || '.' || table_name from information_schema.columns where column_name in ('key_id', 'wrapped')
group by table_schema, table_name having count(*) = 2 order by 1
"""


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
    taken_back: dict[str, int] = field(default_factory=dict)
    """Of what is to be served: how many were erased again, are not to be used, and how many sessions ended."""


Check = Callable[[Path, str, Drill], None]
"""Looks at a restored place and the address of its own database, and adds what it finds wrong."""


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
    against the manifest on the way. Lists that keep somebody out are those of the newest backup: who was erased since
    is not read again. `check` is asked last, while the database is up. Raises `EngineNotAvailable` where nothing was
    done.
    """
    if target.exists() and any(target.iterdir()):
        raise EngineNotAvailable(f"the folder to restore into is not empty. Next step: name another than {target.name}")
    began, manifest = time.monotonic(), read_manifest(folder, name)
    if keys is not None and not (keys / name).is_dir():
        raise EngineNotAvailable(
            "the folder of keys holds none of that backup. Next step: name the folder that --keys-to named, or leave"
            " --keys out: nothing of the vault opens then"
        )
    drill = Drill(name, tables=len(manifest["tables"]))
    files = _with_newest_lists(folder, manifest)
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
            _check_vault(server.url, state / "vault_key", drill)
        if check is not None:
            check(target, server.url, drill)
    if to is not None:
        dump.unlink()
    (state / RESTORED).write_text(drill.until or name, encoding="utf-8")
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


def _with_newest_lists(folder: Path, manifest: Mapping[str, Any]) -> list[KeptFile]:
    """Return the files of a backup, those of `PROTECTING` as the newest backup of the same place has them."""
    newest = read_manifest(folder, list_backups(folder)[-1])
    lists = [one for one in newest["files"] if one["path"] in PROTECTING and newest["place"] == manifest["place"]]
    there = {one["path"] for one in lists}
    return [KeptFile(**one) for one in (*(one for one in manifest["files"] if one["path"] not in there), *lists)]


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


def _check_vault(url: str, key: Path, drill: Drill) -> None:
    """Hold what is sealed against the key that was kept: a backup whose key opens nothing is found today."""
    with psycopg.connect(url, autocommit=True) as connection:
        sealed_by = {
            key_id
            for (table,) in connection.execute(_SEALED).fetchall()
            for (key_id,) in connection.execute(
                sql.SQL("select distinct key_id from {} where wrapped <> ''").format(sql.Identifier(*table.split(".")))
            )
        }
        if not sealed_by:
            return
        try:
            ring = load_key_ring(key)
        except VaultKeyNotAvailable:
            drill.faults.append("vault: its key is not among the keys, or cannot be read")
            return
        lacking = sorted(sealed_by - ring.keys.keys())
        if lacking:
            drill.faults.append(f"vault: something is sealed by {', '.join(lacking)}, which the key file does not hold")
        of_people = connection.execute("select person_id, key_id, wrapped from vault.data_key where wrapped <> ''")
        closed = sum(not _opens(ring, *row) for row in of_people if row[1] in ring.keys)
    if closed:
        drill.faults.append(f"vault: {closed} keys of people do not open with the key that was kept")


def _opens(ring: KeyRing, person_id: str, key_id: str, wrapped: bytes) -> bool:
    try:
        unwrap(ring, owner_of(person_id), WrappedKey(key_id, bytes(wrapped)))
    except VaultSealBroken:
        return False
    return True
