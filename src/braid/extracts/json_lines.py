"""Files of JSON with one object on each line (JSON lines, NDJSON), as bulk exports write them.

A file is one where a line holds a whole object and the next begins another: no single document of JSON is written so,
since nothing but a comma may stand between two values of it. A line that is broken is handed on as one, so that the
rest is read; a last line that stops in its middle, without a line end, is a file cut short.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from braid.extracts.blocks import TextFile, iterate_text
from braid.extracts.json_stored import LONGEST_VALUE, StoredList
from braid.extracts.json_strict import check_depth, parse_at
from braid.extracts.model import UnreadableFile

LINE_BROKEN = "json_line_broken"
LINE_BROKEN_ADVICE = (
    "the line is no whole object of JSON, or one with a key twice or a number that JSON has not: correct it at the"
    " source"
)
LOOKED_AT_LINES = 10
"""So many lines are looked at, where the first are broken."""
_SPACES = " \t\r\n"


@dataclass(frozen=True)
class BrokenLine:
    """A line that holds no object, as it stands in the file."""

    text: str


Numbered = tuple[int, dict[str, Any] | BrokenLine]
"""A line from 1, and what it holds."""


class LineList(StoredList):
    """The objects of the lines of a file, and in its place each line that is broken; empty lines are passed over."""

    def __init__(self, read: Callable[[], Iterator[Numbered]]) -> None:
        """Take what reads the lines from the first on."""
        super().__init__(-1, lambda: (value for _, value in read()))
        self._numbered = read

    def __len__(self) -> int:
        if self._length < 0:
            self._length = sum(1 for _ in self._numbered())
        return self._length

    def numbered(self) -> Iterator[Numbered]:
        """Yield each line that holds anything with its number."""
        return self._numbered()

    def without_broken(self) -> LineList:
        """Return the same lines but for those that are broken."""
        return LineList(lambda: (one for one in self._numbered() if not isinstance(one[1], BrokenLine)))


def find_lines(text: str) -> LineList | None:
    """Return the lines of a text that is held; `None` where it is no file of lines. Raises as `read_lines`."""
    if not are_lines(io.StringIO(text, newline="")):
        return None
    held = list(read_lines(io.StringIO(text, newline="")))
    return LineList(lambda: iter(held))


def find_stored_lines(text_file: TextFile) -> LineList | None:
    """Return the lines of a large file, left there and read as they are asked for; `None` where it is of no lines."""
    try:
        if not are_lines(lines_of(iterate_text(text_file))):
            return None
    except UnreadableFile:  # one line without end is no file of lines
        return None
    return LineList(lambda: read_lines(lines_of(iterate_text(text_file))))


def are_lines(lines: Iterable[str]) -> bool:
    """Whether the first lines are those of such a file: an object and the beginning of another, or two neighbours."""
    filled = (line for line in lines if line.strip(_SPACES))
    first = list(islice(filled, 2))
    if len(first) < 2 or not _begins(first[0]):
        return False
    is_whole = is_object(first[0])
    if is_whole and _begins(first[1]):
        return True
    for line in (first[1], *islice(filled, LOOKED_AT_LINES - len(first))):
        was_whole, is_whole = is_whole, is_object(line)
        if was_whole and is_whole:
            return True
    return False


def _begins(line: str) -> bool:
    return line.lstrip(_SPACES).startswith("{")


def is_object(line: str) -> bool:
    """Whether a line is one whole object of JSON."""
    return not isinstance(read_line(line), BrokenLine)


def read_line(line: str) -> dict[str, Any] | BrokenLine:
    """Return the object of a line, or the line where it holds none."""
    return _read_line(line)[0]


def _read_line(line: str) -> tuple[dict[str, Any] | BrokenLine, bool]:
    """Return what a line holds, and whether it is broken only in that it ends too early."""
    text = line.strip(_SPACES)
    try:
        value, end = parse_at(text, 0)
        check_depth(value, 0)
    except json.JSONDecodeError as error:
        return BrokenLine(text), error.pos >= len(text) or error.msg.startswith("Unterminated")
    except UnreadableFile:
        return BrokenLine(text), False
    return (value if end == len(text) and isinstance(value, dict) else BrokenLine(text)), False


def read_lines(lines: Iterable[str]) -> Iterator[Numbered]:
    """Yield what each line holds with its number, empty lines left out.

    Raises `UnreadableFile` where the last one ends in the middle of an object and has no line end.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip(_SPACES):
            continue
        value, is_cut = _read_line(line)
        if is_cut and not line.endswith(("\n", "\r")):
            raise UnreadableFile(
                "file_truncated", f"The file ends in the middle of an object (line {number}). Send it again."
            )
        yield number, value


def lines_of(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a text in pieces, each with its line end; raise `UnreadableFile` for an endless one.

    A line ends as in a table: at a line feed, a carriage return, or both. No text of JSON holds either.
    """
    rest = ""
    for piece in pieces:
        lines = list(io.StringIO(rest + piece, newline=""))
        rest = lines.pop() if lines and not lines[-1].endswith("\n") else ""
        yield from lines
        if len(rest) > LONGEST_VALUE:
            raise UnreadableFile(
                "json_value_too_long",
                f"One line of the file is longer than {LONGEST_VALUE >> 20} million characters. Check what was sent.",
            )
    if rest:
        yield rest


def places_of(values: Sequence[Any] | StoredList, above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the members of a list, each with its place: `line 3` in a file of lines, else a JSON pointer."""
    if isinstance(values, LineList):
        return ((f"line {number}", value) for number, value in values.numbered())
    return ((f"{above}/{number}", value) for number, value in enumerate(values))
