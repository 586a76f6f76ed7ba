"""The price of the silo: one portfolio under each purse, side by side, and what each further pound brings.

Every plan is valued alike here, by everybody's value and all effects, whatever its own purse counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from braid.planning.contract import Limits, value_of
from braid.planning.portfolio.checker import body_values, levels_of
from braid.planning.portfolio.model import PortfolioPlan, PortfolioProblem, Purse

Solve = Callable[[PortfolioProblem, Limits], PortfolioPlan]
PURSES: tuple[Purse, ...] = ("silo", "aligned", "pooled", "no_loser")


@dataclass(frozen=True)
class Worth:
    """One plan, what it brings to all together, and to each body; effects that are nobody's own stay out of that."""

    purse: Purse
    problem: PortfolioProblem
    plan: PortfolioPlan
    value: float
    by_body: dict[str, float]


@dataclass(frozen=True)
class Comparison:
    """The plans under each purse, and the price of the silo in its parts.

    Shares of the silo's value: `misaligned_aims` is what the bodies gain by wanting the same, each with its own money;
    `ring_fences` what pooling the money then adds; `protection` what it costs that nobody loses, as a share of the
    pooled value.
    """

    worths: tuple[Worth, ...]
    misaligned_aims: float
    ring_fences: float
    protection: float

    @property
    def price_of_silo(self) -> float:
        """By which share all together could have more for the same money."""
        return (1 + self.misaligned_aims) * (1 + self.ring_fences) - 1

    def of(self, purse: Purse) -> Worth:
        """Return the plan under one purse."""
        return next(worth for worth in self.worths if worth.purse == purse)


def compare(problem: PortfolioProblem, limits: Limits, solve: Solve) -> Comparison:
    """Return the plans of a problem under each purse. The floors of `no_loser` are the values of the silo."""
    worths: dict[Purse, Worth] = {}
    for purse in PURSES:
        floors = worths["silo"].by_body if purse == "no_loser" else {}
        worths[purse] = worth_of(replace(problem, purse=purse, floors=floors), limits, solve)
    value = {purse: worth.value for purse, worth in worths.items()}
    return Comparison(
        tuple(worths.values()),
        _gain(value["silo"], value["aligned"]),
        _gain(value["aligned"], value["pooled"]),
        -_gain(value["pooled"], value["no_loser"]),
    )


def worth_of(problem: PortfolioProblem, limits: Limits, solve: Solve) -> Worth:
    """Return the plan of a problem with what it brings to all, and to each body."""
    plan = solve(problem, limits)
    bought = {choice.intervention: choice.scale for choice in plan.choices}
    together = replace(problem, purse="pooled", risk=None, change_price=0.0)
    return Worth(problem.purse, problem, plan, value_of(levels_of(together, bought)), body_values(problem, bought))


def frontier(problem: PortfolioProblem, limits: Limits, solve: Solve, shares: Sequence[float]) -> tuple[Worth, ...]:
    """Return what a pooled purse brings for each share of the budgets; floors are left out."""
    pooled = replace(problem, purse="pooled", floors={})
    return tuple(worth_of(replace(pooled, budget_share=share), limits, solve) for share in shares)


def _gain(before: float, after: float) -> float:
    return after / before - 1 if before else math.inf if after else 0.0
