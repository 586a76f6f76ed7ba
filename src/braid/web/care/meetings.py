"""Meetings as kept: planned, returns gathered, in session, decided case by case, held, agreed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from braid.care import meetings
from braid.care.actions import Action
from braid.care.case_types import CaseType, FollowUp
from braid.care.cases import Member, Right
from braid.care.cases import Sight as SightOfCase
from braid.care.meetings import ITEM_MACHINE, MACHINE, RETURN_MACHINE, Decision, Line, Reader, Seat, Stage
from braid.care.minutes import check_about
from braid.care.model import Escalation
from braid.care.readiness import check_gate
from braid.care.response import APART, sees_response
from braid.care.reviews import review_day
from braid.care.sides import sees_side, sees_words
from braid.language.calendars import Calendar, DayType
from braid.language.dates import london_date
from braid.language.steps import NotPossible, is_possible
from braid.web.access.frozen import find_frozen
from braid.web.access.projections import FrozenSeen
from braid.web.access.sight import NotThere, Sight
from braid.web.care import agendas_unseen, cases
from braid.web.care.actions import ActionSeen, make_action, see, teams_of_members, with_names
from braid.web.care.cases import SubjectSeen
from braid.web.care.kept import (
    acting_of,
    case_type_of,
    change,
    check_joint,
    new_reference,
    now_of_database,
    record_step,
)
from braid.web.care.readiness import left_open
from braid.web.care.shares import Grounds, decide_shares, seats_of, table_of
from braid.web.models import (
    AgencyNote,
    AgendaItem,
    Attendance,
    CareAction,
    CaseMember,
    Dissent,
    JointCase,
    Meeting,
    MeetingReturn,
    ReturnLine,
    UnreadyDecision,
)
from braid.web.owner_functions import ask
from braid.web.written_once import written_once

LONGEST_WORDS = 2000


@dataclass(frozen=True)
class ActionWanted:
    """An action that a decision brings with it."""

    words: str
    team: str
    due_on: dt.date


@dataclass(frozen=True)
class AnswerGiven:
    """One answer of a return, and the organisations from which it is withheld, each with its reason.

    `grounds` are its own where they differ from those of the return.
    """

    question: str
    part: str
    words: str
    withheld_from: Mapping[str, str]
    grounds: Grounds | None = None


def plan_meeting(sight: Sight, case_type_id: str, starts_at: dt.datetime) -> Meeting:
    """Plan a meeting that the viewer chairs. Raises `NotPossible`."""
    kind = case_type_of(case_type_id)
    check_joint(sight)
    if not sight.role.coordinates:
        raise NotPossible("A meeting is planned by a coordinator. Ask one")
    if kind.purpose != sight.viewer.purpose:
        raise NotPossible("That kind of meeting serves another purpose. Say first that you look for that")
    meetings.check_starts(starts_at, now_of_database())
    mine = Meeting.objects.filter(chair=sight.viewer.username, case_type=kind.id, starts_at=starts_at)
    if mine.exclude(state="cancelled").exists():
        raise NotPossible("You have planned this meeting already. Look at your meetings")
    row = Meeting(
        reference=new_reference("MT"),
        case_type=kind.id,
        type_version=kind.version,
        purpose=kind.purpose,
        chair=sight.viewer.username,
        organisation=sight.organisation,
        starts_at=starts_at,
    )
    Meeting.objects.append_one(row)
    record_step(sight, "meeting planned", [], meeting=row.reference, type=kind.id)
    return row


def get_row(meeting_id: UUID) -> Meeting:
    """Return a meeting that the human of this transaction may see. Raises `NotThere`."""
    rows = _meeting(meeting_id)
    if not rows:
        raise NotThere
    return rows[0]


@written_once
def _meeting(meeting_id: UUID) -> QuerySet[Meeting]:
    return Meeting.objects.filter(pk=meeting_id)


def put_on_agenda(sight: Sight, meeting_id: UUID, case_id: UUID) -> AgendaItem:
    """Put a case on the agenda, after every case that the chair sees on it: the chair does, who takes part in it.

    Raises `NotPossible`, `NotThere`.
    """
    meeting, row = get_row(meeting_id), cases.get_held(case_id)
    meetings.check_chair(sight.viewer.username, meeting.chair)
    cases.cases.check_edits(acting_of(sight), cases.noun_of(row))
    if row.case_type != meeting.case_type or row.state != "open":
        raise NotPossible("Only an open case of the meeting's kind goes on its agenda")
    if meeting.state not in ("planned", "gathering"):
        raise NotPossible("The agenda is closed once the meeting has begun")
    # Not by how many there are: one that the chair does not see would let it tie with their last.
    last = AgendaItem.objects.filter(meeting=meeting).aggregate(last=Max("position"))["last"] or 0
    item = AgendaItem(meeting=meeting, case=row, position=last + 1)
    try:
        with transaction.atomic():
            AgendaItem.objects.append_one(item)
    except IntegrityError:
        raise NotPossible("The case is on the agenda already") from None
    if meeting.state == "gathering":
        _ask(meeting, item)
    record_step(sight, "case on agenda", cases.people_of(row), "case", case=row.reference, meeting=meeting.reference)
    return item


def move_meeting(sight: Sight, meeting_id: UUID, seen: int, starts_at: dt.datetime) -> None:
    """Move a meeting to another time, by its chair; returns that are still asked for are due by the new one.

    Raises `NotPossible`, `NotThere`.
    """
    meeting, now = get_row(meeting_id), now_of_database()
    meetings.check_chair(sight.viewer.username, meeting.chair)
    meetings.check_move(meeting.state, starts_at, now)
    change(meeting, seen, starts_at=starts_at, moved_at=now)
    due_at = meetings.returns_due_at(starts_at, case_type_of(meeting.case_type))
    # The returns of every seat, of cases too in which the chair does not take part.
    ask("braid_returns_due", meeting.pk, due_at)
    record_step(sight, "meeting moved", [], meeting=meeting.reference)


def take_meeting_step(sight: Sight, meeting_id: UUID, seen: int, step: str, reason: str = "") -> Meeting:
    """Take a step of the meeting's machine, by its chair; it is cancelled with a reason. Raises `NotPossible`,
    `NotThere`.
    """
    meeting = get_row(meeting_id)
    meetings.check_chair(sight.viewer.username, meeting.chair)
    state, now = MACHINE.after(meeting.state, step), now_of_database()
    items = list(AgendaItem.objects.filter(meeting=meeting).select_related("case").order_by("position"))
    moments: dict[str, dt.datetime] = {}
    if step == "ask_returns":
        for item in items:
            _ask(meeting, item)
        agendas_unseen.ask_returns(meeting)
    elif step == "begin":
        meetings.check_begin(case_type_of(meeting.case_type), _seats(meeting), len(items))
        moments = {"begun_at": now}
    elif step == "end":
        meetings.check_end(item.state for item in items)
        agendas_unseen.put_off(sight, meeting)
        moments = {"ended_at": now}
    elif step == "agree":
        moments = {"agreed_at": now}
    elif step == "cancel":
        meetings.check_cancel(reason)
    change(meeting, seen, state=state, cancelled_because=reason if step == "cancel" else "", **moments)
    people = sorted({person for item in items for person in cases.people_of(item.case)})
    record_step(sight, f"meeting: {step}", people, "case", meeting=meeting.reference)
    return meeting


def _ask(meeting: Meeting, item: AgendaItem) -> None:
    """Ask each seat that somebody of the case fills for its return, once."""
    kind = case_type_of(meeting.case_type)
    due = meetings.returns_due_at(meeting.starts_at, kind)
    asked = set(MeetingReturn.objects.filter(item=item).values_list("organisation", "agency"))
    rows = {(one, agency) for one, seats in seats_of(item.case).items() for agency in seats}
    MeetingReturn.objects.append(
        MeetingReturn(item=item, organisation=organisation, agency=agency, due_at=due)
        for organisation, agency in sorted(rows - asked)
        if agency in kind.agencies
    )


def _seats(meeting: Meeting) -> list[Seat]:
    rows = Attendance.objects.filter(meeting=meeting)
    return [Seat(row.agency, row.attendance, row.excused_because) for row in rows]


def take_chair(sight: Sight, meeting_id: UUID, seen: int) -> None:
    """Take the chair of a meeting of one's organisation. Raises `NotPossible`, `NotThere`.

    It opens no case: whoever takes the chair decides on those in which they take part.
    """
    meeting = get_row(meeting_id)
    meetings.check_chair_change(acting_of(sight), meeting.chair, meeting.organisation, meeting.state)
    before = meeting.chair
    change(meeting, seen, chair=sight.viewer.username)
    record_step(sight, "chair taken", [], meeting=meeting.reference, chair_before=before)


def write_attendance(sight: Sight, meeting_id: UUID, seen: int, given: Mapping[str, tuple[str, str]]) -> None:
    """Write down who is there: for each agency its attendance, or why the meeting goes on without it.

    Raises `NotPossible`, `NotThere`.
    """
    meeting = get_row(meeting_id)
    meetings.check_chair(sight.viewer.username, meeting.chair)
    meetings.check_attendance_open(meeting.state)
    change(meeting, seen)
    kind = case_type_of(meeting.case_type)
    organisations = _organisations(meeting)
    for agency, (attendance, excuse) in given.items():
        if agency not in kind.agencies or attendance not in {"", *meetings.ATTENDANCES}:
            raise NotPossible("Choose from the list how each agency attends")
        if excuse not in {"", *meetings.EXCUSES}:
            raise NotPossible("Choose from the list why the meeting goes on without an agency")
        values = {"attendance": attendance, "excused_because": excuse, "written_by": sight.viewer.username}
        known = set(_attendance_of(meeting, agency).values_list("organisation", flat=True))
        _attendance_of(meeting, agency).update(**values)
        if attendance or excuse:
            # Several organisations may fill one seat: each of them was there, and may say that it does not agree.
            Attendance.objects.append(
                Attendance(meeting=meeting, agency=agency, organisation=organisation, **values)
                for organisation in sorted((organisations[agency] or {""}) - known)
            )
    record_step(sight, "attendance written", [], meeting=meeting.reference)


def _attendance_of(meeting: Meeting, agency: str) -> QuerySet[Attendance]:
    return Attendance.objects.filter(meeting=meeting, agency=agency)


def _organisations(meeting: Meeting) -> dict[str, set[str]]:
    """Return which organisations fill each seat in the cases on the agenda."""
    items = AgendaItem.objects.filter(meeting=meeting).values("case_id")
    rows = CaseMember.objects.filter(case_id__in=items, left_at__isnull=True)
    found: dict[str, set[str]] = defaultdict(set)
    for agency, organisation in rows.values_list("agency", "organisation"):
        found[agency].add(organisation)
    return found


def _present(meeting: Meeting) -> set[str]:
    """Return the organisations that were there; that of the chair is, unless its own seat is written down as not."""
    rows = Attendance.objects.filter(meeting=meeting).exclude(attendance="")
    attended = list(rows.values_list("organisation", "attendance"))
    present = {organisation for organisation, attendance in attended if attendance in meetings.PRESENT}
    return present if meeting.organisation in dict(attended) else present | {meeting.organisation}


def get_item(item_id: UUID) -> AgendaItem:
    """Return a case on an agenda of somebody who takes part in the case. Raises `NotThere`."""
    rows = _item(item_id)
    if not rows:
        raise NotThere
    return rows[0]


@written_once
def _item(item_id: UUID) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.select_related("meeting", "case").filter(pk=item_id)


def _my_return(sight: Sight, item: AgendaItem) -> tuple[MeetingReturn, Member]:
    noun = cases.noun_of(item.case)
    if noun.member(sight.viewer.username) is None:
        raise NotThere
    member = cases.cases.check_edits(acting_of(sight), noun)
    mine = {"item": item, "organisation": member.organisation, "agency": member.agency}
    row = MeetingReturn.objects.filter(**mine).first()
    if row is None:
        raise NotPossible("No return is asked of your agency for this case")
    return row, member


def give_return(sight: Sight, item_id: UUID, seen: int, answers: Iterable[AnswerGiven], grounds: Grounds) -> None:
    """Give one's agency's return: each answer with whom it is shared, under which law and why that is necessary, and
    from whom it is withheld and why. Raises `NotPossible`, `NotThere`.

    A changed answer is a new line with decisions of its own. The old line stays in the record; nobody reads it, but for
    an independent view that stood when the meeting began.
    """
    item, given = get_item(item_id), [one for one in answers if one.words.strip()]
    row, member = _my_return(sight, item)
    kind = case_type_of(item.meeting.case_type)
    if not given:
        raise NotPossible("Answer at least one question, or say that nothing is held")
    meetings.check_return(kind, member.agency, [(one.question, one.part) for one in given], item.meeting.state)
    state, now = RETURN_MACHINE.after(row.state, "give"), now_of_database()
    change(row, seen, state=state, answered_by=sight.viewer.username, answered_at=now, declined_because="")
    ReturnLine.objects.filter(source=row, ended_at__isnull=True).update(ended_at=now)
    table, whom = table_of(sight, item.case), cases.people_of(item.case)
    for one in given:
        if len(one.words) > LONGEST_WORDS:
            raise NotPossible(f"Say it in {LONGEST_WORDS} characters")
        line = ReturnLine(
            source=row,
            question=one.question,
            part=one.part,
            words=one.words.strip(),
            sensitivity=kind.questions[one.question].sensitivity,
            written_by=sight.viewer.username,
            written_at=now,
        )
        ReturnLine.objects.append_one(line)
        receivers = table.receivers_of(one.question, one.part, member.organisation)
        decide_shares(sight, table, line, receivers, one.grounds or grounds, one.withheld_from)
    record_step(sight, "return given", whom, "case", case=item.case.reference, lines=len(given))


def say_no_return(sight: Sight, item_id: UUID, seen: int, step: str, reason: str = "") -> None:
    """Say that one's agency holds nothing, or declines, with why. Raises `NotPossible`, `NotThere`."""
    item = get_item(item_id)
    row, _ = _my_return(sight, item)
    meetings.check_asked(case_type_of(item.meeting.case_type), row.agency, item.meeting.state)
    if step == "decline":
        meetings.check_decline(reason)
    elif step != "say_nothing_held":
        raise NotPossible("There is no such step. Look at the case again")
    state = RETURN_MACHINE.after(row.state, step)
    change(
        row,
        seen,
        state=state,
        declined_because=reason if step == "decline" else "",
        answered_by=sight.viewer.username,
        answered_at=now_of_database(),
    )
    record_step(sight, f"return: {step}", cases.people_of(item.case), "case", case=item.case.reference, reason=reason)


