"""A back-test of care proceedings: what the model says of 2011 to 2025 where it was fitted to a part of that time.

Only the sitting time of each stretch of years is fitted, to the mean weeks at some of the published points; cases come
as they are published to have come. Mean weeks of the points between are predicted, and how many cases are concluded.
So is, at every point that did not fit the shape, the share within 26 weeks: that a case waits once for each of its
hearings must give the spread at any mean.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from braid.simulation.engines.choice import Chosen
from braid.simulation.model import Network, Weekly
from braid.simulation.national.care import LIMIT_WEEKS, care_pathway, care_present, care_services
from braid.simulation.national.derivations import WEEKS_A_YEAR, derived
from braid.simulation.national.figures import Point, Volume, care_points, care_volumes, sitting_ratios
from braid.simulation.program import Counting
from braid.simulation.run import Runs, simulate
from braid.simulation.tables import TICKS

START = dt.date(2010, 1, 4)
END = dt.date(2025, 7, 1)
WEEKS = (END - START).days // 7
SEED = 1
COUNTING = Counting(window_weeks=1, bins=209, check_weeks=0)
QUARTER_MONTHS = 3
LIMIT = int(LIMIT_WEEKS)
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Predicted:
    """A published point beside the simulated one and two simpler guesses."""

    point: Point
    mean_weeks: float
    within: float
    median_weeks: float
    straight: float
    """Mean weeks on the straight line between the points that fitted sitting time."""
    exponential: float
    """Share within 26 weeks of an exponential with the published mean."""
    lognormal: float
    """Of a lognormal with the published mean and one spread, fitted to the points that fitted the shape."""
    at_mean: float
    """Share within 26 weeks that the model gives at the published mean, whatever mean it gave at the time."""
    corrected: float
    """Share within 26 weeks at the time, corrected for the mean being off: moved along the model's own curve."""


