"""Which case that waits comes to which of the next meetings: as planning assigns them, with why one comes to none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from braid.care.agenda_order import LIMITS, SLOT_MINUTES, urgency_of
from braid.planning.agendas.model import MOST_SLOTS, AgendasProblem, Item, Meeting
from braid.planning.contract import Reason
from braid.planning.kinds import KINDS

MOST_WAITING = 60
"""So many cases are packed at once, the most urgent first."""
WHY = {
    "too_long": "It takes longer than the time that is left at any of these meetings",
    "slot_taken": "The time that is left at these meetings goes to other cases that wait",
    "full": "No time is left at any of these meetings",
    "too_many": f"More than {MOST_WAITING} cases wait. Put some on an agenda by hand",
}
"""Why a case comes to no meeting."""


@dataclass(frozen=True)
class Room:
    """A meeting by its id, its day, and the minutes of it that no case takes."""

    meeting: str
    date: dt.date
    minutes_left: int


@dataclass(frozen=True)
class Waiting:
    """A case that is on no agenda, its minutes, how often it was put off, and by when it is to be looked at again."""

    case: str
    organisations: frozenset[str]
    minutes: int
    times_put_off: int = 0
    review_on: dt.date | None = None


@dataclass(frozen=True)
class Packed:
    """To which meeting a case is proposed; to none with a reason of `WHY`."""

    case: str
    meeting: str | None
    why: str = ""


@lru_cache(maxsize=64)
def pack(rooms: tuple[Room, ...], waiting: tuple[Waiting, ...]) -> tuple[Packed, ...]:
    """Return of each case that waits the meeting proposed, in the order given. Meetings stand in that of their days."""
    urgent = sorted(waiting, key=lambda one: -urgency_of(one.times_put_off))[:MOST_WAITING]
    found = {one.case: Packed(one.case, None, "too_many") for one in waiting}
    with_room = [room for room in rooms if room.minutes_left >= SLOT_MINUTES]
    if with_room and urgent:
        found |= _assigned(with_room, urgent)
    else:
        found |= {one.case: Packed(one.case, None, "full") for one in urgent}
    return tuple(found[one.case] for one in waiting)


def _assigned(rooms: Sequence[Room], waiting: Sequence[Waiting]) -> dict[str, Packed]:
    problem = AgendasProblem(
        kind="agendas",
        slot_minutes=SLOT_MINUTES,
        meetings=tuple(Meeting(room.meeting, room.date, _slots(room)) for room in rooms),
        items=tuple(_item(one, rooms) for one in waiting),
    )
    plan = KINDS["agendas"].solve(problem, LIMITS)
    placed = {one.item: one.meeting for one in plan.placed}
    why = {reason.item: _why(reason) for reason in plan.reasons if reason.about == "unscheduled"}
    return {one.case: Packed(one.case, placed.get(one.case), why.get(one.case, "")) for one in waiting}


def _slots(room: Room) -> int:
    return min(room.minutes_left // SLOT_MINUTES, MOST_SLOTS)


def _item(one: Waiting, rooms: Sequence[Room]) -> Item:
    """Return a case as planning knows it: it can come to the first meeting, and is late after its day of review."""
    first, last = rooms[0].date, rooms[-1].date
    deadline = max(first, one.review_on or last)
    urgency = urgency_of(one.times_put_off)
    return Item(one.case, tuple(sorted(one.organisations)), first, deadline, urgency, one.minutes)


def _why(reason: Reason) -> str:
    return "too_long" if {each.rule for each in reason.bindings} == {"too_long"} else "slot_taken"
