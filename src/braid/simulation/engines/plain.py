"""The engine that says what is meant: one event after another, in plain Python.

It is the reference that the fast engine is held against, and runs where there is no C compiler.

Events of one moment come in this order: the week begins, steps end, patience ends, people arrive; among like ones by
the person's key, then by step. After each event whatever can start is started.

- The week begins: slots that nobody took lapse; a row is written; capacity becomes that of the week; services hand
  out room in their order.
- A step ends: its places are given back and handed out; then the person goes on: each step whose predecessors are all
  done is joined, in the order of the steps, or passed by where its coin says that it is not needed. A step that is held
  until another is done keeps its places so long; one that still waits for a place then is dropped.
- Somebody joins a step: it starts at once where all its services have room, else they queue.
- A service hands out room to the first of the queues that could start, by priority and time of joining.
- Patience ends: the pathway, or the step, is given up. What is in the middle of being done is finished.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from braid.simulation import randomness
from braid.simulation.model import MOST_PRIORITIES
from braid.simulation.program import (
    CERTAIN,
    LED_STREAM,
    PLACES,
    PRESENT_STREAM,
    SLOTS,
    TIME,
    Program,
)
from braid.simulation.randomness import BAND, BEGUN, CLOCK, COIN, DURATION, JOINED, KEEP, LEAD, PATIENCE, REPEAT
from braid.simulation.record import (
    BUSY,
    EVENTS,
    INSIDE,
    OVERTAKEN,
    UNEVEN,
    UNIT_SHIFT,
    UNREADY,
    WAITING,
    Record,
    empty_record,
)
from braid.simulation.tables import at, remaining

WEEK = 24
"""Shift from ticks to weeks."""
END, LEAVE, ARRIVE = 1, 2, 3
QUEUED, SERVED, HELD, GONE = range(4)
NOT_BEGUN, RUNS, STOPPED = range(3)
ALWAYS = 1 << 40
"""Room of a service that has enough for everybody."""


class Person:
    """Somebody in a pathway."""

    __slots__ = (
        "arrival", "attempts", "begun", "clock", "clock_state", "done", "done_at", "has_left", "is_traced", "key",
        "luck", "pathway", "priority", "requests", "waited",
    )  # fmt: skip

    def __init__(self, key: int, luck: int, pathway: int, priority: int, arrival: int) -> None:
        self.key, self.luck, self.pathway, self.priority, self.arrival = key, luck, pathway, priority, arrival
        self.clock, self.clock_state = arrival, NOT_BEGUN
        self.done = self.begun = 0
        self.has_left = False
        self.is_traced = False
        self.requests: dict[int, Request] = {}
        self.attempts: list[int]
        self.waited: list[int]
        self.done_at: list[int]


class Request:
    """One step of somebody, from joining its queue until its places are given back."""

    __slots__ = ("person", "since", "state", "step")

    def __init__(self, person: Person, step: int, since: int) -> None:
        self.person, self.step, self.since, self.state = person, step, since, QUEUED


def run(program: Program, seed: int, *, is_antithetic: bool = False) -> Record:
    """Return the record of one replication. `seed` is that of the replication (`randomness.seed_of`)."""
    return _Engine(program, seed, is_antithetic).run()


class _Engine:
    def __init__(self, program: Program, seed: int, is_antithetic: bool) -> None:
        p = self.program = program
        self.seed, self.flip = seed, int(is_antithetic)
        self.record = empty_record(program)
        self.end = program.weeks << WEEK
        self.now = 0
        self.order = 0
        self.heap: list[tuple[Any, ...]] = []
        self.people: dict[int, Person] = {}
        self._read_services(p)
        self._read_steps(p)
        self._read_pathways(p)
        self.waiting, self.joined, self.started = [0] * p.steps, [0] * p.steps, [0] * p.steps
        self.done, self.left = [0] * p.steps, [0] * p.steps
        self.area, self.area_at, self.before = [0] * p.steps, [0] * p.steps, [0] * p.steps
        self.wait_sums = [[[0] * 5 for _ in range(p.steps)] for _ in range(p.windows)]
        self.waits = [[[0] * p.bins for _ in range(p.steps)] for _ in range(p.windows)]
        self.arrived, self.finished, self.gave_up = [0] * p.pathways, [0] * p.pathways, [0] * p.pathways
        self.events = self.overtaken = self.unready = 0

    def _read_services(self, p: Program) -> None:
        self.gives, self.ageing = p.gives.tolist(), p.ageing.tolist()
        self.capacity = p.capacity.tolist()
        self.room = [ALWAYS if gives == TIME else 0 for gives in self.gives]
        self.busy, self.used = [0] * p.services, [0] * p.services
        self.lapsed, self.offered = [0] * p.services, [0] * p.services
        starts = p.queue_start.tolist()
        self.queue_services = [p.queue_services[a:b].tolist() for a, b in pairwise(starts)]
        self.takes_time = [all(self.gives[one] == TIME for one in services) for services in self.queue_services]
        self.queues_of = [
            [queue for queue, services in enumerate(self.queue_services) if service in services]
            for service in range(p.services)
        ]
        self.by_clock = p.queue_order.tolist()
        self.lanes: list[list[Any]] = [
            [[] if self.by_clock[queue] else deque() for _ in range(MOST_PRIORITIES)]
            for queue in range(len(self.queue_services))
        ]
        """Of each queue and priority, the requests that wait, and some that no longer do."""
        self.last_since: dict[tuple[int, int], int] = {}

    def _read_steps(self, p: Program) -> None:
        self.queue_of, self.after = p.step_queue.tolist(), p.step_after.tolist()
        self.share, self.coin, self.hold = p.step_share.tolist(), p.step_coin.tolist(), p.step_hold.tolist()
        self.duration, self.patience = p.step_duration.tolist(), p.step_patience.tolist()
        self.on_leave, self.keep = p.step_on_leave.tolist(), p.step_keep.tolist()
        self.repeat, self.most_repeats = p.step_repeat.tolist(), p.step_most.tolist()
        self.step_priority = p.step_priority.tolist()
        self.first_lead, self.lead_pathway = p.first_lead.tolist(), p.lead_pathway.tolist()
        self.lead_share = p.lead_share.tolist()
        self.tables, self.fixed = p.tables.tolist(), p.table_fixed.tolist()

    def _read_pathways(self, p: Program) -> None:
        self.first = p.first_step.tolist()
        self.sizes = [b - a for a, b in pairwise(self.first)]
        self.can_repeat = [any(self.most_repeats[a:b]) for a, b in pairwise(self.first)]
        self.noughts, self.unread = [[0] * size for size in self.sizes], [[0] * size for size in self.sizes]
        """By pathway: the attempts of people who never repeat; what is written of people who are not traced."""
        self.clocks = [[[0] * p.bins for _ in range(p.pathways)] for _ in range(p.windows)]
        self.clock_sums = [[[0, 0] for _ in range(p.pathways)] for _ in range(p.windows)]
        self.clock_start, self.clock_stop = p.clock_start.tolist(), p.clock_stop.tolist()
        self.is_traced = p.is_traced.tolist()
        self.first_band, self.band_share = p.first_band.tolist(), p.band_share.tolist()
        self.band_priority, self.priority = p.band_priority.tolist(), p.pathway_priority.tolist()
        self.rates, self.keeps = p.source_rate.tolist(), p.source_keep.tolist()
        self.sources = list(zip(p.source_pathway.tolist(), p.source_stream.tolist(), strict=True))
        self.spent, self.source_week, self.source_index = [0] * p.sources, [0] * p.sources, [-1] * p.sources

    # -- luck

    def _luck(self, key: int) -> int:
        return randomness.mix((key + self.seed) & randomness.MASK)

    def _share_drawn(self, luck: int, step: int, purpose: int, attempt: int = 0) -> int:
        drawn = randomness.bits(luck, step, purpose, attempt)
        return (drawn ^ (randomness.MASK * self.flip)) >> 1

    def _ticks_drawn(self, table: int, luck: int, step: int, purpose: int, attempt: int = 0) -> int:
        if self.fixed[table] >= 0:
            return int(self.fixed[table])
        drawn = randomness.bits(luck, step, purpose, attempt) ^ self.flip
        return at(self.tables[table], drawn & 1, drawn >> 1)

    def _ticks_left(self, table: int, begun: int, luck: int, step: int, purpose: int) -> int:
        if self.fixed[table] >= 0:
            return max(int(self.fixed[table]) - begun, 0)
        drawn = randomness.bits(luck, step, purpose) ^ (randomness.MASK * self.flip)
        return remaining(self.tables[table], begun, drawn)

    # -- the run

    def run(self) -> Record:
        """Load who is there, and go from event to event."""
        self._load()
        for source in range(len(self.sources)):
            self._next_arrival(source)
        for week in range(self.program.weeks + 1):
            self._begin_week(week)
            until = (week + 1) << WEEK if week < self.program.weeks else 0
            while self.heap and self.heap[0][0] < until:
                self._event(*heapq.heappop(self.heap))
        self._close()
        return self.record

    def _event(self, when: int, kind: int, key: int, _step: int, _order: int, what: Any) -> None:
        self.now = when
        if kind == END:
            self.events += 1
            self._end_step(what)
        elif kind == LEAVE:
            if what.state == QUEUED:
                self.events += 1
                self._leave(what)
        else:
            self.events += 1
            self._arrive(what, key)

    def _push(self, when: int, kind: int, key: int, step: int, what: Any) -> None:
        if when < self.end:
            self.order += 1
            heapq.heappush(self.heap, (when, kind, key, step, self.order, what))

    def _begin_week(self, week: int) -> None:
        p = self.program
        self.now = week << WEEK
        for service in range(p.services):
            if self.gives[service] == SLOTS:
                self.lapsed[service] += self.room[service]
                self.room[service] = 0
        if week % p.row_weeks == 0:
            self._write_row(week // p.row_weeks)
        check = p.check_at(week)
        if check is not None:
            self._write_ages(check)
        if week == p.weeks:
            return
        self.events += 1
        for service in range(p.services):
            given = self.capacity[service][week % p.table_weeks]
            if self.gives[service] == SLOTS:
                self.room[service] = given
                self.offered[service] += given
            elif self.gives[service] == PLACES:
                self.room[service] = given - self.busy[service]
        for service in range(p.services):
            if self.gives[service] != TIME:
                self._hand_out(service)

    # -- arrivals

    def _next_arrival(self, source: int) -> None:
        pathway, stream = self.sources[source]
        rates, weeks, rows = self.rates[source], self.program.weeks, self.program.table_weeks
        while True:
            self.source_index[source] += 1
            key = randomness.key_of(pathway, stream, self.source_index[source])
            luck = self._luck(key)
            self.spent[source] += (self._ticks_drawn(0, luck, 0, randomness.ARRIVAL) + 8) >> 4
            week = self.source_week[source]
            while week < weeks and self.spent[source] >= rates[week % rows]:
                self.spent[source] -= rates[week % rows]
                week += 1
            self.source_week[source] = week
            if week >= weeks:
                return
            keep = self.keeps[source][week % rows]
            if keep == CERTAIN or self._share_drawn(luck, 0, KEEP) < keep:
                when = (week << WEEK) + (self.spent[source] << WEEK) // rates[week % rows]
                self._push(when, ARRIVE, key, 0, source)
                return

    def _arrive(self, source: int, key: int) -> None:
        self._begin_pathway(self.sources[source][0], key)
        self._next_arrival(source)

    def _begin_pathway(self, pathway: int, key: int) -> None:
        person = self._new_person(pathway, key, self.now, -1, is_traced=bool(self.is_traced[pathway]))
        if self.clock_start[pathway] < 0:
            person.clock_state = RUNS
        self._go_on(person, -1)

    def _new_person(self, pathway: int, key: int, arrival: int, band: int, *, is_traced: bool) -> Person:
        luck, size = self._luck(key), self.sizes[pathway]
        person = Person(key, luck, pathway, self._priority(pathway, luck, band), arrival)
        person.is_traced = is_traced
        person.attempts = [0] * size if self.can_repeat[pathway] else self.noughts[pathway]
        person.waited = [0] * size if is_traced else self.unread[pathway]
        person.done_at = [0] * size if is_traced else self.unread[pathway]
        self.arrived[pathway] += 1
        self.people[id(person)] = person
        return person

    def _priority(self, pathway: int, luck: int, band: int) -> int:
        first, last = self.first_band[pathway], self.first_band[pathway + 1]
        if first == last:
            return int(self.priority[pathway])
        if band < 0:
            drawn = self._share_drawn(luck, 0, BAND)
            band = next(number for number in range(last - first) if drawn < self.band_share[first + number])
        return int(self.band_priority[first + band])

    # -- who is there

    def _load(self) -> None:
        groups = self.program.present.tolist()
        for _since, key, group, clock, joined, begun in sorted(self._present()):
            self._place(key, groups[group], clock, joined, begun)
        for person in list(self.people.values()):
            self._go_on(person, -1)

    def _present(self) -> Iterator[tuple[int, int, int, int, int, int]]:
        number = 0
        for group, row in enumerate(self.program.present.tolist()):
            pathway, _band, _done, _begun, count, *ends = row
            for _ in range(count):
                key = randomness.key_of(pathway, PRESENT_STREAM, number)
                luck = self._luck(key)
                clock = self._between(ends[0], ends[1], luck, CLOCK)
                joined = clock if ends[2:4] == ends[0:2] else self._between(ends[2], ends[3], luck, JOINED)
                begun = clock if ends[4:6] == ends[0:2] else self._between(ends[4], ends[5], luck, BEGUN)
                yield -joined, key, group, -clock, -joined, -begun
                number += 1

    def _between(self, least: int, most: int, luck: int, purpose: int) -> int:
        if least == most:
            return least
        return least + ((most - least) * (self._share_drawn(luck, 0, purpose) >> 31) >> 32)

    def _place(self, key: int, row: list[int], clock: int, joined: int, begun: int) -> None:
        pathway, band, done, in_service = row[:4]
        person = self._new_person(pathway, key, clock, band, is_traced=False)
        person.done = done
        start, stop = self.clock_start[pathway], self.clock_stop[pathway]
        if start < 0 or done >> start & 1:
            person.clock_state = STOPPED if stop >= 0 and done >> stop & 1 else RUNS
        first = self.first[pathway]
        for step in range(self.sizes[pathway]):
            if in_service >> step & 1:
                self._take_up(person, step, first + step, begun)
        for step in range(self.sizes[pathway]):
            after = self.after[first + step]
            if not (person.done | person.begun) >> step & 1 and person.done & after == after:
                if self.takes_time[self.queue_of[first + step]]:
                    self._take_up(person, step, first + step, joined)
                else:
                    self.before[first + step] -= joined
                    self._join(person, step, joined)

    def _take_up(self, person: Person, step: int, number: int, begun: int) -> None:
        """Have somebody be in the middle of a step, for as long as is left of it."""
        left = self._ticks_left(self.duration[number], -begun, person.luck, step, DURATION)
        self._take(Request(person, step, begun), left, takes_slot=0)

    # -- a step

    def _join(self, person: Person, step: int, since: int) -> None:
        number = self.first[person.pathway] + step
        queue = self.queue_of[number]
        request = Request(person, step, since)
        person.begun |= 1 << step
        self._count_area(number)
        self.joined[number] += 1
        self.waiting[number] += 1
        if self._can_start(queue):
            self._start(request)
            return
        person.requests[step] = request
        self.order += 1
        priority = self._request_priority(request)
        if self.by_clock[queue]:
            entry = (person.clock >> WEEK, self.order, request)
            heapq.heappush(self.lanes[queue][priority], entry)
        else:
            self.lanes[queue][priority].append(request)
        self._begin_patience(request, number)

    def _begin_patience(self, request: Request, number: int) -> None:
        table = self.patience[number]
        if table < 0:
            return
        person, step = request.person, request.step
        if request.since < self.now:
            left = self._ticks_left(table, self.now - request.since, person.luck, step, PATIENCE)
        else:
            left = self._ticks_drawn(table, person.luck, step, PATIENCE, person.attempts[step])
        self._push(self.now + left, LEAVE, person.key, step, request)

    def _request_priority(self, request: Request) -> int:
        own = self.step_priority[self.first[request.person.pathway] + request.step]
        return own if own >= 0 else request.person.priority

    def _can_start(self, queue: int) -> bool:
        room = self.room
        for service in self.queue_services[queue]:  # noqa: SIM110 - three times as fast as all()
            if room[service] <= 0:
                return False
        return True

    def _hand_out(self, service: int) -> None:
        while self.room[service] > 0:
            best = None
            for queue in self.queues_of[service]:
                if self._can_start(queue):
                    for priority, lane in enumerate(self.lanes[queue]):
                        head = self._head(queue, lane) if lane else None
                        if head is not None:
                            since = lane[0][0] << WEEK if self.by_clock[queue] else head.since
                            rank = (since + priority * self.ageing[service], head.person.key, head.step)
                            if best is None or rank < best[0]:
                                best = (rank, queue, priority, head)
            if best is None:
                return
            _rank, queue, priority, head = best
            self._check_turn(queue, priority, head)
            self._drop_head(queue, self.lanes[queue][priority])
            self._start(head)

    def _head(self, queue: int, lane: Any) -> Request | None:
        while lane:
            head: Request = lane[0][2] if self.by_clock[queue] else lane[0]
            if head.state == QUEUED:
                return head
            self._drop_head(queue, lane)
        return None

    def _drop_head(self, queue: int, lane: Any) -> None:
        if self.by_clock[queue]:
            heapq.heappop(lane)
        else:
            lane.popleft()

    def _check_turn(self, queue: int, priority: int, head: Request) -> None:
        if not self.by_clock[queue]:
            self.overtaken += head.since < self.last_since.get((queue, priority), head.since)
            self.last_since[queue, priority] = head.since

    def _start(self, request: Request) -> None:
        person, step = request.person, request.step
        number = self.first[person.pathway] + step
        self.unready += person.done & self.after[number] != self.after[number]
        ticks = self._ticks_drawn(self.duration[number], person.luck, step, DURATION, person.attempts[step])
        waited = self.now - request.since
        self._count_area(number)
        self.waiting[number] -= 1
        self.started[number] += 1
        person.waited[step] += waited >> UNIT_SHIFT
        window = self._window()
        sums = self.wait_sums[window][number]
        sums[0] += 1
        sums[1] += waited
        sums[2] += ticks
        self.waits[window][number][self._bin(waited)] += 1
        self._take(request, ticks, takes_slot=1)

    def _take(self, request: Request, ticks: int, takes_slot: int) -> None:
        """Take a place of each service for a request, and a slot unless that was long ago; it ends after the ticks."""
        person, step = request.person, request.step
        person.begun |= 1 << step
        person.requests[step] = request
        for service in self.queue_services[self.queue_of[self.first[person.pathway] + step]]:
            if self.gives[service] == SLOTS:
                self.room[service] -= takes_slot
                self.used[service] += takes_slot
            elif self.gives[service] == PLACES:
                self.room[service] -= 1
                self.busy[service] += 1
        request.state = SERVED
        self._push(self.now + ticks, END, person.key, step, request)

    def _release(self, request: Request) -> None:
        person = request.person
        del person.requests[request.step]
        request.state = GONE
        services = self.queue_services[self.queue_of[self.first[person.pathway] + request.step]]
        for service in services:
            if self.gives[service] == PLACES:
                self.room[service] += 1
                self.busy[service] -= 1
        for service in services:
            if self.gives[service] == PLACES:
                self._hand_out(service)

    def _end_step(self, request: Request) -> None:
        person, step = request.person, request.step
        number = self.first[person.pathway] + step
        hold = self.hold[number]
        if not person.has_left and hold >= 0 and not person.done >> hold & 1:
            request.state = HELD
            return
        self._release(request)
        if person.has_left:
            self._forget_if_idle(person)
            return
        if self._must_repeat(person, step, number):
            person.attempts[step] += 1
            self._join(person, step, self.now)
            return
        self.done[number] += 1
        self._mark_done(person, step)
        self._lead(person, step, number)
        self._go_on(person, step)

    def _must_repeat(self, person: Person, step: int, number: int) -> bool:
        attempt = person.attempts[step]
        if attempt >= self.most_repeats[number]:
            return False
        return self._share_drawn(person.luck, step, REPEAT, attempt) < int(self.repeat[number])

    def _lead(self, person: Person, step: int, number: int) -> None:
        """Begin the pathways that a step which has been done leads to."""
        for lead in range(self.first_lead[number], self.first_lead[number + 1]):
            share = self.lead_share[lead]
            if share == CERTAIN or self._share_drawn(person.luck, step, LEAD, lead - self.first_lead[number]) < share:
                index = randomness.mix((person.key + (lead + 1) * randomness.GOLDEN) & randomness.MASK)
                pathway = self.lead_pathway[lead]
                key = randomness.key_of(pathway, LED_STREAM, index & ((1 << randomness.INDEX_BITS) - 1))
                self.events += 1
                self._begin_pathway(pathway, key)

    def _mark_done(self, person: Person, step: int) -> None:
        person.done |= 1 << step
        person.done_at[step] = (self.now - person.arrival) >> UNIT_SHIFT
        if step == self.clock_start[person.pathway] and person.clock_state == NOT_BEGUN:
            person.clock, person.clock_state = self.now, RUNS
        if step == self.clock_stop[person.pathway]:
            self._stop_clock(person, step)

    def _go_on(self, person: Person, last: int) -> None:
        """Join, pass by, drop or give back whatever can be, until nothing more can; at the end, finish."""
        size, first = self.sizes[person.pathway], self.first[person.pathway]
        step = 0
        while step < size:
            if not person.done >> step & 1 and self._settle(person, step, first + step):
                last, step = step, 0
            else:
                step += 1
        if person.done == (1 << size) - 1:
            self._finish(person, last)

    def _settle(self, person: Person, step: int, number: int) -> bool:
        """Do what can be done of a step not done. Say whether it became done, so that others may be ready."""
        hold = self.hold[number]
        is_target_done = hold >= 0 and bool(person.done >> hold & 1)
        request = person.requests.get(step)
        if request is not None:
            if is_target_done and request.state == HELD:
                self._release(request)
                self.done[number] += 1
                self._mark_done(person, step)
                self._lead(person, step, number)
                return True
            if is_target_done and request.state == QUEUED:
                self._withdraw(request)
                self._mark_done(person, step)
                return True
            return False
        after = self.after[number]
        if person.begun >> step & 1 or person.done & after != after:
            return False
        share = self.share[number]
        is_needed = share == CERTAIN or self._has_fallen(person, number) or self._coin(person, number) < share
        if is_target_done or not is_needed:
            self._mark_done(person, step)
            return True
        self._join(person, step, self.now)
        return False

    def _coin(self, person: Person, number: int) -> int:
        return self._share_drawn(person.luck, self.coin[number], COIN)

    def _has_fallen(self, person: Person, number: int) -> bool:
        """Say whether somebody who was there on the first day is known to need a step, as another of the same coin."""
        first, size = self.first[person.pathway], self.sizes[person.pathway]
        if person.key >> randomness.INDEX_BITS & 0xFF != PRESENT_STREAM:
            return False
        return any(person.begun >> other & 1 and self.coin[first + other] == self.coin[number] for other in range(size))

    # -- leaving

    def _withdraw(self, request: Request) -> None:
        """Take a request out of its queue unstarted."""
        person, step = request.person, request.step
        number = self.first[person.pathway] + step
        waited = self.now - request.since
        request.state = GONE
        del person.requests[step]
        self._count_area(number)
        self.waiting[number] -= 1
        self.left[number] += 1
        person.waited[step] += waited >> UNIT_SHIFT
        sums = self.wait_sums[self._window()][number]
        sums[3] += 1
        sums[4] += waited

    def _leave(self, request: Request) -> None:
        person, step = request.person, request.step
        number = self.first[person.pathway] + step
        self._withdraw(request)
        if self.on_leave[number] == 0:
            self._give_up(person)
            return
        if self.on_leave[number] == 2:
            size = self.sizes[person.pathway]
            for other in range(size):
                request_there = person.requests.get(other)
                is_served = request_there is not None and request_there.state != QUEUED
                if not (person.done | self.keep[number]) >> other & 1 and not is_served and other != step:
                    if request_there is not None:
                        self._withdraw(request_there)
                    self._mark_done(person, other)
        self._mark_done(person, step)
        self._go_on(person, step)

    def _give_up(self, person: Person) -> None:
        person.has_left = True
        person.clock_state = STOPPED
        self.gave_up[person.pathway] += 1
        for request in self._requests(person, QUEUED):
            self._withdraw(request)
        for request in self._requests(person, HELD):
            self._release(request)
        self._forget_if_idle(person)

    def _requests(self, person: Person, state: int) -> list[Request]:
        found = [person.requests.get(step) for step in range(self.sizes[person.pathway])]
        return [request for request in found if request is not None and request.state == state]

    def _forget_if_idle(self, person: Person) -> None:
        if not person.requests:
            self.people.pop(id(person), None)

    def _finish(self, person: Person, last: int) -> None:
        self._stop_clock(person, last)
        self.finished[person.pathway] += 1
        del self.people[id(person)]

    # -- what is written

    def _window(self) -> int:
        return self.program.window_of(self.now >> WEEK)

    def _bin(self, ticks: int) -> int:
        return min(ticks >> WEEK, self.program.bins - 1)

    def _count_area(self, number: int) -> None:
        self.area[number] += self.waiting[number] * (self.now - self.area_at[number])
        self.area_at[number] = self.now

    def _stop_clock(self, person: Person, step: int) -> None:
        if person.clock_state != RUNS:
            return
        person.clock_state = STOPPED
        window, ticks = self._window(), self.now - person.clock
        self.clocks[window][person.pathway][self._bin(ticks)] += 1
        sums = self.clock_sums[window][person.pathway]
        sums[0] += 1
        sums[1] += ticks
        if person.is_traced:
            self._trace(person, step, window)

    def _trace(self, person: Person, step: int, window: int) -> None:
        """Go back from the step that ended the clock along those that decided when each could begin."""
        first = self.first[person.pathway]
        begun = (person.clock - person.arrival) >> UNIT_SHIFT
        total = person.done_at[step] - begun
        while True:
            done = person.done_at[step]
            ready, before = self._ready(person, first, step)
            span = done - max(ready, begun)
            served = min(done - ready - person.waited[step], span)
            self.record.traces[window, first + step, 0] += span - served
            self.record.traces[window, first + step, 1] += served
            if ready <= begun:
                break
            step = before
        self.record.trace_sums[window, person.pathway, 0] += 1
        self.record.trace_sums[window, person.pathway, 1] += total

    def _ready(self, person: Person, first: int, step: int) -> tuple[int, int]:
        """Return when a step could begin, and the step before it that was done last."""
        ready, before = 0, -1
        for other in range(self.sizes[person.pathway]):
            if self.after[first + step] >> other & 1 and person.done_at[other] > ready:
                ready, before = person.done_at[other], other
        return ready, before

    def _write_row(self, row: int) -> None:
        p = self.program
        inside = [a - f - g for a, f, g in zip(self.arrived, self.finished, self.gave_up, strict=True)]
        groups = (
            (self.waiting, self.joined, self.started, self.done, self.left),
            (self.busy, self.used, self.lapsed, self.offered),
            (self.arrived, self.finished, self.gave_up, inside),
        )
        self.record.rows[row] = [each for columns in groups for of_one in zip(*columns, strict=True) for each in of_one]
        assert p.rows > row

    def _write_ages(self, check: int) -> None:
        for person in self.people.values():
            first = self.first[person.pathway]
            if person.clock_state == RUNS:
                self.record.clock_ages[check, person.pathway, self._bin(self.now - person.clock)] += 1
            for step, request in person.requests.items():
                if request.state == QUEUED:
                    self.record.ages[check, first + step, self._bin(self.now - request.since)] += 1

    def _close(self) -> None:
        """Walk through everybody who is left and hold what is found against what was counted."""
        self.now = self.end
        counts = self.record.counts
        still = [0] * self.program.steps
        for person in self.people.values():
            for step, request in person.requests.items():
                counts[WAITING] += request.state == QUEUED
                if request.state == QUEUED:
                    still[self.first[person.pathway] + step] += self.now - request.since
        self.record.clocks[:], self.record.clock_sums[:] = self.clocks, self.clock_sums
        self.record.waits[:] = self.waits
        self.record.wait_sums[:] = self.wait_sums
        for number in range(self.program.steps):
            self._count_area(number)
            waited = sum(window[number][1] + window[number][4] for window in self.wait_sums)
            counts[UNEVEN] += self.area[number] + self.before[number] != waited + still[number]
        counts[EVENTS] = self.events
        counts[INSIDE] = sum(not person.has_left for person in self.people.values())
        counts[BUSY] = sum(self.busy)
        counts[OVERTAKEN], counts[UNREADY] = self.overtaken, self.unready
