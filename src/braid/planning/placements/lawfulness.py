"""Which unit a household may be placed in, rule by rule, and how far a journey is: to check a plan and to explain it.

The engines reckon the same in arrays of their own, so that a mistake in one of the two shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from braid.planning.placements.model import (
    Child,
    Household,
    Journey,
    Norms,
    Problem,
    School,
    SchoolJourney,
    Travel,
    Unit,
)
from braid.planning.travel.model import Point, metres_between, standing


def straight_km(one: Point, other: Point) -> float:
    """Return the straight line between two points."""
    return metres_between(one, other) / 1000


@dataclass(frozen=True)
class Case:
    """A problem with its parts by id."""

    problem: Problem

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Units by id."""
        return {each.id: each for each in self.problem.units}

    @cached_property
    def households(self) -> Mapping[str, Household]:
        """Households by id."""
        return {each.id: each for each in self.problem.households}

    @cached_property
    def schools(self) -> Mapping[str, School]:
        """Schools by id."""
        return {each.id: each for each in self.problem.schools}

    @cached_property
    def routed(self) -> Mapping[tuple[str, str], Journey]:
        """Routed journeys by unit and school."""
        return {(each.unit, each.school): each for each in self.problem.journeys}

    @property
    def latest_date(self) -> dt.date:
        """The last day on which a unit may become available and still count."""
        return self.problem.on_date + dt.timedelta(days=self.problem.within_days)


PairRule = Callable[[Case, Household, Unit], bool]
"""Whether a household in a unit breaks the rule."""


def has_too_few_bedrooms(_: Case, household: Household, unit: Unit) -> bool:
    """Whether the unit has fewer bedrooms than the household needs."""
    return unit.bedrooms < household.bedrooms_needed


def has_too_many_bedrooms(case: Case, household: Household, unit: Unit) -> bool:
    """Whether the unit has more bedrooms than need and norm together; nobody has to leave a unit for that."""
    return (
        unit.id != household.current_unit
        and unit.bedrooms > household.bedrooms_needed + case.problem.norms.bedrooms_above
    )


def has_no_access(_: Case, household: Household, unit: Unit) -> bool:
    """Whether the household needs an accessible unit and this is none."""
    return household.needs_access and not unit.is_accessible


def is_excluded(_: Case, household: Household, unit: Unit) -> bool:
    """Whether the unit lies where the household must not be, for safety."""
    exclusion = household.exclusion_zone
    if unit.id in exclusion.units or unit.district in exclusion.districts:
        return True
    return any(straight_km(circle.centre, unit.point) <= circle.radius_km for circle in exclusion.circles)


def is_past_six_weeks(case: Case, household: Household, unit: Unit) -> bool:
    """Whether a family that has used its days would be in bed and breakfast (SI 2003/3326)."""
    is_used_up = household.bed_and_breakfast_days >= case.problem.norms.bed_and_breakfast_days
    return unit.type == "bed_and_breakfast" and household.is_family and is_used_up


def is_young_in_bed_and_breakfast(_: Case, household: Household, unit: Unit) -> bool:
    """Whether somebody of 16 or 17 would be in bed and breakfast (Homelessness Code of Guidance, chapter 17)."""
    return unit.type == "bed_and_breakfast" and household.is_young_applicant


def is_not_available(case: Case, household: Household, unit: Unit) -> bool:
    """Whether the unit cannot be let in time. Whoever holds it already may stay."""
    if unit.id == household.current_unit or unit.available_from_date is None:
        return False
    return unit.available_from_date > case.latest_date


def is_refused(_: Case, household: Household, unit: Unit) -> bool:
    """Whether somebody refused the unit for this household."""
    return unit.id in household.refused_units


def is_accepted_elsewhere(_: Case, household: Household, unit: Unit) -> bool:
    """Whether another unit was accepted for this household."""
    return household.accepted_unit not in (None, unit.id)


PAIR_RULES: Mapping[str, PairRule] = {
    "too_few_bedrooms": has_too_few_bedrooms,
    "too_many_bedrooms": has_too_many_bedrooms,
    "no_access": has_no_access,
    "exclusion_zone": is_excluded,
    "six_weeks": is_past_six_weeks,
    "young_applicant": is_young_in_bed_and_breakfast,
    "not_available": is_not_available,
    "refused": is_refused,
    "accepted_elsewhere": is_accepted_elsewhere,
}
"""Every rule of a household in a unit by its code."""


def is_lawful(case: Case, household: Household, unit: Unit) -> bool:
    """Whether a household may be placed in a unit."""
    return not any(breaks(case, household, unit) for breaks in PAIR_RULES.values())


def minutes_by_estimate(km: float, travel: Travel) -> float:
    """Return how long a way of so many kilometres takes one way, by the better of foot and bus."""
    on_foot = km / travel.walk_km_per_hour * 60
    to_stops = 2 * travel.stop_km / travel.walk_km_per_hour * 60
    change = travel.change_minutes if km > travel.change_beyond_km else 0.0
    by_bus = to_stops + travel.bus_wait_minutes + km / travel.bus_km_per_hour * 60 + change
    return min(on_foot, by_bus)


def longest_minutes(child: Child, norms: Norms) -> float:
    """Return the longest journey one way that a child of this age should make."""
    return norms.primary_minutes if child.age_years < norms.secondary_from_years else norms.secondary_minutes


def walking_km(child: Child, norms: Norms) -> float:
    """Return the statutory walking distance of a child of this age."""
    return norms.walking_km_under if child.age_years < norms.walking_from_years else norms.walking_km


def journey_of(case: Case, child: Child, unit: Unit) -> SchoolJourney | None:
    """Return a child's journey from a unit, routed where it is known and else estimated; None without a school."""
    if child.school is None:
        return None
    norms, travel = case.problem.norms, case.problem.travel
    routed = case.routed.get((unit.id, child.school))
    metres, minutes = (routed.metres, routed.minutes) if routed else (None, None)
    straight = straight_km(unit.point, case.schools[child.school].point)
    km = straight * travel.circuity if metres is None else metres / 1000
    return SchoolJourney(
        child.id,
        minutes_by_estimate(km, travel) if minutes is None else minutes,
        km,
        standing(minutes, straight / travel.fastest_km_per_hour * 60, longest_minutes(child, norms)),
        standing(None if metres is None else km, straight, walking_km(child, norms)),
        reckoned_by(routed),
    )


def reckoned_by(routed: Journey | None) -> str:
    """Return by what a way was reckoned, as people should read it."""
    if routed is None:
        return "estimate"
    is_whole = routed.metres is not None and routed.minutes is not None
    return routed.reckoned if is_whole else f"{routed.reckoned}; the rest is an estimate"
