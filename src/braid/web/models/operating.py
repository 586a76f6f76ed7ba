"""When a place was last kept: told by whoever keeps it, to the pages that tell machines how old it is."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from braid.web.models.base import Row

BACKUP, DRILL, JOURNAL = "backup", "drill", "journal"
KINDS = (BACKUP, DRILL, JOURNAL)


class KeptMoment(Row):
    """The moment up to which something is known to be kept: of the newest backup, of the newest drill that found
    everything as it was, and the last one before which the whole journal is on the disk of the backups."""

    kind = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="kept_moment_known", condition=Q(kind__in=KINDS)),
        ]
