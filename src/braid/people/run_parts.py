"""What the steps of the people stage hand on, one to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from braid.people.guarded import Evidence, Settled
from braid.people.lineage import Past
from braid.people.linkage import Linked
from braid.people.model import Edge, EdgeSet, Identities
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

    @cached_property
    def record_ids(self) -> list[str]:
        """All records, in order."""
        found: list[str] = self.records.column("record_id").to_pylist()
        return found

    @cached_property
    def present(self) -> frozenset[str]:
        """All records."""
        return frozenset(self.record_ids)


@dataclass(frozen=True)
class Weighed:
    """Which pairs were found, what seals say, and the day of which the run speaks."""

    rows: Standardised
    seals: Seals
    compared: Compared
    day: dt.date

    @property
    def found(self) -> EdgeSet:
        """The edges."""
        return self.compared.found

    @cached_property
    def sealed(self) -> frozenset[str]:
        """The records on a side of a seal."""
        return frozenset(self.seals.sides)


@dataclass(frozen=True)
class Asked:
    """What there is to decide who is whom by: the past, the evidence, and the records that humans and seals name, and
    those beside a sealed one."""

    weighed: Weighed
    past: Past
    evidence: Evidence
    named: frozenset[str]
    beside: frozenset[str]


@dataclass(frozen=True)
class Found:
    """What became of the records: of everybody, or of a zone in a `part` of the engine, with what stands outside it.

    `known` is the past, and `here` the linkage table, of these records.
    """

    asked: Asked
    part: Engine
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
