"""The outlines of the example place: a lattice of small areas, grown into five districts, out at sea.

The window lies in open Atlantic water, so that no map of the example can be taken for a real place.
"""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

WEST, SOUTH, CELL_DEGREES = -10.4, 48.7, 0.028
Point = tuple[float, float]
Cell = tuple[int, int]


def grow_districts(quotas: tuple[int, ...], random: Random) -> list[list[Cell]]:
    """Return the cells of each district: connected patches of the sizes asked for, on a square lattice."""
    side = math.ceil(math.sqrt(sum(quotas)) * 1.15)
    centres = _centres(len(quotas), side)
    free = {(x, y) for x in range(side) for y in range(side)}
    owned: list[list[Cell]] = [[] for _ in quotas]
    while any(len(cells) < quota for cells, quota in zip(owned, quotas, strict=True)):
        for index, quota in enumerate(quotas):
            if len(owned[index]) < quota:
                cell = _next_cell(owned[index], free, centres[index], random)
                free.remove(cell)
                owned[index].append(cell)
    return owned


def _centres(count: int, side: int) -> list[Point]:
    middle, radius = (side - 1) / 2, side / 3.2
    ring = [(2 * math.pi * k / (count - 1)) for k in range(count - 1)]
    return [(middle, middle)] + [(middle + radius * math.cos(a), middle + radius * math.sin(a)) for a in ring]


def _next_cell(owned: list[Cell], free: set[Cell], centre: Point, random: Random) -> Cell:
    """Return a free neighbour of the district close to its centre; any free cell where it is walled in."""
    edge = {(x + dx, y + dy) for x, y in owned for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))} & free
    pool = sorted(edge or free)
    return min(pool, key=lambda c: math.dist(c, centre) + random.random() * 0.7)


def corner(cell: Cell, seed: int) -> Point:
    """Return longitude and latitude of a lattice corner, shifted by up to a third of a cell."""
    random = Random(f"corner/{seed}/{cell[0]}/{cell[1]}")
    x, y = cell[0] + random.uniform(-0.3, 0.3), cell[1] + random.uniform(-0.3, 0.3)
    return round(WEST + x * CELL_DEGREES, 5), round(SOUTH + y * CELL_DEGREES * 0.66, 5)


def ring_of(cell: Cell, seed: int) -> tuple[Point, ...]:
    """Return the closed ring of an area, anticlockwise."""
    x, y = cell
    return tuple(corner(c, seed) for c in ((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)))


def outline(rings: list[tuple[Point, ...]]) -> list[list[Point]]:
    """Return the outer and inner rings around a set of areas that share corners exactly."""
    edges = {(a, b) for ring in rings for a, b in pairwise(ring)}
    follow: dict[Point, list[Point]] = {}
    for a, b in sorted(edges):
        if (b, a) not in edges:
            follow.setdefault(a, []).append(b)
    return [_walk(follow, start) for start in sorted(follow) if follow.get(start)]


def _walk(follow: dict[Point, list[Point]], start: Point) -> list[Point]:
    path, here = [start], start
    while True:
        here = follow[here].pop()
        path.append(here)
        if here == start:
            return path


def signed_area(ring: list[Point]) -> float:
    """Return the area of a ring in square degrees: positive when anticlockwise, as outer rings are."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def metres(point: Point) -> tuple[int, int]:
    """Return easting and northing in metres on the example's own grid, whose origin is its south-west corner."""
    longitude, latitude = point
    east = (longitude - WEST + CELL_DEGREES) * 111_320 * math.cos(math.radians(SOUTH))
    return round(east), round((latitude - SOUTH + CELL_DEGREES) * 111_320)
