"""A listing problem in positions: what every engine searches over.

Sets of sessions are integers, one bit a session. Hearing h stands at position h of the problem's hearings; so do
judges, people and rooms in their own lists. Costs are whole numbers in the unit of the problem's prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from braid.planning.listing.model import (
    SPAN_OF_A_DAY,
    Absence,
    Hearing,
    Place,
    Problem,
    Sittings,
    listed_from,
    sittings_of,
)

NO_ROOM = -1
Spot = tuple[int, int, int]
"""Start, judge and room of a hearing, as positions; the room is `NO_ROOM` where the problem has none."""
List = list[Spot | None]
"""The spot of each hearing, None where it has none."""


@dataclass(frozen=True)
class Entry:
    """One hearing as the search reads it."""

    length: int
    units: int
    window: int
    """Sessions in which it may start, by readiness, horizon and morning alone."""
    everyone: tuple[int, ...]
    whole: tuple[int, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    span: int
    """Sessions for which those attend who come for the first or the last day."""
    ready: int
    wait_price: int
    late_price: int
    limit: int
    """The position by which it must end so as not to be late."""
    own: int
    """The allocated judge, or -1 where they may not hear it."""
    others: tuple[int, ...]
    change_price: int
    before: int
    after: int
    """The hearings before and after it in its case; -1 where there is none."""
    gap: int
    rooms: tuple[int, ...]
    present: Spot | None
    is_held: bool
    move_price: int
    unlisted_price: int
    authority: int

    def cost(self, start: int, judge: int) -> int:
        """Return what it costs to be heard from a session on before a judge, the spread between authorities aside."""
        cost = self.wait_price * max(0, start - self.ready) + self.late_price * max(0, start + self.length - self.limit)
        if judge != self.own:
            cost += self.change_price
        if self.present is not None and self.present[:2] != (start, judge):
            cost += self.move_price
        return cost


@dataclass(frozen=True)
class Docket:
    """A problem in positions."""

    problem: Problem
    sittings: Sittings
    count: int
    """How many sessions the horizon has."""
    units: int
    judge_open: tuple[int, ...]
    room_open: tuple[int, ...]
    person_free: tuple[int, ...]
    entries: tuple[Entry, ...]
    chains: tuple[tuple[int, ...], ...]
    """The hearings of each chain of a case, in order."""
    authorities: tuple[str, ...]
    spread_price: int

    @property
    def size(self) -> int:
        """How many hearings there are."""
        return len(self.entries)

    def places(self, spots: List) -> dict[str, Place]:
        """Return spots as places by the ids of their hearings."""
        return {
            hearing.id: self.place(spot)
            for hearing, spot in zip(self.problem.hearings, spots, strict=True)
            if spot is not None
        }

    def place(self, spot: Spot) -> Place:
        """Return one spot as a place."""
        start, judge, room = spot
        name = None if room == NO_ROOM else self.problem.rooms[room].id
        return Place(self.problem.judges[judge].id, self.sittings.name(start), name)

    def spots(self, places: Mapping[str, Place]) -> List:
        """Return places by hearing as spots; None where a judge, room or session is none of the problem's."""
        judges = {each.id: row for row, each in enumerate(self.problem.judges)}
        rooms = {each.id: row for row, each in enumerate(self.problem.rooms)}
        return [_spot(self.sittings, judges, rooms, places.get(each.id)) for each in self.problem.hearings]


def docket_of(problem: Problem) -> Docket:
    """Return a problem without faults in positions."""
    sittings = sittings_of(problem)
    entries = tuple(_Compiler(problem, sittings).entries())
    return Docket(
        problem=problem,
        sittings=sittings,
        count=sittings.count,
        units=problem.session_units,
        judge_open=tuple(_open(sittings, judge.closed) for judge in problem.judges),
        room_open=tuple(_open(sittings, room.closed) for room in problem.rooms),
        person_free=tuple(_open(sittings, person.absences) for person in problem.people),
        entries=entries,
        chains=tuple(_chain(entries, h) for h, entry in enumerate(entries) if entry.before < 0),
        authorities=_authorities(problem),
        spread_price=problem.prices.spread,
    )


def _authorities(problem: Problem) -> tuple[str, ...]:
    """Return the authorities with hearings, by name: one without any has no mean wait."""
    heard = {hearing.case for hearing in problem.hearings}
    return tuple(sorted({case.authority for case in problem.cases if case.id in heard}))


def _open(sittings: Sittings, absences: Iterable[Absence]) -> int:
    free = (1 << sittings.count) - 1
    for first, last in sittings.positions(absences):
        free &= ~(((1 << (last - first + 1)) - 1) << first)
    return free


