"""Edges of a night from those of the run before: what did not change is not compared again.

A run keeps its linkage table, which pairs it compared, those that it found with their weights, and how frequent values
were when its release came into force. A night finds all pairs that share a key, by the same code and from the same
records as any run; so whatever a key's cap does, the pairs are those of a full run. It scores those of them that have a
record whose row is otherwise, or that the run before did not compare. What becomes of the records after that is kept as
well: `braid.people.outside` lets it stand where nothing touches it.

The release in force is what a weight depends on besides the two records: model, frequencies of values, standards of
feeds, and the step of the prior. While it is frozen a night finds the edges of a full run. It begins anew where the
model, the code, a library or the standard of a feed is another, or there are more than twice or fewer than half as many
records; then everybody is compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid import language, store
from braid.people import link_engine
from braid.people.candidate_keys import KeyCounts
from braid.people.guarded import Settled
from braid.people.link_engine import Cluster, Earlier, ScoredPairs
from braid.people.model import Edge, EdgeSet, RefusedEdge
from braid.people.release import RARE_COLUMNS, fingerprint_of
from braid.people.sources import FeedTrust

RECORDS, COMPARED, FOUND, FREQUENCIES = "night_records", "night_compared", "night_pairs", "night_frequencies"
NAMED, REFUSED, GUARDED = "night_named", "night_refused", "night_guarded"
WITHHELD, PASSING, SECOND, HOMES = "night_withheld", "night_passing", "night_second", "night_homes"
JOINS, GAPS, DOUBTS = "night_joins", "night_gaps", "night_doubts"
STANDING = (NAMED, REFUSED, GUARDED, WITHHELD, PASSING, SECOND, HOMES, JOINS, GAPS, DOUBTS)
FILES = (RECORDS, COMPARED, FOUND, FREQUENCIES, *STANDING)
"""What a run keeps for the night after it, beside its tables."""
HOLD_IDENTITY = frozenset({RECORDS, FREQUENCIES, WITHHELD, PASSING})
"""Of these, those in which names, dates of birth, numbers or postcodes stand, as partners sent them."""

LIBRARIES = ("duckdb", "pyarrow", "splink", "sqlglot")
CODE = ("candidate_keys", "comparisons", "link_engine", "names", "night", "release")
"""Modules whose code says which pairs are found and what they weigh. What follows from them: see `made_by`."""
BELOW = tuple(Path(str(room.__file__)).parent for room in (language, store))
"""Rooms whose code says what records, codes and queries mean."""
CODE_SUFFIXES = (".py", ".csv", ".toml", ".sql")
_REFUSED_SCHEMA = pa.schema(
    [("left", pa.string()), ("right", pa.string()), ("weight", pa.float64()), ("reason", pa.string())]
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

    @cached_property
    def is_whole(self) -> bool:
        """Whether all that the run before kept is there, as it was written."""
        if self.before is None or not all(self.earlier(name).is_file() for name in FILES):
            return False
        doubts = pq.read_table(self.earlier(DOUBTS))
        known: bytes = (doubts.schema.metadata or {}).get(b"written", b"")
        return known.decode() == _digest(self.before, doubts)

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
    the prior. `release` names all but frequencies and number; `is_kept` says whether these are of an earlier run.
    `keys` is what became of the keys of the run before: its caps are in force too."""

    model: Mapping[str, Any]
    standards: Mapping[str, str]
    records: int
    release: str
    is_kept: bool = False
    keys: KeyCounts | None = None

    def fits(self, count: int) -> bool:
        """Whether it still says how rare a value and a true pair are among `count` records."""
        return self.records <= 2 * count and count <= 2 * self.records


@dataclass(frozen=True)
class Compared:
    """What the pairs weigh by what is in force, and how they were found.

    `counts` holds what was counted of them, and no pair; `strong` is how many join somebody. Where a run keeps its
    pairs they are in `scored`, else in `whole`.
    """

    counts: EdgeSet
    strong: int
    in_force: InForce
    how: str
    scored: ScoredPairs | None = None
    whole: EdgeSet | None = None

    @property
    def changed(self) -> frozenset[str] | None:
        """The records whose row is otherwise, or new; `None` where everybody was compared."""
        return self.scored.changed if self.scored else None

    @property
    def touched(self) -> frozenset[str] | None:
        """Besides those that changed the records of pairs that weigh otherwise."""
        return self.scored.touched if self.scored else None

    @property
    def kept(self) -> ScoredPairs:
        """The pairs as they are kept. Raises `ValueError` where none is."""
        if self.scored is None:
            raise ValueError("no pair was kept; compare with a night")
        return self.scored

    def edges_of(self, records: Set[str] | None = None) -> EdgeSet:
        """Return the pairs of which one end, at least, is in `records`; without it, all."""
        if self.whole is not None:
            return self.whole
        return self.kept.edges if records is None else self.kept.edges_of(records)


