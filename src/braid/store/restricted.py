"""The files of a place that few may read, under `restricted/`: lists of seals and of decisions on links."""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from braid.store.place_folder import Place, PlaceInvalid


def read_restricted(place: Place, name: str, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of `restricted/<name>.csv`, each with its line; none where the place has no such file.

    Raises `PlaceInvalid` where it cannot be read or a column is missing: what stands there must not be passed over.
    """
    path = restricted_path(place, name)
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise PlaceInvalid(f"restricted/{name}.csv is no CSV in UTF-8; export it again as UTF-8 text") from None
    if missing:
        raise PlaceInvalid(f"restricted/{name}.csv has no column {', '.join(missing)}; add it to the first line")
    return rows


def append_restricted(
    place: Place,
    name: str,
    columns: Sequence[str],
    row: Mapping[str, str],
    before: Callable[[int], None] = lambda _line: None,
) -> None:
    """Add a row to `restricted/<name>.csv`, readable by its owner alone; make the file where there is none.

    `before` is given the line that the row will have, as `read_restricted` counts, and no row is written where it
    raises. Raises `PlaceInvalid` where the file that is there has other columns.
    """
    read_restricted(place, name, columns)
    path = restricted_path(place, name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with _locked(path) as file:
        text = file.read()
        header = (
            next(csv.reader([text.removeprefix("\ufeff").partition("\n")[0].rstrip("\r")]), []) if text else columns
        )
        writer = csv.writer(file)
        if not text:
            writer.writerow(columns)  # also where nothing follows: a file without a header stops the next run
            file.flush()
        before(_next_line(text))
        if text and not text.endswith("\n"):
            file.write("\r\n")
        writer.writerow([row.get(column, "") for column in header])
        file.flush()
        os.fsync(file.fileno())


def change_restricted(
    place: Place, name: str, columns: Sequence[str], change: Callable[[dict[str, str]], dict[str, str]]
) -> int:
    """Write the rows of `restricted/<name>.csv` that `change` returns otherwise; return how many.

    Every row keeps its line, and columns that others added stay. The file is replaced whole, or not at all. Raises
    `PlaceInvalid` as `read_restricted` does.
    """
    read_restricted(place, name, columns)
    path = restricted_path(place, name)
    if not path.is_file():
        return 0
    with _locked(path) as file:
        text = file.read()
        header, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        changed = 0
        for cells in lines:
            row = dict(zip(header, cells, strict=False))
            new = change(row)
            if new != row:
                cells[:] = [new[column] for column in header[: len(cells)]]
                changed += 1
        if changed:
            _replace(path, [header, *lines])
    return changed


def _replace(path: Path, lines: Sequence[Sequence[str]]) -> None:
    beside = path.with_name(f".{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[TextIO]:
    """Open a list, and make it where there is none; nobody else who locks it writes meanwhile."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+", encoding="utf-8", newline="") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                yield file
                return  # else it was replaced while we waited for it


def _next_line(text: str) -> int:
    """Return the line of the row that is added after `text`; the first row of a new file stands below its header."""
    return max(sum(1 for _ in io.StringIO(text, newline="")), 1) + 1


def restricted_path(place: Place, name: str) -> Path:
    """Return where the list is."""
    return place.folder / "restricted" / f"{name}.csv"
