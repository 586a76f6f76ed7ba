"""In which order the cases of a meeting keep everybody in the room for the shortest time, as planning finds it.

A proposal like any plan: the chair asks for it, sees it, and moves cases as before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from braid.care.agendas import Slot
from braid.planning.agendas.model import MOST_SLOTS, AgendasProblem, Item, Meeting
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS

SLOT_MINUTES = 5
MOST_ITEMS = 16
"""Up to so many cases an order is proved the best; of more, each is moved until nothing is gained."""
LIMITS = Limits(seconds=1.0)
PUT_OFF_URGENCY = 4
"""By how much more it matters that a case comes early for each time it was put off, up to `MOST_PUT_OFF`."""
MOST_PUT_OFF = 2
_DAY, _MEETING = dt.date(2000, 1, 1), "meeting"
"""There is one meeting, and nothing about it hangs on its day."""


@dataclass(frozen=True)
class Discussed:
    """A case on the agenda: its slot, the organisations that take part in it, and how often it was put off."""

    slot: Slot
    organisations: frozenset[str]
    times_put_off: int = 0


def minutes_in_room(cases: Sequence[Discussed]) -> int:
    """Return the minutes that the organisations spend in the room, each from its first case to its last, together."""
    return _minutes_of(sorted(cases, key=lambda one: one.slot.position))


def _minutes_of(ordered: Sequence[Discussed]) -> int:
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    begin = 0
    for case in ordered:
        end = begin + case.slot.minutes
        for organisation in case.organisations:
            first.setdefault(organisation, begin)
            last[organisation] = end
        begin = end
    return sum(last[organisation] - first[organisation] for organisation in first)


def order_by_attendance(cases: Sequence[Discussed]) -> tuple[Slot, ...]:
    """Return the slots in the order found, numbered from 1: never one that costs more than the order they are in."""
    present = sorted(cases, key=lambda one: (one.slot.position, one.slot.item))
    best = min((_improved(present), _planned(present)), key=_cost)
    return tuple(Slot(case.slot.item, number, case.slot.minutes) for number, case in enumerate(best, 1))


def _cost(ordered: Sequence[Discussed]) -> float:
    """Return what an order costs, as planning counts it: minutes in the room, and a little for who waits urgently."""
    begin, waiting = 0, 0.0
    for case in ordered:
        waiting += _urgency(case) * begin
        begin += case.slot.minutes
    return _minutes_of(ordered) + waiting / 100


def _planned(present: Sequence[Discussed]) -> Sequence[Discussed]:
    """Return the order that planning proves the best, for so few and so short cases that it can."""
    slots = sum(-(-case.slot.minutes // SLOT_MINUTES) for case in present)
    if not 1 < len(present) <= MOST_ITEMS or slots > MOST_SLOTS:
        return present
    problem = AgendasProblem(
        kind="agendas",
        slot_minutes=SLOT_MINUTES,
        meetings=(Meeting(_MEETING, _DAY, slots),),
        items=tuple(_item(case) for case in present),
    )
    found = {placed.item: placed.position for placed in KINDS["agendas"].solve(problem, LIMITS).placed}
    return sorted(present, key=lambda one: found.get(one.slot.item, MOST_SLOTS + one.slot.position))


def _improved(present: Sequence[Discussed]) -> Sequence[Discussed]:
    """Return the order once no case can come elsewhere at less cost, from the present one on."""
    best, least = list(present), _cost(present)
    is_better = True
    while is_better:
        is_better = False
        for at in range(len(best)):
            for to in range(len(best)):
                tried = best[:at] + best[at + 1 :]
                tried.insert(to, best[at])
                cost = _cost(tried)
                if cost < least - 1e-9:
                    best, least, is_better = tried, cost, True
    return best


def _urgency(case: Discussed) -> int:
    return 1 + PUT_OFF_URGENCY * min(case.times_put_off, MOST_PUT_OFF)


def _item(case: Discussed) -> Item:
    return Item(case.slot.item, tuple(sorted(case.organisations)), _DAY, _DAY, _urgency(case), case.slot.minutes)
