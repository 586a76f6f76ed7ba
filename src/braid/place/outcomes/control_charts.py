"""Control charts: which points of a series are more than the series' own noise.

XmR for counts, medians and published figures; p' (Laney) for shares; u' for rates. Rules: a point beyond three sigma, a
shift of 8, a trend of 6, two of three beyond two sigma on one side.

Sources: D. C. Montgomery, Introduction to Statistical Quality Control (2013), chapters 5 to 7 (limits, 8 on one side,
two of three); NHS England, Making Data Count (the same kinds of rules for boards, a trend of 6, limits that change only
by agreement); D. B. Laney, "Improved control charts for attributes", Quality Engineering 14 (2002). Laney's factor is
held at 1 or more here: it widens limits for what varies more than chance and never narrows them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

D2 = 1.128
"""Expected range of two draws from a normal distribution, in standard deviations."""
SHIFT, TREND = 8, 6
FEWEST = 12
"""Points under which limits are called provisional."""
SIGMAS, WARNING_SIGMAS = 3.0, 2.0

BEYOND, SHIFTED, TRENDING, NEAR_LIMIT = "beyond", "shift", "trend", "near"
RULE_WORDS = {
    BEYOND: "a point beyond the limits",
    SHIFTED: f"{SHIFT} or more in a row on one side of the mean",
    TRENDING: f"{TREND} or more in a row rising or falling",
    NEAR_LIMIT: "two of three in a row near one limit",
}


@dataclass(frozen=True)
class Limits:
    """The mean and the limits that hold for one point; `sigma` is a third of the way to a limit, before any cut."""

    centre: float
    lower: float
    upper: float
    sigma: float


@dataclass(frozen=True)
class Signal:
    """That a rule found points of which chance alone is a poor account: their places in the series, and which way."""

    rule: str
    places: tuple[int, ...]
    is_up: bool


@dataclass(frozen=True)
class Chart:
    """A series with limits point by point. `is_provisional`: a phase has too few points for firm limits."""

    kind: str
    values: tuple[float, ...]
    limits: tuple[Limits, ...]
    signals: tuple[Signal, ...]
    is_provisional: bool


def individuals_chart(
    values: Sequence[float],
    phases: Sequence[int] = (),
    least: float = -math.inf,
    most: float = math.inf,
    step: float = 0.0,
) -> Chart:
    """Return the XmR chart of single values; limits are cut where no value can lie.

    Values that were rounded to whole `step`s say nothing by less than one: sigma is half a step at least, and a point
    within half a step of the mean lies on neither side of it.
    """

    def limits(first: int, last: int) -> Iterator[Limits]:
        phase = values[first:last]
        centre = sum(phase) / len(phase)
        sigma = max(_mean_range(phase) / D2, step / 2)
        return (_limits(centre, sigma, least, most) for _ in phase)

    return _chart("XmR", values, phases, limits, step / 2)


def share_chart(met: Sequence[int], counted: Sequence[int], phases: Sequence[int] = ()) -> Chart:
    """Return Laney's p' chart of parts of one. Each period must have counted something."""
    values = [part / whole for part, whole in zip(met, counted, strict=True)]

    def limits(first: int, last: int) -> Iterator[Limits]:
        centre = sum(met[first:last]) / sum(counted[first:last])
        spread = [math.sqrt(centre * (1 - centre) / size) for size in counted[first:last]]
        factor = _laney_factor(values[first:last], centre, spread)
        return (_limits(centre, factor * one, 0, 1) for one in spread)

    return _chart("p'", values, phases, limits)


def rate_chart(events: Sequence[int], among: Sequence[float], phases: Sequence[int] = ()) -> Chart:
    """Return the u' chart of events for each one of `among`. Each period must have somebody."""
    values = [count / size for count, size in zip(events, among, strict=True)]

    def limits(first: int, last: int) -> Iterator[Limits]:
        centre = sum(events[first:last]) / sum(among[first:last])
        spread = [math.sqrt(centre / size) for size in among[first:last]]
        factor = _laney_factor(values[first:last], centre, spread)
        return (_limits(centre, factor * one, 0, math.inf) for one in spread)

    return _chart("u'", values, phases, limits)


