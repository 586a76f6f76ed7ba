"""Priority as published: the rules that hold, whom they place where and why, and whom they never reached."""

from typing import ClassVar

from django.db import models

from braid.web.models.base import Row
from braid.web.models.published import Person


class PriorityVersion(Row):
    """The version of the priority rules of a problem statement that the run used: public, and of nobody."""

    problem = models.CharField(primary_key=True, max_length=40)
    purpose = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    """Of the problem statement."""
    holds_from_date = models.DateField()
    digest = models.CharField(max_length=64)
    words = models.JSONField()
    """The rules as lines of plain words."""
    text = models.TextField()
    """The file, whole."""
    bands = models.JSONField()
    """Each band as [id, name], in order."""
    points = models.JSONField()
    """Each entry of points as [id, points, reason], in order."""
    rests_on = models.JSONField(default=dict)
    """The items on which `bands` and `longest` rest, and each of `points` by id."""


class PersonRank(Row):
    """Where the rules place a person, without the place in the order: that is counted among those a reader may see."""

    rules = models.ForeignKey(PriorityVersion, on_delete=models.CASCADE, db_column="problem", related_name="ranks")
    purpose = models.CharField(max_length=40)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="ranks")
    band_position = models.PositiveSmallIntegerField()
    points = models.PositiveIntegerField()
    longest_since_date = models.DateField(null=True)
    reasons = models.JSONField()
    """Ids of the band and of the points that hold."""
    changes = models.JSONField()
    """What changed of the person's own facts and of the rules since the run before: {causes, gained, lost}."""

    earlier = models.JSONField(default=list)
    """The same of runs of earlier days, newest first, each with its `as_of`."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["rules", "person"], name="rank_once")]


class FairnessFigure(Row):
    """Exact counts of a group of people whom the rules placed. Shown by disclosure control only."""

    problem = models.CharField(max_length=40)
    characteristic = models.CharField(max_length=40)
    group_code = models.CharField(max_length=40)
    reached = models.PositiveIntegerField()
    never_reached = models.PositiveIntegerField()
    in_doubt = models.PositiveIntegerField()


class LinkErrorFigure(Row):
    """What the linkage expects of its own error, in exact sums by group or by pair of standards. Shown by disclosure
    control only."""

    characteristic = models.CharField(max_length=40)
    group_code = models.CharField(max_length=40)
    source_a = models.CharField(max_length=40)
    source_b = models.CharField(max_length=40)
    people = models.PositiveIntegerField()
    records = models.PositiveIntegerField()
    unnamed = models.PositiveIntegerField()
    links = models.PositiveBigIntegerField()
    false_links = models.FloatField()
    false_variance = models.FloatField()
    missed_links = models.FloatField()
    missed_variance = models.FloatField()
