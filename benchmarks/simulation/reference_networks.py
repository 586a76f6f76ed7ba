"""The three networks that engines are compared on, and what is known of the first two exactly.

N1 is one queue before ten places. N2 is three stations with feedback and two priorities. N3 is a place with twelve
services and six kinds of people: forks and joins, accommodation held until a letting, patience, weekly slots, seasons,
and 40,000 people who wait on the first day. Its figures are illustrative, scaled by hand from published ones.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from dataclasses import replace

import numpy as np

from braid.simulation.durations import Duration, Exponential, Weibull
from braid.simulation.model import LeadsTo, Network, Pathway, Present, Service, Step, Weekly

START = dt.date(2025, 1, 6)
NATIONAL_WEEKS = 522
PEOPLE = 300_000


def _exponential(mean: float) -> Exponential:
    return Exponential("exponential", mean)


def n1(weeks: int = 5_200) -> Network:
    """Return M/M/10 at a load of 0.9: nine arrivals a week, a week of service."""
    step = Step("serve", ("desk",), _exponential(1.0))
    return Network(
        kind="network",
        name="N1",
        start=START,
        weeks=weeks,
        services=(Service("desk", "places", Weekly(10)),),
        pathways=(Pathway("person", (step,), Weekly(9.0), is_traced=False),),
    )


N1_WAIT = 0.66873
"""Mean weeks in the queue of N1, by Erlang's formula."""


def n2(weeks: int = 5_200) -> Network:
    """Return A, then B, then for 0.7 C; a quarter of C goes back to B. Two priorities at every station."""
    stations = (
        Service("a", "places", Weekly(5)),
        Service("b", "places", Weekly(3)),
        Service("c", "places", Weekly(6)),
    )
    pathways = []
    for priority, arrivals in enumerate((1.2, 2.8)):
        again = f"again{priority}"
        b = Step("b", ("b",), _exponential(0.5))
        c = Step("c", ("c",), _exponential(1.25), after=("b",), share=0.7, leads_to=(LeadsTo(again, 0.25),))
        a = Step("a", ("a",), _exponential(1.0))
        first = (a, replace(b, after=("a",)), c)
        pathways.append(Pathway(f"first{priority}", first, Weekly(arrivals), priority, is_traced=False))
        pathways.append(Pathway(again, (b, c), Weekly(), priority, is_traced=False))
    return Network("network", "N2", START, weeks, stations, tuple(pathways))


N2_INSIDE = {"a": 6.2165, "b": 5.2048, "c": 5.0811}
"""Mean people at each station of N2, by Jackson's theorem."""
N2_WAIT_AT_A = (0.14582, 0.72910)
"""Mean weeks in the queue of station A of the first and the second priority, by Cobham's formula for equal rates."""

SERVICES = {
    "cs_assess": ("places", 15.4),
    "expert": ("places", 18.2),
    "family_court": ("slots", 2.95),
    "housing_options": ("places", 32.2),
    "temp_accom": ("places", 640),
    "lettings": ("slots", 15.0),
    "school_place": ("slots", 30.2),
    "ehcp": ("places", 209),
    "therapy": ("places", 246),
    "outpatient": ("places", 389),
    "theatre": ("places", 253),
    "crown_court": ("places", 21.0),
    "investigation": ("time", 0),
}
"""What each gives and how much of it for 300,000 people."""


def _weibull(scale: float, shape: float) -> Weibull:
    return Weibull("weibull", scale * math.gamma(1 + 1 / shape), shape)


def _step(
    name: str,
    service: str,
    duration: Duration,
    after: tuple[str, ...] = (),
    share: float = 1.0,
    *,
    coin: str | None = None,
    hold_until: str | None = None,
    patience: float = 0.0,
) -> Step:
    return Step(
        name,
        (service,),
        duration,
        after,
        share,
        coin,
        hold_until,
        _exponential(patience) if patience else None,
    )


