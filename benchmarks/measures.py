"""Time and memory of the measures of services: `python benchmarks/measures.py 100000 1000000`.

So many people have three waits each on the mean, over 12 kinds at three providers each, begun within four years. Each
step of the stage is timed on the engine and memory limit of the chain, in a process of its own for each size. Memory is
the process's: with the waits loaded, at its peak, and what was spilled to disk. Outlooks are those of every service,
from the tables that were made.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from braid.language.codes import WAIT_KINDS
from braid.pipeline import new_engine
from braid.store.engine import Engine
from braid.waits.backlogs import create_backlog_measure
from braid.waits.outlook import find_outlook
from braid.waits.overlaps import create_service_overlap
from braid.waits.services import create_service_measure, create_service_week
from braid.waits.tallies import create_tallies

AS_OF = dt.date(2026, 11, 15)
WAITS_EACH, KINDS, PROVIDERS, DAYS_BACK = 3, 12, 3, 4 * 365


def main() -> None:
    """Measure each size in a process of its own, and print one JSON document a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", nargs=2, default=("", ""), help=argparse.SUPPRESS)
    options = parser.parse_args()
    step, folder = options.step
    for people in options.people:
        if step == "write":
            write(Path(folder), people, options.seed)
        elif step == "measure":
            print(json.dumps({"people": people, **measure(Path(folder))}), flush=True)
        else:
            with tempfile.TemporaryDirectory(prefix="braid-measures-") as made:
                for step in ("write", "measure"):
                    asked = [str(people), "--seed", str(options.seed), "--step", step, made]
                    subprocess.run([sys.executable, __file__, *asked], check=True)
                step = ""


def measure(folder: Path) -> dict[str, Any]:
    """Return seconds of each step, megabytes, and the rows made, of the waits in a folder."""
    spill = folder / "spill"
    spill.mkdir()
    engine = new_engine(spill)
    for name in ("person_wait", "person"):
        engine.load_parquet(f"{name}_file", folder / f"{name}.parquet")
        engine.create(name, f"select * from {name}_file")
    before, spilled = _megabytes(), _Spilled(spill)
    steps: dict[str, Callable[[], None]] = {
        "tallies": lambda: create_tallies(engine, AS_OF),
        "backlog_measure": lambda: create_backlog_measure(engine, AS_OF),
        "service_measure": lambda: create_service_measure(engine, AS_OF),
        "service_week": lambda: create_service_week(engine, AS_OF),
        "service_overlap": lambda: create_service_overlap(engine, AS_OF),
    }
    steps["outlooks"] = lambda: outlooks(engine)
    spent = {name: _timed(step) for name, step in steps.items()}
    rows = {name: _count(engine, name) for name in ("person_wait", *steps) if name not in ("outlooks", "tallies")}
    engine.close()
    spilled.stop()
    return {
        "seconds": {name: round(wall, 2) for name, (wall, _) in spent.items()},
        "cpu_seconds": {name: round(cpu, 2) for name, (_, cpu) in spent.items()},
        "megabytes_with_the_waits": round(before),
        "megabytes_peak": round(_megabytes()),
        "megabytes_spilled_peak": round(spilled.most / 1e6),
        "rows": rows,
    }


def _count(engine: Engine, name: str) -> int:
    return int(engine.rows(f"select count(*) as n from {name}")[0]["n"])


def outlooks(engine: Engine) -> None:
    """Reckon the outlook of every service from the tables made."""
    weeks: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for row in engine.rows("select * from service_week"):
        weeks.setdefault((row["kind"], row["organisation_id"]), []).append(row)
    for row in engine.rows("select * from service_measure"):
        find_outlook(row, weeks[row["kind"], row["organisation_id"]])


def write(folder: Path, people: int, seed: int) -> None:
    """Write made-up waits as `person_wait`, and the people as `person`."""
    luck = np.random.default_rng(seed)
    count = people * WAITS_EACH
    persons = pa.array([f"{number:032x}" for number in range(people)])
    kinds = list(WAIT_KINDS.values())[:KINDS]
    kind, provider = luck.integers(0, KINDS, count), luck.integers(0, PROVIDERS, count)
    started, length = luck.integers(0, DAYS_BACK, count), luck.exponential(120, count).astype(int)
    runs = length > started
    none = np.datetime64("NaT")
    start = np.datetime64(AS_OF) - started
    elapsed = np.where(runs, started, length)
    limited = kind % 2 == 0
    late = np.where(elapsed > 126, "past", "within")
    unlimited = np.where(runs, "no_limit", "stopped")
    clock = np.where(limited, np.where(runs, late, np.char.add("stopped_", late)), unlimited)
    codes, backlogs = (pa.array([getattr(one, name) for one in kinds]) for name in ("code", "backlog"))
    waits = {
        "person_id": persons.take(pa.array(luck.integers(0, people, count))),
        "kind": codes.take(pa.array(kind)),
        "backlog": backlogs.take(pa.array(kind)),
        "organisation_id": pa.array([f"provider {n}" for n in range(PROVIDERS)]).take(pa.array(provider)),
        "start_date": pa.array(start, pa.date32()),
        "stop_date": pa.array(np.where(runs, none, start + length), pa.date32()),
        "elapsed_days": pa.array(elapsed, pa.int64()),
        "due_date": pa.array(np.where(limited, start + 126, none), pa.date32()),
        "clock": pa.array(clock.tolist()),
    }
    pq.write_table(pa.table(waits), folder / "person_wait.parquet")
    districts = pa.array(luck.integers(0, 4, people)).cast(pa.string())
    protected = pa.array(luck.random(people) < 0.01)
    place = pa.table({"person_id": persons, "district_code": districts, "protected": protected})
    pq.write_table(place, folder / "person.parquet")


class _Spilled:
    """The most bytes that the engine's files took in a folder, looked at ten times a second."""

    def __init__(self, folder: Path) -> None:
        self.most, self._folder, self._ended = 0, folder, threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            sizes = []
            for path in self._folder.rglob("*"):
                try:
                    sizes.append(path.stat().st_size)
                except OSError:
                    continue  # spilled files come and go
            self.most = max(self.most, sum(sizes))

    def stop(self) -> None:
        self._ended.set()
        self._watch.join()


def _timed(step: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock, and of processors over all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - wall, time.process_time() - cpu


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
