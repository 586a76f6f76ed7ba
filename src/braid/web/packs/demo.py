"""Packs for the boards of a demo: one of last quarter and one for the next meeting, so that the second has a first."""

import datetime as dt

from braid.place.boards.meetings import TO_COME
from braid.place.boards.terms import Board
from braid.store.place_folder import Place
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.boards.demo import PREPARES
from braid.web.boards.entering import acting_on
from braid.web.boards.files import boards
from braid.web.care.kept import now_of_database
from braid.web.models import BoardMeeting, BoardPack
from braid.web.packs.keeping import keep_pack
from braid.web.pages_role import seeing_as_pages
from braid.web.securing import secure_new_database

QUARTER = dt.timedelta(weeks=12)


def enter_packs(place: Place) -> int:
    """Make packs as pages do where the place is fictional and has none; return how many.

    Called once the demo's boards, funds and studies are there: a pack holds what it finds.
    """
    if not place.is_example:
        return 0
    secure_new_database()
    with asking_as(PREPARES, ""), seeing_as_pages():
        if BoardPack.objects.exists():
            return 0
        now = now_of_database()
        asker = Viewer(PREPARES, "commissioner", "", "", "boards")
        return sum(_enter(asker, board, now) for board in boards().values())


def _enter(asker: Viewer, board: Board, now: dt.datetime) -> int:
    before = now - QUARTER
    if not (acting_on(asker, board, now).prepares and acting_on(asker, board, before).prepares):
        return 0
    coming = BoardMeeting.objects.filter(board_id=board.id, state__in=TO_COME, starts_at__gte=now)
    meeting = coming.order_by("starts_at", "pk").values_list("pk", flat=True).first()
    keep_pack(asker, board, None, False, before, is_past=True)
    for is_confidential in (False, True):
        keep_pack(asker, board, meeting, is_confidential, now)
    return 3
