"""A text file looked over once and then handed out in blocks of whole lines, so that no file is held in memory.

The looking over settles what concerns the whole file: its hash, whether it is text, and its encoding, exactly as
`braid.extracts.files` settles them for a file that is held whole. Blocks are UTF-8 whatever the file is.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from braid.extracts.files import check_signature, check_size
from braid.extracts.model import Reading, UnreadableFile

BLOCK_BYTES = 16 << 20
TEXT_BYTES = 1 << 20
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
"""Bytes that Windows-1252 has no letter for: a file that holds one is read as ISO-8859-1."""


@dataclass(frozen=True)
class TextFile:
    """What a look over a whole file found. `encoding` is utf-8, utf-16, cp1252 or iso-8859-1."""

    path: Path
    sha256: str
    encoding: str
    has_last_line_end: bool


def look_over(path: Path) -> TextFile:
    """Return what holds of a text file as a whole; raise `UnreadableFile` where it is absent, empty, binary or broken.

    The file is read once, block by block.
    """
    check_size(path, is_held=False)
    look = Look()
    try:
        with path.open("rb") as stream:
            while block := stream.read(TEXT_BYTES):
                look.add(block)
    except OSError:
        raise UnreadableFile("file_absent", "the file cannot be opened: check that it may be read") from None
    return look.finish(path)


def note_encoding(text_file: TextFile, reading: Reading) -> None:
    """Say what a table that is held whole has said about its encoding and its end."""
    note_other_encoding(text_file, reading)
    if not text_file.has_last_line_end:
        advice = "the last line has no line end, so the file may be cut off: compare its rows with the sender's"
        reading.warn("line_end_missing", None, None, advice)


def note_other_encoding(text_file: TextFile, reading: Reading) -> None:
    """Say of a file that it is not UTF-8."""
    if text_file.encoding != "utf-8":
        message = f"the file is not UTF-8 and was read as {text_file.encoding}: ask for UTF-8"
        reading.note("encoding", None, None, message)


class Look:
    """What is found out of a text block by block."""

    def __init__(self) -> None:
        """Begin before the first block."""
        self._digest = hashlib.sha256()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._utf16: codecs.IncrementalDecoder | None = None
        self._is_first = True
        self._is_utf8 = True
        self._has_undefined = False
        self._is_blank = True
        self._last = b""

    def add(self, block: bytes) -> None:
        """Take in a block."""
        if self._is_first:
            self._begin(block)
        self._digest.update(block)
        self._last = (self._last + block[-2:])[-2:]
        self._is_blank = self._is_blank and not block.replace(codecs.BOM_UTF8, b"").strip()
        if self._utf16 is not None:
            self._decode_utf16(block)
            return
        if b"\x00" in block:
            raise UnreadableFile(
                "file_binary", "the file holds NUL bytes and is not text: export it again as UTF-8 text"
            )
        self._decode(block)

    def _begin(self, block: bytes) -> None:
        self._is_first = False
        check_signature(block)
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._utf16 = codecs.getincrementaldecoder("utf-16")()

    def _decode(self, block: bytes) -> None:
        if self._is_utf8:
            try:
                self._utf8.decode(block)
            except UnicodeDecodeError:
                self._is_utf8 = False
        self._has_undefined = self._has_undefined or any(byte in block for byte in _UNDEFINED)

    def _decode_utf16(self, block: bytes, is_last: bool = False) -> None:
        try:
            if self._utf16 is not None:
                self._utf16.decode(block, is_last)
        except UnicodeDecodeError:
            raise UnreadableFile("encoding", "the file says UTF-16 and is not: export it again as UTF-8") from None

    def finish(self, path: Path) -> TextFile:
        """Return what was found."""
        if self._is_blank:
            raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")
        self._decode_utf16(b"", True)
        return TextFile(path, self._digest.hexdigest(), self._encoding(), self._has_line_end())

    def _encoding(self) -> str:
        if self._utf16 is not None:
            return "utf-16"
        if self._is_utf8:
            try:
                self._utf8.decode(b"", True)
                return "utf-8"
            except UnicodeDecodeError:
                pass
        return "iso-8859-1" if self._has_undefined else "cp1252"

    def _has_line_end(self) -> bool:
        if self._utf16 is None:
            return self._last.endswith((b"\n", b"\r"))
        return self._last in (b"\n\x00", b"\x00\n", b"\r\x00", b"\x00\r")


def iterate_blocks(text_file: TextFile, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the file as UTF-8 in blocks of whole lines; the last one ends where the file ends."""
    rest = b""
    with text_file.path.open("rb") as stream:
        for block in _transcode(stream, text_file.encoding, block_bytes):
            whole = rest + block
            end = _find_end(whole)
            if end:
                yield whole[:end]
            rest = whole[end:]
    if rest:
        yield rest


def iterate_text(text_file: TextFile, block_bytes: int = TEXT_BYTES) -> Iterator[str]:
    """Yield the text of the file in pieces that end anywhere."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in iterate_bytes(text_file, block_bytes):
        yield decoder.decode(block)
    yield decoder.decode(b"", True)


def iterate_bytes(text_file: TextFile, block_bytes: int = TEXT_BYTES) -> Iterator[bytes]:
    """Yield the file as UTF-8 in blocks that end anywhere."""
    with text_file.path.open("rb") as stream:
        yield from _transcode(stream, text_file.encoding, block_bytes)


def _transcode(stream: BinaryIO, encoding: str, block_bytes: int) -> Iterator[bytes]:
    if encoding == "utf-8":
        first = stream.read(block_bytes)
        yield first.removeprefix(codecs.BOM_UTF8)
        while block := stream.read(block_bytes):
            yield block
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    while block := stream.read(block_bytes):
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", True).encode()


def _find_end(block: bytes) -> int:
    """Return where the last whole line of a block ends. A carriage return at its very end may be half a line end."""
    return max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1)) + 1
