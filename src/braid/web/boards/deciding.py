"""A meeting as it is held: who is there, who declares an interest, what is decided and by which votes, its minutes.

As in `keeping`, everything runs inside `asking_as` and raises what is in the way.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.place.boards.acting import check_chairs, check_prepares
from braid.place.boards.deciding import INTERESTS, Verdict, check_decision, check_supersede, judge
from braid.place.boards.links import tidy_link
from braid.place.boards.meetings import (
    HELD,
    MACHINE,
    check_held,
    check_hold,
    check_paper_of_decision,
    check_quorate,
)
from braid.place.boards.quorum import ATTENDANCES, is_quorate, present_for, present_of
from braid.place.boards.terms import Board, Member
from braid.web.access.sight import NotThere
from braid.web.boards.entering import acting_on, check_texts, get_item, get_meeting, note
from braid.web.care.kept import ChangedMeanwhile, change, new_reference
from braid.web.models import (
    BoardAttendance,
    BoardDecision,
    BoardForecast,
    BoardInterest,
    BoardItem,
    BoardMeeting,
    BoardVote,
    DecisionLink,
)
from braid.web.recording import Asker


@dataclass(frozen=True)
class DecisionWords:
    """What is entered of a decision. `supersedes` is the id of an earlier one, or none."""

    title: str
    words: str
    conditions: str
    reasons: str
    options_rejected: str
    owner_body: str
    review_date: dt.date
    supersedes: UUID | None


def hold(
    asker: Asker, board: Board, meeting_id: UUID, seen: int, attendance: Mapping[Member, str], now: dt.datetime
) -> str:
    """Write down who is there; return the state that follows: with a quorum, or without one.

    It may be corrected until something is decided, which rests on it.
    """
    check_prepares(acting_on(asker, board, now))
    meeting = get_meeting(board, meeting_id)
    check_hold(meeting.starts_at, now)
    if set(attendance) != set(board.members) or not set(attendance.values()) <= ATTENDANCES.keys():
        raise NotPossible("Enter of each member whether they are there")
    if BoardDecision.objects.filter(item__meeting=meeting).exists():
        raise NotPossible("Something was decided by who is written down as there. That stays as it is")
    quorate = is_quorate(board, present_of(attendance))
    wanted = "quorate" if quorate else "inquorate"
    if meeting.state != wanted:
        wanted = MACHINE.after(meeting.state, "hold" if quorate else "hold_inquorate")
    else:
        check_held(meeting.state)
    _keep_attendance(asker, meeting, attendance)
    change(meeting, seen, state=wanted, held_at=meeting.held_at or now)
    note(asker, board, f"board meeting {wanted}", meeting=meeting.pk)
    return wanted


def _keep_attendance(asker: Asker, meeting: BoardMeeting, attendance: Mapping[Member, str]) -> None:
    known = {Member(row.seat, row.body): row for row in BoardAttendance.objects.filter(meeting=meeting)}
    new = []
    for one, code in attendance.items():
        if one in known:
            if known[one].attendance != code:
                BoardAttendance.objects.filter(pk=known[one].pk).update(attendance=code, written_by=asker.username)
        else:
            values = {"seat": one.seat, "body": one.body, "attendance": code, "written_by": asker.username}
            new.append(BoardAttendance(meeting=meeting, **values))
    if new:
        BoardAttendance.objects.append(new)


def attendance_of(meeting: BoardMeeting) -> dict[Member, str]:
    """Return the attendance of a meeting by member; empty before it is held."""
    rows = BoardAttendance.objects.filter(meeting=meeting).values_list("seat", "body", "attendance")
    return {Member(seat, body): code for seat, body, code in rows}


def present_on(item: BoardItem) -> frozenset[Member]:
    """Return who is there for an item: at the meeting, and not withdrawn from the item."""
    withdrawn = BoardInterest.objects.filter(item=item, withdraws=True).values_list("seat", "body")
    return present_for(present_of(attendance_of(item.meeting)), {Member(*one) for one in withdrawn})


def declare_interest(
    asker: Asker, board: Board, item_id: UUID, member: Member, kind: str, words: str, withdraws: bool, now: dt.datetime
) -> None:
    """Write down an interest that a member declares in an item, before it is decided."""
    check_prepares(acting_on(asker, board, now))
    item = get_item(board, item_id)
    check_held(item.meeting.state)
    if kind not in INTERESTS or not words.strip():
        raise NotPossible("Choose the kind of interest, and enter what it is")
    check_texts(words)
    if kind == "pecuniary" and not withdraws:
        raise NotPossible("Whoever has a pecuniary interest withdraws from the item: no discussion, no vote")
    if member not in present_of(attendance_of(item.meeting)):
        raise NotPossible("Choose a member who is there")
    if item.decisions.exists():
        raise NotPossible("The item is decided. An interest is declared before")
    row = BoardInterest(
        item=item, seat=member.seat, body=member.body, kind=kind, words=words, withdraws=withdraws,
        written_by=asker.username, written_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            BoardInterest.objects.append_one(row)
    except IntegrityError:
        raise NotPossible("That member declared an interest in this item already") from None
    note(asker, board, "board interest declared", meeting=item.meeting_id, item=item.pk)


def decide(
    asker: Asker,
    board: Board,
    item_id: UUID,
    seen: int,
    words: DecisionWords,
    votes: Mapping[Member, str],
    dissents: Mapping[Member, str],
    now: dt.datetime,
) -> UUID:
    """Write down what a board decides on an item, or does not carry; return the id of the decision.

    `seen` is the version of the item: of two who write at once, the second is told.
    """
    check_prepares(acting_on(asker, board, now))
    item = get_item(board, item_id)
    if item.kind != "decision":
        raise NotPossible("That item is not for decision. Put it on the agenda of another meeting as one that is")
    check_quorate(item.meeting.state)
    check_paper_of_decision(item.papers.exists())
    check_decision(words.title, words.words, words.reasons, words.review_date, london_date(now))
    if words.owner_body not in {one.body for one in board.members}:
        raise NotPossible("Choose which body of the board sees to it")
    check_texts(words.title, words.words, words.conditions, words.reasons, words.options_rejected, *dissents.values())
    verdict = judge(board, present_on(item), votes, item.matter)
    earlier = _superseded(board, item, words.supersedes, verdict)
    change(item, seen)
    row = BoardDecision(
        reference=new_reference("BD"), board_id=board.id, item=item, confidential=item.confidential,
        title=words.title, words=words.words, conditions=words.conditions, reasons=words.reasons,
        options_rejected=words.options_rejected, owner_body=words.owner_body, review_date=words.review_date,
        carried=verdict.carried, rule=verdict.rule, why=verdict.why[:300], supersedes=earlier,
        written_by=asker.username, decided_at=now,
    )  # fmt: skip
    _append_once(row)
    BoardVote.objects.append(
        BoardVote(decision=row, seat=one.seat, body=one.body, vote=vote, dissent=dissents.get(one, ""))
        for one, vote in votes.items()
    )
    _link_forecasts(asker, row, now)
    note(asker, board, "board decision taken", meeting=item.meeting_id, item=item.pk, decision=row.pk)
    return row.pk


def _link_forecasts(asker: Asker, decision: BoardDecision, now: dt.datetime) -> None:
    """Say of each question whose forecast lay before the board that the decision is about it."""
    found = BoardForecast.objects.filter(item=decision.item, decision=None)
    DecisionLink.objects.append(
        DecisionLink(
            decision=decision, kind="simulation", reference=str(one), written_by=asker.username, written_at=now
        )
        for one in sorted(set(found.values_list("question_id", flat=True)))
    )


def _append_once(row: BoardDecision) -> None:
    try:
        with transaction.atomic():
            BoardDecision.objects.append_one(row)
    except IntegrityError:
        raise ChangedMeanwhile from None


def _superseded(board: Board, item: BoardItem, earlier_id: UUID | None, verdict: Verdict) -> BoardDecision | None:
    """Return the earlier decision that falls with this one; none where this one is not carried, so that it stands."""
    if earlier_id is None:
        return None
    earlier = get_decision(earlier_id)
    check_supersede(board.id, earlier.board_id, earlier.carried, is_superseded(earlier))
    if earlier.confidential and not item.confidential:
        raise NotPossible("What was decided in confidence is superseded by an item that is confidential too")
    return earlier if verdict.carried else None


def get_decision(decision_id: UUID) -> BoardDecision:
    """Return a decision that whoever asks may see, with its item and meeting. Raises `NotThere`."""
    found = BoardDecision.objects.filter(pk=decision_id)
    row = found.select_related("item__meeting", "supersedes", "superseded_by").first()
    if row is None:
        raise NotThere
    return row


def is_superseded(decision: BoardDecision) -> bool:
    """Whether a later decision took the place of this one, as far as whoever asks may see."""
    return hasattr(decision, "superseded_by")


def link_decision(asker: Asker, board: Board, decision_id: UUID, kind: str, reference: str, now: dt.datetime) -> None:
    """Say what else of the place a decision is about."""
    check_prepares(acting_on(asker, board, now))
    decision = get_decision(decision_id)
    if decision.board_id != board.id:
        raise NotThere
    tidy = tidy_link(kind, reference)
    if kind == "decision" and tidy == str(decision.pk):
        raise NotPossible("That is this decision itself. Choose another")
    if DecisionLink.objects.filter(decision=decision, kind=kind, reference=tidy).exists():
        raise NotPossible("It is linked already")
    DecisionLink.objects.append_one(
        DecisionLink(decision=decision, kind=kind, reference=tidy, written_by=asker.username, written_at=now)
    )
    note(asker, board, "board decision linked", decision=decision.pk)


def write_discussion(asker: Asker, board: Board, item_id: UUID, seen: int, words: str, now: dt.datetime) -> None:
    """Write the minutes of an item, until the chair has agreed those of the meeting."""
    check_prepares(acting_on(asker, board, now))
    item = get_item(board, item_id)
    check_held(item.meeting.state)
    check_texts(words)
    change(item, seen, discussion=words)
    note(asker, board, "board minutes written", meeting=item.meeting_id, item=item.pk)


def agree_minutes(asker: Asker, board: Board, meeting_id: UUID, seen: int, now: dt.datetime) -> None:
    """Agree the minutes, as whoever holds the chair. Nothing of the meeting is changed after that."""
    check_chairs(acting_on(asker, board, now))
    meeting = get_meeting(board, meeting_id)
    state = MACHINE.after(meeting.state, "agree")
    items = BoardItem.objects.filter(meeting=meeting, taken_off_at=None)
    without = [row.title for row in items.order_by("position") if not row.discussion.strip()]
    if without:
        raise NotPossible(f"Nothing is written down of: {'; '.join(without)}. Ask the commissioner to write it")
    change(meeting, seen, state=state, agreed_at=now, agreed_by=asker.username)
    note(asker, board, "board minutes agreed", meeting=meeting.pk)


def may_be_held(meeting: BoardMeeting) -> bool:
    """Whether attendance is written of a meeting in this state."""
    return meeting.state == "papers_out" or meeting.state in HELD
