"""Checks a plan of placements by deriving every hard rule and every level again from problem and plan.

Plain Python that shares nothing with the engines. A plan may say anything: whatever it names that is not in the
problem, or names twice, is reported and nothing else of it is believed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from braid.language.documents import fingerprint
from braid.planning.contract import Broken, Checked, Level, broken_certificate
from braid.planning.placements import moves_checker
from braid.planning.placements.lawfulness import (
    PAIR_RULES,
    Case,
    is_lawful,
    journey_of,
    longest_minutes,
    straight_km,
    walking_km,
)
from braid.planning.placements.model import (
    Child,
    Household,
    OutOfArea,
    PlacementPlan,
    Problem,
    SchoolJourney,
    Unit,
)

CENT = 1e-4
"""Pence, minutes and kilometres differ by less than this where they are the same."""


@dataclass(frozen=True)
class Read:
    """A plan beside its problem: what of it can be believed."""

    case: Case
    plan: PlacementPlan

    @cached_property
    def pairs(self) -> list[tuple[Household, Unit]]:
        """Each household with the first unit it is placed in, where the problem knows both."""
        found: dict[str, tuple[Household, Unit]] = {}
        for each in self.plan.placements:
            household, unit = self.case.households.get(each.household), self.case.units.get(each.unit)
            if household and unit:
                found.setdefault(household.id, (household, unit))
        return list(found.values())


Rule = Callable[[Read], Iterable[Broken]]


def knows_all_names(read: Read) -> Iterator[Broken]:
    """`unknown`: every household and unit of the plan is in the problem."""
    for each in read.plan.placements:
        if each.household not in read.case.households or each.unit not in read.case.units:
            yield Broken("unknown", (each.household, each.unit))
    for name in read.plan.unplaced:
        if name not in read.case.households:
            yield Broken("unknown", (name,))


def has_everybody_once(read: Read) -> Iterator[Broken]:
    """`once`: each household is placed or unplaced, and that once."""
    named = Counter([*(each.household for each in read.plan.placements), *read.plan.unplaced])
    for household in read.case.households:
        if named[household] != 1:
            yield Broken("once", (household,))


def lets_no_unit_twice(read: Read) -> Iterator[Broken]:
    """`unit_twice`: no unit is given to two households."""
    let = Counter(each.unit for each in read.plan.placements)
    for unit, times in let.items():
        if times > 1:
            yield Broken("unit_twice", (unit,))


def _pair_rule(code: str) -> Rule:
    def holds(read: Read) -> Iterator[Broken]:
        for household, unit in read.pairs:
            if PAIR_RULES[code](read.case, household, unit):
                yield Broken(code, (household.id, unit.id))

    holds.__name__ = f"pair_{code}"
    return holds


def moves_nobody_who_may_stay(read: Read) -> Iterator[Broken]:
    """`must_stay`: whoever may not be asked to move stays in a current unit that is lawful."""
    placed = {household.id: unit.id for household, unit in read.pairs}
    for household in read.case.households.values():
        unit = read.case.units.get(household.current_unit or "")
        if unit is None or household.may_move or placed.get(household.id) == unit.id:
            continue
        if is_lawful(read.case, household, unit):
            yield Broken("must_stay", (household.id,))


def keeps_budgets(read: Read) -> Iterator[Broken]:
    """`budget`: the nights of a district's households, or of all, cost no more than their budget."""
    for budget in read.case.problem.budgets:
        spent = math.fsum(
            unit.night_pence
            for household, unit in read.pairs
            if budget.district is None or household.home_district == budget.district
        )
        if spent > budget.night_pence + CENT:
            yield Broken("budget", (budget.district or "all",))


def says_journeys_truly(read: Read) -> Iterator[Broken]:
    """`journeys`: each placement says of each child at school how far it is, and how that is known."""
    for each in read.plan.placements:
        household, unit = read.case.households.get(each.household), read.case.units.get(each.unit)
        if household and unit and not _same_journeys(each.journeys, _journeys(read.case, household, unit)):
            yield Broken("journeys", (household.id,))


def _journeys(case: Case, household: Household, unit: Unit) -> list[SchoolJourney]:
    found = [journey_of(case, child, unit) for child in household.children]
    return [each for each in found if each is not None]


def _same_journeys(stated: Sequence[SchoolJourney], derived: Sequence[SchoolJourney]) -> bool:
    if len(stated) != len(derived):
        return False
    return all(_same_journey(one, other) for one, other in zip(stated, derived, strict=True))


def _same_journey(one: SchoolJourney, other: SchoolJourney) -> bool:
    same_words = (one.child, one.reach, one.walking, one.reckoned) == (
        other.child,
        other.reach,
        other.walking,
        other.reckoned,
    )
    return same_words and abs(one.minutes - other.minutes) < CENT and abs(one.km - other.km) < CENT


