"""What partners' machines are told of: who listens to which events, what happened, and what became of each telling.

An event names what it is about by kind and id, and holds nobody's value. Whether a system may know of it is asked when
it is told, and not here.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.outbound.events import DELIVERY_STATES
from braid.web.models.accounts import User
from braid.web.models.base import Row


class WebhookSubscription(Row):
    """That a system's address is told of events of some kinds, as far as the system may see what they are about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    system = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    agreement_id = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    last_number = models.PositiveBigIntegerField(default=0, db_default=0)
    """The number of the newest event that it was told of: its own count, which says nothing of others'."""
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True, db_default="", default="")


class WebhookSecret(Row):
    """A secret by which what a subscription is told is signed, sealed by the vault's key ring. Two may hold at once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.CASCADE, related_name="secrets")
    key_id = models.CharField(max_length=40, blank=True)
    wrapped = models.BinaryField(default=b"")
    sealed = models.BinaryField(default=b"")
    made_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True)


class WebhookDelivery(Row):
    """One event on its way to one subscription, written by the trigger of what happened; its number is its order.

    `message_id` is the same at each try, so that a repetition is known. `subject_id` is what it is about; no page reads
    it.
    """

    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    happened_at = models.DateTimeField(db_default=Now())
    detail = models.JSONField(default=dict, db_default={})
    """The board of its address, or counts, as `write_event` takes them; no page reads it."""
    trace = models.CharField(max_length=55, blank=True, default="", db_default="")
    """The `traceparent` of the request in which it happened; empty where that was not traced."""
    number = models.PositiveBigIntegerField(null=True)
    """Its place in what the subscription is told; empty until it is told for the first time."""
    state = models.CharField(max_length=20, default="queued", db_default="queued")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_fault = models.CharField(max_length=40, blank=True, default="", db_default="")
    next_attempt_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="delivery_has_a_state", condition=Q(state__in=DELIVERY_STATES)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], name="delivery_due", condition=Q(state="queued")),
            models.Index(fields=["ended_at"], name="delivery_by_end"),
        ]
