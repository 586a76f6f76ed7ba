"""Scenarios: what a board might decide, as changes of a network, each in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from braid.language.documents import Part
from braid.simulation.model import MOST_PRIORITIES, Change, Network, Order, Pathway, Service, Step


@dataclass(frozen=True)
class CapacityChange(Part):
    """More or fewer slots a week, or places, from a week on."""

    of: Literal["capacity"]
    service: str
    add: float = 0.0
    times: float = 1.0
    from_week: int = 0


@dataclass(frozen=True)
class ArrivalChange(Part):
    """More or fewer people a week, from a week on."""

    of: Literal["arrivals"]
    pathway: str
    add: float = 0.0
    times: float = 1.0
    from_week: int = 0


@dataclass(frozen=True)
class OrderChange(Part):
    """Another rule of who is next at a service."""

    of: Literal["order"]
    service: str
    order: Order
    ageing_weeks: float | None = None


@dataclass(frozen=True)
class PriorityChange(Part):
    """Another priority of a pathway, or of one of its bands.

    Of a pathway with bands and without a band named, the first of them gets the priority, and the others keep their
    distance from it.
    """

    of: Literal["priority"]
    pathway: str
    priority: int
    band: str | None = None


@dataclass(frozen=True)
class StepChange(Part):
    """A step that takes longer or shorter, or that more or fewer people need, or that is repeated more or less."""

    of: Literal["step"]
    pathway: str
    step: str
    times: float = 1.0
    """How many times as long the step takes."""
    patience_times: float = 1.0
    """How many times as long people wait for it before they leave."""
    share: float | None = None
    repeat_share: float | None = None


Changed = Annotated[
    CapacityChange | ArrivalChange | OrderChange | PriorityChange | StepChange, Field(discriminator="of")
]


@dataclass(frozen=True)
class Scenario(Part):
    """What would be decided."""

    kind: Literal["scenario"]
    name: str
    changes: tuple[Changed, ...]


def faults(scenario: Scenario, network: Network) -> Sequence[tuple[str, str, str]]:
    """Return what a scenario says of a network that cannot be: place, rule, next step."""
    found = []
    services, pathways = {one.id for one in network.services}, {one.id: one for one in network.pathways}
    timeless = {one.id for one in network.services if one.gives == "time"}
    for number, change in enumerate(scenario.changes):
        place = f"changes[{number}]"
        if isinstance(change, CapacityChange | OrderChange) and change.service not in services:
            found.append((f"{place}.service", "there is no such service", "name a service of the network"))
        if isinstance(change, CapacityChange | OrderChange) and change.service in timeless:
            found.append((f"{place}.service", "it has enough for everybody: nobody waits for it", "name another"))
        if isinstance(change, CapacityChange | ArrivalChange) and not 0 <= change.from_week < network.weeks:
            found.append((f"{place}.from_week", "it lies in the weeks that are simulated", "give an earlier week"))
        if isinstance(change, ArrivalChange | PriorityChange | StepChange) and change.pathway not in pathways:
            found.append((f"{place}.pathway", "there is no such pathway", "name a pathway of the network"))
            continue
        if isinstance(change, StepChange) and change.step not in {step.id for step in pathways[change.pathway].steps}:
            found.append((f"{place}.step", "there is no such step", "name a step of the pathway"))
        if isinstance(change, StepChange):
            found += [
                (f"{place}.{name}", "it lies above 0, up to 100", "give 1.5 for half as long again")
                for name in ("times", "patience_times")
                if not 0 < getattr(change, name) <= 100
            ]
        if isinstance(change, StepChange) and change.repeat_share is not None:
            step = next((one for one in pathways[change.pathway].steps if one.id == change.step), None)
            if step is not None and step.repeat is None:
                found.append((f"{place}.repeat_share", "the step is never repeated", "give it a repeat in the network"))
        if isinstance(change, PriorityChange) and not _has_band(pathways[change.pathway], change.band):
            found.append((f"{place}.band", "there is no such band", "name a band of the pathway"))
    return found


def _has_band(pathway: Pathway, band: str | None) -> bool:
    return band is None or band in {one.id for one in pathway.bands}


def apply_scenario(network: Network, scenario: Scenario) -> Network:
    """Return a network as it would be. `faults` found nothing wrong with the scenario; ask those of the result too."""
    for change in scenario.changes:
        network = _apply(network, change)
    return network


def _apply(network: Network, change: Any) -> Network:
    if isinstance(change, CapacityChange):
        more = Change(change.from_week, change.add, change.times)
        return _with_service(network, change.service, lambda one: replace(one, capacity=_more(one.capacity, more)))
    if isinstance(change, OrderChange):
        order, ageing = change.order, change.ageing_weeks
        return _with_service(network, change.service, lambda one: replace(one, order=order, ageing_weeks=ageing))
    if isinstance(change, ArrivalChange):
        more = Change(change.from_week, change.add, change.times)
        return _with_pathway(network, change.pathway, lambda one: replace(one, arrivals=_more(one.arrivals, more)))
    if isinstance(change, PriorityChange):
        return _with_pathway(network, change.pathway, lambda one: _with_priority(one, change))
    return _with_pathway(network, change.pathway, lambda one: _with_step(one, change))


def _more(weekly: Any, change: Change) -> Any:
    return replace(weekly, changes=(*weekly.changes, change))


def _with_service(network: Network, wanted: str, changed: Any) -> Network:
    services: tuple[Service, ...] = tuple(changed(one) if one.id == wanted else one for one in network.services)
    return replace(network, services=services)


def _with_pathway(network: Network, wanted: str, changed: Any) -> Network:
    pathways: tuple[Pathway, ...] = tuple(changed(one) if one.id == wanted else one for one in network.pathways)
    return replace(network, pathways=pathways)


def _with_priority(pathway: Pathway, change: PriorityChange) -> Pathway:
    if change.band is None and pathway.bands:
        further = change.priority - min(band.priority for band in pathway.bands)
        moved = (min(max(band.priority + further, 0), MOST_PRIORITIES - 1) for band in pathway.bands)
        bands = tuple(replace(one, priority=each) for one, each in zip(pathway.bands, moved, strict=True))
        return replace(pathway, priority=change.priority, bands=bands)
    if change.band is None:
        return replace(pathway, priority=change.priority)
    bands = tuple(replace(one, priority=change.priority) if one.id == change.band else one for one in pathway.bands)
    return replace(pathway, bands=bands)


def _with_step(pathway: Pathway, change: StepChange) -> Pathway:
    steps = tuple(_changed_step(one, change) if one.id == change.step else one for one in pathway.steps)
    return replace(pathway, steps=steps)


def _changed_step(step: Step, change: StepChange) -> Step:
    if change.times != 1.0:
        step = replace(step, duration=step.duration.scaled(change.times))
    if change.patience_times != 1.0 and step.patience is not None:
        step = replace(step, patience=step.patience.scaled(change.patience_times))
    if change.share is not None:
        step = replace(step, share=change.share)
    if change.repeat_share is not None and step.repeat is not None:
        step = replace(step, repeat=replace(step.repeat, share=change.repeat_share))
    return step
