"""Why not this unit: the rules that the checker has, the words of the planning room's desk, and nothing besides."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest

from braid.language.documents import parse, write
from braid.planning.contract import Limits, value_of
from braid.planning.kinds import KINDS
from braid.planning.placements.checker import levels_of
from braid.planning.placements.lawfulness import Case, is_excluded
from braid.planning.placements.model import (
    Budget,
    Child,
    Circle,
    ExclusionZone,
    Household,
    PlacementPlan,
    Problem,
    School,
    Shortlists,
    Unit,
    UnitType,
)
from braid.planning.placements.reasons import public_faults
from braid.planning.placements.shortlists import HELD, NOT_OFFERED, OFFERED, Answer, Desk
from braid.planning.travel.model import Point
from braid.problems.plans.placement_sheets import HouseholdSheet, sheets_of, token_of
from braid.problems.plans.why_not import BUDGET, MUST_STAY, TODAY, WORSE, StockSheet, WhyNot, stock_of, why_not

KEY = b"k" * 32
ON_DATE = dt.date(2026, 12, 1)
TYPES: tuple[UnitType, ...] = ("council", "leased", "nightly", "bed_and_breakfast")
NOTHING_HIDDEN = Shortlists(quiet_km=0.0, blank_share=0.0, left_out_share=0.0)


def county(seed: int, share: float = 0.0, rules: Shortlists = NOTHING_HIDDEN) -> Problem:
    """Families in half of a stock of forty units, a share of them kept from a circle beside their home."""
    draw = random.Random(seed)
    point = lambda: Point(draw.gauss(-2.3, 0.06), draw.gauss(53.5, 0.04))  # noqa: E731
    units = tuple(
        Unit(
            f"u{number}", draw.choice(["Alder", "Birch"]), draw.choice(TYPES), draw.choice([1, 2, 3, 4]),
            float(draw.randrange(2_500, 9_000)), point(), draw.random() < 0.3,
            ON_DATE + dt.timedelta(days=9) if draw.random() < 0.1 else None,
        )
        for number in range(40)
    )  # fmt: skip
    schools = tuple(School(f"s{number}", point()) for number in range(4))
    homes = draw.sample(units, 20)
    households = tuple(_household(draw, number, unit, schools, share) for number, unit in enumerate(homes))
    return Problem("placements", ON_DATE, ("Alder", "Birch"), schools, units, households, shortlists=rules)


def _household(draw: random.Random, number: int, unit: Unit, schools: tuple[School, ...], share: float) -> Household:
    children = tuple(
        Child(f"c{number}.{each}", draw.randrange(4, 17), draw.choice(schools).id, draw.random() < 0.2)
        for each in range(draw.randrange(3))
    )
    home = Point(draw.gauss(-2.3, 0.06), draw.gauss(53.5, 0.04))
    circle = Circle(Point(home.longitude + 0.005, home.latitude), 1.5)
    return Household(
        f"h{number}", draw.choice(["Alder", "Birch"]), draw.choice([1, 2, 3]), draw.random() < 0.1, children,
        home=home, current_unit=unit.id, bed_and_breakfast_days=draw.randrange(60),
        refused_units=(f"u{draw.randrange(40)}",) if draw.random() < 0.3 else (),
        exclusion_zone=ExclusionZone(circles=(circle,)) if draw.random() < share else ExclusionZone(),
    )  # fmt: skip


def plan_of(asked: Problem) -> PlacementPlan:
    return KINDS["placements"].solve(asked, Limits(seconds=1.0))


def people_of(asked: Problem) -> dict[str, tuple[str, ...]]:
    found = {each.id: (f"adult of {each.id}", *(child.id for child in each.children)) for each in asked.households}
    return found | {child.id: (child.id,) for each in asked.households for child in each.children}


def sheets(asked: Problem, plan: PlacementPlan, withheld: tuple[str, ...] = ()) -> dict[str, HouseholdSheet]:
    return {
        each.people[0].removeprefix("adult of "): each
        for each in sheets_of(asked, plan, people_of(asked), KEY, withheld)
    }


def every_answer(asked: Problem, plan: PlacementPlan) -> dict[tuple[str, str], WhyNot]:
    stock = stock_of(asked, plan, KEY)
    return {
        (name, unit.id): why_not(stock, sheet, unit.id)
        for name, sheet in sheets(asked, plan).items()
        for unit in asked.units
    }


@pytest.mark.parametrize("rules", [NOTHING_HIDDEN, Shortlists(quiet_km=4.0, blank_share=0.2, left_out_share=0.3)])
def test_every_answer_is_that_of_the_planning_rooms_desk(rules: Shortlists) -> None:
    """Of every household and unit: the same rules and words; where the desk offers, figures, and where not, none."""
    said: set[str] = set()
    for seed in range(4):
        asked = county(seed, rules=rules)
        plan = plan_of(asked)
        placed = {each.household: each.unit for each in plan.placements}
        desk, found = Desk(Case(asked), placed, KEY), every_answer(asked, plan)
        for household in asked.households:
            told = {unit.id for unit in desk.told_of(household.id)}
            for expected in desk.answers(household.id):
                got = found[household.id, expected.unit]
                said.update(got.codes)
                if got.unit is None:
                    assert tuple(code for code in got.codes if code != TODAY) == expected.words
                else:
                    assert expected.unit in told and expected.words in ((OFFERED,), (NOT_OFFERED,))
                    assert (OFFERED in got.codes) == (expected.words == (OFFERED,))
                    assert got.journeys == expected.journeys or not expected.journeys
    assert {"too_few_bedrooms", "too_many_bedrooms", "no_access", "six_weeks", "not_available", "refused"} <= said
    assert {"proposed", "held", WORSE, TODAY} <= said


def test_the_figures_are_the_checkers_levels() -> None:
    """What a free unit counts more is the difference of the checker's own sums, and the levels add up to it."""
    seen = 0
    for seed in range(4):
        asked = county(seed)
        asked = replace(asked, households=tuple(replace(each, home=None) for each in asked.households))
        plan = plan_of(asked)
        case = Case(asked)
        placed = {each.household: each.unit for each in plan.placements}
        for (name, unit), found in every_answer(asked, plan).items():
            if found.counts_more is None:
                continue
            household = case.households[name]
            sums = [value_of(levels_of(case, [(household, case.units[each])])) for each in (unit, placed[name])]
            assert found.counts_more == pytest.approx(sums[0] - sums[1])
            worth = sum(each.amount * getattr(asked.prices, each.level) for each in found.differences)
            assert worth == pytest.approx(found.counts_more)
            assert (WORSE in found.codes) == (found.counts_more > 1e-4)
            seen += 1
    assert seen > 100


