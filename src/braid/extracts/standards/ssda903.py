"""Looked-after children return (SSDA903): one CSV a module, told by its columns, dates dd/mm/yyyy or ISO.

What the modules hold and what a row of each makes stands in `definitions/ssda903.toml`. A module may lawfully be empty:
a file without even a heading whose name says which module it is, is read as no rows. What rows of episodes make
together stands in `ssda903_episodes`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from braid.extracts.csv_files import HELD_BYTES, Sheet, match_heading, open_lines
from braid.extracts.definition import Part
from braid.extracts.fields import Fields, RowRefused, can_read_line, count_unknown_columns, is_heading, read_rows
from braid.extracts.files import check_size, is_blank, read_bytes
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.review_clocks import LOOKED_AFTER
from braid.extracts.standards.ssda903_episodes import EPISODES, STANDARD, EpisodeRow, emit_run, find_runs, read_episode
from braid.extracts.tables import describe_parts
from braid.extracts.walked import read_row, walked

CHILD = "CHILD"
"""The column that names the child."""
TOTALS = frozenset({"total", "totals", "grand total", "total:"})
"""How programs head the line of sums that they put below a table."""


def read_ssda903(path: Path, reading: Reading) -> None:
    """Read a file of any module; raise `UnreadableFile` where its columns are of none."""
    if check_size(path, is_held=False) < HELD_BYTES and is_blank(read_bytes(path)):
        _note_empty(path, reading)
        return
    lines = open_lines(path, reading)
    first = next(lines, None)
    if first is None or first.fault:
        raise UnreadableFile("no_heading", "the file has no line of column names: export it with its heading")
    found = find_module(first.cells)
    if found is None:
        raise UnreadableFile("wrong_standard", f"the heading is of no module, which needs once each ({_describe()})")
    part, header = found
    sheet = Sheet(header, lines)
    count_unknown_columns(sheet, reading, part.columns)
    if part.name == EPISODES:
        _read_episodes(path, sheet, reading)
    else:
        read_rows(sheet, reading, part.name, lambda fields: _read_row(part, fields))


def find_module(cells: list[str]) -> tuple[Part, tuple[str, ...]] | None:
    """Return the module that a heading is of, with its columns as the module spells them; none where it is of none."""
    for part in walked(STANDARD).parts:
        header = match_heading(cells, tuple(part.columns))
        if all(header.count(name) == 1 for name in part.told_by):
            return part, header
    return None


def find_module_name(file_name: str) -> str | None:
    """Return the module that a file's name ends on, as in 2020-episodes.csv; `None` where it names none."""
    stem = file_name.lower().rsplit(".", 1)[0].replace("-", "_").replace(" ", "_")
    names = {name: part.name for part in walked(STANDARD).parts for name in (part.name, *part.file_names)}
    return next((names[name] for name in sorted(names, key=len, reverse=True) if stem.endswith(name)), None)


def _read_row(part: Part, fields: Fields) -> None:
    _check_no_total(fields)
    read_row(part, fields)


def _check_no_total(fields: Fields) -> None:
    """Raise `RowRefused` for a sum below an export, as `Total,2`: it would be read as a child of that name."""
    cells = [text for text in fields.values.values() if text]
    if cells and cells[0].casefold() in TOTALS and all(cell.isdecimal() for cell in cells[1:]):
        raise RowRefused("row_is_total")


def _read_episodes(path: Path, sheet: Sheet, reading: Reading) -> None:
    """Read the rows of the module, and build the runs of each child with its last row, wherever in the file that is.

    So of a large file no more is held than the rows of children who come again, and of everybody how many rows follow.
    """
    left = _count_rows(path, sheet.header, reading)
    rows: dict[str, list[EpisodeRow]] = defaultdict(list)

    def keep_row(fields: Fields) -> None:
        child = fields.values.get(CHILD, "")
        left[child] -= 1
        try:
            _check_no_total(fields)
            row = read_episode(fields)
            rows[row.child].append(row)
        finally:
            if not left[child]:
                del left[child]
                for run in find_runs(rows.pop(child, [])):
                    emit_run(reading, run)

    read_rows(sheet, reading, EPISODES, keep_row)


def _count_rows(path: Path, header: tuple[str, ...], reading: Reading) -> Counter[str]:
    """Return how many rows of the module each child has, among those whose cells can be told apart."""
    lines = open_lines(path, Reading(reading.source, reading.file_sha256, reading.file_name))
    place, width = header.index(CHILD), len(header)
    next(lines)
    readable = (line for line in lines if can_read_line(line, width) and not is_heading(line, header))
    return Counter(line.cells[place] if len(line.cells) > place else "" for line in readable)


def _note_empty(path: Path, reading: Reading) -> None:
    name = find_module_name(path.name)
    if name is None:
        raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")
    reading.parts[name].rows_in += 0
    reading.note("module_empty", None, None, f"the {name} file holds nothing, not even a heading: read as no rows")


def _describe() -> str:
    return describe_parts(walked(STANDARD))


CONNECTORS = (
    Connector(
        STANDARD,
        walked(STANDARD).first_year,
        walked(STANDARD).last_year,
        read_ssda903,
        walked(STANDARD).title,
        waits=LOOKED_AFTER,
        is_piecewise=True,
    ),
)
