"""How much is asked of each service and how much it has, before anything is run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from braid.simulation.model import Network, Step, week_numbers

ROUNDS = 200
"""How often people are passed along pathways that lead to each other; what is left after is below a millionth."""


@dataclass(frozen=True)
class Load:
    """What a service is asked for in the mean of all weeks."""

    service: str
    asked: float
    """Slots a week, or places that would be held at once, if nobody lost patience."""
    has: float
    is_least: bool
    """Whether a step here is held until another is done: for how long is not known before a run, and not counted."""
    steps: tuple[str, ...]
    """Who asks, as pathway and step, the largest part first."""

    @property
    def share(self) -> float:
        """Asked by what there is; above 1 the list grows until people leave it. Infinite where there is nothing."""
        return self.asked / self.has if self.has else (float("inf") if self.asked else 0.0)


def loads(network: Network) -> list[Load]:
    """Return the load of each service that has slots or places, in their order."""
    visits = visits_a_week(network)
    found = []
    for service in network.services:
        if service.gives == "time":
            continue
        asked = {}
        is_held = False
        for pathway in network.pathways:
            for step in pathway.steps:
                if service.id in step.services:
                    weeks = step.duration.mean if service.gives == "places" else 1.0
                    is_held |= step.hold_until is not None and service.gives == "places"
                    asked[f"{pathway.id}.{step.id}"] = visits[pathway.id, step.id] * weeks
        has = float(np.mean(week_numbers(service.capacity, network)))
        largest = tuple(sorted(asked, key=lambda name: (-asked[name], name)))
        found.append(Load(service.id, sum(asked.values()), has, is_held, largest))
    return found


def visits_a_week(network: Network) -> dict[tuple[str, str], float]:
    """Return how often a week each step of each pathway is asked for, if nobody lost patience."""
    arrivals = {one.id: float(np.mean(week_numbers(one.arrivals, network))) for one in network.pathways}
    people = dict(arrivals)
    for _ in range(ROUNDS):
        led = dict.fromkeys(people, 0.0)
        for pathway in network.pathways:
            for step in pathway.steps:
                for lead in step.leads_to:
                    led[lead.pathway] += people[pathway.id] * step.share * lead.share
        people = {name: arrivals[name] + led[name] for name in people}
    return {
        (pathway.id, step.id): people[pathway.id] * step.share * times_done(step)
        for pathway in network.pathways
        for step in pathway.steps
    }


def times_done(step: Step) -> float:
    """Return how often a step is done for each time that it is needed, repeats counted."""
    if step.repeat is None:
        return 1.0
    return sum(step.repeat.share**number for number in range(step.repeat.most + 1))
