"""Who lives with whom, of people who wait, where nobody of the household is kept from anybody's knowledge."""

from typing import ClassVar

from django.db import models

from braid.web.models.base import Row
from braid.web.models.published import Person


class HomeSpell(Row):
    """Somebody lives with the person, or did: who lived there before has no name, no id and no day, only months."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="home_spells")
    other = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    """Who lives there now; nobody of a spell that is over, so that it leads to no one."""
    since_date = models.DateField()
    """First day together; of a spell that is over, the first of its month."""
    is_stated = models.BooleanField()
    """A source states that day; else extracts show it from then on."""
    last_date = models.DateField(null=True)
    """The first of the month in which it ended; empty while it lasts."""
    age_role = models.CharField(max_length=20, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    is_own = models.BooleanField()
    """The cause is the person's own, as that they moved in, and not the other's."""


class Kinship(Row):
    """What somebody who lives with the person is to them, by one standard, with the backlog to which it belongs."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="kin")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    backlog = models.CharField(max_length=40)
    standard = models.CharField(max_length=40)
    since_date = models.DateField(null=True)
    as_of_date = models.DateField()
    every_days = models.IntegerField(null=True)
    legal_responsibility = models.BooleanField(null=True)
    sensitivity = models.CharField(max_length=40)


class Cohabitant(Row):
    """Two people of the run who ever lived together, the first with a spell above: read by the policies alone.

    Whoever is kept from the other is shown nothing of the first's household, not even a gap.
    """

    person_id = models.CharField(max_length=64)
    other_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person_id", "other_id"], name="cohabitant_once")]
        indexes: ClassVar = [models.Index(fields=["other_id"], name="cohabitant_by_other")]