def _without_night(found: EdgeSet, in_force: InForce) -> Compared:
    counts = replace(found, edges=(), weak=(), apart=frozenset(), confused=frozenset())
    return Compared(counts, len(found.edges), in_force, "full", whole=found)


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
    redone: frozenset[str] | None = None,
    cluster: Cluster | None = None,
) -> Compared:
    """Return the edges of the linkage table; with `night`, keep what the night after needs.

    Rows of records that are not in `redone` are known to be those of the run before; without it all are compared. With
    `cluster`, keys are made and pairs scored there.

    Nothing is kept of what `sealed` records were compared with: a pair would lead across. So they, and those that
    were sealed in the run before, are compared every night.
    """
    count = records.num_rows
    if night is None and cluster is not None:
        force = _begin(records, model, standards, "", memory_limit)
        scored = link_engine.score_pairs(
            records, force.model, count, memory_limit, spill_folder, standards, cluster=cluster
        )
        return _without_night(scored.edges, force)
    if night is None:
        found = link_engine.find_edges(records, model, memory_limit, spill_folder, standards)
        return _without_night(found, InForce(model, standards, count, ""))
    release = release_of(model, standards)
    in_force = _read_in_force(night, model, standards, release)
    if in_force is None or not in_force.fits(count):
        in_force = _begin(records, model, standards, release, memory_limit)
    earlier = None
    if in_force.keys is not None and not night.full:
        records_then, compared_then, found_then = (night.earlier(name) for name in (RECORDS, COMPARED, FOUND))
        earlier = Earlier(records_then, compared_then, found_then, in_force.keys)
    scored = link_engine.score_pairs(
        records,
        in_force.model,
        in_force.records,
        memory_limit,
        spill_folder,
        standards,
        earlier,
        redone,
        cluster,
        in_force.keys.caps if in_force.keys else None,
        sealed,
    )
    _keep(night, records, scored, in_force, sealed)
    how = "night" if earlier else "full" if in_force.is_kept else "full, by a new release"
    return Compared(scored.counts, scored.strong.num_rows, in_force, how, scored)


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
    if night.before is None or not night.is_whole:
        return None
    table = pq.read_table(night.earlier(FREQUENCIES))
    known = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    if known.get("release") != release:
        return None
    shares: dict[str, dict[str, float]] = {name: {} for name in known["columns"].split()}
    for row in table.to_pylist():
        shares[row["name"]][row["value"]] = row["share"]
    keys = KeyCounts(**json.loads(known["keys"]))
    return InForce({**model, "term_frequencies": shares}, standards, int(known["records"]), release, True, keys)


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
    named = {
        "release": in_force.release,
        "records": str(in_force.records),
        "columns": " ".join(sorted(shares)),
        "keys": json.dumps(asdict(scored.keys), sort_keys=True),
    }
    pq.write_table(frequencies.replace_schema_metadata(named), night.state(FREQUENCIES), compression="zstd")


def _neither(pairs: pa.Table, ends: tuple[str, str], values: pa.Array) -> pa.ChunkedArray:
    return pc.invert(pc.or_(*(pc.is_in(pairs.column(end), values) for end in ends)))


def find_beside(compared: Compared, sealed: frozenset[str]) -> frozenset[str]:
    """Return the records that a pair leads to from a sealed one. The pair is not kept, so they are resolved anew: the
    sealed record may be gone by then."""
    if not sealed:
        return frozenset()
    found = compared.edges_of(sealed)
    ends = ((edge.left, edge.right) for edge in (*found.edges, *found.weak))
    return frozenset(record for pair in ends if not sealed.isdisjoint(pair) for record in pair)


