"""Moves in an order in which they can be made, replayed by the checker: chains, circles, spare units, days."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest

from braid.planning.placements import moves_checker
from braid.planning.placements.lawfulness import Case, is_lawful
from braid.planning.placements.model import ExclusionZone, Household, MovePlan, NotPossible, Point, Problem, Step, Unit
from braid.planning.placements.moves import order_moves

from .instances import ON_DATE

HERE = Point(-2.3, 53.5)
TWO_DAYS_ON = ON_DATE + dt.timedelta(days=2)


def town(held: int, empty: int, newcomers: int = 0, **settings: object) -> Problem:
    """Households h0.. in units u0.. of one kind, then empty units, and households without one."""
    units = tuple(Unit(f"u{u}", "Alder", "leased", 2, 3000.0, HERE) for u in range(held + empty))
    settled = [Household(f"h{h}", "Alder", 2, current_unit=f"u{h}") for h in range(held)]
    new = [Household(f"n{n}", "Alder", 2) for n in range(newcomers)]
    return Problem("placements", ON_DATE, ("Alder",), (), units, (*settled, *new), **settings)  # type: ignore[arg-type]


def ordered(problem: Problem, placed: dict[str, str]) -> MovePlan:
    """The moves, after the checker has passed them."""
    case = Case(problem)
    plan = order_moves(problem, placed, lambda h, u: is_lawful(case, case.households[h], case.units[u]))
    assert moves_checker.check(case, placed, plan) == []
    return plan


def test_a_chain_begins_at_its_empty_end() -> None:
    plan = ordered(town(3, 1), {"h0": "u1", "h1": "u2", "h2": "u3"})
    assert [step.household for step in plan.steps] == ["h2", "h1", "h0"]
    assert not plan.spare_units


def test_two_who_change_places_need_one_spare_unit() -> None:
    plan = ordered(town(2, 1), {"h0": "u1", "h1": "u0"})
    assert [(step.household, step.to_unit, step.is_stopgap) for step in plan.steps] == [
        ("h0", "u2", True),
        ("h1", "u0", False),
        ("h0", "u1", False),
    ]
    assert plan.spare_units == ("u2",)


def test_who_should_not_be_asked_goes_on_a_stopgap_only_if_nobody_else_can() -> None:
    problem = town(2, 1)
    unsafe = ExclusionZone(units=("u0",))
    forced = replace(problem.households[0], may_move=False, exclusion_zone=unsafe)
    problem = replace(problem, households=(forced, problem.households[1]))
    plan = ordered(problem, {"h0": "u1", "h1": "u0"})
    assert [step.household for step in plan.steps if step.is_stopgap] == ["h1"]


def test_a_family_that_leaves_bed_and_breakfast_too_late_is_named() -> None:
    """Its unit can be let in two days: with 40 days used it leaves on day 42 of six weeks, with 41 a day too late."""
    for days, named in ((40, ()), (41, ("h0",)), (100, ("h0",))):
        problem = town(1, 1, within_days=2)
        shared, later = problem.units
        family = replace(problem.households[0], is_pregnant=True, bed_and_breakfast_days=days)
        stock = (replace(shared, type="bed_and_breakfast"), replace(later, available_from_date=TWO_DAYS_ON))
        problem = replace(problem, households=(family,), units=stock)
        assert ordered(problem, {"h0": "u1"}).past_six_weeks == named
        at_once = replace(problem, units=(stock[0], replace(later, available_from_date=None)))
        assert ordered(at_once, {"h0": "u1"}).past_six_weeks == ()


def test_a_family_that_shares_bed_and_breakfast_has_the_same_six_weeks() -> None:
    """It holds no unit and moves out of the one in which it lives; the checker finds it where it is not named."""
    for days, named in ((40, ()), (41, ("n0",))):
        problem = town(1, 1, 1, within_days=2)
        shared, later = problem.units
        holder, newcomer = problem.households
        family = replace(newcomer, is_pregnant=True, shared_unit="u0", bed_and_breakfast_days=days)
        stock = (replace(shared, type="bed_and_breakfast"), replace(later, available_from_date=TWO_DAYS_ON))
        problem = replace(problem, households=(holder, family), units=stock)
        plan = ordered(problem, {"h0": "u0", "n0": "u1"})
        assert plan.past_six_weeks == named
        silent = replace(plan, past_six_weeks=())
        broken = moves_checker.check(Case(problem), {"h0": "u0", "n0": "u1"}, silent)
        assert [each.rule for each in broken if each.rule == "move_six_weeks"] == ["move_six_weeks"] * len(named)


def test_nobody_is_moved_to_and_fro_or_in_the_year_9999() -> None:
    """Two who change places over and over, one who may not be asked and comes back, and a day that never comes."""
    case = Case(replace(town(1, 2), households=(replace(town(1, 2).households[0], may_move=False),)))
    round_trip = MovePlan(
        (
            Step(ON_DATE, "h0", "u0", "u1", True),
            Step(ON_DATE, "h0", "u1", "u2", True),
            Step(ON_DATE, "h0", "u2", "u0"),
        ),
        ("u1", "u2"),
    )
    found = [each.rule for each in moves_checker.check(case, {"h0": "u0"}, round_trip)]
    assert found == ["move_stopgap"] * 3
    late = MovePlan((Step(dt.date(9999, 12, 31), "h0", "u0", "u1"),))
    assert [each.rule for each in moves_checker.check(case, {"h0": "u1"}, late)] == ["move_late"]
    detour = replace(round_trip, steps=(*round_trip.steps[:2], Step(ON_DATE, "h0", "u2", "u1")), spare_units=("u2",))
    assert "move_stopgap" in {each.rule for each in moves_checker.check(case, {"h0": "u1"}, detour)}


def test_without_a_spare_unit_it_says_who_cannot_move_and_for_whom_they_wait() -> None:
    plan = ordered(town(3, 0), {"h0": "u1", "h1": "u2", "h2": "u0"})
    assert plan.steps == ()
    assert plan.not_possible[0] == NotPossible("h0", "circle_without_spare_unit", ("h1", "h2", "h0"))
    assert len(plan.not_possible) == 3


def test_who_waits_for_somebody_who_stays_cannot_move() -> None:
    plan = ordered(town(3, 1), {"h0": "u1", "h1": "u2"})
    assert {each.household: each.held_by for each in plan.not_possible} == {"h1": ("h2",), "h0": ("h1", "h2")}


def test_units_rest_between_two_households_and_days_have_room() -> None:
    problem = town(3, 1, turn_round_days=2, moves_per_day=1)
    plan = ordered(problem, {"h0": "u1", "h1": "u2", "h2": "u3"})
    assert [(step.on_date - ON_DATE).days for step in plan.steps] == [0, 2, 4]
    crowded = ordered(town(5, 5, moves_per_day=2), {f"h{h}": f"u{h + 5}" for h in range(5)})
    assert [(step.on_date - ON_DATE).days for step in crowded.steps] == [0, 0, 1, 1, 2]


def test_whoever_has_no_unit_moves_first() -> None:
    plan = ordered(town(2, 3, newcomers=1, moves_per_day=1), {"h0": "u2", "h1": "u3", "n0": "u4"})
    assert plan.steps[0].household == "n0"


def test_a_unit_is_not_entered_before_it_can_be_let() -> None:
    problem = town(1, 1, within_days=9)
    later = replace(problem.units[1], available_from_date=ON_DATE + dt.timedelta(days=5))
    problem = replace(problem, units=(problem.units[0], later))
    assert ordered(problem, {"h0": "u1"}).steps[0].on_date == later.available_from_date


def test_two_spare_units_open_most_circles_that_two_can() -> None:
    """Three circles of households with other needs: large, small, and such that only a step-free unit will do."""
    problem = town(6, 0)
    needs = [4, 4, 1, 1, 2, 2]
    households = tuple(replace(h, bedrooms_needed=n) for h, n in zip(problem.households, needs, strict=True))
    units = tuple(replace(u, bedrooms=n) for u, n in zip(problem.units, needs, strict=True))
    spare = tuple(Unit(f"x{n}", "Alder", "leased", n, 3000.0, HERE) for n in (4, 1, 3))
    problem = replace(problem, households=households, units=(*units, *spare))
    placed = {"h0": "u1", "h1": "u0", "h2": "u3", "h3": "u2", "h4": "u5", "h5": "u4"}
    plan = ordered(problem, placed)
    assert len(plan.spare_units) == 2
    assert {each.household for each in plan.not_possible} in ({"h4", "h5"}, {"h0", "h1"}, {"h2", "h3"})


@pytest.mark.parametrize("seed", range(150))
def test_any_permutation_can_be_made_or_is_said_not_to_be(seed: int) -> None:
    draw = random.Random(seed)
    held, empty = draw.randrange(1, 30), draw.choice([0, 0, 1, 2, 5])
    settings = {"turn_round_days": draw.choice([0, 1, 3]), "moves_per_day": draw.choice([None, 1, 3])}
    problem = town(held, empty, draw.randrange(3), **settings)
    units = [each.id for each in problem.units]
    draw.shuffle(units)
    placed = dict(zip([each.id for each in problem.households], units, strict=False))
    left_out = draw.sample(sorted(placed), draw.choice([0, 0, min(2, len(placed))]))
    placed = {household: unit for household, unit in placed.items() if household not in left_out}
    plan = ordered(problem, placed)
    if len(placed) < len(problem.units) and not left_out:
        assert plan.not_possible == ()
    assert len(plan.spare_units) <= 2


def test_a_night_without_a_unit_two_in_one_and_a_ghost_are_found() -> None:
    case = Case(town(2, 2))
    wrong = MovePlan(
        steps=(
            Step(ON_DATE, "h0", None, "u2"),
            Step(ON_DATE, "h1", "u1", "u2"),
            Step(ON_DATE, "ghost", None, "u3"),
            Step(ON_DATE - dt.timedelta(days=1), "h0", "u2", "nowhere"),
        ),
        spare_units=("x", "y", "z"),
        not_possible=(NotPossible("ghost", "unit_stays_held"), NotPossible("h1", "circle_without_spare_unit", ("h1",))),
    )
    found = {each.rule for each in moves_checker.check(case, {"h0": "u2", "h1": "u1"}, wrong)}
    assert {"move_from", "move_held", "move_unknown", "move_date", "move_spare", "move_missing", "move_excuse"} <= found
