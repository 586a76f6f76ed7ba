"""The four ways a rule counts days: calendar days, working days, school days; beginning with a day, or after it.

Bank holidays of England and Wales are data (`data/bank_holidays.csv`, after the list the government publishes). School
terms differ by place and come from the place folder.
"""

from __future__ import annotations

import csv
import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib import resources

from braid.language.dates import LONDON

FIRST_DAY, LAST_DAY = dt.date(2005, 1, 1), dt.date(2030, 12, 31)
"""The days for which bank holidays are held: beyond them no working day is counted."""

ONE_DAY = dt.timedelta(days=1)


class DayType(StrEnum):
    """Which days count."""

    CALENDAR = "calendar"
    WORKING = "working"
    SCHOOL = "school"


class DateNotReckonable(Exception):
    """The calendar does not reach far enough: term dates or bank holidays are missing for the period."""


@lru_cache(maxsize=1)
def england_bank_holidays() -> frozenset[dt.date]:
    """Return the bank holidays of England and Wales that are held as data."""
    text = resources.files("braid.language").joinpath("data/bank_holidays.csv").read_text(encoding="utf-8")
    return frozenset(dt.date.fromisoformat(row["date"]) for row in csv.DictReader(text.splitlines()))


LEAST_A_YEAR = 8
"""England and Wales have eight bank holidays a year or more: a list of fewer is not that of a whole year."""


def revise_bank_holidays(listed: frozenset[dt.date]) -> frozenset[dt.date]:
    """Return the bank holidays that are held as data, with what a newer list says of them.

    A year that the list has whole is as the list has it; of other years its days are added, and none is taken away.
    """
    if not listed:
        return england_bank_holidays()
    counts = Counter(day.year for day in listed)
    whole = {year for year, count in counts.items() if count >= LEAST_A_YEAR}
    return listed | {day for day in england_bank_holidays() if day.year not in whole}


@dataclass(frozen=True)
class Calendar:
    """Working and school days of one place.

    `terms` are pairs of inclusive first and last days; `closed_days` are days inside a term without school.
    """

    terms: tuple[tuple[dt.date, dt.date], ...] = ()
    closed_days: frozenset[dt.date] = frozenset()
    bank_holidays: frozenset[dt.date] = field(default_factory=england_bank_holidays)

    def is_working_day(self, day: dt.date) -> bool:
        """Monday to Friday and no bank holiday."""
        return day.weekday() < 5 and day not in self.bank_holidays

    def is_school_day(self, day: dt.date) -> bool:
        """A working day inside a term on which the schools of the place are not closed."""
        is_open = self.is_working_day(day) and day not in self.closed_days
        return is_open and any(first <= day <= last for first, last in self.terms)

    def last_day(self, start: dt.date, count: int, day_type: DayType, *, beginning_with: bool) -> dt.date:
        """Return the last day of a period of `count` days of `day_type`.

        `beginning_with` counts the start itself as the first day (where it is a day of that type); otherwise counting
        begins the day after. Raises `DateNotReckonable` where the calendar's data does not reach.
        """
        if count < 1:
            raise ValueError("a period has at least one day")
        if day_type is DayType.CALENDAR:
            return start + (count - 1 if beginning_with else count) * ONE_DAY
        days = _days_of(self, day_type)
        first = bisect_left(days, start) if beginning_with else bisect_right(days, start)
        position = first + count - 1
        if position >= len(days) or not self._reaches(start, day_type):
            raise DateNotReckonable(f"no {day_type} days are known for the whole period; extend the calendar's data")
        return days[position]

    def day_before(self, start: dt.date, count: int, day_type: DayType) -> dt.date:
        """Return the day that is `count` days of `day_type` before `start`, which is not counted itself.

        Raises `DateNotReckonable` where the calendar's data does not reach.
        """
        if count < 1:
            raise ValueError("a period has at least one day")
        if day_type is DayType.CALENDAR:
            return start - count * ONE_DAY
        days = _days_of(self, day_type)
        position = bisect_left(days, start) - count
        if position < 0 or not self._reaches(start, day_type):
            raise DateNotReckonable(f"no {day_type} days are known for the whole period; extend the calendar's data")
        return days[position]

    def working_day_on_or_before(self, day: dt.date) -> dt.date:
        """Return `day`, or the last working day before it. Raises `DateNotReckonable` where the data does not reach."""
        if not FIRST_DAY <= day <= LAST_DAY:
            raise DateNotReckonable("no bank holidays are known for that day; extend the calendar's data")
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day

    def counts(self, day: dt.date, day_type: DayType) -> bool:
        """Return whether `day` is a day of `day_type`."""
        if day_type is DayType.CALENDAR:
            return True
        return self.is_working_day(day) if day_type is DayType.WORKING else self.is_school_day(day)

    def _reaches(self, start: dt.date, day_type: DayType) -> bool:
        return FIRST_DAY <= start <= LAST_DAY and (day_type is not DayType.SCHOOL or self._terms_reach(start))

    def _terms_reach(self, start: dt.date) -> bool:
        return any(first <= start for first, _ in self.terms)


@lru_cache(maxsize=16)
def _days_of(calendar: Calendar, day_type: DayType) -> tuple[dt.date, ...]:
    return tuple(day for day in _each_day(FIRST_DAY, LAST_DAY) if calendar.counts(day, day_type))


def _each_day(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    for offset in range((last - first).days + 1):
        yield first + offset * ONE_DAY


def end_of_working_day(start: dt.datetime, count: int, calendar: Calendar | None = None) -> dt.datetime:
    """Return the end, in UK time, of the `count`th working day after the day of `start`, as an instant in UTC.

    Without a calendar, bank holidays are those of England and Wales. Raises `DateNotReckonable` where those do not
    reach.
    """
    day = start.astimezone(LONDON).date()
    last = (calendar or Calendar()).last_day(day, count, DayType.WORKING, beginning_with=False)
    return dt.datetime.combine(last + ONE_DAY, dt.time(), LONDON).astimezone(dt.UTC)


def add_months(start: dt.date, months: int) -> dt.date:
    """Return the corresponding day `months` later; the last day of the month where there is no such day.

    The corresponding date rule of Dodds v Walker [1981] 1 WLR 1027.
    """
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    for day in range(start.day, 27, -1):
        try:
            return dt.date(year, month + 1, day)
        except ValueError:
            continue
    return dt.date(year, month + 1, start.day)
