"""A network as an engine reads it: whole numbers in arrays, everything looked up, nothing left to decide.

Two engines read a program and must write the same record to the last digit: `engines/plain.py`, which says what is
meant, and `engines/engine.c`, which is fast. Steps are numbered through the pathways (`first_step`), shares are in
units of 2**-63, times in ticks (`tables.TICKS` a week).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from braid.simulation import tables
from braid.simulation.durations import Duration, Exponential
from braid.simulation.model import Network, Pathway, Present, Service, Step, week_numbers

SLOTS, PLACES, TIME = range(3)
GIVES = {"slots": SLOTS, "places": PLACES, "time": TIME}
ORDERS = {"joined": 0, "clock": 1}
ON_LEAVE = {"pathway": 0, "step": 1, "goto": 2}
CERTAIN = 1 << 63
RATE = 1 << 20
"""Units of the mean of an exponential in which arrivals are counted out."""
NEVER_AGES = 1 << 56
"""Ticks of ageing that no wait reaches: priorities never mix."""
MICRO = 1e-6
"""What is short of a whole slot by less is a whole one: three weeks of a third make one."""
FIRST_STREAM, MORE_STREAM, LED_STREAM, PRESENT_STREAM = 0, 1, 128, 255
"""Of a person's key: who always arrives, who arrives as a scenario adds arrivals, who was led here, who is there."""
Ints = npt.NDArray[Any]


