"""Files as nobody should send them, made by hand: for each family the same few rows, saved in one more unkind way.

A maker turns the plain content into bytes. What becomes of it is either everything the plain file says (`SAME`), the rule
of a refusal of the file (`refused`), or rows in, read and rejected with the rules that are said.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

SAME = "same"
Rows = list[list[str]]


@dataclass(frozen=True)
class Nasty:
    """A way to save a file, and what must become of it."""

    name: str
    make: Callable[[Any], bytes]
    becomes: str = SAME
    """`same`, or the rule by which the file is refused."""
    rejects: tuple[str, ...] = ()
    """Rules of rows that are there besides and must be refused."""
    says: tuple[str, ...] = ()
    """Rules of doubts and notes that must be said."""


def as_text(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Return rows as delimited text."""
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return held.getvalue()


def _turned(rows: Rows) -> Rows:
    return [list(reversed(row)) for row in rows]


def _mixed_ends(rows: Rows) -> bytes:
    lines = as_text(rows).splitlines()
    ends = ("\r\n", "\n", "\r")
    return "".join(f"{line}{ends[number % 3]}" for number, line in enumerate(lines)).encode()


def _empty_rows(rows: Rows) -> bytes:
    width = len(rows[0])
    empty = [[""] * width for _ in range(3000)]
    return as_text([rows[0], *empty, *rows[1:], *empty]).encode() + b"\r\n\r\n , , \n"


def _extra_column(rows: Rows) -> bytes:
    return as_text([[*row, ""] for row in rows]).encode()


def _short_rows(rows: Rows) -> bytes:
    """Leave out the empty cells at the end of each row, as some programs do."""
    held = []
    for row in rows:
        cells = list(row)
        while cells and not cells[-1]:
            cells.pop()
        held.append(cells)
    return as_text(held).encode()


TABLES: tuple[Nasty, ...] = (
    Nasty("a mark, semicolons, every cell quoted", lambda rows: b"\xef\xbb\xbf" + as_text(rows, ";", "\r\n", csv.QUOTE_ALL).encode()),
    Nasty("tabs", lambda rows: as_text(rows, "\t").encode()),
    Nasty("pipes", lambda rows: as_text(rows, "|").encode()),
    Nasty("a first line that names the delimiter", lambda rows: ("sep=;\r\n" + as_text(rows, ";")).encode()),
    Nasty("line ends of three kinds", _mixed_ends),
    Nasty("big-endian UTF-16", lambda rows: b"\xfe\xff" + as_text(rows).encode("utf-16-be"), says=("encoding",)),
    Nasty("UTF-16 without its mark", lambda rows: as_text(rows).encode("utf-16-le"), becomes="file_binary"),
    Nasty("columns turned round", lambda rows: as_text(_turned(rows)).encode()),
    Nasty("headings in small letters and with spaces around", lambda rows: as_text([[f"  {name.lower()} " for name in rows[0]], *rows[1:]]).encode()),
    Nasty("thousands of empty rows", _empty_rows),
    Nasty("a comma at the end of each row", _extra_column),
    Nasty("empty cells at the end left out", _short_rows),
    Nasty("a mark of an old end of file", lambda rows: as_text(rows).encode() + b"\x1a"),
    Nasty("cells as formulas of text", lambda rows: as_text([rows[0], *[[f'="{cell}"' if cell else "" for cell in row] for row in rows[1:]]]).encode()),
    Nasty("a row of another file below", lambda rows: as_text([*rows, ["Total", "2"]]).encode(), rejects=("?",)),
    Nasty("a row with more cells than the heading", lambda rows: as_text([*rows, [*rows[1], "x", "y"]]).encode(), rejects=("too_many_cells",)),
    Nasty("a quote within a cell", lambda rows: (as_text(rows) + 'a"b,"c"d",e\n').encode(), rejects=("broken_quotes",)),
    Nasty("a quote that never ends", lambda rows: (as_text(rows) + '"a,b\n').encode(), becomes="open_quote"),
    Nasty("the heading twice", lambda rows: as_text([rows[0], *rows]).encode(), rejects=("?",)),
    Nasty("two files in an archive", lambda rows: _zip({"one.csv": as_text(rows), "two.csv": as_text(rows)}), becomes="file_binary"),
)


def _zip(files: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return held.getvalue()
