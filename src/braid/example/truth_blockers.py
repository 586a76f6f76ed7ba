"""The true blockers: which open wait is held up by what, by the rules of the problem statements.

Written apart from the chain's own rules on purpose, so that one can be held against the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from braid.example.calendar import CLOSED_DAYS, TERMS
from braid.example.model import World
from braid.example.records import CrownCase, FamilyCase
from braid.example.truth_waits import TrueWait, supported_victims
from braid.language.codes import HEARING_CANCELLATION_GROUPS

HOMES = ("register", "temporary_accommodation")
OUTCOME_LETTER_SCHOOL_DAYS = 15
_NO_FAULT = ("external", "not_a_failure")


class TrueBlocker(NamedTuple):
    """A person's wait that is held up, and by what."""

    person: int
    rule: str
    held_kind: str
    holder_type: str
    holder_kind: str
    holder_person: int | None = None
    """Whose wait holds it, where that is somebody else's."""


def true_blockers(world: World, waits: Iterable[TrueWait]) -> list[TrueBlocker]:
    """Return the distinct blockers among the waits open on the as-of date, sorted."""
    open_kinds: dict[int, set[str]] = defaultdict(set)
    for wait in waits:
        if wait.stop is None:
            open_kinds[wait.person].add(wait.kind)
    found = {
        *_same_person(open_kinds),
        *_letters(world),
        *_trials(world, open_kinds),
        *_care_cases(world, open_kinds),
    }
    return sorted(found)


_SAME_PERSON = (
    ("ta_waits_for_letting", "temporary_accommodation", ("register",)),
    ("bnb_waits_for_letting", "bnb_family", ("register",)),
    ("ehc_decision_waits_for_address", "ehcp_decision", ("temporary_accommodation",)),
    ("ehc_plan_waits_for_address", "ehcp_plan", ("temporary_accommodation",)),
    ("school_place_waits_for_address", "in_year_admission", ("temporary_accommodation",)),
    ("therapy_waits_for_home", "therapy", HOMES),
    ("assessment_outstanding", "care_proceedings", ("cf_assessment",)),
)


def _same_person(open_kinds: dict[int, set[str]]) -> Iterator[TrueBlocker]:
    for person, kinds in open_kinds.items():
        for rule, held, holders in _SAME_PERSON:
            for holder in holders:
                if held in kinds and holder in kinds:
                    yield TrueBlocker(person, rule, held, "wait", holder)


def _letters(world: World) -> Iterator[TrueBlocker]:
    """An application without an outcome letter whose 15th school day is over."""
    for admission in world.admissions:
        is_open = admission.answered is None and admission.withdrawn is None
        if is_open and school_days_over(world, admission.applied) >= OUTCOME_LETTER_SCHOOL_DAYS:
            yield TrueBlocker(
                admission.person, "school_place_without_outcome", "in_year_admission", "evidence", "outcome_letter"
            )


def school_days_over(world: World, day: date) -> int:
    """Return how many school days lie between a day and the as-of date, both left out."""
    count, each = 0, day + timedelta(days=1)
    while each < world.as_of:
        in_term = any(first <= each <= last for first, last in TERMS)
        count += in_term and each.weekday() < 5 and each not in CLOSED_DAYS
        each += timedelta(days=1)
    return count


def _trials(world: World, open_kinds: dict[int, set[str]]) -> Iterator[TrueBlocker]:
    supported = supported_victims(world)
    for case in world.crown_cases:
        victims = [person for person in case.victims if (person, case.urn) in supported]
        for victim in victims if case.closed is None else []:
            if "therapy" in open_kinds[victim]:
                yield TrueBlocker(victim, "therapy_waits_for_trial", "therapy", "wait", "crown_trial")
            if not _has_date(world, case):
                yield TrueBlocker(victim, "trial_has_no_date", "crown_trial", "capacity", "hearing")


def _has_date(world: World, case: CrownCase) -> bool:
    return any(hearing.day >= world.as_of for hearing in case.hearings)


def _care_cases(world: World, open_kinds: dict[int, set[str]]) -> Iterator[TrueBlocker]:
    accused = {person for case in world.crown_cases if case.closed is None for person, _ in case.defendants}
    for case in world.family_cases:
        if case.closed is None:
            for child in case.children:
                yield from _care_case(world, case, child, accused, lambda k: open_kinds[k])


def _care_case(
    world: World, case: FamilyCase, child: int, accused: set[int], kinds: Callable[[int], set[str]]
) -> Iterator[TrueBlocker]:
    held = "care_proceedings"
    group = _latest_failure(world, case)
    if group:
        yield TrueBlocker(child, "hearing_adjourned", held, "evidence", group)
    for parent, _ in case.respondents:
        if parent in accused:
            yield TrueBlocker(child, "parallel_criminal_case", held, "wait", "crown_trial", parent)
        if "rtt" in kinds(parent):
            yield TrueBlocker(child, "parent_waits_for_treatment", held, "wait", "rtt", parent)
        for home in HOMES:
            if home in kinds(parent):
                yield TrueBlocker(child, "family_waits_for_home", held, "wait", home, parent)


def _latest_failure(world: World, case: FamilyCase) -> str:
    """Return the cause group of the case's latest hearing up to the as-of date if it failed; empty text otherwise.

    A hearing counts by the day it was listed for; one that was held on or after that day clears the failure.
    """
    past = [hearing for hearing in case.hearings if hearing.day <= world.as_of]
    if not past:
        return ""
    latest = max(past, key=lambda hearing: (hearing.day, hearing.failed is None))
    if latest.failed is None:
        return ""
    group = HEARING_CANCELLATION_GROUPS[latest.reason]
    return "" if group in _NO_FAULT else group
