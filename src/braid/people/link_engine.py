"""Pairs and their weights by Splink on DuckDB: the one file that knows either.

Where records rest on a cluster, its workers run this file on parts of the pairs (`braid.people.distribution`).
The release is frozen (`braid.people.release`): a night only scores. Only the prior follows the number of records, in
steps of two, since the chance that two records taken blindly are one person falls as a place grows.
"""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from braid.people.candidate_keys import KeyCounts, make_candidates, renew_candidates
from braid.people.comparisons import COMPARISONS, PLACE, Comparison, Design
from braid.people.model import Edge, EdgeSet, FieldWeight, LinkageFailed
from braid.people.release import FEWEST, RARE_COLUMNS, RAREST, SHIPPED, load_release
from braid.store.engine import EngineNotAvailable
from braid.store.portable import compile_sql

MODEL_PATH = SHIPPED
THREADS = 2
NO_STANDARDS: Mapping[str, str] = {}
ALL_PAIRS = ""
"""Of counts by pair of standards: all of them."""
_STANDARDS = pa.schema([("feed", pa.string()), ("standard", pa.string())])

BLIND_PAIRS = (
    "with mixed as (select *, row_number() over (order by md5(record_id)) as place from records)"
    " select l.unique_id as l, r.unique_id as r, false as is_same from mixed l"
    " join mixed r on r.place between l.place + 1 and l.place + 40"
)
"""Pairs taken without looking at them: of each record the 40 that follow it in the order of a digest."""
TRAINING_PAIRS = 2_000_000
"""Pairs on which expectation maximisation is done at most, of each column."""
OLD_SHARE = 0.05
"""How much of a trained m is that of the model that stood before."""

WEAKEST = -4.0
"""Bits below which a scored pair says nothing even of links that were missed: a chance of 6 in 100."""

EVERY_PAIR = -1000.0
"""Bits that every pair weighs at least."""
APART = -999.0
"""What a pair is given that is never joined, and weighs enough to be kept otherwise: as twins do."""
SHORT_OF_THRESHOLD = 0.5
"""Bits by which a pair of which too little is known stays under the threshold at least."""
MISSING = "missing"
"""The level of a field that says nothing."""

Model = Mapping[str, Any]
_ENDS = ["left", "right"]


def load_model(path: Path = MODEL_PATH) -> Model:
    """Return the frozen release, `braid.people.release.Release`. Raises `LinkageFailed` where it does not fit."""
    return load_release(path)


def find_edges(
    records: pa.Table,
    model: Model,
    memory_limit: str,
    spill_folder: Path | None = None,
    standards: Mapping[str, str] = NO_STANDARDS,
    design: Design = PLACE,
) -> EdgeSet:
    """Return the pairs of the linkage table that weigh `model['threshold']` bits or more, heaviest first; the rest down
    to `WEAKEST` as `weak`.

    `standards` gives the standard of each feed, for the weights by pair of standards; a feed that is not there has
    those of all. `memory_limit` is DuckDB's own form (`"1GB"`); beyond it the engine spills to a folder of its
    own under `spill_folder` (default: the system's temporary folder), gone when it ends. `design` says
    what is compared; its columns must be in `records`, its comparisons in `model`.
    """
    ids = records.column("record_id").to_pylist()
    if len(ids) < 2:
        return EdgeSet((), 0, 0)
    with _connect(memory_limit, spill_folder) as connection:
        _load(connection, records)
        keys = _block(connection, len(ids), design)
        scored = _scalar(connection, "select count(*) from pairs")
        found = _score(connection, model, len(ids), standards, design) if scored else []
        levels = _count_edge_levels(connection, model["threshold"], design.comparisons) if scored else {}
        confused = _find_confused(connection, model["threshold"], design) if scored else ()
    named = ((ids[left], ids[right]) for left, right in confused)
    edges = (Edge(min(ids[left], ids[right]), max(ids[left], ids[right]), weight) for left, right, weight in found)
    return _edge_set(edges, model["threshold"], _counts(scored, keys, levels), named)


FOUND_SCHEMA = pa.schema(
    [
        *(("left", pa.string()), ("right", pa.string()), ("weight", pa.float64())),
        *((f"gamma_{comparison.name}", pa.int8()) for comparison in COMPARISONS),
    ]
)
"""Scored pairs as a run keeps them: two record ids in order, bits, and Splink's number of each level, -1 for none."""
CANDIDATE_SCHEMA = pa.schema([("left_id", pa.int64()), ("right_id", pa.int64())])
"""Pairs that were compared: two rows of the linkage table, counted from 0."""
SCORED_SCHEMA = pa.schema(
    [
        *(("unique_id_l", pa.int64()), ("unique_id_r", pa.int64()), ("bits", pa.float64())),
        *((f"gamma_{comparison.name}", pa.int8()) for comparison in COMPARISONS),
    ]
)
"""Pairs from `WEAKEST` bits on: two rows of the linkage table, bits, and levels."""


@dataclass(frozen=True)
class Earlier:
    """What a run kept of its comparisons: files of its linkage table, of the pairs that it compared, and of those from
    `WEAKEST` bits on; and what became of its keys."""

    records: Path
    candidates: Path
    found: Path
    keys: KeyCounts


