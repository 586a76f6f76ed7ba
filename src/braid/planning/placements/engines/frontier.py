"""What moving more households would bring: exact points between moving nobody and moving whoever gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from braid.planning.placements.engines.assignment import assign
from braid.planning.placements.engines.costs import Arrays, Indices
from braid.planning.placements.engines.policies import keep_lawful

MOVE_PRICES = (0.0, 250.0, 500.0, 1_000.0, 1_800.0, 3_200.0, 5_600.0, 1_000_000.0)
"""Added to what a move counts, for those who could lawfully stay."""


@dataclass(frozen=True)
class FrontierPoint:
    """The cheapest plan of all that move no more households than this."""

    move_price: float
    voluntary_moves: int
    """Households that leave a unit that they could lawfully stay in."""
    amounts: dict[str, float]
    """Of each level."""
    chosen: Indices


def find_frontier(arrays: Arrays, move_prices: Sequence[float] = MOVE_PRICES) -> list[FrontierPoint]:
    """Return a point for each price of a voluntary move; each is optimal among plans with as many moves or fewer."""
    settled = keep_lawful(arrays)
    rows = np.flatnonzero(settled >= 0)
    cost = arrays.cost.copy()
    # To make all else dearer is to make one's own unit cheaper by as much.
    points = []
    for price in move_prices:
        cost[rows, settled[rows]] = arrays.cost[rows, settled[rows]] - price
        chosen = assign(cost, arrays.problem.prices.unplaced)
        moved = int((chosen[rows] != settled[rows]).sum())
        points.append(FrontierPoint(price, moved, arrays.amounts_of(chosen), chosen))
    return points
