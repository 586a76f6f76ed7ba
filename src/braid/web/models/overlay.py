"""The safety overlay as entered: who is kept from whom, who proposed and who decided to change it, who is near whom.

Entries are added and never changed or removed: whether one is in force follows from the changes that two people agreed.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from braid.web.models.base import Row


class ExclusionEntry(Row):
    """One party is kept from one subject. Without a subject the reference says whom to look for."""

    subject_id = models.CharField(max_length=64, blank=True)
    barred_username = models.CharField(max_length=150, blank=True)
    barred_person_id = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=40)
    reference = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=20, default="page")
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="exclusion_bars_one_party", condition=Q(barred_username="") ^ Q(barred_person_id="")
            ),
            models.CheckConstraint(name="exclusion_says_whom", condition=~Q(subject_id="", reference="")),
        ]
        indexes: ClassVar = [models.Index(fields=["subject_id"], name="exclusion_by_subject")]


class RestrictionEntry(Row):
    """Only the users named see the subject; an empty list admits nobody."""

    subject_id = models.CharField(max_length=64)
    admitted = models.JSONField(default=list)
    reason = models.CharField(max_length=40)
    reference = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=20, default="page")
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="restriction_names_its_subject", condition=~Q(subject_id=""))
        ]
        indexes: ClassVar = [models.Index(fields=["subject_id"], name="restriction_by_subject")]


class OverlayChange(Row):
    """A change to one entry. What widens takes two people, and the database holds that they differ."""

    exclusion = models.ForeignKey(ExclusionEntry, null=True, on_delete=models.PROTECT, related_name="changes")
    restriction = models.ForeignKey(RestrictionEntry, null=True, on_delete=models.PROTECT, related_name="changes")
    change = models.CharField(max_length=20)
    new_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="proposed")
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="change_of_one_entry", condition=Q(exclusion__isnull=True) ^ Q(restriction__isnull=True)
            ),
            models.CheckConstraint(
                name="two_people_for_what_widens",
                condition=~Q(state="approved")
                | Q(change="extend")
                | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
            ),
            models.UniqueConstraint(
                fields=["exclusion"], condition=Q(state="proposed"), name="one_open_proposal_of_exclusion"
            ),
            models.UniqueConstraint(
                fields=["restriction"], condition=Q(state="proposed"), name="one_open_proposal_of_restriction"
            ),
        ]


class Tie(Row):
    """Two people of a family, by any source; said once, holding both ways."""

    person_id = models.CharField(max_length=64)
    other_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person_id", "other_id"], name="tie_once")]
        indexes: ClassVar = [models.Index(fields=["other_id"], name="tie_by_other")]


class Home(Row):
    """The household of a person of the run, whether they wait or not: an entry spreads through those who do not."""

    person_id = models.CharField(primary_key=True, max_length=64)
    household_id = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["household_id"], name="home_by_household")]


class PersonAlias(Row):
    """An id that was merged into, or split from, another. Kept for ever: ids are never used twice."""

    person_id = models.CharField(max_length=64)
    other_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person_id", "other_id"], name="alias_once")]
        indexes: ClassVar = [models.Index(fields=["other_id"], name="alias_by_other")]


class Alert(Row):
    """An access in an emergency that a role must know of. Its clock starts when it is raised."""

    break_glass = models.ForeignKey("BreakGlass", on_delete=models.PROTECT, related_name="alerts")
    told = models.CharField(max_length=20)
    """Why they are told: `guardian`, `record_owner`, or `colleague`, whom whoever asked named."""
    owner_role = models.CharField(max_length=40, blank=True)
    organisation = models.CharField(max_length=80, blank=True)
    """Whose people alone acknowledge what the record owner is told."""
    addressee = models.CharField(max_length=150, blank=True)
    """The one account that acknowledges what the colleague is told."""
    asked_by = models.CharField(max_length=150, blank=True)
    raised_at = models.DateTimeField(db_default=Now())
    acknowledged_by = models.CharField(max_length=150, blank=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["break_glass", "told", "organisation"], name="alert_once")
        ]
