"""Why a household is not proposed some other unit of the stock, for whoever asks of one by its reference.

The answer is that of the desk of the planning room: that a household has the unit in the plan, that it is not offered,
in the same words whatever stands behind it, or a rule that anybody may know. Which rules a unit breaks says its rooms
and kind, so that of one that somebody has, or that is not offered, none is said. Figures are told of a unit alone that
nobody has, that no such rule speaks against, and that the shortlist could be drawn from: which these are depends on no
exclusion. So whoever asks of every unit of the stock learns of nobody's safety, nor who lives where. Rules, journeys
and levels are those of the checker, over a problem made of two sheets: that of the stock and that of the household.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from braid.language.documents import Part
from braid.planning.contract import value_of
from braid.planning.placements.checker import CENT, levels_of
from braid.planning.placements.lawfulness import Case, journey_of
from braid.planning.placements.model import (
    Household,
    Journey,
    Norms,
    PlacementPlan,
    Prices,
    Problem,
    SchoolJourney,
    Travel,
    Unit,
)
from braid.planning.placements.reasons import WHOLE_PLAN, public_faults
from braid.planning.placements.shortlists import HELD, NOT_OFFERED, OFFERED, PROPOSED
from braid.problems.plans.placement_sheets import HouseholdSheet, token_of

TODAY, MUST_STAY, BUDGET, WORSE = "today", "must_stay", "budget", "worse"
CHILD_LEVELS = ("out_of_reach", "exam_year", "beyond_walking")
"""Levels that count children, so that it can be said which."""


@dataclass(frozen=True)
class BudgetLeft(Part):
    """What a plan leaves of a budget a night: of one district's households, or of all where `district` is null."""

    district: str | None
    night_pence: float


@dataclass(frozen=True)
class StockSheet(Part):
    """The stock of a plan with its rules and prices. Who lives or goes where is not in it, only what somebody has."""

    on_date: dt.date
    within_days: int
    districts: tuple[str, ...]
    units: tuple[Unit, ...]
    held: tuple[str, ...]
    """Units that a household has in the plan, whoever it is: also one without people, of which nobody is told."""
    journeys: tuple[Journey, ...]
    norms: Norms
    travel: Travel
    prices: Prices
    budgets: tuple[BudgetLeft, ...]
    tokens: tuple[str, ...] = ()
    """The units by a keyed hash, in their order: what was answered since names them so."""

    def token(self, unit: str) -> str:
        """Return a unit by its keyed hash; empty where none is known. Raises `KeyError` for no unit of the stock."""
        return self.tokens[self.units.index(get_unit(self, unit))] if self.tokens else ""

    def list_askable(self, sheet: HouseholdSheet) -> frozenset[str]:
        """Return the units that may be asked about for a household, by reference.

        Those that the council lists which owes it the duty, and those that its page names anyway. That another
        council's unit is held, its kind and its price are known to that council alone.
        """
        own = {unit.id for unit in self.units if (unit.council_district or unit.district) == sheet.district}
        named = {choice.unit.id for choice in (sheet.today, *sheet.choices) if choice is not None}
        return frozenset(own | named)

    def find_references(self, text: str, most: int, sheet: HouseholdSheet) -> tuple[str, ...]:
        """Return at most so many references to ask about that hold a text, whatever its capitals and blanks."""
        wanted = _plain(text)
        found = [name for name in self.list_askable(sheet) if wanted in _plain(name)] if wanted else []
        return tuple(sorted(found, key=lambda name: (len(name), name))[:most])

    def find_unit(self, reference: str, sheet: HouseholdSheet) -> str | None:
        """Return the unit to ask about of a reference as people write it; `None` for none, or a reference of two."""
        known = self.list_askable(sheet)
        if reference.strip() in known:
            return reference.strip()
        alike = [name for name in known if _plain(name) == _plain(reference)]
        return alike[0] if len(alike) == 1 else None


def _plain(reference: str) -> str:
    return "".join(reference.split()).casefold()


@dataclass(frozen=True)
class Difference:
    """By how much a unit differs from the one proposed in one level; more is worse. `children` by person id."""

    level: str
    amount: float
    children: tuple[str, ...] = ()


@dataclass(frozen=True)
class WhyNot:
    """Why a unit is not the one proposed. Figures are empty where none may be told."""

    codes: tuple[str, ...]
    """Rules that it breaks; or one of proposed, held, not_offered, must_stay, budget, worse, by_the_whole_plan. Before
    them `today` where it is the unit of today, and `offered` where it is one that can be chosen."""
    unit: Unit | None = None
    journeys: tuple[SchoolJourney, ...] = ()
    differences: tuple[Difference, ...] = ()
    """From the unit proposed, the most important level first."""
    counts_more: float | None = None
    """By how much it counts more than the unit proposed, by the prices of the plan; null where none is known."""


def stock_of(problem: Problem, plan: PlacementPlan, key: bytes) -> StockSheet:
    """Return the stock of a plan as a sheet. `key` is the place's own (32 bytes)."""
    used = {child.school for household in problem.households for child in household.children}
    return StockSheet(
        on_date=problem.on_date,
        within_days=problem.within_days,
        districts=problem.districts,
        units=problem.units,
        held=tuple(sorted({each.unit for each in plan.placements})),
        journeys=tuple(each for each in problem.journeys if each.school in used),
        norms=problem.norms,
        travel=problem.travel,
        prices=problem.prices,
        budgets=tuple(_budgets_left(problem, plan)),
        tokens=tuple(token_of(key, unit.id) for unit in problem.units),
    )


