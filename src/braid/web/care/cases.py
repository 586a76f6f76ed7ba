"""Joint cases as kept: opened about a person one sees, offered to teams, worked on by who takes part, closed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from braid.care import cases, moves
from braid.care.case_types import CaseType
from braid.care.cases import Case, Member, Offer, Right
from braid.care.cases import Sight as SightOfCase
from braid.care.model import Escalation
from braid.care.referrals import due_at
from braid.care.sides import parts_known, sees_whole
from braid.care.teams import check_answers
from braid.care.unsettled import Unsettled
from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.web.access.joint import find_names, find_with_page
from braid.web.access.sight import NotThere, Sight
from braid.web.care.asking import ask_newcomer
from braid.web.care.kept import (
    acting_of,
    case_type_of,
    change,
    check_joint,
    colleague_of,
    load_team,
    new_reference,
    now_of_database,
    record_step,
)
from braid.web.care.referrals import check_sees
from braid.web.models import (
    AgendaItem,
    CareAction,
    CaseMember,
    CaseOffer,
    CaseSubject,
    JointCase,
    JointPlan,
    MeetingReturn,
    MoveNotice,
    TeamMember,
)
from braid.web.models import Team as TeamRow
from braid.web.owner_functions import wait_turn
from braid.web.published import find_published_run
from braid.web.written_once import written_once

MOST_LISTED = 200


@dataclass(frozen=True)
class SubjectSeen:
    """Whom a case is about: the id leads to their page, empty for somebody apart or not shown any more."""

    part_name: str
    person_id: str
    name: str
    apart: bool
    key: str
    is_doubted: bool
    """Whether linking parted records from them since, and nobody has said that they are who was meant."""


@dataclass(frozen=True)
class OfferSeen:
    """An offer as the case and the team see it."""

    id: UUID
    case_reference: str
    type_name: str
    team_name: str
    agency_name: str
    right_name: str
    sight_name: str
    offered_by: str
    offered_from: str
    state_name: str
    due_at: dt.datetime
    silence: Escalation | None
    may_answer: bool
    may_withdraw: bool


@dataclass(frozen=True)
class CaseSeen:
    """A joint case as one who takes part sees it."""

    id: UUID
    reference: str
    case_type: CaseType
    state: str
    state_name: str
    outcome_name: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    subjects: tuple[SubjectSeen, ...]
    members: tuple[Member, ...]
    mine: Member
    offers: tuple[OfferSeen, ...]
    version: int

    @property
    def is_whole(self) -> bool:
        """Whether the viewer reads the whole of what is planned for those whom the case is about."""
        return sees_whole(self.case_type, self.mine)

    @property
    def title(self) -> str:
        """What it is and about whom, in words."""
        first = next((one.name for one in self.subjects if not one.apart), "")
        return f"{self.case_type.short_name}: {first}" if first else self.case_type.short_name


@lru_cache(maxsize=4096)
def _member(username: str, organisation: str, agency: str, right: str, sight: str, is_lead: bool) -> Member:
    """Return a member as the rules know it: a value of what the row says, the same for whoever reads that row."""
    return Member(username, organisation, agency, Right(right), SightOfCase(sight), is_lead)


def member_of(row: CaseMember) -> Member:
    """Return a member as the rules know it."""
    return _member(row.username, row.organisation, row.agency, row.right, row.sight, row.is_lead)


@written_once
def _taking_part(case_ids: list[UUID]) -> QuerySet[CaseMember, Any]:
    rows = CaseMember.objects.filter(case_id__among=case_ids, left_at__isnull=True).order_by("joined_at", "pk")
    return rows.values_list("case_id", "username", "organisation", "agency", "right", "sight", "is_lead")


@written_once
def _leading_or_named(case_ids: list[UUID], username: str) -> QuerySet[CaseMember, Any]:
    rows = CaseMember.objects.filter(case_id__among=case_ids, left_at__isnull=True)
    rows = rows.filter(Q(is_lead=True) | Q(username=username)).order_by("joined_at", "pk")
    return rows.values_list("case_id", "username", "organisation", "agency", "right", "sight", "is_lead")


def _members_of(case_ids: Iterable[UUID]) -> list[tuple[UUID, Member]]:
    """Return each case with each who takes part in it now, in the order in which they joined."""
    return [(case_id, _member(*values)) for case_id, *values in _taking_part(list(case_ids))]


def noun_of(row: JointCase) -> Case:
    """Return a case as the rules know it, with its members now."""
    return Case(row.state, tuple(member for _, member in _members_of([row.pk])))


def open_case(
    sight: Sight,
    case_type_id: str,
    agency: str,
    person_id: str,
    part: str,
    reference: str = "",
    *,
    another: bool = False,
) -> JointCase:
    """Open a case about a person whom the viewer sees, and lead it. Raises `NotPossible`, `NotThere`.

    Where they take part in an open one of its kind about that person, they say that they want `another`.
    """
    relation = check_sees(sight, person_id)
    kind = case_type_of(case_type_id)
    if kind.purpose != sight.viewer.purpose:
        raise NotPossible("That kind of case serves another purpose. Say first that you look for that")
    cases.check_seat(kind, agency, kind_of(sight.organisation))
    if part not in kind.parts or kind.parts[part].apart:
        raise NotPossible("Choose in which part the person is in the case")
    check_joint(sight)
    if not another:
        _check_first(kind, person_id)
    row = begin_case(sight, kind, agency, reference)
    subject = CaseSubject(case=row, part=part, person_id=person_id, added_by=sight.viewer.username)
    CaseSubject.objects.append_one(subject)
    record_step(sight, "joint case opened", [person_id], relation, case=row.reference, type=kind.id)
    return row


def _check_first(kind: CaseType, person_id: str) -> None:
    # Of cases in which they take no part nothing is said.
    subjects = CaseSubject.objects.filter(person_id=person_id, ended_at__isnull=True)
    known = subjects.filter(case__case_type=kind.id, case__state="open").select_related("case").first()
    if known is not None:
        raise NotPossible(
            f"{known.case.reference} is open: a case of this kind about them. Go on there, or say that you want another"
        )


def begin_case(
    sight: Sight, kind: CaseType, agency: str, reference: str = "", parted_from: JointCase | None = None
) -> JointCase:
    """Write a new case down, about nobody yet, that the viewer leads in a seat."""
    by = acting_of(sight)
    row = JointCase(
        reference=reference or new_reference("JC"),
        case_type=kind.id,
        type_version=kind.version,
        purpose=kind.purpose,
        opened_by=by.username,
        opened_at=now_of_database(),
        parted_from=parted_from,
    )
    JointCase.objects.append_one(row)
    join(row.pk, Member(by.username, by.organisation, agency, is_lead=True))
    return row


def kind_of(organisation: str) -> str:
    """Return the kind of an organisation of the place; nothing for one that it does not have."""
    run = find_published_run()
    return str(run.kinds.get(organisation, "")) if run else ""


def list_teams_for(kind: CaseType) -> list[TeamRow]:
    """Return the teams that a case may be offered to: of organisations that may fill a seat, whatever they offer.

    A team is asked for a referral by what it offers; to a table it comes for the part of its organisation.
    """
    run = find_published_run()
    kinds = run.kinds if run else {}
    return [
        row
        for row in TeamRow.objects.order_by("organisation", "name")
        if any(kind.may_fill(seat, str(kinds.get(row.organisation, ""))) for seat in kind.agencies)
    ]


def join(case_id: UUID, member: Member) -> None:
    """Write a member down."""
    CaseMember.objects.append_one(
        CaseMember(
            case_id=case_id,
            username=member.username,
            organisation=member.organisation,
            agency=member.agency,
            right=member.right,
            sight=member.sight,
            is_lead=member.is_lead,
        )
    )


Members = dict[UUID, list[Member]]
"""Who takes part in which case, in the order in which they joined."""


def members_by_case(case_ids: Iterable[UUID], known: Members | None = None) -> Members:
    """Return who takes part in each of these cases now.

    Several lists of one answer that changes nothing may share `known`: what one has read is not read again.
    """
    wanted, found = list(case_ids), {} if known is None else known
    missing = [case_id for case_id in wanted if case_id not in found]
    found |= {case_id: [] for case_id in missing}
    for case_id, member in _members_of(missing):
        found[case_id].append(member)
    return {case_id: found[case_id] for case_id in wanted}


def get_row(case_id: UUID) -> JointCase:
    """Return a case in which the human of this transaction takes part. Raises `NotThere`."""
    rows = _case(case_id)
    if not rows:
        raise NotThere
    return rows[0]


@written_once
def _case(case_id: UUID) -> QuerySet[JointCase]:
    return JointCase.objects.filter(pk=case_id)


def get_held(case_id: UUID) -> JointCase:
    """Return a case in which the human of this transaction takes part, as it stands now, and keep it so until the end.

    Whoever closes a case and whoever makes something to do in it wait for each other. Raises `NotThere`.
    """
    wait_turn(case_id)
    return get_row(case_id)


def people_of(row: JointCase) -> list[str]:
    """Return the ids of whom a case is about, those apart left out."""
    return [subject.person_id for subject in _subjects([row.pk]) if subject.person_id]


@written_once
def _subjects(case_ids: list[UUID]) -> QuerySet[CaseSubject]:
    return CaseSubject.objects.filter(case_id__among=case_ids, ended_at__isnull=True).order_by("pk")


@written_once
def _standing_offers(case_ids: list[UUID]) -> QuerySet[CaseOffer]:
    rows = CaseOffer.objects.filter(case_id__among=case_ids, state="offered").select_related("team")
    return rows.order_by("offered_at")


def add_subject(sight: Sight, case_id: UUID, part: str, person_id: str = "", name_apart: str = "") -> None:
    """Add somebody whom the case is about too: a person by id, whom the viewer sees; or somebody apart by name.

    Raises `NotPossible`, `NotThere`.
    """
    row = get_row(case_id)
    cases.check_edits(acting_of(sight), noun_of(row))
    kind = case_type_of(row.case_type)
    if part not in kind.parts:
        raise NotPossible("Choose in which part they are in the case")
    apart = kind.parts[part].apart
    if apart != bool(name_apart.strip()) or apart == bool(person_id):
        raise NotPossible(
            "Of somebody apart enter the name and no person; of everybody else choose the person and no name"
        )
    relation = "" if apart else check_sees(sight, person_id)
    try:
        with transaction.atomic():
            CaseSubject.objects.append_one(
                CaseSubject(
                    case=row,
                    part=part,
                    person_id=person_id,
                    name_apart=name_apart.strip(),
                    added_by=sight.viewer.username,
                )
            )
    except IntegrityError:
        raise NotPossible("They are in the case already") from None
    record_step(sight, "subject added", [] if apart else [person_id], relation, case=row.reference, part=part)


def add_colleague(sight: Sight, case_id: UUID, username: str, right: str, sight_of_case: str) -> None:
    """Bring in a colleague of one's own organisation. Raises `NotPossible`, `NotThere`."""
    row = get_held(case_id)
    noun = noun_of(row)
    after = cases.add_colleague(
        acting_of(sight), noun, colleague_of(username), Right(right), SightOfCase(sight_of_case)
    )
    join(row.pk, after.members[-1])
    _record(sight, row, "case member added")


