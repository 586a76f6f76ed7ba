"""Many areas, one after the other: who attends in two of them is busy in the second where the first has booked them.

An area is one of a designated family judge: its judges hear its cases, so that areas share people alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from braid.planning.contract import Limits
from braid.planning.listing.checker import Reading, attended
from braid.planning.listing.model import Absence, ListingPlan, Problem

Solve = Callable[[Problem, Limits], ListingPlan]


def solve_areas(areas: Mapping[str, Problem], limits: Limits, solve: Solve) -> dict[str, ListingPlan]:
    """Return the plan of each area, in their order, each within `limits`. People share their id across areas."""
    shared = _shared(areas.values())
    busy: dict[str, list[Absence]] = defaultdict(list)
    plans = {}
    for name, problem in areas.items():
        plans[name] = solve(with_busy(problem, busy), limits)
        for person, absence in _booked(problem, plans[name]):
            if person in shared:
                busy[person].append(absence)
    return plans


def with_busy(problem: Problem, busy: Mapping[str, Iterable[Absence]]) -> Problem:
    """Return an area's problem in which people are away where other areas have booked them."""
    people = tuple(
        replace(person, absences=(*person.absences, *busy[person.id])) if person.id in busy else person
        for person in problem.people
    )
    return replace(problem, people=people)


def _shared(areas: Iterable[Problem]) -> set[str]:
    seen: set[str] = set()
    shared: set[str] = set()
    for problem in areas:
        people = {person.id for person in problem.people}
        shared |= seen & people
        seen |= people
    return shared


def _booked(problem: Problem, plan: ListingPlan) -> Iterable[tuple[str, Absence]]:
    reading = Reading.of(problem, plan.placed, plan.unlisted)
    for heard in reading.heard:
        for person, sessions in attended(heard):
            name = reading.sittings.name
            yield person, Absence(name(sessions[0]), name(sessions[-1]))
