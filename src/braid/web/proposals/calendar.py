"""Accepted moves as a calendar file, for a calendar program that others may look into: days and references alone."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from braid.language.ics_text import as_file, escape, instant

PRODUCT = "-//Braid//Placement board//EN"
COURT_PRODUCT = "-//Braid//Listing board//EN"
MOST_ENTRIES = 500
COURT_ZONE = ZoneInfo("Europe/London")
COURT_HOURS = ((dt.time(10), dt.time(13)), (dt.time(14), dt.time(16, 30)))
"""When a morning and an afternoon in court begin and end: times inside them are the court's, and no list says them."""
Move = tuple[dt.date, str]
"""The day of a move, and the reference of its household."""
Hearing = tuple[dt.date, frozenset[int], str]
"""A day of a hearing, its halves (0 morning, 1 afternoon) and its reference."""


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


def write_hearings(hearings: Iterable[Hearing], stamp: dt.datetime) -> bytes:
    """Return hearings as a calendar file, one entry a day. It names nobody, no case and no court room."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{COURT_PRODUCT}", "CALSCALE:GREGORIAN"]
    for day, halves, reference in hearings:
        begins, ends = COURT_HOURS[min(halves)][0], COURT_HOURS[max(halves)][1]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(f'hearing {reference} {day}'.encode()).hexdigest()[:32]}@braid",
            f"DTSTAMP:{instant(stamp)}",
            f"DTSTART:{instant(dt.datetime.combine(day, begins, COURT_ZONE))}",
            f"DTEND:{instant(dt.datetime.combine(day, ends, COURT_ZONE))}",
            f"SUMMARY:{escape(f'Hearing {reference}')}",
            "END:VEVENT",
        ]
    return as_file([*lines, "END:VCALENDAR"])
