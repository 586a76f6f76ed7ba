"""Backups of a place and drills of them: the database, the files of the place, and apart from both the keys.

```
BACKUP/20261130T023000Z/database.dump   the database at one moment
BACKUP/20261130T023000Z/manifest.json   what it holds: hashes of the rows of tables and of files
BACKUP/files/ab/abcdef…                 the bytes of files, each once for all backups
KEYS/20261130T023000Z/…                 the keys, in another folder that the place names
```
A backup is whole once its manifest is there, which is written last. Whoever has a backup without the keys opens no
field of the vault and signs no audit log; whoever has the keys without a backup has nothing to open.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from braid import __version__
from braid.store.copied_files import FileStore, KeptFile
from braid.store.database_copy import TableHash, dump_database, hash_tables, restore_database
from braid.store.engine import EngineNotAvailable
from braid.store.place_folder import Place, load_place
from braid.store.postgres import EmbeddedPostgres
from braid.store.signing_key import LOG_KEY
from braid.trust.checkpoint import ED25519
from braid.web.audit_check import verify
from braid.web.operating.start_facts import secret_files
from braid.web.pages_password import PAGES_ROLE, VAULT_ROLE

DATABASE, MANIFEST = "database.dump", "manifest.json"
STAMP = "%Y%m%dT%H%M%SZ"
NOT_KEPT = ("lake/work", "lake/lock", "state/postgres", "state/spool")
"""Beginnings of paths that a backup leaves out: a run being made, and what the server itself keeps."""


@dataclass
class Backup:
    """What was kept. `seconds` is how long it took."""

    name: str
    tables: dict[str, TableHash]
    files: list[KeptFile]
    roles: list[str]
    """What owns a part of the database, or has a right on it."""
    seconds: float = 0.0
    new_files: int = 0

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())


@dataclass
class Drill:
    """What a restored backup is found to be. Empty `faults`: it is the place as it was."""

    name: str
    rows: int = 0
    tables: int = 0
    files: int = 0
    entries: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


Check = Callable[[Path, Drill], None]
"""Looks at a restored place and adds what it finds wrong."""


def back_up(place: Place, url: str, folder: Path, keys: Path | None) -> Backup:
    """Keep the place in a folder, and its keys in another; return what was kept.

    Without `keys` they are left out, and whoever runs the place keeps them by another way. Raises
    `EngineNotAvailable` where the folders are not apart, or the database cannot be kept.
    """
    began = time.monotonic()
    _check_apart(place, folder, keys)
    name = dt.datetime.now(dt.UTC).strftime(STAMP)
    home = folder / name
    home.mkdir(mode=0o700, parents=True)
    tables = dump_database(url, home / DATABASE)
    store, known = FileStore(folder / "files"), _known(folder)
    files = store.keep(place.folder, _files(place), known)
    if keys is not None:
        _keep_keys(place, keys / name)
    roles = sorted({str(conninfo_to_dict(url).get("user")), PAGES_ROLE, VAULT_ROLE})
    made = Backup(name, tables, files, roles, new_files=sum(known.get(file.path) != file for file in files))
    made.seconds = time.monotonic() - began
    _write_manifest(home / MANIFEST, made, place)
    return made


def list_backups(folder: Path) -> list[str]:
    """Return the names of the whole backups of a folder, oldest first."""
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))


def restore(folder: Path, name: str, keys: Path | None, target: Path, check: Check | None = None) -> Drill:
    """Put a backup back as a place in an empty folder, with the embedded database, and say whether it is as it was.

    The rows of every table and the bytes of every file are held against the manifest; with the keys the audit log is
    recomputed. `check` is asked last, while the database is up. Raises `EngineNotAvailable` where nothing was done.
    """
    if target.exists() and any(target.iterdir()):
        raise EngineNotAvailable(f"the folder to restore into is not empty. Next step: name another than {target.name}")
    began, manifest = time.monotonic(), _read_manifest(folder, name)
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
    with EmbeddedPostgres(state) as server:
        restore_database(folder / name / DATABASE, server.url, manifest["roles"])
        _compare(manifest, hash_tables(server.url), drill)
        if keys is not None:
            _check_log(server.url, load_place(target), drill)
        if check is not None:
            check(target, drill)
    drill.seconds = time.monotonic() - began
    return drill


def drill_restore(folder: Path, name: str, keys: Path | None, scratch: Path, check: Check | None = None) -> Drill:
    """Restore into a folder that is discarded afterwards, its database too."""
    try:
        return restore(folder, name, keys, scratch, check)
    finally:
        if (scratch / "state").is_dir():
            EmbeddedPostgres(scratch / "state").discard()
        shutil.rmtree(scratch, ignore_errors=True)


def drop_older(folder: Path, keys: Path | None, keep: int) -> int:
    """Delete all but the newest backups, and bytes that none names any more; return how many backups went."""
    names = list_backups(folder)
    for name in names[:-keep]:
        for home in (folder / name, *([keys / name] if keys else [])):
            shutil.rmtree(home, ignore_errors=True)
    named = {one["sha256"] for name in list_backups(folder) for one in _read_manifest(folder, name)["files"]}
    FileStore(folder / "files").drop_unnamed(frozenset(named))
    return len(names[:-keep])


def _check_apart(place: Place, folder: Path, keys: Path | None) -> None:
    inside = folder.resolve().is_relative_to(place.folder.resolve())
    if inside:
        raise EngineNotAvailable("a backup inside the place would be lost with it. Next step: name a folder elsewhere")
    if keys is not None and (
        keys.resolve().is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(keys.resolve())
    ):
        raise EngineNotAvailable(
            "the keys would rest with what they open. Next step: name a folder for them on another disk (--keys-to)"
        )


def _files(place: Place) -> list[Path]:
    """Return the files of the place that a backup keeps: all but keys, runs being made and the server's own."""
    kept_apart = {path.resolve() for path in (*_key_files(place).values(), *secret_files(place).values())}
    found = []
    for at, folders, names in os.walk(place.folder):
        relative = Path(at).relative_to(place.folder)
        folders[:] = [name for name in folders if not _is_left_out(relative / name)]
        found += [Path(at) / name for name in names if not _is_left_out(relative / name)]
    return [path for path in found if path.is_file() and not path.is_symlink() and path.resolve() not in kept_apart]


