"""Where bounds do not line up: shared ground, gaps, districts that a bound runs through."""

from __future__ import annotations

from braid.place.bodies import Body, Ground
from braid.place.geography import Overlap, find_cuts, find_overlaps

GROUND = Ground({"D1": "One", "D2": "Two"}, {"A1": "D1", "A2": "D1", "A3": "D1", "B1": "D2"})


def body(identifier: str, kind: str, areas: str) -> Body:
    return Body(identifier, identifier, kind, frozenset(), frozenset(areas.split()))


BODIES = [
    body("north-court", "court", "A1 A2"),
    body("south-court", "court", "A2 B1"),
    body("health", "icb", "A1 A2 A3 B1"),
]


def test_shared_ground_and_gaps_are_told_by_kind() -> None:
    assert find_overlaps(BODIES, GROUND) == (
        Overlap("court", "D1", (), frozenset({"A3"})),
        Overlap("court", "D1", ("north-court", "south-court"), frozenset({"A2"})),
    )


def test_kinds_that_nobody_is_of_leave_no_gap() -> None:
    assert {overlap.kind for overlap in find_overlaps(BODIES, GROUND)} == {"court"}


def test_districts_served_in_part_are_cut() -> None:
    assert find_cuts(BODIES, GROUND) == {"north-court": ("D1",), "south-court": ("D1",), "health": ()}
