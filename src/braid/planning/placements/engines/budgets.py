"""Assignment under budgets: Lagrangian prices of money, and a plan put together from the assignments they lead to.

The dual is solved by cutting planes (Kelley 1960) in a box around the best prices so far (Marsten, Hogan and
Blankenship 1975): each assignment at given prices is a cut, and the next prices are where the cuts are highest. With
one budget that is the search along breakpoints. The highest dual value is a bound for every plan within the budgets. A
plan is then put together from parts in which two assignments differ (alternating paths and circles), chosen by a small
integer program so that the budgets hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from braid.planning.placements.engines.assignment import UNPLACED, assign, value_of
from braid.planning.placements.engines.costs import Flags, Floats, Indices

CLOSE = 1e-5
"""A gap, as a share of the value, that is not worth another round."""
MOST_BESIDE = 3
"""Assignments beside the best prices, once these are known and the gap is that of whole households."""
NODES = 2000
"""Branches that the integer program of parts may look at."""


@dataclass(frozen=True)
class Money:
    """What is spent, and what may be: all in pence a night."""

    night: Floats
    """Of each unit."""
    pays: Flags
    """Whether budget b pays for household i: budgets by households."""
    most: Floats
    """Of each budget."""

    def spent(self, chosen: Indices) -> Floats:
        """Return what each budget pays for an assignment."""
        nights = np.where(chosen >= 0, self.night[chosen], 0.0)
        return np.asarray(self.pays @ nights)

    def holds(self, chosen: Indices) -> bool:
        """Whether every budget holds."""
        return bool((self.spent(chosen) <= self.most + 1e-6).all())


@dataclass(frozen=True)
class Budgeted:
    """The best plan found within the budgets, a bound for every one, and how many assignments it took."""

    chosen: Indices
    value: float
    bound: float
    assignments: int
    money_prices: Floats
    """What one penny a night more would save, by budget."""


@dataclass(frozen=True)
class _Cut:
    chosen: Indices
    value: float
    spent: Floats


class _Search:
    def __init__(self, cost: Floats, unplaced: float, money: Money, first_reach: float) -> None:
        self.cost, self.unplaced, self.money, self.first_reach = cost, unplaced, money, first_reach
        self.nobody = np.full(cost.shape[0], UNPLACED)
        self.cuts = [self._cut(self.nobody)]
        self.bound = -np.inf
        self.prices = np.zeros(len(money.most))
        self.best = self.cuts[0]
        self.at_hand = self.cuts[0]
        self.aim = money.most
        self.assignments = 0

    def _cut(self, chosen: Indices) -> _Cut:
        return _Cut(chosen, value_of(self.cost, chosen, self.unplaced), self.money.spent(chosen))

    def try_prices(self, prices: Floats) -> None:
        """Assign at some prices of money: a bound, a cut, perhaps a plan."""
        of_row = prices @ self.money.pays
        chosen = assign(self.cost + of_row[:, None] * self.money.night[None], self.unplaced)
        self.assignments += 1
        cut = self._cut(chosen)
        self.cuts.append(cut)
        dual = cut.value + float(prices @ (cut.spent - self.money.most))
        if dual > self.bound:
            self.bound, self.prices = dual, prices
        if self.money.holds(chosen) and cut.value < self.best.value:
            self.best = cut

    @property
    def gap(self) -> float:
        """How far the best plan may be from the best there is, as a share."""
        return (self.best.value - self.bound) / max(abs(self.best.value), 1.0)

    def next_prices(self, reach: float) -> tuple[Floats, float]:
        """Return the prices within reach of the best at which the cuts are highest, and how high that is."""
        over = np.array([cut.spent - self.aim for cut in self.cuts])
        rows = np.column_stack([np.ones(len(over)), -over])
        aim = np.zeros(rows.shape[1])
        aim[0] = -1.0
        limits = [(None, None), *((max(0.0, price - reach), price + reach) for price in self.prices)]
        found = linprog(aim, A_ub=rows, b_ub=[cut.value for cut in self.cuts], bounds=limits, method="highs")
        return np.asarray(found.x[1:]), float(found.x[0])

    def combine(self) -> None:
        """Better the plan at hand with parts of the other assignments, the closest to the dual first.

        The plan at hand may overspend a little, at a fine above the price of money: parts of others then save it. What
        holds every budget is kept apart.
        """
        others = sorted(self.cuts, key=self._slack)[: 3 + 2 * len(self.money.most)] + self.cuts[-1:]
        self.at_hand = min((self.best, self.at_hand, others[0]), key=self._fined)
        for other in others:
            mixed = self._mixed(self.at_hand, other)
            if self._fined(mixed) < self._fined(self.at_hand) - 1e-9:
                self.at_hand = mixed
        if self.money.holds(self.at_hand.chosen) and self.at_hand.value < self.best.value:
            self.best = self.at_hand

    def beside(self, turn: int, reach: float) -> Floats:
        """Return prices beside the best: their assignments differ from the best in small parts.

        Where the plan at hand overspends, they are the best prices for budgets that are tighter by as much.
        """
        over = np.maximum(self.at_hand.spent - self.money.most, 0.0)
        if over.any():
            self.aim = self.aim - 1.5 * over
            return self.next_prices(reach)[0]
        size = (0.003, 0.01, 0.03, 0.1)[turn // 2 % 4]
        return self.prices * (1 + size if turn % 2 else 1 - size)

    def _slack(self, cut: _Cut) -> float:
        return cut.value + float(self.prices @ (cut.spent - self.money.most))

    @property
    def _fine(self) -> Floats:
        return 20 * np.maximum(self.prices, float(self.prices.max(initial=0.0)) + self.first_reach)

    def _fined(self, cut: _Cut) -> float:
        return cut.value + float(self._fine @ np.maximum(cut.spent - self.money.most, 0.0))

    def _mixed(self, base: _Cut, other: _Cut) -> _Cut:
        part = parts_of(base.chosen, other.chosen, self.cost.shape[1])
        count = int(part.max(initial=-1)) + 1
        if count == 0:
            return base
        gain = self._by_part(part, count, self._cost_by_row(other.chosen) - self._cost_by_row(base.chosen))
        nights = self._night_by_row(other.chosen) - self._night_by_row(base.chosen)
        spends = np.array([self._by_part(part, count, nights * pays) for pays in self.money.pays])
        taken = choose_parts(gain, spends, self.money.most - base.spent, self._fine)
        is_taken = (part >= 0) & taken[part]
        return self._cut(np.where(is_taken, other.chosen, base.chosen))

    def drop_until_it_holds(self) -> None:
        """Leave out of the plan at hand whoever costs most, until every budget holds; keep it if it is better."""
        chosen = self.at_hand.chosen.copy()
        for budget, pays in enumerate(self.money.pays):
            for household in np.argsort(-self._night_by_row(chosen), kind="stable"):
                if self.money.spent(chosen)[budget] <= self.money.most[budget]:
                    break
                if pays[household]:
                    chosen[household] = UNPLACED
        dropped = self._cut(chosen)
        if dropped.value < self.best.value and self.money.holds(chosen):
            self.best = dropped

    @staticmethod
    def _by_part(part: Indices, count: int, of_row: Floats) -> Floats:
        inside = part >= 0
        return np.bincount(part[inside], weights=of_row[inside], minlength=count)

    def _cost_by_row(self, chosen: Indices) -> Floats:
        rows = np.arange(len(chosen))
        return np.where(chosen >= 0, self.cost[rows, chosen].astype(float), self.unplaced)

    def _night_by_row(self, chosen: Indices) -> Floats:
        return np.where(chosen >= 0, self.money.night[chosen], 0.0)


def parts_of(one: Indices, other: Indices, units: int) -> Indices:
    """Return in which independent part of their difference each household stands; -1 where two assignments agree.

    Taking a part whole from either of the two leaves an assignment: who changes together shares units.
    """
    has_one, has_other = np.full(units, -1), np.full(units, -1)
    has_one[one[one >= 0]] = np.flatnonzero(one >= 0)
    has_other[other[other >= 0]] = np.flatnonzero(other >= 0)
    part = np.full(len(one), -1)
    count = 0
    for household in np.flatnonzero(one != other):
        if part[household] < 0:
            _mark(int(household), count, part, (one, has_other), (other, has_one))
            count += 1
    return part


def _mark(
    first: int, number: int, part: Indices, leaving: tuple[Indices, Indices], entering: tuple[Indices, Indices]
) -> None:
    waiting = [first]
    part[first] = number
    while waiting:
        household = waiting.pop()
        for unit_of, holder in (leaving, entering):
            unit = unit_of[household]
            beside = int(holder[unit]) if unit >= 0 else -1
            if beside >= 0 and part[beside] < 0:
                part[beside] = number
                waiting.append(beside)


def choose_parts(gain: Floats, spends: Floats, room: Floats, fine: Floats) -> Flags:
    """Return which parts to take so that value falls most, where each penny above a budget's room costs its fine."""
    parts, budgets = len(gain), len(room)
    found = milp(
        np.concatenate([gain, fine]),
        constraints=LinearConstraint(np.hstack([spends, -np.eye(budgets)]), -np.inf, room),
        integrality=np.concatenate([np.ones(parts), np.zeros(budgets)]),
        bounds=Bounds(0, np.concatenate([np.ones(parts), np.full(budgets, np.inf)])),
        options={"node_limit": NODES, "mip_rel_gap": 1e-7},
    )
    if found.x is None:
        return np.zeros(parts, dtype=bool)
    return np.asarray(found.x[:parts]) > 0.5


