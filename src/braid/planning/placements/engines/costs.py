"""What each household in each unit costs, and which are lawful, as arrays: rows are households, columns units.

Reckoned apart from the checker, in blocks of rows so that memory stays within one matrix.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from braid.planning.placements.lawfulness import reckoned_by
from braid.planning.placements.model import (
    Child,
    Household,
    Journey,
    Problem,
    SchoolJourney,
)
from braid.planning.travel.model import EARTH_METRES, Point, Standing

Floats = NDArray[Any]
"""Of floating point: double, or single where a matrix is large."""
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

EARTH_KM = EARTH_METRES / 1000
ROWS = 512
"""Rows of one block."""
LARGEST_DOUBLE = 20_000_000
"""Pairs up to which costs are kept in double precision; above, in single."""
FORBIDDEN = np.inf


def km_between(ones: Floats, others: Floats) -> Floats:
    """Return great circle distances between points given as unit vectors: rows by columns."""
    chord = np.clip(0.5 * (1.0 - ones @ others.T), 0.0, 1.0)
    near = np.sqrt(chord)
    # The dot product loses digits below some metres; the difference of vectors does not, and few pairs are so near.
    rows, columns = np.nonzero(near < 1e-6)
    near[rows, columns] = 0.5 * np.linalg.norm(ones[rows] - others[columns], axis=1)
    return np.asarray(2 * EARTH_KM * np.arcsin(near))


def vectors_of(points: list[Point]) -> Floats:
    """Return points as unit vectors, one a row."""
    degrees = np.array([(each.longitude, each.latitude) for each in points], dtype=float).reshape(-1, 2)
    east, north = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


class Arrays:
    """A problem as arrays."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._school_costs: dict[tuple[str | None, bool, bool], tuple[Floats, Flags]] = {}
        self.unit_ids = [each.id for each in problem.units]
        self.household_ids = [each.id for each in problem.households]
        self.unit_of = {name: position for position, name in enumerate(self.unit_ids)}
        self.district_of = {name: position for position, name in enumerate(problem.districts)}
        units = problem.units
        self.bedrooms = np.array([each.bedrooms for each in units], dtype=int)
        self.is_accessible = np.array([each.is_accessible for each in units], dtype=bool)
        self.is_bed_and_breakfast = np.array([each.type == "bed_and_breakfast" for each in units], dtype=bool)
        self.unit_district = np.array([self.district_of[each.district] for each in units], dtype=int)
        self.night_pence = np.array([each.night_pence for each in units], dtype=float)
        self.unit_vectors = vectors_of([each.point for each in units])
        latest = problem.on_date + dt.timedelta(days=problem.within_days)
        dates = [each.available_from_date for each in units]
        self.is_available = np.array([date is None or date <= latest for date in dates], dtype=bool)
        self.current = np.array(
            [self.unit_of.get(each.current_unit or "", -1) for each in problem.households], dtype=int
        )
        self.home_district = np.array([self.district_of[each.home_district] for each in problem.households], dtype=int)

    @property
    def shape(self) -> tuple[int, int]:
        """Households and units."""
        return len(self.household_ids), len(self.unit_ids)

    @cached_property
    def school_km(self) -> dict[str, Floats]:
        """The straight line from each unit to each school, by the school's id."""
        schools = self.problem.schools
        if not schools or not self.unit_ids:
            return {each.id: np.zeros(len(self.unit_ids)) for each in schools}
        table = km_between(vectors_of([each.point for each in schools]), self.unit_vectors)
        return {each.id: table[position] for position, each in enumerate(schools)}

    def journeys(self, row: int, unit: int) -> tuple[SchoolJourney, ...]:
        """Return how each child at school of a household would get there from a unit."""
        at_school = [each for each in self.problem.households[row].children if each.school is not None]
        return tuple(self._journey(child, str(child.school), unit) for child in at_school)

    def _journey(self, child: Child, school: str, unit: int) -> SchoolJourney:
        norms, travel = self.problem.norms, self.problem.travel
        beyond, walks, _ = self._standing(child)
        km, minutes = (float(each[unit]) for each in self.ways[school])
        routed = self.routed.get((self.unit_ids[unit], school))
        straight = float(self.school_km[school][unit])
        is_young = child.age_years < norms.secondary_from_years
        longest = norms.primary_minutes if is_young else norms.secondary_minutes
        walk = norms.walking_km_under if child.age_years < norms.walking_from_years else norms.walking_km
        reach: Standing = "beyond" if straight / travel.fastest_km_per_hour * 60 > longest else "not_known"
        walking: Standing = "beyond" if straight > walk else "not_known"
        if routed and routed.minutes is not None:
            reach = "beyond" if beyond[unit] else "within"
        if routed and routed.metres is not None:
            walking = "beyond" if walks[unit] else "within"
        return SchoolJourney(child.id, minutes, km, reach, walking, reckoned_by(routed))

    @cached_property
    def routed(self) -> dict[tuple[str, str], Journey]:
        """Routed journeys by unit and school."""
        return {(each.unit, each.school): each for each in self.problem.journeys}

    @cached_property
    def ways(self) -> dict[str, tuple[Floats, Floats]]:
        """Kilometres and minutes one way from each unit to each school: routed where that is known, else estimated."""
        found = {school: self._estimate(straight) for school, straight in self.school_km.items()}
        for journey in self.problem.journeys:
            km, minutes = found[journey.school]
            unit = self.unit_of[journey.unit]
            if journey.metres is not None:
                km[unit] = journey.metres / 1000
                minutes[unit] = self._minutes(km[unit : unit + 1])[0]
            if journey.minutes is not None:
                minutes[unit] = journey.minutes
        return found

    def _estimate(self, straight: Floats) -> tuple[Floats, Floats]:
        km = straight * self.problem.travel.circuity
        return km, self._minutes(km)

    def _minutes(self, km: Floats) -> Floats:
        """Return how long ways of so many kilometres take by estimate: the better of foot and bus."""
        travel = self.problem.travel
        foot = km / travel.walk_km_per_hour * 60
        bus: Floats | float = 2 * travel.stop_km / travel.walk_km_per_hour * 60 + travel.bus_wait_minutes
        bus = (
            bus + km / travel.bus_km_per_hour * 60 + np.where(km > travel.change_beyond_km, travel.change_minutes, 0.0)
        )
        return np.asarray(np.minimum(foot, bus))

    @cached_property
    def cost(self) -> Floats:
        """What each pair counts in the value at the problem's prices; infinite where it is unlawful."""
        households, units = self.shape
        kept = np.empty((households, units), dtype=float if households * units <= LARGEST_DOUBLE else np.float32)
        for start in range(0, households, ROWS):
            rows = slice(start, min(start + ROWS, households))
            kept[rows] = self._cost_of(rows)
        return kept

    def _cost_of(self, rows: slice) -> Floats:
        """Return what the households of some rows cost in each unit."""
        prices, households = self.problem.prices, self.problem.households[rows]
        cost = self._home_km(households) * prices.home_km
        cost += self.night_pence * (prices.pound / 100)
        cost += prices.out_of_area * (self.home_district[rows][:, None] != self.unit_district)
        families = np.array([each.is_family for each in households], dtype=bool)
        cost += prices.bed_and_breakfast * (families[:, None] & self.is_bed_and_breakfast)
        cost += prices.move * self._moves(rows)
        for row, household in enumerate(households):
            for child in household.children:
                cost[row] += self._cost_of_child(child, rows.start + row)
            cost[row][~self.lawful(rows.start + row)] = FORBIDDEN
        return cost

    @cached_property
    def fixed(self) -> Indices:
        """The unit of each household that must stay in it; -1 for everybody else."""
        unmoved = [not each.may_move for each in self.problem.households]
        fixed = np.where(unmoved, self.current, -1)
        for row in np.flatnonzero(fixed >= 0):
            if not self.lawful_by_rules(self.problem.households[row])[fixed[row]]:
                fixed[row] = -1
        return fixed

    def _cost_of_child(self, child: Child, row: int) -> Floats:
        prices = self.problem.prices
        cost, beyond = self._school_cost(child)
        if not child.is_exam_year:
            return cost
        moves = self._moves(slice(row, row + 1))[0].astype(bool)
        return np.asarray(cost + prices.exam_year * (beyond | moves))

    def _school_cost(self, child: Child) -> tuple[Floats, Flags]:
        """Return what a child's way to school costs from each unit, and from which it is out of reach."""
        norms, prices = self.problem.norms, self.problem.prices
        is_young = child.age_years < norms.secondary_from_years
        is_little = child.age_years < norms.walking_from_years
        kind = (child.school, is_young, is_little)
        if kind not in self._school_costs:
            beyond, walks, minutes = self._standing(child)
            cost = prices.out_of_reach * beyond + prices.beyond_walking * walks + 2 * prices.school_minutes * minutes
            self._school_costs[kind] = (cost, beyond)
        return self._school_costs[kind]

    def _standing(self, child: Child) -> tuple[Flags, Flags, Floats]:
        norms, units = self.problem.norms, len(self.unit_ids)
        if child.school is None:
            return np.zeros(units, dtype=bool), np.zeros(units, dtype=bool), np.zeros(units)
        km, minutes = self.ways[child.school]
        is_young = child.age_years < norms.secondary_from_years
        longest = norms.primary_minutes if is_young else norms.secondary_minutes
        walks = norms.walking_km_under if child.age_years < norms.walking_from_years else norms.walking_km
        return minutes > longest, km > walks, minutes

    def _moves(self, rows: slice) -> Floats:
        current = self.current[rows]
        moves = np.zeros((len(current), len(self.unit_ids)))
        moves[current >= 0] = 1.0
        has_unit = np.flatnonzero(current >= 0)
        moves[has_unit, current[has_unit]] = 0.0
        return moves

    def _home_km(self, households: tuple[Household, ...]) -> Floats:
        known = [row for row, each in enumerate(households) if each.home]
        km = np.zeros((len(households), len(self.unit_ids)))
        if known:
            homes = vectors_of([each.home for each in households if each.home])
            km[known] = km_between(homes, self.unit_vectors) * self.problem.travel.circuity
        return km

    def home_km(self, row: int) -> Floats:
        """Return how far each unit is from a household's home, as estimated; zero where that is not known."""
        return np.asarray(self._home_km((self.problem.households[row],))[0])

    def level(self, row: int) -> Floats:
        """Return the worst level that a household falls short in, by unit.

        It is 3 out of reach, 2 out of area, 1 beyond walking, 0 otherwise.
        """
        level = np.where(self.home_district[row] != self.unit_district, 2.0, 0.0)
        for child in self.problem.households[row].children:
            beyond, walks, _ = self._standing(child)
            level = np.maximum(level, np.where(beyond, 3.0, np.where(walks, 1.0, 0.0)))
        return level

    def lawful(self, row: int) -> Flags:
        """Return in which units a household may be placed: its own alone where it must stay, and then nobody else."""
        lawful = self.lawful_by_rules(self.problem.households[row])
        own = self.fixed[row]
        if own >= 0:
            lawful[:] = False
        lawful[self.fixed[self.fixed >= 0]] = False
        if own >= 0:
            lawful[own] = True
        return lawful

    def lawful_by_rules(self, household: Household) -> Flags:
        """Return in which units a household may be placed, whether or not it may be asked to move."""
        return self.allowed_publicly(household) & ~self.excluded(household)

    def allowed_publicly(self, household: Household) -> Flags:
        """Return in which units a household could be placed by what anybody may know."""
        norms = self.problem.norms
        need = household.bedrooms_needed
        fits = self.bedrooms <= need + norms.bedrooms_above
        if household.current_unit is not None:
            fits[self.unit_of[household.current_unit]] = True
        lawful = (self.bedrooms >= need) & fits
        if household.needs_access:
            lawful &= self.is_accessible
        is_used_up = household.is_family and household.bed_and_breakfast_days >= norms.bed_and_breakfast_days
        if is_used_up or household.is_young_applicant:
            lawful &= ~self.is_bed_and_breakfast
        available = self.is_available
        if household.current_unit is not None:
            available = available.copy()
            available[self.unit_of[household.current_unit]] = True
        return np.asarray(lawful & available & self._undecided(household))

    def _undecided(self, household: Household) -> Flags:
        """Return the units that nobody has refused for a household; only the accepted one where there is one."""
        free = np.full(len(self.unit_ids), household.accepted_unit is None)
        if household.accepted_unit is not None:
            free[self.unit_of[household.accepted_unit]] = True
        free[[self.unit_of[each] for each in household.refused_units]] = False
        return free

    def excluded(self, household: Household) -> Flags:
        """Return in which units a household must not be placed, for safety."""
        exclusion = household.exclusion_zone
        excluded = np.zeros(len(self.unit_ids), dtype=bool)
        excluded[[self.unit_of[each] for each in exclusion.units]] = True
        for district in exclusion.districts:
            excluded |= self.unit_district == self.district_of[district]
        if exclusion.circles and self.unit_ids:
            km = km_between(vectors_of([each.centre for each in exclusion.circles]), self.unit_vectors)
            excluded |= (km <= np.array([each.radius_km for each in exclusion.circles])[:, None]).any(axis=0)
        return excluded

    def amounts_of(self, chosen: Indices) -> dict[str, float]:
        """Return the amount of each level where household i is in unit `chosen[i]`, or in none where that is -1."""
        totals = {"unplaced": float((chosen < 0).sum())}
        for row in np.flatnonzero(chosen >= 0):
            for name, amount in self._amounts_of_one(int(row), int(chosen[row])).items():
                totals[name] = totals.get(name, 0.0) + amount
        return totals

    def _amounts_of_one(self, row: int, unit: int) -> dict[str, float]:
        household = self.problem.households[row]
        moves = self.current[row] not in (-1, unit)
        found = dict.fromkeys(("out_of_reach", "exam_year", "beyond_walking", "school_minutes"), 0.0)
        for child in household.children:
            beyond, walks, minutes = self._standing(child)
            found["out_of_reach"] += float(beyond[unit])
            found["beyond_walking"] += float(walks[unit])
            found["school_minutes"] += 2 * float(minutes[unit])
            found["exam_year"] += float(child.is_exam_year and (beyond[unit] or moves))
        home = float(self._home_km((household,))[0, unit]) if household.home else 0.0
        district = self.home_district[row] != self.unit_district[unit]
        found["bed_and_breakfast"] = float(household.is_family and self.is_bed_and_breakfast[unit])
        money = {"pound": float(self.night_pence[unit]) / 100}
        return {**found, "out_of_area": float(district), "move": float(moves), "home_km": home, **money}
