"""ZIP files, so workbooks and documents too, and gzip: every byte is accounted for, or the file is not opened."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from braid.outbound.opened import MOST_RATIO, RATIO_FROM, Budget, CannotOpen, Opened

_LOCAL, _END = struct.Struct("<4s22xHH"), 22
_ENCRYPTED, _DESCRIPTOR = 0x1, 0x8
_DESCRIPTOR_SIZES = {0, 12, 16, 20, 24}
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_NAME, _COMMENT, _EXTRA = 0x08, 0x10, 0x04


def open_zip(content: bytes, budget: Budget) -> Opened:
    """Return the entries; names, remarks and extra fields are words. Raise `CannotOpen` unless that is every byte."""
    opened = Opened()
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        _check_no_gap(file, content)
        opened.texts.append(("remark", file.comment.decode("latin-1")))
        for entry in file.infolist():
            _check_entry(entry)
            for what, text in (("name", entry.filename), ("extra field", _letters(_local_extra(entry, content)))):
                opened.texts.append((what, text))
            opened.texts.append(("extra field", _letters(entry.extra)))
            opened.texts.append(("remark", entry.comment.decode("latin-1")))
            if entry.is_dir() and not entry.file_size:
                continue
            budget.take(entry.file_size)
            with file.open(entry) as stream:
                data = stream.read(entry.file_size + 1)
            if len(data) != entry.file_size:
                raise CannotOpen("an entry of the archive has another size than it says; pack it again")
            opened.inner.append((entry.filename, data))
    return opened


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise CannotOpen("an entry of the archive is encrypted or packed in an unknown way; send it unpacked")
    if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
        raise CannotOpen("an entry of the archive unfolds to far more than its size; send it unpacked")


def _check_no_gap(file: zipfile.ZipFile, content: bytes) -> None:
    """Raise unless entries, list and end follow one another without a byte between, before or behind them."""
    at = 0
    for entry in sorted(file.infolist(), key=lambda entry: entry.header_offset):
        gap = entry.header_offset - at
        if gap != 0:
            raise CannotOpen("the archive holds bytes beside its entries; pack it again")
        signature, name, extra = _LOCAL.unpack_from(content, at)
        written = content[at + _LOCAL.size : at + _LOCAL.size + name]
        if signature != b"PK\x03\x04" or written.decode("latin-1") not in _spellings(entry):
            raise CannotOpen("an entry of the archive names itself in two ways; pack it again")
        at += _LOCAL.size + name + extra + entry.compress_size
        if entry.flag_bits & _DESCRIPTOR:
            at += _descriptor_size(content, at)
    end = len(content) - _END - len(file.comment)
    if at != file.start_dir or content[end : end + 4] != b"PK\x05\x06":
        raise CannotOpen("the archive holds bytes beside its entries; pack it again")
    listed = sum(46 + len(_raw_name(entry)) + len(entry.extra) + len(entry.comment) for entry in file.infolist())
    if file.start_dir + listed != end:
        raise CannotOpen("the archive holds bytes beside its list; pack it again")


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")


def _spellings(entry: zipfile.ZipInfo) -> set[str]:
    return {_raw_name(entry).decode("latin-1")}


def _descriptor_size(content: bytes, at: int) -> int:
    """Return the size of the sums behind an entry, whose signature may be left out (APPNOTE 4.3.9)."""
    for size in sorted(_DESCRIPTOR_SIZES):
        if content[at + size : at + size + 4] in (b"PK\x03\x04", b"PK\x01\x02"):
            return size
    raise CannotOpen("an entry of the archive does not end where it should; pack it again")


def _local_extra(entry: zipfile.ZipInfo, content: bytes) -> bytes:
    _, name, extra = _LOCAL.unpack_from(content, entry.header_offset)
    start = entry.header_offset + _LOCAL.size + name
    return content[start : start + extra]


def _letters(data: bytes) -> str:
    return data.decode("latin-1")


def open_gzip(content: bytes, budget: Budget) -> Opened:
    """Return what was packed, one file for each member. Raise `CannotOpen` for anything behind the last."""
    opened, rest = Opened(), content
    while rest:
        opened.texts.append(("gzip header", _header_words(rest)))
        unpack = zlib.decompressobj(wbits=31)
        most = min(budget.bytes_left, max(RATIO_FROM, MOST_RATIO * len(rest)))
        data = unpack.decompress(rest, most + 1)
        if len(data) > most or not unpack.eof:
            raise CannotOpen("the gzip file is cut short or unfolds too far; send it unpacked")
        budget.take(len(data))
        opened.inner.append(("gzip member", data))
        rest = unpack.unused_data
    return opened


def _header_words(member: bytes) -> str:
    """Return the extra field, name and remark of a member (RFC 1952, 2.3)."""
    flags, at = member[3], 10
    words = []
    if flags & _EXTRA:
        size = int.from_bytes(member[at : at + 2], "little")
        words.append(member[at + 2 : at + 2 + size])
        at += 2 + size
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            end = member.index(b"\0", at)
            words.append(member[at:end])
            at = end + 1
    return "\n".join(word.decode("latin-1") for word in words)
