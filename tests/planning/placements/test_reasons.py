"""What a reason tells somebody who may not know: the same where safety is behind it and where others hold the units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from braid.planning.contract import Reason, redact
from braid.planning.placements.lawfulness import Case
from braid.planning.placements.model import Circle, ExclusionZone, Household, Point, Problem, Unit
from braid.planning.placements.reasons import reasons_of

from .instances import ON_DATE

NEAR = ExclusionZone(circles=(Circle(Point(-2.0, 53.0), 5.0),))
OTHERS = (Household("x", "Alder", 1), Household("y", "Alder", 1))


def town(household: Household) -> Problem:
    """Two units where the zone is and one far from it, one too large for anybody; others who could have them."""
    units = (
        Unit("u1", "Alder", "council", 2, 3000.0, Point(-2.0, 53.0)),
        Unit("u2", "Alder", "council", 2, 3000.0, Point(-2.0, 53.01)),
        Unit("far", "Alder", "council", 2, 3000.0, Point(-2.0, 54.0)),
        Unit("away", "Birch", "council", 2, 3000.0, Point(-2.0, 54.0)),
        Unit("large", "Alder", "council", 5, 3000.0, Point(-2.0, 53.0)),
    )
    return Problem("placements", ON_DATE, ("Alder", "Birch"), (), units, (household, *OTHERS))


def told(household: Household, placed: Mapping[str, str]) -> list[Reason]:
    """What anybody may read of the reasons of a household."""
    return [each for each in redact(reasons_of(Case(town(household)), placed)) if each.item == household.id]


CASES: dict[str, tuple[Household, dict[str, str], dict[str, str]]] = {
    "unplaced": (
        Household("h", "Alder", 1, exclusion_zone=NEAR),
        {"x": "far"},
        {"x": "u1", "y": "u2"},
    ),
    "out_of_area": (
        Household("h", "Alder", 1, exclusion_zone=NEAR),
        {"h": "away", "x": "far"},
        {"h": "away", "x": "u1", "y": "u2"},
    ),
    "moved": (
        Household("h", "Alder", 1, current_unit="u1", may_move=False, exclusion_zone=NEAR),
        {"h": "far"},
        {"h": "u2", "x": "u1"},
    ),
}
"""A household, a plan in which safety alone explains it, and one in which others do."""


@pytest.mark.parametrize("about", CASES)
def test_a_zone_reads_like_units_that_others_hold(about: str) -> None:
    protected, by_safety, by_others = CASES[about]
    anybody = replace(protected, exclusion_zone=ExclusionZone(), may_move=True)
    found = told(protected, by_safety)
    assert [each.about for each in found] == [about]
    assert found == told(anybody, by_safety)
    assert found == told(anybody, by_others)


@pytest.mark.parametrize("about", CASES)
def test_whoever_may_know_reads_how_many_units_safety_rules_out(about: str) -> None:
    household, placed, _ = CASES[about]
    reason = next(each for each in reasons_of(Case(town(household)), placed) if each.item == "h")
    assert [each.times for each in reason.bindings if each.is_safety] == [1 if about == "moved" else 2]
