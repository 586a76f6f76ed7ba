"""What a case needs to be ready, a household's planned move with its notices, and what starts the clocks of a response.

The rules are those of `braid.care.readiness`, `braid.care.moves` and `braid.care.response`. Where somebody moves to
stands in no row: a district stands here only where it may be shown of everybody who moves, and an address nowhere.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.care import documents, moves, readiness, response
from braid.care.corrections import CORRECTIONS
from braid.web.models.base import Appending, Row
from braid.web.models.care import JointCase
from braid.web.models.meetings import AgendaItem


class ReadinessDay(Row):
    """The day of the hearing or meeting for which a case is got ready, as its lead or the court's seat wrote it down.

    One that was moved or vacated stays, with why; of one case one holds. `version` counts on from row to row.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="readiness_days")
    what = models.CharField(max_length=20)
    day = models.DateField()
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True, db_default="")
    ended_because = models.CharField(max_length=20, blank=True, db_default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="day_of_a_kind", condition=Q(what__in=sorted(readiness.DAYS_FOR))),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="one_readiness_day_holds"
            ),
            models.CheckConstraint(
                name="readiness_day_ends_because",
                condition=Q(ended_at__isnull=True, ended_because="")
                | Q(ended_at__isnull=False, ended_because__in=sorted(readiness.DAY_ENDS)),
            ),
        ]


class CaseReadiness(Row):
    """Where a readiness item of a case stands. An item of which there is no row is open, and nobody has touched it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="readiness")
    item = models.CharField(max_length=40)
    agency = models.CharField(max_length=40)
    state = models.CharField(max_length=20, default=readiness.MACHINE.first)
    since = models.DateField(null=True)
    expected_on = models.DateField(null=True)
    evidence = models.CharField(max_length=readiness.LONGEST_EVIDENCE, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    asked_by_agency = models.CharField(max_length=40, blank=True, db_default="")
    """The seat that said that a required item is not needed: another one agrees, or it stays open."""
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "item"], name="readiness_item_once"),
            models.CheckConstraint(
                name="readiness_has_a_state", condition=Q(state__in=sorted(readiness.MACHINE.states))
            ),
            models.CheckConstraint(
                name="not_needed_says_why", condition=~Q(state__in=["not_needed", "to_agree"]) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="to_agree_says_who_asked", condition=~Q(state="to_agree") | ~Q(asked_by_agency="")
            ),
            models.CheckConstraint(name="done_says_what_shows_it", condition=~Q(state="done") | ~Q(evidence="")),
            models.CheckConstraint(
                name="late_says_until_when", condition=~Q(state="late") | Q(expected_on__isnull=False)
            ),
        ]


class UnreadyDecision(Row):
    """That a chair let a case go ahead although it was not ready: what was open, and why all the same."""

    objects = Appending()
    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="unready")
    still_open = models.JSONField(default=list)
    """Ids of readiness items of the case type."""
    because = models.CharField(max_length=readiness.LONGEST_BECAUSE)
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="unready_says_why", condition=~Q(because=""))]


class PlannedMove(Row):
    """A move of a household, planned or made. Districts are empty where they may not be shown of all who move."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="moves")
    planned_on = models.DateField()
    leaves_district = models.BooleanField()
    from_district = models.CharField(max_length=40, blank=True)
    to_district = models.CharField(max_length=40, blank=True)
    application = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, default=moves.MACHINE.first)
    available_on = models.DateField(null=True)
    agreement = models.CharField(max_length=20, default=moves.AGREEMENT_MACHINE.first)
    agreed_on = models.DateField(null=True)
    details_on = models.DateField(null=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="move_has_a_state", condition=Q(state__in=sorted(moves.MACHINE.states))),
            models.CheckConstraint(
                name="agreement_has_a_state", condition=Q(agreement__in=sorted(moves.AGREEMENT_MACHINE.states))
            ),
            models.CheckConstraint(
                name="agreed_on_a_day", condition=~Q(agreement="agreed") | Q(agreed_on__isnull=False)
            ),
            models.CheckConstraint(name="made_on_a_day", condition=~Q(state="made") | Q(available_on__isnull=False)),
        ]


