"""A file that somebody gives to a case: of a closed list of kinds, told by its content and by its name, with nothing in
it that acts when it is opened.

What a camera wrote beside a picture is taken out. There is no search for viruses here: a place connects its own.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from braid.outbound.containers import Leaf, unfold
from braid.outbound.model import DraftRefused
from braid.outbound.opened import Budget, CannotOpen
from braid.outbound.pictures import without_metadata
from braid.outbound.zip_file import open_zip

MOST_BYTES = 10_000_000
MOST_OBJECTS = 100_000
"""Objects of a PDF that are looked at; one with more is refused."""


class FileRefused(ValueError):
    """The file is not taken. The message says the rule and the next step, and nothing of name or content."""


@dataclass(frozen=True)
class FileKind:
    """A kind of file: its name, the endings that name it, and the fixed type under which it is handed out."""

    code: str
    name: str
    endings: tuple[str, ...]
    media_type: str


FILE_KINDS: Mapping[str, FileKind] = {
    one.code: one
    for one in (
        FileKind("pdf", "PDF", ("pdf",), "application/pdf"),
        FileKind(
            "docx",
            "Word document",
            ("docx",),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        FileKind("odt", "OpenDocument text", ("odt",), "application/vnd.oasis.opendocument.text"),
        FileKind("jpeg", "JPEG picture", ("jpg", "jpeg"), "image/jpeg"),
        FileKind("png", "PNG picture", ("png",), "image/png"),
        FileKind("text", "Plain text", ("txt",), "text/plain; charset=utf-8"),
    )
}
"""The closed list. No workbook: hidden sheets and columns are how lists of people leak. No e-mail: it brings its
attachments and its path along. Both are printed as a PDF."""
TAKEN = ", ".join(one.name for one in FILE_KINDS.values())
_BY_ENDING = {ending: one for one in FILE_KINDS.values() for ending in one.endings}
_ZIP = b"PK\x03\x04"
_STARTS = {"pdf": b"%PDF-", "docx": _ZIP, "odt": _ZIP, "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ODT_MIME = b"application/vnd.oasis.opendocument.text"
_ACTS_IN_PDF = {
    "/JavaScript": "a script",
    "/JS": "a script",
    "/Launch": "a step that starts another program",
    "/SubmitForm": "a form that sends itself",
    "/ImportData": "a step that reads other files",
    "/RichMedia": "a film or sound",
    "/EmbeddedFile": "another file",
    "/EmbeddedFiles": "another file",
    "/XFA": "a form that acts",
}
_ACTS_IN_WORD = re.compile(
    r"(?i)(^|/)(vbaproject|vbadata)[^/]*$|/(embeddings|activex|ctrlprops)/|\.(bin|exe|dll|js|vbs|hta)$"
)
_ACTS_IN_OPEN = re.compile(r"(?i)^(basic|scripts|configurations2)/.+|^object |\.(js|py|class|jar|exe)$")
_RELATIONSHIP = re.compile(rb"<[A-Za-z0-9:]*Relationship\b[^>]*>")
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External[\"']")
_HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']")


@dataclass(frozen=True)
class TakenFile:
    """A file as it is kept: its kind, and its bytes. Its name is kept nowhere."""

    kind: FileKind
    content: bytes


def take_file(name: str, content: bytes) -> TakenFile:
    """Return the file as it may be kept. Raises `FileRefused` with the rule and the next step."""
    check_size(len(content))
    kind = _BY_ENDING.get(_ending(name))
    if kind is None:
        raise FileRefused(f"Choose a file of one of these kinds: {TAKEN}. Print anything else as a PDF")
    if not content.startswith(_STARTS.get(kind.code, b"")):
        raise FileRefused(f"The file is named as {kind.name}, and its content is something else. Save it anew as that")
    return TakenFile(kind, _CHECKS[kind.code](content))


def check_size(size: int) -> None:
    """Raise `FileRefused` for an empty file, or one that is too large."""
    if not size:
        raise FileRefused("The file is empty. Choose another")
    if size > MOST_BYTES:
        raise FileRefused(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Save it smaller, or in parts")


def _ending(name: str) -> str:
    """Return the ending of a name, without the path that a browser may have sent with it."""
    last = PurePosixPath(PureWindowsPath(name).name).name
    return last.rpartition(".")[2].lower() if "." in last else ""


def _check_pdf(content: bytes) -> bytes:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise FileRefused("The PDF is encrypted. Save it without a password")
        names = {name for item in _objects(reader) for name in _names(item)}
        acts = sorted({words for name, words in _ACTS_IN_PDF.items() if name in names})
        count = len(reader.pages)
    except FileRefused:
        raise
    except Exception:  # whatever breaks a reader, of a file that somebody else made
        raise FileRefused("The PDF is damaged. Print it anew as a PDF") from None
    if acts:
        raise FileRefused(f"The PDF holds {' and '.join(acts)}. Print it anew as a PDF, which leaves that out")
    if not count:
        raise FileRefused("The PDF has no page. Print it anew as a PDF")
    return content


def _objects(reader: PdfReader) -> list[PdfObject]:
    numbers = {(number, generation) for generation, at in reader.xref.items() for number in at}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise FileRefused("The PDF has more parts than can be looked at. Print it anew, or in parts")
    found = (IndirectObject(number, generation, reader).get_object() for number, generation in sorted(numbers))
    return [item for item in (*found, reader.trailer) if item is not None]


def _names(item: object, depth: int = 0) -> Iterable[str]:
    """Yield keys of dictionaries, and names that stand as values; what is referred to is an object of its own."""
    if depth > 50:
        raise FileRefused("The PDF nests too deep. Print it anew as a PDF")
    if isinstance(item, DictionaryObject):
        for key, value in dict.items(item):
            yield str(key)
            yield from _names(value, depth + 1)
    elif isinstance(item, ArrayObject):
        for value in list.__iter__(item):
            yield from _names(value, depth + 1)
    elif isinstance(item, str) and item.startswith("/"):
        yield str(item)


def _parts(content: bytes) -> dict[str, bytes]:
    """Return the entries of a packed document, within the limits of what is unfolded anywhere."""
    try:
        return dict(open_zip(content, Budget()).inner)
    except CannotOpen:
        raise FileRefused("The document is packed in a way that cannot be looked into. Save it anew") from None
    except Exception:  # as above
        raise FileRefused("The document is damaged. Save it anew") from None


def _check_docx(content: bytes) -> bytes:
    parts = _parts(content)
    if "[Content_Types].xml" not in parts or "word/document.xml" not in parts:
        raise FileRefused("The file is no Word document. Save it anew as .docx, or print it as a PDF")
    if any(_ACTS_IN_WORD.search(name) for name in parts) or b"macroEnabled" in parts["[Content_Types].xml"]:
        raise FileRefused("The document holds macros or other files. Save it without, or print it as a PDF")
    links = [tag for name, text in parts.items() if name.endswith(".rels") for tag in _RELATIONSHIP.findall(text)]
    if any(_EXTERNAL.search(tag) and not _HYPERLINK.search(tag) for tag in links):
        raise FileRefused("The document fetches something from elsewhere when it is opened. Print it as a PDF")
    return content


def _check_odt(content: bytes) -> bytes:
    parts = _parts(content)
    if parts.get("mimetype") != _ODT_MIME or "content.xml" not in parts:
        raise FileRefused("The file is no OpenDocument text. Save it anew as .odt, or print it as a PDF")
    if any(_ACTS_IN_OPEN.search(name) for name in parts):
        raise FileRefused("The document holds macros or other files. Save it without, or print it as a PDF")
    return content


def _check_picture(content: bytes) -> bytes:
    try:
        return without_metadata(content)
    except DraftRefused:
        raise FileRefused("The picture is damaged. Save it again") from None


def _check_text(content: bytes) -> bytes:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("The text is not written in UTF-8. Save it as that, or as a PDF") from None
    if _NOT_TEXT.search(text):
        raise FileRefused("The file is named as text and holds something else. Save it anew")
    return content


_CHECKS: Mapping[str, Callable[[bytes], bytes]] = {
    "pdf": _check_pdf,
    "docx": _check_docx,
    "odt": _check_odt,
    "jpeg": _check_picture,
    "png": _check_picture,
    "text": _check_text,
}


def readings(content: bytes) -> list[Leaf]:
    """Return all that is in a file for the guard to search; what nobody can read is a leaf that says why.

    Of a PDF with a picture in it, such as the head of a letter, the words of its pages are read all the same.
    """
    leaves = unfold("document", content)
    if content.startswith(_STARTS["pdf"]) and any(leaf.closed for leaf in leaves):
        with contextlib.suppress(Exception):  # as above: what cannot be read is said by the leaf that is closed
            pages = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
            leaves.append(Leaf("PDF pages", pages.encode("utf-8", "replace")))
    return leaves


def can_be_searched(content: bytes) -> bool:
    """Whether the guard can read every word of it: not a scan, a picture, or a PDF with a picture in it."""
    return not any(leaf.closed for leaf in unfold("document", content))
