"""What a plan of placements says of each household, as whoever places it needs to see it on one page.

Made of a problem, its checked plan and who the households are. A sheet holds locations: it rests sealed, and whoever
shows one asks `trust` first. What safety forbids stands in none: reasons are redacted for everybody alike, and units
come from the shortlist, which is made of public facts. Why a household is not in any other unit is judged by
`why_not` from its own sheet and that of the stock.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from braid.language.documents import Part
from braid.planning.contract import Binding, Reason, redact
from braid.planning.placements.checker import levels_of
from braid.planning.placements.lawfulness import Case, journey_of
from braid.planning.placements.model import (
    ExclusionZone,
    Household,
    PlacementPlan,
    Problem,
    School,
    SchoolJourney,
    Step,
    Unit,
    UnitType,
)
from braid.planning.placements.moves import find_waiting
from braid.planning.placements.reasons import public_faults
from braid.planning.placements.shortlists import Desk

PLACELESS = ("unplaced", "bed_and_breakfast", "move")
"""Aims whose amount says nothing of where a household is."""
COMPARING = ("nearer_school", "back_in_home_district")
"""Reasons that compare where it is with where it would be."""
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Choice(Part):
    """A unit beside a household: the one it has, the one proposed, or one that could be chosen instead."""

    unit: Unit
    token: str
    """The unit by a keyed hash: two choices of one unit have one token, and nobody learns a unit from it."""
    journeys: tuple[SchoolJourney, ...]
    """By the person ids of the children."""
    broken: tuple[str, ...] = ()
    """Rules that anybody may know and that the household breaks in it, by code."""


@dataclass(frozen=True)
class ChildOfSheet(Part):
    """A child of a household, by person id."""

    person: str
    age_years: int
    is_exam_year: bool
    school: str | None


@dataclass(frozen=True)
class HouseholdSheet(Part):
    """One household of a plan."""

    reference: str
    """What people call it by: the same in every plan, as long as the same people are in it."""
    district: str
    """The district whose council owes the duty."""
    people: tuple[str, ...]
    children: tuple[ChildOfSheet, ...]
    schools: tuple[School, ...]
    bedrooms_needed: int
    needs_access: bool
    is_family: bool
    bed_and_breakfast_days: int
    most_days: int
    """Days after which a family may be in bed and breakfast no longer."""
    today: Choice | None
    """Null where it has none, or where it is not shown."""
    today_type: UnitType | None
    today_bedrooms: int | None
    """Of the unit of today, also where it is not shown which one that is; null where there is none."""
    today_broken: tuple[str, ...]
    """Rules that anybody may know and that the household breaks there, by code."""
    is_today_shown: bool
    """False of whose location is withheld: a neighbour of somebody protected, of whom no page says it either."""
    proposed: Choice | None
    """Null where the plan found no lawful unit, and where it would name the unit of today that is not shown."""
    stays_unseen: bool
    """Whether it stays in a unit that is not shown."""
    offered: tuple[Choice, ...]
    """Units that nobody has in the plan and that could be chosen instead, those that public figures like best first."""
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]
    """Its own moves, in the order of the plan."""
    chain: int | None
    """Households with the same number wait for each other's units; null where it waits for nobody."""
    place_in_chain: int
    """How many of the chain move before it."""
    cannot_move: str
    """Why its move cannot be made, by code; empty where it can."""
    levels: Mapping[str, tuple[float, float]]
    """By aim: its amount today and by the plan. Unplaced is, today, also who lives where they may not. Where
    today is not shown, only of `PLACELESS`: a sum of the others would say where they are."""
    is_move: bool
    """Whether the plan proposes another unit than that of today."""
    asked: Household
    """The household as anybody may know it who sees the sheet, its children by person id: without exclusion and home,
    and without the unit of today where that is not shown."""
    told: str
    """Of which units of the stock figures may be told: a bit for each in their order, the first the highest, as a
    hexadecimal number; empty where it is of all."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be answered: the unit proposed, and those offered instead."""
        return (*((self.proposed,) if self.proposed else ()), *self.offered)

    @property
    def days_left(self) -> int | None:
        """Days until a family in bed and breakfast must be out of it; `None` where it is in none."""
        if not self.is_family or self.today_type != "bed_and_breakfast":
            return None
        return self.most_days - self.bed_and_breakfast_days


