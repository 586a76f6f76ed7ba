"""A calendar of somebody's meetings, hearings, appointments and due days (RFC 5545), for a calendar program that others
may look into.

An entry says what there is and, of a meeting, its reference, or how many things are due on a day. It names nobody, no
place, no case and no kind of case.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from braid.care.reminders import ONLY_TOLD, Kind, Thing, counted
from braid.language.dates import london_date
from braid.language.ics_text import Entry, calendar_file

PRODUCT = "-//Braid//Work list//EN"
MOST_ENTRIES = 500
HEAD = (
    "X-WR-CALNAME:Work list",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",  # RFC 7986 5.7; and what older programs look for
    "X-PUBLISHED-TTL:PT1H",
)


@dataclass(frozen=True)
class Appointment:
    """Something at a time: its id and reference, when it begins (an instant), how long it lasts, whether it is off.

    `what` is what it is called beside its reference, which is empty where it would say more than the time.
    """

    id: str
    reference: str
    starts_at: dt.datetime
    minutes: int
    is_cancelled: bool = False
    revision: int | None = 0
    """How often it was changed: a calendar program takes the highest. `None` where nobody counts."""
    what: str = "MDT meeting"


@dataclass(frozen=True)
class CaseDay:
    """The day of a hearing or a meeting of a case, without a time."""

    id: str
    what: str
    day: dt.date
    is_cancelled: bool = False
    revision: int = 0


def write_feed(
    appointments: Iterable[Appointment],
    things: Iterable[Thing],
    stamp: dt.datetime,
    owner: str,
    days: Iterable[CaseDay] = (),
) -> bytes:
    """Return the feed of `owner`, whose user name goes into nothing but a hash. `stamp` is when it is made."""
    timed = sorted(appointments, key=lambda one: (one.starts_at, one.what, one.id))[:MOST_ENTRIES]
    whole = sorted(days, key=lambda one: (one.day, one.id))[:MOST_ENTRIES]
    due = sorted(_due_days(things).items())[:MOST_ENTRIES]
    entries = [*(_timed(one, owner) for one in timed), *(_case_day(one, owner) for one in whole)]
    entries += [_due_day(day, count, owner) for day, count in due]
    return calendar_file(PRODUCT, entries, stamp, *HEAD)


def _due_days(things: Iterable[Thing]) -> dict[dt.date, Counter[Kind]]:
    """Return of each day how many of each kind are due: what is due at midnight is due on the day before."""
    found: dict[dt.date, Counter[Kind]] = {}
    for one in things:
        if one.kind not in ONLY_TOLD:
            day = london_date(one.due_at - dt.timedelta(microseconds=1))
            found.setdefault(day, Counter())[one.kind] += 1
    return found


def _timed(one: Appointment, owner: str) -> Entry:
    ends = one.starts_at + dt.timedelta(minutes=one.minutes)
    title = f"{one.what} {one.reference}".strip()
    name = _name(owner, one.what, one.id)
    return Entry(name, title, one.starts_at, ends, one.revision, is_cancelled=one.is_cancelled)


def _case_day(one: CaseDay, owner: str) -> Entry:
    ends, name = one.day + dt.timedelta(days=1), _name(owner, "day", one.id)
    return Entry(name, one.what, one.day, ends, one.revision, is_cancelled=one.is_cancelled, is_busy=False)


def _due_day(day: dt.date, count: Counter[Kind], owner: str) -> Entry:
    said = ", ".join(counted(kind, count[kind]) for kind in Kind if count[kind])
    ends, name = day + dt.timedelta(days=1), _name(owner, "due", day.isoformat())
    return Entry(name, f"{said} due", day, ends, is_busy=False)


def _name(owner: str, kind: str, known_by: str) -> str:
    """What an entry is known by: the same at each reading, and another for each reader."""
    return "\0".join((owner, kind, known_by))
