"""Seconds from the waits of a place, or of a nation, to a network that can run.

`python benchmarks/simulation/warm_start.py --rows 7000000`. So many waits, most of them hospital treatment, open or
ended in the last half year, lie in Parquet as a run leaves them. Each round opens them on the engine and memory limit
of the chain and poses the network; then the list of hospital treatment as a published table of weekly bands is posed
instead of its rows. Compiling turns the network into what an engine reads; loading is what the fast engine takes to put
everybody in their queue and run one week. Each is the median of the rounds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from braid.pipeline import new_engine
from braid.simulation.calibration import TABLES, BandedCount, Posed, default_rules, open_by_kind, pose
from braid.simulation.engines import compiled
from braid.simulation.program import Program, compile_network
from braid.simulation.randomness import seed_of

AS_OF = dt.date(2026, 11, 15)
KINDS = {
    "rtt": (0.80, 120.0, ("priority_type:1", "priority_type:1", "priority_type:2"), ("rtt:30", "rtt:34", "rtt:35")),
    "register": (0.14, 700.0, tuple(f"register_band:{band}" for band in "ABCD"), ("startdate", "closedDate")),
    "temporary_accommodation": (0.02, 400.0, (None,), ("ta_exit",)),
    "crown_trial": (0.02, 180.0, (None,), ("proceedingsConcluded",)),
    "ehcp_plan": (0.01, 120.0, (None,), ("PlanStartDate",)),
    "in_year_admission": (0.01, 20.0, (None,), ("OutcomeDate",)),
}
"""Of each kind of wait: its part, mean days waited, priorities, and codes of its end."""
ENDED_PART = 0.25
KEPT_DAYS = 182
Made = TypeVar("Made")


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=7_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="braid-warm-start-") as made:
        write(Path(made), options.rows, options.seed)
        print(json.dumps(measure(Path(made), options.rows, options.rounds), indent=1))


def write(folder: Path, rows: int, seed: int) -> None:
    """Write the tables of a run with so many waits."""
    rng = np.random.default_rng(seed)
    parts = np.array([part for part, *_more in KINDS.values()])
    kind = rng.choice(len(KINDS), rows, p=parts / parts.sum())
    days = np.array([mean for _part, mean, *_more in KINDS.values()])[kind]
    waited = np.minimum(rng.exponential(days).astype(int), 4000)
    ended = np.where(rng.random(rows) < ENDED_PART, rng.integers(0, KEPT_DAYS, rows), -1)
    today = np.datetime64(AS_OF)
    stop = pa.array(today - np.maximum(ended, 0), pa.date32(), mask=ended < 0)
    start = pa.array(today - np.maximum(ended, 0) - waited, pa.date32())
    ids = pa.array([f"{number:020x}" for number in range(rows)])
    people = pa.array([f"{number:032x}" for number in rng.integers(0, int(0.85 * rows), rows)])
    names = list(KINDS)
    waits = {
        "wait_id": ids,
        "person_id": people,
        "kind": pa.array([names[each] for each in kind]),
        "feed": pa.array([f"feed {each}" for each in kind]),
        "priority": pa.array(_chosen(kind, rng, 2)),
        "start_date": start,
        "stop_date": stop,
    }
    records = {
        "record_id": ids,
        "person_record_id": people,
        "episode_ref": ids,
        "kind": waits["kind"],
        "stop_date": stop,
        "stop_event": pa.array(_chosen(kind, rng, 3), mask=ended < 0),
    }
    text = pa.array([], pa.string())
    episodes = dict.fromkeys(("person_record_id", "episode_ref", "kind", "end_reason"), text)
    for name, columns in (("person_wait", waits), ("wait", records), ("episode", episodes)):
        pq.write_table(pa.table(columns), folder / f"{name}.parquet", compression="zstd")


def _chosen(kind: Any, rng: np.random.Generator, place: int) -> list[str | None]:
    """Return a priority or a code for each wait, drawn from those of its kind."""
    options = [values[place] for values in KINDS.values()]
    drawn = rng.random(len(kind))
    return [options[each][int(share * len(options[each]))] for each, share in zip(kind, drawn, strict=True)]


def measure(folder: Path, rows: int, rounds: int) -> dict[str, Any]:
    """Return median seconds of each part, and what was posed; `cpu` are those of all threads together."""
    pose_seconds, pose_cpu, posed = _timed(lambda: _posed(folder, {}), rounds)
    table = _table(posed)
    (folder / "none").mkdir()
    write(folder / "none", 0, 0)
    bands_seconds, _cpu, from_bands = _timed(lambda: _compiled(_posed(folder / "none", table)), rounds)
    compile_seconds, compile_cpu, program = _timed(lambda: compile_network(replace(posed.network, weeks=1)), rounds)
    found = {
        "rows": rows,
        "open": sum(posed.open_waits.values()),
        "groups": len(posed.network.present),
        "pose_seconds": round(pose_seconds, 2),
        "compile_seconds": round(compile_seconds, 2),
        "warm_start_seconds": round(pose_seconds + compile_seconds, 2),
        "warm_start_cpu_seconds": round(pose_cpu + compile_cpu, 2),
        "bands_seconds": round(bands_seconds, 3),
        "bands_waiting": from_bands,
        "is_exact": open_by_kind(posed.network, default_rules()) == dict(posed.open_waits),
    }
    if compiled.is_available():
        found["load_and_first_week_seconds"] = round(_timed(lambda: _first_week(program), rounds)[0], 2)
    return found


def _timed(make: Callable[[], Made], rounds: int) -> tuple[float, float, Made]:
    seconds, cpu_seconds = [], []
    for _ in range(rounds):
        began, began_cpu = time.perf_counter(), time.process_time()
        made = make()
        seconds.append(time.perf_counter() - began)
        cpu_seconds.append(time.process_time() - began_cpu)
    return statistics.median(seconds), statistics.median(cpu_seconds), made


def _posed(folder: Path, bands: dict[str, tuple[BandedCount, ...]]) -> Posed:
    engine = new_engine()
    try:
        for name in TABLES:
            engine.load_parquet(name, folder / f"{name}.parquet")
        return pose(engine, AS_OF, 104, default_rules(), banded=bands)
    finally:
        engine.close()


def _table(posed: Posed) -> dict[str, tuple[BandedCount, ...]]:
    """Return who waits for hospital treatment as weekly bands up to two years, as they are published."""
    weeks = [0] * 105
    for group in posed.network.present:
        if group.pathway == "rtt":
            weeks[min(int(group.least), 104)] += group.count
    bands = [BandedCount(week, week + 1, count) for week, count in enumerate(weeks[:-1])]
    return {"rtt": (*bands, BandedCount(104, None, weeks[-1]))}


def _compiled(posed: Posed) -> int:
    """Compile a network and return how many wait in it."""
    compile_network(replace(posed.network, weeks=1))
    return sum(group.count for group in posed.network.present)


def _first_week(program: Program) -> None:
    compiled.run(program, seed_of(1, 0))


if __name__ == "__main__":
    main()
