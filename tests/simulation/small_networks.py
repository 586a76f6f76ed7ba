"""Small networks for tests, said in few words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from braid.simulation.durations import Duration, Exponential, Fixed
from braid.simulation.model import Network, Pathway, Present, Service, Step, Weekly

START = dt.date(2026, 1, 5)


def exponential(mean: float) -> Exponential:
    """Return an exponential duration of so many weeks in the mean."""
    return Exponential("exponential", mean)


def fixed(weeks: float) -> Fixed:
    """Return a duration that is always the same."""
    return Fixed("fixed", weeks)


def places(name: str, level: float, **more: Any) -> Service:
    """Return a service with so many places."""
    return Service(name, "places", Weekly(level), **more)


def slots(name: str, level: float, **more: Any) -> Service:
    """Return a service with so many slots a week."""
    return Service(name, "slots", Weekly(level), **more)


def step(name: str, service: str, duration: Duration | None = None, **more: Any) -> Step:
    """Return a step at one service, of one week unless said otherwise."""
    return Step(name, (service,), duration or fixed(1.0), **more)


def network(
    services: tuple[Service, ...], pathways: tuple[Pathway, ...], weeks: int = 52, present: tuple[Present, ...] = ()
) -> Network:
    """Return a network of a year, or of so many weeks."""
    return Network("network", "small", START, weeks, services, pathways, present=present)


def one_list(arrivals: float = 9.0, level: float = 10.0, weeks: int = 104) -> Network:
    """Return one queue before some places."""
    pathway = Pathway("person", (step("serve", "desk", exponential(1.0)),), Weekly(arrivals))
    return network((places("desk", level),), (pathway,), weeks)
