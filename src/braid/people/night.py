"""Edges of a night from those of the run before: what did not change is not compared again.

A run keeps its linkage table, the index of its keys, its scored pairs and how frequent each value was when the release
was made. A night standardises the records whose rows are otherwise, looks their keys up in the index, and scores the
pairs that have such a record. A key that passes the cap, or falls under it, gives or takes pairs of records that did
not change; so the pairs of all that hold it are looked for anew.

The release is what a weight depends on besides the two records: model, frequencies of values, and the step of the
prior. While it is frozen a night finds the edges of a full run. It is made anew where the model, the code or a library
is another, or there are more than twice or fewer than half as many records; then everybody is compared.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.language.findings import TABLES
from braid.people import link_engine
from braid.people.components import Resolver, Standing, digest_facts, find_otherwise
from braid.people.link_engine import FOUND_SCHEMA, Frequencies, PairIndex
from braid.people.model import Edge, EdgeSet, Facts, RefusedEdge
from braid.people.standardise import LINKAGE_SCHEMA, standardise
from braid.store.engine import Engine

RECORDS, INDEX, FOUND, FREQUENCIES = "night_records", "night_keys", "night_pairs", "night_frequencies"
PERSONS, REFUSED = "night_persons", "night_refused"
FILES = (RECORDS, INDEX, FOUND, FREQUENCIES, PERSONS, REFUSED)
"""What a run keeps for the night after it, beside its tables."""

COMPARED = ("person_record", "identifier", "stay")
"""Source tables that a row of the linkage table is made of."""
NOT_CONTENT = ("file_sha256", "row_ref", "quality", "as_of_date")
MOST_CHANGED = 0.2
"""The share of records from which on all are compared: looking up what changed would cost as much."""
LIBRARIES = ("duckdb", "splink")
_REFUSED_SCHEMA = pa.schema([*FOUND_SCHEMA, ("reason", pa.string()), ("is_last", pa.bool_())])
EARLIER = "earlier_"


@dataclass(frozen=True)
class Night:
    """Where the run before is, where this one keeps what the next needs, and how to open an engine aside.

    `full`: everybody is compared, by the same release.
    """

    before: Path | None
    target: Path
    open_engine: Callable[[], Engine]
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
class Compared:
    """The linkage table of every record, the edges, and how they were found.

    `changed` are records whose rows are otherwise, or new, `touched` besides them those of pairs that may be scored
    otherwise; `None` where everybody was compared.
    """

    records: pa.Table
    found: EdgeSet
    how: str
    changed: frozenset[str] | None = None
    touched: frozenset[str] | None = None


@dataclass(frozen=True)
class _Changes:
    present: frozenset[str]
    gone: frozenset[str]


def release_of(model: Mapping[str, Any]) -> str:
    """Return the name of the release that this code, these libraries and this model make."""
    home = Path(__file__).parent
    digest = hashlib.sha256()
    for name in (
        "comparisons.py",
        "link_engine.py",
        "linkage_model.json",
        "names.py",
        "night.py",
        "resolve.py",
        "standardise.py",
    ):
        digest.update((home / name).read_bytes())
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{model['version']} {hashlib.sha256(digest.digest() + libraries.encode()).hexdigest()[:16]}"


def compare(
    engine: Engine,
    model: Mapping[str, Any],
    memory_limit: str,
    spill_folder: Path | None,
    night: Night,
    sealed: frozenset[str] = frozenset(),
) -> Compared:
    """Return the linkage table and the edges of the records of `engine`, and keep what the night after needs.

    Nothing is kept of what `sealed` records were compared with: a pair would lead across. So they, and those that
    were sealed in the run before, are compared every night.
    """
    release = release_of(model)
    frozen = _read_release(night, release)
    count = engine.rows("select count(*) as n from person_record")[0]["n"]
    if frozen and not frozen.fits(count):
        frozen = None
    changes = _find_changes(engine, night, count, sealed) if frozen and not night.full else None
    if frozen is None or changes is None:
        return _compare_all(engine, model, memory_limit, spill_folder, night, frozen, release, sealed)
    return _compare_changed(engine, model, memory_limit, spill_folder, night, frozen, changes, sealed)


def _read_release(night: Night, release: str) -> Frequencies | None:
    if night.before is None or not all(night.earlier(name).is_file() for name in FILES):
        return None
    table = pq.read_table(night.earlier(FREQUENCIES))
    known = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return Frequencies(table, release, int(known["records"])) if known.get("release") == release else None


def _find_changes(engine: Engine, night: Night, count: int, sealed: frozenset[str]) -> _Changes | None:
    """Return which records are otherwise than in the run before, and `sealed` ones and those that were sealed in it;
    `None` where its rows are gone or most changed."""
    if not all(night.earlier(name).is_file() for name in COMPARED):
        return None
    for name in COMPARED:
        engine.load_parquet(f"{EARLIER}{name}", night.earlier(name))
    were = pq.read_table(night.earlier(PERSONS), filters=[("is_sealed", "=", True)], columns=["record_id"])
    always = sorted(sealed.union(were.column(0).to_pylist()))
    engine.load_arrow("night_always", pa.table({"record_id": pa.array(always, pa.string())}))
    parts = " union all ".join(
        ["select record_id from night_always", *(part for name in COMPARED for part in _changed_rows(engine, name))]
    )
    engine.create("night_changed", f"select distinct record_id from ({parts}) c")
    rows = engine.rows(
        "select c.record_id, case when p.record_id is null then 0 else 1 end as is_here from night_changed c"
        " left join person_record p on p.record_id = c.record_id"
    )
    present = frozenset(row["record_id"] for row in rows if row["is_here"])
    if len(rows) > MOST_CHANGED * count:
        return None
    return _Changes(present, frozenset(row["record_id"] for row in rows if not row["is_here"]))


def _changed_rows(engine: Engine, name: str) -> tuple[str, str]:
    """Create the digests of a source table in both runs; return the queries of whom the rows are of that one lacks."""
    columns = ", ".join(column for column in TABLES[name].names if column not in NOT_CONTENT)
    person = "record_id" if name == "person_record" else "person_record_id"
    for prefix in ("", EARLIER):
        query = f"select {person} as record_id, br_digest({columns}) as digest from {prefix}{name}"
        engine.view(f"{prefix}night_{name}", query)

    def only_in(prefix: str, other: str) -> str:
        return (
            f"select t.record_id from {prefix}night_{name} t where not exists"
            f" (select 1 from {other}night_{name} o where o.digest = t.digest)"
        )

    return only_in("", EARLIER), only_in(EARLIER, "")


def _compare_all(
    engine: Engine,
    model: Mapping[str, Any],
    memory_limit: str,
    spill_folder: Path | None,
    night: Night,
    frozen: Frequencies | None,
    release: str,
    sealed: frozenset[str],
) -> Compared:
    records = standardise(engine)
    numbered = records.append_column("number", pa.array(range(records.num_rows), pa.int64()))
    with link_engine.opened_index(memory_limit, spill_folder) as index:
        index.load(numbered)
        frequencies = frozen or Frequencies(index.count_values(), release, records.num_rows)
        found = index.find_all(model, frequencies)
        _keep(night, numbered, index, found, frequencies, sealed)
        how = "full" if frozen else "full, by a new release"
        return Compared(records, _edge_set(found, model, index), how)


def _compare_changed(
    engine: Engine,
    model: Mapping[str, Any],
    memory_limit: str,
    spill_folder: Path | None,
    night: Night,
    frozen: Frequencies,
    changes: _Changes,
    sealed: frozenset[str],
) -> Compared:
    earlier = pq.read_table(night.earlier(RECORDS))
    otherwise = pa.array(sorted(changes.present | changes.gone), pa.string())
    is_old = pc.is_in(earlier.column("record_id"), otherwise)
    kept, old = earlier.filter(pc.invert(is_old)), earlier.filter(is_old)
    new = _number(_standardise_some(engine, night, changes.present), old, earlier)
    numbered = pa.concat_tables([kept, new]).sort_by("record_id")
    with link_engine.opened_index(memory_limit, spill_folder) as index:
        index.load(numbered)
        index.take_over(night.earlier(INDEX), old.column("number"), new.column("number"))
        found = index.find_touched(model, frozen, night.earlier(FOUND))
        _keep(night, numbered, index, found, frozen, sealed)
        records = numbered.select(LINKAGE_SCHEMA.names)
        return Compared(records, _edge_set(found, model, index), "night", changes.present, changes.present | index.ends)


def _standardise_some(engine: Engine, night: Night, wanted: frozenset[str]) -> pa.Table:
    """Return the linkage table of some records: made by the same code, from their rows alone."""
    engine.load_arrow("night_wanted", pa.table({"record_id": pa.array(sorted(wanted), pa.string())}))
    with closing(night.open_engine()) as aside:
        for name in COMPARED:
            person = "record_id" if name == "person_record" else "person_record_id"
            query = f"select t.* from {name} t join night_wanted w on w.record_id = t.{person}"
            aside.load_arrow(name, engine.arrow(query))
        return standardise(aside)


def _number(records: pa.Table, old: pa.Table, earlier: pa.Table) -> pa.Table:
    """Return records with the number they had, or one that none had in the run before."""
    known = dict(zip(old.column("record_id").to_pylist(), old.column("number").to_pylist(), strict=True))
    fresh = (pc.max(earlier.column("number")).as_py() or 0) + 1 if earlier.num_rows else 0
    numbers: list[int] = []
    for record in records.column("record_id").to_pylist():
        if record not in known:
            known[record] = fresh
            fresh += 1
        numbers.append(known[record])
    return records.append_column("number", pa.array(numbers, pa.int64()))


def _keep(
    night: Night,
    numbered: pa.Table,
    index: PairIndex,
    found: pa.Table,
    frequencies: Frequencies,
    sealed: frozenset[str],
) -> None:
    names = pa.array(sorted(sealed), pa.string())
    is_sealed = pc.or_(*(pc.is_in(found.column(end), names) for end in ("left", "right")))
    pq.write_table(numbered, night.state(RECORDS), compression="zstd")
    index.write(night.state(INDEX))
    pq.write_table(found.filter(pc.invert(is_sealed)), night.state(FOUND), compression="zstd")
    named = {"release": frequencies.release, "records": str(frequencies.records)}
    pq.write_table(frequencies.table.replace_schema_metadata(named), night.state(FREQUENCIES), compression="zstd")


def new_resolver(
    compared: Compared,
    record_ids: Sequence[str],
    facts: Mapping[str, Facts],
    named: frozenset[str],
    night: Night | None,
) -> Resolver:
    """Return what resolves everybody or, in a night, whom it touches. `named` are in decisions or seals."""
    edges = compared.found.edges
    if night is None or compared.touched is None:
        return Resolver(record_ids, edges, facts)
    standing = _read_standing(night)
    touched = compared.touched | find_otherwise(standing, digest_facts(facts), named)
    return Resolver(record_ids, edges, facts, standing, touched)


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
        "is_sealed": pa.array([record in sealed for record in records], pa.bool_()),
    }
    pq.write_table(pa.table(persons), night.state(PERSONS), compression="zstd")
    rows = [
        {
            "left": item.edge.left,
            "right": item.edge.right,
            "weight": item.edge.weight,
            "reason": item.reason,
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
    refused = [RefusedEdge(edge, reason) for edge, reason in _read_refused(night, is_last=False)]
    return Standing([tuple(group) for group in groups.values()], refused, digests, frozenset(named))


def read_refusals(night: Night | None) -> dict[tuple[str, str], str]:
    """Return the pairs that the run before refused in the end, each with the reason; none where it kept nothing."""
    if night is None or night.before is None or not night.earlier(REFUSED).is_file():
        return {}
    return {(edge.left, edge.right): reason for edge, reason in _read_refused(night, is_last=True)}


def _read_refused(night: Night, *, is_last: bool) -> Iterator[tuple[Edge, str]]:
    for row in pq.read_table(night.earlier(REFUSED), filters=[("is_last", "=", is_last)]).to_pylist():
        yield Edge(row["left"], row["right"], row["weight"]), row["reason"]


def _edge_set(found: pa.Table, model: Mapping[str, Any], index: PairIndex) -> EdgeSet:
    ordered = found.sort_by([("weight", "descending"), ("left", "ascending"), ("right", "ascending")])
    columns = (ordered.column(name).to_pylist() for name in FOUND_SCHEMA.names)
    edges = [Edge(left, right, weight) for left, right, weight in zip(*columns, strict=True)]
    strong = sum(edge.weight >= model["threshold"] for edge in edges)
    return EdgeSet(tuple(edges[:strong]), index.pairs_scored, index.keys_over_cap(), tuple(edges[strong:]))
