"""Agreed appointments as a calendar file, for a calendar program that others may look into."""

import datetime as dt
from collections.abc import Iterable

from braid.language.dates import LONDON
from braid.language.ics_text import Entry, calendar_file

PRODUCT = "-//Braid//Appointments//EN"
Agreed = tuple[str, dt.date, int, int]
"""What is needed, by its id, so that it is the same entry when it moves; a day, and beginning and end in minutes."""


def write_appointments(reference: str, agreed: Iterable[Agreed], stamp: dt.datetime) -> bytes:
    """Return the appointments as a calendar file (RFC 5545). It names nobody, no service and no place.

    `reference` is of the case; `stamp` is when the file is made.
    """
    entries = (
        Entry(f"{reference} {need}", f"Appointment {reference}", at_minute(date, start), at_minute(date, end))
        for need, date, start, end in sorted(agreed, key=lambda one: one[1:])
    )
    return calendar_file(PRODUCT, entries, stamp)


def at_minute(date: dt.date, minute: int) -> dt.datetime:
    """Return a time of a day of the United Kingdom as an instant."""
    return dt.datetime.combine(date, dt.time(minute // 60, minute % 60), LONDON)
