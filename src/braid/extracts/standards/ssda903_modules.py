"""The modules of a looked-after children return in a file: one table, or each sheet of a workbook, told by its heading.

Titles and notes may stand above a heading. A sheet of no module is said and counted; one that holds nothing at all is a
module without rows where its name says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from braid.extracts.csv_files import HELD_BYTES, Line, Sheet, match_heading
from braid.extracts.definition import Part
from braid.extracts.files import check_size, is_blank, read_bytes
from braid.extracts.model import Reading, UnreadableFile
from braid.extracts.parquet_files import is_parquet
from braid.extracts.sheets import note_unknown_sheet, open_tables
from braid.extracts.standards.ssda903_episodes import STANDARD
from braid.extracts.tables import HEADING_ROWS, RawTable, describe_parts, note_preamble
from braid.extracts.walked import walked
from braid.extracts.workbooks import is_workbook


@dataclass(frozen=True)
class Module:
    """A table whose module is known. `again` opens its rows below the heading once more, saying nothing."""

    part: Part
    sheet: Sheet
    again: Callable[[], Iterator[Line]]


def open_modules(path: Path, reading: Reading) -> Iterator[Module]:
    """Yield the modules of a file, each to be read before the next is asked for.

    A file or sheet that holds nothing and whose name says its module counts as that module without rows. Raises
    `UnreadableFile` where no table of the file is of any module.
    """
    if _is_blank_text(path):
        _note_empty(path.name, reading, "file")
        return
    found, had_rows = 0, False
    for number, table in enumerate(open_tables(path, reading), 1):
        first = list(islice(table.lines, HEADING_ROWS))
        had_rows = had_rows or bool(first and not first[0].fault)
        module = _find(path, reading, number, table, first)
        if module:
            yield module
        elif not first and find_module_name(table.sheet):
            _note_empty(table.sheet, reading, "sheet")
        elif is_workbook(path):
            note_unknown_sheet(reading, number)
            continue
        else:
            continue
        found += 1
    if not found:
        raise _none(had_rows)


def _find(path: Path, reading: Reading, number: int, table: RawTable, first: list[Line]) -> Module | None:
    """Return the module of the first of the first rows that is a heading of one."""
    for place, line in enumerate(first):
        found = None if line.fault else find_module(line.cells)
        if found:
            part, header = found
            note_preamble(reading, table.position(line.number), place)
            sheet = Sheet(header, chain(first[place + 1 :], table.lines), table.unit)
            return Module(part, sheet, lambda: _open_again(path, reading, number, place + 1))  # noqa: B023
    return None


def _open_again(path: Path, reading: Reading, number: int, below: int) -> Iterator[Line]:
    quiet = Reading(reading.source, reading.file_sha256, reading.file_name)
    tables = open_tables(path, quiet)  # held on to: a workbook is closed when nobody asks for its sheets any more
    yield from islice(next(islice(tables, number - 1, None)).lines, below, None)


def find_module(cells: list[str]) -> tuple[Part, tuple[str, ...]] | None:
    """Return the module that a heading is of, with its columns as the module spells them; none where it is of none."""
    for part in walked(STANDARD).parts:
        header = match_heading(cells, tuple(part.columns))
        if all(header.count(name) == 1 for name in part.told_by):
            return part, header
    return None


def find_module_name(file_name: str) -> str | None:
    """Return the module that a name of a file or sheet ends on, as in 2020-episodes.csv; `None` where it names none."""
    stem = file_name.lower().rsplit(".", 1)[0].replace("-", "_").replace(" ", "_")
    names = {name: part.name for part in walked(STANDARD).parts for name in (part.name, *part.file_names)}
    return next((names[name] for name in sorted(names, key=len, reverse=True) if stem.endswith(name)), None)


def _is_blank_text(path: Path) -> bool:
    if is_workbook(path) or is_parquet(path) or check_size(path, is_held=False) >= HELD_BYTES:
        return False
    return is_blank(read_bytes(path))


def _note_empty(named: str, reading: Reading, what: str) -> None:
    name = find_module_name(named)
    if name is None:
        raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")
    reading.parts[name].rows_in += 0
    reading.note("module_empty", None, None, f"the {name} {what} holds nothing, not even a heading: read as no rows")


def _none(had_rows: bool) -> UnreadableFile:
    if not had_rows:
        return UnreadableFile("no_heading", "the file has no line of column names: export it with its heading")
    named = describe_parts(walked(STANDARD))
    return UnreadableFile("wrong_standard", f"the heading is of no module, which needs once each ({named})")
