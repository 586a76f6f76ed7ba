"""The geography of a place as its folder says it, all files of it read and checked together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from braid.place.bodies import BODY_KINDS, Body, Ground, ground_of, load_bodies
from braid.place.boundaries import Boundaries, load_boundaries
from braid.place.outlines import Outlines, find_outlines
from braid.store.place_folder import Place

TOLERANCE_DEGREES = 0.0003
"""A point of an outline that is left out lies no further than about 33 metres from the line that is drawn."""


@dataclass(frozen=True)
class Geography:
    """Districts and small areas of a place, the bodies that serve them, and the outlines of both."""

    ground: Ground
    bodies: tuple[Body, ...]
    boundaries: Boundaries

    def outlines(self) -> Outlines:
        """Return the outlines of small areas, thinned to be drawn; those of districts where areas have none."""
        drawn = self.boundaries.areas or self.boundaries.districts
        return find_outlines({code: one.rings for code, one in drawn.items()}, TOLERANCE_DEGREES)

    def drawn_codes(self, areas: frozenset[str], districts: frozenset[str]) -> frozenset[str]:
        """Return the codes under which a ground is among the outlines."""
        return areas if self.boundaries.areas else districts


def load_geography(place: Place) -> Geography:
    """Return the geography of a place. Raises `RulesInvalid` with the faults of the first file that has any."""
    ground = ground_of(place)
    return Geography(ground, load_bodies(place), load_boundaries(place, ground))


@dataclass(frozen=True)
class Overlap:
    """Small areas of one district that several bodies of one kind serve, or none does: `bodies` is empty then."""

    kind: str
    district: str
    bodies: tuple[str, ...]
    areas: frozenset[str]


def find_overlaps(bodies: Sequence[Body], ground: Ground) -> tuple[Overlap, ...]:
    """Return where bodies of one kind share ground, and where a kind that serves the place leaves some of it out.

    By kind, district and bodies. Only kinds of which the place names a body are asked.
    """
    by_kind: dict[str, list[Body]] = defaultdict(list)
    for body in bodies:
        by_kind[body.kind].append(body)
    found: list[Overlap] = []
    for kind in (kind for kind in BODY_KINDS if kind in by_kind):
        served: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
        for area, district in ground.area_districts.items():
            served[district, tuple(body.id for body in by_kind[kind] if area in body.areas)].add(area)
        found += [
            Overlap(kind, district, ids, frozenset(areas))
            for (district, ids), areas in sorted(served.items())
            if len(ids) != 1
        ]
    return tuple(found)


def find_cuts(bodies: Sequence[Body], ground: Ground) -> Mapping[str, tuple[str, ...]]:
    """Return of each body the districts that its bound runs through: those served in part, by code."""
    sizes: dict[str, int] = defaultdict(int)
    for district in ground.area_districts.values():
        sizes[district] += 1
    cuts: dict[str, tuple[str, ...]] = {}
    for body in bodies:
        own: dict[str, int] = defaultdict(int)
        for area in body.areas:
            own[ground.area_districts[area]] += 1
        cuts[body.id] = tuple(sorted(code for code, count in own.items() if count < sizes[code]))
    return cuts
