"""From a row reference back to the value of JSON that it names: by its pointer, in a file of lines below its line."""

from __future__ import annotations

import codecs
import io
import json
import mmap
import re
from itertools import islice
from pathlib import Path
from typing import Any

from braid.extracts.source_found import RowNotFound, SourceRow

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_VALUE = re.compile(rb"\s*(?:(" + _STRING + rb')|([\[{])|([^\s,:\[\]{}"]+))', re.DOTALL)
_NESTED = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_MARK = re.compile(rb"\s*([,:\]}])")
_LINE_BYTES = re.compile(rb"([^\r\n]*)(?:\r\n|[\r\n]|\Z)")
Data = mmap.mmap | bytes


def read_value(path: Path, pointer: str) -> SourceRow:
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


def read_value_of_line(path: Path, number: int, pointer: str) -> SourceRow:
    """Return a line of a file of JSON lines, or the value in it to which a pointer leads."""
    with path.open("rb") as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return _read_small_value_of_line(path, number, pointer)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            begin = len(codecs.BOM_UTF8) if data[:3] == codecs.BOM_UTF8 else 0
            found = next(islice(_LINE_BYTES.finditer(data, begin), number - 1, None), None)
            line = found[1] if found else b""
            if found is None or not line.strip():
                raise RowNotFound(f"the file has nothing in line {number}")
            first, end = _find_value(line, 0, pointer.removeprefix("/")) if pointer else _without_spaces(line)
            place = found.start()
            return SourceRow("value" if pointer else "line", _decode(line[first:end]), place + first, place + end - 1)


def _without_spaces(line: bytes) -> tuple[int, int]:
    return len(line) - len(line.lstrip()), len(line.rstrip())


def _read_small_value_of_line(path: Path, number: int, pointer: str) -> SourceRow:
    """Return the same of a file in UTF-16, which is read whole."""
    lines = io.StringIO(path.read_bytes().decode("utf-16"), newline="")
    line = next(islice(lines, number - 1, None), "").strip()
    if not line:
        raise RowNotFound(f"the file has nothing in line {number}")
    return _below(json.loads(line), pointer) if pointer else SourceRow("line", line)


def _read_small_value(path: Path, pointer: str) -> SourceRow:
    """Return a value of a file in UTF-16, which is read whole: nobody sends a large one so."""
    return _below(json.loads(path.read_bytes().decode("utf-16")), pointer)


def _below(value: Any, pointer: str) -> SourceRow:
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


def _find_value(data: Data, at: int, rest: str) -> tuple[int, int]:
    """Return where the value begins and ends that `rest` of a pointer leads to from the value at `at`."""
    while rest:
        at, rest = _step_into(data, at, rest)
    found = _VALUE.match(data, at)
    if found is None:
        raise _no_value()
    return found.end() - len(found[0].lstrip()), _end_of(data, at)


def _step_into(data: Data, at: int, rest: str) -> tuple[int, str]:
    found = _VALUE.match(data, at)
    if found is None or found[2] is None:
        raise _no_value()
    if found[2] == b"[":
        step, _, rest = rest.partition("/")
        if not step.isdigit():
            raise _no_value()
        return _member_at(data, found.end(), int(step)), rest
    return _member_of(data, found.end(), rest)


def _member_at(data: Data, at: int, index: int) -> int:
    """Return where the member of a list with this index begins; `at` stands behind the bracket."""
    for _ in range(index):
        at = _next_member(data, _end_of(data, at))
    return at


def _member_of(data: Data, at: int, rest: str) -> tuple[int, str]:
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


def _next_member(data: Data, at: int) -> int:
    comma = _MARK.match(data, at)
    if comma is None or comma[1] != b",":
        raise _no_value()
    return comma.end()


def _end_of(data: Data, at: int) -> int:
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
