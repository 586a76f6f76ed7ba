"""Weeks, months and quarters that are over. They are the calendar's own, so that a night moves none of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

KEPT = {"week": 104, "month": 60, "quarter": 20}
"""How many of each are measured: five years, and two of weeks."""
MONTHS = {"month": 1, "quarter": 3}
WEEK_DAYS, YEAR_MONTHS = 7, 12


@dataclass(frozen=True)
class Period:
    """A period with both days in it."""

    kind: str
    first: dt.date
    last: dt.date


def period_of(kind: str, day: dt.date) -> Period:
    """Return the period in which a day lies."""
    first = _first_of(kind, day)
    beyond = first + dt.timedelta(days=WEEK_DAYS) if kind == "week" else _months_later(first, MONTHS[kind])
    return Period(kind, first, beyond - dt.timedelta(days=1))


def _months_later(first: dt.date, months: int) -> dt.date:
    years, month = divmod(first.month - 1 + months, YEAR_MONTHS)
    return dt.date(first.year + years, month + 1, 1)


def periods_before(kind: str, as_of: dt.date, number: int | None = None) -> tuple[Period, ...]:
    """Return the last periods that are over at the end of `as_of`, in order; as many as are kept, or `number`."""
    wanted = KEPT[kind] if number is None else number
    end = _last_end(kind, as_of)
    found = []
    for _ in range(wanted):
        first = _first_of(kind, end)
        found.append(Period(kind, first, end))
        end = first - dt.timedelta(days=1)
    return tuple(reversed(found))


def _last_end(kind: str, as_of: dt.date) -> dt.date:
    """The last day on or before `as_of` that ends a period."""
    if kind == "week":
        return as_of - dt.timedelta(days=(as_of.weekday() + 1) % WEEK_DAYS)
    tomorrow = as_of + dt.timedelta(days=1)
    return _first_of(kind, tomorrow) - dt.timedelta(days=1)


def _first_of(kind: str, day: dt.date) -> dt.date:
    if kind == "week":
        return day - dt.timedelta(days=day.weekday())
    step = MONTHS[kind]
    return dt.date(day.year, (day.month - 1) // step * step + 1, 1)
