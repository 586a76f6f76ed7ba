"""What stands of joint work about one person, with one human in it: a case on an agenda, an offer, a referral."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils import timezone

from braid.web.models import (
    AgencyNote,
    AgendaItem,
    Attendance,
    CareAction,
    CaseMember,
    CaseOffer,
    CaseSubject,
    Dissent,
    JointCase,
    Meeting,
    MeetingReturn,
    MinutesAmendment,
    Referral,
    ReturnLine,
    Team,
    TeamMember,
    User,
)
from braid.web.watch import known_asker


@dataclass(frozen=True)
class Joint:
    """The ids of each."""

    referral: str
    case: str
    offer: str
    meeting: str
    item: str
    minutes: str
    """The id of a meeting that was held, with a decision and a correction of its minutes."""


def put_joint(person_id: str, username: str, purpose: str = "school_from_ta") -> Joint:
    """Put one of each into the tables as their owner; the human leads the case, and the team answers."""
    now = timezone.now()
    with known_asker():
        user = User.objects.get(username=username)
        slug = f"joint-{username.replace('_', '-')}"
        team, made = Team.objects.get_or_create(
            id=slug, defaults={"name": slug, "organisation": user.organisation, "services": ["health"]}
        )
        if made:
            TeamMember.objects.create(team=team, username=username, is_lead=True)
        referral = Referral.objects.create(
            reference=uuid.uuid4().hex[:20],
            purpose=purpose,
            person_id=person_id,
            service="health",
            team=team,
            urgency="urgent",
            note="words of a referral",
            sent_by="somebody else",
            due_at=now + dt.timedelta(days=1),
        )
        case = _case(person_id, user, purpose)
        other = JointCase.objects.create(
            reference=uuid.uuid4().hex[:20], case_type="complex_needs", purpose=purpose, opened_by="somebody else"
        )
        CaseSubject.objects.create(case=other, part="person", person_id=person_id, added_by="somebody else")
        offer = CaseOffer.objects.create(
            case=other,
            team=team,
            agency="health",
            right="edit",
            sight="whole",
            case_reference=other.reference,
            case_type=other.case_type,
            purpose=purpose,
            offered_by="somebody else",
            due_at=now + dt.timedelta(days=1),
        )
        item = _item(case, user, purpose, now)
        CareAction.objects.create(
            case=case, team=team, words="Something to do", due_on=now.date() + dt.timedelta(days=3), made_by=username
        )
        held = _held(case, user, purpose, now)
    return Joint(*(str(one.pk) for one in (referral, case, offer, item.meeting, item, held)))


def _case(person_id: str, user: User, purpose: str) -> JointCase:
    case = JointCase.objects.create(
        reference=uuid.uuid4().hex[:20], case_type="complex_needs", purpose=purpose, opened_by=user.username
    )
    CaseSubject.objects.create(case=case, part="person", person_id=person_id, added_by=user.username)
    for name, is_lead in ((user.username, True), ("somebody else", False)):
        CaseMember.objects.create(
            case=case,
            username=name,
            organisation=user.organisation,
            agency="social_care",
            right="edit",
            sight="whole",
            is_lead=is_lead,
        )
    return case


def _item(case: JointCase, user: User, purpose: str, now: dt.datetime) -> AgendaItem:
    meeting = Meeting.objects.create(
        reference=uuid.uuid4().hex[:20],
        case_type="complex_needs",
        purpose=purpose,
        chair="somebody else",
        organisation=user.organisation,
        starts_at=now,
        state="in_session",
    )
    Attendance.objects.create(
        meeting=meeting, organisation=user.organisation, agency="social_care", attendance="present"
    )
    item = AgendaItem.objects.create(meeting=meeting, case=case, position=1)
    source = MeetingReturn.objects.create(
        item=item, organisation=user.organisation, agency="social_care", due_at=now, state="given"
    )
    ReturnLine.objects.create(
        source=source, question="known_for", part="person", words="words of a return", sensitivity="special"
    )
    words = {"item": item, "organisation": user.organisation, "words": "words of a meeting"}
    AgencyNote.objects.create(agency="social_care", **words)
    Dissent.objects.create(**words)
    return item


def _held(case: JointCase, user: User, purpose: str, now: dt.datetime) -> Meeting:
    meeting = Meeting.objects.create(
        reference=uuid.uuid4().hex[:20],
        case_type="complex_needs",
        purpose=purpose,
        chair=user.username,
        organisation=user.organisation,
        starts_at=now - dt.timedelta(days=8),
        ended_at=now - dt.timedelta(days=8),
        state="held",
    )
    item = AgendaItem.objects.create(
        meeting=meeting,
        case=case,
        position=1,
        state="decided",
        decision="joint_plan",
        reason="words of a reason",
        decided_by=user.username,
        decided_at=now - dt.timedelta(days=8),
        review_on=now.date() - dt.timedelta(days=1),
    )
    MinutesAmendment.objects.create(
        item=item,
        organisation=user.organisation,
        agency="social_care",
        words="words of a correction",
        written_by="somebody else",
    )
    return meeting