def remove_member(sight: Sight, case_id: UUID, username: str) -> None:
    """Take a member out, or oneself: at the next statement the case is closed to them. Raises `NotPossible`."""
    row = get_row(case_id)
    noun = noun_of(row)
    after = cases.remove_member(acting_of(sight), noun, username)
    own = noun.member(sight.viewer.username)
    if own is not None and not own.is_lead:  # the lead takes somebody out at once, and has what they owe on their list
        left = _returns_left(row, noun, username, after)
        cases.check_leaves_nothing(_open_actions_left(row, username, after), left)
    people = people_of(row)
    CaseMember.objects.filter(case=row, username=username, left_at__isnull=True).update(left_at=now_of_database())
    record_step(sight, "case member left", people, "case", case=row.reference)


def _open_actions_left(row: JointCase, username: str, after: Case) -> int:
    """Return how many open actions are of a team of somebody who leaves, and of nobody's team who stays."""
    staying = TeamMember.objects.filter(username__in=[one.username for one in after.members], ended_at__isnull=True)
    theirs = TeamMember.objects.filter(username=username, ended_at__isnull=True).exclude(
        team__in=staying.values("team")
    )
    return CareAction.objects.filter(case=row, state="open", team__in=theirs.values("team")).count()


def _returns_left(row: JointCase, before: Case, username: str, after: Case) -> int:
    """Return how many returns are asked of the seat of somebody who leaves, where nobody else sits in it."""
    member = before.member(username)
    if member is None or any(
        (one.organisation, one.agency) == (member.organisation, member.agency) for one in after.members
    ):
        return 0
    asked = MeetingReturn.objects.filter(
        item__case=row, state="asked", item__meeting__state__in=("gathering", "in_session")
    )
    asked = asked.filter(organisation=member.organisation, agency=member.agency)
    return asked.exclude(item__state="taken_off").count()


