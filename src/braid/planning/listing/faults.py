"""What is wrong between the parts of a listing problem: unknown ids, ids twice, ranges that cannot be.

A fault is a place, a rule and a next step, never the value that stood there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from braid.planning.listing.checker import broken_places
from braid.planning.listing.model import (
    LONGEST_DAYS,
    Absence,
    Hearing,
    Place,
    Problem,
    read_session,
    sittings_of,
)

Fault = tuple[str, str, str]
LARGEST = 1_000_000
"""The largest price, weight or number of sessions that is read."""


def faults(problem: Problem) -> list[Fault]:
    """Return every fault of a problem; those of its horizon alone where it has no sessions."""
    found = list(_horizon(problem))
    if found:
        return found
    found += _twice(problem)
    found += _calendars(problem)
    found += _types(problem)
    found += _cases(problem)
    known = _Known.of(problem)
    for row, hearing in enumerate(problem.hearings):
        found += _hearing(problem, f"hearings[{row}]", hearing)
        found += _references(known, f"hearings[{row}]", hearing)
    return found or [*_chains(problem), *_held(problem)]


@dataclass(frozen=True)
class _Known:
    """The ids of a problem, by its parts."""

    judges: frozenset[str]
    rooms: frozenset[str]
    people: frozenset[str]
    types: frozenset[str]
    cases: frozenset[str]
    hearings: frozenset[str]

    @classmethod
    def of(cls, problem: Problem) -> _Known:
        return cls(**{part.name: frozenset(each.id for each in getattr(problem, part.name)) for part in fields(cls)})


def _horizon(problem: Problem) -> Iterator[Fault]:
    days = (problem.last_date - problem.first_date).days
    if days < 0:
        yield "last_date", "the horizon ends before it begins", "give a last date on or after the first"
    elif days > LONGEST_DAYS:
        yield "last_date", "the horizon is longer than three years", "list a shorter horizon"
    elif not sittings_of(problem).count:
        yield "closed_dates", "no court sits on any day of the horizon", "leave a weekday open"
    if not 1 <= problem.session_units <= 100:
        yield "session_units", "a session has 1 to 100 units", "count units of half an hour"
    for name, price in vars(problem.prices).items():
        if not 0 <= price <= LARGEST:
            yield f"prices.{name}", "a price is a whole number from 0 to a million", "give such a price"


def _twice(problem: Problem) -> Iterator[Fault]:
    for name in ("judges", "rooms", "people", "types", "cases", "hearings"):
        ids = [each.id for each in getattr(problem, name)]
        counted = Counter(ids)
        for row, identifier in enumerate(ids):
            if counted[identifier] > 1:
                yield f"{name}[{row}].id", "two have the same id", "give each its own"
            if not identifier:
                yield f"{name}[{row}].id", "it has no id", "give it one"


def _calendars(problem: Problem) -> Iterator[Fault]:
    for name, field in (("judges", "closed"), ("rooms", "closed"), ("people", "absences")):
        for row, each in enumerate(getattr(problem, name)):
            yield from _absences(f"{name}[{row}].{field}", getattr(each, field))


def _absences(place: str, absences: Iterable[Absence]) -> Iterator[Fault]:
    for row, absence in enumerate(absences):
        ends = read_session(absence.first), read_session(absence.last)
        if None in ends:
            yield f"{place}[{row}]", "a session is named by its date and am or pm", "write it as 2027-01-11 am"
        elif ends[0] > ends[1]:  # type: ignore[operator]
            yield f"{place}[{row}]", "it ends before it begins", "give a last session on or after the first"


def _types(problem: Problem) -> Iterator[Fault]:
    for row, each in enumerate(problem.types):
        if not 0.01 <= each.list_at_quantile <= 0.99:
            yield f"types[{row}].list_at_quantile", "a quantile lies from 0.01 to 0.99", "give such a quantile"
        if not 0 <= each.judge_change_weight <= LARGEST:
            yield f"types[{row}].judge_change_weight", "a weight is a number from 0 to a million", "give such a weight"


def _cases(problem: Problem) -> Iterator[Fault]:
    judges = {judge.id for judge in problem.judges}
    for row, case in enumerate(problem.cases):
        place = f"cases[{row}]"
        if case.judge not in judges:
            yield f"{place}.judge", "there is no such judge", "name one of judges"
        for other, judge in enumerate(case.excluded_judges):
            if judge not in judges:
                yield f"{place}.excluded_judges[{other}]", "there is no such judge", "name one of judges"
        if read_session(case.late_from) is None:
            yield f"{place}.late_from", "a session is named by its date and am or pm", "write it as 2027-01-11 am"
        if not 0 <= case.late_weight <= LARGEST:
            yield f"{place}.late_weight", "a weight is a number from 0 to a million", "give such a weight"


def _hearing(problem: Problem, place: str, hearing: Hearing) -> Iterator[Fault]:
    if not 1 <= hearing.length_sessions <= 2 * LONGEST_DAYS:
        yield f"{place}.length_sessions", "a hearing has at least one session", "give its length in half days"
    if not 1 <= hearing.units <= problem.session_units:
        yield f"{place}.units", "it takes more than a session has, or nothing", "give 1 to session_units"
    if not 0 <= hearing.gap_sessions <= LARGEST:
        yield f"{place}.gap_sessions", "a gap is a number from 0 to a million", "give such a gap"
    if not 0 <= hearing.wait_weight <= LARGEST:
        yield f"{place}.wait_weight", "a weight is a number from 0 to a million", "give such a weight"
    if not 0 <= hearing.ready_spread_sessions <= LARGEST:
        yield f"{place}.ready_spread_sessions", "a spread is not below 0 nor above a million", "give such a spread"
    if read_session(hearing.ready) is None:
        yield f"{place}.ready", "a session is named by its date and am or pm", "write it as 2027-01-11 am"
    if hearing.features and not problem.rooms:
        yield f"{place}.features", "no room can have what it needs: the problem names none", "add rooms or take it out"
    if hearing.present is None and hearing.hold != "free":
        yield f"{place}.hold", "what has no place cannot be held there", "give its present place, or free it"


def _references(known: _Known, place: str, hearing: Hearing) -> Iterator[Fault]:
    for field in ("case", "type"):
        if getattr(hearing, field) not in getattr(known, f"{field}s"):
            yield f"{place}.{field}", f"there is no such {field}", f"name one of {field}s"
    if hearing.after is not None and hearing.after not in known.hearings:
        yield f"{place}.after", "there is no such hearing", "name one of hearings"
    attending = [each.person for each in hearing.attendance]
    for row, person in enumerate(attending):
        if person not in known.people:
            yield f"{place}.attendance[{row}].person", "there is no such person", "name one of people"
        if person in attending[:row]:
            yield f"{place}.attendance[{row}].person", "somebody attends twice", "name each person once"
    if hearing.present is not None:
        yield from _present(known, f"{place}.present", hearing.present)


def _present(known: _Known, place: str, present: Place) -> Iterator[Fault]:
    if present.judge not in known.judges:
        yield f"{place}.judge", "there is no such judge", "name one of judges"
    if present.room is not None and present.room not in known.rooms:
        yield f"{place}.room", "there is no such room", "name one of rooms"
    if read_session(present.start) is None:
        yield f"{place}.start", "a session is named by its date and am or pm", "write it as 2027-01-11 am"


def _chains(problem: Problem) -> Iterator[Fault]:
    """Each hearing follows at most one of its own case, is followed by at most one, and never by itself."""
    hearings = {hearing.id: hearing for hearing in problem.hearings}
    followed = Counter(hearing.after for hearing in problem.hearings)
    for row, hearing in enumerate(problem.hearings):
        if hearing.after is None:
            continue
        if hearings[hearing.after].case != hearing.case:
            yield f"hearings[{row}].after", "it follows a hearing of another case", "name one of the same case"
        if followed[hearing.after] > 1:
            yield f"hearings[{row}].after", "two follow the same hearing", "put them one after the other"
        if _follows_itself(hearings, hearing):
            yield f"hearings[{row}].after", "it follows itself", "let the chain begin somewhere"


def _follows_itself(hearings: dict[str, Hearing], hearing: Hearing) -> bool:
    seen: set[str] = set()
    before = hearing.after
    while before is not None and before not in seen:
        seen.add(before)
        before = hearings[before].after
    return before is not None


def _held(problem: Problem) -> Iterator[Fault]:
    """Hearings that are held where they are must be able to stay there, all of them at once."""
    held = {hearing.id: hearing.present for hearing in problem.hearings if hearing.hold != "free" and hearing.present}
    rows = {hearing.id: row for row, hearing in enumerate(problem.hearings)}
    for broken in broken_places(problem, held):
        stuck = [each for each in broken.about if each in held]
        rule = f"it is held where it cannot be heard: {broken.rule}"
        yield f"hearings[{rows[stuck[0]]}].present" if stuck else "hearings", rule, "free it or change its place"