def _is_left_out(path: Path) -> bool:
    return any(path.as_posix().startswith(beginning) for beginning in NOT_KEPT)


def _key_files(place: Place) -> dict[str, Path]:
    """Return the keys of a place by the names that they have in its state folder."""
    vault_key = os.environ.get("BRAID_VAULT_KEY_FILE")
    state = place.state_folder
    return {
        "vault_key": Path(vault_key) if vault_key else state / "vault_key",
        "secret_key": state / "secret_key",
        LOG_KEY: state / LOG_KEY,
    }


def _keep_keys(place: Place, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True)
    for name, path in _key_files(place).items():
        if path.is_file():
            shutil.copyfile(path, folder / name)
            (folder / name).chmod(0o600)


def _known(folder: Path) -> dict[str, KeptFile]:
    names = list_backups(folder)
    if not names:
        return {}
    return {one["path"]: KeptFile(**one) for one in _read_manifest(folder, names[-1])["files"]}


def _write_manifest(path: Path, made: Backup, place: Place) -> None:
    document = {
        "braid": __version__,
        "place": place.id,
        "name": made.name,
        "roles": made.roles,
        "tables": {name: asdict(table) for name, table in made.tables.items()},
        "files": [file.document() for file in made.files],
        "seconds": round(made.seconds, 1),
    }
    temporary = path.with_suffix(".tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _read_manifest(folder: Path, name: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads((folder / name / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise EngineNotAvailable(
            "there is no whole backup of that name. Next step: braid backup list FOLDER names them"
        ) from None
    return document


def _compare(manifest: Mapping[str, Any], found: Mapping[str, TableHash], drill: Drill) -> None:
    """Hold the rows of every table against what was kept."""
    drill.rows = sum(table.rows for table in found.values())
    wanted = {name: TableHash(**one) for name, one in manifest["tables"].items()}
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
