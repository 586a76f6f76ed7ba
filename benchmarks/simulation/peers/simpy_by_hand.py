"""simpy as a clock alone: queues are deques of our own, what happens is called back, no process and no resource.

The fastest that we could write with simpy's event loop. Stations draw from `random`; a program draws either from
`random` or by the keys of Braid, in which case it must write the very rows that Braid's engines write.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import simpy
from stations import Outcome, Stations, Sums

from braid.simulation import randomness
from braid.simulation.program import CERTAIN, PLACES, PRESENT_STREAM, SLOTS, TIME, Program
from braid.simulation.tables import at, remaining

WEEK = 24
END, LEAVE, ARRIVE = 1, 2, 3
ALL_BITS = (1 << 64) - 1


def run_stations(stations: Stations, horizons: list[int], seed: int) -> Outcome:
    """Run stations to each of the horizons, in weeks."""
    outcome = Outcome([], [])
    began = time.process_time()
    network = _Stations(stations, random.Random(seed))
    network.open()
    for weeks in horizons:
        network.env.run(until=weeks)
        outcome.events.append(network.sums.events)
        outcome.seconds.append(time.process_time() - began)
    outcome.answers = network.sums.answers(horizons[-1])
    return outcome


class _Stations:
    """A person is a list: priority, station, joined, whether still waiting."""

    def __init__(self, stations: Stations, draw: random.Random) -> None:
        self.stations, self.draw = stations, draw
        self.env = simpy.Environment()
        self.free = list(stations.places)
        self.queues = [[deque[list[Any]]() for _ in stations.arrivals] for _ in stations.places]
        self.rates = [1 / mean for mean in stations.means]
        self.chances = [[(to, each) for to, each in enumerate(row) if each] for row in stations.onward]
        self.sums = Sums(stations)

    def open(self) -> None:
        for _ in range(self.stations.present):
            self.join([0, 0, 0.0, False])
        for priority, rate in enumerate(self.stations.arrivals):
            self.next_arrival(priority, rate)

    def next_arrival(self, priority: int, rate: float) -> None:
        timeout = simpy.Timeout(self.env, self.draw.expovariate(rate), priority)
        timeout.callbacks.append(self.arrive)

    def arrive(self, event: simpy.Event) -> None:
        priority = event._value
        self.sums.events += 1
        self.next_arrival(priority, self.stations.arrivals[priority])
        self.join([priority, 0, self.env._now, False])

    def join(self, person: list[Any]) -> None:
        station = person[1]
        if self.free[station] > 0:
            self.free[station] -= 1
            self.start(person)
            return
        person[3] = True
        self.queues[station][person[0]].append(person)
        if self.stations.patience is not None:
            timeout = simpy.Timeout(self.env, self.draw.expovariate(1 / self.stations.patience), person)
            timeout.callbacks.append(self.leave)

    def start(self, person: list[Any]) -> None:
        priority, station, joined, _ = person
        takes = self.draw.expovariate(self.rates[station])
        waited = self.env._now - joined
        sums = self.sums
        sums.weeks_at[station] += waited + takes
        if station == 0:
            sums.waited[priority] += waited
            sums.started[priority] += 1
        person[3] = False
        simpy.Timeout(self.env, takes, person).callbacks.append(self.end)

    def end(self, event: simpy.Event) -> None:
        person = event._value
        self.sums.events += 1
        station = person[1]
        self.hand_out(station)
        chance = self.draw.random() if self.chances[station] else 1.0
        for to, each in self.chances[station]:
            if chance < each:
                person[1], person[2] = to, self.env._now
                self.join(person)
                return
            chance -= each

    def hand_out(self, station: int) -> None:
        for queue in self.queues[station]:
            while queue:
                person = queue.popleft()
                if person[3]:
                    self.start(person)
                    return
        self.free[station] += 1

    def leave(self, event: simpy.Event) -> None:
        if event._value[3]:
            event._value[3] = False
            self.sums.events += 1


def run_program(program: Program, horizons: list[int], seed: int, *, is_keyed: bool) -> Outcome:
    """Run a program to each of the horizons, the last of which is its own. `seed` is as an engine takes it.

    Its steps need one service each and neither repeat nor lead on; it has no bands and no ageing.
    """
    outcome = Outcome([], [])
    began = time.process_time()
    network = _Network(program, _Keys(program, seed) if is_keyed else _Draws(program, seed))
    network.open()
    for weeks in horizons:
        network.env.run(until=None if weeks == program.weeks else weeks << WEEK)
        outcome.events.append(network.events)
        outcome.seconds.append(time.process_time() - began)
    outcome.answers, outcome.rows = {"waiting": float(sum(network.waiting))}, network.rows
    return outcome


class _Keys:
    """Luck by the keys of Braid."""

    def __init__(self, program: Program, seed: int) -> None:
        self.seed, self.tables = seed, program.tables.tolist()

    def person(self, key: int) -> int:
        """Return the luck of a person."""
        return randomness.mix((key + self.seed) & ALL_BITS)

    def ticks(self, table: int, luck: int, step: int, purpose: int) -> int:
        """Return ticks of a table."""
        drawn = randomness.bits(luck, step, purpose)
        return at(self.tables[table], drawn & 1, drawn >> 1)

    def ticks_left(self, table: int, begun: int, luck: int, step: int, purpose: int) -> int:
        """Return the ticks left of what has lasted so long."""
        return remaining(self.tables[table], begun, randomness.bits(luck, step, purpose))

    def is_needed(self, share: int, luck: int, coin: int) -> bool:
        """Toss a coin."""
        return randomness.bits(luck, coin, randomness.COIN) >> 1 < share


class _Draws:
    """Luck from one stream, as it comes; coins that steps share are a person's own number."""

    def __init__(self, program: Program, seed: int) -> None:
        self.bits, self.tables = random.Random(seed).getrandbits, program.tables.tolist()

    def person(self, _key: int) -> int:
        return self.bits(64)

    def ticks(self, table: int, _luck: int, _step: int, _purpose: int) -> int:
        drawn = self.bits(64)
        return at(self.tables[table], drawn & 1, drawn >> 1)

    def ticks_left(self, table: int, begun: int, _luck: int, _step: int, _purpose: int) -> int:
        return remaining(self.tables[table], begun, self.bits(64))

    def is_needed(self, share: int, luck: int, coin: int) -> bool:
        return randomness.mix(luck + coin) >> 1 < share


