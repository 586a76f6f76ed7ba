"""The response to somebody who was harmed as one plan: strands, their clocks, and the two sides kept apart.

A strand gathers what stands elsewhere (actions, readiness items, waits) and holds no second copy. The side of who is
accused is another plan, opened to the seats that the case type shows anything of them; nothing in it leads to
whoever was harmed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from braid.care.case_types import CaseType
from braid.care.cases import Case, Right, Sight
from braid.care.corrections import NOT_AT_ALL, check_reason
from braid.care.windows import ACTS
from braid.language.calendars import Calendar
from braid.language.clock_model import Reckoning
from braid.language.clocks import reckon
from braid.language.dates import london_date
from braid.language.steps import NotPossible


@dataclass(frozen=True)
class Strand:
    """A strand of the response: the waits, services of teams and seats whose steps belong to it."""

    name: str
    backlogs: frozenset[str] = frozenset()
    wait_kinds: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    seats: frozenset[str] = frozenset()


STRANDS: Mapping[str, Strand] = {
    "health": Strand(
        "Health and forensic examination",
        backlogs=frozenset({"hospital_treatment", "emergency_care"}),
        services=frozenset({"forensic_examination", "health"}),
        seats=frozenset({"health"}),
    ),
    "therapy": Strand("Therapy", wait_kinds=frozenset({"therapy"}), services=frozenset({"therapy"})),
    "advocacy": Strand(
        "Advocate (IDVA or ISVA)",
        wait_kinds=frozenset({"victim_support", "victim_support_referral"}),
        services=frozenset({"advocacy"}),
        seats=frozenset({"advocate"}),
    ),
    "housing": Strand(
        "Housing",
        backlogs=frozenset({"social_housing", "temporary_accommodation", "homelessness"}),
        services=frozenset({"safe_accommodation", "homelessness", "placement"}),
        seats=frozenset({"housing"}),
    ),
    "police": Strand(
        "Police",
        wait_kinds=frozenset({"victim_notice", "victim_notice_enhanced"}),
        services=frozenset({"police_safeguarding"}),
        seats=frozenset({"police"}),
    ),
    "court": Strand("Court", wait_kinds=frozenset({"crown_trial"}), services=frozenset({"court_support"})),
    "other": Strand("Other"),
}
"""The strands in their order. `other` holds what belongs to none of them: nothing of a case is left out."""
APART = "apart"
"""The strand of whoever is apart: never shown beside the others."""
OF_THE_APART = frozenset({"custody_time_limit", "custody_either_way", "custody_summary"})
"""Waits of whoever is accused: on no page of whoever was harmed."""


def check_strand(strand: str) -> None:
    """Raise `NotPossible` for a strand that is none; empty says that nobody chose one."""
    if strand not in {"", APART, *STRANDS}:
        raise NotPossible("Choose a strand from the list")


def strand_of_wait(kind: str, backlog: str) -> str:
    """Return the strand of a wait; empty for one of whoever is accused, which is on no page of whoever was harmed."""
    if kind in OF_THE_APART:
        return ""
    by_kind = next((code for code, one in STRANDS.items() if kind in one.wait_kinds), "")
    return by_kind or next((code for code, one in STRANDS.items() if backlog in one.backlogs), "other")


def strand_of_action(chosen: str, services: Collection[str]) -> str:
    """Return the strand of an action: the one chosen, or that of its team where all its services are of one strand."""
    if chosen:
        return chosen
    found = {code for code, one in STRANDS.items() if one.services & set(services)}
    return found.pop() if len(found) == 1 else "other"


def strand_of_seat(agency: str) -> str:
    """Return the strand of what a seat owns."""
    return next((code for code, one in STRANDS.items() if agency in one.seats), "other")


def sees_response(case_type: CaseType, agency: str) -> bool:
    """Whether a seat is shown anything about somebody who is not apart."""
    return any(not case_type.parts[part].apart for _, part in _seen_by(case_type, agency))


def sees_apart(case_type: CaseType, agency: str) -> bool:
    """Whether a seat is shown anything about somebody apart."""
    return any(case_type.parts[part].apart for _, part in _seen_by(case_type, agency))


def has_sides(case_type: CaseType) -> bool:
    """Whether a kind of case shows any seat anything of somebody apart, and so keeps two sides."""
    return any(sees_apart(case_type, agency) for agency in case_type.agencies)


def answers_for_apart(case_type: CaseType, case: Case, username: str) -> bool:
    """Whether somebody checks, sends back and cancels what is done on the side of who is apart.

    The lead professional does where their seat is shown that side. Where it is not, whoever works on the whole of the
    case in a seat that is does it for them: the lead cannot, and must not learn that there is anything.
    """
    member, lead = case.member(username), next((one for one in case.members if one.is_lead), None)
    if member is None or not sees_apart(case_type, member.agency):
        return False
    if lead is not None and sees_apart(case_type, lead.agency):
        return member.is_lead
    return member.right is Right.EDIT and member.sight is Sight.WHOLE


def sees_incident(case_type: CaseType, agency: str) -> bool:
    """Whether a seat is shown what happened to somebody who is not apart: only then the windows that rest on it."""
    return any(
        question == "incidents" and not case_type.parts[part].apart for question, part in _seen_by(case_type, agency)
    )


def _seen_by(case_type: CaseType, agency: str) -> frozenset[tuple[str, str]]:
    seat = case_type.agencies.get(agency)
    return seat.sees if seat else frozenset()


INCIDENT, REPORT, DECISION = "incident", "report", "decision"
EVENTS: Mapping[str, str] = {
    INCIDENT: "What happened, for the windows of an examination",
    REPORT: "The crime was reported to the police",
    DECISION: "A key decision was taken, or the day of a hearing became known",
}
"""What starts a clock or a window of the response."""
CLOCKS: Mapping[tuple[str, bool], str] = {
    (REPORT, False): "victim_support_referral",
    (REPORT, True): "victim_support_referral",
    (DECISION, False): "victim_notice",
    (DECISION, True): "victim_notice_enhanced",
}
"""The clock of the Victims' Code that an event starts, without and with enhanced rights."""
OF_THE_CODE = frozenset(kind for kind, _ in CLOCKS)
"""What starts a clock of the Victims' Code: of it is asked whether enhanced rights apply."""
STRAND_OF_EVENT: Mapping[str, str] = {INCIDENT: "health", REPORT: "advocacy", DECISION: "police"}
LONGEST_BACK = dt.timedelta(days=366)


