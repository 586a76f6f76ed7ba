"""Points, routes between them, and what may be said of a route against a limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from braid.language.documents import Part

EARTH_METRES = 6_371_008.8
"""Mean radius (IUGG R1)."""
WALK_METRES_A_MINUTE = 75.0
"""A child walks 4.5 km in an hour."""
CIRCUITY = 1.3
"""Ways on foot by straight lines, at the median. For ranking and for the few hundred metres to a stop; over longer ways
a constant is wrong by an eighth at the median and by a third for one in ten."""

Standing = Literal["within", "beyond", "not_known"]
"""How a way stands against a limit. `within` is said of a routed way alone, `beyond` also of a straight line."""


@dataclass(frozen=True)
class Point(Part):
    """A place on the ground, WGS 84 degrees."""

    longitude: float
    latitude: float


@dataclass(frozen=True)
class Route(Part):
    """A routed way: null is what no network or timetable that was brought can tell."""

    origin: str
    destination: str
    minutes: float | None
    """From door to door, on foot or by timetable, whichever is quicker."""
    walk_metres: float | None
    """The shortest way on foot. Whether it is safe for a child who is accompanied, no network tells."""
    reckoned: str
    """By what, as people should read it."""


def metres_between(one: Point, other: Point) -> float:
    """Return the length of the straight line over the ground (haversine), never longer than any way."""
    north_one, north_other = math.radians(one.latitude), math.radians(other.latitude)
    north = math.sin((north_other - north_one) / 2) ** 2
    east = math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, north + math.cos(north_one) * math.cos(north_other) * east)))


def standing(routed: float | None, at_least: float, most: float) -> Standing:
    """Return how a way stands against a limit: by what was routed, else by what it is at least."""
    if routed is not None:
        return "within" if routed <= most else "beyond"
    return "beyond" if at_least > most else "not_known"
