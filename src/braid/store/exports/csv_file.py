"""The table as CSV: UTF-8 with a byte order mark, every text in quotes. Whom it was made for stands in each row, as a
CSV file has no other place that survives copying.
"""

from __future__ import annotations

import csv
import io
import re

from braid.store.exports.tables import Cell, ExportUnsafe, Sheet

MARK = b"\xef\xbb\xbf"
BEGINS_LIKE_A_FORMULA = re.compile(r"\s*[=+\-@%|]")
CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")


def write_csv(sheet: Sheet) -> bytes:
    """Return the file."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows(_lines(sheet))
    return MARK + text.getvalue().encode("utf-8")


def check_csv(content: bytes, sheet: Sheet) -> None:
    """Raise `ExportUnsafe` unless the file holds the table, read as text by text, and no formula or control."""
    text = content.removeprefix(MARK).decode("utf-8")
    if CONTROL.search(text):
        raise ExportUnsafe("the CSV file holds a control character; mend the guard of cells before exporting")
    read = list(csv.reader(io.StringIO(text, newline="")))
    for number, (got, wanted) in enumerate(zip(read, _lines(sheet), strict=False), 1):
        for cell, value in zip(got, wanted, strict=False):
            if isinstance(value, str) and BEGINS_LIKE_A_FORMULA.match(cell):
                raise ExportUnsafe(f"row {number} of the CSV file begins a cell like a formula; it was thrown away")
    if read != [[str(value) for value in line] for line in _lines(sheet)]:
        raise ExportUnsafe("the CSV file does not hold the table that was to be written; it was thrown away")


def _lines(sheet: Sheet) -> list[list[Cell]]:
    marks = dict(sheet.about)
    names = ("Made for", "Use until")
    return [[*sheet.columns, *names], *([*row, *(marks[name] for name in names)] for row in sheet.rows)]
