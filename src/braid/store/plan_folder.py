"""The plans of a run: one folder a run and kind of plan beside the runs, readable by its own user alone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from braid.store.lake import LakeBusy, Run

FOLDER = "plans"
KEY_FILE, KEY_BYTES = "key", 32


def plan_folder(lake_folder: Path, run: Run, kind: str) -> Path:
    """Return where the plans of a kind for a run rest."""
    return lake_folder / FOLDER / run.id / kind


def open_plan_key(lake_folder: Path) -> bytes:
    """Return the key under which plans of a place draw and name by hash; made on first use, for this user alone.

    Lost, it is made anew: what was decided on plans before is then no longer found, and is decided again.
    """
    path = lake_folder / FOLDER / KEY_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f".{KEY_FILE}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        write_private(fresh, secrets.token_hex(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)  # of two who make one at once, one is kept
        fresh.unlink()
    return bytes.fromhex(path.read_text(encoding="utf-8"))


def put_plan(folder: Path, documents: Mapping[str, str]) -> None:
    """Write the documents of a plan by file name, all or none; those of an earlier plan are replaced.

    Raises `LakeBusy` where another process writes a plan of this kind for this run.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    before, fresh = folder.with_name(f".{folder.name}.before"), folder.with_name(f".{folder.name}.part")
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LakeBusy("another process writes this plan; try again once it has ended") from None
        if before.exists() and not folder.exists():
            before.rename(folder)  # a writer was stopped between its two steps
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        for name, text in documents.items():
            write_private(fresh / name, text)
        shutil.rmtree(before, ignore_errors=True)
        if folder.exists():
            folder.rename(before)
        fresh.rename(folder)
        shutil.rmtree(before, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write a new file that its own user alone may read."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
