"""What a listing problem and its plan are made of.

Time is counted in sessions: half days of the days on which courts sit, Monday to Friday without bank holidays, ten to
a full week. A session has a name that people read, such as `2027-01-11 am`; its position counts from the first one.
A judge's session holds `session_units` units of half an hour.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import Literal

from braid.language.documents import Part
from braid.planning.contract import Plan

SESSIONS_A_WEEK = 10
LONGEST_DAYS = 3 * 366
"""Calendar days of the longest horizon."""

AttendancePart = Literal["whole", "first_day", "last_day"]
Hold = Literal["free", "frozen", "locked"]
SPAN_OF_A_DAY = 2
"""Sessions for which somebody attends who comes for the first or the last day."""


@dataclass(frozen=True)
class Absence(Part):
    """Sessions from `first` to `last`, both included."""

    first: str
    last: str


@dataclass(frozen=True)
class Judge(Part):
    """Who hears, with the sessions in which they do not sit in care cases."""

    id: str
    closed: tuple[Absence, ...] = ()


@dataclass(frozen=True)
class Room(Part):
    """Where is heard. In one session a room has one judge."""

    id: str
    features: tuple[str, ...] = ()
    """What the room has, such as screens or a video link."""
    closed: tuple[Absence, ...] = ()


@dataclass(frozen=True)
class Person(Part):
    """Who attends: a social worker, a guardian, a solicitor, an advocate, an interpreter."""

    id: str
    role: str
    absences: tuple[Absence, ...] = ()
    """Sessions in which they cannot attend."""


@dataclass(frozen=True)
class HearingType(Part):
    """A kind of hearing and what holds for all of it."""

    id: str
    is_final: bool = False
    """Whether the case ends with it: only such a hearing can be late."""
    starts_in_morning: bool = False
    judge_change_weight: int = 1
    """How many changes of judge count when it is heard by another judge than the allocated one."""
    list_at_quantile: float = 0.5
    """With which probability it shall be ready by the session from which it may be listed."""


@dataclass(frozen=True)
class Attendance(Part):
    """Somebody's part in a hearing: the whole of it, or its first or last two sessions."""

    person: str
    part: AttendancePart = "whole"


@dataclass(frozen=True)
class Place(Part):
    """When, before whom and where."""

    judge: str
    start: str
    """The first session."""
    room: str | None = None
    """Null where the problem has no rooms: then each judge's session has its room."""


@dataclass(frozen=True)
class Case(Part):
    """Proceedings: the authority that brought them, the allocated judge and the limit of 26 weeks."""

    id: str
    authority: str
    judge: str
    issued_date: date
    late_from: str
    """The first session after the 26 weeks: a final hearing that ends before it is in time."""
    is_urgent: bool = False
    late_weight: int = 1
    excluded_judges: tuple[str, ...] = ()
    """Judges who may not hear it."""


@dataclass(frozen=True)
class Hearing(Part):
    """A hearing of a case, whether or not it has a place already."""

    id: str
    case: str
    type: str
    length_sessions: int
    units: int
    """Units of half an hour that it takes in each of its sessions."""
    ready: str
    """The session by which it is ready as likely as not: evidence filed, assessments in."""
    attendance: tuple[Attendance, ...]
    ready_spread_sessions: float = 0.0
    """Standard deviation of the session of readiness, taken as normal."""
    after: str | None = None
    """The hearing of the same case that comes before it."""
    gap_sessions: int = 0
    """Sessions between the end of the hearing before and its start, at least."""
    wait_weight: int = 1
    """What a session of waiting counts."""
    features: tuple[str, ...] = ()
    """What its room must have."""
    present: Place | None = None
    """Where it is listed now, and parties were told so."""
    hold: Hold = "free"
    """`frozen`: notified and too near to be moved. `locked`: somebody decided that it stays."""


@dataclass(frozen=True)
class Prices(Part):
    """What one unit of each level of the objective counts. Whole numbers, so that a sum is the same on any machine."""

    unlisted: int = 50
    late: int = 4
    """A session past the limit of 26 weeks."""
    wait: int = 1
    """A session between readiness and hearing, times the hearing's weight."""
    judge_change: int = 20
    """A hearing before another judge than the allocated one, times the weight of its type."""
    spread: int = 0
    """A week between the authorities with the longest and the shortest mean wait."""
    move: int = 0
    """A notified hearing that gets another start or judge."""
    unlisted_after_sessions: int = 10
    """A hearing without a place waits as if it were heard so many sessions after the horizon."""