def write_note(sight: Sight, item_id: UUID, words: str, about: str) -> None:
    """Write down what one's agency said, and whom it is about: a part of the kind of case, or everybody.

    Raises `NotPossible`, `NotThere`.
    """
    item = get_item(item_id)
    member = cases.cases.check_edits(acting_of(sight), cases.noun_of(item.case))
    if item.meeting.state not in ("in_session", "held"):
        raise NotPossible("Notes are written from the meeting on, until its minutes are agreed")
    if not words.strip() or len(words) > LONGEST_WORDS:
        raise NotPossible(f"Say in {LONGEST_WORDS} characters what was said")
    check_about(case_type_of(item.case.case_type), member.agency, about)
    AgencyNote.objects.append_one(
        AgencyNote(
            item=item,
            organisation=member.organisation,
            agency=member.agency,
            words=words.strip(),
            about=about,
            written_by=member.username,
        )
    )
    record_step(sight, "note written", cases.people_of(item.case), "case", case=item.case.reference)


def decide(
    sight: Sight,
    item_id: UUID,
    seen: int,
    decision: Decision,
    wanted: Iterable[ActionWanted],
    unready_because: str = "",
) -> AgendaItem:
    """Decide on a case, with its actions, all or nothing; by the chair. Raises `NotPossible`, `NotThere`.

    A decision that needs a ready case is held back while a required readiness item is open, unless the chair writes
    why; that is kept.
    The database keeps with it where the priority rules placed the case's people; the chair need not see that.
    """
    item = get_item(item_id)
    meetings.check_chair(sight.viewer.username, item.meeting.chair)
    member = _check_whole(sight, item)
    actions = list(wanted)
    kind = case_type_of(item.meeting.case_type)
    nouns = [Action(one.team, one.due_on) for one in actions]
    meetings.check_decision(kind, decision, nouns, item.meeting.state, item.state)
    apart = kind.decisions[decision.decision].apart
    if not sees_side(kind, member.agency, apart):
        raise NotPossible("That is of a side that your seat is not shown. A coordinator whose seat is takes the chair")
    still_open = left_open(item.case) if kind.decisions[decision.decision].needs_ready else ()
    check_gate(kind, decision.decision, still_open, unready_because)
    now = now_of_database()
    change(
        item,
        seen,
        state=ITEM_MACHINE.after(item.state, "decide"),
        decision=decision.decision,
        reason=decision.reason.strip(),
        decided_by=sight.viewer.username,
        decided_at=now,
        review_on=review_day(now, kind),
        apart=apart,
    )
    for one in actions:
        make_action(sight, item.case, one.words, one.team, one.due_on, item, APART if apart else "")
    if still_open:
        _keep_unready(sight, item, [one.kind.id for one in still_open], unready_because)
    people = cases.people_of(item.case)
    record_step(
        sight, "decision", people, "case", case=item.case.reference, decision=decision.decision, actions=len(actions)
    )
    return item