def solve_budgeted(cost: Floats, unplaced: float, money: Money, most_assignments: int, first_reach: float) -> Budgeted:
    """Return a plan within budgets, proved to a gap, in at most so many assignments.

    `first_reach` is a price of a penny a night that is of the size to be expected. To leave all unplaced is always
    within the budgets, so that there is a plan, if a poor one.
    """
    search = _Search(cost, unplaced, money, first_reach)
    search.try_prices(search.prices)
    reach, beside = first_reach, 0
    while search.gap > CLOSE and search.assignments < most_assignments and beside < MOST_BESIDE * len(money.most):
        was = search.bound
        prices, ceiling = search.next_prices(reach)
        if beside or ceiling - search.bound <= 0.1 * CLOSE * abs(ceiling):
            prices, beside = search.beside(beside, reach), beside + 1
        search.try_prices(prices)
        reach = (
            reach if beside else _next_reach(reach, (search.bound - was) / max(ceiling - was, 1e-12), len(money.most))
        )
        search.combine()
    if (search.best.chosen == UNPLACED).all():
        search.drop_until_it_holds()
    return Budgeted(search.best.chosen, search.best.value, search.bound, search.assignments, search.prices)


def _next_reach(reach: float, kept: float, budgets: int) -> float:
    """Return the next half width of the box: wider where the cuts promised what came, narrower where nothing did."""
    if kept > 0.5:
        return 2 * reach
    return reach if kept > 0 or budgets == 1 else reach / 2
