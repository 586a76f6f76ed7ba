"""Edges of a night from those of the run before: what did not change is not compared again.

A run keeps its linkage table, which pairs it compared, those that it found with their weights, and how frequent values
were when its release came into force. A night standardises everybody and finds all pairs that share a key, which is
cheap, by the same code and from the same records as any run; so whatever a key's cap does, the pairs are those of a
full run. It scores those of them that have a record whose row is otherwise, or that the run before did not compare.

The release in force is what a weight depends on besides the two records: model, frequencies of values, standards of
feeds, and the step of the prior. While it is frozen a night finds the edges of a full run. It begins anew where the
model, the code, a library or the standard of a feed is another, or there are more than twice or fewer than half as many
records; then everybody is compared.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.people import link_engine
from braid.people.components import Resolver, Standing, digest_facts, find_otherwise
from braid.people.link_engine import Cluster, Earlier, ScoredPairs
from braid.people.model import Edge, EdgeSet, Facts, RefusedEdge, Rest
from braid.people.release import RARE_COLUMNS, fingerprint_of

RECORDS, COMPARED, FOUND, FREQUENCIES = "night_records", "night_compared", "night_pairs", "night_frequencies"
PERSONS, REFUSED = "night_persons", "night_refused"
FILES = (RECORDS, COMPARED, FOUND, FREQUENCIES, PERSONS, REFUSED)
"""What a run keeps for the night after it, beside its tables."""

LIBRARIES = ("duckdb", "splink")
CODE = ("candidate_keys", "comparisons", "components", "link_engine", "names", "night", "release", "resolve")
"""Modules whose code says what is kept, or what follows from it."""
_REFUSED_SCHEMA = pa.schema(
    [
        *(("left", pa.string()), ("right", pa.string()), ("weight", pa.float64()), ("reason", pa.string())),
        *(("is_contested", pa.bool_()), ("is_last", pa.bool_())),
    ]
)
_FREQUENCY_SCHEMA = pa.schema([("name", pa.string()), ("value", pa.string()), ("share", pa.float64())])


@dataclass(frozen=True)
class Night:
    """Where the run before is, and where this one keeps what the next needs.

    `full`: everybody is compared, by the same release.
    """

    before: Path | None
    target: Path
    full: bool = False

    def state(self, name: str) -> Path:
        """Return the file in which this run keeps `name`."""
        return self.target / f"{name}.parquet"

    def earlier(self, name: str) -> Path:
        """Return that of the run before. Raises `ValueError` where there is none."""
        if self.before is None:
            raise ValueError("there is no run before")
        return self.before / f"{name}.parquet"


@dataclass(frozen=True)
class InForce:
    """What weighs besides two records: the model with its frequencies, standards of feeds, and how many records set
    the prior. `release` names all but frequencies and number; `is_kept` says whether these are of an earlier run."""

    model: Mapping[str, Any]
    standards: Mapping[str, str]
    records: int
    release: str
    is_kept: bool = False

    def fits(self, count: int) -> bool:
        """Whether it still says how rare a value and a true pair are among `count` records."""
        return self.records <= 2 * count and count <= 2 * self.records


@dataclass(frozen=True)
class Compared:
    """The edges, by what they weigh, and how they were found.

    `changed` are records whose row is otherwise, or new, `touched` besides them those of pairs that weigh otherwise;
    `None` where everybody was compared.
    """

    found: EdgeSet
    in_force: InForce
    how: str
    changed: frozenset[str] | None = None
    touched: frozenset[str] | None = None


def release_of(model: Mapping[str, Any], standards: Mapping[str, str]) -> str:
    """Return the name of the release that this code, these libraries, model and standards make."""
    home = Path(__file__).parent
    digest = hashlib.sha256(fingerprint_of({"model": model, "standards": dict(standards)}).encode())
    for name in CODE:
        digest.update((home / f"{name}.py").read_bytes())
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{model['version']} {hashlib.sha256(digest.digest() + libraries.encode()).hexdigest()[:16]}"


def compare(
    records: pa.Table,
    model: Mapping[str, Any],
    standards: Mapping[str, str],
    memory_limit: str,
    spill_folder: Path | None = None,
    night: Night | None = None,
    sealed: frozenset[str] = frozenset(),
    cluster: Cluster | None = None,
) -> Compared:
    """Return the edges of the linkage table; with `night`, keep what the night after needs.

    With `cluster`, keys are made and pairs scored there.

    Nothing is kept of what `sealed` records were compared with: a pair would lead across. So they, and those that
    were sealed in the run before, are compared every night.
    """
    count = records.num_rows
    if night is None and cluster is not None:
        force = _begin(records, model, standards, "", memory_limit)
        scored = link_engine.score_pairs(
            records, force.model, count, memory_limit, spill_folder, standards, cluster=cluster
        )
        return Compared(scored.edges, force, "full")
    if night is None:
        found = link_engine.find_edges(records, model, memory_limit, spill_folder, standards)
        return Compared(found, InForce(model, standards, count, ""), "full")
    release = release_of(model, standards)
    in_force = _read_in_force(night, model, standards, release)
    if in_force is None or not in_force.fits(count):
        in_force = _begin(records, model, standards, release, memory_limit)
    earlier = None
    if in_force.is_kept and not night.full:
        earlier = Earlier(*(night.earlier(name) for name in (RECORDS, COMPARED, FOUND)))
    scored = link_engine.score_pairs(
        records, in_force.model, in_force.records, memory_limit, spill_folder, standards, earlier, cluster
    )
    _keep(night, records, scored, in_force, sealed)
    how = "night" if earlier else "full" if in_force.is_kept else "full, by a new release"
    return Compared(scored.edges, in_force, how, scored.changed, scored.touched)


def _begin(
    records: pa.Table, model: Mapping[str, Any], standards: Mapping[str, str], release: str, memory_limit: str
) -> InForce:
    """Return what is in force from this run on: frequencies of the model and, where it has none, of the run."""
    shares = model.get("term_frequencies", {})
    if not shares.keys() >= set(RARE_COLUMNS):
        shares = {**link_engine.count_values(records, memory_limit), **shares}
    return InForce({**model, "term_frequencies": shares}, standards, records.num_rows, release)


def _read_in_force(
    night: Night, model: Mapping[str, Any], standards: Mapping[str, str], release: str
) -> InForce | None:
    if night.before is None or not all(night.earlier(name).is_file() for name in FILES):
        return None
    table = pq.read_table(night.earlier(FREQUENCIES))
    known = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    if known.get("release") != release:
        return None
    shares: dict[str, dict[str, float]] = {name: {} for name in known["columns"].split()}
    for row in table.to_pylist():
        shares[row["name"]][row["value"]] = row["share"]
    return InForce({**model, "term_frequencies": shares}, standards, int(known["records"]), release, is_kept=True)


def _keep(night: Night, records: pa.Table, scored: ScoredPairs, in_force: InForce, sealed: frozenset[str]) -> None:
    names = pa.array(sorted(sealed), pa.string())
    rows = pc.indices_nonzero(pc.is_in(records.column("record_id"), names)).cast(pa.int64())
    found, candidates = scored.found, scored.candidates
    pq.write_table(records, night.state(RECORDS), compression="zstd")
    compared = candidates.filter(_neither(candidates, ("left_id", "right_id"), rows))
    pq.write_table(compared, night.state(COMPARED), compression="zstd")
    pq.write_table(found.filter(_neither(found, ("left", "right"), names)), night.state(FOUND), compression="zstd")
    shares = in_force.model["term_frequencies"]
    frequencies = pa.Table.from_pylist(
        [
            {"name": name, "value": value, "share": share}
            for name in sorted(shares)
            for value, share in sorted(shares[name].items())
        ],
        _FREQUENCY_SCHEMA,
    )
    named = {"release": in_force.release, "records": str(in_force.records), "columns": " ".join(sorted(shares))}
    pq.write_table(frequencies.replace_schema_metadata(named), night.state(FREQUENCIES), compression="zstd")


def _neither(pairs: pa.Table, ends: tuple[str, str], values: pa.Array) -> pa.ChunkedArray:
    return pc.invert(pc.or_(*(pc.is_in(pairs.column(end), values) for end in ends)))


def new_resolver(
    compared: Compared,
    record_ids: Sequence[str],
    facts: Mapping[str, Facts],
    rest: Rest,
    named: frozenset[str],
    night: Night | None,
) -> Resolver:
    """Return what resolves everybody or, in a night, whom it touches. `named` are in decisions or seals."""
    edges = compared.found.edges
    if night is None or compared.touched is None:
        return Resolver(record_ids, edges, facts, rest=rest)
    standing = _read_standing(night)
    touched = compared.touched | find_otherwise(standing, digest_facts(facts), named)
    return Resolver(record_ids, edges, facts, standing, touched, rest)


def find_beside(found: EdgeSet, sealed: frozenset[str]) -> frozenset[str]:
    """Return the records that a pair leads to from a sealed one. The pair is not kept, so they are resolved anew: the
    sealed record may be gone by then."""
    ends = ((edge.left, edge.right) for edge in (*found.edges, *found.weak))
    return frozenset(record for pair in ends if not sealed.isdisjoint(pair) for record in pair)


def keep_standing(
    night: Night,
    first: Standing,
    last: Sequence[RefusedEdge],
    facts: Mapping[str, Facts],
    named: frozenset[str],
    sealed: frozenset[str],
) -> None:
    """Keep the first resolution, and what was refused last, for the run after; no pair that names a `sealed` record."""
    digests, group_of = digest_facts(facts), {record: group[0] for group in first.groups for record in group}
    records = sorted(group_of.keys() | digests.keys() | named)
    persons = {
        "record_id": pa.array(records, pa.string()),
        "group": pa.array([group_of.get(record) for record in records], pa.string()),
        "facts": pa.array([digests.get(record) for record in records], pa.int64()),
        "is_named": pa.array([record in named for record in records], pa.bool_()),
    }
    pq.write_table(pa.table(persons), night.state(PERSONS), compression="zstd")
    contested = frozenset(first.contested)
    rows = [
        {
            "left": item.edge.left,
            "right": item.edge.right,
            "weight": item.edge.weight,
            "reason": item.reason,
            "is_contested": item in contested,
            "is_last": is_last,
        }
        for refused, is_last in ((first.refused, False), (last, True))
        for item in refused
        if sealed.isdisjoint((item.edge.left, item.edge.right))
    ]
    pq.write_table(pa.Table.from_pylist(rows, _REFUSED_SCHEMA), night.state(REFUSED), compression="zstd")


def _read_standing(night: Night) -> Standing:
    groups: dict[str, list[str]] = defaultdict(list)
    digests, named = {}, set()
    columns = pq.read_table(night.earlier(PERSONS), columns=["record_id", "group", "facts", "is_named"]).to_pydict()
    for record, group, facts, is_named in zip(*columns.values(), strict=True):
        if group is not None:
            groups[group].append(record)
        if facts is not None:
            digests[record] = facts
        if is_named:
            named.add(record)
    refused = list(_read_refused(night, is_last=False))
    contested = [item for item, is_contested in refused if is_contested]
    found = [tuple(group) for group in groups.values()]
    return Standing(found, [item for item, _ in refused], contested, digests, frozenset(named))


def read_refusals(night: Night | None) -> dict[tuple[str, str], str]:
    """Return the pairs that the run before refused in the end, each with the reason; none where it kept nothing."""
    if night is None or night.before is None or not night.earlier(REFUSED).is_file():
        return {}
    return {(item.edge.left, item.edge.right): item.reason for item, _ in _read_refused(night, is_last=True)}


def _read_refused(night: Night, *, is_last: bool) -> Iterator[tuple[RefusedEdge, bool]]:
    for row in pq.read_table(night.earlier(REFUSED), filters=[("is_last", "=", is_last)]).to_pylist():
        yield RefusedEdge(Edge(row["left"], row["right"], row["weight"]), row["reason"]), row["is_contested"]
