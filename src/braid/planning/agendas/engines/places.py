"""Which item is at which meeting: exact assignment where every item takes one slot, an integer program otherwise.

Attendance is counted at the least it can be, each person for the slots of each item, so that what is found here is a
bound for the whole plan, whatever the order inside the meetings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import csr_matrix

from braid.planning.agendas.model import AgendasProblem, Item

SCALE = 100
"""Costs are whole numbers of a hundredth of the value."""
FORBIDDEN = 1e12
Start = tuple[int, int]
"""A meeting by number and a first slot from 0 on."""


@dataclass(frozen=True)
class Assigned:
    """Where each item begins; None where it is at no meeting. The bound is scaled."""

    starts: tuple[Start | None, ...]
    bound: int
    method: str


class Room:
    """A problem as numbers: what each item costs at each meeting, and where it can begin."""

    def __init__(self, problem: AgendasProblem) -> None:
        self.problem = problem
        self.lengths = [problem.slots_of(item) for item in problem.items]
        self._away: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        numbers = {meeting.id: number for number, meeting in enumerate(problem.meetings)}
        for away in problem.away:
            self._away[away.person, numbers[away.meeting]].append((away.from_minute, away.until_minute))
        self.held = {held.item: held for held in problem.held}

    @cached_property
    def costs(self) -> list[list[int | None]]:
        """Scaled cost of each item at each meeting, without attendance and order; None where it is not ready."""
        return [
            [self._cost(item, number) for number in range(len(self.problem.meetings))] for item in self.problem.items
        ]

    def _cost(self, item: Item, number: int) -> int | None:
        meetings, prices = self.problem.meetings, self.problem.prices
        if meetings[number].date < item.ready_date or self._is_held_elsewhere(item, meetings[number].id):
            return None
        waited = sum(meeting.date >= item.ready_date for meeting in meetings[:number])
        late = sum(meeting.date > item.deadline_date for meeting in meetings[: number + 1])
        moved = item.agreed_meeting not in (None, meetings[number].id)
        urgency = item.urgency * (prices.waiting_meeting * waited + prices.late_meeting * late)
        return SCALE * (urgency + prices.move * moved)

    def _is_held_elsewhere(self, item: Item, meeting: str) -> bool:
        held = self.held.get(item.id)
        return held is not None and held.meeting != meeting

    def ranks(self, items: Sequence[int]) -> list[int | None]:
        """Return at which rank each of the items of one meeting is held, the last free one counted from behind."""
        wanted = [self._rank(number) for number in items]
        found: list[int | None] = [None] * len(items)
        last = len(items)
        for at in sorted((at for at, rank in enumerate(wanted) if rank), key=lambda at: -(wanted[at] or 0)):
            found[at] = min(wanted[at] or 0, last)
            last -= 1
        return found

    def _rank(self, number: int) -> int | None:
        held = self.held.get(self.problem.items[number].id)
        return held.rank if held else None

    def unscheduled(self, number: int) -> int:
        """Return the scaled cost of an item at no meeting."""
        item, prices = self.problem.items[number], self.problem.prices
        return SCALE * (max(item.urgency, 1) * prices.unscheduled + prices.move * (item.agreed_meeting is not None))

    def seated(self, number: int, first: int) -> int:
        """Return the scaled cost of attendance at its least, and of the place in the meeting."""
        item, prices = self.problem.items[number], self.problem.prices
        attendance = SCALE * prices.attendance * len(item.people) * self.lengths[number]
        return attendance + prices.urgent_first * item.urgency * first

    def can_begin(self, number: int, meeting: int, first: int) -> bool:
        """Whether an item fits into a meeting from a slot on, and all whom it needs are there."""
        slot, length = self.problem.slot_minutes, self.lengths[number]
        begin, end = first * slot, (first + length) * slot
        held = self.held.get(self.problem.items[number].id)
        if held is not None and begin < held.from_minute:
            return False
        return first + length <= self.problem.meetings[meeting].slots and not any(
            begin < until and start < end
            for person in self.problem.items[number].people
            for start, until in self._away.get((person, meeting), ())
        )

    @cached_property
    def offers(self) -> list[list[tuple[int, int, int]]]:
        """Of each item: meeting, first slot and scaled cost of every place that it could have."""
        return [
            [
                (meeting, first, cost + self.seated(number, first))
                for meeting, cost in enumerate(self.costs[number])
                if cost is not None
                for first in range(self.problem.meetings[meeting].slots)
                if self.can_begin(number, meeting, first)
            ]
            for number in range(len(self.problem.items))
        ]


def assign(room: Room, most_nodes: int) -> Assigned:
    """Return the best meeting of each item with a bound."""
    if not room.problem.items:
        return Assigned((), 0, "nothing to place")
    if all(length == 1 for length in room.lengths):
        return _assign_single(room)
    return _assign_program(room, most_nodes)


def _offsets(room: Room) -> list[int]:
    sizes = [meeting.slots for meeting in room.problem.meetings]
    return [sum(sizes[:number]) for number in range(len(sizes) + 1)]


def _assign_single(room: Room) -> Assigned:
    """One slot each: a linear assignment of items to slots, each item with a column for no meeting."""
    offsets, items = _offsets(room), len(room.problem.items)
    matrix = np.full((items, offsets[-1] + items), FORBIDDEN)
    for number, offers in enumerate(room.offers):
        for meeting, first, cost in offers:
            matrix[number, offsets[meeting] + first] = cost
        matrix[number, offsets[-1] + number] = room.unscheduled(number)
    rows, columns = linear_sum_assignment(matrix)
    starts: list[Start | None] = [None] * items
    for number, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if column < offsets[-1]:
            meeting = next(each for each in range(len(offsets) - 1) if column < offsets[each + 1])
            starts[number] = meeting, column - offsets[meeting]
    return Assigned(tuple(starts), round(matrix[rows, columns].sum()), "exact assignment, attendance at its least")


def _assign_program(room: Room, most_nodes: int) -> Assigned:
    """Items of several slots: a start for each item, no slot taken twice. Ends by a count of nodes."""
    offsets, items = _offsets(room), len(room.problem.items)
    columns = [(number, *offer) for number, offers in enumerate(room.offers) for offer in offers]
    unscheduled = [room.unscheduled(number) for number in range(items)]
    nothing = sum(unscheduled)
    if not columns:
        return Assigned((None,) * items, nothing, "nothing can be placed")
    entries = [(number, column) for column, (number, *_) in enumerate(columns)]
    entries += [
        (items + offsets[meeting] + slot, column)
        for column, (number, meeting, first, _) in enumerate(columns)
        for slot in range(first, first + room.lengths[number])
    ]
    at, of = zip(*entries, strict=True)
    takes = csr_matrix((np.ones(len(at)), (at, of)), shape=(items + offsets[-1], len(columns)))
    gains = np.array([cost - unscheduled[number] for number, _, _, cost in columns], dtype=float)
    solved = milp(
        gains,
        constraints=LinearConstraint(takes, -np.inf, 1),
        integrality=np.ones(len(columns)),
        bounds=Bounds(0, 1),
        options={"node_limit": most_nodes, "mip_rel_gap": 0.0},
    )
    starts: list[Start | None] = [None] * items
    for chosen, (number, meeting, first, _) in zip(solved.x if solved.x is not None else (), columns, strict=False):
        if chosen > 0.5:
            starts[number] = meeting, first
    bound = solved.mip_dual_bound if solved.mip_dual_bound is not None else gains.clip(max=0).sum()
    return Assigned(tuple(starts), int(np.floor(nothing + bound + 1e-6)), "integer program, attendance at its least")