class _Moment(simpy.Event):
    """An event at a moment, after all others of that moment whose rank is lower."""

    def __init__(
        self, env: simpy.Environment, delay: int, rank: int, what: Any, callback: Callable[[Any], None]
    ) -> None:
        self.env = env
        self.callbacks = [callback]
        self._value, self._ok = what, True
        env.schedule(self, rank, delay)


class _Somebody:
    __slots__ = ("begun", "done", "has_left", "key", "luck", "open", "pathway", "priority")

    def __init__(self, key: int, luck: int, pathway: int, priority: int, done: int) -> None:
        self.key, self.luck, self.pathway, self.priority, self.done = key, luck, pathway, priority, done
        self.begun, self.has_left = 0, False
        self.open: dict[int, _Visit] = {}


class _Visit:
    __slots__ = ("is_held", "is_waiting", "number", "person", "step")

    def __init__(self, person: _Somebody, step: int, number: int) -> None:
        self.person, self.step, self.number = person, step, number
        self.is_waiting = self.is_held = False


class _Network:
    def __init__(self, program: Program, luck: _Keys | _Draws) -> None:
        p = self.program = program
        self.luck, self.env, self.end_at = luck, simpy.Environment(), p.weeks << WEEK
        assert len(p.queue_services) == len(p.queue_order) and not p.queue_order.any()
        assert not p.step_most.any() and not len(p.lead_pathway) and not len(p.band_share)
        self.first = p.first_step.tolist()
        self.service = [int(p.queue_services[queue]) for queue in p.step_queue]
        self.after, self.hold, self.coin = p.step_after.tolist(), p.step_hold.tolist(), p.step_coin.tolist()
        self.share, self.duration, self.patience = (
            p.step_share.tolist(),
            p.step_duration.tolist(),
            p.step_patience.tolist(),
        )
        self.gives, self.capacity = p.gives.tolist(), p.capacity.tolist()
        self.priority = p.pathway_priority.tolist()
        self.room = [1 << 60 if gives == TIME else 0 for gives in self.gives]
        self.queues = [[deque[_Visit]() for _ in range(max(self.priority) + 1)] for _ in self.gives]
        self.busy, self.used, self.lapsed, self.offered = ([0] * p.services for _ in range(4))
        self.waiting, self.joined, self.started, self.done, self.left = ([0] * p.steps for _ in range(5))
        self.arrived, self.finished, self.gave_up = ([0] * p.pathways for _ in range(3))
        self.rates = p.source_rate.tolist()
        self.spent, self.week_of, self.index = [0] * p.sources, [0] * p.sources, [0] * p.sources
        self.rows: list[list[int]] = []
        self.events = 0

    def open(self) -> None:
        self.load()
        for source in range(self.program.sources):
            self.next_arrival(source)
        _Moment(self.env, 0, 0, 0, self.begin_week)

    def at(self, delay: int, kind: int, key: int, step: int, what: Any, callback: Callable[[Any], None]) -> None:
        if self.env._now + delay < self.end_at:
            _Moment(self.env, delay, kind << 72 | key << 4 | step, what, callback)

    # -- weeks

    def begin_week(self, event: simpy.Event) -> None:
        week = event._value
        for service, gives in enumerate(self.gives):
            if gives == SLOTS:
                self.lapsed[service] += self.room[service]
                self.room[service] = 0
        self.write_row()
        if week == self.program.weeks:
            return
        self.events += 1
        _Moment(self.env, 1 << WEEK, 0, week + 1, self.begin_week)
        for service, gives in enumerate(self.gives):
            given = self.capacity[service][week]
            if gives == SLOTS:
                self.room[service] = given
                self.offered[service] += given
            elif gives == PLACES:
                self.room[service] = given - self.busy[service]
        for service, gives in enumerate(self.gives):
            if gives != TIME:
                self.hand_out(service)

    def write_row(self) -> None:
        row: list[int] = []
        for columns in (
            (self.waiting, self.joined, self.started, self.done, self.left),
            (self.busy, self.used, self.lapsed, self.offered),
            (self.arrived, self.finished, self.gave_up, self.inside()),
        ):
            for together in zip(*columns, strict=True):
                row.extend(together)
        self.rows.append(row)

    def inside(self) -> list[int]:
        return [a - f - g for a, f, g in zip(self.arrived, self.finished, self.gave_up, strict=True)]

    # -- who comes

    def load(self) -> None:
        groups = self.program.present.tolist()
        people = []
        for row in groups:
            assert row[5] == row[6] == row[7] == row[8] and row[1] == -1 and row[3] == 0
            people += [(-row[5], row[0] << 56 | PRESENT_STREAM << 48, row[2])] * row[4]
        people = [(since, key | number, done) for number, (since, key, done) in enumerate(people)]
        for since, key, done in sorted(people):
            person = self.somebody(key, done)
            for step, number in enumerate(range(self.first[person.pathway], self.first[person.pathway + 1])):
                if not done >> step & 1 and done & self.after[number] == self.after[number]:
                    self.take_up(person, step, number, since)
            self.go_on(person)

    def take_up(self, person: _Somebody, step: int, number: int, since: int) -> None:
        """Have somebody queue since some time ago; what only takes time has begun then."""
        if self.gives[self.service[number]] != TIME:
            self.join(person, step, number, since)
            return
        person.begun |= 1 << step
        visit = person.open[step] = _Visit(person, step, number)
        left = self.luck.ticks_left(self.duration[number], -since, person.luck, step, randomness.DURATION)
        self.at(left, END, person.key, step, visit, self.end)

    def somebody(self, key: int, done: int) -> _Somebody:
        pathway = key >> 56
        self.arrived[pathway] += 1
        return _Somebody(key, self.luck.person(key), pathway, self.priority[pathway], done)

    def next_arrival(self, source: int) -> None:
        p, rates = self.program, self.rates[source]
        key = int(p.source_pathway[source]) << 56 | int(p.source_stream[source]) << 48 | self.index[source]
        self.index[source] += 1
        spent, week = self.spent[source], self.week_of[source]
        spent += (self.luck.ticks(0, self.luck.person(key), 0, randomness.ARRIVAL) + 8) >> 4
        while week < p.weeks and spent >= rates[week]:
            spent -= rates[week]
            week += 1
        self.spent[source], self.week_of[source] = spent, week
        if week < p.weeks:
            when = (week << WEEK) + (spent << WEEK) // rates[week]
            self.at(when - self.env._now, ARRIVE, key, 0, (source, key), self.arrive)

    def arrive(self, event: simpy.Event) -> None:
        source, key = event._value
        self.events += 1
        self.go_on(self.somebody(key, 0))
        self.next_arrival(source)

    # -- steps

    def go_on(self, person: _Somebody) -> None:
        """Settle each step that can be, from the first again whenever one became done."""
        first, after = self.first[person.pathway], self.first[person.pathway + 1]
        number = first
        while number < after:
            number = first if self.settle(person, number - first, number) else number + 1
        if person.done == (1 << (after - first)) - 1:
            self.finished[person.pathway] += 1

    def settle(self, person: _Somebody, step: int, number: int) -> bool:
        if person.done >> step & 1:
            return False
        hold = self.hold[number]
        is_over = hold >= 0 and bool(person.done >> hold & 1)
        if person.begun >> step & 1:
            return is_over and self.let_go(person.open[step])
        after = self.after[number]
        if person.done & after != after:
            return False
        share = self.share[number]
        if not is_over and (share == CERTAIN or self.luck.is_needed(share, person.luck, self.coin[number])):
            self.join(person, step, number, self.env._now)
            return False
        person.done |= 1 << step
        return True

    def let_go(self, visit: _Visit) -> bool:
        """Give back what was held until now, or stop waiting for it; nothing while its own time lasts."""
        if visit.is_waiting:
            self.withdraw(visit)
        elif visit.is_held:
            self.release(visit)
            self.done[visit.number] += 1
        else:
            return False
        visit.person.done |= 1 << visit.step
        return True

    def join(self, person: _Somebody, step: int, number: int, since: int) -> None:
        visit = person.open[step] = _Visit(person, step, number)
        person.begun |= 1 << step
        service = self.service[number]
        self.joined[number] += 1
        self.waiting[number] += 1
        if self.room[service] > 0:
            self.start(visit, service)
            return
        visit.is_waiting = True
        self.queues[service][person.priority].append(visit)
        table = self.patience[number]
        if table >= 0:
            self.wait_patiently(visit, table, self.env._now - since)

    def wait_patiently(self, visit: _Visit, table: int, waited: int) -> None:
        person, step = visit.person, visit.step
        if waited:
            left = self.luck.ticks_left(table, waited, person.luck, step, randomness.PATIENCE)
        else:
            left = self.luck.ticks(table, person.luck, step, randomness.PATIENCE)
        self.at(left, LEAVE, person.key, step, visit, self.leave)

    def start(self, visit: _Visit, service: int) -> None:
        person, number = visit.person, visit.number
        visit.is_waiting = False
        self.waiting[number] -= 1
        self.started[number] += 1
        if self.gives[service] == SLOTS:
            self.room[service] -= 1
            self.used[service] += 1
        elif self.gives[service] == PLACES:
            self.room[service] -= 1
            self.busy[service] += 1
        ticks = self.luck.ticks(self.duration[number], person.luck, visit.step, randomness.DURATION)
        self.at(ticks, END, person.key, visit.step, visit, self.end)

    def hand_out(self, service: int) -> None:
        queues, room = self.queues[service], self.room
        for queue in queues:
            while queue and room[service] > 0:
                visit = queue.popleft()
                if visit.is_waiting:
                    self.start(visit, service)

    def release(self, visit: _Visit) -> None:
        del visit.person.open[visit.step]
        service = self.service[visit.number]
        if self.gives[service] == PLACES:
            self.room[service] += 1
            self.busy[service] -= 1
            self.hand_out(service)

    def end(self, event: simpy.Event) -> None:
        visit = event._value
        person, number = visit.person, visit.number
        self.events += 1
        hold = self.hold[number]
        if hold >= 0 and not person.has_left and not person.done >> hold & 1:
            visit.is_held = True
            return
        self.release(visit)
        if person.has_left:
            return
        self.done[number] += 1
        person.done |= 1 << visit.step
        self.go_on(person)

    # -- leaving

    def withdraw(self, visit: _Visit) -> None:
        visit.is_waiting = False
        del visit.person.open[visit.step]
        self.waiting[visit.number] -= 1
        self.left[visit.number] += 1

    def leave(self, event: simpy.Event) -> None:
        visit = event._value
        if not visit.is_waiting:
            return
        person = visit.person
        self.events += 1
        person.has_left = True
        self.gave_up[person.pathway] += 1
        for step in sorted(person.open):
            if person.open[step].is_waiting:
                self.withdraw(person.open[step])
        for step in sorted(person.open):
            if person.open[step].is_held:
                self.release(person.open[step])
