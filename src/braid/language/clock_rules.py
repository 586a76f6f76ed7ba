"""The clock rules together: which version of which rule holds for a wait, and why some kinds have none.

A rule is never edited when the law changes; a new version with its own `holds_from` is added beneath it. A wait is
reckoned by the version that held on the day it started. Kinds without a rule here have no limit in law, and are never
called late. The rules stand in `braid.language.clock_law`, a file a subject.
"""

from __future__ import annotations

import datetime as dt

from braid.language.clock_law.children import CHILDREN
from braid.language.clock_law.courts import COURTS
from braid.language.clock_law.education import EDUCATION
from braid.language.clock_law.health import HEALTH
from braid.language.clock_law.housing import HOUSING
from braid.language.clock_law.victims import VICTIMS
from braid.language.clock_model import DAYS_A_WEEK, ClockRule

CLOCK_RULES: tuple[ClockRule, ...] = (*COURTS, *HEALTH, *EDUCATION, *CHILDREN, *HOUSING, *VICTIMS)

UNEVEN_DAYS = 4
"""By so many days at most a limit may be shorter than its weeks: it begins with its start, or a month is short."""

NO_LIMIT_REASONS: dict[str, str] = {
    "register": "No law sets a longest wait on a housing register. Time is counted from the date of the band.",
    "temporary_accommodation": "No law sets a longest stay in temporary accommodation other than bed and breakfast.",
    "crown_trial": "No law sets a longest wait for trial; custody time limits concern remand alone.",
    "victim_support": "No law sets a longest wait for this support.",
    "therapy": "No law sets a longest wait for therapy.",
}
"""Why a kind of wait has no limit, in the words a person is shown."""


def find_rule(kind: str, start: dt.date) -> ClockRule | None:
    """Return the version of the rule for `kind` that held on `start`; `None` where there is no limit.

    A wait older than the oldest version is reckoned by that oldest version. A rule that is not in force is returned
    only where the kind has no other.
    """
    versions = get_versions(kind)
    in_force = [rule for rule in versions if rule.holds_from is not None]
    held = [rule for rule in in_force if rule.holds_from is not None and rule.holds_from <= start]
    if held:
        return held[-1]
    return next(iter(in_force or versions), None)


def has_limit(kind: str) -> bool:
    """Return whether law or a standard in force sets a limit for this kind of wait."""
    return any(rule.holds_from is not None for rule in get_versions(kind))


def usual_weeks(kind: str) -> float | None:
    """Return about how many weeks the newest limit in force is; `None` where there is none."""
    return next((rule.limit.about_weeks for rule in reversed(_in_force(kind))), None)


def shortest_days(kind: str) -> int | None:
    """Return fewer calendar days than any limit in force has ever been from start to last day; `None` without one."""
    weeks = [rule.limit.about_weeks for rule in _in_force(kind)]
    return max(0, int(min(weeks) * DAYS_A_WEEK) - UNEVEN_DAYS) if weeks else None


def _in_force(kind: str) -> list[ClockRule]:
    return [rule for rule in get_versions(kind) if rule.holds_from is not None]


def get_versions(kind: str) -> tuple[ClockRule, ...]:
    """Return every version of the rule for `kind`, the oldest first and one not in force last; none without a limit."""
    return _VERSIONS.get(kind, ())


def _age(rule: ClockRule) -> dt.date:
    return rule.holds_from or dt.date.max


_VERSIONS: dict[str, tuple[ClockRule, ...]] = {
    kind: tuple(sorted((rule for rule in CLOCK_RULES if rule.kind == kind), key=_age))
    for kind in {rule.kind for rule in CLOCK_RULES}
}
