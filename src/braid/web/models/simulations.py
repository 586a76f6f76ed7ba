"""Networks of queues as they were published, questions to them, and their answers: counts alone, nobody's row.

Who may read any of it is a right of the role; the policies hold the tables to it as they hold those about people.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.web.models.base import Appending, Row

QUESTION_STATES = ("waiting", "running", "done", "failed")
QUESTION_KINDS = ("scenarios", "target", "sensitivity")


class SimulationNetwork(Row):
    """The queues of the place as a run found them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    run_id = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    start_date = models.DateField()
    weeks = models.PositiveIntegerField()
    document = models.TextField()
    """The network as JSON, with whoever waits in bands."""
    fingerprint = models.CharField(max_length=64)
    findings = models.JSONField(default=list)
    """What did not add up when the network was made, in words."""
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run_id", "fingerprint"], name="network_once_a_run")]


class SimulationQuestion(Row):
    """What somebody asked of a network, and how far the answer is."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    network = models.ForeignKey(SimulationNetwork, on_delete=models.CASCADE, related_name="questions")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    document = models.TextField()
    """What was asked, as JSON, without the network."""
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, default="waiting")
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField()
    """Replications, of all courses of events together."""
    tries = models.PositiveSmallIntegerField(default=0)
    """How often it was begun since it was asked last: one that ends the process that runs it is not begun for ever."""
    failure = models.CharField(max_length=20, blank=True, default="")
    """Why there is no answer, as a code."""
    ended_at = models.DateTimeField(null=True)
    """When whoever asked took it away. What is taken away is erased soon after."""
    ended_by = models.CharField(max_length=150, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="question_has_a_state", condition=Q(state__in=QUESTION_STATES)),
            models.CheckConstraint(name="question_has_a_kind", condition=Q(kind__in=QUESTION_KINDS)),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "asked_at"], name="question_by_state")]


class SimulationAnswer(Row):
    """The answer to a question."""

    question = models.OneToOneField(
        SimulationQuestion, primary_key=True, on_delete=models.CASCADE, related_name="answer"
    )
    document = models.TextField()
    digest = models.CharField(max_length=64)
    """SHA-256 of all that was counted, of all courses of events one after another."""
    engine = models.CharField(max_length=20)
    seconds = models.FloatField()
    answered_at = models.DateTimeField(db_default=Now())
    again_at = models.DateTimeField(null=True)
    """When it was last run again."""
    is_same_again = models.BooleanField(null=True)
    """Whether it came to the same digits then."""