@dataclass(frozen=True)
class Problem(Part):
    """Hearings of many cases to be listed in one horizon."""

    kind: Literal["listing"]
    first_date: date
    last_date: date
    judges: tuple[Judge, ...]
    people: tuple[Person, ...]
    types: tuple[HearingType, ...]
    cases: tuple[Case, ...]
    hearings: tuple[Hearing, ...]
    rooms: tuple[Room, ...] = ()
    closed_dates: tuple[date, ...] = ()
    """Bank holidays and other weekdays on which no court sits: they have no sessions."""
    session_units: int = 5
    prices: Prices = Prices()


@dataclass(frozen=True)
class Placed(Part):
    """A hearing and the place that the plan gives it."""

    hearing: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class ListingPlan(Plan):
    """A list: every hearing has its place or is named as unlisted."""

    placed: tuple[Placed, ...]
    unlisted: tuple[str, ...]


@dataclass(frozen=True)
class Sittings:
    """The sessions of a horizon, in order: two for each day on which courts sit."""

    days: tuple[date, ...]

    @property
    def count(self) -> int:
        """How many sessions there are."""
        return 2 * len(self.days)

    def name(self, position: int) -> str:
        """Return the name of a session inside the horizon or after it; past it all weekdays count as sitting days."""
        day, half = divmod(position, 2)
        when = self.days[day] if 0 <= day < len(self.days) else self._beyond(day)
        return f"{when.isoformat()} {'pm' if half else 'am'}"

    def _beyond(self, day: int) -> date:
        step, left = (1, day - len(self.days) + 1) if day >= 0 else (-1, -day)
        when = self.days[-1] if day >= 0 else self.days[0]
        while left:
            when += timedelta(days=step)
            left -= when.weekday() < 5
        return when

    def find(self, session: str) -> int | None:
        """Return the position of a session, or None where no court sits in it or it lies outside the horizon."""
        read = read_session(session)
        if read is None:
            return None
        day = bisect_left(self.days, read[0])
        return 2 * day + read[1] if day < len(self.days) and self.days[day] == read[0] else None

    def position(self, session: str) -> int:
        """Return where a session stands, negative before the horizon; of a day without sessions, the next one.

        Raises ValueError where the name is none of a session.
        """
        read = read_session(session)
        if read is None:
            raise ValueError("a session is named by its date and am or pm")
        when, half = read
        if when < self.days[0]:
            return min(0, half * (when.weekday() < 5) - 2 * _weekdays(when, self.days[0]))
        if when > self.days[-1]:
            past = _weekdays(self.days[-1] + timedelta(days=1), when)
            return self.count + 2 * past + half * (when.weekday() < 5)
        day = bisect_left(self.days, when)
        return 2 * day + half * (self.days[day] == when)

    def positions(self, absences: Iterable[Absence]) -> list[tuple[int, int]]:
        """Return first and last position of absences, cut to the horizon; those outside it are left out."""
        spans = []
        for absence in absences:
            if self._ends_before(absence):
                continue
            first = max(0, self.position(absence.first))
            last = self.position(absence.last) - (self._has_no_session(absence.last))
            if first <= min(last, self.count - 1):
                spans.append((first, min(last, self.count - 1)))
        return spans

    def _ends_before(self, absence: Absence) -> bool:
        """Whether it is over before the first day: a Sunday before it has no session whose position would say so."""
        read = read_session(absence.last)
        return read is not None and read[0] < self.days[0]

    def _has_no_session(self, session: str) -> bool:
        read = read_session(session)
        return read is not None and self.days[0] <= read[0] <= self.days[-1] and self.find(session) is None


def read_session(name: str) -> tuple[date, int] | None:
    """Return date and half (0 morning, 1 afternoon) of a session's name, or None where it is none."""
    day, _, half = name.partition(" ")
    if half not in ("am", "pm") or len(day) != 10:
        return None
    try:
        return date.fromisoformat(day), int(half == "pm")
    except ValueError:
        return None


def _weekdays(first: date, end: date) -> int:
    """Count Mondays to Fridays from a date to the one before another."""
    weeks, rest = divmod((end - first).days, 7)
    return 5 * weeks + sum((first + timedelta(days=day)).weekday() < 5 for day in range(rest))


def sittings_of(problem: Problem) -> Sittings:
    """Return the sessions of a problem's horizon."""
    closed = set(problem.closed_dates)
    span = (problem.last_date - problem.first_date).days + 1
    days = (problem.first_date + timedelta(days=day) for day in range(span))
    return Sittings(tuple(day for day in days if day.weekday() < 5 and day not in closed))


def listed_from(sittings: Sittings, hearing: Hearing, quantile: float) -> int:
    """Return the position from which a hearing may be listed: ready with the probability `quantile`."""
    median = sittings.position(hearing.ready)
    if hearing.ready_spread_sessions == 0 or quantile == 0.5:
        return median
    return math.ceil(median + NormalDist().inv_cdf(quantile) * hearing.ready_spread_sessions)
