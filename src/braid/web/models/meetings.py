"""Meetings as kept: the agenda, the returns of each agency and their lines, who attended, decisions and dissent."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.care import agendas, meetings
from braid.web.models.base import Appending, Row
from braid.web.models.care import JointCase


class Meeting(Row):
    """A meeting of a case type. It says nothing of anybody: the cases on its agenda do."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    reference = models.CharField(max_length=20, unique=True)
    case_type = models.CharField(max_length=40)
    type_version = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    chair = models.CharField(max_length=150)
    organisation = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    length_minutes = models.PositiveSmallIntegerField(default=agendas.USUAL_LENGTH, db_default=agendas.USUAL_LENGTH)
    state = models.CharField(max_length=20, default=meetings.MACHINE.first)
    made_at = models.DateTimeField(db_default=Now())
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    """When it was last moved to another time."""
    cancelled_because = models.CharField(max_length=40, blank=True, db_default="")
    refused_order = models.CharField(max_length=64, blank=True, db_default="")
    """SHA-256 of the order that was proposed last and refused: another one is shown as new."""
    refused_because = models.CharField(max_length=40, blank=True, db_default="")
    refused_by = models.CharField(max_length=150, blank=True, db_default="")
    refused_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="meeting_has_a_state", condition=Q(state__in=sorted(meetings.MACHINE.states))),
            models.CheckConstraint(
                name="cancelled_has_its_reason",
                condition=Q(cancelled_because="") | Q(state="cancelled"),
            ),
            models.CheckConstraint(
                name="refused_order_has_its_reason",
                condition=Q(refused_order="")
                | (~Q(refused_because="") & ~Q(refused_by="") & Q(refused_at__isnull=False)),
            ),
        ]


class AgendaItem(Row):
    """A case on an agenda, and what was decided on it, why, by whom; with the ranks of its people as frozen then."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField(default=agendas.USUAL_MINUTES, db_default=agendas.USUAL_MINUTES)
    """How long it is to be discussed."""
    held_rank = models.PositiveSmallIntegerField(null=True)
    """The place to which it was put by hand, from 1 on, of the cases that the chair saw then. It is held from then on
    where it stands among what a reader sees: nothing reads the number.
    """
    held_by = models.CharField(max_length=150, blank=True, db_default="")
    """Who put it there."""
    not_before = models.TimeField(null=True)
    """The time of day in the United Kingdom before which it does not begin, as far as the meeting lasts then."""
    not_before_by = models.CharField(max_length=150, blank=True, db_default="")
    """Who said so."""
    state = models.CharField(max_length=20, default=meetings.ITEM_MACHINE.first)
    decision = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    review_on = models.DateField(null=True)
    """The day by which the case is looked at again, as the kind of case says; set with the decision."""
    left_because = models.CharField(max_length=40, blank=True, db_default="")
    """Why it was put off or taken off."""
    apart = models.BooleanField(default=False, db_default=False)
    """Whether what was decided is of the side of who is apart."""
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "case"], condition=~Q(state="taken_off"), name="case_on_agenda_once"
            ),
            models.CheckConstraint(
                name="decision_has_its_reason",
                condition=~Q(state="decided") | (~Q(decision="") & ~Q(reason="") & ~Q(decided_by="")),
            ),
            models.CheckConstraint(name="held_by_somebody", condition=Q(held_rank__isnull=True) | ~Q(held_by="")),
            models.CheckConstraint(
                name="held_until_by_somebody", condition=Q(not_before__isnull=True) | ~Q(not_before_by="")
            ),
            models.CheckConstraint(name="held_at_a_place", condition=Q(held_rank__isnull=True) | Q(held_rank__gte=1)),
        ]


class MeetingReturn(Row):
    """What one agency of one organisation is asked on one case, and until when. Silence on it rises by the clock."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="returns")
    organisation = models.CharField(max_length=80)
    agency = models.CharField(max_length=40)
    state = models.CharField(max_length=20, default=meetings.RETURN_MACHINE.first)
    declined_because = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField()
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "organisation", "agency"], name="return_once"),
        ]


class ReturnLine(Row):
    """One answer to one question about one part. A changed answer is a new line; the old one stays, ended."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    source = models.ForeignKey(MeetingReturn, on_delete=models.PROTECT, related_name="lines")
    question = models.CharField(max_length=40)
    part = models.CharField(max_length=40)
    words = models.TextField()
    sensitivity = models.CharField(max_length=20)
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "question", "part"], condition=Q(ended_at__isnull=True), name="answer_once"
            )
        ]


class Attendance(Row):
    """How an agency attended a meeting, or why the chair went on without it."""

    objects = Appending()
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    organisation = models.CharField(max_length=80, blank=True)
    agency = models.CharField(max_length=40)
    attendance = models.CharField(max_length=20, blank=True)
    excused_because = models.CharField(max_length=40, blank=True)
    written_by = models.CharField(max_length=150)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "agency", "organisation"], name="attendance_once")
        ]


class AgencyNote(Row):
    """What an agency said in the meeting, as it wrote it down; appended, never changed."""

    objects = Appending()
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="notes")
    organisation = models.CharField(max_length=80)
    agency = models.CharField(max_length=40)
    about = models.CharField(max_length=40, blank=True, db_default="")
    """The part that the words are about, as the kind of case names it; who reads them rests on it."""
    words = models.TextField()
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())


class MinutesAmendment(Row):
    """A correction of the minutes by an agency, until they are agreed; appended, never changed."""

    objects = Appending()
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="amendments")
    organisation = models.CharField(max_length=80)
    agency = models.CharField(max_length=40)
    about = models.CharField(max_length=40, blank=True, db_default="")
    """The part that the words are about, as the kind of case names it; who reads them rests on it."""
    words = models.TextField()
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="amendment_has_words", condition=~Q(words=""))]


class Dissent(Row):
    """That an organisation at the table did not agree to a decision, and why."""

    objects = Appending()
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="dissents")
    organisation = models.CharField(max_length=80)
    words = models.TextField()
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "organisation"], name="dissent_once"),
            models.CheckConstraint(name="dissent_says_why", condition=~Q(words="")),
        ]


class Draft(Row):
    """What somebody typed into a form of a case on an agenda and has not sent. Nobody else reads it."""

    objects = Appending()
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="drafts")
    username = models.CharField(max_length=150)
    organisation = models.CharField(max_length=80)
    """For which organisation it was written: who has moved on since finds none."""
    form = models.CharField(max_length=20)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "username", "form", "organisation"], name="draft_once")
        ]


class CaseOpening(Row):
    """What a case type opens of others' answers to a seat: written at each start, read by policies."""

    case_type = models.CharField(max_length=40)
    agency = models.CharField(max_length=40)
    question = models.CharField(max_length=40)
    part = models.CharField(max_length=40)
    independent = models.BooleanField()
    apart = models.BooleanField(default=False)
    """Whether the part is of somebody apart, such as whoever is accused."""
    lists = models.BooleanField(default=False)
    """Whether the seat is the court's own, which fixes the days of hearings."""
