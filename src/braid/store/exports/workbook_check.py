"""Opens a workbook again and refuses it for anything but the cells that were to be written.

Twice over: a reader that had no part in writing it compares what it sees, and the file is held to a closed list of
parts, elements and attributes, so that what nobody thought of is refused too. In 2023 a hidden sheet of raw
rows inside a workbook gave away the names of 9,483 police staff.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from lxml import etree

from braid.store.exports.tables import AUTHOR, ExportUnsafe, Sheet
from braid.store.exports.workbook import Book, Lines, book_of

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook  # type: ignore[import-untyped]
    from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

PARTS = (
    "[Content_Types].xml _rels/.rels docProps/app.xml docProps/core.xml xl/_rels/workbook.xml.rels xl/sharedStrings.xml"
    " xl/styles.xml xl/theme/theme1.xml xl/workbook.xml"
).split()
"""Parts of every workbook; beside them each sheet is one."""
ALLOWED = {
    "xl/workbook.xml": {
        "workbook": "",
        "fileVersion": "appName lastEdited lowestEdited rupBuild",
        "workbookPr": "defaultThemeVersion",
        "bookViews": "",
        "workbookView": "xWindow yWindow windowWidth windowHeight",
        "sheets": "",
        "sheet": "name sheetId id",
        "calcPr": "calcId fullCalcOnLoad",
    },
    "xl/worksheets/": {
        "worksheet": "",
        "dimension": "ref",
        "sheetViews": "",
        "sheetView": "tabSelected workbookViewId",
        "sheetFormatPr": "defaultRowHeight",
        "cols": "",
        "col": "min max width customWidth",
        "sheetData": "",
        "row": "r spans",
        "c": "r s t",
        "v": "",
        "pageMargins": "left right top bottom header footer",
        "headerFooter": "",
        "oddFooter": "",
    },
    "xl/sharedStrings.xml": {"sst": "count uniqueCount", "si": "", "t": "space"},
    "docProps/core.xml": dict.fromkeys("coreProperties title creator lastModifiedBy".split(), "")
    | dict.fromkeys(("created", "modified"), "type"),
    "docProps/app.xml": dict.fromkeys(
        "Properties Application DocSecurity ScaleCrop HeadingPairs variant lpstr i4 TitlesOfParts Company LinksUpToDate"
        " SharedDoc HyperlinksChanged AppVersion".split(),
        "",
    )
    | {"vector": "size baseType"},
}
FILE_HEAD, LIST_HEAD, LIST_END = 30, 46, 22
"""Bytes of the fixed parts of a ZIP file: before each file, for each in the list, and at the end."""


def check_workbook(content: bytes, sheet: Sheet) -> None:
    """Raise `ExportUnsafe` unless the workbook holds the table's cells and nothing else."""
    check_book(content, book_of(sheet))


def check_book(content: bytes, wanted: Book) -> None:
    """Raise `ExportUnsafe` unless the workbook holds the sheets' cells and nothing else."""
    check_as_read(content, wanted)
    check_parts(content, len(wanted.sheets))


def check_as_read(content: bytes, wanted: Book) -> None:
    """Compare what an independent reader sees with what was to be written."""
    import openpyxl  # type: ignore[import-untyped]  # slow to load, and few verbs write a workbook

    book = openpyxl.load_workbook(io.BytesIO(content), keep_links=True)
    refuse_if("a hidden sheet", any(page.sheet_state != "visible" for page in book._sheets))
    refuse_if("a sheet that was not written", book.sheetnames != list(wanted.sheets))
    refuse_if("a defined name", len(book.defined_names) > 0)
    refuse_if("an external link", len(book._external_links) > 0)
    refuse_if("a pivot cache", any(page._pivots for page in book._sheets))
    _check_properties(book, wanted)
    for name, lines in wanted.sheets.items():
        _check_page(book[name], lines)


