"""Outcomes come to the same counts on Spark: of generated rows with every form of a measure, and of 150 places."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest

from braid.place.outcomes.reckoning import create_outcome_count
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.spark_engine import SparkEngine
from place.generated_outcomes import AS_OF, all_forms, generate, load

pytestmark = [pytest.mark.java, pytest.mark.slow]

DISTRICTS = ("E1", "E2")
IN_ORDER = "select * from outcome_count order by outcome_id, period_end_date, coalesce(district_code, '')"


@pytest.fixture(scope="module")
def benchmark():
    folder = str(Path(__file__).resolve().parents[2] / "benchmarks" / "place")
    sys.path.append(folder)
    import outcomes

    yield outcomes
    sys.path.remove(folder)


def test_every_form_of_a_measure_counts_alike_on_both(spark: SparkEngine) -> None:
    rows, outcomes = generate(3, 60, DISTRICTS), all_forms()
    with closing(DuckDBEngine(threads=1)) as embedded:
        found = []
        for engine in (embedded, spark):
            load(engine, rows)
            create_outcome_count(engine, outcomes, AS_OF, DISTRICTS)
            found.append(engine.rows(IN_ORDER))
    assert found[0] == found[1]
    assert sum(row["met"] for row in found[0]) > 100


def test_150_places_over_five_years_count_alike_on_both(spark: SparkEngine, benchmark) -> None:
    tables = benchmark.national_tables(60_000, 150)
    with closing(DuckDBEngine()) as embedded:
        ours, _ = benchmark.count_on(embedded, tables, 150)
    theirs, _ = benchmark.count_on(spark, tables, 150)
    assert len(ours) > 150 * 60
    assert benchmark.differences(ours, theirs) == 0
    assert benchmark.differences(ours, theirs[:-1]) == 1