def _check_whole(sight: Sight, item: AgendaItem) -> Member:
    """Return who the viewer is in a case, who works on the whole of it. Raises `NotPossible`."""
    return cases.cases.check_edits_whole(acting_of(sight), cases.noun_of(item.case))


def _keep_unready(sight: Sight, item: AgendaItem, still_open: list[str], because: str) -> None:
    UnreadyDecision.objects.append_one(
        UnreadyDecision(item=item, still_open=still_open, because=because.strip(), written_by=sight.viewer.username)
    )
    record_step(
        sight, "decision though not ready", cases.people_of(item.case), "case", case=item.case.reference,
        still_open=len(still_open),
    )  # fmt: skip


def leave_agenda(sight: Sight, item_id: UUID, seen: int, step: str, reason: str) -> AgendaItem:
    """Put a case off to another meeting, or take it off the agenda, with why; by the chair. Raises `NotPossible`,
    `NotThere`.
    """
    item = get_item(item_id)
    meetings.check_chair(sight.viewer.username, item.meeting.chair)
    _check_whole(sight, item)
    meetings.check_leave(step, reason, item.meeting.state)
    change(item, seen, state=ITEM_MACHINE.after(item.state, step), left_because=reason)
    record_step(sight, f"case: {step}", cases.people_of(item.case), "case", case=item.case.reference, reason=reason)
    return item


