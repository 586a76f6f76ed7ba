"""The tables of a file whose standard has a connector of its own, whatever holds them: text, workbook or Parquet.

Titles and notes may stand above the heading, as in files that a definition describes. Each sheet of a workbook is a
table; those that are of no part are said and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from braid.extracts.csv_files import Line, Sheet, check_doubled, check_width, match_heading, open_lines
from braid.extracts.fields import Fields, count_unknown_columns, read_rows
from braid.extracts.model import Reading, UnreadableFile
from braid.extracts.parquet_files import is_parquet, open_parquet_table
from braid.extracts.tables import HEADING_ROWS, RawTable, note_preamble
from braid.extracts.workbooks import is_workbook, open_workbook_tables

Reader = Callable[[RawTable, list[Line]], list[str]]
"""Reads a table whose first rows were taken from it; returns the columns that it lacks, none where it was read."""


def read_sheets(
    path: Path,
    reading: Reading,
    part: str,
    columns: tuple[Sequence[str], Sequence[str]],
    read_row: Callable[[Fields], None],
) -> None:
    """Read every table of a file that has the required columns, the first of two lists, as `part`.

    The second list is of all columns that are known. Raises `UnreadableFile` naming what is lacking where no table has
    them, or where one has a column twice.
    """
    required, known = columns

    def read(table: RawTable, first: list[Line]) -> list[str]:
        sheet = find_sheet(table, first, required, known, reading)
        if sheet is None:
            return lacking(first, required)
        count_unknown_columns(sheet, reading, known)
        read_rows(sheet, reading, part, read_row)
        return []

    lacks = read_tables(path, reading, read)
    if lacks:
        raise UnreadableFile(
            "wrong_standard",
            f"the heading lacks {', '.join(lacks)}: check the standard, the year and the heading line",
        )


def read_tables(path: Path, reading: Reading, read: Reader, first_rows: int = HEADING_ROWS) -> list[str]:
    """Hand each table of a file to a reader; return nothing where one was read, else what the first of them lacks.

    Raises `UnreadableFile` where the file has no table at all.
    """
    found = 0
    lacks: list[str] = []
    for number, table in enumerate(open_tables(path, reading), 1):
        lines = iter(table.lines)
        first = list(islice(lines, first_rows))
        lacking_here = read(RawTable(lines, table.sheet, table.unit, table.places), first)
        if not lacking_here:
            found += 1
        elif is_workbook(path):
            note_unknown_sheet(reading, number)
        lacks = lacks or (lacking_here if first else [])
    if found:
        return []
    if not lacks:
        raise UnreadableFile("no_heading", "the file has no line of column names: export it with its heading")
    return lacks


def note_unknown_sheet(reading: Reading, number: int) -> None:
    """Count and say a sheet, from 1, that nothing was read from."""
    reading.unmapped[f"sheet {number}"] += 1
    reading.note("sheet_unknown", None, f"sheet {number}", f"sheet {number} is of no part and was not read")


def open_tables(path: Path, reading: Reading) -> Iterator[RawTable]:
    """Yield the tables of a file: a text or a Parquet file is one, each sheet of a workbook another.

    Raises `UnreadableFile` where the file is none of these.
    """
    if is_workbook(path):
        yield from open_workbook_tables(path, reading)
    elif is_parquet(path):
        yield open_parquet_table(path)
    else:
        yield RawTable(open_lines(path, reading))


def find_sheet(
    table: RawTable, first: Sequence[Line], required: Sequence[str], known: Sequence[str], reading: Reading
) -> Sheet | None:
    """Return the rows below the first of the first rows that has all required columns; `None` where none has.

    Raises `UnreadableFile` where that one has a known column twice, or too many.
    """
    for place, line in enumerate(first):
        header = match_heading(line.cells, (*required, *known))
        if line.fault or any(name not in header for name in required):
            continue
        check_width(header)
        check_doubled(header, known)
        note_preamble(reading, table.position(line.number), place)
        return Sheet(header, chain(first[place + 1 :], table.lines), table.unit)
    return None


def lacking(first: Sequence[Line], required: Sequence[str]) -> list[str]:
    """Return which required columns the row lacks that has most of them, of the first rows of a table."""
    absent = [
        [name for name in required if name not in match_heading(line.cells, required)]
        for line in first
        if not line.fault
    ]
    return min(absent, key=len, default=list(required))