class Mover(Row):
    """Somebody who moves, and what becomes of a child's school; which school it is stands nowhere here."""

    objects = Appending()
    move = models.ForeignKey(PlannedMove, on_delete=models.PROTECT, related_name="movers")
    person_id = models.CharField(max_length=64)
    school = models.CharField(max_length=20, blank=True)
    exam_year = models.BooleanField(default=False)
    is_applicant = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["move", "person_id"], name="mover_once")]


class MoveNotice(Row):
    """One notice of a move to one body: open, in the outbox, sent, or not sent with a reason."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    move = models.ForeignKey(PlannedMove, on_delete=models.PROTECT, related_name="notices")
    mover = models.ForeignKey(Mover, on_delete=models.PROTECT, related_name="notices", null=True)
    """The child of whom the body is told; none where it is the household, or every child of it."""
    kind = models.CharField(max_length=20)
    body = models.CharField(max_length=40)
    state = models.CharField(max_length=20, default=moves.NOTICE_MACHINE.first)
    reason = models.CharField(max_length=40, blank=True)
    sent_on = models.DateField(null=True)
    message_id = models.UUIDField(null=True)
    """The message of the outbox that carries it, where one does."""
    changed_by = models.CharField(max_length=150)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["move", "kind", "body", "mover"], name="notice_once", nulls_distinct=False),
            models.CheckConstraint(
                name="notice_has_a_state", condition=Q(state__in=sorted(moves.NOTICE_MACHINE.states))
            ),
            models.CheckConstraint(name="sent_on_a_day", condition=~Q(state="sent") | Q(sent_on__isnull=False)),
            models.CheckConstraint(name="not_sent_says_why", condition=~Q(state="not_sent") | ~Q(reason="")),
        ]


class MoveCorrection(Row):
    """A day of a move, or the one on which a notice was sent, as it stood before it was corrected, and why."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    move = models.ForeignKey(PlannedMove, on_delete=models.PROTECT, related_name="corrections")
    notice = models.ForeignKey(MoveNotice, on_delete=models.PROTECT, related_name="corrections", null=True)
    fact = models.CharField(max_length=20)
    was = models.DateField()
    reason = models.CharField(max_length=20)
    corrected_by = models.CharField(max_length=150)
    corrected_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="correction_of_a_fact", condition=Q(fact__in=sorted({*moves.FACTS, "sent_on"})))
        ]


class ResponseEvent(Row):
    """Something that starts a clock or a window of the response to whoever was harmed."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="response_events")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    acts = models.JSONField(default=list)
    is_enhanced = models.BooleanField(null=True)
    """Whether enhanced rights apply; empty while nobody knows, and the shorter clock then holds."""
    ended_on = models.DateField(null=True)
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField(db_default=Now())
    instead_of = models.UUIDField(null=True)
    """The row that this one corrects. Whoever adds it may not be let to read that one, so it is no foreign key."""
    wrong_at = models.DateTimeField(null=True)
    wrong_by = models.CharField(max_length=150, blank=True, db_default="")
    wrong_because = models.CharField(max_length=20, blank=True, db_default="")
    """A row that was wrong starts no clock any more, and stays."""
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="event_of_a_kind", condition=Q(kind__in=sorted(response.EVENTS))),
            models.CheckConstraint(
                name="wrong_event_says_why",
                condition=Q(wrong_at__isnull=True, wrong_because="")
                | Q(wrong_at__isnull=False, wrong_because__in=sorted(CORRECTIONS)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["case"], name="event_by_case")]


class AppointmentSheet(Row):
    """The appointments of a case, sealed: one sheet for whoever was harmed, one for where whoever is accused will be.

    The rules are those of `braid.care.appointment_sheet`. `version` rises with each change.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="appointment_sheets")
    side = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    key_id = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(db_default=Now())
    unsafe_since = models.DateTimeField(null=True)
    """Since when an agreed appointment to come cannot stay; of whoever was harmed, so that somebody is called."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "side"], name="appointment_sheet_once"),
            models.CheckConstraint(
                name="unsafe_of_the_harmed",
                condition=Q(unsafe_since__isnull=True, side=documents.APART) | Q(side=documents.HARMED),
            ),
            models.CheckConstraint(name="sheet_has_a_side", condition=Q(side__in=sorted(documents.SIDES))),
        ]
