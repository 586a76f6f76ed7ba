"""What is read off the records of many replications: a figure with its standard error between them.

A figure is a sum of whole numbers over another; the replications are independent of each other, so the spread between
them says how sure the ratio is, whatever goes on inside each (Law 2015, 9.5).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from braid.simulation.engines import compiled
from braid.simulation.model import Network
from braid.simulation.program import Program
from braid.simulation.randomness import seed_of
from braid.simulation.record import (
    BUSY,
    EVENTS,
    INSIDE,
    OVERTAKEN,
    PATHWAY_COLUMNS,
    SERVICE_COLUMNS,
    STEP_COLUMNS,
    UNEVEN,
    UNREADY,
    WAITING,
    Record,
)
from braid.simulation.tables import TICKS

Whole = npt.NDArray[np.int64]
Ratio = tuple[float, float]
Measure = Callable[["Reading"], Ratio]


@dataclass(frozen=True)
class Reading:
    """One record, read by the names of its network, from a window on."""

    network: Network
    program: Program
    record: Record
    first_window: int = 0

    @cached_property
    def steps(self) -> dict[tuple[str, str], int]:
        """Numbers of the steps by pathway and step."""
        pairs = [(pathway.id, step.id) for pathway in self.network.pathways for step in pathway.steps]
        return {pair: number for number, pair in enumerate(pairs)}

    @cached_property
    def pathways(self) -> dict[str, int]:
        """Numbers of the pathways."""
        return {pathway.id: number for number, pathway in enumerate(self.network.pathways)}

    @property
    def first_week(self) -> int:
        """The week from which is read."""
        return self.first_window * self.program.window_weeks

    @property
    def weeks(self) -> int:
        """How many weeks are read."""
        return self.program.weeks - self.first_week

    # -- sums over those who started, left or stopped in the weeks that are read

    def sums(self, *steps: tuple[str, str]) -> dict[str, int]:
        """Return the sums of the waits of steps, times in ticks."""
        numbers = [self.steps[step] for step in steps]
        total = self.record.wait_sums[self.first_window :, numbers].sum(axis=(0, 1))
        return dict(zip(("started", "waited", "served", "left", "in_vain"), map(int, total), strict=True))

    def waited_over(self, weeks: int, *steps: tuple[str, str]) -> Ratio:
        """Return how many of those started had waited so long, and how many were started."""
        numbers = [self.steps[step] for step in steps]
        waits = self.record.waits[self.first_window :, numbers].sum(axis=(0, 1), dtype=np.int64)
        return float(waits[weeks:].sum()), float(waits.sum())

    def clock_over(self, pathway: str, weeks: int) -> Ratio:
        """Return of how many the clock ran so long, and how many clocks stopped."""
        clocks = self.record.clocks[self.first_window :, self.pathways[pathway]].sum(axis=0, dtype=np.int64)
        return float(clocks[weeks:].sum()), float(clocks.sum())

    def clock(self, pathway: str) -> Ratio:
        """Return the weeks of the clocks that stopped, and how many they were."""
        stopped, ticks = self.record.clock_sums[self.first_window :, self.pathways[pathway]].sum(axis=0)
        return int(ticks) / TICKS, float(stopped)

    # -- rows, one for each moment

    def row_weeks(self) -> Whole:
        """Return the weeks of the rows that are read."""
        weeks = np.arange(self.program.rows) * self.program.row_weeks
        return weeks[weeks >= self.first_week]

    def step_column(self, name: str, step: tuple[str, str]) -> Whole:
        """Return a column of a step by row."""
        return self._column(self.steps[step] * len(STEP_COLUMNS) + STEP_COLUMNS.index(name))

    def service_column(self, name: str, service: str) -> Whole:
        """Return a column of a service by row."""
        place = [one.id for one in self.network.services].index(service)
        start = self.program.steps * len(STEP_COLUMNS)
        return self._column(start + place * len(SERVICE_COLUMNS) + SERVICE_COLUMNS.index(name))

    def pathway_column(self, name: str, pathway: str) -> Whole:
        """Return a column of a pathway by row."""
        start = self.program.steps * len(STEP_COLUMNS) + self.program.services * len(SERVICE_COLUMNS)
        return self._column(start + self.pathways[pathway] * len(PATHWAY_COLUMNS) + PATHWAY_COLUMNS.index(name))

    def _column(self, number: int) -> Whole:
        return self.record.rows[self.program.rows - len(self.row_weeks()) :, number]


# -- what is measured


def mean_wait(*steps: tuple[str, str]) -> Measure:
    """Measure weeks waited by those who were started."""

    def measure(reading: Reading) -> Ratio:
        sums = reading.sums(*steps)
        return sums["waited"] / TICKS, sums["started"]

    return measure


def mean_wait_of_all(step: tuple[str, str]) -> Measure:
    """Measure weeks waited by those who were started or left."""

    def measure(reading: Reading) -> Ratio:
        sums = reading.sums(step)
        return (sums["waited"] + sums["in_vain"]) / TICKS, sums["started"] + sums["left"]

    return measure


def share_leaving(step: tuple[str, str]) -> Measure:
    """Measure which share left unstarted."""

    def measure(reading: Reading) -> Ratio:
        sums = reading.sums(step)
        return sums["left"], sums["started"] + sums["left"]

    return measure


def mean_inside(*steps: tuple[str, str]) -> Measure:
    """Measure how many wait for steps or are in them, by Little's law of a stretch of time: person-weeks / weeks."""

    def measure(reading: Reading) -> Ratio:
        sums = reading.sums(*steps)
        return (sums["waited"] + sums["served"] + sums["in_vain"]) / TICKS, reading.weeks

    return measure


