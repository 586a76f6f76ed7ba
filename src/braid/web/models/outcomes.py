"""Outcomes as they are published: definitions, and figures as they were shown. Nobody's row, and no exact count.

Who may read any of it is a right of the role; the policies hold the tables to it.
"""

from typing import ClassVar

from django.db import models

from braid.web.models.base import Row


class OutcomeFramework(Row):
    """What outcomes are ordered by, in words, with what is not measured and why."""

    framework_id = models.CharField(primary_key=True, max_length=40)
    place = models.PositiveSmallIntegerField()
    document = models.JSONField()


class OutcomeDefinition(Row):
    """An outcome in words, with its baseline and what is said of changes, as the published run has it."""

    outcome_id = models.CharField(primary_key=True, max_length=40)
    place = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    """Of how it is measured: figures of another measure are another series."""
    document = models.JSONField()


class OutcomeFigure(Row):
    """What was published of an outcome in a period. It outlives the run: it is what was shown."""

    outcome_id = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    district_code = models.CharField(max_length=40, blank=True)
    """Empty for the whole place."""
    first_date = models.DateField()
    last_date = models.DateField()
    value = models.FloatField(null=True)
    """In steps; empty where too few were counted."""
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    step = models.FloatField()
    """In what steps the value is shown."""
    shown_date = models.DateField()
    """The day of the run that it was published with."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["outcome_id", "digest", "district_code", "last_date"], name="outcome_shown_once"
            )
        ]
