"""Bodies, the ground they serve, and how many wait there as it may be published. No exact count is in these tables."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from braid.web.models.base import Row


class PublishedGround(Row):
    """What the place folder says of bodies, districts and parts of districts, and their outlines: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    document = models.JSONField(default=dict)


class GroundPart(Row):
    """A part of a district that figures are published by. It outlives the run: a ground is cut once."""

    district_code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    """Its place among the parts of the district; 0 is the rest, which is never counted."""
    areas = models.JSONField(default=list)
    cut_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_code", "number"], name="cut_once")]


class PartFigure(Row):
    """How many wait in a part of a district: the ends of its published band."""

    kind = models.CharField(max_length=40)
    district_code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    low = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    is_said = models.BooleanField()
    """Whether the band says more than the district's own figure does."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "district_code", "number"], name="part_figure_once")
        ]


class BodyFigure(Row):
    """How many wait on the ground of a body: the ends of its published range."""

    kind = models.CharField(max_length=40)
    body_id = models.CharField(max_length=60)
    low = models.PositiveIntegerField()
    high = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "body_id"], name="body_figure_once")]
