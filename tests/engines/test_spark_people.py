"""Records are standardised, and candidate pairs found, on the distributed engine as on the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from braid.language.findings import TABLES
from braid.people.candidate_keys import PLACE_KEYS, make_candidates
from braid.people.run import INPUT_TABLES
from braid.people.standardise import standardise
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.engine import Engine
from people.little_place import make_place

pytestmark = pytest.mark.slow


@pytest.fixture
def duckdb() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine()
    yield engine
    engine.close()


def test_both_engines_make_one_linkage_table_and_the_same_pairs(duckdb: Engine, spark: Engine) -> None:
    place = make_place(households=60, seed=3)
    names = ("Baby of Sarah", "Zoë (Peggy)", "O'Neil-Mac Donald née Jones", "Ǆemal a.k.a. Bob", "von Berg", "Not Known")
    names += (
        "\u0406\u0432\u0430\u0301\u043d \u0490\u0410\u041d",
        "\u0645\u062d\u0645\u0651\u062f \u060c\u0662",
        "\u738b \u5c0f\u660e",
    )
    for row, name in zip(place.tables["person_record"], names, strict=False):
        row |= {"given_name": name, "family_name": name, "other_names": f"{name}; Ann Smith"}
    for row, code in zip(place.tables["stay"], ("QBI 1AA", "2193", "qb1 OAA"), strict=False):
        row |= {"postcode": code, "uprn": "000123"}
    tables, pairs, counts = zip(*(_make(engine, dict(place.tables)) for engine in (duckdb, spark)), strict=True)
    assert tables[0].num_rows > 150
    assert tables[0].to_pylist() == tables[1].to_pylist()
    assert len(pairs[0]) > 50
    assert pairs[0] == pairs[1]
    assert counts[0] == counts[1]


def _make(engine: Engine, tables: dict[str, list[dict[str, Any]]]) -> tuple[pa.Table, set[tuple[int, int]], Any]:
    for name in INPUT_TABLES:
        engine.load_rows(TABLES[name], tables.get(name, []))
    table = standardise(engine)
    engine.load_arrow("records", table.append_column("unique_id", pa.array(range(table.num_rows), pa.int64())))
    counts = make_candidates(engine, table.num_rows, PLACE_KEYS)
    rows = engine.rows("select left_id, right_id from candidate_pair")
    return table, {(row["left_id"], row["right_id"]) for row in rows}, counts
