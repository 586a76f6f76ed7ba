"""CORE lettings: the export with codes, the export with labels (both with two heading rows) and the bulk upload form.

A letting gives the shape of a household, never a name. `homeless` is 1 for no and 11 for yes. Ages become birth years,
right to within one. A household that fled domestic abuse or came from a refuge has all its addresses confidential.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from pathlib import Path

from braid.extracts.csv_files import (
    Line,
    Sheet,
    check_doubled,
    normalise_heading,
)
from braid.extracts.fields import count_unknown_columns, read_rows
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.sheets import find_sheet, lacking, read_tables
from braid.extracts.standards.core_codes import QUESTIONS
from braid.extracts.standards.core_letting import COLUMNS, SLOTS, read_letting
from braid.extracts.tables import HEADING_ROWS, RawTable

REQUIRED = ("startdate", "homeless", "prevten")
FORM_REQUIRED = ("startday", "startmonth", "startyear", "homeless")
BULK_MARKS = frozenset({"BULK UPLOAD FIELD NUMBER", "FIELD NUMBER"})
PREAMBLE_LINES = 30


def read_core(path: Path, reading: Reading) -> None:
    """Read an export or a bulk upload form; raise `UnreadableFile` where it is neither."""
    if read_tables(path, reading, partial(_read_table, reading), PREAMBLE_LINES):
        raise UnreadableFile(
            "wrong_standard",
            "the file is no CORE export (names such as startdate, homeless) and no bulk upload form:"
            " check what was sent",
        )


def _read_table(reading: Reading, table: RawTable, first: list[Line]) -> list[str]:
    sheet = find_sheet(table, first[:HEADING_ROWS], REQUIRED, COLUMNS, reading)
    if sheet is None:
        return [] if _read_bulk_form(table, first, reading) else lacking(first[:HEADING_ROWS], REQUIRED)
    count_unknown_columns(sheet, reading, COLUMNS)
    read_rows(sheet, reading, "letting", read_letting)
    return []


def _read_bulk_form(table: RawTable, start: list[Line], reading: Reading) -> bool:
    """Read the form: rows of explanation, the questions among them, then a row of field numbers, then the data."""
    questions: tuple[str, ...] = ()
    for place, line in enumerate(start):
        first = normalise_heading(next((cell for cell in line.cells if cell), ""))
        if first == "QUESTION":
            questions = tuple(find_column(cell) or "" for cell in line.cells)
        elif first in BULK_MARKS and questions:
            _read_form_rows(
                questions, line, Sheet(questions, chain(start[place + 1 :], table.lines), table.unit), reading
            )
            return True
    return False


def _read_form_rows(questions: tuple[str, ...], numbers: Line, sheet: Sheet, reading: Reading) -> None:
    absent = [name for name in FORM_REQUIRED if name not in questions]
    if absent:
        raise UnreadableFile(
            "wrong_standard", f"the form lacks the questions of {', '.join(absent)}: check the standard and the year"
        )
    check_doubled(questions, FORM_REQUIRED)
    for number, name in zip(numbers.cells, questions, strict=False):
        if number.isdigit() and not name:
            reading.unmapped[f"field {number}"] += 1
    read_rows(sheet, reading, "letting", read_letting)


def find_column(question: str) -> str | None:
    """Return the export's name for a question of the bulk upload form; `None` where nobody reads it.

    Questions are matched by their beginning; those about person 2 to 8 carry the slot's number.
    """
    text = normalise_heading(question).replace("\u2019", "'")
    for beginning, name in QUESTIONS:
        if text.startswith(beginning):
            return name
    for slot in SLOTS[1:]:
        for ending, name in (("RELATIONSHIP", "relat"), ("AGE", "age"), ("GENDER", "sex"), ("SEX", "sex")):
            if f"PERSON {slot}'S {ending}" in text:
                return f"{name}{slot}"
    return None


CONNECTORS = (
    Connector(
        "core",
        2023,
        2030,
        read_core,
        "CORE social housing lettings: exports, bulk upload form",
        waits=("register",),
        is_piecewise=True,
    ),
)
