"""A court list as pages keep it: the problem, its plan, and what people changed of it since, one change after another.

All of it rests sealed: it holds every hearing of the court. A viewer's own view holds still what they may not see, so
that nothing they do or ask moves it, and nothing of it is in a sum.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from braid.language.documents import Part
from braid.planning.listing.checker import Reading, broken_places, start_of, wait_sessions
from braid.planning.listing.model import SESSIONS_A_WEEK, Hearing, Place, Placed, Problem, sittings_of
from braid.planning.listing.repair import CourtDay
from braid.problems.plans.listing_decisions import DecidedHearing, apply_hearing_decisions
from braid.problems.plans.placement_sheets import LETTERS


@dataclass(frozen=True)
class Parties(Part):
    """Which people a case is about, by person id: the children, and apart from them everybody else who is a party."""

    children: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.children, *self.others)))


@dataclass(frozen=True)
class HearingSheet(Part):
    """One hearing of a court list, and who it is about."""

    reference: str
    hearing: str
    parties: Parties


@dataclass(frozen=True)
class CourtList(Part):
    """A list as it was planned, with what its hearings are called on pages."""

    problem: Problem
    placed: tuple[Placed, ...]
    hearings: Mapping[str, str]
    """By the id of a proposal, its hearing."""
    references: Mapping[str, str]
    """By hearing, what people call it by."""


@dataclass(frozen=True)
class Moved(Part):
    """A hearing, where it was and where a change puts it; nowhere where it has no place."""

    hearing: str
    was: Place | None
    place: Place | None


@dataclass(frozen=True)
class Change(Part):
    """What somebody decided of a hearing, and what became of the list by it."""

    decided: DecidedHearing
    moved: tuple[Moved, ...]


@dataclass(frozen=True)
class Standing:
    """The list as it stands: the problem with what was decided since, and where each hearing is."""

    problem: Problem
    places: Mapping[str, Place]

    @property
    def is_sound(self) -> bool:
        """Whether it passes every rule of the checker."""
        return not broken_places(self.problem, self.places)


@dataclass(frozen=True)
class Amounts:
    """What a list means for hearings. One without a place counts as heard as long after it as its prices say."""

    unlisted: int
    wait_weeks: float
    late: int
    """Final hearings that end after the 26 weeks."""
    judge_changes: int
    moves: int
    """Hearings with a place today that get another start or judge, or lose theirs."""


def stand(planned: CourtList, changes: Iterable[Change]) -> Standing | None:
    """Return the list with changes, in their order; `None` where they do not hold together."""
    applied = list(changes)
    problem, lost = apply_hearing_decisions(planned.problem, [change.decided for change in applied])
    places = {each.hearing: each.place for each in planned.placed}
    for change in applied:
        for each in change.moved:
            places.pop(each.hearing, None)
            if each.place is not None:
                places[each.hearing] = each.place
    found = Standing(problem, {each.id: places[each.id] for each in problem.hearings if each.id in places})
    return None if lost or (applied and not found.is_sound) else found


def hold_still(standing: Standing, seen: Collection[str]) -> Problem:
    """Return the problem in which no hearing moves but those seen."""

    def still(hearing: Hearing) -> Hearing:
        place = standing.places.get(hearing.id)
        return hearing if hearing.id in seen else replace(hearing, hold="frozen", present=place)

    return replace(standing.problem, hearings=tuple(map(still, standing.problem.hearings)))


def without_unseen_people(problem: Problem, seen: Collection[str]) -> Problem:
    """Return the problem without who attends the hearings that are not seen: what is told of it names none of them."""
    kept = (each if each.id in seen else replace(each, attendance=()) for each in problem.hearings)
    return replace(problem, hearings=tuple(kept))


def only_seen(standing: Standing, seen: Collection[str]) -> Problem:
    """Return the problem in which hearings that are not seen stand still, or are not there where they have no place.

    Who attends them is left out, so that no figure of it tells whom they need.
    """
    problem = without_unseen_people(hold_still(standing, seen), seen)
    kept = {each.id for each in problem.hearings if each.id in seen or each.id in standing.places}
    return replace(
        problem,
        hearings=tuple(
            each if each.after in kept else replace(each, after=None, gap_sessions=0)
            for each in problem.hearings
            if each.id in kept
        ),
    )


def lock(standing: Standing, hearing: str) -> Change:
    """Return the change by which a hearing stays where the list has it. Raises KeyError where it has no place."""
    place = standing.places[hearing]
    return Change(DecidedHearing(hearing, place=place), (Moved(hearing, place, place),))


def move(standing: Standing, seen: Collection[str], hearing: str, place: Place) -> Change:
    """Return the change by which a hearing gets another place, its sessions given to who is ready.

    Raises ValueError where the rules do not allow it.
    """
    problem = hold_still(standing, seen)
    first = sittings_of(problem).name(0)
    repaired = CourtDay(problem, standing.places).move(hearing, place, first)
    return Change(DecidedHearing(hearing, place=place), _differences(standing, repaired.places, {hearing}))


def veto(standing: Standing, seen: Collection[str], decided: DecidedHearing) -> Change | None:
    """Return the change by which a hearing is refused where it is, and the list repaired; `None` where none can be.

    With a judge go all hearings of the case that are before them.
    """
    problem, lost = apply_hearing_decisions(standing.problem, [decided])
    if lost:
        return None
    after = Standing(problem, standing.places)
    day = CourtDay(hold_still(after, seen), standing.places)
    first = day.docket.sittings.name(0)
    for hearing in _vacated(after, decided):
        if hearing.hold == "locked":
            return None
        here = day.find_place(hearing.id)
        if here is not None and decided.excluded_judge in (None, here.judge):
            day.vacate(hearing.id, hearing.ready, first, is_later=decided.excluded_judge is None)
    places = day.docket.places(day.diary.spots)
    if not Standing(problem, places).is_sound:
        return None
    return Change(decided, _differences(standing, places, {decided.hearing}))


def _vacated(standing: Standing, decided: DecidedHearing) -> Iterator[Hearing]:
    hearings = {each.id: each for each in standing.problem.hearings}
    refused = hearings[decided.hearing]
    if decided.excluded_judge is None:
        yield refused
        return
    before = {name for name, place in standing.places.items() if place.judge == decided.excluded_judge}
    of_case = [each for each in standing.problem.hearings if each.case == refused.case and each.id in before]
    yield from sorted(of_case, key=lambda each: sittings_of(standing.problem).position(standing.places[each.id].start))


def _differences(standing: Standing, places: Mapping[str, Place], always: Collection[str]) -> tuple[Moved, ...]:
    names = [each.id for each in standing.problem.hearings]
    return tuple(
        Moved(name, standing.places.get(name), places.get(name))
        for name in names
        if name in always or places.get(name) != standing.places.get(name)
    )


def amounts_of(problem: Problem, places: Mapping[str, Place], seen: Collection[str]) -> Amounts:
    """Return what a list means for the hearings seen."""
    reading = Reading.of(problem, tuple(Placed(name, place) for name, place in places.items()), ())
    hearings = [each for each in problem.hearings if each.id in seen]
    heard = [reading.first[each.id] for each in hearings if each.id in reading.first]
    return Amounts(
        unlisted=len(hearings) - len(heard),
        wait_weeks=sum(wait_sessions(reading, each) for each in hearings) / SESSIONS_A_WEEK,
        late=sum(_is_late(reading, each) for each in hearings),
        judge_changes=sum(each.place.judge != reading.case_of(each.hearing).judge for each in heard),
        moves=sum(is_move(each, places.get(each.id)) for each in hearings),
    )


def _is_late(reading: Reading, hearing: Hearing) -> bool:
    limit = max(0, reading.sittings.position(reading.case_of(hearing).late_from))
    return reading.type_of(hearing).is_final and start_of(reading, hearing) + hearing.length_sessions > limit


def is_move(hearing: Hearing, place: Place | None) -> bool:
    """Whether a hearing that has a place today gets another start or judge, or loses it; another room is no move."""
    was = hearing.present
    return was is not None and (place is None or (was.judge, was.start) != (place.judge, place.start))


def present_places(problem: Problem) -> dict[str, Place]:
    """Return where hearings are listed today."""
    return {each.id: each.present for each in problem.hearings if each.present is not None}


def reference_of_hearing(key: bytes, hearing: str) -> str:
    """Return what a hearing is called by, such as `HE-7K3M-42X`: by a keyed hash, the same in every plan."""
    number = int.from_bytes(hmac.digest(key, f"hearing\x1f{hearing}".encode(), "sha256")[:8], "big")
    letters = ""
    for _ in range(7):
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return f"HE-{letters[:4]}-{letters[4:]}"


def token_of_hearing(key: bytes, hearing: str) -> str:
    """Return a hearing as a keyed hash (hexadecimal): answers find their proposal again by it."""
    return hmac.digest(key, f"hearing token\x1f{hearing}".encode(), "sha256").hex()
