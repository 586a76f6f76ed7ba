"""Braid's two engines on the reference networks, asked and answering as the peers are."""

from __future__ import annotations

import hashlib
import sys
import time
from functools import partial
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).resolve().parents[2] / "src"),
    str(Path(__file__).resolve().parent),
    str(Path(__file__).resolve().parent / "peers"),
]

import numpy as np  # noqa: E402
from reference_networks import PEOPLE, long_list, n1, n2, n3  # noqa: E402
from stations import LIST_PATIENCE, Outcome  # noqa: E402

from braid.simulation.engines import compiled, plain  # noqa: E402
from braid.simulation.model import Network  # noqa: E402
from braid.simulation.program import Counting, Program, compile_network  # noqa: E402
from braid.simulation.randomness import seed_of  # noqa: E402
from braid.simulation.record import EVENTS, PATHWAY_COLUMNS, WAITING, Record  # noqa: E402
from braid.simulation.tables import TICKS  # noqa: E402

ENGINES = {"braid": compiled.run, "braid plain": plain.run}
WEEK_TICKS = ("n3",)
"""Networks whose weeks differ, so that the beginning of a week is an event of the model."""


def network_of(name: str, weeks: int, people: int = PEOPLE, waiting: int = 0) -> Network:
    """Return a network by its name: n1, n2, n3, list (patient people) or leaving_list."""
    makers = {
        "n1": n1,
        "n2": n2,
        "n3": partial(n3, people),
        "list": partial(long_list, waiting),
        "leaving_list": partial(long_list, waiting, patience=LIST_PATIENCE),
    }
    return makers[name](weeks=weeks)


def program_of(name: str, weeks: int, people: int = PEOPLE, waiting: int = 0) -> Program:
    """Return the program of a network. N3 writes what every network writes; stations are asked for their sums alone."""
    counting = Counting() if name == "n3" else Counting(row_weeks=weeks, window_weeks=weeks, check_weeks=0)
    return compile_network(network_of(name, weeks, people, waiting), counting)


def run_own(engine: str, name: str, programs: list[Program], seed: int) -> Outcome:
    """Run one of Braid's engines on a program for each horizon."""
    outcome = Outcome([], [])
    for program in programs:
        began = time.process_time()
        record = ENGINES[engine](program, seed_of(seed, 0))
        outcome.seconds.append(time.process_time() - began)
        outcome.events.append(model_events(name, program, record))
        outcome.answers = answers_of(name, record, program.weeks)
    return outcome


def model_events(name: str, program: Program, record: Record) -> int:
    """Return the events of the model: no weeks where they do not differ, and no second arrival of who goes back in N2.

    N2 says going back to a station as a pathway that leads to another.
    """
    weeks = 0 if name in WEEK_TICKS else program.weeks
    arrived = record.rows[-1, -len(PATHWAY_COLUMNS) * program.pathways :: len(PATHWAY_COLUMNS)]
    led = [int(arrived[n]) for n in range(program.pathways) if n not in program.source_pathway]
    return int(record.counts[EVENTS]) - weeks - sum(led)


def answers_of(name: str, record: Record, weeks: int) -> dict[str, float]:
    """Return what is held against the exact answers: people inside each station, waits at the first, who waits."""
    if name == "n3":
        return {"waiting": float(record.counts[WAITING])}
    sums = record.wait_sums.sum(axis=0) / TICKS
    stations = {"n2": ((0, 5), (1, 3, 6, 8), (2, 4, 7, 9))}.get(name, ((0,),))
    inside = {
        f"inside_{number}": float(sum(sums[step, 1] + sums[step, 2] for step in steps)) / weeks
        for number, steps in enumerate(stations)
    }
    counts = record.wait_sums.sum(axis=0)[:, 0]
    waits = {f"wait_{n}": float(sums[step, 1] / max(counts[step], 1)) for n, step in enumerate(stations[0])}
    return inside | waits


def fingerprint(rows: object) -> str:
    """Return the SHA-256 of a record's rows."""
    return hashlib.sha256(np.ascontiguousarray(rows, np.int64).tobytes()).hexdigest()
