"""Ranks as they stood when somebody decided: the rules whole, everybody's place, and the rank of each one decided on.

Written by the database itself in the transaction of the decision; no page adds, changes or deletes any of it.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.web.models.base import Row
from braid.web.models.care import Referral
from braid.web.models.meetings import AgendaItem


class DecidedRules(Row):
    """The version of the priority rules under which people stood where when something was decided: public, of nobody.

    One for each publication and problem statement that a decision rests on; the fields are those of `PriorityVersion`.
    """

    run_id = models.CharField(max_length=100)
    as_of_date = models.DateField(null=True)
    published_at = models.DateTimeField()
    problem = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    holds_from_date = models.DateField()
    digest = models.CharField(max_length=64)
    words = models.JSONField()
    text = models.TextField()
    bands = models.JSONField()
    points = models.JSONField()
    rests_on = models.JSONField()
    ships = models.BooleanField()
    """Whether the statement is one that ships."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_id", "published_at", "problem"], name="decided_rules_once")
        ]


class DecidedOrder(Row):
    """Who stood where under such rules. Read by functions of the owner alone.

    `people` has for each person id the `place`, and the classes of the `waits` through which somebody might see them.
    """

    rules = models.OneToOneField(DecidedRules, on_delete=models.PROTECT, primary_key=True, related_name="order")
    people = models.JSONField()


class FrozenRank(Row):
    """The rank of a person when a case about them was decided on, or a referral of them was accepted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, related_name="frozen_ranks")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, null=True, related_name="frozen_ranks")
    person_id = models.CharField(max_length=64)
    purpose = models.CharField(max_length=40)
    rules = models.ForeignKey(DecidedRules, on_delete=models.PROTECT, related_name="ranks")
    document = models.JSONField()
    """As `braid.problems.priority.freeze.freeze` makes it, but for rules and place, which stand in the order."""
    frozen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="frozen_for_one_decision",
                condition=Q(item__isnull=True, referral__isnull=False) | Q(item__isnull=False, referral__isnull=True),
            ),
        ]


class PlaceThen(Row):
    """The place of a frozen rank among those people of the order then whom whoever asks might see: a view."""

    id = models.UUIDField(primary_key=True)
    place = models.PositiveIntegerField()
    people = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "braid_place_then"
