"""Joint plans as kept: drafted, sent for approval, approved by each organisation, reviewed, replaced by a new version.

The row of a plan is locked before it is changed, so that of two organisations that approve at once one is the last.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import IntegrityError, transaction

from braid.care import plans
from braid.care.cases import Case
from braid.care.plans import Approval, Goal, Plan
from braid.care.referrals import due_at
from braid.care.sides import sees_whole
from braid.care.words import check_words
from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.web.access.sight import Sight
from braid.web.care import actions, cases
from braid.web.care.kept import (
    ChangedMeanwhile,
    acting_of,
    case_type_of,
    change,
    now_of_database,
    record_step,
)
from braid.web.models import (
    CareAction,
    CaseSubject,
    GoalAction,
    GoalReview,
    JointCase,
    JointPlan,
    PlanApproval,
    PlanGoal,
    PlanReview,
)
from braid.web.owner_functions import ask

ANSWER_WITHIN = "standard"
"""The urgency of a referral that an approval has: as long a time for an answer."""
_ANOTHER = "an organisation whose answer is not shown"


def versions_of(row: JointCase) -> list[JointPlan]:
    """Return the versions of the plan of a case, newest first."""
    return list(JointPlan.objects.filter(case=row).order_by("-number"))


def find_current(found: list[JointPlan]) -> JointPlan | None:
    """Return of these the plan that is worked on, else the one that holds, else the newest; `None` without any."""
    unfinished = [one for one in found if one.state in plans.UNFINISHED]
    holding = [one for one in found if one.state == "approved"]
    return next(iter([*unfinished, *holding, *found]), None)


def find_holding(found: list[JointPlan]) -> JointPlan | None:
    """Return of these the approved plan, which holds while a newer version is worked on; `None` without one."""
    return next((one for one in found if one.state == "approved"), None)


def _locked(row: JointCase, seen: int, find: Callable[[list[JointPlan]], JointPlan | None] = find_current) -> JointPlan:
    """Return the plan of a case that is worked on or holds, locked. Raises `NotPossible`, `ChangedMeanwhile`."""
    found = find(versions_of(row))
    if found is None:
        raise NotPossible("There is no plan yet. Begin one")
    locked = JointPlan.objects.select_for_update(of=("self",)).filter(pk=found.pk).first()
    if locked is None or locked.version != seen:
        raise ChangedMeanwhile
    return locked


def names_apart(row: JointCase) -> list[str]:
    """Return the names of those whom a case keeps apart, for words to be held against; never shown."""
    rows = CaseSubject.objects.filter(case=row, person_id="", ended_at__isnull=True)
    return list(rows.values_list("name_apart", flat=True))


def check_plain(row: JointCase, words: str) -> None:
    """Raise `NotPossible` for words that tell where somebody is, or name somebody apart: the person reads them."""
    check_words(words)
    plans.check_nobody_apart(words, names_apart(row))


def goals_of(plan: JointPlan) -> list[PlanGoal]:
    """Return the goals of a version, in their order."""
    return list(PlanGoal.objects.filter(plan=plan, ended_at__isnull=True).order_by("position", "pk"))


def links_of(plan: JointPlan) -> list[GoalAction]:
    """Return which actions lead to which goal of a version."""
    rows = GoalAction.objects.filter(plan=plan, ended_at__isnull=True)
    return list(rows.select_related("action__team", "action__case").order_by("action__due_on", "action__pk"))


def noun_of(plan: JointPlan) -> Plan:
    """Return a version as the rules know it. What others answer and this human does not see counts as asked."""
    counted: dict[UUID, int] = {}
    for link in links_of(plan):
        counted[link.goal_id] = counted.get(link.goal_id, 0) + (link.action.state != "cancelled")
    goals = tuple(Goal(one.words, one.whose, one.target_on, counted.get(one.pk, 0)) for one in goals_of(plan))
    seen = [Approval(one.organisation, one.state) for one in approvals_of(plan)]
    unseen = int(ask("braid_still_asked", plan.pk)) - sum(one.state != "approved" for one in seen) if seen else 0
    return Plan(plan.number, plan.state, goals, (*seen, *[Approval(_ANOTHER)] * unseen), plan.review_on)


def approvals_of(plan: JointPlan) -> list[PlanApproval]:
    """Return what organisations were asked in the round now running, or the last, as far as this human sees it."""
    return list(PlanApproval.objects.filter(plan=plan, round=plan.round).order_by("organisation"))


def begin(sight: Sight, case_id: UUID) -> JointPlan:
    """Begin the plan of a case, or a new version of it with the goals of the one that holds. Raises `NotPossible`."""
    row = cases.get_row(case_id)
    by, noun = acting_of(sight), cases.noun_of(row)
    before = versions_of(row)
    plans.check_begins(by, noun, [one.state for one in before])
    _check_side(sight, row, noun)
    plan = JointPlan(case=row, number=before[0].number + 1 if before else 1, made_by=by.username)
    try:
        with transaction.atomic():
            JointPlan.objects.append_one(plan)
    except IntegrityError:
        raise ChangedMeanwhile from None
    holding = next((one for one in before if one.state == "approved"), None)
    if holding is not None:
        _copy_goals(holding, plan, by.username)
    _record(sight, row, "plan begun", plan)
    return plan


def _copy_goals(source: JointPlan, target: JointPlan, username: str) -> None:
    """Copy the goals of people who are still of the case, with the actions that were not cancelled."""
    links = links_of(source)
    for goal in goals_of(source):
        if goal.subject.ended_at is not None:
            continue
        copied = PlanGoal(
            plan=target,
            subject=goal.subject,
            position=goal.position,
            words=goal.words,
            whose=goal.whose,
            target_on=goal.target_on,
            written_by=username,
        )
        PlanGoal.objects.append_one(copied)
        leading = [link.action for link in links if link.goal_id == goal.pk and link.action.state != "cancelled"]
        GoalAction.objects.append(GoalAction(plan=target, goal=copied, action=action) for action in leading)


def _drafting(sight: Sight, case_id: UUID, seen: int) -> tuple[JointCase, JointPlan, Case]:
    """Return case and draft for somebody who may change it, the draft locked. Raises `NotPossible`, `NotThere`."""
    row = cases.get_row(case_id)
    plan, noun = _locked(row, seen), cases.noun_of(row)
    plans.check_drafts(acting_of(sight), noun, Plan(plan.number, plan.state))
    _check_side(sight, row, noun)
    return row, plan, noun


def _check_side(sight: Sight, row: JointCase, noun: Case) -> None:
    """Raise `NotPossible` for a seat that is shown nothing of whom the plan is for."""
    member = noun.member(sight.viewer.username)
    if member is None or not sees_whole(case_type_of(row.case_type), member):
        raise NotPossible("You see your own part of the case, and the plan is of the whole. Ask its lead professional")


def add_goal(
    sight: Sight, case_id: UUID, seen: int, subject_id: int, words: str, whose: str, target_on: dt.date
) -> None:
    """Add a goal to the draft of a plan. Raises `NotPossible`, `NotThere`."""
    row, plan, _ = _drafting(sight, case_id, seen)
    subject = CaseSubject.objects.filter(case=row, pk=subject_id, ended_at__isnull=True).first()
    if subject is None:
        raise NotPossible("Choose whose goal it is, of those the case is about")
    standing = goals_of(plan)
    goal = Goal(words, whose, target_on, apart=not subject.person_id)
    plans.check_goal(goal, names_apart(row), len(standing), now_of_database())
    check_words(words)
    PlanGoal.objects.append_one(
        PlanGoal(
            plan=plan,
            subject=subject,
            position=max((one.position for one in standing), default=0) + 1,
            words=words.strip(),
            whose=whose,
            target_on=target_on,
            written_by=sight.viewer.username,
        )
    )
    change(plan, seen)
    _record(sight, row, "plan goal added", plan)


def end_goal(sight: Sight, case_id: UUID, seen: int, goal_id: UUID) -> None:
    """Take a goal out of the draft; its actions stay in the case. Raises `NotPossible`, `NotThere`."""
    row, plan, _ = _drafting(sight, case_id, seen)
    goal, now = _get_goal(plan, goal_id), now_of_database()
    GoalAction.objects.filter(goal=goal, ended_at__isnull=True).update(ended_at=now)
    PlanGoal.objects.filter(plan=plan, pk=goal_id).update(ended_at=now)
    change(plan, seen)
    _record(sight, row, "plan goal taken out", plan)


def _get_goal(plan: JointPlan, goal_id: UUID) -> PlanGoal:
    found = PlanGoal.objects.filter(plan=plan, pk=goal_id, ended_at__isnull=True).first()
    if found is None:
        raise NotPossible("There is no such goal in the plan any more. Look at it again")
    return found


def add_action(
    sight: Sight, case_id: UUID, seen: int, goal_id: UUID, words: str, team_id: str, due_on: dt.date
) -> None:
    """Make an action of the case that leads to a goal of the draft. Raises `NotPossible`, `NotThere`."""
    row, plan, _ = _drafting(sight, case_id, seen)
    goal = _get_goal(plan, goal_id)
    check_plain(row, words)
    made = actions.make_action(sight, row, words, team_id, due_on)
    GoalAction.objects.append_one(GoalAction(plan=plan, goal=goal, action=made))
    change(plan, seen)


def link_action(sight: Sight, case_id: UUID, seen: int, goal_id: UUID, action_id: UUID) -> None:
    """Say that an action of the case leads to a goal of the draft. Raises `NotPossible`, `NotThere`."""
    row, plan, _ = _drafting(sight, case_id, seen)
    goal = _get_goal(plan, goal_id)
    action = CareAction.objects.filter(case=row, pk=action_id).exclude(state="cancelled").first()
    if action is None:
        raise NotPossible("Choose an action of the case")
    plans.check_side(action.strand)
    check_plain(row, action.words)
    if GoalAction.objects.filter(goal=goal, action=action, ended_at__isnull=True).exists():
        raise NotPossible("It leads to that goal already")
    GoalAction.objects.append_one(GoalAction(plan=plan, goal=goal, action=action))
    change(plan, seen)
    _record(sight, row, "plan action added", plan)


def unlink_action(sight: Sight, case_id: UUID, seen: int, goal_id: UUID, action_id: UUID) -> None:
    """Say that an action leads to a goal of the draft no more; it stays in the case. Raises `NotPossible`."""
    row, plan, _ = _drafting(sight, case_id, seen)
    rows = GoalAction.objects.filter(goal=_get_goal(plan, goal_id), action_id=action_id, ended_at__isnull=True)
    if not rows.update(ended_at=now_of_database()):
        raise NotPossible("It does not lead to that goal. Look at the plan again")
    change(plan, seen)
    _record(sight, row, "plan action taken out", plan)


def set_review_day(sight: Sight, case_id: UUID, seen: int, day: dt.date) -> None:
    """Say on which day the plan is reviewed first. Raises `NotPossible`, `NotThere`."""
    row, plan, _ = _drafting(sight, case_id, seen)
    plans.check_day_ahead(day, now_of_database())
    change(plan, seen, review_on=day)
    _record(sight, row, "plan review day set", plan)


def propose(sight: Sight, case_id: UUID, seen: int) -> None:
    """Send the draft for approval to each organisation that must approve it. Raises `NotPossible`, `NotThere`."""
    row = cases.get_held(case_id)
    plan, noun, now = _locked(row, seen), cases.noun_of(row), now_of_database()
    owners = {link.action.team.organisation for link in links_of(plan) if link.action.state != "cancelled"}
    asked = plans.organisations_asked(case_type_of(row.case_type), noun, owners)
    after = plans.propose(acting_of(sight), noun, noun_of(plan), asked, now)
    change(plan, seen, state=after.state, round=plan.round + 1, proposed_at=now)
    PlanApproval.objects.append(
        PlanApproval(plan=plan, round=plan.round, organisation=one.organisation, due_at=due_at(now, ANSWER_WITHIN))
        for one in after.approvals
    )
    _record(sight, row, "plan sent for approval", plan)


def take_back(sight: Sight, case_id: UUID, seen: int) -> None:
    """Take a plan back that was sent for approval. Raises `NotPossible`, `NotThere`."""
    row = cases.get_row(case_id)
    plan = _locked(row, seen)
    after = plans.take_back(acting_of(sight), cases.noun_of(row), noun_of(plan))
    change(plan, seen, state=after.state)
    _record(sight, row, "plan taken back", plan)


def approve(sight: Sight, case_id: UUID, seen: int) -> None:
    """Approve a plan for one's own organisation; the last approval makes it hold, in place of the version before.

    Raises `NotPossible`, `NotThere`.
    """
    row = cases.get_row(case_id)
    plan = _locked(row, seen)
    after = plans.approve(acting_of(sight), cases.noun_of(row), noun_of(plan))
    _answer(sight, plan, "approved")
    if after.state == "approved":
        now = now_of_database()
        for old in JointPlan.objects.filter(case=row, state="approved").exclude(pk=plan.pk):
            replaced = plans.supersede(Plan(old.number, old.state))
            change(old, old.version, state=replaced.state, ended_at=now)
        change(plan, seen, state=after.state, approved_at=now)
    _record(sight, row, "plan approved", plan, state=after.state)


def ask_change(sight: Sight, case_id: UUID, seen: int, reason: str, words: str) -> None:
    """Ask for change for one's own organisation: the plan is a draft again. Raises `NotPossible`, `NotThere`."""
    row = cases.get_row(case_id)
    plan = _locked(row, seen)
    after = plans.ask_change(acting_of(sight), cases.noun_of(row), noun_of(plan), reason)
    if len(words) > plans.LONGEST_WHY:
        raise NotPossible(f"Say in {plans.LONGEST_WHY} characters what should change")
    check_words(words)
    _answer(sight, plan, "change_asked", reason=reason, words=words.strip())
    change(plan, seen, state=after.state)
    _record(sight, row, "plan: change asked for", plan, reason=reason)


