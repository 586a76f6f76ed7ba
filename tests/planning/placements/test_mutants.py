"""Every hard rule has a plan that breaks it alone: its rule reports it, and where that is dropped nothing does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from braid.language.documents import fingerprint, write
from braid.planning.contract import Binding, Broken, Level, Limits, Reason, value_of
from braid.planning.placements import checker, moves_checker
from braid.planning.placements.checker import RULES, check, levels_of
from braid.planning.placements.lawfulness import Case, journey_of
from braid.planning.placements.model import (
    Budget,
    Child,
    Circle,
    ExclusionZone,
    Household,
    MovePlan,
    NotPossible,
    OutOfArea,
    Placement,
    PlacementPlan,
    Point,
    Problem,
    School,
    Step,
    Unit,
)
from braid.planning.placements.moves import order_moves
from braid.planning.placements.run import solve

from .instances import ON_DATE

HERE, NEAR, AWAY = Point(-2.30, 53.50), Point(-2.31, 53.51), Point(-2.45, 53.58)
LATER = ON_DATE + dt.timedelta(days=3)


def sound_problem() -> Problem:
    """Two households in units that fit, one new, and an empty unit of each awkward sort."""
    units = (
        Unit("a", "Alder", "leased", 2, 3000.0, HERE),
        Unit("b", "Alder", "leased", 2, 3000.0, NEAR),
        Unit("c", "Alder", "leased", 2, 3500.0, NEAR),
        Unit("d", "Alder", "leased", 2, 3600.0, NEAR),
        Unit("small", "Alder", "leased", 1, 9000.0, HERE),
        Unit("large", "Alder", "leased", 4, 9000.0, HERE),
        Unit("shared", "Alder", "bed_and_breakfast", 2, 9000.0, HERE),
        Unit("late", "Alder", "leased", 2, 9000.0, HERE, available_from_date=LATER),
        Unit("away", "Birch", "leased", 2, 9000.0, AWAY),
    )
    family = Household("family", "Alder", 2, False, (Child("child", 9, "school"),), home=HERE, current_unit="a")
    pair = Household("pair", "Alder", 2, home=HERE, current_unit="b")
    new = Household("new", "Alder", 2, home=HERE)
    return Problem("placements", ON_DATE, ("Alder", "Birch"), (School("school", NEAR),), units, (family, pair, new))


def plan_of(problem: Problem, placed: dict[str, str], **changes: object) -> PlacementPlan:
    """A plan whose levels and journeys are true whatever it breaks; moves straight to where everybody is placed."""
    case = Case(problem)
    pairs = [(case.households[h], case.units[u]) for h, u in placed.items()]
    levels = levels_of(case, pairs)
    made = solve(replace(problem, budgets=()), Limits())
    certificate = replace(
        made.certificate, levels=levels, value=value_of(levels), bound=None, problem=fingerprint(problem)
    )
    where = {each.id: each.current_unit for each in problem.households}
    steps = tuple(Step(ON_DATE, h, where[h], u) for h, u in placed.items() if where[h] != u)
    placements = tuple(
        Placement(h.id, u.id, tuple(j for c in h.children if (j := journey_of(case, c, u)))) for h, u in pairs
    )
    unplaced = tuple(each.id for each in problem.households if each.id not in placed)
    plan = PlacementPlan(
        certificate=certificate, placements=placements, unplaced=unplaced, moves=MovePlan(steps), reasons=()
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


STILL = {"family": "a", "pair": "b", "new": "c"}


def changed(household: str, **changes: object) -> Problem:
    """The sound problem with one household otherwise."""
    problem = sound_problem()
    households = tuple(replace(h, **changes) if h.id == household else h for h in problem.households)  # type: ignore[arg-type]
    return replace(problem, households=households)


def test_the_sound_plan_is_sound() -> None:
    problem = sound_problem()
    assert check(problem, plan_of(problem, STILL)).broken == ()


def _in(household: str, unit: str, **changes: object) -> tuple[Problem, PlacementPlan]:
    problem = changed(household, **changes)
    return problem, plan_of(problem, {**STILL, household: unit})


def _unknown() -> tuple[Problem, PlacementPlan]:
    plan = plan_of(sound_problem(), STILL)
    return sound_problem(), replace(plan, placements=(*plan.placements, Placement("ghost", "c2")))


def _once() -> tuple[Problem, PlacementPlan]:
    return sound_problem(), plan_of(sound_problem(), STILL, unplaced=("new",))


def _unit_twice() -> tuple[Problem, PlacementPlan]:
    """Two in one unit, of which the moves bring one: the other is said not to be able to."""
    problem = sound_problem()
    plan = plan_of(problem, {**STILL, "new": "b"})
    waits = NotPossible("new", "unit_stays_held", ("pair",))
    return problem, replace(plan, moves=MovePlan((), (), (waits,)))


def _must_stay() -> tuple[Problem, PlacementPlan]:
    return _in("pair", "d", may_move=False)


def _budget() -> tuple[Problem, PlacementPlan]:
    problem = replace(sound_problem(), budgets=(Budget(9_000.0, "Alder"),))
    return problem, plan_of(problem, STILL)


def _journeys() -> tuple[Problem, PlacementPlan]:
    plan = plan_of(sound_problem(), STILL)
    first = plan.placements[0]
    told = replace(first, journeys=(replace(first.journeys[0], reach="within"),))
    return sound_problem(), replace(plan, placements=(told, *plan.placements[1:]))


def _out_of_area() -> tuple[Problem, PlacementPlan]:
    return _in("new", "away")


def _reasons_alike() -> tuple[Problem, PlacementPlan]:
    reason = Reason("new", "moved", (Binding("held", "units", ""),))
    return sound_problem(), plan_of(sound_problem(), STILL, reasons=(reason,))


def _moves() -> tuple[Problem, PlacementPlan]:
    return sound_problem(), plan_of(sound_problem(), STILL, moves=MovePlan())


CASES: dict[str, tuple[str, Callable[[], tuple[Problem, PlacementPlan]]]] = {
    "knows_all_names": ("unknown", _unknown),
    "has_everybody_once": ("once", _once),
    "lets_no_unit_twice": ("unit_twice", _unit_twice),
    "pair_too_few_bedrooms": ("too_few_bedrooms", lambda: _in("pair", "b", bedrooms_needed=3)),
    "pair_too_many_bedrooms": ("too_many_bedrooms", lambda: _in("pair", "large")),
    "pair_no_access": ("no_access", lambda: _in("pair", "b", needs_access=True)),
    "pair_exclusion_zone": (
        "exclusion_zone",
        lambda: _in("pair", "b", exclusion_zone=ExclusionZone(circles=(Circle(NEAR, 0.5),))),
    ),
    "pair_six_weeks": ("six_weeks", lambda: _held("family", "shared", bed_and_breakfast_days=42)),
    "pair_young_applicant": ("young_applicant", lambda: _held("pair", "shared", is_young_applicant=True)),
    "pair_not_available": ("not_available", lambda: _late()),
    "pair_refused": ("refused", lambda: _in("pair", "b", refused_units=("b",))),
    "pair_accepted_elsewhere": ("accepted_elsewhere", lambda: _in("pair", "b", accepted_unit="a")),
    "moves_nobody_who_may_stay": ("must_stay", _must_stay),
    "keeps_budgets": ("budget", _budget),
    "says_journeys_truly": ("journeys", _journeys),
    "tells_who_leaves_the_district": ("out_of_area", _out_of_area),
    "explains_everybody_alike": ("reasons_alike", _reasons_alike),
    "can_be_moved": ("move_missing", _moves),
}


def _held(household: str, unit: str, **changes: object) -> tuple[Problem, PlacementPlan]:
    """Already there, so that no step of the moves breaks a rule too."""
    problem = changed(household, current_unit=unit, **changes)
    return problem, plan_of(problem, {**STILL, household: unit})


def _late() -> tuple[Problem, PlacementPlan]:
    """The household cannot be moved there either, so the moves are left out of what is asked."""
    problem = sound_problem()
    return problem, plan_of(problem, {**STILL, "new": "late"})


def test_every_rule_has_its_case() -> None:
    assert {rule.__name__ for rule in RULES} == set(CASES)


BESIDE = {"pair_not_available": {"move_lawful", "move_available"}, "pair_too_many_bedrooms": {"move_lawful"}}
"""What else a plan must break: a step into a unit that cannot be let, or that is too large to move into."""


@pytest.mark.parametrize("name", CASES)
def test_a_rule_reports_its_plan_alone_and_without_it_the_plan_passes(name: str) -> None:
    code, make = CASES[name]
    problem, plan = make()
    others = BESIDE.get(name, set())
    assert {each.rule for each in check(problem, plan).broken} - others == {code}
    without = tuple(rule for rule in RULES if rule.__name__ != name)
    assert {each.rule for each in check(problem, plan, without).broken} - others == set()


CERTIFICATES = {
    "certificate_problem": {"problem": "0" * 64},
    "certificate_value": {"value": 1.0},
    "certificate_bound": {"bound": 1e12},
    "certificate_levels": {"levels": (Level("other", 0.0, 0.0),)},
}


@pytest.mark.parametrize("code", CERTIFICATES)
def test_a_certificate_that_says_otherwise_is_found(code: str) -> None:
    problem = sound_problem()
    plan = plan_of(problem, STILL)
    wrong = replace(plan, certificate=replace(plan.certificate, **CERTIFICATES[code]))  # type: ignore[arg-type]
    assert code in {each.rule for each in check(problem, wrong).broken}


def test_levels_are_what_a_hand_would_reckon() -> None:
    problem = sound_problem()
    amounts = {each.name: each.amount for each in check(problem, plan_of(problem, {"family": "away"})).levels}
    assert amounts["unplaced"] == 2
    assert amounts["out_of_area"] == amounts["beyond_walking"] == amounts["out_of_reach"] == amounts["move"] == 1
    assert amounts["pound"] == 90.0
    assert 15 < amounts["home_km"] < 18


# The moves: each rule alone.
def _step(household: str, here: str | None, there: str, day: int = 0, is_stopgap: bool = False) -> Step:
    return Step(ON_DATE + dt.timedelta(days=day), household, here, there, is_stopgap)


MOVES: dict[str, tuple[str, Problem, dict[str, str], MovePlan]] = {
    "knows_all_names": ("move_unknown", sound_problem(), {}, MovePlan((_step("ghost", None, "c"),))),
    "goes_forward_in_time": ("move_date", sound_problem(), {"new": "c"}, MovePlan((_step("new", None, "c", -1),))),
    "keeps_nobody_waiting": (
        "move_late",
        replace(sound_problem(), within_days=1),
        {"new": "c"},
        MovePlan((_step("new", None, "c", 2),)),
    ),
    "leaves_where_it_is": ("move_from", sound_problem(), {"pair": "c"}, MovePlan((_step("pair", None, "c"),))),
    "enters_what_is_empty": (
        "move_held",
        sound_problem(),
        {"new": "b", "pair": "c"},
        MovePlan((_step("new", None, "b"), _step("pair", "b", "c"))),
    ),
    "leaves_time_between": (
        "move_turn_round",
        replace(sound_problem(), turn_round_days=2),
        {"new": "b", "pair": "c"},
        MovePlan((_step("pair", "b", "c"), _step("new", None, "b", 1))),
    ),
    "waits_until_available": (
        "move_available",
        replace(sound_problem(), within_days=5),
        {"new": "late"},
        MovePlan((_step("new", None, "late", 2),)),
    ),
    "stops_lawfully": (
        "move_lawful",
        sound_problem(),
        {"pair": "c"},
        MovePlan((_step("pair", "b", "large", 0, True), _step("pair", "large", "c")), ("large",)),
    ),
    "asks_no_more_a_day": (
        "move_capacity",
        replace(sound_problem(), moves_per_day=1),
        {"new": "c", "pair": "d"},
        MovePlan((_step("new", None, "c"), _step("pair", "b", "d"))),
    ),
    "uses_two_spare_units": (
        "move_spare",
        sound_problem(),
        {"pair": "c"},
        MovePlan((_step("pair", "b", "d", 0, True), _step("pair", "d", "c")), ()),
    ),
    "stops_once_on_the_way": (
        "move_stopgap",
        replace(changed("pair", may_move=False), turn_round_days=1),
        {"pair": "b"},
        MovePlan((_step("pair", "b", "d", 0, True), _step("pair", "d", "b", 1)), ("d",)),
    ),
    "says_who_is_past_six_weeks": (
        "move_six_weeks",
        replace(changed("family", current_unit="shared", bed_and_breakfast_days=41), within_days=2),
        {"family": "c"},
        MovePlan((_step("family", "shared", "c", 2),)),
    ),
    "goes_where_it_is_placed": (
        "move_to",
        sound_problem(),
        {"pair": "c"},
        MovePlan((_step("pair", "b", "d"), _step("pair", "d", "c")), ()),
    ),
    "arrives": ("move_missing", sound_problem(), {"pair": "c"}, MovePlan()),
    "excuses_truly": (
        "move_excuse",
        sound_problem(),
        {"pair": "c"},
        MovePlan((), (), (NotPossible("pair", "unit_stays_held", ("new",)),)),
    ),
    "leaves_no_circle_that_could_open": (
        "move_circle",
        sound_problem(),
        {"pair": "a", "family": "b"},
        MovePlan(
            (),
            (),
            (
                NotPossible("pair", "circle_without_spare_unit", ("family", "pair")),
                NotPossible("family", "circle_without_spare_unit", ("pair", "family")),
            ),
        ),
    ),
}


def test_every_rule_of_moves_has_its_case() -> None:
    assert {rule.__name__ for rule in moves_checker.RULES} == set(MOVES)


@pytest.mark.parametrize("name", MOVES)
def test_a_rule_of_moves_reports_its_moves_alone(name: str) -> None:
    code, problem, placed, plan = MOVES[name]
    case = Case(problem)
    assert {each.rule for each in moves_checker.check(case, placed, plan)} == {code}
    without = tuple(rule for rule in moves_checker.RULES if rule.__name__ != name)
    assert moves_checker.check(case, placed, plan, without) == []


def test_a_plan_of_nonsense_is_reported_and_does_not_crash() -> None:
    problem = sound_problem()
    plan = plan_of(problem, STILL)
    nonsense = replace(
        plan,
        placements=(Placement("family", "a"), Placement("family", "b"), Placement("x", "a"), Placement("pair", "?")),
        unplaced=("x", "family", "new", "new"),
        moves=MovePlan(
            (_step("x", "q", "a"), _step("family", "z", "b")), ("?",), (NotPossible("?", "unit_stays_held"),)
        ),
    )
    assert {Broken("once", ("family",)), Broken("unit_twice", ("a",))} <= set(checker.check(problem, nonsense).broken)


def test_a_stopgap_in_another_district_needs_its_notice() -> None:
    """Two change places over a unit of another district: one goes there for a while, and is told so."""
    problem = replace(sound_problem(), units=tuple(u for u in sound_problem().units if u.id in ("a", "b", "away")))
    problem = replace(problem, households=problem.households[:2])
    placed = {"family": "b", "pair": "a"}
    moves = order_moves(problem, placed, lambda *_: True)
    plan = plan_of(problem, placed, moves=moves)
    assert {each.rule for each in check(problem, plan).broken} == {"out_of_area"}
    notice = OutOfArea("family", "Alder", "Birch", ON_DATE, ("child",))
    assert check(problem, replace(plan, out_of_area=(notice,))).broken == ()
    assert check(problem, replace(plan, out_of_area=(replace(notice, on_date=LATER),))).broken != ()


def test_a_notice_names_no_cause() -> None:
    """None of the district's units is free of the zone; what is said is where and when, and nothing that is not so."""
    zone = ExclusionZone(circles=(Circle(HERE, 5.0),))
    problem = changed("new", exclusion_zone=zone)
    plan = solve(problem, Limits())
    assert plan.out_of_area == (OutOfArea("new", "Alder", "Birch", ON_DATE),)
    assert "no_unit_in_district" not in write(plan)
