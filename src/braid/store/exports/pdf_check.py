"""Opens a PDF again and refuses it for anything but the words that were to be written."""

from __future__ import annotations

import io
import unicodedata

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from braid.store.exports.tables import AUTHOR, ExportUnsafe, Sheet

CATALOGUE = set("/Type /Pages /Metadata /Lang /StructTreeRoot /MarkInfo /ViewerPreferences /Outlines".split())
PAGE = set("/Type /Resources /MediaBox /StructParents /Tabs /Parent /Contents".split())
RESOURCES = {"/Font", "/ProcSet", "/ColorSpace", "/ExtGState"}
PROPERTIES = {"/Title", "/Author", "/Creator"}


def check_pdf(content: bytes, sheet: Sheet) -> None:
    """Raise `ExportUnsafe` unless the PDF holds the table's words on tagged pages and nothing else."""
    reader = PdfReader(io.BytesIO(content))
    check_tagged(reader, content, sheet.title)
    _check_words([page.extract_text() for page in reader.pages], sheet)


def check_tagged(reader: PdfReader, content: bytes, title: str) -> None:
    """Raise `ExportUnsafe` unless all pages are tagged, hold text and lines alone, and nothing stands beside them."""
    root = _dictionary(reader.trailer, "/Root")
    refuse_if("a part that was not written", not set(root) <= CATALOGUE)
    refuse_if("a second version of itself", content.count(b"%%EOF") != 1 or "/Prev" in reader.trailer)
    properties: dict[str, object] = dict(reader.metadata or {})
    refuse_if("properties that were not written", not set(properties) <= PROPERTIES)
    refuse_if("another title or author", (properties.get("/Title"), properties.get("/Author")) != (title, AUTHOR))
    refuse_if("no tags", "/StructTreeRoot" not in root or not _dictionary(root, "/MarkInfo").get("/Marked"))
    refuse_if("no mark of PDF/UA-1", b"<pdfuaid:part>1</pdfuaid:part>" not in _stream(root, "/Metadata"))
    for page in reader.pages:
        _check_page(page)


def _check_page(page: DictionaryObject) -> None:
    refuse_if("an annotation, action or file on a page", not set(page) <= PAGE)
    refuse_if("a picture or hidden layer", not set(_dictionary(page, "/Resources")) <= RESOURCES)


def _dictionary(held: DictionaryObject, name: str) -> DictionaryObject:
    found = held[name].get_object()
    if not isinstance(found, DictionaryObject):
        raise ExportUnsafe(f"the PDF holds no readable {name}; it was thrown away, export as CSV or workbook instead")
    return found


def _stream(held: DictionaryObject, name: str) -> bytes:
    found = held.get(name)
    stream = found.get_object() if found is not None else None
    return stream.get_data() if isinstance(stream, StreamObject) else b""


def _check_words(pages: list[str], sheet: Sheet) -> None:
    """Compare the words, spaces apart, without each page's footer and repeated heading."""
    heading = bare_words("".join(sheet.columns))
    read = []
    for number, words in enumerate(pages, 1):
        footer = bare_words(f"{sheet.footer}, page {number}")
        bare = bare_words(words)
        refuse_if("a page without its footer", not bare.endswith(footer))
        body = bare[: -len(footer)]
        read.append(body.removeprefix(heading) if number > 1 else body)
    about = "".join(f"{name}: {words}" for name, words in sheet.about)
    rows = "".join(str(value) for row in sheet.rows for value in row)
    wanted = bare_words(sheet.title + about) + heading + bare_words(rows)
    refuse_if("words other than the table's, or letters that its fonts lack", "".join(read) != wanted)


def bare_words(words: str) -> str:
    """Return words without their spaces, each letter in one form."""
    return "".join(unicodedata.normalize("NFC", words).split())


def refuse_if(what: str, found: bool) -> None:
    """Raise `ExportUnsafe` where it was found."""
    if found:
        raise ExportUnsafe(f"the PDF holds {what}; it was thrown away, export as CSV or workbook instead")
