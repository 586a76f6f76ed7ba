"""A joint plan as somebody who takes part in its case sees it: the whole, or their own part of it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, FilteredRelation, Q, QuerySet

from braid.care import plans
from braid.care.case_types import CaseType
from braid.care.cases import Case, Member, Right
from braid.care.links import STANCES
from braid.care.model import Escalation
from braid.care.plans import Approval
from braid.care.response import APART
from braid.care.sides import parts_known, sees_whole
from braid.language.dates import london_date
from braid.web.access.joint import find_names
from braid.web.access.sight import NotThere, Sight
from braid.web.care import actions, cases
from braid.web.care.actions import ActionSeen
from braid.web.care.kept import case_type_of
from braid.web.care.plans import approvals_of, find_current, find_holding, goals_of, links_of, versions_of
from braid.web.models import (
    CareAction,
    CaseMember,
    CaseSubject,
    GoalReview,
    JointCase,
    JointPlan,
    OwnWords,
    PlanApproval,
)
from braid.web.written_once import written_once


@dataclass(frozen=True)
class GoalSeen:
    """A goal with its actions, and what came of it at the last review."""

    id: UUID
    subject_id: int
    about: str
    words: str
    whose_name: str
    target_on: dt.date
    actions: tuple[ActionSeen, ...]
    result_name: str
    result_words: str


@dataclass(frozen=True)
class ApprovalSeen:
    """What an organisation was asked and answered."""

    organisation: str
    state: str
    state_name: str
    reason_name: str
    words: str
    answered_by: str
    answered_at: dt.datetime | None
    due_at: dt.datetime
    silence: Escalation | None
    is_mine: bool


@dataclass(frozen=True)
class SaidSeen:
    """What a person said about a version of their plan, by a view of their own."""

    about: str
    number: int
    stance_name: str
    words: str
    said_at: dt.datetime


@dataclass(frozen=True)
class VersionSeen:
    """A version in the list of versions."""

    number: int
    state_name: str
    made_at: dt.datetime
    approved_at: dt.datetime | None


@dataclass(frozen=True)
class HoldingSeen:
    """The approved version, which holds and is reviewed while a newer one is worked on."""

    number: int
    goals: tuple[GoalSeen, ...]
    review_on: dt.date | None
    review_is_due: bool
    version: int


@dataclass(frozen=True)
class PlanSeen:
    """A version of a plan. `is_whole` is false for whoever sees only their own part: then it is `own_actions` alone."""

    case_id: UUID
    case_reference: str
    case_type: CaseType
    case_is_open: bool
    mine: Member
    subjects: Mapping[int, str]
    versions: tuple[VersionSeen, ...]
    number: int = 0
    state: str = ""
    state_name: str = ""
    ending_name: str = ""
    review_on: dt.date | None = None
    review_is_due: bool = False
    goals: tuple[GoalSeen, ...] = ()
    own_actions: tuple[ActionSeen, ...] = ()
    other_actions: Mapping[str, str] = None  # type: ignore[assignment]
    approvals: tuple[ApprovalSeen, ...] = ()
    said: tuple[SaidSeen, ...] = ()
    holding: HoldingSeen | None = None
    version: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether whoever looks sees the whole of the case."""
        return sees_whole(self.case_type, self.mine)

    @property
    def may_work(self) -> bool:
        """Whether whoever looks works on the whole of the case."""
        return self.is_whole and self.case_is_open and self.mine.right is Right.EDIT

    @property
    def may_answer(self) -> bool:
        """Whether their organisation is asked and they may answer for it."""
        asked = any(one.is_mine and one.state == "asked" for one in self.approvals)
        return asked and self.state == "proposed" and self.case_is_open and self.mine.right is Right.EDIT

    @property
    def may_begin(self) -> bool:
        """Whether a plan or a new version may be begun."""
        return self.may_work and self.state not in plans.UNFINISHED


