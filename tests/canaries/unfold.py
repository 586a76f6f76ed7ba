"""What a file holds: the files within it, and the ways to read each."""

from __future__ import annotations

import gzip
import html
import io
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pyarrow as pa
import pyarrow.parquet as pq
import pypdf

DEEPEST = 6
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_TAG = re.compile(rb"<[^<>]{0,4000}>")
_LETTER = re.compile(rb"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_PACKED = b"PK\x03\x04"


class CannotUnfold(Exception):
    """A container that the scanner could not open: what is in it was not looked at."""


def unfold(name: str, content: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield the file and everything within it, each with a name. Raise `CannotUnfold` for what cannot be opened."""
    yield name, content
    if depth > DEEPEST:
        raise CannotUnfold(name)
    try:
        inner = list(_inside(content))
    except Exception as error:
        raise CannotUnfold(f"{name}: {type(error).__name__}") from error
    for part, held in inner:
        yield from unfold(f"{name}/{part}", held, depth + 1)


def _inside(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(_PACKED):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for number, entry in enumerate(archive.infolist()):
                yield str(number), entry.filename.encode() + b"\n" + archive.comment + b"\n" + entry.comment
                yield str(number), archive.read(entry)
    elif content.startswith(b"\x1f\x8b\x08"):
        yield "gzip", gzip.decompress(content)
    elif content.startswith(b"%PDF"):
        yield from _inside_pdf(content)
    elif content.startswith(b"PAR1") and content.endswith(b"PAR1"):
        yield from _inside_parquet(content)
    elif content.startswith(b"ARROW1"):
        table = pa.ipc.open_file(content).read_all()
        yield from _columns(table)


def _inside_pdf(content: bytes) -> Iterator[tuple[str, bytes]]:
    for number, stream in enumerate(_STREAM.findall(content)):
        unpack = zlib.decompressobj()
        try:
            yield f"stream {number}", unpack.decompress(stream)
        except zlib.error:
            yield f"stream {number}", stream
    reader = pypdf.PdfReader(io.BytesIO(content))
    yield "words", "\n".join(page.extract_text() for page in reader.pages).encode()
    yield "properties", "\n".join(str(value) for value in (reader.metadata or {}).values()).encode()


def _inside_parquet(content: bytes) -> Iterator[tuple[str, bytes]]:
    file = pq.ParquetFile(io.BytesIO(content))
    yield "metadata", repr(file.schema_arrow.metadata).encode()
    for number in range(file.num_row_groups):
        yield from _columns(file.read_row_group(number))


def _columns(table: pa.Table) -> Iterator[tuple[str, bytes]]:
    for name, column in zip(table.column_names, table.columns, strict=True):
        values = (value for value in column.to_pylist() if value is not None)
        yield name, b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def readings(content: bytes) -> Iterator[bytes]:
    """Yield the bytes, and where they are text, as a page, a mail, an address or a program would read them."""
    yield content
    if b"\0" in content:
        yield content.replace(b"\0", b"")  # UTF-16, either way round and wherever it begins
        if b"\0" in content[:4096]:
            return
    if b"&" in content:
        yield html.unescape(content.decode("utf-8", "replace")).encode()
    if b"%" in content:
        yield unquote_to_bytes(content.replace(b"+", b" "))
    if b"\\" in content:
        yield _LETTER.sub(lambda found: chr(int(found[1] or found[2], 16)).encode("utf-8", "replace"), content)
    if b"=" in content:
        yield quopri.decodestring(content)
    if b"<" in content:
        words = _TAG.sub(b"", content).decode("utf-8", "replace")
        yield html.unescape(html.unescape(words)).encode()  # an escape that was itself escaped
