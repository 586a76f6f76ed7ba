"""Whether a list may be shown: every hard rule and the whole objective derived again from problem and plan.

Plain Python, apart from every engine. A plan may name anything: what the problem does not know, twice, or nowhere. Each
of those is a broken rule, never an error.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from braid.language.documents import fingerprint
from braid.planning.contract import Broken, Checked, Level, broken_certificate
from braid.planning.listing.model import (
    SESSIONS_A_WEEK,
    SPAN_OF_A_DAY,
    Absence,
    Case,
    Hearing,
    HearingType,
    Judge,
    ListingPlan,
    Person,
    Place,
    Placed,
    Problem,
    Room,
    Sittings,
    listed_from,
    sittings_of,
)


@dataclass(frozen=True)
class Heard:
    """A known hearing that a plan gives a start inside the horizon, with positions for names."""

    hearing: Hearing
    place: Place
    start: int

    @property
    def end(self) -> int:
        """The position after its last session."""
        return self.start + self.hearing.length_sessions

    @property
    def sessions(self) -> range:
        """The positions of its sessions."""
        return range(self.start, self.end)


@dataclass(frozen=True)
class Reading:
    """A problem and a plan with what the rules look up, by id."""

    problem: Problem
    placed: tuple[Placed, ...]
    unlisted: tuple[str, ...]
    sittings: Sittings
    hearings: Mapping[str, Hearing]
    cases: Mapping[str, Case]
    types: Mapping[str, HearingType]
    judges: Mapping[str, Judge]
    rooms: Mapping[str, Room]
    people: Mapping[str, Person]
    heard: tuple[Heard, ...]
    first: Mapping[str, Heard]
    """The first place that the plan gives each hearing."""

    @classmethod
    def of(cls, problem: Problem, placed: tuple[Placed, ...], unlisted: tuple[str, ...]) -> Reading:
        """Return what the rules read; what cannot be looked up stays in `placed` alone."""
        sittings = sittings_of(problem)
        hearings = {each.id: each for each in problem.hearings}
        heard = []
        for each in placed:
            start = sittings.find(each.place.start)
            if start is not None and each.hearing in hearings:
                heard.append(Heard(hearings[each.hearing], each.place, start))
        return cls(
            problem,
            placed,
            unlisted,
            sittings,
            hearings,
            {each.id: each for each in problem.cases},
            {each.id: each for each in problem.types},
            {each.id: each for each in problem.judges},
            {each.id: each for each in problem.rooms},
            {each.id: each for each in problem.people},
            tuple(heard),
            {each.hearing.id: each for each in reversed(heard)},
        )

    def type_of(self, hearing: Hearing) -> HearingType:
        """Return the type of a hearing."""
        return self.types[hearing.type]

    def case_of(self, hearing: Hearing) -> Case:
        """Return the case of a hearing."""
        return self.cases[hearing.case]

    def ready(self, hearing: Hearing) -> int:
        """Return the position from which a hearing may be listed."""
        return listed_from(self.sittings, hearing, self.type_of(hearing).list_at_quantile)


def check(problem: Problem, plan: ListingPlan) -> Checked:
    """Return every broken hard rule of a plan, its certificate's included, and what the plan is worth by level."""
    reading = Reading.of(problem, plan.placed, plan.unlisted)
    levels = levels_of(reading)
    broken = [each for rule in RULES for each in rule(reading)]
    broken += broken_certificate(plan.certificate, levels, fingerprint(problem))
    return Checked(tuple(broken), levels)


def broken_places(problem: Problem, places: Mapping[str, Place]) -> list[Broken]:
    """Return the hard rules that hearings break at given places, whatever becomes of all others."""
    placed = tuple(Placed(hearing, place) for hearing, place in places.items())
    reading = Reading.of(problem, placed, ())
    return [each for rule in RULES if rule is not hearings_are_accounted_for for each in rule(reading)]


def value_levels(problem: Problem, places: Mapping[str, Place]) -> tuple[Level, ...]:
    """Return what hearings at given places are worth by level; all others count as unlisted."""
    placed = tuple(Placed(hearing, place) for hearing, place in places.items())
    return levels_of(Reading.of(problem, placed, ()))


