"""`bodies.toml` of a place folder: who sits on boards and brings money, and which ground each of them serves.

The grounds do not line up: a force area may end where a court area does not. What each serves is said in districts and
small areas, and everything else about it (roll-ups, maps, which bodies share somebody) follows from that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from braid.language.rule_files import Fault, Fields, RulesInvalid, read_text, read_toml
from braid.store.place_folder import Place

FILE = "bodies.toml"
TOP = "bodies"
LONGEST_ID, LONGEST_NAME = 60, 100
BODY_KINDS: Mapping[str, str] = {
    "authority": "Combined authority",
    "council": "Council",
    "icb": "Integrated care board",
    "hospital": "Hospital trust",
    "court": "Court area",
    "police": "Policing body",
    "fire": "Fire and rescue authority",
    "probation": "Probation",
    "cafcass": "Cafcass",
    "school_trust": "School trust",
    "voluntary": "Voluntary organisation",
}
"""Kinds of body; those of `[[organisation]]` in place.toml are among them."""


@dataclass(frozen=True)
class Body:
    """An organisation that sits on boards, brings money or provides, and the small areas that it serves.

    `id` is that of an organisation of place.toml where it is one. `districts` are served whole; `areas` are codes of
    all small areas served, those of the districts among them.
    """

    id: str
    name: str
    kind: str
    districts: frozenset[str]
    areas: frozenset[str]


@dataclass(frozen=True)
class Ground:
    """The ground of a place: its districts, and in which of them each small area lies."""

    districts: Mapping[str, str]
    """District code to name."""
    area_districts: Mapping[str, str]
    """Small area code to district code."""

    def areas_of(self, districts: Collection[str]) -> frozenset[str]:
        """Return the small areas of the districts."""
        return frozenset(area for area, district in self.area_districts.items() if district in districts)


def ground_of(place: Place) -> Ground:
    """Return the ground as `geography/postcodes.csv` has it; no small areas where the place has no such file."""
    rows = place.reference_rows("postcodes")
    areas = {row["area_code"]: row["district_code"] for row in rows if row.get("area_code")}
    return Ground(place.district_names(), areas)


def load_bodies(place: Place) -> tuple[Body, ...]:
    """Return the bodies of a place, by id: its organisations where it has no `bodies.toml`.

    Raises `RulesInvalid` with every fault of the file, `RulesUnreadable` where it is no TOML.
    """
    ground = ground_of(place)
    path = place.folder / FILE
    if not path.is_file():
        return tuple(sorted(_organisations_alone(place, ground).values(), key=lambda body: body.id))
    return parse_bodies(read_text(path), place, ground)


def parse_bodies(text: str, place: Place, ground: Ground) -> tuple[Body, ...]:
    """Return the bodies that a file names and the organisations that it does not, by id.

    Raises `RulesInvalid` with every fault found, `RulesUnreadable` where it is no TOML.
    """
    top = read_toml(text, FILE, TOP)
    top.check_known(("body",))
    known = {organisation.id: organisation.kind for organisation in place.organisations}
    names = {organisation.id: organisation.name for organisation in place.organisations}
    found = [_body(fields, known, names, ground) for fields in top.tables("body")]
    ids = [body.id for body in found]
    faults = list(top.faults)
    faults += [
        Fault(FILE, "id", f"{one!r} is there twice", "give each body its own id")
        for one in sorted({one for one in ids if one and ids.count(one) > 1})
    ]
    if faults:
        raise RulesInvalid(faults)
    bodies = {**_organisations_alone(place, ground), **{body.id: body for body in found}}
    return tuple(sorted(bodies.values(), key=lambda body: body.id))


def _body(fields: Fields, kinds: Mapping[str, str], names: Mapping[str, str], ground: Ground) -> Body:
    fields.check_known(("id", "name", "kind", "districts", "areas"))
    identifier = fields.text("id", LONGEST_ID)
    if identifier and not all(part.isascii() and part.isalnum() for part in identifier.split("-")):
        fields.refuse("'id' must be letters, digits and hyphens", "choose another id")
    is_partner = identifier in names
    name = names[identifier] if is_partner and not fields.has("name") else fields.text("name", LONGEST_NAME)
    kind = kinds[identifier] if is_partner and not fields.has("kind") else fields.code("kind", BODY_KINDS)
    districts = frozenset(fields.codes("districts", ground.districts)) if fields.has("districts") else frozenset()
    areas = frozenset(fields.codes("areas", ground.area_districts)) if fields.has("areas") else frozenset()
    if not fields.has("districts") and not fields.has("areas"):
        fields.refuse("the body serves no ground", "name its districts, or small areas under areas, or both")
    return Body(identifier, name, kind, districts, areas | ground.areas_of(districts))


def _organisations_alone(place: Place, ground: Ground) -> dict[str, Body]:
    """Return a body for each organisation: a council serves its district, everybody else the whole place."""
    own = {district.council: district.code for district in place.districts if district.council}
    everywhere = frozenset(ground.districts)
    bodies = {}
    for one in place.organisations:
        districts = frozenset({own[one.id]}) if one.id in own else everywhere
        bodies[one.id] = Body(one.id, one.name, one.kind, districts, ground.areas_of(districts))
    return bodies
