"""Boards as kept: who holds which seat, meetings, agendas, papers, decisions, actions, risks and priorities.

Nothing here is about a person who waits. Boards are named by their ids in `boards.toml`, bodies by theirs in
`bodies.toml`. What was decided, and what papers said, is appended and never changed.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from braid.place.boards import actions, meetings
from braid.place.boards.deciding import INTERESTS, VOTES
from braid.place.boards.links import LINK_KINDS
from braid.place.boards.quorum import ATTENDANCES
from braid.place.boards.risks import RESPONSES
from braid.web.models.audit import append_only
from braid.web.models.base import Appending, Row

ID, BODY, NAME = 40, 60, 150


class BoardSeatHolder(Row):
    """Who holds which seat of a board, for which body, from one day until another. Who accounts for access gives it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    username = models.CharField(max_length=NAME)
    board_id = models.CharField(max_length=ID)
    seat = models.CharField(max_length=ID)
    body = models.CharField(max_length=BODY)
    chairs = models.BooleanField(default=False)
    """Whether the seat was given with the chair."""
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    """The last day; none while nobody said when it ends."""
    given_by = models.CharField(max_length=NAME)
    given_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    """When it was taken back before its time: it opens nothing from then on."""
    ended_by = models.CharField(max_length=NAME, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="seat_ends_after_it_begins",
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["board_id", "username"], name="holder_by_board")]


class BoardMeeting(Row):
    """A meeting of a board. Once its minutes are agreed nothing of it changes."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    board_id = models.CharField(max_length=ID)
    starts_at = models.DateTimeField()
    length_minutes = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, default=meetings.MACHINE.first)
    planned_by = models.CharField(max_length=NAME)
    planned_at = models.DateTimeField(db_default=Now())
    papers_out_at = models.DateTimeField(null=True)
    urgency = models.TextField(blank=True, db_default="")
    """Why papers went out later than the terms of reference ask; empty where they were in time."""
    held_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.CharField(max_length=NAME, blank=True, db_default="")
    cancelled_because = models.CharField(max_length=20, blank=True, db_default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="board_meeting_has_a_state", condition=Q(state__in=sorted(meetings.MACHINE.states))
            ),
            models.CheckConstraint(
                name="board_minutes_agreed_by_somebody",
                condition=~Q(state="agreed") | (Q(agreed_at__isnull=False) & ~Q(agreed_by="")),
            ),
            models.CheckConstraint(
                name="board_meeting_cancelled_because", condition=~Q(state="cancelled") | ~Q(cancelled_because="")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["board_id", "-starts_at"], name="board_meeting_by_board")]


class BoardItem(Row):
    """An item of the agenda of a meeting, and what was said on it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    meeting = models.ForeignKey(BoardMeeting, on_delete=models.PROTECT, related_name="items")
    board_id = models.CharField(max_length=ID)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    asks = models.TextField(blank=True)
    """What it asks of the board."""
    minutes = models.PositiveSmallIntegerField()
    matter = models.CharField(max_length=ID, blank=True)
    """The reserved matter of the terms of reference that it is, or nothing."""
    confidential = models.BooleanField()
    discussion = models.TextField(blank=True, db_default="")
    """The minutes of the item, until they are agreed with those of the meeting."""
    taken_off_at = models.DateTimeField(null=True)
    written_by = models.CharField(max_length=NAME)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="board_item_has_a_kind", condition=Q(kind__in=sorted(meetings.ITEM_KINDS))),
        ]


class MeetingPaper(Row):
    """A paper on an item, one edition of it. A changed paper is a further edition; what stood there stays."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    item = models.ForeignKey(BoardItem, on_delete=models.PROTECT, related_name="papers")
    edition = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=200)
    summary = models.TextField()
    recommendation = models.TextField()
    body = models.TextField()
    options = models.TextField()
    """What else might be done, and why it is not recommended."""
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["item", "edition"], name="paper_edition_once")]
        triggers: ClassVar = append_only("papers of meetings")


class BoardAttendance(Row):
    """Whether a member was at a meeting."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    meeting = models.ForeignKey(BoardMeeting, on_delete=models.PROTECT, related_name="attendances")
    seat = models.CharField(max_length=ID)
    body = models.CharField(max_length=BODY)
    attendance = models.CharField(max_length=20)
    written_by = models.CharField(max_length=NAME)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "seat", "body"], name="board_attendance_once"),
            models.CheckConstraint(name="board_attendance_known", condition=Q(attendance__in=sorted(ATTENDANCES))),
        ]


class BoardInterest(Row):
    """An interest that a member declared in an item, and whether they withdrew from it. Never taken back."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    item = models.ForeignKey(BoardItem, on_delete=models.PROTECT, related_name="interests")
    seat = models.CharField(max_length=ID)
    body = models.CharField(max_length=BODY)
    kind = models.CharField(max_length=20)
    words = models.TextField()
    withdraws = models.BooleanField()
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "seat", "body"], name="interest_once"),
            models.CheckConstraint(name="interest_has_a_kind", condition=Q(kind__in=sorted(INTERESTS))),
            models.CheckConstraint(
                name="pecuniary_interest_withdraws", condition=~Q(kind="pecuniary") | Q(withdraws=True)
            ),
        ]
        triggers: ClassVar = append_only("interests")


class BoardDecision(Row):
    """What a board decided, or did not carry. A later decision supersedes it; nothing of it is ever changed."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    reference = models.CharField(max_length=20, unique=True)
    board_id = models.CharField(max_length=ID)
    item = models.ForeignKey(BoardItem, on_delete=models.PROTECT, related_name="decisions")
    confidential = models.BooleanField()
    title = models.CharField(max_length=200)
    words = models.TextField()
    conditions = models.TextField(blank=True)
    reasons = models.TextField()
    options_rejected = models.TextField(blank=True)
    owner_body = models.CharField(max_length=BODY)
    review_date = models.DateField()
    carried = models.BooleanField()
    rule = models.CharField(max_length=20)
    """The rule by which it was judged."""
    why = models.CharField(max_length=300)
    """What the votes came to, in words."""
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    written_by = models.CharField(max_length=NAME)
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="decision_says_what_and_why", condition=~Q(title="") & ~Q(words="") & ~Q(reasons="")
            ),
            models.CheckConstraint(
                name="only_what_is_carried_supersedes", condition=Q(supersedes__isnull=True) | Q(carried=True)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["board_id", "-decided_at"], name="decision_by_board")]
        triggers: ClassVar = append_only("decisions")


