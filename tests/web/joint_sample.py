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
    GoalAction,
    GoalReview,
    JointCase,
    JointPlan,
    Meeting,
    MeetingReturn,
    OwnView,
    OwnWords,
    PlanApproval,
    PlanGoal,
    PlanReview,
    Referral,
    ReplyLink,
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
    subject: str
    """The number of whom the case is about, in the case."""


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
        action = CareAction.objects.create(
            case=case, team=team, words="Something to do", due_on=now.date() + dt.timedelta(days=3), made_by=username
        )
        _plan(case, action, user, now)
        ReplyLink.objects.create(
            referral=referral,
            reference=uuid.uuid4().hex[:20],
            digest=uuid.uuid4().hex,
            made_by="somebody else",
            expires_at=now + dt.timedelta(days=1),
        )
        subject = CaseSubject.objects.get(case=case)
    return Joint(*(str(one.pk) for one in (referral, case, offer, item.meeting, item, subject)))


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


def _plan(case: JointCase, action: CareAction, user: User, now: dt.datetime) -> None:
    """A plan that holds, with a goal, an action, an approval and a review; a view of it, and what was said by it."""
    subject = CaseSubject.objects.get(case=case)
    soon = now.date() + dt.timedelta(days=9)
    plan = JointPlan.objects.create(
        case=case, number=1, state="approved", round=1, review_on=now.date(), made_by=user.username, approved_at=now
    )
    goal = PlanGoal.objects.create(
        plan=plan, subject=subject, position=1, words="words of a goal", whose="person", target_on=soon
    )
    GoalAction.objects.create(plan=plan, goal=goal, action=action)
    for organisation in (user.organisation, "another"):
        PlanApproval.objects.create(plan=plan, round=1, organisation=organisation, state="approved", due_at=now)
    review = PlanReview.objects.create(plan=plan, held_on=now.date(), next_on=soon, written_by=user.username)
    GoalReview.objects.create(review=review, goal=goal, result="on_the_way", words="words of a review")
    view = OwnView.objects.create(
        case=case,
        subject=subject,
        reference=uuid.uuid4().hex[:20],
        digest=uuid.uuid4().hex,
        aim="follow",
        hand_over="in_person",
        was_protected=True,
        made_by=user.username,
        expires_at=now + dt.timedelta(days=1),
    )
    OwnWords.objects.create(view=view, plan=plan, stance="say", words="words of a person")


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
