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
    """Who is where: `chosen[i]` is the unit of household i or -1; `bound` is the least possible."""

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
    """Return a value below which no assignment can be, at any prices (weak duality; those above 0 count as 0)."""
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


SAMPLE = 2000
"""Households of the sample whose prices say which units are worth a look."""
CANDIDATES = 60
NEW_CANDIDATES = 30
"""Of each household: units looked at first, and at most so many more in a round of pricing."""
WORTH = 0.01
"""A pair is new if it betters its household by more than this."""


def solve_sparse(cost: Floats, unplaced: float, most_rounds: int, seed: int = 1) -> Assignment:
    """Return a cheap assignment of many households with a bound, in at most so many rounds of pricing.

    Dual prices of a sample of households and units, each drawn in the same share, say which units each household should
    look at: its cheapest alone are the same as everybody's, and fail. Then the assignment over these candidates is
    priced over every pair. It is the cheapest of all where the last round finds nothing new.
    """
    units = cost.shape[1]
    guide = _prices_by_sample(cost, unplaced, seed)
    pairs = _candidates(cost, guide, min(CANDIDATES, units))
    best_bound, prices = -np.inf, guide
    for left in range(most_rounds, -1, -1):
        graph = _Graph(cost, np.unique(pairs), unplaced)
        chosen = graph.assign()
        now = graph.prices_of(chosen)
        bound, new = _price_all(cost, now, chosen, unplaced)
        if bound > best_bound:
            best_bound, prices = bound, now
        if not len(new) or not left:
            break
        pairs = np.concatenate([pairs, new])
    value = value_of(cost, chosen, unplaced)
    slack = np.finfo(cost.dtype).eps * 4 * max(abs(value), 1.0) if cost.dtype != float else 0.0
    return Assignment(chosen, value, float(min(best_bound - slack, value)), prices)


def _prices_by_sample(cost: Floats, unplaced: float, seed: int) -> Floats:
    households, units = cost.shape
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(households)[: min(SAMPLE, households)])
    columns = np.sort(random.permutation(units)[: max(1, round(units * len(rows) / households))])
    sample = cost[np.ix_(rows, columns)].astype(float)
    prices = prices_of(sample, assign(sample, unplaced), unplaced)
    wants = _least(sample - prices, unplaced)
    guide = np.zeros(units)
    for start in range(0, len(rows), ROWS):
        here = cost[rows[start : start + ROWS]] - wants[start : start + ROWS, None]
        np.minimum(guide, here.min(axis=0), out=guide)
    return guide


def _candidates(cost: Floats, guide: Floats, count: int) -> NDArray[np.int64]:
    """Return the best pairs of each household at guiding prices, each as row times units plus column."""
    households, units = cost.shape
    guide = guide.astype(cost.dtype)
    found = []
    for start in range(0, households, ROWS):
        reduced = cost[start : start + ROWS] - guide
        best = np.argpartition(reduced, count - 1, axis=1)[:, :count]
        rows = np.arange(start, start + len(reduced))[:, None]
        is_lawful = np.isfinite(np.take_along_axis(reduced, best, axis=1))
        found.append((rows * units + best)[is_lawful])
    return np.concatenate(found).astype(np.int64)


def _price_all(cost: Floats, prices: Floats, chosen: Indices, unplaced: float) -> tuple[float, NDArray[np.int64]]:
    """Return the bound that prices prove, and the pairs that would better their household at them."""
    households, units = cost.shape
    low = prices.astype(cost.dtype)
    total = float(low.astype(float).sum())
    found = []
    for start in range(0, households, ROWS):
        reduced = cost[start : start + ROWS] - low
        total += float(_least(reduced, unplaced).astype(float).sum())
        held = chosen[start : start + ROWS]
        here = np.arange(len(held))
        wants = np.where(held >= 0, np.minimum(reduced[here, held], unplaced), unplaced)
        best = np.argpartition(reduced, min(NEW_CANDIDATES, units) - 1, axis=1)[:, :NEW_CANDIDATES]
        rows, places = np.nonzero(np.take_along_axis(reduced, best, axis=1) < (wants - WORTH)[:, None])
        found.append((rows + start) * units + best[rows, places])
    return total, np.concatenate(found).astype(np.int64)


class _Graph:
    """The pairs that are looked at, by household, and for each household one more place at the price of no unit."""

    def __init__(self, cost: Floats, pairs: NDArray[np.int64], unplaced: float) -> None:
        self.households, self.units = cost.shape
        self.unplaced = unplaced
        self.rows, self.columns = pairs // self.units, pairs % self.units
        self.cost = cost[self.rows, self.columns].astype(float)

    def assign(self) -> Indices:
        """Return the cheapest assignment over these pairs (LAPJVsp)."""
        everybody = np.arange(self.households)
        rows = np.concatenate([self.rows, everybody])
        columns = np.concatenate([self.columns, self.units + everybody])
        # A weight of nothing would be no edge; all are raised alike.
        weights = np.concatenate([self.cost, np.full(self.households, self.unplaced)]) + 1.0
        graph = csr_array((weights, (rows, columns)), shape=(self.households, self.units + self.households))
        row, column = min_weight_full_bipartite_matching(graph)
        chosen = np.full(self.households, UNPLACED)
        chosen[row] = np.where(column < self.units, column, UNPLACED)
        return chosen

    def prices_of(self, chosen: Indices, most_rounds: int = 5000) -> Floats:
        """Return dual prices of these pairs, as `prices_of` does of all."""
        rows = np.flatnonzero(chosen >= 0)
        held = chosen[rows]
        prices = np.zeros(self.units)
        prices[held] = -np.inf
        is_own = chosen[self.rows] == self.columns
        held_cost = np.full(self.households, self.unplaced)
        held_cost[self.rows[is_own]] = self.cost[is_own]
        others = np.where(is_own, np.inf, self.cost)
        starts = np.searchsorted(self.rows, np.arange(self.households))
        is_empty = np.append(starts[1:], len(self.rows)) == starts
        for _ in range(most_rounds):
            reduced = np.append(others - prices[self.columns], np.inf)
            best_else = np.where(is_empty, np.inf, np.minimum.reduceat(reduced, starts))
            now = np.minimum(held_cost[rows] - np.minimum(best_else[rows], self.unplaced), 0.0)
            is_higher = now > prices[held] + 1e-7
            if not is_higher.any():
                break
            prices[held[is_higher]] = now[is_higher]
        return prices
