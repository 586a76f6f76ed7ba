"""Spark gives the rows that the embedded engine gives: single expressions, drawn places, and an example place."""

from __future__ import annotations

import datetime as dt
import math
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

from braid.cli.app import main
from braid.example.write import write_example
from braid.language.findings import TABLES
from braid.pipeline import TABLES_OF_STAGE, run_chain
from braid.problems.run import run as run_problems
from braid.store.arrow_types import file_schema
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.lake import Lake
from braid.store.place_folder import load_place
from braid.store.spark_engine import SparkEngine
from braid.waits.run import run as run_waits
from problems.nights import AS_OF, SERVICES, STATEMENTS, differences, places, run_fully, write
from waits.place import CALENDAR, LOADED, TinyPlace

pytestmark = [pytest.mark.java, pytest.mark.slow]

VALUES = (
    "br_days(date '2026-01-31', date '2026-03-01')",
    "br_add_days(date '2026-02-28', 1)",
    "br_age(date '2008-02-29', date '2026-02-28')",
    "br_year(date '2026-02-28') * 10000 + br_month(date '2026-02-28') * 100 + br_day(date '2026-02-28')",
    "substring(br_hash(concat('a', '|', 'é')), 1, 20)",
    "concat('a', null, 'b')",
    "concat_ws('|', 'a', null, 'b')",
    "upper(replace('a b é', ' ', ''))",
    "greatest(1, null, 3) + least(cast(null as bigint), 2)",
    "5 / 2",
    "floor(-5 / 2.0)",
    "ceil(cast(7 as double) / 2)",
    "round(2.5 * 7)",
    "cast(7 as double) / 7 + 0.1",
    "coalesce(cast(null as varchar), nullif('', ''), 'x')",
    "case cast(null as varchar) when 'a' then 1 else 2 end",
    "br_contains('abc', 'b')",
    "cast(date '2026-03-01' as varchar)",
    "date '2026-03-01' between date '2026-02-01' and date '2026-03-01'",
    "not exists (select 1 from n where n.x > 9)",
    "(select string_agg(word, ' ' order by x desc, word) from n)",
    "(select median(x) from n)",
    "(select br_quantile(x, 0.92) from n)",
    "(select sum(x) / count(*) from n)",
    "(select count(distinct word) from n)",
)


def rows_of(engine: Any, sql: str) -> list[dict[str, Any]]:
    engine.load_arrow("n", pa.table({"x": [1, 2, 4, None], "word": ["b", "a", "a", None]}))
    return engine.rows(sql)


def test_expressions_mean_the_same_on_both(spark: SparkEngine) -> None:
    sql = "select " + ", ".join(f"{text} as v{number}" for number, text in enumerate(VALUES))
    with closing(DuckDBEngine(threads=1)) as embedded:
        (ours,), (theirs,) = rows_of(embedded, sql), rows_of(spark, sql)
    for number, text in enumerate(VALUES):
        one, other = ours[f"v{number}"], theirs[f"v{number}"]
        if isinstance(one, float) or isinstance(other, float):
            assert math.isclose(one, other, rel_tol=1e-15), text
        else:
            assert one == other, text


def test_rows_without_a_value_come_last_on_both(spark: SparkEngine) -> None:
    sql = """select x, word, row_number() over (order by x desc, word) as last,
      row_number() over (order by word, x) as place from n order by place"""
    with closing(DuckDBEngine(threads=1)) as embedded:
        assert rows_of(embedded, sql) == rows_of(spark, sql)


def test_alike_rows_have_one_digest_and_others_another(spark: SparkEngine) -> None:
    sql = """select count(distinct br_digest(a, b)) as n from (
      select 'a' as a, cast(null as varchar) as b union all select cast(null as varchar), 'a' union all
      select 'a', cast(null as varchar) union all select 'a', '' union all select '', 'a') t"""
    with closing(DuckDBEngine(threads=1)) as embedded:
        assert embedded.rows(sql) == spark.rows(sql) == [{"n": 4}]


