"""Agreed appointments as a calendar file, for a calendar program that others may look into."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from braid.language.dates import LONDON
from braid.language.ics_text import as_file, escape, instant

PRODUCT = "-//Braid//Appointments//EN"
Agreed = tuple[dt.date, int, int]
"""A day, and beginning and end in minutes after midnight."""


def write_appointments(reference: str, agreed: Iterable[Agreed], stamp: dt.datetime) -> bytes:
    """Return the appointments as a calendar file (RFC 5545). It names nobody, no service and no place.

    `reference` is of the case; `stamp` is when the file is made.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    for date, start, end in sorted(agreed):
        named = f"{reference} {date} {start}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(named.encode()).hexdigest()[:32]}@braid",
            f"DTSTAMP:{instant(stamp)}",
            f"DTSTART:{instant(_at(date, start))}",
            f"DTEND:{instant(_at(date, end))}",
            f"SUMMARY:{escape(f'Appointment {reference}')}",
            "END:VEVENT",
        ]
    return as_file([*lines, "END:VCALENDAR"])


def _at(date: dt.date, minute: int) -> dt.datetime:
    """Return a time of a day of the United Kingdom as an instant."""
    return dt.datetime.combine(date, dt.time(minute // 60, minute % 60), LONDON)
