"""The boards and bodies of the place, as its folder has them, read once by each process that answers requests."""

from collections.abc import Mapping

from braid.place.boards.board_file import load_boards
from braid.place.boards.terms import COMMISSIONER, Board, Member
from braid.store.place_folder import Place
from braid.web.access.sight import NotThere
from braid.web.served_place import body_words, of_served_place

COMMISSIONER_NAME = "Commissioner of the board"


@of_served_place
def boards(place: Place | None) -> Mapping[str, Board]:
    """Return the boards of the place by id, in the order of its file. Raises `RulesInvalid` where it has a fault."""
    return {one.id: one for one in load_boards(place)} if place else {}


def get_board(board_id: str) -> Board:
    """Return a board by its id. Raises `NotThere`."""
    found = boards().get(board_id)
    if found is None:
        raise NotThere
    return found


def seat_words(board: Board, seat: str) -> str:
    """Return what a seat of a board is called; its id where the terms of reference have it no more."""
    if seat == COMMISSIONER:
        return COMMISSIONER_NAME
    return next((one.name for one in board.terms.seats if one.id == seat), seat)


def member_words(board: Board, member: Member) -> str:
    """Return a member as people call it: the body, and the seat it holds."""
    return f"{body_words(member.body)}, {seat_words(board, member.seat)}"


def bodies_of(board: Board) -> list[tuple[str, str]]:
    """Return the bodies of a board with their names, each once: who may own a decision, an action or a risk."""
    return [(one, body_words(one)) for one in dict.fromkeys(member.body for member in board.members)]
