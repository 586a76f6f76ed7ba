"""Reckoning a clock: from a start and a rule to a last day, a standing, and the sentence that explains both.

Clocks of hours whose start is known to the minute are reckoned by `braid.language.clock_hours`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from braid.language import clock_words as words
from braid.language.calendars import ONE_DAY, Calendar, DateNotReckonable
from braid.language.clock_extensions import Doubt, extend
from braid.language.clock_model import ClockRule, Extension, Limit, Pause, Reckoning
from braid.language.clock_periods import days_that_do_not_count, limit_ends
from braid.language.clock_rules import NO_LIMIT_REASONS, find_rule
from braid.language.codes import WAIT_KINDS


@dataclass(frozen=True)
class _Wait:
    """The facts of one wait, as `reckon` was given them."""

    start: dt.date
    as_of: dt.date
    stop: dt.date | None
    extensions: tuple[Extension, ...]
    pauses: tuple[Pause, ...]
    exception: str | None


@dataclass(frozen=True)
class _Ends:
    """The last day by each convention: `first` before any extension, `due` and `other` after them."""

    first: dt.date
    due: dt.date
    other: dt.date | None
    doubts: tuple[Doubt, ...]
    paused_days: int


def reckon(
    kind: str,
    start: dt.date,
    as_of: dt.date,
    calendar: Calendar,
    *,
    stop: dt.date | None = None,
    extensions: Sequence[Extension] = (),
    pauses: Sequence[Pause] = (),
    exception: str | None = None,
) -> Reckoning:
    """Reckon a wait of `kind` that began on `start`, seen on `as_of`.

    `stop` ends it. `extensions` move the last day where the rule's law knows them and as far as it lets them;
    `pauses` are days left out where the rule's law says so; `exception` is a recorded exception (system:code), under
    which the limit does not bind where the law has one. What the law does not know is said and changes nothing.
    Raises `KeyError` for a kind the language does not know.
    """
    check_kind(kind)
    wait = _Wait(start, as_of, stop, tuple(extensions), tuple(pauses), exception)
    rule = find_rule(kind, start)
    if rule is None:
        reason = NO_LIMIT_REASONS.get(kind, "No law sets a limit for this wait.")
        return Reckoning(None, None, None, "stopped" if stop else "no_limit", f"{kind}/no-limit", "", reason)
    try:
        ends = _ends(rule, wait, calendar)
    except DateNotReckonable:
        reason = f"{words.period(rule, start)}. The last day is not reckoned: {words.missing(rule)}. {rule.law}."
        return _without_limit(rule, wait, "not_reckoned", reason + words.force(rule))
    if rule.holds_from is None:
        return _not_in_force(rule, wait, ends.first)
    if exception and rule.exceptions:
        reason = f"{words.period(rule, start)}; a recorded exception lifts the limit ({rule.exceptions}). {rule.law}."
        return _without_limit(rule, wait, "no_limit", reason)
    if exception and rule.extensions and not extensions:
        reason = f"{words.period(rule, start)}; it was extended and the end of the extension is not stated. {rule.law}."
        return _without_limit(rule, wait, "not_reckoned", reason)
    return _standing(rule, wait, ends, calendar)


def check_kind(kind: str) -> None:
    """Raise `KeyError` where the language knows no such kind of wait."""
    if kind not in WAIT_KINDS:
        raise KeyError(f"no wait kind {kind!r} in the common language")


def _ends(rule: ClockRule, wait: _Wait, calendar: Calendar) -> _Ends:
    paused = days_that_do_not_count(rule, wait.start, wait.pauses)
    first = limit_ends(wait.start, rule.limit, calendar, paused)
    chain = extend(first, wait.extensions, rule.extensions, calendar)
    other = None
    if rule.other is not None:
        counted_otherwise = limit_ends(wait.start, rule.other, calendar, paused)
        other = extend(counted_otherwise, wait.extensions, rule.extensions, calendar).due
        # An order of the court names a day: by whatever convention the period was counted, it now ends there.
        other = None if chain.due != first and other == chain.due else other
    counted_from = wait.start if rule.limit.beginning_with else wait.start + ONE_DAY
    left_out = sum(counted_from <= day <= first for day in paused)
    return _Ends(first, chain.due, other, chain.doubts, left_out)


def _standing(rule: ClockRule, wait: _Wait, ends: _Ends, calendar: Calendar) -> Reckoning:
    if wait.stop is not None:
        last = ends.due + ONE_DAY if rule.lapses else ends.due
        clock = "stopped_within" if wait.stop <= last else "stopped_past"
    else:
        clock = "within" if wait.as_of <= ends.due else "past"
    aim, opens = (_find_end(wait.start, limit, calendar) for limit in (rule.aim, rule.not_before))
    doubts = tuple(words.doubt_in_words(rule, doubt) for doubt in ends.doubts)
    return Reckoning(
        due_date=ends.due,
        due_date_other=ends.other,
        days_left=None if wait.stop else (ends.due - wait.as_of).days,
        clock=clock,
        rule_id=rule.rule_id,
        rule_version=rule.version,
        explanation=_explain(rule, wait, ends, aim, opens, doubts),
        aim_date=aim,
        opens_date=opens,
        paused_days=ends.paused_days,
        doubts=doubts,
    )


def _find_end(start: dt.date, limit: Limit | None, calendar: Calendar) -> dt.date | None:
    return limit_ends(start, limit, calendar) if limit else None


def _explain(
    rule: ClockRule, wait: _Wait, ends: _Ends, aim: dt.date | None, opens: dt.date | None, doubts: tuple[str, ...]
) -> str:
    last = f"the last day is {words.day_in_words(ends.due)}"
    if ends.due != ends.first:
        last = f"the last day was {words.day_in_words(ends.first)}, extended to {words.day_in_words(ends.due)}"
    parts = [f"{words.period(rule, wait.start)}: {last}. {rule.law}."]
    parts.append(f" {rule.lapses}" if rule.lapses else "")
    parts.append(words.pauses_in_words(rule, wait.pauses, ends.paused_days))
    parts.append(words.extensions_in_words(rule, wait.extensions, doubts))
    parts.append(words.exception_without_effect() if wait.exception and not rule.extensions else "")
    parts.append(words.force(rule))
    if ends.other not in (None, ends.due) and ends.other is not None:
        parts.append(f" It is {words.day_in_words(ends.other)} to {rule.other_used_by}.")
    parts.append(f" The aim is {words.day_in_words(aim)}." if aim else "")
    parts.append(f" Not before {words.day_in_words(opens)}." if opens else "")
    return "".join(parts)


def _not_in_force(rule: ClockRule, wait: _Wait, would_be: dt.date) -> Reckoning:
    reason = (
        f"Not in force, and no limit binds: {words.period(rule, wait.start)}, would end on"
        f" {words.day_in_words(would_be)}. {rule.law}."
    )
    return _without_limit(rule, wait, "no_limit", reason + words.force(rule), would_be)


def _without_limit(
    rule: ClockRule, wait: _Wait, clock: str, explanation: str, would_be: dt.date | None = None
) -> Reckoning:
    return Reckoning(
        due_date=None,
        due_date_other=None,
        days_left=None,
        clock="stopped" if wait.stop else clock,
        rule_id=rule.rule_id,
        rule_version=rule.version,
        explanation=explanation,
        would_be_date=would_be,
    )
