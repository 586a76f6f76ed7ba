"""The open geography of a place as publishers give it, in plain values: what people may be put on."""

from __future__ import annotations

from dataclasses import dataclass

Polygons = list[list[list[list[float]]]]
"""The coordinates of a GeoJSON MultiPolygon: polygons of rings of longitude and latitude."""


@dataclass(frozen=True)
class OpenDistrict:
    """A district: its code, name and outline."""

    code: str
    name: str
    polygons: Polygons


@dataclass(frozen=True)
class OpenArea:
    """A small area of one census year: its code, name, district, outline, and tenth by deprivation where known."""

    code: str
    name: str
    district_code: str
    polygons: Polygons
    deprivation_decile: int | None = None


@dataclass(frozen=True, slots=True)
class OpenPostcode:
    """A postcode and where it lies: degrees of WGS 84, metres of the National Grid.

    `is_terminated`: the directory says that no mail goes to it any more, so that no household has it.
    """

    postcode: str
    area_code: str
    district_code: str
    longitude: float
    latitude: float
    easting: int
    northing: int
    is_terminated: bool = False


@dataclass(frozen=True, slots=True)
class OpenSite:
    """Where a public building stands, without its name: its kind (`primary`, `crown` …), district and postcode."""

    kind: str
    district_code: str
    postcode: str


@dataclass(frozen=True)
class OpenGround:
    """The open geography of one place. `area_year` is the census year of its small areas."""

    name: str
    code: str
    area_year: int
    districts: tuple[OpenDistrict, ...]
    areas: tuple[OpenArea, ...]
    postcodes: tuple[OpenPostcode, ...]
    sites: tuple[OpenSite, ...]
    attribution: tuple[str, ...]
    """What the publishers' licences ask to be shown with it, a line each."""
