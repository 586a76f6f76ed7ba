"""What services of a cohort cost each payer, as it may be published: sums over people, and nobody's own."""

from typing import ClassVar

from django.db import models

from braid.web.models.base import Row


class CohortCost(Row):
    """What the services of the people of a problem statement cost one payer over a year of days."""

    run_id = models.CharField(max_length=100)
    statement = models.CharField(max_length=60)
    payer = models.CharField(max_length=60)
    from_date = models.DateField()
    until_date = models.DateField()
    """The first day that no longer counts."""
    people = models.PositiveIntegerField(null=True)
    """People with any cost to the payer, rounded; none where there are too few to show."""
    pounds = models.BigIntegerField(null=True)
    """A published sum in whole pounds; none where it rests on too few."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["statement", "payer"], name="cohort_cost_once")]