@dataclass(frozen=True)
class Scoring:
    """What weighs besides two records, as a worker is given it; `memory_limit` is for each worker."""

    model: Model
    record_count: int
    standards: Mapping[str, str]
    memory_limit: str


class Cluster(Protocol):
    """Where keys are made and pairs scored, other than in this process."""

    def find_candidates(self, records: pa.Table, caps: Mapping[str, int] | None = None) -> tuple[KeyCounts, pa.Table]:
        """Return what `braid.people.link_engine.find_candidates` does; the pairs stay there."""

    def score(self, chosen: pa.Table | None, scoring: Scoring) -> pa.Table:
        """Return `SCORED_SCHEMA` of the pairs `chosen` (default: all that were found)."""


@dataclass(frozen=True)
class ScoredPairs:
    """All that a run keeps of its comparisons, and the edges of whom it asks for.

    `confused` are edges that a number makes against all else, `threshold` what an edge weighs at least. `changed` are
    the records whose row is otherwise than in the run before, or new; `touched` besides them those of pairs that weigh
    otherwise, or did, where that may make another person of them: `None` without a run before.
    """

    found: pa.Table
    candidates: pa.Table
    counts: EdgeSet
    """What was counted of the pairs; it holds none."""
    keys: KeyCounts
    confused: frozenset[tuple[str, str]]
    threshold: float
    changed: frozenset[str] | None = None
    touched: frozenset[str] | None = None

    @cached_property
    def edges(self) -> EdgeSet:
        """All pairs."""
        return self._edge_set(self.found)

    @property
    def strong(self) -> pa.Table:
        """The pairs that join somebody, `left` and `right`."""
        return self.found.filter(pc.greater_equal(self.found.column("weight"), self.threshold)).select(_ENDS)

    def edges_of(self, records: Set[str]) -> EdgeSet:
        """Return the pairs of which one end, at least, is in `records`."""
        return self._edge_set(filter_pairs(self.found, records))

    def _edge_set(self, found: pa.Table) -> EdgeSet:
        columns = (found.column(name).to_pylist() for name in (*_ENDS, "weight"))
        edges = (Edge(left, right, weight) for left, right, weight in zip(*columns, strict=True))
        return _edge_set(edges, self.threshold, self.counts, self.confused)


def filter_pairs(pairs: pa.Table, records: Set[str]) -> pa.Table:
    """Return the rows of which `left` or `right` is in `records`."""
    names = pa.array(sorted(records), pa.string())
    return pairs.filter(pc.or_(*(pc.is_in(pairs.column(end), names) for end in _ENDS)))


def score_pairs(
    records: pa.Table,
    model: Model,
    record_count: int,
    memory_limit: str,
    spill_folder: Path | None = None,
    standards: Mapping[str, str] = NO_STANDARDS,
    earlier: Earlier | None = None,
    redone: Collection[str] | None = None,
    cluster: Cluster | None = None,
    caps: Mapping[str, int] | None = None,
    sealed: Set[str] = frozenset(),
) -> ScoredPairs:
    """Return what `find_edges` finds, with what is to be kept for the run after.

    `records` are ordered by record id. `record_count` sets the prior. What `earlier` compared is not compared again
    where both records are as they were; it was scored by the same `model`, `record_count` and `standards`. Records that
    are not in `redone` are known to be as they were, if they were there. With a `cluster` keys are made and pairs
    scored there, and `model` holds its term frequencies.
    """
    with _connect(memory_limit, spill_folder) as connection:
        _load(connection, records.select(["record_id"]) if cluster and earlier is None else records)
        if earlier is not None:
            _find_same(connection, earlier, redone)
        if earlier is not None and redone is not None and cluster is None:
            keys = _renew_candidates(connection, earlier, {*redone, *sealed})
        else:
            keys = _candidates(connection, records, cluster, caps)
        candidates = connection.sql("select * from candidate order by left_id, right_id").to_arrow_table()
        changed = _take_over(connection, earlier)
        _choose_pairs(connection)
        scored = _scalar(connection, "select count(*) from pairs")
        if not scored:
            _take(connection, "scored", SCORED_SCHEMA.empty_table())
        elif cluster is None:
            _choose_records(connection)
            _score(connection, model, record_count, standards)
        else:
            chosen = "select join_key_l as left_id, join_key_r as right_id from pairs"
            some = None if earlier is None else connection.sql(chosen).to_arrow_table()
            scoring = Scoring(model, record_count, standards, memory_limit)
            _take(connection, "scored", cluster.score(some, scoring))
        gammas = ", ".join(name for name in FOUND_SCHEMA.names if name.startswith("gamma_"))
        connection.execute(
            f'create table fresh as select l.record_id as "left", r.record_id as "right", bits as weight, {gammas}'
            " from scored s join everybody l on l.unique_id = unique_id_l join everybody r on r.unique_id = unique_id_r"
        )
        found = connection.sql(f'select * from {_KEPT_AND_FRESH} as f order by "left", "right"').to_arrow_table()
        levels = _count_edge_levels(connection, model["threshold"], COMPARISONS, _KEPT_AND_FRESH)
        confused = _find_confused(connection, model["threshold"], PLACE, _KEPT_AND_FRESH)
        ends = [] if changed is None else _find_ends(connection, model["threshold"])
    return ScoredPairs(
        found.cast(FOUND_SCHEMA),
        candidates.cast(CANDIDATE_SCHEMA),
        _counts(scored, keys, levels),
        keys,
        frozenset(confused),
        model["threshold"],
        changed,
        None if changed is None else changed.union(ends),
    )


