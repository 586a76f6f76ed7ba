"""From a row reference back to what stood in the file: one row of a table, an element of XML, a value of JSON.

A row reference is what `Reading.emit` keeps: `line N`, `sheet N row M`, an XPath or a JSON pointer. Files are gone
through from the beginning and never held whole, however large. What is returned is that row alone: never the row beside
it, since it is somebody else's.
"""

from __future__ import annotations

import codecs
import csv
import json
import mmap
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lxml import etree

from braid.extracts.blocks import look_over
from braid.extracts.csv_files import find_delimiter
from braid.extracts.model import UnreadableFile
from braid.extracts.workbooks import is_workbook, read_sheet_row
from braid.extracts.xml_files import iterate_xml, local_name

_LINE = re.compile(r"line (\d+)")
_SHEET_ROW = re.compile(r"sheet (\d+) row (\d+)")
_STEP = re.compile(r"([^/\[\]]+)(?:\[(\d+)\])?")
_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_VALUE = re.compile(rb"\s*(?:(" + _STRING + rb')|([\[{])|([^\s,:\[\]{}"]+))', re.DOTALL)
_NESTED = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_MARK = re.compile(rb"\s*([,:\]}])")
_ENCODINGS = ("utf-8-sig", "cp1252", "iso-8859-1")
_SAMPLE = 1 << 16
_FED = 1 << 14
"""Bytes of XML that are gone through at a time: what begins and ends in them is held together."""
_SAFE: dict[str, bool] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""As `braid.extracts.xml_files` reads."""
Named = tuple[str, int]
Place = list[Named]
"""Where an element stands: from the root on each name, and which of that name it is among its siblings."""


class RowNotFound(Exception):
    """The file has no such row, or nobody can say which one is meant. The message says why, without a value."""


@dataclass(frozen=True)
class SourceRow:
    """What stood in the file. `form` says what it is: row, sheet row, element or value.

    `first_byte` and `last_byte` count from 0 and bound its bytes in the file; `None` where the row was unpacked (a
    workbook) or written anew (an element of XML, with the names of its namespaces).
    """

    form: str
    text: str
    first_byte: int | None = None
    last_byte: int | None = None


def read_source_row(path: Path, row_ref: str, key: str = "") -> SourceRow:
    """Return the row that a reference names; `key` is a key of the partner's that tells two elements of one line apart.

    Raises `RowNotFound`, also for a reference to the file as a whole, which is no row.
    """
    line, sheet_row = _LINE.fullmatch(row_ref), _SHEET_ROW.fullmatch(row_ref)
    if sheet_row and is_workbook(path):
        return _read_sheet_row(path, int(sheet_row[1]), int(sheet_row[2]))
    if line and _begins_with(path, b"<"):
        return _read_element_of_line(path, int(line[1]), key)
    if line:
        return _read_line(path, int(line[1]))
    if row_ref.startswith("/") and row_ref != "/":
        return _read_element(path, row_ref) if _begins_with(path, b"<") else _read_value(path, row_ref)
    raise RowNotFound("the record was made of the file as a whole, and not of one row of it")


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as stream:
        start = stream.read(_SAMPLE)
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
    sample = stream.read(_SAMPLE)
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


def _read_element(path: Path, xpath: str) -> SourceRow:
    """Return the element of an XPath of names and places alone, as our references are."""
    steps = [_STEP.fullmatch(step) for step in xpath.strip("/").split("/")]
    if not all(steps):
        raise RowNotFound("the reference is no XPath of names and places")
    wanted = [(step[1].rpartition(":")[2], int(step[2] or 1)) for step in steps if step]
    for place, element, _ in _elements(path, lambda place, _: place == wanted):
        if place == wanted:
            return _element_row(element)
    raise RowNotFound("the file has no element at that place")


def _read_element_of_line(path: Path, number: int, key: str) -> SourceRow:
    """Return the outermost element that begins in a line, has others inside it, and is about one key alone.

    Where several people stand in one line, what holds them all begins there too: it is no row of anybody.
    """
    own: dict[tuple[Named, ...], SourceRow] = {}
    others: dict[tuple[Named, ...], SourceRow] = {}
    for place, element, line in _elements(path, lambda place, line: line == number and len(place) > 1):
        if line != number or len(place) < 2 or not len(element):
            continue
        is_own = _is_about(element, key)
        if is_own is not False:
            found = own if is_own else others
            for inner in [one for one in found if one[: len(place)] == tuple(place)]:
                del found[inner]
            found[tuple(place)] = _element_row(element)
    found = own or others
    if len(found) == 1:
        return next(iter(found.values()))
    raise RowNotFound(
        f"{len(found)} elements begin in line {number}: nobody can say which is meant"
        if found
        else f"no element with others inside it begins in line {number}"
    )


def _is_about(element: Any, key: str) -> bool | None:
    """Return whether an element is about a key alone; `None` where the key does not stand in it."""
    texts = [(local_name(one), (one.text or "").strip()) for one in element.iter()]
    named = {name for name, text in texts if key and text == key}
    return all(text == key for name, text in texts if name in named) if named else None


def _elements(path: Path, keeps: Callable[[Place, int], bool]) -> Iterator[tuple[Place, Any, int]]:
    """Yield each element as it ends, with the names and places that lead to it and the line in which it begins.

    What `keeps` wants, by place and line, is whole when it is yielded; all else is let go of as it ends.
    """
    names: Place = []
    places: list[Counter[str]] = [Counter()]
    kept = 0
    for event, element in _events(path):
        if event == "start":
            name = local_name(element)
            places[-1][name] += 1
            names.append((name, places[-1][name]))
            places.append(Counter())
            kept += keeps(names, element.sourceline or 0)
            continue
        yield list(names), element, element.sourceline or 0
        kept -= keeps(names, element.sourceline or 0)
        names.pop()
        places.pop()
        if not kept:
            _let_go(element)


def _events(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield where elements begin and end, of a file in whatever encoding it was read."""
    try:
        if _is_utf8(path):
            with path.open("rb") as stream:
                yield from etree.iterparse(stream, events=("start", "end"), **_SAFE)
            return
        parser = etree.XMLPullParser(events=("start", "end"), **_SAFE)
        for block in iterate_xml(look_over(path)):
            for at in range(0, len(block), _FED):
                parser.feed(block[at : at + _FED])
                yield from parser.read_events()
        parser.close()
        yield from parser.read_events()
    except (etree.XMLSyntaxError, UnreadableFile):
        raise RowNotFound("the file is no well-formed XML any more") from None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_SAMPLE):
                decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _let_go(element: Any) -> None:
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _element_row(element: Any) -> SourceRow:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return SourceRow("element", text)