def _pathways() -> tuple[tuple[str, int, float, tuple[Step, ...]], ...]:
    w = _weibull
    school, letting = w(1.13, 2.0), w(2.26, 2.0)
    ehcp, outpatient, theatre = w(15.5, 2.0), w(0.22, 2.0), w(0.33, 2.0)
    housing, therapy = w(2.2, 1.5), w(13.5, 2.0)
    return (
        (
            "care_child",
            0,
            3.0,
            (
                _step("assess", "cs_assess", w(5.5, 2.0)),
                _step("expert", "expert", w(11, 2.0), ("assess",), 0.6),
                _step("ehcp", "ehcp", ehcp, ("assess",), 0.25),
                _step("hearing", "family_court", w(6.5, 1.5), ("assess", "expert")),
                _step("school", "school_place", school, ("ehcp", "hearing"), 0.4),
            ),
        ),
        (
            "homeless_family",
            1,
            11.0,
            (
                _step("triage", "housing_options", housing),
                _step("shelter", "temp_accom", school, ("triage",), 0.85, hold_until="letting"),
                _step("letting", "lettings", letting, ("triage",), patience=900),
                _step("school", "school_place", school, ("triage",)),
                _step("next_school", "school_place", school, ("letting", "school"), 0.5),
            ),
        ),
        (
            "victim",
            1,
            14.0,
            (
                _step("therapy", "therapy", therapy, patience=40),
                _step("triage", "housing_options", housing, share=0.35, coin="home"),
                _step("letting", "lettings", letting, ("triage",), 0.35, coin="home", patience=900),
                _step("investigation", "investigation", w(22, 1.3)),
                _step("trial", "crown_court", w(1.65, 1.2), ("investigation",), patience=150),
                _step("later_therapy", "therapy", therapy, ("therapy", "letting", "trial"), 0.5, patience=40),
            ),
        ),
        (
            "rtt_urgent",
            0,
            200.0,
            (_step("clinic", "outpatient", outpatient), _step("theatre", "theatre", theatre, ("clinic",), 0.6)),
        ),
        (
            "rtt_routine",
            2,
            1800.0,
            (
                _step("clinic", "outpatient", outpatient, patience=300),
                _step("theatre", "theatre", theatre, ("clinic",), 0.43, patience=300),
            ),
        ),
        (
            "send_child",
            1,
            14.0,
            (
                _step("ehcp", "ehcp", ehcp),
                _step("clinic", "outpatient", outpatient, share=0.5, patience=300),
                _step("school", "school_place", school, ("ehcp", "clinic")),
            ),
        ),
    )


WAITING = (
    (26_000, "rtt_routine", (), 15),
    (11_000, "rtt_routine", ("clinic",), 22),
    (3_600, "homeless_family", ("triage", "shelter", "school"), 150),
    (700, "victim", ("therapy", "triage", "letting", "investigation"), 45),
    (260, "send_child", ("clinic",), 12),
    (350, "victim", ("triage", "letting", "investigation"), 14),
)
"""Who waits on the first day: how many, of which pathway, what is behind them, and mean weeks so far."""


def n3(people: int = PEOPLE, weeks: int = NATIONAL_WEEKS, more: dict[str, float] | None = None) -> Network:
    """Return a place of so many people; `more` adds to the weekly capacity of a service."""
    factor = people / PEOPLE
    year = np.arange(weeks) % 52
    holidays = np.where(year >= 51, 0.5, np.where((year >= 31) & (year < 35), 0.88, 1.015))
    services = []
    for name, (gives, mean) in SERVICES.items():
        level = mean * factor + (more or {}).get(name, 0.0)
        by_week = {"temp_accom": np.ones(weeks), "school_place": np.where((year >= 34) & (year < 37), 4.0, 0.815)}
        values = level * by_week.get(name, holidays)
        services.append(Service(name, gives, Weekly(values=tuple(values))))
    seasons = (1 + 0.06 * np.sin(2 * np.pi * (year - 8) / 52)) * np.where(year >= 51, 0.6, 1.0)
    winters = 1 + 0.04 * np.cos(2 * np.pi * year / 52)
    waves = {"rtt_urgent": seasons, "rtt_routine": seasons, "send_child": np.ones(weeks)}
    pathways = tuple(
        Pathway(
            name,
            steps,
            Weekly(values=tuple(mean * factor * waves.get(name, winters))),
            priority,
            is_traced=not name.startswith("rtt"),
        )
        for name, priority, mean, steps in _pathways()
    )
    return Network("network", "N3", START, weeks, tuple(services), pathways, present=_waiting(factor))


def _waiting(factor: float) -> tuple[Present, ...]:
    """Return who waits on the first day, to the day."""
    draw = np.random.default_rng(20240101)
    groups: Counter[tuple[str, tuple[str, ...], int]] = Counter()
    for count, pathway, done, mean in WAITING:
        days = (draw.exponential(mean * 7, int(count * factor))).astype(int)
        groups.update((pathway, done, int(day)) for day in days)
    return tuple(Present(pathway, count, done, least=day / 7) for (pathway, done, day), count in sorted(groups.items()))


def long_list(waiting: int, weeks: int, *, patience: float | None = None) -> Network:
    """Return M/M/400 with so many who wait, which stays about as long as it is; its load is 0.9 where nobody waits.

    As many arrive as are served, and as leave where they have a mean `patience` in weeks.
    """
    leaving = waiting / patience if patience else 0.0
    step = Step("serve", ("desk",), _exponential(1.0), patience=_exponential(patience) if patience else None)
    return Network(
        kind="network",
        name="long list",
        start=START,
        weeks=weeks,
        services=(Service("desk", "places", Weekly(400)),),
        pathways=(Pathway("person", (step,), Weekly(400 * (1.0 if waiting else 0.9) + leaving), is_traced=False),),
        present=(Present("person", waiting + 400),),
    )
