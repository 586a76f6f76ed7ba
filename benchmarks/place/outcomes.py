"""Outcomes of 150 places over five years on Spark and the embedded engine: rows, seconds, and whether they are equal.

    python benchmarks/place/outcomes.py [--people N] [--places N] [--engine duckdb|spark|both]

A place is a district here: that is what an outcome is counted by. Everybody is drawn, seed 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "src"))

from braid.language.findings import TABLES  # noqa: E402
from braid.place.outcomes.load import shipped_outcomes  # noqa: E402
from braid.place.outcomes.reckoning import create_outcome_count  # noqa: E402
from braid.problems.load import load_statements  # noqa: E402
from braid.store.arrow_types import file_schema  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.store.engine import Engine  # noqa: E402
from braid.store.spark_engine import SparkEngine  # noqa: E402

AS_OF = dt.date(2026, 11, 15)
DAYS = 5 * 365
KINDS = (
    "cf_assessment",
    "victim_support",
    "care_proceedings",
    "therapy",
    "temporary_accommodation",
    "bnb_family",
    "in_year_admission",
)
PLACES, PEOPLE, WAITS_EACH, WEEKS = 150, 300_000, 1, 8
EPOCH = dt.date(1970, 1, 1)
Row = dict[str, Any]


def national_tables(people: int, places: int, seed: int = 1) -> dict[str, pa.Table]:
    """Return the tables that outcomes are counted from, of so many people in so many places over five years."""
    draw = np.random.default_rng(seed)
    today = (AS_OF - EPOCH).days
    numbers = np.arange(people)
    persons = [f"p{number}" for number in numbers]
    records = [f"r{number}" for number in numbers]
    districts = [f"E{number:08d}" for number in draw.integers(0, places, people)]
    start = today - draw.integers(0, DAYS, people)
    stop = np.minimum(start + draw.geometric(1 / 90, people), today + 400)
    is_open = stop > today
    due = start + 63
    kinds = [KINDS[number] for number in draw.integers(0, len(KINDS), people)]
    running = np.where(due < today, "past", "within")
    clocks = np.where(is_open, running, np.where(stop > due, "stopped_past", "stopped_within"))
    weeks = np.repeat(numbers[: people // 4], WEEKS)
    attended = draw.binomial(10, 0.93, len(weeks))
    monday = today - 6 - 7 * np.tile(np.arange(WEEKS), people // 4)
    hearings = numbers[: people // 3]
    return {
        "person": _table("person", person_id=persons, birth_date=_days(today - draw.integers(0, 80 * 365, people)),
                         district_code=districts, protected=draw.random(people) < 0.01,
                         location_withheld=[False] * people, record_count=[1] * people),
        "person_link": _table("person_link", person_id=persons, person_record_id=records, method=["single"] * people),
        "person_wait": _table("person_wait", wait_id=[f"w{number}" for number in numbers], person_id=persons,
                              kind=kinds,
                              start_date=_days(start), stop_date=_days(stop, is_open), due_date=_days(due),
                              clock=clocks),
        "stay": _table("stay", person_record_id=records[:1], kind=["ta_bnb"]),
        "episode": _table("episode", person_record_id=records[:1], kind=["cin"]),
        "need": _table("need", person_record_id=records[::5], code=["domestic_abuse"] * len(records[::5]),
                       whose=["person"] * len(records[::5])),
        "event": _table("event", person_record_id=[records[number] for number in hearings],
                        kind=["hearing"] * len(hearings),
                        start_date=_days(today - draw.integers(0, DAYS, len(hearings))),
                        status=np.where(draw.random(len(hearings)) < 0.2, "adjourned", "completed"),
                        cause_group=np.where(draw.random(len(hearings)) < 0.5, "expert", "external")),
        "outcome": _table("outcome", person_record_id=[records[number] for number in weeks],
                          measure=["attendance:sessions"] * len(weeks), result=[f"{number}/10" for number in attended],
                          result_date=_days(monday)),
    }  # fmt: skip


def _table(name: str, **columns: Any) -> pa.Table:
    """A table of the registry's types with the columns that are read; the others are empty."""
    schema = file_schema(TABLES[name])
    size = len(next(iter(columns.values())))
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(size, field.type)
        for field in schema
    ]
    return pa.table(arrays, names=[field.name for field in schema])


def _days(days: np.ndarray, is_empty: np.ndarray | None = None) -> pa.Array:
    """Dates of days since 1970; empty where `is_empty`."""
    return pa.array(days.astype("int32"), pa.int32(), mask=is_empty).cast(pa.date32())


def count_on(engine: Engine, tables: dict[str, pa.Table], places: int) -> tuple[list[Row], float]:
    """Return the rows of `outcome_count` in order, and how many seconds counting took, without loading."""
    for name, data in tables.items():
        engine.load_arrow(name, data)
    outcomes = shipped_outcomes(load_statements()).outcomes
    begun = time.perf_counter()
    create_outcome_count(engine, outcomes, AS_OF, [f"E{number:08d}" for number in range(places)])
    rows = engine.rows("select * from outcome_count order by outcome_id, period_end_date, coalesce(district_code, '')")
    return rows, time.perf_counter() - begun


def differences(ours: Sequence[Row], theirs: Sequence[Row]) -> int:
    """Return how many rows differ; medians between two days may differ in the last bit."""
    return abs(len(ours) - len(theirs)) + sum(
        any(not _alike(one[name], other[name]) for name in one) for one, other in zip(ours, theirs, strict=False)
    )


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return bool(one == other)


def main() -> None:
    """Count on the engines that are asked for and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--engine", choices=("duckdb", "spark", "both"), default="both")
    asked = parser.parse_args()
    tables = national_tables(asked.people, asked.places)
    found = {}
    if asked.engine in ("duckdb", "both"):
        with closing(DuckDBEngine("2GB")) as embedded:
            found["duckdb"] = count_on(embedded, tables, asked.places)
    if asked.engine in ("spark", "both"):
        with closing(SparkEngine("4g")) as spark:
            found["spark"] = count_on(spark, tables, asked.places)
    for name, (rows, seconds) in found.items():
        counted = sum(row["observations"] for row in rows)
        print(f"{name}: {len(rows):,} rows of {counted:,} observations in {seconds:.1f} s")
    if len(found) > 1:
        print(f"rows that differ: {differences(found['duckdb'][0], found['spark'][0])}")


if __name__ == "__main__":
    main()
