"""The order in which the moves of a plan can be made: chains from their empty end, circles through a spare unit.

Each household waits for at most one other, the holder of its unit, and each holder is waited for by at most one: so
moves form chains and circles. A chain begins at an empty unit and follows the vacancy. A circle has none: one of its
households goes to a spare unit for a while. Two spare units serve all circles, one after the other.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from braid.planning.placements.model import MOST_SPARE_UNITS, Household, MovePlan, NotPossible, Problem, Step

MayHold = Callable[[str, str], bool]
"""Whether a household may be placed in a unit, by their ids."""
Move = tuple[str, str, bool]
"""A household, the unit it goes to, whether as a stopgap."""


@dataclass(frozen=True)
class Waiting:
    """Who waits for whom: `behind[h]` waits for the unit of h."""

    chains: tuple[tuple[str, ...], ...]
    """Each in the order in which they can move."""
    circles: tuple[tuple[str, ...], ...]
    """Each member waits for the unit of the next, the last for that of the first."""
    blocked: tuple[tuple[str, ...], ...]
    """Each first waits for somebody who stays, each other for the one before."""


def order_moves(problem: Problem, placed: Mapping[str, str], may_hold: MayHold) -> MovePlan:
    """Return the moves from where households are to where they are placed, in an order in which they can be made."""
    where = {each.id: each.current_unit for each in problem.households if each.current_unit}
    waiting = find_waiting(problem.households, where, placed)
    stuck = {household for row in waiting.blocked for household in row}
    spare = _choose_spare_units(problem, where, placed, waiting, stuck, may_hold)
    tasks = [[(household, placed[household], False) for household in chain] for chain in waiting.chains]
    asked_last = {each.id for each in problem.households if not each.may_move}
    tasks += [
        _open_circle(circle, spare[circle], placed, may_hold, asked_last)
        for circle in waiting.circles
        if circle in spare
    ]
    shut = [circle for circle in waiting.circles if circle not in spare]
    steps = _Days(problem, where).make(tasks)
    used = tuple(sorted({step.to_unit for step in steps if step.is_stopgap}))
    excuses = (*_excuse_circles(shut), *_excuse_blocked(waiting.blocked, where, placed))
    return MovePlan(steps, used, excuses, find_past_six_weeks(problem, steps))


def find_past_six_weeks(problem: Problem, steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the families that leave bed and breakfast later than their days allow, in the order of the problem."""
    shared = {each.id for each in problem.units if each.type == "bed_and_breakfast"}
    first = {each.id: each.lives_in for each in problem.households}
    nights: Counter[str] = Counter()
    since: dict[str, dt.date] = {}
    for step in steps:
        left = step.from_unit if step.household in since else first[step.household]
        if left in shared:
            nights[step.household] += (step.on_date - since.get(step.household, problem.on_date)).days
        since[step.household] = step.on_date
    most = problem.norms.bed_and_breakfast_days
    return tuple(
        each.id
        for each in problem.households
        if each.is_family and nights[each.id] and each.bed_and_breakfast_days + nights[each.id] > most
    )


def find_waiting(households: Iterable[Household], where: Mapping[str, str], placed: Mapping[str, str]) -> Waiting:
    """Return the chains and circles of the households whose unit changes."""
    movers = [each.id for each in households if each.id in placed and placed[each.id] != where.get(each.id)]
    holder = {unit: household for household, unit in where.items()}
    waits_for = {household: holder.get(placed[household]) for household in movers}
    behind = {ahead: household for household, ahead in waits_for.items() if ahead is not None}
    chains = [_follow(each, behind) for each in movers if waits_for[each] is None]
    blocked = [
        _follow(each, behind) for each in movers if waits_for[each] is not None and waits_for[each] not in waits_for
    ]
    seen = {household for row in (*chains, *blocked) for household in row}
    circles = []
    for each in movers:
        if each not in seen:
            circle = _follow(each, behind)
            seen.update(circle)
            circles.append((circle[0], *reversed(circle[1:])))
    return Waiting(tuple(chains), tuple(circles), tuple(blocked))


def _follow(first: str, behind: Mapping[str, str]) -> tuple[str, ...]:
    row = [first]
    while (after := behind.get(row[-1])) is not None and after != first:
        row.append(after)
    return tuple(row)


def _choose_spare_units(
    problem: Problem,
    where: Mapping[str, str],
    placed: Mapping[str, str],
    waiting: Waiting,
    stuck: set[str],
    may_hold: MayHold,
) -> dict[tuple[str, ...], str]:
    """Return a spare unit for each circle that two can open: the two that open most, the first of equals."""
    stays = {unit for household, unit in where.items() if household in stuck or household not in placed}
    taken = set(placed.values()) | stays
    opens: dict[frozenset[int], str] = {}
    for unit in problem.units:
        if unit.id not in taken:
            opened = frozenset(
                position
                for position, circle in enumerate(waiting.circles)
                if any(may_hold(household, unit.id) for household in circle)
            )
            opens.setdefault(opened, unit.id)
    best = max(_combined(opens), key=lambda chosen: len(frozenset[int]().union(*chosen)), default=())
    spare: dict[tuple[str, ...], str] = {}
    for opened in best:
        for position in opened:
            spare.setdefault(waiting.circles[position], opens[opened])
    return spare


