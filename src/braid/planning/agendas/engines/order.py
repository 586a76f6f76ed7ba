"""In which order a meeting takes its items: exact, over the sets of items that are done.

Who is in the room at a slot follows from which items are done: whoever had one and has one still to come waits. So the
best order is a shortest way over (slot, set of items done), one exact program whatever the availability by slot; known
as talent scheduling (Cheng, Diamond and Lin 1993).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from braid.planning.agendas.engines.long_order import MOST_ITEMS as LONGEST
from braid.planning.agendas.engines.long_order import LongMeeting, order_long
from braid.planning.agendas.engines.places import SCALE, Room

MOST_ITEMS = 16
"""Items of a meeting up to which all sets are looked at by slot. A longer one is ordered without absences where nobody
is away and no rank is held; else the order of the assignment stays but for what is held."""
FAR = np.int64(1) << 60
Costs = NDArray[np.int64]


def order(room: Room, meeting: int, items: Sequence[int], given: Sequence[int]) -> tuple[list[int] | None, bool]:
    """Return the first slot of each item of a meeting, and whether it is proved the best. `given` fits but for ranks
    that are held; None where with these no order fits, or none was found.
    """
    if len(items) <= MOST_ITEMS:
        return _Order(room, meeting, items).best(), True
    if any(room.ranks(items)):
        return _woven(room, meeting, items, given), False
    if len(items) > LONGEST or not _can_begin_anywhere(room, meeting, items):
        return list(given), False
    return _without_absence(room, items)


def _woven(room: Room, meeting: int, items: Sequence[int], given: Sequence[int]) -> list[int] | None:
    """Return what is held at its rank and the others in the order given, each as soon as it can; None without room."""
    ranks = room.ranks(items)
    free = iter(sorted((at for at, rank in enumerate(ranks) if rank is None), key=lambda at: given[at]))
    firsts, slot = [0] * len(items), 0
    for rank in range(1, len(items) + 1):
        at = ranks.index(rank) if rank in ranks else next(free)
        slots = range(slot, room.problem.meetings[meeting].slots)
        found = next((first for first in slots if room.can_begin(items[at], meeting, first)), None)
        if found is None:
            return None
        firsts[at], slot = found, found + room.lengths[items[at]]
    return firsts


def _can_begin_anywhere(room: Room, meeting: int, items: Sequence[int]) -> bool:
    """Whether items that follow each other without a pause can do so in any order."""
    total = sum(room.lengths[number] for number in items)
    return all(
        room.can_begin(number, meeting, first) for number in items for first in range(total - room.lengths[number] + 1)
    )


def _without_absence(room: Room, items: Sequence[int]) -> tuple[list[int], bool]:
    problem = room.problem
    those = [problem.items[number] for number in items]
    ordered, is_proved = order_long(
        LongMeeting(
            lengths=[room.lengths[number] for number in items],
            people=[item.people for item in those],
            attendance=SCALE * problem.prices.attendance,
            waiting=[problem.prices.urgent_first * item.urgency for item in those],
        )
    )
    firsts, slot = [0] * len(items), 0
    for at in ordered:
        firsts[at] = slot
        slot += room.lengths[items[at]]
    return firsts, is_proved


class _Order:
    def __init__(self, room: Room, meeting: int, items: Sequence[int]) -> None:
        self.room, self.meeting, self.items = room, meeting, items
        self.slots = room.problem.meetings[meeting].slots
        self.sets = np.arange(1 << len(items), dtype=np.int64)
        self.waiting = np.zeros(len(self.sets), dtype=np.int64)
        self.met = [np.zeros(len(self.sets), dtype=np.int64) for _ in items]
        self.done = np.bitwise_count(self.sets)
        self.ranks = room.ranks(items)
        self._count_people()

    def _count_people(self) -> None:
        """Count for each set who waits after it, and whom of each item's people it has met already."""
        needing: dict[str, int] = {}
        for at, number in enumerate(self.items):
            for person in self.room.problem.items[number].people:
                needing[person] = needing.get(person, 0) | 1 << at
        for mask in needing.values():
            has_begun = (self.sets & mask) != 0
            self.waiting += has_begun & ((self.sets & mask) != mask)
            for at in range(len(self.items)):
                if mask >> at & 1:
                    self.met[at] += has_begun

    def _step(self, at: int, first: int) -> Costs:
        """Return what it costs to discuss an item from a slot on, for each set that was done before."""
        room, number = self.room, self.items[at]
        prices, item = room.problem.prices, room.problem.items[number]
        people = len(item.people) + self.waiting - self.met[at]
        placed = prices.urgent_first * item.urgency * first
        return SCALE * prices.attendance * room.lengths[number] * people + placed

    def _before(self, at: int) -> Costs:
        """Return the sets that may be done before an item: without it, and of as many as where it is held wants."""
        is_before, rank = (self.sets >> at & 1) == 0, self.ranks[at]
        found: Costs = self.sets[is_before & (self.done == rank - 1)] if rank else self.sets[is_before]
        return found

    def best(self) -> list[int] | None:
        """Return the first slots of the cheapest order; None where no order keeps what is held."""
        layers = [np.full(len(self.sets), FAR) for _ in range(self.slots + 1)]
        layers[0][0] = 0
        idle = SCALE * self.room.problem.prices.attendance * self.waiting
        befores = [self._before(at) for at in range(len(self.items))]
        for slot in range(self.slots):
            np.minimum(layers[slot + 1], layers[slot] + idle, out=layers[slot + 1])
            for at, number in enumerate(self.items):
                if self.room.can_begin(number, self.meeting, slot):
                    before = befores[at]
                    cost = (layers[slot] + self._step(at, slot))[before]
                    later = layers[slot + self.room.lengths[number]]
                    later[before | 1 << at] = np.minimum(later[before | 1 << at], cost)
        return self._trace(layers, idle) if layers[self.slots][-1] < FAR else None

    def _trace(self, layers: list[Costs], idle: Costs) -> list[int]:
        firsts = [0] * len(self.items)
        done = len(self.sets) - 1
        slot = self.slots
        while slot > 0:
            if layers[slot][done] == layers[slot - 1][done] + idle[done]:
                slot -= 1
                continue
            at, slot = self._last(layers, slot, done)
            firsts[at] = slot
            done &= ~(1 << at)
        return firsts

    def _last(self, layers: list[Costs], slot: int, done: int) -> tuple[int, int]:
        """Return the item that the best way to a set ends with at a slot, and where it begins."""
        for at, number in enumerate(self.items):
            first = slot - self.room.lengths[number]
            if not done >> at & 1 or first < 0 or not self.room.can_begin(number, self.meeting, first):
                continue
            before, rank = done & ~(1 << at), self.ranks[at]
            if rank and before.bit_count() != rank - 1:
                continue
            if layers[first][before] + self._step(at, first)[before] == layers[slot][done]:
                return at, first
        raise AssertionError("no item leads to a set that was reached")
