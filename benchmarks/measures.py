"""Time and memory of the measures of services: `python benchmarks/measures.py 100000 1000000`.

So many people have about three waits each, over 12 kinds at 20 providers, within four years. Each step of the stage is
timed on the engine and memory limit of the chain, in a process of its own for each size. Memory is the peak of the
process over what it held when the waits were loaded, and what was spilled to disk is beside it. The outlooks are those
of every service, from the tables that were made.
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

from braid.language.codes import WAIT_KINDS
from braid.pipeline import new_engine
from braid.store.engine import Engine
from braid.waits.backlogs import create_backlog_measure
from braid.waits.outlook import find_outlook
from braid.waits.overlaps import create_service_overlap
from braid.waits.services import create_service_measure, create_service_week

AS_OF = dt.date(2026, 11, 15)
WAITS_EACH, KINDS, PROVIDERS, DAYS_BACK = 3, 12, 20, 4 * 365


def main() -> None:
    """Measure each size in a process of its own, and print one JSON document a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for people in options.people:
        if options.here:
            print(json.dumps(measure(people, options.seed)), flush=True)
        else:
            subprocess.run([sys.executable, __file__, str(people), "--seed", str(options.seed), "--here"], check=True)


def measure(people: int, seed: int) -> dict[str, Any]:
    """Return seconds of each step, megabytes, and the rows made."""
    with tempfile.TemporaryDirectory(prefix="braid-measures-") as folder:
        engine = new_engine(Path(folder))
        waits = load(engine, people, seed)
        before = _megabytes()
        spilled = _Spilled(Path(folder))
        steps: dict[str, Callable[[], None]] = {
            "backlog_measure": lambda: create_backlog_measure(engine, AS_OF),
            "service_measure": lambda: create_service_measure(engine, AS_OF),
            "service_week": lambda: create_service_week(engine, AS_OF),
            "service_overlap": lambda: create_service_overlap(engine, AS_OF),
        }
        seconds = {name: _timed(step) for name, step in steps.items()}
        seconds["outlooks"] = _timed(lambda: outlooks(engine))
        rows = {name: engine.rows(f"select count(*) as n from {name}")[0]["n"] for name in steps}
        engine.close()
        spilled.stop()
    return {
        "people": people,
        "waits": waits,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "megabytes_with_the_waits": round(before),
        "megabytes_peak": round(_megabytes()),
        "megabytes_spilled_peak": round(spilled.most / 1e6),
        "rows": rows,
    }


def outlooks(engine: Engine) -> None:
    """Reckon the outlook of every service from the tables made."""
    weeks: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for row in engine.rows("select * from service_week"):
        weeks.setdefault((row["kind"], row["organisation_id"]), []).append(row)
    for row in engine.rows("select * from service_measure"):
        find_outlook(row, weeks[row["kind"], row["organisation_id"]])


def load(engine: Engine, people: int, seed: int) -> int:
    """Load made-up waits as `person_wait`, and the people as `person`; return how many waits."""
    luck = np.random.default_rng(seed)
    count = people * WAITS_EACH
    persons = pa.array([f"{number:032x}" for number in range(people)])
    kinds = list(WAIT_KINDS.values())[:KINDS]
    kind, provider = luck.integers(0, KINDS, count), luck.integers(0, PROVIDERS // KINDS + 2, count)
    started = luck.integers(0, DAYS_BACK, count)
    length = (luck.exponential(120, count)).astype(int)
    runs = length > started
    days = np.datetime64(AS_OF)
    start = days - started
    stop = np.where(runs, np.datetime64("NaT"), start + length)
    elapsed = np.where(runs, started, length)
    limited = kind % 2 == 0
    due = np.where(limited, start + 126, np.datetime64("NaT"))
    late = np.where(elapsed > 126, "past", "within")
    clock = np.where(
        limited, np.where(runs, late, np.char.add("stopped_", late)), np.where(runs, "no_limit", "stopped")
    )
    codes, backlogs = (pa.array([getattr(one, name) for one in kinds]) for name in ("code", "backlog"))
    waits = {
        "person_id": persons.take(pa.array(luck.integers(0, people, count))),
        "kind": codes.take(pa.array(kind)),
        "backlog": backlogs.take(pa.array(kind)),
        "organisation_id": pa.array([f"provider {n}" for n in range(KINDS + PROVIDERS)]).take(
            pa.array(kind + provider)
        ),
        "start_date": pa.array(start, pa.date32()),
        "stop_date": pa.array(stop, pa.date32()),
        "elapsed_days": pa.array(elapsed, pa.int64()),
        "due_date": pa.array(due, pa.date32()),
        "clock": pa.array(clock.tolist()),
    }
    engine.load_arrow("person_wait", pa.table(waits))
    districts = pa.array(luck.integers(0, 4, people)).cast(pa.string())
    protected = pa.array(luck.random(people) < 0.01)
    engine.load_arrow("person", pa.table({"person_id": persons, "district_code": districts, "protected": protected}))
    return count


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


def _timed(step: Callable[[], None]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
