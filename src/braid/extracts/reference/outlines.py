"""Outlines as publishers give them out (GeoJSON), a feature at a time: which ground they are of, and of which year."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from braid.extracts.json_nodes import whole_characters
from braid.extracts.model import UnreadableFile
from braid.extracts.reference.areas import CODE, is_real
from braid.extracts.reference.model import RowRefused

SCHEMA = pa.schema([("code", pa.string()), ("name", pa.string()), ("polygons", pa.string())])
LEVELS: Mapping[str, tuple[str, str]] = {
    "E01": ("area_boundaries", "small areas (LSOA)"),
    "W01": ("area_boundaries", "small areas (LSOA)"),
    "E02": ("msoa_boundaries", "middle layer areas (MSOA)"),
    "W02": ("msoa_boundaries", "middle layer areas (MSOA)"),
    "E05": ("ward_boundaries", "wards"),
    "W05": ("ward_boundaries", "wards"),
    "E06": ("district_boundaries", "districts"),
    "E07": ("district_boundaries", "districts"),
    "E08": ("district_boundaries", "districts"),
    "E09": ("district_boundaries", "districts"),
    "W06": ("district_boundaries", "districts"),
    "S12": ("district_boundaries", "districts"),
    "N09": ("district_boundaries", "districts"),
    "E47": ("authority_boundaries", "combined authorities"),
}
"""By the first three signs of a code: the kind of dataset, and what its features are."""
WEST, EAST, SOUTH, NORTH = -11.0, 3.0, 48.0, 61.5
"""Degrees within which the United Kingdom lies, and the sea beside it."""
LONGEST_NAME = 200
_CODE_NAME = re.compile(r"(?:lsoa|msoa|wd|ward|lad|cauth)(?P<year>\d\d)cd|area_code|code", re.IGNORECASE)
_NAME_NAME = re.compile(r"(?:lsoa|msoa|wd|ward|lad|cauth)\d\dnm|area_name|name", re.IGNORECASE)
_FILE_YEAR = re.compile(r"(?:lsoa|msoa|wd|ward|lad|cauth)[a-z_ -]*?(?:20)?(\d\d)(?!\d)")
_FILE_MONTH_YEAR = re.compile(r"(?:output_areas|wards|districts|authorities).*?(20\d\d)")


@dataclass
class Outlined:
    """What the features of a file have in common, found as they come."""

    kinds: set[str] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    newest_code: str = ""
    has_real_areas: bool = False


def find_file_year(name: str) -> int | None:
    """Return the year that the name of a file of outlines says, `None` where it says none."""
    text = name.lower()
    found = _FILE_MONTH_YEAR.search(text) or _FILE_YEAR.search(text)
    return None if found is None else int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])


def check_projection(document: Any) -> None:
    """Raise `UnreadableFile` where the file says that its points are no longitude and latitude."""
    text = json.dumps(document)
    if "27700" in text or "3857" in text:
        words = "the points are metres of a grid: download the file in longitude and latitude (WGS 84, EPSG:4326)"
        raise UnreadableFile("projection", words)


def clean_feature(feature: Any, found: Outlined) -> dict[str, Any]:
    """Return the code, name and polygons of a feature, and note its kind and year on `found`."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise RowRefused("properties", "the feature has no properties")
    code, year = _code_of(properties)
    names = [value for key, value in properties.items() if _NAME_NAME.fullmatch(key) and isinstance(value, str)]
    if not names or not 0 < len(names[0].strip()) <= LONGEST_NAME:
        raise RowRefused("name", f"the feature has no name of at most {LONGEST_NAME} characters")
    polygons = _polygons(feature.get("geometry"))
    found.kinds.add(LEVELS[code[:3]][0])
    if year:
        found.years.add(year)
    if is_real(code):
        found.has_real_areas = True
        found.newest_code = max(found.newest_code, code) if code.startswith("E") else found.newest_code
    return {
        "code": code,
        "name": whole_characters(names[0]).strip(),
        "polygons": json.dumps(polygons, separators=(",", ":")),
    }


def _code_of(properties: Mapping[str, Any]) -> tuple[str, int | None]:
    for key, value in properties.items():
        named = _CODE_NAME.fullmatch(key)
        if named and isinstance(value, str) and CODE.fullmatch(value):
            if value[:3] not in LEVELS:
                raise RowRefused("code_kind", "the code is of no kind of ground that is read")
            return value, 2000 + int(named["year"]) if named["year"] else None
    raise RowRefused("code", "the feature has no code of the Government Statistical Service")


def _polygons(geometry: Any) -> list[Any]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
        raise RowRefused("geometry", "the geometry is no Polygon or MultiPolygon")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon or not all(isinstance(ring, list) for ring in polygon):
            raise RowRefused("geometry", "a polygon has no ring")
        for ring in polygon:
            _check_ring(ring)
    return [[[point[:2] for point in ring] for ring in polygon] for polygon in polygons]


def _check_ring(ring: list[Any]) -> None:
    if not all(_is_point(point) for point in ring):
        raise RowRefused("point", "a point is not two numbers")
    if len(ring) < 4 or ring[0][:2] != ring[-1][:2]:
        raise RowRefused("ring_open", "a ring is open or has fewer than four points")
    if any(abs(point[0]) > 180 or abs(point[1]) > 90 for point in ring):
        words = "the points are metres of a grid: download the file in longitude and latitude (WGS 84, EPSG:4326)"
        raise UnreadableFile("projection", words)
    if not all(WEST <= point[0] <= EAST and SOUTH <= point[1] <= NORTH for point in ring):
        raise RowRefused("point_abroad", "a point lies outside the United Kingdom: is longitude written first?")


def _is_point(point: Any) -> bool:
    if not isinstance(point, list) or len(point) < 2:
        return False
    return all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in point[:2])
