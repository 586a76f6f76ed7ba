"""`export_table`: the only way for a table to leave braid as a file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping

from braid.language.documents import fingerprint
from braid.store.exports.csv_file import check_csv, write_csv
from braid.store.exports.pack_pdf import check_pack_pdf, write_pack_pdf
from braid.store.exports.packs import Pack
from braid.store.exports.pdf import write_pdf
from braid.store.exports.pdf_check import check_pdf
from braid.store.exports.tables import (
    DIGITS,
    MOST_LETTERS_IN_CELL,
    Cell,
    Export,
    ExportRefused,
    ExportTable,
    ExportUnsafe,
    Form,
    Purpose,
    Sheet,
    Value,
    content_sha256,
)
from braid.store.exports.workbook import ABOUT, Book, Lines, write_book, write_workbook
from braid.store.exports.workbook_check import check_book, check_workbook
from braid.trust.spreadsheet_cells import guarded

ALONE, MOST_PERSON_ROWS = 100, 5_000
"""Rows about people that one person may export alone, and that nobody may exceed."""
LONGEST_NAME = 80
LONGEST_SHEET_NAME = 31
"""Letters of the name of a sheet in a workbook."""
WRITERS: dict[Form, Callable[[Sheet], bytes]] = {Form.CSV: write_csv, Form.XLSX: write_workbook, Form.PDF: write_pdf}
CHECKS: dict[Form, Callable[[bytes, Sheet], None]] = {
    Form.CSV: check_csv,
    Form.XLSX: check_workbook,
    Form.PDF: check_pdf,
}


def export_table(table: ExportTable, form: Form, purpose: Purpose) -> Export:
    """Return the table as a file with its manifest, after opening what was written again.

    Raises `ExportRefused` where the table may not leave, `ExportUnsafe` where the file holds anything else than it.
    """
    check_may_leave(table, purpose)
    sheet = _sheet(table, purpose)
    content = WRITERS[form](sheet)
    CHECKS[form](content, sheet)
    return Export(content, _manifest(table, form, purpose, sheet, content))


def export_book(title: str, tables: Mapping[str, ExportTable], purpose: Purpose) -> Export:
    """Return several tables as one workbook, a sheet for each by its name, after opening what was written again.

    Raises as `export_table` does, for the first of the tables that may not leave.
    """
    sheets: dict[str, Lines] = {}
    about: list[tuple[str, str]] = []
    for name, table in tables.items():
        check_may_leave(table, purpose)
        sheet = _sheet(table, purpose)
        sheets[name] = sheet.lines
        about += [
            (f"{name}: {key}", value) for key, value in sheet.about if key.startswith(("Rows", "SHA-256", "Note"))
        ]
    lines = (("About", guarded(title)), *_about_file(purpose), *about)
    book = Book(guarded(title), purpose.made_on, _footer(purpose), {**sheets, ABOUT: lines})
    content = write_book(book)
    check_book(content, book)
    manifest: dict[str, str | int] = {
        "title": title,
        "run_id": purpose.run_id,
        "form": Form.XLSX.value,
        "rows": sum(len(table.rows) for table in tables.values()),
        "made_for": purpose.made_for,
        "made_on": purpose.made_on.isoformat(),
        "use_until": purpose.use_until.isoformat(),
        "file_sha256": hashlib.sha256(content).hexdigest(),
    }
    return Export(content, manifest)


def _about_file(purpose: Purpose) -> tuple[tuple[str, str], ...]:
    return (
        ("Made for", _made_for(purpose)),
        ("Use until", purpose.use_until.isoformat()),
        ("Made on", purpose.made_on.isoformat()),
        ("Run", guarded(purpose.run_id)),
    )


def export_pack(pack: Pack, form: Form, purpose: Purpose) -> Export:
    """Return a pack as PDF or as a workbook with a sheet for each table, after opening what was written again.

    A pack holds figures that were published before it and words of meetings; nobody's row. Raises `ExportRefused` for
    an expired purpose or another form, `ExportUnsafe` where the file holds anything else than the pack.
    """
    check_is_for_somebody(purpose)
    about = _about_pack(pack, purpose)
    footer = f"{guarded(pack.marking)}. {_footer(purpose)}" if pack.marking else _footer(purpose)
    if form is Form.PDF:
        content = write_pack_pdf(pack, about, footer, purpose.made_on)
        check_pack_pdf(content, pack, about, footer)
    elif form is Form.XLSX:
        book = Book(guarded(pack.title), purpose.made_on, footer, _sheets(pack, about))
        content = write_book(book)
        check_book(content, book)
    else:
        raise ExportRefused("a pack leaves as PDF or workbook; ask for one of them")
    manifest: dict[str, str | int] = {
        "title": pack.title,
        "source": "board pack",
        "run_id": purpose.run_id,
        "form": form.value,
        "made_for": purpose.made_for,
        "made_on": purpose.made_on.isoformat(),
        "use_until": purpose.use_until.isoformat(),
        "content_sha256": fingerprint(pack),
        "file_sha256": hashlib.sha256(content).hexdigest(),
    }
    return Export(content, manifest)


def _about_pack(pack: Pack, purpose: Purpose) -> tuple[tuple[str, str], ...]:
    return (
        *_about_file(purpose),
        ("SHA-256 of the pack", fingerprint(pack)),
        *((name, f"SHA-256 {digest}") for name, digest in pack.inputs),
    )


def _sheets(pack: Pack, about: tuple[tuple[str, str], ...]) -> dict[str, Lines]:
    """Return the lines of a sheet for each table, by a name that a workbook takes, and of one about them."""
    found: dict[str, Lines] = {}
    for number, (section, table) in enumerate(pack.tables(), 1):
        name = "".join(letter for letter in section if letter.isalnum() or letter == " ").strip()
        rows = tuple(tuple(_cell(value) for value in row) for row in table.rows)
        columns = tuple(guarded(column) for column in table.columns)
        found[f"{number} {name}"[:LONGEST_SHEET_NAME].strip()] = ((guarded(table.caption),), columns, *rows)
    return {**found, ABOUT: (("About", guarded(pack.title)), *about)}


def check_is_for_somebody(purpose: Purpose) -> None:
    """Raise `ExportRefused` for a purpose that names nobody, or is over."""
    if not purpose.made_for.strip() or purpose.use_until < purpose.made_on:
        raise ExportRefused("an export names whom it is for and a day from today on until which it may be used")


def check_may_leave(table: ExportTable, purpose: Purpose) -> None:
    """Raise `ExportRefused` for an expired purpose, or rows about people that need a second person's approval."""
    check_is_for_somebody(purpose)
    if not table.person_level or len(table.rows) <= ALONE:
        return
    if len(table.rows) > MOST_PERSON_ROWS:
        raise ExportRefused(f"more than {MOST_PERSON_ROWS:,} rows about people do not leave at once; narrow the list")
    approval = purpose.approval
    if approval is None or not approval.reference.strip() or not approval.approved_by.strip():
        raise ExportRefused(f"more than {ALONE} rows about people need the approval of a second person")
    if approval.approved_by.strip().casefold() == purpose.made_for.strip().casefold():
        raise ExportRefused("who asks for an export cannot approve it; ask somebody else")
    if len(table.rows) > approval.most_rows:
        raise ExportRefused("the list has more rows than were approved; ask for approval again")


