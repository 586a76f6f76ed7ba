"""The units of temporary accommodation in a district, as its council lists them: `stock.csv`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

from braid.example.desk import Desk, uk
from braid.example.model import Site
from braid.example.streams import chance, choose, words

COLUMNS = words("UnitRef BuildingRef Type Bedrooms Accessible Postcode NightRate AvailableFrom WithdrawnFrom")
_BEDROOMS = {
    "bnb": {1: 0.7, 2: 0.3},
    "hostel": {1: 0.6, 2: 0.4},
    "nightly": {1: 0.3, 2: 0.4, 3: 0.3},
    "leased": {1: 0.2, 2: 0.4, 3: 0.3, 4: 0.1},
    "own_stock": {1: 0.25, 2: 0.4, 3: 0.27, 4: 0.08},
}
_POUNDS = {"bnb": 72, "hostel": 45, "nightly": 58, "leased": 34, "own_stock": 24}
"""About what a night in one bedroom costs."""


def write_stock(desk: Desk, folder: Path) -> None:
    """Write the units of the buildings that stand in the district of the desk."""
    geography = desk.world.geography
    rows: list[list[object]] = []
    for number, site in enumerate(geography.accommodation):
        if site.district == desk.district:
            rows += [_row(desk, site, unit) for unit in range(1, desk.world.units_of(number) + 1)]
    desk.write_csv(folder / "stock.csv", COLUMNS, rows)


def _row(desk: Desk, site: Site, unit: int) -> list[object]:
    random = Random(f"{desk.world.seed}/stock/{site.reference}/{unit}")
    bedrooms = choose(random, _BEDROOMS[site.kind])
    pounds = _POUNDS[site.kind] * (1 + 0.22 * (bedrooms - 1)) * random.uniform(0.85, 1.15)
    later = desk.world.as_of + timedelta(days=random.randint(3, 60)) if chance(random, 0.08) else None
    return [
        f"{site.reference}/{unit}",
        site.reference,
        site.kind,
        bedrooms,
        "Y" if chance(random, 0.09) else "N",
        desk.world.geography.postcode_of(site.address),
        f"{pounds:.2f}",
        uk(later),
        "",
    ]
