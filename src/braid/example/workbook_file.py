"""Writes a small workbook by hand: the same rows give the same bytes, and cells are as people make them.

ECMA-376 (Office Open XML), parts 18.3 and 18.8: inline strings, numbers, days as serial numbers under a day's format,
and formulas with the result that was last shown, or without one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DAY_ZERO = date(1899, 12, 30)
_DAY_FORMAT = 14
"""The built-in number format of a day."""


@dataclass(frozen=True)
class Formula:
    """A formula and the result that the workbook keeps; `None` where it was never calculated."""

    text: str
    result: date | int | None = None


Cell = str | int | date | Formula | None
Sheet = tuple[str, Sequence[Sequence[Cell]]]


def write_workbook(path: Path, sheets: Sequence[Sheet], hidden: frozenset[str] = frozenset()) -> None:
    """Write sheets in their order; those named in `hidden` are there and not shown."""
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "[Content_Types].xml", _content_types(numbers))
        _put(archive, "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")]))
        _put(archive, "xl/workbook.xml", _workbook([name for name, _ in sheets], hidden))
        links = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
        links.append((f"rId{len(sheets) + 1}", "styles", "styles.xml"))
        _put(archive, "xl/_rels/workbook.xml.rels", _relations(links))
        _put(archive, "xl/styles.xml", _styles())
        for number, (_, rows) in enumerate(sheets, start=1):
            _put(archive, f"xl/worksheets/sheet{number}.xml", _sheet(rows))


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, _HEAD + text)


def _content_types(numbers: Iterable[int]) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in numbers
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{sheets}</Types>'
    )


def _relations(links: Iterable[tuple[str, str, str]]) -> str:
    inner = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for i, kind, to in links)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _workbook(names: Sequence[str], hidden: frozenset[str]) -> str:
    inner = "".join(_sheet_entry(number, name, name in hidden) for number, name in enumerate(names, start=1))
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{inner}</sheets></workbook>'


def _sheet_entry(number: int, name: str, is_hidden: bool) -> str:
    state = ' state="hidden"' if is_hidden else ""
    return f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"{state}/>'


def _styles() -> str:
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
        f'<xf/><xf numFmtId="{_DAY_FORMAT}" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    inner = "".join(f'<row r="{n}">{_row(row, n)}</row>' for n, row in enumerate(rows, start=1))
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{inner}</sheetData></worksheet>'


def _row(row: Sequence[Cell], number: int) -> str:
    return "".join(
        _cell(value, f"{_column(place)}{number}") for place, value in enumerate(row) if value not in ("", None)
    )


def _column(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cell(value: Cell, at: str) -> str:
    if isinstance(value, Formula):
        style = ' s="1"' if isinstance(value.result, date) else ""
        result = "" if value.result is None else f"<v>{_number(value.result)}</v>"
        return f'<c r="{at}"{style}><f>{escape(value.text)}</f>{result}</c>'
    if isinstance(value, str):
        if value == "#N/A":
            return f'<c r="{at}" t="e"><v>#N/A</v></c>'
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    style = ' s="1"' if isinstance(value, date) else ""
    return f'<c r="{at}"{style}><v>{_number(value)}</v></c>'


def _number(value: date | int | None) -> int:
    return (value - _DAY_ZERO).days if isinstance(value, date) else value or 0