@dataclass(frozen=True)
class _Maker:
    """What all sheets of a plan are made of."""

    case: Case
    people: Mapping[str, tuple[str, ...]]
    key: bytes
    desk: Desk
    reasons: Mapping[str, tuple[Reason, ...]]
    chains: Mapping[str, tuple[int, int]]
    steps: Mapping[str, tuple[Step, ...]]
    cannot: Mapping[str, str]
    withheld: Collection[str]

    def sheet(self, planned: Household) -> HouseholdSheet:
        # Who shares a unit lives there all the same: it is their unit of today, whoever holds it in the plan.
        household = replace(planned, current_unit=planned.lives_in, shared_unit=None)
        proposed = self.case.units.get(self.desk.placed.get(household.id, ""))
        today = self.case.units.get(household.current_unit or "")
        chain, place = self.chains.get(household.id, (None, 0))
        people = self.people[household.id]
        is_shown = not set(people) & set(self.withheld)
        is_move = proposed is not None and proposed.id != household.current_unit
        stays_unseen = proposed is not None and not is_move and not is_shown
        used = {child.school for child in household.children}
        return HouseholdSheet(
            reference=reference_of(self.key, people),
            district=household.home_district,
            people=people,
            children=tuple(
                ChildOfSheet(self._person(each.id), each.age_years, each.is_exam_year, each.school)
                for each in household.children
            ),
            schools=tuple(each for each in self.case.problem.schools if each.id in used),
            bedrooms_needed=household.bedrooms_needed,
            needs_access=household.needs_access,
            is_family=household.is_family,
            bed_and_breakfast_days=household.bed_and_breakfast_days,
            most_days=self.case.problem.norms.bed_and_breakfast_days,
            today=self._choice(household, today) if today and is_shown else None,
            today_type=today.type if today else None,
            today_bedrooms=today.bedrooms if today else None,
            today_broken=tuple(public_faults(self.case, household, today)) if today else (),
            is_today_shown=is_shown,
            proposed=self._choice(household, proposed) if proposed and not stays_unseen else None,
            stays_unseen=stays_unseen,
            offered=tuple(self._choice(household, self.case.units[unit]) for unit in self.desk.shortlist(household.id)),
            reasons=self._reasons(household, is_shown),
            steps=tuple(replace(each, from_unit=None) for each in self.steps.get(household.id, ()) if is_move),
            chain=chain,
            place_in_chain=place,
            cannot_move=self.cannot.get(household.id, ""),
            levels=self._levels(planned, today, proposed, is_shown),
            is_move=is_move,
            asked=self._asked(household, is_shown),
            told=self._told(household.id),
        )

    def _asked(self, household: Household, is_shown: bool) -> Household:
        """Return what anybody may know of a household. Where its unit of today is not shown, no decision names it."""
        hidden = "" if is_shown else household.current_unit
        accepted = household.accepted_unit
        return replace(
            household,
            id="",
            home=None,
            exclusion_zone=ExclusionZone(),
            children=tuple(replace(child, id=self._person(child.id)) for child in household.children),
            current_unit=household.current_unit if is_shown else None,
            accepted_unit=None if accepted == hidden else accepted,
            refused_units=tuple(each for each in household.refused_units if each != hidden),
        )

    def _told(self, household: str) -> str:
        told = {unit.id for unit in self.desk.told_of(household)}
        units = self.case.problem.units
        if len(told) == len(units):
            return ""
        return f"{int('0' + ''.join(str(int(unit.id in told)) for unit in units), 2):x}"

    def _person(self, child: str) -> str:
        return self.people[child][0]

    def _choice(self, household: Household, unit: Unit) -> Choice:
        found = [journey_of(self.case, child, unit) for child in household.children]
        journeys = tuple(replace(each, child=self._person(each.child)) for each in found if each is not None)
        return Choice(unit, token_of(self.key, unit.id), journeys, tuple(public_faults(self.case, household, unit)))

    def _reasons(self, household: Household, is_shown: bool) -> tuple[Reason, ...]:
        """Return why, without what compares a place that is not shown with another."""
        found = self.reasons.get(household.id, ())
        return found if is_shown else tuple(replace(one, bindings=_placeless(one.bindings)) for one in found)

    def _levels(
        self, household: Household, today: Unit | None, proposed: Unit | None, is_shown: bool
    ) -> dict[str, tuple[float, float]]:
        living = replace(household, current_unit=household.lives_in, shared_unit=None)
        alone = Case(replace(self.case.problem, households=(living,)))
        before, after = (levels_of(alone, [(living, unit)] if unit else []) for unit in (today, proposed))
        found = {was.name: (was.amount, now.amount) for was, now in zip(before, after, strict=True)}
        is_unlawful = today is None or not household.current_unit or bool(public_faults(self.case, living, today))
        found["unplaced"] = (float(is_unlawful), float(proposed is None))
        return found if is_shown else {name: found[name] for name in PLACELESS}


