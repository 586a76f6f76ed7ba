"""Meetings as they are prepared: planned, with an agenda and papers, sent out, called off.

Everything here runs inside `asking_as`: the policies decide what there is. Each function raises `NotPossible` with the
rule that is in the way, `NotThere` for what is not there, and `ChangedMeanwhile` where somebody else was quicker.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Max

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.place.boards.acting import check_prepares
from braid.place.boards.meetings import (
    LONGEST_MEETING,
    MACHINE,
    Item,
    check_cancel,
    check_further,
    check_item,
    check_open,
    check_papers,
    check_starts,
    papers_due_date,
)
from braid.place.boards.terms import Board
from braid.web.boards.entering import acting_on, check_texts, get_item, get_meeting, note
from braid.web.care.kept import ChangedMeanwhile, change
from braid.web.models import BoardItem, BoardMeeting, MeetingPaper
from braid.web.recording import Asker


@dataclass(frozen=True)
class ItemWords:
    """What is entered of an item of an agenda."""

    kind: str
    title: str
    asks: str
    minutes: int
    matter: str
    confidential: bool


@dataclass(frozen=True)
class PaperWords:
    """What is entered of a paper."""

    heading: str
    summary: str
    recommendation: str
    body: str
    options: str


def plan_meeting(asker: Asker, board: Board, starts_at: dt.datetime, length_minutes: int, now: dt.datetime) -> UUID:
    """Plan a meeting; return its id."""
    check_prepares(acting_on(asker, board, now))
    check_starts(starts_at, now)
    if not 0 < length_minutes <= LONGEST_MEETING:
        raise NotPossible(f"A meeting lasts up to {LONGEST_MEETING} minutes")
    row = BoardMeeting(
        board_id=board.id, starts_at=starts_at, length_minutes=length_minutes, planned_by=asker.username, planned_at=now
    )
    BoardMeeting.objects.append_one(row)
    note(asker, board, "board meeting planned", meeting=row.pk)
    return row.pk


def put_item(asker: Asker, board: Board, meeting_id: UUID, seen: int, words: ItemWords, now: dt.datetime) -> UUID:
    """Put an item at the end of an agenda; return its id."""
    check_prepares(acting_on(asker, board, now))
    meeting = get_meeting(board, meeting_id)
    check_open(meeting.state)
    _check_words_of_item(board, words)
    check_further(board, meeting.state, words.kind, meeting.starts_at, now, meeting.urgency)
    last = BoardItem.objects.filter(meeting=meeting).aggregate(last=Max("position"))["last"]
    row = BoardItem(
        meeting=meeting, board_id=board.id, position=(last or 0) + 1, written_by=asker.username, **vars(words)
    )
    change(meeting, seen)
    BoardItem.objects.append_one(row)
    note(asker, board, "board item put on", meeting=meeting.pk, item=row.pk)
    return row.pk


def change_item(
    asker: Asker, board: Board, item_id: UUID, seen: int, position: int, words: ItemWords, now: dt.datetime
) -> None:
    """Change an item of an agenda that is still open, and where it stands on it."""
    check_prepares(acting_on(asker, board, now))
    row = get_item(board, item_id)
    check_open(row.meeting.state)
    _check_words_of_item(board, words)
    if row.kind != words.kind:
        check_further(board, row.meeting.state, words.kind, row.meeting.starts_at, now, row.meeting.urgency)
    change(row, seen, position=position, **vars(words))
    note(asker, board, "board item changed", meeting=row.meeting_id, item=row.pk)


def take_item_off(asker: Asker, board: Board, item_id: UUID, seen: int, now: dt.datetime) -> None:
    """Take an item off an agenda that is still open. Its papers stay with it."""
    check_prepares(acting_on(asker, board, now))
    row = get_item(board, item_id)
    check_open(row.meeting.state)
    change(row, seen, taken_off_at=now)
    note(asker, board, "board item taken off", meeting=row.meeting_id, item=row.pk)


def _check_words_of_item(board: Board, words: ItemWords) -> None:
    check_item(words.title, words.kind, words.minutes, words.asks)
    check_texts(words.title, words.asks)
    if words.matter and words.matter not in {one.id for one in board.terms.reserved}:
        raise NotPossible("Choose a reserved matter of the terms of reference, or none")


def write_paper(asker: Asker, board: Board, item_id: UUID, seen: int, words: PaperWords, now: dt.datetime) -> None:
    """Write the next edition of an item's paper. `seen` is the edition that was read, 0 where there was none."""
    check_prepares(acting_on(asker, board, now))
    item = get_item(board, item_id)
    check_open(item.meeting.state)
    if not seen:
        check_further(board, item.meeting.state, item.kind, item.meeting.starts_at, now, item.meeting.urgency)
    given = vars(words)
    if not all(given[name].strip() for name in ("heading", "summary", "recommendation")):
        raise NotPossible("Enter heading, summary and recommendation")
    check_texts(*given.values())
    row = MeetingPaper(item=item, edition=seen + 1, written_by=asker.username, written_at=now, **given)
    try:
        with transaction.atomic():
            MeetingPaper.objects.append_one(row)
    except IntegrityError:
        raise ChangedMeanwhile from None
    note(asker, board, "board paper written", meeting=item.meeting_id, item=item.pk, edition=seen + 1)


def send_papers(asker: Asker, board: Board, meeting_id: UUID, seen: int, urgency: str, now: dt.datetime) -> None:
    """Send the papers out: in time, or late with the reason for it."""
    check_prepares(acting_on(asker, board, now))
    meeting = get_meeting(board, meeting_id)
    state = MACHINE.after(meeting.state, "send_papers")
    found = BoardItem.objects.filter(meeting=meeting, taken_off_at=None).annotate(count=Count("papers"))
    items = [Item(row.title, row.kind, row.minutes, row.count > 0) for row in found.order_by("position")]
    check_texts(urgency)
    check_papers(board, items, meeting.starts_at, now, urgency)
    is_late = london_date(now) > papers_due_date(board, meeting.starts_at)
    change(meeting, seen, state=state, papers_out_at=now, urgency=urgency if is_late else "")
    note(asker, board, "board papers sent out", meeting=meeting.pk)


def cancel_meeting(asker: Asker, board: Board, meeting_id: UUID, seen: int, reason: str, now: dt.datetime) -> None:
    """Call a meeting off."""
    check_prepares(acting_on(asker, board, now))
    meeting = get_meeting(board, meeting_id)
    check_cancel(reason)
    change(meeting, seen, state=MACHINE.after(meeting.state, "cancel"), cancelled_because=reason)
    note(asker, board, "board meeting called off", meeting=meeting.pk)