def _answer(sight: Sight, plan: JointPlan, state: str, **more: str) -> None:
    mine = PlanApproval.objects.filter(plan=plan, round=plan.round, organisation=sight.organisation, state="asked")
    answered = {"state": state, "answered_by": sight.viewer.username, "answered_at": now_of_database(), **more}
    if mine.update(**answered) != 1:
        raise ChangedMeanwhile


def review(sight: Sight, case_id: UUID, seen: int, results: Iterable[tuple[UUID, str, str]], next_on: dt.date) -> None:
    """Keep what came of each goal of the plan that holds, as (goal, result, words), and the day of the next review.

    Raises `NotPossible`, `NotThere`.
    """
    row = cases.get_row(case_id)
    plan, now = _locked(row, seen, find_holding), now_of_database()
    said = {goal: (result, words) for goal, result, words in results}
    goals = goals_of(plan)
    given = tuple(said[goal.pk][0] for goal in goals if goal.pk in said)
    noun = cases.noun_of(row)
    _check_side(sight, row, noun)
    after = plans.review(acting_of(sight), noun, noun_of(plan), given, next_on, now)
    for _, words in said.values():
        check_plain(row, words)
    held = PlanReview(plan=plan, held_on=london_date(now), next_on=next_on, written_by=sight.viewer.username)
    PlanReview.objects.append_one(held)
    GoalReview.objects.append(
        GoalReview(review=held, goal=goal, result=said[goal.pk][0], words=said[goal.pk][1].strip()) for goal in goals
    )
    change(plan, seen, review_on=after.review_on)
    _record(sight, row, "plan reviewed", plan)


def end(sight: Sight, case_id: UUID, seen: int, reason: str) -> None:
    """End the plan of a case that one leads, or the version that is worked on. Raises `NotPossible`, `NotThere`."""
    row = cases.get_row(case_id)
    plan = _locked(row, seen)
    after = plans.end(acting_of(sight), cases.noun_of(row), noun_of(plan), reason)
    change(plan, seen, state=after.state, ended_at=now_of_database(), ended_because=reason)
    _record(sight, row, "plan ended", plan, reason=reason)


def _record(sight: Sight, row: JointCase, what: str, plan: JointPlan, **details: str | int) -> None:
    record_step(sight, what, cases.people_of(row), "case", case=row.reference, plan=plan.number, **details)
