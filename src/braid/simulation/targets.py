"""Questions asked backwards: how much capacity reaches a target by a date, and how many replications are enough."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from braid.language.documents import Part
from braid.simulation.engines.choice import Chosen, choose_engine
from braid.simulation.intervals import Interval, half_width, interval
from braid.simulation.measures import level_of, measures_of
from braid.simulation.model import Network
from braid.simulation.program import USUAL, Counting
from braid.simulation.run import Progress, Runs, after, simulate
from braid.simulation.scenarios import (
    ArrivalChange,
    CapacityChange,
    Changed,
    Scenario,
    StepChange,
    apply_scenario,
)

Found = tuple[str, str, str]
MOST_STEPS_TRIED, MOST_UNCERTAIN = 1000, 50
FEWEST = 5
"""Replications before it is asked whether they are enough."""


@dataclass(frozen=True)
class Target(Part):
    """A measure that should be at most, or at least, a value after so many weeks."""

    measure: str
    at_week: int
    value: float
    is_at_most: bool = True


@dataclass(frozen=True)
class Reach(Part):
    """How much more capacity reaches a target."""

    service: str
    add: float | None
    """The least more each week that reaches it in the mean of the replications, to the step asked for; null where the
    most that was tried does not."""
    now: Interval
    """The measure without more."""
    then: Interval
    """The measure with so much more, or with the most that was tried."""
    tried: int
    """How many capacities were simulated."""


@dataclass(frozen=True)
class ReachQuestion(Part):
    """How much more capacity of a service reaches a target, at most so much, in such steps."""

    kind: Literal["reach_question"]
    target: Target
    service: str
    most: float
    step: float = 1.0
    from_week: int = 0


def capacity_to_reach(
    network: Network,
    asked: ReachQuestion,
    *,
    replications: int = 10,
    seed: int = 1,
    level: float = 0.95,
    engine: Chosen | None = None,
    progress: Progress | None = None,
) -> Reach:
    """Return the least capacity that reaches a target. `reach_faults` found nothing in the question.

    Bisection: the same people with the same luck are simulated at each capacity, so that more of it all but never makes
    a list of the service itself longer. Of what lies behind it more may make a measure worse: then the most that was
    tried is told as not enough, and `then` says which way it went.
    """
    engine, target = engine or choose_engine(), asked.target
    until = replace(network, weeks=target.at_week)
    counting = _counting_up_to(target.at_week)
    measure = {one.id: one for one in measures_of(network)}[target.measure]
    found: dict[int, Interval] = {}

    def reached(steps: int) -> bool:
        if steps not in found:
            change = CapacityChange("capacity", asked.service, add=steps * asked.step, from_week=asked.from_week)
            more = apply_scenario(until, Scenario("scenario", "more", (change,)))
            tell = after(progress, len(found) * replications, most_tried(asked) * replications)
            runs = simulate(more, replications, seed, base=until, counting=counting, engine=engine, progress=tell)
            found[steps] = level_of(measure, runs.values()[target.measure], level)
        value = found[steps].mean
        if value is None:
            return False
        return value <= target.value if target.is_at_most else value >= target.value

    last = _steps(asked)
    if reached(0):
        return Reach(asked.service, 0.0, found[0], found[0], len(found))
    if not reached(last):
        return Reach(asked.service, None, found[0], found[last], len(found))
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return Reach(asked.service, round(high * asked.step, 9), found[0], found[high], len(found))


def _steps(asked: ReachQuestion) -> int:
    """Return how many steps the most is: whole but for what a division leaves."""
    return max(int(asked.most / asked.step + 1e-9), 0)


def most_tried(asked: ReachQuestion) -> int:
    """Return how many capacities a search simulates at most: none more, the most, and each halving between."""
    return 2 + math.ceil(math.log2(max(_steps(asked), 1)))


def _counting_up_to(weeks: int) -> Counting:
    """Return what counts who waits in that very week, and keeps the year before it apart."""
    return replace(USUAL, window_weeks=min(weeks, USUAL.window_weeks), check_weeks=weeks)


def simulate_until(
    network: Network,
    measure: str,
    share: float,
    *,
    most: int = 200,
    seed: int = 1,
    level: float = 0.95,
    batch: int = 4,
    engine: Chosen | None = None,
    progress: Progress | None = None,
) -> Runs:
    """Return as many replications as make a measure known to a share of its mean, at most `most`.

    Half the interval's width is held against `share` of the mean after each batch, from the fifth replication on: the
    usual sequential rule, whose level is a little below the nominal one for few replications (Law 2015, 9.4.1).
    """
    engine = engine or choose_engine()
    runs = simulate(network, FEWEST, seed, engine=engine)
    while len(runs.records) < most:
        values = runs.values()[measure]
        known = values[np.isfinite(values)]
        if len(known) > 1 and half_width(known, level) <= share * abs(float(known.mean())):
            break
        next_ones = min(batch, most - len(runs.records))
        more = simulate(network, next_ones, seed, engine=engine, first=len(runs.records))
        runs = replace(runs, records=runs.records + more.records)
        if progress is not None:
            progress(len(runs.records), most)
    return runs


@dataclass(frozen=True)
class Uncertain(Part):
    """A figure of the network that nobody knows well: how small and how large it may be, as times what is there."""

    of: Literal["capacity", "arrivals", "duration", "patience"]
    about: str
    """A service for capacity; a pathway for arrivals; pathway and step with a dot between for the others."""
    low: float
    high: float


@dataclass(frozen=True)
class Swing(Part):
    """How far a measure goes from what it is when one uncertain figure is at either of its ends."""

    uncertain: Uncertain
    at_low: Interval
    at_high: Interval
    """Paired differences from the network as it is."""

    @property
    def reach(self) -> float:
        """The larger of the two, without its sign."""
        return max(abs(end.mean or 0.0) for end in (self.at_low, self.at_high))


@dataclass(frozen=True)
class SensitivityQuestion(Part):
    """Which uncertain figures matter for a measure."""

    kind: Literal["sensitivity_question"]
    measure: str
    uncertain: tuple[Uncertain, ...]


def find_swings(
    network: Network,
    asked: SensitivityQuestion,
    *,
    replications: int = 10,
    seed: int = 1,
    level: float = 0.95,
    engine: Chosen | None = None,
    progress: Progress | None = None,
) -> tuple[Swing, ...]:
    """Return how far each uncertain figure alone moves a measure, the furthest first: what to find out first.

    `sensitivity_faults` found nothing in the question.
    """
    engine, ends = engine or choose_engine(), 2 * len(asked.uncertain)
    total = (1 + ends) * replications
    runs = simulate(network, replications, seed, engine=engine, progress=after(progress, 0, total))
    now = runs.values()[asked.measure]

    def moved(number: int, one: Uncertain, times: float) -> Interval:
        then = simulate(
            apply_scenario(network, Scenario("scenario", "otherwise", (as_change(one, times),))),
            replications,
            seed,
            base=network,
            engine=engine,
            progress=after(progress, (1 + number) * replications, total),
        )
        return interval(then.values()[asked.measure] - now, level, among=ends)

    swings = [
        Swing(one, moved(2 * number, one, one.low), moved(2 * number + 1, one, one.high))
        for number, one in enumerate(asked.uncertain)
    ]
    return tuple(sorted(swings, key=lambda swing: -swing.reach))


def as_change(one: Uncertain, times: float) -> Changed:
    """Return the change that makes an uncertain figure so many times what it is."""
    if one.of == "capacity":
        return CapacityChange("capacity", one.about, times=times)
    if one.of == "arrivals":
        return ArrivalChange("arrivals", one.about, times=times)
    pathway, _, step = one.about.partition(".")
    if one.of == "duration":
        return StepChange("step", pathway, step, times=times)
    return StepChange("step", pathway, step, patience_times=times)


def reach_faults(asked: ReachQuestion, network: Network) -> Sequence[Found]:
    """Return what is wrong with a question for capacity: place, rule, next step."""
    found = list(_measure_faults("target.measure", asked.target.measure, network))
    if asked.service not in {one.id for one in network.services if one.gives != "time"}:
        found.append(("service", "there is no such service with a capacity", "name one of the network"))
    if not 1 <= asked.target.at_week <= network.weeks:
        found.append(("target.at_week", "it lies in the weeks that are simulated", "give a week, or simulate more"))
    if not 0 < asked.step <= asked.most or asked.most / asked.step > MOST_STEPS_TRIED:
        found.append(("step", f"most is 1 to {MOST_STEPS_TRIED} steps", "give a larger step"))
    if not 0 <= asked.from_week < max(asked.target.at_week, 1):
        found.append(("from_week", "more capacity comes before the target's week", "give an earlier week"))
    return found


def sensitivity_faults(asked: SensitivityQuestion, network: Network) -> Sequence[Found]:
    """Return what is wrong with a question for what matters: place, rule, next step."""
    found = list(_measure_faults("measure", asked.measure, network))
    steps = {f"{pathway.id}.{step.id}" for pathway in network.pathways for step in pathway.steps}
    known = {
        "capacity": {one.id for one in network.services if one.gives != "time"},
        "arrivals": {one.id for one in network.pathways},
        "duration": steps,
        "patience": steps,
    }
    if not 1 <= len(asked.uncertain) <= MOST_UNCERTAIN:
        found.append(("uncertain", f"there are 1 to {MOST_UNCERTAIN} figures", "ask twice"))
    for number, one in enumerate(asked.uncertain):
        if one.about not in known[one.of]:
            found.append((f"uncertain[{number}].about", f"there is no such {one.of}", "name one of the network"))
        if not 0 < one.low <= one.high <= 100:
            found.append((f"uncertain[{number}]", "low and high are above 0, in order", "give 0.8 and 1.25"))
    return found


def _measure_faults(place: str, measure: str, network: Network) -> Iterator[Found]:
    if measure not in {one.id for one in measures_of(network)}:
        yield place, "there is no such measure", "name one that braid simulate shows"
