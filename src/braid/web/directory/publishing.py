"""Publication of the directory of services: of partners' directories, the place's teams and its commissions.

Only where the place says that anybody may read it; else nothing of it is in the database. Of whoever lives near a
service nothing is asked: leaving one out for such a reason would tell of them.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from braid.care.team_file import TeamEntry
from braid.language.records import LOCATION, ORGANISATION, SERVICE
from braid.place.bodies import ground_of, load_bodies
from braid.place.commissions.eligibility import eligibility_in_words
from braid.place.commissions.places import ground_of_lot
from braid.place.commissions.terms import parse_terms
from braid.place.directory import Node, directory_services
from braid.place.own_services import OpenLot, organisations_of, own_services
from braid.problems.load import load_statements
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.web.copying import rows_if_there
from braid.web.models import Commission, CommissionTerms, DirectoryEntry
from braid.web.published import take_turn
from braid.web.watch import known_asker

STANDARD = "oruk"
DIRECTORY_LOCK = 7_303_065
"""Held while the directory is replaced: two starts at once would each put theirs beside the other's."""
OPEN = {"state": "open"}
"""Commissions that are told of: a draft or an agreed one is nobody's offer yet, and an ended one no more."""
SERVICES, ORGANISATIONS, AT_LOCATIONS = "service", "organization", "service_at_location"


@transaction.atomic
def show_directory(run: Run | None, place: Place, teams: Iterable[TeamEntry]) -> None:
    """Replace the directory by what the run, the place's files and its open commissions say now.

    Raises `RulesInvalid` where a file of the place has a fault.
    """
    with known_asker():
        take_turn(DIRECTORY_LOCK)
        DirectoryEntry.objects.all().delete()
        if place.is_directory_public:
            DirectoryEntry.objects.append(_entries(_services(run, place, teams)))


def _services(run: Run | None, place: Place, teams: Iterable[TeamEntry]) -> list[Node]:
    """Return every service once, by its id: of two that partners tell under one id, the first."""
    of_partners = directory_services(*_rows(run)) if run is not None else []
    bodies = {body.id: body.name for body in load_bodies(place)}
    own = own_services(
        place.organisations, teams, _open_lots(place), bodies, place.district_names(), timezone.localdate()
    )
    found: dict[str, Node] = {}
    for one in (*of_partners, *own):
        found.setdefault(str(one["id"]), one)
    return [found[identity] for identity in sorted(found)]


def _rows(run: Run) -> Iterator[list[dict[str, Any]]]:
    """Yield organisations, services and locations of partners' directories."""
    for table in (ORGANISATION, SERVICE, LOCATION):
        rows = rows_if_there(run, table.name, table.names)
        yield sorted((dict(row) for row in rows if row["standard"] == STANDARD), key=lambda row: str(row["record_id"]))


def _open_lots(place: Place) -> list[OpenLot]:
    bodies, ground = {body.id: body for body in load_bodies(place)}, ground_of(place)
    areas: dict[str, frozenset[str]] = {}
    for area, district in ground.area_districts.items():
        areas[district] = areas.get(district, frozenset()) | {area}
    statements = {one.problem_id: one for one in load_statements(place.folder)}
    found = []
    for row in Commission.objects.filter(**OPEN).order_by("made_at", "pk"):
        terms = parse_terms(CommissionTerms.objects.get(commission=row, number=row.in_force).document)
        statement = statements.get(terms.statement)
        for lot in terms.lots:
            words = eligibility_in_words(statement, lot.eligibility, ground.districts) if statement else ()
            on = ground_of_lot(lot, terms, bodies, areas, ground.districts)
            found.append(OpenLot(str(row.pk), terms, lot, words, on))
    return found


def _entries(services: list[Node]) -> Iterator[DirectoryEntry]:
    places = [_at_location(one, at) for one in services for at in one.get("service_at_locations", ())]
    yield from (_entry(SERVICES, number, one, one) for number, one in enumerate(services))
    yield from (_entry(ORGANISATIONS, number, one, {}) for number, one in enumerate(organisations_of(services)))
    by_id = sorted(places, key=lambda one: str(one["id"]))
    yield from (_entry(AT_LOCATIONS, number, one, one["service"]) for number, one in enumerate(by_id))


def _at_location(service: Node, at: Node) -> Node:
    """Return where a service is given, with the service itself in place of its places."""
    itself = {name: value for name, value in service.items() if name != "service_at_locations"}
    return {**at, "service_id": service["id"], "location_id": at["location"]["id"], "service": itself}


def _entry(kind: str, number: int, document: Node, service: Node) -> DirectoryEntry:
    of = service.get("organization", {})
    said = (document.get("name"), service.get("name"), service.get("description"), of.get("name"))
    terms = [one["taxonomy_term"]["id"] for one in service.get("attributes", ())]
    return DirectoryEntry(
        kind=kind,
        position=number,
        identity=_plain(str(document["id"])),
        document=json.dumps(document, ensure_ascii=False, default=_written),
        words=_plain(" ".join(part for part in said if part).lower()),
        organisation=_plain(str(of.get("id") or service.get("organization_id") or "")),
        term=terms[0] if terms else "",
        minimum_age=service.get("minimum_age"),
        maximum_age=service.get("maximum_age"),
    )


def _plain(text: str) -> str:
    """Return a text without what no column of words holds."""
    return text.replace("\0", "")


def _written(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} is not told")
