"""Links that humans review: the pairs of a run, what each reviewer answered, and what was decided."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.people.review_answers import ANSWERS
from braid.web.models.audit import append_only
from braid.web.models.base import Appending, Row

PAIR_STATES = ("open", "decided", "left")


class LinkPair(Row):
    """Two records that may be one person. It keeps its id from run to run; `is_shown` while a run has it.

    `is_sampled` and the ids of the records are for the owner: no reviewer learns of which pairs two people are asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    record_a = models.CharField(max_length=64)
    record_b = models.CharField(max_length=64)
    is_sampled = models.BooleanField()
    needs_two = models.BooleanField()
    run_id = models.CharField(max_length=64)
    is_shown = models.BooleanField()
    position = models.PositiveIntegerField()
    """In the order in which pairs are looked at; 0 of what was decided before the run."""
    person_a = models.CharField(max_length=64)
    person_b = models.CharField(max_length=64)
    is_joined = models.BooleanField()
    sheet = models.JSONField()
    """What a reviewer sees of it; empty while no run has the pair."""
    sample_place = models.PositiveIntegerField(default=0)
    """Its place in the random sample by which errors of linking are estimated, from 1; 0 where it is not of it."""
    state = models.CharField(max_length=10, default="open")
    round = models.PositiveIntegerField(default=1)
    """How often it is asked: an answer to what is decided opens the next round."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record_a", "record_b"], name="link_pair_once"),
            models.CheckConstraint(name="link_pair_has_a_state", condition=Q(state__in=PAIR_STATES)),
        ]
        indexes: ClassVar = [models.Index(fields=["is_shown", "state", "position"], name="link_pair_by_position")]


class LinkAnswer(Row):
    """What one reviewer said of a pair in a round: theirs alone to read."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    pair = models.ForeignKey(LinkPair, on_delete=models.PROTECT, related_name="answers")
    round = models.PositiveIntegerField()
    answer = models.CharField(max_length=10)
    reason = models.CharField(max_length=20)
    reference = models.CharField(max_length=40)
    run_id = models.CharField(max_length=64)
    answered_by = models.CharField(max_length=150)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pair", "round", "answered_by"], name="link_answer_once"),
            models.CheckConstraint(name="link_answer_is_one", condition=Q(answer__in=ANSWERS)),
        ]
        triggers: ClassVar = append_only("answers on links")


class LinkDecision(Row):
    """What answers of a round came to, and its line in `restricted/link_decisions.csv` once it stands there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    pair = models.ForeignKey(LinkPair, on_delete=models.PROTECT, related_name="decisions")
    round = models.PositiveIntegerField()
    is_same = models.BooleanField()
    decided_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)
    """The second who said so; empty where one was enough."""
    reference = models.CharField(max_length=40)
    decided_at = models.DateTimeField(db_default=Now())
    line = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["pair", "round"], name="link_decision_once")]


class LinkAgreement(Row):
    """How far two reviewers who did not know of each other agreed, over the blind sample; told in steps."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    pairs = models.PositiveIntegerField()
    agreed = models.PositiveIntegerField()
    kappa = models.FloatField(null=True)
    """Cohen's kappa; none where both said the same of every pair."""


class LinkQualityShown(Row):
    """What the random sample says of linking, as it may be published: one row, renewed by the owner of the tables."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    run_id = models.CharField(max_length=64)
    current = models.JSONField()
    """How far the sample of now is decided; what it says once enough is."""
    told = models.JSONField(null=True)
    """What the last sample said of which enough was decided: that of now, or one before."""
    told_drawn_date = models.DateField(null=True)
    told_decided = models.PositiveIntegerField(default=0)
    """Pairs that it rests on: it is told in steps of these."""
