"""Opening a partner file safely: its hash, its size, whether it is text at all, and in which encoding.

Nothing here knows a standard. Whatever the bytes are, the only exception that leaves is `UnreadableFile`, and no
message repeats anything that stood in the file.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from pathlib import Path

from braid.extracts.model import Reading, UnreadableFile

DEFAULT_MAX_FILE_MB = 512
DEFAULT_MAX_LARGE_FILE_MB = 16_384
"""The bound of files that are read batch by batch, which memory does not set: they rest twice on disk meanwhile."""
_BLOCK_BYTES = 1 << 20
_PAGE = re.compile(r"\ufeff?\s*<(?:!doctype\s+)?html\b", re.IGNORECASE)
_SIGNATURES = {
    b"PK\x03\x04": "a workbook or zip archive, whatever its name says: save the sheet as CSV and send that",
    b"PK\x05\x06": "an empty zip archive: send the file itself",
    b"\xd0\xcf\x11\xe0": "an old workbook or document, or one locked with a password: save each sheet as CSV, unlocked,"
    " and send that",
    b"%PDF": "a PDF: send the export itself",
    b"\x1f\x8b": "compressed: unpack it first",
    b"PAR1": "a Parquet file: send the export as text",
    b"SQLite format 3": "a database file: send the export as text",
    b"{\\rtf": "a text document: send the export itself",
    b"\x89PNG": "a picture: send the export itself",
    b"\xff\xd8\xff": "a picture: send the export itself",
}


def get_max_file_bytes(is_held: bool = True) -> int:
    """Return the largest file that is read, in bytes, unless `BRAID_MAX_FILE_MB` says otherwise.

    512 MB where the file or what it gives is held in memory, 16 GB where it is read batch by batch.
    """
    text = os.environ.get("BRAID_MAX_FILE_MB", "")
    default = DEFAULT_MAX_FILE_MB if is_held else DEFAULT_MAX_LARGE_FILE_MB
    megabytes = int(text) if text.isdigit() and int(text) > 0 else default
    return megabytes * 1_000_000


def check_size(path: Path, is_held: bool = True) -> int:
    """Return the size in bytes; raise `UnreadableFile` where there is no such file or it is larger than the bound."""
    try:
        size = path.stat().st_size if path.is_file() else -1
    except (OSError, ValueError):
        size = -1
    if size < 0:
        raise UnreadableFile("file_absent", "there is no readable file of this name: check the path")
    if size > get_max_file_bytes(is_held):
        limit = get_max_file_bytes(is_held) // 1_000_000
        raise UnreadableFile(
            "file_too_large", f"the file is larger than {limit} MB: split it, or raise BRAID_MAX_FILE_MB"
        )
    return size


def hash_file(path: Path) -> str:
    """Return the SHA-256 of the bytes as 64 hexadecimal digits; raise `UnreadableFile` where it cannot be opened."""
    check_size(path, is_held=False)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError:
        raise UnreadableFile("file_absent", "the file cannot be opened: check that it may be read") from None
    return digest.hexdigest()


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file that may be text; raise `UnreadableFile` for an absent, oversized or binary file."""
    check_size(path)
    try:
        data = path.read_bytes()
    except OSError:
        raise UnreadableFile("file_absent", "the file cannot be opened: check that it may be read") from None
    check_text(data)
    return data


def check_no_page(text: str) -> None:
    """Raise `UnreadableFile` where a text begins like a web page: an error of a server, or a table saved as a page."""
    if _PAGE.match(text):
        raise UnreadableFile(
            "web_page",
            "the file is a web page, as of an error or of a sheet saved as one: open it, save the table as CSV or as a"
            " workbook, and send that",
        )


def is_blank(data: bytes) -> bool:
    """Return whether the bytes hold nothing but spaces, line ends and a byte order mark."""
    return not data.replace(codecs.BOM_UTF8, b"").strip()


def check_not_blank(data: bytes) -> None:
    """Raise `UnreadableFile` where the bytes hold nothing."""
    if is_blank(data):
        raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and the encoding it was read in: utf-8, utf-16, cp1252 or iso-8859-1, the first that fits."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise UnreadableFile("encoding", "the file says UTF-16 and is not: export it again as UTF-8") from None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    return data.decode("iso-8859-1"), "iso-8859-1"


def read_text(path: Path, reading: Reading) -> str:
    """Return the text of a file, noting on `reading` an encoding other than UTF-8. Raises `UnreadableFile`."""
    data = read_bytes(path)
    check_not_blank(data)
    return decode_noted(data, reading)


def decode_noted(data: bytes, reading: Reading) -> str:
    """Return the text of the bytes, noting on `reading` an encoding other than UTF-8."""
    text, encoding = decode(data)
    if encoding != "utf-8":
        reading.note("encoding", None, None, f"the file is not UTF-8 and was read as {encoding}: ask for UTF-8")
    return text


def check_signature(data: bytes) -> None:
    """Raise `UnreadableFile` where the first bytes are those of a format that is no text."""
    for signature, meaning in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableFile("file_binary", f"the file is {meaning}")


def check_text(data: bytes) -> None:
    """Raise `UnreadableFile` where bytes, from the first of a file on, are those of no text."""
    check_signature(data)
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not is_utf16 and b"\x00" in data:
        raise UnreadableFile("file_binary", "the file holds NUL bytes and is not text: export it again as UTF-8 text")