_KEPT_AND_FRESH = "(select * from kept union all select * from fresh)"


def score_part(scoring: Scoring, records: pa.Table, pairs: pa.Table, spill_folder: Path) -> pa.Table:
    """Return `SCORED_SCHEMA` of the `pairs` (`CANDIDATE_SCHEMA`): what a worker does with its part.

    `records` are rows of the linkage table with their number, `unique_id`: all that the pairs name. One thread of its
    own; what does not fit goes to `spill_folder`.
    """
    with _connect(scoring.memory_limit, spill_folder, threads=1) as connection:
        _take(connection, "records", records)
        _take(connection, "candidate", pairs)
        connection.execute(
            "create table pairs as select '0' as match_key, left_id as join_key_l, right_id as join_key_r"
            " from candidate"
        )
        _score(connection, scoring.model, scoring.record_count, scoring.standards)
        names = ", ".join(SCORED_SCHEMA.names)
        return connection.sql(f"select {names} from scored").to_arrow_table().cast(SCORED_SCHEMA)


def _take(connection: duckdb.DuckDBPyConnection, name: str, data: pa.Table) -> None:
    connection.register("incoming", data)
    connection.execute(f"create table {name} as select * from incoming")
    connection.unregister("incoming")


def _candidates(
    connection: duckdb.DuckDBPyConnection,
    records: pa.Table,
    cluster: Cluster | None,
    caps: Mapping[str, int] | None,
) -> KeyCounts:
    """Make table `candidate` of all pairs that share a key, and call the records `everybody`."""
    record_count = records.num_rows
    if record_count > 1 and cluster is not None:
        counts, pairs = cluster.find_candidates(records, caps)
        _take(connection, "candidate", pairs)
    elif record_count > 1:
        queries = _Queries(connection)
        counts = make_candidates(queries, record_count, PLACE.keys, caps)
        for name in ("candidate_key", "key_size"):
            queries.forget(name)
        connection.execute("alter table candidate_pair rename to candidate")
    else:
        counts = KeyCounts(0, 0, 0, 0, {})
        connection.execute("create table candidate (left_id bigint, right_id bigint)")
    connection.execute("alter table records rename to everybody")
    return counts


def _find_same(connection: duckdb.DuckDBPyConnection, earlier: Earlier, redone: Collection[str] | None) -> None:
    """Make table `same` of the records whose row is as it was: their numbers `before` and `now`."""
    names = [row[0] for row in connection.execute("describe records").fetchall() if row[0] != "unique_id"]
    before = f"read_parquet('{_quoted(earlier.records)}', file_row_number = true)"
    _take(connection, "doubtful", pa.table({"record_id": pa.array(sorted(redone or ()), pa.string())}))
    asked = "" if redone is None else "semi join doubtful using (record_id)"
    is_same = " and ".join(f"n.{name} is not distinct from e.{name}" for name in names)
    connection.execute(
        "create table same as select n.record_id, e.file_row_number as before, n.unique_id as now"
        f" from (select * from records {asked}) n join (select * from {before} {asked}) e on {is_same}"
    )
    if redone is not None:
        connection.execute(
            "insert into same select n.record_id, e.file_row_number, n.unique_id"
            f" from records n join {before} e using (record_id) anti join doubtful using (record_id)"
        )


def _renew_candidates(connection: duckdb.DuckDBPyConnection, earlier: Earlier, renewed: Set[str]) -> KeyCounts:
    """Make table `candidate` of all pairs that share a key, and call the records `everybody`: those that `earlier` had,
    but for pairs of the records `renewed`, and what these change."""
    _take(connection, "renewed", pa.table({"record_id": pa.array(sorted(renewed), pa.string())}))
    connection.execute(
        "create table changed_record as select unique_id from records semi join renewed using (record_id)"
    )
    connection.execute(
        "create table records_then as select *, -1 - row_number() over () as unique_id"
        f" from (select * from read_parquet('{_quoted(earlier.records)}') semi join renewed using (record_id))"
    )
    connection.execute(
        "create table candidate_then as select least(l.now, r.now) as left_id, greatest(l.now, r.now) as right_id"
        f" from read_parquet('{_quoted(earlier.candidates)}') c join same l on l.before = c.left_id"
        " join same r on r.before = c.right_id where l.now not in (select unique_id from changed_record)"
        " and r.now not in (select unique_id from changed_record)"
    )
    queries = _Queries(connection)
    counts = renew_candidates(queries, PLACE.keys, earlier.keys)
    for name in ("candidate_key", "key_size", "changed_record", "records_then", "candidate_then", "renewed"):
        queries.forget(name)
    connection.execute("alter table candidate_pair rename to candidate")
    connection.execute("alter table records rename to everybody")
    return counts


