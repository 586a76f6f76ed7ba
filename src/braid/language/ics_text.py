"""Lines of a calendar file as RFC 5545 wants them: instants in UTC, text escaped, no line over 75 octets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

_FOLD = 75


def instant(at: dt.datetime) -> str:
    """Return an instant, which knows its zone, as UTC."""
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def escape(text: str) -> str:
    r"""Escape by RFC 5545, 3.3.11: `\`, `;` and `,` take a `\`, a line end becomes `\n`."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(text.splitlines())


def fold(line: str) -> str:
    """Fold to lines of at most 75 octets (RFC 5545, 3.1), never within a letter."""
    folded, octets = [""], 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > _FOLD:
            folded.append(" ")
            octets = 1
        folded[-1] += letter
        octets += size
    return "\r\n".join(folded)


def as_file(lines: Iterable[str]) -> bytes:
    """Return the lines as the bytes of a calendar file."""
    return "".join(f"{fold(line)}\r\n" for line in lines).encode()