def get_plan(sight: Sight, case_id: UUID, number: int | None = None) -> PlanSeen:
    """Return the plan of a case as the viewer, who takes part, sees it, or one version of it; record the look.

    Raises `NotThere`.
    """
    row = cases.get_row(case_id)
    noun = cases.noun_of(row)
    mine = noun.member(sight.viewer.username)
    if mine is None:
        raise NotThere
    found = versions_of(row)
    plan = find_current(found) if number is None else next((one for one in found if one.number == number), None)
    if plan is None and number is not None:
        raise NotThere
    return _seen(sight, row, noun, mine, found, plan)


def _seen(
    sight: Sight, row: JointCase, noun: Case, mine: Member, found: list[JointPlan], plan: JointPlan | None
) -> PlanSeen:
    kind = case_type_of(row.case_type)
    subjects = _subjects(sight, row, kind, mine)
    versions = tuple(
        VersionSeen(one.number, plans.MACHINE.states[one.state].name, one.made_at, one.approved_at) for one in found
    )
    common = {
        "case_id": row.pk,
        "case_reference": row.reference,
        "case_type": kind,
        "case_is_open": noun.state == "open",
        "mine": mine,
        "subjects": subjects,
        "versions": versions,
    }
    if plan is None:
        return PlanSeen(**common, other_actions={})
    shown, links = _actions_of(sight, plan)
    leading: dict[UUID, list[ActionSeen]] = defaultdict(list)
    for goal_id, action_id in links:
        leading[goal_id].append(shown[action_id])
    others = CareAction.objects.filter(case=row).exclude(state="cancelled").exclude(strand=APART)
    others = others.exclude(pk__in=list(shown))
    is_whole = sees_whole(kind, mine)
    goals = _goals(plan, subjects, leading)
    return PlanSeen(
        **common,
        number=plan.number,
        state=plan.state,
        state_name=plans.MACHINE.states[plan.state].name,
        ending_name=plans.ENDINGS.get(plan.ended_because, ""),
        review_on=plan.review_on,
        review_is_due=_review_is_due(sight, plan),
        goals=goals,
        own_actions=() if is_whole else tuple(shown.values()),
        other_actions={str(one.pk): one.words for one in others.order_by("due_on", "pk")} if is_whole else {},
        approvals=_approvals(sight, plan),
        said=_said(row, subjects),
        holding=_holding(sight, find_holding(found), plan, goals, subjects) if is_whole else None,
        version=plan.version,
    )


def _review_is_due(sight: Sight, plan: JointPlan) -> bool:
    return bool(plan.state == "approved" and plan.review_on and plan.review_on <= london_date(sight.now))


def _holding(
    sight: Sight,
    held: JointPlan | None,
    shown: JointPlan,
    goals: tuple[GoalSeen, ...],
    subjects: Mapping[int, str],
) -> HoldingSeen | None:
    """Return the version that holds; `goals` are those of the version that is shown, which may be the same."""
    if held is None:
        return None
    its_goals = goals if held.pk == shown.pk else _goals(held, subjects, {})
    return HoldingSeen(held.number, its_goals, held.review_on, _review_is_due(sight, held), held.version)


def _subjects(sight: Sight, row: JointCase, kind: CaseType, mine: Member) -> dict[int, str]:
    """Return whom the case is about, those apart left out: in which part, and who, as far as the viewer reads it."""
    listed = CaseSubject.objects.filter(case=row, ended_at__isnull=True).exclude(person_id="").order_by("pk")
    known = parts_known(kind, mine.agency)
    rows = [one for one in listed if mine.is_lead or one.part in known or one.part not in kind.parts]
    names = find_names(sight, [one.person_id for one in rows])
    parts = {one.pk: kind.parts[one.part].name if one.part in kind.parts else one.part for one in rows}
    return {one.pk: f"{parts[one.pk]}: {names.get(one.person_id, 'Not shown')}" for one in rows}


