"""Boards of the place: terms of reference, meetings, decisions and actions. About nobody; for whoever governs."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from braid.api import schemas_of_boards as schemas
from braid.api.callers import asker_who_governs
from braid.api.cursors import Cursors
from braid.api.lists import Cursor, Limit, take_part
from braid.place.boards.actions import MACHINE as ACTIONS
from braid.place.boards.meetings import MACHINE as MEETINGS
from braid.place.boards.terms import Board
from braid.web.access import NotThere
from braid.web.access.context import asking_as
from braid.web.boards.files import boards, get_board, seat_words
from braid.web.models import BoardAction, BoardDecision, BoardMeeting
from braid.web.served_place import body_words

router = Router(tags=["Boards"])


@router.get("/boards", response={200: schemas.Boards}, summary="Boards of the place")
def list_boards(request: HttpRequest) -> dict:
    """In the order of the place's file."""
    asker_who_governs(request, "api boards")
    return {"items": [_in_list(one) for one in boards().values()]}


def _in_list(board: Board) -> dict[str, Any]:
    return {"id": board.id, "name": board.name, "purpose": board.terms.purpose, "review_date": board.review_date}


@router.get("/boards/{slug:board_id}", response={200: schemas.Board}, summary="One board")
def read_board(request: HttpRequest, board_id: str) -> dict:
    """Its terms of reference: who sits on it, how it decides, what it looks after."""
    asker_who_governs(request, "api board")
    board = get_board(board_id)
    seats = [
        {
            "id": seat.id,
            "name": seat_words(board, seat.id),
            "votes": seat.votes,
            "chairs": seat.chairs,
            "is_vacant": seat.id in board.vacant,
            "bodies": [body_words(one) for one in seat.bodies],
        }
        for seat in board.terms.seats
    ]
    return {
        **_in_list(board),
        "legal_basis": board.terms.legal_basis,
        "rule": board.terms.deciding.rule,
        "papers_clear_days": board.terms.papers_clear_days,
        "seats": seats,
        "statements": list(board.statements),
        "backlogs": list(board.backlogs),
    }


@router.get("/boards/{slug:board_id}/meetings", response={200: schemas.BoardMeetings}, summary="Meetings of a board")
def list_meetings(request: HttpRequest, board_id: str, limit: Limit, cursor: Cursor) -> dict:
    """The latest first."""
    asker, board = asker_who_governs(request, "api board"), get_board(board_id)
    with asking_as(asker.username, ""):
        rows = BoardMeeting.objects.filter(board_id=board.id)
        cursors = Cursors(request, "board meetings", board=board.id)
        shown, follows = take_part(rows, cursors, cursor, limit, "-starts_at")
        names = "id starts_at length_minutes state".split()
        items = [
            {**{name: getattr(row, name) for name in names}, "state_name": MEETINGS.states[row.state].name}
            for row in shown
        ]
    return {"items": items, "next": follows}


@router.get("/boards/{slug:board_id}/decisions", response={200: schemas.BoardDecisions}, summary="Decisions of a board")
def list_decisions(request: HttpRequest, board_id: str, limit: Limit, cursor: Cursor) -> dict:
    """The latest first; of what is confidential, those that the caller's seat shows."""
    asker, board = asker_who_governs(request, "api board"), get_board(board_id)
    with asking_as(asker.username, ""):
        rows = BoardDecision.objects.filter(board_id=board.id).select_related("superseded_by", "item")
        cursors = Cursors(request, "board decisions", board=board.id)
        shown, follows = take_part(rows, cursors, cursor, limit, "-decided_at")
        return {"items": [_decision(row) for row in shown], "next": follows}


@router.get(
    "/boards/{slug:board_id}/decisions/{uuid:decision_id}",
    response={200: schemas.BoardDecision},
    summary="One decision of a board",
)
def get_decision(request: HttpRequest, board_id: str, decision_id: UUID) -> dict:
    """What was decided, by which rule, why, and what else was weighed."""
    asker, board = asker_who_governs(request, "api board"), get_board(board_id)
    with asking_as(asker.username, ""):
        rows = BoardDecision.objects.filter(board_id=board.id, pk=decision_id)
        row = rows.select_related("superseded_by", "item").first()
        if row is None:
            raise NotThere
        return _decision(row)


def _decision(row: BoardDecision) -> dict[str, Any]:
    names = "id reference title words conditions reasons options_rejected rule review_date decided_at".split()
    later = getattr(row, "superseded_by", None)
    return {
        **{name: getattr(row, name) for name in names},
        "meeting_id": row.item.meeting_id,
        "is_carried": row.carried,
        "owner": body_words(row.owner_body),
        "is_confidential": row.confidential,
        "superseded_by": later.pk if later else None,
    }


@router.get("/boards/{slug:board_id}/actions", response={200: schemas.BoardActions}, summary="Actions of a board")
def list_board_actions(request: HttpRequest, board_id: str, limit: Limit, cursor: Cursor) -> dict:
    """Those due first, done or not."""
    asker, board = asker_who_governs(request, "api board"), get_board(board_id)
    with asking_as(asker.username, ""):
        rows = BoardAction.objects.filter(board_id=board.id).select_related("item")
        cursors = Cursors(request, "board actions", board=board.id)
        shown, follows = take_part(rows, cursors, cursor, limit, "due_date", of=dt.date)
        return {"items": [_board_action(row) for row in shown], "next": follows}


def _board_action(row: BoardAction) -> dict[str, Any]:
    names = "id decision_id words body due_date state".split()
    return {
        **{name: getattr(row, name) for name in names},
        "meeting_id": row.item.meeting_id,
        "body_name": body_words(row.body),
        "state_name": ACTIONS.states[row.state].name,
    }
