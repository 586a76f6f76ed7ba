"""salabim: a component for each person, who requests a place and holds it. Its N3 is not written here.

Monitors, which record every length of every queue, are switched off, as the other engines record none.
"""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from typing import Any

import salabim
from stations import Outcome, Stations, Sums

salabim.yieldless(False)
Process = Generator[Any, Any, Any]


def run_stations(stations: Stations, horizons: list[int], seed: int) -> Outcome:
    """Run stations to each of the horizons, in weeks."""
    outcome = Outcome([], [])
    began = time.process_time()
    draw, sums = random.Random(seed), Sums(stations)
    env = salabim.Environment(trace=False)
    desks = [salabim.Resource(f"desk {n}", capacity=places, monitor=False) for n, places in enumerate(stations.places)]

    class Person(salabim.Component):
        def setup(self, rank: int) -> None:
            self.rank = rank

        def process(self) -> Process:
            station: int | None = 0
            while station is not None:
                joined = env.now()
                patience = {} if stations.patience is None else {"fail_delay": draw.expovariate(1 / stations.patience)}
                yield self.request((desks[station], 1, self.rank), **patience)
                if self.failed():
                    sums.events += 1
                    return
                takes = draw.expovariate(1 / stations.means[station])
                sums.weeks_at[station] += env.now() - joined + takes
                if station == 0:
                    sums.waited[self.rank] += env.now() - joined
                    sums.started[self.rank] += 1
                yield self.hold(takes)
                sums.events += 1
                self.release(desks[station])
                station = _next(stations.onward[station], draw.random())

    class Source(salabim.Component):
        def setup(self, rank: int) -> None:
            self.rank = rank

        def process(self) -> Process:
            while True:
                yield self.hold(draw.expovariate(stations.arrivals[self.rank]))
                sums.events += 1
                Person(rank=self.rank)

    for _ in range(stations.present):
        Person(rank=0)
    for priority in range(len(stations.arrivals)):
        Source(rank=priority)
    for weeks in horizons:
        env.run(till=weeks)
        outcome.events.append(sums.events)
        outcome.seconds.append(time.process_time() - began)
    outcome.answers = sums.answers(horizons[-1])
    return outcome


def _next(onward: tuple[float, ...], chance: float) -> int | None:
    for to, each in enumerate(onward):
        if chance < each:
            return to
        chance -= each
    return None
