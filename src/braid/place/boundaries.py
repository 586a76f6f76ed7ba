"""`geography/areas.geojson` and `geography/districts.geojson` of a place folder: outlines, read strictly.

Neighbours share their border point for point, or the place has two opinions about where it runs. Outlines are drawn
and nothing is decided by them: which ground a body serves is said in codes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from braid.language.printable import is_printable
from braid.language.rule_files import Fault, RulesInvalid, RulesUnreadable
from braid.place.bodies import Ground
from braid.store.place_folder import Place

Point = tuple[float, float]
"""Longitude and latitude in degrees, WGS 84."""
Ring = tuple[Point, ...]
"""A closed line: the last point is the first."""
AREAS, DISTRICTS, POSTCODES = "areas.geojson", "districts.geojson", "postcodes.csv"
LEAST_POINTS = 4
LONGEST_NAME, LONGEST_WORDS = 200, 1000
MOST_TOLD = 3
"""Codes that one message lists."""


@dataclass(frozen=True)
class Outline:
    """A small area or district: its name and its rings, those of holes among them (even-odd)."""

    code: str
    name: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True)
class Boundaries:
    """The outlines of a place by code; empty where it has no such file."""

    areas: Mapping[str, Outline]
    districts: Mapping[str, Outline]
    attribution: str = ""
    """What must stand beside every drawing of them, as the files say it (`attribution` beside their features)."""


def load_boundaries(place: Place, ground: Ground) -> Boundaries:
    """Return the outlines of a place, checked against its ground.

    Raises `RulesInvalid` with every fault of the files and of `postcodes.csv` beside them, each with file, feature,
    rule and next step; `RulesUnreadable` where a file is no JSON.
    """
    faults: list[Fault] = list(_postcode_faults(place))
    areas, of_areas = _read(place, AREAS, faults)
    districts, of_districts = _read(place, DISTRICTS, faults)
    faults += _match(AREAS, areas, ground.area_districts, "a small area of postcodes.csv")
    faults += _match(DISTRICTS, districts, ground.districts, "a district of place.toml")
    if faults:
        raise RulesInvalid(faults)
    said = dict.fromkeys(words for words in (of_areas, of_districts) if words)
    return Boundaries(areas, districts, " ".join(said))


def _postcode_faults(place: Place) -> Iterable[Fault]:
    """Yield a fault for each small area that lies in two districts, or in one that the place does not have."""
    found: dict[str, set[str]] = {}
    for row in place.reference_rows("postcodes"):
        if row.get("area_code"):
            found.setdefault(row["area_code"], set()).add(row.get("district_code") or "")
    known = place.district_names()
    for area, districts in sorted(found.items()):
        where = f"area_code {area}"
        if len(districts) > 1:
            rule = f"the small area lies in {' and '.join(sorted(map(repr, districts)))}"
            yield Fault(POSTCODES, where, rule, "give each of its rows the district that the small area is part of")
        elif not districts & known.keys():
            rule = f"district_code {min(districts)!r} is no district of place.toml"
            yield Fault(POSTCODES, where, rule, "correct the code, or name the district in place.toml")


def _match(file: str, outlines: Mapping[str, Outline], known: Mapping[str, str], what: str) -> Iterable[Fault]:
    """Yield faults where a file that is there and what the place has differ."""
    if not outlines:
        return
    for code in sorted(outlines.keys() - known.keys()):
        yield Fault(file, f"feature {code}", f"the code is not {what}", "correct the code, or leave the feature out")
    missing = sorted(known.keys() - outlines.keys())
    if missing:
        more = f" and {len(missing) - MOST_TOLD} more" if len(missing) > MOST_TOLD else ""
        listed = ", ".join(missing[:MOST_TOLD])
        yield Fault(file, "features", f"there is no outline of {listed}{more}", "add a feature for each")


def _read(place: Place, file: str, faults: list[Fault]) -> tuple[dict[str, Outline], str]:
    """Return the outlines of a file by code, and its attribution; nothing where the place has no such file."""
    path = place.folder / "geography" / file
    if not path.is_file():
        return {}, ""
    features, attribution = _features(path.read_bytes(), file)
    if not isinstance(attribution, str) or len(attribution) > LONGEST_WORDS or not is_printable(attribution):
        rule = f"attribution must be a text of at most {LONGEST_WORDS} characters"
        faults.append(Fault(file, "attribution", rule, "write what the licence asks for, or leave it out"))
        attribution = ""
    outlines: dict[str, Outline] = {}
    for number, feature in enumerate(features, 1):
        outline = _outline(feature, number, file, faults)
        if outline is None:
            continue
        if outline.code in outlines:
            faults.append(Fault(file, f"feature {number}", f"{outline.code!r} is there twice", "draw each code once"))
        outlines[outline.code] = outline
    return outlines, attribution.strip()


def _features(content: bytes, file: str) -> tuple[Sequence[Any], Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        fault = Fault(file, "file", "it is no JSON in UTF-8", "export it again as GeoJSON")
        raise RulesUnreadable([fault]) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise RulesUnreadable([Fault(file, "file", "it is no FeatureCollection", "export it again as GeoJSON")])
    return features, document.get("attribution", "")


def _outline(feature: Any, number: int, file: str, faults: list[Fault]) -> Outline | None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    if not isinstance(properties, dict) or not isinstance(code, str) or not code.strip():
        faults.append(Fault(file, f"feature {number}", "it has no code", "give it properties with code and name"))
        return None
    where = f"feature {number} ({code[:LONGEST_NAME]})"
    name = properties.get("name")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME or not is_printable(name):
        rule = f"name must be a text of at most {LONGEST_NAME} characters"
        faults.append(Fault(file, where, rule, "give it a name in properties"))
    rings, fault = _rings(feature.get("geometry"))
    if fault:
        faults.append(Fault(file, where, *fault))
    return Outline(code, name.strip() if isinstance(name, str) else "", rings)


def _rings(geometry: Any) -> tuple[tuple[Ring, ...], tuple[str, str] | None]:
    """Return the rings of a geometry, or what rule it breaks and the next step."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
        return (), ("its geometry is no Polygon or MultiPolygon", "draw it as one")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    rings: list[Ring] = []
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            return (), ("a polygon of it has no ring", "give each polygon a ring of points")
        for points in polygon:
            ring, fault = _ring(points)
            if fault:
                return (), fault
            rings.append(ring)
    return tuple(rings), None


