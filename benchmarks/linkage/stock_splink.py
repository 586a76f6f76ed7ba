"""Splink as it comes: its ready-made comparisons, its training, its connected components, at its usual 95 %."""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb
import pyarrow as pa
import splink.comparison_library as ready_made
from labelled_sets import PLACE, LabelledSet, Stock
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.95
"""The probability at which Splink's examples take a pair for one person."""
TRAINING_PAIRS = 5_000_000
MEMORY_LIMIT, THREADS = "4GB", 2


def link_by_stock(chosen: LabelledSet, paths: list[Path]) -> tuple[dict[str, str], int]:
    """Return the cluster of each record id, and how many pairs were scored, by stock Splink on the same files."""
    connection = _connect()
    union = " union all by name ".join(f"select * from '{path}'" for path in paths)
    connection.execute(f"create table brought as select * exclude ({chosen.truth_column}) from ({union})")
    connection.execute(
        f"create table input as select cast({chosen.id_column} as varchar) as own_id, * exclude ({chosen.id_column})"
        f"{_cleaned(chosen)} from brought"
    )
    return _link(connection, chosen.stock)


def link_place_by_stock(records: pa.Table) -> tuple[dict[str, str], int]:
    """Return the same of the linkage table of a place, whose texts our own standardiser has already made comparable."""
    connection = _connect()
    connection.register("incoming", records)
    connection.execute(
        "create table input as select record_id as own_id, forename, surname, birth_date, postcode, sex, nhs, upn"
        " from incoming"
    )
    return _link(connection, PLACE)


def _connect() -> duckdb.DuckDBPyConnection:
    logging.getLogger("splink").setLevel(logging.ERROR)
    return duckdb.connect(":memory:", config={"memory_limit": MEMORY_LIMIT, "threads": THREADS})


def _link(connection: duckdb.DuckDBPyConnection, stock: Stock) -> tuple[dict[str, str], int]:
    api = DuckDBAPI(connection)
    linker = Linker(api.register("input", dataset_display_name="stock_input"), _settings(stock), None)
    _train(linker, stock)
    scored = linker.inference.predict(warning_mode="never")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        scored, threshold_match_probability=THRESHOLD
    )
    found = connection.execute(f"select own_id, cluster_id from {clusters.physical_name}").fetchall()
    pairs = connection.execute(f"select count(*) from {scored.physical_name}").fetchall()[0][0]
    return {own_id: str(cluster) for own_id, cluster in found}, pairs


def _cleaned(chosen: LabelledSet) -> str:
    """Bring the birth dates of pseudopeople, one form a source, to one form, as any user would have to."""
    if not chosen.name.startswith("pseudopeople"):
        return ""
    return (
        " replace (strftime(coalesce(try_strptime(date_of_birth, '%m/%d/%Y'), case when source = 'wic'"
        " then try_strptime(date_of_birth, '%m%d%Y') else try_strptime(date_of_birth, '%Y%m%d') end),"
        " '%Y-%m-%d') as date_of_birth, lower(first_name) as first_name, lower(last_name) as last_name,"
        " substr(middle, 1, 1) as middle)"
    )


def _settings(stock: Stock) -> SettingsCreator:
    comparisons = []
    for name, columns, more, rarity in stock.comparisons:
        comparison = getattr(ready_made, name)(*columns, **more)
        comparisons.append(comparison.configure(term_frequency_adjustments=True) if rarity else comparison)
    return SettingsCreator(
        link_type=stock.link_type,
        unique_id_column_name="own_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in stock.rules],
    )


def _train(linker: Linker, stock: Stock) -> None:
    linker.training.estimate_probability_two_random_records_match(list(stock.deterministic), recall=stock.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=TRAINING_PAIRS)
    for columns in stock.training:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns), max_pairs=TRAINING_PAIRS)
