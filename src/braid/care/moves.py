"""A planned move of a household: the notices that the law asks for, their clocks, and until when each is due.

The clocks are those of the common language (`out_of_area_notice`, `s213aa_notice`): dated rules with their law, of
which one that is not in force says what the day would be and binds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from braid.care.corrections import NOT_AT_ALL, check_reason
from braid.care.model import Escalation, escalation_of
from braid.language.calendars import LAST_DAY, Calendar
from braid.language.clock_model import Reckoning
from braid.language.clock_rules import find_rule
from braid.language.clocks import reckon
from braid.language.dates import end_of_day, london_date
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Planned move",
    "planned",
    {
        "planned": State("Planned"),
        "made": State("Accommodation made available", ends=True, said="made available"),
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
        "not_asked": State("Not asked yet"),
        "asked": State("Asked"),
        "agreed": State("Agreed"),
        "refused": State("Not agreed"),
    },
    {
        "ask": Step("Write down that they were asked", ("not_asked", "refused"), "asked", "a member who edits"),
        "agree": Step("Write down that they agreed", ("asked",), "agreed", "a member who edits"),
        "refuse": Step("Write down that they did not agree", ("asked", "agreed"), "refused", "a member who edits"),
    },
)
NOTICE_MACHINE = Machine(
    "Notice of a move",
    "open",
    {
        "open": State("Not sent yet"),
        "handed_over": State("In the outbox", said="in the outbox"),
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
ASKED_OF: Mapping[str, str] = {
    "parent": "The parent",
    "applicant": "The applicant, who is 16 or 17 and lives independently of their parents",
}
"""Who is asked to agree: section 213AA(2), and (3) for whoever applies themself. The age of who does is as it was
written down with the move: nothing here checks it."""
WAITING = frozenset({"open", "handed_over"})
"""States of a notice that has not reached anybody: its clock runs."""


@dataclass(frozen=True)
class NoticeKind:
    """A notice of the law: its clock, who gets it, and whether somebody must agree first.

    `name_before` is what it is called while its law is not in force: nobody is told that a duty binds which does not.
    """

    clock: str
    name: str
    bodies: Mapping[str, str]
    needs_agreement: bool
    name_before: str = ""


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
        {
            "gp_practice": "GP practice",
            "health_visiting": "Health visiting service",
            "school": "School, college or nursery",
            "other_body": "Another relevant body",
        },
        needs_agreement=True,
        name_before="Notice by agreement to a body that works with a child",
    ),
}
"""Source: Housing Act 1996 s.208(2) to (4), and s.213AA as inserted by the Children's Wellbeing and Schools Act 2026
s.11: the general medical practice of the child, whoever provides health visiting there, and where the child is taught.
What of the section was not seen, `other_body` stands for."""
NOT_SENT: Mapping[str, str] = {
    "not_in_force": "The section is not in force",
    "no_agreement": "The parent did not agree",
    "sent_before": "It was given under this application before",
    "not_moved": "The household did not move there",
    "no_body": "There is no such body for this household",
    "withheld": "It would put somebody in danger",
}
"""Why a notice is not sent."""
RESTING_ON_AGREEMENT = frozenset(kind for kind, one in NOTICES.items() if one.needs_agreement)
"""Notices that tell when it was agreed, and leave only while that stands."""
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
    """Somebody who moves. `school` is a code of `SCHOOLS`, empty for an adult.

    `is_applicant`: a child of 16 or 17 who applied themself and is asked themself (section 213AA(3)).
    """

    person_id: str
    school: str = ""
    exam_year: bool = False
    is_applicant: bool = False

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

    @property
    def asked_of(self) -> str:
        """Who is asked to agree, as a code of `ASKED_OF`."""
        return "applicant" if any(mover.is_applicant for mover in self.movers) else "parent"


@dataclass(frozen=True)
class Notice:
    """One notice of a move to one body, of one child by id; of section 208 it is of the household, and of no child."""

    kind: str
    body: str
    state: str = NOTICE_MACHINE.first
    reason: str = ""
    sent_on: dt.date | None = None
    child: str = ""


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
    applicants = [mover for mover in move.movers if mover.is_applicant]
    if len(applicants) > 1 or any(not mover.is_child for mover in applicants):
        raise NotPossible(
            "Who applied themself at 16 or 17 is one of those who move as a child. Say what becomes of school"
        )
    if not today - LONGEST_BACK <= move.planned_on <= min(today + LONGEST_AHEAD, LAST_DAY):
        raise NotPossible("Choose the day of the move, within a year from now")


def notices_of(move: Move, notified: Collection[str]) -> tuple[Notice, ...]:
    """Return the notices that a move asks for; `notified` are applications under which s.213AA was done before.

    A move inside the district asks for none of section 208; section 213AA asks for one to each body of each child, and
    once an application.
    """
    found = [Notice("s208", "receiving_council")] if move.leaves_district else []
    if move.application and move.application in notified:
        return tuple(found)
    found += [
        Notice("s213aa", body, child=mover.person_id)
        for mover in move.movers
        if mover.is_child
        for body in bodies_of(mover)
    ]
    return tuple(found)


def bodies_of(mover: Mover) -> tuple[str, ...]:
    """Return the bodies that are told of a child: the practice, and the school or, of who is at none, health visiting.

    Where another one works with the child it is added by hand; where one of these does not, the notice says so.
    """
    return ("gp_practice", "school" if mover.school in ("kept", "changes") else "health_visiting")


def check_body(move: Move, child: str, body: str) -> None:
    """Raise `NotPossible` unless the body may be told of the child by this move."""
    if body not in NOTICES["s213aa"].bodies:
        raise NotPossible("Choose from the list who is to be told")
    if move.state == "called_off" or not any(one.is_child and one.person_id == child for one in move.movers):
        raise NotPossible("Only a move of a child that was not called off asks for one. Choose the child")


def is_in_force(kind: str, day: dt.date) -> bool:
    """Whether the law of a notice binds on a day: one that waits for its commencement does not."""
    rule = find_rule(NOTICES[kind].clock, day)
    return rule is not None and rule.holds_from is not None and rule.holds_from <= day


def name_on(kind: str, day: dt.date) -> str:
    """Return what a notice is called on a day."""
    found = NOTICES[kind]
    return found.name if is_in_force(kind, day) else found.name_before


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
            missing.append(f"the agreement of {_who(move)}")
        if move.details_on is None:
            missing.append(f"the details of the bodies, from {_who(move)}")
    if move.available_on is None:
        missing.append("the day on which the accommodation was made available")
    return tuple(missing)


def check_fact_day(day: dt.date | None, now: dt.datetime) -> dt.date:
    """Return a day on which something happened. Raises `NotPossible` for one to come, or longer ago than a year."""
    today = london_date(now)
    if day is None or not today - LONGEST_BACK <= day <= today:
        raise NotPossible("Enter the day on which it happened: today or before, within a year")
    return day


def _who(move: Move) -> str:
    return "the applicant" if move.asked_of == "applicant" else "the parent"


def may_leave(kind: str, agreement: str) -> bool:
    """Whether a notice may leave as far as agreement goes: one that needs it leaves while it stands, and not after."""
    return agreement == "agreed" or not NOTICES[kind].needs_agreement


def check_leaves(notice: Notice, move: Move) -> None:
    """Raise `NotPossible` for a notice that may not leave: one that needs an agreement which does not stand."""
    if not may_leave(notice.kind, move.agreement):
        raise NotPossible(
            f"Without the agreement of {_who(move)} nobody is told, and it does not stand. Ask them first"
        )
    if move.available_on is None:
        raise NotPossible("Write down first on which day the accommodation was made available")


HAS_LEFT = (
    "The message has left. Mark the notice as sent; if it should not have gone, tell the information governance lead"
    " today"
)
WAITS = "It waits in the outbox, and is marked as sent once it has left. To send it by another way, open it again first"


def take_notice_step(
    notice: Notice, move: Move, step: str, *, reason: str = "", day: dt.date | None = None, now: dt.datetime
) -> Notice:
    """Return a notice after a step. Raises `NotPossible`.

    Whether its message waits or has left is asked apart, of the outbox.
    """
    state = NOTICE_MACHINE.after(notice.state, step)
    if step in ("hand_over", "mark_sent"):
        check_leaves(notice, move)
    if step == "mark_not_sent" and reason not in NOT_SENT:
        raise NotPossible("Choose why it is not sent")
    sent_on = check_fact_day(day, now) if step == "mark_sent" else None
    return replace(notice, state=state, reason=reason if step == "mark_not_sent" else "", sent_on=sent_on)


def stop_notice(notice: Notice, reason: str, left_on: dt.date | None) -> Notice:
    """Return a notice that is not to leave: open again, or not sent for a reason. One that has left is sent."""
    if left_on is not None:
        return replace(notice, state="sent", reason="", sent_on=left_on)
    return replace(notice, state="not_sent" if reason else "open", reason=reason)


def check_details(move: Move) -> None:
    """Raise `NotPossible` where the details are written down already: another day is a correction."""
    if move.details_on is not None:
        raise NotPossible("It is written down already. If it was another day, correct it")


SENT_WRONGLY: Mapping[str, str] = {
    "not_so": "It was not sent",
    "wrong_content": "What was sent is wrong: it is to be sent again",
}
"""Why a notice that is marked as sent is opened again."""


def correct_sent(notice: Notice, reason: str, *, has_left: bool) -> Notice:
    """Return a notice, marked as sent, opened again. Raises `NotPossible`, as for "not sent" where it left."""
    if notice.state != "sent":
        raise NotPossible("Only what is marked as sent is corrected so. Look at the list again")
    if reason not in SENT_WRONGLY:
        raise NotPossible("Choose why it is opened again")
    if reason == "not_so" and has_left:
        raise NotPossible("It left by the outbox, as its record shows. Say that what was sent is wrong, if it is")
    return replace(notice, state="open", sent_on=None)


FACTS: Mapping[str, str] = {
    "available_on": "Made available",
    "agreed_on": "Agreed",
    "details_on": "Details of the bodies given",
}
"""Facts of a move that start a clock, each a day."""


def correct_fact(move: Move, fact: str, day: dt.date | None, reason: str, now: dt.datetime) -> Move:
    """Return a move with the right day of a fact, or without it where it did not happen. Raises `NotPossible`."""
    check_reason(reason)
    if fact not in FACTS:
        raise NotPossible("Choose what is corrected")
    was = getattr(move, fact)
    if was is None:
        raise NotPossible("That is not written down, so there is nothing to correct")
    if (reason in NOT_AT_ALL) != (day is None):
        raise NotPossible("Enter the right day, or leave it empty and say that it did not happen here")
    right = None if day is None else check_fact_day(day, now)
    if right == was:
        raise NotPossible("That is the day that stands there")
    if fact == "available_on":
        return replace(move, available_on=right, state=move.state if right else MACHINE.first)
    if fact == "agreed_on":
        return replace(move, agreed_on=right, agreement=move.agreement if right else "asked")
    return replace(move, details_on=right)


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
