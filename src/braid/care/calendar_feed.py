"""A calendar of somebody's meetings and due days (RFC 5545), for a calendar program that others may look into.

An entry says that there is a meeting and its reference, or how many things are due on a day. It names nobody, no place
and no kind of case. Meetings are instants in UTC, so that no program can get the change of the clocks wrong; due days
are days, without a time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from braid.care.reminders import ONLY_TOLD, Kind, Thing, counted
from braid.language.dates import london_date
from braid.language.ics_text import as_file, escape, instant

PRODUCT = "-//Braid//Work list//EN"
MOST_ENTRIES = 500


@dataclass(frozen=True)
class Appointment:
    """A meeting: its id and reference, when it begins (an instant), how long it lasts, whether it is called off."""

    id: str
    reference: str
    starts_at: dt.datetime
    minutes: int
    is_cancelled: bool = False
    revision: int = 0
    """How often it was changed: a calendar program takes the highest."""


def write_feed(meetings: Iterable[Appointment], things: Iterable[Thing], stamp: dt.datetime, owner: str) -> bytes:
    """Return the feed of `owner`, whose user name goes into nothing but a hash. `stamp` is when it is made."""
    entries = [
        line
        for one in sorted(meetings, key=lambda one: (one.starts_at, one.id))[:MOST_ENTRIES]
        for line in _meeting(one, stamp, owner)
    ]
    for day, count in sorted(_due_days(things).items())[:MOST_ENTRIES]:
        entries += _due_day(day, count, stamp, owner)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Work list",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",  # RFC 7986 5.7; and what older programs look for
        "X-PUBLISHED-TTL:PT1H",
        *entries,
        "END:VCALENDAR",
    ]
    return as_file(lines)


def _due_days(things: Iterable[Thing]) -> dict[dt.date, Counter[Kind]]:
    """Return of each day how many of each kind are due: what is due at midnight is due on the day before."""
    found: dict[dt.date, Counter[Kind]] = {}
    for one in things:
        if one.kind not in ONLY_TOLD:
            day = london_date(one.due_at - dt.timedelta(microseconds=1))
            found.setdefault(day, Counter())[one.kind] += 1
    return found


def _meeting(one: Appointment, stamp: dt.datetime, owner: str) -> list[str]:
    return _entry(
        _uid(owner, "meeting", one.id),
        stamp,
        f"DTSTART:{instant(one.starts_at)}",
        f"DTEND:{instant(one.starts_at + dt.timedelta(minutes=one.minutes))}",
        f"SUMMARY:{escape(f'MDT meeting {one.reference}')}",
        f"STATUS:{'CANCELLED' if one.is_cancelled else 'CONFIRMED'}",
        f"SEQUENCE:{one.revision}",
    )


def _due_day(day: dt.date, count: Counter[Kind], stamp: dt.datetime, owner: str) -> list[str]:
    said = ", ".join(counted(kind, count[kind]) for kind in Kind if count[kind])
    return _entry(
        _uid(owner, "due", day.isoformat()),
        stamp,
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escape(f'{said} due')}",
        "TRANSP:TRANSPARENT",
    )


def _entry(uid: str, stamp: dt.datetime, *lines: str) -> list[str]:
    head = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{instant(stamp)}"]
    return [*head, *lines, "CLASS:PRIVATE", "END:VEVENT"]


def _uid(owner: str, kind: str, known_by: str) -> str:
    """What an entry is known by: the same at each reading, and another for each reader."""
    mark = hashlib.sha256("\0".join((owner, kind, known_by)).encode()).hexdigest()[:32]
    return f"{mark}@work-list.invalid"
