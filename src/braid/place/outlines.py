"""Outlines made small enough to draw, of single areas and of whole grounds, with shared borders kept shared.

Rings are cut into **arcs** where borders of three areas or more meet (as in TopoJSON). Each arc is thinned once
(Douglas and Peucker, 1973), so that both its sides draw the same line; and the outline of a ground is made of the arcs
that only one of its areas has.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from braid.place.boundaries import Point, Ring

LEAST_RING = 4
"""Points of the smallest ring that encloses anything, the first one twice."""

Arc = tuple[Point, ...]


@dataclass(frozen=True)
class Outlines:
    """Areas as numbers of arcs. `arcs_of` holds, by code, the arcs around an area; an arc has at most two sides."""

    arcs: tuple[Arc, ...]
    arcs_of: Mapping[str, tuple[int, ...]]

    def around(self, codes: Collection[str]) -> tuple[Ring, ...]:
        """Return the rings around areas taken together, holes among them; codes without an outline are left out."""
        sides = Counter(arc for code in codes for arc in self.arcs_of.get(code, ()))
        return tuple(_join([self.arcs[arc] for arc, count in sorted(sides.items()) if count % 2]))


def find_outlines(rings: Mapping[str, Sequence[Ring]], tolerance: float) -> Outlines:
    """Return areas by code as arcs, of which no point that was left out lies further than `tolerance` degrees away.

    Degrees of latitude; those of longitude count as much shorter as they are. Rings stay rings.
    """
    nodes = _nodes(rings)
    numbers: dict[Arc, int] = {}
    arcs_of: dict[str, tuple[int, ...]] = {}
    for code, own in rings.items():
        found = [_one_way(arc) for ring in own for arc in _cut(ring, nodes)]
        arcs_of[code] = tuple(numbers.setdefault(arc, len(numbers)) for arc in found)
    middle = math.cos(math.radians(_mean_latitude(numbers)))
    return Outlines(tuple(_thin(arc, tolerance, middle) for arc in numbers), arcs_of)


def _mean_latitude(arcs: Collection[Arc]) -> float:
    return sum(arc[0][1] for arc in arcs) / len(arcs) if arcs else 0.0


def _nodes(rings: Mapping[str, Sequence[Ring]]) -> set[Point]:
    """Return the points at which borders meet: those with other than two neighbours along all borders together."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for own in rings.values():
        for ring in own:
            for one, other in pairwise(ring):
                beside[one].add(other)
                beside[other].add(one)
    return {point for point, others in beside.items() if len(others) != 2}


def _cut(ring: Ring, nodes: Collection[Point]) -> list[Arc]:
    """Cut a ring at the nodes on it; one without any is one arc, begun at its least point so that it is found again."""
    points = ring[:-1]
    starts = [number for number, point in enumerate(points) if point in nodes] or [points.index(min(points))]
    return [_between(points, start, starts[(place + 1) % len(starts)]) for place, start in enumerate(starts)]


def _between(points: Sequence[Point], start: int, end: int) -> Arc:
    span = (end - start) % len(points) or len(points)
    return tuple(points[(start + step) % len(points)] for step in range(span + 1))


def _one_way(arc: Arc) -> Arc:
    """Return the arc in the direction in which both of its sides know it."""
    return min(arc, arc[::-1])


def _thin(arc: Arc, tolerance: float, middle: float) -> Arc:
    """Leave out points nearer than the tolerance to the line that is left; an arc that closes keeps a triangle."""
    if arc[0] != arc[-1]:
        return _thinned(arc, tolerance, middle)
    far = max(range(len(arc)), key=lambda number: _length(arc[0], arc[number], middle))
    halves = _thinned(arc[: far + 1], tolerance, middle), _thinned(arc[far:], tolerance, middle)
    found = (*halves[0], *halves[1][1:])
    return found if len(found) >= LEAST_RING else arc


def _thinned(arc: Arc, tolerance: float, middle: float) -> Arc:
    kept = {0, len(arc) - 1}
    open_spans = [(0, len(arc) - 1)]
    while open_spans:
        start, end = open_spans.pop()
        inner = range(start + 1, end)
        if not inner:
            continue
        far = max(inner, key=lambda number: _off(arc[number], arc[start], arc[end], middle))
        if _off(arc[far], arc[start], arc[end], middle) > tolerance:
            kept.add(far)
            open_spans += [(start, far), (far, end)]
    return tuple(arc[number] for number in sorted(kept))


def _length(one: Point, other: Point, middle: float) -> float:
    return math.hypot((other[0] - one[0]) * middle, other[1] - one[1])


def _off(point: Point, start: Point, end: Point, middle: float) -> float:
    """Return how far a point lies from the line between two others."""
    east, north = (end[0] - start[0]) * middle, end[1] - start[1]
    to_east, to_north = (point[0] - start[0]) * middle, point[1] - start[1]
    length = math.hypot(east, north)
    if not length:
        return math.hypot(to_east, to_north)
    along = max(0.0, min(1.0, (to_east * east + to_north * north) / length**2))
    return math.hypot(to_east - along * east, to_north - along * north)


def _join(arcs: Iterable[Arc]) -> Iterable[Ring]:
    """Yield the rings that arcs make, each end met by another. Where several meet, any way round draws the same."""
    left = dict(enumerate(arcs))
    at: dict[Point, set[int]] = defaultdict(set)
    for number, arc in left.items():
        at[arc[0]].add(number)
        at[arc[-1]].add(number)
    while left:
        first, line = left.popitem()
        at[line[0]].discard(first)
        at[line[-1]].discard(first)
        ring = list(line)
        while ring[0] != ring[-1] and at[ring[-1]]:
            number = min(at[ring[-1]])
            arc = left.pop(number)
            at[arc[0]].discard(number)
            at[arc[-1]].discard(number)
            ring += arc[1:] if arc[0] == ring[-1] else arc[-2::-1]
        yield tuple(ring)
