"""The ground of the example place: districts, small areas, postcodes and public buildings."""

from __future__ import annotations

from random import Random

import numpy

from braid.example import lattice
from braid.example.model import ADDRESSES_PER_POSTCODE, Area, District, Geography, Integers, Site
from braid.example.streams import scalar_stream, vector_stream, words

PLACE_ID, PLACE_NAME = "arden-vale", "Arden Vale"

DISTRICTS = (
    District("E08990001", "hallowmere", "Hallowmere", 991, 0.30, "01632 960001"),
    District("E08990002", "quillbeck", "Quillbeck", 992, 0.24, "01632 960002"),
    District("E08990003", "tarnwick", "Tarnwick", 993, 0.19, "01632 960003"),
    District("E08990004", "osmerby", "Osmerby", 994, 0.15, "01632 960004"),
    District("E08990005", "fenhallow", "Fenhallow", 995, 0.12, "01632 960005"),
)

_INWARD = "ABDEFGHJLNPQRSTUWXYZ"
_STREETS = words(
    "Larkspur Heron Cobbler Ferryman Tinder Bellfounder Orchard Millrace Juniper Saddler Granary Lantern Kestrel"
    " Weaver Bramble Cooper Linden Foundry Quarry Meadow Tanner Willow Harbour Beacon Potter"
)
_STREET_ENDS = words("Street Road Lane Avenue Close Way Terrace Gardens Place Row")
_AREA_ENDS = words("North South East West Green Cross Hill Bank Town Park Wharf Moor Gate Fields Bridge")

PEOPLE_PER_AREA, PEOPLE_PER_HOUSEHOLD = 1_500, 2.3
SPARE_ADDRESSES = 1.15
"""Addresses for each household: homes stand empty, and people move."""
SITE_POSTCODES = 12
"""Postcodes a district keeps for public buildings and temporary accommodation; nobody's home stands there."""


def build_geography(people: int, seed: int) -> Geography:
    """Return the ground for about `people` people. Five districts, each with 5 to 40 small areas."""
    random = scalar_stream(seed, "geography")
    quotas = tuple(_area_count(people * district.weight) for district in DISTRICTS)
    patches = lattice.grow_districts(quotas, random)
    areas = tuple(
        Area(
            f"E01990{district:01d}{number:02d}",
            f"{DISTRICTS[district].name} {_AREA_ENDS[number % 15]}{'' if number < 15 else f' {number // 15 + 1}'}",
            district,
            lattice.ring_of(cell, seed),
            random.randint(1, 10),
        )
        for district, cells in enumerate(patches)
        for number, cell in enumerate(cells)
    )
    return _place_buildings(areas, people, seed, random)


def _area_count(people: float) -> int:
    return max(5, min(40, round(people / PEOPLE_PER_AREA)))


def _place_buildings(areas: tuple[Area, ...], people: int, seed: int, random: Random) -> Geography:
    owners, first_home, site_start = _allot_postcodes(areas, people)
    postcode_area = numpy.array(owners, dtype=numpy.int64)
    sites = Sites(site_start, random)
    for index, district in enumerate(DISTRICTS):
        sites.build(index, district, people)
    return Geography(
        DISTRICTS,
        areas,
        _postcodes(owners),
        tuple(street_name(k) for k in range(len(owners))),
        postcode_area,
        _points(areas, postcode_area, seed),
        first_home,
        tuple(sites.of("primary", "secondary", "special")),
        tuple(sites.of("crown", "family")),
        tuple(sites.of("hospital")),
        tuple(sites.of("bnb", "nightly", "hostel", "leased", "own_stock")),
        tuple(sites.of("refuge")),
    )


