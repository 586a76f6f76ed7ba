"""What terms of a commission may name: as the files of the place have it, read at each start, and teams as kept."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from braid.place.bodies import ground_of
from braid.place.commissions.places import LotGround, ground_of_lot
from braid.place.commissions.terms import Known, Lot, Terms
from braid.problems.load import load_statements, shipped_statements
from braid.problems.model import Statement
from braid.store.place_folder import Place
from braid.web.funds.definitions import funds
from braid.web.models import Team
from braid.web.served_place import of_served_place, served_bodies


@dataclass(frozen=True)
class Files:
    """Names of bodies and districts by id and code, and the problem statements by id."""

    bodies: Mapping[str, str]
    districts: Mapping[str, str]
    statements: Mapping[str, Statement]
    areas: Mapping[str, frozenset[str]]
    """Small areas of each district, by code."""


@of_served_place
def files(place: Place | None) -> Files:
    """Return what the files of the place say. Raises `RulesInvalid` where one of them has a fault."""
    if place is None:
        return Files({}, {}, {one.problem_id: one for one in shipped_statements()}, {})
    bodies = {body.id: body.name for body in served_bodies().values()}
    ground = ground_of(place)
    areas: dict[str, set[str]] = defaultdict(set)
    for area, district in ground.area_districts.items():
        areas[district].add(area)
    statements = {one.problem_id: one for one in load_statements(place.folder)}
    return Files(bodies, ground.districts, statements, {code: frozenset(found) for code, found in areas.items()})


def known() -> Known:
    """Return what terms may name."""
    found = files()
    purposes = {code: one.purpose_code for code, one in found.statements.items()}
    teams = {row.pk: (row.organisation, tuple(row.services)) for row in Team.objects.order_by("pk")}
    return Known(set(found.bodies), set(found.districts), purposes, teams, frozenset(funds()))


def lot_ground(lot: Lot, terms: Terms) -> LotGround:
    """Return the ground of a lot as the files of the place have it."""
    place = files()
    return ground_of_lot(lot, terms, served_bodies(), place.areas, place.districts)


def outcome_names(statement: str) -> Mapping[str, str]:
    """Return the outcomes that a problem statement names, by id; none where there is no such statement."""
    found = files().statements.get(statement)
    return {one.measure_id: one.name for one in found.outcomes} if found else {}
