"""Separate purses: prices of what they share, a bound, and choices put together purse by purse.

Where each body pays for what it leads, bodies are joined by little: what excludes or requires what, and effects between
two interventions. Given prices of those rows each purse is a knapsack of its own with at most one scale an
intervention, filled exactly by dynamic programming over its money. The sum of the filled purses and of the prices is a
bound whatever the prices are (Lagrange; of the generalised assignment problem Ross and Soland 1975, Fisher 1981), and
a closer one than the linear program's, since a purse is whole. Prices follow the subgradient, with the step of Polyak
(1969).

Choices are made by diving: what the filled purses choose most often is bought, a seventh at a time, with a little
chance, and prices follow what is left. Each dive is a choice or shows which variables are worth a look; the best of
them are then joined by a small integer program.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from braid.planning.portfolio.engines.program import Program, Row, Vector

LARGEST_PURSE = 20_000
"""Money of a purse, in the largest unit in which all its costs are whole, up to which it is filled exactly."""
STEPS_AN_OPTION = 1_500
"""What trying one scale costs beside one step for each unit of the purse."""
FIRST_ROUNDS, DIVE_ROUNDS = 150, 15
"""Rounds of prices at first, and between two purchases of a dive."""
PATIENCE, SHORTER = 8, 0.7
"""After how many rounds without a better bound the step is how much shorter."""
REACH = 0.25
"""How far below the best bound prices aim at first, as a share of the gap that is known."""
MEMORY = 0.1
"""Weight of the newest round in how often something is chosen."""
BOUGHT_SHARE, CHANCE = 0.15, 0.15
KEPT_DIVES = 4
"""Whose choices are worth a look."""
LOOKED_AT = 0.001
CLOSE = 1e-9

Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class _Purse:
    """The variables that one purse pays for, by intervention, and its money in units of its costs."""

    groups: tuple[tuple[int, ...], ...]
    room: int


@dataclass(frozen=True)
class Split:
    """A program by purse: what each pays for, and the rows that join them, each a sum that is at most its limit."""

    program: Program
    purses: tuple[_Purse, ...]
    purse_of: Indices
    """Of each scale's variable."""
    costs: Indices
    """Of each scale's variable, in units of its purse."""
    shared: csc_array
    limits: Vector
    is_packing: Flags
    """Rows without a coefficient below zero: what they have no room for is out."""
    group_of: Mapping[int, tuple[int, ...]]
    """The scales of the same intervention, by variable."""

    @property
    def scales(self) -> int:
        """How many variables are scales of interventions; the others are effects."""
        return len(self.costs)


@dataclass(frozen=True)
class Priced:
    """What prices found. Values are without the constant of the program."""

    bound: float
    """Raised by what rounding may have taken off it."""
    chosen: Vector | None
    """The best variables that keep every row; None where no dive did."""
    looked_at: Flags
    """Variables that a filled purse or a good dive chose."""
    can_better: Flags
    """Variables that something better than the best may still have: the others are out, by the bound with each."""
    dives: int


