"""Geometry of the maps. Templates draw it as SVG; every map has the same in a table beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from braid.place.rollups import say_span
from braid.trust.disclosure import Span
from braid.web.geography.seen import Ground, Rings

WIDTH, SMALL_WIDTH, MARGIN = 640.0, 240.0, 8.0
CLASSES = 5
SHADES = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")
"""Five blues from light to dark, told apart with any colour vision and in grey (ColorBrewer, Brewer and Harrower)."""
INKS = ("#0b0c0c", "#0b0c0c", "#0b0c0c", "#ffffff", "#ffffff")
"""What is written on each of them."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """How longitude and latitude become a place in the drawing: north up, as large as fits the width."""

    west: float
    north: float
    across: float
    down: float
    width: float
    height: float

    def place(self, point: Point) -> Point:
        """Return where a point is drawn."""
        return MARGIN + (point[0] - self.west) * self.across, MARGIN + (self.north - point[1]) * self.down


@dataclass(frozen=True)
class Shape:
    """An area to draw: its path, its name and where that is written, and how it is filled.

    `fill` is a number of `SHADES`, or -1 where nothing is shown of it; `ink` what its name is written with.
    """

    name: str
    path: str
    x: float
    y: float
    fill: int = 0

    @property
    def shade(self) -> str:
        """The colour of its class."""
        return SHADES[self.fill]

    @property
    def ink(self) -> str:
        """The colour of words on it."""
        return INKS[self.fill] if self.fill >= 0 else "#0b0c0c"


@dataclass(frozen=True)
class Map:
    """Shapes in a frame, and the outlines of districts above them."""

    shapes: tuple[Shape, ...]
    borders: tuple[Shape, ...]
    width: float
    height: float


@dataclass(frozen=True)
class ClassSeen:
    """A class of a map: its shade, and its bounds in words."""

    fill: int
    words: str

    @property
    def shade(self) -> str:
        """Its colour."""
        return SHADES[self.fill]


def frame_of(rings: Rings, width: float) -> Frame | None:
    """Return the frame in which all the rings fit; `None` without any."""
    points = [point for ring in rings for point in ring]
    if not points:
        return None
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    middle = math.cos(math.radians((south + north) / 2))
    scale = (width - 2 * MARGIN) / max((east - west) * middle, (north - south) / 1.2, 1e-9)
    across = (east - west) * middle * scale + 2 * MARGIN
    return Frame(west, north, middle * scale, scale, round(across, 1), round((north - south) * scale + 2 * MARGIN, 1))


def path_of(rings: Rings, frame: Frame) -> str:
    """Return the rings as one path, to a tenth of a pixel; points that fall on the one before are left out."""
    parts = []
    for ring in rings:
        placed = [tuple(round(one, 1) for one in frame.place(point)) for point in ring[:-1]]
        kept = [point for before, point in pairwise([None, *placed]) if point != before]
        if len(kept) > 2:
            parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z")
    return "".join(parts)


def middle_of(rings: Rings) -> Point:
    """Return the middle of the widest stretch inside the largest ring, on the line through its centroid."""
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    _, north = _centroid(largest)
    crossings = sorted(
        x1 + (north - y1) * (x2 - x1) / (y2 - y1)
        for (x1, y1), (x2, y2) in pairwise(largest)
        if (y1 > north) != (y2 > north)
    )
    spans = list(zip(crossings[::2], crossings[1::2], strict=False))
    west, east = max(spans, key=lambda span: span[1] - span[0], default=(largest[0][0], largest[0][0]))
    return (west + east) / 2, north


def _area(ring: Sequence[Point]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) / 2


def _centroid(ring: Sequence[Point]) -> Point:
    """Return the centroid, reckoned from the first point so that small rings keep their digits."""
    east, north = ring[0]
    near = [(x - east, y - north) for x, y in ring]
    area = _area(near) or 1e-12
    terms = [(x1 * y2 - x2 * y1, x1 + x2, y1 + y2) for (x1, y1), (x2, y2) in pairwise(near)]
    return east + sum(c * x for c, x, _ in terms) / (6 * area), north + sum(c * y for c, _, y in terms) / (6 * area)


def draw_districts(ground: Ground, width: float = WIDTH) -> Map | None:
    """Return the districts; `None` where the place gave no outlines."""
    frame = frame_of(_all_rings(ground), width)
    if frame is None:
        return None
    shapes = tuple(_shape(one.name, one.rings, frame) for one in ground.districts if one.rings)
    return Map(shapes, shapes, frame.width, frame.height)


def draw_ground(ground: Ground, rings: Rings, name: str, width: float = SMALL_WIDTH) -> Map | None:
    """Return one ground over the districts."""
    frame = frame_of(_all_rings(ground), width)
    if frame is None or not rings:
        return None
    borders = tuple(_shape(one.name, one.rings, frame) for one in ground.districts if one.rings)
    return Map((_shape(name, rings, frame, 3),), borders, frame.width, frame.height)


def draw_classes(
    ground: Ground, areas: Sequence[tuple[str, Rings, Span | None]], classes: Sequence[int], width: float = WIDTH
) -> Map | None:
    """Return areas of (name, rings, range) filled by the class of the middle of their range; `None` is not shown."""
    frame = frame_of(_all_rings(ground), width)
    if frame is None:
        return None
    shapes = tuple(
        _shape(name, rings, frame, -1 if span is None else class_of(span, classes))
        for name, rings, span in areas
        if rings
    )
    borders = tuple(_shape(one.name, one.rings, frame) for one in ground.districts if one.rings)
    return Map(shapes, borders, frame.width, frame.height)


def _all_rings(ground: Ground) -> Rings:
    return tuple(ring for district in ground.districts for ring in district.rings)


def _shape(name: str, rings: Rings, frame: Frame, fill: int = 0) -> Shape:
    x, y = frame.place(middle_of(rings))
    return Shape(name, path_of(rings, frame), round(x, 1), round(y, 1), fill)


def find_classes(spans: Sequence[Span | None]) -> tuple[int, ...]:
    """Return the least number of each class but the first, so that about as many areas fall into each.

    Numbers are the middles of ranges, rounded to 5: as published figures are.
    """
    numbers = sorted({_middle(span) for span in spans if span is not None})
    count = min(CLASSES, len(numbers))
    return tuple(numbers[round(step * len(numbers) / count)] for step in range(1, count))


def _middle(span: Span) -> int:
    return 5 * round((span[0] + span[1]) / 10)


def class_of(span: Span, classes: Sequence[int]) -> int:
    """Return the class of the middle of a range, as a number of `SHADES`."""
    return sum(_middle(span) >= least for least in classes)


def say_classes(spans: Sequence[Span | None], classes: Sequence[int]) -> tuple[ClassSeen, ...]:
    """Return each class with its bounds in words: about so many to about so many."""
    numbers = [_middle(span) for span in spans if span is not None]
    if not numbers:
        return ()
    lows = [min(numbers), *classes]
    highs = [max([n for n in numbers if n < least], default=min(numbers)) for least in classes] + [max(numbers)]
    return tuple(
        ClassSeen(fill, f"about {say_span((low, high))}" if high else "none")
        for fill, (low, high) in enumerate(zip(lows, highs, strict=True))
    )


def collect_outlines(ground: Ground, rings: Rings) -> dict[str, list[dict[str, Any]]]:
    """Return the districts and one ground as GeoJSON features, for a map that is drawn in the browser.

    Rings that lie in others are holes: rings are nested by how many others hold them, as even-odd drawing has it.
    """
    districts = [
        _feature(one.rings, {"name": one.name, "middle": middle_of(one.rings)}) for one in ground.districts if one.rings
    ]
    return {"districts": districts, "ground": [_feature(rings, {})]}


def _feature(rings: Rings, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": "MultiPolygon", "coordinates": nest_rings(rings)}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def nest_rings(rings: Rings) -> list[list[tuple[Point, ...]]]:
    """Return rings as polygons, each an outer ring and its holes."""
    holders = {ring: [other for other in rings if other is not ring and _holds(other, ring)] for ring in rings}
    outer = [ring for ring in rings if len(holders[ring]) % 2 == 0]
    return [
        [ring, *(hole for hole in rings if len(holders[hole]) == len(holders[ring]) + 1 and ring in holders[hole])]
        for ring in outer
    ]


def _holds(outer: Sequence[Point], inner: Sequence[Point]) -> bool:
    """Whether a ring lies in another: rings of one ground do not cross, so the middle of a side of it tells."""
    x, y = (inner[0][0] + inner[1][0]) / 2, (inner[0][1] + inner[1][1]) / 2
    met = [x1 + (y - y1) * (x2 - x1) / (y2 - y1) > x for (x1, y1), (x2, y2) in pairwise(outer) if (y1 > y) != (y2 > y)]
    return sum(met) % 2 == 1
