"""The order of a long meeting at which nobody is away: by how much is done, set by set, without a clock.

Where everybody can be there throughout, pauses help nobody, and when an item begins follows from which items are done.
So the sets of one size follow from those of the size before (talent scheduling; Garcia de la Banda, Stuckey and Chu
2011 do it from both ends). Where there are more sets than are looked at, those go on that can yet cost least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXACT_ITEMS = 20
"""Items up to which every set is looked at."""
WIDEST = 20_000
"""Sets of one size that are looked at of longer meetings."""
MOST_ITEMS = 60
"""Items whose sets fit into a whole number of the machine."""
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class LongMeeting:
    """Items by length in slots, whom they need, and what a slot of waiting costs; scaled."""

    lengths: Sequence[int]
    people: Sequence[Sequence[str]]
    attendance: int
    """What somebody in the room costs for a slot."""
    waiting: Sequence[int]
    """What each item costs for each slot before it begins."""

    def shared(self) -> list[tuple[int, int]]:
        """Return sets of items that the same people come to, as bits, and how many people they are."""
        masks: Counter[str] = Counter()
        for at, those in enumerate(self.people):
            for person in set(those):
                masks[person] += 1 << at
        return sorted(Counter(masks.values()).items())


@dataclass(frozen=True)
class _Layer:
    """Sets of one size: what they cost at least, the set before by its place, and the item added to it."""

    sets: Numbers
    costs: Numbers
    before: Numbers
    added: Numbers


def order_long(meeting: LongMeeting) -> tuple[list[int], bool]:
    """Return items in the cheapest order found, and whether it is proved the best."""
    count = len(meeting.lengths)
    layers = [_Layer(*(np.zeros(1, dtype=np.int64) for _ in range(4)))]
    is_proved = True
    for _ in range(count):
        layer = _next(meeting, layers[-1])
        if count > EXACT_ITEMS and len(layer.sets) > WIDEST:
            layer, is_proved = _cheapest(meeting, layer), False
        layers.append(layer)
    return _trace(layers), is_proved


def _next(meeting: LongMeeting, layer: _Layer) -> _Layer:
    shared = meeting.shared()
    sets = layer.sets
    room = np.zeros(len(sets), dtype=np.int64)
    for mask, people in shared:
        room += people * (((sets & mask) != 0) & ((sets & mask) != mask))
    first = _sum(sets, meeting.lengths)
    parts = []
    for at, length in enumerate(meeting.lengths):
        rows = np.flatnonzero(sets >> at & 1 == 0)
        there = room[rows]
        for mask, people in shared:
            if mask >> at & 1:
                there = there + people * ((sets[rows] & mask) == 0)
        cost = layer.costs[rows] + meeting.attendance * length * there + meeting.waiting[at] * first[rows]
        parts.append((sets[rows] | 1 << at, cost, rows, np.full(len(rows), at)))
    every = [np.concatenate(each) for each in zip(*parts, strict=True)]
    ranked = np.lexsort((every[1], every[0]))
    kept = ranked[np.append(True, np.diff(every[0][ranked]) != 0)]
    return _Layer(*(each[kept] for each in every))


def _cheapest(meeting: LongMeeting, layer: _Layer) -> _Layer:
    """Return the sets that cost least with what they must yet: attendance at its least, the others waiting."""
    needed = [len(set(those)) * length for those, length in zip(meeting.people, meeting.lengths, strict=True)]
    least = layer.costs - meeting.attendance * _sum(layer.sets, needed) + _still_waiting(meeting, layer.sets)
    kept = np.sort(np.lexsort((layer.sets, least))[:WIDEST])
    return _Layer(layer.sets[kept], layer.costs[kept], layer.before[kept], layer.added[kept])


def _still_waiting(meeting: LongMeeting, sets: Numbers) -> Numbers:
    """Return what the items that are left wait for at least: the dearest by length first (Smith 1956)."""
    begin, total = _sum(sets, meeting.lengths), np.zeros(len(sets), dtype=np.int64)
    by_price = sorted(range(len(meeting.lengths)), key=lambda at: -meeting.waiting[at] / meeting.lengths[at])
    for at in by_price:
        is_left = 1 - (sets >> at & 1)
        total += meeting.waiting[at] * begin * is_left
        begin = begin + meeting.lengths[at] * is_left
    return total


def _sum(sets: Numbers, amounts: Sequence[int]) -> Numbers:
    total = np.zeros(len(sets), dtype=np.int64)
    for at, amount in enumerate(amounts):
        total += amount * (sets >> at & 1)
    return total


def _trace(layers: list[_Layer]) -> list[int]:
    place, ordered = 0, []
    for layer in reversed(layers[1:]):
        ordered.append(int(layer.added[place]))
        place = int(layer.before[place])
    return ordered[::-1]
