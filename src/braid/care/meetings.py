"""A meeting that decides: returns beforehand, the table, the decision with its reason and its dissent, who does what.

What an agency sees of the others' returns rests on three things at once, each of which only narrows: the phase of the
meeting (independent until it begins, where the case type asks), what the case type opens to the agency's seat, and the
decision to share that line with that organisation. A line without such a decision is seen by nobody but its writers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from braid.care.actions import Action
from braid.care.case_types import Agency, CaseType
from braid.care.cases import Sight
from braid.care.model import Acting, Escalation, escalation_of
from braid.language.calendars import LAST_DAY, Calendar, DayType, end_of_working_day
from braid.language.dates import LONDON, london_date
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Meeting",
    "planned",
    {
        "planned": State("Planned"),
        "gathering": State("Returns are being gathered", said="gathering returns"),
        "in_session": State("In session"),
        "held": State("Held; minutes to be agreed", said="held, with minutes to be agreed"),
        "agreed": State("Minutes agreed", ends=True, said="held, with its minutes agreed"),
        "cancelled": State("Cancelled", ends=True),
    },
    {
        "ask_returns": Step("Ask for returns", ("planned",), "gathering", "the chair"),
        "begin": Step("Begin", ("gathering",), "in_session", "the chair"),
        "end": Step("End", ("in_session",), "held", "the chair"),
        "agree": Step("Agree the minutes", ("held",), "agreed", "the chair"),
        "cancel": Step("Cancel", ("planned", "gathering"), "cancelled", "the chair"),
    },
)
RETURN_MACHINE = Machine(
    "Return",
    "asked",
    {
        "asked": State("Asked for"),
        "given": State("Given"),
        "nothing_held": State("Nothing held", said="answered with nothing held"),
        "declined": State("Declined"),
    },
    {
        "give": Step("Give", ("asked", "nothing_held", "declined", "given"), "given", "the agency"),
        "say_nothing_held": Step("Say that nothing is held", ("asked", "declined"), "nothing_held", "the agency"),
        "decline": Step("Decline", ("asked", "nothing_held"), "declined", "the agency"),
    },
)
NO_RETURN: Mapping[str, str] = {
    "no_gateway": "No law permits it",
    "not_in_time": "It cannot be looked up in time",
    "conflict": "Somebody of the agency is a party to the matter",
}
"""Why an agency declines a return."""
ATTENDANCES: Mapping[str, str] = {
    "present": "Present",
    "remote": "Present by telephone or video",
    "apologies": "Sent apologies",
    "absent": "Absent",
}
PRESENT = frozenset({"present", "remote"})


class Phase(StrEnum):
    """Which votes and returns are open to whom: each alone, all together, or closed."""

    INDEPENDENT = "independent"
    CONSOLIDATING = "consolidating"
    COMPLETE = "complete"


def phase_of(state: str) -> Phase:
    """Return the phase of a meeting in this state; the one that opens least for a state that is none."""
    if state == "in_session":
        return Phase.CONSOLIDATING
    return Phase.COMPLETE if state in ("held", "agreed") else Phase.INDEPENDENT


LONGEST_AHEAD = dt.timedelta(days=366)


def check_starts(starts_at: dt.datetime, now: dt.datetime) -> None:
    """Raise `NotPossible` for a meeting that is not to come, or further off than working days are known."""
    if not now < starts_at <= now + LONGEST_AHEAD or london_date(starts_at) > LAST_DAY:
        raise NotPossible("Choose a time that is still to come, within a year")


CANCELLATIONS: Mapping[str, str] = {
    "too_few": "Too few can come",
    "chair_away": "Nobody can chair it",
    "not_needed": "Nothing is left to discuss",
    "emergency": "Something else comes first",
}
"""Why a meeting is called off."""
LEAVINGS: Mapping[str, str] = {
    "no_time": "There is no time for it",
    "not_ready": "What is needed to decide is not there",
    "person_absent": "Somebody who is needed is not there",
    "settled": "It was settled outside the meeting",
    "mistake": "It was put on by mistake",
}
"""Why a case is put off, or taken off an agenda."""


def check_cancel(reason: str) -> None:
    """Raise `NotPossible` without a reason of `CANCELLATIONS`."""
    if reason not in CANCELLATIONS:
        raise NotPossible("Choose why the meeting is called off")


def check_move(state: str, starts_at: dt.datetime, now: dt.datetime) -> None:
    """Raise `NotPossible` unless a meeting that has not begun is moved to a time that is still to come."""
    if state not in ("planned", "gathering"):
        raise NotPossible("Only a meeting that has not begun is moved")
    check_starts(starts_at, now)


def check_leave(step: str, reason: str, state: str) -> None:
    """Raise `NotPossible` unless a case may leave an agenda: taken off until the meeting begins, put off after that."""
    if step not in ("put_off", "take_off"):
        raise NotPossible("There is no such step. Look at the case again")
    if reason not in LEAVINGS:
        raise NotPossible("Choose from the list why")
    if step == "put_off" and state != "in_session":
        raise NotPossible("A case is put off while the meeting is in session. Before it, take it off the agenda")
    if step == "take_off" and state not in ("planned", "gathering"):
        raise NotPossible("The meeting has begun. Decide the case, or put it off")


def returns_due_at(starts_at: dt.datetime, case_type: CaseType) -> dt.datetime:
    """Return the end of the working day by which returns are due: so many working days before that of the meeting."""
    day = Calendar().day_before(london_date(starts_at), case_type.returns_due, DayType.WORKING)
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), LONDON).astimezone(dt.UTC)


def late_return_due_at(starts_at: dt.datetime, case_type: CaseType, now: dt.datetime) -> dt.datetime:
    """Return by when a seat that is asked later returns: with the others, or else a working day from now.

    Never after the meeting begins, but for a seat that joins while it is held.
    """
    usual = returns_due_at(starts_at, case_type)
    if now < usual:
        return usual
    soon = end_of_working_day(now, 1)
    return min(soon, starts_at) if now < starts_at else soon


def minutes_due_at(ended_at: dt.datetime, case_type: CaseType) -> dt.datetime:
    """Return by when the minutes are agreed."""
    return end_of_working_day(ended_at, case_type.minutes_due)


@dataclass(frozen=True)
class Line:
    """One answer of an agency to a question about a part. `shared_with` are the organisations it was decided for."""

    agency: str
    organisation: str
    question: str
    part: str
    shared_with: frozenset[str]


@dataclass(frozen=True)
class Reader:
    """Who reads returns: of which organisation, in which seat, with which sight of the case."""

    organisation: str
    agency: str
    sight: Sight = Sight.WHOLE


def sees_line(reader: Reader, line: Line, case_type: CaseType, state: str) -> bool:
    """Whether a reader is shown a line of a return while the meeting is in `state`."""
    if reader.organisation == line.organisation and reader.agency == line.agency:
        return True
    if reader.sight is not Sight.WHOLE or state == "cancelled" or state not in MACHINE.states:
        return False
    if case_type.independent and phase_of(state) is Phase.INDEPENDENT:
        return False
    opened = case_type.may_see(reader.agency, line.question, line.part)
    return opened and reader.organisation in line.shared_with


class Stage(StrEnum):
    """Where an answer stands in a meeting that asks for independent views first, and consolidates them then."""

    ONLY = "only"
    FIRST = "first"
    CONSOLIDATED = "consolidated"


STAGES: Mapping[Stage, str] = {
    Stage.ONLY: "",
    Stage.FIRST: "Independent view, given before the meeting",
    Stage.CONSOLIDATED: "Consolidated, given once the others' views were open",
}


def stage_of(
    case_type: CaseType, written_at: dt.datetime, ended_at: dt.datetime | None, begun_at: dt.datetime | None
) -> Stage | None:
    """Return the stage of an answer, `None` for one that was replaced and that nobody reads any more.

    The independent view that stood when the meeting began is read for good, beside the one that replaced it.
    """
    if not case_type.independent:
        return None if ended_at is not None else Stage.ONLY
    if begun_at is None or written_at < begun_at:
        stood = ended_at is None or (begun_at is not None and begun_at <= ended_at)
        return Stage.FIRST if stood else None
    return None if ended_at is not None else Stage.CONSOLIDATED


def check_asked(case_type: CaseType, agency: str, meeting_state: str) -> Agency:
    """Return the seat of an agency that may say something now, be it nothing held. Raises `NotPossible`."""
    if meeting_state not in ("gathering", "in_session"):
        raise NotPossible("Returns are given once they are asked for, and until the meeting ends")
    seat = case_type.agencies.get(agency)
    if seat is None:
        raise NotPossible("Your agency has no seat in this kind of case")
    return seat


def check_return(case_type: CaseType, agency: str, answers: Iterable[tuple[str, str]], meeting_state: str) -> None:
    """Raise `NotPossible` unless an agency may give these answers, pairs of question and part, now.

    A return without an answer would end the silence and say nothing.
    """
    seat, given = check_asked(case_type, agency, meeting_state), tuple(answers)
    if not given:
        raise NotPossible("Answer at least one question, or say that nothing is held")
    for question, part in given:
        if (question, part) not in seat.answers:
            raise NotPossible("That is not asked of your agency, so it is not needed. Leave it out")


def check_attendance_open(state: str) -> None:
    """Raise `NotPossible` once the minutes, in which attendance stands, are agreed."""
    if MACHINE.states[state].ends:
        raise NotPossible("The minutes are agreed, or the meeting was called off. What they say of attendance stays")


def check_decline(reason: str) -> None:
    """Raise `NotPossible` without a reason of `NO_RETURN`."""
    if reason not in NO_RETURN:
        raise NotPossible("Choose why nothing is returned")


def silence_on_return(state: str, due_at: dt.datetime, now: dt.datetime) -> Escalation | None:
    """Return where the silence on a return stands; `None` once it was given or declined."""
    return escalation_of(due_at, now) if state == "asked" else None


@dataclass(frozen=True)
class Seat:
    """An agency at a meeting: how it attends (empty until written down), and whether the chair goes on without it."""

    agency: str
    attendance: str = ""
    excused_because: str = ""


EXCUSES: Mapping[str, str] = {
    "return_suffices": "What it returned is enough",
    "decides_later": "It is heard before anything that concerns it is done",
    "urgent": "It cannot wait until everybody is there",
}
"""Why a chair begins without an agency that must attend."""


def check_begin(case_type: CaseType, seats: Iterable[Seat], items: int) -> None:
    """Raise `NotPossible` unless there is something to discuss, and everybody who must be there is, or is excused.

    However many are excused, somebody is there: a meeting of nobody decides nothing.
    """
    if not items:
        raise NotPossible("There is nothing on the agenda. Put a case on it first")
    by_agency = {seat.agency: seat for seat in seats}
    for agency in case_type.agencies.values():
        seat = by_agency.get(agency.id, Seat(agency.id))
        if agency.must_attend and seat.attendance not in PRESENT and seat.excused_because not in EXCUSES:
            raise NotPossible(
                f"{agency.name} must attend. Write down that they are here, or why the meeting goes on without them"
            )
    if not any(seat.attendance in PRESENT for seat in by_agency.values() if seat.agency in case_type.agencies):
        raise NotPossible("Nobody is there. Write down who is, or call the meeting off")


@dataclass(frozen=True)
class Decision:
    """A decision on one case: what of the case type, why, and the dissent of organisations at the table."""

    decision: str
    reason: str
    dissents: frozenset[str] = frozenset()


LONGEST_REASON = 500


def check_decision(
    case_type: CaseType, decision: Decision, actions: Collection[Action], state: str, item_state: str
) -> None:
    """Raise `NotPossible` for a decision without a reason, or that needs an action and has none."""
    if state != "in_session":
        raise NotPossible("Decisions are taken while the meeting is in session")
    if item_state != "listed":
        raise NotPossible("This case was discussed already, or taken off the agenda")
    kind = case_type.decisions.get(decision.decision)
    if kind is None:
        raise NotPossible("Choose what is decided from the list")
    if not decision.reason.strip() or len(decision.reason) > LONGEST_REASON:
        raise NotPossible(f"Say why, in {LONGEST_REASON} characters at the most")
    if kind.needs_action and not any(action.is_open and action.team for action in actions):
        raise NotPossible("That decision needs at least one action, with its owner and its date")


def check_dissent(organisation: str, present: Collection[str], state: str) -> None:
    """Raise `NotPossible` unless the organisation was at the table and the minutes are not agreed yet."""
    if state not in ("in_session", "held"):
        raise NotPossible("Dissent is recorded from the meeting on, until its minutes are agreed")
    if organisation not in present:
        raise NotPossible("Only an organisation that was present records its dissent")


def check_end(item_states: Iterable[str]) -> None:
    """Raise `NotPossible` while a case of the agenda is neither decided nor put off."""
    left = sum(state == "listed" for state in item_states)
    if left:
        raise NotPossible(f"{left} of the cases are not decided. Decide each, or put it off to another meeting")


def check_chair(username: str, chair: str) -> None:
    """Raise `NotPossible` for anybody but the chair."""
    if username != chair:
        raise NotPossible("Only the chair of the meeting does that")


def check_chair_change(by: Acting, chair: str, organisation: str, state: str) -> None:
    """Raise `NotPossible` unless `by` may take the chair: no meeting hangs on a chair who is gone.

    A coordinator of the organisation that holds the meeting takes it over, until its minutes are agreed.
    """
    if by.username == chair:
        raise NotPossible("You chair the meeting already")
    if not by.coordinates or by.organisation != organisation:
        raise NotPossible("Only a coordinator of the organisation that holds the meeting takes the chair. Ask one")
    if not MACHINE.steps_from(state):
        raise NotPossible("The meeting is over, and its minutes stand")


ITEM_MACHINE = Machine(
    "Case on an agenda",
    "listed",
    {
        "listed": State("To be discussed", said="still to be discussed"),
        "decided": State("Decided", ends=True),
        "put_off": State("Put off", ends=True),
        "taken_off": State("Taken off the agenda", ends=True),
    },
    {
        "decide": Step("Decide", ("listed",), "decided", "the chair"),
        "put_off": Step("Put off", ("listed",), "put_off", "the chair"),
        "take_off": Step("Take off", ("listed",), "taken_off", "the chair"),
    },
)
