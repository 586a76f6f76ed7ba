"""CORE lettings: the export with codes, the export with labels (both with two heading rows) and the bulk upload form.

A letting gives the shape of a household, never a name. `homeless` is 1 for no and 11 for yes. Ages become birth years,
right to within one. A household that fled domestic abuse or came from a refuge has all its addresses confidential.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from braid.extracts.csv_files import (
    Line,
    Sheet,
    check_header,
    match_heading,
    normalise_heading,
    open_lines,
)
from braid.extracts.fields import count_unknown_columns, read_rows
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.core_codes import QUESTIONS
from braid.extracts.standards.core_letting import COLUMNS, SLOTS, read_letting

REQUIRED = ("startdate", "homeless", "prevten")
BULK_MARKS = frozenset({"BULK UPLOAD FIELD NUMBER", "FIELD NUMBER"})
PREAMBLE_LINES = 30


def read_core(path: Path, reading: Reading) -> None:
    """Read an export or a bulk upload form; raise `UnreadableFile` where it is neither."""
    lines = open_lines(path, reading)
    start = [line for _, line in zip(range(2), lines, strict=False)]
    for number, line in enumerate(start):
        header = match_heading(line.cells, COLUMNS)
        if all(name in header for name in REQUIRED):
            check_header(header, REQUIRED)
            _read_export(Sheet(header, chain(start[number + 1 :], lines)), reading)
            return
    _read_bulk_form(chain(start, lines), reading)


def _read_export(sheet: Sheet, reading: Reading) -> None:
    count_unknown_columns(sheet, reading, COLUMNS)
    read_rows(sheet, reading, "letting", read_letting)


def _read_bulk_form(lines: Iterator[Line], reading: Reading) -> None:
    """Read the form: rows of explanation, the questions among them, then a row of field numbers, then the data."""
    questions: tuple[str, ...] = ()
    for _, line in zip(range(PREAMBLE_LINES), lines, strict=False):
        first = normalise_heading(next((cell for cell in line.cells if cell), ""))
        if first == "QUESTION":
            questions = tuple(find_column(cell) or "" for cell in line.cells)
        elif first in BULK_MARKS and questions:
            _read_form_rows(questions, line, lines, reading)
            return
    raise UnreadableFile(
        "wrong_standard", "the file is no CORE export (names such as startdate, homeless) and no bulk upload form"
    )


def _read_form_rows(questions: tuple[str, ...], numbers: Line, lines: Iterator[Line], reading: Reading) -> None:
    check_header(questions, ("startday", "startmonth", "startyear", "homeless"))
    for number, name in zip(numbers.cells, questions, strict=False):
        if number.isdigit() and not name:
            reading.unmapped[f"field {number}"] += 1
    read_rows(Sheet(questions, lines), reading, "letting", read_letting)


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