def _budgets_left(problem: Problem, plan: PlacementPlan) -> list[BudgetLeft]:
    case = Case(problem)
    pairs = [(case.households[each.household], case.units[each.unit]) for each in plan.placements]
    return [
        BudgetLeft(budget.district, budget.night_pence - math.fsum(_nights(pairs, budget.district)))
        for budget in problem.budgets
    ]


def _nights(pairs: list[tuple[Household, Unit]], district: str | None) -> list[float]:
    return [unit.night_pence for household, unit in pairs if district in (None, household.home_district)]


def why_not(stock: StockSheet, sheet: HouseholdSheet, unit: str, *, is_accepted: bool = False) -> WhyNot:
    """Return why a unit of the stock is not the one proposed for a household. Raises `KeyError` for any other unit.

    `is_accepted` says that it was accepted for another household since: then that household has it.
    """
    is_held = is_accepted or unit in stock.held
    return _Question(stock, sheet, get_unit(stock, unit), is_held, is_accepted).answer()


def get_unit(stock: StockSheet, name: str) -> Unit:
    """Return a unit of the stock. Raises `KeyError`."""
    found = next((unit for unit in stock.units if unit.id == name), None)
    if found is None:
        raise KeyError(name)
    return found


@dataclass(frozen=True)
class _Question:
    """One unit of the stock, asked of one household."""

    stock: StockSheet
    sheet: HouseholdSheet
    unit: Unit
    is_held: bool
    is_accepted: bool
    """For another household, since the plan was made."""

    @cached_property
    def case(self) -> Case:
        """The household and the stock as a problem, for the checker's rules."""
        stock = self.stock
        return Case(
            Problem(
                kind="placements",
                on_date=stock.on_date,
                districts=stock.districts,
                schools=self.sheet.schools,
                units=stock.units,
                households=(self.sheet.asked,),
                journeys=stock.journeys,
                within_days=stock.within_days,
                norms=stock.norms,
                travel=stock.travel,
                prices=stock.prices,
            )
        )

    @property
    def proposed(self) -> Unit | None:
        return self.sheet.proposed.unit if self.sheet.proposed else None

    def answer(self) -> WhyNot:
        """Return the first that holds of: proposed, somebody has it, not offered, broken rules; else its figures.

        Rules say bedrooms, kind and access of a unit. Of that of today, where it is shown, they come first.
        """
        today = (TODAY,) if self.sheet.asked.current_unit == self.unit.id else ()
        if self.proposed is not None and self.proposed.id == self.unit.id:
            return WhyNot((*today, PROPOSED, *((HELD,) if self.is_accepted else ())))
        if not today and self.is_held:
            return WhyNot((HELD,))
        if not today and not self._is_told():
            return WhyNot((NOT_OFFERED,))
        faults = public_faults(self.case, self.sheet.asked, self.unit)
        if faults:
            return WhyNot((*today, *faults))
        if self.is_held:
            return WhyNot((*today, HELD))
        return self._with_figures(today) if self._is_told() else WhyNot((*today, NOT_OFFERED))

    def _is_told(self) -> bool:
        """Whether figures of it may be told: the bit of the unit, as the sheet has it."""
        position = self.stock.units.index(self.unit)
        last = len(self.stock.units) - 1
        return not self.sheet.told or bool(int(self.sheet.told, 16) >> (last - position) & 1)

    def _with_figures(self, today: tuple[str, ...]) -> WhyNot:
        differences, more = self._differences(), self._counts_more()
        is_offered = any(each.unit.id == self.unit.id for each in self.sheet.offered)
        journeys = (journey_of(self.case, child, self.unit) for child in self.sheet.asked.children)
        return WhyNot(
            codes=(*today, *((OFFERED,) if is_offered else ()), self._why(more)),
            unit=self.unit,
            journeys=tuple(each for each in journeys if each is not None),
            differences=differences,
            counts_more=more,
        )

    def _why(self, more: float | None) -> str:
        if self._must_stay():
            return MUST_STAY
        if any(self._exceeds(budget) for budget in self.stock.budgets):
            return BUDGET
        return WORSE if more is not None and more > CENT else WHOLE_PLAN

    def _must_stay(self) -> bool:
        """Whether the household may not be asked to move, and lives where it may, as far as that is shown."""
        asked = self.sheet.asked
        return not asked.may_move and asked.current_unit is not None and not self.sheet.today_broken

    def _exceeds(self, budget: BudgetLeft) -> bool:
        if budget.district not in (None, self.sheet.district) or self.sheet.stays_unseen:
            return False
        now = self.proposed.night_pence if self.proposed else 0.0
        return self.unit.night_pence - now > budget.night_pence + CENT

    def _differences(self) -> tuple[Difference, ...]:
        if self.proposed is None:
            return ()
        was, now = (self._amounts(self.sheet.asked, unit) for unit in (self.proposed, self.unit))
        return tuple(
            Difference(level, now[level] - was[level], self._children(level))
            for level in now
            if abs(now[level] - was[level]) > CENT
        )

    def _children(self, level: str) -> tuple[str, ...]:
        """Return the children whom a level counts in one of the two units and not in the other."""
        if level not in CHILD_LEVELS or self.proposed is None:
            return ()
        found = []
        for child in self.sheet.asked.children:
            alone = replace(self.sheet.asked, children=(child,))
            if self._amounts(alone, self.proposed)[level] != self._amounts(alone, self.unit)[level]:
                found.append(child.id)
        return tuple(found)

    def _amounts(self, household: Household, unit: Unit) -> Mapping[str, float]:
        return {each.name: each.amount for each in levels_of(self.case, [(household, unit)])}

    def _counts_more(self) -> float | None:
        if self.proposed is None:
            return None
        was, now = (value_of(levels_of(self.case, [(self.sheet.asked, unit)])) for unit in (self.proposed, self.unit))
        return now - was