def test_no_free_unit_counts_less_where_the_plan_is_proved_to_be_the_best() -> None:
    asked = county(1)
    asked = replace(asked, households=tuple(replace(each, home=None) for each in asked.households))
    plan = plan_of(asked)
    assert plan.certificate.gap == 0
    more = [each.counts_more for each in every_answer(asked, plan).values() if each.counts_more is not None]
    assert more and min(more) > -1e-4


def test_which_child_a_level_counts_is_said() -> None:
    near, far = Point(-2.3, 53.5), Point(-1.3, 53.5)
    units = (Unit("near", "Alder", "leased", 2, 4_000.0, near), Unit("far", "Alder", "leased", 2, 4_000.0, far))
    children = (Child("small", 7, "school"), Child("baby", 1))
    family = Household("h0", "Alder", 2, children=children)
    asked = Problem(
        "placements", ON_DATE, ("Alder",), (School("school", near),), units, (family,), shortlists=NOTHING_HIDDEN
    )
    found = every_answer(asked, plan_of(asked))["h0", "far"]
    by_level = {each.level: each for each in found.differences}
    assert by_level["out_of_reach"].children == by_level["beyond_walking"].children == ("small",)
    assert by_level["out_of_reach"].amount == 1.0
    assert [each.child for each in found.journeys] == ["small"]


def test_a_budget_and_who_may_not_be_asked_are_reasons() -> None:
    asked = county(2)
    plan = plan_of(asked)
    spent = sum(Case(asked).units[each.unit].night_pence for each in plan.placements)
    tight = replace(asked, budgets=(Budget(spent),))
    dearer = [
        (key, found)
        for key, found in every_answer(tight, plan).items()
        if found.unit and found.unit.night_pence > _proposed(tight, plan, key[0]).night_pence
    ]
    assert dearer and all(BUDGET in found.codes for _, found in dearer)
    staying = tuple(replace(each, may_move=False) for each in asked.households)
    kept = replace(asked, households=staying)
    found = every_answer(kept, plan_of(kept))
    assert any(MUST_STAY in each.codes for each in found.values())


def _proposed(asked: Problem, plan: PlacementPlan, household: str) -> Unit:
    return Case(asked).units[next(each.unit for each in plan.placements if each.household == household)]


