"""The agenda of a meeting: in which order its cases come, how long each takes, and what is held of it by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from braid.language.dates import LONDON
from braid.language.steps import NotPossible

USUAL_MINUTES = 15
"""How long a case is discussed unless somebody says otherwise."""
USUAL_LENGTH = 90
"""How long a meeting lasts unless somebody says otherwise, in minutes."""
LONGEST_CASE = 120
SHORTEST_LENGTH, LONGEST_LENGTH = 15, 480
OPEN_STATES = ("planned", "gathering")
"""States of a meeting in which its agenda is packed."""
REFUSALS = {
    "somebody_away": "Somebody cannot be there at that time",
    "order_of_cases": "One case has to come before another",
    "arranged": "The times are arranged with people already",
    "no_gain": "It changes more than it gains",
}
"""Why a proposed order is refused. Nothing reads it but people: what is to hold is held by hand."""


@dataclass(frozen=True)
class Slot:
    """A case on an agenda by its id, its place from 1 on, and its minutes; and what was decided about it by hand."""

    item: str
    position: int
    minutes: int
    rank: int | None = None
    """The place at which it is held."""
    from_minute: int = 0
    """Minutes after the beginning of the meeting before which it does not begin."""


def in_order(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Return the slots in their order, numbered from 1 without gaps."""
    ordered = sorted(slots, key=lambda one: (one.position, one.item))
    return tuple(replace(one, position=number) for number, one in enumerate(ordered, 1))


def held_ranks(slots: Iterable[Slot]) -> dict[str, int]:
    """Return at which place each held case stands, by its id.

    On an agenda with fewer cases than its place it stands as late as what is held behind it lets it.
    """
    listed = list(slots)
    held = sorted((one for one in listed if one.rank), key=lambda one: (one.rank or 0, one.item))
    found: dict[str, int] = {}
    last, first = len(listed), 1
    for one in reversed(held):
        found[one.item] = min(one.rank or 0, last)
        last = found[one.item] - 1
    for one in held:  # two that were held at one place, by chairs who saw other cases, stand one after the other
        found[one.item] = max(found[one.item], first)
        first = found[one.item] + 1
    return found


def settle(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Return the slots numbered from 1: what is held at its place, the others in their order around it."""
    listed = in_order(slots)
    held = {rank: item for item, rank in held_ranks(listed).items()}
    by_item = {one.item: one for one in listed}
    free = (one for one in listed if one.item not in held.values())
    ranks = range(1, len(listed) + 1)
    return tuple(replace(by_item[held[rank]] if rank in held else next(free), position=rank) for rank in ranks)


def place(slots: Iterable[Slot], item: str, to: int) -> tuple[Slot, ...]:
    """Return the slots with one put at a place by hand and held there. Raises `NotPossible`.

    What is held already stays where it is.
    """
    listed = in_order(slots)
    _find(listed, item)
    if not 1 <= to <= len(listed):
        raise NotPossible(f"Choose a place from 1 to {len(listed)}")
    if to in _held_by_others(listed, item):
        raise NotPossible("Another case is held at that place. Take that back first, or choose another place")
    return settle(replace(one, rank=to) if one.item == item else one for one in listed)


def move(slots: Iterable[Slot], item: str, step: str) -> tuple[Slot, ...]:
    """Return the slots with one moved `up` or `down` to the next place at which no other is held, and held there.

    Raises `NotPossible` where there is none.
    """
    listed = in_order(slots)
    at, held = _find(listed, item).position, _held_by_others(listed, item)
    if step not in ("up", "down"):
        raise NotPossible("Move a case up or down")
    ranks = range(at - 1, 0, -1) if step == "up" else range(at + 1, len(listed) + 1)
    to = next((rank for rank in ranks if rank not in held), None)
    if to is None:
        where = "first" if step == "up" else "last"
        raise NotPossible(f"The case is {where} already of those that can be moved")
    return place(listed, item, to)


def _find(listed: Iterable[Slot], item: str) -> Slot:
    found = next((one for one in listed if one.item == item), None)
    if found is None:
        raise NotPossible("The case is not on the agenda any more. Look at it again")
    return found


def _held_by_others(listed: Iterable[Slot], item: str) -> set[int]:
    return {rank for other, rank in held_ranks(listed).items() if other != item}


def minutes_until(time: dt.time | None, starts_at: dt.datetime, length_minutes: int) -> int:
    """Return how many minutes after it begins a meeting reaches a time of its day, in UK time.

    0 where there is none, and for a time at which it does not last, since it was moved or is shorter now: that one
    holds nothing.
    """
    if time is None:
        return 0
    at = dt.datetime.combine(starts_at.astimezone(LONDON).date(), time, LONDON)
    minutes = int((at - starts_at).total_seconds()) // 60
    return minutes if 0 < minutes < length_minutes else 0


def check_not_before(time: dt.time, starts_at: dt.datetime, length_minutes: int) -> None:
    """Raise `NotPossible` unless the meeting lasts at that time of its day."""
    if not minutes_until(time, starts_at, length_minutes):
        raise NotPossible("Choose a time after the meeting begins and before it is over")


def check_open(state: str) -> None:
    """Raise `NotPossible` once the meeting has begun: from then on its agenda is what was discussed."""
    if state not in OPEN_STATES:
        raise NotPossible("The agenda is closed once the meeting has begun")


def check_minutes(minutes: int) -> None:
    """Raise `NotPossible` for a time that no case is discussed."""
    if not 1 <= minutes <= LONGEST_CASE:
        raise NotPossible(f"Give a case between 1 and {LONGEST_CASE} minutes")


def check_length(minutes: int) -> None:
    """Raise `NotPossible` for a length that no meeting has."""
    if not SHORTEST_LENGTH <= minutes <= LONGEST_LENGTH:
        raise NotPossible(f"A meeting lasts between {SHORTEST_LENGTH} and {LONGEST_LENGTH} minutes")


def check_refusal(reason: str) -> None:
    """Raise `NotPossible` without a reason of `REFUSALS`."""
    if reason not in REFUSALS:
        raise NotPossible("Choose from the list why the order is refused")
