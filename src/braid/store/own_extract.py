"""The extract that a place writes of its own joint work, for its own chain to read back. Nobody is sent it."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path


def put_extract(folder: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """Write a table as the file of an extract's dated folder, whole or not at all; return its path.

    It is written beside its place and moved there, so that a run which begins meanwhile reads all or nothing. Its own
    user alone may read it.
    """
    fresh = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    with os.fdopen(os.open(fresh / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    if folder.exists():
        (fresh / name).replace(folder / name)
        fresh.rmdir()
    else:
        fresh.rename(folder)
    return folder / name
