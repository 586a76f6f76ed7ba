"""How large a place may be: `python benchmarks/simulation/scale.py --rounds 3`, Braid's fast engine alone, on N3.

`--table places`: 30,000, 300,000 and 3 million people over ten years, each run a process of its own, medians.
`--table england`: 57.7 million people over two years; loading, which a horizon of one week shows, is told apart.
`--table threads`: eight replications of 300,000 people over ten years, in one thread and in two.
`--table replications`: a hundred replications of 3 million people in two threads; takes some minutes.
Seconds are of processor time, but where it says wall.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from beside_peers import run_once  # noqa: E402
from one_run import peak_mb  # noqa: E402
from own_engines import program_of  # noqa: E402

from braid.simulation.engines import compiled  # noqa: E402
from braid.simulation.program import Program  # noqa: E402
from braid.simulation.randomness import seed_of  # noqa: E402
from braid.simulation.record import EVENTS  # noqa: E402

PLACES = (30_000, 300_000, 3_000_000)
ENGLAND = 57_700_000
TEN_YEARS = 522


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--table", nargs="+", choices=sorted(TABLES), default=["places", "england", "threads"])
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    for table in options.table:
        TABLES[table](options.rounds)


def _places(rounds: int) -> None:
    for people in PLACES:
        _print_runs(people, TEN_YEARS, rounds)


def _england(rounds: int) -> None:
    loading = _print_runs(ENGLAND, 1, rounds)
    both = _print_runs(ENGLAND, 104, rounds)
    print(f"{ENGLAND:>12,} people, after loading: {both - loading:.1f} s")


def _print_runs(people: int, weeks: int, rounds: int) -> float:
    """Print the median of runs, and return its seconds."""
    found = [run_once("n3", "braid", (weeks,), seed + 1, "--people", str(people)) for seed in range(rounds)]
    seconds, events = (statistics.median(each[name][0] for each in found) for name in ("seconds", "events"))
    peak = statistics.median(each["peak_mb"] for each in found)
    print(
        f"{people:>12,} people {weeks:>4} weeks: {events:>12,.0f} events {seconds:8.2f} s"
        f" {events / seconds:>12,.0f} events/s {peak:8.0f} MB, with Python itself",
        flush=True,
    )
    return seconds


def _threads(rounds: int) -> None:
    program = program_of("n3", TEN_YEARS)
    for threads in (1, 2):
        timed = [_replicate(program, 8, threads, seed + 1) for seed in range(rounds)]
        cpu, wall = (statistics.median(each[place] for each in timed) for place in (0, 1))
        print(f"8 replications of 300,000 people in {threads} threads: {cpu:.2f} s, wall {wall:.2f} s", flush=True)


def _replications(_rounds: int) -> None:
    program = program_of("n3", TEN_YEARS, 3_000_000)
    cpu, wall = _replicate(program, 100, 2, 1)
    print(f"100 replications of 3,000,000 people in 2 threads: {cpu:.0f} s, wall {wall:.0f} s, {peak_mb():.0f} MB")


def _replicate(program: Program, replications: int, threads: int, seed: int) -> tuple[float, float]:
    """Return seconds and wall seconds of replications beside each other."""
    cpu, wall = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        events = list(pool.map(partial(_events, program, seed), range(replications)))
    assert min(events) > 0
    return time.process_time() - cpu, time.perf_counter() - wall


def _events(program: Program, seed: int, replication: int) -> int:
    return int(compiled.run(program, seed_of(seed, replication)).counts[EVENTS])


TABLES = {"places": _places, "england": _england, "threads": _threads, "replications": _replications}

if __name__ == "__main__":
    main()
