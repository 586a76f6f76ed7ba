"""Tables as a workbook: sheets of figures and one about them, every cell a text or a number."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass

from braid.store.exports.tables import AUTHOR, Cell, Sheet

Lines = tuple[tuple[Cell, ...], ...]

FIGURES, ABOUT = "Figures", "About"
TYPED = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


@dataclass(frozen=True)
class Book:
    """What a workbook holds: the lines of each of its sheets, by name."""

    title: str
    made_on: dt.date
    footer: str
    sheets: Mapping[str, Lines]


def write_workbook(sheet: Sheet) -> bytes:
    """Return the file of one table; the same table on the same day gives the same bytes."""
    return write_book(book_of(sheet))


def write_book(given: Book) -> bytes:
    """Return the file; the same sheets on the same day give the same bytes."""
    import xlsxwriter  # type: ignore[import-untyped]  # slow to load, and few verbs write a workbook

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, TYPED)
    made = dt.datetime.combine(given.made_on, dt.time())
    book.set_properties({"title": given.title, "author": AUTHOR, "created": made})
    heading = book.add_format({"bold": True})
    for name, lines in given.sheets.items():
        page = book.add_worksheet(name)
        page.set_footer(f"&L{given.footer.replace('&', '&&')}")
        page.set_column(0, max((len(line) for line in lines), default=1) - 1, 24)
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, str):
                    page.write_string(row, column, value, heading if row == 0 else None)
                else:
                    page.write_number(row, column, value)
    book.close()
    return file.getvalue()


def book_of(sheet: Sheet) -> Book:
    """Return the workbook of one table: its figures, and what is said about them."""
    pages = {FIGURES: sheet.lines, ABOUT: (("About", sheet.title), *sheet.about)}
    return Book(sheet.title, sheet.made_on, sheet.footer, pages)
