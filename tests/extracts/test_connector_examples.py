"""The worked examples: what each row becomes, and the reference page that is written from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from braid.extracts.catalogue import CONNECTORS
from braid.language.codes import WAIT_KINDS
from braid.language.records import SOURCE_TABLES
from extracts.connector_page import PAGE, load_examples, read_example, write_page

EXAMPLES = load_examples()
BESIDE = {
    "common_platform": {"crown_trial"},
    "fhir_ukcore": {"rtt"},
    "fpl": {"care_first_hearing", "care_proceedings"},
    "hclic": {"homelessness_prevention"},
    "housing_register": {"register"},
    "ssda903": {"cla_review", "cla_review_later", "cla_review_second"},
    "victim_service": {"victim_support"},
}
"""Clocks that no worked example starts: the tests of these connectors, or of files read together, do."""
TABLES = {table.name: table for table in SOURCE_TABLES}


def _name(example: dict[str, Any]) -> str:
    return f"{example['standard']}-{example['file']}"


@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_rows_become_the_records_stated(example: dict[str, Any], tmp_path: Path) -> None:
    reading = read_example(example, tmp_path)
    assert {part: count.rows_in for part, count in reading.parts.items()} == example["rows"]
    assert reading.rejects == []
    for record in example["record"]:
        rows = reading.records[record["type"]]
        assert any(record["values"].items() <= row.items() for row in rows), (record, rows)


@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_records_fit_their_tables(example: dict[str, Any], tmp_path: Path) -> None:
    for record_type, rows in read_example(example, tmp_path).records.items():
        table = TABLES[record_type]
        for row in rows:
            assert row.keys() <= set(table.names)
            for column in table.columns:
                value = row.get(column.name)
                assert not (column.required and value is None), (record_type, column.name)
                assert value is None or _fits(value, column.codes), (record_type, column.name, value)


@pytest.mark.parametrize("standard", sorted({connector.standard for connector in CONNECTORS}))
def test_a_connector_names_the_clocks_it_starts(standard: str, tmp_path: Path) -> None:
    named = {kind for connector in CONNECTORS if connector.standard == standard for kind in connector.waits}
    assert named <= WAIT_KINDS.keys()
    started = set()
    for example in EXAMPLES:
        if example["standard"] == standard:
            started |= {row["kind"] for row in read_example(example, tmp_path).records.get("wait", ())}
    assert started == named - set(BESIDE.get(standard, ()))


def _fits(value: object, codes: str | None) -> bool:
    from braid.language.codes import CODE_LISTS

    return codes is None or value in CODE_LISTS[codes]


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), "run: python -m extracts.connector_page in tests/"
