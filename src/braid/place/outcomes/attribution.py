"""What changed after something was begun: an interrupted series, and areas that began at different dates.

**Interrupted series.** A line with a level and a slope before, and a change of both after. What is left over follows on
from period to period (autoregressive of order one). How strongly is not known from some dozen points, so it is averaged
over: each strength from -0.9 to 0.95 is weighted by how well it explains the series (restricted likelihood), and the
interval is that of the mixture of Student's distributions. One at a single estimated strength is too narrow by far on
short series. Sources: A. Zellner and G. Tiao, "Bayesian analysis of the regression model with autocorrelated errors",
JASA 59 (1964); A. K. Wagner and others, "Segmented regression analysis of interrupted time series", J Clin Pharm Ther
27 (2002); S. L. Turner and others, BMC Med Res Methodol 21 (2021), on how other intervals fall short.

**Stepped comparison.** Areas that have begun beside areas that have not yet, in the same periods: the difference with
each area's and each period's own level taken off. Its interval holds whatever would not surprise if the dates of
beginning had been dealt to the areas otherwise. Sources: M. Hussey and J. Hughes, Contemp Clin Trials 28 (2007); J. A.
Thompson and others, Stat Med 37 (2018), on permutation.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

from braid.place.outcomes.intervals import LEVEL, TAIL, student_below

Values = npt.NDArray[np.float64]

STRENGTHS = tuple(round(-0.9 + 0.05 * step, 2) for step in range(38))
FEWEST_BEFORE, FEWEST_AFTER = 8, 4
MOST_DEALS, SEED = 2_000, 7
FEWEST_DEALS = math.ceil(1 / (1 - LEVEL))
"""Fewer ways to deal the dates cannot rule anything out at 95 per cent."""
ROUNDS, REACH = 60, 40.0


@dataclass(frozen=True)
class Effect:
    """A difference with its 95 per cent interval, and over how many periods and areas it was seen."""

    value: float
    low: float
    high: float
    before: int
    after: int
    areas: int = 1

    @property
    def is_told_apart(self) -> bool:
        """Whether chance of this kind does not account for it."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Interrupted:
    """What changed at the beginning: the level, the slope a period, and both together in the last period."""

    level: Effect
    slope: Effect
    at_end: Effect


def interrupt(values: Sequence[float], begins: int) -> Interrupted | None:
    """Return how a series changed from place `begins` on; `None` where there are too few periods on either side."""
    before, after = begins, len(values) - begins
    if before < FEWEST_BEFORE or after < FEWEST_AFTER:
        return None
    times = np.arange(len(values), dtype=float)
    since = np.maximum(0.0, times - begins)
    has_begun = (times >= begins).astype(float)
    design = np.column_stack([np.ones(len(values)), times, has_begun, since])
    fits = _weighted_fits(np.asarray(values, dtype=float), design)
    level, slope, at_end = (
        _mixture(fits, np.asarray(contrast), before, after)
        for contrast in ((0, 0, 1.0, 0), (0, 0, 0, 1.0), (0, 0, 1.0, float(after - 1)))
    )
    return Interrupted(level, slope, at_end)


@dataclass(frozen=True)
class _Fit:
    """A regression at one strength: its weight, coefficients, their covariance, and degrees of freedom."""

    weight: float
    found: Values
    covariance: Values
    freedom: int


def _weighted_fits(values: Values, design: Values) -> list[_Fit]:
    fits = [_fit(values, design, strength) for strength in STRENGTHS]
    best = max(likelihood for likelihood, *_ in fits)
    weights = [math.exp(likelihood - best) for likelihood, *_ in fits]
    total = sum(weights)
    freedom = len(values) - design.shape[1]
    return [
        _Fit(weight / total, found, covariance, freedom)
        for weight, (_, found, covariance) in zip(weights, fits, strict=True)
    ]


