"""Accepted moves as a calendar file, for a calendar program that others may look into: days and references alone."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from braid.language.dates import LONDON
from braid.language.ics_text import Entry, calendar_file

PRODUCT = "-//Braid//Placement board//EN"
COURT_PRODUCT = "-//Braid//Listing board//EN"
MOST_ENTRIES = 500
COURT_HOURS = ((dt.time(10), dt.time(13)), (dt.time(14), dt.time(16, 30)))
"""When a morning and an afternoon in court begin and end: times inside them are the court's, and no list says them."""
Move = tuple[dt.date, str]
"""The day of a move, and the reference of its household."""
Hearing = tuple[dt.date, frozenset[int], str]
"""A day of a hearing, its halves (0 morning, 1 afternoon) and its reference."""


def write_moves(moves: Iterable[Move], stamp: dt.datetime) -> bytes:
    """Return the moves as a calendar file (RFC 5545). It names nobody and no place. `stamp` is when it is made."""
    entries = (
        Entry(f"move {reference}", f"Move {reference}", day, day + dt.timedelta(days=1))
        for day, reference in sorted(moves)[:MOST_ENTRIES]
    )
    return calendar_file(PRODUCT, entries, stamp)


def write_hearings(hearings: Iterable[Hearing], stamp: dt.datetime) -> bytes:
    """Return hearings as a calendar file, one entry a day. It names nobody, no case and no court room."""
    entries = (
        Entry(
            f"hearing {reference} {number}",
            f"Hearing {reference}",
            dt.datetime.combine(day, COURT_HOURS[min(halves)][0], LONDON),
            dt.datetime.combine(day, COURT_HOURS[max(halves)][1], LONDON),
        )
        for number, day, halves, reference in _numbered(hearings)
    )
    return calendar_file(COURT_PRODUCT, entries, stamp)


def _numbered(hearings: Iterable[Hearing]) -> Iterator[tuple[int, dt.date, frozenset[int], str]]:
    """Give each day of a hearing its number among the days of it, so that it is the same entry when it moves."""
    earlier: Counter[str] = Counter()
    for day, halves, reference in sorted(hearings, key=lambda one: one[0]):
        yield earlier[reference], day, halves, reference
        earlier[reference] += 1