def _allot_postcodes(areas: tuple[Area, ...], people: int) -> tuple[list[int], tuple[int, ...], list[int]]:
    """Return the area of each postcode, the first home address of each district, and its first building's postcode.

    Homes of all districts come first, district by district; then the postcodes of public buildings.
    """
    owners: list[int] = []
    first_home = []
    for index, district in enumerate(DISTRICTS):
        own = [k for k, area in enumerate(areas) if area.district == index]
        households = people * district.weight / PEOPLE_PER_HOUSEHOLD * SPARE_ADDRESSES
        count = max(len(own), -(-int(households) // ADDRESSES_PER_POSTCODE))
        first_home.append(len(owners) * ADDRESSES_PER_POSTCODE)
        owners += [own[k * len(own) // count] for k in range(count)]
    first_home.append(len(owners) * ADDRESSES_PER_POSTCODE)
    site_start = []
    for index in range(len(DISTRICTS)):
        own = [k for k, area in enumerate(areas) if area.district == index]
        count = SITE_POSTCODES + people // 20_000 * 3
        site_start.append(len(owners))
        owners += [own[k % len(own)] for k in range(count)]
    return owners, tuple(first_home), site_start


def _postcodes(owners: list[int]) -> tuple[str, ...]:
    """Return one postcode each: area code QB, which no real postcode uses, and an outward code an area."""
    used: dict[int, int] = {}
    result = []
    for area in owners:
        outward = area % 99 + 1
        number = used[outward] = used.get(outward, -1) + 1
        letters = _INWARD[number // 10 % 20] + _INWARD[number // 200 % 20]
        result.append(f"QB{outward} {number % 10}{letters}")
    return tuple(result)


def street_name(number: int) -> str:
    """Return the invented name of a street."""
    name = _STREETS[number * 7 % 25]
    return f"{name} {_STREET_ENDS[number // 25 % 10]}"


def _points(
    areas: tuple[Area, ...], postcode_area: Integers, seed: int
) -> numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float64]]:
    centres = numpy.array([[sum(axis) / 4 for axis in zip(*area.ring[:4], strict=True)] for area in areas])
    spread = vector_stream(seed, "postcode points").uniform(-0.3, 0.3, (len(postcode_area), 2))
    scale = numpy.array([lattice.CELL_DEGREES, lattice.CELL_DEGREES * 0.66])
    return numpy.asarray(numpy.round(centres[postcode_area] + spread * scale, 5), dtype=numpy.float64)


class Sites:
    """Builds the public buildings, each on an address of its own among the postcodes kept for them."""

    def __init__(self, site_start: list[int], random: Random) -> None:
        self._next = [start * ADDRESSES_PER_POSTCODE for start in site_start]
        self._random = random
        self._urn = 900_000
        self._sites: list[Site] = []

    def of(self, *kinds: str) -> list[Site]:
        """Return the buildings of these kinds, in the order in which they were built."""
        return [site for site in self._sites if site.kind in kinds]

    def build(self, index: int, district: District, people: int) -> None:
        """Build what a district has of schools, temporary accommodation, courts, hospitals and refuges."""
        local = people * district.weight
        for number in range(max(2, round(local * 0.08 / 230))):
            self._school(index, f"{_STREETS[(number * 3 + index) % 25]} Primary School{_tail(number)}", "primary")
        for number in range(max(2, round(local * 0.06 / 800))):
            self._school(index, f"{_STREETS[(number * 7 + index + 3) % 25]} Academy{_tail(number)}", "secondary")
        for number in range(max(1, round(local * 0.002 / 120))):
            self._school(index, f"{_STREETS[(number + index + 11) % 25]} School{_tail(number)}", "special")
        self._accommodation(index, district, local)
        if index in (0, 1):
            self._add(f"QB{index + 1}CC", f"{district.institution_name} Crown Court", "crown", index)
        if index in (0, 2):
            self._add(f"QB{index + 1}FC", f"{district.institution_name} Family Court", "family", index)
        self._add(f"RQB0{index + 1}", f"{district.institution_name} General Hospital", "hospital", index)
        self._refuges(index, district, local)

    def _school(self, index: int, name: str, kind: str) -> None:
        self._urn += 1
        self._add(str(self._urn), name, kind, index)

    def _accommodation(self, index: int, district: District, local: float) -> None:
        for kind, share, label in (
            ("bnb", 0.0006, "Hotel"),
            ("nightly", 0.0008, "Apartments"),
            ("hostel", 0.0003, "House"),
            ("leased", 0.0012, "Court"),
            ("own_stock", 0.0003, "Lodge"),
        ):
            for number in range(max(1, min(8, round(local * share / 12)))):
                name = f"{self._random.choice(_STREETS)} {label}"
                self._add(f"{district.slug}-{kind}-{number + 1}", name, kind, index, max(6, round(local * share)))

    def _refuges(self, index: int, district: District, local: float) -> None:
        """Each refuge stands alone in its postcode, which no other record may ever hold."""
        for number in range(max(1, min(4, round(local / 30_000)))):
            start = -(-self._next[index] // ADDRESSES_PER_POSTCODE) * ADDRESSES_PER_POSTCODE
            self._next[index] = start
            self._add(f"refuge-{district.slug}-{number + 1}", f"Refuge {index + 1}.{number + 1}", "refuge", index, 8)
            self._next[index] = start + ADDRESSES_PER_POSTCODE

    def _add(self, reference: str, name: str, kind: str, index: int, capacity: int = 0) -> None:
        self._sites.append(Site(reference, name, kind, index, self._find_address(kind, index), capacity))

    def _find_address(self, _kind: str, index: int) -> int:
        """Return the next free address of a district for a building."""
        address = self._next[index]
        self._next[index] += 5
        return address


def _tail(number: int) -> str:
    return "" if number < 25 else f" {number // 25 + 1}"
