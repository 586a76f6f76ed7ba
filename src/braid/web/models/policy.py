"""What the decision rests on: agreements in force, what roles may see, who is kept from whom, access in an emergency.

The owner of the tables writes the first two whole from files and code; the pages only read them.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from braid.web.models.base import Row


class AgreementInForce(Row):
    """An agreement as its file says it, with the digest of the file: what the pages show of it."""

    agreement_id = models.CharField(primary_key=True, max_length=100)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    purpose = models.CharField(max_length=40)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    digest = models.CharField(max_length=64)
    terms = models.JSONField(default=dict)


class Flow(Row):
    """One permitted flow, open from `live_from` until `live_to`. An empty provider is the joined record."""

    agreement_id = models.CharField(max_length=100)
    agreement_version = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    receiver = models.CharField(max_length=80)
    provider = models.CharField(max_length=80, blank=True)
    item = models.CharField(max_length=80)
    live_from = models.DateTimeField()
    live_to = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["receiver", "purpose", "item"], name="flow_by_receiver")]


class Covered(Row):
    """That an agreement lets its receiver reach whom a problem statement concerns; an empty one: those that ship."""

    agreement_id = models.CharField(max_length=100)
    purpose = models.CharField(max_length=40)
    receiver = models.CharField(max_length=80)
    statement = models.CharField(max_length=40, blank=True)
    live_from = models.DateTimeField()
    live_to = models.DateTimeField()


class Suspension(Row):
    """An agreement suspended at once by one human; lifting it takes a second."""

    agreement_id = models.CharField(max_length=100)
    suspended_at = models.DateTimeField(db_default=Now())
    suspended_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=40)
    lift_asked_by = models.CharField(max_length=150, blank=True)
    lift_asked_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_lift_a_suspension",
                condition=Q(lifted_at__isnull=True)
                | (~Q(lift_asked_by="") & ~Q(lifted_by="") & ~Q(lifted_by=F("lift_asked_by"))),
            )
        ]


class RoleRight(Row):
    """What a role may see, from `braid.trust.roles`: one row for each purpose, backlog, sensitivity and relation."""

    role = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["role", "kind", "value"], name="role_right_once")]


class Barred(Row):
    """The effect of exclusions: this user never sees this person. Spread over household and family by the overlay."""

    person_id = models.CharField(max_length=64)
    username = models.CharField(max_length=150)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["username", "person_id"], name="barred_once")]


class Admitted(Row):
    """The effect of restrictions: only the users admitted see this person; an empty user name admits nobody."""

    person_id = models.CharField(max_length=64)
    username = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person_id", "username"], name="admitted_once")]


class SealedPerson(Row):
    """An identity that an adoption ended: nobody sees it on any page. The one since the adoption is not in here."""

    person_id = models.CharField(max_length=64, primary_key=True)


class Sealed(Row):
    """Who is sealed, for the decision to say so: a view over the list above, which no page reads."""

    person_id = models.CharField(max_length=64, primary_key=True)

    class Meta:
        managed = False
        db_table = "braid_sealed"


class Hidden(Row):
    """People who do not exist for whoever asks: a view that the database fills from the three lists above."""

    person_id = models.CharField(max_length=64, primary_key=True)

    class Meta:
        managed = False
        db_table = "braid_hidden"


class Within(Row):
    """People within reach of whoever asks, for the purpose asked for: a view, and the one definition of it."""

    person_id = models.CharField(max_length=64, primary_key=True)

    class Meta:
        managed = False
        db_table = "braid_within"


class Fact(Row):
    """One fact that the decision asks of a person: a relation, `grant`, `protected`, `hidden` or `sealed`. A view."""

    person_id = models.CharField(max_length=64, primary_key=True)
    fact = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40)
    live_from = models.DateTimeField(null=True)
    live_to = models.DateTimeField(null=True)
    items = models.JSONField(null=True)
    approved = models.BooleanField()

    class Meta:
        managed = False
        db_table = "braid_fact"


class BreakGlass(Row):
    """Access in an emergency: one human, one person, one purpose, for hours, with a reference and a review due."""

    username = models.CharField(max_length=150)
    organisation = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    person_id = models.CharField(max_length=64)
    purpose = models.CharField(max_length=40)
    reason = models.CharField(max_length=40)
    reference_kind = models.CharField(max_length=20, default="")
    reference = models.CharField(max_length=40)
    colleague = models.CharField(max_length=150)
    items = models.JSONField(default=list)
    """Codes of the items asked for beyond waits. Some open only once a second human approved: `EmergencyApproval`."""
    live_from = models.DateTimeField(db_default=Now())
    live_to = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    alerted_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=150, blank=True)
    finding = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_id", "username"], name="break_glass_by_person")]


class EmergencyApproval(Row):
    """That a second human let an emergency open location and identity. It ends with the access; nobody changes it."""

    break_glass = models.OneToOneField(BreakGlass, on_delete=models.PROTECT, related_name="approval")
    asked_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)
    approved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_open_a_location", condition=~Q(approved_by="") & ~Q(approved_by=F("asked_by"))
            )
        ]
