"""The directory of services as anybody may read it: about services, organisations and places, and about nobody."""

from typing import ClassVar

from django.db import models

from braid.web.models.base import Appending, Row


class DirectoryEntry(Row):
    """A service, an organisation, or a service at a location, as the directory tells it: replaced whole."""

    objects = Appending()
    kind = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    """Its place among those of its kind: the order of their ids."""
    identity = models.TextField()
    """The id by which the directory tells it."""
    document = models.TextField()
    """What is told of it, whole, as JSON."""
    words = models.TextField(db_default="")
    """What a search looks in: names and descriptions in small letters."""
    organisation = models.TextField(db_default="")
    """The id of the organisation that offers it."""
    term = models.CharField(max_length=40, db_default="")
    """The id of the kind of service that it is; empty where the source names none of ours."""
    minimum_age = models.FloatField(null=True)
    maximum_age = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "position"], name="directory_entry_once"),
        ]
