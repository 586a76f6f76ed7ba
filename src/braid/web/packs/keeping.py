"""Packs as they are kept and found again. Everything here runs inside `asking_as`: policies decide what there is."""

import datetime as dt
from uuid import UUID

from braid.language.dates import london_date
from braid.language.documents import fingerprint, write
from braid.place.boards.acting import check_prepares
from braid.place.boards.terms import Board
from braid.web.access.sight import NotThere
from braid.web.boards.entering import acting_on, get_meeting, note
from braid.web.models import BoardMeeting, BoardPack
from braid.web.packs.making import make_pack
from braid.web.recording import Asker

MOST_LISTED = 100


def keep_pack(
    asker: Asker,
    board: Board,
    meeting_id: UUID | None,
    is_confidential: bool,
    now: dt.datetime,
    is_past: bool = False,
) -> UUID:
    """Make a pack and keep it; return its id: that of the one that is there already where nothing is otherwise in it.

    Raises `NotPossible` for whoever does not prepare the board.
    """
    acting = acting_on(asker, board, now)
    check_prepares(acting)
    meeting = get_meeting(board, meeting_id) if meeting_id is not None else None
    made = make_pack(board, meeting, now, is_confidential, is_past)
    mark = fingerprint(made)
    known = _find_same(board, meeting, is_confidential, london_date(now), mark)
    if known is not None:
        return known
    row = BoardPack(
        board_id=board.id, meeting=meeting, is_confidential=is_confidential, of_date=london_date(now),
        document=write(made), fingerprint=mark, made_by=asker.username, made_at=now,
    )  # fmt: skip
    BoardPack.objects.append_one(row)
    note(asker, board, "board pack made", pack=row.pk)
    return row.pk


def _find_same(
    board: Board, meeting: BoardMeeting | None, is_confidential: bool, day: dt.date, mark: str
) -> UUID | None:
    rows = BoardPack.objects.filter(board_id=board.id, meeting=meeting, is_confidential=is_confidential, of_date=day)
    return rows.filter(fingerprint=mark).values_list("pk", flat=True).first()


def list_packs(board: Board) -> list[BoardPack]:
    """Return the packs of a board, the newest first, without what stands in them."""
    rows = BoardPack.objects.filter(board_id=board.id).select_related("meeting").defer("document")
    return list(rows.order_by("-of_date", "-made_at", "pk")[:MOST_LISTED])


def get_pack(pack_id: UUID) -> BoardPack:
    """Return a pack that whoever asks may see. Raises `NotThere`."""
    row = BoardPack.objects.filter(pk=pack_id).select_related("meeting").first()
    if row is None:
        raise NotThere
    return row


def may_make(asker: Asker, board: Board, now: dt.datetime) -> bool:
    """Whether who asks prepares the board."""
    return acting_on(asker, board, now).prepares
