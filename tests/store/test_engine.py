"""The embedded engine writes exactly what the registry describes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from braid.language.findings import TABLES
from braid.store.arrow_types import schema_of, to_arrow
from braid.store.duckdb_engine import DuckDBEngine

LINK = {"person_id": "p", "person_record_id": "r", "method": "single"}


@pytest.fixture
def engine():
    engine = DuckDBEngine()
    yield engine
    engine.close()


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_of_the_registry_survives_the_disk(engine: DuckDBEngine, table, tmp_path: Path) -> None:
    engine.load_rows(table, [])
    path = tmp_path / "t.parquet"
    assert engine.write(table, path) == 0
    assert pq.read_schema(path).names == list(table.names)
    assert [field.type for field in pq.read_schema(path)] == [field.type for field in schema_of(table)]


def test_an_engine_tells_which_tables_it_has(engine: DuckDBEngine) -> None:
    engine.create("counted", "select 1 as one")
    engine.view("seen", "select one from counted")
    assert [engine.has(name) for name in ("counted", "seen", "gone")] == [True, True, False]
    engine.forget("seen")
    assert not engine.has("seen")


def test_rows_come_back_in_key_order_whatever_order_they_came_in(engine: DuckDBEngine, tmp_path: Path) -> None:
    rows = [{**LINK, "person_record_id": name} for name in ("c", "a", "b")]
    engine.load_rows(TABLES["person_link"], rows)
    engine.write(TABLES["person_link"], tmp_path / "t.parquet")
    engine.load_parquet("back", tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet").column("person_record_id").to_pylist() == ["a", "b", "c"]
    assert engine.rows("select count(*) as n from back") == [{"n": 3}]


def test_an_unknown_column_and_a_missing_required_value_are_refused(engine: DuckDBEngine, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="person_link"):
        to_arrow(TABLES["person_link"], [{**LINK, "shoe_size": 9}])
    with pytest.raises(ValueError, match="method"):
        to_arrow(TABLES["person_link"], [{"person_id": "p", "person_record_id": "r"}])
    engine.create("person_link", "select 'p' as person_id, 'r' as person_record_id, 'x' as shoe_size")
    with pytest.raises(KeyError, match="shoe_size"):
        engine.write(TABLES["person_link"], tmp_path / "t.parquet")
    engine.create("person_link", "select 'p' as person_id, 'r' as person_record_id")
    with pytest.raises(ValueError, match="method"):
        engine.write(TABLES["person_link"], tmp_path / "t.parquet")
    assert not (tmp_path / "t.parquet").exists()


def test_iso_text_becomes_dates() -> None:
    row = {"record_id": "i", "feed": "f", "organisation_id": "o", "standard": "cin", "collection_year": 2026}
    row |= {"file_sha256": "s", "row_ref": "1", "sensitivity": "normal", "partner_record_id": "x"}
    table = to_arrow(TABLES["person_record"], [{**row, "birth_date": "2020-02-29", "death_date": dt.date(2021, 1, 1)}])
    assert table.column("birth_date").to_pylist() == [dt.date(2020, 2, 29)]
    assert table.column("death_date").to_pylist() == [dt.date(2021, 1, 1)]


def test_the_engine_has_no_way_to_the_network(engine: DuckDBEngine) -> None:
    settings = dict(
        engine.connection.execute(
            "select name, value from duckdb_settings() where name like 'auto%known_extensions'"
        ).fetchall()
    )
    assert settings == {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def test_a_table_name_is_a_name(engine: DuckDBEngine) -> None:
    with pytest.raises(ValueError, match="letters"):
        engine.create("t; drop table x", "select 1 as one")
