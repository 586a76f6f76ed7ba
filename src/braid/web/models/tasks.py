"""Work that a failure leaves to a human: it has an owner and a date by which it is due."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from braid.web.models.base import Row


class SafetyTask(Row):
    """Something about somebody's safety that did not work and that somebody must see to.

    `kind` says what, `subject_id` about whom, or of which message; everybody's pages add tasks, and the role that owns
    them alone reads them, since a task about the vault says that a person is protected.
    """

    kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64, blank=True)
    owner_role = models.CharField(max_length=40)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=150, blank=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    """What came of it, as a code."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"], name="open_task_once", condition=models.Q(done_at__isnull=True)
            )
        ]
