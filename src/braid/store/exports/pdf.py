"""The table as a tagged PDF after PDF/UA-1. The words go in as data: nothing in them is read as a command."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import typst

from braid.store.exports.tables import AUTHOR, ExportUnsafe, Sheet

NOT_PRINTABLE = "the table has letters that its fonts lack; export it as CSV or workbook"
TEMPLATE = b"""
#let given = json(bytes(sys.inputs.given))
#set document(title: given.title, author: given.author, date: none)
#set page(paper: "a4", flipped: true, margin: 1.5cm,
  footer: context text(size: 8pt)[#given.footer, page #counter(page).display()])
#set text(lang: "en", region: "GB", ligatures: false, hyphenate: false, size: 8pt)
#set par(justify: false)
= #given.title
#for (name, words) in given.about [#name: #words \\ ]
#table(
  columns: given.columns.len(),
  stroke: 0.4pt,
  table.header(repeat: true, ..given.columns.map(words => table.cell(breakable: false, strong(words)))),
  ..given.rows.flatten().map(words => table.cell(breakable: false, [#words])),
)
"""


def write_pdf(sheet: Sheet) -> bytes:
    """Return the file; the same table on the same day gives the same bytes."""
    given = {
        "title": sheet.title,
        "author": AUTHOR,
        "about": [list(line) for line in sheet.about],
        "footer": sheet.footer,
        "columns": list(sheet.columns),
        "rows": [[str(value) for value in row] for row in sheet.rows],
    }
    return compile_pdf(TEMPLATE, given, sheet.made_on, NOT_PRINTABLE)


def compile_pdf(template: bytes, given: Mapping[str, object], made_on: dt.date, not_printable: str) -> bytes:
    """Return a tagged PDF of a template and what is given to it as data; the same on the same day, byte for byte.

    Raises `ExportUnsafe` with `not_printable` for letters that the fonts lack.
    """
    made = dt.datetime.combine(made_on, dt.time(), dt.UTC)
    try:
        return typst.compile(
            template,
            format="pdf",
            sys_inputs={"given": json.dumps(given)},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=int(made.timestamp()),
        )
    except typst.TypstError:
        raise ExportUnsafe(not_printable) from None
