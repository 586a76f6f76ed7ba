"""In which order the cases of a meeting cost the fewest minutes, as planning finds it.

What is weighed is minutes in the room, the end of the meeting, and how early whoever was put off comes.

A proposal like any plan: the chair sees it beside the order as it stands, accepts it, changes it or refuses it. What is
held by hand is kept; nothing else is known of what anybody decided before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations, product

from braid.care.agenda_spans import Discussed, minutes_in_room, time_in_order
from braid.care.agendas import Slot, held_ranks, settle
from braid.planning.agendas.model import MOST_SLOTS, AgendasProblem, Held, Item, Meeting
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS

SLOT_MINUTES = 5
MOST_ITEMS = 16
"""Up to so many cases an order is proved the best; of more, each is moved until nothing is gained."""
MOST_TRIED = 6
"""Up to so many cases that are free every order is tried where one waits for a time."""
MOST_TRIES = 10_000
"""Orders that are tried of a long agenda before its search ends with the pass that it is in."""
LIMITS = Limits(seconds=1.0)
LEAST_GAIN = 1e-6
"""Less is no gain but what was rounded."""
PUT_OFF_URGENCY = 4
"""By how much more it matters that a case comes early for each time it was put off, up to `MOST_PUT_OFF`."""
MOST_PUT_OFF = 2
_DAY, _MEETING = dt.date(2000, 1, 1), "meeting"
"""There is one meeting, and nothing about it hangs on its day."""


@dataclass(frozen=True)
class Proposed:
    """An order that keeps what is held, and whether it is proved that no such order is better."""

    slots: tuple[Slot, ...]
    is_proved: bool


def urgency_of(times_put_off: int) -> int:
    """Return how much it matters that a case comes early, by how often it was put off; 0 where it never was."""
    return PUT_OFF_URGENCY * min(times_put_off, MOST_PUT_OFF)


@lru_cache(maxsize=64)
def propose_order(cases: tuple[Discussed, ...]) -> Proposed:
    """Return the order found, its slots numbered from 1. The same cases have the same order at each look.

    It is the one they are in unless another gains minutes, or time for a case that was put off.
    """
    present = _settled(cases)
    if any(case.slot.from_minute for case in present):
        best, is_proved = _with_pauses(present)
    else:
        planned = _planned(present)
        best = min((_improved(present), *([planned] if planned else [])), key=_cost)
        is_proved = planned is not None and all(not case.slot.minutes % SLOT_MINUTES for case in present)
    if _cost(best) > _cost(present) - LEAST_GAIN:
        best = present
    return Proposed(tuple(replace(case.slot, position=at) for at, case in enumerate(best, 1)), is_proved)


def _with_pauses(present: Sequence[Discussed]) -> tuple[Sequence[Discussed], bool]:
    """Return the order where cases wait for a time, and whether it is proved: planning may pause elsewhere than a
    meeting does, which goes on with the next case as soon as it can begin. So few orders are all tried; of more, three
    are improved.
    """
    free, fixed = _parted(present)
    if len(free) <= MOST_TRIED:
        return min((_woven(order, fixed) for order in permutations(free)), key=_cost), True
    by_time = _woven(sorted(free, key=lambda case: case.slot.from_minute), fixed)
    starts = (present, by_time, _planned(present) or present)
    return min((_improved(start) for start in starts), key=_cost), False


def _settled(cases: Sequence[Discussed]) -> list[Discussed]:
    by_item = {case.slot.item: case for case in cases}
    return [by_item[slot.item] for slot in settle(case.slot for case in cases)]


def _cost(ordered: Sequence[Discussed]) -> float:
    """Return what an order costs: minutes in the room, the minute at which the meeting ends, and for each minute that
    a case which was put off waits a hundredth of its urgency, as planning counts it.

    The end counts as the chair is there until then, so that a pause costs although nobody else waits in it.
    """
    timed = time_in_order(ordered)
    waiting = sum(urgency_of(one.case.times_put_off) * one.begin for one in timed)
    return minutes_in_room(timed) + waiting / 100 + max((one.end for one in timed), default=0)


def _planned(present: Sequence[Discussed]) -> Sequence[Discussed] | None:
    """Return the order that planning proves the best, for so few and so short cases that it can."""
    latest = max((case.slot.from_minute for case in present), default=0)
    slots = -(-latest // SLOT_MINUTES) + sum(-(-case.slot.minutes // SLOT_MINUTES) for case in present)
    if not 1 < len(present) <= MOST_ITEMS or slots > MOST_SLOTS:
        return None
    problem = AgendasProblem(
        kind="agendas",
        slot_minutes=SLOT_MINUTES,
        meetings=(Meeting(_MEETING, _DAY, slots),),
        items=tuple(_item(case) for case in present),
        held=_held(present),
    )
    found = {placed.item: placed.position for placed in KINDS["agendas"].solve(problem, LIMITS).placed}
    return sorted(present, key=lambda one: found[one.slot.item]) if len(found) == len(present) else None


def _held(present: Sequence[Discussed]) -> tuple[Held, ...]:
    ranks = held_ranks(case.slot for case in present)
    return tuple(
        Held(slot.item, _MEETING, ranks.get(slot.item), slot.from_minute)
        for slot in (case.slot for case in present)
        if slot.item in ranks or slot.from_minute
    )


def _improved(present: Sequence[Discussed]) -> Sequence[Discussed]:
    """Return the order once no case that is free can come elsewhere at less cost, from the present one on."""
    free, fixed = _parted(present)
    least, tries = _cost(present), 0
    is_better = True
    while is_better and tries < MOST_TRIES:
        is_better = False
        for at, to in product(range(len(free)), repeat=2):
            tried = free[:at] + free[at + 1 :]
            tried.insert(to, free[at])
            cost = _cost(_woven(tried, fixed))
            tries += 1
            if cost < least - LEAST_GAIN:
                free, least, is_better = tried, cost, True
    return _woven(free, fixed)


def _parted(present: Sequence[Discussed]) -> tuple[list[Discussed], dict[int, Discussed]]:
    """Return the cases that are free, and those held by their places."""
    held = held_ranks(case.slot for case in present)
    free = [case for case in present if case.slot.item not in held]
    return free, {held[case.slot.item]: case for case in present if case.slot.item in held}


def _woven(free: Sequence[Discussed], fixed: dict[int, Discussed]) -> list[Discussed]:
    rest = iter(free)
    return [fixed[rank] if rank in fixed else next(rest) for rank in range(1, len(free) + len(fixed) + 1)]


def _item(case: Discussed) -> Item:
    urgency = urgency_of(case.times_put_off)
    return Item(case.slot.item, tuple(sorted(case.organisations)), _DAY, _DAY, urgency, case.slot.minutes)
