"""What each household in each unit costs, and which are lawful, as arrays: rows are households, columns units.

Reckoned apart from the checker, in blocks of rows so that memory stays within one matrix.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from braid.planning.placements.model import Household, Point, Problem

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

EARTH_KM = 6371.0088
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


@dataclass(frozen=True)
class Block:
    """What some households cost in each unit, by level: amounts, not money."""

    rows: slice
    is_lawful: Flags
    amounts: dict[str, Floats]


class Arrays:
    """A problem as arrays."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
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

    @cached_property
    def ways(self) -> dict[str, tuple[Floats, Floats]]:
        """Kilometres and minutes one way from each unit to each school: routed where that is known, else estimated."""
        found = {school: self._estimate(straight) for school, straight in self.school_km.items()}
        for journey in self.problem.journeys:
            km, minutes = found[journey.school]
            km[self.unit_of[journey.unit]] = journey.metres / 1000
            minutes[self.unit_of[journey.unit]] = journey.minutes
        return found

    def _estimate(self, straight: Floats) -> tuple[Floats, Floats]:
        travel = self.problem.travel
        km = straight * travel.circuity
        foot = km / travel.walk_km_per_hour * 60
        bus = 2 * travel.stop_km / travel.walk_km_per_hour * 60 + travel.bus_wait_minutes
        bus = (
            bus + km / travel.bus_km_per_hour * 60 + np.where(km > travel.change_beyond_km, travel.change_minutes, 0.0)
        )
        return km, np.minimum(foot, bus)

    def blocks(self, rows: int = ROWS) -> Iterator[Block]:
        """Yield all households in blocks of rows."""
        for start in range(0, len(self.household_ids), rows):
            yield self.block(slice(start, min(start + rows, len(self.household_ids))))

    def block(self, rows: slice) -> Block:
        """Return what the households of some rows cost in each unit."""
        households = self.problem.households[rows]
        shape = (len(households), len(self.unit_ids))
        amounts = {
            name: np.zeros(shape)
            for name in ("out_of_reach", "exam_year", "beyond_walking", "school_minutes", "home_km")
        }
        amounts["out_of_area"] = (self.home_district[rows][:, None] != self.unit_district[None]).astype(float)
        amounts["move"] = self._moves(rows)
        amounts["pound"] = np.broadcast_to(self.night_pence / 100, shape)
        lawful = np.empty(shape, dtype=bool)
        homes = self._home_km(households)
        for row, household in enumerate(households):
            lawful[row] = self._lawful(household)
            amounts["home_km"][row] = homes[row]
            self._add_children(household, row, amounts)
        self._keep_who_must_stay(rows, lawful)
        return Block(rows, lawful, amounts)

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

    def _lawful(self, household: Household) -> Flags:
        norms = self.problem.norms
        need = household.bedrooms_needed
        lawful = (self.bedrooms >= need) & (self.bedrooms <= need + norms.bedrooms_above)
        if household.needs_access:
            lawful &= self.is_accessible
        is_used_up = household.is_family and household.bed_and_breakfast_days >= norms.bed_and_breakfast_days
        if is_used_up or household.is_young_applicant:
            lawful &= ~self.is_bed_and_breakfast
        available = self.is_available
        if household.current_unit is not None:
            available = available.copy()
            available[self.unit_of[household.current_unit]] = True
        return lawful & available & ~self._excluded(household)

    def _excluded(self, household: Household) -> Flags:
        exclusion = household.exclusion
        excluded = np.zeros(len(self.unit_ids), dtype=bool)
        excluded[[self.unit_of[each] for each in exclusion.units]] = True
        for district in exclusion.districts:
            excluded |= self.unit_district == self.district_of[district]
        if exclusion.circles and self.unit_ids:
            km = km_between(vectors_of([each.centre for each in exclusion.circles]), self.unit_vectors)
            excluded |= (km <= np.array([each.radius_km for each in exclusion.circles])[:, None]).any(axis=0)
        return excluded

    def _keep_who_must_stay(self, rows: slice, lawful: Flags) -> None:
        for row, household in enumerate(self.problem.households[rows]):
            current = self.current[rows.start + row]
            if current >= 0 and not household.may_move and lawful[row, current]:
                lawful[row] = False
                lawful[row, current] = True

    def _add_children(self, household: Household, row: int, amounts: dict[str, Floats]) -> None:
        norms = self.problem.norms
        for child in household.children:
            upset = amounts["move"][row].astype(bool) if child.is_exam_year else False
            if child.school is not None:
                km, minutes = self.ways[child.school]
                is_young = child.age_years < norms.secondary_from_years
                beyond = minutes > (norms.primary_minutes if is_young else norms.secondary_minutes)
                walks = norms.walking_km_under if child.age_years < norms.walking_from_years else norms.walking_km
                amounts["out_of_reach"][row] += beyond
                amounts["beyond_walking"][row] += km > walks
                amounts["school_minutes"][row] += 2 * minutes
                upset = upset | beyond
            if child.is_exam_year:
                amounts["exam_year"][row] += upset

    def cost_of(self, block: Block) -> Floats:
        """Return what each pair of a block counts in the value at the problem's prices; infinite where it is unlawful."""
        prices = self.problem.prices
        cost = np.zeros(block.is_lawful.shape)
        for name, amount in block.amounts.items():
            price = getattr(prices, name)
            if price:
                cost += price * amount
        cost[~block.is_lawful] = FORBIDDEN
        return cost

    @cached_property
    def cost(self) -> Floats:
        """What each pair counts in the value; infinite where it is unlawful."""
        households, units = self.shape
        kept = np.empty((households, units), dtype=float if households * units <= LARGEST_DOUBLE else np.float32)
        for block in self.blocks():
            kept[block.rows] = self.cost_of(block)
        return kept

    def amounts_of(self, chosen: Indices) -> dict[str, float]:
        """Return the amount of each level where household i is in unit `chosen[i]`, or in none where that is -1."""
        totals = {"unplaced": float((chosen < 0).sum())}
        for row in np.flatnonzero(chosen >= 0):
            for name, amount in self._amounts_of_one(int(row), int(chosen[row])).items():
                totals[name] = totals.get(name, 0.0) + amount
        return totals

    def _amounts_of_one(self, row: int, unit: int) -> dict[str, float]:
        household, norms = self.problem.households[row], self.problem.norms
        moves = self.current[row] not in (-1, unit)
        found = dict.fromkeys(("out_of_reach", "exam_year", "beyond_walking", "school_minutes"), 0.0)
        for child in household.children:
            is_beyond = False
            if child.school is not None:
                km, minutes = (float(each[unit]) for each in self.ways[child.school])
                is_young = child.age_years < norms.secondary_from_years
                is_beyond = minutes > (norms.primary_minutes if is_young else norms.secondary_minutes)
                walks = norms.walking_km_under if child.age_years < norms.walking_from_years else norms.walking_km
                found["out_of_reach"] += is_beyond
                found["beyond_walking"] += km > walks
                found["school_minutes"] += 2 * minutes
            found["exam_year"] += child.is_exam_year and (is_beyond or moves)
        home = self._home_km((household,))[0, unit] if household.home else 0.0
        district = self.home_district[row] != self.unit_district[unit]
        money = {"pound": float(self.night_pence[unit]) / 100}
        return {**found, "out_of_area": float(district), "move": float(moves), "home_km": float(home), **money}
