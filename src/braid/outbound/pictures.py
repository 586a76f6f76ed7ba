"""Pictures without what a camera or a program wrote beside them: where it was taken, with what, by whom, and when."""

from __future__ import annotations

from braid.outbound.model import DraftRefused

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_JPEG_KEPT = {0xE0, 0xEE, 0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD}
"""Segments that a decoder needs (ITU T.81): JFIF and Adobe marks, frames, tables. EXIF and remarks are not."""
_JFIF_SIZE, _ADOBE_SIZE = 16, 14
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"bKGD"}


def is_picture(content: bytes) -> bool:
    """Whether it is a picture of a kind that `without_metadata` knows."""
    return content.startswith((_JPEG, _PNG))


def without_metadata(content: bytes) -> bytes:
    """Return the picture with its points alone. Raise `DraftRefused` for one that is damaged or of a kind not known."""
    try:
        return _bare_jpeg(content) if content.startswith(_JPEG) else _bare_png(content)
    except (IndexError, ValueError):
        raise DraftRefused("The picture is damaged or not a JPEG or PNG: save it again.") from None


def _bare_jpeg(content: bytes) -> bytes:
    """Keep the needed segments and the scans; nothing behind the end of the picture."""
    kept, at = [content[:2]], 2
    while content[at + 1] != 0xD9:
        if content[at] != 0xFF:
            raise ValueError("no segment where one should begin")
        kind, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        end = at + 2 + size
        if kind == 0xDA:
            end = _scan_end(content, end)
        if size < 2 or end > len(content):
            raise ValueError("a segment without an end")
        needed = {0xE0: size == _JFIF_SIZE, 0xEE: size == _ADOBE_SIZE}.get(kind, True)
        if kind == 0xDA or (kind in _JPEG_KEPT and needed):
            kept.append(content[at:end])
        at = end
    return b"".join((*kept, b"\xff\xd9"))


def _scan_end(content: bytes, at: int) -> int:
    """Return where the points of a scan end: at a mark that is neither stuffing nor a restart."""
    at = content.index(b"\xff", at)
    while content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
        at = content.index(b"\xff", at + 2)
    return at


def _bare_png(content: bytes) -> bytes:
    """Keep the chunks that a decoder needs; nothing behind the last."""
    if not content.startswith(_PNG):
        raise ValueError("another kind")
    kept, at, kind = [_PNG], len(_PNG), b""
    while kind != b"IEND":
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        end = at + 12 + size
        if end > len(content):
            raise ValueError("a chunk without an end")
        if kind in _PNG_KEPT:
            kept.append(content[at:end])
        at = end
    return b"".join(kept)