# Each rule says where a plan breaks it. Its code in the documentation is the code of what it yields.


def hearings_are_accounted_for(reading: Reading) -> Iterator[Broken]:
    """Every hearing of the problem is placed once or named as unlisted once."""
    named = Counter([each.hearing for each in reading.placed] + list(reading.unlisted))
    for hearing in reading.problem.hearings:
        if named[hearing.id] != 1:
            yield Broken("missing" if named[hearing.id] == 0 else "twice", (hearing.id,))


def names_are_known(reading: Reading) -> Iterator[Broken]:
    """A plan names hearings, judges, rooms and sessions of its problem alone."""
    for each in reading.placed:
        if each.hearing not in reading.hearings:
            yield Broken("unknown_hearing", (each.hearing,))
        if each.place.judge not in reading.judges:
            yield Broken("unknown_judge", (each.hearing, each.place.judge))
        if reading.sittings.find(each.place.start) is None:
            yield Broken("unknown_session", (each.hearing, each.place.start))
    for hearing in reading.unlisted:
        if hearing not in reading.hearings:
            yield Broken("unknown_hearing", (hearing,))


def rooms_are_named(reading: Reading) -> Iterator[Broken]:
    """Where the problem has rooms every hearing has one of them, and none where it has none."""
    for each in reading.placed:
        room = each.place.room
        if (room is not None and room not in reading.rooms) or (room is None and reading.rooms):
            yield Broken("unknown_room", (each.hearing, room or ""))


def hearings_end_in_time(reading: Reading) -> Iterator[Broken]:
    """A hearing ends inside the horizon."""
    for each in reading.heard:
        if each.end > reading.sittings.count:
            yield Broken("after_horizon", (each.hearing.id,))


def mornings_are_kept(reading: Reading) -> Iterator[Broken]:
    """What starts in the morning does so."""
    for each in reading.heard:
        if reading.type_of(each.hearing).starts_in_morning and each.start % 2:
            yield Broken("not_morning", (each.hearing.id,))


def hearings_are_ready(reading: Reading) -> Iterator[Broken]:
    """No hearing starts before it may be listed, but one that is held where it is."""
    for each in reading.heard:
        if each.hearing.hold == "free" and each.start < reading.ready(each.hearing):
            yield Broken("not_ready", (each.hearing.id,))


def judges_sit(reading: Reading) -> Iterator[Broken]:
    """The judge sits in every session of the hearing."""
    closed = _closed(reading, {judge.id: judge.closed for judge in reading.problem.judges})
    for each in reading.heard:
        if closed.get(each.place.judge, set()) & set(each.sessions):
            yield Broken("judge_closed", (each.hearing.id, each.place.judge))


def judges_may_hear(reading: Reading) -> Iterator[Broken]:
    """No judge hears a case from which they are excluded."""
    for each in reading.heard:
        if each.place.judge in reading.case_of(each.hearing).excluded_judges:
            yield Broken("judge_excluded", (each.hearing.id, each.place.judge))


def judges_have_room(reading: Reading) -> Iterator[Broken]:
    """The hearings of a judge in one session take no more units than it has."""
    load: Counter[tuple[str | None, int]] = Counter()
    for each in reading.heard:
        for session in each.sessions:
            load[each.place.judge, session] += each.hearing.units
    full = {at for at, units in load.items() if units > reading.problem.session_units}
    yield from _clashes("judge_full", reading, full, lambda each: each.place.judge)


def rooms_are_open(reading: Reading) -> Iterator[Broken]:
    """The room is open in every session of the hearing."""
    closed = _closed(reading, {room.id: room.closed for room in reading.problem.rooms})
    for each in reading.heard:
        if each.place.room is not None and closed.get(each.place.room, set()) & set(each.sessions):
            yield Broken("room_closed", (each.hearing.id, each.place.room))


