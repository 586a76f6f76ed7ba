"""The published set of what holds up what over the place, and the problem statements: words, and counts as published.

No exact figure is in these tables: disclosure control comes before they are filled.
"""

from typing import ClassVar

from django.db import models

from braid.web.models.base import Row


class UnblockFigure(Row):
    """What one action, team or resource holds and alone would free, in one backlog or in all (empty).

    A count is `None` where it is not shown; `held_hidden` and `freed_hidden` say how many actions' are not.
    """

    scope = models.CharField(max_length=20)
    backlog = models.CharField(max_length=40, blank=True)
    position = models.PositiveIntegerField()
    owner_organisation = models.CharField(max_length=200, blank=True)
    owner_role = models.CharField(max_length=200, blank=True)
    next_action = models.TextField(blank=True)
    holder_type = models.CharField(max_length=40, blank=True)
    holder_kind = models.CharField(max_length=60, blank=True)
    held_waits = models.PositiveIntegerField(null=True)
    held_weeks = models.PositiveIntegerField(null=True)
    held_hidden = models.PositiveIntegerField()
    freed_waits = models.PositiveIntegerField(null=True)
    freed_weeks = models.PositiveIntegerField(null=True)
    freed_hidden = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "backlog", "position"], name="unblock_figure_once")
        ]


class DeadlockFigure(Row):
    """Services that wait for each other: kinds of organisation, and how many waits none of which can end first."""

    organisations = models.CharField(primary_key=True, max_length=300)
    """Kinds of organisation, in order, with one space between."""
    waits = models.PositiveIntegerField(null=True)


class ProblemStatement(Row):
    """A problem statement as the run had it: its words, and how many people it concerns."""

    problem_id = models.CharField(primary_key=True, max_length=40)
    position = models.PositiveIntegerField()
    words = models.JSONField()
    """What `braid.problems.documents` makes of it."""
    people = models.PositiveIntegerField(null=True)
    """`None` where it is not shown."""
