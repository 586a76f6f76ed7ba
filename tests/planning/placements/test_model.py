"""Problems that say what cannot be, and problems of any content."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from braid.language.documents import DocumentInvalid, parse, schema, write
from braid.planning.contract import Limits
from braid.planning.placements.checker import check
from braid.planning.placements.engines.costs import Arrays
from braid.planning.placements.lawfulness import Case, is_lawful, journey_of, minutes_by_estimate, straight_km
from braid.planning.placements.model import (
    LAST_DATE,
    MOST_BEDROOMS,
    MOST_PENCE,
    MOST_PRICE,
    MOST_TURN_ROUND_DAYS,
    MOST_WITHIN_DAYS,
    Budget,
    Child,
    Circle,
    ExclusionZone,
    Household,
    Journey,
    LookAhead,
    Norms,
    Point,
    Prices,
    Problem,
    Travel,
    Unit,
    faults,
)
from braid.planning.placements.run import solve

from .instances import small_problem


def test_every_fault_is_found_with_its_place() -> None:
    problem = small_problem(1)
    household = replace(problem.households[0], home_district="Nowhere", current_unit="u9", bedrooms_needed=-1)
    child = Child("c", 99, "no school")
    wrong = replace(
        problem,
        units=(*problem.units, problem.units[0]),
        households=(replace(household, children=(child, child)), *problem.households[1:]),
        budgets=(Budget(-1.0, "Nowhere"), Budget(1.0), Budget(2.0)),
        turn_round_days=-1,
        travel=Travel(circuity=0.0),
        look_ahead=LookAhead((replace(household, id="x"),), expected=-1),
    )
    places = {place for place, _, _ in faults(wrong)}
    assert {
        "units[5]",
        "households[0].home_district",
        "households[0].current_unit",
        "households[0].bedrooms_needed",
        "households[0].children[0].age_years",
        "households[0].children[0].school",
        "budgets[0].night_pence",
        "budgets[0].district",
        "budgets[2]",
        "turn_round_days",
        "travel.circuity",
        "look_ahead",
        "look_ahead.households[0].home_district",
    } <= places
    assert any(
        place.startswith("households[0].children") and rule == "it is there twice" for place, rule, _ in faults(wrong)
    )


def test_a_unit_is_held_by_one_household() -> None:
    problem = small_problem(2)
    both = tuple(replace(each, current_unit="u0") for each in problem.households[:2])
    assert any("another household holds" in rule for _, rule, _ in faults(replace(problem, households=both)))
    shares = replace(problem.households[0], current_unit="u0", shared_unit="u1")
    told = faults(replace(problem, households=(shares, *problem.households[1:])))
    assert any(place == "households[0].shared_unit" and "of its own" in rule for place, rule, _ in told)


def with_way(metres: float | None, minutes: float | None = 10.0) -> Problem:
    """A unit and a school some 22 km apart, and a routed way between them."""
    problem = small_problem(1)
    unit = replace(problem.units[0], point=Point(-2.0, 53.0))
    school = replace(problem.schools[0], point=Point(-2.0, 53.2))
    return replace(
        problem,
        units=(unit, *problem.units[1:]),
        schools=(school, *problem.schools[1:]),
        journeys=(Journey(unit.id, school.id, minutes, metres, "routed"),),
    )


@pytest.mark.parametrize(
    ("metres", "is_fault"), [(100.0, True), (21_900.0, True), (22_100.0, False), (30_000.0, False)]
)
def test_a_routed_way_is_never_shorter_than_the_straight_line(metres: float, is_fault: bool) -> None:
    assert straight_km(Point(-2.0, 53.0), Point(-2.0, 53.2)) == pytest.approx(22.24, abs=0.01)
    found = [place for place, rule, _ in faults(with_way(metres)) if "straight line" in rule]
    assert found == (["journeys[0].metres"] if is_fault else [])


def bounded(place: str) -> Problem:
    """A problem with one figure that no plan could reckon with."""
    problem, way = small_problem(1), with_way(None)
    unit, household = problem.units[0], problem.households[0]
    circle = ExclusionZone(circles=(Circle(Point(0, 0), 1e308),))
    return {
        "on_date": replace(problem, on_date=dt.date.max),
        "within_days": replace(problem, within_days=10**30),
        "turn_round_days": replace(problem, turn_round_days=10**30),
        "prices.unplaced": replace(problem, prices=Prices(unplaced=1e308)),
        "prices.school_minutes": replace(problem, prices=Prices(school_minutes=1e308)),
        "norms.bedrooms_above": replace(problem, norms=Norms(bedrooms_above=10**30)),
        "travel.circuity": replace(problem, travel=Travel(circuity=1e308)),
        "travel.bus_km_per_hour": replace(problem, travel=Travel(bus_km_per_hour=1e-308)),
        "units[0].bedrooms": replace(problem, units=(replace(unit, bedrooms=10**30), *problem.units[1:])),
        "units[0].night_pence": replace(problem, units=(replace(unit, night_pence=1e308), *problem.units[1:])),
        "households[0].bedrooms_needed": replace(problem, households=(replace(household, bedrooms_needed=10**30),)),
        "households[0].bed_and_breakfast_days": replace(
            problem, households=(replace(household, bed_and_breakfast_days=10**30),)
        ),
        "households[0].exclusion_zone.circles[0].radius_km": replace(
            problem, households=(replace(household, exclusion_zone=circle),)
        ),
        "budgets[0].night_pence": replace(problem, budgets=(Budget(1e308),)),
        "journeys[0].minutes": replace(way, journeys=(replace(way.journeys[0], minutes=1e308),)),
        "journeys[0].metres": replace(way, journeys=(replace(way.journeys[0], metres=1e308),)),
        "look_ahead": replace(problem, look_ahead=LookAhead(problem.households, 10**7, 10**6)),
    }[place]


@pytest.mark.parametrize(
    "place",
    [
        "on_date",
        "within_days",
        "turn_round_days",
        "prices.unplaced",
        "prices.school_minutes",
        "norms.bedrooms_above",
        "travel.circuity",
        "travel.bus_km_per_hour",
        "units[0].bedrooms",
        "units[0].night_pence",
        "households[0].bedrooms_needed",
        "households[0].bed_and_breakfast_days",
        "households[0].exclusion_zone.circles[0].radius_km",
        "budgets[0].night_pence",
        "journeys[0].minutes",
        "journeys[0].metres",
        "look_ahead",
    ],
)
def test_a_figure_beyond_all_reckoning_is_a_fault(place: str) -> None:
    assert place in {each for each, _, _ in faults(bounded(place))}


def test_the_largest_figures_that_may_be_make_a_plan_without_infinity() -> None:
    problem = small_problem(1)
    prices = Prices(**{each.name: MOST_PRICE for each in fields(Prices)})
    units = tuple(replace(each, night_pence=MOST_PENCE, bedrooms=MOST_BEDROOMS) for each in problem.units)
    norms = replace(problem.norms, bedrooms_above=MOST_BEDROOMS)
    largest = replace(
        problem,
        on_date=LAST_DATE,
        within_days=MOST_WITHIN_DAYS,
        turn_round_days=MOST_TURN_ROUND_DAYS,
        prices=prices,
        norms=norms,
        units=units,
    )
    plan = solve(largest, Limits())
    assert faults(largest) == []
    assert check(largest, plan).broken == ()
    assert parse(write(plan), type(plan), "plan.json") == plan


ids = st.sampled_from(["a", "b", ""])
points = st.builds(Point, st.floats(-200, 200), st.floats(-100, 100))
units = st.builds(
    Unit,
    id=ids,
    district=ids,
    type=st.sampled_from(["council", "bed_and_breakfast"]),
    bedrooms=st.integers(-1, 3),
    night_pence=st.floats(-1, 1e5),
    point=points,
)
children = st.builds(Child, id=ids, age_years=st.integers(-1, 30), school=st.none() | ids)
households = st.builds(
    Household,
    id=ids,
    home_district=ids,
    bedrooms_needed=st.integers(-1, 3),
    children=st.lists(children, max_size=2).map(tuple),
    home=st.none() | points,
    current_unit=st.none() | ids,
    may_move=st.booleans(),
)
problems = st.builds(
    replace,
    st.integers(0, 20).map(small_problem),
    units=st.lists(units, max_size=3).map(tuple),
    households=st.lists(households, max_size=3).map(tuple),
)


@given(problems)
def test_a_problem_of_any_content_is_written_read_and_faulted(problem: Problem) -> None:
    assert parse(write(problem), Problem, "problem.json") == problem
    found = faults(problem)
    if not found:
        assert check(problem, solve(problem, Limits())).passes


@given(st.integers(0, 10_000))
def test_arrays_say_of_each_pair_what_the_checkers_rules_say(seed: int) -> None:
    problem = small_problem(seed)
    case, arrays = Case(problem), Arrays(problem)
    for household in problem.households:
        lawful = arrays.lawful_by_rules(household)
        for position, unit in enumerate(problem.units):
            assert bool(lawful[position]) == is_lawful(case, household, unit)


@given(st.binary(max_size=60))
def test_a_file_of_any_bytes_is_refused_in_words(text: bytes) -> None:
    with pytest.raises(DocumentInvalid):
        parse(text, Problem, "problem.json")


def test_the_schema_says_what_fields_mean() -> None:
    made = schema(Problem, "Placements")
    assert made["$defs"]["Norms"]["properties"]["walking_km"]["description"].startswith("Statutory walking distance")
    TypeAdapter(dict).validate_python(made)


def test_within_is_said_of_a_routed_journey_alone() -> None:
    draw = random.Random(4)
    standings = set()
    for seed in range(40):
        problem = small_problem(seed)
        case = Case(problem)
        for household in problem.households:
            for child in household.children:
                journey = journey_of(case, child, draw.choice(problem.units))
                if journey:
                    standings.add((journey.reckoned == "estimate", journey.reach))
                    standings.add((journey.reckoned == "estimate", journey.walking))
    assert (True, "within") not in standings
    assert {(True, "beyond"), (True, "not_known"), (False, "within"), (False, "beyond")} <= standings


def test_distances_and_minutes_are_known_ones() -> None:
    """Manchester Piccadilly to London Euston is some 260 km in a straight line; 750 metres on foot take ten minutes."""
    assert straight_km(Point(-2.2309, 53.4774), Point(-0.1337, 51.5284)) == pytest.approx(259, abs=3)
    assert minutes_by_estimate(0.75, Travel()) == pytest.approx(10.0)
    assert minutes_by_estimate(15.0, Travel()) == pytest.approx(2 * 0.35 / 4.5 * 60 + 8 + 60 + 7)
