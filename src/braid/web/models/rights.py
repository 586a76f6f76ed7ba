"""Requests of the people in the data as kept: who asks, the clock, what was gathered, what was decided, and by whom.

The rules are those of `braid.trust.subject_rights`. What was gathered rests sealed, item by item, each under a data key
of its own, and is gone once the request is kept long enough.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from braid.trust.subject_rights_terms import ACCESS, ASKERS, HOLDS, MACHINES
from braid.web.models.audit import append_only
from braid.web.models.base import Appending, Row

_STATES = sorted({state for machine in MACHINES.values() for state in machine.states})


class RightsRequest(Row):
    """A request about somebody's data, of a kind of `MACHINES`. Its `reference` says nothing of whom it is about.

    `approved_digest` is the SHA-256 (hexadecimal) of what the second human saw: nothing else is made into a pack.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20, default="access")
    reference = models.CharField(max_length=20, unique=True)
    subject_id = models.CharField(max_length=64)
    asker = models.CharField(max_length=20)
    asker_person_id = models.CharField(max_length=64, blank=True)
    received_on = models.DateField()
    shown_on = models.DateField(null=True)
    """The day on which it was shown who asks: the clock begins then, or when the request came if that is later."""
    extended_because = models.CharField(max_length=20, blank=True, db_default="")
    extended_on = models.DateField(null=True)
    basis = models.CharField(max_length=40, blank=True, db_default="")
    """The ground in law of a restriction or an erasure."""
    source = models.CharField(max_length=80, blank=True, db_default="")
    """The organisation whose record is said to be wrong."""
    answer = models.CharField(max_length=20, blank=True, db_default="")
    """What that organisation said."""
    channel = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, default=ACCESS.first)
    held_because = models.CharField(max_length=40, blank=True, db_default="")
    """A code of why a pack that was approved did not leave."""
    handled_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField(db_default=Now())
    second_by = models.CharField(max_length=150, blank=True, db_default="")
    third_party = models.CharField(max_length=20, blank=True, db_default="")
    harm = models.CharField(max_length=20, blank=True, db_default="")
    approved_digest = models.CharField(max_length=64, blank=True, db_default="")
    message_id = models.UUIDField(null=True)
    closed_because = models.CharField(max_length=40, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="rights_request_has_a_state", condition=Q(state__in=_STATES)),
            models.CheckConstraint(name="rights_request_has_an_asker", condition=Q(asker__in=sorted(ASKERS))),
            models.CheckConstraint(
                name="two_people_let_a_pack_go", condition=Q(second_by="") | ~Q(second_by=F("handled_by"))
            ),
            models.CheckConstraint(
                name="what_leaves_was_approved",
                condition=~Q(kind="access", state__in=("approved", "leaving", "given"))
                | (~Q(second_by="") & ~Q(third_party="") & ~Q(harm="") & ~Q(approved_digest="")),
            ),
            models.CheckConstraint(
                name="two_people_erase", condition=~Q(kind="erasure", state__in=("approved", "done")) | ~Q(second_by="")
            ),
            models.CheckConstraint(
                name="two_people_end_a_restriction", condition=~Q(kind="restriction", state="ended") | ~Q(second_by="")
            ),
            models.CheckConstraint(name="rights_request_has_a_kind", condition=Q(kind__in=sorted(MACHINES))),
            models.CheckConstraint(
                name="rights_request_ends_with_its_reason", condition=~Q(state="closed") | ~Q(closed_because="")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["subject_id"], name="rights_request_by_subject")]


class RightsPause(Row):
    """Days on which the clock of a request stands still, since what is meant was asked."""

    objects = Appending()
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="pauses")
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    entered_by = models.CharField(max_length=150)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(last_on__isnull=True), name="one_pause_of_a_request_runs"
            )
        ]


class RightsStep(Row):
    """A step of a request: what, by whom and why, as codes. Appended, never changed."""

    objects = Appending()
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=20)
    reason = models.CharField(max_length=40, blank=True)
    taken_by = models.CharField(max_length=150, blank=True)
    """Empty where Braid took it, beside the pages."""
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers: ClassVar = append_only("steps of requests")


class RightsItem(Row):
    """One thing that is held about the subject, its lines sealed; and what was decided of them.

    `about` are the ids of everybody else whom it is about. `kept` are the numbers of the lines that are given; it means
    something only once `decided_by` says who decided.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=100)
    source = models.CharField(max_length=80, blank=True)
    """The organisation that it is from; empty where Braid made it."""
    held_on = models.DateField(null=True)
    about = models.JSONField(default=list)
    line_count = models.PositiveIntegerField()
    locked_count = models.PositiveIntegerField()
    key_id = models.CharField(max_length=40, blank=True)
    wrapped = models.BinaryField(default=b"")
    sealed = models.BinaryField(default=b"")
    kept = models.JSONField(default=list)
    ground = models.CharField(max_length=40, blank=True, db_default="")
    decided_by = models.CharField(max_length=150, blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "position"], name="rights_item_once"),
        ]


class LegalHold(Row):
    """That nothing of a person is erased, by hand or by the clock, until two people lift it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=40)
    reference = models.CharField(max_length=40)
    placed_by = models.CharField(max_length=150)
    placed_at = models.DateTimeField(db_default=Now())
    lift_asked_by = models.CharField(max_length=150, blank=True, db_default="")
    lift_asked_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True, db_default="")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="hold_has_a_reason", condition=Q(reason__in=sorted(HOLDS))),
            models.CheckConstraint(
                name="two_people_lift_a_hold",
                condition=Q(lifted_at__isnull=True)
                | (~Q(lift_asked_by="") & ~Q(lifted_by="") & ~Q(lifted_by=F("lift_asked_by"))),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["person_id"], name="hold_by_person")]


class RetentionSweep(Row):
    """What a sweep removed under one rule of the schedule, as counts and about nobody. Appended, never changed."""

    objects = Appending()
    rule = models.CharField(max_length=40)
    before_on = models.DateField()
    removed = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    """How many stayed although their time was over, since a hold is in force."""
    swept_by = models.CharField(max_length=150, blank=True)
    """Empty where the clock did it."""
    swept_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers: ClassVar = append_only("what sweeps removed")
