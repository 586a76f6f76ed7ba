"""What does not add up in the figures of a queue, before anything is simulated.

Little's law ("A proof for the queuing formula L = λW", Operations Research 9, 1961) holds of every queue that neither
grows nor falls, whatever its order and its laws: as many wait as come in a week, times the weeks that one waits. Where
figures of a place break it, or a queue grows by less than came and were not taken, people leave whom nobody counts, or
two figures are not about the same queue. A model with such figures would miss.

Rates are per week, times are weeks. Each rule speaks only where its figures are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

Rule = Literal["little", "uncounted", "capacity", "load", "order", "idle"]
Weight = Literal["note", "warning"]
IN_SHORT: Mapping[Rule, str] = {
    "little": "how many wait, how many come and how long they wait do not fit together; its list is not settled",
    "uncounted": "people leave it whom nobody counts",
    "capacity": "more people come than can be served and leave; its list grows",
    "load": "more places are needed than there are",
    "order": "people are not served in turn; only bands of priority show why",
    "idle": "in some week nobody waited, so that it may have more slots than were taken",
}
"""What a finding says where its figures may not be told, which are counts of a few people now and then."""
WEEKS_A_MONTH = 365.25 / 12 / 7
WEEKS_A_YEAR = 365.25 / 7
APART = 1.25
"""Two figures that should be one are told apart from so many times on."""
LEAST_PART = 0.02
"""Uncounted leaving below this part of who come is left to rounding."""
CHANCE = 2.0
"""So many standard errors of a Poisson count are left to chance."""
FAR = 1.5
"""A queue that takes so many times as long to serve as some waited cannot have been served in turn."""
FEW = 0.1
"""A smaller part than this may have been served out of turn for reasons of its own."""
UNSETTLED = 0.1
"""A queue that changes by more than this part of who come has no mean wait of its own."""
FULL = 0.95
"""From this load on a queue is long and slow to settle."""


@dataclass(frozen=True)
class Figures:
    """What is known of one service and its queue. `None` is not known; 0 is nobody."""

    service: str
    title: str
    gives: Literal["slots", "places", "time"] = "slots"
    weeks: float | None = None
    """Over how many weeks the rates were counted, which says how far chance reaches."""
    waiting: float | None = None
    """L: how many wait, or are in a place."""
    additions: float | None = None
    """λ: how many come in a week."""
    removals: float | None = None
    """How many are served in a week."""
    leaving: float | None = None
    """How many are counted to leave in a week without being served."""
    growth: float | None = None
    """By how many the queue grew in a week, as its size was counted."""
    mean_wait: float | None = None
    """W: mean weeks until a wait ends, of completed waits or by a survival curve."""
    within_weeks: float | None = None
    within_share: float | None = None
    """The share of those who were served that had waited no longer than `within_weeks`."""
    capacity: float | None = None
    """Slots a week, or places."""
    in_place_weeks: float | None = None
    """S: mean weeks that somebody holds a place."""
    was_empty: bool = False
    """Nobody waited at the end of some week."""


@dataclass(frozen=True)
class Finding:
    """What does not add up: where, by which rule, the figures, in words, and what to do next."""

    service: str
    rule: Rule
    weight: Weight
    figures: Mapping[str, float]
    words: str
    next_step: str


def check_consistency(figures: Figures) -> tuple[Finding, ...]:
    """Return what does not add up in the figures of a service, by rule; nothing where all does."""
    return tuple(finding for rule in RULES for finding in rule(figures))


def implied_wait(waiting: float, rate: float) -> float:
    """Return W = L / λ in weeks: what so many waiting and so many a week imply. Raises `ValueError` of no rate."""
    if not rate > 0:
        raise ValueError("a rate is above 0")
    return waiting / rate


def uncounted_leaving(additions: float, removals: float, leaving: float, growth: float) -> float:
    """Return how many a week leave whom nobody counts: who came, less who were served, left, and stayed."""
    return additions - removals - leaving - growth


def _check_little(f: Figures) -> Iterator[Finding]:
    """The queue, by who come in a week, is the mean wait; of one that grew, by the mean of who come and who go."""
    if not f.waiting or not f.additions or not f.mean_wait:
        return
    gone = f.additions if f.growth is None else max(f.additions - f.growth, 0.0)
    through = (f.additions + gone) / 2
    implied = implied_wait(f.waiting, through)
    apart = max(APART, 1 + CHANCE * sqrt(1 / f.waiting + 1 / (f.additions * f.weeks))) if f.weeks else APART
    if 1 / apart <= implied / f.mean_wait <= apart:
        return
    words = (
        f"{f.title}: {f.waiting:,.0f} waiting and {through:,.3g} a week imply a mean wait of {_weeks(implied)}, but it"
        f" is given as {_weeks(f.mean_wait)}."
    )
    step = _step_for_little(f, implied > f.mean_wait)
    numbers = {"waiting": f.waiting, "additions": f.additions, "implied_wait": implied, "mean_wait": f.mean_wait}
    yield Finding(f.service, "little", "warning", numbers, words, step)


def _step_for_little(f: Figures, is_longer: bool) -> str:
    if f.growth is not None and f.additions and abs(f.growth) > UNSETTLED * f.additions:
        settled = "start from who waits today, and read no settled mean from these figures."
        return f"The queue is not settled, it changes by {f.growth:+,.3g} a week: {settled}"
    if is_longer:
        return "See whether the mean is of everybody or only of who was served, and size and rates of the same queue."
    return "See whether some who wait are missing from the size, or long waits weigh too much in the mean."


def _check_uncounted(f: Figures) -> Iterator[Finding]:
    """Who came, less who were served and who left, is the growth of the queue."""
    if f.additions is None or f.removals is None or f.growth is None:
        return
    missing = uncounted_leaving(f.additions, f.removals, f.leaving or 0.0, f.growth)
    if abs(missing) <= LEAST_PART * max(f.additions, f.removals):
        return
    month = abs(missing) * WEEKS_A_MONTH
    numbers = {"uncounted_a_week": missing, "uncounted_a_month": missing * WEEKS_A_MONTH, "growth": f.growth}
    if missing < 0:
        words = f"{f.title}: about {month:,.0f} a month come whom the additions do not count."
        step = "Count who joins otherwise, such as by transfer, or correct the removals."
        yield Finding(f.service, "uncounted", "warning", numbers, words, step)
        return
    words = f"{f.title}: about {month:,.0f} a month leave uncounted, {missing / f.additions:.0%} of those who come"
    if f.waiting:
        numbers["patience"] = implied_wait(f.waiting, missing)
        words += f": as if each left after {_weeks(numbers['patience'])} on the mean"
    step = "Give the pathway a patience of that mean, or find the removals that are not counted; without, it must miss."
    yield Finding(f.service, "uncounted", "warning", numbers, words + ".", step)


def _check_capacity(f: Figures) -> Iterator[Finding]:
    """Slots and leaving together must take up who come, or the queue grows without end."""
    if f.gives != "slots" or f.capacity is None or f.additions is None:
        return
    short = f.additions - f.capacity - (f.leaving or 0.0)
    if short <= LEAST_PART * f.additions or _is_chance(short, f.additions, f.weeks):
        return
    words = (
        f"{f.title}: {f.additions:,.3g} a week come, {f.capacity:,.3g} can be served and {f.leaving or 0:,.3g} leave:"
        f" the queue grows by {short:,.3g} a week."
    )
    step = "Expect a growing queue, or see whether who come are counted in the same unit as who are served."
    yield Finding(
        f.service,
        "capacity",
        "warning",
        {"additions": f.additions, "capacity": f.capacity, "leaving": f.leaving or 0.0, "growth": short},
        words,
        step,
    )


def _check_load(f: Figures) -> Iterator[Finding]:
    """Places that are held must hold who come: λS of them, on the mean."""
    if f.gives != "places" or not f.capacity or f.additions is None or f.in_place_weeks is None:
        return
    load = f.additions * f.in_place_weeks / f.capacity
    if load < FULL:
        return
    words = (
        f"{f.title}: {f.additions:,.3g} a week who each stay {_weeks(f.in_place_weeks)} need"
        f" {f.additions * f.in_place_weeks:,.0f} places, and there are {f.capacity:,.0f}: a load of {load:.0%}."
    )
    step = (
        "Expect a queue before the places that grows without end; more places, shorter stays or fewer who come end it."
        if load >= 1
        else "Expect a long queue that settles slowly: simulate some years."
    )
    numbers = {"additions": f.additions, "in_place_weeks": f.in_place_weeks, "capacity": f.capacity, "load": load}
    yield Finding(f.service, "load", "warning" if load >= 1 else "note", numbers, words, step)


def _check_order(f: Figures) -> Iterator[Finding]:
    """First come, first served, everybody served now waited as long as the queue before them took to go.

    Of a queue of L that grows by g a week, those served now found L less what it grew since: they waited L by what
    goes and g together.
    """
    if f.gives != "slots" or not f.waiting or not f.removals or f.within_weeks is None or f.within_share is None:
        return
    in_turn = implied_wait(f.waiting, f.removals + (f.leaving or 0.0) + max(f.growth or 0.0, 0.0))
    if in_turn < FAR * f.within_weeks or f.within_share < FEW:
        return
    words = (
        f"{f.title}: in turn, everybody would wait about {_weeks(in_turn)}, but {f.within_share:.0%} of those served"
        f" had waited {_weeks(f.within_weeks)} at most: it is not first come, first served."
    )
    step = "Give the pathway bands of priority, and a patience for those whose turn does not come."
    numbers = {"in_turn": in_turn, "within_weeks": f.within_weeks, "within_share": f.within_share}
    yield Finding(f.service, "order", "warning", numbers, words, step)


def _check_idle(f: Figures) -> Iterator[Finding]:
    """Where nobody waited, those served are no measure of what could have been done."""
    if f.gives != "slots" or not f.was_empty:
        return
    words = f"{f.title}: in some week nobody waited, so its slots are as many as were needed, and may be more."
    step = "Ask the service how many slots it has in a week, and write that as its capacity."
    yield Finding(f.service, "idle", "note", {"capacity": f.capacity or 0.0}, words, step)


def _is_chance(rate: float, of_rate: float, weeks: float | None) -> bool:
    """Say whether a rate is within what chance does to another, counted over some weeks; never where none are given."""
    return weeks is not None and rate <= CHANCE * sqrt(max(of_rate, 1 / weeks) / weeks)


def _weeks(weeks: float) -> str:
    """Say a time as people do."""
    return f"{weeks / WEEKS_A_YEAR:.1f} years" if weeks > 2 * WEEKS_A_YEAR else f"{weeks:.0f} weeks"


RULES: tuple[Callable[[Figures], Iterator[Finding]], ...] = (
    _check_little,
    _check_uncounted,
    _check_capacity,
    _check_load,
    _check_order,
    _check_idle,
)
