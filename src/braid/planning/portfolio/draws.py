"""What is not known of effects: the price of the silo over draws, how sure each choice is, and what may be regretted.

A draw is the same problem with other values. Two questions are kept apart. What would separate and pooled purses bring,
had each chosen knowing the draw: that is the price of the silo, with its interval. And what do the plans at hand,
chosen without knowing it, bring in each draw: their regret is what the best of the draw would have brought more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braid.language.documents import Part
from braid.planning.contract import Limits
from braid.planning.portfolio.engines.redrawn import Redrawn, least_regret, values_of
from braid.planning.portfolio.model import PortfolioProblem

Vector = NDArray[np.float64]
WORST = 0.95
"""Of the draws, this share has no more regret than what is called its worst."""
CAREFUL = "least_regret"
"""The plan whose worst regret is least of all that were looked at."""


@dataclass(frozen=True)
class Band(Part):
    """The median of draws, and the interval that holds 95 of 100 of them; null where most have no such figure."""

    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Regret(Part):
    """What a plan brings less than the best of each draw: the mean of draws, and what 95 of 100 do not exceed."""

    plan: str
    expected: float
    worst: float
    value: Band


@dataclass(frozen=True)
class Uncertainty(Part):
    """What draws say of plans. Shares are of draws, from 0 to 1."""

    draws: int
    price_of_silo: Band
    """By which share all could have more than apart, each purse choosing anew in each draw."""
    price_of_silo_fixed: Band
    """By which share the pooled plan brings more than the plan apart, both as they were chosen."""
    chosen_pooled: Mapping[str, float]
    """By intervention: in which share of draws the best of one purse has it, at any scale."""
    chosen_apart: Mapping[str, float]
    regrets: tuple[Regret, ...]
    least_regret: Mapping[str, int]
    """Scale by intervention of the plan whose worst regret is least of all looked at."""
    looked_at: int
    """Plans that were compared before the search among their neighbours."""
    searched: int
    """Draws, of both purses, in which the plans before and a linear program did not settle what is best."""


def study_draws(
    problem: PortfolioProblem,
    drawn: Sequence[PortfolioProblem],
    plans: Mapping[str, Mapping[str, int]],
    limits: Limits,
) -> Uncertainty:
    """Return what draws say of the plans `silo` and `pooled`, which must be there, and of any others.

    Every plan must keep the rules of one purse. Shapes of the draws are that of the problem: values alone differ.
    """
    apart, together = Redrawn(problem, "silo", limits), Redrawn(problem, "pooled", limits)
    apart.know(plans["silo"])
    for plan in plans.values():
        together.know(plan)
    best_apart = [apart.best(each) for each in drawn]
    best_together = [together.best(each) for each in drawn]
    value_apart = _of_own_draw(drawn, best_apart)
    best = _of_own_draw(drawn, best_together)
    careful = least_regret(drawn, best, together.known, WORST)
    named = {**plans, CAREFUL: careful}
    values = values_of(drawn, list(named.values()))
    columns = dict(zip(named, values.T, strict=True))
    return Uncertainty(
        len(drawn),
        band_of(_gains(value_apart, best)),
        band_of(_gains(columns["silo"], columns["pooled"])),
        _shares(problem, best_together),
        _shares(problem, best_apart),
        tuple(_regret(name, best - column, column) for name, column in columns.items()),
        careful,
        len(together.known),
        apart.searched + together.searched,
    )


def _of_own_draw(drawn: Sequence[PortfolioProblem], chosen: Sequence[Mapping[str, int]]) -> Vector:
    """Return what the choice of each draw is worth to all together in it."""
    kinds = {tuple(sorted(each.items())): each for each in chosen}
    at = {key: number for number, key in enumerate(kinds)}
    values = values_of(drawn, list(kinds.values()))
    return np.array([values[number, at[tuple(sorted(each.items()))]] for number, each in enumerate(chosen)])


def _gains(before: Vector, after: Vector) -> Vector:
    """Return by which share each is more; infinite where there was nothing."""
    return np.array([more / less - 1 if less > 0 else math.inf for less, more in zip(before, after, strict=True)])


def band_of(values: Vector) -> Band:
    """Return median and 95 % interval, by the draws themselves, so that each is a draw's figure."""
    low, median, high = np.quantile(values, (0.025, 0.5, 0.975), method="inverted_cdf")
    return Band(_finite(median), _finite(low), _finite(high))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _shares(problem: PortfolioProblem, chosen: Sequence[Mapping[str, int]]) -> dict[str, float]:
    times = Counter(name for each in chosen for name in each)
    return {each.id: times[each.id] / len(chosen) for each in problem.interventions}


def _regret(name: str, regrets: Vector, values: Vector) -> Regret:
    regrets = np.maximum(regrets, 0.0)
    return Regret(name, float(regrets.mean()), float(np.quantile(regrets, WORST)), band_of(values))
