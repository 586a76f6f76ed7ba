"""Meetings of a board: planned, papers out, held with or without a quorum, minutes agreed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from braid.language.calendars import LAST_DAY, Calendar, DayType
from braid.language.dates import london_date
from braid.language.steps import Machine, NotPossible, State, Step
from braid.place.boards.terms import Board

MACHINE = Machine(
    "Meeting of a board",
    "planned",
    {
        "planned": State("Planned"),
        "papers_out": State("Papers out", said="planned, with its papers out"),
        "quorate": State("Held, with a quorum", said="held with a quorum, and its minutes are to be agreed"),
        "inquorate": State("Held without a quorum", said="held without a quorum, and its minutes are to be agreed"),
        "agreed": State("Minutes agreed", ends=True, said="held, with its minutes agreed"),
        "cancelled": State("Called off", ends=True),
    },
    {
        "send_papers": Step("Send the papers out", ("planned",), "papers_out", "the commissioner"),
        "hold": Step("Hold it with a quorum", ("papers_out", "inquorate"), "quorate", "who is there"),
        "hold_inquorate": Step("Hold it without a quorum", ("papers_out", "quorate"), "inquorate", "who is there"),
        "agree": Step("Agree the minutes", ("quorate", "inquorate"), "agreed", "the chair"),
        "cancel": Step("Call it off", ("planned", "papers_out"), "cancelled", "the commissioner"),
    },
)
HELD = frozenset({"quorate", "inquorate"})
"""States in which attendance, interests and minutes are written."""
TO_COME = frozenset({"planned", "papers_out"})
ITEM_KINDS: Mapping[str, str] = {"decision": "For decision", "discussion": "For discussion", "information": "To note"}
CANCELLATIONS: Mapping[str, str] = {
    "too_few": "Too few can come",
    "chair_away": "Nobody can chair it",
    "not_needed": "Nothing is left to discuss",
    "emergency": "Something else comes first",
}
EARLY = dt.timedelta(minutes=15)
LONGEST_AHEAD = dt.timedelta(days=2 * 366)
LEAST_MINUTES, MOST_MINUTES, LONGEST_MEETING = 5, 180, 480


@dataclass(frozen=True)
class Item:
    """An item of an agenda, as far as rules ask: its kind, its minutes, and whether it has a paper."""

    title: str
    kind: str
    minutes: int
    has_paper: bool


def check_starts(starts_at: dt.datetime, now: dt.datetime) -> None:
    """Raise `NotPossible` for a meeting that is not to come, or further off than working days are known."""
    if not now < starts_at <= now + LONGEST_AHEAD or london_date(starts_at) > LAST_DAY:
        raise NotPossible("Choose a time that is still to come, within two years")


def papers_due_date(board: Board, starts_at: dt.datetime) -> dt.date:
    """Return the last day on which papers are in time: so many clear working days before that of the meeting.

    Neither the day on which they go out nor that of the meeting counts (Local Government Act 1972, section 100B(3)).
    """
    days = board.terms.papers_clear_days
    if not days:
        return london_date(starts_at)
    return Calendar().day_before(london_date(starts_at), days + 1, DayType.WORKING)


def check_papers(board: Board, items: Iterable[Item], starts_at: dt.datetime, now: dt.datetime, urgency: str) -> None:
    """Raise `NotPossible` unless papers may go out: each decision with a paper, and late ones with why.

    Section 100B(4)(b): an item that was not open in time needs the chair's reason for urgency.
    """
    listed = list(items)
    if not listed:
        raise NotPossible("Nothing is on the agenda. Put an item on it first")
    without = [one.title for one in listed if one.kind == "decision" and not one.has_paper]
    if without:
        raise NotPossible(f"Nobody decides without a paper. Write one for: {'; '.join(without)}")
    if starts_at <= now:
        raise NotPossible("The meeting was to begin before now. Call it off and plan another")
    due_date = papers_due_date(board, starts_at)
    if london_date(now) > due_date and not urgency.strip():
        days = board.terms.papers_clear_days
        raise NotPossible(
            f"The terms of reference ask for {days} clear working days, so papers were due by {due_date.isoformat()}."
            " Write why it is urgent, or call the meeting off and plan a later one"
        )


def check_further(board: Board, state: str, kind: str, starts_at: dt.datetime, now: dt.datetime, urgency: str) -> None:
    """Raise `NotPossible` for a decision, or its first paper, that would come after papers went out and were due.

    Section 100B(4) again: papers that went out in time make nothing in time that is put beside them later.
    """
    due_date = papers_due_date(board, starts_at)
    if state == "papers_out" and kind == "decision" and london_date(now) > due_date and not urgency.strip():
        raise NotPossible(
            f"The papers are out, and those of a decision were due by {due_date.isoformat()}. Put it on for discussion,"
            " or on the agenda of a later meeting"
        )


def check_paper_of_decision(has_paper: bool) -> None:
    """Raise `NotPossible` where an item has no paper: also one that was put on after the papers had gone out."""
    if not has_paper:
        raise NotPossible(
            "Nobody decides without a paper, and this item has none. It may be discussed; put it on the agenda of"
            " another meeting with a paper"
        )


def check_hold(starts_at: dt.datetime, now: dt.datetime) -> None:
    """Raise `NotPossible` for a meeting that does not begin yet: people gather a little before its time."""
    if now < starts_at - EARLY:
        raise NotPossible("The meeting has not begun. Write down who is there once it has")


def check_item(title: str, kind: str, minutes: int, asks: str) -> None:
    """Raise `NotPossible` unless an item says what it is, how long it takes and what it asks of the board."""
    if not title.strip() or kind not in ITEM_KINDS:
        raise NotPossible("Enter what the item is about, and choose its kind")
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise NotPossible(f"Give the item from {LEAST_MINUTES} to {MOST_MINUTES} minutes")
    if kind != "information" and not asks.strip():
        raise NotPossible("Enter what the item asks of the board")


def check_open(state: str) -> None:
    """Raise `NotPossible` unless agenda and papers of a meeting may still be changed."""
    if state not in TO_COME:
        raise NotPossible("The meeting was held or called off. Its agenda and papers stay as they were")


def check_held(state: str) -> None:
    """Raise `NotPossible` unless a meeting was held and its minutes are still to be agreed."""
    if state not in HELD:
        raise NotPossible("That is written of a meeting that is held, until its minutes are agreed")


def check_quorate(state: str) -> None:
    """Raise `NotPossible` unless a meeting that is held has a quorum."""
    check_held(state)
    if state != "quorate":
        raise NotPossible("The meeting has no quorum: it may discuss and note, and decides nothing")


def check_cancel(reason: str) -> None:
    """Raise `NotPossible` without a reason of `CANCELLATIONS`."""
    if reason not in CANCELLATIONS:
        raise NotPossible("Choose why the meeting is called off")
