"""Replications of a network and of scenarios beside it: the same people with the same luck in each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from braid.simulation.engines.choice import Chosen, choose_engine
from braid.simulation.measures import Reading
from braid.simulation.model import Network
from braid.simulation.program import USUAL, Counting, Program, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import (
    BUSY,
    INSIDE,
    OVERTAKEN,
    SERVICE_COLUMNS,
    STEP_COLUMNS,
    UNEVEN,
    UNREADY,
    WAITING,
    Record,
)

Values = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Told after each replication how many are done, and of how many."""


def after(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Return what tells of replications that come after others, as part of all of them."""
    if progress is None:
        return None
    return lambda done, _of: progress(before + done, total)


class RecordWrong(Exception):
    """A record contradicts itself: the engine is wrong, and nothing of it may be shown. Exit code 4."""


@dataclass(frozen=True)
class Runs:
    """Replications of one network."""

    network: Network
    program: Program
    records: tuple[Record, ...]
    seed: int
    engine: str

    @property
    def reading(self) -> Reading:
        """What reads the records by names."""
        return Reading(self.network, self.program)

    def values(self) -> dict[str, Values]:
        """Return each measure with its value in each replication."""
        reading = self.reading
        each = [reading.values(record) for record in self.records]
        return {name: np.array([one[name] for one in each]) for name in each[0]}

    def digest(self) -> str:
        """Return the SHA-256 of all that was counted: the same on every machine and engine."""
        digest = hashlib.sha256()
        for record in self.records:
            for field in fields(record):
                digest.update(np.ascontiguousarray(getattr(record, field.name)).astype("<i8").tobytes())
        return digest.hexdigest()


def simulate(
    network: Network,
    replications: int,
    seed: int = 1,
    *,
    base: Network | None = None,
    counting: Counting = USUAL,
    engine: Chosen | None = None,
    is_antithetic: bool = False,
    first: int = 0,
    progress: Progress | None = None,
) -> Runs:
    """Return replications of a network in which `faults` found nothing, from number `first` on.

    With a `base`, who arrives in both is the same person (`compile_network`). With `is_antithetic`, every second
    replication has the luck of the one before it turned round, which makes means of both steadier. Raises
    `RecordWrong`.
    """
    engine = engine or choose_engine()
    program = compile_network(network, counting, base)
    numbers = range(first, first + replications)

    def one(number: int) -> Record:
        turned = is_antithetic and number % 2 == 1
        luck = seed_of(seed, number // 2 if is_antithetic else number)
        record = engine.run(program, luck, is_antithetic=turned)
        check_record(program, record)
        return record

    records = []
    for record in _each(one, numbers, engine):
        records.append(record)
        if progress is not None:
            progress(len(records), replications)
    return Runs(network, program, tuple(records), seed, engine.name)


def _each(one: Callable[[int], Record], numbers: Sequence[int], engine: Chosen) -> Iterator[Record]:
    """Yield the records in order, made beside each other where the engine gains by it."""
    workers = min(os.cpu_count() or 1, len(numbers))
    if not engine.is_threaded or workers < 2:
        yield from map(one, numbers)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(one, numbers)


def check_record(program: Program, record: Record) -> None:
    """Raise `RecordWrong` where what was counted on the way is not what is found at the end.

    Whoever came is done, has left or is inside; slots offered were used or lapsed; who joined a queue was started, left
    or waits; the length of each queue summed over time is what its people waited; nobody was started out of turn or
    before what comes before.
    """
    counts, last = record.counts, record.rows[-1]
    steps = last[: program.steps * len(STEP_COLUMNS)].reshape(program.steps, -1)
    rest = last[steps.size :]
    services = rest[: program.services * len(SERVICE_COLUMNS)].reshape(program.services, -1)
    pathways = rest[services.size :].reshape(program.pathways, -1)
    waiting, joined, started, _done, left = steps.T
    busy, used, lapsed, offered = services.T
    arrived, finished, gave_up, inside = pathways.T
    holds = {
        "people": np.array_equal(arrived, finished + gave_up + inside),
        "slots": np.array_equal(used + lapsed, offered),
        "queues": np.array_equal(joined, started + left + waiting),
        "inside": counts[INSIDE] == inside.sum(),
        "waiting": counts[WAITING] == waiting.sum(),
        "busy": counts[BUSY] == busy.sum(),
        "turns": counts[OVERTAKEN] == 0,
        "order": counts[UNREADY] == 0,
        "area": counts[UNEVEN] == 0,
    }
    broken = [name for name, is_so in holds.items() if not is_so]
    if broken:
        raise RecordWrong(
            f"simulation: the record contradicts itself ({', '.join(broken)}); report it, with the network"
        )
