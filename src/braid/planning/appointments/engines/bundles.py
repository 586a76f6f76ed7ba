"""The best appointments of one victim, proved: a search of what can be done on a day, then over the days.

Own method. A day's work is a set of tasks; for each set that fits into a day the cheapest round is found by labels
(cost, when it ends, where), of which those are dropped that another beats whatever comes next. Over the days a label
is the set of tasks done and from which day on waiting tasks may follow. A label goes no further once its cost and the
least that the remaining tasks can cost reach the ceiling; the ceiling rises until a bundle lies under it, so that the
first found is the best.

Diaries are hard; beside them a step of a member of staff may have a price, which is how victims share scarce services.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from braid.planning.appointments.engines.grid import Choice, Grid, GridTask, GridVictim, bits_of, free_starts
from braid.planning.appointments.model import STEP_MINUTES

NEVER = 1 << 60
WIDEST = 20_000
"""How many sets of a day, or states after it, are looked at; beyond, what is found is not proved to be the best."""
FIRST_CEILING_DAYS = 3
"""The first ceiling lies so many days out above the least that the tasks can cost each by itself."""

Choices = tuple[Choice | None, ...]
Levels = list[tuple[int, int]]
"""Extra cost and the starts, as bits, that have it; the cheapest first."""
Label = tuple[int, int, int, Any, tuple[int, int, int] | None]
"""A round so far: what it costs above the least, when it ends, where; the label before, and the task added to it with
its start and extra cost."""
Days = tuple[int, Label, Any]
"""A day with its round, and the days before."""
Round = tuple[int, int, int, int, Label]
"""A set of tasks on a day: cost above the least, the set, its cost, what must be done before, how."""
Key = TypeVar("Key", int, tuple[int, tuple[int, ...]])
Value = TypeVar("Value")
States = dict[tuple[int, tuple[int, ...]], tuple[int, Days | None]]
"""Tasks done and from which day on others may follow; what it cost, and the days before."""


@dataclass(frozen=True)
class Bundle:
    """One victim's appointments, by task in the order of the grid, and what they cost without prices."""

    choices: Choices
    cost: int


@dataclass(frozen=True)
class Found:
    """What a search found: the best bundle under the ceiling and others under it, by cost with prices."""

    bundles: tuple[tuple[int, Bundle], ...]
    bound: int
    """No bundle costs less, prices included; the ceiling itself where none lies under it."""
    is_proved: bool
    steps: int


@dataclass
class Diaries:
    """What is taken, and what a step costs, by member of staff and day."""

    taken: dict[tuple[int, int], int] = field(default_factory=dict)
    prices: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    """Prices of the steps of a day, scaled; no entry where all are 0."""
    _windows: dict[tuple[int, int, int], Levels] = field(default_factory=dict)

    def book(self, tasks: Sequence[GridTask], choices: Choices) -> None:
        """Take the steps of a bundle."""
        for task, choice in zip(tasks, choices, strict=True):
            if choice:
                staff, day, start = choice
                self.taken[staff, day] = self.taken.get((staff, day), 0) | ((1 << task.steps) - 1) << start

    def free(self, tasks: Sequence[GridTask], choices: Choices) -> None:
        """Give the steps of a bundle back."""
        for task, choice in zip(tasks, choices, strict=True):
            if choice:
                staff, day, start = choice
                self.taken[staff, day] &= ~(((1 << task.steps) - 1) << start)

    def fits(self, tasks: Sequence[GridTask], choices: Choices) -> bool:
        """Whether all steps of a bundle are free."""
        return not any(
            self.taken.get(choice[:2], 0) >> choice[2] & (1 << task.steps) - 1
            for task, choice in zip(tasks, choices, strict=True)
            if choice
        )

    def windows(self, staff: int, day: int, steps: int) -> Levels:
        """Return what so many steps from each start cost, as levels; empty where nothing has a price."""
        key = staff, day, steps
        if key not in self._windows:
            self._windows[key] = self._levels(staff, day, steps)
        return self._windows[key]

    def _levels(self, staff: int, day: int, steps: int) -> Levels:
        prices = self.prices.get((staff, day))
        if prices is None:
            return []
        by_price: dict[int, int] = {}
        for start in range(len(prices)):
            price = sum(prices[start : start + steps])
            by_price[price] = by_price.get(price, 0) | 1 << start
        return sorted(by_price.items())

    def price_of(self, task: GridTask, choice: Choice) -> int:
        """Return what the steps of a choice cost."""
        staff, day, start = choice
        prices = self.prices.get((staff, day))
        return sum(prices[start : start + task.steps]) if prices else 0


