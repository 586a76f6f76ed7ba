"""What there is to decide who is whom by, of everybody or of a zone: edges, facts, decisions and the past."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from functools import partial

import pyarrow as pa

from braid.people.components import find_named
from braid.people.decisions import find_decided, find_parted_by_withdrawn
from braid.people.facts import read_facts, read_standards, with_apart
from braid.people.guarded import Evidence
from braid.people.lineage import (
    Past,
    find_standing,
    keep_apart,
    leave_out_older,
    load_past,
    part_whole,
    read_apart,
    read_past,
    with_parted,
)
from braid.people.linkage import select
from braid.people.model import EdgeSet, Facts, Rest
from braid.people.night import find_beside
from braid.people.run_call import Call
from braid.people.run_parts import Asked, Weighed
from braid.people.zone import BESIDE, cut_out, find_tied
from braid.store.engine import Engine


def gather(call: Call, weighed: Weighed) -> Asked:
    """Return what humans and seals say, and what of the past they go by. It asks of few records, whoever is linked."""
    engine, said, rows = call.engine, call.said, weighed.rows
    of_withdrawn = find_parted_by_withdrawn(said.decision_rows, said.withdrawn)
    load_past(engine, call.previous_links)
    parted = find_standing(engine, call.previous_links, (*read_apart(engine), *of_withdrawn))
    past = with_parted(read_past(engine, call.previous_links, parted), of_withdrawn)
    present = rows.those_of(parted)
    apart = keep_apart(past, present).keys()
    decisions = replace(said.decisions, cannot_link=said.decisions.cannot_link | apart)
    decided = leave_out_older(find_decided(engine, said.decision_rows), past)
    named = find_named(decisions, (pair for pair, _ in decided.pairs), weighed.seals.sides)
    beside = find_beside(weighed.compared, weighed.sealed)
    return Asked(weighed, past, present, decisions, decided, named, beside, read_standards(engine))


def evidence_of(
    call: Call, asked: Asked, part: Engine, records: pa.Table, zone: Set[str] | None
) -> tuple[Evidence, Past]:
    """Return the evidence and the past of `records`, a linkage table of everybody or of a `zone`, whose source tables
    `part` holds. Edges lead from no record of a zone to another one."""
    edges = asked.weighed.compared.edges_of(zone)
    past = with_parted(
        read_past(call.engine, call.previous_links, zone),
        find_parted_by_withdrawn(call.said.decision_rows, call.said.withdrawn),
    )
    weak = edges.weak
    if zone is not None:
        weak = tuple(edge for edge in weak if edge.left in zone and edge.right in zone)
    evidence = Evidence(
        record_ids=records.column("record_id").to_pylist(),
        edges=edges.edges,
        facts=_facts_of(call, asked, part, records, edges),
        decisions=asked.decisions,
        decided=asked.decided,
        sides=asked.weighed.seals.sides,
        rest=Rest(weak),
        widen=partial(part_whole, past),
    )
    return evidence, past


def facts_beside(call: Call, asked: Asked, records: Set[str]) -> dict[str, Facts]:
    """Return the facts of records that no zone holds. What a record may not contradict its own rows say, and those of
    whoever stands in a case with it. Reads `tie`."""
    if not records:
        return {}
    around = records | find_tied(call.engine, records)
    part = cut_out(call.engine, around, BESIDE)
    edges = asked.weighed.compared.edges_of(records)
    facts = _facts_of(call, asked, part, select(asked.weighed.rows.records, around), edges)
    return {record: facts[record] for record in records if record in facts}


def _facts_of(call: Call, asked: Asked, part: Engine, records: pa.Table, edges: EdgeSet) -> dict[str, Facts]:
    unlike = edges.apart | {(edge.left, edge.right) for edge in edges.confused}
    facts = read_facts(part, records, call.said.feed_trust, asked.weighed.rows.wrong, asked.standards)
    return with_apart(facts, unlike)
