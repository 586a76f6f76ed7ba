"""What must be there before a case can be decided or heard: item by item, whose it is, and what is late.

A case is ready when no required item is open. That an item will be late is said by the days left against the days that
it usually takes, long before the day: a slot that is given back in time goes to another case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from braid.care.case_types import CaseType, ReadinessItem
from braid.care.cases import Member, Sight
from braid.care.model import Escalation, escalation_of
from braid.language.calendars import LAST_DAY, Calendar, DateNotReckonable, DayType
from braid.language.dates import end_of_day, london_date
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Item of a readiness list",
    "open",
    {
        "open": State("Open"),
        "in_hand": State("In hand"),
        "late": State("Will be late", said="said to be late"),
        "done": State("Done"),
        "to_agree": State("Said to be not needed, and another seat is asked", said="before another seat to agree"),
        "not_needed": State("Not needed"),
    },
    {
        "take": Step("Take in hand", ("open",), "in_hand", "the agency"),
        "say_late": Step("Say that it will be late", ("open", "in_hand", "late"), "late", "the agency"),
        "complete": Step("Mark as done", ("open", "in_hand", "late"), "done", "the agency"),
        "drop": Step(
            "Say that it is not needed", ("open", "in_hand", "late"), "not_needed", "the lead, where it is not required"
        ),
        "ask_drop": Step(
            "Ask that it be held not needed", ("open", "in_hand", "late"), "to_agree", "the lead, where it is required"
        ),
        "agree_drop": Step("Agree that it is not needed", ("to_agree",), "not_needed", "another seat"),
        "object": Step("Say that it is needed", ("to_agree",), "open", "another seat"),
        "reopen": Step(
            "Open again", ("done", "to_agree", "not_needed"), "open", "the agency, or the lead professional"
        ),
    },
)
SETTLED = frozenset({"done", "not_needed"})
OF_AGENCY = frozenset({"take", "say_late", "complete", "reopen"})
OF_LEAD = frozenset({"drop", "ask_drop", "reopen"})
OF_ANOTHER = frozenset({"agree_drop", "object"})
"""Steps of a seat other than the one that asked: the agency that owns the item, or any where nobody sits for it."""
NOT_NEEDED: Mapping[str, str] = {
    "does_not_apply": "It does not apply to this case",
    "covered": "Something else that is there covers it",
    "court_said_so": "The court has said that it is not needed",
    "all_agree": "Everybody at the table agrees that it is not needed",
}
"""Why a readiness item is not needed."""
DAYS_FOR: Mapping[str, str] = {"hearing": "Hearing", "meeting": "Meeting"}
"""For which day a case is got ready."""
DAY_ENDS: Mapping[str, str] = {
    "vacated": "The hearing or meeting was vacated, and no new day is fixed",
    "moved": "It was moved to another day",
    "mistake": "The day was written down by mistake",
}
"""Why a day that was written down does not hold any more."""
LONGEST_EVIDENCE = 300
LONGEST_BECAUSE = 500
LONGEST_AHEAD = dt.timedelta(days=366)


class Timing(StrEnum):
    """Whether an item will be there in time."""

    SETTLED = "settled"
    NO_DAY = "no_day"
    """No hearing or meeting is fixed, so nothing is due: it is never said to be late."""
    IN_TIME = "in_time"
    SHORT = "short"
    """Fewer days are left than it usually takes."""
    LATE = "late"
    """Its owner says that it comes after the day on which it is due."""
    OVERDUE = "overdue"


TIMINGS: Mapping[Timing, str] = {
    Timing.SETTLED: "Settled",
    Timing.NO_DAY: "No day is fixed",
    Timing.IN_TIME: "In time",
    Timing.SHORT: "Not in time, by the days that it usually takes",
    Timing.LATE: "Not in time, as its owner says",
    Timing.OVERDUE: "Overdue",
}
NOT_IN_TIME = frozenset({Timing.SHORT, Timing.LATE, Timing.OVERDUE})


@dataclass(frozen=True)
class Item:
    """A readiness item of a case as rules know it.

    `since` is the day on which it was taken in hand, `expected_on` when its owner expects it where it will be late,
    `evidence` what shows that it is there, `reason` a code of `NOT_NEEDED`, `by` who took the last step, `asked_by` the
    seat that said that a required one is not needed.
    """

    kind: ReadinessItem
    state: str = MACHINE.first
    since: dt.date | None = None
    expected_on: dt.date | None = None
    evidence: str = ""
    reason: str = ""
    by: str = ""
    asked_by: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do for it."""
        return self.state in SETTLED


