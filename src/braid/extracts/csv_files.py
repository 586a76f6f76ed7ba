"""Tables as partners send them: a delimiter among four, a heading line with its blemishes, rows with their lines.

A row whose quotes are broken is handed on as refused; a table that ends inside a quoted field or in the middle of a row
is unreadable, because nobody can say what else is missing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from braid.extracts.blocks import TextFile, iterate_blocks, look_over, note_encoding
from braid.extracts.files import check_size, read_text
from braid.extracts.model import Reading, UnreadableFile

_DELIMITERS = (",", ";", "\t", "|")
_INVISIBLE: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060")),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
}
"""Marks that nobody sees are dropped; the dashes and apostrophes that word processors put in are the plain ones."""
MAX_COLUMNS = 2000
HELD_BYTES = 8 << 20
"""From this size on a table is read block by block and not held whole."""


@dataclass(frozen=True)
class Line:
    """One row of a table: the line it starts on (from 1), its cells without outer spaces, and the text as it stands.

    `fault` is the rule that the row itself breaks, if any.
    """

    number: int
    cells: list[str]
    raw: str
    fault: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A table: its heading, known names in their own spelling, and its rows, wholly empty rows left out."""

    header: tuple[str, ...]
    lines: Sequence[Line] | Iterator[Line]
    unit: str = "line"
    """What the position of a row begins with."""


def normalise_heading(text: str) -> str:
    """Return a heading in capital letters, marks plain or dropped; spaces of any kind and underscores are one space.

    Databases put underscores where a standard has spaces, and people the other way round.
    """
    plain = text if text.isascii() else text.translate(_INVISIBLE)
    return " ".join(plain.replace("_", " ").split()).upper()


def iterate_lines(text: str, delimiter: str | None = None) -> Iterator[Line]:
    """Yield the rows of delimited text, but for a first line that only names the delimiter, as `sep=;`.

    Raises `UnreadableFile` with the line at an open quote, an over-long field, or a last row that is cut short: it has
    no line end and fewer cells than the row before.
    """
    return _iterate(io.StringIO(text, newline=""), delimiter or find_delimiter(text))


def open_lines(path: Path, reading: Reading) -> Iterator[Line]:
    """Yield the rows of a table, of a large one without holding it; doubts of its encoding and end are said first.

    Raises `UnreadableFile` as `iterate_lines`.
    """
    if check_size(path, is_held=False) < HELD_BYTES:
        return iterate_lines(read_whole_text(path, reading))
    text_file = look_over(path)
    note_encoding(text_file, reading)
    lines = _lines_of(text_file)
    first: list[str] = []
    for line in lines:
        first.append(line)
        if line.strip():
            break
    return _iterate(chain(first, lines), find_delimiter("".join(first)))


def _lines_of(text_file: TextFile) -> Iterator[str]:
    for block in iterate_blocks(text_file):
        yield from io.StringIO(block.decode(), newline="")


def _iterate(lines: Iterator[str], delimiter: str) -> Iterator[Line]:
    source = _Source(lines)
    width = 0
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        number = source.start()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, [], source.raw(), find_fault(error, number))
            continue
        if len(cells) < width and not source.has_line_end():
            raise UnreadableFile(
                "file_truncated", f"the last row, line {number}, ends in the middle: file cut short? Send it again."
            )
        width = len(cells) or width
        if any(cells):
            cleaned = [clean_cell(cell) for cell in cells]
            if any(cleaned) and not (number == 1 and _names_delimiter(cleaned)):
                yield Line(number, cleaned, source.raw())


def _names_delimiter(cells: Sequence[str]) -> bool:
    """Whether a row is the line that tells a spreadsheet program the delimiter."""
    return cells[0].removeprefix("\ufeff").lower() == "sep=" and not any(cells[1:])


def find_delimiter(text: str) -> str:
    """Return the comma, semicolon, tab or bar that the first line with any text uses most; else the comma."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: (first.count(delimiter), delimiter == ","))


def read_whole_text(path: Path, reading: Reading) -> str:
    """Return the text of a table, with the doubt of `check_end`."""
    return check_end(read_text(path, reading), reading)


def check_end(text: str, reading: Reading) -> str:
    """Return the text of a table, and flag one whose last line has no line end.

    Some programs write so, and so does a transfer that was cut: it is read, with the doubt said.
    """
    if not text.endswith(("\n", "\r")):
        advice = "the last line has no line end, so the file may be cut off: compare its rows with the sender's"
        reading.warn("line_end_missing", None, None, advice)
    return text


def match_heading(cells: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the headings, those of `known` written as there, whatever their case and spaces in the file."""
    spelling = _spellings(tuple(known))
    return tuple(spelling.get(normalise_heading(cell), " ".join(cell.split())) for cell in cells)


@lru_cache(1024)
def _spellings(known: tuple[str, ...]) -> Mapping[str, str]:
    """Return the names of columns by what is compared of them. They are those of standards, never of a file."""
    return {normalise_heading(name): name for name in known}


def check_width(header: Sequence[str]) -> None:
    """Raise `UnreadableFile` where a heading has too many columns."""
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            "too_many_columns", f"the heading has more than {MAX_COLUMNS} columns: check the delimiter"
        )


def check_doubled(header: Sequence[str], known: Iterable[str]) -> None:
    """Raise `UnreadableFile` where a known column stands twice: nobody could say which of the two is meant."""
    doubled = sorted(name for name in set(known) if header.count(name) > 1)
    if doubled:
        raise UnreadableFile("duplicate_heading", f"column {', '.join(doubled)} stands twice: keep one")


def clean_cell(cell: str) -> str:
    """Return the text of a cell without outer spaces, a no-break space being one.

    `="0012"` is how a table keeps the noughts of a text from a spreadsheet program: the text is 0012.
    """
    text = cell.replace("\xa0", " ").strip()
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') else text


def find_fault(error: csv.Error, number: int) -> str:
    """Return the rule a broken row breaks; raise `UnreadableFile` where the rest of the file cannot be trusted."""
    text = str(error)
    if "unexpected end" in text:
        raise UnreadableFile(
            "open_quote", f"the quoted field of the row from line {number} never ends: file cut short?"
        )
    if "larger than field limit" in text:
        raise UnreadableFile("field_too_long", f"a field of the row from line {number} is too long: an open quote?")
    return "broken_quotes"


class _Source:
    """Hands physical lines to the csv reader and remembers those of the present row."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._stream = lines
        self._count = 0
        self._held: list[str] = []

    def start(self) -> int:
        """Forget the row that ended and return the number of the line that comes next."""
        self._held.clear()
        return self._count + 1

    def raw(self) -> str:
        """Return the present row as it stands in the file, without its line end."""
        return "".join(self._held).rstrip("\r\n")

    def has_line_end(self) -> bool:
        """Return whether the present row ends with its line; only the last row of a file may lack that."""
        return self._held[-1].endswith(("\r", "\n"))

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self._count += 1
        self._held.append(line)
        return line