def rooms_have_features(reading: Reading) -> Iterator[Broken]:
    """The room has what the hearing needs."""
    for each in reading.heard:
        room = reading.rooms.get(each.place.room or "")
        if room is not None and not set(each.hearing.features) <= set(room.features):
            yield Broken("room_lacks", (each.hearing.id, room.id))


def rooms_have_one_judge(reading: Reading) -> Iterator[Broken]:
    """In one session a room has one judge."""
    judges: dict[tuple[str | None, int], set[str]] = defaultdict(set)
    for each in reading.heard:
        for session in each.sessions:
            judges[each.place.room, session].add(each.place.judge)
    shared = {(room, session) for (room, session), who in judges.items() if room is not None and len(who) > 1}
    yield from _clashes("room_shared", reading, shared, lambda each: each.place.room)


def judges_have_one_room(reading: Reading) -> Iterator[Broken]:
    """In one session a judge sits in one room."""
    rooms: dict[tuple[str | None, int], set[str | None]] = defaultdict(set)
    for each in reading.heard:
        for session in each.sessions:
            rooms[each.place.judge, session].add(each.place.room)
    split = {at for at, where in rooms.items() if len(where) > 1}
    yield from _clashes("judge_in_two_rooms", reading, split, lambda each: each.place.judge)


def people_can_attend(reading: Reading) -> Iterator[Broken]:
    """Nobody is absent from a session that they attend."""
    absent = _closed(reading, {person.id: person.absences for person in reading.problem.people})
    for each in reading.heard:
        for person, sessions in attended(each):
            if absent.get(person, set()) & set(sessions):
                yield Broken("person_absent", (each.hearing.id, person))


def people_attend_once(reading: Reading) -> Iterator[Broken]:
    """Nobody attends two hearings in one session."""
    attending = Counter(
        (p, session) for each in reading.heard for p, sessions in attended(each) for session in sessions
    )
    for (person, session), times in sorted(attending.items()):
        if times > 1:
            both = [each.hearing.id for each in reading.heard if _attends(each, person, session)]
            yield Broken("person_twice", (*both, person))


def hearings_follow_each_other(reading: Reading) -> Iterator[Broken]:
    """A hearing is listed after the one before it is, and no sooner after its end than its gap.

    What is held where it is stands even where the one before it finds no place; two held hearings stand as they are.
    """
    for each in reading.heard:
        before = each.hearing.after
        is_held = each.hearing.hold != "free"
        if before is None:
            continue
        if before not in reading.first:
            if not is_held:
                yield Broken("before_unlisted", (each.hearing.id, before))
            continue
        too_soon = each.start < reading.first[before].end + each.hearing.gap_sessions
        if too_soon and not (is_held and reading.hearings[before].hold != "free"):
            yield Broken("gap", (each.hearing.id, before))


def held_hearings_stay(reading: Reading) -> Iterator[Broken]:
    """What is frozen or locked stays at its place, its room included."""
    for hearing in reading.problem.hearings:
        if hearing.hold == "free":
            continue
        if hearing.id not in reading.first or reading.first[hearing.id].place != hearing.present:
            yield Broken("held_moved", (hearing.id,))


RULES: tuple[Callable[[Reading], Iterable[Broken]], ...] = (
    hearings_are_accounted_for,
    names_are_known,
    rooms_are_named,
    hearings_end_in_time,
    mornings_are_kept,
    hearings_are_ready,
    judges_sit,
    judges_may_hear,
    judges_have_room,
    rooms_are_open,
    rooms_have_features,
    rooms_have_one_judge,
    judges_have_one_room,
    people_can_attend,
    people_attend_once,
    hearings_follow_each_other,
    held_hearings_stay,
)
"""Every hard rule. What a plan breaks is shown to nobody: the plan is refused."""


def attended(each: Heard) -> Iterator[tuple[str, range]]:
    """Yield who attends a hearing in which of its sessions."""
    span = min(SPAN_OF_A_DAY, each.hearing.length_sessions)
    for attendance in each.hearing.attendance:
        if attendance.part == "whole":
            yield attendance.person, each.sessions
        elif attendance.part == "first_day":
            yield attendance.person, range(each.start, each.start + span)
        else:
            yield attendance.person, range(each.end - span, each.end)


