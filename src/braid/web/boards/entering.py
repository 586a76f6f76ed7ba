"""What every entry on a board shares: who acts, by which seats, what words may hold, and the entry of the record."""

import datetime as dt
from uuid import UUID

from django.db.models import Q, QuerySet

from braid.care.words import check_words
from braid.language.dates import london_date
from braid.place.boards.acting import Acting
from braid.place.boards.terms import COMMISSIONER, Board, Member
from braid.trust.roles import ROLES
from braid.web.access.sight import NotThere
from braid.web.models import BoardItem, BoardMeeting, BoardSeatHolder
from braid.web.recording import Asker, Facts, record


def holders_on(day: dt.date) -> QuerySet[BoardSeatHolder]:
    """Return who holds which seat on a day."""
    lasting = Q(until_date__isnull=True) | Q(until_date__gte=day)
    return BoardSeatHolder.objects.filter(lasting, from_date__lte=day, ended_at=None)


def acting_on(asker: Asker, board: Board, now: dt.datetime) -> Acting:
    """Return who asks as the rules of a board know them: by the seats that they hold on the day of `now`.

    A seat that the terms of reference have no more lets nobody do anything.
    """
    rows = [
        (Member(row.seat, row.body), row.chairs)
        for row in holders_on(london_date(now)).filter(board_id=board.id, username=asker.username)
    ]
    held = [(one, chairs) for one, chairs in rows if one.seat == COMMISSIONER or one in board.members]
    role = ROLES.get(asker.role)
    return Acting(
        asker.username,
        frozenset(one for one, _ in held),
        any(chairs for _, chairs in held),
        role is not None and role.commissions,
    )


def get_meeting(board: Board, meeting_id: UUID) -> BoardMeeting:
    """Return a meeting of a board. Raises `NotThere`."""
    row = BoardMeeting.objects.filter(pk=meeting_id, board_id=board.id).first()
    if row is None:
        raise NotThere
    return row


def get_item(board: Board, item_id: UUID) -> BoardItem:
    """Return an item of a board's agenda, with its meeting, as far as whoever asks may see it. Raises `NotThere`."""
    found = BoardItem.objects.filter(pk=item_id, board_id=board.id, taken_off_at=None)
    row = found.select_related("meeting").first()
    if row is None:
        raise NotThere
    return row


def check_texts(*texts: str) -> None:
    """Raise `NotPossible` where words hold what would lead to somebody: pages of boards are read by many."""
    for text in texts:
        check_words(text)


def note(asker: Asker, board: Board, what: str, **ids: UUID | str | int) -> None:
    """Write the entry of a step into the record: what was done on which board, by ids alone."""
    details = {"what": what, "board": board.id, **{name: _code(value) for name, value in ids.items()}}
    record("changed", asker, facts=Facts(details=details))


def _code(value: UUID | str | int) -> str | int:
    return value if isinstance(value, int) else str(value)