def _placeless(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
    return tuple(replace(each, resource="") for each in bindings if each.rule not in COMPARING)


def sheets_of(
    problem: Problem,
    plan: PlacementPlan,
    people: Mapping[str, tuple[str, ...]],
    key: bytes,
    withheld: Collection[str] = (),
) -> Iterator[HouseholdSheet]:
    """Yield the sheet of each household of which is known who they are, in the order of the problem.

    `people` gives person ids by household and by child; `key` is the place's own (32 bytes). Of whoever is `withheld`,
    by person id, where they are today is not said.
    """
    case = Case(problem)
    placed = {each.household: each.unit for each in plan.placements}
    maker = _Maker(
        case,
        people,
        key,
        Desk(case, placed, key),
        _grouped(redact(plan.reasons), lambda each: each.item),
        _chains(problem, placed, {name for name, ids in people.items() if set(ids) & set(withheld)}),
        _grouped(plan.moves.steps, lambda each: each.household),
        {each.household: each.why for each in plan.moves.not_possible},
        frozenset(withheld),
    )
    for household in problem.households:
        if household.id in people:
            yield maker.sheet(household)


Row = TypeVar("Row")


def _grouped(rows: Iterable[Row], name: Callable[[Row], str]) -> dict[str, tuple[Row, ...]]:
    found: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        found[name(row)] = (*found.get(name(row), ()), row)
    return found


def _chains(problem: Problem, placed: Mapping[str, str], unseen: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return by household its chain and its place in it: of those alone who wait for somebody, or are waited for.

    A chain ends where it comes to somebody whose unit is not shown: who waits for that unit waits for nobody, or the
    unit would be named.
    """
    where = {each.id: each.current_unit for each in problem.households if each.current_unit}
    waiting = find_waiting(problem.households, where, placed)
    rows = [part for row in (*waiting.chains, *waiting.circles, *waiting.blocked) for part in _cut(row, unseen)]
    return {name: (number, place) for number, row in enumerate(rows, 1) for place, name in enumerate(row)}


def _cut(row: Sequence[str], unseen: Collection[str]) -> list[list[str]]:
    """Return the parts of a chain between those who are not to be seen in it, of two and more."""
    parts: list[list[str]] = [[]]
    for name in row:
        if name in unseen:
            parts.append([])
        else:
            parts[-1].append(name)
    return [part for part in parts if len(part) > 1]


def token_of(key: bytes, unit: str) -> str:
    """Return a unit as a keyed hash (hexadecimal)."""
    return hmac.digest(key, f"unit\x1f{unit}".encode(), "sha256").hex()


def reference_of(key: bytes, people: tuple[str, ...]) -> str:
    """Return what a household is called by, such as `HH-7K3M-42X`: by a keyed hash, so that it tells of nobody."""
    number = int.from_bytes(hmac.digest(key, "\x1f".join(("household", *people)).encode(), "sha256")[:8], "big")
    letters = ""
    for _ in range(7):
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return f"HH-{letters[:4]}-{letters[4:]}"
