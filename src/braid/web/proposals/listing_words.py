"""Court lists in words: sessions, places, why a hearing is not earlier, what was decided and what became of it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from braid.planning.contract import Binding
from braid.planning.listing.model import Hearing, Place, Sittings, read_session
from braid.problems.plans.court_lists import Change, Moved
from braid.problems.plans.listing_decisions import DecidedHearing

HALVES = ("morning", "afternoon")
PARTS = {"whole": "the whole of it", "first_day": "its first day", "last_day": "its last day"}

ROLES = {
    "APPL": "applicant",
    "CHIL": "child",
    "GRDN": "guardian",
    "INTP": "interpreter",
    "LAPP": "local authority",
    "LGRP": "legal representative",
    "RESP": "respondent",
    "SWKR": "social worker",
}
"""Roles of parties by the codes that hearing requests have; any other reads as it is written."""


def role_words(code: str) -> str:
    """Return the role of somebody who attends."""
    return ROLES.get(code, code_words(code))


TYPES = {
    "CMH": "case management",
    "FCM": "further case management",
    "IRH": "issues resolution",
    "FNL": "final hearing",
}
"""Kinds of hearings by the end of their code, as practice direction 12A calls them."""


def type_words(code: str) -> str:
    """Return a kind of hearing; one that is not known reads as it is written."""
    return TYPES.get(code.rpartition("-")[2], code_words(code))


def code_words(code: str) -> str:
    """Return a code of the court's as words."""
    return code.replace("_", " ")


def day_words(day: dt.date) -> str:
    """Return a day with its weekday: Mon 11 Jan 2027."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def session_words(session: str) -> str:
    """Return a session as people say it: Mon 11 Jan 2027, morning."""
    read = read_session(session)
    return session if read is None else f"{day_words(read[0])}, {HALVES[read[1]]}"


def span_words(sittings: Sittings, first: int, last: int) -> str:
    """Return sessions from one to another, both included: days where they are whole, else with their halves."""
    (begin, morning), (end, afternoon) = (divmod(at, 2) for at in (first, last))
    days = [_short(sittings, day) for day in (begin, end)]
    if (morning, afternoon) == (0, 1):
        return days[0] if begin == end else f"{days[0]} to {days[1]}"
    if first == last:
        return f"{days[0]} {HALVES[morning]}"
    return f"{days[0]} {HALVES[morning]} to {days[1]} {HALVES[afternoon]}"


def _short(sittings: Sittings, day: int) -> str:
    when, _ = read_session(sittings.name(2 * day)) or (sittings.days[-1], 0)
    return f"{when:%a} {when.day} {when:%b}"


def hearing_span(sittings: Sittings, hearing: Hearing, place: Place) -> str:
    """Return the days of a hearing at a place."""
    start = sittings.position(place.start)
    return span_words(sittings, start, start + hearing.length_sessions - 1)


def place_words(sittings: Sittings, hearing: Hearing, place: Place | None) -> str:
    """Return when, before whom and where a hearing is."""
    if place is None:
        return "without a place"
    where = f", {place.room}" if place.room else ""
    return f"{hearing_span(sittings, hearing, place)}, before {place.judge}{where}"


def length_words(sessions: int) -> str:
    """Return how long a hearing takes: half a day, 3 days, 2½ days."""
    if sessions == 1:
        return "half a day"
    days, half = divmod(sessions, 2)
    return f"{days}{'½' if half else ''} {'day' if (days, half) == (1, 0) else 'days'}"


def binding_lines(
    bindings: Iterable[Binding], roles: Mapping[str, str], references: Mapping[str, str], seen: Iterable[str]
) -> list[str]:
    """Return what kept a hearing from earlier sessions, what ruled out most first.

    Who attends is named by role, and another hearing by its reference where the viewer sees it.
    """
    visible = set(seen)
    return [_line(each, roles, references, visible) for each in bindings]


def _line(each: Binding, roles: Mapping[str, str], references: Mapping[str, str], seen: set[str]) -> str:
    when = session_words(each.when) if each.when else ""
    other = references.get(each.resource, "") if each.resource in seen else "another hearing"
    role = role_words(roles.get(each.resource, "somebody who attends"))
    often = f"{each.times:,} {'session' if each.times == 1 else 'sessions'}, the first on {when}"
    said = {
        "ready": f"It may be listed from {when} on: before that it is not likely enough to be ready",
        "gap": f"It follows {other}, and its gap ends on {when}",
        "before_unlisted": f"It follows {other}, which has no place yet",
        "morning": "It starts in the morning",
        "judge_closed": f"{each.resource} does not sit ({often})",
        "judge_full": f"{each.resource} hears something else ({often})",
        "person_absent": f"The {role} cannot attend ({often})",
        "person_elsewhere": f"The {role} is at another hearing ({often})",
    }
    return said.get(each.rule, code_words(each.rule))


def decided_words(decided: DecidedHearing) -> str:
    """Return what the next list takes as given."""
    if decided.place is not None:
        return f"It stays on {session_words(decided.place.start)}, before {decided.place.judge}"
    if decided.excluded_judge is not None:
        return f"{decided.excluded_judge} does not hear the case"
    return f"It is not heard before {session_words(decided.not_before or '')}"


def change_lines(
    change: Change,
    sittings: Sittings,
    hearings: Mapping[str, Hearing],
    references: Mapping[str, str],
    seen: Iterable[str],
) -> list[str]:
    """Return what became of the list by a change, for the hearings that the viewer sees."""
    visible = set(seen)
    rows: Sequence[Moved] = [each for each in change.moved if each.hearing in visible and each.was != each.place]
    return [
        f"{references[each.hearing]}: {place_words(sittings, hearings[each.hearing], each.was)}"
        f" → {place_words(sittings, hearings[each.hearing], each.place)}"
        for each in rows
        if each.hearing in hearings
    ]