def keep_standing(
    night: Night,
    settled: Settled,
    second: Sequence[Edge],
    homes: Mapping[str, str],
    named: frozenset[str],
    sealed: frozenset[str],
    made_by: str,
    zone: Set[str] | None = None,
) -> None:
    """Keep what stands in the run after of whom that does not touch; no pair that names a `sealed` record.

    `settled` and `second` are of everybody, `homes` of a `zone`, or of everybody too; `named` are in decisions or
    seals, or beside a sealed record.
    """
    refused = [item for item in settled.resolution.refused if sealed.isdisjoint((item.edge.left, item.edge.right))]
    rows = [(item.edge.left, item.edge.right, item.edge.weight, item.reason) for item in refused]
    _write(night, REFUSED, _REFUSED_SCHEMA, rows)
    _write(night, NAMED, _texts("record_id").with_metadata({"made_by": made_by}), [(one,) for one in sorted(named)])
    _write(night, GUARDED, _texts("record_id"), [(one,) for one in sorted(settled.guarded)])
    _write(night, WITHHELD, _texts("record_id", "postcode"), sorted(settled.homes))
    _write(night, PASSING, _texts("record_id", "postcode"), sorted(settled.passing))
    _keep_homes(night, homes, zone)
    pairs = sorted((edge.left, edge.right) for edge in second)
    _write(night, SECOND, _texts("left", "right"), [pair for pair in pairs if sealed.isdisjoint(pair)])


def _keep_homes(night: Night, homes: Mapping[str, str], zone: Set[str] | None) -> None:
    """Keep in which home of the second pass each record is: those of a zone, and as it was outside it."""
    columns = (homes.keys(), homes.values())
    found = pa.Table.from_arrays([pa.array(one, pa.string()) for one in columns], schema=_texts("record_id", "home"))
    if zone is not None:
        earlier = pq.read_table(night.earlier(HOMES))
        outside = pc.invert(pc.is_in(earlier.column("record_id"), pa.array(zone, pa.string())))
        found = pa.concat_tables([earlier.filter(outside), found])
    pq.write_table(found.sort_by("record_id"), night.state(HOMES), compression="zstd")


def keep_doubts(night: Night, doubts: pa.Table) -> None:
    """Keep the doubts, after all else: with them stands a digest of every file that is kept."""
    told = doubts.replace_schema_metadata({"written": _digest(night.target, doubts)})
    pq.write_table(told, night.state(DOUBTS), compression="zstd")


def _digest(folder: Path, doubts: pa.Table) -> str:
    digest = hashlib.sha256(repr(doubts.to_pydict()).encode())
    for name in FILES:
        if name != DOUBTS:
            with (folder / f"{name}.parquet").open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _texts(*names: str) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


def _write(night: Night, name: str, schema: pa.Schema, rows: Sequence[tuple[object, ...]]) -> None:
    pq.write_table(table_of(rows, schema), night.state(name), compression="zstd")


def table_of(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """Return rows as a table."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def read_made_by(night: Night) -> str:
    """Return by what the run before linked: see `made_by`."""
    metadata = pq.read_schema(night.earlier(NAMED)).metadata or {}
    name: bytes = metadata.get(b"made_by", b"")
    return name.decode()


def made_by(trust: FeedTrust) -> str:
    """Return the name of all that says what becomes of pairs, besides their weights: the code, its libraries, and what
    a place says of its feeds."""
    home = Path(__file__).parent
    said = [(feed, sorted(each.trusted_numbers), each.one_row_a_person) for feed, each in sorted(trust.items())]
    digest = hashlib.sha256(repr(said).encode())
    for path in sorted(path for room in (home, *BELOW) for path in room.iterdir() if path.suffix in CODE_SUFFIXES):
        digest.update(path.read_bytes())
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return hashlib.sha256(digest.digest() + libraries.encode()).hexdigest()[:16]


def read_named(night: Night) -> frozenset[str]:
    """Return the records that decisions or seals named in the run before, or that stood beside a sealed one."""
    return frozenset(pq.read_table(night.earlier(NAMED)).column(0).to_pylist())


def read_refusals(night: Night | None) -> dict[tuple[str, str], str]:
    """Return the pairs that the run before refused in the end, each with the reason; none where it kept nothing."""
    if night is None or night.before is None or not night.earlier(REFUSED).is_file():
        return {}
    return {(item.edge.left, item.edge.right): item.reason for item in read_refused(night)}


def read_refused(night: Night) -> Iterator[RefusedEdge]:
    """Yield what the run before refused in the end."""
    for row in pq.read_table(night.earlier(REFUSED)).to_pylist():
        yield RefusedEdge(Edge(row["left"], row["right"], row["weight"]), row["reason"])