def _take_over(connection: duckdb.DuckDBPyConnection, earlier: Earlier | None) -> frozenset[str] | None:
    """Make tables of what is as it was: `compared` of pairs, `kept` of those found; and `dropped` of those found then
    that are not. Return the records that are otherwise or new."""
    connection.execute("create table compared as select * from candidate where false")
    if earlier is None:
        for name in ("kept", "dropped"):
            connection.register("none_found", FOUND_SCHEMA.empty_table())
            connection.execute(f"create table {name} as select * from none_found")
        return None
    connection.execute(
        "insert into compared select l.now, r.now"
        f" from read_parquet('{_quoted(earlier.candidates)}') c join same l on l.before = c.left_id"
        " join same r on r.before = c.right_id join candidate n on n.left_id = l.now and n.right_id = r.now"
    )
    connection.execute(f"create view earlier_found as select * from read_parquet('{_quoted(earlier.found)}')")
    connection.execute(
        'create table kept as select f.* from earlier_found f join same l on l.record_id = f."left"'
        ' join same r on r.record_id = f."right" join compared c on c.left_id = l.now and c.right_id = r.now'
    )
    connection.execute('create table dropped as select * from earlier_found anti join kept using ("left", "right")')
    rows = connection.execute("select record_id from everybody anti join same using (record_id)").fetchall()
    return frozenset(record for (record,) in rows)


def _find_ends(connection: duckdb.DuckDBPyConnection, threshold: float) -> list[str]:
    """Return the records of pairs that weigh otherwise, and by which somebody may become another person.

    A pair of less than the threshold says something only of two records that edges lead between. Where one of the two
    is otherwise, whatever it says reaches the other along those edges, or along what became of them.
    """
    rows = connection.execute(
        "with moved as (select * from (select * from dropped union all select * from fresh) as either"
        f' where weight >= {threshold} or ("left" in (select record_id from same)'
        ' and "right" in (select record_id from same)))'
        ' select "left" from moved union select "right" from moved'
    ).fetchall()
    return [record for (record,) in rows]


def _choose_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Make table `pairs` of those that are to be scored."""
    connection.execute(
        "create table pairs as select '0' as match_key, left_id as join_key_l, right_id as join_key_r"
        " from candidate anti join compared using (left_id, right_id)"
    )


def _choose_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Make table `records` of those that `pairs` name."""
    connection.execute(
        "create table records as select * from everybody where unique_id in"
        " (select join_key_l from pairs union select join_key_r from pairs)"
    )


def _counts(scored: int, keys: KeyCounts, levels: Mapping[str, Mapping[str, int]]) -> EdgeSet:
    return EdgeSet(
        (), scored, keys.keys_over_cap, levels=levels, keys_refined=keys.keys_refined, pairs_lost=keys.pairs_lost
    )


def _edge_set(edges: Iterable[Edge], threshold: float, counts: EdgeSet, confused: Iterable[tuple[str, str]]) -> EdgeSet:
    ordered = sorted(edges, key=lambda edge: (-edge.weight, edge.left, edge.right))
    pairs = {frozenset(pair) for pair in confused}
    strong = sum(edge.weight >= threshold for edge in ordered)
    kept = sum(edge.weight > APART for edge in ordered)
    return replace(
        counts,
        edges=tuple(ordered[:strong]),
        weak=tuple(ordered[strong:kept]),
        apart=frozenset((edge.left, edge.right) for edge in ordered[kept:]),
        confused=frozenset(edge for edge in ordered[:strong] if frozenset((edge.left, edge.right)) in pairs),
    )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def find_candidates(
    records: pa.Table, memory_limit: str, spill_folder: Path | None = None
) -> tuple[KeyCounts, pa.Table]:
    """Return what became of the keys of a linkage table, and the pairs they propose: `left_id`, `right_id` as rows of
    the table counted from 0."""
    with _connect(memory_limit, spill_folder) as connection:
        _load(connection, records)
        counts = make_candidates(_Queries(connection), records.num_rows, PLACE.keys)
        return counts, connection.sql("select * from candidate_pair").to_arrow_table()


@dataclass(frozen=True)
class Audit:
    """A random sample of records compared with every record: how many links the keys would have missed."""

    records_sampled: int
    pairs_compared: int
    links: int
    """Pairs of a sampled record that weigh the threshold or more."""
    links_found: int
    """Those of them that share a key."""

    @property
    def recall(self) -> float | None:
        """The share of links that share a key; None where the sample holds no link."""
        return self.links_found / self.links if self.links else None


