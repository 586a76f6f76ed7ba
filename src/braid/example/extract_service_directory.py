"""The directory of local services as Open Referral UK 3: `services.json`, one page of services, about no person.

A service that meets online has a location without a place; no refuge is ever in a directory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from braid.example.desk import Desk, iso
from braid.example.model import Site

Node = dict[str, object]


@dataclass(frozen=True)
class Offer:
    """What a district's directory lists: a service, who gives it, for which ages, and in which kind of building."""

    name: str
    organisation: str
    status: str
    youngest: float | None
    oldest: float | None
    building: str
    """`school`, `hospital`, or none: online."""


OFFERS = (
    Offer("Family hub", "Families Together", "active", 0.0, 19.0, "school"),
    Offer("Homework club", "Families Together", "active", 7.0, 16.0, "school"),
    Offer("Talking therapies", "Arden Vale Wellbeing", "active", 16.0, None, "hospital"),
    Offer("Debt advice", "Plain Advice", "active", 18.0, None, ""),
    Offer("Walking group", "Plain Advice", "temporarily closed", 50.0, 120.0, ""),
    Offer("Toy library", "Families Together", "defunct", 0.0, 5.0, "school"),
)


def write_service_directory(desk: Desk, folder: Path) -> None:
    """Write the offers of each district on one page."""
    contents = [_service(desk, district, offer) for district, offer in find_offers(desk)]
    desk.rows += len(contents)
    for number in range(desk.spoils(len(contents))):
        contents.append({**contents[number], "id": None})
    page = {
        "total_items": len(contents), "total_pages": 1, "page_number": 1, "size": len(contents),
        "first_page": True, "last_page": True, "empty": not contents, "contents": contents,
    }  # fmt: skip
    (folder / "services.json").write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")


def find_offers(desk: Desk) -> Iterator[tuple[int, Offer]]:
    """Yield the districts by their index, each with every offer."""
    for district in range(len(desk.world.geography.districts)):
        for offer in OFFERS:
            yield district, offer


def name_id(*names: str) -> str:
    """Return the identifier of something in the directory: a UUID made from its name, the same in every extract."""
    return str(uuid5(NAMESPACE_URL, f"https://directory.example/{'/'.join(names)}"))


def find_site(desk: Desk, district: int, offer: Offer) -> Site | None:
    """Return the building that a service is in; none where it is online."""
    geography = desk.world.geography
    sites = {"school": geography.schools, "hospital": geography.hospitals}.get(offer.building, ())
    return next((site for site in sites if site.district == district), None)


def _service(desk: Desk, district: int, offer: Offer) -> Node:
    slug = desk.world.geography.districts[district].slug
    organisation = name_id("organisation", offer.organisation)
    return {
        "id": name_id(slug, offer.name),
        "name": f"{offer.name}, {desk.world.geography.districts[district].name}",
        "description": f"{offer.name} for people of the district.",
        "status": offer.status,
        "minimum_age": offer.youngest,
        "maximum_age": offer.oldest,
        "assured_date": iso(desk.cut.replace(day=1)),
        "organization": {"id": organisation, "name": offer.organisation, "description": "A local organisation.",
                         "website": "https://organisation.example"},
        "schedules": [{"id": name_id(slug, offer.name, "hours"), "freq": "WEEKLY", "byday": "TU,TH",
                       "opens_at": "09:30", "closes_at": "16:00"}],
        "cost_options": [{"id": name_id(slug, offer.name, "cost"), "option": "free", "amount": 0}],
        "service_at_locations": [{"id": name_id(slug, offer.name, "there"),
                                  "location": _location(desk, district, offer)}],
    }  # fmt: skip


def _location(desk: Desk, district: int, offer: Offer) -> Node:
    geography = desk.world.geography
    site = find_site(desk, district, offer)
    if site is None:
        return {"id": name_id(geography.districts[district].slug, offer.name, "online"),
                "location_type": "virtual", "name": f"{offer.name} online"}  # fmt: skip
    longitude, latitude = geography.postcode_points[site.address // 15].tolist()
    return {
        "id": name_id("site", site.reference),
        "location_type": "physical",
        "name": site.name,
        "latitude": latitude,
        "longitude": longitude,
        "external_identifier": f"{990000000000 + site.address}",
        "external_identifier_type": "UPRN",
        "addresses": [
            {
                "id": name_id("address", site.reference), "address_1": geography.line_of(site.address),
                "city": geography.districts[district].name, "state_province": "Arden Vale",
                "postal_code": geography.postcode_of(site.address), "country": "GB", "address_type": "physical",
            }
        ],
    }  # fmt: skip