def started_a_week(*steps: tuple[str, str]) -> Measure:
    """Measure how many are started a week."""
    return lambda reading: (reading.sums(*steps)["started"], reading.weeks)


def weighed_waits(weights: dict[tuple[str, str], float]) -> Measure:
    """Measure weeks waited a week, each step times a weight: with service times as weights, load times mean wait."""

    def measure(reading: Reading) -> Ratio:
        waited = (reading.sums(step)["waited"] * weight for step, weight in weights.items())
        return math.fsum(waited) / TICKS, reading.weeks

    return measure


def share_waiting_over(weeks: int, *steps: tuple[str, str]) -> Measure:
    """Measure which share of those started had waited so many weeks or more."""
    return lambda reading: reading.waited_over(weeks, *steps)


def share_of_clocks_over(weeks: int, pathway: str) -> Measure:
    """Measure of which share the clock ran so many weeks or more."""
    return lambda reading: reading.clock_over(pathway, weeks)


def mean_clock(pathway: str) -> Measure:
    """Measure how many weeks clocks ran."""
    return lambda reading: reading.clock(pathway)


def mean_of(column: Callable[[Reading], npt.NDArray[np.generic]]) -> Measure:
    """Measure the mean over the rows of what is made of each."""

    def measure(reading: Reading) -> Ratio:
        values = column(reading)
        return math.fsum(values.tolist()), len(values)

    return measure


# -- many replications


@dataclass(frozen=True)
class Size:
    """How much is simulated of each model."""

    name: str
    seed: int
    replications: int
    events: int
    """Of each replication, about."""
    is_antithetic: bool = False


@dataclass(frozen=True)
class Estimate:
    """A figure measured, with its standard error."""

    mean: float
    error: float

    def deviation(self, exact: float) -> float:
        """Return how many standard errors above an exact value it lies; where nothing varies, 0 or endlessly many."""
        off = self.mean - exact
        return off / self.error if self.error else math.copysign(math.inf, off) if off else 0.0


@dataclass(frozen=True)
class Identities:
    """How much was held against what, over some records, and how often they differed."""

    records: int = 0
    events: int = 0
    held: int = 0
    broken: int = 0

    def __add__(self, other: Identities) -> Identities:
        return Identities(
            self.records + other.records,
            self.events + other.events,
            self.held + other.held,
            self.broken + other.broken,
        )


def estimate(ratios: Sequence[Ratio]) -> Estimate:
    """Return the ratio of two sums over replications, its standard error by the delta method."""
    above, below = math.fsum(a for a, _b in ratios), math.fsum(b for _a, b in ratios)
    mean, count = above / below, len(ratios)
    squares = math.fsum((a - mean * b) ** 2 for a, b in ratios)
    return Estimate(mean, math.sqrt(squares / (count - 1) * count) / below)


def read_replications(
    network: Network,
    program: Program,
    size: Size,
    replications: range,
    measures: Sequence[Measure],
    *,
    first_window: int,
) -> tuple[list[list[Ratio]], Identities]:
    """Run replications on the fast engine, one after another, and return what each measure is in each."""
    ratios: list[list[Ratio]] = []
    identities = Identities()
    for replication in replications:
        seed = seed_of(size.seed, replication)
        record = compiled.run(program, seed, is_antithetic=size.is_antithetic)
        reading = Reading(network, program, record, first_window)
        identities += check_identities(replace(reading, first_window=0))
        ratios.append([measure(reading) for measure in measures])
    return ratios, identities


def check_identities(reading: Reading) -> Identities:
    """Hold what must be exactly so of any record: people, places, slots, waits and traces that add up."""
    held = [*_counts_held(reading.record), *_rows_held(reading), *_sums_held(reading.record)]
    return Identities(1, int(reading.record.counts[EVENTS]), len(held), sum(not each for each in held))


def _counts_held(record: Record) -> list[bool]:
    return [int(record.counts[each]) == 0 for each in (OVERTAKEN, UNREADY, UNEVEN)]


def _rows_held(reading: Reading) -> list[bool]:
    """Return whether in each row nobody is lost, and the last one is what a walk through everybody found."""
    record, network = reading.record, reading.network
    steps = [{name: reading.step_column(name, step) for name in STEP_COLUMNS} for step in reading.steps]
    services = [{name: reading.service_column(name, one.id) for name in SERVICE_COLUMNS} for one in network.services]
    people = [{name: reading.pathway_column(name, one.id) for name in PATHWAY_COLUMNS} for one in network.pathways]
    last = reading.program.weeks % reading.program.row_weeks == 0
    return [
        *((one["joined"] == one["started"] + one["left"] + one["waiting"]).all() for one in steps),
        *(_slots_add_up(one) for one in services),
        *((one["arrived"] == one["finished"] + one["left"] + one["inside"]).all() for one in people),
        not last or sum(int(one["waiting"][-1]) for one in steps) == record.counts[WAITING],
        not last or sum(int(one["busy"][-1]) for one in services) == record.counts[BUSY],
        not last or sum(int(one["inside"][-1]) for one in people) == record.counts[INSIDE],
    ]


def _slots_add_up(service: dict[str, Whole]) -> bool:
    """Say whether slots that were offered were used or lapsed; a row is written as they lapse, before new ones."""
    return bool((service["offered"] == service["used"] + service["lapsed"]).all())


def _sums_held(record: Record) -> list[bool]:
    """Return whether histograms hold as many as the sums beside them, and traces every unit of the clocks traced."""
    return [
        bool((record.waits.sum(axis=2, dtype=np.int64) == record.wait_sums[:, :, 0]).all()),
        bool((record.clocks.sum(axis=2, dtype=np.int64) == record.clock_sums[:, :, 0]).all()),
        int(record.traces.sum()) == int(record.trace_sums[:, :, 1].sum()),
    ]
