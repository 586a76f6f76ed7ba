"""Backups of a place and drills of them: the database, the files of the place, and apart from both the keys.

```
BACKUP/20261130T023000Z/database.dump   the database at one moment
BACKUP/20261130T023000Z/manifest.json   what it holds: hashes of the rows of tables and of files
BACKUP/20261130T023000Z/base/…          the server's own files, from which the journal is played, where it is kept
BACKUP/journal/…                        the journal of the server (`braid.store.journal`)
BACKUP/files/ab/abcdef…                 the bytes of files, each once for all backups
KEYS/20261130T023000Z/…                 the keys, in another folder that the place names
```
A backup is whole once its manifest is there, which is written last. Whoever has a backup without the keys opens no
field of the vault and signs no audit log; whoever has the keys without a backup has nothing to open.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from braid import __version__
from braid.store.copied_files import FileStore, KeptFile
from braid.store.database_copy import TableHash, dump_database
from braid.store.engine import EngineNotAvailable
from braid.store.journal import (
    Mark,
    begin_journal,
    drop_journal_before,
    first_segment,
    journal_folder,
    mark_moment,
    missing_segments,
    reach,
    take_base,
)
from braid.store.place_folder import Place
from braid.store.signing_key import LOG_KEY
from braid.web.operating.start_facts import secret_files
from braid.web.pages_password import PAGES_ROLE, VAULT_ROLE

DATABASE, MANIFEST, BASE = "database.dump", "manifest.json", "base"
STAMP = "%Y%m%dT%H%M%SZ"
UNFINISHED_FOR = dt.timedelta(days=2)
"""How long a backup may take: one that is not whole by then was killed, or ran out of room."""
NOT_KEPT = ("lake/work", "lake/lock", "state/postgres", "state/spool", "state/restored")
"""Beginnings of paths that a backup leaves out: a run being made, and what the server itself keeps."""


@dataclass
class Backup:
    """What was kept. `seconds` is how long it took."""

    name: str
    tables: dict[str, TableHash]
    files: list[KeptFile]
    roles: list[str]
    """What owns a part of the database, or has a right on it."""
    base: dict[str, str] | None = None
    """Of a base: the folder of its journal, its first segment, the mark and its time, user and database."""
    seconds: float = 0.0
    new_files: int = 0

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())


def back_up(place: Place, url: str, folder: Path, keys: Path | None, *, with_base: bool = False) -> Backup:
    """Keep the place in a folder, and its keys in another; return what was kept.

    `with_base` keeps the server's files too, and its journal as far as the backup: from it the place comes back as it
    was at any moment since. Without `keys` they are left out, and whoever runs the place keeps them by another way.
    Raises `EngineNotAvailable` where the folders are not apart, or the database cannot be kept.
    """
    began = time.monotonic()
    _check_apart(place, folder, keys)
    name = dt.datetime.now(dt.UTC).strftime(STAMP)
    home = folder / name
    try:
        home.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise EngineNotAvailable("another backup began in this second. Next step: wait for it, and try again") from None
    journal = _begin_base(url, folder, home) if with_base else None
    marks: list[Mark] = []
    tables = dump_database(url, home / DATABASE, partial(_mark, url, marks) if with_base else None)
    store, known = FileStore(folder / "files"), _known(folder)
    files = store.keep(place.folder, _files(place), known)
    if keys is not None:
        _keep_keys(place, keys / name)
    roles = sorted({str(conninfo_to_dict(url).get("user")), PAGES_ROLE, VAULT_ROLE})
    made = Backup(name, tables, files, roles, base=None, new_files=sum(known.get(file.path) != file for file in files))
    if journal is not None:
        reach(url, journal, marks[0])
        made.base = _describe_base(url, journal, home / BASE, marks[0])
    made.seconds = time.monotonic() - began
    _write_manifest(home / MANIFEST, made, place)
    return made


def _begin_base(url: str, folder: Path, home: Path) -> Path:
    journal = journal_folder(url, folder)
    begin_journal(url, journal)
    take_base(url, home / BASE)
    return journal


def _mark(url: str, marks: list[Mark], reader: psycopg.Connection) -> str:
    snapshot, mark = mark_moment(url, reader)
    marks.append(mark)
    return snapshot


def _describe_base(url: str, journal: Path, base: Path, mark: Mark) -> dict[str, str]:
    """Say what a base is played with. Raises `EngineNotAvailable` where the journal since it lacks a piece."""
    if missing := missing_segments(journal, first_segment(base), mark):
        raise EngineNotAvailable(
            f"the journal since this backup's base lacks {missing} of its pieces, so nothing could be played from it."
            " Next step: take the backup again; where it says so again, see that one braid journal alone fetches, into"
            " this folder of backups"
        )
    parts = conninfo_to_dict(url)
    return {
        "journal": journal.name,
        "first_segment": first_segment(base),
        "mark": mark.lsn,
        "marked_at": mark.at.isoformat(),
        "user": str(parts.get("user")),
        "database": str(parts.get("dbname")),
    }


def list_backups(folder: Path) -> list[str]:
    """Return the names of the whole backups of a folder, oldest first."""
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))


def drop_older(folder: Path, keys: Path | None, keep: int) -> int:
    """Delete all but the newest backups, what others left unfinished, and bytes that none names any more; return how
    many backups went."""
    names = list_backups(folder)
    for name in (*names[:-keep], *_unfinished(folder, dt.datetime.now(dt.UTC))):
        for home in (folder / name, *([keys / name] if keys else [])):
            shutil.rmtree(home, ignore_errors=True)
    left = [read_manifest(folder, name) for name in list_backups(folder)]
    named = {one["sha256"] for manifest in left for one in manifest["files"]}
    FileStore(folder / "files").drop_unnamed(frozenset(named))
    _drop_journal(folder, [manifest["base"] for manifest in left if manifest.get("base")])
    return len(names[:-keep])


def _unfinished(folder: Path, now: dt.datetime) -> list[str]:
    """Return the backups that began days ago and were never whole: nothing else would ever end what they hold."""
    found = []
    for path in folder.glob("????????T??????Z"):
        with contextlib.suppress(ValueError):
            began = dt.datetime.strptime(path.name, STAMP).replace(tzinfo=dt.UTC)
            if not (path / MANIFEST).exists() and began + UNFINISHED_FOR < now:
                found.append(path.name)
    return found


def _drop_journal(folder: Path, bases: Sequence[Mapping[str, str]]) -> None:
    """Delete of each journal what comes before the oldest base that is left of it; without one nothing goes."""
    for journal in {base["journal"] for base in bases}:
        first = min(base["first_segment"] for base in bases if base["journal"] == journal)
        drop_journal_before(folder / "journal" / journal, first)


def check_outside(place: Place, folder: Path) -> None:
    """Raise `EngineNotAvailable` where a folder of backups is inside the place."""
    if folder.resolve().is_relative_to(place.folder.resolve()):
        raise EngineNotAvailable("a backup inside the place would be lost with it. Next step: name a folder elsewhere")


def _check_apart(place: Place, folder: Path, keys: Path | None) -> None:
    check_outside(place, folder)
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
    return {one["path"]: KeptFile(**one) for one in read_manifest(folder, names[-1])["files"]}


def _write_manifest(path: Path, made: Backup, place: Place) -> None:
    document = {
        "braid": __version__,
        "place": place.id,
        "name": made.name,
        "roles": made.roles,
        "tables": {name: asdict(table) for name, table in made.tables.items()},
        "files": [file.document() for file in made.files],
        "seconds": round(made.seconds, 1),
        **({"base": made.base} if made.base else {}),
    }
    temporary = path.with_suffix(".tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_manifest(folder: Path, name: str) -> dict[str, Any]:
    """Return what a backup holds. Raises `EngineNotAvailable` where none of that name is whole."""
    try:
        document: dict[str, Any] = json.loads((folder / name / MANIFEST).read_text(encoding="utf-8"))
        is_whole = {"place", "roles", "tables", "files"} <= document.keys()
    except (OSError, ValueError, AttributeError):
        is_whole = False
    if not is_whole:
        raise EngineNotAvailable(
            "there is no whole backup of that name. Next step: leave --name out for the newest; each is a folder named"
            " by its time that holds manifest.json"
        )
    return document