def audit_candidates(
    records: pa.Table,
    model: Model,
    memory_limit: str,
    pairs: int = 5_000_000,
    spill_folder: Path | None = None,
    standards: Mapping[str, str] = NO_STANDARDS,
) -> Audit:
    """Compare a sample of records with every record, in about so many `pairs`, and tell which links the keys find.

    The sample follows the digest of the record id, so the same records are drawn each time. It needs no truth: what the
    model would not link if it were compared, it does not count as missed. `standards` are as for `find_edges`.
    """
    ids = records.column("record_id").to_pylist()
    sampled = min(len(ids), max(1, pairs // max(1, len(ids))))
    with _connect(memory_limit, spill_folder) as connection:
        _load(connection, records)
        make_candidates(_Queries(connection), len(ids), PLACE.keys)
        connection.execute(
            "create table pairs as with sampled as ("
            f" select unique_id from records order by md5(record_id) limit {sampled})"
            " select distinct '0' as match_key, least(s.unique_id, r.unique_id) as join_key_l,"
            " greatest(s.unique_id, r.unique_id) as join_key_r"
            " from sampled s join records r on r.unique_id <> s.unique_id"
        )
        compared = _scalar(connection, "select count(*) from pairs")
        scored = _score(connection, model, len(ids), standards) if compared else []
        links = [(left, right) for left, right, weight in scored if weight >= model["threshold"]]
        known = set(connection.execute("select left_id, right_id from candidate_pair").fetchall())
    return Audit(sampled, compared, len(links), sum((min(link), max(link)) in known for link in links))


def explain_pairs(
    records: pa.Table,
    model: Model,
    pairs: Collection[tuple[str, str]],
    memory_limit: str,
    spill_folder: Path | None = None,
    standards: Mapping[str, str] = NO_STANDARDS,
    design: Design = PLACE,
    record_count: int | None = None,
) -> dict[tuple[str, str], tuple[FieldWeight, ...]]:
    """Return of each pair how every field weighed, `prior` first; together they are the weight of its edge.

    `pairs` are ids of records of the linkage table, `record_count` sets the prior (default: how many it holds), all
    else is as for `find_edges`. The bits of a rare value, and those of the standards of the two records, stand with
    their field.
    """
    if not pairs:
        return {}
    ids: list[str] = records.column("record_id").to_pylist()
    count = len(ids) if record_count is None else record_count
    place_of = {record_id: place for place, record_id in enumerate(ids)}
    numbers = [sorted((place_of[one], place_of[other])) for one, other in pairs]
    wanted = pa.table(
        {
            "match_key": pa.array(["0"] * len(numbers)),
            "join_key_l": pa.array([left for left, _ in numbers], pa.int64()),
            "join_key_r": pa.array([right for _, right in numbers], pa.int64()),
        }
    )
    with _connect(memory_limit, spill_folder) as connection:
        _load(connection, records)
        connection.register("wanted", wanted)
        connection.execute("create table pairs as select * from wanted")
        shifts, _ = _shift_by_standards(connection, model, standards)
        added = "".join(f", {sql} as shift_{name}" for name, sql in shifts.items())
        predicted = _predict(connection, model, count, EVERY_PAIR, design, explains=True)
        connection.execute(f"select *, {design.little} as is_little{added} from {predicted} as found")
        names = [column[0] for column in connection.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
    chance = _prior(count, design)
    prior = FieldWeight("prior", "", math.log2(chance / (1 - chance)))
    explained = {
        frozenset((ids[row["unique_id_l"]], ids[row["unique_id_r"]])): _with_little(
            (prior, *_field_weights(row, design.comparisons)), model["threshold"], is_little=row["is_little"]
        )
        for row in found
    }
    return {pair: explained[frozenset(pair)] for pair in pairs}


def _with_little(fields: tuple[FieldWeight, ...], threshold: float, *, is_little: bool) -> tuple[FieldWeight, ...]:
    """Return the weights of the fields, of a pair of which too little is known with what that takes from them."""
    over = math.fsum(one.bits for one in fields) - (threshold - SHORT_OF_THRESHOLD)
    return (*fields, FieldWeight("alone", "little", -over)) if is_little and over > 0 else fields


def _field_weights(row: Mapping[str, Any], comparisons: tuple[Comparison, ...]) -> Iterator[FieldWeight]:
    for comparison in comparisons:
        name, gamma = comparison.name, row[f"gamma_{comparison.name}"]
        level = MISSING if gamma < 0 else comparison.level_names[len(comparison.level_names) - 1 - gamma]
        bits = row[f"mw_{name}"] + (row.get(f"mw_tf_adj_{name}") or 0.0) + row.get(f"shift_{name}", 0.0)
        yield FieldWeight(name, level, 0.0 if gamma < 0 else bits)


def count_levels(
    records: pa.Table, truth: Mapping[str, str], memory_limit: str
) -> dict[str, dict[str, tuple[int, int]]]:
    """Count, for each comparison and level, the true pairs and the random pairs that reach it: what a model is made of.

    `truth` maps a record id to the true person. Random pairs are a sample of neighbours in hash order.
    """
    return count_levels_by_pair(records, truth, memory_limit, NO_STANDARDS)[ALL_PAIRS]


def count_levels_by_pair(
    records: pa.Table, truth: Mapping[str, str], memory_limit: str, standards: Mapping[str, str]
) -> dict[str, dict[str, dict[str, tuple[int, int]]]]:
    """Count as `count_levels` does, for all pairs and by pair of standards; `standards` gives that of each feed."""
    people = [truth.get(record_id) for record_id in records.column("record_id").to_pylist()]
    with _connect(memory_limit) as connection:
        _load(connection, records.append_column("true_person", pa.array(people, pa.string())))
        connection.execute(
            "create table labelled as select l.unique_id as l, r.unique_id as r, true as is_same from records l"
            " join records r on l.true_person = r.true_person and l.unique_id < r.unique_id"
        )
        connection.execute(f"insert into labelled {BLIND_PAIRS} where l.true_person <> r.true_person")
        known = pa.table({"feed": list(standards.keys()), "standard": list(standards.values())}, schema=_STANDARDS)
        connection.register("known", known)
        connection.execute("create table standards as select * from known")
        found: dict[str, dict[str, dict[str, tuple[int, int]]]] = {ALL_PAIRS: {}}
        for comparison in COMPARISONS:
            for pair, levels in _count(connection, comparison).items():
                found.setdefault(pair, {})[comparison.name] = levels
        return found


def count_blind_levels(
    records: pa.Table, comparisons: tuple[Comparison, ...], memory_limit: str
) -> dict[str, dict[str, int]]:
    """Count, for each comparison and level, the pairs taken blindly that reach it: 40 neighbours in hash order each."""
    with _connect(memory_limit) as connection:
        _load(connection, records)
        connection.execute(f"create table labelled as {BLIND_PAIRS}")
        left, right = (_suffixed(connection, side) for side in ("l", "r"))
        return {
            comparison.name: dict(
                connection.execute(
                    f"select {_level_case(comparison)} as level, count(*) from labelled"
                    f" join ({left}) on l = unique_id_l join ({right}) on r = unique_id_r group by level"
                ).fetchall()
            )
            for comparison in comparisons
        }


def train_levels(
    records: pa.Table, model: Model, memory_limit: str, design: Design, columns: Sequence[str]
) -> dict[str, dict[str, list[float]]]:
    """Return `model['comparisons']` with each m moved to what expectation maximisation finds on the records themselves.

    Pairs that agree on one of `columns` are taken in turn, at most `TRAINING_PAIRS` of them, and train the comparisons
    that read other columns; the engine's sample of them is the same in every run. u stays, and so does the m of a level
    that no pair trained.
    """
    from splink import DuckDBAPI, Linker  # slow to load, and most verbs link nothing

    logging.getLogger("splink").setLevel(logging.ERROR)  # levels nobody reached are said of each column
    with _connect(memory_limit) as connection:
        _load(connection, records)
        registered = DuckDBAPI(connection).register("records", dataset_display_name="person_records")
        linker = Linker(registered, _settings(model, records.num_rows, design), None)
        for column in columns:
            if _scalar(
                connection, f"select count(*) - count(distinct {column}) from records where {column} is not null"
            ):
                linker.training.estimate_parameters_using_expectation_maximisation(
                    f"l.{column} = r.{column}", fix_u_probabilities=True, max_pairs=TRAINING_PAIRS
                )
        trained = linker.misc.save_model_to_json()["comparisons"]
    return {
        comparison.name: _trained(comparison, levels["comparison_levels"], model["comparisons"][comparison.name])
        for comparison, levels in zip(design.comparisons, trained, strict=True)
    }


def _trained(
    comparison: Comparison, levels: Sequence[Mapping[str, Any]], old: Mapping[str, Sequence[float]]
) -> dict[str, list[float]]:
    """Return m as trained, drawn a little towards the old one so that no level becomes impossible, and the old u."""
    found = [level.get("m_probability") for level in levels if not level.get("is_null_level")]
    shares = [
        old[name][0] if m is None else (1 - OLD_SHARE) * m + OLD_SHARE * old[name][0]
        for name, m in zip(comparison.level_names, found, strict=True)
    ]
    return {
        name: [share / sum(shares), old[name][1]] for name, share in zip(comparison.level_names, shares, strict=True)
    }


@contextmanager
def _connect(
    memory_limit: str, spill_folder: Path | None = None, threads: int = THREADS
) -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory(prefix="braid-link-", dir=spill_folder) as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        try:
            connection = duckdb.connect(":memory:", config=config)
        except (duckdb.ParserException, duckdb.InvalidInputException):
            raise LinkageFailed("the memory limit is no size: write a number and its unit, as 2GB") from None
        try:
            yield connection
        except duckdb.OutOfMemoryException:
            raise EngineNotAvailable("the memory limit is too small for these records: set a larger one") from None
        finally:
            connection.close()


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def _load(connection: duckdb.DuckDBPyConnection, records: pa.Table) -> None:
    _take(connection, "records", with_numbers(records))


def with_numbers(records: pa.Table) -> pa.Table:
    """Return a linkage table with the number of each row, `unique_id`, from 0."""
    return records.append_column("unique_id", pa.array(range(records.num_rows), pa.int64()))


class _Queries:
    """Portable queries on the connection that Splink scores on: what making candidates needs of an engine."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def create(self, name: str, sql: str) -> None:
        self._connection.execute(f"create or replace table {name} as {compile_sql(sql, 'duckdb')}")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        cursor = self._connection.execute(compile_sql(sql, "duckdb"))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def forget(self, name: str) -> None:
        self._connection.execute(f"drop table if exists {name}")


def _block(connection: duckdb.DuckDBPyConnection, record_count: int, design: Design) -> KeyCounts:
    """Make table `pairs` of all pairs that share a key, as Splink takes them; return what became of the keys."""
    queries = _Queries(connection)
    keys = make_candidates(queries, record_count, design.keys)
    connection.execute(
        "create table pairs as select '0' as match_key, left_id as join_key_l, right_id as join_key_r"
        " from candidate_pair"
    )
    queries.forget("candidate_pair")
    return keys


def _score(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    record_count: int,
    standards: Mapping[str, str] = NO_STANDARDS,
    design: Design = PLACE,
) -> list[tuple[int, int, float]]:
    """Make table `scored` of the pairs from `WEAKEST` bits on, with their levels, and return them with their bits.

    Of those that `design` never joins the bits are `APART`; those of which too little is known stay short of the
    threshold.
    """
    most_of_little = model["threshold"] - SHORT_OF_THRESHOLD
    least = min(WEAKEST, model["threshold"])
    shifts, most = _shift_by_standards(connection, model, standards)
    shift = " + ".join(["0.0", *shifts.values()])
    predicted = _predict(connection, model, record_count, least - most, design)
    gammas = ", ".join(f"gamma_{comparison.name}" for comparison in design.comparisons)
    kept = f"case when is_apart then {APART} when is_little then least(bits, {most_of_little}) else bits end"
    connection.execute(
        f"create table scored as select * replace ({kept} as bits) from (select unique_id_l, unique_id_r, {gammas},"
        f" {design.never} as is_apart, {design.little} as is_little,"
        f" round(match_weight + {shift}, 6) as bits from {predicted} as found) where bits >= {least}"
    )
    return connection.execute("select unique_id_l, unique_id_r, bits from scored").fetchall()


def _predict(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    record_count: int,
    least: float,
    design: Design,
    *,
    explains: bool = False,
) -> str:
    """Score table `pairs` by the weights of all sources; return the table of those of `least` bits or more."""
    from splink import DuckDBAPI, Linker  # slow to load, and most verbs link nothing

    api = DuckDBAPI(connection)
    registered = api.register("records", dataset_display_name="person_records")
    settings = _settings(model, record_count, design) | {"retain_intermediate_calculation_columns": explains}
    # Its check of settings warns whoever wrote them of absent columns, and takes longer than the scores of a night.
    linker = Linker(registered, settings, None, validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs", dataset_display_name="blocked"))
    for column, shares in model.get("term_frequencies", {}).items():
        lookup = _freeze(connection, column, shares)
        linker.table_management.register_term_frequency_lookup(
            api.register(lookup, dataset_display_name=lookup), column
        )
    return str(linker.inference.predict(threshold_match_weight=least, warning_mode="never").physical_name)


def _freeze(connection: duckdb.DuckDBPyConnection, column: str, shares: Mapping[str, float]) -> str:
    """Make the table of how often tonight's values of a column occur, by the release; what it does not know is rare."""
    name = f"frozen_{column}"
    known = pa.table({"value": pa.array(shares.keys(), pa.string()), "share": pa.array(shares.values(), pa.float64())})
    connection.register("shares", known)
    connection.execute(
        f"create table {name} as select r.{column}, coalesce(s.share, {RAREST}) as tf_{column}"
        f" from (select distinct {column} from records where {column} is not null) r"
        f" left join shares s on s.value = r.{column}"
    )
    connection.unregister("shares")
    return name


def count_frequencies(records: pa.Table, memory_limit: str) -> dict[str, dict[str, float]]:
    """Return how often the common values of names and postcodes occur, as shares: those that are not the rarest, and
    that ten records or more hold.
    """
    with _connect(memory_limit) as connection:
        _load(connection, records)
        return {
            column: dict(
                connection.execute(
                    f"with total as (select count({column}) as n from records)"
                    f" select {column}, round(count(*) / any_value(n), 8) from records, total"
                    f" where {column} is not null"
                    f" group by {column} having count(*) >= {FEWEST} and count(*) / any_value(n) > {RAREST} order by 1"
                ).fetchall()
            )
            for column in RARE_COLUMNS
        }


def count_values(records: pa.Table, memory_limit: str) -> dict[str, dict[str, float]]:
    """Return how often values of names and postcodes occur, as shares: those that are not the rarest. They weigh as the
    run's own frequencies do, exactly, and name people: they stay with the run."""
    with _connect(memory_limit) as connection:
        _load(connection, records)
        return {
            column: dict(
                connection.execute(
                    f"with total as (select cast(count({column}) as double) as n from records)"
                    f" select {column}, count(*) / any_value(n) from records, total where {column} is not null"
                    f" group by {column} having count(*) / any_value(n) > {RAREST} order by 1"
                ).fetchall()
            )
            for column in RARE_COLUMNS
        }


def pair_of(one: str, other: str) -> str:
    """Return how a pair of standards is written in a release."""
    return "|".join(sorted((one, other)))


def _shift_by_standards(
    connection: duckdb.DuckDBPyConnection, model: Model, standards: Mapping[str, str]
) -> tuple[dict[str, str], float]:
    """Return SQL of the bits that a pair's standards add to those of all sources, by comparison, and the most that they
    can be together.

    The weights by pair of standards differ in m alone: how often two people agree by chance is the same.
    """
    rows = [
        (
            feed,
            other_feed,
            place,
            comparison.gamma(level),
            math.log2(m / model["comparisons"][comparison.name][level][0]),
        )
        for feed, standard in standards.items()
        for other_feed, other in standards.items()
        for place, comparison in enumerate(COMPARISONS)
        for level, m in model.get("source_pairs", {}).get(pair_of(standard, other), {}).get(comparison.name, {}).items()
    ]
    if not rows:
        return {}, 0.0
    feeds, others, places, gammas, bits = zip(*rows, strict=True)
    connection.register(
        "shifts", pa.table({"feed": feeds, "other_feed": others, "place": places, "gamma": gammas, "bits": bits})
    )
    connection.execute("create table shift as select * from shifts")
    connection.unregister("shifts")
    used = sorted(set(places))
    parts = {
        COMPARISONS[
            place
        ].name: "coalesce((select bits from shift where shift.feed = found.feed_l and other_feed = found.feed_r"
        f" and place = {place} and gamma = found.gamma_{COMPARISONS[place].name}), 0.0)"
        for place in used
    }
    most = sum(max(0.0, *(bit for at, bit in zip(places, bits, strict=True) if at == place)) for place in used)
    return parts, most


def _count_edge_levels(
    connection: duckdb.DuckDBPyConnection,
    threshold: float,
    comparisons: tuple[Comparison, ...],
    scored: str = "(select *, bits as weight from scored)",
) -> dict[str, dict[str, int]]:
    """Return how many edges reach each level; those to which a comparison says nothing are in none."""
    return {
        comparison.name: {
            comparison.level_names[len(comparison.level_names) - 1 - gamma]: count
            for gamma, count in connection.execute(
                f"select gamma_{comparison.name} as gamma, count(*) from {scored} as s where weight >= {threshold}"
                f" and gamma_{comparison.name} >= 0 group by gamma order by gamma desc"
            ).fetchall()
        }
        for comparison in comparisons
    }


def _find_confused(
    connection: duckdb.DuckDBPyConnection,
    threshold: float,
    design: Design,
    scored: str = '(select *, unique_id_l as "left", unique_id_r as "right", bits as weight from scored)',
) -> list[tuple[Any, Any]]:
    """Return the edges that a shared number makes against all else: their two ends."""
    return connection.execute(
        f'select "left", "right" from {scored} as s where weight >= {threshold} and {design.confused}'
    ).fetchall()


def _prior(record_count: int, design: Design) -> float:
    """Return the chance that two records taken blindly are one person."""
    rounded: int = 1 << (record_count - 1).bit_length()
    return min(0.5, design.true_pairs_per_record / rounded)


def _settings(model: Model, record_count: int, design: Design) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": _prior(record_count, design),
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
        "comparisons": [
            _comparison(comparison, model["comparisons"][comparison.name]) for comparison in design.comparisons
        ],
    }


def _comparison(comparison: Comparison, parameters: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in comparison.levels:
        m, u = parameters[level.name]
        row = {"sql_condition": level.condition, "label_for_charts": level.name, "m_probability": m, "u_probability": u}
        if level.rarity:
            row |= {"tf_adjustment_column": level.rarity, "tf_adjustment_weight": 1.0, "tf_minimum_u_value": RAREST}
        levels.append(row)
    m, u = parameters["else"]
    levels.append({"sql_condition": "ELSE", "label_for_charts": "else", "m_probability": m, "u_probability": u})
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _count(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> dict[str, dict[str, tuple[int, int]]]:
    """Count the levels of one comparison: over all pairs, and for each pair of standards that is known."""
    left, right = (_suffixed(connection, side) for side in ("l", "r"))
    rows = connection.execute(
        f"select least(a.standard, b.standard) || '|' || greatest(a.standard, b.standard) as pair, level,"
        f" count(*) filter (where is_same), count(*) filter (where not is_same) from"
        " (select is_same, feed_l, feed_r,"
        f" {_level_case(comparison)} as level"
        f" from labelled join ({left}) on l = unique_id_l join ({right}) on r = unique_id_r)"
        " left join standards a on a.feed = feed_l left join standards b on b.feed = feed_r group by all"
    ).fetchall()
    found: dict[str, dict[str, tuple[int, int]]] = {ALL_PAIRS: {}}
    for pair, level, same, other in rows:
        for name in (ALL_PAIRS, pair) if pair else (ALL_PAIRS,):
            held = found.setdefault(name, {}).get(level, (0, 0))
            found[name][level] = (held[0] + same, held[1] + other)
    return found


def _level_case(comparison: Comparison) -> str:
    cases = " ".join(f"when {level.condition} then '{level.name}'" for level in comparison.levels)
    return f"case when {comparison.missing} then 'missing' {cases} else 'else' end"


def _suffixed(connection: duckdb.DuckDBPyConnection, side: str) -> str:
    names = [row[0] for row in connection.execute("describe records").fetchall()]
    return "select " + ", ".join(f"{name} as {name}_{side}" for name in names) + " from records"
