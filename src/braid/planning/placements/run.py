"""Places households: engines, then moves, reasons, difference and certificate of what they found."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache

import braid
from braid.language.documents import fingerprint
from braid.planning.contract import Certificate, Diff, Level, Limits, diff_of, value_of
from braid.planning.placements.engines.costs import Arrays
from braid.planning.placements.engines.search import Found, libraries, place
from braid.planning.placements.lawfulness import Case
from braid.planning.placements.model import MovePlan, OutOfArea, Placement, PlacementPlan, Problem
from braid.planning.placements.moves import MayHold, order_moves
from braid.planning.placements.reasons import reasons_of

LEVELS = (
    "unplaced",
    "out_of_reach",
    "exam_year",
    "bed_and_breakfast",
    "out_of_area",
    "beyond_walking",
    "school_minutes",
    "move",
    "pound",
    "home_km",
)


def solve(problem: Problem, limits: Limits, before: PlacementPlan | None = None) -> PlacementPlan:
    """Return a plan of placements. The checker is for whoever asks: `kinds.Kind.solve`."""
    started = time.monotonic()
    arrays = Arrays(problem)
    found = place(arrays, limits)
    units = {row: int(unit) for row, unit in enumerate(found.chosen) if unit >= 0}
    placed = {arrays.household_ids[row]: arrays.unit_ids[unit] for row, unit in units.items()}
    moves = order_moves(problem, placed, _may_hold(arrays))
    amounts = arrays.amounts_of(found.chosen)
    levels = tuple(Level(name, amounts.get(name, 0.0), getattr(problem.prices, name)) for name in LEVELS)
    return PlacementPlan(
        certificate=_certificate(problem, limits, found, levels, time.monotonic() - started),
        reasons=reasons_of(Case(problem), placed),
        diff=_diff(before, placed),
        placements=tuple(
            Placement(arrays.household_ids[row], arrays.unit_ids[unit], arrays.journeys(row, unit))
            for row, unit in units.items()
        ),
        unplaced=tuple(name for name in arrays.household_ids if name not in placed),
        out_of_area=_out_of_area(problem, moves),
        moves=moves,
    )


def _may_hold(arrays: Arrays) -> MayHold:
    households = {each.id: each for each in arrays.problem.households}
    lawful = cache(lambda name: arrays.lawful_by_rules(households[name]))
    return lambda household, unit: bool(lawful(household)[arrays.unit_of[unit]])


def _certificate(
    problem: Problem, limits: Limits, found: Found, levels: tuple[Level, ...], seconds: float
) -> Certificate:
    value = value_of(levels)
    return Certificate(
        sense="least",
        levels=levels,
        value=value,
        bound=None if found.bound is None else min(found.bound, value),
        bound_method=found.bound_method,
        engine=found.engine,
        versions={"braid": braid.__version__, **libraries()},
        seed=limits.seed,
        effort=found.effort,
        repeatable=True,
        problem=fingerprint(problem),
        seconds=seconds,
    )


def _diff(before: PlacementPlan | None, placed: Mapping[str, str]) -> Diff | None:
    if before is None:
        return None
    return diff_of({each.household: each.unit for each in before.placements}, placed)


def _out_of_area(problem: Problem, moves: MovePlan) -> tuple[OutOfArea, ...]:
    """Return what notices under section 208 need to know: of each step into another district, stopgaps too."""
    districts = {each.id: each.district for each in problem.units}
    households = {each.id: each for each in problem.households}
    return tuple(
        OutOfArea(
            step.household,
            households[step.household].home_district,
            districts[step.to_unit],
            step.on_date,
            tuple(child.id for child in households[step.household].children if child.school is not None),
        )
        for step in moves.steps
        if districts[step.to_unit] != households[step.household].home_district
    )
