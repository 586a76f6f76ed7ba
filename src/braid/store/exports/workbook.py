"""The table as a workbook: one sheet of figures and one about them, every cell a text or a number."""

from __future__ import annotations

import datetime as dt
import io

from braid.store.exports.tables import AUTHOR, Cell, Sheet

FIGURES, ABOUT = "Figures", "About"
TYPED = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


def write_workbook(sheet: Sheet) -> bytes:
    """Return the file; the same table on the same day gives the same bytes."""
    import xlsxwriter  # type: ignore[import-untyped]  # slow to load, and few verbs write a workbook

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, TYPED)
    made = dt.datetime.combine(sheet.made_on, dt.time())
    book.set_properties({"title": sheet.title, "author": AUTHOR, "created": made})
    heading = book.add_format({"bold": True})
    for name, lines in sheets(sheet).items():
        page = book.add_worksheet(name)
        page.set_footer(f"&L{sheet.footer.replace('&', '&&')}")
        page.set_column(0, max(len(line) for line in lines) - 1, 24)
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, str):
                    page.write_string(row, column, value, heading if row == 0 else None)
                else:
                    page.write_number(row, column, value)
    book.close()
    return file.getvalue()


def sheets(sheet: Sheet) -> dict[str, tuple[tuple[Cell, ...], ...]]:
    """Return the lines of each sheet of the workbook, by name."""
    return {FIGURES: sheet.lines, ABOUT: (("About", sheet.title), *sheet.about)}
