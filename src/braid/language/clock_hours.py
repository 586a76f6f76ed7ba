"""Clocks of hours, from moment to moment: four hours are four hours, also in the night when the clocks change."""

from __future__ import annotations

import datetime as dt

from braid.language import clock_words as words
from braid.language.clock_model import Reckoning, Unit
from braid.language.clock_rules import find_rule
from braid.language.clocks import check_kind
from braid.language.dates import london_date


def counts_hours(kind: str, start: dt.date) -> bool:
    """Return whether the limit of this kind of wait, begun on `start`, is counted in hours."""
    rule = find_rule(kind, start)
    return rule is not None and rule.limit.unit is Unit.HOURS


def reckon_moments(kind: str, start: dt.datetime, as_of: dt.datetime, *, stop: dt.datetime | None = None) -> Reckoning:
    """Reckon a wait of hours that began at the moment `start`, seen at `as_of`; `stop` ends it.

    Hours pass evenly: an hour that comes twice in October counts twice, the hour left out in March not at all. The
    moment at which the limit ends is inside it. `due_date` is its day in Europe/London.

    Raises `KeyError` for a kind the language does not know, `ValueError` where its limit is not of hours or a moment
    has no offset.
    """
    check_kind(kind)
    if None in (start.tzinfo, as_of.tzinfo) or (stop is not None and stop.tzinfo is None):
        raise ValueError("a moment without an offset: say which")
    rule = find_rule(kind, london_date(start))
    if rule is None or rule.limit.unit is not Unit.HOURS:
        raise ValueError(f"{kind} is not counted in hours: give a day")
    due = start.astimezone(dt.UTC) + dt.timedelta(hours=rule.limit.count)
    seen = stop if stop is not None else as_of
    inside = seen <= due
    standing = ("stopped_within" if inside else "stopped_past") if stop else ("within" if inside else "past")
    return Reckoning(
        due_date=london_date(due),
        due_date_other=None,
        days_left=None if stop else (london_date(due) - london_date(as_of)).days,
        clock=standing,
        rule_id=rule.rule_id,
        rule_version=rule.version,
        explanation=(
            f"{words.limit_in_words(rule.limit)} {words.moment_in_words(start)}, {rule.start_words}: the limit ends on"
            f" {words.moment_in_words(due)}. {rule.law}.{words.force(rule)}"
        ),
        due_at=due,
        minutes_left=None if stop else (due - as_of) // dt.timedelta(minutes=1),
    )