def _sheet(table: ExportTable, purpose: Purpose) -> Sheet:
    columns = tuple(guarded(name) for name in table.columns)
    rows = tuple(tuple(_cell(value) for value in row) for row in table.rows)
    if any(len(row) != len(columns) for row in rows):
        raise ExportUnsafe("a row has another number of cells than the heading; mend the table before exporting")
    about = (
        *_about_file(purpose),
        ("Source", guarded(table.source)),
        ("Rows", str(len(rows))),
        ("SHA-256 of heading and rows", content_sha256(columns, rows)),
        *((f"Note {number}", guarded(note)) for number, note in enumerate(table.notes, 1)),
    )
    return Sheet(guarded(table.title), columns, rows, about, _footer(purpose), purpose.made_on)


def _made_for(purpose: Purpose) -> str:
    return guarded(purpose.made_for.strip())[:LONGEST_NAME]


def _footer(purpose: Purpose) -> str:
    return f"Made for {_made_for(purpose)}, use until {purpose.use_until.isoformat()}"


def _cell(value: Value) -> Cell:
    """Return a value as its cell holds it; raise `ExportUnsafe` where no cell can."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = guarded(value)
        if len(text.encode("utf-16-le")) // 2 > MOST_LETTERS_IN_CELL:
            raise ExportUnsafe(f"a text is longer than the {MOST_LETTERS_IN_CELL:,} letters that a cell holds")
        return text
    if isinstance(value, bool) or not math.isfinite(value) or abs(value) >= 10**DIGITS:
        raise ExportUnsafe("a value is neither text nor a number that a cell holds exactly; export it as text")
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")


def _manifest(table: ExportTable, form: Form, purpose: Purpose, sheet: Sheet, content: bytes) -> dict[str, str | int]:
    """What the file is, apart from it: for whoever keeps the record of exports."""
    return {
        "title": table.title,
        "source": table.source,
        "run_id": purpose.run_id,
        "form": form.value,
        "rows": len(table.rows),
        "made_for": purpose.made_for,
        "made_on": purpose.made_on.isoformat(),
        "use_until": purpose.use_until.isoformat(),
        "approved_by": purpose.approval.approved_by if purpose.approval else "",
        "content_sha256": content_sha256(sheet.columns, sheet.rows),
        "file_sha256": hashlib.sha256(content).hexdigest(),
    }
