"""The tables of a partner file, whatever holds them, and which part of a definition each of them is.

Some exports put titles, notes or a second heading above the names of the columns. The heading is therefore the first of
the first rows that some part of the definition knows; what stands above it is said in a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from braid.extracts.csv_files import (
    MAX_COLUMNS,
    Line,
    check_doubled,
    iterate_lines,
    match_heading,
    normalise_heading,
    read_whole_text,
)
from braid.extracts.definition import Definition, Part
from braid.extracts.model import Reading, UnreadableFile

HEADING_ROWS = 12
"""How many rows may hold the heading: titles, notes and question texts stand above it in exports seen."""


@dataclass(frozen=True)
class RawTable:
    """One table of a file: its rows with their numbers, its worksheet, and what its positions begin with."""

    lines: Iterator[Line]
    sheet: str = ""
    unit: str = "line"
    places: Sequence[str] = ()
    """Where each row stands, where that is no number: a JSON pointer or a path of elements."""

    def position(self, number: int) -> str:
        """Return where a row stands."""
        return self.places[number] if self.places else f"{self.unit} {number}"


@dataclass(frozen=True)
class KnownTable:
    """A table whose part is known. `lines` are the rows below the heading."""

    table: RawTable
    part: Part
    header: tuple[str, ...]
    lines: Iterator[Line]


@dataclass(frozen=True)
class Heading:
    """A row that could be a heading of a part, with the columns spelled as the definition does."""

    part: Part
    header: tuple[str, ...]
    place: int
    """Which of the first rows it is, from 0."""
    is_by_sheet: bool = False

    @property
    def known(self) -> int:
        """How many columns of the part it has."""
        return len(set(self.header) & self.part.columns.keys())


def open_text_table(path: Path, reading: Reading) -> RawTable:
    """Return the table of a text file; raise `UnreadableFile` where it is none."""
    return RawTable(iterate_lines(read_whole_text(path, reading)))


def find_headings(definition: Definition, rows: Sequence[Line], sheet: str = "") -> list[Heading]:
    """Return the best heading among the first rows of a table; none where no part fits, several where two do alike."""
    for place, line in enumerate(rows):
        if line.fault or len(line.cells) > MAX_COLUMNS:
            continue
        cells = {normalise_heading(cell) for cell in line.cells}
        told = [part for part in definition.parts if _may_fit(part, cells)]
        fitting = [one for part in told for one in _fit(part, line, place, sheet)]
        if fitting:
            best = max(_rank(one) for one in fitting)
            return [one for one in fitting if _rank(one) == best]
    return []


def _rank(heading: Heading) -> tuple[bool, int]:
    return heading.is_by_sheet, heading.known


def _may_fit(part: Part, cells: set[str]) -> bool:
    """Whether a row has all that tells a part, by whichever of its names: a row that has not need not be spelled."""
    names = part.told_by_names
    return all(not cells.isdisjoint(names[name]) for name in part.told_by)


def _fit(part: Part, line: Line, place: int, sheet: str) -> list[Heading]:
    header = spell(part, line.cells)
    if part.rows or any(name not in header for name in part.told_by):
        return []
    return [Heading(part, header, place, is_sheet_of(part, sheet))]


def is_sheet_of(part: Part, sheet: str) -> bool:
    """Whether a worksheet bears the name of a part's, alone or before something else: List 1, List_1 contacts."""
    name, wanted = (normalise_heading(text.replace("_", " ")) for text in (sheet, part.sheet))
    return bool(wanted) and name.startswith(wanted) and not name[len(wanted) : len(wanted) + 1].isalnum()


def spell(part: Part, cells: Sequence[str]) -> tuple[str, ...]:
    """Return a heading with the columns of a part named as the definition does, whatever the file calls them."""
    spellings = part.spellings
    return tuple(spellings.get(name, name) for name in match_heading(cells, tuple(spellings)))


def find_known_table(definition: Definition, table: RawTable, reading: Reading) -> KnownTable | None:
    """Return a table with its part; `None` where no part fits. Raises `UnreadableFile` where it could be two."""
    first = list(islice(table.lines, HEADING_ROWS))
    headings = find_headings(definition, first, table.sheet)
    if not headings:
        return None
    if len(headings) > 1:
        names = ", ".join(heading.part.name for heading in headings)
        raise UnreadableFile("part_ambiguous", f"the heading may be of {names}: keep the columns that only one has")
    (heading,) = headings
    check_doubled(heading.header, heading.part.columns)
    note_preamble(reading, table.position(first[heading.place].number), heading.place)
    return KnownTable(table, heading.part, heading.header, chain(first[heading.place + 1 :], table.lines))


def note_preamble(reading: Reading, position: str, rows: int) -> None:
    """Say that rows stand above the heading."""
    if rows:
        reading.note("rows_above_heading", None, position, f"{rows} rows stand above the heading and were passed over")


def describe_parts(definition: Definition) -> str:
    """Return each part of a definition with the columns that tell it, for a message."""
    return "; ".join(f"{part.name}: {', '.join(part.told_by)}" for part in definition.parts)
