"""Why a hearing is late, unlisted, moved, or not heard earlier: what was binding, session by session.

Nothing here is about safety: who attends is seen by whoever may see the hearing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from braid.planning.contract import Binding, Reason
from braid.planning.listing.checker import Heard, Reading, attended, start_of
from braid.planning.listing.model import Hearing, Place, Placed, Problem

MOST_BINDINGS = 8
"""Lines of one reason: those that rule out most."""


def reasons_of(problem: Problem, places: Mapping[str, Place]) -> tuple[Reason, ...]:
    """Return why each hearing without a place has none, why each late one is late, and each moved one moved."""
    court = _Court(problem, places)
    reasons = []
    for hearing in problem.hearings:
        about = _about(court.reading, hearing)
        if about:
            reasons.append(Reason(hearing.id, about, court.bindings(hearing)))
    return tuple(reasons)


def why_not_earlier(problem: Problem, places: Mapping[str, Place], hearing_id: str) -> Reason:
    """Return what keeps one hearing from every session before its own. Raises KeyError for an unknown hearing."""
    court = _Court(problem, places)
    hearing = court.reading.hearings[hearing_id]
    return Reason(hearing_id, "not_earlier", court.bindings(hearing))


def _about(reading: Reading, hearing: Hearing) -> str:
    heard = reading.first.get(hearing.id)
    if heard is None:
        return "unlisted"
    if hearing.present is not None and (heard.place.judge, heard.place.start) != (
        hearing.present.judge,
        hearing.present.start,
    ):
        return "moved"
    limit = max(0, reading.sittings.position(reading.case_of(hearing).late_from))
    return "late" if reading.type_of(hearing).is_final and heard.end > limit else ""


class _Court:
    """A list, and who is where in each session of it."""

    def __init__(self, problem: Problem, places: Mapping[str, Place]) -> None:
        placed = tuple(Placed(hearing, place) for hearing, place in places.items())
        self.reading = Reading.of(problem, placed, ())
        positions = self.reading.sittings.positions
        self.absent = {
            each.id: {at for first, last in positions(each.absences) for at in range(first, last + 1)}
            for each in problem.people
        }
        self.closed = {
            each.id: {at for first, last in positions(each.closed) for at in range(first, last + 1)}
            for each in problem.judges
        }
        self.attending: dict[tuple[str, int], str] = {}
        self.load: Counter[tuple[str, int]] = Counter()
        for heard in self.reading.heard:
            for person, sessions in attended(heard):
                self.attending.update({(person, session): heard.hearing.id for session in sessions})
            for session in heard.sessions:
                self.load[heard.place.judge, session] += heard.hearing.units

    def bindings(self, hearing: Hearing) -> tuple[Binding, ...]:
        """Return what rules out the starts before a hearing's own, what rules out most first."""
        ready, end = self.reading.ready(hearing), self._end(hearing)
        found = list(self._chain(hearing, ready, end))
        counted: Counter[tuple[str, str]] = Counter()
        first: dict[tuple[str, str], int] = {}
        for start in range(max(0, ready, self._floor(hearing)), end):
            for rule in self._ruled_out(hearing, start):
                counted[rule] += 1
                first.setdefault(rule, start)
        name = self.reading.sittings.name
        found += [
            Binding(rule, resource, name(first[rule, resource]), times)
            for (rule, resource), times in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        ]
        return tuple(found[:MOST_BINDINGS])

    def _end(self, hearing: Hearing) -> int:
        last = self.reading.sittings.count - hearing.length_sessions + 1
        return min(start_of(self.reading, hearing), max(0, last))

    def _floor(self, hearing: Hearing) -> int:
        before = None if hearing.after is None else self.reading.first.get(hearing.after)
        return 0 if before is None else before.end + hearing.gap_sessions

    def _chain(self, hearing: Hearing, ready: int, end: int) -> Iterator[Binding]:
        name, floor = self.reading.sittings.name, self._floor(hearing)
        if ready > 0:
            yield Binding("ready", hearing.id, name(ready), ready)
        if hearing.after is not None and hearing.after not in self.reading.first:
            yield Binding("before_unlisted", hearing.after, "", max(0, end - max(0, ready)))
        elif floor > max(0, ready):
            yield Binding("gap", str(hearing.after), name(floor), floor - max(0, ready))

    def _ruled_out(self, hearing: Hearing, start: int) -> Iterator[tuple[str, str]]:
        """Yield what keeps a hearing from a start before its allocated judge, each thing once."""
        judge = self.reading.case_of(hearing).judge
        heard = Heard(hearing, Place(judge, "", None), start)
        if self.reading.type_of(hearing).starts_in_morning and start % 2:
            yield "morning", hearing.type
            return
        if any(session in self.closed[judge] for session in heard.sessions):
            yield "judge_closed", judge
        elif any(self._is_full(hearing, judge, session) for session in heard.sessions):
            yield "judge_full", judge
        for person, sessions in attended(heard):
            if any(session in self.absent[person] for session in sessions):
                yield "person_absent", person
            elif any(self.attending.get((person, session), hearing.id) != hearing.id for session in sessions):
                yield "person_elsewhere", person

    def _is_full(self, hearing: Hearing, judge: str, session: int) -> bool:
        own = self.reading.first.get(hearing.id)
        mine = hearing.units if own and own.place.judge == judge and session in own.sessions else 0
        return self.load[judge, session] - mine + hearing.units > self.reading.problem.session_units
