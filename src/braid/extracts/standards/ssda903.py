"""Looked-after children return (SSDA903): a module a file or sheet, told by its columns, dates dd/mm/yyyy or ISO.

What the modules hold and what a row of each makes stands in `definitions/ssda903.toml`, how they are found in a file in
`ssda903_modules`, and what rows of episodes make together in `ssda903_episodes`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from braid.extracts.definition import Part
from braid.extracts.fields import Fields, RowRefused, can_read_line, count_unknown_columns, is_heading, read_rows
from braid.extracts.model import Connector, Reading
from braid.extracts.standards.review_clocks import LOOKED_AFTER
from braid.extracts.standards.ssda903_episodes import EPISODES, STANDARD, EpisodeRow, emit_run, find_runs, read_episode
from braid.extracts.standards.ssda903_modules import Module, open_modules
from braid.extracts.walked import read_row, walked

CHILD = "CHILD"
"""The column that names the child."""
TOTALS = frozenset({"total", "totals", "grand total", "total:"})
"""How programs head the line of sums that they put below a table."""


def read_ssda903(path: Path, reading: Reading) -> None:
    """Read a file of any module, or a workbook of several; raise `UnreadableFile` where its columns are of none."""
    for module in open_modules(path, reading):
        part, sheet = module.part, module.sheet
        count_unknown_columns(sheet, reading, part.columns)
        if part.name == EPISODES:
            _read_episodes(module, reading)
        else:
            read_rows(sheet, reading, part.name, lambda fields, part=part: _read_row(part, fields))  # type: ignore[misc]


def _read_row(part: Part, fields: Fields) -> None:
    _check_no_total(fields)
    read_row(part, fields)


def _check_no_total(fields: Fields) -> None:
    """Raise `RowRefused` for a sum below an export, as `Total,2`: it would be read as a child of that name."""
    cells = [text for text in fields.values.values() if text]
    if cells and cells[0].casefold() in TOTALS and all(cell.isdecimal() for cell in cells[1:]):
        raise RowRefused("row_is_total")


def _read_episodes(module: Module, reading: Reading) -> None:
    """Read the rows of the module, and build the runs of each child with its last row, wherever in the file that is.

    So of a large file no more is held than the rows of children who come again, and of everybody how many rows follow.
    """
    left = _count_rows(module)
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

    read_rows(module.sheet, reading, EPISODES, keep_row)


def _count_rows(module: Module) -> Counter[str]:
    """Return how many rows of the module each child has, among those whose cells can be told apart."""
    header = module.sheet.header
    place, width = header.index(CHILD), len(header)
    readable = (line for line in module.again() if can_read_line(line, width) and not is_heading(line, header))
    return Counter(line.cells[place] if len(line.cells) > place else "" for line in readable)


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
