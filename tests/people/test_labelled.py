"""A published set with known answers, as a guard against getting worse; no claim is made on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow.parquet as pq

from braid.language.findings import TABLES
from braid.people.quality import score_pairs
from braid.people.run import run
from braid.store.duckdb_engine import DuckDBEngine
from shared import shared_folder


def test_febrl3_is_linked_as_well_as_before() -> None:
    rows = pq.read_table(shared_folder("labelled", "febrl3.parquet")).to_pylist()
    engine = DuckDBEngine()
    engine.load_rows(TABLES["person_record"], [_person_record(row) for row in rows])
    engine.load_rows(TABLES["stay"], [_stay(row) for row in rows if row["postcode"]])
    run(engine)
    found = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
    engine.close()
    score = score_pairs(found, {row["rec_id"]: row["cluster"] for row in rows})
    assert score.precision > 0.99
    assert score.recall > 0.7


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "record_id": row["rec_id"],
        "feed": row["rec_id"].split("-", 2)[2],
        "organisation_id": "febrl",
        "standard": "csv",
        "collection_year": 2026,
        "file_sha256": "0",
        "row_ref": row["rec_id"],
        "sensitivity": "normal",
    }


def _person_record(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **_line(row),
        "partner_record_id": row["rec_id"],
        "given_name": row["given_name"],
        "family_name": row["surname"],
        "birth_date": _date(row["date_of_birth"]),
        "birth_date_precision": "day",
    }


def _stay(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **_line(row),
        "person_record_id": row["rec_id"],
        "kind": "private_rent",
        "postcode": row["postcode"],
        "confidential": False,
    }


def _date(text: str | None) -> dt.date | None:
    try:
        return dt.datetime.strptime(text or "", "%Y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