def weeks_of(period: str) -> tuple[int, int]:
    """Return the weeks of a year or quarter since the start of the back-test: the first, and the first after it."""
    year, _, quarter = period.partition(" Q")
    first = dt.date(int(year), QUARTER_MONTHS * (int(quarter) - 1) + 1 if quarter else 1, 1)
    months = QUARTER_MONTHS if quarter else 12
    after = dt.date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
    return max((first - START).days // 7, 0), min((after - START).days // 7, WEEKS)


def cases_by_week(volumes: Sequence[Volume]) -> Numbers:
    """Return the cases that come each week: the published numbers, on straight lines between their middles."""
    middles = [sum(weeks_of(one.period)) / 2 for one in volumes]
    a_week = [one.started / (WEEKS_A_YEAR / (4 if "Q" in one.period else 1)) for one in volumes]
    return np.interp(np.arange(WEEKS), middles, a_week)


def fitting(points: Sequence[Point]) -> list[Point]:
    """Return the points that fit the sitting time of the stretch that ends with them."""
    return [one for one in points if one.use == "capacity"]


def sitting_by_week(ratios: Sequence[float], cases: Numbers) -> Numbers:
    """Return hearings offered each week: as many as cases ask for, times the ratio of the stretch a week lies in."""
    ends = [weeks_of(one.period)[1] for one in fitting(care_points())]
    stretch = np.searchsorted(ends, np.arange(WEEKS), side="right")
    slots: Numbers = cases * derived("care_slots_a_case") * np.array([*ratios, ratios[-1]])[stretch]
    return slots


def care_network(ratios: Sequence[float], weeks: int = WEEKS) -> Network:
    """Return care proceedings from 2010 on, up to mid-2025, with the sitting time of each stretch."""
    cases = cases_by_week(care_volumes())
    slots = Weekly(values=tuple(map(float, sitting_by_week(ratios, cases))))
    opening = care_present(float(cases[0]), fitting(care_points())[0].mean_weeks)
    return Network(
        kind="network",
        name="Care proceedings 2010 to 2025",
        start=START,
        weeks=weeks,
        services=care_services(slots, float(cases.max())),
        pathways=(care_pathway(Weekly(values=tuple(map(float, cases)))),),
        present=tuple(opening),
    )


def run_back_test(seed: int = SEED, engine: Chosen | None = None) -> Runs:
    """Return one replication of care proceedings from 2010 on, with the sitting time fitted to the luck of a seed.

    Raises `KeyError` where nothing was fitted with the seed.
    """
    return simulate(care_network(sitting_ratios()[seed]), 1, seed, counting=COUNTING, engine=engine)


def concluded(runs: Runs, period: str) -> tuple[float, Numbers]:
    """Return the mean weeks of the cases concluded in a period, and how many took each number of whole weeks."""
    first, after = weeks_of(period)
    record = runs.records[0]
    stopped, ticks = record.clock_sums[first:after, 0].sum(axis=0)
    return float(ticks) / TICKS / float(stopped), record.clocks[first:after, 0].sum(axis=0).astype(float)


@dataclass(frozen=True)
class Concluded:
    """How many cases were disposed of in a period, as published and as simulated. No count of them fitted anything."""

    volume: Volume
    simulated: float


def concluded_volumes(runs: Runs) -> list[Concluded]:
    """Return the published numbers of disposals beside the simulated ones."""
    return [
        Concluded(one, float(concluded(runs, one.period)[1].sum()))
        for one in care_volumes()
        if one.disposed is not None
    ]


def fit_sitting_ratios(seed: int) -> list[float]:
    """Return the ratio of each stretch at which the simulated mean meets the published one at its end.

    One stretch after another, by bisection, since a stretch changes nothing before it. Fitted to the luck of a seed: at
    a load of one nothing draws a list back, and chance alone moves the mean of a whole country by weeks in ten years.
    """
    points = fitting(care_points())
    ratios = [1.0] * len(points)
    for number, point in enumerate(points):
        low, high = 0.6, 1.6
        for _ in range(13):
            ratios[number:] = [(low + high) / 2] * (len(points) - number)
            network = care_network(ratios, weeks_of(point.period)[1])
            runs = simulate(network, 1, seed, counting=COUNTING)
            is_too_long = concluded(runs, point.period)[0] > point.mean_weeks
            low, high = (ratios[number], high) if is_too_long else (low, ratios[number])
        ratios[number:] = [round((low + high) / 2, 4)] * (len(points) - number)
    return ratios


def predictions(runs: Runs) -> list[Predicted]:
    """Return every published point beside what the model and the simpler guesses say of it."""
    points = care_points()
    spread = fit_spread([one for one in points if one.shape])
    straight = _straight_line(fitting(points))
    means, shares = shape_curve(runs)
    found = []
    for one in points:
        mean, counts = concluded(runs, one.period)
        within = float(counts[:LIMIT].sum() / counts.sum())
        at_mean = float(np.interp(one.mean_weeks, means, shares))
        found.append(
            Predicted(
                point=one,
                mean_weeks=mean,
                within=within,
                median_weeks=_median(counts),
                straight=straight(sum(weeks_of(one.period)) / 2),
                exponential=exponential_within(one.mean_weeks),
                lognormal=lognormal_within(one.mean_weeks, spread),
                at_mean=at_mean,
                corrected=within + at_mean - float(np.interp(mean, means, shares)),
            )
        )
    return found


def shape_curve(runs: Runs) -> tuple[Numbers, Numbers]:
    """Return mean weeks, rising, and the share within 26 weeks at each, from all quarters of a run.

    Quarters are sorted by their mean and averaged with their neighbours: each has some thousand cases, and lies higher
    where waits fall than where they rise.
    """
    found = []
    for first in range(52, WEEKS - 13, 13):
        record = runs.records[0]
        stopped, ticks = record.clock_sums[first : first + 13, 0].sum(axis=0)
        within = record.clocks[first : first + 13, 0, :LIMIT].sum()
        found.append((float(ticks) / TICKS / float(stopped), float(within) / float(stopped)))
    found.sort()
    pairs = np.array(found)
    kernel = np.ones(5) / 5
    return np.convolve(pairs[:, 0], kernel, "valid"), np.convolve(pairs[:, 1], kernel, "valid")


def exponential_within(mean: float) -> float:
    """Return the share within 26 weeks of an exponential of a mean."""
    return -math.expm1(-LIMIT_WEEKS / mean)


def lognormal_within(mean: float, spread: float) -> float:
    """Return the share within 26 weeks of a lognormal of a mean and a standard deviation of the logarithm."""
    return NormalDist().cdf((math.log(LIMIT_WEEKS / mean) + spread**2 / 2) / spread)


def fit_spread(points: Sequence[Point]) -> float:
    """Return the spread at which lognormals of the points' means come nearest to their shares, by least squares."""
    spreads = np.linspace(0.2, 1.2, 1001)
    errors = [
        sum((lognormal_within(one.mean_weeks, float(spread)) - (one.within or 0.0)) ** 2 for one in points)
        for spread in spreads
    ]
    return float(spreads[int(np.argmin(errors))])


@dataclass(frozen=True)
class Errors:
    """Roots of the mean squared errors at the points that fitted nothing: in weeks, and in shares."""

    mean_weeks: float
    straight: float
    within: float
    at_mean: float
    corrected: float
    lognormal: float
    exponential: float


def errors_of(found: Sequence[Predicted]) -> Errors:
    """Return how far predictions lie off, of the means held out and of the shares that fitted no shape."""
    means = [one for one in found if one.point.use == "held"]
    shares = [(one, one.point.within) for one in found if one.point.within is not None and not one.point.shape]
    return Errors(
        mean_weeks=root_mean_square(one.mean_weeks - one.point.mean_weeks for one in means),
        straight=root_mean_square(one.straight - one.point.mean_weeks for one in means),
        within=root_mean_square(one.within - share for one, share in shares),
        at_mean=root_mean_square(one.at_mean - share for one, share in shares),
        corrected=root_mean_square(one.corrected - share for one, share in shares),
        lognormal=root_mean_square(one.lognormal - share for one, share in shares),
        exponential=root_mean_square(one.exponential - share for one, share in shares),
    )


def root_mean_square(errors: Iterator[float]) -> float:
    """Return the root of the mean of squared errors."""
    return float(np.sqrt(np.mean(np.square(list(errors)))))


def _straight_line(points: Sequence[Point]) -> Callable[[float], float]:
    middles = [sum(weeks_of(one.period)) / 2 for one in points]
    means = [one.mean_weeks for one in points]
    return lambda week: float(np.interp(week, middles, means))


def _median(by_week: Numbers) -> float:
    up_to = np.cumsum(by_week) / by_week.sum()
    week = int(np.searchsorted(up_to, 0.5))
    before = up_to[week - 1] if week else 0.0
    return week + float((0.5 - before) / (up_to[week] - before))