def dissent(sight: Sight, item_id: UUID, words: str) -> None:
    """Record that one's organisation does not agree, and why. Raises `NotPossible`, `NotThere`."""
    item = get_item(item_id)
    member = _check_whole(sight, item)
    meetings.check_dissent(member.organisation, _present(item.meeting), item.meeting.state)
    if item.state != "decided" or not sees_side(case_type_of(item.case.case_type), member.agency, item.apart):
        raise NotPossible("Nothing that your seat is shown is decided on this case yet")
    if not words.strip() or len(words) > LONGEST_WORDS:
        raise NotPossible(f"Say why in {LONGEST_WORDS} characters")
    try:
        with transaction.atomic():
            Dissent.objects.append_one(
                Dissent(item=item, organisation=member.organisation, words=words.strip(), recorded_by=member.username)
            )
    except IntegrityError:
        raise NotPossible("The dissent of your organisation is recorded already") from None
    record_step(sight, "dissent", cases.people_of(item.case), "case", case=item.case.reference)


@dataclass(frozen=True)
class ReturnSeen:
    """Whether an agency has answered on a case, and until when it is due. Of what it answered, nothing."""

    agency_name: str
    organisation: str
    state: str
    state_name: str
    declined_because: str
    due_at: dt.datetime
    silence: Escalation | None
    is_mine: bool
    version: int


