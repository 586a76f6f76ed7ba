"""The agenda of a meeting: in which order its cases come, how long each takes, and whether the meeting holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from braid.language.steps import NotPossible

USUAL_MINUTES = 15
"""How long a case is discussed unless somebody says otherwise."""
USUAL_LENGTH = 90
"""How long a meeting lasts unless somebody says otherwise, in minutes."""
LONGEST_CASE = 120
SHORTEST_LENGTH, LONGEST_LENGTH = 15, 480
OPEN_STATES = ("planned", "gathering")
"""States of a meeting in which its agenda is packed."""


@dataclass(frozen=True)
class Slot:
    """A case on an agenda by its id, its place from 1 on, and its minutes."""

    item: str
    position: int
    minutes: int


def in_order(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Return the slots in their order, numbered from 1 without gaps."""
    ordered = sorted(slots, key=lambda one: (one.position, one.item))
    return tuple(replace(one, position=number) for number, one in enumerate(ordered, 1))


def move(slots: Iterable[Slot], item: str, step: str) -> tuple[Slot, ...]:
    """Return the slots with one moved one place `up` or `down`. Raises `NotPossible` at either end."""
    ordered = list(in_order(slots))
    at = next((number for number, one in enumerate(ordered) if one.item == item), None)
    if at is None:
        raise NotPossible("The case is not on the agenda any more. Look at it again")
    if step not in ("up", "down"):
        raise NotPossible("Move a case up or down")
    to = at - 1 if step == "up" else at + 1
    if not 0 <= to < len(ordered):
        raise NotPossible("The case is first on the agenda already" if step == "up" else "The case is last already")
    ordered[at], ordered[to] = ordered[to], ordered[at]
    return tuple(replace(one, position=number) for number, one in enumerate(ordered, 1))


def minutes_in_all(slots: Iterable[Slot]) -> int:
    """Return how many minutes the cases take together."""
    return sum(one.minutes for one in slots)


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
