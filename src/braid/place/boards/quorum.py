"""Quorum: whether those who are there may decide, and if not, who is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from braid.place.boards.terms import Board, Member

ATTENDANCES: Mapping[str, str] = {
    "present": "Present",
    "remote": "Present by telephone or video",
    "apologies": "Sent apologies",
    "absent": "Absent",
}
PRESENT = frozenset({"present", "remote"})


def present_of(attendance: Mapping[Member, str]) -> frozenset[Member]:
    """Return who is there, of the attendance by member."""
    return frozenset(one for one, code in attendance.items() if code in PRESENT)


def needed_for_quorum(board: Board) -> int:
    """Return how many voting members must be there at the least, whichever they are."""
    quorum = board.terms.quorum
    share = -(-len(board.voting) // quorum.one_in) if quorum.one_in else 0
    return max(quorum.least, share)


def missing_for_quorum(board: Board, present: Collection[Member]) -> tuple[str, ...]:
    """Return what is missing for a quorum, in words; nothing where those present may decide.

    Only members with a vote count, and whoever is no member of the board does not.
    """
    there = set(board.voting) & set(present)
    needed, missing = needed_for_quorum(board), []
    if len(there) < needed:
        missing.append(f"{needed - len(there)} more of the voting members, of whom {needed} must be there")
    for seat_id, least in board.terms.quorum.seats.items():
        of_seat = sum(1 for one in there if one.seat == seat_id)
        if of_seat < least:
            missing.append(f"{least - of_seat} more of the seat “{board.terms.seat(seat_id).name}”")
    return tuple(missing)


def is_quorate(board: Board, present: Collection[Member]) -> bool:
    """Whether those present may decide."""
    return not missing_for_quorum(board, present)


def present_for(present: Iterable[Member], withdrawn: Collection[Member]) -> frozenset[Member]:
    """Return who is there for one item: whoever withdrew for an interest neither votes on it nor makes its quorum.

    Localism Act 2011, section 31(4): a member with a disclosable pecuniary interest takes no part in discussion
    or vote.
    """
    return frozenset(present) - frozenset(withdrawn)
