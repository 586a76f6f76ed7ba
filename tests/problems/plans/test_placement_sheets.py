"""What a plan says of each household on one page, and what it must not say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from braid.language.documents import parse, write
from braid.planning.contract import Binding, Limits, Reason
from braid.planning.kinds import KINDS
from braid.planning.placements.model import (
    Child,
    Household,
    MovePlan,
    Placement,
    PlacementPlan,
    Problem,
    School,
    Shortlists,
    Step,
    Unit,
    UnitType,
)
from braid.planning.travel.model import Point
from braid.problems.plans.decisions import Decided, apply_decisions, find_household, share_in_common
from braid.problems.plans.placement_sheets import PLACELESS, HouseholdSheet, reference_of, sheets_of, token_of

ON_DATE = dt.date(2026, 12, 1)
KEY = b"k" * 32
PEOPLE = {"family": ("mother", "son"), "son": ("son",), "pair": ("one", "two"), "crowded": ("ada", "bo"), "bo": ("bo",)}


def unit(name: str, bedrooms: int, east: float, kind: UnitType = "leased", night_pence: float = 4_000.0) -> Unit:
    return Unit(name, "Alder", kind, bedrooms, night_pence, Point(-2.3 + east, 53.5))


def problem(**changes: object) -> Problem:
    """A family in bed and breakfast that needs the unit of a pair, who go to an empty one: a chain of two."""
    units = (
        unit("shared", 1, 0, "bed_and_breakfast", 9_000.0),
        unit("two", 2, 0.01),
        unit("one", 1, 0.02),
        unit("big", 3, 0.4),
    )
    family = Household(
        "family", "Alder", 2, children=(Child("son", 9, "school"),), current_unit="shared", bed_and_breakfast_days=36
    )
    pair = Household("pair", "Alder", 1, current_unit="two")
    made = Problem(
        kind="placements",
        on_date=ON_DATE,
        districts=("Alder",),
        schools=(School("school", Point(-2.3, 53.5)),),
        units=units,
        households=(family, pair),
        shortlists=Shortlists(quiet_km=0.0, blank_share=0.0, left_out_share=0.0),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def plan_of(asked: Problem) -> PlacementPlan:
    return KINDS["placements"].solve(asked, Limits(seconds=1.0))


def sheets(asked: Problem, withheld: tuple[str, ...] = ()) -> dict[str, HouseholdSheet]:
    found = sheets_of(asked, plan_of(asked), PEOPLE, KEY, withheld)
    return {("family" if "son" in each.people else "pair"): each for each in found}


def test_a_sheet_says_today_the_proposal_the_days_left_and_the_chain() -> None:
    found = sheets(problem())
    family, pair = found["family"], found["pair"]
    assert family.today is not None and family.proposed is not None
    assert (family.today.unit.id, family.proposed.unit.id) == ("shared", "two")
    assert (family.days_left, family.is_move) == (6, True)
    assert family.today.broken == ("too_few_bedrooms",)
    assert [each.child for each in family.proposed.journeys] == ["son"]
    assert pair.proposed is not None and pair.proposed.unit.id == "one"
    assert pair.days_left is None
    assert family.chain == pair.chain is not None
    assert (pair.place_in_chain, family.place_in_chain) == (0, 1)
    assert [each.unit.id for each in family.offered] == ["big"]
    assert family.levels["unplaced"] == (1.0, 0.0)


def test_a_sheet_is_read_back_as_it_was_written() -> None:
    for each in sheets(problem()).values():
        assert parse(write(each), HouseholdSheet, "sheet") == each


def test_where_somebody_withheld_is_today_is_nowhere_in_their_sheet() -> None:
    """Nor is who waits for them: their unit would be the one proposed to somebody else."""
    for withheld in ("son", "mother"):
        family = sheets(problem(), (withheld,))["family"]
        assert '"shared"' not in write(family)
        assert (family.today, family.chain, set(family.levels)) == (None, None, set(PLACELESS))
        assert (family.today_type, family.today_bedrooms) == ("bed_and_breakfast", 1)
        assert [each.rule for each in family.reasons[0].bindings] == ["too_few_bedrooms", "not_offered"]
        assert all(step.from_unit is None for step in family.steps)
        assert family.proposed is not None and not family.stays_unseen
        assert family.days_left == 6


def test_somebody_withheld_who_stays_is_shown_in_no_unit_at_all() -> None:
    """The unit that is proposed would be the one of today."""
    asked = problem()
    still = tuple(replace(each, may_move=False, bedrooms_needed=1) for each in asked.households)
    found = sheets(replace(asked, households=still), ("son",))["family"]
    assert (found.stays_unseen, found.is_move, found.proposed, found.today) == (True, False, None, None)
    assert '"shared"' not in write(found)


def test_somebody_withheld_who_shares_a_unit_is_shown_in_it_neither_today_nor_where_it_stays() -> None:
    asked = problem()
    family, pair = asked.households
    sharing = replace(
        asked, households=(replace(family, current_unit=None, shared_unit="two"), replace(pair, current_unit="two"))
    )
    for goes_to, pair_in in (("two", "one"), ("big", "two")):
        plan = plan_of(sharing)
        placed = (Placement("family", goes_to), Placement("pair", pair_in))
        steps = (Step(ON_DATE, "family", None, goes_to),)
        plan = replace(plan, placements=placed, moves=MovePlan(steps=steps))
        (shown, _) = sheets_of(sharing, plan, PEOPLE, KEY)
        (hidden, _) = sheets_of(sharing, plan, PEOPLE, KEY, ("son",))
        assert shown.today is not None and shown.today.unit.id == "two"
        assert (hidden.today, hidden.is_move) == (None, shown.is_move)
        assert shown.is_move == (goes_to == "big")
        assert hidden.stays_unseen == (not shown.is_move)
        assert '"two"' not in write(replace(hidden, offered=()))


def test_whoever_waits_for_the_unit_of_somebody_withheld_is_in_no_chain() -> None:
    family = sheets(problem(), ("one",))["family"]
    assert (family.chain, family.place_in_chain) == (None, 0)


def test_of_whom_nobody_knows_who_they_are_there_is_no_sheet() -> None:
    asked = problem()
    known = {name: ids for name, ids in PEOPLE.items() if name != "pair"}
    assert [each.people for each in sheets_of(asked, plan_of(asked), known, KEY)] == [("mother", "son")]


def test_what_safety_forbids_stands_in_no_sheet() -> None:
    asked = problem()
    plan = plan_of(asked)
    unsafe = Reason("family", "moved", (Binding("exclusion_zone", "two", "", 1, is_safety=True),))
    (family, _) = sheets_of(asked, replace(plan, reasons=(unsafe,)), PEOPLE, KEY)
    assert [each.rule for each in family.reasons[0].bindings] == ["not_offered"]


def test_tokens_and_references_are_keyed_and_the_same_each_time() -> None:
    assert token_of(KEY, "two") == token_of(KEY, "two") != token_of(b"x" * 32, "two")
    assert "two" not in token_of(KEY, "two")
    assert reference_of(KEY, ("a", "b")) == reference_of(KEY, ("a", "b")) != reference_of(KEY, ("a", "c"))


def test_a_decision_follows_a_household_through_a_birth_and_not_into_another() -> None:
    households = {"now": ("a", "b", "c"), "other": ("d",)}
    assert share_in_common(("a", "b"), households["now"]) == 2 / 3
    assert find_household(("a", "b"), households) == "now"
    assert find_household(("a", "x", "y"), households) is None
    assert find_household((), households) is None


def decide(*decided: Decided) -> tuple[dict[str, Household], int]:
    asked = problem()
    people = {"family": PEOPLE["family"], "pair": PEOPLE["pair"]}
    found, gone = apply_decisions(asked.households, people, decided, {each.id for each in asked.units})
    return {each.id: each for each in found}, gone


FAMILY, PAIR = frozenset(PEOPLE["family"]), frozenset(PEOPLE["pair"])


def test_the_next_plan_takes_what_was_decided_and_nothing_else() -> None:
    found, gone = decide(Decided(FAMILY, "two", is_accepted=False), Decided(PAIR, "big", is_accepted=True))
    assert (found["family"].refused_units, found["family"].accepted_unit) == (("two",), None)
    assert (found["pair"].refused_units, found["pair"].accepted_unit) == ((), "big")
    assert gone == 0
    assert decide()[0] == {each.id: each for each in problem().households}


def test_the_later_of_two_decisions_holds() -> None:
    accepted, refused = Decided(FAMILY, "two", is_accepted=True), Decided(FAMILY, "two", is_accepted=False)
    assert decide(accepted, refused)[0]["family"].refused_units == ("two",)
    assert decide(accepted, refused)[0]["family"].accepted_unit is None
    assert decide(refused, accepted)[0]["family"].accepted_unit == "two"
    assert decide(refused, accepted)[0]["family"].refused_units == ()


def test_one_unit_is_accepted_for_one_household_and_a_unit_that_is_gone_is_counted() -> None:
    found, gone = decide(
        Decided(FAMILY, "two", is_accepted=True),
        Decided(PAIR, "two", is_accepted=True),
        Decided(PAIR, "sold", is_accepted=True),
        Decided(frozenset({"gone away"}), "big", is_accepted=True),
    )
    assert (found["family"].accepted_unit, found["pair"].accepted_unit) == ("two", None)
    assert gone == 1


def test_a_plan_keeps_to_what_was_decided() -> None:
    found, _ = decide(Decided(FAMILY, "big", is_accepted=True), Decided(PAIR, "one", is_accepted=False))
    asked = problem(households=tuple(found.values()))
    placed = {each.household: each.unit for each in plan_of(asked).placements}
    assert placed == {"family": "big", "pair": "two"}
