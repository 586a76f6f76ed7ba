"""A town on a grid as an OpenStreetMap file, and bus feeds as GTFS files: made for tests, with known answers."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from braid.planning.travel.model import EARTH_METRES, Point

NORTH = 53.5
STEP_METRES = 100.0
LATITUDE_STEP = math.degrees(STEP_METRES / EARTH_METRES)
LONGITUDE_STEP = LATITUDE_STEP / math.cos(math.radians(NORTH))


def corner(column: float, row: float) -> Point:
    """Return the crossing of a street and an avenue, or a point between, a hundred metres a step."""
    return Point(-2.2 + column * LONGITUDE_STEP, NORTH + row * LATITUDE_STEP)


def write_town(path: Path, side: int, ways: Sequence[tuple[Sequence[tuple[int, int]], Mapping[str, str]]]) -> Path:
    """Write an extract with a node at each crossing and the ways given as crossings with tags."""
    numbers = {(column, row): column * side + row + 1 for column in range(side) for row in range(side)}
    lines = ['<osm version="0.6">']
    for (column, row), number in numbers.items():
        point = corner(column, row)
        lines.append(f'<node id="{number}" version="1" lat="{point.latitude:.9f}" lon="{point.longitude:.9f}"/>')
    for number, (crossings, tags) in enumerate(ways, 1):
        nodes = "".join(f'<nd ref="{numbers[crossing]}"/>' for crossing in crossings)
        words = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines.append(f'<way id="{number}" version="1">{nodes}{words}</way>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def grid(side: int) -> list[tuple[list[tuple[int, int]], dict[str, str]]]:
    """Return the streets and avenues of a town of `side` by `side` crossings."""
    streets = [([(column, row) for column in range(side)], {"highway": "residential"}) for row in range(side)]
    avenues = [([(column, row) for row in range(side)], {"highway": "footway"}) for column in range(side)]
    return streets + avenues


def write_feed(path: Path, tables: Mapping[str, str]) -> Path:
    """Write a GTFS file with these tables."""
    with zipfile.ZipFile(path, "w") as feed:
        for name, text in tables.items():
            feed.writestr(name, text)
    return path
