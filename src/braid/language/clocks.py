"""Reckoning a clock: from a start and a rule to a last day, a standing, and the sentence that explains both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from braid.language.calendars import ONE_DAY, Calendar, DateNotReckonable, DayType, add_months
from braid.language.clock_rules import NO_LIMIT_REASONS, ClockRule, Limit, Unit, find_rule
from braid.language.codes import WAIT_KINDS


@dataclass(frozen=True)
class Reckoning:
    """What a clock says on a day.

    `due_date` is the last day inside the limit, empty where there is none; `due_date_other` the same by the other
    convention in official use; `days_left` calendar days from the as-of date (negative when past); `clock` a code of
    the list `clock_status`.
    """

    due_date: dt.date | None
    due_date_other: dt.date | None
    days_left: int | None
    clock: str
    rule_id: str
    rule_version: str
    explanation: str


def reckon(
    kind: str,
    start: dt.date,
    as_of: dt.date,
    calendar: Calendar,
    *,
    stop: dt.date | None = None,
    extended_to: dt.date | None = None,
    exception: str | None = None,
) -> Reckoning:
    """Reckon a wait of `kind` that began on `start`, seen on `as_of`.

    `stop` ends it; `extended_to` is the end of the latest extension the responsible body granted and replaces the
    limit where it is later; `exception` is a recorded statutory exception, under which the limit does not bind.
    Raises `KeyError` for a kind the language does not know.
    """
    if kind not in WAIT_KINDS:
        raise KeyError(f"no wait kind {kind!r} in the common language")
    rule = find_rule(kind, start)
    if rule is None:
        reason = NO_LIMIT_REASONS.get(kind, "No law sets a limit for this wait.")
        return _without_limit("stopped" if stop else "no_limit", f"{kind}/no-limit", "", reason)
    version = rule.holds_from.isoformat()
    try:
        due = limit_ends(start, rule.limit, calendar)
        other = limit_ends(start, rule.other, calendar) if rule.other else None
    except DateNotReckonable:
        words = f"{_period(rule, start)}. The last day is not reckoned: {_missing(rule)}. {rule.law}."
        return _without_limit("stopped" if stop else "not_reckoned", rule.rule_id, version, words)
    if exception:
        words = f"{_period(rule, start)}; a recorded exception lifts the limit. {rule.law}."
        return _without_limit("stopped" if stop else "no_limit", rule.rule_id, version, words)
    if extended_to and extended_to > due:
        explanation = _extended(rule, start, due, extended_to)
        return _standing(rule, extended_to, None, as_of, stop, explanation)
    return _standing(rule, due, other, as_of, stop, _explain(rule, start, due, other))


def limit_ends(start: dt.date, limit: Limit, calendar: Calendar) -> dt.date:
    """Return the last day of `limit` from `start`. Raises `DateNotReckonable` where the calendar does not reach."""
    if limit.unit is Unit.MONTHS:
        end = add_months(start, limit.count)
        return end - ONE_DAY if limit.beginning_with else end
    days = limit.count * 7 if limit.unit is Unit.WEEKS else limit.count
    return calendar.last_day(start, days, limit.day_type, beginning_with=limit.beginning_with)


def _standing(
    rule: ClockRule, due: dt.date, other: dt.date | None, as_of: dt.date, stop: dt.date | None, explanation: str
) -> Reckoning:
    if stop is not None:
        last = due + ONE_DAY if rule.lapses else due
        clock = "stopped_within" if stop <= last else "stopped_past"
        return Reckoning(due, other, None, clock, rule.rule_id, rule.holds_from.isoformat(), explanation)
    clock = "within" if as_of <= due else "past"
    return Reckoning(due, other, (due - as_of).days, clock, rule.rule_id, rule.holds_from.isoformat(), explanation)


def _without_limit(clock: str, rule_id: str, version: str, explanation: str) -> Reckoning:
    return Reckoning(None, None, None, clock, rule_id, version, explanation)


def day_in_words(day: dt.date) -> str:
    """Return a day as people write it: 3 March 2026."""
    return f"{day.day} {day:%B %Y}"


def _period(rule: ClockRule, start: dt.date) -> str:
    limit = rule.limit
    kind_of_day = "" if limit.day_type is DayType.CALENDAR else f"{limit.day_type} "
    unit = limit.unit.value[:-1] if limit.count == 1 else limit.unit.value
    joint = "beginning with" if limit.beginning_with else "after"
    return f"{limit.count} {kind_of_day}{unit} {joint} {day_in_words(start)}, {rule.start_words}"


def _explain(rule: ClockRule, start: dt.date, due: dt.date, other: dt.date | None) -> str:
    force = "" if rule.binding else " A standard, not a duty in law."
    lapse = " The duty may be ended the day after." if rule.lapses else ""
    words = f"{_period(rule, start)}: the last day is {day_in_words(due)}. {rule.law}.{lapse}{force}"
    if other is None or other == due:
        return words
    return f"{words} It is {day_in_words(other)} to {rule.other_used_by}."


def _extended(rule: ClockRule, start: dt.date, due: dt.date, extended_to: dt.date) -> str:
    return (
        f"{_period(rule, start)}: the last day was {day_in_words(due)}, extended to {day_in_words(extended_to)}. "
        f"{rule.law}."
    )


def _missing(rule: ClockRule) -> str:
    if rule.limit.day_type is DayType.SCHOOL:
        return "the place's term dates do not reach that far, add them to place.toml"
    return "the bank holidays held do not reach that far"
