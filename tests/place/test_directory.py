"""The directory as Open Referral UK 3: what is written reads back as the same records, and holds what is required."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts.model import Reading, Source
from braid.extracts.read import read_file
from braid.place.directory import directory_page
from shared import shared_folder

TABLES = ("organisation", "service", "location")
OF_FILE = ("file_sha256", "row_ref", "quality")
"""Where a row stood: another file is another place."""


def read(path: Path) -> Reading:
    return read_file(path, Source("feed-one", "organisation-one", "oruk", 2026, "2026-11-15"))


def read_value(value: Any) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return read(path)


def said(reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """The records by table, without where they stood."""
    rows = {table: reading.records.get(table, []) for table in TABLES}
    return {
        table: sorted(
            ({name: value for name, value in row.items() if name not in OF_FILE} for row in of),
            key=lambda row: row["record_id"],
        )
        for table, of in rows.items()
    }


def written(reading: Reading) -> dict[str, Any]:
    return directory_page(*(reading.records.get(table, []) for table in TABLES))


@pytest.mark.parametrize("name", ["service_full.json", "service_list.json"])
def test_published_directories_are_read_back_as_the_same_records(name: str) -> None:
    before = read(shared_folder("fixtures", "oruk", name))
    page = written(before)
    after = read_value(page)
    assert said(after) == said(before)
    assert after.issues == []
    assert len(page["contents"]) == page["total_items"] == len(before.records["service"])


@pytest.mark.parametrize("name", ["service_full.json", "service_list.json"])
def test_what_the_standard_requires_is_there(name: str) -> None:
    page = written(read(shared_folder("fixtures", "oruk", name)))
    for service in page["contents"]:
        check(service, "service")
        check(service["organization"], "organization")
        for at in service.get("service_at_locations", ()):
            check(at, "service_at_location")
            check(at["location"], "location")
            for address in at["location"].get("addresses", ()):
                check(address, "address")


def check(node: dict[str, Any], kind: str) -> None:
    """Hold an object to its published schema: what is required, no other names, and the codes of enumerations."""
    schema = json.loads(shared_folder("fixtures", "specs", "oruk", f"{kind}.json").read_text(encoding="utf-8"))
    assert set(schema["required"]) <= set(node), (kind, sorted(node))
    assert set(node) <= set(schema["properties"]), kind
    for name, value in node.items():
        allowed = schema["properties"][name].get("enum")
        assert not allowed or value in allowed, (kind, name)


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, blacklist_categories=("Cc", "Zs")), min_size=1)
LOCATION = st.fixed_dictionaries(
    {"location_type": st.sampled_from(["physical", "postal", "virtual"]), "name": NAMES},
    optional={
        "latitude": st.floats(-90, 90),
        "longitude": st.floats(-180, 180),
        "addresses": st.just([{"address_1": "1 High Street", "postal_code": "QB1 1AA"}]),
    },
)
SERVICE = st.fixed_dictionaries(
    {
        "name": NAMES,
        "status": st.sampled_from(["active", "inactive", "defunct", "temporarily closed"]),
        "organization": st.sampled_from(["o-1", "o-2"]).map(lambda key: {"id": key, "name": f"Name of {key}"}),
        "places": st.lists(LOCATION, max_size=3),
    },
    optional={
        "minimum_age": st.integers(0, 20),
        "maximum_age": st.integers(20, 99),
        "assured_date": st.just("2026-01-31"),
    },
)


@settings(max_examples=25, deadline=None)
@given(st.lists(SERVICE, max_size=12))
def test_any_directory_is_read_back_as_the_same_records_at_the_same_services(services: list[dict[str, Any]]) -> None:
    contents = []
    for number, one in enumerate(services):
        places = one.pop("places")
        at = [
            {"id": f"at-{number}-{n}", "location": {"id": f"l-{number}-{n}", **place}} for n, place in enumerate(places)
        ]
        contents.append({"id": f"s-{number}", **one, "service_at_locations": at})
    before = read_value({"contents": contents})
    page = written(before)
    assert said(read_value(page)) == said(before)
    given_at = {
        one["id"]: {at["location"]["id"] for at in one.get("service_at_locations", ())} for one in page["contents"]
    }
    assert given_at == {one["id"]: {at["location"]["id"] for at in one["service_at_locations"]} for one in contents}