@dataclass(frozen=True)
class Given:
    """What comes with a step: evidence in words, a reason, or the day on which something late is expected."""

    evidence: str = ""
    reason: str = ""
    expected_on: dt.date | None = None


def take_step(
    member: Member, item: Item, step: str, given: Given, now: dt.datetime, seats: Collection[str] = frozenset()
) -> Item:
    """Return the item after a step of a member who may work on the case. Raises `NotPossible`.

    Its agency does what is to be done. Of a required item the lead professional asks that it be held not needed, and
    another seat agrees: the one that owns it, where somebody sits for it. `seats` are those in which somebody sits.
    """
    check_may(member, item, step, seats)
    state, today = MACHINE.after(item.state, step), london_date(now)
    after = replace(item, state=state, by=member.username, evidence="", reason="", expected_on=None, asked_by="")
    if step == "take":
        return replace(after, since=today)
    if step == "say_late":
        return replace(after, expected_on=_expected(given.expected_on, today))
    if step == "complete":
        return replace(after, evidence=_evidence(given.evidence))
    if step in ("drop", "ask_drop"):
        if given.reason not in NOT_NEEDED:
            raise NotPossible("Choose why it is not needed")
        return replace(after, reason=given.reason, asked_by=member.agency if step == "ask_drop" else "")
    if step == "agree_drop":
        return replace(after, reason=item.reason, asked_by=item.asked_by)
    return replace(after, since=None)


def check_may(member: Member, item: Item, step: str, seats: Collection[str] = frozenset()) -> None:
    """Raise `NotPossible` unless the step is that of this member: of their seat, as the lead, or as another seat."""
    if step in OF_ANOTHER:
        _check_another(member, item, seats)
        return
    if step in OF_LEAD and member.is_lead:
        if step == "drop" and item.kind.required:
            raise NotPossible("It is required, so another seat agrees first. Ask that it be held not needed")
        if step == "ask_drop" and not item.kind.required:
            raise NotPossible("It is not required: say yourself that it is not needed")
        return
    if step in OF_AGENCY and member.agency == item.kind.agency:
        return
    if step in OF_AGENCY:
        raise NotPossible("Only somebody in the seat that owns it does that. Offer the case to a team of theirs")
    raise NotPossible("Only the lead professional says that something is not needed. Ask them")


def _check_another(member: Member, item: Item, seats: Collection[str]) -> None:
    if not item.asked_by:
        raise NotPossible("Nobody has asked that it be held not needed. Look at the list again")
    if member.agency == item.asked_by:
        raise NotPossible("Your own seat asked. Somebody of another one agrees: offer the case to a team of theirs")
    owner = item.kind.agency
    if owner in seats and owner not in (item.asked_by, member.agency):
        raise NotPossible("The seat that owns it agrees or objects. Ask them")
    if member.sight is not Sight.WHOLE and member.agency != owner:
        raise NotPossible("You see the items of your own seat alone")


def is_asked(member: Member, item: Item, seats: Collection[str]) -> bool:
    """Whether this member is asked to agree that an item is not needed."""
    return "agree_drop" in steps_for(member, item, seats)


def steps_for(member: Member, item: Item, seats: Collection[str] = frozenset()) -> tuple[str, ...]:
    """Return the codes of the steps that a member may take of an item now."""
    return tuple(code for code in MACHINE.steps_from(item.state) if _may(member, item, code, seats))


