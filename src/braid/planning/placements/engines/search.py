"""The chain of engines: which method places the households of a problem, and how well that is proved."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy

from braid.language.documents import check_faults
from braid.planning.contract import Limits
from braid.planning.placements.engines.assignment import Assignment, solve_dense, solve_sparse
from braid.planning.placements.engines.budgets import Money, solve_budgeted
from braid.planning.placements.engines.costs import Arrays, Flags, Floats, Indices
from braid.planning.placements.engines.look_ahead import place_week, price_future
from braid.planning.placements.model import as_newcomer

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


@dataclass(frozen=True)
class _Open:
    """What is left to decide once those who must stay are where they are: rows and columns of the whole."""

    arrays: Arrays
    rows: Indices
    columns: Indices
    cost: Floats

    @property
    def unplaced(self) -> float:
        return self.arrays.problem.prices.unplaced

    def whole(self, chosen: Indices) -> Indices:
        """Return where everybody is, given where the open households are."""
        everybody = self.arrays.fixed.copy()
        is_placed = chosen >= 0
        everybody[self.rows[is_placed]] = self.columns[chosen[is_placed]]
        return everybody


def _open(arrays: Arrays) -> _Open:
    rows = np.flatnonzero(arrays.fixed < 0)
    columns = np.setdiff1d(np.arange(len(arrays.unit_ids)), arrays.fixed)
    is_whole = len(rows) == len(arrays.household_ids)
    return _Open(arrays, rows, columns, arrays.cost if is_whole else arrays.cost[np.ix_(rows, columns)])


def place(arrays: Arrays, limits: Limits) -> Found:
    """Return where households go: exactly, within budgets, or with room for those to come.

    Raises `DocumentInvalid` where budgets do not even pay for those who must stay.
    """
    left = _open(arrays)
    if arrays.problem.budgets:
        found = _place_within_budgets(left, limits)
    elif not left.cost.size:
        found = _place_nobody(left)
    elif arrays.problem.look_ahead:
        found = _place_looking_ahead(left, limits)
    else:
        found = _place_freely(left, limits)
    settled = np.flatnonzero(arrays.fixed >= 0)
    stays = float(arrays.cost[settled, arrays.fixed[settled]].astype(float).sum())
    return replace(found, chosen=left.whole(found.chosen), bound=None if found.bound is None else found.bound + stays)


def _place_nobody(left: _Open) -> Found:
    nobody = np.full(len(left.rows), -1)
    return Found(nobody, len(nobody) * left.unplaced, "nothing to assign", "none", {})


def _place_freely(left: _Open, limits: Limits) -> Found:
    if left.cost.size <= LARGEST_DENSE:
        return _found(solve_dense(left.cost, left.unplaced), "exact assignment", {"assignments": 1})
    rounds = ROUNDS if limits.seconds >= 30 else 1
    found = solve_sparse(left.cost, left.unplaced, rounds, limits.seed)
    return _found(found, "assignment over candidates, priced over all pairs", {"pricing_rounds": rounds})


def _found(found: Assignment, engine: str, effort: dict[str, int]) -> Found:
    return Found(found.chosen, found.bound, "dual prices over every pair", engine, effort)


def _place_within_budgets(left: _Open, limits: Limits) -> Found:
    money = _money(left)
    if not left.cost.size:
        return _place_nobody(left)
    prices = left.arrays.problem.prices
    most = _most_assignments(left.cost.size, limits)
    found = solve_budgeted(left.cost, left.unplaced, money, most, max(prices.pound / 100, 1e-3))
    return Found(
        found.chosen,
        found.bound,
        "Lagrangian prices of money",
        "exact assignments at prices of money, put together by parts",
        {"assignments": most},
    )


def _money(left: _Open) -> Money:
    """Return what may still be spent on the open households."""
    arrays, budgets = left.arrays, left.arrays.problem.budgets
    pays = np.array([_payers(arrays, each.district) for each in budgets])
    most = np.array([each.night_pence for each in budgets], dtype=float)
    staying = np.where(arrays.fixed >= 0, arrays.night_pence[arrays.fixed], 0.0) if arrays.unit_ids else 0.0
    room = most - (pays * staying).sum(axis=1)
    faults = [
        (f"budgets[{row}]", "those who must stay cost more", "raise it, or let households be asked to move")
        for row in np.flatnonzero(room < 0)
    ]
    check_faults("problem", faults)
    return Money(arrays.night_pence[left.columns], pays[:, left.rows], room)


def _payers(arrays: Arrays, district: str | None) -> Flags:
    if district is None:
        return np.ones(len(arrays.home_district), dtype=bool)
    return np.asarray(arrays.home_district == arrays.district_of[district])


def _most_assignments(pairs: int, limits: Limits) -> int:
    one = pairs / 1e6 * SECONDS_PER_MILLION_PAIRS
    return int(min(max(limits.seconds / max(one, 1e-3), 4), 40))


def _place_looking_ahead(left: _Open, limits: Limits) -> Found:
    arrays, ahead = left.arrays, left.arrays.problem.look_ahead
    assert ahead is not None
    before = tuple(as_newcomer(each) for each in ahead.households)
    future = Arrays(replace(arrays.problem, households=before)).cost[:, left.columns]
    worth = price_future(future, ahead.expected, ahead.samples, left.unplaced, limits.seed)
    level = np.array([arrays.level(int(row))[left.columns] for row in left.rows])
    chosen = place_week(left.cost, level, worth, left.unplaced)
    return Found(
        chosen,
        solve_dense(left.cost, left.unplaced).bound,
        "dual prices over every pair, of these households alone",
        "assignment at prices of sampled futures",
        {"assignments": ahead.samples + 3},
    )