def offer_case(sight: Sight, case_id: UUID, team_id: str, agency: str, right: str, sight_of_case: str) -> CaseOffer:
    """Offer the case to a team. Raises `NotPossible`, `NotThere`."""
    row = get_held(case_id)
    team, kind, now, by = load_team(team_id), case_type_of(row.case_type), now_of_database(), acting_of(sight)
    check_answers(team)
    cases.check_seat(kind, agency, kind_of(team.organisation))
    offer = Offer(team.id, agency, Right(right), SightOfCase(sight_of_case), by.username, due_at(now, "urgent"))
    standing = [_offer(one) for one in CaseOffer.objects.filter(case=row)]
    cases.check_offer(by, noun_of(row), offer, standing)
    made = CaseOffer(
        case=row,
        team_id=team.id,
        agency=agency,
        right=offer.right,
        sight=offer.sight,
        case_reference=row.reference,
        case_type=row.case_type,
        purpose=row.purpose,
        offered_by=by.username,
        offered_from=by.organisation,
        offered_at=now,
        due_at=offer.due_at,
    )
    try:
        with transaction.atomic():
            CaseOffer.objects.append_one(made)
    except IntegrityError:
        raise NotPossible("The team has an offer already. Withdraw it first") from None
    _record(sight, row, "case offered", team=team.id, right=str(offer.right))
    return made


