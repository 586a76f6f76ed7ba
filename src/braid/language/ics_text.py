"""Lines of a calendar file as RFC 5545 wants them: instants in UTC, text escaped, no line over 75 octets."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

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


EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Entry:
    """An entry of a calendar: when, and a neutral title. Days stand for whole days, the end not included."""

    name: str
    """What makes it the same entry in the next file; only a hash of it leaves."""
    title: str
    starts: dt.datetime | dt.date
    ends: dt.datetime | dt.date
    revision: int | None = None
    """How often it was changed. Where nobody counts, the minute of the file stands for it: a later file is newer."""
    is_cancelled: bool = False
    is_busy: bool = True
    """Whether it takes time, as a meeting does and a day on which something is due does not."""


def calendar_file(product: str, entries: Iterable[Entry], stamp: dt.datetime, *head: str) -> bytes:
    """Return a calendar file (RFC 5545) with these entries, made at `stamp`: times and titles, no place and nobody.

    Times are instants in UTC, so that no program can get the change of the clocks wrong. `head` are further lines about
    the calendar as a whole.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{product}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", *head]
    for entry in entries:
        lines += _event(entry, stamp)
    return as_file([*lines, "END:VCALENDAR"])


def _event(entry: Entry, stamp: dt.datetime) -> list[str]:
    revision = int((stamp - EPOCH).total_seconds()) // 60 if entry.revision is None else entry.revision
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(entry.name.encode()).hexdigest()[:32]}@braid.invalid",
        f"DTSTAMP:{instant(stamp)}",
        f"DTSTART{_moment(entry.starts)}",
        f"DTEND{_moment(entry.ends)}",
        f"SUMMARY:{escape(entry.title)}",
        f"STATUS:{'CANCELLED' if entry.is_cancelled else 'CONFIRMED'}",
        f"SEQUENCE:{revision}",
        *([] if entry.is_busy else ["TRANSP:TRANSPARENT"]),
        "CLASS:PRIVATE",
        "END:VEVENT",
    ]


def _moment(at: dt.datetime | dt.date) -> str:
    return f":{instant(at)}" if isinstance(at, dt.datetime) else f";VALUE=DATE:{at:%Y%m%d}"