@dataclass(frozen=True)
class LineSeen:
    """One answer as its reader sees it. `stage` is that of the two stages of an independent meeting, or empty.

    `is_current`: no later answer took its place.
    """

    id: UUID
    agency_name: str
    organisation: str
    question: str
    part_name: str
    words: str
    is_mine: bool
    stage: str
    is_current: bool
    key: tuple[str, str]


@dataclass(frozen=True)
class ItemSeen:
    """A case on an agenda, for one who takes part in the case."""

    id: UUID
    case_id: UUID
    case_reference: str
    meeting_id: UUID
    meeting_state: str
    state: str
    state_name: str
    left_name: str
    subjects: tuple[SubjectSeen, ...]
    returns: tuple[ReturnSeen, ...]
    lines: tuple[LineSeen, ...]
    notes: tuple[AgencyNote, ...]
    decision_name: str
    may_see_decision: bool
    reason: str
    decided_by: str
    decided_at: dt.datetime | None
    frozen: tuple[FrozenSeen, ...]
    """Where the priority rules placed these people then, for whoever may see ranks."""
    review_on: dt.date | None
    dissents: tuple[Dissent, ...]
    actions: tuple[ActionSeen, ...]
    still_open: tuple[str, ...]
    """Words of the required readiness items that are open while nothing is decided, or were when it was."""
    unready_because: str
    teams: Mapping[str, str]
    follow_ups: tuple[tuple[FollowUp, dt.date], ...]
    member: Member
    version: int


@dataclass(frozen=True)
class AgendaLine:
    """A case on an agenda as the meeting lists it, with how many returns are in, of how many asked for."""

    id: UUID
    case_reference: str
    position: int
    minutes: int
    state_name: str
    subjects: tuple[SubjectSeen, ...]
    asked: int
    answered: int
    decision_name: str


@dataclass(frozen=True)
class MeetingSeen:
    """A meeting as its chair, or one with a case on its agenda, sees it: of the agenda, their own cases."""

    id: UUID
    reference: str
    case_type: CaseType
    starts_at: dt.datetime
    length_minutes: int
    state: str
    state_name: str
    cancelled_name: str
    chair: str
    is_chair: bool
    may_take_chair: bool
    steps: tuple[tuple[str, str], ...]
    attendances: Mapping[str, Attendance]
    items: tuple[AgendaLine, ...]
    unseen: int
    """To the chair: cases still to be discussed in which they take no part."""
    version: int

    @property
    def minutes_in_all(self) -> int:
        """How many minutes the cases that the viewer sees take together."""
        return sum(one.minutes for one in self.items)