def _attends(each: Heard, person: str, session: int) -> bool:
    return any(who == person and session in sessions for who, sessions in attended(each))


def _closed(reading: Reading, absences: Mapping[str, Iterable[Absence]]) -> dict[str, set[int]]:
    """Return the positions in which each is away."""
    return {
        who: {at for first, last in reading.sittings.positions(spans) for at in range(first, last + 1)}
        for who, spans in absences.items()
    }


def _clashes(
    rule: str, reading: Reading, at: Set[tuple[str | None, int]], resource_of: Callable[[Heard], str | None]
) -> Iterator[Broken]:
    """Yield one broken rule for each hearing that takes part in a clash of a resource in a session."""
    for each in reading.heard:
        resource = resource_of(each)
        if any((resource, session) in at for session in each.sessions):
            yield Broken(rule, (each.hearing.id, resource or ""))


def levels_of(reading: Reading) -> tuple[Level, ...]:
    """Return what the plan is worth by level, the most important first."""
    prices = reading.problem.prices
    hearings = reading.problem.hearings
    return (
        Level("unlisted", float(sum(each.id not in reading.first for each in hearings)), float(prices.unlisted)),
        Level("late_sessions", float(sum(_late(reading, each) for each in hearings)), float(prices.late)),
        Level("waited_sessions", float(sum(_waited(reading, each) for each in hearings)), float(prices.wait)),
        Level("judge_changes", float(sum(_changed(reading, each) for each in hearings)), float(prices.judge_change)),
        Level("spread_weeks", spread_weeks(reading), float(prices.spread)),
        Level("moves", float(sum(_moved(reading, each) for each in hearings)), float(prices.move)),
    )


def start_of(reading: Reading, hearing: Hearing) -> int:
    """Return where a hearing starts; without a place, so many sessions past the horizon as the prices say."""
    heard = reading.first.get(hearing.id)
    return heard.start if heard else reading.sittings.count + reading.problem.prices.unlisted_after_sessions


def wait_sessions(reading: Reading, hearing: Hearing) -> int:
    """Return how many sessions a hearing waits after it may be listed."""
    return max(0, start_of(reading, hearing) - reading.ready(hearing))


def _waited(reading: Reading, hearing: Hearing) -> int:
    return hearing.wait_weight * wait_sessions(reading, hearing)


def _late(reading: Reading, hearing: Hearing) -> int:
    if not reading.type_of(hearing).is_final:
        return 0
    case = reading.case_of(hearing)
    limit = max(0, reading.sittings.position(case.late_from))
    return case.late_weight * max(0, start_of(reading, hearing) + hearing.length_sessions - limit)


def _changed(reading: Reading, hearing: Hearing) -> int:
    heard = reading.first.get(hearing.id)
    if heard is None or heard.place.judge == reading.case_of(hearing).judge:
        return 0
    return reading.type_of(hearing).judge_change_weight


def _moved(reading: Reading, hearing: Hearing) -> int:
    """Return 1 where a hearing with a place loses it or gets another start or judge; another room is no move."""
    heard = reading.first.get(hearing.id)
    if hearing.present is None:
        return 0
    return heard is None or (heard.place.judge, heard.place.start) != (hearing.present.judge, hearing.present.start)


def spread_weeks(reading: Reading) -> float:
    """Return the weeks between the longest and the shortest mean wait of an authority's hearings."""
    means = mean_wait_weeks(reading).values()
    return max(means) - min(means) if means else 0.0


def mean_wait_weeks(reading: Reading) -> dict[str, float]:
    """Return the mean wait in weeks between readiness and hearing, by authority in order of their names."""
    waits = defaultdict(list)
    for hearing in reading.problem.hearings:
        waits[reading.case_of(hearing).authority].append(wait_sessions(reading, hearing))
    return {who: sum(each) / len(each) / SESSIONS_A_WEEK for who, each in sorted(waits.items())}