def _offer(row: CaseOffer) -> Offer:
    return Offer(
        row.team_id, row.agency, Right(row.right), SightOfCase(row.sight), row.offered_by, row.due_at, row.state
    )


def get_offer_row(offer_id: UUID) -> CaseOffer:
    """Return an offer that the human of this transaction may see. Raises `NotThere`."""
    row = CaseOffer.objects.select_related("team").filter(pk=offer_id).first()
    if row is None:
        raise NotThere
    return row


def accept_offer(sight: Sight, offer_id: UUID) -> UUID:
    """Join a case by accepting its offer; return the id of the case. Raises `NotPossible`, `NotThere`.

    One's own row first, then who leads: while it is handed over there is never nobody who leads and may read it.
    """
    offer, by = get_offer_row(offer_id), acting_of(sight)
    if offer.team_id not in by.teams:
        raise NotPossible("Only somebody of the team that it was offered to answers")
    _answer(offer, "accepted", sight)
    mine = CaseMember.objects.filter(case_id=offer.case_id, username=by.username, left_at__isnull=True)
    # What they had for another organisation ends; whoever led for it is refused by the rule below.
    mine.filter(is_lead=False).exclude(organisation=by.organisation).update(left_at=now_of_database())
    if not mine.exists():
        right = Right.VIEW if offer.right == Right.VIEW else Right.EDIT
        join(offer.case_id, Member(by.username, by.organisation, offer.agency, right, SightOfCase(offer.sight)))
    row = JointCase.objects.filter(pk=offer.case_id).first()
    if row is None:
        raise NotPossible("You cannot take part in this case. Ask whoever offered it to choose somebody else")
    noun = noun_of(row)
    _check_agency(row, offer.agency)
    after, _ = cases.accept_offer(by, noun, _offer(offer))
    write_members(row, noun, after)
    joined = after.member(by.username)
    if joined is not None:
        ask_newcomer(sight, row, joined)
    _record(sight, row, "case offer accepted", team=offer.team_id, right=offer.right)
    return row.pk


def _check_agency(row: JointCase, agency: str) -> None:
    if agency not in case_type_of(row.case_type).agencies:
        raise NotPossible("The seat is not part of this kind of case any more. Ask for a new offer")


def write_members(row: JointCase, before: Case, after: Case) -> None:
    """Write what changed of the members: who no longer leads before who leads now."""
    changed = [one for one in after.members if one != before.member(one.username)]
    for member in sorted(changed, key=lambda one: one.is_lead):
        CaseMember.objects.filter(case=row, username=member.username, left_at__isnull=True).update(
            right=member.right, sight=member.sight, is_lead=member.is_lead
        )


def _answer(offer: CaseOffer, state: str, sight: Sight) -> None:
    changed = CaseOffer.objects.filter(pk=offer.pk, state="offered").update(
        state=state, answered_by=sight.viewer.username, answered_at=now_of_database()
    )
    if changed != 1:
        raise NotPossible("It was answered or withdrawn a moment ago. Look at your work list again")


def decline_offer(sight: Sight, offer_id: UUID) -> None:
    """Decline an offer for one's team. Raises `NotPossible`, `NotThere`."""
    offer = get_offer_row(offer_id)
    cases.decline_offer(acting_of(sight), _offer(offer))
    _answer(offer, "declined", sight)
    record_step(sight, "case offer declined", [], case=offer.case_reference, team=offer.team_id)