def list_meetings() -> list[Meeting]:
    """Return the meetings that the human of this transaction may see, those to come first."""
    return list(Meeting.objects.order_by("-starts_at")[:100])


def get_meeting(sight: Sight, meeting_id: UUID) -> MeetingSeen:
    """Return a meeting as the viewer sees it, and record the look at its people. Raises `NotThere`."""
    meeting = get_row(meeting_id)
    kind, me = case_type_of(meeting.case_type), sight.viewer.username
    items = _items_of(meeting.pk)
    is_chair = meeting.chair == me
    return MeetingSeen(
        id=meeting.pk,
        reference=meeting.reference,
        case_type=kind,
        starts_at=meeting.starts_at,
        length_minutes=meeting.length_minutes,
        state=meeting.state,
        state_name=MACHINE.states[meeting.state].name,
        cancelled_name=meetings.CANCELLATIONS.get(meeting.cancelled_because, ""),
        chair=meeting.chair,
        is_chair=is_chair,
        may_take_chair=_may_take_chair(sight, meeting),
        steps=tuple((code, MACHINE.steps[code].name) for code in MACHINE.steps_from(meeting.state) if is_chair),
        attendances={row.agency: row for row in _attendances(meeting.pk)},
        items=_agenda(sight, [item for item in items if item.state != "taken_off"], kind),
        unseen=agendas_unseen.count_left(meeting) if is_chair else 0,
        version=meeting.version,
    )


@written_once
def _items_of(meeting_id: UUID) -> QuerySet[AgendaItem]:
    rows = AgendaItem.objects.filter(meeting_id=meeting_id).select_related("case", "meeting")
    return rows.order_by("position", "pk")


@written_once
def _attendances(meeting_id: UUID) -> QuerySet[Attendance]:
    return Attendance.objects.filter(meeting_id=meeting_id)


@written_once
def _states_of_returns(item_ids: list[UUID]) -> QuerySet[MeetingReturn, Any]:
    return MeetingReturn.objects.filter(item_id__among=item_ids).values_list("item_id", "state")


def _may_take_chair(sight: Sight, meeting: Meeting) -> bool:
    by = acting_of(sight)
    return is_possible(lambda: meetings.check_chair_change(by, meeting.chair, meeting.organisation, meeting.state))


def _agenda(sight: Sight, items: list[AgendaItem], kind: CaseType) -> tuple[AgendaLine, ...]:
    """Return the lines of an agenda, with as many statements for many cases as for one."""
    seen = {one.id: one for one in cases.see_cases(sight, [item.case for item in items], leads_alone=True)}
    states: dict[UUID, list[str]] = defaultdict(list)
    for item_id, state in _states_of_returns([item.pk for item in items]):
        states[item_id].append(state)
    return tuple(
        AgendaLine(
            id=item.pk,
            case_reference=item.case.reference,
            position=number,
            minutes=item.minutes,
            state_name=ITEM_MACHINE.states[item.state].name,
            subjects=seen[item.case_id].subjects,
            asked=len(states[item.pk]),
            answered=sum(state != "asked" for state in states[item.pk]),
            decision_name=kind.decisions[item.decision].words
            if seen[item.case_id].mine.sight is SightOfCase.WHOLE
            and sees_side(kind, seen[item.case_id].mine.agency, item.apart)
            and item.decision in kind.decisions
            else "",
        )
        # Numbered among what the reader sees: a gap would say that there is a case which is not for them.
        for number, item in enumerate((one for one in items if one.case_id in seen), 1)
    )