def test_every_type_survives_and_what_the_registry_does_not_know_is_refused(spark: SparkEngine, tmp_path: Path) -> None:
    table, path = TABLES["person_link"], tmp_path / "t.parquet"
    rows = [
        {"person_id": "p", "person_record_id": name, "match_weight": 0.1, "method": "single"} for name in ("b", "a")
    ]
    spark.load_rows(table, rows)
    assert spark.write(table, path) == 2
    assert pq.read_schema(path).equals(file_schema(table))
    spark.load_parquet("back", path)
    assert [row["person_record_id"] for row in spark.rows("select * from back order by person_record_id")] == ["a", "b"]
    spark.create("person_link", "select 'p' as person_id, 'r' as person_record_id, 'x' as shoe_size")
    with pytest.raises(KeyError, match="shoe_size"):
        spark.write(table, path)
    spark.create("person_link", "select 'p' as person_id, 'r' as person_record_id")
    with pytest.raises(ValueError, match="method"):
        spark.write(table, path)
    assert not path.exists()


def test_a_table_made_of_itself_holds_what_it_held_and_more(spark: SparkEngine) -> None:
    spark.create("grown", "select 1 as one")
    for _ in range(3):
        spark.create("grown", "select one from grown union all select one + 1 as one from grown")
    assert spark.rows("select sum(one) as total, count(*) as n from grown") == [{"total": 20, "n": 8}]


def run_on_spark(spark: SparkEngine, place: TinyPlace, as_of: dt.date, folder: Path) -> dict[str, int]:
    """Run both stages over a place on Spark, write what they find, and return what the first counted."""
    folder.mkdir()
    for name in LOADED:
        spark.load_rows(TABLES[name], place.rows[name])
    summary = run_waits(spark, CALENDAR, as_of, feed_services=SERVICES)
    run_problems(spark, STATEMENTS, as_of)
    write(spark, folder)
    return summary.as_document()


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=places())
def test_over_drawn_places_both_find_the_same(
    spark: SparkEngine, tmp_path_factory: pytest.TempPathFactory, place: TinyPlace
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    before = run_fully(place, AS_OF, folder / "embedded")
    assert run_on_spark(spark, place, AS_OF, folder / "spark") == before.waits
    assert differences(folder / "embedded", folder / "spark") == {}


def test_a_place_that_names_spark_is_linked_and_reckoned_there_and_says_the_same(
    spark: SparkEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "place"
    write_example(folder, people=600, seed=5, weeks=1, as_of=AS_OF)
    run_chain(load_place(folder))  # from here on people have their ids
    ours = run_chain(load_place(folder), again=True).run
    named = (folder / "place.toml").read_text(encoding="utf-8").replace("[place]\n", '[place]\nengine = "spark"\n', 1)
    (folder / "place.toml").write_text(named, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["braid", "run", str(folder), "--again"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, 1)
    theirs = Lake(folder / "lake").current()
    assert theirs is not None
    assert theirs.manifest["reckoned"]["engine"] == "spark"
    assert "pyspark" in theirs.manifest["versions"]
    for stage in ("link", "waits", "problems", "place"):
        for table in TABLES_OF_STAGE[stage]:
            one, other = (pq.read_table(run.table(table.name)) for run in (ours, theirs))
            assert one.schema.types == other.schema.types, table.name
            assert one.num_rows == other.num_rows, table.name
            assert all(map(alike, one.to_pylist(), other.to_pylist())), table.name
            assert ours.manifest["stages"][stage]["rows"] == theirs.manifest["stages"][stage]["rows"]
    assert pq.read_metadata(theirs.table("person_link")).num_rows > 200
    assert ours.manifest["stages"]["link"] == theirs.manifest["stages"]["link"]


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two rows are equal, sums of chances to a billionth."""
    return all(
        math.isclose(value, other[name], abs_tol=1e-9) if isinstance(value, float) else value == other[name]
        for name, value in one.items()
    )
