"""What a row of `outcome_count` comes to: a value with its interval, in the unit of the figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.place.outcomes.control_charts import Chart, individuals_chart, rate_chart, share_chart
from braid.place.outcomes.intervals import count_interval, rate_interval, share_interval
from braid.place.outcomes.model import Outcome

PER_CENT, EACH_PEOPLE = 100.0, 100.0
UNITS: Mapping[str, str] = {"share": "per cent", "rate": "for each 100 people", "median": "days", "count": ""}


@dataclass(frozen=True)
class Value:
    """A value of a period with both ends of its 95 per cent interval; an end is `None` where too few were counted."""

    first_date: dt.date
    last_date: dt.date
    value: float
    low: float | None
    high: float | None
    observations: int
    met: int
    people: int


def series_of(outcome: Outcome, rows: Iterable[Mapping[str, Any]], district: str | None = None) -> tuple[Value, ...]:
    """Return the values of an outcome in a district or the whole place, in order, of periods that are known.

    A period in which there was nothing to have a share, rate or median of has no value.
    """
    of_outcome = (row for row in rows if row["outcome_id"] == outcome.id and row["district_code"] == district)
    own = sorted((row for row in of_outcome if row["known"]), key=lambda row: row["period_end_date"])
    return tuple(value for row in own if (value := value_of(outcome.measure.figure, row)) is not None)


def value_of(figure: str, row: Mapping[str, Any]) -> Value | None:
    """Return what one row comes to; `None` where there is nothing to have it of."""
    observations, met = int(row["observations"]), int(row["met"])
    found = _ends(figure, observations, met, row)
    if found is None:
        return None
    value, low, high = found
    return Value(
        row["period_start_date"], row["period_end_date"], value, low, high, observations, met, int(row["people"])
    )


def _ends(
    figure: str, observations: int, met: int, row: Mapping[str, Any]
) -> tuple[float, float | None, float | None] | None:
    if figure == "count":
        return float(met), *count_interval(met)
    if observations == 0:
        return None
    if figure == "share":
        low, high = share_interval(met, observations)
        return PER_CENT * met / observations, PER_CENT * low, PER_CENT * high
    if figure == "rate":
        return EACH_PEOPLE * met / observations, *rate_interval(met, observations, EACH_PEOPLE)
    return None if row["median_days"] is None else (row["median_days"], row["low_days"], row["high_days"])


def chart_of(outcome: Outcome, series: Sequence[Value]) -> Chart:
    """Return the control chart of exact values, in the unit of the figure: p' of shares, u' of rates, else XmR."""
    phases = phases_of(outcome, series)
    if outcome.measure.figure == "share":
        return share_chart([one.met for one in series], [one.observations for one in series], phases)
    if outcome.measure.figure == "rate":
        return rate_chart([one.met for one in series], [one.observations for one in series], phases)
    return individuals_chart([one.value for one in series], phases, least=0.0)


def phases_of(outcome: Outcome, series: Sequence[Value]) -> tuple[int, ...]:
    """Return at which places limits are worked out anew: the first period that begins on or after an agreed change."""
    days = [change.from_date for change in outcome.changes if change.recalculates]
    places = (next((place for place, one in enumerate(series) if one.first_date >= day), 0) for day in days)
    return tuple(sorted({place for place in places if place}))
