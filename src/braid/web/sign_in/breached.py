"""Passwords known from breaches: a file of SHA-1 hashes in their order, as publishers give it, searched by bisection.

Each line begins with a hash in hexadecimal, of one length throughout the file: 40 digits, or the first of them where
the place keeps a shorter list, 16 at least; what follows a colon (how often it was seen) is not read. The file may be
tens of gigabytes: a search reads about forty pieces of it, and nothing of a password leaves this machine. SHA-1 is how
such lists are published; nothing rests on its strength.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 256
"""Bytes of a line, its end included."""
PROBES = 64
"""Lines looked at to see whether a file is one."""
_LINE = re.compile(rb"([0-9A-Fa-f]{16,40})(?::\d{1,20})?\r?\n?")


class BreachedListNotReadable(Exception):
    """The list is not there, or is no such list. The message says what is wrong with it, and nothing of a password."""


@dataclass(frozen=True)
class BreachedList:
    """A list of breached passwords in a file."""

    path: Path

    def has(self, password: str) -> bool:
        """Whether a password is in the list. Raises `BreachedListNotReadable`."""
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        try:
            with self.path.open("rb") as lines:
                size = lines.seek(0, os.SEEK_END)
                low, high = 0, size
                while low < high:
                    middle = (low + high) // 2
                    found = _line_at(lines, middle, high)
                    if found is None:
                        high = middle
                    elif wanted.startswith(found[1]):
                        return True
                    elif found[1] < wanted:
                        low = found[2]
                    else:
                        high = middle
                return False
        except OSError as error:
            raise BreachedListNotReadable(_words(error)) from None

    def check(self) -> None:
        """Raise `BreachedListNotReadable` unless lines from all over the file are hashes of one length, in order."""
        try:
            with self.path.open("rb") as lines:
                size = lines.seek(0, os.SEEK_END)
                places = sorted({size * number // PROBES for number in range(PROBES)})
                found = [one for one in (_line_at(lines, place, size) for place in places) if one is not None]
        except OSError as error:
            raise BreachedListNotReadable(_words(error)) from None
        hashes = [one[1] for one in found]
        if not hashes:
            raise BreachedListNotReadable("it holds no hash")
        if len({len(one) for one in hashes}) > 1:
            raise BreachedListNotReadable("its hashes are not of one length")
        if hashes != sorted(hashes):
            raise BreachedListNotReadable("its hashes are not in their order")


def _line_at(lines: BinaryIO, place: int, end: int) -> tuple[int, bytes, int] | None:
    """Return the first line that begins at `place` or after it and before `end`: where, its hash, and where it is over.

    Raises `BreachedListNotReadable` where a line is none of such a list.
    """
    if place:
        lines.seek(place - 1)
        skipped = lines.readline(LONGEST_LINE)
        place = place - 1 + len(skipped)
    else:
        lines.seek(0)
    if place >= end:
        return None
    line = lines.readline(LONGEST_LINE)
    if not line:
        return None
    read = _LINE.fullmatch(line)
    if read is None:
        raise BreachedListNotReadable("a line of it is not a hash of 16 to 40 digits")
    return place, read[1].upper(), place + len(line)


def _words(error: OSError) -> str:
    return f"it cannot be read ({(error.strerror or 'no reason given').lower()})"