@dataclass(frozen=True)
class Program:
    """Everything an engine needs but the seed."""

    weeks: int
    table_weeks: int
    """Rows of the tables by week; beyond the last they begin again."""
    row_weeks: int
    """A row of the record is written each so many weeks."""
    window_weeks: int
    """Histograms and sums are kept apart for windows of so many weeks."""
    bins: int
    """Weeks of the histograms; the last bin holds everything longer."""
    check_weeks: int
    """How long everybody has waited so far is counted each so many weeks; 0 for never."""
    bucket_shift: int
    """Events of 2**shift ticks are sorted together: of no meaning, for speed alone."""
    gives: Ints
    ageing: Ints
    capacity: Ints
    """Services by weeks: slots or places."""
    queue_start: Ints
    queue_services: Ints
    """For each queue the services it needs at once, in the order they were named."""
    queue_order: Ints
    first_step: Ints
    clock_start: Ints
    clock_stop: Ints
    is_traced: Ints
    is_chain: Ints
    """Whether one step at most is ever open at once, and leaving ends all: who leaves can be found out later."""
    first_band: Ints
    band_share: Ints
    """Up to which bits each band goes."""
    band_priority: Ints
    pathway_priority: Ints
    step_queue: Ints
    step_after: Ints
    step_share: Ints
    step_coin: Ints
    step_hold: Ints
    step_duration: Ints
    step_patience: Ints
    step_on_leave: Ints
    step_keep: Ints
    step_repeat: Ints
    step_most: Ints
    step_priority: Ints
    first_lead: Ints
    lead_pathway: Ints
    lead_share: Ints
    source_pathway: Ints
    source_stream: Ints
    source_rate: Ints
    """Sources by weeks: arrivals a week in units of 1 / RATE."""
    source_keep: Ints
    """Sources by weeks: which share of those who arrive are kept."""
    tables: Ints
    """The first is the exponential of mean 1, in which arrivals are counted out."""
    table_fixed: Ints
    present: Ints
    """A row for each group: pathway, band (-1 to be drawn), done, begun, count, then from and to in ticks ago of the
    clock, of joining and of what is begun."""

    @property
    def rows(self) -> int:
        """Rows of the record: one for each `row_weeks`, with the last day."""
        return self.weeks // self.row_weeks + 1

    @property
    def windows(self) -> int:
        """Windows in which sums are kept apart."""
        return -(-self.weeks // self.window_weeks)

    def window_of(self, week: int) -> int:
        """Return the window that a week lies in: the last ends with the last week, the first may be short."""
        return (week + self.windows * self.window_weeks - self.weeks) // self.window_weeks

    @property
    def checks(self) -> int:
        """How often it is counted how long everybody has waited: on the last day, and each `check_weeks` before it."""
        return -(-self.weeks // self.check_weeks) if self.check_weeks else 0

    def check_at(self, week: int) -> int | None:
        """Return which check is made as a week begins, from 0; None where none is."""
        if not self.check_weeks or not week or (self.weeks - week) % self.check_weeks:
            return None
        return self.checks - 1 - (self.weeks - week) // self.check_weeks

    @property
    def steps(self) -> int:
        """Steps of all pathways."""
        return int(self.first_step[-1])

    @property
    def pathways(self) -> int:
        """How many pathways there are."""
        return len(self.first_step) - 1

    @property
    def services(self) -> int:
        """How many services there are."""
        return len(self.gives)

    @property
    def sources(self) -> int:
        """How many streams of arrivals there are."""
        return len(self.source_pathway)

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything an engine reads."""
        digest = hashlib.sha256()
        for each in fields(self):
            part = getattr(self, each.name)
            digest.update(np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
        return digest.hexdigest()


def ticks(weeks: float) -> int:
    """Return weeks as the nearest whole tick."""
    return round(weeks * tables.TICKS)


def as_share(share: float) -> int:
    """Return a share in units of 2**-63."""
    return CERTAIN if share >= 1 else int(share * CERTAIN)


@dataclass(frozen=True)
class Counting:
    """What a record keeps and how finely, in weeks."""

    row_weeks: int = 1
    window_weeks: int = 52
    bins: int = 261
    check_weeks: int = 13


USUAL = Counting()


def compile_network(network: Network, counting: Counting = USUAL, base: Network | None = None) -> Program:
    """Return the program of a network that `validation` found sound.

    With a `base`, whoever arrives in both arrives at the same moment as the same person: more arrivals than the base's
    are a stream of their own, and of fewer some are left out.
    """
    return _Compiler(network, counting, base or network).program()


class _Compiler:
    def __init__(self, network: Network, counting: Counting, base: Network) -> None:
        self.network, self.counting, self.base = network, counting, base
        self.services = {one.id: number for number, one in enumerate(network.services)}
        self.pathways = {one.id: number for number, one in enumerate(network.pathways)}
        self.steps = [step for pathway in network.pathways for step in pathway.steps]
        self.queues: dict[tuple[int, ...], int] = {}
        self.tables: dict[Duration, int] = {}

    def program(self) -> Program:
        network, counting = self.network, self.counting
        self._table(Exponential(law="exponential", mean=1.0))
        steps = self._steps()
        streams = self._sources()
        rates = [rate for _pathway, _stream, rate, _keep in streams]
        weeks = network.weeks
        every_table = [tables.table_of(each) for each in self.tables]
        starts = np.cumsum([0, *(len(queue) for queue in self.queues)])
        return Program(
            weeks=weeks,
            table_weeks=weeks,
            row_weeks=counting.row_weeks,
            window_weeks=counting.window_weeks,
            bins=counting.bins,
            check_weeks=counting.check_weeks,
            bucket_shift=bucket_shift(sum(float(rate.mean()) for rate in rates) / RATE),
            gives=np.array([GIVES[one.gives] for one in network.services], np.uint8),
            ageing=np.array([_ageing(one) for one in network.services], np.int64),
            capacity=np.stack([capacity_by_week(one, network) for one in network.services]),
            queue_start=starts.astype(np.int32),
            queue_services=np.array([service for queue in self.queues for service in queue], np.int32),
            queue_order=np.array([ORDERS[network.services[queue[0]].order] for queue in self.queues], np.uint8),
            **self._pathways(),
            **steps,
            source_pathway=np.array([pathway for pathway, _stream, _rate, _keep in streams], np.int32),
            source_stream=np.array([stream for _pathway, stream, _rate, _keep in streams], np.int32),
            source_rate=np.array(rates, np.int64).reshape(len(streams), weeks),
            source_keep=np.array([keep for *_others, keep in streams], np.uint64).reshape(len(streams), weeks),
            tables=np.stack(every_table) if every_table else np.zeros((0, 2 * tables.SIDE), np.int64),
            table_fixed=np.array([tables.fixed_ticks(table) for table in every_table], np.int64),
            present=np.array([self._present(one) for one in network.present], np.int64).reshape(-1, 11),
        )

    def _table(self, duration: Duration | None) -> int:
        return -1 if duration is None else self.tables.setdefault(duration, len(self.tables))

    def _steps(self) -> dict[str, Ints]:
        columns: dict[str, list[int]] = {}
        leads: list[tuple[int, int]] = []
        first_lead = [0]
        for pathway in self.network.pathways:
            numbers = {step.id: number for number, step in enumerate(pathway.steps)}
            coins: dict[str, int] = {}
            for step in pathway.steps:
                for name, value in self._step(pathway, step, numbers, coins).items():
                    columns.setdefault(name, []).append(value)
                leads += [(self.pathways[lead.pathway], as_share(lead.share)) for lead in step.leads_to]
                first_lead.append(len(leads))
        kinds = {"step_share": np.uint64, "step_repeat": np.uint64}
        arrays: dict[str, Ints] = {name: np.array(each, kinds.get(name, np.int32)) for name, each in columns.items()}
        return arrays | {
            "first_lead": np.array(first_lead, np.int32),
            "lead_pathway": np.array([pathway for pathway, _share in leads], np.int32),
            "lead_share": np.array([share for _pathway, share in leads], np.uint64),
        }

    def _step(self, pathway: Pathway, step: Step, numbers: dict[str, int], coins: dict[str, int]) -> dict[str, int]:
        queue = tuple(self.services[one] for one in step.services)
        coin = coins.setdefault(step.coin, numbers[step.id]) if step.coin else numbers[step.id]
        return {
            "step_queue": self.queues.setdefault(queue, len(self.queues)),
            "step_after": sum(1 << numbers[one] for one in step.after),
            "step_share": as_share(step.share),
            "step_coin": coin,
            "step_hold": numbers[step.hold_until] if step.hold_until else -1,
            "step_duration": self._table(step.duration),
            "step_patience": self._table(step.patience),
            "step_on_leave": ON_LEAVE[step.on_leave],
            "step_keep": keep_mask(pathway, step.goto) if step.goto else 0,
            "step_repeat": as_share(step.repeat.share) if step.repeat else 0,
            "step_most": step.repeat.most if step.repeat else 0,
            "step_priority": -1 if step.priority is None else step.priority,
        }

    def _pathways(self) -> dict[str, Ints]:
        pathways = self.network.pathways
        numbers = [{step.id: number for number, step in enumerate(one.steps)} for one in pathways]
        clocks = [
            (each[one.clock.start] if one.clock.start else -1, each[one.clock.stop] if one.clock.stop else -1)
            if one.clock
            else (-1, -1)
            for one, each in zip(pathways, numbers, strict=True)
        ]
        bands = [(up_to, band.priority) for one in pathways for up_to, band in zip(_up_to(one), one.bands, strict=True)]
        return {
            "first_step": np.cumsum([0, *(len(one.steps) for one in pathways)]).astype(np.int32),
            "clock_start": np.array([start for start, _stop in clocks], np.int32),
            "clock_stop": np.array([stop for _start, stop in clocks], np.int32),
            "is_traced": np.array([one.is_traced for one in pathways], np.uint8),
            "is_chain": np.array([is_chain(one) for one in pathways], np.uint8),
            "first_band": np.cumsum([0, *(len(one.bands) for one in pathways)]).astype(np.int32),
            "band_share": np.array([up_to for up_to, _priority in bands], np.uint64),
            "band_priority": np.array([priority for _up_to, priority in bands], np.int32),
            "pathway_priority": np.array([one.priority for one in pathways], np.int32),
        }

    def _sources(self) -> list[tuple[int, int, Ints, Ints]]:
        """Return the streams of arrivals: pathway, stream, arrivals of each week, share kept of each week."""
        streams = []
        for number, pathway in enumerate(self.network.pathways):
            now = week_numbers(pathway.arrivals, self.network)
            before = self._arrivals_before(pathway, now)
            kept = np.divide(now, before, out=np.ones_like(now), where=before > now)
            keep = np.array([as_share(float(share)) for share in kept], np.uint64)
            if before.any():
                streams.append((number, FIRST_STREAM, _rate(before), keep))
            more = np.maximum(now - before, 0.0)
            if more.any():
                streams.append((number, MORE_STREAM, _rate(more), np.full(len(more), CERTAIN, np.uint64)))
        return streams

    def _arrivals_before(self, pathway: Pathway, now: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        known = {one.id: one for one in self.base.pathways}
        if pathway.id not in known:
            return now
        return week_numbers(known[pathway.id].arrivals, self.base)

    def _present(self, group: Present) -> tuple[int, ...]:
        pathway = self.network.pathway(group.pathway)
        numbers = {step.id: number for number, step in enumerate(pathway.steps)}
        bands = {band.id: number for number, band in enumerate(pathway.bands)}
        clock = _back(group.least, group.most)
        joined = clock if group.joined_least is None else _back(group.joined_least, group.joined_most)
        begun = clock if group.begun_least is None else _back(group.begun_least, group.begun_most)
        return (
            self.pathways[group.pathway],
            bands[group.band] if group.band is not None else -1,
            sum(1 << numbers[one] for one in group.done),
            sum(1 << numbers[one] for one in group.begun),
            group.count,
            *clock,
            *joined,
            *begun,
        )


def _back(least: float, most: float | None) -> tuple[int, int]:
    return ticks(least), ticks(least if most is None else most)


def _rate(numbers: npt.NDArray[np.float64]) -> Ints:
    return np.rint(numbers * RATE).astype(np.int64)


def _up_to(pathway: Pathway) -> list[int]:
    """Return up to which bits each band goes; the last one takes what rounding leaves."""
    ends = np.cumsum([band.share for band in pathway.bands])
    return [*(as_share(float(end)) for end in ends[:-1]), CERTAIN][: len(pathway.bands)]


def _ageing(service: Service) -> int:
    return NEVER_AGES if service.ageing_weeks is None else ticks(service.ageing_weeks)


def capacity_by_week(service: Service, network: Network) -> Ints:
    """Return slots or places of each week, whole: of slots, what a week's fraction leaves over is given later."""
    if service.gives == "time":
        return np.zeros(network.weeks, np.int32)
    numbers = week_numbers(service.capacity, network)
    if service.gives == "places":
        return np.floor(numbers + 0.5).astype(np.int32)
    given = np.floor(np.cumsum(numbers) + MICRO).astype(np.int64)
    return np.diff(given, prepend=0).astype(np.int32)


def keep_mask(pathway: Pathway, goto: str) -> int:
    """Return the steps that are left to do once somebody goes to a step: it and all that comes after it."""
    kept = {goto}
    for _ in pathway.steps:
        kept |= {step.id for step in pathway.steps if kept & set(step.after)}
    return sum(1 << number for number, step in enumerate(pathway.steps) if step.id in kept)


def is_chain(pathway: Pathway) -> bool:
    """Say whether each step waits for the one before, so that leaving one, which ends all, concerns nothing else."""
    follows = all(step.after == (before.id,) for before, step in pairwise(pathway.steps))
    return follows and not pathway.steps[0].after and all(step.on_leave == "pathway" for step in pathway.steps)


def bucket_shift(arrivals: float) -> int:
    """Return how wide a bucket of events should be for so many arrivals a week: about sixteen events."""
    width = 16 * tables.TICKS / max(4 * arrivals, 1.0)
    return int(min(max(np.log2(width), 10), 24))
