"""`boards.toml` of a place folder: its boards, by template with the bodies on each seat, or with terms of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from braid.language.codes import BACKLOGS
from braid.language.rule_files import Fault, Fields, RulesInvalid, read_text, read_toml
from braid.place.boards.board_templates import shipped_templates
from braid.place.boards.terms import Board, Member, Seat, Terms
from braid.place.boards.terms_file import (
    LONGEST_ID,
    LONGEST_NAME,
    LONGEST_TEXT,
    TERMS_KEYS,
    parse_deciding,
    parse_quorum,
    parse_seat,
    parse_terms,
)
from braid.place.bodies import Body, load_bodies
from braid.problems.load import load_statements
from braid.store.place_folder import Place
from braid.trust.roles import PURPOSES

FILE = "boards.toml"
TOP = "boards"
NOT_IDS = frozenset({"actions", "decisions"})
"""Ids that addresses of pages use for something else."""
BOARD_KEYS = ("id", "name", "template", "review_date", "chair", "vacant", "remit")
OVERRIDDEN = ("purpose", "quorum", "deciding", "seat")
"""What a board says itself although it has a template: the rest stands in the template."""


def load_boards(place: Place) -> tuple[Board, ...]:
    """Return the boards of a place, in the order of the file; none where it has no `boards.toml`.

    Raises `RulesInvalid` with every fault of the file, `RulesUnreadable` where it is no TOML.
    """
    path = place.folder / FILE
    if not path.is_file():
        return ()
    statements = {one.problem_id for one in load_statements(place.folder)}
    return parse_boards(read_text(path), {one.id: one for one in load_bodies(place)}, statements)


def parse_boards(
    text: str, bodies: Mapping[str, Body], statements: Collection[str] = frozenset(PURPOSES)
) -> tuple[Board, ...]:
    """Return the boards that a file names. Raises as `load_boards`.

    `bodies` are those of the place, by id, and `statements` the ids of its problem statements.
    """
    top = read_toml(text, FILE, TOP)
    top.check_known(("board",))
    found = [_board(fields, bodies, statements) for fields in top.tables("board")]
    ids = [board.id for board in found]
    faults = list(top.faults)
    faults += [
        Fault(FILE, "id", f"{one!r} is there twice", "give each board its own id")
        for one in sorted({one for one in ids if one and ids.count(one) > 1})
    ]
    if faults:
        raise RulesInvalid(faults)
    return tuple(found)


def _board(fields: Fields, bodies: Mapping[str, Body], statements: Collection[str]) -> Board:
    board_id = fields.text("id", LONGEST_ID)
    if board_id in NOT_IDS or not all(part.isascii() and part.isalnum() for part in board_id.split("-")):
        fields.refuse("'id' must be letters, digits and hyphens, and neither actions nor decisions", "choose another")
    template = fields.code("template", shipped_templates()) if fields.has("template") else ""
    terms = _terms_of_template(fields, template) if template else _own_terms(fields)
    vacant = _vacant(fields, terms)
    terms = dataclasses.replace(terms, seats=_filled(fields, terms.seats, bodies, vacant))
    chair = _chair(fields, terms)
    name = fields.text("name", LONGEST_NAME)
    remit = _remit(fields, statements)
    board = Board(board_id, name, template, terms, chair, vacant, fields.day("review_date"), *remit)
    _check_quorum(fields, board)
    return board


def _own_terms(fields: Fields) -> Terms:
    fields.check_known((*BOARD_KEYS, *TERMS_KEYS))
    return parse_terms(fields)


def _terms_of_template(fields: Fields, template: str) -> Terms:
    """Return the template's terms with what the board says itself: purpose, quorum, how it decides, further seats."""
    fields.check_known((*BOARD_KEYS, *OVERRIDDEN))
    terms = shipped_templates()[template].terms
    known = {one.id for one in terms.seats}
    ids = [_seat_id(one) for one in fields.tables("seat")]
    for twice in sorted({one for one in ids if one and ids.count(one) > 1}):
        fields.refuse(f"the seat {twice!r} is there twice", "name all its bodies in one place")
    own = [one for one in fields.tables("seat") if _seat_id(one) not in known]
    for one in fields.tables("seat"):
        if _seat_id(one) in known:
            one.check_known(("id", "bodies"))
    further = tuple(parse_seat(one) for one in own)
    if any(one.chairs for one in further):
        fields.refuse("the template says which seat chairs", "leave chairs out of the further seat")
    seats = (*terms.seats, *further)
    if fields.has("purpose"):
        terms = dataclasses.replace(terms, purpose=fields.text("purpose", LONGEST_TEXT))
    if fields.has("quorum"):
        terms = dataclasses.replace(terms, quorum=parse_quorum(fields.table("quorum"), {one.id for one in seats}))
    if fields.has("deciding"):
        terms = dataclasses.replace(terms, deciding=parse_deciding(fields.table("deciding")))
    return dataclasses.replace(terms, seats=seats)


