"""Accepted moves as a calendar file, for a calendar program that others may look into: days and references alone."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from braid.language.ics_text import as_file, escape, instant

PRODUCT = "-//Braid//Placement board//EN"
MOST_ENTRIES = 500
Move = tuple[dt.date, str]
"""The day of a move, and the reference of its household."""


def write_moves(moves: Iterable[Move], stamp: dt.datetime) -> bytes:
    """Return the moves as a calendar file (RFC 5545). It names nobody and no place. `stamp` is when it is made."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    for day, reference in sorted(moves)[:MOST_ENTRIES]:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(f'move {reference}'.encode()).hexdigest()[:32]}@braid",
            f"DTSTAMP:{instant(stamp)}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escape(f'Move {reference}')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return as_file([*lines, "END:VCALENDAR"])