def withdraw_offer(sight: Sight, offer_id: UUID) -> None:
    """Withdraw an offer of a case that one leads. Raises `NotPossible`, `NotThere`."""
    offer = get_offer_row(offer_id)
    row = get_row(offer.case_id)
    cases.withdraw_offer(acting_of(sight), noun_of(row), _offer(offer))
    _answer(offer, "withdrawn", sight)
    _record(sight, row, "case offer withdrawn", team=offer.team_id)


def close_case(sight: Sight, case_id: UUID, seen: int, outcome: str) -> None:
    """Close a case that one leads. Raises `NotPossible`, `NotThere`.

    What is open on a side that the lead is not shown is counted by nobody who may not know of it: it stays open, with
    the team that owns it, on its work list, and rises by the clock as before.
    """
    row = get_held(case_id)
    outcomes = cases.outcomes_of(case_type_of(row.case_type))
    after = cases.close(acting_of(sight), noun_of(row), outcome, left_in(row), outcomes)
    people = people_of(row)
    change(row, seen, state=after.state, outcome=outcome, closed_at=now_of_database())
    record_step(sight, "joint case closed", people, "case", case=row.reference, outcome=outcome)


def left_in(row: JointCase) -> Unsettled:
    """Return what of a case is still to do."""
    return Unsettled(
        actions=CareAction.objects.filter(case=row, state="open").count(),
        offers=CaseOffer.objects.filter(case=row, state="offered").count(),
        agendas=AgendaItem.objects.filter(case=row, state="listed").exclude(meeting__state="cancelled").count(),
        notices=_notices_left(row),
        plans=JointPlan.objects.filter(case=row, state="proposed").count(),
    )


def _notices_left(row: JointCase) -> int:
    """How many notices are about to leave, or have not left though the law binds."""
    kept = MoveNotice.objects.filter(move__case=row, state__in=sorted(moves.WAITING)).values_list("kind", "state")
    today = london_date(now_of_database())
    return sum(state != moves.NOTICE_MACHINE.first or moves.is_in_force(kind, today) for kind, state in kept)


def reopen_case(sight: Sight, case_id: UUID, seen: int) -> None:
    """Open a closed case again that one leads. Raises `NotPossible`, `NotThere`."""
    row = get_row(case_id)
    after = cases.reopen(acting_of(sight), noun_of(row))
    change(row, seen, state=after.state, outcome="", closed_at=None)
    _record(sight, row, "joint case opened again")


def _record(sight: Sight, row: JointCase, what: str, **details: str | int) -> None:
    record_step(sight, what, people_of(row), "case", case=row.reference, **details)


@dataclass(frozen=True)
class _People:
    """Names of the people of some cases as far as they are shown, and those whose page the viewer may open."""

    names: Mapping[str, str]
    with_page: Collection[str]


def get_case(sight: Sight, case_id: UUID) -> CaseSeen:
    """Return a case as the viewer, who takes part, sees it, and record the look. Raises `NotThere`."""
    return see_case(sight, get_row(case_id))


def see_case(sight: Sight, row: JointCase) -> CaseSeen:
    """Return a case that was read as the viewer, who takes part, sees it, and record the look. Raises `NotThere`."""
    found = see_cases(sight, [row])
    if not found:
        raise NotThere
    return found[0]


def list_cases(sight: Sight) -> list[CaseSeen]:
    """Return the cases in which the viewer takes part, open ones first, newest first."""
    return see_cases(sight, _newest(), leads_alone=True)


@written_once
def _newest() -> QuerySet[JointCase]:
    return JointCase.objects.order_by("-state", "-opened_at")[:MOST_LISTED]


def see_cases(sight: Sight, rows: Iterable[JointCase], *, leads_alone: bool = False) -> list[CaseSeen]:
    """Return cases as the viewer, who takes part in each, sees them, and record one look at each person.

    As many statements for many as for one. With `leads_alone` the members of each are its lead and the viewer, as a
    list of cases shows no others.
    """
    rows = list(rows)
    ids = [row.pk for row in rows]
    members, subjects, offers = (defaultdict(list) for _ in range(3))
    me = sight.viewer.username
    for case_id, *values in _leading_or_named(ids, me) if leads_alone else _taking_part(ids):
        members[case_id].append(_member(*values))
    mine = {case_id: one for case_id, of in members.items() for one in of if one.username == me}
    kinds = {row.pk: case_type_of(row.case_type) for row in rows}
    for subject in _subjects(ids):
        if _reads_name(mine.get(subject.case_id), kinds[subject.case_id], subject):
            subjects[subject.case_id].append(subject)
    for offer, seen in _with_rows(sight, _standing_offers(ids)):
        offers[offer.case_id].append(seen)
    names = find_names(sight, {one.person_id for of_case in subjects.values() for one in of_case})
    people = _People(names, find_with_page(sight, names))
    found = [_seen(sight, row, members[row.pk], subjects[row.pk], people, offers[row.pk]) for row in rows]
    return [one for one in found if one is not None]


