"""The directory of services of a place as Open Referral UK 3: services and pages of them, about no person.

Written of the records that directories of partners brought in, and read back it gives the same records. Fields follow
OpenReferralUK/uk-profile (HSDS-UK 3). What the standard requires and nobody told is written as `Not given`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from braid.language.identifiers import find_postcode

NOT_GIVEN = "Not given"
STATUSES = {"temporarily_closed": "temporarily closed"}
"""Statuses that the standard writes otherwise than we do."""
BELOW = "/service_at_locations/"
Row = Mapping[str, Any]
Node = dict[str, Any]


def directory_page(organisations: Iterable[Row], services: Iterable[Row], locations: Iterable[Row]) -> Node:
    """Return all services of `directory_services` as one page."""
    contents = directory_services(organisations, services, locations)
    return page_of(contents, len(contents), 1, max(1, len(contents)))


def directory_services(organisations: Iterable[Row], services: Iterable[Row], locations: Iterable[Row]) -> list[Node]:
    """Return services in the order of their ids, each with its organisation and where it is given.

    Rows are records of one directory or of several. A service is given where its own file said so: a location's row
    stands inside that of its service. One that two services share is told with the first of them.
    """
    known = {row["organisation_ref"]: row for row in organisations}
    by_file: dict[tuple[str, str], list[Row]] = {}
    for one in locations:
        by_file.setdefault((one["feed"], one["file_sha256"]), []).append(one)
    listed = sorted(services, key=lambda row: (row["service_ref"], row["record_id"]))
    return [
        _service(
            row, known, [one for one in by_file.get((row["feed"], row["file_sha256"]), ()) if _is_given_at(row, one)]
        )
        for row in listed
    ]


def page_of(contents: Sequence[Node], total: int, number: int, size: int) -> Node:
    """Return a page as the standard writes it: `contents` are those of page `number` (from 1), `size` a page's most.

    Of nothing there is one page, and it is empty.
    """
    pages = max(1, -(-total // size))
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not contents,
        "contents": list(contents),
    }


def _is_given_at(service: Row, location: Row) -> bool:
    """Whether a location of the same file stands inside the row of a service."""
    return str(location["row_ref"]).startswith(f"{str(service['row_ref']).rstrip('/')}{BELOW}")


def _service(row: Row, organisations: Mapping[str, Row], places: Iterable[Row]) -> Node:
    status = row.get("status")
    found = _given(
        id=row["service_ref"],
        name=row["name"],
        status=STATUSES.get(status, status) if status else None,
        minimum_age=row.get("minimum_age_years"),
        maximum_age=row.get("maximum_age_years"),
        assured_date=str(row["assured_date"]) if row.get("assured_date") else None,
    )
    of = organisations.get(row.get("organisation_ref") or "")
    if of is not None:
        found["organization"] = _given(
            id=of["organisation_ref"], name=of["name"], description=NOT_GIVEN, website=of.get("url")
        )
    elif row.get("organisation_ref"):
        found["organization_id"] = row["organisation_ref"]
    at = [_at(row["service_ref"], one) for one in sorted(places, key=lambda one: str(one["location_ref"]))]
    return {**found, "service_at_locations": at} if at else found


def _at(service: str, row: Row) -> Node:
    location = _given(
        id=row["location_ref"],
        location_type=row.get("kind"),
        name=row.get("name"),
        latitude=row.get("latitude"),
        longitude=row.get("longitude"),
        external_identifier=row.get("uprn"),
        external_identifier_type="UPRN" if row.get("uprn") else None,
    )
    if row.get("postcode"):
        address = dict.fromkeys(("address_1", "city", "state_province"), NOT_GIVEN)
        location["addresses"] = [
            {
                "id": name_of("address", row["location_ref"]),
                **address,
                "postal_code": find_postcode(row["postcode"]) or row["postcode"],
                "country": "GB",
                "address_type": "physical",
            }
        ]
    return {"id": name_of("at", service, row["location_ref"]), "location": location}


def _given(**fields: Any) -> Node:
    return {name: value for name, value in fields.items() if value is not None}


def name_of(*parts: str) -> str:
    """Return the identifier of what has none of its own: the same for the same parts."""
    return str(uuid5(NAMESPACE_URL, "urn:braid:directory:" + ":".join(parts)))
