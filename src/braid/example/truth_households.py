"""Who truly lived with whom, day by day: a household parts where some of it live elsewhere.

Everybody of a household whose stays are the same lives together: at home, in one placement, or in one flight.
Only households that were ever parted are told, and those who were homeless; of all others the household of
`persons.csv` holds on every day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from braid.example.model import World

WITH_PARENTS = "P1"
"""Placement code of the looked-after children return: with own parents."""
AT_HOME = ""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TrueHome:
    """A person in a household from the first day (empty: since before the place remembers) to the last."""

    person: int
    household: str
    first: date | None
    last: date | None


@dataclass(frozen=True)
class _Elsewhere:
    first: date
    end: date | None
    """The day of return: the first on which they live there no longer."""
    name: str

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.end is None or day < self.end)


def true_homes(world: World) -> Iterator[TrueHome]:
    """Yield the homes of everybody of a household of which somebody ever lived elsewhere, by person and day."""
    elsewhere = _elsewhere(world)
    parted = sorted({world.household_of(person) for person in elsewhere})
    for household in parted:
        for person in world.members(household):
            yield from _homes_of(world, person, elsewhere.get(person, []))


def _homes_of(world: World, person: int, elsewhere: list[_Elsewhere]) -> Iterator[TrueHome]:
    born = world.birth_date(person)
    days = {item.first for item in elsewhere} | {item.end for item in elsewhere if item.end}
    starts = [None, *sorted(day for day in days if born < day <= world.as_of)]
    for number, first in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else None
        where = next((item.name for item in elsewhere if item.holds_on(first or date.min)), AT_HOME)
        label = f"H{world.household_of(person):07d}" + (f" {where}" if where else "")
        yield TrueHome(person, label, first, following - ONE_DAY if following else None)


def _elsewhere(world: World) -> dict[int, list[_Elsewhere]]:
    found: dict[int, list[_Elsewhere]] = {}
    for person, stays in world.stays.items():
        for stay in stays:
            item = _Elsewhere(stay.start, stay.end, f"{stay.kind} {stay.site} {stay.start}")
            found.setdefault(person, []).append(item)
    for episode in world.care_episodes:
        for placed in episode.placements:
            if placed.place != WITH_PARENTS:
                item = _Elsewhere(placed.start, placed.end, f"care {episode.person}")
                found.setdefault(episode.person, []).append(item)
    return found