def _read_value(path: Path, pointer: str) -> SourceRow:
    with path.open("rb") as stream:
        start = stream.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return _read_small_value(path, pointer)
        if not start:
            raise RowNotFound("the file is empty")
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            begin = len(codecs.BOM_UTF8) if data[:3] == codecs.BOM_UTF8 else 0
            first, end = _find_value(data, begin, pointer.removeprefix("/"))
            return SourceRow("value", _decode(data[first:end]), first, end - 1)


def _read_small_value(path: Path, pointer: str) -> SourceRow:
    """Return a value of a file in UTF-16, which is read whole: nobody sends a large one so."""
    value = json.loads(path.read_bytes().decode("utf-16"))
    try:
        for step in pointer.strip("/").split("/"):
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (KeyError, IndexError, ValueError, TypeError):
        raise _no_value() from None
    return SourceRow("value", json.dumps(value, ensure_ascii=False))


def _decode(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _no_value() -> RowNotFound:
    return RowNotFound("the file has no value at that place")


def _find_value(data: mmap.mmap, at: int, rest: str) -> tuple[int, int]:
    """Return where the value begins and ends that `rest` of a pointer leads to from the value at `at`."""
    while rest:
        at, rest = _step_into(data, at, rest)
    found = _VALUE.match(data, at)
    if found is None:
        raise _no_value()
    return found.end() - len(found[0].lstrip()), _end_of(data, at)


def _step_into(data: mmap.mmap, at: int, rest: str) -> tuple[int, str]:
    found = _VALUE.match(data, at)
    if found is None or found[2] is None:
        raise _no_value()
    if found[2] == b"[":
        step, _, rest = rest.partition("/")
        if not step.isdigit():
            raise _no_value()
        return _member_at(data, found.end(), int(step)), rest
    return _member_of(data, found.end(), rest)


def _member_at(data: mmap.mmap, at: int, index: int) -> int:
    """Return where the member of a list with this index begins; `at` stands behind the bracket."""
    for _ in range(index):
        at = _next_member(data, _end_of(data, at))
    return at


def _member_of(data: mmap.mmap, at: int, rest: str) -> tuple[int, str]:
    """Return where the value of the key begins with which `rest` starts, and what of `rest` is left.

    Our pointers do not escape a slash in a key, so a key is compared with the beginning of what is left.
    """
    while True:
        name = _VALUE.match(data, at)
        colon = _MARK.match(data, name.end()) if name and name[1] else None
        if name is None or colon is None:
            raise _no_value()
        key = json.loads(name[1])
        if rest == key or rest.startswith(f"{key}/"):
            return colon.end(), rest[len(key) + 1 :]
        at = _next_member(data, _end_of(data, colon.end()))


def _next_member(data: mmap.mmap, at: int) -> int:
    comma = _MARK.match(data, at)
    if comma is None or comma[1] != b",":
        raise _no_value()
    return comma.end()


def _end_of(data: mmap.mmap, at: int) -> int:
    """Return where the value that begins at `at`, after spaces, has ended."""
    found = _VALUE.match(data, at)
    if found is None:
        raise _no_value()
    if found[2] is None:
        return found.end()
    depth, at = 1, found.end()
    for mark in _NESTED.finditer(data, at):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(mark[0], 0)
        if not depth:
            return mark.end()
    raise _no_value()
