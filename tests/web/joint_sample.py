"""What stands of joint work about one person, with one human in it: a case on an agenda, an offer, a referral."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from commissioned import put_commission, put_service
from django.utils import timezone
from hearing_sample import put_hearing
from link_review_sample import put_pair
from proposal_sample import put_paper, put_proposal
from rights_sample import put_request

from braid.care.appointment_sheet import Booked, Building, Known, Need, Offer, Sheet, Whereabouts
from braid.web.access.exchange import name_services
from braid.web.care.appointments import seal_appointments
from braid.web.care.document_bytes import seal_version
from braid.web.models import (
    AgencyNote,
    AgendaItem,
    AppointmentSheet,
    Attendance,
    CareAction,
    CaseDocument,
    CaseMember,
    CaseOffer,
    CaseReadiness,
    CaseSubject,
    Commission,
    Dissent,
    DocumentCheck,
    DocumentReader,
    DocumentSubject,
    DocumentVersion,
    Draft,
    GoalAction,
    GoalReview,
    Involvement,
    JointCase,
    JointPlan,
    Meeting,
    MeetingReturn,
    MinutesAmendment,
    MoveCorrection,
    MoveNotice,
    Mover,
    OwnView,
    OwnWords,
    Person,
    PersonWait,
    PlanApproval,
    PlanGoal,
    PlannedMove,
    PlanReview,
    ReadinessDay,
    Referral,
    ReplyLink,
    ResponseEvent,
    ReturnLine,
    Team,
    TeamMember,
    UnreadyDecision,
    User,
)
from braid.web.vault.keys import open_key_ring
from braid.web.watch import known_asker


@dataclass(frozen=True)
class _Kind:
    """The kind of case of a purpose, with the part of the person, the seat of the human, a question and an item."""

    case_type: str
    part: str
    agency: str
    question: str
    item: str
    decision: str


_KINDS = {"victim_response": _Kind("marac", "harmed", "police", "incidents", "criminal_record", "no_further")}
_OTHER = _Kind("complex_needs", "person", "social_care", "known_for", "person_asked", "one_service")


@dataclass(frozen=True)
class Joint:
    """The ids of each."""

    referral: str
    case: str
    led: str
    """One that somebody else of the human's team leads, for whom they may stand in."""
    offer: str
    meeting: str
    item: str
    subject: str
    """The number of whom the case is about, in the case."""
    minutes: str
    """The id of a meeting that was held, with a decision and a correction of its minutes."""
    document: str
    """One that the human's organisation gave to the case, with a version, and another organisation as its reader."""
    proposal: str
    """What a plan proposes for the person, and the human's organisation decides on; it refused it."""
    hearing: str
    """A hearing of a case about the person, in the list of the human's organisation; it refused it where it was."""
    paper: str
    """A print version of the proposal that the human asked for, and the guard has let go."""
    link_pair: str
    """Two records, one of them the person's, that humans are to review."""
    action: str
    """Something that the human's team has to do in the case."""
    wait: str
    """The first wait of the person that was published; one that nobody has where there is none."""
    episode: str
    """A health service that knows the person, as FHIR names it; one that nobody has where there is none."""
    appointment: str
    """An appointment of the case, as FHIR names it: proposed, and not agreed."""
    rights: str
    """A request for access of the person, gathered, that lies with a second person."""


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
        served = Commission.objects.filter(purpose=purpose).first() or put_commission(purpose=purpose)
        put_service(served, person_id, referral=referral, sent_by="somebody else")
        case = _case(person_id, user, purpose)
        led = _led(person_id, user, purpose, team)
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
        put_beside(case, person_id, user, purpose, now)
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
        subject = CaseSubject.objects.exclude(person_id="").get(case=case)
        held = _held(case, user, purpose, now)
        document = put_document(case, user, now)
    proposal = put_proposal(person_id, user.organisation, purpose).proposal
    kept = (referral, case, led, offer, item.meeting, item, subject, held, document)
    paper = put_paper(proposal, person_id, username, user.organisation, purpose)
    hearing, pair = put_hearing(person_id, user.organisation), put_pair(person_id)
    with known_asker():
        wait = PersonWait.objects.filter(person=person_id).order_by("pk").first()
        episode = _service_that_knows(person_id, now.date())
    said = (str(one.pk) for one in kept)
    return Joint(
        *said,
        proposal,
        hearing,
        paper,
        str(pair.pk),
        str(action.pk),
        wait.pk if wait else "nobodys-wait",
        episode or "nobodys-service",
        f"{case.pk.hex}-n",
        put_request(person_id),
    )