def _seat_id(fields: Fields) -> str:
    """Return what stands as the id of a seat, nothing where it is no text: `parse_seat` leaves the fault."""
    value = fields.values.get("id")
    return value.strip() if isinstance(value, str) else ""


def _remit(fields: Fields, statements: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements and backlogs that a board looks after; none where it does not say."""
    if not fields.has("remit"):
        return (), ()
    remit = fields.table("remit")
    remit.check_known(("statements", "backlogs"))
    return (
        remit.codes("statements", statements) if remit.has("statements") else (),
        remit.codes("backlogs", BACKLOGS) if remit.has("backlogs") else (),
    )


def _vacant(fields: Fields, terms: Terms) -> tuple[str, ...]:
    return fields.codes("vacant", {one.id for one in terms.seats}) if fields.has("vacant") else ()


def _filled(
    fields: Fields, seats: tuple[Seat, ...], bodies: Mapping[str, Body], vacant: Collection[str]
) -> tuple[Seat, ...]:
    """Return the seats with their bodies; leave a fault for who may not sit there, and for a seat that is empty."""
    named = {_seat_id(one): one for one in fields.tables("seat")}
    filled = []
    for seat in seats:
        found = _bodies_on(named[seat.id], seat, bodies) if seat.id in named and named[seat.id].has("bodies") else ()
        if len(found) < seat.least and seat.id not in vacant:
            fields.refuse(
                f"the seat {seat.id!r} has {len(found)} bodies and needs {seat.least} ({seat.source})",
                "name them, or name the seat under vacant",
            )
        filled.append(dataclasses.replace(seat, bodies=found))
    return tuple(filled)


def _bodies_on(fields: Fields, seat: Seat, bodies: Mapping[str, Body]) -> tuple[str, ...]:
    found = fields.codes("bodies", bodies)
    for body in found:
        if bodies[body].kind not in seat.kinds:
            allowed = ", ".join(sorted(seat.kinds))
            fields.refuse(f"{body!r} may not hold the seat {seat.id!r}", f"name a body of the kind {allowed}")
    return found


def _chair(fields: Fields, terms: Terms) -> Member:
    """Return who chairs: the body on the seat that does, named under `chair` where there are several."""
    seat = next((one for one in terms.seats if one.chairs), None)
    if seat is None or not seat.bodies:
        if seat is not None:
            fields.refuse("nobody is on the seat that chairs", f"name a body on the seat {seat.id!r}")
        return Member("", "")
    if fields.has("chair"):
        return Member(seat.id, fields.code("chair", seat.bodies))
    if len(seat.bodies) > 1:
        fields.refuse("several bodies are on the seat that chairs", 'say which chairs: chair = "…"')
    return Member(seat.id, seat.bodies[0])


def _check_quorum(fields: Fields, board: Board) -> None:
    """A board that could not be quorate with everybody there decides nothing: that is a fault of its terms."""
    quorum = board.terms.quorum
    if quorum.least > len(board.voting):
        fields.refuse(f"the quorum is {quorum.least} and {len(board.voting)} members vote", "lower it, or fill seats")
    for seat, least in quorum.seats.items():
        there = sum(1 for one in board.voting if one.seat == seat)
        if there < least:
            fields.refuse(f"the quorum needs {least} of the seat {seat!r}, which has {there} with a vote", "change one")
