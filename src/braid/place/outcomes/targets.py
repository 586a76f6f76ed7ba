"""Where an outcome should stand on a day, and whether it does, as far as its interval can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from braid.place.outcomes.model import Baseline, Outcome, Target
from braid.place.outcomes.values import Value

BETTER, WORSE, CANNOT_TELL, NO_TARGET = "better", "worse", "cannot_tell", "no_target"
VERDICTS = {
    BETTER: "Better than the way to the target asks for",
    WORSE: "Worse than the way to the target asks for",
    CANNOT_TELL: "Neither better nor worse than the way to the target, as far as is known",
    NO_TARGET: "No target for this day",
}


def baseline_value(baseline: Baseline | None, series: Sequence[Value]) -> float | None:
    """Return where an outcome stood: as stated, else the mean of the periods inside the baseline; `None` without."""
    if baseline is None:
        return None
    if baseline.value is not None:
        return baseline.value
    assert baseline.first_date is not None
    assert baseline.last_date is not None
    first, last = baseline.first_date, baseline.last_date
    inside = [one.value for one in series if first <= one.first_date and one.last_date <= last]
    return sum(inside) / len(inside) if inside else None


def expected_on(target: Target | None, baseline: float | None, day: dt.date) -> float | None:
    """Return what the way to the target asks for on a day; `None` before it begins, or without what it begins from.

    A straight line leads from the baseline to the target and stays there; steps hold from their day on.
    """
    if target is None:
        return None
    if target.path == "stepped":
        due = [step.value for step in target.steps if step.by_date <= day]
        return due[-1] if due else None
    if baseline is None or target.from_date is None or day < target.from_date:
        return None
    gone, whole = (day - target.from_date).days, (target.last.by_date - target.from_date).days
    return baseline + (target.last.value - baseline) * min(1.0, gone / whole)


def judge(outcome: Outcome, series: Sequence[Value], baseline: float | None) -> str:
    """Return how the last value stands to what its day asks for: chance is ruled out by the interval, or not."""
    if not series:
        return NO_TARGET
    last = series[-1]
    return judge_value(last, expected_on(outcome.target, baseline, last.last_date), outcome.better)


def judge_value(value: Value, expected: float | None, better: str) -> str:
    """Return how a value stands to an expected one. Without an interval nothing can be told."""
    if expected is None:
        return NO_TARGET
    if value.low is None or value.high is None or value.low <= expected <= value.high:
        return CANNOT_TELL
    return BETTER if (value.value < expected) is (better == "lower") else WORSE
