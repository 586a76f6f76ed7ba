"""What boards ask of a simulation: lists, waits, limits kept, use of capacity, read from the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from braid.language.documents import Part
from braid.simulation.intervals import Interval, interval, within
from braid.simulation.model import YEAR, Network, Pathway
from braid.simulation.program import USUAL, Program
from braid.simulation.record import PATHWAY_COLUMNS, SERVICE_COLUMNS, STEP_COLUMNS, UNIT_SHIFT, Record
from braid.simulation.tables import TICKS

Values = npt.NDArray[np.float64]
Unit = Literal["people", "weeks", "share"]
UNITS_A_WEEK = TICKS >> UNIT_SHIFT
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the replications, at which a fan has its lines."""


@dataclass(frozen=True)
class Measure(Part):
    """One figure of a replication."""

    id: str
    """What is measured, a dot, and the service or pathway."""
    title: str
    unit: Unit
    fewer_is_better: bool | None
    """Null where neither is: how much of a capacity is used."""


def measures_of(network: Network) -> list[Measure]:
    """Return all measures of a network, in the order of services and pathways."""
    found = []
    for service in network.services:
        if service.gives == "time":
            continue
        title = service.title or service.id
        found += [
            Measure(f"list.{service.id}", f"{title}: waiting on the last day", "people", True),
            Measure(f"wait.{service.id}", f"{title}: mean weeks waited, last year", "weeks", True),
            Measure(f"used.{service.id}", f"{title}: share of capacity used, last year", "share", None),
        ]
    for pathway in network.pathways:
        found += _pathway_measures(pathway)
    return found


def _pathway_measures(pathway: Pathway) -> list[Measure]:
    title = pathway.title or pathway.id
    found = [
        Measure(f"weeks.{pathway.id}", f"{title}: mean weeks of those concluded, last year", "weeks", True),
        Measure(f"left.{pathway.id}", f"{title}: left before the end, last year", "people", True),
        Measure(f"long.{pathway.id}", f"{title}: still open after 52 weeks, last day", "people", True),
    ]
    if has_measured_limit(pathway):
        assert pathway.clock is not None
        limit = f"{pathway.clock.weeks:g} weeks"
        found += [
            Measure(f"within.{pathway.id}", f"{title}: concluded within {limit}, last year", "share", False),
            Measure(f"open.{pathway.id}", f"{title}: open no longer than {limit}, last day", "share", False),
        ]
    return found


def level_of(measure: Measure, values: Values, level: float) -> Interval:
    """Return the interval of a measure's mean: no share is above 1, nothing below 0.

    More than a whole capacity is used where places were taken away under whoever held them.
    """
    most = 1.0 if measure.unit == "share" and not measure.id.startswith("used.") else float("inf")
    return within(interval(values, level), 0.0, most)


def has_measured_limit(pathway: Pathway) -> bool:
    """Say whether it is counted who keeps a limit: histograms tell whole weeks apart, up to five years."""
    clock = pathway.clock
    return clock is not None and clock.weeks == int(clock.weeks) and clock.weeks < USUAL.bins


