"""The tables of persons that a run writes, what it reads of them again, and its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from braid.language.findings import LINK_PROPOSAL, PERSON_HISTORY, PERSON_LINK, RECORD_MEMORY
from braid.people.guarded import Settled, count_refused
from braid.people.model import NO_FACTS, Edge, Facts, Identities, LinkSummary, Resolution
from braid.people.night import Compared
from braid.people.resolve import MUST_LINK_WEIGHT
from braid.people.second_pass import SECOND_PASS_BITS
from braid.store.engine import Engine


def write_links(engine: Engine, resolution: Resolution, identities: Identities, facts: Mapping[str, Facts]) -> None:
    """Write `person_link` and `person_history`. `facts` say by what an edge joined its two records."""
    engine.load_rows(
        PERSON_LINK,
        [
            _link_row(record_id, person_id, resolution.held_by.get(record_id), facts)
            for record_id, person_id in identities.person_ids.items()
        ],
    )
    engine.load_rows(
        PERSON_HISTORY,
        [
            {
                "person_id": row.person_id,
                "change": row.change,
                "other_person_id": row.other_person_id,
                "cause": row.cause,
            }
            for row in identities.history
        ],
    )


def _link_row(record_id: str, person_id: str, edge: Edge | None, facts: Mapping[str, Facts]) -> dict[str, Any]:
    return {
        "person_record_id": record_id,
        "person_id": person_id,
        "match_weight": edge.weight if edge else None,
        "method": _method(edge, facts),
    }


def _method(edge: Edge | None, facts: Mapping[str, Facts]) -> str:
    if edge is None:
        return "single"
    if edge.weight >= MUST_LINK_WEIGHT:
        return "human"
    if is_by_household(edge):
        return "rule"
    left, right = (facts.get(record_id, NO_FACTS).claims for record_id in (edge.left, edge.right))
    shares = any(right.get(scheme) == value for scheme, value in left.items())
    return "exact_id" if shares else "probabilistic"


def is_by_household(edge: Edge | None) -> bool:
    """Whether the second pass found an edge."""
    return edge is not None and edge.weight == SECOND_PASS_BITS


def write_memory(
    engine: Engine, memory: Mapping[str, str], ended: frozenset[str], withdrawn: Mapping[str, str]
) -> None:
    """Write who each record was last. An id that led across a seal is forgotten, so that nobody comes back to it; so is
    a record that was withdrawn."""
    rows = (
        {"person_record_id": record, "person_id": person}
        for record, person in memory.items()
        if person not in ended and record not in withdrawn
    )
    engine.load_rows(RECORD_MEMORY, rows)


def write_proposals(
    engine: Engine, resolution: Resolution, doubts: Mapping[Edge, str], contested: Mapping[Edge, str]
) -> None:
    """Write `link_proposal`: the edges that humans are asked about, each with its cause."""
    tied = {item.edge for item in resolution.refused if item.reason == "tie"}
    causes = {edge: "tie" if edge in tied else doubts[edge] for edge in resolution.proposed} | dict(contested)
    engine.load_rows(
        LINK_PROPOSAL,
        [
            {
                "record_a": edge.left,
                "record_b": edge.right,
                "weight": edge.weight,
                "cause": cause,
            }
            for edge, cause in causes.items()
        ],
    )


def read_persons(engine: Engine) -> dict[str, tuple[str, ...]]:
    """Return the records of each person by `person_link`, in order."""
    return _persons_of(engine.arrow("select person_id, person_record_id from person_link order by person_record_id"))


def read_persons_of(engine: Engine, records: Iterable[str], persons: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return the records of `persons`, and of each person of whom one of `records` is, in order."""
    engine.load_arrow("asked_record", pa.table({"record_id": pa.array(sorted(records), pa.string())}))
    engine.load_arrow("asked_person", pa.table({"person_id": pa.array(sorted(persons), pa.string())}))
    held = engine.arrow(
        "select l.person_id, l.person_record_id from person_link l join ("
        "select m.person_id from person_link m join asked_record a on a.record_id = m.person_record_id"
        " union select person_id from asked_person) as p on p.person_id = l.person_id order by l.person_record_id"
    )
    for name in ("asked_record", "asked_person"):
        engine.forget(name)
    return _persons_of(held)


def _persons_of(links: pa.Table) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for person, record in zip(*(column.to_pylist() for column in links.columns), strict=True):
        found.setdefault(person, []).append(record)
    return {person: tuple(records) for person, records in found.items()}


def read_standards_of(engine: Engine, records: Iterable[str] | None = None) -> dict[str, str]:
    """Return the standard of each record; with `records`, of these alone."""
    asked = ""
    if records is not None:
        engine.load_arrow("asked_record", pa.table({"record_id": pa.array(sorted(records), pa.string())}))
        asked = " join asked_record a on a.record_id = r.record_id"
    columns = engine.arrow(f"select r.record_id, r.standard from person_record r{asked}").columns
    engine.forget("asked_record")
    return dict(zip(*(column.to_pylist() for column in columns), strict=True))


def summarise(
    compared: Compared, settled: Settled, identities: Identities, counts: tuple[int, int, int], version: str
) -> LinkSummary:
    """Return the summary; `counts` are records, persons and protected persons."""
    records, persons, protected = counts
    found = compared.counts
    refused = count_refused(settled.resolution)
    changes = Counter(row.change for row in identities.history)
    return LinkSummary(
        records=records,
        pairs_scored=found.pairs_scored,
        keys_over_cap=found.keys_over_cap,
        edges=compared.strong,
        refused_by_constraint=refused["constraint"],
        refused_by_tie=refused["tie"],
        refused_by_protection=refused["protected"],
        refused_by_bridge=refused["bridge"],
        proposals=len(settled.resolution.proposed),
        decisions_refused=len(settled.problems),
        persons=persons,
        new=changes["new"],
        merged=changes["merged"],
        split=changes["split"],
        retired=changes["retired"],
        protected=protected,
        model_version=version,
        problems=settled.problems,
        keys_refined=found.keys_refined,
        pairs_lost=found.pairs_lost,
    )
