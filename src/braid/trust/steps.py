"""Outcomes as they may be published: in steps, of enough people, without the count that they rest on.

A count by period beside the counts of the place page would be a second breakdown of one total, and two breakdowns undo
what joining hides (decisions 15 and 25). So no count below an outcome is published, and what is published moves in
steps so wide that it gives none away: decision 51.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from braid.trust.cubes import OUTCOMES_BY_PERIOD, Measure, Rule
from braid.trust.disclosure import (
    MEDIAN_STEP_DAYS,
    STEP_COUNT,
    STEP_SHARE,
    publishable_ends,
    publishable_step_count,
    publishable_step_days,
    publishable_step_rate,
    publishable_step_share,
)

STEPS = {Rule.STEP_SHARE: STEP_SHARE, Rule.STEP_DAYS: MEDIAN_STEP_DAYS, Rule.STEP_COUNT: STEP_COUNT, Rule.STEP_RATE: 1}
MOST_PER_CENT = 100.0


@dataclass(frozen=True)
class Stepped:
    """A published value with the ends of its 95 per cent interval, widened to whole steps; `None` where not shown."""

    value: float | None
    low: float | None = None
    high: float | None = None


HIDDEN = Stepped(None)


def publish_step(figure: str, exact: Mapping[str, Any], low: float | None, high: float | None) -> Stepped:
    """Return what may be published of one cell. `figure` names a measure of the cube; `exact` holds its columns.

    `low` and `high` are the ends of the exact interval, in the unit of the measure. Raises `KeyError` for a figure that
    the cube does not have.
    """
    measure = _measures()[figure]
    value = _value(measure, exact)
    if value is None:
        return HIDDEN
    if low is None or high is None:
        return Stepped(value)
    ends = publishable_ends(low, high, STEPS[measure.rule])
    most = MOST_PER_CENT if measure.rule is Rule.STEP_SHARE else ends[1]
    return Stepped(value, max(0.0, min(ends[0], value)), max(min(ends[1], most), value))


def _measures() -> dict[str, Measure]:
    return {measure.name: measure for measure in OUTCOMES_BY_PERIOD.measures}


def _value(measure: Measure, exact: Mapping[str, Any]) -> float | None:
    people = int(exact["people"])
    if measure.rule is Rule.STEP_DAYS:
        return publishable_step_days(exact["median_days"], people)
    met = int(exact["met"])
    if measure.rule is Rule.STEP_COUNT:
        return publishable_step_count(met, people)
    counted = int(exact["observations"])
    if measure.rule is Rule.STEP_SHARE:
        return publishable_step_share(met, counted, people)
    return publishable_step_rate(100 * met / counted, people) if counted else None