def _ring(points: Any) -> tuple[Ring, tuple[str, str] | None]:
    if not isinstance(points, list) or not all(_is_position(point) for point in points):
        return (), ("a point is not two numbers", "write each as longitude and latitude")
    ring = tuple((float(point[0]), float(point[1])) for point in points)
    if not all(abs(east) <= 180 and abs(north) <= 90 for east, north in ring):
        step = "convert it to longitude and latitude (WGS 84), in that order"
        return (), ("a point lies off the earth: is it in metres of the National Grid?", step)
    if len(ring) < LEAST_POINTS or ring[0] != ring[-1]:
        return (), (f"a ring is open or has fewer than {LEAST_POINTS} points", "close it: end it with its first point")
    if find_crossing(ring):
        return (), ("a ring crosses itself", "redraw it, or ask its publisher for a valid outline")
    return ring, None


def _is_position(point: Any) -> bool:
    if not isinstance(point, list) or len(point) < 2:
        return False
    return all(isinstance(one, int | float) and not isinstance(one, bool) and numpy.isfinite(one) for one in point[:2])


def find_crossing(ring: Ring) -> bool:
    """Whether two sides of a closed ring that are no neighbours have more in common than a point in which both end.

    A ring may come back to one of its points, as round two fields that touch at a corner: even-odd drawing fills both.
    """
    points = numpy.array(ring)
    starts, ends = points[:-1], points[1:]
    count = len(starts)
    for number in range(count - 2):
        others = slice(number + 2, count - (number == 0))
        if _cross(starts[number], ends[number], starts[others], ends[others]):
            return True
    return False


def _cross(start: Any, end: Any, starts: Any, ends: Any) -> bool:
    """Whether one side meets any of others elsewhere than in an end of both."""
    turns = [_turn(start, end, starts), _turn(start, end, ends), _turn(starts, ends, start), _turn(starts, ends, end)]
    near = numpy.minimum(numpy.maximum(starts, ends), numpy.maximum(start, end)) - numpy.maximum(
        numpy.minimum(starts, ends), numpy.minimum(start, end)
    )
    meets = (turns[0] * turns[1] <= 0) & (turns[2] * turns[3] <= 0) & (near >= 0).all(axis=1)
    shares = numpy.zeros(len(starts), dtype=bool)
    for one in (start, end):
        shares |= (starts == one).all(axis=1) | (ends == one).all(axis=1)
    in_line = (turns[0] == 0) & (turns[1] == 0) & (near > 0).any(axis=1)
    return bool((meets & (~shares | in_line)).any())


def _turn(start: Any, end: Any, point: Any) -> Any:
    """Return on which side of the line from start to end a point lies, as a sign."""
    way, to = end - start, point - start
    return numpy.sign(way[..., 0] * to[..., 1] - way[..., 1] * to[..., 0])