def _may(member: Member, item: Item, step: str, seats: Collection[str]) -> bool:
    try:
        check_may(member, item, step, seats)
    except NotPossible:
        return False
    return True


def _expected(day: dt.date | None, today: dt.date) -> dt.date:
    if day is None or not today <= day <= today + LONGEST_AHEAD:
        raise NotPossible("Enter the day on which it is expected, from today on, within a year")
    return day


def _evidence(words: str) -> str:
    if not words.strip() or len(words) > LONGEST_EVIDENCE:
        raise NotPossible(f"Say in {LONGEST_EVIDENCE} characters what shows that it is there")
    return words.strip()


def check_day(day: dt.date, what: str, now: dt.datetime) -> None:
    """Raise `NotPossible` for a hearing or meeting that is not to come, or further off than working days are known."""
    today = london_date(now)
    if what not in DAYS_FOR:
        raise NotPossible("Say whether it is a hearing or a meeting")
    if not today <= day <= min(today + LONGEST_AHEAD, LAST_DAY):
        raise NotPossible("Choose a day from today on, within a year")


def check_writes_day(case_type: CaseType, member: Member) -> None:
    """Raise `NotPossible` unless the lead professional or the court's own seat writes the day down."""
    if not member.is_lead and not (case_type.lists(member.agency) and member.sight is Sight.WHOLE):
        raise NotPossible("Only the lead professional or the court's own seat writes the day down. Ask them")


def due_on(kind: ReadinessItem, day: dt.date | None) -> dt.date | None:
    """Return the last day for an item, reckoned back from the day of the hearing or meeting; `None` without one."""
    if day is None:
        return None
    if not kind.due_before:
        return day
    try:
        return Calendar().day_before(day, kind.due_before, DayType.WORKING)
    except DateNotReckonable:
        return None


def timing_of(item: Item, due: dt.date | None, today: dt.date) -> Timing:
    """Return whether an item will be there in time, as known on `today`.

    What is in hand counts from the day on which it was taken up, everything else from today. An owner who has named a
    day is believed.
    """
    if item.is_settled:
        return Timing.SETTLED
    if due is None:
        return Timing.NO_DAY
    if today > due:
        return Timing.OVERDUE
    if item.expected_on is not None:
        return Timing.LATE if item.expected_on > due else Timing.IN_TIME
    begins = min(item.since or today, today)
    try:
        there = Calendar().last_day(begins, item.kind.days_needed, DayType.WORKING, beginning_with=True)
    except DateNotReckonable:
        return Timing.NO_DAY
    return Timing.SHORT if max(there, today) > due else Timing.IN_TIME


def silence_on(item: Item, due: dt.date | None, now: dt.datetime) -> Escalation | None:
    """Return where the silence on an open item stands; `None` once it is settled, or while nothing is due."""
    return None if item.is_settled or due is None else escalation_of(end_of_day(due), now)


def left_open(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the required items that are open: a case without any is ready."""
    return tuple(item for item in items if item.kind.required and not item.is_settled)


def check_gate(case_type: CaseType, decision: str, still_open: Collection[Item], because: str) -> None:
    """Raise `NotPossible` for a decision that needs a ready case while an item is open and the chair does not say why.

    `because` is why the chair lets it go ahead all the same; it is kept with the decision.
    """
    kind = case_type.decisions.get(decision)
    if kind is None or not kind.needs_ready or not still_open:
        return
    if len(because) > LONGEST_BECAUSE:
        raise NotPossible(f"Say in {LONGEST_BECAUSE} characters why it goes ahead all the same")
    if not because.strip():
        missing = "; ".join(item.kind.words for item in still_open)
        raise NotPossible(
            f"The case is not ready: {missing}. Settle what is open, decide otherwise, or write why it goes ahead"
            " all the same"
        )
