"""What leaves: messages that wait for the guard and the channel, how people may be reached safely, what was released.

Words and contact points rest sealed by the vault's key ring. The owner of the tables opens them at the instant of
sending; the pages add them and cannot read a contact point back.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from braid.web.models.base import Row

STATES = ("queued", "sent", "refused", "failed", "cancelled")


class OutboxMessage(Row):
    """A message on its way out. Its id is the key under which a channel takes it once, however often it is tried.

    `sealed` holds the draft; it is emptied once sent, cancelled, or the task that a refusal left is done, and
    `draft_digest` stays. `refused_reasons` are codes of `braid.trust.guard.REASONS`, or of what the channel would not
    do.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    channel = models.CharField(max_length=20)
    sent_by = models.CharField(max_length=150)
    role = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    reference = models.CharField(max_length=40)
    subject_ids = models.JSONField(default=list)
    key_id = models.CharField(max_length=40, blank=True)
    wrapped = models.BinaryField(default=b"")
    sealed = models.BinaryField(default=b"")
    draft_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=20, default="queued")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    next_attempt_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    refused_reasons = models.JSONField(default=list)
    item_id = models.UUIDField(null=True)
    """The case on an agenda whose minutes it is: who may send it is then judged by taking part."""
    rights_id = models.UUIDField(null=True)
    """The request about somebody's data that it answers: who may send it is then judged by the request."""
    trace = models.CharField(max_length=55, blank=True, default="", db_default="")
    """The `traceparent` of the request that wrote it, where that was traced: numbers drawn by chance."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="message_has_a_state", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="minutes_go_as_minutes", condition=Q(item_id__isnull=True) | Q(channel="minutes")
            ),
            models.CheckConstraint(
                name="what_left_keeps_no_words", condition=~Q(state__in=("sent", "cancelled")) | Q(sealed=b"")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], name="message_due", condition=Q(state="queued")),
            models.Index(fields=["sent_by", "-created_at"], name="message_by_author"),
            models.Index(fields=["item_id"], name="message_by_item", condition=Q(item_id__isnull=False)),
        ]


class OutboxRecipient(Row):
    """Somebody who is to receive a message: a person, a user or an organisation, never a contact point."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="recipients")
    kind = models.CharField(max_length=20)
    party_id = models.CharField(max_length=150)
    delivered_at = models.DateTimeField(null=True)
    receipt = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "kind", "party_id"], name="recipient_once"),
            models.CheckConstraint(
                name="recipient_is_a_party", condition=Q(kind__in=("person", "user", "organisation"))
            ),
        ]


ENDS = ("", "refused", "withdrawn")
"""How what was entered ends: refused before it was confirmed, withdrawn after."""


def _two_people(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(second_by="") | ~Q(second_by=F("entered_by")))


def _ends_by_somebody(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(ended_how="", ended_by="", ended_at__isnull=True)
        | Q(ended_how__in=ENDS[1:], ended_at__isnull=False) & ~Q(ended_by=""),
    )


class SafeContact(Row):
    """How a person may be reached, as they said: channels, contact points and hours, sealed. The newest holds.

    For a protected person it holds once a second human has confirmed it. One that was withdrawn leaves a person who is
    not reached at all. `sealed` is empty where the key is lost: that there is a rule is known, and not which.
    """

    person_id = models.CharField(max_length=64)
    key_id = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField(db_default=Now())
    second_by = models.CharField(max_length=150, blank=True)
    second_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=20, blank=True, db_default="")
    ended_by = models.CharField(max_length=150, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            _two_people("two_people_for_a_safe_contact"),
            _ends_by_somebody("safe_contact_ends_by_somebody"),
        ]
        indexes: ClassVar = [models.Index(fields=["person_id"], name="safe_contact_by_person")]


class SafeContactDigest(Row):
    """A keyed digest of one form of a contact point of a safe contact: who else is reached there, and nothing more.

    The pages add it and read none; its key comes from the ring, and changes with it. It stays when the contact has
    ended, since whoever used a contact point may read what arrives there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    safe_contact = models.ForeignKey(SafeContact, on_delete=models.CASCADE, related_name="digests")
    person_id = models.CharField(max_length=64)
    key_id = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["safe_contact", "key_id", "digest"], name="contact_point_digested_once")
        ]
        indexes: ClassVar = [models.Index(fields=["digest"], name="contact_point_by_digest")]


class ContactRelease(Row):
    """One kind of location of one person that may reach one party until a date; a second human confirms it.

    `kind` is one of `braid.trust.locations.KINDS`. It holds no location: which one is looked up at sending.
    """

    location_kind = models.CharField(max_length=20)
    person_id = models.CharField(max_length=64)
    party_kind = models.CharField(max_length=20)
    party_id = models.CharField(max_length=150)
    reference = models.CharField(max_length=40)
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    second_by = models.CharField(max_length=150, blank=True)
    second_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=20, blank=True, db_default="")
    ended_by = models.CharField(max_length=150, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            _two_people("two_people_for_a_release"),
            _ends_by_somebody("release_ends_by_somebody"),
        ]
        indexes: ClassVar = [models.Index(fields=["person_id"], name="release_by_person")]
