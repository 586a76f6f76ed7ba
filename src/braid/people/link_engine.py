"""Pairs and their weights by Splink on DuckDB: the one file that knows either.

The model is frozen (`linkage_model.json`): a night only scores. Only the prior follows the number of records, in steps
of two, since the chance that two records taken blindly are one person falls as a place grows.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from braid.people.comparisons import COMPARISONS, KEYS, TWINS, Comparison, Key
from braid.people.model import Edge, EdgeSet, FieldWeight, LinkageFailed

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

EVERY_PAIR = -1000.0
"""Bits that every pair weighs at least."""
MISSING = "missing"
"""The level of a field that says nothing."""

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


def explain_pairs(
    records: pa.Table,
    model: Model,
    pairs: Collection[tuple[str, str]],
    memory_limit: str,
    spill_folder: Path | None = None,
) -> dict[tuple[str, str], tuple[FieldWeight, ...]]:
    """Return of each pair how every field weighed, `prior` first; together they are the weight of its edge.

    `pairs` are ids of records of the linkage table. The bits of a rare value stand with its field.
    """
    if not pairs:
        return {}
    ids: list[str] = records.column("record_id").to_pylist()
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
        predicted = _predict(connection, model, len(ids), EVERY_PAIR, explains=True)
        connection.execute(f"select * from {predicted}")
        names = [column[0] for column in connection.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
    prior = FieldWeight("prior", "", math.log2(_prior(len(ids)) / (1 - _prior(len(ids)))))
    explained = {
        frozenset((ids[row["unique_id_l"]], ids[row["unique_id_r"]])): (prior, *_field_weights(row)) for row in found
    }
    return {pair: explained[frozenset(pair)] for pair in pairs}


def _field_weights(row: Mapping[str, Any]) -> Iterator[FieldWeight]:
    for comparison in COMPARISONS:
        gamma = row[f"gamma_{comparison.name}"]
        level = MISSING if gamma < 0 else comparison.level_names[len(comparison.level_names) - 1 - gamma]
        bits = row[f"mw_{comparison.name}"] + (row.get(f"mw_tf_adj_{comparison.name}") or 0.0)
        yield FieldWeight(comparison.name, level, 0.0 if gamma < 0 else bits)


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


def _score(connection: duckdb.DuckDBPyConnection, model: Model, record_count: int) -> list[tuple[int, int, float]]:
    predicted = _predict(connection, model, record_count, min(WEAKEST, model["threshold"]))
    return connection.execute(
        f"select unique_id_l, unique_id_r, round(match_weight, 6) from {predicted} where not ({TWINS})"
    ).fetchall()


def _predict(
    connection: duckdb.DuckDBPyConnection, model: Model, record_count: int, least: float, *, explains: bool = False
) -> str:
    """Score table `pairs`; return the table of those that weigh `least` bits or more."""
    from splink import DuckDBAPI, Linker  # slow to load, and most verbs link nothing

    api = DuckDBAPI(connection)
    settings = _settings(model, record_count) | {"retain_intermediate_calculation_columns": explains}
    linker = Linker(api.register("records", dataset_display_name="person_records"), settings, None)
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs", dataset_display_name="blocked"))
    return str(linker.inference.predict(threshold_match_weight=least, warning_mode="never").physical_name)


def _prior(record_count: int) -> float:
    """Return the chance that two records taken blindly are one person."""
    rounded: int = 1 << (record_count - 1).bit_length()
    return min(0.5, TRUE_PAIRS_PER_RECORD / rounded)


def _settings(model: Model, record_count: int) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": _prior(record_count),
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