def _reads_name(mine: Member | None, kind: CaseType, subject: CaseSubject) -> bool:
    """Whether a member reads who is in a part: the lead does, and a seat that is shown or asked anything about it."""
    if mine is None:
        return False
    is_of_no_part = subject.part not in kind.parts and not subject.name_apart
    return mine.is_lead or is_of_no_part or subject.part in parts_known(kind, mine.agency)


def _seen(
    sight: Sight,
    row: JointCase,
    members: Iterable[Member],
    subjects: Iterable[CaseSubject],
    people: _People,
    offers: Iterable[OfferSeen],
) -> CaseSeen | None:
    noun, kind = Case(row.state, tuple(members)), case_type_of(row.case_type)
    mine = noun.member(sight.viewer.username)
    if mine is None:
        return None
    return CaseSeen(
        id=row.pk,
        reference=row.reference,
        case_type=kind,
        state=row.state,
        state_name=cases.MACHINE.states[row.state].name,
        outcome_name=cases.outcomes_of(kind).get(row.outcome, ""),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        subjects=tuple(_subject_seen(one, kind, people) for one in subjects),
        members=noun.members,
        mine=mine,
        offers=tuple(offers),
        version=row.version,
    )


def _subject_seen(row: CaseSubject, kind: CaseType, people: _People) -> SubjectSeen:
    return SubjectSeen(
        kind.parts[row.part].name if row.part in kind.parts else row.part,
        row.person_id if row.person_id in people.with_page else "",
        row.name_apart or people.names.get(row.person_id, "Not shown"),
        bool(row.name_apart),
        str(row.pk),
        row.doubted_at is not None,
    )


def _with_rows(sight: Sight, rows: Iterable[CaseOffer]) -> list[tuple[CaseOffer, OfferSeen]]:
    listed = list(rows)
    return list(zip(listed, see_offers(sight, listed), strict=True))


def see_offers(sight: Sight, rows: Iterable[CaseOffer]) -> tuple[OfferSeen, ...]:
    """Return offers as the viewer sees them."""
    by, now = acting_of(sight), sight.now
    return tuple(
        OfferSeen(
            id=row.pk,
            case_reference=row.case_reference,
            type_name=case_type_of(row.case_type).name,
            team_name=row.team.name,
            agency_name=_agency_name(row),
            right_name=cases.RIGHTS[Right(row.right)],
            sight_name=cases.SIGHTS[SightOfCase(row.sight)],
            offered_by=row.offered_by,
            offered_from=row.offered_from,
            state_name=cases.OFFER_MACHINE.states[row.state].name,
            due_at=row.due_at,
            silence=cases.silence_on(_offer(row), now),
            may_answer=row.state == "offered" and row.team_id in by.teams,
            may_withdraw=row.state == "offered" and row.offered_by == by.username,
        )
        for row in rows
    )


def _agency_name(row: CaseOffer) -> str:
    kind = case_type_of(row.case_type)
    return kind.agencies[row.agency].name if row.agency in kind.agencies else row.agency


def list_offered(sight: Sight) -> tuple[OfferSeen, ...]:
    """Return the offers that the viewer made and that wait for another's answer, those due first."""
    return see_offers(sight, _offered_by(sight.viewer.username))


@written_once
def _offered_by(username: str) -> QuerySet[CaseOffer]:
    return CaseOffer.objects.filter(offered_by=username, state="offered").select_related("team").order_by("due_at")


@written_once
def _offered_to(teams: list[str]) -> QuerySet[CaseOffer]:
    return CaseOffer.objects.filter(team_id__among=teams, state="offered").select_related("team").order_by("due_at")


def list_offers(sight: Sight) -> tuple[OfferSeen, ...]:
    """Return the offers that wait for an answer of the viewer's teams, those due first."""
    return see_offers(sight, _offered_to(sorted(acting_of(sight).teams)))