def find_split(program: Program) -> Split | None:
    """Return a program by purse; None where purses do not stand apart or costs have no common unit that is large."""
    count = len(program.scales)
    purse_of, costs = np.full(count, -1), np.zeros(count, dtype=np.intp)
    rooms = []
    if program.floors or not program.shared or not program.money:
        return None
    for number, (row, _, budget) in enumerate(program.money):
        unit = math.gcd(*(int(cost) for cost in row.values())) or 1
        rooms.append(int((budget + 1e-6) // unit))
        for at, cost in row.items():
            if purse_of[at] >= 0:
                return None
            purse_of[at], costs[at] = number, int(cost) // unit
    if (purse_of < 0).any() or max(rooms) > LARGEST_PURSE:
        return None
    groups: list[list[tuple[int, ...]]] = [[] for _ in rooms]
    for row, _, _ in program.choices:
        groups[purse_of[next(iter(row))]].append(tuple(row))
    purses = tuple(_Purse(tuple(those), room) for those, room in zip(groups, rooms, strict=True))
    matrix = _matrix(program.shared, program.tail)
    least = np.array([min(row[0].values()) for row in program.shared])
    limits = np.array([row[2] for row in program.shared])
    group_of = {at: group for purse in purses for group in purse.groups for at in group}
    return Split(program, purses, purse_of, costs, matrix, limits, least >= 0, group_of)


def _matrix(rows: Sequence[Row], variables: int) -> csc_array:
    entries = [(number, at, value) for number, row in enumerate(rows) for at, value in row[0].items()]
    numbers, columns, values = zip(*entries, strict=True)
    return csc_array((values, (numbers, columns)), shape=(len(rows), variables))


def fill(purse: _Purse, room: int, profits: Vector, costs: Indices) -> tuple[Vector, list[int], int]:
    """Return the most that a purse brings for each amount of money, by which variables for all, and the steps it took.

    Exact. At most one variable of each group; variables without profit stay out.
    """
    most = np.zeros(room + 1)
    picked: list[tuple[tuple[int, ...], NDArray[np.int16]]] = []
    steps = 0
    for group in purse.groups:
        those = tuple(at for at in group if profits[at] > CLOSE and costs[at] <= room)
        if not those:
            continue
        better, pick = most.copy(), np.full(room + 1, -1, dtype=np.int16)
        for number, at in enumerate(those):
            with_it = most[: room + 1 - costs[at]] + profits[at]
            is_more = with_it > better[costs[at] :]
            better[costs[at] :][is_more] = with_it[is_more]
            pick[costs[at] :][is_more] = number
        most = better
        picked.append((those, pick))
        steps += len(those) * (room + 1 + STEPS_AN_OPTION)
    chosen = []
    left = room
    for those, pick in reversed(picked):
        if pick[left] >= 0:
            chosen.append(those[pick[left]])
            left -= int(costs[chosen[-1]])
    return most, chosen, steps


@dataclass
class _Left:
    """What is left to decide in a dive: which variables, what money, what room in the rows that are shared."""

    is_open: Flags
    rooms: list[int]
    limits: Vector
    bought: list[int] = field(default_factory=list)
    worth: float = 0.0


@dataclass(frozen=True)
class _Ascent:
    """Prices with their bound for what is left, how often each variable was chosen, and a choice that keeps all."""

    prices: Vector
    bound: float
    often: Vector
    is_best: bool
    """Whether the last choice keeps every row and is worth the bound: nothing is better."""
    last: Vector


class _Search:
    def __init__(self, split: Split, value: float, most_steps: int, seed: int, is_over: Callable[[], bool]) -> None:
        self.split, self.most_steps, self.is_over = split, most_steps, is_over
        self.worth = split.program.worth[:-1]
        self.random = random.Random(seed)
        self.steps = 0
        self.value = value
        self.chosen: Vector | None = None
        self.reach = 0.0
        self.dives: list[tuple[float, list[int]]] = []

    def whole(self) -> _Left:
        """Return everything as left to decide."""
        split = self.split
        is_open = np.zeros(split.program.tail, dtype=bool)
        is_open[: split.scales] = True
        return _Left(is_open, [purse.room for purse in split.purses], split.limits.copy())

    def relax(self, prices: Vector, left: _Left) -> tuple[float, Vector]:
        """Return the bound that prices prove for what is left, and the variables that reach it."""
        split = self.split
        profits = self.worth - split.shared.T @ prices
        chosen = np.zeros(len(profits))
        effects = profits[split.scales :]
        chosen[split.scales :] = effects > 0
        total = left.worth + float(prices @ left.limits) + float(effects[effects > 0].sum())
        open_profits = np.where(left.is_open, profits, 0.0)
        for purse, room in zip(split.purses, left.rooms, strict=True):
            most, those, steps = fill(purse, room, open_profits, split.costs)
            total += float(most[room])
            chosen[those] = 1.0
            self.steps += steps
        return total, chosen

    def with_each(self, prices: Vector) -> Vector:
        """Return the bound that prices prove for whatever has each variable.

        The purse may fill the rest of its money with all of its interventions, so that this is never too low.
        """
        split = self.split
        profits = self.worth - split.shared.T @ prices
        bound, _ = self.relax(prices, self.whole())
        bounds: Vector = bound + np.minimum(profits, 0.0)
        for purse in split.purses:
            most, _, _ = fill(purse, purse.room, profits, split.costs)
            those = np.array([at for group in purse.groups for at in group], dtype=np.intp)
            fits = split.costs[those] <= purse.room
            rest = np.where(fits, most[np.where(fits, purse.room - split.costs[those], 0)], -math.inf)
            bounds[those] = bound - most[purse.room] + profits[those] + rest
        return bounds

    def ascend(self, prices: Vector, left: _Left, rounds: int) -> _Ascent:
        """Return better prices for what is left, from those at hand."""
        best, bound, step, idle = prices, math.inf, 1.0, 0
        often = np.zeros(len(self.worth))
        for number in range(rounds):
            total, chosen = self.relax(prices, left)
            often = chosen if number == 0 else (1 - MEMORY) * often + MEMORY * chosen
            slack = left.limits - self.split.shared @ chosen
            if (slack >= -CLOSE).all():
                self.keep(chosen, left)
            moves = np.where((prices <= 0) & (slack > 0), 0.0, slack)
            length = float(moves @ moves)
            if total < bound - CLOSE:
                best, bound, idle = prices, total, 0
            else:
                idle += 1
            if not length:
                return _Ascent(best, bound, often, True, chosen)
            if idle > PATIENCE:
                prices, step, idle = best, step * SHORTER, 0
            else:
                towards = bound - self.reach
                prices = np.maximum(0.0, prices - step * max(total - towards, 0.0) / length * moves)
        return _Ascent(best, bound, often, False, chosen)

    def keep(self, chosen: Vector, left: _Left) -> None:
        """Keep a choice for what is left, with what was bought before, if it is the best so far."""
        whole = chosen.copy()
        whole[left.bought] = 1.0
        whole[self.split.scales :] = 0.0
        whole = self.with_effects(whole)
        value = float(self.worth @ whole)
        if value > self.value + CLOSE and self.holds(whole):
            self.value, self.chosen = value, whole

    def with_effects(self, chosen: Vector) -> Vector:
        """Return variables with each effect as its rows and its worth have it."""
        split = self.split
        over = split.shared @ chosen - split.limits
        for effect in range(split.scales, split.program.tail):
            begin, end = split.shared.indptr[effect : effect + 2]
            rows, signs = split.shared.indices[begin:end], split.shared.data[begin:end]
            must = any(over[row] > CLOSE for row in rows) and (signs < 0).all()
            can = self.worth[effect] > 0 and all(
                over[row] + sign <= CLOSE for row, sign in zip(rows, signs, strict=True)
            )
            chosen[effect] = float(must or can)
        return chosen

    def holds(self, chosen: Vector) -> bool:
        """Whether variables keep every shared row and every purse."""
        split = self.split
        spent = np.bincount(split.purse_of, weights=chosen[: split.scales] * split.costs, minlength=len(split.purses))
        rooms = np.array([purse.room for purse in split.purses])
        return bool((split.shared @ chosen <= split.limits + 1e-6).all() and (spent <= rooms).all())

    def dive(self, prices: Vector) -> None:
        """Buy step by step what filled purses choose most, while prices follow; keep what comes out."""
        left = self.whole()
        while left.is_open.any() and self.steps < self.most_steps and not self.is_over():
            found = self.ascend(prices, left, DIVE_ROUNDS)
            prices = found.prices
            if found.is_best:
                left.bought += np.flatnonzero(found.last[: self.split.scales]).tolist()
                break
            if not self.buy(left, found.often):
                break
        chosen = np.zeros(len(self.worth))
        chosen[left.bought] = 1.0
        chosen = self.with_effects(chosen)
        if self.holds(chosen):
            value = float(self.worth @ chosen)
            self.dives.append((value, left.bought))
            if value > self.value + CLOSE:
                self.value, self.chosen = value, chosen

    def buy(self, left: _Left, often: Vector) -> bool:
        """Buy a share of what is likely to be bought yet, the likeliest first. Returns whether anything was."""
        scales = self.split.scales
        shares = np.where(left.is_open[:scales], often[:scales], 0.0)
        count = max(1, int(BOUGHT_SHARE * shares.sum()))
        drawn = np.array([self.random.random() for _ in range(scales)])
        likely = np.where(shares > LOOKED_AT, shares + CHANCE * drawn, 0.0)
        bought = 0
        for at in np.argsort(-likely, kind="stable"):
            if bought == count or not likely[at]:
                break
            if left.is_open[at] and self.split.costs[at] <= left.rooms[self.split.purse_of[at]]:
                self._take(left, int(at))
                bought += 1
        return bought > 0

    def _take(self, left: _Left, at: int) -> None:
        split = self.split
        purse = int(split.purse_of[at])
        left.bought.append(at)
        left.worth += float(self.worth[at])
        left.rooms[purse] -= int(split.costs[at])
        left.is_open[list(split.group_of[at])] = False
        begin, end = split.shared.indptr[at : at + 2]
        rows = split.shared.indices[begin:end]
        left.limits[rows] -= split.shared.data[begin:end]
        for row in rows[split.is_packing[rows] & (left.limits[rows] < 1.0 - CLOSE)]:
            left.is_open[self.by_row[row]] = False

    @cached_property
    def by_row(self) -> list[Indices]:
        """Variables that stand in each shared row."""
        rows = self.split.shared.tocsr()
        return np.split(rows.indices, rows.indptr[1:-1])


def find_choices(
    split: Split, value: float, prices: Vector, most_steps: int, seed: int, is_over: Callable[[], bool]
) -> Priced:
    """Return a bound and the best choice above a value that is known, from prices to begin with; ends by steps."""
    search = _Search(split, value, most_steps, seed, is_over)
    whole = search.whole()
    first, _ = search.relax(prices, whole)
    search.reach = max(REACH * (first - value), CLOSE * max(1.0, abs(value)))
    found = search.ascend(prices, whole, FIRST_ROUNDS)
    looked_at = found.often > LOOKED_AT
    bound = min(first, found.bound)
    while search.steps < most_steps and not is_over() and bound - search.value > CLOSE * max(1.0, abs(bound)):
        search.dive(found.prices)
    for _, bought in sorted(search.dives, key=lambda each: (-each[0], each[1]))[:KEPT_DIVES]:
        looked_at[bought] = True
    if search.chosen is not None:
        looked_at |= search.chosen > 0.5
    rounding = CLOSE * abs(bound)
    can_better = search.with_each(found.prices) + rounding >= search.value
    return Priced(bound + rounding, search.chosen, looked_at, can_better, len(search.dives))
