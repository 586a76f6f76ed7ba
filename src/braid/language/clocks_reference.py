"""The same clocks, walked day by day and hour by hour. The tests hold the fast ones against it.

It shares the rules and what a working or a school day is with the fast clocks, and nothing else: no list of days, no
arithmetic of months, no time zone data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from braid.language.calendars import Calendar, DayType
from braid.language.clock_model import ClockRule, Extension, Limit, Pause, Unit
from braid.language.clock_rules import CLOCK_RULES

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
Counts = Callable[[dt.date], bool]


@dataclass(frozen=True)
class Walked:
    """Last days and standing, as `Reckoning` has them; `doubts` counts the extensions that are too long."""

    due_date: dt.date | None
    due_date_other: dt.date | None
    clock: str
    aim_date: dt.date | None = None
    opens_date: dt.date | None = None
    would_be_date: dt.date | None = None
    doubts: int = 0


def walk(
    kind: str,
    start: dt.date,
    as_of: dt.date,
    calendar: Calendar,
    *,
    stop: dt.date | None = None,
    extensions: Sequence[Extension] = (),
    pauses: Sequence[Pause] = (),
    exception: str | None = None,
) -> Walked:
    """Walk a wait of days to its last day. Every day it meets must be inside the calendar's data."""
    rule = _version(kind, start)
    if rule is None:
        return Walked(None, None, "stopped" if stop else "no_limit")
    if rule.limit.unit is Unit.HOURS and rule.limit.count % 24 != 0:
        return Walked(None, None, "stopped" if stop else "not_reckoned")

    def stands(day: dt.date) -> bool:
        return _stands_still(rule, day, pauses)

    first = _walk_limit(start, rule.limit, calendar, stands)
    if rule.holds_from is None:
        return Walked(None, None, "stopped" if stop else "no_limit", would_be_date=first)
    if exception and rule.exceptions:
        return Walked(None, None, "stopped" if stop else "no_limit")
    if exception and rule.extensions and not extensions:
        return Walked(None, None, "stopped" if stop else "not_reckoned")
    due, too_long = _walk_extensions(first, rule, extensions, calendar)
    other = None
    if rule.other is not None:
        other, _ = _walk_extensions(_walk_limit(start, rule.other, calendar, stands), rule, extensions, calendar)
        if due != first and other == due:
            other = None
    return Walked(
        due,
        other,
        _standing(rule, due, as_of, stop),
        aim_date=_walk_limit(start, rule.aim, calendar, _never) if rule.aim else None,
        opens_date=_walk_limit(start, rule.not_before, calendar, _never) if rule.not_before else None,
        doubts=too_long,
    )


def walk_hours(start: dt.datetime, hours: int) -> dt.datetime:
    """Return what the clocks of London show, without an offset, `hours` after `start`, which is in UTC."""
    moment = start
    for _ in range(hours):
        moment += HOUR
    summer = _last_sunday(moment.year, 3) <= moment.replace(tzinfo=None) < _last_sunday(moment.year, 10)
    return moment.replace(tzinfo=None) + (HOUR if summer else 0 * HOUR)


def _last_sunday(year: int, month: int) -> dt.datetime:
    """Return one in the morning, UTC, of the last Sunday of a month of 31 days: then the clocks change."""
    day = dt.datetime(year, month, 31, 1)  # noqa: DTZ001 - compared with UTC that has lost its offset
    while day.isoweekday() != 7:
        day -= DAY
    return day


def _version(kind: str, start: dt.date) -> ClockRule | None:
    found = None
    for rule in CLOCK_RULES:
        if rule.kind != kind:
            continue
        if found is None or _follows(rule, found, start):
            found = rule
    return found


def _follows(rule: ClockRule, found: ClockRule, start: dt.date) -> bool:
    """Return whether `rule` rather than `found` holds on `start`: the latest already in force, else the oldest."""
    if rule.holds_from is None:
        return False
    if found.holds_from is None:
        return True
    if rule.holds_from <= start:
        return found.holds_from > start or rule.holds_from > found.holds_from
    return found.holds_from > start and rule.holds_from < found.holds_from


def _never(_day: dt.date) -> bool:
    return False


def _stands_still(rule: ClockRule, day: dt.date, pauses: Sequence[Pause]) -> bool:
    if rule.no_days_before is not None and day < rule.no_days_before:
        return True
    law = rule.pauses
    if law is None or (law.until is not None and day > law.until):
        return False
    return any(pause.first <= day <= pause.last for pause in pauses)


def _walk_limit(start: dt.date, limit: Limit, calendar: Calendar, stands_still: Counts) -> dt.date:
    if limit.unit is Unit.MONTHS:
        end = _walk_months(start, limit.count)
        return end - DAY if limit.beginning_with else end
    wanted = {Unit.DAYS: limit.count, Unit.WEEKS: 7 * limit.count, Unit.HOURS: limit.count // 24}[limit.unit]
    step = -DAY if limit.before else DAY
    day = start if limit.beginning_with else start + step
    seen = 0
    while True:
        is_day_1 = limit.start_is_day_1 and day == start
        if is_day_1 or (_is_of(calendar, day, limit.day_type) and not stands_still(day)):
            seen += 1
        if seen == wanted:
            break
        day += step
    while limit.back_to_working_day and not calendar.is_working_day(day):
        day -= DAY
    return day


def _is_of(calendar: Calendar, day: dt.date, day_type: DayType) -> bool:
    if day_type is DayType.WORKING:
        return calendar.is_working_day(day)
    return calendar.is_school_day(day) if day_type is DayType.SCHOOL else True


def _walk_months(start: dt.date, months: int) -> dt.date:
    """Walk to the same day of the month so many months on, or to the last day of a month that has no such day."""
    day, entered = start, 0
    while True:
        if entered == months and (day.day == start.day or (day + DAY).day == 1):
            return day
        day += DAY
        entered += day.day == 1


def _walk_extensions(
    due: dt.date, rule: ClockRule, extensions: Sequence[Extension], calendar: Calendar
) -> tuple[dt.date, int]:
    """Return the end after the extensions and how many of them are longer than the law lets them be."""
    law, too_long = rule.extensions, 0
    if law is None:
        return due, 0
    for extension in sorted(extensions, key=lambda each: (each.until, each.granted or dt.date.min)):
        if extension.until <= due:
            continue
        if law.each is None:
            due = extension.until
            continue
        counted_from = due
        while extension.granted is not None and counted_from < extension.granted:
            counted_from += DAY
        longest = _walk_limit(counted_from, law.each, calendar, _never)
        if extension.until > longest:
            too_long += 1
        due = longest if extension.until > longest and extension.granted is not None else extension.until
    return due, too_long


def _standing(rule: ClockRule, due: dt.date, as_of: dt.date, stop: dt.date | None) -> str:
    if stop is None:
        return "within" if as_of <= due else "past"
    last = due + DAY if rule.lapses else due
    return "stopped_within" if stop <= last else "stopped_past"
