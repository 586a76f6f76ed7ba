"""simpy as its manual teaches it: a process for each person, `PriorityResource`, `with ... request() as ...: yield`.

The manual has no capacity that changes. Its own means for that are used: requests of a keeper, of a priority above all
others, take the places that a week does not have; a slot is a place that is held until the week ends.
"""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from typing import Any

import simpy
from stations import Outcome, Stations, Sums

from braid.simulation.program import CERTAIN, PLACES, SLOTS, TIME, Program
from braid.simulation.tables import TICKS, at, remaining

Process = Generator[simpy.Event, Any, Any]


def run_stations(stations: Stations, horizons: list[int], seed: int) -> Outcome:
    """Run stations to each of the horizons, in weeks."""
    outcome = Outcome([], [])
    began = time.process_time()
    draw, env, sums = random.Random(seed), simpy.Environment(), Sums(stations)
    desks = [simpy.PriorityResource(env, places) for places in stations.places]

    def person(priority: int) -> Process:
        station = 0
        while True:
            joined = env.now
            with desks[station].request(priority) as request:
                if stations.patience is None:
                    yield request
                else:
                    found = yield request | env.timeout(draw.expovariate(1 / stations.patience))
                    if request not in found:
                        sums.events += 1
                        return
                takes = draw.expovariate(1 / stations.means[station])
                sums.weeks_at[station] += env.now - joined + takes
                if station == 0:
                    sums.waited[priority] += env.now - joined
                    sums.started[priority] += 1
                yield env.timeout(takes)
                sums.events += 1
            chance = draw.random()
            for to, each in enumerate(stations.onward[station]):
                if chance < each:
                    station = to
                    break
                chance -= each
            else:
                return

    def source(priority: int, rate: float) -> Process:
        while True:
            yield env.timeout(draw.expovariate(rate))
            sums.events += 1
            env.process(person(priority))

    for _ in range(stations.present):
        env.process(person(0))
    for priority, rate in enumerate(stations.arrivals):
        env.process(source(priority, rate))
    for weeks in horizons:
        env.run(until=weeks)
        outcome.events.append(sums.events)
        outcome.seconds.append(time.process_time() - began)
    outcome.answers = sums.answers(horizons[-1])
    return outcome


def run_program(program: Program, horizons: list[int], seed: int) -> Outcome:
    """Run N3 to each of the horizons, in weeks. Luck is one stream."""
    outcome = Outcome([], [])
    began = time.process_time()
    place = _Place(program, random.Random(seed))
    place.open()
    for weeks in horizons:
        place.env.run(until=weeks)
        outcome.events.append(place.events)
        outcome.seconds.append(time.process_time() - began)
    outcome.answers = {"waiting": float(place.waiting)}
    return outcome


class _Person:
    """Somebody, and for each step an event that succeeds when it is done; one more for giving up."""

    def __init__(self, env: simpy.Environment, pathway: int, size: int) -> None:
        self.pathway = pathway
        self.done = [env.event() for _ in range(size)]
        self.gives_up = env.event()
        self.needs: dict[int, bool] = {}


