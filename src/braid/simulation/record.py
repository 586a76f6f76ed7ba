"""What an engine writes down of one replication: whole numbers, in ticks or in people, never a person.

Both engines write into the same arrays, and must write the same.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from braid.simulation.program import Program

Whole = npt.NDArray[np.int64]
STEP_COLUMNS = ("waiting", "joined", "started", "done", "left")
"""Of a row, for each step: who waits then, and who joined, was started, was done and left unstarted up to then."""
SERVICE_COLUMNS = ("busy", "used", "lapsed", "offered")
"""For each service: places held then, and slots used, lapsed and offered up to then."""
PATHWAY_COLUMNS = ("arrived", "finished", "left", "inside")
"""For each pathway: who arrived, finished and left up to then, and who is inside."""
WAIT_SUMS = ("started", "waited", "served", "left", "waited_in_vain")
"""For each step and window: how many were started, ticks that they had waited and take, how many left, their ticks."""
EVENTS, INSIDE, WAITING, BUSY, OVERTAKEN, UNREADY, UNEVEN = range(7)
"""Of `counts`: events; people, requests and places found by a last walk through everybody; starts out of turn; starts
before what comes before; steps whose queue, summed over time, is not what its people waited."""
UNIT_SHIFT = 10
"""Traces are in units of 2**10 ticks, 37 seconds."""


@dataclass(frozen=True)
class Record:
    """One replication."""

    rows: Whole
    """By row, the columns of all steps, then of all services, then of all pathways."""
    waits: npt.NDArray[np.int32]
    """By window, step and week: how long those who were started had waited."""
    wait_sums: Whole
    clocks: npt.NDArray[np.int32]
    """By window, pathway and week: how long the clock ran of those whose clock stopped."""
    clock_sums: Whole
    """By window and pathway: how many clocks stopped, and their ticks."""
    traces: Whole
    """By window and step: units of the clock spent waiting for it, and in it, on the way that decided the end."""
    trace_sums: Whole
    """By window and pathway: how many were traced, and their units."""
    ages: npt.NDArray[np.int32]
    """By check, step and week: how long those who wait have waited."""
    clock_ages: npt.NDArray[np.int32]
    """By check, pathway and week: how long the clocks have run that run."""
    counts: Whole


def empty_record(program: Program) -> Record:
    """Return a record of noughts for a program."""
    steps, pathways, windows, bins = program.steps, program.pathways, program.windows, program.bins
    columns = steps * len(STEP_COLUMNS) + program.services * len(SERVICE_COLUMNS) + pathways * len(PATHWAY_COLUMNS)
    return Record(
        rows=np.zeros((program.rows, columns), np.int64),
        waits=np.zeros((windows, steps, bins), np.int32),
        wait_sums=np.zeros((windows, steps, len(WAIT_SUMS)), np.int64),
        clocks=np.zeros((windows, pathways, bins), np.int32),
        clock_sums=np.zeros((windows, pathways, 2), np.int64),
        traces=np.zeros((windows, steps, 2), np.int64),
        trace_sums=np.zeros((windows, pathways, 2), np.int64),
        ages=np.zeros((program.checks, steps, bins), np.int32),
        clock_ages=np.zeros((program.checks, pathways, bins), np.int32),
        counts=np.zeros(7, np.int64),
    )


def differences(one: Record, other: Record) -> list[str]:
    """Return the names of what differs between two records."""
    return [each.name for each in fields(one) if not np.array_equal(getattr(one, each.name), getattr(other, each.name))]
