"""Service directories of Open Referral UK 3 as JSON: a page of services, one full service, or a taxonomy.

Field names follow OpenReferralUK/uk-profile (HSDS-UK 3). Nothing here is about a person. A taxonomy is counted; no
record of the common language holds its terms yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from braid.extracts.json_files import open_json
from braid.extracts.json_nodes import Node, count_unmapped, refuse_shape
from braid.extracts.model import Connector, Reading
from braid.language.identifiers import FAIL, check, find_postcode, normalise

SERVICE_STATUSES = {
    "active": "active",
    "inactive": "inactive",
    "defunct": "defunct",
    "temporarily closed": "temporarily_closed",
    "temporarily_closed": "temporarily_closed",
}
LOCATION_KINDS = {"physical": "physical", "postal": "postal", "virtual": "virtual"}
_SERVICE_MARKS = ("organization", "organization_id", "service_at_locations", "schedules", "status", "minimum_age")


def read_oruk(path: Path, reading: Reading) -> None:
    """Read a directory document. Raises `UnreadableFile` where it is none."""
    root = open_json(path, reading)
    if root.child("contents").is_list:
        _note_page(root)
        _read_services(root.each("contents"))
    elif root.child("taxonomy_terms").is_list:
        _read_taxonomy(root)
    elif root.is_list and (root.value == [] or any(_is_service(node) for node in root.look())):
        _read_services(root.each())
    elif _is_service(root):
        _read_services([root])
    else:
        refuse_shape("an Open Referral UK page of services, service or taxonomy")
    count_unmapped(root)


def _is_service(node: Node) -> bool:
    return node.is_object and "name" in node.value and any(mark in node.value for mark in _SERVICE_MARKS)


def _note_page(root: Node) -> None:
    """Say when the page is one of several: the others have to be read too."""
    for key in ("total_items", "total_pages", "page_number", "size", "first_page", "empty"):
        root.child(key).use()
    if root.flag("last_page") is False:
        message = "The file is one page of several. Read the other pages too."
        root.document.reading.note("page_incomplete", "last_page", "/last_page", message)


def _read_taxonomy(root: Node) -> None:
    reading = root.document.reading
    for node in root.each("taxonomy_terms"):
        reading.row_in("taxonomy_terms")
        if not node.is_object or node.text("id") is None:
            node.reject(
                "taxonomy_terms", "term_without_key", "A taxonomy term needs an id. Ask the sender to correct it."
            )
            continue
        reading.row_read("taxonomy_terms")
    reading.note("taxonomy_counted", None, None, "Taxonomy terms are counted; services name their terms themselves.")


def _read_services(nodes: Iterable[Node]) -> None:
    for node in nodes:
        reading = node.document.reading
        reading.row_in("services")
        if not node.is_object or node.text("id") is None or node.text("name") is None:
            message = "A service needs an id and a name. Ask the sender to correct it."
            node.reject("services", "service_without_key", message)
            continue
        organisation = _read_organisation(node)
        _emit_service(node, organisation)
        for place in node.items("service_at_locations"):
            _read_location(place, organisation)
        reading.row_read("services")


def _read_organisation(service: Node) -> str | None:
    """Read the organisation inside a service as a row of its own; return its key."""
    if not service.has("organization"):
        return service.text("organization_id")
    node, reading = service.child("organization"), service.document.reading
    reading.row_in("organisations")
    key, name = (node.text("id"), node.text("name")) if node.is_object else (None, None)
    if key is None or name is None:
        message = "An organisation needs an id and a name. Ask the sender to correct it."
        node.reject("organisations", "organisation_without_key", message)
        return None
    node.document.emit("organisation", (key,), node, organisation_ref=key, name=name, url=_url(node))
    reading.row_read("organisations")
    return key


def _url(node: Node) -> str | None:
    return node.text("website") or node.text("url") or node.text("uri")


def _emit_service(node: Node, organisation: str | None) -> None:
    key = node.text("id") or ""
    youngest, oldest = _age(node, "minimum_age"), _age(node, "maximum_age")
    if youngest is not None and oldest is not None and youngest > oldest:
        node.child("minimum_age").warn("ages_out_of_order", "is above the maximum age")
    node.document.emit(
        "service",
        (key,),
        node,
        service_ref=key,
        organisation_ref=organisation,
        name=node.text("name"),
        status=node.code("status", SERVICE_STATUSES),
        minimum_age_years=youngest,
        maximum_age_years=oldest,
        assured_date=node.date("assured_date"),
    )


def _age(node: Node, key: str) -> float | None:
    """Return an age in years; flag one outside 0 to 150 and read it all the same."""
    age = node.number(key)
    if age is not None and not 0 <= age <= 150:
        node.child(key).warn("age_out_of_range", "is not an age between 0 and 150 years")
    return age


def _read_location(place: Node, organisation: str | None) -> None:
    reading = place.document.reading
    reading.row_in("locations")
    node = place.child("location") if place.is_object else place
    key = node.text("id") if node.is_object else None
    if key is None:
        place.reject("locations", "location_without_key", "A location needs an id. Ask the sender to correct it.")
        return
    address = next((one for one in node.items("addresses") if one.is_object), node.section("address"))
    node.document.emit(
        "location",
        (key,),
        node,
        location_ref=key,
        organisation_ref=organisation,
        name=node.text("name"),
        kind=node.code("location_type", LOCATION_KINDS),
        latitude=_degrees(node, "latitude", 90),
        longitude=_degrees(node, "longitude", 180),
        postcode=_postcode(address),
        uprn=_uprn(node),
    )
    reading.row_read("locations")


def _degrees(node: Node, key: str, limit: int) -> float | None:
    """Return degrees within the limit; anything beyond is no place on Earth, so it is flagged and left out."""
    degrees = node.number(key)
    if degrees is None or abs(degrees) <= limit:
        return degrees
    node.child(key).warn("coordinate_out_of_range", f"is not between -{limit} and {limit} degrees, so it is left out")
    return None


def _postcode(address: Node) -> str | None:
    written = address.text("postal_code")
    postcode = find_postcode(written)
    if written and postcode is None:
        address.child("postal_code").warn("postcode_form", "has not the form of a postcode, so it is left out")
    return postcode


def _uprn(node: Node) -> str | None:
    """Return the property reference, where the external identifier says that it is one."""
    kind = node.text("external_identifier_type")
    if kind is None or kind.upper() != "UPRN":
        return None
    value = node.text("external_identifier")
    if value and check("uprn", value) == FAIL:
        node.child("external_identifier").warn("identifier_check", "is not a property reference, so it is left out")
        return None
    return normalise("uprn", value) if value else None


CONNECTORS = (
    Connector(
        "oruk",
        2022,
        2035,
        read_oruk,
        "Open Referral UK 3 as JSON: a page of services, a service or a taxonomy",
        is_piecewise=True,
    ),
)