def test_the_sealed_sheets_are_the_same_to_the_byte_with_and_without_an_exclusion() -> None:
    """Of everybody whose exclusion stays within the quiet distance: so no answer made of them can tell of one."""
    rules = Shortlists(quiet_km=6.0, length=6, blank_share=0.2, left_out_share=0.3)
    kept = 0
    for seed in range(4):
        real = county(seed, share=0.5, rules=rules)
        bare = replace(
            real, households=tuple(replace(each, exclusion_zone=ExclusionZone()) for each in real.households)
        )
        plan = plan_of(real)
        case = Case(real)
        kept += sum(is_excluded(case, each, unit) for each in real.households for unit in real.units)
        assert write(stock_of(real, plan, KEY)) == write(stock_of(bare, plan, KEY))
        with_zone, without = sheets(real, plan), sheets(bare, plan)
        for name, sheet in with_zone.items():
            assert write(sheet) == write(without[name])
            assert '"circles":[]' in write(sheet).replace(" ", "")
            assert sheet.asked.home is None
    assert kept > 10


def test_no_answer_gives_figures_of_a_unit_where_the_household_must_not_be() -> None:
    rules = Shortlists(quiet_km=6.0, blank_share=0.2, left_out_share=0.3)
    for seed in range(4):
        asked = county(seed, share=0.6, rules=rules)
        case, plan = Case(asked), plan_of(asked)
        for (name, unit), found in every_answer(asked, plan).items():
            if found.unit is not None:
                assert not is_excluded(case, case.households[name], case.units[unit])


@pytest.mark.parametrize("rules", [NOTHING_HIDDEN, Shortlists(quiet_km=4.0, blank_share=0.2, left_out_share=0.3)])
def test_of_a_unit_that_somebody_has_nothing_is_told_but_that(rules: Shortlists) -> None:
    """Of every unit that another household has, by the plan and not by the answer: also where a rule is broken."""
    looked_at = 0
    for seed in range(4):
        asked = county(seed, rules=rules)
        case, plan = Case(asked), plan_of(asked)
        placed = {each.household: each.unit for each in plan.placements}
        desk = Desk(case, placed, KEY)
        at_the_desk = {(each.id, one.unit): one for each in asked.households for one in desk.answers(each.id)}
        for (name, unit), found in every_answer(asked, plan).items():
            if unit in (placed.get(name), case.households[name].current_unit) or unit not in placed.values():
                continue
            assert found == WhyNot((HELD,))
            assert at_the_desk[name, unit] == Answer(unit, (HELD,))
            looked_at += bool(public_faults(case, case.households[name], case.units[unit]))
    assert looked_at > 200, "in most of them a rule is broken"


def test_of_a_unit_that_is_not_offered_no_rule_is_told() -> None:
    asked = county(1, rules=Shortlists(quiet_km=4.0, blank_share=0.2, left_out_share=0.3))
    case, plan = Case(asked), plan_of(asked)
    placed = {each.household: each.unit for each in plan.placements}
    desk = Desk(case, placed, KEY)
    found, looked_at = every_answer(asked, plan), 0
    for household in asked.households:
        told = {unit.id for unit in desk.told_of(household.id)}
        known = {household.current_unit, *placed.values(), *told}
        for unit in asked.units:
            if unit.id not in known:
                assert found[household.id, unit.id] == WhyNot((NOT_OFFERED,))
                looked_at += bool(public_faults(case, household, unit))
    assert looked_at > 20


def test_a_unit_that_was_accepted_for_another_household_since_is_one_that_somebody_has() -> None:
    asked = county(1)
    plan = plan_of(asked)
    stock, offered = stock_of(asked, plan, KEY), 0
    for sheet in sheets(asked, plan).values():
        for unit in asked.units:
            before, since = (why_not(stock, sheet, unit.id, is_accepted=each) for each in (False, True))
            assert HELD in since.codes or set(since.codes) - {TODAY} == set(before.codes) - {TODAY}
            assert since.unit is None and OFFERED not in since.codes
            offered += OFFERED in before.codes
            assert stock.token(unit.id) == token_of(KEY, unit.id)
    assert offered > 50


def test_no_number_of_questions_narrows_down_the_unit_of_somebody_withheld() -> None:
    """Asked of every unit by everybody else's page: units that somebody has cannot be told from each other."""
    for seed in range(4):
        asked = county(seed)
        plan = plan_of(asked)
        stock, shown = stock_of(asked, plan, KEY), sheets(asked, plan)
        placed = {each.household: each.unit for each in plan.placements}
        staying = [each for each in asked.households if placed.get(each.id) == each.current_unit]
        for household in staying:
            others = [sheet for name, sheet in shown.items() if name != household.id]
            told = {unit.id: {why_not(stock, sheet, unit.id) for sheet in others} for unit in asked.units}
            assert told[str(household.current_unit)] == {WhyNot((HELD,))}


