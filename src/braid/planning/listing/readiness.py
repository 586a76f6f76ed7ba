"""When a hearing will be ready, from what is still outstanding for it, and who hears early that it will not be.

Each outstanding item, a statement, an assessment, a report, comes some days after it is due. How many is taken as
normal, with median and spread learned from the court's own items of that kind. A hearing is ready once all have come:
the distribution of the last one is the product of theirs, as for independent items.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median, quantiles

from braid.language.documents import Part

FEWEST = 20
"""Items of one kind from which on their own lateness is learned; fewer are taken as like all."""
LEAST_SPREAD_DAYS = 1.0
NORMAL_QUARTILES = 2 * NormalDist().inv_cdf(0.75)
"""Standard deviations between the quartiles of a normal distribution."""
LOW, HIGH = NormalDist().cdf(-1), NormalDist().cdf(1)
UNLIKELY = 0.5
"""A listed hearing that is less likely ready than this on its day is told of."""
ALL = ""
"""The kind that stands for items of every kind."""


@dataclass(frozen=True)
class Lateness(Part):
    """By how many days items of a kind come after they are due."""

    median_days: float
    spread_days: float
    items: int
    """From how many it was learned."""


@dataclass(frozen=True)
class Outstanding(Part):
    """Something that must be there for a hearing, when it is due, and who owes it."""

    kind: str
    """A readiness item, such as `fpl:LA5`."""
    owner: str
    due_date: dt.date


@dataclass(frozen=True)
class Forecast(Part):
    """When a hearing is ready as likely as not, and how uncertain that is."""

    median_date: dt.date
    spread_days: float


@dataclass(frozen=True)
class Signal(Part):
    """A listed hearing that is unlikely to be ready on its day, whose move it is, and how much time is left."""

    hearing: str
    on_date: dt.date
    ready_probability: float
    weeks_left: float
    holds_up: Outstanding
    """The item that is least likely there."""


def learn_lateness(history: Iterable[tuple[str, int]], fewest: int = FEWEST) -> dict[str, Lateness]:
    """Return the lateness of each kind with enough items, and of all under `ALL`.

    `history` are items that have come: kind, and days after the day they were due (below 0 where early). The spread is
    the distance of the quartiles, which a few very late items do not move. Raises `ValueError` without any history.
    """
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, days in history:
        by_kind[kind].append(days)
        by_kind[ALL].append(days)
    if not by_kind:
        raise ValueError("nothing has come yet that one could learn from")
    return {kind: _lateness(days) for kind, days in by_kind.items() if kind == ALL or len(days) >= fewest}


def _lateness(days: Sequence[int]) -> Lateness:
    if len(days) < 2:
        return Lateness(float(days[0]), LEAST_SPREAD_DAYS, len(days))
    first, _, third = quantiles(days, n=4, method="inclusive")
    return Lateness(float(median(days)), max(LEAST_SPREAD_DAYS, (third - first) / NORMAL_QUARTILES), len(days))


def ready_probability(
    outstanding: Iterable[Outstanding], lateness: Mapping[str, Lateness], day: dt.date, as_of: dt.date
) -> float:
    """Return how likely everything outstanding is there by the end of a day, given that nothing came by `as_of`."""
    return math.prod(_there(each, lateness, day, as_of) for each in outstanding)


def _there(item: Outstanding, lateness: Mapping[str, Lateness], day: dt.date, as_of: dt.date) -> float:
    """Return how likely one item is there by a day: of what may still come after `as_of`, the share until then."""
    if day < as_of:
        return 0.0
    known = lateness.get(item.kind, lateness[ALL])
    come = NormalDist(known.median_days, known.spread_days)
    by_now, by_then = (come.cdf((when - item.due_date).days + 0.5) for when in (as_of, day))
    # Long overdue, the normal tail is too thin to divide by: half of what is owed comes with each further spread.
    if by_now > 1 - 1e-9:
        return 1.0 - math.pow(0.5, (day - as_of).days / known.spread_days)
    return (by_then - by_now) / (1 - by_now)


def forecast(outstanding: Sequence[Outstanding], lateness: Mapping[str, Lateness], as_of: dt.date) -> Forecast:
    """Return when all that is outstanding will have come. A hearing for which nothing is, is ready on `as_of`."""
    if not outstanding:
        return Forecast(as_of, 0.0)
    low, middle, high = (_day_of(outstanding, lateness, as_of, share) for share in (LOW, 0.5, HIGH))
    return Forecast(as_of + dt.timedelta(days=middle), (high - low) / 2)


def _day_of(outstanding: Sequence[Outstanding], lateness: Mapping[str, Lateness], as_of: dt.date, share: float) -> int:
    """Return after how many days the probability of readiness first reaches a share, by halving."""
    last = 1
    while ready_probability(outstanding, lateness, as_of + dt.timedelta(days=last), as_of) < share:
        last *= 2
    first = 0
    while first < last:
        middle = (first + last) // 2
        if ready_probability(outstanding, lateness, as_of + dt.timedelta(days=middle), as_of) < share:
            first = middle + 1
        else:
            last = middle
    return first


def early_signals(
    listed: Mapping[str, dt.date],
    outstanding: Mapping[str, Sequence[Outstanding]],
    lateness: Mapping[str, Lateness],
    as_of: dt.date,
    unlikely: float = UNLIKELY,
) -> tuple[Signal, ...]:
    """Return the listed hearings that are unlikely to be ready, those with most time left to do something first."""
    signals = []
    for hearing, day in listed.items():
        items = outstanding.get(hearing, ())
        probability = ready_probability(items, lateness, day, as_of)
        if items and probability < unlikely:
            worst = min(items, key=lambda item: _there(item, lateness, day, as_of))
            signals.append(Signal(hearing, day, round(probability, 3), round((day - as_of).days / 7, 1), worst))
    return tuple(sorted(signals, key=lambda signal: (-signal.weeks_left, signal.hearing)))
