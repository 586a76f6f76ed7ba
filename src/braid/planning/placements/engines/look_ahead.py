"""Placing this week's households with an eye on who is likely to come after them.

Futures are drawn from households that came before. For each, this week and future together are assigned exactly, and
the dual prices say what each unit is worth to those to come. This week is then assigned at the mean of these prices
(the potentials of Ahani et al., Operations Research 2024), but so that nobody is more than one level worse off than
without looking ahead.
"""

from __future__ import annotations

import numpy as np

from braid.planning.placements.engines.assignment import UNPLACED, assign, prices_of
from braid.planning.placements.engines.costs import Floats, Indices

WORST_LEVEL = 4


def price_future(cost: Floats, future: Floats, expected: int, samples: int, unplaced: float, seed: int) -> Floats:
    """Return what each unit is worth to those to come, as a price of zero or below.

    `cost` is of this week's households, `future` of those who came before, both over the same units; `expected` so many
    are drawn, each at most once more often than any other.
    """
    total = np.zeros(cost.shape[1])
    if not expected or not len(future):
        return total
    for sample in range(samples):
        random = np.random.default_rng([seed, sample])
        drawn = np.concatenate([random.permutation(len(future)) for _ in range(-(-expected // len(future)))])[:expected]
        both = np.concatenate([cost, future[drawn]])
        total += prices_of(both, assign(both, unplaced), unplaced)
    return total / samples


def place_week(cost: Floats, level: Floats, prices: Floats, unplaced: float) -> Indices:
    """Return the units of this week's households at prices of the future.

    `level` says of each pair the worst level it falls short in, up to `WORST_LEVEL` for none at all: nobody gets more
    than one above what they would have without the prices.
    """
    rows = np.arange(len(cost))
    plain = assign(cost, unplaced)
    had = np.where(plain >= 0, level[rows, plain], WORST_LEVEL)
    fair = np.where(level <= had[:, None] + 1, cost, np.inf)
    # Without a unit nobody frees anything for others: it keeps its price, and is not made attractive by theirs.
    chosen = assign(fair - prices, unplaced - float(prices.min(initial=0.0)))
    return np.where((chosen < 0) & (had < WORST_LEVEL - 1), plain_left(plain, chosen), chosen)


def plain_left(plain: Indices, chosen: Indices) -> Indices:
    """Return who of those without a unit can still have the one of the plain assignment, because nobody took it."""
    taken = np.isin(plain, chosen[chosen >= 0])
    return np.where(taken, UNPLACED, plain)