def tells_who_leaves_the_district(read: Read) -> Iterator[Broken]:
    """`out_of_area`: each move into another district, for a while or not, is named for its notice; no other."""
    stated = Counter(read.plan.out_of_area)
    derived = Counter(
        OutOfArea(
            household.id,
            household.home_district,
            unit.district,
            step.on_date,
            tuple(child.id for child in household.children if child.school),
        )
        for step in read.plan.moves.steps
        if (household := read.case.households.get(step.household)) and (unit := read.case.units.get(step.to_unit))
        if household.home_district != unit.district
    )
    for notice in (stated - derived) + (derived - stated):
        yield Broken("out_of_area", (notice.household,))


def explains_everybody_alike(read: Read) -> Iterator[Broken]:
    """`reasons_alike`: each reason has one line about safety, whether or not anything stands behind it."""
    for reason in read.plan.reasons:
        if sum(each.is_safety for each in reason.bindings) != 1:
            yield Broken("reasons_alike", (reason.item,))


def can_be_moved(read: Read) -> Iterator[Broken]:
    """Every rule of the moves, replayed night by night by `moves_checker`."""
    placed = {household.id: unit.id for household, unit in read.pairs}
    yield from moves_checker.check(read.case, placed, read.plan.moves)


RULES: tuple[Rule, ...] = (
    knows_all_names,
    has_everybody_once,
    lets_no_unit_twice,
    *(_pair_rule(code) for code in PAIR_RULES),
    moves_nobody_who_may_stay,
    keeps_budgets,
    says_journeys_truly,
    tells_who_leaves_the_district,
    explains_everybody_alike,
    can_be_moved,
)
"""Every hard rule."""


def check(problem: Problem, plan: PlacementPlan, rules: Sequence[Rule] = RULES) -> Checked:
    """Return the hard rules that a plan breaks and what it is worth by level. Never raises on a plan of any content."""
    read = Read(Case(problem), plan)
    broken = [each for rule in rules for each in rule(read)]
    levels = levels_of(read.case, read.pairs)
    broken += broken_certificate(plan.certificate, levels, fingerprint(problem))
    return Checked(tuple(broken), levels)


def levels_of(case: Case, pairs: Sequence[tuple[Household, Unit]]) -> tuple[Level, ...]:
    """Return the objective by level of households in units, in the order of their importance."""
    prices = case.problem.prices
    children = [(household, unit, child) for household, unit in pairs for child in household.children]
    journeys = [(child, journey_of(case, child, unit)) for _, unit, child in children]
    known = [(child, journey) for child, journey in journeys if journey is not None]
    amounts = {
        "unplaced": float(len(case.households) - len(pairs)),
        "out_of_reach": float(sum(_is_out_of_reach(case, child, journey) for child, journey in known)),
        "exam_year": float(sum(_is_exam_year_upset(case, *each) for each in children)),
        "bed_and_breakfast": float(sum(_is_family_in_bed_and_breakfast(*pair) for pair in pairs)),
        "out_of_area": float(sum(household.home_district != unit.district for household, unit in pairs)),
        "beyond_walking": float(sum(journey.km > walking_km(child, case.problem.norms) for child, journey in known)),
        "school_minutes": math.fsum(2 * journey.minutes for _, journey in known),
        "move": float(sum(_moves(household, unit) for household, unit in pairs)),
        "pound": math.fsum(unit.night_pence for _, unit in pairs) / 100,
        "home_km": math.fsum(_home_km(case, household, unit) for household, unit in pairs),
    }
    return tuple(Level(name, amount, getattr(prices, name)) for name, amount in amounts.items())


def _is_family_in_bed_and_breakfast(household: Household, unit: Unit) -> bool:
    return household.is_family and unit.type == "bed_and_breakfast"


def _is_out_of_reach(case: Case, child: Child, journey: SchoolJourney) -> bool:
    return journey.minutes > longest_minutes(child, case.problem.norms)


def _is_exam_year_upset(case: Case, household: Household, unit: Unit, child: Child) -> bool:
    journey = journey_of(case, child, unit)
    is_beyond = journey is not None and _is_out_of_reach(case, child, journey)
    return child.is_exam_year and (is_beyond or _moves(household, unit))


def _moves(household: Household, unit: Unit) -> bool:
    return household.current_unit is not None and household.current_unit != unit.id


def _home_km(case: Case, household: Household, unit: Unit) -> float:
    if household.home is None:
        return 0.0
    return straight_km(household.home, unit.point) * case.problem.travel.circuity
