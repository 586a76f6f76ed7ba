"""Terms of reference: who sits on a board, when it may decide and how, and what of it is public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from braid.place.remits import Remit

COMMISSIONER = "commissioner"
"""The seat of whoever prepares a board and writes down what it decides: on every board, without a vote."""
RULES: Mapping[str, str] = {
    "consensus": "by consensus: nobody is against it",
    "majority": "by a majority of those who vote",
    "two_thirds": "by two thirds of those who vote",
    "unanimous": "by all who vote",
}
"""How a board decides. Whoever abstains does not vote."""
PUBLICATIONS: Mapping[str, str] = {
    "public": "Open, but for items that are confidential",
    "members": "Confidential, but for items that are opened",
}
"""What an item of the agenda is unless somebody says otherwise."""


@dataclass(frozen=True)
class Member:
    """One body on one seat of a board, by their ids. One body may hold several seats."""

    seat: str
    body: str


@dataclass(frozen=True)
class Seat:
    """A seat: which kinds of bodies may fill it, how many must, and which bodies do.

    `least` is 0 where it may be empty. `source` is the law or guidance that asks for it.
    """

    id: str
    name: str
    kinds: frozenset[str]
    least: int
    votes: bool
    chairs: bool
    source: str
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quorum:
    """Who must be there for a board to decide, of its voting members.

    `least` members and, where `one_in` is not 0, one in so many of all, rounded up; of each seat named, so many.
    """

    least: int
    one_in: int
    seats: Mapping[str, int]
    source: str


@dataclass(frozen=True)
class Deciding:
    """How a board decides. `fallback` is the rule where consensus is not reached; empty where there is none.

    `chair_in_majority`: nothing is carried against the chair. `casting_vote`: the chair breaks a tie.
    """

    rule: str
    fallback: str
    chair_in_majority: bool
    casting_vote: bool
    source: str


@dataclass(frozen=True)
class Reserved:
    """A matter that the usual rule does not carry: another rule, seats that must agree, or everybody there."""

    id: str
    name: str
    rule: str
    needs: tuple[str, ...]
    all_present: bool
    source: str


@dataclass(frozen=True)
class Terms:
    """Terms of reference. `papers_clear_days` are working days between papers and meeting, without the two."""

    purpose: str
    legal_basis: str
    seats: tuple[Seat, ...]
    quorum: Quorum
    deciding: Deciding
    reserved: tuple[Reserved, ...]
    publication: str
    publication_source: str
    papers_clear_days: int
    papers_source: str

    def seat(self, seat_id: str) -> Seat:
        """Return a seat by its id. Raises `KeyError`."""
        return {one.id: one for one in self.seats}[seat_id]

    def matter(self, matter_id: str) -> Reserved:
        """Return a reserved matter by its id. Raises `KeyError`."""
        return {one.id: one for one in self.reserved}[matter_id]


@dataclass(frozen=True)
class Template:
    """Terms of reference that a kind of board begins with; no body sits on them yet."""

    id: str
    name: str
    terms: Terms


@dataclass(frozen=True)
class Board:
    """A board of a place. `template` is empty where its terms are its own; `vacant` are seats known to be empty."""

    id: str
    name: str
    template: str
    terms: Terms
    chair: Member
    vacant: tuple[str, ...]
    review_date: dt.date
    statements: tuple[str, ...] = ()
    """Problem statements in its remit."""
    backlogs: tuple[str, ...] = ()
    """Backlogs in its remit: the waits that it looks after."""

    @property
    def remit(self) -> Remit:
        """What the board looks after."""
        return Remit(self.id, self.statements, self.backlogs)

    @property
    def members(self) -> tuple[Member, ...]:
        """Every member, in the order of the seats."""
        return tuple(Member(seat.id, body) for seat in self.terms.seats for body in seat.bodies)

    @property
    def voting(self) -> tuple[Member, ...]:
        """The members with a vote."""
        return tuple(one for one in self.members if self.terms.seat(one.seat).votes)
