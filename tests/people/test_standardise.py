from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from braid.language.findings import TABLES
from braid.people.run import add_missing_tables
from braid.people.standardise import standardise
from braid.store.duckdb_engine import DuckDBEngine

LINE = {
    "feed": "f",
    "organisation_id": "north-council",
    "standard": "school",
    "collection_year": 2026,
    "file_sha256": "0",
    "row_ref": "1",
    "sensitivity": "normal",
}


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine()
    yield engine
    engine.close()


def standardise_one(engine: DuckDBEngine, **values: Any) -> dict[str, Any]:
    engine.load_rows(TABLES["person_record"], [{**LINE, "record_id": "r", "partner_record_id": "1", **values}])
    add_missing_tables(engine)
    rows: list[dict[str, Any]] = standardise(engine).to_pylist()
    return rows[0]


def add(engine: DuckDBEngine, table: str, *rows: dict[str, Any]) -> None:
    engine.load_rows(
        TABLES[table], [{**LINE, "record_id": str(n), "person_record_id": "r", **row} for n, row in enumerate(rows)]
    )


def test_names_are_folded_and_former_names_kept(engine: DuckDBEngine) -> None:
    row = standardise_one(engine, given_name="Zoë Ann", family_name="O'Neil-Smith", other_names="Zoe Carter; Zo")
    assert (row["forename"], row["surname"]) == ("zoe", "oneilsmith")
    assert row["forenames"] == ["zoe", "ann", "zo"]
    assert {"oneilsmith", "oneil", "smith", "carter"} <= set(row["surnames"])


def test_an_empty_record_says_nothing(engine: DuckDBEngine) -> None:
    row = standardise_one(engine)
    said = {name for name, value in row.items() if value is not None}
    assert said == {"record_id", "feed", "council"}


@pytest.mark.parametrize(
    ("date", "precision", "swapped", "vague"),
    [
        ("1980-02-03", "day", "1980-03-02", False),
        ("1980-02-28", "day", None, False),
        ("1980-05-05", "day", None, False),
        ("1980-01-01", "day", None, True),
        ("1980-02-01", "month", None, True),
    ],
)
def test_birth_dates_carry_their_doubt(
    engine: DuckDBEngine, date: str, precision: str, swapped: str | None, vague: bool
) -> None:
    row = standardise_one(engine, birth_date=date, birth_date_precision=precision)
    assert (row["birth_date"], row["birth_date_swapped"], row["birth_vague"]) == (date, swapped, vague)


def test_best_postcode_is_open_and_a_home_and_safe_addresses_are_never_compared(engine: DuckDBEngine) -> None:
    stay = {"kind": "private_rent", "confidential": False}
    add(
        engine,
        "stay",
        {**stay, "postcode": "QB1 1AA", "start_date": "2020-01-01", "end_date": "2024-01-01"},
        {**stay, "postcode": "QB2 2BB", "start_date": "2025-01-01", "kind": "ta_bnb"},
        {**stay, "postcode": "QB3 3DD", "start_date": "2024-01-01"},
        {**stay, "postcode": "QB9 9ZZ", "start_date": "2026-01-01", "confidential": True},
    )
    row = standardise_one(engine)
    assert row["postcode"] == "QB3 3DD"
    assert row["postcodes"] == ["QB3 3DD", "QB2 2BB", "QB1 1AA"]


def test_only_identifiers_that_hold_are_compared(engine: DuckDBEngine) -> None:
    add(
        engine,
        "identifier",
        {"scheme": "nhs", "value": "9990000018", "check_result": "pass"},
        {"scheme": "upn", "value": "wrong", "check_result": "fail"},
        {"scheme": "former_upn", "value": "old", "check_result": "pass"},
        {"scheme": "la_child", "value": "77", "check_result": "none"},
    )
    row = standardise_one(engine)
    assert (row["nhs"], row["upn"], row["upns"]) == ("9990000018", None, ["old"])
    assert row["la_child"] == "north-council|77"


def test_two_nhs_numbers_on_one_record_say_nothing(engine: DuckDBEngine) -> None:
    numbers = [{"scheme": "nhs", "value": value, "check_result": "pass"} for value in ("9990000018", "9990000026")]
    add(engine, "identifier", *numbers)
    assert standardise_one(engine)["nhs"] is None
