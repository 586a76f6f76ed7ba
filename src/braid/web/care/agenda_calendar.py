"""The agenda of a meeting as a calendar file, for a calendar program that others may look into."""

import datetime as dt
from collections.abc import Iterable

from braid.language.ics_text import Entry, calendar_file

PRODUCT = "-//Braid//Agenda//EN"
Place = tuple[dt.datetime, dt.datetime, str]
"""When a case begins and ends, and its reference."""


def write_agenda(reference: str, places: Iterable[Place], stamp: dt.datetime) -> bytes:
    """Return the cases of a meeting as a calendar file (RFC 5545). It names nobody, and no organisation.

    `reference` is of the meeting; `stamp` is when the file is made.
    """
    entries = (
        Entry(f"{reference} {case}", f"{reference}: {case}", begins_at, ends_at) for begins_at, ends_at, case in places
    )
    return calendar_file(PRODUCT, entries, stamp)