def _actions_of(sight: Sight, plan: JointPlan) -> tuple[dict[UUID, ActionSeen], list[tuple[UUID, UUID]]]:
    links = [(link.goal_id, link.action_id) for link in links_of(plan)]
    rows = actions.with_names(CareAction.objects.filter(pk__in=[action for _, action in links]).exclude(strand=APART))
    shown = {one.id: one for one in actions.see(sight, rows.order_by("due_on", "pk"))}
    return shown, [(goal, action) for goal, action in links if action in shown]


def _goals(
    plan: JointPlan, subjects: Mapping[int, str], leading: Mapping[UUID, list[ActionSeen]]
) -> tuple[GoalSeen, ...]:
    results = GoalReview.objects.filter(goal__plan=plan).order_by("review__written_at", "pk")
    last = {one.goal_id: (plans.RESULTS.get(one.result, ""), one.words) for one in results}
    return tuple(
        GoalSeen(
            goal.pk,
            goal.subject_id,
            subjects.get(goal.subject_id, "Not part of the case any more"),
            goal.words,
            plans.WHOSE[goal.whose],
            goal.target_on,
            tuple(leading.get(goal.pk, ())),
            *last.get(goal.pk, ("", "")),
        )
        for goal in goals_of(plan)
    )


def _approvals(sight: Sight, plan: JointPlan) -> tuple[ApprovalSeen, ...]:
    return tuple(_approval(one, plan, sight.organisation, sight.now) for one in approvals_of(plan))


def _approval(row: PlanApproval, plan: JointPlan, mine: str, now: dt.datetime) -> ApprovalSeen:
    return ApprovalSeen(
        row.organisation,
        row.state,
        plans.APPROVAL_MACHINE.states[row.state].name,
        plans.CHANGES.get(row.reason, ""),
        row.words,
        row.answered_by,
        row.answered_at,
        row.due_at,
        plans.silence_on(Approval(row.organisation, row.state), plan.state, row.due_at, now),
        row.organisation == mine,
    )


def _said(row: JointCase, subjects: Mapping[int, str]) -> tuple[SaidSeen, ...]:
    rows = OwnWords.objects.filter(view__case=row).order_by("-said_at")
    values = rows.values_list("view__subject_id", "plan__number", "stance", "words", "said_at")
    return tuple(
        SaidSeen(subjects.get(subject, "Not part of the case any more"), number, STANCES[stance], words, at)
        for subject, number, stance, words, at in values
    )


@dataclass(frozen=True)
class PlanDue:
    """A plan in somebody's work list: it waits for their organisation's answer, or its review is due."""

    case_id: UUID
    case_reference: str
    is_review: bool
    due_at: dt.datetime | None
    review_on: dt.date | None
    silence: Escalation | None


def list_due(sight: Sight) -> list[PlanDue]:
    """Return the plans that wait for an answer of the viewer's organisation, and of cases that they lead those whose
    review is due, those due first."""
    now, me = sight.now, sight.viewer.username
    rows = _that_wait(me, sight.organisation, london_date(now))
    found = {row.pk: _due(row, row.answer_due, now) for row in rows}
    return sorted(found.values(), key=lambda one: (one.is_review, one.due_at or now))


@written_once
def _that_wait(username: str, organisation: str, today: dt.date) -> QuerySet[JointPlan]:
    leads = CaseMember.objects.filter(username=username, is_lead=True, left_at__isnull=True).values("case_id")
    waits = Q(state="proposed", asked__state="asked", asked__round=F("round"))
    is_due = Q(state="approved", review_on__lte=today, case__in=leads)
    mine = FilteredRelation("approvals", condition=Q(approvals__organisation=organisation))
    rows = JointPlan.objects.filter(case__state="open").annotate(asked=mine, answer_due=F("asked__due_at"))
    return rows.filter(waits | is_due).select_related("case").order_by("review_on")


def _due(row: JointPlan, answer_due: dt.datetime, now: dt.datetime) -> PlanDue:
    if row.state == "approved":
        return PlanDue(row.case_id, row.case.reference, True, None, row.review_on, None)
    silence = plans.silence_on(Approval(""), row.state, answer_due, now)
    return PlanDue(row.case_id, row.case.reference, False, answer_due, None, silence)
