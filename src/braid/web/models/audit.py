"""The record of every look."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from braid.web.models.base import Row


class Look(Row):
    """One named human looked at one person: appended, never changed, never removed. The database itself refuses."""

    looked_at = models.DateTimeField(db_default=Now())
    username = models.CharField(max_length=150)
    role = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    reference = models.CharField(max_length=40)
    person_id = models.CharField(max_length=64)
    page = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "-looked_at"], name="look_by_person"),
            models.Index(fields=["username", "-looked_at"], name="look_by_username"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="not_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="raise exception 'looks are never removed';",
            ),
        ]