def _chain(entries: tuple[Entry, ...], first: int) -> tuple[int, ...]:
    chain = [first]
    while entries[chain[-1]].after >= 0:
        chain.append(entries[chain[-1]].after)
    return tuple(chain)


def _spot(sittings: Sittings, judges: Mapping[str, int], rooms: Mapping[str, int], place: Place | None) -> Spot | None:
    start = None if place is None else sittings.find(place.start)
    if place is None or start is None or place.judge not in judges:
        return None
    if (place.room is None) != (not rooms) or (place.room is not None and place.room not in rooms):
        return None
    return start, judges[place.judge], NO_ROOM if place.room is None else rooms[place.room]


class _Compiler:
    """Turns the hearings of a problem into entries."""

    def __init__(self, problem: Problem, sittings: Sittings) -> None:
        self.problem = problem
        self.sittings = sittings
        self.types = {each.id: each for each in problem.types}
        self.cases = {each.id: each for each in problem.cases}
        self.judges = {each.id: row for row, each in enumerate(problem.judges)}
        self.rooms = {each.id: row for row, each in enumerate(problem.rooms)}
        self.people = {each.id: row for row, each in enumerate(problem.people)}
        self.rows = {each.id: row for row, each in enumerate(problem.hearings)}
        self.followers = {each.after: row for row, each in enumerate(problem.hearings) if each.after is not None}
        self.authorities = {each: row for row, each in enumerate(_authorities(problem))}

    def entries(self) -> Iterable[Entry]:
        """Yield the entry of each hearing, in their order."""
        return map(self._entry, self.problem.hearings)

    def _entry(self, hearing: Hearing) -> Entry:
        case, kind, prices = self.cases[hearing.case], self.types[hearing.type], self.problem.prices
        ready = listed_from(self.sittings, hearing, kind.list_at_quantile)
        wait_price = prices.wait * hearing.wait_weight
        late_price = prices.late * case.late_weight if kind.is_final else 0
        limit = max(0, self.sittings.position(case.late_from))
        own, others = self._judges(case.judge, case.excluded_judges)
        unheard = self.sittings.count + prices.unlisted_after_sessions
        move_price = prices.move if hearing.present is not None else 0
        unlisted = wait_price * max(0, unheard - ready) + late_price * max(0, unheard + hearing.length_sessions - limit)
        return Entry(
            length=hearing.length_sessions,
            units=hearing.units,
            window=self._window(hearing, ready, kind.starts_in_morning),
            **self._attendance(hearing),
            span=min(SPAN_OF_A_DAY, hearing.length_sessions),
            ready=ready,
            wait_price=wait_price,
            late_price=late_price,
            limit=limit,
            own=own,
            others=others,
            change_price=prices.judge_change * kind.judge_change_weight,
            before=-1 if hearing.after is None else self.rows[hearing.after],
            after=self.followers.get(hearing.id, -1),
            gap=hearing.gap_sessions,
            rooms=self._rooms(hearing),
            present=_spot(self.sittings, self.judges, self.rooms, hearing.present),
            is_held=hearing.hold != "free",
            move_price=move_price,
            unlisted_price=unlisted + prices.unlisted + move_price,
            authority=self.authorities[case.authority],
        )

    def _judges(self, own: str, excluded: tuple[str, ...]) -> tuple[int, tuple[int, ...]]:
        """Return the allocated judge and the others who may hear it."""
        row = self.judges[own]
        barred = {self.judges[each] for each in excluded}
        others = tuple(judge for judge in range(len(self.judges)) if judge != row and judge not in barred)
        return (-1 if row in barred else row), others

    def _window(self, hearing: Hearing, ready: int, starts_in_morning: bool) -> int:
        last = self.sittings.count - hearing.length_sessions
        window = (1 << (last + 1)) - 1 if last >= 0 else 0
        if starts_in_morning:
            window &= int("01" * (self.sittings.count // 2), 2)
        return window & (-1 << max(0, ready))

    def _attendance(self, hearing: Hearing) -> dict[str, tuple[int, ...]]:
        parts: dict[str, list[int]] = {"whole": [], "first_day": [], "last_day": []}
        for each in hearing.attendance:
            parts[each.part].append(self.people[each.person])
        everyone = [person for part in parts.values() for person in part]
        named = {"everyone": everyone, "whole": parts["whole"], "first": parts["first_day"], "last": parts["last_day"]}
        return {name: tuple(people) for name, people in named.items()}

    def _rooms(self, hearing: Hearing) -> tuple[int, ...]:
        needed = set(hearing.features)
        return tuple(row for row, room in enumerate(self.problem.rooms) if needed <= set(room.features))
