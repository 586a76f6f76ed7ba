"""Small made-up problems of placements: every rule and level occurs in them."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

from braid.planning.placements.lawfulness import straight_km
from braid.planning.placements.model import (
    Budget,
    Child,
    Circle,
    ExclusionZone,
    Household,
    Journey,
    Point,
    Prices,
    Problem,
    School,
    Unit,
)

ON_DATE = dt.date(2026, 12, 1)
DISTRICTS = ("Alder", "Birch")


def point(draw: random.Random) -> Point:
    """Somewhere within some twenty kilometres."""
    return Point(-2.3 + draw.uniform(-0.15, 0.15), 53.5 + draw.uniform(-0.1, 0.1))


def small_problem(seed: int, households: int = 4, units: int = 5, has_budget: bool = False) -> Problem:
    """A problem that can be looked at whole."""
    draw = random.Random(seed)
    schools = tuple(School(f"s{s}", point(draw)) for s in range(2))
    stock = tuple(_unit(draw, u) for u in range(units))
    holds = draw.sample(range(units), min(households, units))
    families = tuple(_household(draw, h, holds[h] if h < len(holds) else None) for h in range(households))
    journeys = tuple(
        Journey(
            unit.id,
            school.id,
            draw.uniform(5, 100),
            _metres(draw, unit, school) if draw.random() < 0.6 else None,
            "walk network of 2026-10",
        )
        for unit in stock
        for school in schools
        if draw.random() < 0.2
    )
    problem = Problem(
        kind="placements",
        on_date=ON_DATE,
        districts=DISTRICTS,
        schools=schools,
        units=stock,
        households=families,
        journeys=journeys,
        within_days=draw.choice([0, 0, 10]),
        turn_round_days=draw.choice([0, 0, 2]),
        moves_per_day=draw.choice([None, None, 1]),
        prices=Prices(exam_year=draw.choice([0.0, 2_000.0])),
    )
    return replace(problem, budgets=_budgets(draw, problem)) if has_budget else problem


def _metres(draw: random.Random, unit: Unit, school: School) -> float:
    """A way on foot that is somewhat longer than the straight line."""
    return 1000 * straight_km(unit.point, school.point) * draw.uniform(1.0, 1.7)


def _budgets(draw: random.Random, problem: Problem) -> tuple[Budget, ...]:
    if draw.random() < 0.5:
        return (Budget(draw.uniform(2_000, 20_000)),)
    return tuple(Budget(draw.uniform(1_000, 12_000), district) for district in problem.districts)


def _unit(draw: random.Random, position: int) -> Unit:
    return Unit(
        id=f"u{position}",
        district=draw.choice(DISTRICTS),
        type=draw.choice(["council", "leased", "nightly", "bed_and_breakfast"]),
        bedrooms=draw.choice([1, 1, 2, 2, 3]),
        night_pence=draw.uniform(2_000, 9_000),
        point=point(draw),
        is_accessible=draw.random() < 0.5,
        available_from_date=draw.choice([None, None, None, ON_DATE + dt.timedelta(days=draw.randrange(20))]),
    )


def _household(draw: random.Random, position: int, unit: int | None) -> Household:
    ages = [draw.randrange(1, 17) for _ in range(draw.choice([0, 1, 1, 2]))]
    children = tuple(
        Child(f"h{position}-c{c}", age, f"s{draw.randrange(2)}" if age > 3 else None, is_exam_year=age == 16)
        for c, age in enumerate(ages)
    )
    home = point(draw)
    return Household(
        id=f"h{position}",
        home_district=draw.choice(DISTRICTS),
        bedrooms_needed=draw.choice([1, 1, 2]),
        needs_access=draw.random() < 0.15,
        children=children,
        is_pregnant=draw.random() < 0.1,
        is_young_applicant=not children and draw.random() < 0.2,
        home=home if draw.random() < 0.9 else None,
        current_unit=f"u{unit}" if unit is not None and draw.random() < 0.6 else None,
        may_move=draw.random() < 0.7,
        bed_and_breakfast_days=draw.choice([0, 10, 41, 42, 100]),
        exclusion_zone=_exclusion(draw, home) if draw.random() < 0.3 else ExclusionZone(),
        **_decided(random.Random(home.longitude), position, unit),
    )


def _decided(draw: random.Random, position: int, unit: int | None) -> dict[str, Any]:
    """What somebody decided before: one unit accepted, each for one household at most; one refused."""
    if draw.random() < 0.7:
        return {}
    if unit is not None and draw.random() < 0.5:
        return {"accepted_unit": f"u{unit}"}
    return {"refused_units": (f"u{position % 2}",)}


def _exclusion(draw: random.Random, home: Point) -> ExclusionZone:
    kind = draw.randrange(3)
    if kind == 0:
        return ExclusionZone(circles=(Circle(home, draw.uniform(1, 8)),))
    return ExclusionZone(units=("u0",)) if kind == 1 else ExclusionZone(districts=(draw.choice(DISTRICTS),))
