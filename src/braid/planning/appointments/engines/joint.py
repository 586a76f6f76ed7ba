"""All victims together: bundles one after another, then ruin and recreate, slot prices between.

A plan is one bundle a victim. One step frees a victim who is far from what they could have alone, and some of those who
stand in the way, and books them anew, each bundle proved the best among the diaries as they then are. What comes out a
little worse may be kept, less and less so as the search goes on (simulated annealing). Between two such rounds slot
prices are found: they give the bound, and a start in which scarce times go to whom they are worth most.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from braid.planning.appointments.engines.bundles import Bundle, Choices, Diaries, best_bundles, cost_of
from braid.planning.appointments.engines.first_come import Policy, book
from braid.planning.appointments.engines.grid import SCALE, Choice, Grid
from braid.planning.appointments.engines.slot_prices import Pool, Priced, add, diaries_with, find_prices

GROUPS = (2, 2, 3, 3, 4, 5)
"""How many victims a step frees; one of these by chance."""
SHUFFLED = 0.3
"""How often the freed are booked in an order by chance rather than the worst off first."""


@dataclass(frozen=True)
class Effort:
    """How many steps of the bundle search each part takes at most."""

    first: int
    pricing: int
    second: int
    first_heat: int = 20 * SCALE
    second_heat: int = 10 * SCALE


@dataclass(frozen=True)
class Joint:
    """A joint plan and what is proved of it; costs are scaled."""

    bundles: tuple[Bundle, ...]
    bound: int
    bound_method: str
    rounds: int
    steps: int

    @property
    def cost(self) -> int:
        """What the bundles cost together."""
        return sum(bundle.cost for bundle in self.bundles)


class Rooms:
    """One bundle a victim, and the diaries that they fill."""

    def __init__(self, grid: Grid, bundles: Sequence[Bundle]) -> None:
        self.grid = grid
        self.bundles = list(bundles)
        self.diaries = Diaries()
        for victim, bundle in zip(grid.victims, bundles, strict=True):
            self.diaries.book(victim.tasks, bundle.choices)
        self.cost = sum(bundle.cost for bundle in bundles)

    def free(self, numbers: Iterable[int]) -> None:
        """Give back what some victims have."""
        for number in numbers:
            self.diaries.free(self.grid.victims[number].tasks, self.bundles[number].choices)

    def take(self, number: int, bundle: Bundle) -> None:
        """Book a victim's bundle."""
        self.diaries.book(self.grid.victims[number].tasks, bundle.choices)


class Improver:
    """Ruin and recreate over bundles."""

    def __init__(self, grid: Grid, seed: int) -> None:
        self.grid = grid
        self.random = random.Random(seed)
        self.steps = 0
        self.pool: Pool = [{} for _ in grid.victims]
        alone = [best_bundles(grid, victim, Diaries()) for victim in grid.victims]
        self.alone = [found.bundles[0][1] for found in alone]
        self.least = [found.bound for found in alone]
        """What no bundle of a victim costs less than, whatever the others have."""
        for number, victim in enumerate(grid.victims):
            add(self.pool, number, self.alone[number])
            none = (None,) * len(victim.tasks)
            add(self.pool, number, Bundle(none, cost_of(grid, victim, none)))

    def _best(self, number: int, diaries: Diaries, ceiling: int | None = None) -> Bundle | None:
        found = best_bundles(self.grid, self.grid.victims[number], diaries, ceiling)
        self.steps += found.steps
        if not found.bundles:
            return None
        bundle = found.bundles[0][1]
        add(self.pool, number, bundle)
        return bundle

    def _surely(self, number: int, diaries: Diaries) -> Bundle:
        """Return the best bundle; there always is one, if only that nothing is booked."""
        bundle = self._best(number, diaries)
        if bundle is None:
            raise AssertionError("no bundle lies under the cost of no appointment at all")
        return bundle

    def in_turn(self, order: Iterable[int], diaries: Diaries, fixed: dict[int, Bundle]) -> list[Bundle]:
        """Return bundles booked one after another, after those that are fixed."""
        bundles = dict(fixed)
        for number, bundle in fixed.items():
            diaries.book(self.grid.victims[number].tasks, bundle.choices)
        for number in order:
            if number not in bundles:
                bundle = self._surely(number, diaries)
                diaries.book(self.grid.victims[number].tasks, bundle.choices)
                bundles[number] = bundle
        return [bundles[number] for number in range(len(self.grid.victims))]

    def improve(
        self, bundles: Sequence[Bundle], most_steps: int, heat: int, is_over: Callable[[], bool]
    ) -> list[Bundle]:
        """Return the best bundles met within so many steps."""
        rooms = Rooms(self.grid, bundles)
        best, best_cost = list(bundles), rooms.cost
        begun = self.steps
        idle = 0
        while self.steps - begun < most_steps and not is_over() and idle < 50 + 20 * len(bundles):
            left = 1 - (self.steps - begun) / most_steps
            idle += 1
            if self._step(rooms, int(heat * left * self.random.expovariate(1))) and rooms.cost < best_cost:
                best, best_cost, idle = list(rooms.bundles), rooms.cost, 0
        return best

    def _step(self, rooms: Rooms, slack: int) -> bool:
        """Free a group and book it anew; keep it where it costs less, or no more than `slack` above."""
        group = self._group(rooms)
        before = sum(rooms.bundles[number].cost for number in group)
        rooms.free(group)
        new = self._book(rooms, group, before + slack)
        for number, bundle in new.items():
            rooms.bundles[number] = bundle
        rooms.cost += sum(bundle.cost for bundle in new.values()) - before if new else 0
        if not new:
            for number in group:
                rooms.take(number, rooms.bundles[number])
        return bool(new)

    def _book(self, rooms: Rooms, group: Sequence[int], most: int) -> dict[int, Bundle]:
        """Book a group one by one; nothing where it would cost more than `most`."""
        left = most - sum(self.least[number] for number in group)
        new: dict[int, Bundle] = {}
        for number in group:
            bundle = self._best(number, rooms.diaries, left + self.least[number] + 1)
            if bundle is None:
                for other, booked in new.items():
                    rooms.diaries.free(self.grid.victims[other].tasks, booked.choices)
                return {}
            left -= bundle.cost - self.least[number]
            rooms.take(number, bundle)
            new[number] = bundle
        return new

    def _group(self, rooms: Rooms) -> list[int]:
        """Return a victim far from what they could have alone, and some who have what they would want."""
        regrets = [bundle.cost - self.least[number] + SCALE for number, bundle in enumerate(rooms.bundles)]
        first = self.random.choices(range(len(regrets)), regrets)[0]
        wanted = _days(self.alone[first].choices) | _days(rooms.bundles[first].choices)
        others = [
            number
            for number, bundle in enumerate(rooms.bundles)
            if number != first and not wanted.isdisjoint(_days(bundle.choices))
        ]
        self.random.shuffle(others)
        group = [first, *others[: self.random.choice(GROUPS) - 1]]
        if self.random.random() < SHUFFLED:
            self.random.shuffle(group)
        return group


