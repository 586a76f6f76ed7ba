"""Columns of dates that can only be written month first: 04/13/2026, which day first is no date at all.

Read day first, half of such a column would be refused and the other half, 04/03/2026, read as another day without a
word. A file with one is refused before its first row is read. Nothing else is ever guessed of the order of a date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from braid.extracts import checks
from braid.extracts.csv_files import Line, clean_cell
from braid.extracts.definition import MAPPING, Definition, Part
from braid.extracts.model import UnreadableFile

LOOKED_AT_ROWS = 1_000
"""So many rows below the heading are looked at."""
LEAST_CELLS = 5
"""So many cells say it, and none says the opposite: fewer may be slips of a hand."""


def is_month_first(cells: Iterable[str]) -> bool:
    """Whether the dates of a column can only be month first: some of them are, and none can only be day first."""
    month_first = 0
    for cell in cells:
        as_day, as_month = (checks.check_date(cell, order)[0] for order in ("dmy", "mdy"))
        if as_day and not as_month:
            return False
        month_first += bool(as_month and not as_day)
    return month_first >= LEAST_CELLS


def check_month_first(definition: Definition, part: Part, header: Sequence[str], rows: Sequence[Line]) -> None:
    """Raise `UnreadableFile` where a column of dates can only be month first and nobody said that it is."""
    for place, name in enumerate(header):
        column = part.columns.get(name)
        if column is None or column.cell.kind != "date" or column.cell.order != "dmy":
            continue
        cells = (clean_cell(row.cells[place]) for row in rows if not row.fault and place < len(row.cells))
        if is_month_first(cell for cell in cells if cell):
            step = (
                "say so in the mapping, month_first = true under that column"
                if definition.standard == MAPPING
                else "ask for an export with the day first"
            )
            raise UnreadableFile(
                "dates_month_first", f"the dates of column {name} can only be written month first: {step}"
            )
