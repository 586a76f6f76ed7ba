"""What boards meet about and want: agendas with their papers, risks, priorities, and outcomes. About nobody."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from braid.api import schemas_of_board_work as schemas
from braid.api.callers import asker_who_governs
from braid.place.boards.meetings import MACHINE as MEETINGS
from braid.web.access.context import asking_as
from braid.web.boards.entering import get_meeting
from braid.web.boards.files import get_board
from braid.web.boards.pictures import RiskSeen, list_risks
from braid.web.boards.priorities import standing_priorities
from braid.web.boards.seen import ItemSeen, list_items
from braid.web.care.kept import now_of_database
from braid.web.models import BoardPriority, MeetingPaper
from braid.web.outcomes.reading import SeenOutcome, Shown, read_frameworks, read_outcome

router = Router(tags=["Boards"])
AGREED = "agreed"
"""The state of a meeting whose minutes are: before that, what was said is a draft of whoever writes it."""


@router.get(
    "/boards/{slug:board_id}/meetings/{uuid:board_meeting_id}",
    response={200: schemas.BoardAgenda},
    summary="One meeting of a board",
)
def read_meeting(request: HttpRequest, board_id: str, board_meeting_id: UUID) -> dict:
    """Its agenda with the newest edition of each paper; of what is confidential, what the caller's seat shows."""
    asker, board = asker_who_governs(request, "api board"), get_board(board_id)
    with asking_as(asker.username, ""):
        row = get_meeting(board, board_meeting_id)
        items = list_items(board, row, {}, now_of_database())
        names = "id starts_at length_minutes state".split()
        return {
            **{name: getattr(row, name) for name in names},
            "state_name": MEETINGS.states[row.state].name,
            "papers_out_at": row.papers_out_at,
            "items": [_item(one, is_agreed=row.state == AGREED) for one in items],
        }


def _item(seen: ItemSeen, *, is_agreed: bool) -> dict[str, Any]:
    row = seen.row
    return {
        "id": row.pk,
        "number": seen.number,
        "kind": row.kind,
        "kind_name": seen.kind_name,
        "title": row.title,
        "asks": row.asks,
        "minutes": row.minutes,
        "is_confidential": row.confidential,
        "paper": _paper(seen.paper) if seen.paper else None,
        "discussion": row.discussion if is_agreed else "",
        "decisions": [one.pk for one in seen.decisions],
        "actions": [one.row.pk for one in seen.actions],
    }


def _paper(row: MeetingPaper) -> dict[str, Any]:
    names = "id edition heading summary recommendation body options written_at".split()
    return {name: getattr(row, name) for name in names}


@router.get("/boards/{slug:board_id}/risks", response={200: schemas.BoardRisks}, summary="Risks of a board")
def list_board_risks(request: HttpRequest, board_id: str) -> dict:
    """Those that are open, the highest first, each with its newest rating."""
    asker, board = asker_who_governs(request, "api board"), get_board(board_id)
    with asking_as(asker.username, ""):
        return {"items": [_risk(one) for one in list_risks(board.id)]}


def _risk(seen: RiskSeen) -> dict[str, Any]:
    row, rating = seen.row, seen.rating
    names = "likelihood_before impact_before likelihood_after impact_after response review_date rated_at".split()
    return {
        **{name: getattr(row, name) for name in ("id", "cause", "event", "effect")},
        "owner": seen.owner_name,
        **{name: getattr(rating, name) for name in names},
        "what_is_done": rating.words,
    }


@router.get(
    "/boards/{slug:board_id}/priorities", response={200: schemas.BoardPriorities}, summary="Priorities of a board"
)
def list_board_priorities(request: HttpRequest, board_id: str) -> dict:
    """Those that stand, in their order."""
    asker, board = asker_who_governs(request, "api board"), get_board(board_id)
    with asking_as(asker.username, ""):
        return {"items": [_priority(one) for one in standing_priorities(board.id)]}


def _priority(row: BoardPriority) -> dict[str, Any]:
    names = "id decision_id title why statements outcomes measures from_date to_date".split()
    return {name: getattr(row, name) for name in names}


@router.get("/outcomes", response={200: schemas.PlaceOutcomes}, summary="Outcomes of the place")
def list_outcomes(request: HttpRequest) -> dict:
    """In the order of their frameworks, each with the last period of which a value was published."""
    asker = asker_who_governs(request, "api outcomes")
    with asking_as(asker.username, ""):
        found = [_outcome(one) for framework in read_frameworks() for one in framework.outcomes]
    return {"items": found}


@router.get("/outcomes/{slug:outcome_id}", response={200: schemas.PlaceOutcomeWithFigures}, summary="One outcome")
def get_outcome(request: HttpRequest, outcome_id: str) -> dict:
    """Every period as it was published, and the last of each district: values in steps, null where too few were
    counted."""
    asker = asker_who_governs(request, "api outcome")
    with asking_as(asker.username, ""):
        seen, _ = read_outcome(outcome_id)
    districts = [{"district": name, **_period(shown)} for name, shown in seen.districts]
    return {**_outcome(seen), "periods": [_period(one) for one in seen.series], "districts": districts}


def _outcome(seen: SeenOutcome) -> dict[str, Any]:
    document: Mapping[str, Any] = seen.document
    return {
        "id": seen.id,
        "name": document["name"],
        "framework": document["framework"],
        "better": document["better"],
        "unit": document["unit"],
        "baseline": document["baseline"],
        "move": seen.move,
        "signals": list(seen.signals),
        "last": _period(seen.last) if seen.last else None,
    }


def _period(shown: Shown) -> dict[str, Any]:
    names = "first_date last_date value low high step expected".split()
    return {name: getattr(shown, name) for name in names}
