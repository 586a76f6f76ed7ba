"""cimba: a C engine whose models are compiled by numba. Compiling is not timed.

Places are processes that take people from a priority store, which is its fastest way; a person is the moment they
joined, below 0 for the second priority.

People who leave would each have to be a process of their own, and so would those of N3: not written here.
"""

from __future__ import annotations

import time

import cimba
import numpy as np
from stations import LIST_PLACES, N1, N2, Outcome, Stations, Sums, Unsayable

FIRST, SECOND = N2.arrivals
MEAN_A, MEAN_B, MEAN_C = N2.means
B_TO_C, C_TO_B = N2.onward[1][2], N2.onward[2][1]
ARRIVALS_N1, MEAN_N1 = N1.arrivals[0], N1.means[0]
EPOCH = 1.0
"""Added to moments, so that the sign tells the priority from the first moment on."""


class N1Model(cimba.Model):
    """One station of ten places."""

    queue: cimba.PriorityStore[float]
    events: float = 0.0
    waited: float = 0.0
    weeks: float = 0.0
    started: float = 0.0
    total_events: cimba.Output[float]
    total_waited: cimba.Output[float]
    total_weeks: cimba.Output[float]
    total_started: cimba.Output[float]

    @cimba.process
    def arrivals(self) -> None:
        while True:
            cimba.hold(cimba.random.exponential(1 / ARRIVALS_N1))
            self.events += 1
            self.queue.put(cimba.now(), 0)

    @cimba.process(copies=N1.places[0])
    def places(self) -> None:
        while True:
            joined = self.queue.get()
            waited = cimba.now() - joined
            takes = cimba.random.exponential(MEAN_N1)
            self.waited += waited
            self.weeks += waited + takes
            self.started += 1
            cimba.hold(takes)
            self.events += 1

    @cimba.on_end
    def write(self) -> None:
        self.total_events = self.events
        self.total_waited = self.waited
        self.total_weeks = self.weeks
        self.total_started = self.started


class ListModel(cimba.Model):
    """One station of 400 places, before which people stand as it opens."""

    rate: cimba.Param[float]
    present: cimba.Param[float]
    queue: cimba.PriorityStore[float]
    events: float = 0.0
    total_events: cimba.Output[float]

    @cimba.process
    def arrivals(self) -> None:
        for _ in range(int(self.present)):
            self.queue.put(cimba.now(), 0)
        while True:
            cimba.hold(cimba.random.exponential(1 / self.rate))
            self.events += 1
            self.queue.put(cimba.now(), 0)

    @cimba.process(copies=LIST_PLACES)
    def places(self) -> None:
        while True:
            self.queue.get()
            cimba.hold(cimba.random.exponential(1.0))
            self.events += 1

    @cimba.on_end
    def write(self) -> None:
        self.total_events = self.events


