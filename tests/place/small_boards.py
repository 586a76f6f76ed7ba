"""Boards small enough that everything that can happen on them is tried."""

from __future__ import annotations

import datetime as dt
from itertools import product

from braid.place.boards.terms import Board, Deciding, Member, Quorum, Reserved, Seat, Terms

COURT, COUNCIL, HEALTH, GUEST = (
    Member("court", "court"),
    Member("council", "north"),
    Member("council", "south"),
    Member("guest", "charity"),
)


def seat(seat_id: str, *bodies: str, votes: bool = True, chairs: bool = False) -> Seat:
    """Return a seat with bodies on it."""
    return Seat(seat_id, seat_id.title(), frozenset({"council"}), 0, votes, chairs, "made up", bodies)


USUAL_QUORUM = Quorum(2, 0, {}, "made up")
USUAL_DECIDING = Deciding("majority", "", False, False, "made up")


def small_board(
    quorum: Quorum = USUAL_QUORUM,
    deciding: Deciding = USUAL_DECIDING,
    reserved: tuple[Reserved, ...] = (),
) -> Board:
    """Return a board of two councils, a court that chairs, and a guest without a vote."""
    seats = (
        seat("court", "court", chairs=True),
        seat("council", "north", "south"),
        seat("guest", "charity", votes=False),
    )
    terms = Terms("To try", "None", seats, quorum, deciding, reserved, "public", "made up", 5, "made up")
    return Board("small", "Small board", "", terms, COURT, (), dt.date(2027, 1, 1))


def every_subset(members: tuple[Member, ...]) -> list[frozenset[Member]]:
    """Return every way to be there or not."""
    return [
        frozenset(one for one, there in zip(members, chosen, strict=True) if there)
        for chosen in product((False, True), repeat=len(members))
    ]
