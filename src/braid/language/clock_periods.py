"""The last day of a period, with the days that did not count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from braid.language.calendars import ONE_DAY, Calendar, DateNotReckonable, add_months
from braid.language.clock_model import HOURS_A_DAY, ClockRule, Limit, Pause, Unit

DAYS_A_WEEK = 7
NO_DAYS: frozenset[dt.date] = frozenset()


def limit_ends(start: dt.date, limit: Limit, calendar: Calendar, paused: frozenset[dt.date] = NO_DAYS) -> dt.date:
    """Return the last day of `limit` from `start`, where the days `paused` do not count.

    Raises `DateNotReckonable` where the calendar does not reach, where months are paused, and for hours that are no
    whole days: those need the moment of the start (`braid.language.clock_hours`).
    """
    if limit.unit is Unit.MONTHS:
        if paused:
            raise DateNotReckonable("days that do not count cannot be taken out of months")
        end = add_months(start, limit.count)
        return end - ONE_DAY if limit.beginning_with else end
    days = _days(limit)
    if limit.before:
        return calendar.day_before(start, days, limit.day_type)
    end = _skipping(start, days, limit, calendar, paused)
    return calendar.working_day_on_or_before(end) if limit.back_to_working_day else end


def _days(limit: Limit) -> int:
    if limit.unit is Unit.WEEKS:
        return limit.count * DAYS_A_WEEK
    if limit.unit is Unit.DAYS:
        return limit.count
    if limit.count % HOURS_A_DAY:
        raise DateNotReckonable("hours that are no whole days need the moment of the start")
    return limit.count // HOURS_A_DAY


def _skipping(start: dt.date, days: int, limit: Limit, calendar: Calendar, paused: frozenset[dt.date]) -> dt.date:
    """Lengthen the period by the paused days inside it until no more come in."""
    beginning_with = limit.beginning_with and not limit.start_is_day_1
    first = start if beginning_with else start + ONE_DAY
    counted = days - 1 if limit.start_is_day_1 else days
    skipped = 0
    while True:
        end = calendar.last_day(start, counted + skipped, limit.day_type, beginning_with=beginning_with)
        standing = sum(first <= day <= end and calendar.counts(day, limit.day_type) for day in paused)
        if standing == skipped:
            return end
        skipped = standing


def days_that_do_not_count(rule: ClockRule, start: dt.date, pauses: Iterable[Pause]) -> frozenset[dt.date]:
    """Return the days that the rule leaves out: pauses where its law knows them, and days before anything counts."""
    days: set[dt.date] = set()
    if rule.pauses is not None:
        for pause in pauses:
            last = min(pause.last, rule.pauses.until) if rule.pauses.until else pause.last
            days.update(_each_day(max(pause.first, start), last))
    if rule.no_days_before is not None:
        days.update(_each_day(start, rule.no_days_before - ONE_DAY))
    return frozenset(days)


def _each_day(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + offset * ONE_DAY for offset in range((last - first).days + 1))