def test_no_answer_tells_which_unit_somebody_lives_in_who_is_not_shown_there() -> None:
    """Had the household no unit of today at all, every answer would be the same, but where the plan lets it stay."""
    for seed in range(4):
        asked = county(seed)
        plan = plan_of(asked)
        stock = stock_of(asked, plan, KEY)
        withheld = tuple(f"adult of {each.id}" for each in asked.households)
        bare = replace(asked, households=tuple(replace(each, current_unit=None) for each in asked.households))
        hidden, nowhere = sheets(asked, plan, withheld), sheets(bare, plan)
        for household in asked.households:
            sheet, other = hidden[household.id], nowhere[household.id]
            other = replace(other, proposed=sheet.proposed, stays_unseen=sheet.stays_unseen)
            names = {unit.id: unit.id for unit in asked.units}
            for unit in names:
                got, expected = why_not(stock, sheet, unit), why_not(stock, other, unit)
                if unit in (household.refused_units if unit == household.current_unit else ()):
                    continue
                assert got.codes == expected.codes or set(got.codes) ^ set(expected.codes) == {OFFERED}
                assert TODAY not in got.codes and "move" not in {each.level for each in got.differences}


def test_what_was_decided_on_the_unit_of_today_is_not_told_where_that_is_not_shown() -> None:
    asked = county(0)
    first = asked.households[0]
    home = str(first.current_unit)
    refused, accepted = replace(first, refused_units=(home, "u1")), replace(first, accepted_unit=home, refused_units=())
    for household in (refused, accepted):
        changed = replace(asked, households=(household, *asked.households[1:]))
        plan = plan_of(asked)
        sheet = sheets(changed, plan, ("adult of h0",))["h0"]
        assert home not in (sheet.asked.accepted_unit, *sheet.asked.refused_units, sheet.asked.current_unit)
        shown = sheets(changed, plan)["h0"].asked
        assert home in (shown.accepted_unit, *shown.refused_units)


def test_references_are_found_as_people_write_them() -> None:
    asked = county(0)
    named = replace(asked, units=(replace(asked.units[0], id="NM/TA 0007"), *asked.units[1:]), households=())
    named = replace(named, units=tuple(replace(each, council_district="Alder") for each in named.units))
    stock, sheet = stock_of(named, plan_of(named), KEY), replace(sheets(asked, plan_of(asked))["h0"], district="Alder")
    assert stock.find_unit(" nm/ta0007 ", sheet) == "NM/TA 0007"
    assert stock.find_unit("nm/ta", sheet) is None
    assert stock.find_references("nm/TA", 5, sheet) == ("NM/TA 0007",)
    assert stock.find_references("u1", 3, sheet) == ("u1", "u10", "u11")
    assert stock.find_references("  ", 5, sheet) == ()
    with pytest.raises(KeyError):
        why_not(stock, sheets(asked, plan_of(asked))["h0"], "nowhere")


def test_of_another_councils_stock_only_what_the_plan_names_is_found() -> None:
    """By whose list it stands on, not by where it lies."""
    asked = replace(county(1), shortlists=replace(NOTHING_HIDDEN, length=2))
    lists = {unit.id: ("Alder", "Birch")[number % 3 == 0] for number, unit in enumerate(asked.units)}
    asked = replace(asked, units=tuple(replace(each, council_district=lists[each.id]) for each in asked.units))
    plan = plan_of(asked)
    stock, absent = stock_of(asked, plan, KEY), 0
    for sheet in sheets(asked, plan).values():
        named = {each.unit.id for each in (sheet.today, *sheet.choices) if each}
        for unit, council in lists.items():
            is_found = council == sheet.district or unit in named
            assert stock.find_unit(unit, sheet) == (unit if is_found else None)
            assert (unit in stock.find_references(unit, 40, sheet)) == is_found
            absent += not is_found and unit in stock.held
    assert absent > 50


def test_a_stock_is_read_back_as_it_was_written_and_names_nobody() -> None:
    asked = county(0, share=0.5)
    stock = stock_of(asked, plan_of(asked), KEY)
    text = write(stock)
    assert parse(text, StockSheet, "stock") == stock
    assert not [each.id for each in asked.households if f'"{each.id}"' in text]
