"""Placing this week's households with an eye on who is likely to come after them.

Futures are drawn from households that came before. Each is assigned exactly to the units that are left, and its dual
prices say what those to come would lose with each unit; the first future leads the others to their candidates. This
week is then assigned at the mean of these prices (the potentials of Ahani et al., Operations Research 2024), but so
that nobody is more than one level worse off than without looking ahead.
"""

from __future__ import annotations

import numpy as np

from braid.planning.placements.engines.assignment import UNPLACED, assign, prices_near, prices_of
from braid.planning.placements.engines.costs import Floats, Indices


def price_future(future: Floats, expected: int, samples: int, unplaced: float, seed: int) -> Floats:
    """Return what each unit is worth to those to come, as a price of zero or below.

    `future` is what those who came before cost in each unit; `expected` of them are drawn, none twice before all once.
    """
    total = np.zeros(future.shape[1])
    if not expected or not len(future):
        return total
    for sample in range(samples):
        random = np.random.default_rng([seed, sample])
        drawn = np.concatenate([random.permutation(len(future)) for _ in range(-(-expected // len(future)))])[:expected]
        cost = future[drawn]
        if sample == 0:
            total = prices_of(cost, assign(cost, unplaced), unplaced)
        else:
            total = total + prices_near(cost, total / sample, unplaced)
    return total / samples


def place_week(cost: Floats, level: Floats, prices: Floats, unplaced: float) -> Indices:
    """Return the units of this week's households at prices of the future.

    `level` says of each pair the worst level it falls short in. Whoever would be placed without the prices is placed,
    at most one level above; the others take what is left.
    """
    plain = assign(cost, unplaced)
    had = np.flatnonzero(plain >= 0)
    fair = np.where(level[had] <= level[had, plain[had]][:, None] + 1, cost[had], np.inf)
    # All of these can be placed, as they are without the prices: leaving one out is dearer than any other difference.
    most = unplaced - float(prices.min(initial=0.0))
    chosen = np.full(len(cost), UNPLACED)
    chosen[had] = assign(fair - prices, most * (len(had) + 1))
    rest = np.flatnonzero(plain < 0)
    left = np.setdiff1d(np.arange(cost.shape[1]), chosen)
    found = assign(cost[np.ix_(rest, left)] - prices[left], most)
    chosen[rest[found >= 0]] = left[found[found >= 0]]
    return chosen
