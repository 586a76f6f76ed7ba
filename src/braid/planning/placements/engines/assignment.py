"""Exact assignment of households to units, with dual prices that prove how good it is.

`solve_dense` is the shortest augmenting path algorithm of scipy (Crouse 2016, after Jonker and Volgenant 1987) on the
whole matrix. `solve_sparse` puts the same question to a few candidates of each household, then prices every pair with
the duals: what looks better than the plan becomes a candidate, and the duals bound how much better any plan could be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from braid.planning.placements.engines.costs import Floats, Indices

ROWS = 512
UNPLACED = -1


@dataclass(frozen=True)
class Assignment:
    """Who is where: `chosen[i]` is the unit of household i or -1; `value` what that costs; `bound` the least possible."""

    chosen: Indices
    value: float
    bound: float
    prices: Floats
    """The dual price of each unit, zero or below: what the value would fall by, were there one more like it."""


def value_of(cost: Floats, chosen: Indices, unplaced: float) -> float:
    """Return what households cost in their units, and where they have none."""
    rows = np.flatnonzero(chosen >= 0)
    return float(cost[rows, chosen[rows]].astype(float).sum() + unplaced * (len(chosen) - len(rows)))


def assign(cost: Floats, unplaced: float) -> Indices:
    """Return the cheapest assignment; a household that costs `unplaced` or more in every unit left gets none."""
    households, units = cost.shape
    padded = np.full((households, max(households, units)), unplaced)
    np.minimum(cost, unplaced, out=padded[:, :units])
    _, columns = linear_sum_assignment(padded)
    is_placed = padded[np.arange(households), columns] < unplaced
    return np.where(is_placed, columns, UNPLACED)


def solve_dense(cost: Floats, unplaced: float) -> Assignment:
    """Return the cheapest assignment, proved by its dual prices over every pair."""
    chosen = assign(cost, unplaced)
    prices = prices_of(cost, chosen, unplaced)
    return Assignment(chosen, value_of(cost, chosen, unplaced), bound_by(cost, prices, unplaced), prices)


def bound_by(cost: Floats, prices: Floats, unplaced: float) -> float:
    """Return a value below which no assignment can be, whatever the prices (weak duality; prices above 0 count as 0)."""
    prices = np.minimum(prices, 0.0)
    total = float(prices.sum())
    for start in range(0, cost.shape[0], ROWS):
        total += float(_least(cost[start : start + ROWS] - prices, unplaced).sum())
    return total


def _least(reduced: Floats, unplaced: float) -> Floats:
    if reduced.shape[1] == 0:
        return np.full(reduced.shape[0], unplaced)
    return np.asarray(np.minimum(reduced.min(axis=1), unplaced))


def prices_of(cost: Floats, chosen: Indices, unplaced: float, most_rounds: int = 2000) -> Floats:
    """Return the highest loss that each unit's holder would bear without it, as dual prices (Bellman and Ford).

    A free unit costs nothing. A held one is worth what its holder would lose with the best of everything else at its
    price; that rises round by round until nothing changes, which it does where the assignment is the cheapest.
    """
    households, units = cost.shape
    owner = np.full(units, -1)
    rows = np.flatnonzero(chosen >= 0)
    owner[chosen[rows]] = rows
    held_cost = cost[rows, chosen[rows]].astype(float)
    prices = np.where(owner < 0, 0.0, -np.inf)
    changed = np.flatnonzero(owner < 0)
    best_else = np.full(households, unplaced)
    for _ in range(most_rounds):
        _look_at(cost, prices, changed, owner, best_else)
        now = np.minimum(held_cost - best_else[rows], 0.0)
        is_higher = now > prices[chosen[rows]] + 1e-9
        if not is_higher.any():
            break
        changed = chosen[rows][is_higher]
        prices[changed] = now[is_higher]
    return prices


def _look_at(cost: Floats, prices: Floats, changed: Indices, owner: Indices, best_else: Floats) -> None:
    """Lower what each household has of best besides its own unit, by the units whose price changed."""
    for start in range(0, len(changed), ROWS):
        columns = changed[start : start + ROWS]
        reduced = cost[:, columns] - prices[columns]
        held = np.flatnonzero(owner[columns] >= 0)
        reduced[owner[columns][held], held] = np.inf
        np.minimum(best_else, reduced.min(axis=1), out=best_else)
