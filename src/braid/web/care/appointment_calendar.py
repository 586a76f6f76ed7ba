"""Agreed appointments as a calendar file, for a calendar program that others may look into."""

import datetime as dt
from collections.abc import Iterable

from braid.language.dates import LONDON
from braid.language.ics_text import Entry, calendar_file

PRODUCT = "-//Braid//Appointments//EN"
Agreed = tuple[dt.date, int, int]
"""A day, and beginning and end in minutes after midnight."""


def write_appointments(reference: str, agreed: Iterable[Agreed], stamp: dt.datetime) -> bytes:
    """Return the appointments as a calendar file (RFC 5545). It names nobody, no service and no place.

    `reference` is of the case; `stamp` is when the file is made.
    """
    entries = (
        Entry(f"{reference} {date} {start}", f"Appointment {reference}", _at(date, start), _at(date, end))
        for date, start, end in sorted(agreed)
    )
    return calendar_file(PRODUCT, entries, stamp)


def _at(date: dt.date, minute: int) -> dt.datetime:
    """Return a time of a day of the United Kingdom as an instant."""
    return dt.datetime.combine(date, dt.time(minute // 60, minute % 60), LONDON)
