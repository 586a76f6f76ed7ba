"""Published sets of records with known answers as source tables: what each column of a set stands for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from braid.language.findings import TABLES
from braid.people.run import add_missing_tables
from braid.store.duckdb_engine import DuckDBEngine

Row = Mapping[str, Any]


def read_labelled(folder: Path, name: str) -> tuple[DuckDBEngine, dict[str, str]]:
    """Return an engine with the records of a labelled set, and who each truly is. `febrl4` is two files of one set."""
    files = ("febrl4a", "febrl4b") if name == "febrl4" else (name,)
    rows = [row for file in files for row in pq.read_table(folder / f"{file}.parquet").to_pylist()]
    people = [_SETS["febrl" if name.startswith("febrl") else name](number, row) for number, row in enumerate(rows)]
    engine = DuckDBEngine()
    numbers = [_number(person, ssn) for person, _, _ in people if (ssn := person.pop("ssn", None))]
    engine.load_rows(TABLES["person_record"], [person for person, _, _ in people])
    engine.load_rows(TABLES["identifier"], numbers)
    engine.load_rows(TABLES["stay"], [_stay(person, postcode) for person, postcode, _ in people if postcode])
    add_missing_tables(engine)
    return engine, {person["record_id"]: str(truth) for person, _, truth in people}


Read = tuple[dict[str, Any], str | None, Any]
"""A person record, its postcode and who it truly is."""


def _fake(number: int, row: Row) -> Read:
    return (
        _person(number, "fake", row["first_name"], row["surname"], _date(row["dob"], "%Y-%m-%d")),
        None,
        row["cluster"],
    )


def _febrl(number: int, row: Row) -> Read:
    born = _date(row["date_of_birth"], "%Y%m%d")
    feed = row["rec_id"].split("-", 2)[2]
    return _person(number, feed, row["given_name"], row["surname"], born), row["postcode"], row["cluster"]


def _historical(number: int, row: Row) -> Read:
    born = _date(row["dob"], "%Y-%m-%d")
    person = _person(number, "history", row["first_name"], row["surname"], born)
    return {**person, "other_names": row["full_name"]}, row["postcode_fake"], row["cluster"]


def _pseudopeople(number: int, row: Row) -> Read:
    born = _date(row["date_of_birth"], "%m/%d/%Y")
    given = " ".join(part for part in (row["first_name"], row["middle"]) if part)
    person = _person(number, row["source"], given or None, row["last_name"], born)
    street = " ".join(row[part] for part in ("street_number", "street_name") if row[part])
    person |= {"sex": (row["sex"] or "").lower() or None, "ssn": row["ssn"]}
    return person, street or None, row["simulant_id"]


_SETS: Mapping[str, Callable[[int, Row], Read]] = {
    "fake_1000": _fake,
    "febrl": _febrl,
    "historical_50k": _historical,
    "pseudopeople_default": _pseudopeople,
}
SETS = ("fake_1000", "febrl3", "febrl4", "historical_50k", "pseudopeople_default")


def _person(number: int, feed: str, given: str | None, family: str | None, born: dt.date | None) -> dict[str, Any]:
    return {
        **_line(f"r{number:08d}", feed),
        "partner_record_id": str(number),
        "given_name": given,
        "family_name": family,
        "birth_date": born,
        "birth_date_precision": "day",
    }


def _stay(person: Row, postcode: str) -> dict[str, Any]:
    line = _line(person["record_id"], person["feed"])
    where = {"person_record_id": person["record_id"], "kind": "private_rent", "postcode": postcode}
    return {**line, **where, "confidential": False}


def _number(person: Row, value: str) -> dict[str, Any]:
    number = {"person_record_id": person["record_id"], "scheme": "nino", "value": value, "check_result": "none"}
    return {**_line(person["record_id"], person["feed"]), **number}


def _line(record_id: str, feed: str) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "feed": feed,
        "organisation_id": "labelled",
        "standard": "csv",
        "collection_year": 2026,
        "file_sha256": "0",
        "row_ref": record_id,
        "sensitivity": "normal",
    }


def _date(text: str | None, form: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text or "", form).replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