def _service_that_knows(person_id: str, today: dt.date) -> str:
    """Return the id of a health service that knows somebody of the run, put there where none does; else none."""
    if not Person.objects.filter(pk=person_id).exists():
        return ""
    like = {"person_id": person_id, "organisation_kind": "hospital"}
    if not Involvement.objects.filter(**like).exists():
        dated = {"since_date": today - dt.timedelta(days=9), "last_date": today, "as_of_date": today}
        newest = Involvement.objects.order_by("-pk").first()
        Involvement.objects.bulk_create(
            [
                Involvement(
                    pk=newest.pk + 1 if newest else 1,
                    provider="vale-hospital",
                    service="Hospital waiting list",
                    sensitivity="special",
                    **like,
                    **dated,
                )
            ]
        )
    rows = list(Involvement.objects.filter(person=person_id).order_by("service", "pk"))
    names = dict(zip((row.organisation_kind for row in rows), name_services(rows), strict=True))
    return names["hospital"]


def _case(person_id: str, user: User, purpose: str) -> JointCase:
    kind = _KINDS.get(purpose, _OTHER)
    case = JointCase.objects.create(
        reference=uuid.uuid4().hex[:20], case_type=kind.case_type, purpose=purpose, opened_by=user.username
    )
    CaseSubject.objects.create(case=case, part=kind.part, person_id=person_id, added_by=user.username)
    if kind is not _OTHER:
        CaseSubject.objects.create(case=case, part="accused", name_apart="Somebody apart", added_by=user.username)
    for name, is_lead in ((user.username, True), ("somebody else", False)):
        CaseMember.objects.create(
            case=case,
            username=name,
            organisation=user.organisation,
            agency=kind.agency,
            right="edit",
            sight="whole",
            is_lead=is_lead,
        )
    return case


def _led(person_id: str, user: User, purpose: str, team: Team) -> JointCase:
    case = JointCase.objects.create(
        reference=uuid.uuid4().hex[:20], case_type="complex_needs", purpose=purpose, opened_by="a colleague"
    )
    CaseSubject.objects.create(case=case, part="person", person_id=person_id, added_by="a colleague")
    seat = {"organisation": user.organisation, "agency": "social_care", "right": "edit", "sight": "whole"}
    CaseMember.objects.create(case=case, username="a colleague", is_lead=True, **seat)
    TeamMember.objects.get_or_create(team=team, username="a colleague")
    return case


def _plan(case: JointCase, action: CareAction, user: User, now: dt.datetime) -> None:
    """A plan that holds, with a goal, an action, an approval and a review; a view of it, and what was said by it."""
    subject = CaseSubject.objects.exclude(person_id="").get(case=case)
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
    kind = _KINDS.get(purpose, _OTHER)
    meeting = Meeting.objects.create(
        reference=uuid.uuid4().hex[:20],
        case_type=kind.case_type,
        purpose=purpose,
        chair="somebody else",
        organisation=user.organisation,
        starts_at=now,
        state="in_session",
    )
    Attendance.objects.create(meeting=meeting, organisation=user.organisation, agency=kind.agency, attendance="present")
    item = AgendaItem.objects.create(meeting=meeting, case=case, position=1)
    source = MeetingReturn.objects.create(
        item=item, organisation=user.organisation, agency=kind.agency, due_at=now, state="given"
    )
    ReturnLine.objects.create(
        source=source, question=kind.question, part=kind.part, words="words of a return", sensitivity="special"
    )
    words = {"item": item, "organisation": user.organisation, "words": "words of a meeting"}
    AgencyNote.objects.create(agency=kind.agency, **words)
    Dissent.objects.create(**words)
    UnreadyDecision.objects.create(
        item=item, still_open=[kind.item], because="words of a chair", written_by=user.username
    )
    decided = {
        "decision": kind.decision,
        "reason": "words of a decision",
        "decided_by": "somebody else",
    }
    AgendaItem.objects.filter(pk=item.pk).update(state="decided", **decided, decided_at=now)
    draft = {"username": user.username, "organisation": user.organisation, "fields": {"words": "words of a draft"}}
    Draft.objects.create(item=item, form="note", **draft)
    return item


