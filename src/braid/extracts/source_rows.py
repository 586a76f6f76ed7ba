"""From a row reference back to what stood in the file: one row of a table, an element of XML, a value of JSON.

A row reference is what `Reading.emit` keeps: `line N`, `sheet N row M`, an XPath or a JSON pointer; in a file of JSON
lines `line N`, and a pointer below it (`line 3/entry/0`). Files are gone through from the beginning and never held
whole, however large. What is returned is that row alone: never the row beside it, since it is somebody else's.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from braid.extracts.csv_files import find_delimiter
from braid.extracts.source_elements import SAMPLE_BYTES, read_element, read_element_of_line
from braid.extracts.source_found import RowNotFound, SourceRow
from braid.extracts.source_values import read_value, read_value_of_line
from braid.extracts.workbooks import is_workbook, read_sheet_row

__all__ = ["RowNotFound", "SourceRow", "read_source_row"]

_LINE = re.compile(r"line (\d+)(/.*)?", re.DOTALL)
_SHEET_ROW = re.compile(r"sheet (\d+) row (\d+)")
_ENCODINGS = ("utf-8-sig", "cp1252", "iso-8859-1")


def read_source_row(path: Path, row_ref: str, key: str = "") -> SourceRow:
    """Return the row that a reference names; `key` is a key of the partner's that tells two elements of one line apart.

    Raises `RowNotFound`, also for a reference to the file as a whole, which is no row.
    """
    line, sheet_row = _LINE.fullmatch(row_ref), _SHEET_ROW.fullmatch(row_ref)
    if sheet_row and is_workbook(path):
        return _read_sheet_row(path, int(sheet_row[1]), int(sheet_row[2]))
    if line and _begins_with(path, b"{"):
        return read_value_of_line(path, int(line[1]), line[2] or "")
    if line and not line[2] and _begins_with(path, b"<"):
        return read_element_of_line(path, int(line[1]), key)
    if line and not line[2]:
        return _read_line(path, int(line[1]))
    if row_ref.startswith("/") and row_ref != "/":
        return read_element(path, row_ref) if _begins_with(path, b"<") else read_value(path, row_ref)
    raise RowNotFound("the record was made of the file as a whole, and not of one row of it")


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as stream:
        start = stream.read(SAMPLE_BYTES)
    return start.removeprefix(codecs.BOM_UTF8).replace(b"\x00", b"").lstrip(b"\xff\xfe").lstrip().startswith(mark)


def _read_line(path: Path, number: int) -> SourceRow:
    for encoding in _encodings(path):
        try:
            with path.open("r", encoding=encoding, newline="") as stream:
                return _find_line(stream, number, encoding.removesuffix("-sig"), _marks_before(path))
        except UnicodeDecodeError:
            continue
    raise RowNotFound("the file is no text any more")


def _encodings(path: Path) -> tuple[str, ...]:
    with path.open("rb") as stream:
        start = stream.read(2)
    return ("utf-16",) if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _ENCODINGS


def _marks_before(path: Path) -> int:
    """Return the bytes of the byte order mark, which stands before the first letter."""
    with path.open("rb") as stream:
        return len(codecs.BOM_UTF8) if stream.read(3) == codecs.BOM_UTF8 else 0


def _find_line(stream: IO[str], number: int, encoding: str, begin: int) -> SourceRow:
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    lines = _Lines(stream, "utf-16-le" if encoding == "utf-16" else encoding)
    reader = csv.reader(lines, delimiter=find_delimiter(sample), strict=True)
    offset = begin if encoding != "utf-16" else 2
    while lines.count < number:
        lines.begin_row()
        first = lines.count + 1
        try:
            next(reader)
        except StopIteration:
            break
        except csv.Error:
            pass  # a row with broken quotes is a row all the same
        if first == number:
            text = "".join(lines.held)
            return SourceRow("row", text.rstrip("\r\n"), offset + lines.before, offset + lines.bytes - 1)
    raise RowNotFound(f"the file has no row that begins in line {number}")


class _Lines:
    """Hands lines to the csv reader; keeps those of the present row, and counts lines and bytes."""

    def __init__(self, stream: IO[str], encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self.count = 0
        self.bytes = 0
        self.before = 0
        self.held: list[str] = []

    def begin_row(self) -> None:
        """Forget the row before."""
        self.held.clear()
        self.before = self.bytes

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self.count += 1
        self.bytes += len(line.encode(self._encoding))
        self.held.append(line)
        return line


def _read_sheet_row(path: Path, sheet: int, row: int) -> SourceRow:
    text = read_sheet_row(path, sheet, row)
    if not text:
        raise RowNotFound(f"the workbook has no sheet {sheet}, or nothing in row {row} of it")
    return SourceRow("sheet row", text)
