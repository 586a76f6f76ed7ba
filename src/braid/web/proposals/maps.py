"""A sketch of where units and schools lie to each other: to scale, without a map beneath, so that nothing is fetched.

Drawn from the sheet of one household for who may see it; the table beside it says the same in words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from braid.planning.travel.model import EARTH_METRES, Point

WIDTH, HEIGHT, MARGIN = 480.0, 320.0, 36.0
SCALES_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
LEAST_KM = 0.5


@dataclass(frozen=True)
class Spot:
    """A marked point: its letter or number, its kind for the drawing, and where it is drawn."""

    mark: str
    kind: str
    x: float
    y: float


@dataclass(frozen=True)
class Sketch:
    """Spots, and a bar of so many kilometres with its length in the drawing."""

    spots: tuple[Spot, ...]
    scale_km: float
    scale_length: float
    width: float = WIDTH
    height: float = HEIGHT


def draw_sketch(points: Sequence[tuple[str, str, Point]]) -> Sketch | None:
    """Return the drawing of (mark, kind, point), north up, as large as fits; `None` of fewer than two points."""
    if len(points) < 2:
        return None
    middle = math.radians(sum(point.latitude for _, _, point in points) / len(points))
    km = [_km(point, middle) for _, _, point in points]
    east, north = min(x for x, _ in km), max(y for _, y in km)
    across = max(LEAST_KM, max(x for x, _ in km) - east)
    down = max(LEAST_KM, north - min(y for _, y in km))
    pixels = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / down)
    spots = tuple(
        Spot(mark, kind, round(MARGIN + (x - east) * pixels, 1), round(MARGIN + (north - y) * pixels, 1))
        for (mark, kind, _), (x, y) in zip(points, km, strict=True)
    )
    scale = max((each for each in SCALES_KM if each * pixels <= WIDTH / 3), default=SCALES_KM[0])
    return Sketch(_apart(spots), scale, round(scale * pixels, 1))


def _km(point: Point, middle: float) -> tuple[float, float]:
    degree = math.pi / 180 * EARTH_METRES / 1000
    return point.longitude * degree * math.cos(middle), point.latitude * degree


def _apart(spots: Sequence[Spot]) -> tuple[Spot, ...]:
    """Move marks that would cover each other beside each other: a unit can be next to a school."""
    placed: list[Spot] = []
    for spot in spots:
        x = spot.x
        while any(abs(x - other.x) < 22 and abs(spot.y - other.y) < 22 for other in placed):
            x += 24
        placed.append(Spot(spot.mark, spot.kind, x, spot.y))
    return tuple(placed)