class BoardVote(Row):
    """How one member voted on a decision, and why where they dissent."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    decision = models.ForeignKey(BoardDecision, on_delete=models.PROTECT, related_name="votes")
    seat = models.CharField(max_length=ID)
    body = models.CharField(max_length=BODY)
    vote = models.CharField(max_length=20)
    dissent = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "seat", "body"], name="board_vote_once"),
            models.CheckConstraint(name="board_vote_known", condition=Q(vote__in=sorted(VOTES))),
        ]
        triggers: ClassVar = append_only("votes")


class DecisionLink(Row):
    """What a decision is about: another thing of the place, by kind and id."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    decision = models.ForeignKey(BoardDecision, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=60)
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "kind", "reference"], name="decision_link_once"),
            models.CheckConstraint(name="decision_link_kind_known", condition=Q(kind__in=sorted(LINK_KINDS))),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "reference"], name="decision_link_by_thing")]
        triggers: ClassVar = append_only("links of decisions")


class BoardAction(Row):
    """What one body does by a day because a meeting asked for it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    board_id = models.CharField(max_length=ID)
    item = models.ForeignKey(BoardItem, on_delete=models.PROTECT, related_name="actions")
    decision = models.ForeignKey(BoardDecision, null=True, on_delete=models.PROTECT, related_name="actions")
    words = models.TextField()
    body = models.CharField(max_length=BODY)
    due_date = models.DateField()
    state = models.CharField(max_length=20, default=actions.MACHINE.first)
    reported_by = models.CharField(max_length=NAME, blank=True, db_default="")
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="board_action_has_a_state", condition=Q(state__in=sorted(actions.MACHINE.states))
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["board_id", "state"], name="board_action_by_state")]


class BoardActionStep(Row):
    """A step that was taken with an action, with its words and the day by which it was due after it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    action = models.ForeignKey(BoardAction, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=20)
    words = models.TextField()
    due_date = models.DateField()
    taken_by = models.CharField(max_length=NAME)
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers: ClassVar = append_only("steps of actions")


class BoardRisk(Row):
    """What might happen to what a board wants, and why."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    board_id = models.CharField(max_length=ID)
    cause = models.TextField()
    event = models.TextField()
    effect = models.TextField()
    owner_body = models.CharField(max_length=BODY)
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_because = models.TextField(blank=True, db_default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="risk_closed_because", condition=Q(closed_at__isnull=True) | ~Q(closed_because="")
            ),
        ]


def _on_scale(field: str) -> Q:
    return Q(**{f"{field}__gte": 1, f"{field}__lte": 5})


class BoardRiskRating(Row):
    """How likely and how bad a risk was held to be at one time, before and after what is done about it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    risk = models.ForeignKey(BoardRisk, on_delete=models.PROTECT, related_name="ratings")
    number = models.PositiveSmallIntegerField()
    likelihood_before = models.PositiveSmallIntegerField()
    impact_before = models.PositiveSmallIntegerField()
    likelihood_after = models.PositiveSmallIntegerField()
    impact_after = models.PositiveSmallIntegerField()
    response = models.CharField(max_length=20)
    words = models.TextField()
    """What is done about it."""
    review_date = models.DateField()
    rated_by = models.CharField(max_length=NAME)
    rated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["risk", "number"], name="risk_rating_once"),
            models.CheckConstraint(
                name="risk_on_scale",
                condition=_on_scale("likelihood_before")
                & _on_scale("impact_before")
                & _on_scale("likelihood_after")
                & _on_scale("impact_after"),
            ),
            models.CheckConstraint(
                name="risk_not_higher_after",
                condition=Q(likelihood_after__lte=F("likelihood_before")) & Q(impact_after__lte=F("impact_before")),
            ),
            models.CheckConstraint(name="risk_response_known", condition=Q(response__in=sorted(RESPONSES))),
        ]
        triggers: ClassVar = append_only("ratings of risks")


class BoardPriority(Row):
    """A priority of a board, as one decision made it. Changed by a decision that makes another in its place."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    board_id = models.CharField(max_length=ID)
    decision = models.ForeignKey(BoardDecision, on_delete=models.PROTECT, related_name="priorities")
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    why = models.TextField()
    statements = models.JSONField(default=list)
    """Ids of problem statements."""
    outcomes = models.JSONField(default=list)
    """Ids of outcomes."""
    measures = models.TextField(blank=True)
    """By which figures it is seen, in words."""
    from_date = models.DateField()
    to_date = models.DateField()
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="priority_ends_after_it_begins", condition=Q(to_date__gt=F("from_date"))),
        ]
        triggers: ClassVar = append_only("priorities")


class BoardPriorityEnd(Row):
    """The decision by which a priority ended before its time."""

    objects = Appending()
    priority = models.OneToOneField(BoardPriority, primary_key=True, on_delete=models.PROTECT, related_name="ended_by")
    decision = models.ForeignKey(BoardDecision, on_delete=models.PROTECT, related_name="priorities_ended")
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers: ClassVar = append_only("ends of priorities")
