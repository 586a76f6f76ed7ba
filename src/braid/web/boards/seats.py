"""Seats of boards as they are given and ended: by whoever accounts for access, and by nobody to themselves."""

import datetime as dt
from uuid import UUID

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.place.boards.terms import COMMISSIONER, Board, Member
from braid.trust.roles import ROLES
from braid.web.access.sight import NotThere
from braid.web.boards.entering import note
from braid.web.models import BoardSeatHolder, User
from braid.web.recording import Asker

GIVERS = frozenset(code for code, role in ROLES.items() if role.sees_audit)
"""Roles that give seats: a seat opens what is confidential, so whoever prepares a board gives none."""


def may_give(asker: Asker) -> bool:
    """Whether the role of who asks gives seats."""
    return asker.role in GIVERS


def give_seat(
    asker: Asker,
    board: Board,
    username: str,
    member: Member,
    from_date: dt.date,
    until_date: dt.date | None,
    now: dt.datetime,
) -> UUID:
    """Give somebody a seat from a day until another, or without an end; return its id."""
    if not may_give(asker) or username == asker.username:
        raise NotPossible("Seats are given by whoever accounts for access, and never to themselves")
    if member.seat != COMMISSIONER and member not in board.members:
        raise NotPossible("Choose a seat of this board")
    user = User.objects.filter(username=username, is_active=True).first()
    role = ROLES.get(user.role) if user else None
    if role is None or not role.governs or (member.seat == COMMISSIONER and not role.commissions):
        raise NotPossible("That account's role does not let it hold this seat. Choose another account or seat")
    if until_date is not None and until_date < max(from_date, london_date(now)):
        raise NotPossible("A seat ends on a day to come, and after it begins")
    row = BoardSeatHolder(
        username=username, board_id=board.id, seat=member.seat, body=member.body, chairs=member == board.chair,
        from_date=from_date, until_date=until_date, given_by=asker.username, given_at=now,
    )  # fmt: skip
    BoardSeatHolder.objects.append_one(row)
    note(asker, board, "board seat given", seat=row.pk)
    return row.pk


def end_seat(asker: Asker, board: Board, holder_id: UUID, now: dt.datetime) -> None:
    """Take a seat back: it opens nothing from the next statement on."""
    row = BoardSeatHolder.objects.filter(pk=holder_id, board_id=board.id).first()
    if row is None:
        raise NotThere
    if not may_give(asker) or row.username == asker.username:
        raise NotPossible("Seats are taken back by whoever accounts for access, and never their own")
    if not BoardSeatHolder.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now, ended_by=asker.username):
        raise NotPossible("The seat was taken back already")
    note(asker, board, "board seat ended", seat=row.pk)