class Reading:
    """Reads records of one network by names."""

    def __init__(self, network: Network, program: Program) -> None:
        self.network, self.program = network, program
        self.last = program.windows - 1

    @cached_property
    def steps_at(self) -> dict[str, list[int]]:
        """The numbers of the steps that are done at each service."""
        found: dict[str, list[int]] = {one.id: [] for one in self.network.services}
        number = 0
        for pathway in self.network.pathways:
            for step in pathway.steps:
                for name in step.services:
                    found[name].append(number)
                number += 1
        return found

    @cached_property
    def measures(self) -> list[Measure]:
        """All measures, in the order of services and pathways."""
        return measures_of(self.network)

    def values(self, record: Record) -> dict[str, float]:
        """Return each measure of a replication by its id; not a number where there was nobody to measure."""
        found: dict[str, float] = {}
        for number, service in enumerate(self.network.services):
            if service.gives == "time":
                continue
            steps = self.steps_at[service.id]
            sums = record.wait_sums[self.last, steps].sum(axis=0)
            found[f"list.{service.id}"] = float(self.waiting(record, service.id)[-1])
            found[f"wait.{service.id}"] = _ratio(sums[1] / TICKS, sums[0])
            found[f"used.{service.id}"] = self._used(record, number)
        for number, pathway in enumerate(self.network.pathways):
            found |= self._pathway_values(record, number, pathway)
        return found

    def _pathway_values(self, record: Record, number: int, pathway: Pathway) -> dict[str, float]:
        concluded, ticks = record.clock_sums[self.last, number]
        left = self.flow(record, number, "left")
        found = {
            f"weeks.{pathway.id}": _ratio(ticks / TICKS, concluded),
            f"left.{pathway.id}": float(left[-1] - left[max(len(left) - 1 - self._year_rows, 0)]),
            f"long.{pathway.id}": float(self._open(record, number)[YEAR:].sum()),
        }
        if has_measured_limit(pathway):
            assert pathway.clock is not None
            limit = int(pathway.clock.weeks)
            opened = self._open(record, number)
            found[f"within.{pathway.id}"] = _ratio(record.clocks[self.last, number, :limit].sum(), concluded)
            found[f"open.{pathway.id}"] = _ratio(opened[:limit].sum(), opened.sum())
        return found

    @property
    def _year_rows(self) -> int:
        return YEAR // self.program.row_weeks

    def _open(self, record: Record, pathway: int) -> npt.NDArray[np.int32]:
        if not len(record.clock_ages):
            return np.zeros(self.program.bins, np.int32)
        ages: npt.NDArray[np.int32] = record.clock_ages[-1, pathway]
        return ages

    def _used(self, record: Record, service: int) -> float:
        rows = record.rows[-self._year_rows - 1 :]
        if self.network.services[service].gives == "slots":
            used, offered = self._service(rows, service, "used"), self._service(rows, service, "offered")
            return _ratio(float(used[-1] - used[0]), float(offered[-1] - offered[0]))
        busy = self._service(rows, service, "busy").astype(float)
        return _ratio(float(busy.mean()), float(self.program.capacity[service, -YEAR:].mean()))

    def _service(self, rows: npt.NDArray[np.int64], service: int, column: str) -> npt.NDArray[np.int64]:
        start = self.program.steps * len(STEP_COLUMNS) + service * len(SERVICE_COLUMNS)
        found: npt.NDArray[np.int64] = rows[:, start + SERVICE_COLUMNS.index(column)]
        return found

    def waiting(self, record: Record, service: str) -> npt.NDArray[np.int64]:
        """Return who waits for a service, at each row of a record."""
        columns = [step * len(STEP_COLUMNS) for step in self.steps_at[service]]
        found: npt.NDArray[np.int64] = record.rows[:, columns].sum(axis=1)
        return found

    def flow(self, record: Record, pathway: int, column: str) -> npt.NDArray[np.int64]:
        """Return a column of a pathway, at each row of a record."""
        steps, services = self.program.steps * len(STEP_COLUMNS), self.program.services * len(SERVICE_COLUMNS)
        found: npt.NDArray[np.int64] = record.rows[
            :, steps + services + pathway * len(PATHWAY_COLUMNS) + PATHWAY_COLUMNS.index(column)
        ]
        return found


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")


@dataclass(frozen=True)
class Fan(Part):
    """How a list goes from week to week: the mean of the replications, and between which values shares of them lie."""

    about: str
    title: str
    weeks: tuple[int, ...]
    mean: tuple[float, ...]
    bands: Mapping[str, tuple[float, ...]]
    """By the share of the replications that lie below: 0.05 to 0.95."""


def fan(reading: Reading, records: Sequence[Record], service: str) -> Fan:
    """Return how the list of a service goes, over replications."""
    lists = np.stack([reading.waiting(record, service) for record in records]).astype(float)
    lines = np.quantile(lists, SHARES, axis=0)
    found = reading.network.service(service)
    return Fan(
        about=service,
        title=found.title or service,
        weeks=tuple(row * reading.program.row_weeks for row in range(lists.shape[1])),
        mean=tuple(round(float(each), 2) for each in lists.mean(axis=0)),
        bands={
            f"{share:g}": tuple(round(float(each), 2) for each in line)
            for share, line in zip(SHARES, lines, strict=True)
        },
    )


@dataclass(frozen=True)
class Where(Part):
    """Where weeks go of who came after the first day and concluded: for each step, mean weeks waiting and in it.

    Few of them concluded in a network that is simulated for little longer than people wait.
    """

    pathway: str
    title: str
    people: float
    """Concluded people who were traced, mean of the replications."""
    weeks: float
    """Mean weeks of their clock, the sum of all parts."""
    parts: tuple[tuple[str, float, float], ...]
    """Step, weeks waiting, weeks in it, on the way that decided the end; in the order of the pathway."""


def where_weeks_go(reading: Reading, records: Sequence[Record], pathway: str) -> Where | None:
    """Return where the weeks go of who came after the first day and concluded; None where there was nobody.

    When they began what is behind them is not known of people who were there on the first day.
    """
    number = next(at for at, one in enumerate(reading.network.pathways) if one.id == pathway)
    found = reading.network.pathways[number]
    first = int(reading.program.first_step[number])
    people, units = np.sum([record.trace_sums[:, number].sum(axis=0) for record in records], axis=0)
    if not people:
        return None
    parts = np.sum([record.traces[:, first : first + len(found.steps)].sum(axis=0) for record in records], axis=0)
    weeks = parts / UNITS_A_WEEK / people
    return Where(
        pathway=pathway,
        title=found.title or pathway,
        people=float(people) / len(records),
        weeks=float(units) / UNITS_A_WEEK / float(people),
        parts=tuple(
            (step.title or step.id, float(waiting), float(doing))
            for step, (waiting, doing) in zip(found.steps, weeks, strict=True)
        ),
    )
