"""The slow obvious way to place a few households: every assignment there is, looked at one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from braid.planning.contract import value_of
from braid.planning.placements.checker import levels_of
from braid.planning.placements.lawfulness import Case, is_lawful
from braid.planning.placements.model import Household, Problem, Unit

Pairs = tuple[tuple[Household, Unit], ...]


def best_value(problem: Problem) -> float:
    """Return the value of the best plan. Takes time by the power of the households: for six or so."""
    case = Case(problem)
    worth = {
        (household.id, unit.id): value_of(levels_of(_alone(case, household), [(household, unit)]))
        for household in problem.households
        for unit in problem.units
    }
    return min(
        sum(worth[household.id, unit.id] for household, unit in pairs)
        + problem.prices.unplaced * (len(problem.households) - len(pairs))
        for pairs in every_assignment(case)
        if _keeps_budgets(problem, pairs)
    )


def _alone(case: Case, household: Household) -> Case:
    return Case(replace(case.problem, households=(household,)))


def every_assignment(case: Case, placed: Pairs = (), position: int = 0) -> Iterator[Pairs]:
    """Yield every lawful assignment, each household in one unit or none, budgets aside."""
    if position == len(case.problem.households):
        yield placed
        return
    household = case.problem.households[position]
    options = _options(case, household)
    if not _must_stay(household, options):
        yield from every_assignment(case, placed, position + 1)
    for unit in options:
        if all(unit is not other for _, other in placed):
            yield from every_assignment(case, (*placed, (household, unit)), position + 1)


def _options(case: Case, household: Household) -> list[Unit]:
    lawful = [unit for unit in case.problem.units if is_lawful(case, household, unit)]
    if not household.may_move and any(unit.id == household.current_unit for unit in lawful):
        return [unit for unit in lawful if unit.id == household.current_unit]
    return lawful


def _must_stay(household: Household, options: list[Unit]) -> bool:
    return not household.may_move and [unit.id for unit in options] == [household.current_unit]


def _keeps_budgets(problem: Problem, pairs: Pairs) -> bool:
    return all(
        sum(unit.night_pence for household, unit in pairs if budget.district in (None, household.home_district))
        <= budget.night_pence + 1e-6
        for budget in problem.budgets
    )
