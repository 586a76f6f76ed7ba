"""England as a network: treatment, housing, homelessness, care proceedings, the Crown Court, victims, plans, schools.

Justice is that of England and Wales. It begins on 30 June 2025, with the lists of that time. Seasons are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from braid.simulation.model import Change, Network, Present, Service, Weekly
from braid.simulation.national.care import care
from braid.simulation.national.crown import crown
from braid.simulation.national.figures import published
from braid.simulation.national.homelessness import homelessness
from braid.simulation.national.housing import housing
from braid.simulation.national.parts import Part
from braid.simulation.national.plans import plans
from braid.simulation.national.treatment import treatment
from braid.simulation.national.victims import victims

START = dt.date(2025, 6, 30)
WEEKS = 260
PARTS: tuple[Callable[[], Part], ...] = (treatment, housing, homelessness, care, crown, victims, plans)


def national_network(scale: float = 1.0, weeks: int = WEEKS) -> Network:
    """Return England at a scale: 0.01 is one person in a hundred, and one slot or place in a hundred.

    A small scale is quick; its lists are as long for their service as the whole ones, but chance moves them more.
    Raises `ValueError` where the scale is not above 0 and at most 1.
    """
    return network_of([part() for part in PARTS], scale, weeks)


def network_of(parts: Sequence[Part], scale: float, weeks: int = WEEKS) -> Network:
    """Return a network of some parts of the example. Raises `ValueError` where the scale is not in (0, 1]."""
    if not 0 < scale <= 1:
        raise ValueError("scale is above 0 and at most 1: 0.01 for one person in a hundred")
    return Network(
        kind="network",
        name="England, published figures of mid-2025",
        start=START,
        weeks=weeks,
        services=tuple(scaled_service(one, scale) for services, _, _ in parts for one in services),
        pathways=tuple(
            replace(one, arrivals=_scaled(one.arrivals, scale)) for _, pathways, _ in parts for one in pathways
        ),
        present=tuple(scaled_present((one for _, _, present in parts for one in present), scale)),
        sources={one.id: f"{one.publisher}: {one.title} ({one.date})" for one in published().values()},
    )


def scaled_service(service: Service, scale: float) -> Service:
    """Return a service with its capacity at a scale."""
    return replace(service, capacity=_scaled(service.capacity, scale))


def scaled_present(present: Iterator[Present], scale: float) -> Iterator[Present]:
    """Yield groups at a scale; what rounding leaves over of one is given to the next, so that lists keep their sum."""
    over = 0.0
    for group in present:
        wanted = group.count * scale + over
        count = max(round(wanted), 0)
        over = wanted - count
        if count:
            yield replace(group, count=count)


def _scaled(weekly: Weekly, scale: float) -> Weekly:
    changes = tuple(Change(one.from_week, one.add * scale, one.times) for one in weekly.changes)
    values = None if weekly.values is None else tuple(each * scale for each in weekly.values)
    return replace(weekly, level=weekly.level * scale, changes=changes, values=values)
