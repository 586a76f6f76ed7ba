"""Pairs and their weights by Splink on DuckDB: the one file that knows either.

The model is frozen (`linkage_model.json`): a night only scores. Only the prior follows the number of records, in steps
of two, since the chance that two records taken blindly are one person falls as a place grows.
"""

from __future__ import annotations

import json
import logging
import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from braid.people.comparisons import COMPARISONS, PLACE, Comparison, Design, Key
from braid.people.model import Edge, EdgeSet, LinkageFailed

MODEL_PATH = Path(__file__).with_name("linkage_model.json")
THREADS = 2
KEY_CAP = 200
"""A key shared by more records than this says nothing (a hostel's postcode with a common name)."""
RAREST = 1e-4
"""The rarest share of a value that still adds weight, so that one slip of the pen does not look like a rare name."""

TRAINING_PAIRS = 2_000_000
"""Pairs on which expectation maximisation is done at most, of each column."""
OLD_SHARE = 0.05
"""How much of a trained m is that of the model that stood before."""

WEAKEST = -4.0
"""Bits below which a scored pair says nothing even of links that were missed: a chance of 6 in 100."""

Model = Mapping[str, Any]


def load_model(path: Path = MODEL_PATH) -> Model:
    """Return the frozen model: `version`, `threshold` (bits) and, by comparison and level, the pair `[m, u]`."""
    model: Model = json.loads(path.read_text(encoding="utf-8"))
    for comparison in COMPARISONS:
        known = set(model["comparisons"].get(comparison.name, {}))
        if known != set(comparison.level_names):
            raise LinkageFailed(f"the linkage model does not fit comparison {comparison.name!r}; train it again")
    return model


def find_edges(
    records: pa.Table, model: Model, memory_limit: str, spill_folder: Path | None = None, design: Design = PLACE
) -> EdgeSet:
    """Return the pairs of the linkage table that weigh `model['threshold']` bits or more, heaviest first; the rest down
    to `WEAKEST` as `weak`.

    `memory_limit` is DuckDB's own form (`"1GB"`); beyond it the engine spills to a folder of its
    own under `spill_folder` (default: the system's temporary folder), gone when it ends. `design` says what is
    compared; its columns must be in `records`, its comparisons in `model`.
    """
    ids = records.column("record_id").to_pylist()
    if len(ids) < 2:
        return EdgeSet((), 0, 0)
    with _connect(memory_limit, spill_folder) as connection:
        _load(connection, records)
        over_cap = _block(connection, design.keys)
        scored = _scalar(connection, "select count(*) from pairs")
        found = _score(connection, model, len(ids), design) if scored else []
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


def count_blind_levels(
    records: pa.Table, comparisons: tuple[Comparison, ...], memory_limit: str
) -> dict[str, dict[str, int]]:
    """Count, for each comparison and level, the pairs taken blindly that reach it: 40 neighbours in hash order each."""
    with _connect(memory_limit) as connection:
        _load(connection, records)
        connection.execute(
            "create table labelled as with mixed as (select unique_id,"
            " row_number() over (order by md5(record_id)) as place from records)"
            " select l.unique_id as l, r.unique_id as r, false as is_same from mixed l"
            " join mixed r on r.place between l.place + 1 and l.place + 40"
        )
        counted = {comparison.name: _count(connection, comparison) for comparison in comparisons}
    return {name: {level: count for level, (_, count) in levels.items()} for name, levels in counted.items()}


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


def _block(connection: duckdb.DuckDBPyConnection, keys: tuple[Key, ...]) -> int:
    """Make table `pairs` of all pairs that share a key; return how many keys were over the cap, so skipped."""
    selects = " union all ".join(_key_select(place, key) for place, key in enumerate(keys))
    connection.execute(f"create temp table all_keys as select distinct * from ({selects}) where key is not null")
    connection.execute(
        "create temp table wide_keys as select key from all_keys group by key having count(*) > any_value(cap)"
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
        f"select hash({place}, value) as key, {key.cap or KEY_CAP} as cap, unique_id"
        f" from (select unique_id, unnest({key.values}) as value from records) where value is not null"
    )


def _score(
    connection: duckdb.DuckDBPyConnection, model: Model, record_count: int, design: Design
) -> list[tuple[int, int, float]]:
    from splink import DuckDBAPI, Linker  # slow to load, and most verbs link nothing

    api = DuckDBAPI(connection)
    registered = api.register("records", dataset_display_name="person_records")
    linker = Linker(registered, _settings(model, record_count, design), None)
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs", dataset_display_name="blocked"))
    predicted = linker.inference.predict(threshold_match_weight=min(WEAKEST, model["threshold"]), warning_mode="never")
    return connection.execute(
        f"select unique_id_l, unique_id_r, round(match_weight, 6) from {predicted.physical_name}"
        f" where not ({design.never})"
    ).fetchall()


def _settings(model: Model, record_count: int, design: Design) -> dict[str, Any]:
    rounded = 2 ** math.ceil(math.log2(record_count))
    return {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": min(0.5, design.true_pairs_per_record / rounded),
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
