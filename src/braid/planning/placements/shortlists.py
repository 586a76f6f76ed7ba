"""What somebody sees who asks "why not this unit?", and why it tells nobody where another household must not be.

Whoever may know of a household's protection sees every rule. For everybody else a unit that public facts allow is
either offered or "not offered", in the same words whatever stands behind it. Which are offered must not depend on the
exclusion, or its edge could be drawn: a circle of refused units has a centre, and whoever is kept away may be a
household too, or somebody who asks on their behalf. So:

- nothing within `quiet_km` of the household's home is offered to anybody's eyes, protected or not;
- of the rest a share is left out, and some households are offered nothing, by a hash under a key of the place;
- a household whose exclusion reaches farther than that is offered nothing, like those drawn.

What is offered is then a function of public facts and the key alone, but for the last line; a test takes the exclusions
out of a problem and finds the same words. What the plan itself says, where a household goes, remains.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from braid.planning.placements.lawfulness import PAIR_RULES, Case, is_excluded, journey_of, straight_km
from braid.planning.placements.model import Household, SchoolJourney, Unit
from braid.planning.placements.reasons import public_faults

PROPOSED, HELD, OFFERED, NOT_OFFERED = "proposed", "held", "offered", "not_offered"


@dataclass(frozen=True)
class Answer:
    """Why a household is, or is not, in a unit. Figures are null where the unit is not offered."""

    unit: str
    words: tuple[str, ...]
    """Rules that are broken, by code; or one of proposed, held, offered, not_offered."""
    night_pence: float | None = None
    journeys: tuple[SchoolJourney, ...] = ()


@dataclass(frozen=True)
class Desk:
    """Where questions are answered: a problem, who is placed where, and the key of the place (32 bytes or more)."""

    case: Case
    placed: Mapping[str, str]
    key: bytes

    @cached_property
    def held(self) -> frozenset[str]:
        """Units that somebody has in the plan."""
        return frozenset(self.placed.values())

    def answers(self, household: str, may_know: Collection[str] = ()) -> tuple[Answer, ...]:
        """Return an answer for every unit, in the order of the problem.

        It is for somebody who may know of the protections of the households `may_know` alone.
        """
        asked = self.case.households[household]
        if household in may_know:
            return tuple(self._full_answer(asked, unit) for unit in self.case.problem.units)
        offered, told = self.shortlist(household), {unit.id for unit in self.told_of(household)}
        return tuple(self._answer(asked, unit, offered, told) for unit in self.case.problem.units)

    def _full_answer(self, household: Household, unit: Unit) -> Answer:
        broken = tuple(code for code, breaks in PAIR_RULES.items() if breaks(self.case, household, unit))
        if self.placed.get(household.id) == unit.id:
            return self._with_figures(household, unit, (PROPOSED, *broken))
        held = (HELD,) if unit.id in self.held else ()
        return self._with_figures(household, unit, (*broken, *held) or (OFFERED,))

    def _answer(self, household: Household, unit: Unit, offered: Collection[str], told: Collection[str]) -> Answer:
        """Return what anybody may know. The rules that a unit breaks say its rooms and kind.

        So none is said of a unit that somebody else has, or that may not be told of, unless the household lives there.
        """
        if self.placed.get(household.id) == unit.id:
            return self._with_figures(household, unit, (PROPOSED,))
        if unit.id != household.lives_in:
            if unit.id in self.held:
                return Answer(unit.id, (HELD,))
            if unit.id not in told:
                return Answer(unit.id, (NOT_OFFERED,))
        faults = public_faults(self.case, household, unit)
        if faults:
            return Answer(unit.id, tuple(faults))
        if unit.id in self.held:
            return Answer(unit.id, (HELD,))
        if unit.id not in offered:
            return Answer(unit.id, (NOT_OFFERED,))
        return self._with_figures(household, unit, (OFFERED,))

    def _with_figures(self, household: Household, unit: Unit, words: tuple[str, ...]) -> Answer:
        journeys = [journey_of(self.case, child, unit) for child in household.children]
        return Answer(unit.id, words, unit.night_pence, tuple(each for each in journeys if each is not None))

    def shortlist(self, household: str) -> tuple[str, ...]:
        """Return the units that anybody may be told are offered to a household: those that public figures like best."""
        asked, rules = self.case.households[household], self.case.problem.shortlists
        told = self.told_of(household)
        free = [unit for unit in told if unit.id not in self.held and not public_faults(self.case, asked, unit)]
        liked = sorted(free, key=lambda unit: (self._public_cost(asked, unit), unit.id))
        return tuple(unit.id for unit in liked[: rules.length])

    def told_of(self, household: str) -> tuple[Unit, ...]:
        """Return the units whose figures may be told to anybody, if nobody has them and no public rule is against them.

        Which these are depends on the household's exclusion no more than the shortlist does, which is drawn from them.
        """
        asked, rules = self.case.households[household], self.case.problem.shortlists
        if self._draw(household) < rules.blank_share or self.reaches_beyond_quiet(household):
            return ()
        far = [unit for unit in self.case.problem.units if not self._is_quiet(asked, unit)]
        if not rules.left_out_share:
            return tuple(far)
        return tuple(unit for unit in far if self._draw(household, unit.id) >= rules.left_out_share)

    def reaches_beyond_quiet(self, household: str) -> bool:
        """Whether a household must not be in some unit that is farther from its home than the quiet distance."""
        asked = self.case.households[household]
        exclusion = asked.exclusion_zone
        if not (exclusion.circles or exclusion.units or exclusion.districts):
            return False
        units = [unit for unit in self.case.problem.units if not self._is_quiet(asked, unit)]
        return any(is_excluded(self.case, asked, unit) for unit in units)

    def _is_quiet(self, household: Household, unit: Unit) -> bool:
        """Whether a unit is too near to a household's home to be offered; every unit is where the home is not known.

        No unit is where a problem sets no distance, as it may that knows of nobody who must be kept from anywhere.
        """
        if not self.case.problem.shortlists.quiet_km:
            return False
        if household.home is None:
            return True
        return straight_km(household.home, unit.point) <= self.case.problem.shortlists.quiet_km

    def _public_cost(self, household: Household, unit: Unit) -> float:
        prices = self.case.problem.prices
        journeys = [journey_of(self.case, child, unit) for child in household.children]
        minutes = sum(2 * each.minutes for each in journeys if each is not None)
        away = prices.out_of_area * (unit.district != household.home_district)
        shared = prices.bed_and_breakfast * (household.is_family and unit.type == "bed_and_breakfast")
        return prices.school_minutes * minutes + prices.pound * unit.night_pence / 100 + away + shared

    def _draw(self, *names: str) -> float:
        """Return a number from 0 to 1 that nobody can foresee without the key, the same each time."""
        text = "\x1f".join(names).encode("utf-8")
        return int.from_bytes(hmac.digest(self.key, text, "sha256")[:8], "big") / 2**64
