"""The same bytes under two names: one file, which is read and counted once.

Files that hold nothing are let alone: which module of a return has no rows is said by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from braid.extracts.csv_files import HELD_BYTES
from braid.extracts.files import check_size, hash_file, is_blank

REPEATED = "file_repeated"


def find_repeated(files: Iterable[Path], apart: Callable[[Path], str] = lambda _: "") -> dict[Path, Path]:
    """Return the files that repeat an earlier one, each with that one. Files that `apart` tells apart are not compared.

    Raises `UnreadableFile` where one cannot be opened.
    """
    by_size: dict[tuple[str, int], list[Path]] = {}
    for path in files:
        by_size.setdefault((apart(path), check_size(path, is_held=False)), []).append(path)
    found: dict[Path, Path] = {}
    for (_, size), alike in by_size.items():
        first: dict[str, Path] = {}
        for path in alike if len(alike) > 1 and not _holds_nothing(alike[0], size) else ():
            earlier = first.setdefault(hash_file(path), path)
            if earlier is not path:
                found[path] = earlier
    return found


def describe(first: str) -> str:
    """Return what is said of a file that repeats one of that name."""
    return f"the file holds what {first} holds, byte for byte: it is read and counted once, so send one of the two"


def repeated_issue(feed: str, path: Path, first: Path) -> dict[str, Any]:
    """Return the row of the issue table about a repeated file of a feed."""
    return {
        "feed": feed, "file_sha256": hash_file(path), "file_name": path.name, "severity": "warning", "rule": REPEATED,
        "message": describe(first.name),
    }  # fmt: skip


def _holds_nothing(path: Path, size: int) -> bool:
    return size < HELD_BYTES and is_blank(path.read_bytes())
