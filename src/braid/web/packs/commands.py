"""Boards and their packs for the command line: listed as the owner, made for a named human. Import inside `web_app`."""

import datetime as dt
from uuid import UUID

from braid.language.dates import london_date
from braid.language.documents import write
from braid.place.boards.meetings import TO_COME
from braid.place.boards.terms import Board
from braid.store.exports import Form
from braid.web.acting import Actor, reading_as
from braid.web.boards.files import get_board
from braid.web.boards.seen import BoardLine, list_boards
from braid.web.care.kept import now_of_database
from braid.web.models import BoardMeeting
from braid.web.packs.handing import export_made, run_of
from braid.web.packs.keeping import get_pack, keep_pack
from braid.web.packs.making import read_pack
from braid.web.recording import Facts, record
from braid.web.watch import known_asker

DOCUMENT = "json"


def board_lines() -> list[BoardLine]:
    """Return every board of the place with its next meeting and its counts."""
    with known_asker():
        return list_boards(now_of_database())


def make_file(actor: Actor, board_id: str, is_confidential: bool, form: str) -> tuple[UUID, bytes]:
    """Make a pack of a board for its next meeting, or as of today where none is planned; return its id and its file.

    Held to the policies as a page is, and on record likewise. Raises `NotPossible` for who does not prepare the board.
    """
    with reading_as(actor):
        board, now = get_board(board_id), now_of_database()
        row = get_pack(keep_pack(actor, board, _next_meeting(board, now), is_confidential, now))
        made, run_id = read_pack(row), run_of(row)
        if form == DOCUMENT:
            content = write(made).encode("utf-8")
        else:
            made_for = f"{actor.username} ({actor.role})"
            content = export_made(made, run_id, Form(form), made_for, london_date(now)).content
        details = {"what": "board-pack", "form": form, "run": run_id, "board": board.id}
        record("exported", actor, facts=Facts(organisation=actor.organisation, details=details))
        return row.pk, content


def _next_meeting(board: Board, now: dt.datetime) -> UUID | None:
    rows = BoardMeeting.objects.filter(board_id=board.id, state__in=TO_COME, starts_at__gte=now)
    return rows.order_by("starts_at", "pk").values_list("pk", flat=True).first()
