"""Boards as pages show them: each page's rows in as many questions to the database whether there is little or much."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch

from braid.language.dates import london_date
from braid.place.boards.actions import MACHINE as ACTIONS
from braid.place.boards.actions import OPEN, is_overdue
from braid.place.boards.meetings import HELD, ITEM_KINDS, TO_COME
from braid.place.boards.meetings import MACHINE as MEETINGS
from braid.place.boards.quorum import missing_for_quorum, needed_for_quorum, present_for, present_of
from braid.place.boards.terms import COMMISSIONER, Board, Member
from braid.web.boards.files import boards, member_words, seat_words
from braid.web.boards.linked import Linked, find_linked
from braid.web.models import (
    BoardAction,
    BoardDecision,
    BoardInterest,
    BoardItem,
    BoardMeeting,
    BoardPriority,
    BoardSeatHolder,
    BoardVote,
    MeetingPaper,
    ProblemStatement,
    User,
)
from braid.web.served_place import body_words

MOST_LISTED = 200
GONE = "A board that is not in the file any more"


@dataclass(frozen=True)
class BoardLine:
    """A board on the list of all: what is next, what stands, what waits."""

    board: Board
    next_meeting: BoardMeeting | None
    decisions: int
    to_review: int
    open_actions: int
    overdue: int
    to_agree: int


def list_boards(now: dt.datetime) -> list[BoardLine]:
    """Return every board of the place with its counts."""
    today = london_date(now)
    coming: dict[str, BoardMeeting] = {}
    for row in BoardMeeting.objects.filter(state__in=TO_COME, starts_at__gte=now).order_by("starts_at", "pk"):
        coming.setdefault(row.board_id, row)
    held = Counter(BoardMeeting.objects.filter(state__in=HELD).values_list("board_id", flat=True))
    standing = BoardDecision.objects.filter(carried=True, superseded_by=None)
    decided = list(standing.values_list("board_id", "review_date"))
    asked = list(BoardAction.objects.filter(state__in=OPEN).values_list("board_id", "state", "due_date"))
    return [
        BoardLine(
            board,
            coming.get(board.id),
            sum(1 for of, _ in decided if of == board.id),
            sum(1 for of, review in decided if of == board.id and review < today),
            sum(1 for of, _, _ in asked if of == board.id),
            sum(1 for of, state, due in asked if of == board.id and is_overdue(state, due, today)),
            held[board.id],
        )
        for board in boards().values()
    ]


@dataclass(frozen=True)
class ActionSeen:
    """An action as a list shows it."""

    row: BoardAction
    board_name: str
    body_name: str
    state_name: str
    overdue: bool


def seen_actions(rows: list[BoardAction], now: dt.datetime) -> list[ActionSeen]:
    """Return actions as lists show them, in their order."""
    today, known = london_date(now), boards()
    return [
        ActionSeen(
            row,
            known[row.board_id].name if row.board_id in known else GONE,
            body_words(row.body),
            ACTIONS.states[row.state].name,
            is_overdue(row.state, row.due_date, today),
        )
        for row in rows
    ]


def list_actions(now: dt.datetime, show: str = "open", board_id: str = "") -> list[ActionSeen]:
    """Return actions that are open, or all, those due first."""
    found = BoardAction.objects.select_related("item__meeting", "decision").order_by("due_date", "written_at", "pk")
    found = found.filter(state__in=OPEN) if show != "all" else found
    found = found.filter(board_id=board_id) if board_id else found
    return seen_actions(list(found[:MOST_LISTED]), now)


@dataclass(frozen=True)
class SeatSeen:
    """A seat of the terms of reference, with the bodies on it and who holds it for them."""

    name: str
    source: str
    votes: bool
    chairs: bool
    is_vacant: bool
    bodies: tuple[str, ...]
    holders: tuple["HolderSeen", ...]


@dataclass(frozen=True)
class HolderSeen:
    """Somebody who holds a seat, for a body, from one day until another."""

    row: BoardSeatHolder
    body_name: str
    name: str


def list_seats(board: Board, now: dt.datetime) -> list[SeatSeen]:
    """Return the seats of a board with whoever holds them today or will, its commissioner last."""
    rows = BoardSeatHolder.objects.filter(board_id=board.id, ended_at=None).order_by("from_date", "username", "pk")
    kept = [one for one in rows if one.until_date is None or one.until_date >= london_date(now)]
    names = _names({one.username for one in kept})
    held: dict[str, list[HolderSeen]] = {}
    for row in kept:
        holder = HolderSeen(row, body_words(row.body), names.get(row.username, row.username))
        held.setdefault(row.seat, []).append(holder)
    found = [
        SeatSeen(
            seat.name,
            seat.source,
            seat.votes,
            seat.chairs,
            seat.id in board.vacant,
            tuple(body_words(one) for one in seat.bodies),
            tuple(held.get(seat.id, ())),
        )
        for seat in board.terms.seats
    ]
    said = "Prepares the board and writes down what it decides; on every board, without a vote."
    mine = tuple(held.get(COMMISSIONER, ()))
    return [*found, SeatSeen(seat_words(board, COMMISSIONER), said, False, False, False, (), mine)]


def _names(usernames: set[str]) -> dict[str, str]:
    return dict(User.objects.filter(username__in=usernames).values_list("username", "display_name"))


@dataclass(frozen=True)
class PrioritySeen:
    """A priority with the names of what it is about."""

    row: BoardPriority
    statements: tuple[Linked, ...]
    outcomes: tuple[Linked, ...]


def seen_priorities(rows: list[BoardPriority]) -> list[PrioritySeen]:
    """Return priorities with the statements and outcomes that they are about."""
    pairs = [("statement", one) for row in rows for one in row.statements]
    pairs += [("outcome", one) for row in rows for one in row.outcomes]
    found = {(one.kind, one.reference): one for one in find_linked(dict.fromkeys(pairs))}
    return [
        PrioritySeen(
            row,
            tuple(found["statement", one] for one in row.statements),
            tuple(found["outcome", one] for one in row.outcomes),
        )
        for row in rows
    ]


def list_past_priorities(board_id: str) -> list[BoardPriority]:
    """Return the priorities that another replaced or a decision ended, newest first."""
    found = BoardPriority.objects.filter(board_id=board_id).exclude(replaced_by=None, ended_by=None)
    return list(found.select_related("replaced_by", "ended_by__decision").order_by("-written_at", "pk"))


def statement_choices() -> list[tuple[str, str]]:
    """Return the problem statements of the place, for a form."""
    rows = ProblemStatement.objects.order_by("position").values_list("pk", "words")
    return [(pk, words.get("name", pk)) for pk, words in rows]


@dataclass(frozen=True)
class MeetingSeen:
    """A meeting on a list."""

    row: BoardMeeting
    state_name: str


def list_meetings(board: Board) -> list[MeetingSeen]:
    """Return the meetings of a board, the latest first."""
    rows = BoardMeeting.objects.filter(board_id=board.id).order_by("-starts_at", "pk")[:MOST_LISTED]
    return [MeetingSeen(row, MEETINGS.states[row.state].name) for row in rows]


def list_decisions(board: Board) -> list[BoardDecision]:
    """Return the decisions of a board, the latest first, each knowing what took its place."""
    found = BoardDecision.objects.filter(board_id=board.id).select_related("superseded_by", "item__meeting")
    return list(found.order_by("-decided_at", "pk")[:MOST_LISTED])


def standing_choices(board: Board) -> list[tuple[str, str]]:
    """Return the decisions of a board that stand, for a form."""
    return [
        (str(row.pk), f"{row.reference}: {row.title}")
        for row in list_decisions(board)
        if row.carried and not hasattr(row, "superseded_by")
    ]


@dataclass(frozen=True)
class InterestSeen:
    """An interest that was declared."""

    row: BoardInterest
    member_name: str


@dataclass(frozen=True)
class ItemSeen:
    """An item of an agenda: its papers, who withdrew from it, whether it has a quorum, and what came of it."""

    row: BoardItem
    number: int
    kind_name: str
    matter_name: str
    paper: MeetingPaper | None
    interests: tuple[InterestSeen, ...]
    voting: tuple[Member, ...]
    missing: tuple[str, ...]
    decisions: tuple[BoardDecision, ...]
    actions: tuple[ActionSeen, ...]


@dataclass(frozen=True)
class Quorum:
    """The quorum of a meeting: how many voting members are there, of how many, and what is missing."""

    there: int
    needed: int
    of: int
    missing: tuple[str, ...]


def quorum_of(board: Board, attendance: dict[Member, str]) -> Quorum:
    """Return the quorum that an attendance comes to."""
    present = present_of(attendance)
    there = sum(1 for one in board.voting if one in present)
    return Quorum(there, needed_for_quorum(board), len(board.voting), missing_for_quorum(board, present))


def list_items(board: Board, meeting: BoardMeeting, attendance: dict[Member, str], now: dt.datetime) -> list[ItemSeen]:
    """Return the agenda of a meeting as far as whoever asks may see it, in its order."""
    found = BoardItem.objects.filter(meeting=meeting, taken_off_at=None).order_by("position", "pk")
    editions = MeetingPaper.objects.order_by("-edition")
    decisions = BoardDecision.objects.order_by("decided_at").select_related("superseded_by")
    actions = BoardAction.objects.order_by("due_date", "pk")
    rows = found.prefetch_related(
        Prefetch("papers", editions), Prefetch("decisions", decisions), Prefetch("actions", actions), "interests"
    )
    return [_item(board, number, row, present_of(attendance), now) for number, row in enumerate(rows, start=1)]


def _item(board: Board, number: int, row: BoardItem, present: frozenset[Member], now: dt.datetime) -> ItemSeen:
    interests = list(row.interests.all())
    withdrawn = {Member(one.seat, one.body) for one in interests if one.withdraws}
    there = present_for(present, withdrawn)
    matters = {one.id: one.name for one in board.terms.reserved}
    papers = list(row.papers.all())
    return ItemSeen(
        row,
        number,
        ITEM_KINDS[row.kind],
        matters.get(row.matter, row.matter),
        papers[0] if papers else None,
        tuple(InterestSeen(one, member_words(board, Member(one.seat, one.body))) for one in interests),
        tuple(one for one in board.voting if one in there),
        missing_for_quorum(board, there),
        tuple(row.decisions.all()),
        tuple(seen_actions(list(row.actions.all()), now)),
    )


@dataclass(frozen=True)
class VoteSeen:
    """How a member voted."""

    row: BoardVote
    member_name: str


@dataclass(frozen=True)
class DecisionSeen:
    """A decision with its votes and links, and what became of it."""

    row: BoardDecision
    board_name: str
    owner_name: str
    rule: str
    votes: tuple[VoteSeen, ...]
    links: tuple[Linked, ...]
    actions: tuple[ActionSeen, ...]
    priorities: tuple[BoardPriority, ...]
    rest_on_it: tuple[BoardDecision, ...]
    review_is_due: bool


def see_decision(board: Board, row: BoardDecision, rest_on_it: list[BoardDecision], now: dt.datetime) -> DecisionSeen:
    """Return a decision as its page shows it. `rest_on_it` are the decisions that are about it."""
    votes = row.votes.order_by("pk")
    order = {member: number for number, member in enumerate(board.members)}
    listed = sorted(votes, key=lambda one: order.get(Member(one.seat, one.body), len(order)))
    links = row.links.order_by("kind", "written_at").values_list("kind", "reference")
    stands = row.carried and not hasattr(row, "superseded_by")
    return DecisionSeen(
        row,
        board.name,
        body_words(row.owner_body),
        row.rule,
        tuple(VoteSeen(one, member_words(board, Member(one.seat, one.body))) for one in listed),
        tuple(find_linked(links)),
        tuple(seen_actions(list(row.actions.order_by("due_date", "pk")), now)),
        tuple(row.priorities.order_by("position")),
        tuple(rest_on_it),
        stands and row.review_date < london_date(now),
    )
