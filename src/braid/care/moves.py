"""A planned move of a household: the notices that the law asks for, their clocks, and until when each is due.

The clocks are those of the common language (`out_of_area_notice`, `s213aa_notice`): dated rules with their law, of
which one that is not in force says what the day would be and binds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from braid.care.model import Escalation, escalation_of
from braid.language.calendars import LAST_DAY, Calendar
from braid.language.clock_model import Reckoning
from braid.language.clocks import reckon
from braid.language.dates import end_of_day, london_date
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Planned move",
    "planned",
    {
        "planned": State("Planned"),
        "made": State("Accommodation made available", ends=True),
        "called_off": State("Called off", ends=True),
    },
    {
        "make": Step("Write down that it was made available", ("planned",), "made", "a member who edits"),
        "call_off": Step("Call off", ("planned",), "called_off", "a member who edits"),
    },
)
AGREEMENT_MACHINE = Machine(
    "Agreement to notify",
    "not_asked",
    {
        "not_asked": State("The parent was not asked"),
        "asked": State("The parent was asked"),
        "agreed": State("The parent agreed"),
        "refused": State("The parent did not agree"),
    },
    {
        "ask": Step("Write down that the parent was asked", ("not_asked", "refused"), "asked", "a member who edits"),
        "agree": Step("Write down that they agreed", ("asked",), "agreed", "a member who edits"),
        "refuse": Step("Write down that they did not agree", ("asked", "agreed"), "refused", "a member who edits"),
    },
)
NOTICE_MACHINE = Machine(
    "Notice of a move",
    "open",
    {
        "open": State("Not sent yet"),
        "handed_over": State("In the outbox"),
        "sent": State("Sent", ends=True),
        "not_sent": State("Not sent, with a reason"),
    },
    {
        "hand_over": Step("Put into the outbox", ("open",), "handed_over", "a member who edits"),
        "mark_sent": Step("Mark as sent", ("open", "handed_over"), "sent", "a member who edits"),
        "mark_not_sent": Step("Say why it is not sent", ("open", "handed_over"), "not_sent", "a member who edits"),
        "reopen": Step("Open again", ("handed_over", "not_sent"), "open", "a member who edits"),
    },
)
WAITING = frozenset({"open", "handed_over"})
"""States of a notice that has not reached anybody: its clock runs."""


@dataclass(frozen=True)
class NoticeKind:
    """A notice of the law: its clock, who gets it, and whether the parent must agree first."""

    clock: str
    name: str
    bodies: Mapping[str, str]
    needs_agreement: bool


NOTICES: Mapping[str, NoticeKind] = {
    "s208": NoticeKind(
        "out_of_area_notice",
        "Notice to the council of the other district (Housing Act 1996 section 208)",
        {"receiving_council": "Council of the other district"},
        needs_agreement=False,
    ),
    "s213aa": NoticeKind(
        "s213aa_notice",
        "Notice to a relevant body (Housing Act 1996 section 213AA)",
        {"gp_practice": "GP practice", "school": "School", "other_body": "Another relevant body"},
        needs_agreement=True,
    ),
}
"""Source: Housing Act 1996 s.208(2) to (4), and s.213AA as inserted by the Children's Wellbeing and Schools Act 2026
s.11. Which bodies are relevant is for the section as commenced: the list here is what was seen, and `other_body`."""
ALWAYS = frozenset({"receiving_council", "gp_practice", "school"})
"""Bodies for which a notice is made with the move; another one is added by hand."""
NOT_SENT: Mapping[str, str] = {
    "not_in_force": "The section is not in force",
    "no_agreement": "The parent did not agree",
    "sent_before": "It was given under this application before",
    "not_moved": "The household did not move there",
    "no_body": "There is no such body for this household",
    "withheld": "It would put somebody in danger",
}
"""Why a notice is not sent."""
SCHOOLS: Mapping[str, str] = {
    "kept": "Stays at the present school",
    "changes": "Changes school",
    "none": "Is at no school",
}
"""What becomes of a child's school with the move; empty for an adult."""
LONGEST_AHEAD = dt.timedelta(days=366)
LONGEST_BACK = dt.timedelta(days=366)


@dataclass(frozen=True)
class Mover:
    """Somebody who moves. `school` is a code of `SCHOOLS`, empty for an adult."""

    person_id: str
    school: str = ""
    exam_year: bool = False

    @property
    def is_child(self) -> bool:
        """Whether they are moved as a child of the household."""
        return bool(self.school)


@dataclass(frozen=True)
class Move:
    """A planned move as rules know it.

    `leaves_district`: the home is in another council's district. `application` is the council's reference of the
    homelessness application. Days are calendar days, empty until they are known: `available_on` is the day on which the
    accommodation was made available, and on which a child is placed there.
    """

    planned_on: dt.date
    leaves_district: bool
    movers: tuple[Mover, ...]
    application: str = ""
    state: str = MACHINE.first
    available_on: dt.date | None = None
    agreement: str = AGREEMENT_MACHINE.first
    agreed_on: dt.date | None = None
    details_on: dt.date | None = None


@dataclass(frozen=True)
class Notice:
    """One notice of a move to one body."""

    kind: str
    body: str
    state: str = NOTICE_MACHINE.first
    reason: str = ""
    sent_on: dt.date | None = None


