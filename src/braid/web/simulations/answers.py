"""Documents of answers, whatever was asked: made from a question, and told by a digest whether two are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from braid import __version__
from braid.language.documents import Part, fingerprint, parse, write
from braid.simulation.answer import Answer, answer
from braid.simulation.engines.choice import Chosen
from braid.simulation.measures import Measure
from braid.simulation.model import Network
from braid.simulation.run import Progress
from braid.simulation.targets import Reach, Swing, capacity_to_reach, sensitivity
from braid.web.simulations.asked import (
    AnyAsked,
    Asked,
    AskedSensitivity,
    AskedTarget,
    measures_of,
    question_of,
    uncertain_of,
)

KINDS: dict[str, type[Asked] | type[AskedTarget] | type[AskedSensitivity]] = {
    "scenarios": Asked,
    "target": AskedTarget,
    "sensitivity": AskedSensitivity,
}


@dataclass(frozen=True)
class TargetAnswer(Part):
    """How much more of a service reaches a target."""

    kind: Literal["simulation_reach"]
    question: str
    """Fingerprint of what was asked, without the network: SHA-256 of its canonical JSON."""
    version: str
    network: str
    measure: Measure
    reach: Reach


@dataclass(frozen=True)
class SensitivityAnswer(Part):
    """How far each uncertain figure alone moves a measure."""

    kind: Literal["simulation_swings"]
    question: str
    version: str
    network: str
    measure: Measure
    swings: tuple[Swing, ...]
    """The furthest first."""


@dataclass(frozen=True)
class Made:
    """An answer as it is kept."""

    document: str
    digest: str


def make_answer(asked: AnyAsked, network: Network, engine: Chosen, progress: Progress) -> Made:
    """Return the answer to a question. Raises `RecordWrong`, and whatever `progress` raises to end it."""
    if isinstance(asked, Asked):
        found = answer(question_of(asked, network), engine=engine, progress=progress)
        return Made(write(found), _together(told.digest for told in found.told))
    if isinstance(asked, AskedSensitivity):
        swings = _swings(asked, network, engine)
        return Made(write(swings), _together(fingerprint(one) for one in swings.swings))
    reached = _reach(asked, network, engine)
    return Made(write(reached), fingerprint(reached.reach))


def _reach(asked: AskedTarget, network: Network, engine: Chosen) -> TargetAnswer:
    reach = capacity_to_reach(
        network,
        asked.target,
        asked.service,
        asked.most,
        asked.step,
        from_week=asked.from_week,
        replications=asked.replications,
        seed=asked.seed,
        level=asked.level,
        engine=engine,
    )
    measure = next(one for one in measures_of(network) if one.id == asked.target.measure)
    return TargetAnswer("simulation_reach", fingerprint(asked), __version__, network.name, measure, reach)


def _swings(asked: AskedSensitivity, network: Network, engine: Chosen) -> SensitivityAnswer:
    network = replace(network, weeks=asked.weeks)
    found = sensitivity(
        network,
        asked.measure,
        uncertain_of(asked, network),
        replications=asked.replications,
        seed=asked.seed,
        level=asked.level,
        engine=engine,
    )
    measure = next(one for one in measures_of(network) if one.id == asked.measure)
    return SensitivityAnswer("simulation_swings", fingerprint(asked), __version__, network.name, measure, tuple(found))


def _together(digests: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()


def read_asked(kind: str, document: str) -> AnyAsked:
    """Return what was asked, from the text that is kept."""
    return parse(document, KINDS[kind], "question")


def read_answer(document: str) -> Answer:
    """Return the answer to scenarios, from the text that is kept."""
    return parse(document, Answer, "answer")


def read_sensitivity_answer(document: str) -> SensitivityAnswer:
    """Return the answer to how far figures move a measure, from the text that is kept."""
    return parse(document, SensitivityAnswer, "answer")


def read_target_answer(document: str) -> TargetAnswer:
    """Return the answer to a target, from the text that is kept."""
    return parse(document, TargetAnswer, "answer")