def _combined(opens: Mapping[frozenset[int], str]) -> list[tuple[frozenset[int], ...]]:
    """Return the choices of up to two units, those of one unit first, leaving out what another opens too."""
    most = [each for each in opens if each and not any(each < other for other in opens)]
    return [chosen for size in range(1, MOST_SPARE_UNITS + 1) for chosen in combinations(most, size)]


def _open_circle(
    circle: tuple[str, ...], spare: str, placed: Mapping[str, str], may_hold: MayHold, asked_last: Collection[str]
) -> list[Move]:
    """Return the moves of a circle. A household that should not be asked to move goes on a stopgap last."""
    can_stop = [position for position, each in enumerate(circle) if may_hold(each, spare)]
    first = min(can_stop, key=lambda position: circle[position] in asked_last)
    turned = (*circle[first:], *circle[:first])
    rest = [(household, placed[household], False) for household in reversed(turned[1:])]
    return [(turned[0], spare, True), *rest, (turned[0], placed[turned[0]], False)]


Task = Sequence[Move]
"""Moves that are made one after the other."""


class _Days:
    """Makes tasks as early as units and capacity let it, day by day."""

    def __init__(self, problem: Problem, where: Mapping[str, str]) -> None:
        self.problem = problem
        self.where = dict(where)
        self.held = set(where.values())
        self.first_date = {each.id: each.available_from_date for each in problem.units}
        self.left_on: dict[str, dt.date] = {}
        self.steps: list[Step] = []
        self.queue: list[tuple[dt.date, bool, int, int]] = []
        """What can be made from which day on: who has no unit first, then by task; and which of its moves it is."""
        self.waits_for: dict[str, list[tuple[int, int]]] = {}
        """Moves into a spare unit that is still in use."""

    def make(self, tasks: Sequence[Task]) -> tuple[Step, ...]:
        """Return the steps of all tasks, in the order in which they are made."""
        for task in range(len(tasks)):
            self._put(tasks, task, 0, self.problem.on_date)
        while self.queue:
            day, _, task, position = heapq.heappop(self.queue)
            unit = tasks[task][position][1]
            if unit in self.held:
                self.waits_for.setdefault(unit, []).append((task, position))
            elif self._is_full(day) or day < self._first_day(unit, day):
                self._put(tasks, task, position, day + dt.timedelta(days=self._is_full(day)))
            else:
                self._make(tasks, task, position, day)
        return tuple(self.steps)

    def _put(self, tasks: Sequence[Task], task: int, position: int, not_before: dt.date) -> None:
        household, unit, _ = tasks[task][position]
        heapq.heappush(self.queue, (self._first_day(unit, not_before), household in self.where, task, position))

    def _first_day(self, unit: str, not_before: dt.date) -> dt.date:
        """Return from when on a unit can be entered: it can be let, and has rested since somebody left it."""
        day = max(not_before, self.first_date[unit] or not_before)
        if unit not in self.left_on:
            return day
        return max(day, self.left_on[unit] + dt.timedelta(days=self.problem.turn_round_days))

    def _is_full(self, day: dt.date) -> bool:
        most = self.problem.moves_per_day
        return most is not None and len(self.steps) >= most and self.steps[-most].on_date == day

    def _make(self, tasks: Sequence[Task], task: int, position: int, day: dt.date) -> None:
        household, unit, is_stopgap = tasks[task][position]
        left = self.where.get(household)
        self.steps.append(Step(day, household, left, unit, is_stopgap))
        self.where[household] = unit
        self.held.add(unit)
        if left is not None:
            self.held.discard(left)
            self.left_on[left] = day
            for waiting in self.waits_for.pop(left, []):
                self._put(tasks, *waiting, day)
        if position + 1 < len(tasks[task]):
            self._put(tasks, task, position + 1, day)


def _excuse_circles(circles: Iterable[tuple[str, ...]]) -> Iterable[NotPossible]:
    for circle in circles:
        for position, household in enumerate(circle):
            held_by = (*circle[position + 1 :], *circle[: position + 1])
            yield NotPossible(household, "circle_without_spare_unit", held_by)


def _excuse_blocked(
    blocked: Iterable[tuple[str, ...]], where: Mapping[str, str], placed: Mapping[str, str]
) -> Iterable[NotPossible]:
    holder = {unit: household for household, unit in where.items()}
    for row in blocked:
        stays = holder[placed[row[0]]]
        for position, household in enumerate(row):
            yield NotPossible(household, "unit_stays_held", (*reversed(row[:position]), stays))
