"""From a listing problem to a plan: the chain of engines, then certificate, reasons and difference."""

from __future__ import annotations

import time
from importlib.metadata import version

from braid import __version__
from braid.language.documents import fingerprint
from braid.planning.contract import Certificate, Limits, diff_of, value_of
from braid.planning.listing.checker import value_levels
from braid.planning.listing.engines.bound import STEPS_PER_SECOND as BOUND_STEPS
from braid.planning.listing.engines.bound import bound_of
from braid.planning.listing.engines.diary import Diary
from braid.planning.listing.engines.docket import docket_of
from braid.planning.listing.engines.exact import NEIGHBOURHOODS_PER_SECOND as EXACT_STEPS
from braid.planning.listing.engines.exact import polish
from braid.planning.listing.engines.first_come import best_first_come
from braid.planning.listing.engines.ruin_and_recreate import STEPS_PER_SECOND as SEARCH_STEPS
from braid.planning.listing.engines.ruin_and_recreate import Search
from braid.planning.listing.model import ListingPlan, Place, Placed, Problem
from braid.planning.listing.reasons import reasons_of

SEARCH_SHARE, EXACT_SHARE, BOUND_SHARE = 0.55, 0.20, 0.25
"""How the seconds are shared out: search, exact neighbourhoods, bound."""
ENGINE = "first come, ruin and recreate, exact neighbourhoods; Lagrangian bound"


def solve(problem: Problem, limits: Limits, before: ListingPlan | None = None) -> ListingPlan:
    """Return the best list found within limits. The problem has no faults; `before` is what it is compared with."""
    began = time.monotonic()
    docket = docket_of(problem)
    effort = _effort(limits, docket.size, docket.count)
    stop = _Stop(began, limits.stop_seconds)
    _, diary = best_first_come(docket)
    Search(diary, limits.seed).run(effort["search_steps"], is_over=stop)
    polish(diary, effort["exact_neighbourhoods"], limits.seed, is_over=stop)
    bound = bound_of(docket, _value(problem, docket.places(diary.spots)), effort["bound_steps"], is_over=stop)
    return plan_of(problem, diary, limits, effort, bound.value, not stop.was_over, time.monotonic() - began, before)


def plan_of(
    problem: Problem,
    diary: Diary,
    limits: Limits,
    effort: dict[str, int],
    bound: float | None,
    is_repeatable: bool,
    seconds: float,
    before: ListingPlan | None = None,
    engine: str = ENGINE,
) -> ListingPlan:
    """Return what stands in a diary as a plan with its certificate, reasons and difference."""
    places = diary.docket.places(diary.spots)
    levels = value_levels(problem, places)
    return ListingPlan(
        placed=tuple(Placed(hearing, place) for hearing, place in places.items()),
        unlisted=tuple(hearing.id for hearing in problem.hearings if hearing.id not in places),
        certificate=Certificate(
            sense="least",
            levels=levels,
            value=value_of(levels),
            bound=bound,
            bound_method="" if bound is None else "Lagrangian relaxation over sessions of judges and people",
            engine=engine,
            versions={"braid": __version__} | {name: version(name) for name in ("numpy", "ortools", "scipy")},
            seed=limits.seed,
            effort=effort,
            repeatable=is_repeatable,
            problem=fingerprint(problem),
            seconds=round(seconds, 3),
        ),
        reasons=reasons_of(problem, places),
        diff=None if before is None else diff_of(_words(_placed(before)), _words(places)),
    )


def _effort(limits: Limits, hearings: int, sessions: int) -> dict[str, int]:
    """Turn seconds into steps, by what a step takes on the machine of the benchmarks."""
    cells = max(1.0, hearings * sessions / 345_000)
    return {
        "search_steps": max(1, int(limits.seconds * SEARCH_SHARE * SEARCH_STEPS)),
        "exact_neighbourhoods": int(limits.seconds * EXACT_SHARE * EXACT_STEPS),
        "bound_steps": max(50, int(limits.seconds * BOUND_SHARE * BOUND_STEPS / cells)),
    }


class _Stop:
    """Whether the guard of wall clock is over; remembers that it was."""

    def __init__(self, began: float, seconds: float | None) -> None:
        self.ends = None if seconds is None else began + seconds
        self.was_over = False

    def __call__(self) -> bool:
        self.was_over = self.was_over or (self.ends is not None and time.monotonic() > self.ends)
        return self.was_over


def _value(problem: Problem, places: dict[str, Place]) -> float:
    return value_of(value_levels(problem, places))


def _placed(plan: ListingPlan) -> dict[str, Place]:
    return {each.hearing: each.place for each in plan.placed}


def _words(places: dict[str, Place]) -> dict[str, str]:
    """Return each place as people read it."""
    return {
        hearing: f"{place.start}, {place.judge}" + (f", {place.room}" if place.room else "")
        for hearing, place in places.items()
    }
