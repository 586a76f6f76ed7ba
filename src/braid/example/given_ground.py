"""Puts the invented people of the example place on real open ground, so that no real household is among them.

Districts, small areas and postcodes are real, and so is where schools and courts stand. All that acts or is told of is
invented: people, addresses, councils, schools, courts, hospitals and homes. A house has a number from 9001 on, the name
of its street begins with Fictional as those of all buildings do, and a refuge has a postcode of no real area.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

import numpy

from braid.example.geography import (
    DISTRICTS,
    PEOPLE_PER_HOUSEHOLD,
    SPARE_ADDRESSES,
    Sites,
    street_name,
)
from braid.example.model import ADDRESSES_PER_POSTCODE, Area, District, Geography
from braid.example.streams import scalar_stream, words
from braid.language.open_ground import OpenGround, OpenPostcode

FIRST_NUMBER = 9001
"""No street of England has a house of so high a number: where a real postcode and a number meet, nobody lives."""
FICTIONAL = "Fictional"
"""How the name of each street and building begins: words that were made up may be those of a real one by chance."""
MORE_COUNCILS = words(
    "Brindlecote Wexmoor Ashquill Lindholt Merrowby Stavenhythe Corrowmere Tamberley Thornquay Nettlebeck"
)
"""Invented names for the councils of a sixth district and those after it."""
FIRST_MORE_NUMBER, FIRST_MORE_TELEPHONE = 990, 960_020
"""Numbers in education returns downwards, and telephone numbers upwards, for those councils; in use nowhere."""
LEAST_DISTRICTS, MOST_DISTRICTS = len(DISTRICTS), len(DISTRICTS) + len(MORE_COUNCILS)
_HIDDEN = "QB"
"""The postcode area of refuges, which no real postcode has."""


def build_on_ground(ground: OpenGround, people: int, seed: int) -> Geography:
    """Return the geography of about `people` people on a real ground.

    Raises `ValueError` where the ground has fewer than 5 or more than 15 districts, or too few postcodes.
    """
    random = scalar_stream(seed, "open ground")
    districts = name_districts(ground)
    indexes = {district.code: index for index, district in enumerate(districts)}
    areas = tuple(
        Area(area.code, area.name, indexes[area.district_code], (), area.deprivation_decile) for area in ground.areas
    )
    homes, first_home = _choose_homes(ground, areas, districts, people, random)
    sites = _GivenSites(ground, homes, len(districts), random)
    for index, district in enumerate(districts):
        sites.build(index, district, people)
    used = sites.postcodes
    area_indexes = {area.code: number for number, area in enumerate(areas)}
    return Geography(
        districts,
        areas,
        tuple(each.postcode for each in used),
        tuple(f"{FICTIONAL} {street_name(number)}" for number in range(len(used))),
        numpy.array([area_indexes[each.area_code] for each in used], dtype=numpy.int64),
        numpy.array([[each.longitude, each.latitude] for each in used], dtype=numpy.float64),
        first_home,
        tuple(sites.of("primary", "secondary", "special")),
        tuple(sites.of("crown", "family")),
        tuple(sites.of("hospital")),
        tuple(sites.of("bnb", "nightly", "hostel", "leased", "own_stock")),
        tuple(sites.of("refuge")),
        ground,
        numpy.array([[each.easting, each.northing] for each in used], dtype=numpy.int64),
        FIRST_NUMBER,
    )


def name_districts(ground: OpenGround) -> tuple[District, ...]:
    """Return the real districts, each with an invented council. As many people live in each as it has small areas."""
    if not LEAST_DISTRICTS <= len(ground.districts) <= MOST_DISTRICTS:
        found = f"the ground has {len(ground.districts)} districts"
        raise ValueError(f"{found}: give the open data of a place of {LEAST_DISTRICTS} to {MOST_DISTRICTS}")
    sizes = {district.code: 0 for district in ground.districts}
    for area in ground.areas:
        sizes[area.district_code] += 1
    total = sum(sizes.values())
    councils = [*((each.slug, each.name, each.la_number, each.telephone) for each in DISTRICTS), *_more_councils()]
    return tuple(
        District(one.code, slug, one.name, number, sizes[one.code] / total, telephone, name)
        for one, (slug, name, number, telephone) in zip(ground.districts, councils, strict=False)
    )


def _more_councils() -> Iterator[tuple[str, str, int, str]]:
    for number, name in enumerate(MORE_COUNCILS):
        yield name.lower(), name, FIRST_MORE_NUMBER - number, f"01632 {FIRST_MORE_TELEPHONE + number}"


def _choose_homes(
    ground: OpenGround, areas: Sequence[Area], districts: Sequence[District], people: int, random: Random
) -> tuple[list[OpenPostcode], tuple[int, ...]]:
    """Return the postcodes of homes, district by district, and the first address of each district.

    Each small area has as many as the next, those first to which no mail goes any more: nobody real lives there. A
    school or a court has its postcode to itself.
    """
    taken = {site.postcode for site in ground.sites}
    by_area: dict[str, list[OpenPostcode]] = defaultdict(list)
    for each in sorted(ground.postcodes, key=lambda each: each.postcode):
        if each.postcode not in taken:
            by_area[each.area_code].append(each)
    homes: list[OpenPostcode] = []
    first_home = [0]
    for index, district in enumerate(districts):
        pools = [by_area[area.code] for area in areas if area.district == index]
        households = people * district.weight / PEOPLE_PER_HOUSEHOLD * SPARE_ADDRESSES
        wanted = max(len(pools), -(-int(households) // ADDRESSES_PER_POSTCODE))
        homes += _take_in_turn(pools, wanted, random)
        first_home.append(len(homes) * ADDRESSES_PER_POSTCODE)
    return homes, tuple(first_home)


def _take_in_turn(pools: Sequence[list[OpenPostcode]], wanted: int, random: Random) -> list[OpenPostcode]:
    """Return as many postcodes as wanted, one of each small area after the other until the areas have no more."""
    if sum(map(len, pools)) < wanted:
        raise ValueError("the ground has too few postcodes for as many people; choose fewer people")
    for pool in pools:
        random.shuffle(pool)
        pool.sort(key=lambda each: not each.is_terminated)
    rounds = -(-wanted // max(1, len(pools)))
    found = [
        pool[number] for number in range(max(rounds, max(map(len, pools)))) for pool in pools if number < len(pool)
    ]
    return found[:wanted]


class _GivenSites(Sites):
    """Builds the invented buildings: a school or court where a real one of its kind stands, a refuge nowhere."""

    def __init__(self, ground: OpenGround, homes: list[OpenPostcode], districts: int, random: Random) -> None:
        super().__init__([0] * districts, random)
        self.postcodes = list(homes)
        self._draw = random
        self._codes = [district.code for district in ground.districts]
        lies = {each.postcode: each for each in ground.postcodes}
        self._spare: dict[str, list[OpenPostcode]] = defaultdict(list)
        self._real: dict[tuple[str, str], list[OpenPostcode]] = defaultdict(list)
        for site in sorted(ground.sites, key=lambda site: (site.kind, site.postcode)):
            if site.postcode in lies and lies[site.postcode].district_code == site.district_code:
                self._real[site.kind, site.district_code].append(lies[site.postcode])
        taken = {each.postcode for each in homes} | {site.postcode for site in ground.sites}
        for each in sorted(ground.postcodes, key=lambda each: each.postcode):
            if each.postcode not in taken:
                self._spare[each.district_code].append(each)
        for pool in (*self._real.values(), *self._spare.values()):
            random.shuffle(pool)

    def _add(self, reference: str, name: str, kind: str, index: int, capacity: int = 0) -> None:
        """Build with a name that is no real building's, as a name of invented words may be by chance."""
        super()._add(reference, f"{FICTIONAL} {name}", kind, index, capacity)

    def _find_address(self, kind: str, index: int) -> int:
        code = self._codes[index]
        pool = self._real[kind, code] or self._spare[code]
        if not pool:
            raise ValueError("the ground has too few postcodes for as many people; choose fewer people")
        found = self._hide(pool[-1]) if kind == "refuge" else pool.pop()
        self.postcodes.append(found)
        return (len(self.postcodes) - 1) * ADDRESSES_PER_POSTCODE

    def _hide(self, near: OpenPostcode) -> OpenPostcode:
        """Return a postcode that is no real one, somewhere in a small area: nobody's home is ever called a refuge."""
        number = sum(site.kind == "refuge" for site in self._sites)
        postcode = f"{_HIDDEN}{number % 99 + 1} {number // 99}ZZ"
        place = (near.area_code, near.district_code, near.longitude, near.latitude, near.easting, near.northing)
        return OpenPostcode(postcode, *place)