def cost_of(grid: Grid, victim: GridVictim, choices: Choices) -> int:
    """Return what a bundle costs, scaled, without prices."""
    days: dict[int, list[tuple[int, int]]] = {}
    cost = 0
    for task, choice in zip(victim.tasks, choices, strict=True):
        if choice is None:
            cost += task.unbooked_cost
            continue
        staff, day, start = choice
        cost += task.day_costs[day] + (grid.move_cost if task.agreed not in (None, choice) else 0)
        days.setdefault(day, []).append((start, grid.staff_sites[staff]))
    for seats in days.values():
        seats.sort()
        cost += grid.day_out_cost
        for (_, one), (_, other) in pairwise(seats):
            cost += grid.travel_cost[one][other]
    return cost


def _least_cost(_: int, labels: list[Label]) -> int:
    return min(label[0] for label in labels)


class Search:
    """The search for one victim's bundles among given diaries and prices."""

    def __init__(self, grid: Grid, victim: GridVictim, diaries: Diaries) -> None:
        self.grid, self.victim, self.diaries = grid, victim, diaries
        self.tasks = victim.tasks
        self.count = len(self.tasks)
        self.steps = 0
        self.is_cut = False
        """Whether more was open than is looked at; what is found is then not proved."""
        self.before = [0] * self.count
        self.apart = [0] * self.count
        self.successors = [0] * self.count
        self.gaps: list[list[tuple[int, int]]] = [[] for _ in self.tasks]
        for number, task in enumerate(self.tasks):
            for first, days in task.before:
                self.before[number] |= 1 << first
                self.successors[first] |= 1 << number
                if days:
                    self.apart[number] |= 1 << first
                    self.gaps[first].append((number, days))
        self.unbooked = [task.unbooked_cost for task in self.tasks]
        self._offer()

    def _offer(self) -> None:
        """Work out, by task and day, where and at which extra cost it starts, and the least it costs from a day on."""
        days = self.grid.days
        earliest = [0] * self.count
        self.options: list[list[list[tuple[int, Levels]]]] = []
        self.least_from: list[list[int]] = []
        for number, task in enumerate(self.tasks):
            earliest[number] = max((earliest[first] + gap for first, gap in task.before), default=0)
            options: list[list[tuple[int, Levels]]] = [[] for _ in range(days)]
            least = [NEVER] * (days + 1)
            for day in range(days - 1, -1, -1):
                cheapest = NEVER
                if day >= earliest[number] and task.offered[day]:
                    options[day] = self._levels(task, day)
                    cheapest = min((levels[0][0] for _, levels in options[day]), default=NEVER)
                least[day] = min(least[day + 1], task.day_costs[day] + cheapest)
            earliest[number] = next((day for day in range(days) if options[day]), days)
            self.options.append(options)
            self.least_from.append(least)
        self.least = [min(one, least[0]) for one, least in zip(self.unbooked, self.least_from, strict=True)]
        self._chain_days()

    def _chain_days(self) -> None:
        """Find tasks that lie days apart in a chain: each has a day out of its own, or stays unbooked."""
        worth = [min(self.grid.day_out_cost, one - least) for one, least in zip(self.unbooked, self.least, strict=True)]
        chains: list[tuple[int, tuple[int, ...]]] = []
        for number in range(self.count):
            longest = max((chains[first] for first in bits_of(self.apart[number])), default=(0, ()))
            chains.append((longest[0] + worth[number], (*longest[1], number)))
        total, chain = max(chains, default=(0, ()))
        self.chain = sum(1 << number for number in chain)
        self.chain_cost = total
        self.other_days_cost = total - max((worth[number] for number in chain), default=0)
        """What the days of the chain cost at least beside any one day."""

    @property
    def floor(self) -> int:
        """What no bundle can cost less than: each task by itself."""
        return sum(self.least)

    def _levels(self, task: GridTask, day: int) -> list[tuple[int, Levels]]:
        """Return by site the extra costs of a task on a day, each with its starts."""
        by_site: dict[int, dict[int, int]] = {}
        move = self.grid.move_cost if task.agreed else 0
        taken = self.diaries.taken
        for staff, starts in task.offered[day]:
            full = taken.get((staff, day), 0)
            if full:
                starts = free_starts(full, task.steps, starts)
            if not starts:
                continue
            costs = by_site.setdefault(self.grid.staff_sites[staff], {})
            kept = 1 << task.agreed[2] if task.agreed and task.agreed[:2] == (staff, day) else 0
            for price, those in self.diaries.windows(staff, day, task.steps) or [(0, -1)]:
                if starts & those & kept:
                    costs[price] = costs.get(price, 0) | kept
                if left := starts & those & ~kept:
                    costs[price + move] = costs.get(price + move, 0) | left
        return [(site, sorted(costs.items())) for site, costs in sorted(by_site.items())]

    def rounds(self, day: int, slack: int) -> list[Round]:
        """Return the sets of tasks that fit into a day: what lies above their least, set, cost, what must be done
        before, how; the least above first.

        Only sets whose cost lies no more than `slack` above the least that their tasks can cost.
        """
        slack -= self.grid.day_out_cost + self.other_days_cost
        can = [number for number in range(self.count) if self._is_under(number, day, slack)]
        found: dict[int, list[Label]] = {}
        layer: dict[int, list[Label]] = {0: [(0, 0, -1, None, None)]}
        while layer:
            layer = self._widest(self._longer(layer, can, day, slack), _least_cost)
            found.update(layer)
        return sorted((self._round(done, labels) for done, labels in found.items()), key=lambda each: each[:2])

    def _is_under(self, number: int, day: int, slack: int) -> bool:
        """Whether a task can be done on a day for less than `slack` above its least."""
        least = min((levels[0][0] for _, levels in self.options[number][day]), default=NEVER)
        return self.tasks[number].day_costs[day] + least - self.least[number] < slack

    def _longer(self, layer: dict[int, list[Label]], can: list[int], day: int, slack: int) -> dict[int, list[Label]]:
        """Return the rounds with one task more. Nothing is added after what comes after it, or lies days apart."""
        following: dict[int, list[Label]] = {}
        for done, labels in layer.items():
            for number in can:
                if not done & (1 << number | self.successors[number] | self.apart[number]):
                    self._extend(labels, number, day, slack, following.setdefault(done | 1 << number, []))
        return {done: labels for done, labels in following.items() if labels}

    def _round(self, done: int, labels: list[Label]) -> Round:
        """Return a set of tasks with its best round."""
        best = min(labels, key=lambda each: each[:3])
        over = best[0] + self.grid.day_out_cost
        needs = 0
        for number in bits_of(done):
            needs |= self.before[number]
        return over, done, over + self._sum(self.least, done), needs & ~done, best

    def _extend(self, labels: list[Label], number: int, day: int, slack: int, into: list[Label]) -> None:
        """Add a task at the end of each round; a label's cost is what lies above the least its tasks can cost."""
        task = self.tasks[number]
        over = task.day_costs[day] - self.least[number]
        minutes = task.minutes
        for label in labels:
            cost, end, at, _, _ = label
            for site, levels in self.options[number][day]:
                if at < 0:
                    ready, base = 0, cost + over
                else:
                    ready = -(-(end + self.grid.travel[at][site]) // STEP_MINUTES)
                    base = cost + over + self.grid.travel_cost[at][site]
                soonest = NEVER
                for extra, starts in levels:
                    if base + extra >= slack:
                        break
                    starts >>= ready
                    if not starts:
                        continue
                    start = ready + (starts & -starts).bit_length() - 1
                    if start < soonest:
                        soonest = start
                        new = (base + extra, start * STEP_MINUTES + minutes, site, label, (number, start, extra))
                        self._add(into, new)

    def _add(self, labels: list[Label], new: Label) -> None:
        """Keep a label unless another is at least as good whatever comes next; drop those that it beats so."""
        self.steps += 1
        cost, end, site = new[:3]
        later, dearer = self.grid.later, self.grid.dearer
        for other in labels:
            if other[0] + dearer[other[2]][site] <= cost and other[1] + later[other[2]][site] <= end:
                return
        labels[:] = [
            other
            for other in labels
            if not (cost + dearer[site][other[2]] <= other[0] and end + later[site][other[2]] <= other[1])
        ]
        labels.append(new)

    def under(self, ceiling: int, keep: int) -> list[tuple[int, Days | None]]:
        """Return up to `keep` bundles that cost less than a ceiling, the best among them first, as cost and path."""
        if self.floor + self.chain_cost >= ceiling:
            return []
        start = (0, (0,) * self.count)
        states: States = {start: (0, None)}
        ended: list[tuple[int, int, Days | None]] = []
        for day in range(self.grid.days):
            following = self._next_day(states, day, ceiling)
            states = self._widest(self._undominated(following, day + 1), self._above_least)
        everything = (1 << self.count) - 1
        for (done, _), (cost, path) in states.items():
            cost += self._sum(self.unbooked, everything & ~done)
            if cost < ceiling:
                ended.append((cost, done, path))
        ended.sort(key=lambda each: each[:2])
        return [(cost, path) for cost, _, path in ended[:keep]]

    def _next_day(self, states: States, day: int, ceiling: int) -> States:
        """Return the states after a day: each as it was, and with each round that it can still do."""
        over_floor = ceiling - self.floor
        rounds = self.rounds(day, over_floor)
        following: States = {}
        for (done, waits), (cost, path) in states.items():
            self._carry(following, done, waits, cost, path, day, ceiling)
            left = over_floor - cost + self._sum(self.least, done)
            for over, work, price, needs, label in rounds:
                if over >= left:
                    break
                self.steps += 1
                if not (work & done or needs & ~done or self._has_to_wait(work, waits, day)):
                    after = self._waits(waits, work, day)
                    self._carry(following, done | work, after, cost + price, (day, label, path), day, ceiling)
        return following

    @staticmethod
    def _has_to_wait(work: int, waits: tuple[int, ...], day: int) -> bool:
        return any(waits) and any(waits[number] > day for number in bits_of(work))

    def _waits(self, waits: tuple[int, ...], work: int, day: int) -> tuple[int, ...]:
        changed = None
        for first in bits_of(work):
            for number, gap in self.gaps[first]:
                changed = changed or list(waits)
                changed[number] = max(changed[number], day + gap)
        return tuple(changed) if changed else waits

    def _carry(
        self,
        into: States,
        done: int,
        waits: tuple[int, ...],
        cost: int,
        path: Days | None,
        day: int,
        ceiling: int,
    ) -> None:
        """Take a state to the next day unless it cannot come under the ceiling any more."""
        if cost + self._rest(done, waits, day + 1) >= ceiling:
            return
        waits = tuple(wait if wait > day + 1 and not done >> number & 1 else 0 for number, wait in enumerate(waits))
        key = done, waits
        other = into.get(key)
        if other is None or cost < other[0]:
            into[key] = cost, path

    def _rest(self, done: int, waits: tuple[int, ...], day: int) -> int:
        """Return the least that the tasks that are not done can cost from a day on."""
        left = nothing = apart = 0
        day_out = self.grid.day_out_cost
        days = self.grid.days
        from_day = [day] * self.count
        for number in range(self.count):
            if done >> number & 1:
                continue
            soonest = waits[number] if waits[number] > day else day
            for first, gap in self.tasks[number].before:
                if not done >> first & 1 and from_day[first] + gap > soonest:
                    soonest = from_day[first] + gap
            from_day[number] = soonest
            unbooked = self.unbooked[number]
            nothing += unbooked
            least = self.least_from[number][soonest] if soonest < days else NEVER
            if least > unbooked:
                least = unbooked
            left += least
            if self.chain >> number & 1:
                apart += min(day_out, unbooked - least)
        return max(min(nothing, left + day_out), left + apart)

    def _widest(self, found: dict[Key, Value], cost: Callable[[Key, Value], int]) -> dict[Key, Value]:
        """Return the cheapest where there are more than are looked at."""
        if len(found) <= WIDEST:
            return found
        self.is_cut = True
        return dict(sorted(found.items(), key=lambda each: (cost(*each), each[0]))[:WIDEST])

    def _above_least(self, key: tuple[int, tuple[int, ...]], value: tuple[int, Days | None]) -> int:
        return value[0] - self._sum(self.least, key[0])

    def _undominated(self, states: States, day: int) -> States:
        """Drop states that another beats: it has done at least as much, and the rest costs it no more whatever it is.

        What one has done and the other has not costs the other at least its least from now on. Holds only where no way
        round is shorter than the way: what is left out of a day then costs nothing.
        """
        if not self.grid.is_metric or len(states) < 2:
            return states
        least = [min(one, those[day]) for one, those in zip(self.unbooked, self.least_from, strict=True)]
        paid: list[tuple[int, int, tuple[int, ...]]] = []
        kept: States = {}
        ranked = sorted(states.items(), key=lambda each: (each[1][0] - self._sum(least, each[0][0]), each[0]))
        for (done, waits), (cost, path) in ranked:
            worth = cost - self._sum(least, done)
            if not any(
                done & ~other == 0 and other_worth <= worth and self._waits_no_longer(other, others, done, waits, day)
                for other_worth, other, others in paid
            ):
                kept[done, waits] = cost, path
                paid.append((worth, done, waits))
        return kept

    @staticmethod
    def _sum(amounts: list[int], done: int) -> int:
        return sum(amounts[number] for number in bits_of(done))

    def _waits_no_longer(self, more: int, waits: tuple[int, ...], less: int, others: tuple[int, ...], day: int) -> bool:
        """Whether each task that is not done can follow as soon where more is done as where less is."""
        for number, wait in enumerate(waits):
            if wait > others[number] and not any(
                more >> first & 1 and not less >> first & 1 and day + gap >= wait
                for first, gap in self.tasks[number].before
            ):
                return False
        return True

    def bundle(self, path: Days | None) -> Bundle:
        """Return the bundle that a path of days describes."""
        choices: list[Choice | None] = [None] * self.count
        while path is not None:
            day, label, path = path
            while label[4] is not None:
                number, start, extra = label[4]
                choices[number] = self._choice(number, day, label[2], start, extra)
                label = label[3]
        return Bundle(tuple(choices), cost_of(self.grid, self.victim, tuple(choices)))

    def _choice(self, number: int, day: int, site: int, start: int, extra: int) -> Choice:
        """Return who serves a task that starts so at such an extra cost."""
        task = self.tasks[number]
        for staff, starts in task.offered[day]:
            choice = staff, day, start
            if self.grid.staff_sites[staff] != site or not starts >> start & 1:
                continue
            if self.diaries.taken.get((staff, day), 0) >> start & (1 << task.steps) - 1:
                continue
            move = self.grid.move_cost if task.agreed not in (None, choice) else 0
            if self.diaries.price_of(task, choice) + move == extra:
                return choice
        raise AssertionError("a label names a start that nobody offers")


def best_bundles(grid: Grid, victim: GridVictim, diaries: Diaries, ceiling: int | None = None, keep: int = 1) -> Found:
    """Return the best bundle of a victim, prices included, and up to `keep` in all; proved.

    With a ceiling only what costs less is looked for.
    """
    search = Search(grid, victim, diaries)
    highest = sum(search.unbooked) + 1
    top = highest if ceiling is None else min(ceiling, highest)
    floor = search.floor
    trial = min(top, floor + FIRST_CEILING_DAYS * max(grid.day_out_cost, 1))
    while True:
        found = search.under(trial, keep)
        if found or trial >= top:
            break
        trial = min(top, floor + 2 * (trial - floor) + 1)
    bundles = tuple((cost, search.bundle(path)) for cost, path in found)
    bound = floor if search.is_cut else bundles[0][0] if bundles else top
    return Found(bundles, bound, not search.is_cut, search.steps)
