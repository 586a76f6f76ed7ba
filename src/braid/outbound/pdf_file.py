"""A PDF as a file: words of its pages, of every object and of every attachment; a picture of words is not read."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from braid.outbound.opened import Budget, CannotOpen, Opened

_OBJECT = re.compile(rb"(?<!\d)\d{1,10} \d{1,5} obj\b")
_PRINTABLE = re.compile(rb"[\x20-\x7e\xa0-\xff]{5,}")
_NOT_PRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
_LETTER = re.compile(rb"[\x20-\x7e\xa0-\xff]")
_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]+)>", re.DOTALL)
_OCTAL = re.compile(rb"\\([0-7]{1,3})")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_INLINE_PICTURE = re.compile(rb"(?:^|\s)BI\s.{0,400}?\sID\s", re.DOTALL)
_KNOWN_LETTERS = {"/WinAnsiEncoding", "/MacRomanEncoding", "/StandardEncoding"}


def open_pdf(content: bytes, budget: Budget) -> Opened:
    """Return the words and the attachments. Raise `CannotOpen` for what is encrypted, a picture, or an older version.

    What a font shows for a letter is taken from what the font says of itself: a font made to deceive does deceive.
    """
    if content.count(b"%%EOF") != 1 or content[content.rindex(b"%%EOF") + 5 :].strip():
        raise CannotOpen("the PDF holds an older version of itself, or more than itself; print it anew")
    reader = PdfReader(io.BytesIO(content), strict=True)
    if reader.is_encrypted:
        raise CannotOpen("the PDF is encrypted; save it without a password")
    opened = Opened()
    words = [_STREAM.sub(b"", content[5:]).decode("latin-1")]  # remarks between the objects are words too
    found = _objects(reader)
    if len(_OBJECT.findall(content)) > sum(1 for generation in reader.xref.values() for _ in generation):
        raise CannotOpen("the PDF holds objects that its list does not name; print it anew")
    for item in found:
        _gather(item, words)
        if isinstance(item, DictionaryObject):
            _check_font(item)
        if isinstance(item, StreamObject):
            _open_stream(item, opened, words, budget)
    opened.texts.append(("PDF strings", "\n".join(_NOT_PRINTED.sub(" ", text) for text in words)))
    opened.texts.append(("PDF pages", "\n".join(page.extract_text() for page in reader.pages)))
    return opened


def _objects(reader: PdfReader) -> list[PdfObject]:
    numbers = {(number, generation) for generation, at in reader.xref.items() for number in at}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    found = [IndirectObject(number, generation, reader).get_object() for number, generation in sorted(numbers)]
    return [item for item in (*found, reader.trailer) if item is not None]


def _gather(item: PdfObject, words: list[str], depth: int = 0) -> None:
    """Add every string and name within an object; what it refers to is an object of its own."""
    if depth > 50:
        raise CannotOpen("the PDF nests too deep; print it anew")
    if isinstance(item, (TextStringObject, NameObject)):
        words.append(str(item))
    elif isinstance(item, ByteStringObject):
        words.append(bytes(item).decode("latin-1"))
    elif isinstance(item, DictionaryObject):
        for key, value in item.items():
            words.append(str(key))
            _gather(value, words, depth + 1)
    elif isinstance(item, ArrayObject):
        for value in item:
            _gather(value, words, depth + 1)


def _check_font(item: DictionaryObject) -> None:
    if item.get("/Type") != "/Font" or item.get("/Subtype") in ("/CIDFontType0", "/CIDFontType2"):
        return
    encoding = item.get("/Encoding")
    named = isinstance(encoding, DictionaryObject) or encoding is None or str(encoding) in _KNOWN_LETTERS
    if "/ToUnicode" not in item and (item.get("/Subtype") in ("/Type0", "/Type3") or not named):
        raise CannotOpen("the PDF has a font that does not say what its letters are; print it anew")


def _open_stream(item: StreamObject, opened: Opened, words: list[str], budget: Budget) -> None:
    kind, subtype = item.get("/Type"), item.get("/Subtype")
    if subtype == "/Image" or (kind in ("/XObject", "/3D") and subtype != "/Form"):
        raise CannotOpen("the PDF holds a picture, whose words cannot be read; send it without")
    data = item.get_data()
    budget.take(len(data))
    if kind == "/EmbeddedFile":
        opened.inner.append(("PDF attachment", data))
        return
    if _INLINE_PICTURE.search(data) and kind not in ("/Metadata", "/ObjStm", "/XRef"):
        raise CannotOpen("the PDF holds a picture, whose words cannot be read; send it without")
    plain = data.replace(b"\0", b"")
    words.append(b"\n".join(_PRINTABLE.findall(plain)).decode("latin-1"))
    if b"TJ" in data or b"Tj" in data:  # a line of words is shown piece by piece
        shown = b"".join(literal or bytes.fromhex(_even(code)) for literal, code in _SHOWN.findall(data))
        shown = _OCTAL.sub(lambda code: bytes((int(code[1], 8) & 0xFF,)), shown)
        words.append(b"".join(_LETTER.findall(shown)).decode("latin-1"))
    if kind == "/Metadata":
        opened.inner.append(("PDF metadata", data))


def _even(code: bytes) -> str:
    digits = re.sub(rb"\s", b"", code).decode("ascii")
    return digits + "0" * (len(digits) % 2)
