"""A place in which anything may fall silent: who was asked, who asked, who leads them, who coordinates."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sample_run import VICTIM

from braid.care import moves, response
from braid.care.appointment_sheet import Sheet
from braid.care.documents import HARMED
from braid.care.meetings import minutes_due_at
from braid.care.moves import Move, Notice
from braid.care.referrals import LOOK_AGAIN_AFTER
from braid.care.reminders import Kind
from braid.care.response import Event
from braid.care.services import SERVICES
from braid.language.calendars import Calendar, DayType
from braid.language.dates import end_of_day, london_date
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.care.appointments import seal_appointments
from braid.web.care.kept import case_type_of
from braid.web.models import (
    AgendaItem,
    AppointmentSheet,
    CareAction,
    CaseMember,
    CaseOffer,
    CaseSubject,
    JointCase,
    JointPlan,
    Meeting,
    MeetingReturn,
    MoveNotice,
    PlanApproval,
    PlannedMove,
    ReadinessDay,
    Referral,
    ResponseEvent,
    Team,
    TeamMember,
    User,
)
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

ASKED, ASKED_LEAD, NEXT_LEAD = "asked", "asked-lead", "next-lead"
ASKER, ASKER_LEAD = "asker", "asker-lead"
COORDINATORS = ("coordinator-1", "coordinator-2")
STRANGER = "stranger"
ASKED_TEAM, ASKER_TEAM = "asked-team", "asker-team"
PEOPLE = {
    ASKED: ("advocate", "harbour"),
    ASKED_LEAD: ("advocate", "harbour"),
    NEXT_LEAD: ("advocate", "harbour"),
    ASKER: ("responder", "vale-hospital"),
    ASKER_LEAD: ("responder", "vale-hospital"),
    COORDINATORS[0]: ("coordinator", "vale-authority"),
    COORDINATORS[1]: ("coordinator", "vale-authority"),
    STRANGER: ("responder", "vale-hospital"),
}
"""Everybody, with role and organisation. Only `ASKED`, and in some kinds `ASKER`, ever takes part in a case."""
SAYS_NOTHING_OF_ANYBODY = frozenset({Kind.MINUTES, Kind.MEETING_TO_HOLD})
"""Kinds that are of a meeting, of which whoever is kept from somebody knows all the same."""
ASKED_BY_NOBODY = SAYS_NOTHING_OF_ANYBODY
"""Kinds that rise to coordinators alone: nobody asked a chair."""


@dataclass(frozen=True)
class Late:
    """Something that waits: what it is known by, its reference, and when it is due."""

    kind: Kind
    id: str
    reference: str
    due_at: dt.datetime


def make_people() -> None:
    """Write everybody and their teams. The leads of both teams take part in no case."""
    for name, (role, organisation) in PEOPLE.items():
        User.objects.create(username=name, display_name=name, role=role, organisation=organisation)
    with known_asker():
        for team, members in {
            ASKED_TEAM: (ASKED_LEAD, ASKED, NEXT_LEAD),
            ASKER_TEAM: (ASKER_LEAD, ASKER),
            "strange-team": (STRANGER,),
        }.items():
            organisation = PEOPLE[members[0]][1]
            Team.objects.create(id=team, name=team, organisation=organisation, services=["health"])
            for number, name in enumerate(members):
                TeamMember.objects.create(team_id=team, username=name, is_lead=number == 0)


def put_late(kind: Kind, began: dt.datetime) -> Late:
    """Put one of a kind, of somebody who is protected by an exclusion; return when it is due by the rules of care."""
    with known_asker():
        return PUT[kind](began)


def _reference() -> str:
    return uuid.uuid4().hex[:12]


def _case(lead: str = ASKED, case_type: str = "marac", agency: str = "advocate") -> JointCase:
    case = JointCase.objects.create(
        reference=_reference(), case_type=case_type, purpose=VICTIM_RESPONSE, opened_by=lead, type_version="1"
    )
    CaseSubject.objects.create(case=case, part="harmed", person_id=VICTIM, added_by=lead)
    seats = {ASKED: agency, ASKER: "health"}
    for name in {ASKED, lead}:
        CaseMember.objects.create(
            case=case,
            username=name,
            organisation=PEOPLE[name][1],
            agency=seats[name],
            right="edit",
            sight="whole",
            is_lead=name == lead,
        )
    return case


def _meeting(starts_at: dt.datetime, state: str, chair: str = ASKER, ended_at: dt.datetime | None = None) -> Meeting:
    return Meeting.objects.create(
        reference=_reference(),
        case_type="marac",
        type_version="1",
        purpose=VICTIM_RESPONSE,
        chair=chair,
        organisation=PEOPLE[chair][1],
        starts_at=starts_at,
        length_minutes=60,
        state=state,
        ended_at=ended_at,
    )


def _referral(began: dt.datetime, **more: object) -> Referral:
    taken = set(Referral.objects.values_list("service", flat=True))
    return Referral.objects.create(
        reference=_reference(),
        purpose=VICTIM_RESPONSE,
        person_id=VICTIM,
        service=next(one for one in SERVICES if one not in taken),
        team_id=ASKED_TEAM,
        urgency="urgent",
        sent_by=ASKER,
        sent_from=PEOPLE[ASKER][1],
        due_at=began,
        **more,
    )


def _put_referral(began: dt.datetime) -> Late:
    row = _referral(began)
    return Late(Kind.REFERRAL, str(row.pk), row.reference, began)


def _put_look_again(began: dt.datetime) -> Late:
    row = _referral(began, state="accepted", answered_by=ASKED, answered_at=began - LOOK_AGAIN_AFTER)
    return Late(
        Kind.LOOK_AGAIN,
        str(row.pk),
        row.reference,
        end_of_day(london_date(began - LOOK_AGAIN_AFTER) + LOOK_AGAIN_AFTER),
    )


def _put_offer(began: dt.datetime) -> Late:
    case = _case(ASKER)
    CaseMember.objects.filter(case=case, username=ASKED).update(left_at=began)
    row = CaseOffer.objects.create(
        case=case,
        team_id=ASKED_TEAM,
        agency="advocate",
        right="edit",
        sight="whole",
        case_reference=case.reference,
        case_type=case.case_type,
        purpose=case.purpose,
        offered_by=ASKER,
        offered_from=PEOPLE[ASKER][1],
        due_at=began,
    )
    return Late(Kind.OFFER, str(row.pk), case.reference, began)


def _put_return(began: dt.datetime) -> Late:
    case = _case()
    item = AgendaItem.objects.create(meeting=_meeting(began, "gathering"), case=case, position=1)
    row = MeetingReturn.objects.create(item=item, organisation=PEOPLE[ASKED][1], agency="advocate", due_at=began)
    return Late(Kind.RETURN, str(row.pk), case.reference, began)


def _put_action(began: dt.datetime) -> Late:
    case, day = _case(), london_date(began)
    row = CareAction.objects.create(case=case, team_id=ASKED_TEAM, words="Words of it", due_on=day, made_by=ASKER)
    return Late(Kind.ACTION, str(row.pk), case.reference, end_of_day(day))


def _put_review(began: dt.datetime) -> Late:
    case, day = _case(), london_date(began)
    before = began - dt.timedelta(days=90)
    meeting = _meeting(before, "held", ended_at=before)
    AgendaItem.objects.create(
        meeting=meeting,
        case=case,
        position=1,
        state="decided",
        decision="safety_plan",
        reason="Words of it",
        decided_by=ASKER,
        decided_at=before,
        review_on=day,
    )
    Meeting.objects.filter(pk=meeting.pk).update(state="agreed")
    return Late(Kind.REVIEW, str(case.pk), case.reference, end_of_day(day))


def _put_minutes(began: dt.datetime) -> Late:
    row = _meeting(began, "held", ASKED, began)
    return Late(Kind.MINUTES, str(row.pk), row.reference, minutes_due_at(began, case_type_of("marac")))


def _put_meeting_to_hold(began: dt.datetime) -> Late:
    row = _meeting(began - dt.timedelta(minutes=60), "planned", ASKED)
    return Late(Kind.MEETING_TO_HOLD, str(row.pk), row.reference, end_of_day(london_date(began)))


def _put_approval(began: dt.datetime) -> Late:
    case = _case(ASKER)
    plan = JointPlan.objects.create(case=case, number=1, state="proposed", round=1, made_by=ASKER)
    row = PlanApproval.objects.create(plan=plan, round=1, organisation=PEOPLE[ASKED][1], due_at=began)
    return Late(Kind.APPROVAL, str(row.pk), case.reference, began)


def _put_plan_review(began: dt.datetime) -> Late:
    case, day = _case(), london_date(began)
    row = JointPlan.objects.create(case=case, number=1, state="approved", round=1, review_on=day, made_by=ASKER)
    return Late(Kind.PLAN_REVIEW, str(row.pk), case.reference, end_of_day(day))


def _put_readiness(began: dt.datetime) -> Late:
    case, day = _case(ASKER, "complex_needs", "social_care"), london_date(began)
    ReadinessDay.objects.create(case=case, what="hearing", day=day, set_by=ASKER)
    spec = case_type_of("complex_needs").readiness[0]
    due = Calendar().day_before(day, spec.due_before, DayType.WORKING)
    return Late(Kind.READINESS, f"{case.pk}:{spec.id}", case.reference, end_of_day(due))


def _move(began: dt.datetime, **more: object) -> PlannedMove:
    return PlannedMove.objects.create(
        case=_case(), planned_on=london_date(began), leaves_district=True, made_by=ASKER, **more
    )


def _put_notice(began: dt.datetime) -> Late:
    day = london_date(began)
    move = _move(began, state="made", available_on=day)
    row = MoveNotice.objects.create(move=move, kind="s208", body="receiving_council", changed_by=ASKER)
    noun = Move(day, leaves_district=True, movers=(), available_on=day)
    found = moves.reckon_notice(Notice("s208", "receiving_council"), noun, day)
    assert found is not None and found[1].due_date is not None
    return Late(Kind.NOTICE, str(row.pk), move.case.reference, end_of_day(found[1].due_date))


def _put_move(began: dt.datetime) -> Late:
    row = _move(began)
    return Late(Kind.MOVE, str(row.pk), row.case.reference, end_of_day(london_date(began)))


def _put_clock(began: dt.datetime) -> Late:
    case = _case()
    row = ResponseEvent.objects.create(case=case, kind="report", at=began, entered_by=ASKER)
    found = response.reckon_event(Event("report", began), london_date(began))
    assert found is not None and found.due_date is not None
    return Late(Kind.CLOCK, str(row.pk), case.reference, end_of_day(found.due_date))


def _put_appointment(began: dt.datetime) -> Late:
    case, number = _case(), uuid.uuid4()
    sealed = seal_appointments(get_key_ring(), number, Sheet())
    made = {"id": number, "case": case, "side": HARMED, "changed_by": ASKER, "unsafe_since": began}
    AppointmentSheet.objects.create(**made, **sealed)
    return Late(Kind.APPOINTMENT, str(number), case.reference, began)


PUT: Mapping[Kind, Callable[[dt.datetime], Late]] = {
    Kind.REFERRAL: _put_referral,
    Kind.LOOK_AGAIN: _put_look_again,
    Kind.OFFER: _put_offer,
    Kind.RETURN: _put_return,
    Kind.ACTION: _put_action,
    Kind.REVIEW: _put_review,
    Kind.MINUTES: _put_minutes,
    Kind.MEETING_TO_HOLD: _put_meeting_to_hold,
    Kind.APPROVAL: _put_approval,
    Kind.PLAN_REVIEW: _put_plan_review,
    Kind.READINESS: _put_readiness,
    Kind.NOTICE: _put_notice,
    Kind.MOVE: _put_move,
    Kind.CLOCK: _put_clock,
    Kind.APPOINTMENT: _put_appointment,
}
"""One of each kind, begun at an instant."""