class N2Model(cimba.Model):
    """Three stations; people of the first priority are put with the higher number."""

    a: cimba.PriorityStore[float]
    b: cimba.PriorityStore[float]
    c: cimba.PriorityStore[float]
    events: float = 0.0
    waited_0: float = 0.0
    waited_1: float = 0.0
    started_0: float = 0.0
    started_1: float = 0.0
    weeks_a: float = 0.0
    weeks_b: float = 0.0
    weeks_c: float = 0.0
    total_events: cimba.Output[float]
    total_waited_0: cimba.Output[float]
    total_waited_1: cimba.Output[float]
    total_started_0: cimba.Output[float]
    total_started_1: cimba.Output[float]
    total_weeks_a: cimba.Output[float]
    total_weeks_b: cimba.Output[float]
    total_weeks_c: cimba.Output[float]

    @cimba.process
    def first_arrivals(self) -> None:
        while True:
            cimba.hold(cimba.random.exponential(1 / FIRST))
            self.events += 1
            self.a.put(cimba.now() + EPOCH, 1)

    @cimba.process
    def second_arrivals(self) -> None:
        while True:
            cimba.hold(cimba.random.exponential(1 / SECOND))
            self.events += 1
            self.a.put(-cimba.now() - EPOCH, 0)

    @cimba.process(copies=N2.places[0])
    def places_a(self) -> None:
        while True:
            person = self.a.get()
            waited = cimba.now() + EPOCH - abs(person)
            takes = cimba.random.exponential(MEAN_A)
            if person > 0:
                self.waited_0 += waited
                self.started_0 += 1
            else:
                self.waited_1 += waited
                self.started_1 += 1
            self.weeks_a += waited + takes
            cimba.hold(takes)
            self.events += 1
            if person > 0:
                self.b.put(cimba.now() + EPOCH, 1)
            else:
                self.b.put(-cimba.now() - EPOCH, 0)

    @cimba.process(copies=N2.places[1])
    def places_b(self) -> None:
        while True:
            person = self.b.get()
            takes = cimba.random.exponential(MEAN_B)
            self.weeks_b += cimba.now() + EPOCH - abs(person) + takes
            cimba.hold(takes)
            self.events += 1
            if cimba.random.uniform(0.0, 1.0) < B_TO_C:
                if person > 0:
                    self.c.put(cimba.now() + EPOCH, 1)
                else:
                    self.c.put(-cimba.now() - EPOCH, 0)

    @cimba.process(copies=N2.places[2])
    def places_c(self) -> None:
        while True:
            person = self.c.get()
            takes = cimba.random.exponential(MEAN_C)
            self.weeks_c += cimba.now() + EPOCH - abs(person) + takes
            cimba.hold(takes)
            self.events += 1
            if cimba.random.uniform(0.0, 1.0) < C_TO_B:
                if person > 0:
                    self.b.put(cimba.now() + EPOCH, 1)
                else:
                    self.b.put(-cimba.now() - EPOCH, 0)

    @cimba.on_end
    def write(self) -> None:
        self.total_events = self.events
        self.total_waited_0 = self.waited_0
        self.total_waited_1 = self.waited_1
        self.total_started_0 = self.started_0
        self.total_started_1 = self.started_1
        self.total_weeks_a = self.weeks_a
        self.total_weeks_b = self.weeks_b
        self.total_weeks_c = self.weeks_c


def run_stations(stations: Stations, horizons: list[int], seed: int) -> Outcome:
    """Run stations to each of the horizons, in weeks, from the beginning each time."""
    if stations.patience is not None:
        raise Unsayable("people who leave are not written for cimba: see the head of its module")
    model = _model(stations)
    _found(model, 1, seed)
    outcome = Outcome([], [])
    for weeks in horizons:
        began = time.process_time()
        found = _found(model, weeks, seed)
        outcome.seconds.append(time.process_time() - began)
        outcome.events.append(int(found["events"]))
        outcome.answers = _answers(stations, found, weeks)
    return outcome


def _model(stations: Stations) -> cimba.Model:
    if stations.present:
        model = ListModel()
        model.rate, model.present = stations.arrivals[0], float(stations.present)
        return model
    return N1Model() if stations == N1 else N2Model()


def _found(model: cimba.Model, weeks: float, seed: int) -> dict[str, float]:
    """Run once and return the outputs."""
    window = cimba.Window(duration=float(weeks))
    results = cimba.Experiment(model, window=window, seed=seed).run()[model]
    names = [name.removeprefix("total_") for name in type(model).__annotations__ if name.startswith("total_")]
    return {name: float(np.ravel(getattr(results, f"total_{name}"))[0]) for name in names}


def _answers(stations: Stations, found: dict[str, float], weeks: float) -> dict[str, float]:
    sums = Sums(stations)
    if stations == N1:
        sums.weeks_at, sums.waited, sums.started = [found["weeks"]], [found["waited"]], [int(found["started"])]
    elif stations == N2:
        sums.weeks_at = [found["weeks_a"], found["weeks_b"], found["weeks_c"]]
        sums.waited = [found["waited_0"], found["waited_1"]]
        sums.started = [int(found["started_0"]), int(found["started_1"])]
    return sums.answers(weeks)