def _check_properties(book: Workbook, wanted: Book) -> None:
    found = {name: value for name, value in vars(book.properties).items() if value}
    made = found.get("created")
    fixed = {"creator": AUTHOR, "title": wanted.title, "created": made, "modified": made}
    found.pop("lastModifiedBy", None)
    refuse_if("a document property that was not written", found != fixed or len(book.custom_doc_props) > 0)
    refuse_if("a time other than the day it was made", made is None or made.date() != wanted.made_on)


def _check_page(page: Worksheet, lines: Lines) -> None:
    rows, columns = page.row_dimensions.values(), page.column_dimensions.values()
    cells = [cell for row in page.iter_rows() for cell in row]
    refuse_if("a hidden row", any(row.hidden or row.ht == 0 for row in rows))
    refuse_if("a hidden column", any(column.hidden or column.width == 0 for column in columns))
    refuse_if("a formula", any(cell.data_type == "f" for cell in cells))
    refuse_if("a comment", any(cell.comment for cell in cells))
    refuse_if("a link", any(cell.hyperlink for cell in cells))
    refuse_if("a drawing", bool(page._charts or page._images))
    refuse_if("a defined name", len(page.defined_names) > 0 or bool(page.print_title_rows or page.print_area))
    refuse_if("a number format that can hide a value", any(cell.number_format != "General" for cell in cells))
    rules = bool(page.conditional_formatting or page.data_validations.dataValidation or page.auto_filter.ref)
    refuse_if("a rule or filter that lives in the sheet", rules)
    read = [[_read(cell.value) for cell in row] for row in page.iter_rows()]
    width = max(len(line) for line in lines)
    written = [[*(_read(value) for value in line), *[None] * (width - len(line))] for line in lines]
    refuse_if("a value that was not written", read != written)


def _read(value: Any) -> Any:
    """An empty text and no value are the same cell."""
    return None if value == "" else value


def check_parts(content: bytes, sheets: int) -> None:
    """Hold the parts of a file of so many sheets to the closed list."""
    wanted = [*PARTS, *(f"xl/worksheets/sheet{number}.xml" for number in range(1, sheets + 1))]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        refuse_if("a part that was not written", sorted(parts.namelist()) != sorted(wanted))
        entries = parts.infolist()
        names = sum(len(entry.filename.encode()) for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        known = packed + 2 * names + (FILE_HEAD + LIST_HEAD) * len(entries) + LIST_END
        refuse_if("bytes beside its parts", known != len(content))
        for name in wanted:
            _check_part(name, parts.read(name))


def _check_part(name: str, content: bytes) -> None:
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    allowed = next((tags for start, tags in ALLOWED.items() if name.startswith(start)), None)
    for element in root.iter():
        if not isinstance(element.tag, str):
            raise ExportUnsafe(f"the workbook holds a remark in {name}; it was thrown away")
        tag = etree.QName(element).localname
        named = {etree.QName(attribute).localname for attribute in element.attrib}
        where = f"an element or attribute of {name} that was not written"
        refuse_if(where, allowed is not None and (tag not in allowed or not named <= set(allowed[tag].split())))
        refuse_if("a target outside the file", "TargetMode" in named or "://" in element.get("Target", ""))
        refuse_if("a colour or protection of its own", tag == "protection" or (tag == "color" and named != {"theme"}))
        refuse_if("words in its theme", name.startswith("xl/theme") and bool((element.text or "").strip()))
        refuse_if("a company or manager", tag in ("Company", "Manager") and bool(element.text))
        refuse_if("a column without width", tag == "col" and not re.fullmatch(r"[1-9][\d.]*", element.get("width", "")))
        refuse_if("a macro", "macro" in element.get("ContentType", "").lower())


def refuse_if(what: str, found: bool) -> None:
    """Raise `ExportUnsafe` where it was found."""
    if found:
        raise ExportUnsafe(f"the workbook holds {what}; it was thrown away, export again after mending the writer")
