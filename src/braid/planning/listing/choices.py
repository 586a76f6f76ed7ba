"""What a court may choose between: continuity against duration, fairness against both, and one more day of a judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from braid.planning.contract import value_of
from braid.planning.listing.checker import Reading, value_levels, wait_sessions
from braid.planning.listing.engines.diary import Diary
from braid.planning.listing.engines.docket import docket_of
from braid.planning.listing.engines.first_come import best_first_come
from braid.planning.listing.engines.ruin_and_recreate import Search
from braid.planning.listing.measures import Measures, measures_of
from braid.planning.listing.model import (
    SESSIONS_A_WEEK,
    Absence,
    Judge,
    Place,
    Placed,
    Prices,
    Problem,
    Sittings,
    sittings_of,
)

JUDGE_PRICES = (0, 10, 20, 40, 80, 160, 320)
CALM = 20.0
"""Temperature of a search that looks around a list rather than for another one."""


@dataclass(frozen=True)
class Choice:
    """One list of a frontier: at which price, what it means, and its cost at the problem's own prices."""

    price: int
    measures: Measures
    value: float


@dataclass(frozen=True)
class DayWorth:
    """What one more sitting day of a judge would buy."""

    judge: str
    day: date
    value: float
    """How much less the list would cost."""
    weeks_sooner: float
    """Weeks of waiting saved, over all hearings."""
    cases_sooner: int
    """Cases of which some hearing is sooner and none later."""


def continuity_frontier(
    problem: Problem, steps: int, seed: int = 1, prices: Sequence[int] = JUDGE_PRICES
) -> tuple[Choice, ...]:
    """Return lists for several prices of a change of judge: never judge two ways of listing at different continuity."""
    return tuple(_choice(problem, replace(problem.prices, judge_change=price), price, steps, seed) for price in prices)


def fairness_frontier(problem: Problem, steps: int, prices: Sequence[int], seed: int = 1) -> tuple[Choice, ...]:
    """Return lists for several prices of a week between the mean waits of authorities."""
    return tuple(_choice(problem, replace(problem.prices, spread=price), price, steps, seed) for price in prices)


def _choice(problem: Problem, prices: Prices, price: int, steps: int, seed: int) -> Choice:
    priced = replace(problem, prices=prices)
    docket = docket_of(priced)
    _, diary = best_first_come(docket)
    Search(diary, seed).run(steps)
    places = docket.places(diary.spots)
    return Choice(price, measures_of(problem, places), value_of(value_levels(problem, places)))


def worth_of_day(
    problem: Problem, places: Mapping[str, Place], judge: str, day: date, steps: int, seed: int = 1
) -> DayWorth:
    """Return what a list would gain if a judge sat on one more day; the same search without the day is what it beats.

    Raises KeyError for an unknown judge, ValueError for a day on which no court sits.
    """
    judges = {each.id: each for each in problem.judges}
    sittings = sittings_of(problem)
    if sittings.find(f"{day.isoformat()} am") is None:
        raise ValueError("no court sits on that day; name a sitting day of the horizon")
    opened = _open(sittings, judges[judge], day)
    longer = replace(problem, judges=tuple(opened if each.id == judge else each for each in problem.judges))
    without = _searched(problem, places, steps, seed)
    with_day = _searched(longer, without, steps, seed)
    again = _searched(problem, without, steps, seed)
    saved = _sessions_saved(problem, again, with_day)
    return DayWorth(
        judge=judge,
        day=day,
        value=value_of(value_levels(problem, again)) - value_of(value_levels(longer, with_day)),
        weeks_sooner=sum(map(sum, saved.values())) / SESSIONS_A_WEEK,
        cases_sooner=sum(min(each) >= 0 < max(each) for each in saved.values()),
    )


def _open(sittings: Sittings, judge: Judge, day: date) -> Judge:
    """Return a judge who sits on a day."""
    first = sittings.position(f"{day.isoformat()} am")
    spans = [
        piece
        for low, high in sittings.positions(judge.closed)
        for piece in ((low, min(high, first - 1)), (max(low, first + 2), high))
        if piece[0] <= piece[1]
    ]
    return replace(judge, closed=tuple(Absence(sittings.name(low), sittings.name(high)) for low, high in spans))


def _searched(problem: Problem, places: Mapping[str, Place], steps: int, seed: int) -> dict[str, Place]:
    """Return the list that a calm search finds from another."""
    docket = docket_of(problem)
    diary = Diary(docket)
    for hearing, spot in enumerate(docket.spots(places)):
        if spot is not None:
            diary.book(hearing, spot)
    Search(diary, seed).run(steps, first_temperature=CALM)
    return docket.places(diary.spots)


def _sessions_saved(problem: Problem, before: Mapping[str, Place], after: Mapping[str, Place]) -> dict[str, list[int]]:
    """Return how many sessions sooner each hearing is, by case."""
    readings = [
        Reading.of(problem, tuple(Placed(hearing, place) for hearing, place in places.items()), ())
        for places in (before, after)
    ]
    saved: dict[str, list[int]] = {}
    for hearing in problem.hearings:
        was, now = (wait_sessions(reading, hearing) for reading in readings)
        saved.setdefault(hearing.case, []).append(was - now)
    return saved