def _fit(values: Values, design: Values, strength: float) -> tuple[float, Values, Values]:
    """Return the restricted log likelihood, the coefficients and their covariance at one strength (Prais-Winsten)."""
    first = math.sqrt(1 - strength**2)
    seen, shapes = values.copy(), design.copy()
    seen[1:] -= strength * values[:-1]
    shapes[1:] -= strength * design[:-1]
    seen[0] *= first
    shapes[0] *= first
    gram = shapes.T @ shapes
    inverse = np.linalg.inv(gram)
    found = inverse @ shapes.T @ seen
    left = float(((seen - shapes @ found) ** 2).sum())
    freedom = len(values) - design.shape[1]
    spread = max(left / freedom, 1e-12)
    likelihood = math.log(first) - 0.5 * float(np.linalg.slogdet(gram)[1]) - 0.5 * freedom * math.log(spread)
    return likelihood, found, spread * inverse


def _mixture(fits: Sequence[_Fit], contrast: Values, before: int, after: int) -> Effect:
    """Return the mean of the mixture and the ends between which 95 per cent of it lie."""
    weights = np.array([fit.weight for fit in fits])
    centres = np.array([float(contrast @ fit.found) for fit in fits])
    spreads = np.sqrt(np.array([float(contrast @ fit.covariance @ contrast) for fit in fits]))
    value, widest = float(weights @ centres), float(spreads.max())

    def below(at: float) -> float:
        return float(weights @ student_below(fits[0].freedom, (at - centres) / spreads))

    ends = (
        _where(lambda at: below(at) < TAIL, value - REACH * widest, value),
        _where(lambda at: below(at) < 1 - TAIL, value, value + REACH * widest),
    )
    return Effect(value, *ends, before, after)


def _where(is_before: Callable[[float], bool], low: float, high: float) -> float:
    """Return where something stops being so, between two numbers, by halving."""
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_before(middle) else (low, middle)
    return (low + high) / 2


def compare_steps(values: Values, begins: Sequence[int | None]) -> Effect | None:
    """Return by how much areas differ once they have begun, from areas in the same periods that have not.

    `values`: areas by periods. `begins`: the period from which each area has begun, `None` where it has not. `None`
    where the dates can be dealt in fewer ways than an interval needs, or nothing sets those that began apart.
    """
    deals = _deals(tuple(begins))
    if len(deals) < FEWEST_DEALS:
        return None
    left = _centred(values)
    own = _begun(begins, values.shape)
    observed = _difference(left, own)
    if observed is None:
        return None
    slopes, offsets = _dealt(left, own, deals, values.shape)

    def is_surprising(effect: float) -> bool:
        distances = np.abs(offsets - effect * slopes)
        return float((distances >= abs(observed - effect) - 1e-9).mean()) <= 1 - LEVEL

    reach = REACH * max(float(np.abs(offsets).max()), 1e-9)
    low = _where(is_surprising, observed - reach, observed)
    high = _where(lambda effect: not is_surprising(effect), observed, observed + reach)
    after = int(own.sum())
    return Effect(observed, low, high, own.size - after, after, values.shape[0])


def _deals(begins: tuple[int | None, ...]) -> list[tuple[int | None, ...]]:
    """Every way to deal the dates to the areas, or so many drawn, the one that happened among them."""
    if math.factorial(len(begins)) <= MOST_DEALS * 3:
        return sorted(set(permutations(begins)), key=str)
    draw = random.Random(SEED)
    return [begins, *(tuple(draw.sample(begins, len(begins))) for _ in range(MOST_DEALS - 1))]


def _begun(begins: Iterable[int | None], shape: tuple[int, ...]) -> Values:
    periods = np.arange(shape[1])
    return np.array([periods >= (shape[1] if begin is None else begin) for begin in begins], dtype=float)


def _centred(values: Values) -> Values:
    """Take off each area's and each period's own level."""
    centred: Values = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
    return centred


def _difference(left: Values, begun: Values) -> float | None:
    """The coefficient of having begun in a regression with areas and periods, by partialling these out."""
    apart = _centred(begun)
    size = float((apart * apart).sum())
    return float((apart * left).sum()) / size if size > 1e-9 else None


def _dealt(
    left: Values, own: Values, deals: Sequence[tuple[int | None, ...]], shape: tuple[int, ...]
) -> tuple[Values, Values]:
    """For each deal: how much of the true effect it would find, and what it finds of the values as they are."""
    slopes, offsets = [], []
    for deal in deals:
        begun = _begun(deal, shape)
        slopes.append(_difference(_centred(own), begun) or 0.0)
        offsets.append(_difference(left, begun) or 0.0)
    return np.array(slopes), np.array(offsets)
