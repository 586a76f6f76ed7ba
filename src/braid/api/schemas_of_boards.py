"""The API's answers about boards: what bodies decide together, and about nobody."""

import datetime as dt
from uuid import UUID

from ninja import Schema


class Seat(Schema):
    """A seat of the terms of reference, and the bodies on it."""

    id: str
    name: str
    votes: bool
    chairs: bool
    is_vacant: bool
    bodies: list[str]


class BoardInList(Schema):
    """A board of the place."""

    id: str
    name: str
    purpose: str
    review_date: dt.date


class Boards(Schema):
    """The boards of the place, in the order of its file."""

    items: list[BoardInList]


class Board(BoardInList):
    """A board with its terms of reference."""

    legal_basis: str
    rule: str
    papers_clear_days: int
    seats: list[Seat]
    statements: list[str]
    backlogs: list[str]


class BoardMeeting(Schema):
    """A meeting of a board."""

    id: UUID
    starts_at: dt.datetime
    length_minutes: int
    state: str
    state_name: str


class BoardMeetings(Schema):
    """A part of the meetings, the latest first."""

    items: list[BoardMeeting]
    next: str | None


class BoardDecision(Schema):
    """What a board decided, or did not carry; `superseded_by` is the decision that took its place."""

    id: UUID
    reference: str
    meeting_id: UUID
    title: str
    words: str
    conditions: str
    reasons: str
    options_rejected: str
    is_carried: bool
    rule: str
    owner: str
    review_date: dt.date
    decided_at: dt.datetime
    is_confidential: bool
    superseded_by: UUID | None


class BoardDecisions(Schema):
    """A part of the decisions, the latest first."""

    items: list[BoardDecision]
    next: str | None


class BoardAction(Schema):
    """What a board asked of a body by a day."""

    id: UUID
    meeting_id: UUID
    decision_id: UUID | None
    words: str
    body: str
    body_name: str
    due_date: dt.date
    state: str
    state_name: str


class BoardActions(Schema):
    """A part of the actions, those due first."""

    items: list[BoardAction]
    next: str | None
