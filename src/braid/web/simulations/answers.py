"""Documents of answers, whatever was asked: made from a question, and told by a digest whether two are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from braid import __version__
from braid.language.documents import Part, fingerprint, parse, write
from braid.simulation.answer import Answer, answer
from braid.simulation.engines.choice import Chosen
from braid.simulation.measures import Measure, measures_of
from braid.simulation.model import Network
from braid.simulation.run import Progress
from braid.simulation.targets import Reach, Swing, capacity_to_reach, find_swings
from braid.web.simulations.asked import (
    AnyAsked,
    Asked,
    AskedSensitivity,
    AskedTarget,
    question_of,
    reach_of,
    swings_of,
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
    network_fingerprint: str
    version: str
    network: str
    measure: Measure
    asked: AskedTarget
    reach: Reach


@dataclass(frozen=True)
class SensitivityAnswer(Part):
    """How far each uncertain figure alone moves a measure."""

    kind: Literal["simulation_swings"]
    question: str
    network_fingerprint: str
    version: str
    network: str
    measure: Measure
    asked: AskedSensitivity
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
        swings = _swings(asked, network, engine, progress)
        return Made(write(swings), _together(fingerprint(one) for one in swings.swings))
    reached = _reach(asked, network, engine, progress)
    return Made(write(reached), fingerprint(reached.reach))


def _reach(asked: AskedTarget, network: Network, engine: Chosen, progress: Progress) -> TargetAnswer:
    reach = capacity_to_reach(network, reach_of(asked), **_how(asked), engine=engine, progress=progress)
    return TargetAnswer("simulation_reach", *_made_of(asked, asked.target.measure, network), asked, reach)


def _swings(asked: AskedSensitivity, network: Network, engine: Chosen, progress: Progress) -> SensitivityAnswer:
    network = replace(network, weeks=asked.weeks)
    found = find_swings(network, swings_of(asked, network), **_how(asked), engine=engine, progress=progress)
    return SensitivityAnswer("simulation_swings", *_made_of(asked, asked.measure, network), asked, found)


def _how(asked: AskedTarget | AskedSensitivity) -> dict[str, Any]:
    return {"replications": asked.replications, "seed": asked.seed, "level": asked.level}


def _made_of(
    asked: AskedTarget | AskedSensitivity, measure: str, network: Network
) -> tuple[str, str, str, str, Measure]:
    """Return the fields with which both begin: what was asked of what, by which version."""
    measures = {one.id: one for one in measures_of(network)}
    return fingerprint(asked), fingerprint(network), __version__, network.name, measures[measure]


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
