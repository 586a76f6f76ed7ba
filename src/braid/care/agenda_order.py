"""In which order the cases of a meeting keep everybody in the room for the shortest time, as planning finds it.

A proposal like any plan: the chair asks for it, sees it, and moves cases as before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from braid.care.agendas import Slot, in_order
from braid.language.steps import NotPossible
from braid.planning.agendas.model import MOST_SLOTS, AgendasProblem, Item, Meeting
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS

SLOT_MINUTES = 5
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
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    begin = 0
    for case in sorted(cases, key=lambda one: one.slot.position):
        end = begin + case.slot.minutes
        for organisation in case.organisations:
            first.setdefault(organisation, begin)
            last[organisation] = end
        begin = end
    return sum(last[organisation] - first[organisation] for organisation in first)


def order_by_attendance(cases: Sequence[Discussed]) -> tuple[Slot, ...]:
    """Return the slots in the order found, numbered from 1. Raises `NotPossible` where they fill more than a day."""
    slots = sum(-(-case.slot.minutes // SLOT_MINUTES) for case in cases)
    if slots > MOST_SLOTS:
        raise NotPossible("The cases fill more than eight hours. Put some off, then order the rest")
    if len(cases) < 2:
        return in_order(case.slot for case in cases)
    problem = AgendasProblem(
        kind="agendas",
        slot_minutes=SLOT_MINUTES,
        meetings=(Meeting(_MEETING, _DAY, slots),),
        items=tuple(_item(case) for case in sorted(cases, key=lambda one: one.slot.position)),
    )
    plan = KINDS["agendas"].solve(problem, LIMITS)
    found = {placed.item: placed.position for placed in plan.placed}
    # A case that found no slot, which only roundings could do, comes last in its old order.
    ordered = sorted(cases, key=lambda one: (found.get(one.slot.item, MOST_SLOTS + one.slot.position), one.slot.item))
    return tuple(Slot(case.slot.item, number, case.slot.minutes) for number, case in enumerate(ordered, 1))


def _item(case: Discussed) -> Item:
    urgency = 1 + PUT_OFF_URGENCY * min(case.times_put_off, MOST_PUT_OFF)
    people = tuple(sorted(case.organisations))
    return Item(case.slot.item, people, _DAY, _DAY, urgency, case.slot.minutes)
