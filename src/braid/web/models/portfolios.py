"""What a place's bodies may buy jointly, studies of it, and which plan a board chose: rows about nobody.

Who may read any of it, ask and choose is a right of the role; the policies hold the tables to it.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.web.models.base import Appending, Row

STUDY_STATES = ("waiting", "running", "done", "failed")
CHOSEN_PLANS = ("silo", "aligned", "pooled", "no_loser", "least_regret")
CHOSEN_BECAUSE = ("most_value", "nobody_loses", "least_regret", "law_of_money", "first_step")


class PlacePortfolio(Row):
    """`interventions.toml` of the place as it was when a server began."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=100)
    document = models.TextField()
    """The portfolio as JSON."""
    fingerprint = models.CharField(max_length=64, unique=True)
    published_at = models.DateTimeField(db_default=Now())


class PortfolioStudy(Row):
    """A study of a portfolio: of the budgets of its file, or of others that somebody asked about."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    portfolio = models.ForeignKey(PlacePortfolio, on_delete=models.CASCADE, related_name="studies")
    budgets = models.JSONField(default=dict)
    """Pence by body; empty where those of the file stand."""
    asked_by = models.CharField(max_length=150, blank=True)
    """Empty where the place itself asks."""
    asked_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, default="waiting")
    done = models.PositiveSmallIntegerField(default=0)
    """Steps of `steps` that are done."""
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=20, blank=True, default="")
    document = models.TextField(blank=True, default="")
    """The study as JSON; empty until it is done."""
    seconds = models.FloatField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="study_has_a_state", condition=Q(state__in=STUDY_STATES)),
            models.UniqueConstraint(fields=["portfolio"], condition=Q(asked_by=""), name="one_study_of_the_file"),
        ]


class PortfolioChoice(Row):
    """Which plan of a study a board chose, when, and who wrote it down. The last one of a study stands."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    study = models.ForeignKey(PortfolioStudy, on_delete=models.CASCADE, related_name="choices")
    plan = models.CharField(max_length=20)
    because = models.CharField(max_length=20)
    board = models.CharField(max_length=60)
    """The id of the board."""
    minute = models.CharField(max_length=40, blank=True)
    """The reference of the minute that says so."""
    chosen_on = models.DateField()
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="choice_of_a_plan", condition=Q(plan__in=CHOSEN_PLANS)),
            models.CheckConstraint(name="choice_has_a_reason", condition=Q(because__in=CHOSEN_BECAUSE)),
        ]
