"""A question to a simulation and its answer, as documents that can be kept and asked again to the same digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from braid import __version__
from braid.language.documents import Part, fingerprint
from braid.simulation import faults as network_faults
from braid.simulation import scenarios as scenario_faults
from braid.simulation.comparison import Comparison, compare
from braid.simulation.engines.choice import Chosen, choose_engine
from braid.simulation.intervals import Interval
from braid.simulation.loads import loads
from braid.simulation.measures import Fan, Measure, Where, fan, level_of, where_weeks_go
from braid.simulation.model import Network
from braid.simulation.run import Progress, Runs, after, simulate
from braid.simulation.scenarios import Scenario, apply_scenario

Found = tuple[str, str, str]
MOST_REPLICATIONS = 1000
MOST_SCENARIOS = 10
AS_IT_IS = "as it is"
HEAVY = 0.95
"""The load from which a list is said to grow, or to be very long."""


@dataclass(frozen=True)
class Question(Part):
    """What is asked: a network as it is, and what might be decided."""

    kind: Literal["simulation_question"]
    network: Network
    scenarios: tuple[Scenario, ...] = ()
    replications: int = 20
    seed: int = 1
    level: float = 0.95
    """At which intervals hold, all differences of a scenario together."""


@dataclass(frozen=True)
class Figure(Part):
    """A measure of the network as it is."""

    measure: Measure
    value: Interval


@dataclass(frozen=True)
class Told(Part):
    """One course of events: the network as it is, or a scenario."""

    name: str
    digest: str
    """SHA-256 of all that was counted. The same question gives the same on every machine."""
    events: int
    """In all replications."""
    fans: tuple[Fan, ...]
    where: tuple[Where, ...]


@dataclass(frozen=True)
class Answer(Part):
    """What would happen, with intervals, and what to think of it."""

    kind: Literal["simulation_answer"]
    question: str
    """Fingerprint of the question: SHA-256 of its canonical JSON."""
    version: str
    network: str
    """Name of the network."""
    start: str
    weeks: int
    replications: int
    seed: int
    level: float
    figures: tuple[Figure, ...]
    told: tuple[Told, ...]
    comparisons: tuple[Comparison, ...]
    advice: tuple[str, ...]
    """What whoever reads it should know before they believe it."""
    sources: Mapping[str, str]


def faults(question: Question) -> Sequence[Found]:
    """Return everything that is wrong with a question: place, rule, next step."""
    found = [(f"network.{place}", *rest) for place, *rest in network_faults.faults(question.network)]
    if found:
        return [(place, rule, step) for place, rule, step in found]
    told = list(_form(question))
    for number, scenario in enumerate(question.scenarios):
        place = f"scenarios[{number}]"
        wrong = scenario_faults.faults(scenario, question.network)
        if not wrong:
            wrong = network_faults.faults(apply_scenario(question.network, scenario))
        told += [(f"{place}.{where}", rule, step) for where, rule, step in wrong]
    return told


def _form(question: Question) -> Sequence[Found]:
    found = []
    if not 1 <= question.replications <= MOST_REPLICATIONS:
        found.append(("replications", f"there are 1 to {MOST_REPLICATIONS}", "ask for 20 first"))
    if len(question.scenarios) > MOST_SCENARIOS:
        found.append(("scenarios", f"at most {MOST_SCENARIOS} at once", "ask twice"))
    names = [AS_IT_IS, *(scenario.name for scenario in question.scenarios)]
    if len(set(names)) != len(names) or not all(name.strip() for name in names):
        found.append(("scenarios", "each has a name of its own", "name each by what is decided"))
    if not 0.5 <= question.level < 1:
        found.append(("level", "a level lies between 0.5 and 1", "give 0.95"))
    if question.seed < 0:
        found.append(("seed", "a seed is 0 or more", "give 1"))
    return found


def answer(question: Question, *, engine: Chosen | None = None, progress: Progress | None = None) -> Answer:
    """Return the answer to a question in which `faults` found nothing. Raises `run.RecordWrong`."""
    engine = engine or choose_engine()
    runs = list(_run_all(question, engine, progress))
    base = runs[0]
    values = base.values()
    measures = base.reading.measures
    return Answer(
        kind="simulation_answer",
        question=fingerprint(question),
        version=__version__,
        network=question.network.name,
        start=question.network.start.isoformat(),
        weeks=question.network.weeks,
        replications=question.replications,
        seed=question.seed,
        level=question.level,
        figures=tuple(
            Figure(one, level_of(one, values[one.id], question.level)) for one in measures if one.id in values
        ),
        told=tuple(_told(name, each) for name, each in zip(_names(question), runs, strict=True)),
        comparisons=tuple(
            compare(base, each, scenario.name, question.level)
            for scenario, each in zip(question.scenarios, runs[1:], strict=True)
        ),
        advice=tuple(advise(question)),
        sources=question.network.sources,
    )


def _names(question: Question) -> list[str]:
    return [AS_IT_IS, *(scenario.name for scenario in question.scenarios)]


def _run_all(question: Question, engine: Chosen, progress: Progress | None) -> Sequence[Runs]:
    networks = [question.network, *(apply_scenario(question.network, one) for one in question.scenarios)]
    total = len(networks) * question.replications
    runs = []
    for number, network in enumerate(networks):
        base = question.network if number else None
        tell = after(progress, number * question.replications, total)
        each = simulate(network, question.replications, question.seed, base=base, engine=engine, progress=tell)
        runs.append(replace(each, network=network))
    return runs


def _told(name: str, runs: Runs) -> Told:
    reading = runs.reading
    wheres = (where_weeks_go(reading, runs.records, one.id) for one in runs.network.pathways)
    return Told(
        name=name,
        digest=runs.digest(),
        events=int(sum(record.counts[0] for record in runs.records)),
        fans=tuple(fan(reading, runs.records, one.id) for one in runs.network.services if one.gives != "time"),
        where=tuple(one for one in wheres if one is not None),
    )


def advise(question: Question) -> Sequence[str]:
    """Return what whoever reads an answer should know before they believe it."""
    told = _heavy_loads(question.network)
    for scenario in question.scenarios:
        heavy = _heavy_loads(apply_scenario(question.network, scenario))
        told += [
            f"With \N{LEFT DOUBLE QUOTATION MARK}{scenario.name}\N{RIGHT DOUBLE QUOTATION MARK}: {words}"
            for words in heavy
            if words not in told
        ]
    if question.replications < 5:
        told.append("Fewer than five replications: intervals are very wide.")
    return told


def _heavy_loads(network: Network) -> list[str]:
    told = []
    services, steps = _titles(network)
    for load in loads(network):
        asked = f"{services[load.service]}: asked for {load.share:.0%} of what it has"
        if load.share > 1:
            told.append(f"{asked}, most of it by {steps[load.steps[0]]}: its list grows while that lasts.")
        elif load.share > HEAVY:
            told.append(f"{asked}: its list goes up and down widely.")
    return told


def _titles(network: Network) -> tuple[dict[str, str], dict[str, str]]:
    """Return what services are called by their ids, and steps by pathway and step as loads name them."""
    steps = {
        f"{pathway.id}.{step.id}": f"{pathway.title or pathway.id}, {step.title or step.id}"
        for pathway in network.pathways
        for step in pathway.steps
    }
    return {one.id: one.title or one.id for one in network.services}, steps
