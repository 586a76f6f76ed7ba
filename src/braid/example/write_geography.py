"""Writes the ground of the place: outlines as GeoJSON, and tables of postcodes and public buildings."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from braid.example import lattice
from braid.example.model import District, Geography, Site, World
from braid.example.streams import words
from braid.language.open_ground import OpenGround, OpenPostcode

POSTCODES = words("postcode area_code district_code deprivation_decile longitude latitude easting northing")
SITES = words("name kind district_code postcode longitude latitude easting northing")
SCHOOL_PLACES = words("urn year_group places pupils")
ACCOMMODATION = words(
    "reference name kind district_code postcode longitude latitude easting northing unit_count sleeps"
)


def write_geography(world: World, folder: Path) -> None:
    """Write the files of `geography/`. Refuges are not among them."""
    ground = world.geography
    said = " ".join(ground.open_ground.attribution) if ground.open_ground else ""
    _write_json(folder / "areas.geojson", _areas(ground), said)
    _write_json(folder / "districts.geojson", _districts(ground), said)
    write_table(folder / "postcodes.csv", POSTCODES, _postcodes(ground))
    write_table(folder / "schools.csv", ["urn", *SITES, "places", "pupils"], _schools(world))
    write_table(folder / "school_places.csv", SCHOOL_PLACES, _school_places(world))
    write_table(folder / "courts.csv", ["code", *SITES], ([s.reference, *_site(ground, s)] for s in ground.courts))
    write_table(
        folder / "hospitals.csv", ["ods_code", *SITES], ([s.reference, *_site(ground, s)] for s in ground.hospitals)
    )
    rows = ([s.reference, *_site(ground, s), s.capacity, 4] for s in ground.accommodation)
    write_table(folder / "accommodation.csv", ACCOMMODATION, rows)


def write_refuges(world: World, folder: Path) -> None:
    """Write where the refuges are, readable by the owner alone; nothing in the chain reads it."""
    ground = world.geography
    path = folder / "refuges.csv"
    path.touch(mode=0o600)
    path.chmod(0o600)
    rows = ([s.reference, *_site(ground, s), s.capacity] for s in ground.refuges)
    write_table(path, ["reference", *SITES, "capacity"], rows)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table of our own as CSV with line feeds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_json(path: Path, features: list[dict[str, object]], attribution: str) -> None:
    said = {"attribution": attribution} if attribution else {}
    document = {"type": "FeatureCollection", **said, "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _areas(ground: Geography) -> list[dict[str, object]]:
    given = ground.open_ground.areas if ground.open_ground else ()
    outlines = {area.code: {"type": "MultiPolygon", "coordinates": area.polygons} for area in given}
    return [
        {
            "type": "Feature",
            "properties": {
                "code": area.code,
                "name": area.name,
                "district_code": ground.districts[area.district].code,
                "deprivation_decile": area.deprivation_decile,
            },
            "geometry": outlines.get(area.code) or {"type": "Polygon", "coordinates": [area.ring]},
        }
        for area in ground.areas
    ]


def _districts(ground: Geography) -> list[dict[str, object]]:
    if ground.open_ground:
        outlines = {district.code: district.polygons for district in ground.open_ground.districts}
        return [_district(district, outlines[district.code]) for district in ground.districts]
    features: list[dict[str, object]] = []
    for index, district in enumerate(ground.districts):
        rings = lattice.outline([area.ring for area in ground.areas if area.district == index])
        outer = [ring for ring in rings if lattice.signed_area(ring) > 0]
        holes = [ring for ring in rings if lattice.signed_area(ring) <= 0]
        largest = max(outer, key=lattice.signed_area)
        polygons: list[list[list[lattice.Point]]] = [[ring, *(holes if ring is largest else [])] for ring in outer]
        features.append(_district(district, polygons))
    return features


def _district(district: District, polygons: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"code": district.code, "id": district.slug, "name": district.name},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def _postcodes(ground: Geography) -> Iterable[list[object]]:
    if ground.open_ground:
        yield from _open_postcodes(ground, ground.open_ground)
        return
    hidden = {site.address // 15 for site in ground.refuges}
    for index, postcode in enumerate(ground.postcodes):
        if index not in hidden:
            area = ground.areas[int(ground.postcode_area[index])]
            district = ground.districts[area.district].code
            yield [postcode, area.code, district, area.deprivation_decile, *_position(ground, index)]


def _open_postcodes(ground: Geography, given: OpenGround) -> Iterable[list[object]]:
    """Yield the postcodes of the real ground: those in use, and those that people of the place were put on."""
    deciles = {area.code: area.deprivation_decile for area in given.areas}
    used = set(ground.postcodes)
    for each in given.postcodes:
        if not each.is_terminated or each.postcode in used:
            decile = deciles[each.area_code]
            yield [each.postcode, each.area_code, each.district_code, decile, *_open_position(each)]


def _open_position(each: OpenPostcode) -> list[object]:
    return [round(each.longitude, 6), round(each.latitude, 6), each.easting, each.northing]


def _position(ground: Geography, postcode: int) -> list[object]:
    if ground.postcode_metres is not None:
        longitude, latitude = (round(float(value), 6) for value in ground.postcode_points[postcode])
        return [longitude, latitude, *(int(value) for value in ground.postcode_metres[postcode])]
    longitude, latitude = (float(value) for value in ground.postcode_points[postcode])
    return [longitude, latitude, *lattice.metres((longitude, latitude))]


def _site(ground: Geography, site: Site) -> list[object]:
    position = _position(ground, site.address // 15)
    return [site.name, site.kind, ground.districts[site.district].code, ground.postcode_of(site.address), *position]


def _rolls(world: World) -> Counter[tuple[int, int]]:
    return Counter((e.school, e.year_group) for e in world.enrolments if e.left is None)


def _places(school: int, pupils: int) -> int:
    """Return the places of a year group: two schools in three are full, the third has room."""
    return pupils if school % 3 else round(pupils * 1.15) + 2


def _schools(world: World) -> Iterable[list[object]]:
    rolls = _rolls(world)
    for index, school in enumerate(world.geography.schools):
        groups = [pupils for (k, _), pupils in rolls.items() if k == index]
        places = sum(_places(index, pupils) for pupils in groups)
        yield [school.reference, *_site(world.geography, school), places, sum(groups)]


def _school_places(world: World) -> Iterable[list[object]]:
    for (index, group), pupils in sorted(_rolls(world).items()):
        label = "R" if group == 0 else group
        yield [world.geography.schools[index].reference, label, _places(index, pupils), pupils]
