"""What linking expects of its own error, and which pairs humans are asked about.

A night asks it of whom it touches and of whoever is a scored pair away from them: a gap depends on who else would fill
it. Of all others the run before told. Sums, the order of the queue and what it says are made anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.people import night
from braid.people.expected import Gap, create_link_error, find_gaps, find_joins, load_errors
from braid.people.gather import facts_beside
from braid.people.link_engine import explain_pairs
from braid.people.linkage import select
from braid.people.model import Edge, EdgeSet, Facts, FieldWeight
from braid.people.night import Night
from braid.people.resolve import Contradictions
from braid.people.review_queue import (
    LEAST_CHANCE,
    Doubt,
    Review,
    Standing,
    describe_reviews,
    find_doubts_of,
    list_decided,
    list_sample,
    order_queue,
    read_waits,
    write_queue,
)
from braid.people.run_call import Call
from braid.people.run_parts import Found, Named
from braid.people.run_tables import read_persons, read_persons_of, read_standards_of
from braid.people.sampling import Sample, find_sample, read_carried, write_sample
from braid.people.second_pass import with_household

Pair = tuple[str, str]
_LISTED = pa.list_(pa.string())
DOUBT_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("left", "right", "cause")),
        *(("chance", pa.float64()), ("is_joined", pa.bool_()), ("left_records", _LISTED), ("right_records", _LISTED)),
    ]
)


@dataclass(frozen=True)
class _Judged:
    """The doubts worth a look, of everybody; and who is whom, where everybody was asked."""

    doubts: Sequence[Doubt]
    standing: Standing | None = None


def judge(call: Call, named: Named) -> list[Review]:
    """Write what linking expects of its own error, and which pairs humans are asked about; return the latter."""
    course, found = call.course, named.found
    if found.zone is None or course.night is None:
        judged = _judge_all(call, named)
    else:
        judged = _judge_some(call, named, _Around(call, named, course.night))
    if course.night is not None:
        _keep(call, course.night, judged)
    create_link_error(call.engine, found.asked.weighed.rows.records, call.said.groups)
    return _ask_humans(call, named, judged)


def _judge_all(call: Call, named: Named) -> _Judged:
    standing = _stand(named, read_persons(call.engine), named.found.evidence.facts, _all_edges(named.found))
    standard_of = read_standards_of(call.engine)
    scored = (*standing.found.edges, *standing.found.weak)
    gaps = list(find_gaps(standing.persons, scored, standard_of, _contradictions(named, standing.facts)))
    load_errors(call.engine, find_joins(standing.persons, scored, standard_of), gaps)
    return _Judged(_worth(standing, gaps), standing)


def _judge_some(call: Call, named: Named, around: _Around) -> _Judged:
    """Judge whom a night touches and who is beside them, and add what the run before said of all others."""
    engine, zone = call.engine, around.zone
    facts = {**named.found.evidence.facts, **facts_beside(call, named.found.asked, around.all_records - zone)}
    standing = _stand(named, around.persons, facts, around.edges, around.records)
    standard_of = read_standards_of(engine, around.all_records)
    scored = (*standing.found.edges, *standing.found.weak)
    contradictions = _contradictions(named, facts)
    gaps = list(find_gaps(around.persons, scored, standard_of, contradictions, around.shares, around.asked))
    inside = [edge for edge in scored if edge.left in zone and edge.right in zone]
    ours = {person: around.persons[person] for person in around.touched if person in around.persons}
    load_errors(engine, find_joins(ours, inside, standard_of), gaps)
    _add_rows(call, "link_join", _without(around.joins, ("person_id",), around.touched))
    _add_rows(call, "link_gap", _without(around.gaps, ("person_id", "other_person_id"), around.asked | around.touched))
    doubts = pq.read_table(around.night.earlier(night.DOUBTS))
    kept = _without(doubts, ("left", "right"), around.records | zone).to_pylist()
    return _Judged([*(_doubt_of(row) for row in kept), *_worth(standing, gaps)])


class _Around:
    """Whom a night touches, `touched`, as they were or are; `asked` besides them whoever is a scored pair away."""

    def __init__(self, call: Call, named: Named, before: Night) -> None:
        found = named.found
        self.night, self._found, self.zone = before, found, found.zone or frozenset()
        self.joins = pq.read_table(before.earlier(night.JOINS))
        self.gaps = pq.read_table(before.earlier(night.GAPS))
        now = frozenset(named.identities.person_ids.values())
        was = found.before or frozenset()
        self.touched = now | was
        near = {end for edge in _scored(_edges_of(found, self.zone)) for end in (edge.left, edge.right)} - self.zone
        beside = self.gaps.filter(_has_end(self.gaps, was))
        far = {*beside.column("person_id").to_pylist(), *beside.column("other_person_id").to_pylist()}
        fresh = read_persons_of(call.engine, self.zone | near, far - was)
        self.asked = frozenset(fresh)
        self.records = frozenset(record for records in fresh.values() for record in records)
        self.edges = _edges_of(found, self.records)
        ends = {end for edge in _scored(self.edges) for end in (edge.left, edge.right)}
        self.persons = read_persons_of(call.engine, self.records | ends)
        self.all_records = frozenset(record for records in self.persons.values() for record in records)

    @cached_property
    def shares(self) -> dict[Pair, tuple[float, float]]:
        """What the run before said of the gaps between somebody who is asked and somebody who is not, by both."""
        rows = self.gaps.filter(_has_end(self.gaps, self.asked)).to_pylist()
        return {(row["person_id"], row["other_person_id"]): (row["share"], row["other_share"]) for row in rows}


def _has_end(gaps: pa.Table, persons: Set[str]) -> pa.ChunkedArray:
    ids = pa.array(persons, pa.string())
    return pc.or_(*(pc.is_in(gaps.column(name), ids) for name in ("person_id", "other_person_id")))


def _without(table: pa.Table, columns: Iterable[str], ids: Set[str]) -> pa.Table:
    """Return the rows that name none of `ids` in any of the columns."""
    named = pa.array(ids, pa.string())
    for name in columns:
        table = table.filter(pc.invert(pc.is_in(table.column(name), named)))
    return table


def _add_rows(call: Call, name: str, rows: pa.Table) -> None:
    call.engine.load_arrow("kept_row", rows)
    columns = ", ".join(rows.column_names)
    call.engine.create(name, f"select {columns} from {name} union all select {columns} from kept_row")
    call.engine.forget("kept_row")


def _edges_of(found: Found, records: Set[str]) -> EdgeSet:
    """Return the scored pairs, and those of the second pass, that have an end in `records`."""
    edges = found.asked.weighed.compared.edges_of(records)
    second = (edge for edge in found.second if edge.left in records or edge.right in records)
    return replace(edges, edges=(*edges.edges, *second))


def _all_edges(found: Found) -> EdgeSet:
    edges = found.asked.weighed.compared.edges_of()
    return replace(edges, edges=(*edges.edges, *found.second))


def _scored(edges: EdgeSet) -> tuple[Edge, ...]:
    return (*edges.edges, *edges.weak)


def _contradictions(named: Named, facts: Mapping[str, Facts]) -> Contradictions:
    found = named.found
    return Contradictions(facts, found.settled.decisions, found.asked.weighed.seals.sides)


def _stand(
    named: Named,
    persons: Mapping[str, tuple[str, ...]],
    facts: Mapping[str, Facts],
    edges: EdgeSet,
    records: Set[str] | None = None,
) -> Standing:
    """Return how linking ended; with `records`, of pairs that have an end there."""
    found = named.found
    settled, doubts, contested = found.whole, found.doubts, named.contested
    if records is not None:

        def is_asked(edge: Edge) -> bool:
            return edge.left in records or edge.right in records

        told = settled.resolution
        refused = tuple(item for item in told.refused if is_asked(item.edge))
        proposed = tuple(edge for edge in told.proposed if is_asked(edge))
        settled = replace(settled, resolution=replace(told, refused=refused, proposed=proposed))
        contested = {edge: cause for edge, cause in contested.items() if is_asked(edge)}
    return Standing(persons, settled, edges, doubts, contested, facts, found.asked.weighed.sealed)


def _worth(standing: Standing, gaps: Iterable[Gap]) -> list[Doubt]:
    return [doubt for doubt in find_doubts_of(standing, gaps) if doubt.chance >= LEAST_CHANCE]


def _keep(call: Call, target: Night, judged: _Judged) -> None:
    """Keep for the night after what was said of everybody. No pair of somebody sealed is in it."""
    for name, state, order in (("link_join", night.JOINS, _OF_JOINS), ("link_gap", night.GAPS, _OF_GAPS)):
        rows = call.engine.arrow(f"select {', '.join(order)} from {name} order by {', '.join(order)}")
        pq.write_table(rows, target.state(state), compression="zstd")
    rows = [
        (*doubt.pair, doubt.cause, doubt.chance, doubt.is_joined, list(doubt.left), list(doubt.right))
        for doubt in sorted(judged.doubts, key=lambda doubt: doubt.pair)
    ]
    night.keep_doubts(target, night.table_of(rows, DOUBT_SCHEMA))


_OF_JOINS = ("person_id", "source_a", "source_b", "pairs", "chance")
_OF_GAPS = ("person_id", "other_person_id", "source_a", "source_b", "pairs", "chance", "share", "other_share")


def _doubt_of(row: Mapping[str, Any]) -> Doubt:
    sides = (tuple(row["left_records"]), tuple(row["right_records"]))
    return Doubt((row["left"], row["right"]), row["cause"], row["chance"], *sides, is_joined=row["is_joined"])


def _ask_humans(call: Call, named: Named, judged: _Judged) -> list[Review]:
    """Write the pairs that humans are asked about, the likeliest errors and a sample; return the former."""
    engine, plan, evidence = call.engine, call.said.sample_plan, named.found.evidence
    waits = read_waits(engine, (one for doubt in judged.doubts for one in (*doubt.left, *doubt.right)))
    queue = order_queue(judged.doubts, waits)
    asked = {review.doubt.pair for review in queue}
    latest = {pair: decision.decided_date for pair, decision in evidence.decided.pairs if pair not in asked}
    standing = judged.standing or _stand_for(call, named, {*asked, *latest})
    reviews = [*queue, *list_decided(standing, latest.items())]
    sample, drawn = None, []
    if plan:
        sample = find_sample(engine, plan, standing, call.previous_links, call.model["threshold"])
        drawn = list_sample(sample.strata, standing)
    _write_reviews(call, named, standing, reviews, drawn, sample)
    return reviews


def _stand_for(call: Call, named: Named, pairs: Set[Pair]) -> Standing:
    """Return how linking ended for whoever `pairs` name, a sample that is carried, or a seal; and for everybody where a
    sample has to be drawn."""
    found, plan = named.found, call.said.sample_plan
    carried = read_carried(call.previous_links, plan.as_of) if plan else None
    if plan and carried is None:
        return _stand(named, read_persons(call.engine), {}, _all_edges(found))
    records = {record for pair in (*pairs, *(carried.strata if carried else ())) for record in pair}
    persons = read_persons_of(call.engine, records | found.asked.weighed.sealed)
    return _stand(named, persons, {}, _edges_of(found, frozenset()))


def _write_reviews(
    call: Call,
    named: Named,
    standing: Standing,
    reviews: Sequence[Review],
    drawn: Sequence[Review],
    sample: Sample | None,
) -> None:
    described = (*reviews, *drawn)
    fields = _explain(call, named.found, list(dict.fromkeys(review.doubt.pair for review in described)))
    waits = read_waits(call.engine, (one for each in described for one in (*each.doubt.left, *each.doubt.right)))
    write_queue(call.engine, standing, reviews, fields, waits, drawn)
    if sample:
        write_sample(call.engine, sample, describe_reviews(call.engine, standing, drawn, fields, waits))


def _explain(call: Call, found: Found, pairs: Sequence[Pair]) -> Mapping[Pair, Sequence[FieldWeight]]:
    """Return how the fields of pairs weigh, by what is in force, and with what households add."""
    weighed, course = found.asked.weighed, call.course
    force = weighed.compared.in_force
    explained = explain_pairs(
        select(weighed.rows.records, {record for pair in pairs for record in pair}),
        force.model,
        pairs,
        course.memory_limit,
        course.spill_folder,
        force.standards,
        record_count=force.records,
    )
    return with_household(explained, found.second)
