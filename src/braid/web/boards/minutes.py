"""The minutes of a meeting as a file: who was there, what was said, decided and asked, item by item."""

import datetime as dt
from collections.abc import Iterator, Sequence

from braid.language.dates import london_date
from braid.place.boards.deciding import VOTES
from braid.place.boards.meetings import MACHINE
from braid.place.boards.quorum import ATTENDANCES
from braid.place.boards.terms import Board, Member
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.boards.files import member_words
from braid.web.boards.seen import ItemSeen, Quorum
from braid.web.models import BoardDecision, BoardMeeting, BoardVote
from braid.web.served_place import body_words
from braid.web.templating import day_words, minute_words

USE_DAYS = 365
COLUMNS = ("Item", "What", "Words")
NOTES = (
    "Items that are confidential stand here only where the file was made for a member of the board.",
    "A decision is never changed: a later one takes its place, and the page of the decision says so.",
)
MARK = "Confidential, for members of the board alone: "
Row = tuple[str, str, str]


def export_minutes(
    board: Board,
    meeting: BoardMeeting,
    attendance: dict[Member, str],
    quorum: Quorum,
    items: Sequence[ItemSeen],
    form: Form,
    made_for: str,
    made_on: dt.date,
) -> Export:
    """Return the minutes as far as `items` were shown to whoever they are made for."""
    rows = [*_head(board, meeting, attendance, quorum)]
    votes = _votes_of([one for item in items for one in item.decisions])
    for item in items:
        rows += _of_item(board, item, votes)
    agreed = f"Agreed {minute_words(meeting.agreed_at)}." if meeting.agreed_at else "Not agreed yet: they may change."
    table = ExportTable(
        f"{board.name}: minutes of {day_words(london_date(meeting.starts_at))}", "minutes", COLUMNS, tuple(rows),
        (agreed, *NOTES),
    )  # fmt: skip
    purpose = Purpose(made_for, f"meeting {meeting.pk}", made_on, made_on + dt.timedelta(days=USE_DAYS))
    return export_table(table, form, purpose)


def _head(board: Board, meeting: BoardMeeting, attendance: dict[Member, str], quorum: Quorum) -> Iterator[Row]:
    yield "", "Meeting", f"{minute_words(meeting.starts_at)}, {meeting.length_minutes} minutes"
    yield "", "Stands", MACHINE.states[meeting.state].name
    yield "", "Quorum", f"{quorum.there} of {quorum.of} voting members there, {quorum.needed} needed"
    for member in board.members:
        if member in attendance:
            yield "", member_words(board, member), ATTENDANCES[attendance[member]]


def _of_item(board: Board, item: ItemSeen, votes: dict[object, list[BoardVote]]) -> Iterator[Row]:
    number = str(item.number)
    yield number, item.kind_name, f"{MARK if item.row.confidential else ''}{item.row.title}"
    if item.row.asks:
        yield number, "Asks", item.row.asks
    for one in item.interests:
        withdrew = "withdrew" if one.row.withdraws else "stayed"
        yield number, "Interest", f"{one.member_name} ({withdrew}): {one.row.words}"
    if item.row.discussion:
        yield number, "Discussion", item.row.discussion
    for decision in item.decisions:
        yield from _of_decision(board, number, decision, votes.get(decision.pk, []))
    for action in item.actions:
        yield number, "Action", f"{action.body_name}, by {day_words(action.row.due_date)}: {action.row.words}"


def _of_decision(board: Board, number: str, row: BoardDecision, votes: list[BoardVote]) -> Iterator[Row]:
    yield number, "Decided" if row.carried else "Not carried", f"{row.reference}: {row.title}. {row.words}"
    yield number, "Votes", row.why
    for vote in votes:
        if vote.dissent:
            name = member_words(board, Member(vote.seat, vote.body))
            yield number, "Dissent", f"{name} ({VOTES[vote.vote].lower()}): {vote.dissent}"
    for what, words in (("Conditions", row.conditions), ("Reasons", row.reasons), ("Rejected", row.options_rejected)):
        if words:
            yield number, what, words
    yield number, "Sees to it", f"{body_words(row.owner_body)}; looked at again on {day_words(row.review_date)}"


def _votes_of(decisions: Sequence[BoardDecision]) -> dict[object, list[BoardVote]]:
    found: dict[object, list[BoardVote]] = {}
    for vote in BoardVote.objects.filter(decision__in=[one.pk for one in decisions]).order_by("seat", "body"):
        found.setdefault(vote.decision_id, []).append(vote)
    return found