def see_item(sight: Sight, item: AgendaItem) -> ItemSeen:
    """Return a case on an agenda as the viewer, who takes part in it, sees it. Raises `NotThere`."""
    seen = cases.see_case(sight, item.case)
    kind, now = case_type_of(item.meeting.case_type), sight.now
    mine = seen.mine
    whole = mine.sight is SightOfCase.WHOLE
    sees = whole and sees_side(kind, mine.agency, item.apart)
    actions = _actions_of(item.pk)
    still_open, because = _unready(item, kind) if sees else ((), "")
    return ItemSeen(
        id=item.pk,
        case_id=item.case_id,
        case_reference=item.case.reference,
        meeting_id=item.meeting_id,
        meeting_state=item.meeting.state,
        state=item.state,
        state_name=ITEM_MACHINE.states[item.state].name,
        left_name=meetings.LEAVINGS.get(item.left_because, ""),
        subjects=seen.subjects,
        returns=_returns(item, mine, kind, now),
        lines=_lines(item, mine, kind),
        notes=_notes(item, mine, kind),
        decision_name=kind.decisions[item.decision].words if sees and item.decision in kind.decisions else "",
        may_see_decision=sees or item.state != "decided",
        reason=item.reason if sees else "",
        decided_by=item.decided_by if sees else "",
        decided_at=item.decided_at,
        frozen=find_frozen(sight, item, {one.person_id: one.name for one in seen.subjects if one.person_id})
        if whole and sees_response(kind, mine.agency)
        else (),
        review_on=item.review_on if whole else None,
        dissents=tuple(_dissents_of(item.pk)) if sees else (),
        actions=tuple(see(sight, actions)),
        still_open=still_open,
        unready_because=because,
        teams=teams_of_members(seen.members),
        follow_ups=tuple((one, _days_on(now, one.working_days)) for one in kind.follow_ups),
        member=mine,
        version=item.version,
    )


@written_once
def _actions_of(item_id: UUID) -> QuerySet[CareAction]:
    return with_names(CareAction.objects.filter(item_id=item_id)).order_by("due_on", "pk")


@written_once
def _dissents_of(item_id: UUID) -> QuerySet[Dissent]:
    return Dissent.objects.filter(item_id=item_id).order_by("recorded_at", "pk")


@written_once
def _notes_of(item_id: UUID) -> QuerySet[AgencyNote]:
    return AgencyNote.objects.filter(item_id=item_id).order_by("written_at", "pk")


@written_once
def _returns_of(item_id: UUID) -> QuerySet[MeetingReturn]:
    return MeetingReturn.objects.filter(item_id=item_id).order_by("agency", "organisation")


@written_once
def _lines_of(item_id: UUID) -> QuerySet[ReturnLine]:
    return ReturnLine.objects.filter(source__item_id=item_id).select_related("source")


def _unready(item: AgendaItem, kind: CaseType) -> tuple[tuple[str, ...], str]:
    """Return what is not ready and, once it was decided all the same, why."""
    if item.state != "decided":
        return tuple(one.kind.words for one in left_open(item.case)), ""
    kept = UnreadyDecision.objects.filter(item=item).first()
    if kept is None:
        return (), ""
    words = {one.id: one.words for one in kind.readiness}
    return tuple(words.get(code, code) for code in kept.still_open), kept.because


def _notes(item: AgendaItem, mine: Member, kind: CaseType) -> tuple[AgencyNote, ...]:
    """Return the notes that the reader's seat is shown. The rule has the last word on what the policies let through."""
    return tuple(
        note
        for note in _notes_of(item.pk)
        if (note.organisation, note.agency) == (mine.organisation, mine.agency)
        or (mine.sight is SightOfCase.WHOLE and sees_words(kind, mine.agency, note.about))
    )


def _days_on(now: dt.datetime, working_days: int) -> dt.date:
    return Calendar().last_day(london_date(now), working_days, DayType.WORKING, beginning_with=False)


def _returns(item: AgendaItem, mine: Member, kind: CaseType, now: dt.datetime) -> tuple[ReturnSeen, ...]:
    return tuple(
        ReturnSeen(
            agency_name=kind.agencies[row.agency].name,
            organisation=row.organisation,
            state=row.state,
            state_name=RETURN_MACHINE.states[row.state].name,
            declined_because=meetings.NO_RETURN.get(row.declined_because, ""),
            due_at=row.due_at,
            silence=meetings.silence_on_return(row.state, row.due_at, now),
            is_mine=(row.organisation, row.agency) == (mine.organisation, mine.agency),
            version=row.version,
        )
        for row in _returns_of(item.pk)
        if row.agency in kind.agencies
    )


def _lines(item: AgendaItem, mine: Member, kind: CaseType) -> tuple[LineSeen, ...]:
    """Return the lines that the reader sees. The rule has the last word on what the policies let through."""
    rows = _lines_of(item.pk)
    begun_at = item.meeting.begun_at
    reader = Reader(mine.organisation, mine.agency, mine.sight)
    order = {question: number for number, question in enumerate(kind.questions)}
    found = []

    def place(one: ReturnLine) -> tuple[object, ...]:
        return (order.get(one.question, len(order)), one.part, one.source.agency, one.written_at)

    for row in sorted(rows, key=place):
        # Lines that are not one's own come through the policies only where a decision to share them was taken.
        shared = frozenset({mine.organisation})
        line = Line(row.source.agency, row.source.organisation, row.question, row.part, shared)
        stage = meetings.stage_of(kind, row.written_at, row.ended_at, begun_at)
        if stage is not None and meetings.sees_line(reader, line, kind, item.meeting.state):
            found.append(_line_seen(row, mine, kind, stage))
    return tuple(found)


