"""How households are placed without search: the ways of today, with their settings, and each district for itself."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from braid.planning.placements.engines.assignment import UNPLACED, assign
from braid.planning.placements.engines.costs import Arrays, Floats, Indices

Choice = Literal["nearest", "cheapest", "best_fit"]
"""Which of the free units a household gets: nearest home, least money, or what costs least by all levels."""
Order = Literal["as_listed", "largest_first", "fewest_units_first"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
ORDERS: tuple[Order, ...] = get_args(Order)


def keep_lawful(arrays: Arrays) -> Indices:
    """Return the units of those who are lawfully placed; -1 for everybody else."""
    rows = np.arange(len(arrays.current))
    is_lawful = (arrays.current >= 0) & np.isfinite(arrays.cost[rows, arrays.current])
    return np.where(is_lawful, arrays.current, UNPLACED)


def place_one_by_one(arrays: Arrays, choice: Choice, order: Order = "as_listed", is_replanned: bool = False) -> Indices:
    """Return where households come to be, each in turn taking the best free unit.

    Who is lawfully placed stays, unless all are replanned.
    """
    chosen = np.full(len(arrays.current), UNPLACED) if is_replanned else keep_lawful(arrays)
    free = np.ones(len(arrays.unit_ids), dtype=bool)
    free[chosen[chosen >= 0]] = False
    for household in _in_order(arrays, order):
        if chosen[household] < 0:
            lawful = free & np.isfinite(arrays.cost[household])
            units = np.flatnonzero(lawful)
            if len(units):
                unit = int(units[np.argmin(_wish(arrays, int(household), choice)[units])])
                chosen[household], free[unit] = unit, False
    return chosen


def _in_order(arrays: Arrays, order: Order) -> Indices:
    if order == "largest_first":
        need = np.array([each.bedrooms_needed for each in arrays.problem.households])
        return np.argsort(-need, kind="stable")
    if order == "fewest_units_first":
        return np.argsort(np.isfinite(arrays.cost).sum(axis=1), kind="stable")
    return np.arange(len(arrays.current))


def _wish(arrays: Arrays, household: int, choice: Choice) -> Floats:
    if choice == "cheapest":
        return arrays.night_pence
    return arrays.home_km(household) if choice == "nearest" else np.asarray(arrays.cost[household])


def place_by_district(arrays: Arrays) -> Indices:
    """Return where households come to be when each district fills its own stock as well as can be, and then the rest of
    its households take the nearest free unit elsewhere, as they are listed: the silo."""
    unplaced = arrays.problem.prices.unplaced
    chosen = np.full(len(arrays.current), UNPLACED)
    for district in range(len(arrays.problem.districts)):
        rows = np.flatnonzero(arrays.home_district == district)
        units = np.flatnonzero(arrays.unit_district == district)
        own = assign(arrays.cost[np.ix_(rows, units)], unplaced)
        chosen[rows[own >= 0]] = units[own[own >= 0]]
    free = np.ones(len(arrays.unit_ids), dtype=bool)
    free[chosen[chosen >= 0]] = False
    for household in np.flatnonzero(chosen < 0):
        units = np.flatnonzero(free & np.isfinite(arrays.cost[household]))
        if len(units):
            unit = int(units[np.argmin(arrays.home_km(int(household))[units])])
            chosen[household], free[unit] = unit, False
    return chosen
