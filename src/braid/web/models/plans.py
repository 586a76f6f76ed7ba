"""Joint plans as kept: versions with their goals, the actions towards each, approvals and reviews; views of one's own.

A version that was approved is never changed. `version` of a row rises with each change, `number` with each new version
of the plan, `round` with each time that it is sent for approval.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.care import links, plans
from braid.web.models.base import Appending, Row
from braid.web.models.care import CareAction, CaseSubject, JointCase


class JointPlan(Row):
    """One version of the plan of a case. One of them is unfinished at most, and one holds at most."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, default=plans.MACHINE.first)
    round = models.PositiveSmallIntegerField(default=0)
    review_on = models.DateField(null=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    proposed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="plan_has_a_state", condition=Q(state__in=sorted(plans.MACHINE.states))),
            models.UniqueConstraint(fields=["case", "number"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=sorted(plans.UNFINISHED)), name="unfinished_plan_once"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(state="approved"), name="plan_holds_once"),
        ]


class PlanGoal(Row):
    """A goal of one person whom the case is about. Taken out of a draft it stays, ended."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    plan = models.ForeignKey(JointPlan, on_delete=models.PROTECT, related_name="goals")
    subject = models.ForeignKey(CaseSubject, on_delete=models.PROTECT, related_name="goals")
    position = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=plans.LONGEST_GOAL)
    whose = models.CharField(max_length=20)
    target_on = models.DateField()
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="goal_has_words", condition=~Q(words="")),
            models.CheckConstraint(name="goal_is_somebodys", condition=Q(whose__in=sorted(plans.WHOSE))),
        ]


class GoalAction(Row):
    """That an action of the case leads to a goal. The plan is named too, for those to whom the goal is not shown."""

    objects = Appending()
    plan = models.ForeignKey(JointPlan, on_delete=models.PROTECT, related_name="leading")
    goal = models.ForeignKey(PlanGoal, on_delete=models.PROTECT, related_name="leading")
    action = models.ForeignKey(CareAction, on_delete=models.PROTECT, related_name="goals")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["goal", "action"], condition=Q(ended_at__isnull=True), name="action_leads_once"
            )
        ]


class PlanApproval(Row):
    """What an organisation was asked in a round of approval, by when, and what it answered."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    plan = models.ForeignKey(JointPlan, on_delete=models.PROTECT, related_name="approvals")
    round = models.PositiveSmallIntegerField()
    organisation = models.CharField(max_length=80)
    state = models.CharField(max_length=20, default=plans.APPROVAL_MACHINE.first)
    reason = models.CharField(max_length=20, blank=True)
    words = models.TextField(blank=True)
    due_at = models.DateTimeField()
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "round", "organisation"], name="approval_once"),
            models.CheckConstraint(name="change_has_its_reason", condition=~Q(state="change_asked") | ~Q(reason="")),
        ]


class PlanReview(Row):
    """That an approved plan was looked at on a day, and when it is next."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    plan = models.ForeignKey(JointPlan, on_delete=models.PROTECT, related_name="reviews")
    held_on = models.DateField()
    next_on = models.DateField()
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())


class GoalReview(Row):
    """What came of one goal, as said at a review."""

    objects = Appending()
    review = models.ForeignKey(PlanReview, on_delete=models.PROTECT, related_name="results")
    goal = models.ForeignKey(PlanGoal, on_delete=models.PROTECT, related_name="results")
    result = models.CharField(max_length=20)
    words = models.CharField(max_length=plans.LONGEST_WHY, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "goal"], name="goal_reviewed_once")]


class OwnView(Row):
    """A link by which one person whom a case is about reads their own plan, without an account, until it ends.

    Only the SHA-256 of its code is kept. `was_protected` is written and read by functions of the owner alone: the view
    closes where somebody came under protection since.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="views")
    subject = models.ForeignKey(CaseSubject, on_delete=models.PROTECT, related_name="views")
    reference = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    aim = models.CharField(max_length=20)
    hand_over = models.CharField(max_length=20)
    fits = models.CharField(max_length=links.LONGEST_FITS, blank=True)
    was_protected = models.BooleanField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True, db_default="")


class OwnWords(Row):
    """What a person said about a version of their plan, by a view of their own. Appended, never changed."""

    view = models.ForeignKey(OwnView, on_delete=models.PROTECT, related_name="said")
    plan = models.ForeignKey(JointPlan, on_delete=models.PROTECT, related_name="said")
    stance = models.CharField(max_length=20)
    words = models.TextField(blank=True)
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="own_words_take_a_stance", condition=Q(stance__in=sorted(links.STANCES)))
        ]


class LinkMiss(Row):
    """That somebody typed a wrong code: whence, as a keyed digest of the address, and when. Kept for a day."""

    source = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source", "at"], name="miss_by_source")]
