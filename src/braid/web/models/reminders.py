"""What reminds somebody of their work: what they chose, what was sent, their calendar feed; and searches, as counts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.web.models.accounts import User
from braid.web.models.base import Appending, Row


class ReminderChoice(Row):
    """What somebody chose: no daily digest, or hours in which no mail comes. Without a row: a digest, at any hour."""

    objects = Appending()
    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="reminder_choice")
    wants_digest = models.BooleanField(default=True)
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_to = models.PositiveSmallIntegerField(null=True)
    """Hours of the day, UK time; over midnight where the first is the later one."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="quiet_hours_are_two",
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True) | Q(quiet_from__lt=24, quiet_to__lt=24),
            )
        ]


class ReminderSent(Row):
    """One thing of which somebody was told, once: written down before the mail leaves. No word of it is kept.

    `key` is made of codes and ids of what is due. `state` is `claimed` until the mail server has said yes or no.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reminders")
    key = models.CharField(max_length=120)
    claimed_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=20, default="claimed")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="reminder_once"),
            models.CheckConstraint(name="reminder_has_a_state", condition=Q(state__in=("claimed", "sent", "refused"))),
        ]


class CalendarFeed(Row):
    """A feed of somebody's meetings and due days, by a secret address. Only the SHA-256 of the secret is kept."""

    objects = Appending()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    made_for = models.CharField(max_length=64, blank=True, db_default="")
    """A digest of the account as it was: with another password, role or organisation the feed answers no more."""
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at__isnull=True), name="one_feed_at_a_time")
        ]


class SearchMade(Row):
    """That somebody searched, and when: how often they may is held to it. What for is not kept."""

    objects = Appending()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="searches")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-made_at"], name="search_by_user")]
