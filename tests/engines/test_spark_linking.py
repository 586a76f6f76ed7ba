"""People are linked on the distributed engine as on the embedded one: weights, persons, ids, and the night after."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from braid.language.findings import TABLES
from braid.language.household_findings import HOUSEHOLD_TABLES
from braid.people import distribution, night
from braid.people.distribution import find_cluster
from braid.people.lineage import Moment
from braid.people.link_engine import ScoredPairs, count_values, load_model, score_pairs
from braid.people.model import LinkSummary
from braid.people.night import Night
from braid.people.run import INPUT_TABLES, run
from braid.people.run_call import Course
from braid.people.standardise import standardise
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.engine import Engine, PartFailed
from braid.store.spark_engine import SparkEngine
from people.little_place import LittlePlace, make_place

pytestmark = [pytest.mark.java, pytest.mark.slow]

KEPT = (
    *("person_link", "record_memory", "membership", "person_lineage", "kept_apart", "person_history", "link_proposal"),
    *("person", "link_error", "link_review", "link_review_field", "sealed_person"),
    *(table.name for table in HOUSEHOLD_TABLES),
)
"""Tables of linking."""
FIRST = dt.date(2026, 11, 15)
Rows = Mapping[str, list[dict[str, Any]]]


@pytest.fixture
def embedded() -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine(threads=1)) as engine:
        yield engine


def load(engine: Engine, rows: Rows) -> None:
    for name in INPUT_TABLES:
        engine.load_rows(TABLES[name], rows.get(name, []))


def score(engine: Engine, rows: Rows) -> ScoredPairs:
    load(engine, rows)
    records = standardise(engine)
    model = {**load_model(), "term_frequencies": count_values(records, "200MB")}
    standards = {row["feed"]: row["standard"] for row in rows["person_record"]}
    return score_pairs(records, model, records.num_rows, "200MB", standards=standards, cluster=find_cluster(engine))


def test_pairs_are_those_of_one_machine_and_weigh_the_same(
    spark: SparkEngine, embedded: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = make_place(households=150, seed=11).tables
    monkeypatch.setattr(distribution, "PAIRS_A_PART", 100)
    ours, theirs = score(embedded, rows), score(spark, rows)
    assert ours.candidates.num_rows > 3 * 100  # several parts
    assert theirs.candidates.equals(ours.candidates)
    assert len(ours.edges.edges) > 100
    assert theirs.found.equals(ours.found)  # to the bit, and so to 1e-6
    assert theirs.edges == ours.edges


def link(engine: Engine, rows: Rows, before: Path | None, target: Path, number: int) -> LinkSummary:
    """Link as the run of one night, on the run before; write what it says and keeps."""
    target.mkdir(parents=True)
    draws = random.Random(number)
    day = FIRST + dt.timedelta(days=number)
    load(engine, rows)
    summary = run(
        engine,
        before / "person_link.parquet" if before else None,
        course=Course(
            "300MB",
            draw=lambda: f"{draws.getrandbits(128):032x}",
            moment=Moment(day, dt.datetime.combine(day, dt.time(2), dt.UTC)),
            night=Night(before, target),
        ),
    )
    for name in KEPT:
        engine.write(TABLES[name], target / f"{name}.parquet")
    return summary


def change(place: LittlePlace) -> Rows:
    """Return the rows of a place on the day after: some are gone, and others written otherwise."""
    tables = {name: [dict(row) for row in rows] for name, rows in place.tables.items()}
    gone = {row["record_id"] for row in tables["person_record"][::17]}
    tables["person_record"] = [row for row in tables["person_record"] if row["record_id"] not in gone]
    for name in ("identifier", "stay", "episode"):
        tables[name] = [row for row in tables[name] if row["person_record_id"] not in gone]
    for row in tables["person_record"][::9]:
        row["family_name"] = "Newly-Married"
    for row in tables["stay"][::11]:
        row["postcode"] = "QB1 1AA"
    return tables


def test_a_run_and_the_night_after_say_the_same_on_both(
    spark: SparkEngine, embedded: DuckDBEngine, tmp_path: Path
) -> None:
    place = make_place(households=40, seed=5)
    later = change(place)
    for name, engine in (("embedded", embedded), ("spark", spark)):
        first = link(engine, place.tables, None, tmp_path / name / "0", 0)
        second = link(engine, later, tmp_path / name / "0", tmp_path / name / "1", 1)
        assert first.compared.startswith("full")
        assert second.compared == "night"
        assert 0 < second.pairs_scored < first.pairs_scored
        (tmp_path / name / "said").write_text(f"{first}\n{second}", encoding="utf-8")
    assert (tmp_path / "embedded" / "said").read_text() == (tmp_path / "spark" / "said").read_text()
    for number in ("0", "1"):
        assert_same(tmp_path / "embedded" / number, tmp_path / "spark" / number)
    assert pq.read_table(tmp_path / "spark" / "1" / "person_history.parquet").num_rows > 3


def assert_same(ours: Path, theirs: Path) -> None:
    """What two runs say, and what they keep for the night after, is equal; sums of chances are to a billionth."""
    for name in (*KEPT, *night.FILES):
        one, other = (pq.read_table(folder / f"{name}.parquet") for folder in (ours, theirs))
        assert one.schema.types == other.schema.types, name
        assert rounded(one) == rounded(other), name


def rounded(table: pa.Table) -> list[dict[str, Any]]:
    return [
        {name: round(value, 9) if isinstance(value, float) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]


def test_a_worker_that_fails_quotes_nobody(spark: SparkEngine) -> None:
    spark.load_arrow("told", pa.table({"part": pa.array([0, 1]), "name": pa.array(["Ann Example", "Bob Example"])}))
    with pytest.raises(PartFailed) as failed:
        spark.over_parts("told", "told", "part", fail, pa.schema([("n", pa.int64())]))
    assert "Example" not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


def fail(ours: pa.Table, _theirs: pa.Table, _folder: Path) -> pa.Table:
    raise ValueError(f"cannot read {ours.column('name')[0]}")
