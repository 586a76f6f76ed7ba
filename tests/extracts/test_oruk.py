"""Open Referral UK directories: services, organisations and locations, with their ranges checked."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from braid.extracts.model import UnreadableFile
from extracts.documents import (
    CANARY,
    counts,
    damaged,
    read_document,
    read_or_refuse,
    read_value,
    rows,
    rules,
    said,
    with_canaries,
)
from shared import shared_folder

STANDARD = "oruk"


def service(**changes: Any) -> dict[str, Any]:
    """Return a full service at one place."""
    return {
        "id": "s-1",
        "name": "Advice on debt",
        "status": "temporarily closed",
        "minimum_age": 16.5,
        "maximum_age": 99,
        "assured_date": "2026-01-31",
        "organization": {"id": "o-1", "name": "Arden Advice", "website": "https://advice.example"},
        "service_at_locations": [
            {
                "id": "sl-1",
                "location": {
                    "id": "l-1",
                    "location_type": "physical",
                    "name": "Advice centre",
                    "latitude": 52.5,
                    "longitude": -1.9,
                    "external_identifier": "100000000001",
                    "external_identifier_type": "UPRN",
                    "addresses": [{"address_1": "1 High Street", "postal_code": "qb1 1aa"}],
                },
            }
        ],
    } | changes


def test_exact_records(tmp_path: Path) -> None:
    reading = read_value(tmp_path, service(), STANDARD)
    assert counts(reading) == {"services": (1, 0), "organisations": (1, 0), "locations": (1, 0)}
    assert rows(reading, "organisation", "organisation_ref", "name", "url") == [
        ("o-1", "Arden Advice", "https://advice.example")
    ]
    columns = (
        "service_ref",
        "organisation_ref",
        "name",
        "status",
        "minimum_age_years",
        "maximum_age_years",
        "assured_date",
    )
    assert rows(reading, "service", *columns) == [
        ("s-1", "o-1", "Advice on debt", "temporarily_closed", 16.5, 99.0, "2026-01-31")
    ]
    columns = ("location_ref", "organisation_ref", "name", "kind", "latitude", "longitude", "postcode", "uprn")
    assert rows(reading, "location", *columns) == [
        ("l-1", "o-1", "Advice centre", "physical", 52.5, -1.9, "QB1 1AA", "100000000001")
    ]
    assert reading.issues == []


def test_published_page() -> None:
    path = shared_folder("fixtures", "oruk", "service_list.json")
    document = json.loads(path.read_bytes())
    reading = read_document(path, STANDARD)
    number = len(document["contents"])
    assert counts(reading) == {"services": (number, 0), "organisations": (number, 0)}
    assert rules(reading) == {"page_incomplete"}


def test_published_service() -> None:
    path = shared_folder("fixtures", "oruk", "service_full.json")
    document = json.loads(path.read_bytes())
    reading = read_document(path, STANDARD)
    number = len(document["service_at_locations"])
    assert counts(reading) == {"services": (1, 0), "organisations": (1, 0), "locations": (number, 0)}
    assert rules(reading) == {"coordinate_out_of_range", "postcode_form"}
    assert rows(reading, "location", "latitude", "longitude", "uprn") == [(None, 101.0, "10092008082")]
    assert rows(reading, "service", "minimum_age_years") == [(12.0,)]
    assert reading.records == read_document(path, STANDARD).records


def test_published_taxonomy_is_counted() -> None:
    path = shared_folder("fixtures", "oruk", "taxonomy.json")
    document = json.loads(path.read_bytes())
    reading = read_document(path, STANDARD)
    assert counts(reading) == {"taxonomy_terms": (len(document["taxonomy_terms"]), 0)}
    assert reading.unmapped["taxonomy_terms.name"] == len(document["taxonomy_terms"]) and reading.records == {}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"minimum_age": -1}, "age_out_of_range"),
        ({"maximum_age": 400}, "age_out_of_range"),
        ({"minimum_age": 70, "maximum_age": 18}, "ages_out_of_order"),
        ({"minimum_age": CANARY}, "number_not_readable"),
        ({"status": CANARY}, "code_unknown"),
        ({"assured_date": CANARY}, "date_not_readable"),
        ({"service_at_locations": CANARY}, "wrong_type"),
    ],
)
def test_doubtful_fields_are_read_with_a_warning(tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    reading = read_value(tmp_path, service(**changes), STANDARD)
    assert rule in rules(reading) and counts(reading)["services"] == (1, 0)
    assert CANARY not in said(reading)


def test_rows_without_key_are_refused_and_kept(tmp_path: Path) -> None:
    services = [
        service(),
        service(id=None),
        3,
        service(id="s-4", organization={"name": CANARY}, service_at_locations=[{}]),
    ]
    reading = read_value(tmp_path, {"contents": services}, STANDARD)
    assert counts(reading) == {"services": (4, 2), "organisations": (2, 1), "locations": (2, 1)}
    assert json.loads(reading.rejects[-2].row) == {"name": CANARY} and CANARY not in said(reading)


@pytest.mark.parametrize(
    "value", [{}, 3, None, [3], {"name": "x"}, {"cases": []}, {"resourceType": "Patient", "name": []}]
)
def test_other_documents_are_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_value(tmp_path, value, STANDARD)
    assert refusal.value.rule == "wrong_standard"


def test_fixtures_cut_short_are_refused(tmp_path: Path) -> None:
    content = shared_folder("fixtures", "oruk", "service_full.json").read_bytes().rstrip()
    path = tmp_path / "service.json"
    for length in range(1, len(content), len(content) // 40 + 1):
        path.write_bytes(content[:length])
        with pytest.raises(UnreadableFile):
            read_document(path, STANDARD)


def test_no_value_is_ever_said(tmp_path: Path) -> None:
    reading = read_value(tmp_path, with_canaries(service()), STANDARD)
    assert CANARY not in said(reading) and reading.issues


@given(damaged(service()) | damaged({"contents": [service(), service(id="s-2")], "last_page": False}))
@settings(max_examples=200, deadline=None)
def test_damage_never_breaks_the_law(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_or_refuse(Path(folder), value, STANDARD)
    assert reading is None or CANARY not in said(reading)
