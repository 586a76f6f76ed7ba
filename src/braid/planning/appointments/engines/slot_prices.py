"""What a step of a scarce diary is worth, and how good any plan can be: column generation over bundles.

A linear program chooses shares of the bundles known so far, one a victim, so that no step is taken more than once; its
duals are prices of steps. Each victim's best bundle at those prices is then found and proved, and known from then on.
The sum of these bests less all prices is a valid bound whatever the prices are (Lagrange), so the program's own numbers
are trusted for nothing but speed. Between rounds prices are mixed with those of the best bound (Wentges 1997), which
keeps them from swinging.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from braid.planning.appointments.engines.bundles import Bundle, Choices, Diaries, Search
from braid.planning.appointments.engines.grid import SCALE, Grid, GridVictim

FIRST_SMOOTHING = 0.8
"""How much of the prices of the best bound is kept at first; more after a round that brings none better, else less."""
LEAST_SMOOTHING = 0.3
KEEP = 4
STEPS_A_COLUMN = 100
"""What a column of the program counts as steps, so that both kinds of work end by one count."""
NEAR_ENOUGH = 0.002

Slot = tuple[int, int, int]
"""A member of staff, a day and a step."""
Pool = list[dict[Choices, int]]
"""The bundles known of each victim with their costs."""


@dataclass
class Priced:
    """What column generation found."""

    bound: int
    """No plan costs less, scaled."""
    prices: dict[Slot, float]
    likely: list[list[tuple[float, Choices]]]
    """Of each victim, the bundles that the program chose, by share, the largest first."""
    rounds: int = 0
    steps: int = 0


def add(pool: Pool, victim: int, bundle: Bundle) -> None:
    """Know a bundle from now on."""
    pool[victim][bundle.choices] = bundle.cost


def find_prices(grid: Grid, pool: Pool, bound: int, most_steps: int, is_over: Callable[[], bool]) -> Priced:
    """Return prices of steps and the bound that they prove, adding bundles to the pool; ends by a count of steps."""
    found = Priced(bound, {}, [[] for _ in grid.victims])
    smoothing = FIRST_SMOOTHING
    while found.steps < most_steps and not is_over():
        value, duals, found.likely = _program(grid, pool)
        found.steps += STEPS_A_COLUMN * sum(map(len, pool))
        if value - found.bound <= NEAR_ENOUGH * value:
            break
        is_better, new = _round(grid, pool, duals, smoothing, found)
        found.rounds += 1
        if not new and not is_better:
            break
        smoothing = max(0.1, smoothing - 0.1) if is_better else smoothing + 0.1 * (1 - smoothing)
    return found


def _round(grid: Grid, pool: Pool, duals: dict[Slot, float], smoothing: float, found: Priced) -> tuple[bool, int]:
    """Price once between the best prices and the duals, nearer to the duals while that brings nothing.

    Returns whether the bound is better, and how many bundles became known.
    """
    while True:
        mixed = _mix(found.prices, duals, smoothing)
        lagrangian, new = _price(grid, pool, mixed, found)
        is_better = lagrangian > found.bound
        if is_better:
            found.bound, found.prices = lagrangian, mixed
        if is_better or new or smoothing == 0:
            return is_better, new
        smoothing = smoothing / 2 if smoothing > LEAST_SMOOTHING else 0.0


def _mix(centre: dict[Slot, float], duals: dict[Slot, float], smoothing: float) -> dict[Slot, float]:
    return {
        slot: smoothing * centre.get(slot, 0.0) + (1 - smoothing) * duals.get(slot, 0.0)
        for slot in sorted(centre.keys() | duals.keys())
    }


def diaries_with(grid: Grid, prices: dict[Slot, float]) -> Diaries:
    """Return empty diaries whose steps have whole prices."""
    diaries = Diaries()
    steps = -(-grid.day_minutes // 15)
    for (staff, day, step), price in prices.items():
        if price >= 1:
            diaries.prices.setdefault((staff, day), [0] * steps)[step] = int(price)
    return diaries


def _price(grid: Grid, pool: Pool, prices: dict[Slot, float], found: Priced) -> tuple[int, int]:
    """Return the bound that prices prove, and how many bundles became known that they make worth while."""
    diaries = diaries_with(grid, prices)
    lagrangian = -sum(map(sum, diaries.prices.values()))
    new = 0
    for number, victim in enumerate(grid.victims):
        least = min(_cost_at(diaries, victim, choices, cost) for choices, cost in pool[number].items())
        search = Search(grid, victim, diaries)
        under = search.under(least, KEEP)
        found.steps += search.steps
        lagrangian += search.floor if search.is_cut else under[0][0] if under else least
        new += len(under)
        for _, path in under:
            add(pool, number, search.bundle(path))
    return lagrangian, new


def _cost_at(diaries: Diaries, victim: GridVictim, choices: Choices, cost: int) -> int:
    return cost + sum(
        diaries.price_of(task, choice) for task, choice in zip(victim.tasks, choices, strict=True) if choice
    )


def _program(grid: Grid, pool: Pool) -> tuple[float, dict[Slot, float], list[list[tuple[float, Choices]]]]:
    """Return the linear program's value, the duals of the steps, both scaled, and each victim's bundles by share."""
    columns = [(victim, choices, cost) for victim, known in enumerate(pool) for choices, cost in known.items()]
    rows: dict[Slot, int] = {}
    at, of = [], []
    for number, (victim, choices, _) in enumerate(columns):
        for task, choice in zip(grid.victims[victim].tasks, choices, strict=True):
            if choice:
                staff, day, start = choice
                for step in range(start, start + task.steps):
                    at.append(rows.setdefault((staff, day, step), len(rows)))
                    of.append(number)
    width, victims = len(columns), len(grid.victims)
    takes = csr_matrix((np.ones(len(at)), (at, of)), shape=(len(rows), width))
    one_each = csr_matrix((np.ones(width), ([column[0] for column in columns], range(width))), shape=(victims, width))
    solved = linprog(
        np.array([column[2] for column in columns]) / SCALE,
        A_ub=takes if rows else None,
        b_ub=np.ones(len(rows)) if rows else None,
        A_eq=one_each,
        b_eq=np.ones(victims),
        method="highs-ds",
    )
    likely: list[list[tuple[float, Choices]]] = [[] for _ in grid.victims]
    for share, (victim, choices, _) in zip(solved.x, columns, strict=True):
        if share > 1e-6:
            likely[victim].append((float(share), choices))
    for those in likely:
        those.sort(key=lambda each: -each[0])
    marginals = solved.ineqlin.marginals if rows else ()
    duals = {slot: -SCALE * float(price) for (slot, _), price in zip(rows.items(), marginals, strict=True) if price < 0}
    return SCALE * solved.fun, duals, likely
