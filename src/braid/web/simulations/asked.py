"""What a page asks of a network: a question without the network, what it would cost, and the whole question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from braid.language.documents import Part
from braid.simulation.answer import Question
from braid.simulation.engines.choice import choose_engine
from braid.simulation.loads import visits_a_week
from braid.simulation.model import Network, week_numbers
from braid.simulation.program import USUAL
from braid.simulation.scenarios import Scenario
from braid.simulation.targets import ReachQuestion, SensitivityQuestion, Target, Uncertain, most_tried

MOST_EVENTS = {"compiled": 150_000_000, "plain": 5_000_000}
"""About half a minute of one core."""
MOST_BYTES = 600_000_000
"""Of what is counted of all replications, which is kept until the answer is made."""
COLUMNS_OF_A_STEP, COLUMNS_OF_OTHERS, BYTES, HALF = 5, 4, 8, 4
WORDS_OF_A_HISTOGRAM = USUAL.bins
CHECKS_A_WEEK = 1 / USUAL.check_weeks + 1 / USUAL.window_weeks


@dataclass(frozen=True)
class Asked(Part):
    """Scenarios to compare with the network as it is."""

    kind: Literal["simulation_asked"]
    scenarios: tuple[Scenario, ...]
    weeks: int
    replications: int
    seed: int
    level: float


@dataclass(frozen=True)
class AskedTarget(Part):
    """A measure to be brought to a value by a week, by more of one service."""

    kind: Literal["simulation_target"]
    service: str
    target: Target
    from_week: int
    most: float
    """The most more that is tried, in slots a week or places."""
    step: float
    replications: int
    seed: int
    level: float


UncertainOf = Literal["capacity", "arrivals", "duration", "patience"]


@dataclass(frozen=True)
class AskedSensitivity(Part):
    """How far a measure goes when one figure after another is smaller or larger than the network says."""

    kind: Literal["simulation_sensitivity"]
    measure: str
    of: tuple[UncertainOf, ...]
    """Which kinds of figures may be otherwise."""
    by: float
    """How far off each may be, as a share of what it is."""
    weeks: int
    replications: int
    seed: int
    level: float


AnyAsked = Asked | AskedTarget | AskedSensitivity


@dataclass(frozen=True)
class Cost:
    """What a question would take, before it is run."""

    events: float
    bytes: float

    @property
    def share(self) -> float:
        """Of what one question may take; above 1 it is refused."""
        return max(self.events / MOST_EVENTS[choose_engine().name], self.bytes / MOST_BYTES)


def question_of(asked: Asked, network: Network) -> Question:
    """Return the whole question."""
    return Question(
        kind="simulation_question",
        network=replace(network, weeks=asked.weeks),
        scenarios=asked.scenarios,
        replications=asked.replications,
        seed=asked.seed,
        level=asked.level,
    )


def reach_of(asked: AskedTarget) -> ReachQuestion:
    """Return the whole question for a target."""
    return ReachQuestion("reach_question", asked.target, asked.service, asked.most, asked.step, asked.from_week)


def swings_of(asked: AskedSensitivity, network: Network) -> SensitivityQuestion:
    """Return the whole question for what moves a measure: of every figure of the network that is asked of."""
    steps = [(f"{one.id}.{step.id}", step) for one in network.pathways for step in one.steps]
    about: dict[UncertainOf, list[str]] = {
        "capacity": [one.id for one in network.services if one.gives != "time"],
        "arrivals": [one.id for one in network.pathways if week_numbers(one.arrivals, network).any()],
        "duration": [name for name, _ in steps],
        "patience": [name for name, step in steps if step.patience is not None],
    }
    uncertain = (Uncertain(of, name, 1 - asked.by, 1 + asked.by) for of in asked.of for name in about[of])
    return SensitivityQuestion("sensitivity_question", asked.measure, tuple(uncertain))


def cost_of(asked: AnyAsked, network: Network) -> Cost:
    """Return what a question would take, from the network alone.

    Events are what each visit to a service makes, two, and what each week and each person who is there makes; more
    arrivals in a scenario are counted as if they came in all.
    """
    if isinstance(asked, AskedTarget):
        weeks, kept = asked.target.at_week, asked.replications
    elif isinstance(asked, AskedSensitivity):
        weeks, kept = asked.weeks, 2 * asked.replications
    else:
        weeks, kept = asked.weeks, (1 + len(asked.scenarios)) * asked.replications
    runs = replications_of(asked, network)
    visits = sum(visits_a_week(network).values()) * _most_times(asked)
    present = sum(group.count for group in network.present)
    events = weeks * (2 * visits + len(network.services)) + 2 * present
    return Cost(events * runs, _bytes_of_a_record(network, weeks) * kept)


def _most_times(asked: AnyAsked) -> float:
    if isinstance(asked, AskedTarget):
        return 1.0
    if isinstance(asked, AskedSensitivity):
        return 1 + asked.by
    changes = (change for scenario in asked.scenarios for change in scenario.changes if change.of == "arrivals")
    return max((max(change.times, 1.0) for change in changes), default=1.0)


def _bytes_of_a_record(network: Network, weeks: int) -> float:
    steps = sum(len(pathway.steps) for pathway in network.pathways)
    others = len(network.services) + len(network.pathways)
    rows = weeks * (steps * COLUMNS_OF_A_STEP + others * COLUMNS_OF_OTHERS) * BYTES
    histograms = (weeks * CHECKS_A_WEEK + 1) * (steps + len(network.pathways)) * WORDS_OF_A_HISTOGRAM * HALF
    return rows + histograms


def replications_of(asked: AnyAsked, network: Network) -> int:
    """Return how many replications are run, of all courses of events; of a search, at most."""
    if isinstance(asked, AskedTarget):
        return most_tried(reach_of(asked)) * asked.replications
    if isinstance(asked, AskedSensitivity):
        return (1 + 2 * len(swings_of(asked, network).uncertain)) * asked.replications
    return (1 + len(asked.scenarios)) * asked.replications
