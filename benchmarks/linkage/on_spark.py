"""Linking of one little place on both engines: what each step costs, and whether both find the same.

    python benchmarks/linkage/on_spark.py 500 6000 --seed 1
    BRAID_SPARK_MEMORY=4g python benchmarks/linkage/on_spark.py 30000 --seed 1
    python benchmarks/linkage/on_spark.py 6000 --threads 1 2       how Spark's cost falls with threads

Each size, in households of about 3.3 records, is made once and read from Parquet by processes of their own, one an
engine. CPU seconds are user and system time of the process and all that it started; `driver_mb` is the peak of the
process itself, where what is gathered rests, `workers_mb` that of Spark's own and its workers together. Spark's start
is told apart. At the end the pairs, weights and persons of the engines are held against each other.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

import psutil  # noqa: E402 - the path is set first
import pyarrow.parquet as pq  # noqa: E402

from braid.language.findings import TABLES  # noqa: E402
from braid.people import link_engine  # noqa: E402
from braid.people.lineage import Moment  # noqa: E402
from braid.people.night import FOUND, RECORDS, Night  # noqa: E402
from braid.people.run import INPUT_TABLES, run  # noqa: E402
from braid.people.run_call import Course  # noqa: E402
from braid.store.arrow_types import to_arrow  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.store.engine import Engine  # noqa: E402
from braid.store.spark_engine import SparkEngine  # noqa: E402

MEMORY_LIMIT = "600MB"
DAY = dt.date(2026, 11, 15)


def main() -> None:
    """Print one line of JSON an engine and size, and one that holds them against each other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("households", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, nargs="+", default=[2], help="of Spark; DuckDB has two")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.folder)), flush=True)
        return
    for households in options.households:
        with tempfile.TemporaryDirectory(prefix="braid-on-spark-") as name:
            folder = Path(name)
            _in_process(["--one", "make", "--folder", name, "--seed", str(options.seed), str(households)])
            kinds = ["duckdb", *(f"spark-{threads}" for threads in options.threads)]
            for kind in kinds:
                found = _in_process(["--one", kind, "--folder", name, str(households)])
                print(json.dumps({"households": households, "seed": options.seed, **found}), flush=True)
            for kind in kinds[1:]:
                print(json.dumps({"households": households, "beside": kind, **compare(folder, kind)}), flush=True)


def _in_process(arguments: list[str]) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(kind: str, folder: Path) -> dict[str, Any]:
    """Make the place, or link it on an engine, and return what that cost."""
    if kind == "make":
        return make(folder)
    if kind != "duckdb":
        os.environ.setdefault("BRAID_SPARK_MASTER", f"local[{kind.partition('-')[2]}]")
    begun = time.perf_counter()
    with closing(DuckDBEngine(MEMORY_LIMIT, threads=2) if kind == "duckdb" else SparkEngine()) as engine:
        start = round(time.perf_counter() - begun, 1)
        return {"engine": kind, "start_s": start, **link(engine, folder, folder / kind)}


def make(folder: Path) -> dict[str, Any]:
    """Write the source tables of a little place."""
    from people.little_place import make_place

    place = make_place(int(sys.argv[-1]), int(sys.argv[sys.argv.index("--seed") + 1]))
    for name in INPUT_TABLES:
        pq.write_table(to_arrow(TABLES[name], place.tables.get(name, [])), folder / f"{name}.parquet")
    return {"records": len(place.tables["person_record"])}


class _Watch:
    """Peak memory of whatever this process started, looked at twice a second."""

    def __init__(self) -> None:
        self.peak = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._is_over.wait(0.5):
            self.peak = max(self.peak, sum(_memory(each) for each in psutil.Process().children(recursive=True)))

    def stop(self) -> int:
        self._is_over.set()
        self._thread.join()
        return self.peak >> 20


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _cpu() -> float:
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def link(engine: Engine, folder: Path, target: Path) -> dict[str, Any]:
    """Link, from tables to tables on the disk; return seconds by step."""
    target.mkdir()
    for name in INPUT_TABLES:
        engine.load_parquet(name, folder / f"{name}.parquet")
    watch, marks, draws = _Watch(), [], random.Random(1)

    def mark(step: str, _place: int = 0, _steps: int = 0) -> None:
        marks.append((step, time.perf_counter(), _cpu()))

    def told_apart(candidates: Callable[..., Any]) -> Callable[..., Any]:
        def find(*arguments: Any) -> Any:
            mark("keys")
            found = candidates(*arguments)
            mark("score")
            return found

        return find

    link_engine._candidates = told_apart(link_engine._candidates)  # both engines pass here
    summary = run(
        engine,
        course=Course(
            MEMORY_LIMIT,
            progress=mark,
            draw=lambda: f"{draws.getrandbits(128):032x}",
            moment=Moment(DAY, dt.datetime.combine(DAY, dt.time(2), dt.UTC)),
            night=Night(None, target),
        ),
    )
    mark("write")
    for name in ("person_link", "person", "link_review", "household_member"):
        engine.write(TABLES[name], target / f"{name}.parquet")
    mark("end")
    steps = {
        step: {"s": round(marks[place + 1][1] - at, 2), "cpu_s": round(marks[place + 1][2] - cpu, 2)}
        for place, (step, at, cpu) in enumerate(marks[:-1])
    }
    return {
        "records": summary.records,
        "pairs": summary.pairs_scored,
        "persons": summary.persons,
        "s": round(marks[-1][1] - marks[0][1], 1),
        "cpu_s": round(marks[-1][2] - marks[0][2], 1),
        "driver_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "workers_mb": watch.stop(),
        "steps": steps,
    }


def compare(folder: Path, kind: str) -> dict[str, Any]:
    """Return how far an engine's pairs and weights are from the embedded one's, and whether tables differ."""
    ours, theirs = (
        {(row["left"], row["right"]): row["weight"] for row in _read(folder / one, FOUND)} for one in ("duckdb", kind)
    )
    both = ours.keys() & theirs.keys()
    tables = ("person_link", "person", "link_review", "household_member", RECORDS)
    return {
        "pairs_kept": len(ours),
        "pairs_on_one_alone": len(ours.keys() ^ theirs.keys()),
        "largest_difference_bits": max((abs(ours[pair] - theirs[pair]) for pair in both), default=0.0),
        "tables_that_differ": [name for name in tables if _read(folder / "duckdb", name) != _read(folder / kind, name)],
    }


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return rows


if __name__ == "__main__":
    main()
