"""Risks of a board as they are written down, rated again and closed. Every rating stays."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.place.boards.acting import check_prepares
from braid.place.boards.risks import Level, check_rating, check_risk
from braid.place.boards.terms import Board
from braid.web.access.sight import NotThere
from braid.web.boards.entering import acting_on, check_texts, note
from braid.web.care.kept import change
from braid.web.models import BoardRisk, BoardRiskRating
from braid.web.recording import Asker


@dataclass(frozen=True)
class Rating:
    """What is entered of a rating: levels before and after what is done, what that is, and its next review."""

    before: Level
    after: Level
    response: str
    words: str
    review_date: dt.date


def add_risk(
    asker: Asker, board: Board, cause: str, event: str, effect: str, owner_body: str, rating: Rating, now: dt.datetime
) -> UUID:
    """Write a risk down with its first rating; return its id."""
    check_prepares(acting_on(asker, board, now))
    check_risk(cause, event, effect)
    check_texts(cause, event, effect)
    if owner_body not in {one.body for one in board.members}:
        raise NotPossible("Choose which body of the board watches it")
    row = BoardRisk(
        board_id=board.id, cause=cause, event=event, effect=effect, owner_body=owner_body,
        written_by=asker.username, written_at=now,
    )  # fmt: skip
    _check_rating(rating, now)
    BoardRisk.objects.append_one(row)
    _append_rating(asker, row, 1, rating, now)
    note(asker, board, "board risk written", risk=row.pk)
    return row.pk


def get_risk(board: Board, risk_id: UUID) -> BoardRisk:
    """Return a risk of a board. Raises `NotThere`."""
    row = BoardRisk.objects.filter(pk=risk_id, board_id=board.id).first()
    if row is None:
        raise NotThere
    return row


def rate_risk(asker: Asker, board: Board, risk_id: UUID, seen: int, rating: Rating, now: dt.datetime) -> None:
    """Rate a risk again. `seen` is the version of the risk: of two who rate at once, the second is told."""
    check_prepares(acting_on(asker, board, now))
    row = _open_risk(board, risk_id)
    _check_rating(rating, now)
    change(row, seen)
    last = BoardRiskRating.objects.filter(risk=row).aggregate(last=Max("number"))["last"]
    _append_rating(asker, row, last + 1, rating, now)
    note(asker, board, "board risk rated", risk=row.pk)


def close_risk(asker: Asker, board: Board, risk_id: UUID, seen: int, because: str, now: dt.datetime) -> None:
    """Close a risk that is none any more, saying why."""
    check_prepares(acting_on(asker, board, now))
    row = _open_risk(board, risk_id)
    if not because.strip():
        raise NotPossible("Enter why it is no risk any more")
    check_texts(because)
    change(row, seen, closed_at=now, closed_because=because)
    note(asker, board, "board risk closed", risk=row.pk)


def _open_risk(board: Board, risk_id: UUID) -> BoardRisk:
    row = get_risk(board, risk_id)
    if row.closed_at is not None:
        raise NotPossible("The risk is closed. Write a new one down where it is there again")
    return row


def _check_rating(rating: Rating, now: dt.datetime) -> None:
    check_rating(rating.before, rating.after, rating.response, rating.review_date, london_date(now))
    check_texts(rating.words)


def _append_rating(asker: Asker, risk: BoardRisk, number: int, rating: Rating, now: dt.datetime) -> None:
    BoardRiskRating.objects.append_one(
        BoardRiskRating(
            risk=risk,
            number=number,
            likelihood_before=rating.before.likelihood,
            impact_before=rating.before.impact,
            likelihood_after=rating.after.likelihood,
            impact_after=rating.after.impact,
            response=rating.response,
            words=rating.words,
            review_date=rating.review_date,
            rated_by=asker.username,
            rated_at=now,
        )
    )
