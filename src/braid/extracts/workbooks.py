"""Workbooks as partners send them, whatever their name ends on: every sheet a table, every cell the text it shows.

A cell is read by its value: a date as ISO text, a whole number without point, a formula by the result that the workbook
keeps. A formula without a result and a cell that holds an error are left out and said.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from braid.extracts.csv_files import MAX_COLUMNS, Line, clean_cell
from braid.extracts.files import check_size, get_max_file_bytes
from braid.extracts.model import Reading, UnreadableFile
from braid.extracts.tables import RawTable

SIGNATURE = b"PK\x03\x04"
NOT_AVAILABLE = "#N/A"
"""The one error that people write on purpose: it says that there is nothing."""
_DATE_FORMULA = re.compile(r"^= *DATE\( *([0-9]{4}) *, *([0-9]{1,2}) *, *([0-9]{1,2}) *\)$", re.IGNORECASE)
_QUOTED = re.compile(r'[",\r\n]')
_FORMULA_MARKS = (b"<f>", b"<f ", b":f>", b":f ")


def is_workbook(path: Path) -> bool:
    """Return whether a file begins like a workbook; its name says nothing."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def open_workbook_tables(path: Path, reading: Reading) -> Iterator[RawTable]:
    """Yield the sheets of a workbook in their order, each to be read before the next is asked for.

    Raises `UnreadableFile` for one that is broken, or larger unpacked than a file may be.
    """
    check_size(path)
    _check_unpacked(path)
    has_formulas = _has_formulas(path)
    with contextlib.ExitStack() as opened:
        shown = _open(path, opened, data_only=True)
        written = _open(path, opened, data_only=False) if has_formulas else None
        for number, sheet in enumerate(shown.worksheets, 1):
            formulas = written.worksheets[number - 1] if written else None
            if sheet.sheet_state != "visible":
                message = "the sheet is hidden and is read like the others: ask whether it belongs to what was sent"
                reading.note("sheet_hidden", None, f"sheet {number}", message)
            yield RawTable(_lines(sheet, formulas, number, reading), sheet.title, f"sheet {number} row")


def read_sheet_row(path: Path, sheet: int, row: int) -> str:
    """Return one row of a sheet, both counted from 1, as delimited text; empty where there is nothing."""
    with contextlib.ExitStack() as opened:
        book = _open(path, opened, data_only=True)
        if sheet > len(book.worksheets):
            return ""
        page = book.worksheets[sheet - 1]
        page.reset_dimensions()
        rows = page.iter_rows(min_row=row, max_row=row, max_col=MAX_COLUMNS, values_only=True)
        cells = [text_of(value) for value in next(rows, ())]
    while cells and not cells[-1]:
        cells.pop()
    return _raw(cells)


def column_letter(number: int) -> str:
    """Return a column, counted from 1, by the letters that a spreadsheet has above it."""
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]  # slow to load, as below

    return str(get_column_letter(number))


def _open(path: Path, opened: contextlib.ExitStack, *, data_only: bool) -> Any:
    """Return the workbook as the library reads it; it is handed the bytes, since it refuses names it does not know."""
    import openpyxl  # type: ignore[import-untyped]  # slow to load, and most files are no workbooks

    stream = opened.enter_context(path.open("rb"))
    with warnings.catch_warnings():
        # it warns of styles and validations that it leaves out, which nobody who sends a table needs to hear of
        warnings.simplefilter("ignore")
        book = _guarded(lambda: openpyxl.load_workbook(stream, read_only=True, data_only=data_only, keep_links=False))
    opened.callback(book.close)
    return book


def _check_unpacked(path: Path) -> None:
    archive = _guarded(lambda: zipfile.ZipFile(path))
    with archive:
        size = sum(entry.file_size for entry in archive.infolist())
        names = {entry.filename for entry in archive.infolist()}
    if size > get_max_file_bytes():
        limit = get_max_file_bytes() // 1_000_000
        raise UnreadableFile(
            "file_too_large", f"the workbook is larger than {limit} MB unpacked: split it, or raise BRAID_MAX_FILE_MB"
        )
    if "[Content_Types].xml" not in names:
        raise UnreadableFile("file_binary", "the file is a zip archive and no workbook: unpack it and send the files")


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if "worksheets/" in name]
        return any(_has_mark(archive, name) for name in sheets)


def _has_mark(archive: zipfile.ZipFile, name: str) -> bool:
    def look() -> bool:
        before = b""
        with archive.open(name) as stream:
            while block := stream.read(1 << 20):
                if any(mark in before + block for mark in _FORMULA_MARKS):
                    return True
                before = block[-4:]
        return False

    return bool(_guarded(look))


def _guarded(function: Callable[[], Any]) -> Any:
    """Return what a function of the library returns; whatever it raises means that the workbook is broken."""
    try:
        return function()
    except UnreadableFile:
        raise
    except Exception:
        raise UnreadableFile(
            "workbook_broken", "the workbook cannot be opened: save it again, or save each sheet as CSV"
        ) from None


def _lines(sheet: Any, formulas: Any, number: int, reading: Reading) -> Iterator[Line]:
    rows = _rows(sheet)
    written = _rows(formulas) if formulas is not None else None
    for place, row in enumerate(rows, 1):
        beside = next(written, ()) if written is not None else ()
        reader = _RowReader(reading, f"sheet {number} row {place}")
        cells = [reader.text(cell, beside[index] if index < len(beside) else None) for index, cell in enumerate(row)]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield Line(place, cells, _raw(cells))


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a sheet; what it says of its own size is often wrong and is passed over.

    The library would fill each row up to a width that it was told: it is told none, and what is too wide is cut.
    """
    if not hasattr(sheet, "iter_rows"):
        return
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    rows = _guarded(sheet.iter_rows)
    end = object()
    while (row := _guarded(lambda: next(rows, end))) is not end:
        yield row[:MAX_COLUMNS]


class _RowReader:
    """Turns the cells of one row into texts and says what it could not use."""

    def __init__(self, reading: Reading, position: str) -> None:
        self._reading = reading
        self._position = position

    def text(self, cell: Any, written: Any) -> str:
        """Return a cell as text; `written` is the same cell with its formula."""
        value = cell.value
        if value is None and written is not None and isinstance(written.value, str) and written.data_type == "f":
            return self._formula(written.value)
        if cell.data_type == "e" and value != NOT_AVAILABLE:
            self._warn("cell_error", "a cell holds an error of the workbook: correct it, or leave it empty")
            return ""
        return text_of(value)

    def _formula(self, formula: str) -> str:
        found = _DATE_FORMULA.match(formula.strip())
        if found:
            return f"{found[1]}-{found[2].zfill(2)}-{found[3].zfill(2)}"
        self._warn("formula_without_value", "a formula has no result: open the workbook, save it and send it again")
        return ""

    def _warn(self, rule: str, message: str) -> None:
        self._reading.warn(rule, None, self._position, message)


def text_of(value: Any) -> str:
    """Return the value of a cell as text: dates as ISO text, a whole number without point, yes and no in capitals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return clean_cell(str(value).replace("\x00", ""))


def _raw(cells: list[str]) -> str:
    """Return a row as delimited text, for a reject."""
    return ",".join('"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell for cell in cells)
