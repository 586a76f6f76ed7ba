"""Priorities of a board as decisions made, changed and ended them."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from braid.language.steps import NotPossible
from braid.place.boards.acting import check_prepares
from braid.place.boards.links import tidy_link
from braid.place.boards.priorities import check_decided, check_priority
from braid.place.boards.terms import Board
from braid.web.access.sight import NotThere
from braid.web.boards.deciding import get_decision, is_superseded
from braid.web.boards.entering import acting_on, check_texts, note
from braid.web.care.kept import ChangedMeanwhile
from braid.web.models import BoardDecision, BoardPriority, BoardPriorityEnd
from braid.web.recording import Asker


@dataclass(frozen=True)
class PriorityWords:
    """What is entered of a priority: `statements` and `outcomes` are ids."""

    position: int
    title: str
    why: str
    statements: tuple[str, ...]
    outcomes: tuple[str, ...]
    measures: str
    from_date: dt.date
    to_date: dt.date


def standing_priorities(board_id: str) -> list[BoardPriority]:
    """Return the priorities of a board that nothing replaced or ended, in their order."""
    found = BoardPriority.objects.filter(board_id=board_id, replaced_by=None, ended_by=None)
    return list(found.select_related("decision").order_by("position", "written_at"))


def set_priority(
    asker: Asker,
    board: Board,
    decision_id: UUID,
    replaces_id: UUID | None,
    words: PriorityWords,
    now: dt.datetime,
) -> UUID:
    """Make a priority by a decision, or one in the place of another; return its id."""
    check_prepares(acting_on(asker, board, now))
    decision = _deciding(board, decision_id)
    replaced = _standing(board, replaces_id) if replaces_id else None
    count = len(standing_priorities(board.id)) - (replaced is not None)
    check_priority(words.title, words.why, words.statements, words.from_date, words.to_date, count)
    check_texts(words.title, words.why, words.measures)
    outcomes = [tidy_link("outcome", one) for one in words.outcomes]
    row = BoardPriority(
        board_id=board.id, decision=decision, replaces=replaced, position=words.position, title=words.title,
        why=words.why, statements=list(words.statements), outcomes=outcomes, measures=words.measures,
        from_date=words.from_date, to_date=words.to_date, written_by=asker.username, written_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            BoardPriority.objects.append_one(row)
    except IntegrityError:
        raise ChangedMeanwhile from None
    note(asker, board, "board priority set", priority=row.pk, decision=decision.pk)
    return row.pk


def end_priority(asker: Asker, board: Board, priority_id: UUID, decision_id: UUID, now: dt.datetime) -> None:
    """End a priority by a decision."""
    check_prepares(acting_on(asker, board, now))
    decision = _deciding(board, decision_id)
    row = _standing(board, priority_id)
    ending = BoardPriorityEnd(priority=row, decision=decision, written_by=asker.username, written_at=now)
    try:
        with transaction.atomic():
            BoardPriorityEnd.objects.append_one(ending)
    except IntegrityError:
        raise ChangedMeanwhile from None
    note(asker, board, "board priority ended", priority=row.pk, decision=decision.pk)


def _deciding(board: Board, decision_id: UUID) -> BoardDecision:
    decision = get_decision(decision_id)
    check_decided(board.id, decision.board_id, decision.carried, is_superseded(decision))
    return decision


def _standing(board: Board, priority_id: UUID) -> BoardPriority:
    row = BoardPriority.objects.filter(pk=priority_id, board_id=board.id).first()
    if row is None:
        raise NotThere
    if hasattr(row, "replaced_by") or hasattr(row, "ended_by"):
        raise NotPossible("That priority stands no more. Choose one that does")
    return row