def lines_about(row: JointCase, mine: Member, kind: CaseType, parts: Collection[str]) -> tuple[LineSeen, ...]:
    """Return the lines of all returns on a case about these parts that a member reads, newest meeting first."""
    rows = ReturnLine.objects.filter(source__item__case=row, part__in=parts, ended_at__isnull=True)
    rows = rows.select_related("source", "source__item", "source__item__meeting")
    reader, shared = Reader(mine.organisation, mine.agency, mine.sight), frozenset({mine.organisation})
    return tuple(
        _line_seen(one, mine, kind)
        for one in rows.order_by("-source__item__meeting__starts_at", "question", "written_at", "pk")
        if meetings.sees_line(
            reader,
            Line(one.source.agency, one.source.organisation, one.question, one.part, shared),
            kind,
            one.source.item.meeting.state,
        )
    )


def _line_seen(row: ReturnLine, mine: Member, kind: CaseType, stage: Stage = Stage.ONLY) -> LineSeen:
    agency, question = kind.agencies.get(row.source.agency), kind.questions.get(row.question)
    return LineSeen(
        id=row.pk,
        agency_name=agency.name if agency else row.source.agency,
        organisation=row.source.organisation,
        question=question.words if question else row.question,
        part_name=kind.parts[row.part].name if row.part in kind.parts else row.part,
        words=row.words,
        is_mine=(row.source.organisation, row.source.agency) == (mine.organisation, mine.agency),
        stage=meetings.STAGES[stage],
        is_current=row.ended_at is None,
        key=(row.question, row.part),
    )


def list_returns_due(sight: Sight) -> list[tuple[AgendaItem, MeetingReturn, Escalation | None]]:
    """Return the returns still asked of the viewer's own seats, those due first."""
    listed, now = _asked(), sight.now
    seats = _seats_of(sight.viewer.username) if listed else set()
    return [
        (row.item, row, meetings.silence_on_return(row.state, row.due_at, now))
        for row in listed
        if (row.item.case_id, row.organisation, row.agency) in seats
    ]


def _seats_of(username: str) -> set[tuple[UUID, str, str]]:
    return set(_seats_taken(username))


@written_once
def _seats_taken(username: str) -> QuerySet[CaseMember, Any]:
    rows = CaseMember.objects.filter(username=username, left_at__isnull=True)
    return rows.values_list("case_id", "organisation", "agency")


@written_once
def _asked() -> QuerySet[MeetingReturn]:
    rows = MeetingReturn.objects.filter(state="asked", item__meeting__state__in=("gathering", "in_session"))
    rows = rows.exclude(item__state="taken_off").select_related("item", "item__case", "item__meeting")
    return rows.order_by("due_at")


@written_once
def _awaited_by(chair: str) -> QuerySet[MeetingReturn]:
    rows = MeetingReturn.objects.filter(state="asked", item__meeting__chair=chair)
    rows = rows.filter(item__meeting__state__in=("gathering", "in_session")).exclude(item__state="taken_off")
    return rows.select_related("item__meeting").order_by("due_at")


def list_returns_awaited(sight: Sight) -> list[tuple[Meeting, int, Escalation | None]]:
    """Return the meetings that the viewer chairs for which returns are awaited: how many, and the longest silence."""
    found: dict[UUID, list[MeetingReturn]] = defaultdict(list)
    for row in _awaited_by(sight.viewer.username):
        found[row.item.meeting_id].append(row)
    now = sight.now
    return [
        (of_meeting[0].item.meeting, len(of_meeting), meetings.silence_on_return("asked", of_meeting[0].due_at, now))
        for of_meeting in found.values()
    ]


def cases_to_list(meeting: Meeting) -> list[JointCase]:
    """Return the open cases of the meeting's kind on which its chair works and that are not on its agenda."""
    return _to_list(meeting.pk, meeting.chair, meeting.case_type)


@written_once
def _to_list(meeting_id: UUID, chair: str, case_type: str) -> QuerySet[JointCase]:
    listed = AgendaItem.objects.filter(meeting_id=meeting_id).exclude(state="taken_off").values("case_id")
    mine = CaseMember.objects.filter(username=chair, right=Right.EDIT, left_at__isnull=True)
    rows = JointCase.objects.filter(case_type=case_type, state="open", pk__in=mine.values("case_id"))
    return rows.exclude(pk__in=listed).order_by("opened_at")