@dataclass(frozen=True)
class Event:
    """Something that starts a clock. `ended_on`: the day on which what the clock asks for was done.

    `is_enhanced` is empty while nobody knows whether enhanced rights apply: the shorter time then counts, since
    domestic abuse and sexual offences are among the most serious crimes of the Victims' Code.
    """

    kind: str
    at: dt.datetime
    acts: frozenset[str] = frozenset()
    is_enhanced: bool | None = None
    ended_on: dt.date | None = None


def check_event(event: Event, now: dt.datetime) -> None:
    """Raise `NotPossible` for an event that is none, is to come or is long past, or whose acts do not fit it."""
    if event.kind not in EVENTS:
        raise NotPossible("Choose what it was")
    if not now - LONGEST_BACK <= event.at <= now:
        raise NotPossible("Enter when it was: in the past, within a year")
    if not event.acts <= set(ACTS):
        raise NotPossible("Choose from the list what happened")
    if event.kind == INCIDENT and not event.acts:
        raise NotPossible("Choose what happened, as far as a window rests on it")
    if event.kind != INCIDENT and event.acts:
        raise NotPossible("What happened is kept for an examination alone. Leave it out")


def check_ended(event: Event, day: dt.date | None, now: dt.datetime) -> dt.date:
    """Return the day on which what a clock asks for was done. Raises `NotPossible`."""
    if event.kind == INCIDENT:
        raise NotPossible("A window closes by itself")
    if event.ended_on is not None:
        raise NotPossible("It was written down already")
    if day is None or not london_date(event.at) <= day <= london_date(now):
        raise NotPossible("Enter the day on which it was done: from the day on which the clock began, until today")
    return day


def reckon_event(event: Event, as_of: dt.date) -> Reckoning | None:
    """Return what the clock of the Victims' Code says that an event starts; `None` for what starts none."""
    kind = CLOCKS.get((event.kind, event.is_enhanced is not False))
    if kind is None:
        return None
    return reckon(kind, london_date(event.at), as_of, Calendar(), stop=event.ended_on)


def check_correction(event: Event, right: Event | None, reason: str, now: dt.datetime) -> None:
    """Raise `NotPossible` unless `right` may take the place of an event, or nothing where it did not happen here."""
    check_reason(reason)
    if (reason in NOT_AT_ALL) != (right is None):
        raise NotPossible("Enter what is right, or say that it did not happen here and leave the rest empty")
    if right is None:
        return
    check_event(right, now)
    if right.kind != event.kind:
        raise NotPossible("What started the clock stays: say that it did not happen, and write the other down")
    if right.ended_on is not None:
        check_ended(replace(right, ended_on=None), right.ended_on, now)
    if right == event:
        raise NotPossible("That is what stands there")
