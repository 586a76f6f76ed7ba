"""What the place itself offers, in the words of Open Referral UK 3: services of its teams, and lots of commissions.

About no person: a team is told by its name and its duty desk, and only where `teams.toml` lists it for everybody; a lot
by whom it serves and where, without money. The order and the ids are the same each time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from braid.care.services import SERVICES
from braid.care.team_file import TeamEntry
from braid.place.commissions.places import LotGround
from braid.place.commissions.terms import Lot, Terms
from braid.place.directory import NOT_GIVEN, Node, name_of
from braid.store.place_folder import Organisation

TAXONOMY_NAME = "Kinds of services"
TAXONOMY: Node = {
    "id": name_of("taxonomy", "services"),
    "name": TAXONOMY_NAME,
    "description": "The services that somebody may be referred to, one word for each, whoever offers it",
    "uri": "urn:braid:service",
}
"""The one taxonomy of the directory: the kinds of services of the common language."""
TERMS: Mapping[str, Node] = {
    code: {
        "id": name_of("term", code),
        "name": service.name,
        "description": service.name,
        "taxonomy": TAXONOMY_NAME,
        "taxonomy_id": TAXONOMY["id"],
        "term_uri": f"urn:braid:service:{code}",
        "term": code,
    }
    for code, service in SERVICES.items()
}
"""Its terms, by the code of the service."""
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class OpenLot:
    """A lot of a commission that is open: whose it is, whom it serves in words, and on which ground."""

    commission_id: str
    terms: Terms
    lot: Lot
    eligibility: tuple[str, ...]
    ground: LotGround


def own_services(
    organisations: Iterable[Organisation],
    teams: Iterable[TeamEntry],
    lots: Iterable[OpenLot],
    bodies: Mapping[str, str],
    districts: Mapping[str, str],
    today: dt.date,
) -> list[Node]:
    """Return the place's own services in the order of their ids.

    `bodies` and `districts` are names by id and code. A lot whose window is not open `today` is inactive.
    """
    names = {one.id: one.name for one in organisations}
    found = [*_of_teams(names, teams), *_of_lots({**names, **bodies}, lots, districts, today)]
    return sorted(found, key=lambda one: str(one["id"]))


def _of_teams(names: Mapping[str, str], teams: Iterable[TeamEntry]) -> Iterator[Node]:
    for team in teams:
        for code in team.services if team.is_listed else ():
            service = {
                "id": name_of("team", team.id, code),
                "name": f"{SERVICES[code].name}: {team.name}",
                "status": "active",
                "organization": _organisation(team.organisation, names),
                "attributes": [_attribute(code, "team", team.id, code)],
            }
            yield service | _desk(team.contact)


def _of_lots(
    names: Mapping[str, str], lots: Iterable[OpenLot], districts: Mapping[str, str], today: dt.date
) -> Iterator[Node]:
    for one in lots:
        lot, terms = one.lot, one.terms
        prime = next((provider.body for provider in lot.providers if provider.part == "prime"), terms.lead)
        by = ", ".join(names.get(body, body) for body in terms.bodies)
        words = [
            f"Commissioned together by {by}: {terms.title}.",
            *(f"{each.rstrip('.')}." for each in one.eligibility),
        ]
        key = ("lot", one.commission_id, lot.id)
        service = {
            "id": name_of(*key),
            "name": f"{SERVICES[lot.service].name}: {lot.name}",
            "description": " ".join(words),
            "status": "active" if lot.window_from <= today <= lot.window_to else "inactive",
            "organization": _organisation(prime, names),
            "schedules": [
                {
                    "id": name_of("schedule", *key),
                    "valid_from": lot.window_from.isoformat(),
                    "valid_to": lot.window_to.isoformat(),
                    "description": "A referral that is sent in this time is served",
                }
            ],
            "attributes": [_attribute(lot.service, *key)],
        }
        areas = [
            {"id": name_of("area", *key, code), "name": area, "service_area": area}
            for code, area in _areas(one.ground, districts)
        ]
        yield {**service, "service_areas": areas} if areas else service


def _areas(ground: LotGround, districts: Mapping[str, str]) -> list[tuple[str, str]]:
    whole = [(code, districts.get(code, code)) for code in sorted(ground.whole)]
    return whole + [(code, f"A part of {districts.get(code, code)}") for code in sorted(ground.partly)]


def _organisation(identity: str, names: Mapping[str, str]) -> Node:
    return {
        "id": name_of("organisation", identity),
        "name": names.get(identity, identity),
        "description": NOT_GIVEN,
    }


def _attribute(code: str, *key: str) -> Node:
    return {"id": name_of("attribute", *key), "taxonomy_term": TERMS[code]}


def _desk(contact: str) -> Node:
    """Return how the duty desk is reached: its address, or words."""
    if not contact:
        return {}
    return {"email": contact} if _MAIL.fullmatch(contact) else {"description": f"How to reach it: {contact}"}


def organisations_of(services: Sequence[Node]) -> list[Node]:
    """Return the organisations of services, each once, in the order of their ids."""
    found = {one["organization"]["id"]: one["organization"] for one in services if "organization" in one}
    return [found[identity] for identity in sorted(found)]
