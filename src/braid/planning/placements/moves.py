"""The order in which the moves of a plan can be made: chains from their empty end, circles through a spare unit.

Each household waits for at most one other, the holder of its unit, and each holder is waited for by at most one: so
moves form chains and circles. A chain begins at an empty unit and follows the vacancy. A circle has none: one of its
households goes to a spare unit for a while. Two spare units serve all circles, one after the other.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    tasks += [_open_circle(circle, spare[circle], placed, may_hold) for circle in waiting.circles if circle in spare]
    shut = [circle for circle in waiting.circles if circle not in spare]
    steps = _Days(problem, where).make(tasks)
    used = tuple(sorted({step.to_unit for step in steps if step.is_stopgap}))
    return MovePlan(steps, used, (*_excuse_circles(shut), *_excuse_blocked(waiting.blocked, where, placed)))


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


def _open_circle(circle: tuple[str, ...], spare: str, placed: Mapping[str, str], may_hold: MayHold) -> list[Move]:
    first = next(position for position, each in enumerate(circle) if may_hold(each, spare))
    turned = (*circle[first:], *circle[:first])
    rest = [(household, placed[household], False) for household in reversed(turned[1:])]
    return [(turned[0], spare, True), *rest, (turned[0], placed[turned[0]], False)]


@dataclass
class _Days:
    """Makes tasks, each a list of moves one after the other, as early as units and capacity let it."""

    problem: Problem
    where: dict[str, str]
    left_on: dict[str, dt.date] = field(default_factory=dict)
    made: list[Step] = field(default_factory=list)

    def make(self, tasks: Sequence[Sequence[Move]]) -> tuple[Step, ...]:
        where = dict(self.where)
        held = set(where.values())
        first_date = {each.id: each.available_from_date for each in self.problem.units if each.available_from_date}
        queue: list[tuple[dt.date, bool, int, int]] = []
        waits_for_spare: dict[str, list[tuple[int, int]]] = {}

        def put(task: int, position: int, not_before: dt.date) -> None:
            household, unit, _ = tasks[task][position]
            free = self.left_on.get(unit, dt.date.min)
            turned = free + dt.timedelta(days=self.problem.turn_round_days) if unit in self.left_on else not_before
            day = max(not_before, turned, first_date.get(unit, not_before))
            heapq.heappush(queue, (day, household in where, task, position))

        for task in range(len(tasks)):
            put(task, 0, self.problem.on_date)
        today, count = self.problem.on_date, 0
        while queue:
            day, _, task, position = heapq.heappop(queue)
            today, count = (day, 0) if day > today else (today, count)
            household, unit, is_stopgap = tasks[task][position]
            if unit in held:
                waits_for_spare.setdefault(unit, []).append((task, position))
                continue
            if not self._is_ready(unit, day) or count == self.problem.moves_per_day:
                put(task, position, day + dt.timedelta(days=1) if count == self.problem.moves_per_day else day)
                continue
            left = where.get(household)
            self.made.append(Step(day, household, left, unit, is_stopgap))
            count += 1
            where[household] = unit
            held.add(unit)
            if left is not None:
                held.discard(left)
                self.left_on[left] = day
                for waiting in waits_for_spare.pop(left, []):
                    put(*waiting, day)
            if position + 1 < len(tasks[task]):
                put(task, position + 1, day)
        return tuple(self.made)

    def _is_ready(self, unit: str, day: dt.date) -> bool:
        left = self.left_on.get(unit)
        return left is None or day >= left + dt.timedelta(days=self.problem.turn_round_days)


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