def _chart(
    kind: str,
    values: Sequence[float],
    phases: Sequence[int],
    limits: Callable[[int, int], Iterator[Limits]],
    blur: float = 0.0,
) -> Chart:
    """Put the phases together: each begins at a place where limits were agreed to be worked out anew."""
    starts = sorted({0, *(place for place in phases if 0 < place < len(values))}) if values else []
    ends = [*starts[1:], len(values)] if values else []
    spans = list(zip(starts, ends, strict=True))
    drawn = tuple(one for first, last in spans for one in limits(first, last))
    signals = tuple(one for first, last in spans for one in find_signals(values, drawn, first, last, blur))
    is_provisional = any(last - first < FEWEST for first, last in spans)
    return Chart(kind, tuple(values), drawn, signals, is_provisional)


def _limits(centre: float, sigma: float, least: float, most: float) -> Limits:
    return Limits(centre, max(least, centre - SIGMAS * sigma), min(most, centre + SIGMAS * sigma), sigma)


def _mean_range(values: Sequence[float]) -> float:
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    return sum(ranges) / len(ranges) if ranges else 0.0


def _laney_factor(values: Sequence[float], centre: float, spread: Sequence[float]) -> float:
    """By how much the points vary more than chance would have it, from neighbour to neighbour; 1 at least."""
    if not all(spread):
        return 1.0
    return max(1.0, _mean_range([(value - centre) / one for value, one in zip(values, spread, strict=True)]) / D2)


def find_signals(
    values: Sequence[float], limits: Sequence[Limits], first: int, last: int, blur: float = 0.0
) -> Iterator[Signal]:
    """Yield what the four rules find in one phase, from place `first` to before `last`.

    A point no further than `blur` from the mean lies on neither side of it.
    """
    for is_up in (True, False):
        above = [_sigmas(values[place], limits[place], is_up=is_up) for place in range(first, last)]
        yield from _runs(BEYOND, [one > SIGMAS for one in above], 1, first, is_up=is_up)
        aside = [_lies_aside(values[place], limits[place], blur, is_up=is_up) for place in range(first, last)]
        yield from _runs(SHIFTED, aside, SHIFT, first, is_up=is_up)
        yield from _near(above, first, is_up=is_up)
        yield from _trends(values[first:last], first, is_up=is_up)


def _lies_aside(value: float, limits: Limits, blur: float, *, is_up: bool) -> bool:
    distance = value - limits.centre if is_up else limits.centre - value
    return distance > blur


def _sigmas(value: float, limits: Limits, *, is_up: bool) -> float:
    """How many sigma a value lies above the mean, or below it; without any noise a value off the mean is beyond."""
    distance = value - limits.centre if is_up else limits.centre - value
    if limits.sigma == 0:
        return math.copysign(math.inf, distance) if abs(distance) > 1e-12 else 0.0
    return distance / limits.sigma


def _runs(rule: str, hits: Sequence[bool], fewest: int, offset: int, *, is_up: bool) -> Iterator[Signal]:
    start = 0
    for place, hit in enumerate((*hits, False)):
        if not hit:
            if place - start >= fewest:
                yield Signal(rule, tuple(range(offset + start, offset + place)), is_up)
            start = place + 1


def _trends(values: Sequence[float], offset: int, *, is_up: bool) -> Iterator[Signal]:
    steps = [later > earlier if is_up else later < earlier for earlier, later in pairwise(values)]
    for found in _runs(TRENDING, steps, TREND - 1, offset, is_up=is_up):
        yield Signal(TRENDING, (*found.places, found.places[-1] + 1), is_up)


def _near(above: Sequence[float], offset: int, *, is_up: bool) -> Iterator[Signal]:
    """Two of three in a row between two and three sigma, or beyond: those points, each told once."""
    hits = [one > WARNING_SIGMAS for one in above]
    found = sorted(
        {
            place
            for start in range(len(hits) - 2)
            if sum(hits[start : start + 3]) >= 2
            for place in range(start, start + 3)
            if hits[place]
        }
    )
    if found:
        yield Signal(NEAR_LIMIT, tuple(offset + place for place in found), is_up)