def _days(choices: Choices) -> set[tuple[int, int]]:
    return {choice[:2] for choice in choices if choice}


def bundles_of(grid: Grid, choices: dict[str, Choice]) -> list[Bundle]:
    """Return appointments by task as bundles."""
    bundles = []
    for victim in grid.victims:
        own = tuple(choices.get(task.name) for task in victim.tasks)
        bundles.append(Bundle(own, cost_of(grid, victim, own)))
    return bundles


def plan_together(grid: Grid, effort: Effort, seed: int, is_over: Callable[[], bool] = lambda: False) -> Joint:
    """Return the best joint plan found, with a bound; ends by counts of steps."""
    if not grid.victims:
        return Joint((), 0, "nobody to plan for", 0, 0)
    improver = Improver(grid, seed)
    alone = sum(improver.least)
    best = min(_starts(grid, improver), key=lambda each: sum(bundle.cost for bundle in each))
    best = improver.improve(best, effort.first, effort.first_heat, is_over)
    priced = find_prices(grid, improver.pool, alone, effort.pricing, is_over)
    directed = _directed(grid, improver, priced)
    best = min(best, directed, key=lambda each: sum(bundle.cost for bundle in each))
    best = improver.improve(best, effort.second, effort.second_heat, is_over)
    method = "slot prices (Lagrange) over proved bundles" if priced.bound > alone else "each victim's bundle alone"
    return Joint(tuple(best), priced.bound, method, priced.rounds, improver.steps + priced.steps)


def _starts(grid: Grid, improver: Improver) -> list[list[Bundle]]:
    """Return plans to begin with: today's ways, and bundles in the order of risk and of arrival."""
    victims = grid.problem.victims
    by_risk = sorted(range(len(victims)), key=lambda each: (not victims[each].is_high_risk, victims[each].arrival_date))
    by_arrival = sorted(range(len(victims)), key=lambda each: victims[each].arrival_date)
    agreed = [any(task.agreed for task in victim.tasks) for victim in grid.victims]
    by_agreed = sorted(by_risk, key=lambda each: not agreed[each])
    starts = [bundles_of(grid, book(grid, Policy(order))) for order in ("weight", "risk", "arrival")]
    for start in starts:
        for number, bundle in enumerate(start):
            add(improver.pool, number, bundle)
    orders = (by_agreed, by_arrival) if any(agreed) else (by_risk, by_arrival)
    return starts + [improver.in_turn(order, Diaries(), {}) for order in orders]


def _directed(grid: Grid, improver: Improver, priced: Priced) -> list[Bundle]:
    """Return a plan after the prices: bundles of which the program chose more than half, then the others by price."""
    fixed = {
        number: Bundle(those[0][1], improver.pool[number][those[0][1]])
        for number, those in enumerate(priced.likely)
        if those and those[0][0] > 0.5
    }
    shares = [those[0][0] if those else 0.0 for those in priced.likely]
    order = sorted(range(len(shares)), key=lambda number: -shares[number])
    return improver.in_turn(order, diaries_with(grid, priced.prices), fixed)