class _Place:
    """Time is in weeks."""

    def __init__(self, program: Program, draw: random.Random) -> None:
        p = self.program = program
        self.draw, self.env = draw, simpy.Environment()
        self.first = p.first_step.tolist()
        self.service = [int(p.queue_services[queue]) for queue in p.step_queue]
        self.most = [max(int(p.capacity[service].max()), 1) for service in range(p.services)]
        self.desks = [simpy.PriorityResource(self.env, most) for most in self.most]
        self.tables = p.tables.tolist()
        self.week_ends = self.env.event()
        self.events = self.waiting = 0

    def open(self) -> None:
        p = self.program
        for service in range(p.services):
            if p.gives[service] != TIME:
                self.env.process(self.keep(service))
        self.env.process(self.weeks())
        self.load()
        for source in range(p.sources):
            self.env.process(self.arrivals(source))

    def weeks(self) -> Process:
        while True:
            self.events += 1
            yield self.env.timeout(1)
            ended, self.week_ends = self.week_ends, self.env.event()
            ended.succeed()

    def keep(self, service: int) -> Process:
        """Hold what the week does not have, ahead of everybody."""
        desk, held = self.desks[service], []
        for week in range(self.program.weeks):
            missing = self.most[service] - int(self.program.capacity[service][week])
            while len(held) < missing:
                held.append(desk.request(priority=-1))
            while len(held) > missing:
                last = held.pop()
                if last.triggered:
                    desk.release(last)
                else:
                    last.cancel()
            yield self.env.timeout(1)

    def weeks_of(self, table: int) -> float:
        drawn = self.draw.getrandbits(64)
        return at(self.tables[table], drawn & 1, drawn >> 1) / TICKS

    def weeks_left(self, table: int, begun: float) -> float:
        return remaining(self.tables[table], int(begun * TICKS), self.draw.getrandbits(64)) / TICKS

    def load(self) -> None:
        rows = sorted(self.program.present.tolist(), key=lambda row: -row[5])
        for row in rows:
            for _ in range(row[4]):
                self.begin(row[0], row[2], row[5] / TICKS)

    def arrivals(self, source: int) -> Process:
        rates = (self.program.source_rate[source] / (1 << 20)).tolist()
        pathway = int(self.program.source_pathway[source])
        for rate in rates:
            count, moments = self.draw.expovariate(1), []
            while count < rate:
                moments.append(count / rate)
                count += self.draw.expovariate(1)
            begun = self.env.now
            for moment in moments:
                yield self.env.timeout(begun + moment - self.env.now)
                self.events += 1
                self.begin(pathway, 0, 0.0)
            yield self.env.timeout(begun + 1 - self.env.now)

    def begin(self, pathway: int, done: int, ago: float) -> None:
        first, after = self.first[pathway], self.first[pathway + 1]
        person = _Person(self.env, pathway, after - first)
        for step in range(after - first):
            if done >> step & 1:
                person.done[step].succeed()
        for step, number in enumerate(range(first, after)):
            if not done >> step & 1:
                after = int(self.program.step_after[number])
                is_there = ago > 0 and done & after == after
                self.env.process(self.step(person, step, number, ago if is_there else None))

    def is_needed(self, person: _Person, number: int) -> bool:
        share, coin = int(self.program.step_share[number]), int(self.program.step_coin[number])
        if share == CERTAIN:
            return True
        if coin not in person.needs:
            person.needs[coin] = self.draw.getrandbits(63) < share
        return person.needs[coin]

    def step(self, person: _Person, step: int, number: int, ago: float | None) -> Process:
        """Wait for what comes before, then for a place, then for its end; say that it is done.

        Who is there on the first day has waited `ago` weeks for what is ready then, and needs it.
        """
        env, p = self.env, self.program
        before = [person.done[other] for other in range(len(person.done)) if p.step_after[number] >> other & 1]
        if before:
            yield env.all_of(before) | person.gives_up
        if person.gives_up.triggered:
            return
        if ago is None and not self.is_needed(person, number):
            person.done[step].succeed()
            return
        since = env.now - (ago or 0.0)
        if p.gives[self.service[number]] == TIME:
            yield env.timeout(self.time_of(int(p.step_duration[number]), env.now - since))
            self.events += 1
        else:
            yield from self.be_served(person, number, since)
        if not person.gives_up.triggered and not person.done[step].triggered:
            person.done[step].succeed()

    def time_of(self, table: int, begun: float) -> float:
        return self.weeks_left(table, begun) if begun else self.weeks_of(table)

    def be_served(self, person: _Person, number: int, since: float) -> Process:
        env, p, desk = self.env, self.program, self.desks[self.service[number]]
        target = person.done[int(p.step_hold[number])] if p.step_hold[number] >= 0 else None
        request = desk.request(priority=int(p.pathway_priority[person.pathway]))
        self.waiting += 1
        yield env.any_of([request, person.gives_up, *self.other_ends(number, target, since)])
        self.waiting -= 1
        if not request.triggered:
            request.cancel()
            if not person.gives_up.triggered and (target is None or not target.triggered):
                self.events += 1
                person.gives_up.succeed()
            return
        if p.gives[self.service[number]] == SLOTS:
            env.process(self.give_slot_back(desk, request))
        yield env.timeout(self.weeks_of(int(p.step_duration[number])))
        self.events += 1
        if target is not None:
            yield target | person.gives_up
        if p.gives[self.service[number]] == PLACES:
            desk.release(request)

    def other_ends(self, number: int, target: simpy.Event | None, since: float) -> list[simpy.Event]:
        """Return what else ends waiting: patience, and the step until which this one would be held."""
        ends = [] if target is None else [target]
        table = int(self.program.step_patience[number])
        if table >= 0:
            ends.append(self.env.timeout(self.time_of(table, self.env.now - since)))
        return ends

    def give_slot_back(self, desk: simpy.PriorityResource, request: simpy.Event) -> Process:
        yield self.week_ends
        desk.release(request)
