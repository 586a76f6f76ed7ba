"""A database server with little room: its log, or a table of its own, on a small file system in memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

BLOCK = b"0" * 65536
FILLER = "somebody else's"


@contextlib.contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a file system of so many megabytes at a new folder, until the block ends; skip where nobody lets us."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("nobody lets us mount a small disk here: run as root to pose a full one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no room on the disk of a folder."""
    path = folder / FILLER
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(BLOCK):
            pass
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"0"):
            pass


def make_room(folder: Path) -> None:
    """Give the room back."""
    (folder / FILLER).unlink(missing_ok=True)


def give_to_server(folder: Path, data: Path) -> None:
    """Let the user of a server own a folder."""
    of = data.stat()
    os.chown(folder, of.st_uid, of.st_gid)
    folder.chmod(0o700)


def move_tables(url: str, folder: Path, tables: tuple[str, ...]) -> None:
    """Put tables with their indexes on the disk of a folder, which the server's user owns."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"create tablespace small location '{folder}'")
        for table in tables:
            owner.execute(f"alter table {table} set tablespace small")
            for (index,) in owner.execute(
                "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass", [table]
            ).fetchall():
                owner.execute(f"alter index {index} set tablespace small")


def move_log(data: Path, folder: Path) -> None:
    """Put the log of a server that is stopped on the disk of a folder, and let it take little of it."""
    kept = folder / "pg_wal"
    shutil.copytree(data / "pg_wal", kept)
    give_to_server(kept, data)
    for path in kept.rglob("*"):
        give_to_server(path, data) if path.is_dir() else os.chown(path, data.stat().st_uid, data.stat().st_gid)
    shutil.rmtree(data / "pg_wal")
    (data / "pg_wal").symlink_to(kept)
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("\nmin_wal_size = 32MB\nmax_wal_size = 48MB\nwal_recycle = off\nwal_init_zero = on\n")