def put_document(
    case: JointCase, user: User, now: dt.datetime, content: bytes = b"words of a document"
) -> CaseDocument:
    """Put a document of each side beside the case, given by the human, read by another organisation too."""
    found = []
    mine = CaseMember.objects.get(case=case, username=user.username)
    for subject in CaseSubject.objects.filter(case=case).order_by("-pk"):
        document = CaseDocument.objects.create(
            reference=uuid.uuid4().hex[:20],
            case=case,
            side="apart" if subject.name_apart else "harmed",
            kind="report",
            title="words of a title",
            given_by="words of a service",
            given_on=now.date(),
            organisation=user.organisation,
            agency=mine.agency,
            added_by=user.username,
            retention="days_90",
        )
        DocumentSubject.objects.create(document=document, subject=subject)
        version = DocumentVersion(
            document=document,
            number=1,
            file_kind="text",
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            added_by=user.username,
        )
        for column, value in seal_version(open_key_ring(), version.pk, content).items():
            setattr(version, column, value)
        version.save()
        for organisation in (user.organisation, "another"):
            reader = {"organisation": organisation, "agency": mine.agency, "added_by": user.username}
            DocumentReader.objects.create(document=document, case=case, **reader)
        DocumentCheck.objects.create(
            document=document,
            of_version=version,
            organisation="another",
            state="held",
            reasons=["location"],
            checked_at=now,
        )
        found.append(document)
    return found[-1]


def put_beside(
    case: JointCase, person_id: str, user: User, purpose: str, now: dt.datetime, *, first: bool = True
) -> None:
    """Put readiness, a move with a notice of each law, and what starts clocks of a response beside the case."""
    kind, today = _KINDS.get(purpose, _OTHER), now.date()
    if first:
        ReadinessDay.objects.create(case=case, what="hearing", day=today + dt.timedelta(days=3), set_by=user.username)
        ended = {"ended_at": now, "ended_by": "somebody else", "ended_because": "vacated"}
        ReadinessDay.objects.create(case=case, what="hearing", day=today, set_by=user.username, **ended)
        CaseReadiness.objects.create(
            case=case, item=kind.item, agency=kind.agency, state="in_hand", since=today, changed_by=user.username
        )
        _appointments(case, user)
    move = PlannedMove.objects.create(
        case=case,
        planned_on=today,
        leaves_district=True,
        state="made",
        available_on=today,
        agreement="agreed",
        agreed_on=today,
        details_on=today,
        made_by=user.username,
    )
    child = Mover.objects.create(move=move, person_id=person_id, school="kept")
    for law, body, mover in (("s208", "receiving_council", None), ("s213aa", "school", child)):
        notice = MoveNotice.objects.create(move=move, mover=mover, kind=law, body=body, changed_by=user.username)
        for of_notice, fact in ((None, "available_on"), (notice, "sent_on")):
            MoveCorrection.objects.create(
                move=move, notice=of_notice, fact=fact, was=today, reason="not_so", corrected_by="somebody else"
            )
    for what in ("incident", "decision"):
        ResponseEvent.objects.create(
            case=case, kind=what, at=now, acts=["oral"] if what == "incident" else [], entered_by=user.username
        )
        ResponseEvent.objects.create(
            case=case,
            kind=what,
            at=now,
            acts=["anal"] if what == "incident" else [],
            entered_by=user.username,
            wrong_at=now,
            wrong_by=user.username,
            wrong_because="not_so",
        )


def _appointments(case: JointCase, user: User) -> None:
    """Put a sheet of each side: a time offered in a building, and where whoever is accused will be."""
    there = Building("other", "words of a building")
    day = timezone.localdate() + dt.timedelta(days=2)
    offered = Offer("o", "health", "words of a nurse", "female", there, day, 600, 660, user.organisation)
    elsewhere, later = Building("other", "words of a second building"), day + dt.timedelta(days=1)
    other = Offer("p", "health", "words of a nurse", "female", elsewhere, later, 600, 660, user.organisation)
    needed = Need("n", "health", 45, day, later)
    booked = Booked("n", "health", "words of a nurse", "female", elsewhere, later, 610, 45)
    sheets = {
        "harmed": Sheet((needed,), (offered, other), booked=(booked,)),
        "apart": Whereabouts((Known("k", there, day, 600, 660),)),
    }
    for side, sheet in sheets.items():
        number = uuid.uuid4()
        AppointmentSheet.objects.create(
            id=number,
            case=case,
            side=side,
            changed_by=user.username,
            **seal_appointments(open_key_ring(), number, sheet),
        )


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