def check_new(move: Move, subjects: Collection[str], now: dt.datetime) -> None:
    """Raise `NotPossible` for a move of nobody, of somebody whom the case is not about, or without a day to come."""
    today = london_date(now)
    ids = [mover.person_id for mover in move.movers]
    if not ids:
        raise NotPossible("Choose who moves")
    if not set(ids) <= set(subjects) or len(set(ids)) < len(ids):
        raise NotPossible("Only whom the case is about moves. Add them to the case first")
    if any(mover.school not in {"", *SCHOOLS} for mover in move.movers):
        raise NotPossible("Choose from the list what becomes of each child's school")
    if any(mover.exam_year and not mover.is_child for mover in move.movers):
        raise NotPossible("Only a child with a school is in a year of examinations. Say which school")
    if not today - LONGEST_BACK <= move.planned_on <= min(today + LONGEST_AHEAD, LAST_DAY):
        raise NotPossible("Choose the day of the move, within a year from now")


def notices_of(move: Move, notified: Collection[str]) -> tuple[Notice, ...]:
    """Return the notices that a move asks for; `notified` are applications under which s.213AA was done before.

    A move inside the district asks for none of section 208; section 213AA asks for a child, and once an application.
    """
    kinds = []
    if move.leaves_district:
        kinds.append("s208")
    if any(mover.is_child for mover in move.movers) and not (move.application and move.application in notified):
        kinds.append("s213aa")
    return tuple(Notice(kind, body) for kind in kinds for body in NOTICES[kind].bodies if body in ALWAYS)


def start_of(kind: str, move: Move) -> dt.date | None:
    """Return the day that starts the clock of a notice; `None` while it has not begun.

    Of section 208 the day on which the accommodation was made available; of section 213AA the latest of agreement,
    details given and child placed, once all three are there and the agreement stands.
    """
    if not NOTICES[kind].needs_agreement:
        return move.available_on
    if move.agreement != "agreed":
        return None
    days = (move.agreed_on, move.details_on, move.available_on)
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def reckon_notice(notice: Notice, move: Move, as_of: dt.date) -> tuple[dt.date, Reckoning] | None:
    """Return when the clock of a notice began and what it says on a day; `None` while it has not begun."""
    start = start_of(notice.kind, move)
    if start is None:
        return None
    return start, reckon(NOTICES[notice.kind].clock, start, as_of, Calendar(), stop=notice.sent_on)


def silence_on(notice: Notice, move: Move, now: dt.datetime) -> Escalation | None:
    """Return where the silence on a notice stands; `None` once it left or need not, or while no day binds."""
    found = reckon_notice(notice, move, london_date(now))
    if notice.state not in WAITING or found is None or found[1].due_date is None:
        return None
    return escalation_of(end_of_day(found[1].due_date), now)


def what_is_missing(kind: str, move: Move) -> tuple[str, ...]:
    """Return in words what must be there before the clock of a notice begins; empty once it has begun."""
    missing = []
    if NOTICES[kind].needs_agreement:
        if move.agreement != "agreed":
            missing.append("the agreement of the parent")
        if move.details_on is None:
            missing.append("the details of the bodies, from the parent")
    if move.available_on is None:
        missing.append("the day on which the accommodation was made available")
    return tuple(missing)


def check_fact_day(day: dt.date | None, now: dt.datetime) -> dt.date:
    """Return a day on which something happened. Raises `NotPossible` for one to come, or longer ago than a year."""
    today = london_date(now)
    if day is None or not today - LONGEST_BACK <= day <= today:
        raise NotPossible("Enter the day on which it happened: today or before, within a year")
    return day


def check_leaves(notice: Notice, move: Move) -> None:
    """Raise `NotPossible` for a notice that may not leave: one that needs an agreement which does not stand."""
    if NOTICES[notice.kind].needs_agreement and move.agreement != "agreed":
        raise NotPossible("The parent has not agreed, and without their agreement nobody is told. Ask them first")
    if move.available_on is None:
        raise NotPossible("Write down first on which day the accommodation was made available")


def take_notice_step(
    notice: Notice, move: Move, step: str, *, reason: str = "", day: dt.date | None = None, now: dt.datetime
) -> Notice:
    """Return a notice after a step. Raises `NotPossible`."""
    state = NOTICE_MACHINE.after(notice.state, step)
    if step in ("hand_over", "mark_sent"):
        check_leaves(notice, move)
    if step == "mark_not_sent" and reason not in NOT_SENT:
        raise NotPossible("Choose why it is not sent")
    sent_on = check_fact_day(day, now) if step == "mark_sent" else None
    return Notice(notice.kind, notice.body, state, reason if step == "mark_not_sent" else "", sent_on)


def advice_on(move: Move) -> tuple[str, ...]:
    """Return in words what the move asks for beside notices, by the law on suitability and on school places."""
    found = []
    if any(mover.exam_year and mover.school == "changes" for mover in move.movers):
        found.append(
            "A child changes school in a year of examinations: say why no home was found from which the school can be"
            " kept (Homelessness (Suitability of Accommodation) (England) Order 2012; Code of Guidance chapter 17)"
        )
    if any(mover.school == "changes" for mover in move.movers):
        found.append(
            "A child changes school: apply for a place now; the outcome is due in writing within 15 school days"
            " (School Admissions Code 2021)"
        )
    if any(mover.school == "kept" for mover in move.movers):
        found.append(
            "A child keeps the present school: the journey is reckoned, and transport decided, before the move"
            " (Education Act 1996 section 508B)"
        )
    if move.leaves_district:
        found.append(
            "The home is in another district: say why none was found in this one (Housing Act 1996 section 208(1))"
        )
    return tuple(found)
