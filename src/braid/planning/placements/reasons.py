"""Why a household is unplaced, moved, out of reach or out of area.

Every count is of what anybody may know: bedrooms, access, days. What safety rules out is counted in a line of its own,
which every reason has, also where nothing stands behind it: made "not offered" by `contract.redact`, the reasons of
those who are protected read like those of everybody else. For the same end nothing says how many units the public rules
leave, or whether these are held or empty: a household without a unit beside empty ones that it could have has only one
explanation where no budget is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from braid.planning.contract import Binding, Reason
from braid.planning.placements.lawfulness import PAIR_RULES, Case, journey_of, longest_minutes
from braid.planning.placements.model import Household, Unit

SAFETY = "exclusion_zone"
WHOLE_PLAN = "by_the_whole_plan"
"""Public rules leave a choice, and the plan as a whole decided on it: who else needs what, and every rule together."""
PUBLIC_RULES = {code: breaks for code, breaks in PAIR_RULES.items() if code != SAFETY}


def public_faults(case: Case, household: Household, unit: Unit) -> list[str]:
    """Return which rules that anybody may know keep a household from a unit."""
    return [code for code, breaks in PUBLIC_RULES.items() if breaks(case, household, unit)]


def reasons_of(case: Case, placed: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return why each household that is not as well placed as can be is so, in the order of the problem."""
    found: list[Reason] = []
    for household in case.problem.households:
        unit = case.units.get(placed.get(household.id, ""))
        if unit is None:
            found.append(_why(case, household, "unplaced", case.problem.units))
            continue
        if household.current_unit not in (None, unit.id):
            found.append(_why_moved(case, household, unit))
        if count_out_of_reach(case, household, unit):
            better = [each for each in case.problem.units if not count_out_of_reach(case, household, each)]
            found.append(_why(case, household, "out_of_reach", better))
        if unit.district != household.home_district:
            better = [each for each in case.problem.units if each.district == household.home_district]
            found.append(_why(case, household, "out_of_area", better))
    return tuple(found)


def count_out_of_reach(case: Case, household: Household, unit: Unit) -> int:
    """Return how many children of a household would travel longer than the norm from a unit."""
    children = [child for child in household.children if child.school is not None]
    journeys = [(child, journey_of(case, child, unit)) for child in children]
    return sum(way is not None and way.minutes > longest_minutes(child, case.problem.norms) for child, way in journeys)


def _why(case: Case, household: Household, about: str, better: Iterable[Unit]) -> Reason:
    """Explain by what was binding on units that would have been better: each counts under its first public rule.

    What no public rule keeps away is one line without a count, whether somebody holds it or safety forbids it.
    """
    looked_at = [(unit, public_faults(case, household, unit)) for unit in better]
    ruled_out = Counter(faults[0] for _, faults in looked_at if faults)
    left = [unit for unit, faults in looked_at if not faults]
    lines = [Binding(rule, "units", "", times) for rule, times in sorted(ruled_out.items())]
    lines += [Binding(WHOLE_PLAN, "units", "")] if left else []
    unsafe = sum(PAIR_RULES[SAFETY](case, household, unit) for unit in left)
    return Reason(household.id, about, (*lines, _safety(unsafe)))


def _why_moved(case: Case, household: Household, unit: Unit) -> Reason:
    current = case.units[str(household.current_unit)]
    lines = [Binding(code, current.id, "") for code in public_faults(case, household, current)]
    if count_out_of_reach(case, household, unit) < count_out_of_reach(case, household, current):
        lines.append(Binding("nearer_school", unit.id, ""))
    if unit.district == household.home_district != current.district:
        lines.append(Binding("back_in_home_district", unit.id, ""))
    lines = lines or [Binding(WHOLE_PLAN, "units", "")]
    return Reason(household.id, "moved", (*lines, _safety(int(PAIR_RULES[SAFETY](case, household, current)))))


def _safety(times: int) -> Binding:
    return Binding(SAFETY, "units", "", times, is_safety=True)
