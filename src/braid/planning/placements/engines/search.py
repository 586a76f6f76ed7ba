"""The chain of engines: which method places the households of a problem, and how well that is proved."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy

from braid.planning.contract import Limits
from braid.planning.placements.engines.assignment import Assignment, solve_dense, solve_sparse
from braid.planning.placements.engines.budgets import Money, solve_budgeted
from braid.planning.placements.engines.costs import Arrays, Indices
from braid.planning.placements.engines.look_ahead import place_week, price_future

LARGEST_DENSE = 7_000_000
"""Pairs up to which the whole matrix is assigned at once."""
SECONDS_PER_MILLION_PAIRS = 0.12
"""What one assignment takes on the machine of the benchmarks."""
ROUNDS = 3
"""Rounds of pricing by which large problems have been proved to a thousandth of a percent."""


@dataclass(frozen=True)
class Found:
    """Where households go, as positions of units or -1, and what is proved of it."""

    chosen: Indices
    bound: float | None
    bound_method: str
    engine: str
    effort: dict[str, int]


def libraries() -> dict[str, str]:
    """Return the versions of what could change a plan."""
    return {"numpy": np.__version__, "scipy": scipy.__version__}


def place(arrays: Arrays, limits: Limits) -> Found:
    """Return where households go: exactly, within budgets, or with room for those to come."""
    if not arrays.unit_ids or not arrays.household_ids:
        nobody = np.full(len(arrays.household_ids), -1)
        return Found(nobody, float(len(nobody)) * arrays.problem.prices.unplaced, "nothing to assign", "none", {})
    if arrays.problem.budgets:
        return _place_within_budgets(arrays, limits)
    if arrays.problem.look_ahead:
        return _place_looking_ahead(arrays, limits)
    return _place_freely(arrays, limits)


def _place_freely(arrays: Arrays, limits: Limits) -> Found:
    unplaced = arrays.problem.prices.unplaced
    if arrays.cost.size <= LARGEST_DENSE:
        found = solve_dense(arrays.cost, unplaced)
        return _found(found, "exact assignment", {"assignments": 1})
    rounds = ROUNDS if limits.seconds >= 30 else 1
    found = solve_sparse(arrays.cost, unplaced, rounds, limits.seed)
    return _found(found, "assignment over candidates, priced over all pairs", {"pricing_rounds": rounds})


def _found(found: Assignment, engine: str, effort: dict[str, int]) -> Found:
    return Found(found.chosen, found.bound, "dual prices over every pair", engine, effort)


def _place_within_budgets(arrays: Arrays, limits: Limits) -> Found:
    prices = arrays.problem.prices
    budgets = arrays.problem.budgets
    pays = [
        np.ones(len(arrays.home_district), dtype=bool)
        if each.district is None
        else arrays.home_district == arrays.district_of[each.district]
        for each in budgets
    ]
    money = Money(arrays.night_pence, np.array(pays), np.array([each.night_pence for each in budgets], dtype=float))
    most = _most_assignments(arrays, limits)
    found = solve_budgeted(arrays.cost, prices.unplaced, money, most, max(prices.pound / 100, 1e-3))
    return Found(
        found.chosen,
        found.bound,
        "Lagrangian prices of money",
        "exact assignments at prices of money, put together by parts",
        {"assignments": most},
    )


def _most_assignments(arrays: Arrays, limits: Limits) -> int:
    one = arrays.cost.size / 1e6 * SECONDS_PER_MILLION_PAIRS
    return int(min(max(limits.seconds / max(one, 1e-3), 4), 40))


def _place_looking_ahead(arrays: Arrays, limits: Limits) -> Found:
    ahead = arrays.problem.look_ahead
    assert ahead is not None
    unplaced = arrays.problem.prices.unplaced
    before = tuple(replace(each, current_unit=None) for each in ahead.households)
    future = Arrays(replace(arrays.problem, households=before)).cost
    worth = price_future(arrays.cost, future, ahead.expected, ahead.samples, unplaced, limits.seed)
    level = np.array([arrays.level(row) for row in range(len(arrays.household_ids))])
    chosen = place_week(arrays.cost, level, worth, unplaced)
    bound = solve_dense(arrays.cost, unplaced).bound
    return Found(
        chosen,
        bound,
        "dual prices over every pair, of these households alone",
        "assignment at prices of sampled futures",
        {"assignments": ahead.samples + 3},
    )
