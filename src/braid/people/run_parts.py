"""What the steps of the people stage hand on, one to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from braid.people.decisions import Decided
from braid.people.guarded import Evidence, Settled
from braid.people.lineage import Past
from braid.people.linkage import Linked
from braid.people.model import Decisions, Edge, Identities
from braid.people.night import Compared
from braid.people.outside import Outside, with_outside
from braid.people.seals import Seals
from braid.people.wrong_numbers import WrongNumbers
from braid.store.engine import Engine


@dataclass(frozen=True)
class Standardised:
    """The linkage table; of which records a row was made anew (`None`: of all); whose numbers are wrong; by what
    linking is done (`made_by`); and whether what the run before said may stand."""

    records: pa.Table
    redone: frozenset[str] | None
    wrong: WrongNumbers
    maker: str
    stands: bool

    def those_of(self, names: Set[str]) -> frozenset[str]:
        """Return those of some names that are records."""
        if not names:
            return frozenset()
        ids = self.records.column("record_id")
        return frozenset(ids.filter(pc.is_in(ids, pa.array(names, pa.string()))).to_pylist())


@dataclass(frozen=True)
class Weighed:
    """Which pairs were found, what seals say, and the day of which the run speaks."""

    rows: Standardised
    seals: Seals
    compared: Compared
    day: dt.date

    @cached_property
    def sealed(self) -> frozenset[str]:
        """The records on a side of a seal."""
        return frozenset(self.seals.sides)


@dataclass(frozen=True)
class Asked:
    """What humans and seals say of who is whom, and what of the past they go by.

    `past` is that of whom humans parted in earlier runs, `present` those of them that are there. `named` are the
    records that decisions and seals name, `beside` those that a pair leads to from a sealed one; `standards` are those
    of feeds.
    """

    weighed: Weighed
    past: Past
    present: frozenset[str]
    decisions: Decisions
    decided: Decided
    named: frozenset[str]
    beside: frozenset[str]
    standards: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """What became of the records: of everybody, or of a zone in a `part` of the engine, with what stands outside it.

    `evidence`, `known`, the past, and `here`, the linkage table, are of these records.
    """

    asked: Asked
    part: Engine
    evidence: Evidence
    linked: Linked
    outside: Outside
    zone: frozenset[str] | None
    known: Past
    here: pa.Table

    @cached_property
    def settled(self) -> Settled:
        """What became of the zone."""
        return self.linked.settled

    @cached_property
    def whole(self) -> Settled:
        """What became of everybody."""
        return with_outside(self.settled, self.outside)

    @cached_property
    def doubts(self) -> Mapping[Edge, str]:
        """The edges that humans are asked about, each with its cause."""
        return {**self.outside.proposals, **self.linked.doubts}

    @cached_property
    def second(self) -> tuple[Edge, ...]:
        """The edges that households added."""
        return tuple(sorted((*self.outside.second, *self.linked.second), key=lambda edge: (edge.left, edge.right)))

    @property
    def before(self) -> frozenset[str] | None:
        """The persons of the run before whom a zone holds; `None` where everybody was linked."""
        return None if self.zone is None else frozenset(self.known.persons.values())


@dataclass(frozen=True)
class Named:
    """Who each record is, which ids ended with a seal, and what contradicts."""

    found: Found
    identities: Identities
    ended: frozenset[str]
    contested: Mapping[Edge, str]
