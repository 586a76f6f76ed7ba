"""Outcomes as they may be published: in steps, of enough people, without the count that they rest on.

A count by period beside the counts of the place page would be a second breakdown of one total, and two breakdowns undo
what joining hides (decisions 15 and 25). So no count below an outcome is published, and what is published moves in
steps so wide that it gives none away: decision 52.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from braid.trust.cubes import OUTCOMES_BY_PERIOD, Measure, Rule
from braid.trust.disclosure import (
    MEDIAN_STEP_DAYS,
    STEP_COUNT,
    publishable_ends,
    publishable_step_count,
    publishable_step_days,
    publishable_step_rate,
    publishable_step_share,
    share_step,
)

MOST_PER_CENT = 100.0
RATE_DIGITS = 1
"""Digits of a published rate after its first."""


@dataclass(frozen=True)
class Stepped:
    """A published value in whole `step`s, with the ends of its 95 per cent interval widened to them.

    `None` where it is not shown, and where there is no interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    step: float = 0.0


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
    step = _step(measure, value, int(exact["people"]))
    if low is None or high is None:
        return Stepped(value, step=step)
    ends = publishable_ends(low, high, step)
    most = MOST_PER_CENT if measure.rule is Rule.STEP_SHARE else ends[1]
    return Stepped(value, max(0.0, min(ends[0], value)), max(min(ends[1], most), value), step)


def _measures() -> dict[str, Measure]:
    return {measure.name: measure for measure in OUTCOMES_BY_PERIOD.measures}


def _step(measure: Measure, value: float, people: int) -> float:
    if measure.rule is Rule.STEP_SHARE:
        return share_step(people)
    if measure.rule is Rule.STEP_RATE:
        return 10.0 ** (math.floor(math.log10(value)) - RATE_DIGITS) if value else 1.0
    return {Rule.STEP_DAYS: MEDIAN_STEP_DAYS, Rule.STEP_COUNT: STEP_COUNT}[measure.rule]


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
