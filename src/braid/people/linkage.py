"""From evidence to persons, of a whole place or of a zone of it: two passes, with every guard in force."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from braid.people.components import Resolver
from braid.people.evidence import find_doubts
from braid.people.guarded import Evidence, Settled, protect_with, read_own, read_stays, settle
from braid.people.model import Edge, Rest
from braid.people.second_pass import find_homes, look_again, with_second_pass
from braid.store.engine import Engine


@dataclass(frozen=True)
class Linked:
    """What became of records: the persons, why edges are doubtful, the edges of the second pass, and of each record
    the home in which that pass saw it.

    `first_pass` maps a record to the first record of its person before the second pass; it is empty where that added
    nothing.
    """

    settled: Settled
    doubts: Mapping[Edge, str]
    second: tuple[Edge, ...]
    homes: Mapping[str, str]
    first_pass: Mapping[str, str]


def link_records(engine: Engine, records: pa.Table, evidence: Evidence, beside: frozenset[str] = frozenset()) -> Linked:
    """Return the persons of `records`, the linkage table, whose source tables `engine` holds.

    What is certain of the edges and comparable of the records is found here. `beside` are postcodes at which somebody
    is protected who is not among the records.
    """
    doubts = find_doubts(evidence.edges, records, evidence.facts)
    evidence = replace(
        evidence,
        certain=frozenset(edge for edge in evidence.edges if edge not in doubts),
        rest=Rest(evidence.rest.weak, find_comparable(records)),
    )
    resolver = Resolver(evidence.record_ids, evidence.edges, evidence.facts, evidence.rest)
    own, protect, stays = read_own(engine), protect_with(engine, evidence.sides), read_stays(engine)
    settled = settle(evidence, own, protect, resolver, stays, beside)
    homes = find_homes(engine, evidence, settled)
    home_of = {record: homes[group[0]] for group in settled.resolution.groups if group[0] in homes for record in group}
    second = look_again(engine, records, evidence, settled, homes)
    first_pass: Mapping[str, str] = {}
    if second:
        first_pass = {record: group[0] for group in settled.resolution.groups for record in group}
        evidence, doubtful = with_second_pass(evidence, second, records)
        doubts |= doubtful
        resolver.extend(second)
        settled = settle(evidence, own, protect, resolver, stays, beside)
    return Linked(settled, doubts, second, home_of, first_pass)


def find_comparable(records: pa.Table) -> frozenset[str]:
    """Return the records that hold a name and a birth date: of two of them, one person's would have been scored."""
    columns = (records.column(name).to_pylist() for name in ("record_id", "forename", "surname", "birth_date"))
    return frozenset(record_id for record_id, *held in zip(*columns, strict=True) if all(held))


def narrow(evidence: Evidence, zone: Set[str]) -> Evidence:
    """Return the evidence of the records of a zone alone. Edges lead from none of them to another record."""
    return replace(
        evidence,
        record_ids=[record for record in evidence.record_ids if record in zone],
        edges=tuple(edge for edge in evidence.edges if edge.left in zone),
        facts={record: evidence.facts[record] for record in zone if record in evidence.facts},
        rest=Rest(tuple(edge for edge in evidence.rest.weak if edge.left in zone and edge.right in zone)),
    )


def select(records: pa.Table, zone: Set[str]) -> pa.Table:
    """Return the rows of a linkage table that are of a zone."""
    return records.filter(pc.is_in(records.column("record_id"), pa.array(sorted(zone), pa.string())))
