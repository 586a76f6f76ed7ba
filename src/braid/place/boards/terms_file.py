"""Terms of reference as text: a template that ships, or a board of its own in `boards.toml`. Read strictly."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from braid.language.rule_files import Fields
from braid.place.boards.terms import COMMISSIONER, PUBLICATIONS, RULES, Deciding, Quorum, Reserved, Seat, Terms
from braid.place.bodies import BODY_KINDS

LONGEST_ID, LONGEST_NAME, LONGEST_TEXT = 40, 120, 1000
MOST_BODIES = 40
MOST_CLEAR_DAYS = 28
TERMS_KEYS = (
    *("purpose", "legal_basis", "publication", "publication_source", "papers_clear_days", "papers_source"),
    *("seat", "quorum", "deciding", "reserved"),
)


def parse_terms(fields: Fields) -> Terms:
    """Return terms of reference from the fields of one table; what is wrong is left in its faults."""
    seats = tuple(parse_seat(one) for one in fields.tables("seat"))
    _check_seats(fields, seats)
    known = {one.id for one in seats}
    return Terms(
        fields.text("purpose", LONGEST_TEXT),
        fields.text("legal_basis", LONGEST_TEXT),
        seats,
        parse_quorum(fields.table("quorum"), known) if fields.has("quorum") else _no_quorum(fields),
        parse_deciding(fields.table("deciding")) if fields.has("deciding") else _no_deciding(fields),
        parse_reserved(fields, known),
        fields.code("publication", PUBLICATIONS),
        fields.text("publication_source", LONGEST_TEXT),
        fields.number("papers_clear_days", "working days", 0, MOST_CLEAR_DAYS),
        fields.text("papers_source", LONGEST_TEXT),
    )


def parse_seat(fields: Fields) -> Seat:
    """Return a seat, with no body on it yet."""
    fields.check_known(("id", "name", "kinds", "least", "votes", "chairs", "source", "bodies"))
    seat_id = fields.name("id", LONGEST_ID)
    if seat_id == COMMISSIONER:
        fields.refuse(f"every board has the seat {COMMISSIONER!r} already", "choose another id")
    return Seat(
        seat_id,
        fields.text("name", LONGEST_NAME),
        frozenset(fields.codes("kinds", BODY_KINDS)),
        fields.number("least", "bodies", 0, MOST_BODIES),
        fields.flag("votes"),
        fields.flag("chairs") if fields.has("chairs") else False,
        fields.text("source", LONGEST_TEXT),
    )


def parse_quorum(fields: Fields, seats: Collection[str]) -> Quorum:
    """Return the quorum; `seats` are the ids that it may name."""
    fields.check_known(("least", "one_in", "seats", "source"))
    named = fields.values.get("seats", {})
    if not isinstance(named, dict):
        fields.refuse("'seats' must be a table", "write seats = { mayor = 1 }")
        named = {}
    for unknown in sorted(set(named) - set(seats)):
        fields.refuse(f"the quorum names the seat {unknown!r}, which is not there", "use the id of a seat")
    below = fields.named("quorum seats", named)
    least_of = {seat: below.number(seat, "members", 1, MOST_BODIES) for seat in named if seat in seats}
    one_in = fields.number("one_in", "members", 1, MOST_BODIES) if fields.has("one_in") else 0
    return Quorum(
        fields.number("least", "members", 1, MOST_BODIES), one_in, least_of, fields.text("source", LONGEST_TEXT)
    )


def parse_deciding(fields: Fields) -> Deciding:
    """Return how the board decides."""
    fields.check_known(("rule", "fallback", "chair_in_majority", "casting_vote", "source"))
    rule = fields.code("rule", RULES)
    fallback = fields.code("fallback", set(RULES) - {"consensus"}) if fields.has("fallback") else ""
    if fallback and rule != "consensus":
        fields.refuse("'fallback' is for a board that decides by consensus", "leave it out")
    return Deciding(
        rule,
        fallback,
        fields.flag("chair_in_majority") if fields.has("chair_in_majority") else False,
        fields.flag("casting_vote") if fields.has("casting_vote") else False,
        fields.text("source", LONGEST_TEXT),
    )


def parse_reserved(fields: Fields, seats: Collection[str]) -> tuple[Reserved, ...]:
    """Return the matters that the usual rule does not carry, each with an id of its own."""
    found = tuple(_reserved(one, seats) for one in fields.tables("reserved"))
    for twice in _twice([one.id for one in found]):
        fields.refuse(f"the reserved matter {twice!r} is there twice", "give each its own id")
    return found


def _reserved(fields: Fields, seats: Collection[str]) -> Reserved:
    fields.check_known(("id", "name", "rule", "needs", "all_present", "source"))
    return Reserved(
        fields.name("id", LONGEST_ID),
        fields.text("name", LONGEST_NAME),
        fields.code("rule", RULES),
        fields.codes("needs", seats) if fields.has("needs") else (),
        fields.flag("all_present") if fields.has("all_present") else False,
        fields.text("source", LONGEST_TEXT),
    )


def _check_seats(fields: Fields, seats: tuple[Seat, ...]) -> None:
    for twice in _twice([one.id for one in seats]):
        fields.refuse(f"the seat {twice!r} is there twice", "give each seat its own id")
    if not any(one.votes for one in seats):
        fields.refuse("no seat has a vote", "write votes = true at one seat at least")
    if sum(one.chairs for one in seats) != 1:
        fields.refuse("one seat chairs, no more and no less", "write chairs = true at that seat alone")


def _twice(ids: list[str]) -> list[str]:
    return sorted({one for one in ids if one and ids.count(one) > 1})


def _no_quorum(fields: Fields) -> Quorum:
    fields.refuse("there is no quorum", "add a table quorum with least and source")
    return Quorum(1, 0, _NOBODY, "")


def _no_deciding(fields: Fields) -> Deciding:
    fields.refuse("nothing says how it decides", "add a table deciding with rule and source")
    return Deciding("consensus", "", False, False, "")


_NOBODY: Mapping[str, int] = {}
