"""Reading files of any size in one pass: tables a row at a time, outlines a feature at a time, never the whole."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from braid.extracts.blocks import Look
from braid.extracts.model import UnreadableFile

BLOCK_BYTES = 1 << 20
HEAD_CHARACTERS = 1 << 16
LARGEST_FEATURE = 1 << 27
"""Characters of one feature: no outline of a district is as long."""
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf")


@dataclass(frozen=True)
class Scanned:
    """What one look over the bytes of a file tells: their hash, their encoding, and how the text begins."""

    path: Path
    sha256: str
    encoding: str
    head: str
    is_parquet: bool = False


def scan_file(path: Path) -> Scanned:
    """Look over a file once. Raises `UnreadableFile` where it is absent, empty, an archive or no text."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        raise UnreadableFile("file_absent", "there is no readable file of this name: check the path") from None
    if not start:
        raise UnreadableFile("file_empty", "the file is empty: download it again")
    if start.startswith(_ARCHIVES):
        raise UnreadableFile("file_archive", "the file is an archive or a workbook: unpack it, and load the CSV in it")
    if start.startswith(b"PAR1"):
        return Scanned(path, sha256, "", "", is_parquet=True)
    encoding, head = _encoding_of(path)
    return Scanned(path, sha256, encoding, head)


def _encoding_of(path: Path) -> tuple[str, str]:
    """Return the encoding of the whole text, by the rule for partners' files, and how the text begins."""
    look, first = Look(), b""
    try:
        with _bytes_of(path) as file:
            while block := file.read(BLOCK_BYTES):
                first = first or block
                look.add(block)
    except (EOFError, gzip.BadGzipFile, OSError):
        raise UnreadableFile("file_truncated", "the file ends in the middle: download it again") from None
    found = look.finish(path).encoding
    encoding = "utf-8-sig" if found == "utf-8" else found
    return encoding, first.decode(encoding, errors="ignore")[:HEAD_CHARACTERS]


def _bytes_of(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


@contextmanager
def opened_text(scanned: Scanned) -> Iterator[TextIO]:
    """Open the text of a file that was looked over."""
    opener: Any = gzip.open if scanned.path.suffix == ".gz" else open
    with opener(scanned.path, "rt", encoding=scanned.encoding, newline="") as file:
        yield file


Line = tuple[int, Sequence[str], str]
"""A row of a table: where it stands, its cells as text, and why it cannot be read; empty where it can."""


@dataclass(frozen=True)
class Sheet:
    """A table: its headings, and its rows as they come."""

    headings: tuple[str, ...]
    lines: Iterator[Line]


@contextmanager
def opened_table(scanned: Scanned) -> Iterator[Sheet]:
    """Open a table in CSV or Parquet. Raises `UnreadableFile` where it is neither, and at a row that is cut short."""
    if scanned.is_parquet:
        try:
            with pq.ParquetFile(scanned.path) as file:
                yield Sheet(tuple(file.schema_arrow.names), _parquet_lines(file))
        except pa.ArrowException:
            raise UnreadableFile("file_binary", "the Parquet file cannot be read: download it again") from None
        return
    with opened_text(scanned) as text:
        reader = csv.reader(text, strict=True)
        try:
            headings = tuple(next(reader, ()))
        except csv.Error:
            headings = ()
        yield Sheet(tuple(heading.strip() for heading in headings), _csv_lines(reader, len(headings)))


def _parquet_lines(file: pq.ParquetFile) -> Iterator[Line]:
    number = 0
    for batch in file.iter_batches(10_000):
        columns = [column.to_pylist() for column in batch.columns]
        for cells in zip(*columns, strict=True):
            number += 1
            yield number, ["" if cell is None else str(cell) for cell in cells], ""


def _csv_lines(reader: Any, width: int) -> Iterator[Line]:
    """Yield the rows. Nobody can say what is missing after an open quote or a row that ends the file in its middle."""
    short: Line | None = None
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "end of data" in str(error) or "field larger" in str(error):
                words = f"line {start} has an open quote or a field too long to be one: download the file again"
                raise UnreadableFile("file_broken", words) from None
            yield start, [], "row_quotes"
            continue
        if cells is None:
            break
        if short:
            yield short
            short = None
        if not any(cells):
            continue
        if len(cells) < width:
            short = start, cells, "row_short"
            continue
        yield start, cells, "row_long" if len(cells) > width and any(cells[width:]) else ""
    if short:
        words = f"the last row, line {short[0]}, ends in the middle: download the file again"
        raise UnreadableFile("file_truncated", words)


def read_features(text: TextIO) -> Iterator[tuple[str, Any]]:
    """Yield what stands at the top of a GeoJSON document, name and value, and each feature as `("feature", …)`.

    No more than one feature and a block is in memory. Raises `UnreadableFile` where it is no such document.
    """
    source = _Json(text)
    source.expect("{")
    while not source.accept("}"):
        name = source.value()
        source.expect(":")
        if name == "features" and source.accept("["):
            while not source.accept("]"):
                yield "feature", source.value()
                source.accept(",")
        else:
            yield str(name), source.value()
        source.accept(",")
    if not source.is_over():
        raise _broken()


def _broken() -> UnreadableFile:
    return UnreadableFile("file_broken", "the file is no whole JSON document: download it again")


class _Json:
    """A JSON text that is read value by value."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._held, self._at = text, "", 0
        self._decoder = json.JSONDecoder()

    def accept(self, mark: str) -> bool:
        """Go past a mark where it comes next."""
        self._skip()
        if not self._held.startswith(mark, self._at):
            return False
        self._at += 1
        return True

    def expect(self, mark: str) -> None:
        """Go past a mark that must come next."""
        if not self.accept(mark):
            raise _broken()

    def is_over(self) -> bool:
        """Whether nothing but space is left."""
        self._skip()
        return self._at >= len(self._held)

    def value(self) -> Any:
        """Return the next value. What is held grows twofold until the value is whole in it."""
        self._skip()
        wanted = BLOCK_BYTES
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self._at)
                if end < len(self._held):
                    self._at = end
                    return value
            except (ValueError, RecursionError):
                if len(self._held) - self._at > LARGEST_FEATURE:
                    raise _broken() from None
            if not self._more(wanted):
                raise _broken()
            wanted *= 2

    def _skip(self) -> None:
        while True:
            while self._at < len(self._held) and self._held[self._at].isspace():
                self._at += 1
            if self._at < len(self._held) or not self._more(BLOCK_BYTES):
                return

    def _more(self, characters: int) -> bool:
        fresh = self._text.read(characters)
        self._held, self._at = self._held[self._at :] + fresh, 0
        return bool(fresh)
