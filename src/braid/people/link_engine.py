"""Pairs and their weights by Splink on DuckDB: the one file that knows either.

The model is frozen (`linkage_model.json`): a night only scores. Only the prior follows the number of records, in steps
of two, since the chance that two records taken blindly are one person falls as a place grows.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from braid.people.comparisons import COMPARISONS, KEYS, TWINS, Comparison, Key
from braid.people.model import Edge, EdgeSet, LinkageFailed

MODEL_PATH = Path(__file__).with_name("linkage_model.json")
THREADS = 2
KEY_CAP = 200
"""A key shared by more records than this says nothing (a hostel's postcode with a common name)."""
TRUE_PAIRS_PER_RECORD = 1.5
"""True pairs a record, as a rule of thumb for a place of eight partners; sets the prior together with the count."""
RAREST = 1e-4
"""The rarest share of a value that still adds weight, so that one slip of the pen does not look like a rare name."""

WEAKEST = -4.0
"""Bits below which a scored pair says nothing even of links that were missed: a chance of 6 in 100."""

RARE = tuple(
    sorted({level.rarity for comparison in COMPARISONS for level in comparison.levels if level.rarity is not None})
)
"""Columns of which rare values weigh more."""

FOUND_SCHEMA = pa.schema([("left", pa.string()), ("right", pa.string()), ("weight", pa.float64())])
"""Scored pairs as a run keeps them: two record ids in order, and bits."""

Model = Mapping[str, Any]


def load_model(path: Path = MODEL_PATH) -> Model:
    """Return the frozen model: `version`, `threshold` (bits) and, by comparison and level, the pair `[m, u]`."""
    model: Model = json.loads(path.read_text(encoding="utf-8"))
    for comparison in COMPARISONS:
        known = set(model["comparisons"].get(comparison.name, {}))
        if known != set(comparison.level_names):
            raise LinkageFailed(f"the linkage model does not fit comparison {comparison.name!r}; train it again")
    return model


def find_edges(records: pa.Table, model: Model, memory_limit: str, spill_folder: Path | None = None) -> EdgeSet:
    """Return the pairs of the linkage table that weigh `model['threshold']` bits or more, heaviest first; the rest down
    to `WEAKEST` as `weak`.

    `memory_limit` is DuckDB's own form (`"1GB"`); beyond it the engine spills to a folder of its
    own under `spill_folder` (default: the system's temporary folder), gone when it ends.
    """
    ids = records.column("record_id").to_pylist()
    if len(ids) < 2:
        return EdgeSet((), 0, 0)
    with _connect(memory_limit, spill_folder) as connection:
        _load(connection, records)
        over_cap = _block(connection)
        scored = _scalar(connection, "select count(*) from pairs")
        found = _score(connection, model, len(ids)) if scored else []
    edges = [Edge(min(ids[left], ids[right]), max(ids[left], ids[right]), weight) for left, right, weight in found]
    edges.sort(key=lambda edge: (-edge.weight, edge.left, edge.right))
    strong = sum(edge.weight >= model["threshold"] for edge in edges)
    return EdgeSet(tuple(edges[:strong]), scored, over_cap, tuple(edges[strong:]))


def count_levels(
    records: pa.Table, truth: Mapping[str, str], memory_limit: str
) -> dict[str, dict[str, tuple[int, int]]]:
    """Count, for each comparison and level, the true pairs and the random pairs that reach it: what a model is made of.

    `truth` maps a record id to the true person. Random pairs are a sample of neighbours in hash order.
    """
    people = [truth.get(record_id) for record_id in records.column("record_id").to_pylist()]
    with _connect(memory_limit) as connection:
        _load(connection, records.append_column("true_person", pa.array(people, pa.string())))
        connection.execute(
            "create table labelled as select l.unique_id as l, r.unique_id as r, true as is_same from records l"
            " join records r on l.true_person = r.true_person and l.unique_id < r.unique_id"
        )
        connection.execute(
            "insert into labelled with mixed as (select unique_id, true_person,"
            " row_number() over (order by md5(record_id)) as place from records)"
            " select l.unique_id, r.unique_id, false from mixed l"
            " join mixed r on r.place between l.place + 1 and l.place + 40"
            " where l.true_person <> r.true_person"
        )
        return {comparison.name: _count(connection, comparison) for comparison in COMPARISONS}


@contextmanager
def _connect(memory_limit: str, spill_folder: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory(prefix="braid-link-", dir=spill_folder) as spill:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory_limit,
                "threads": THREADS,
                "temp_directory": spill,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            yield connection
        finally:
            connection.close()


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def _load(connection: duckdb.DuckDBPyConnection, records: pa.Table) -> None:
    numbered = records.append_column("unique_id", pa.array(range(records.num_rows), pa.int64()))
    connection.register("incoming", numbered)
    connection.execute("create table records as select * from incoming")
    connection.unregister("incoming")


def _block(connection: duckdb.DuckDBPyConnection) -> int:
    """Make table `pairs` of all pairs that share a key; return how many keys were over the cap, so skipped."""
    selects = " union all ".join(_key_select(place, key) for place, key in enumerate(KEYS))
    connection.execute(f"create temp table all_keys as select distinct * from ({selects}) where key is not null")
    connection.execute(
        f"create temp table wide_keys as select key from all_keys group by key having count(*) > {KEY_CAP}"
    )
    connection.execute(
        "create table pairs as select distinct '0' as match_key, l.unique_id as join_key_l, r.unique_id as join_key_r"
        " from all_keys l join all_keys r on l.key = r.key and l.unique_id < r.unique_id"
        " where l.key not in (select key from wide_keys)"
    )
    over_cap = _scalar(connection, "select count(*) from wide_keys")
    connection.execute("drop table all_keys")
    connection.execute("drop table wide_keys")
    return over_cap


def _key_select(place: int, key: Key) -> str:
    return (
        f"select hash({place}, value) as key, unique_id"
        f" from (select unique_id, unnest({key.values}) as value from records) where value is not null"
    )


def _score(
    connection: duckdb.DuckDBPyConnection, model: Model, record_count: int, *, frozen: bool = False
) -> list[tuple[int, int, float]]:
    """Score `pairs`; where `frozen`, by how frequent values are in the tables `tf_<column>`, not in the records."""
    from splink import DuckDBAPI, Linker  # slow to load, and most verbs link nothing

    api = DuckDBAPI(connection)
    linker = Linker(
        api.register("records", dataset_display_name="person_records"), _settings(model, record_count), None
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs", dataset_display_name="blocked"))
    for column in RARE if frozen else ():
        table = api.register(f"tf_{column}", dataset_display_name=f"frequency_of_{column}")
        linker.table_management.register_term_frequency_lookup(table, column)
    predicted = linker.inference.predict(threshold_match_weight=min(WEAKEST, model["threshold"]), warning_mode="never")
    return connection.execute(
        f"select unique_id_l, unique_id_r, round(match_weight, 6) from {predicted.physical_name} where not ({TWINS})"
    ).fetchall()


def _settings(model: Model, record_count: int) -> dict[str, Any]:
    rounded = 2 ** math.ceil(math.log2(record_count))
    return {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": min(0.5, TRUE_PAIRS_PER_RECORD / rounded),
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
        "comparisons": [_comparison(comparison, model["comparisons"][comparison.name]) for comparison in COMPARISONS],
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


def _count(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> dict[str, tuple[int, int]]:
    cases = " ".join(f"when {level.condition} then '{level.name}'" for level in comparison.levels)
    left, right = (_suffixed(connection, side) for side in ("l", "r"))
    rows = connection.execute(
        f"select level, count(*) filter (where is_same), count(*) filter (where not is_same) from"
        f" (select is_same, case when {comparison.missing} then 'missing' {cases} else 'else' end as level"
        f" from labelled join ({left}) on l = unique_id_l join ({right}) on r = unique_id_r) group by level"
    ).fetchall()
    return {level: (same, other) for level, same, other in rows}


def _suffixed(connection: duckdb.DuckDBPyConnection, side: str) -> str:
    names = [row[0] for row in connection.execute("describe records").fetchall()]
    return "select " + ", ".join(f"{name} as {name}_{side}" for name in names) + " from records"


@dataclass(frozen=True)
class Frequencies:
    """How frequent values were when a release was made: rows of column, value and share; and of how many records."""

    table: pa.Table
    release: str
    records: int

    def fits(self, count: int) -> bool:
        """Whether they still say how rare a value and a true pair are among `count` records."""
        return self.records <= 2 * count and count <= 2 * self.records


@contextmanager
def opened_index(memory_limit: str, spill_folder: Path | None = None) -> Iterator[PairIndex]:
    """Give an empty index of keys and pairs."""
    with _connect(memory_limit, spill_folder) as connection:
        yield PairIndex(connection)


class PairIndex:
    """Which record holds which key, and the pairs that follow, of all records or of those that a night touches.

    A record has a `number` that it keeps from night to night; of a pair the left is the one whose id sorts first, so
    that a pair is compared the same way round in whatever run.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._sql = connection.execute
        self.pairs_scored = 0
        self.ends: frozenset[str] = frozenset()
        """Records of pairs that are scored otherwise than in the run before, or may be."""

    def load(self, numbered: pa.Table) -> None:
        """Take the linkage table of all records, with their numbers, sorted by record id."""
        placed = numbered.append_column("unique_id", pa.array(range(numbered.num_rows), pa.int64()))
        self._connection.register("everybody", placed)

    def count_values(self) -> pa.Table:
        """Return how frequent each value is of the columns whose rare values weigh more."""
        parts = (
            f"select '{column}' as name, {column} as value,"
            f" cast(count(*) as double) / (select count({column}) from everybody) as share"
            f" from everybody where {column} is not null group by {column}"
            for column in RARE
        )
        return self._connection.sql(f"{' union all '.join(parts)} order by name, value").to_arrow_table()

    def find_all(self, model: Model, frequencies: Frequencies) -> pa.Table:
        """Index every record and return the scored pairs, as `FOUND_SCHEMA` says, in order of ids."""
        self._index("everybody", "key_of")
        self._sql(
            f"create temp table wide_key as select key from key_of group by key having count(*) > {KEY_CAP};"
            " create temp table numbered_pair as select distinct l.number as a, r.number as b"
            " from key_of l join key_of r on l.key = r.key and l.number < r.number"
            " where l.key not in (select key from wide_key)"
        )
        self._place_pairs()
        return self._score(model, frequencies).sort_by([("left", "ascending"), ("right", "ascending")])

    def take_over(self, earlier: Path, old: pa.ChunkedArray, new: pa.ChunkedArray) -> None:
        """Index the records numbered `new`, and take all others' keys from the index of the run before.

        `old` are numbers of records that are otherwise or gone. Touched is whoever is new or otherwise, and whoever
        holds a key that passes the cap by it or falls under it.
        """
        self._connection.register("old_number", pa.table({"number": old}))
        self._connection.register("new_number", pa.table({"number": new}))
        self._sql(f"create view earlier_key as select key, number from read_parquet('{_quoted(earlier)}')")
        self._sql("create table changed_record as select e.* from everybody e semi join new_number n using (number)")
        self._index("changed_record", "new_key")
        self._sql("create table old_key as select k.* from earlier_key k semi join old_number o using (number)")
        self._sql(
            "create view key_of as select k.* from earlier_key k anti join old_number o using (number)"
            " union all select * from new_key"
        )
        self._sql(
            "create table at_stake as with delta as ("
            " select key, sum(n) as n from (select key, count(*) as n from new_key group by key"
            " union all select key, -count(*) from old_key group by key) d group by key)"
            " select key, count(k.number) as before, count(k.number) + any_value(d.n) as after"
            " from delta d left join earlier_key k using (key) group by key"
        )
        crossing = f"(before > {KEY_CAP}) <> (after > {KEY_CAP})"
        self._sql(
            "create table touched as select number from new_number union"
            f" select k.number from key_of k semi join (select key from at_stake where {crossing}) c using (key)"
        )
        self._pair()

    def find_touched(self, model: Model, frequencies: Frequencies, earlier: Path) -> pa.Table:
        """Return the scored pairs of the run before that nothing touched, with those of the touched scored now."""
        scored = self._score(model, frequencies)
        self._connection.register("scored", scored)
        self._sql("create table loose as select record_id from everybody semi join touched using (number)")
        self._sql(f"create view earlier_pair as select * from read_parquet('{_quoted(earlier)}')")
        self._sql(
            "create table dropped as select * from earlier_pair f where f.left in (select record_id from loose)"
            " or f.right in (select record_id from loose) or f.left not in (select record_id from everybody)"
            " or f.right not in (select record_id from everybody)"
        )
        ends = self._sql(
            'select "left" from dropped union select "right" from dropped'
            ' union select "left" from scored union select "right" from scored'
        ).fetchall()
        self.ends = frozenset(record for (record,) in ends)
        kept = 'earlier_pair anti join dropped using ("left", "right")'
        query = f'select * from {kept} union all select * from scored order by "left", "right"'
        return self._connection.sql(query).to_arrow_table().cast(FOUND_SCHEMA)

    def write(self, path: Path) -> None:
        """Write the index."""
        self._sql(f"copy (select key, number from key_of) to '{_quoted(path)}' (format parquet, compression zstd)")

    def keys_over_cap(self) -> int:
        """Return how many keys so many records share that they say nothing."""
        query = f"select count(*) from (select key from key_of group by key having count(*) > {KEY_CAP}) w"
        return _scalar(self._connection, query)

    def _index(self, records: str, name: str) -> None:
        selects = " union all ".join(_key_select(place, key) for place, key in enumerate(KEYS))
        selects = selects.replace("unique_id", "number").replace("from records)", f"from {records})")
        self._sql(f"create table {name} as select distinct * from ({selects}) where key is not null")

    def _pair(self) -> None:
        """Find all pairs that share a key, of which one at least is touched."""
        self._sql(
            "create temp table touched_key as select distinct k.key from key_of k semi join touched using (number)"
        )
        self._sql(
            "create temp table held as select k.key, k.number, count(*) over (partition by key) as holders,"
            " t.number is not null as is_touched"
            " from key_of k semi join touched_key using (key) left join touched t on t.number = k.number"
        )
        self._sql(
            "create temp table numbered_pair as select distinct l.number as a, r.number as b"
            " from held l join held r on l.key = r.key and l.number <> r.number"
            f" where l.is_touched and l.holders <= {KEY_CAP} and (not r.is_touched or l.number < r.number)"
        )
        self._place_pairs()

    def _place_pairs(self) -> None:
        """Make tables `records` and `pairs` of `numbered_pair`: of a pair, left is the record whose id sorts first."""
        self._sql(
            "create table records as select * from everybody semi join"
            " (select a as number from numbered_pair union select b from numbered_pair) p using (number)"
        )
        self._sql(
            "create table pairs as select '0' as match_key, least(l.unique_id, r.unique_id) as join_key_l,"
            " greatest(l.unique_id, r.unique_id) as join_key_r from numbered_pair p"
            " join records l on l.number = p.a join records r on r.number = p.b"
        )
        self.pairs_scored = _scalar(self._connection, "select count(*) from pairs")

    def _score(self, model: Model, frequencies: Frequencies) -> pa.Table:
        if not self.pairs_scored:
            return FOUND_SCHEMA.empty_table()
        self._connection.register("frequency", frequencies.table)
        for column in RARE:  # a value that came since the release was made is as rare as one that came once
            self._sql(
                f"create table tf_{column} as select value as {column}, share as tf_{column} from frequency"
                f" where name = '{column}' union all select distinct {column}, {1 / max(frequencies.records, 1)}"
                f" from records where {column} is not null"
                f" and {column} not in (select value from frequency where name = '{column}')"
            )
        rows = _score(self._connection, model, frequencies.records, frozen=True)
        ids = dict(self._sql("select unique_id, record_id from records").fetchall())
        columns = (
            zip(*((ids[left], ids[right], weight) for left, right, weight in rows), strict=True) if rows else ((),) * 3
        )
        return pa.table(
            [pa.array(column, field.type) for column, field in zip(columns, FOUND_SCHEMA, strict=True)], FOUND_SCHEMA
        )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
