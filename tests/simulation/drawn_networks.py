"""Networks drawn at random, with everything a network can have, small and odd enough that things happen together."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from braid.simulation.durations import (
    Duration,
    Erlang,
    Exponential,
    Fixed,
    Lognormal,
    Quantiles,
    Uniform,
    Weibull,
)
from braid.simulation.model import (
    Band,
    Change,
    Clock,
    LeadsTo,
    Network,
    Pathway,
    Present,
    Profile,
    Repeat,
    Service,
    Step,
    Weekly,
)


def drawn_network(seed: int) -> Network:
    """Return a network that `validation` passes."""
    draw = random.Random(seed)
    services = tuple(_service(draw, number) for number in range(draw.randint(1, 5)))
    pathways: list[Pathway] = []
    for number in range(draw.randint(1, 4)):
        pathways.append(_pathway(draw, number, services, [one.id for one in pathways]))
    return Network(
        kind="network",
        name=f"drawn {seed}",
        start=dt.date(2025, draw.randint(1, 12), draw.randint(1, 28)),
        weeks=draw.choice([1, 7, 30, 60]),
        services=services,
        pathways=tuple(pathways),
        profiles=(Profile("year", tuple(draw.choice([0.5, 1.0, 1.3]) for _ in range(52))),),
        present=tuple(_present(draw, draw.choice(pathways)) for _ in range(draw.choice([0, 1, 4]))),
    )


def _weekly(draw: random.Random, level: float) -> Weekly:
    if draw.random() < 0.2:
        return Weekly(values=tuple(draw.choice([0.0, level, 2 * level]) for _ in range(draw.randint(1, 9))))
    changes = (Change(draw.randint(0, 20), draw.choice([0.0, 1.0]), draw.choice([1.0, 0.5])),)
    return Weekly(level, draw.choice([None, "year"]), changes if draw.random() < 0.3 else ())


def _service(draw: random.Random, number: int) -> Service:
    gives: Any = draw.choice(["slots", "places", "places", "slots", "time"])
    return Service(
        id=f"s{number}",
        gives=gives,
        capacity=Weekly() if gives == "time" else _weekly(draw, draw.choice([0.4, 1.5, 4.0])),
        order=draw.choice(["joined", "joined", "clock"]),
        ageing_weeks=draw.choice([None, None, 3.0]),
    )


def _duration(draw: random.Random) -> Duration:
    mean = draw.choice([0.3, 1.0, 5.0])
    return draw.choice(
        [
            Fixed("fixed", draw.choice([0.0, 1.0, 2.5])),
            Exponential("exponential", mean),
            Weibull("weibull", mean, draw.choice([0.7, 2.0])),
            Lognormal("lognormal", mean, 4 * mean),
            Erlang("erlang", mean, 3),
            Uniform("uniform", 0.0, 2 * mean),
            Quantiles("quantiles", (0.0, 0.5, 1.0), (0.0, mean, 6 * mean)),
        ]
    )


def _pathway(draw: random.Random, number: int, services: tuple[Service, ...], earlier: list[str]) -> Pathway:
    size = draw.randint(1, 5)
    is_chain = draw.random() < 0.3
    steps: list[Step] = []
    for place in range(size):
        before = [one.id for one in steps]
        after = tuple(before[-1:]) if is_chain else tuple(one for one in before if draw.random() < 0.45)
        steps.append(_step(draw, place, after, before, services, earlier, is_chain=is_chain))
    steps = _with_holds(draw, steps, is_chain=is_chain)
    ids = [one.id for one in steps]
    clock = Clock(6.0, draw.choice([None, *ids]), draw.choice([None, *ids])) if draw.random() < 0.5 else None
    shares = draw.choice([(), (0.3, 0.7), (0.2, 0.5, 0.3)])
    return Pathway(
        id=f"p{number}",
        steps=tuple(steps),
        arrivals=_weekly(draw, draw.choice([0.0, 0.7, 3.0])),
        priority=draw.randint(0, 2),
        bands=tuple(Band(f"b{place}", share, draw.randint(0, 3)) for place, share in enumerate(shares)),
        clock=clock,
        is_traced=draw.random() < 0.7,
    )


def _step(
    draw: random.Random,
    place: int,
    after: tuple[str, ...],
    before: list[str],
    services: tuple[Service, ...],
    earlier: list[str],
    *,
    is_chain: bool,
) -> Step:
    patience = _duration(draw) if draw.random() < 0.5 else None
    on_leave: Any = "pathway" if is_chain else draw.choice(["pathway", "step", "goto"])
    goto = draw.choice(before) if on_leave == "goto" and before and patience is not None else None
    return Step(
        id=f"x{place}",
        services=tuple(one.id for one in draw.sample(services, k=draw.choice([1, 1, 1, min(2, len(services))]))),
        duration=_duration(draw),
        after=after,
        share=draw.choice([1.0, 1.0, 0.6]),
        coin=draw.choice([None, "shared"]),
        patience=patience,
        on_leave="step" if on_leave == "goto" and goto is None else on_leave,
        goto=goto,
        repeat=Repeat(0.4, draw.randint(1, 3)) if draw.random() < 0.25 else None,
        priority=draw.choice([None, None, 1]),
        leads_to=tuple(LeadsTo(one, 0.5) for one in earlier if draw.random() < 0.3),
    )


def _with_holds(draw: random.Random, steps: list[Step], *, is_chain: bool) -> list[Step]:
    """Let a step hold its place until another, one that does not come after it, is done."""
    if is_chain or len(steps) < 2 or draw.random() < 0.5:
        return steps
    holder, target = draw.sample(range(len(steps)), 2)
    behind = {steps[holder].id}
    for step in steps:
        if behind & set(step.after):
            behind.add(step.id)
    if steps[target].id in behind:
        return steps
    changed = {**vars(steps[holder]), "hold_until": steps[target].id, "repeat": None}
    return [*steps[:holder], Step(**changed), *steps[holder + 1 :]]


def _present(draw: random.Random, pathway: Pathway) -> Present:
    done: list[str] = []
    for step in pathway.steps:
        if set(step.after) <= set(done) and draw.random() < 0.4:
            done.append(step.id)
    ready = [one.id for one in pathway.steps if one.id not in done and set(one.after) <= set(done)]
    begun = tuple(one for one in ready if draw.random() < 0.3)
    least = draw.choice([0.0, 2.0, 10.5])
    joined = draw.choice([None, 1.0])
    return Present(
        pathway=pathway.id,
        count=draw.randint(1, 12),
        done=tuple(done),
        begun=begun,
        band=draw.choice([None, *[band.id for band in pathway.bands]]),
        least=least,
        most=draw.choice([None, least + 4.0]),
        joined_least=joined,
        joined_most=None if joined is None else draw.choice([None, 3.0]),
        begun_least=draw.choice([None, 0.5]),
    )
