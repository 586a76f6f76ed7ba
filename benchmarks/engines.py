"""Waits and problems of one example place on both engines, side by side in one process.

    python benchmarks/engines.py 2000 20000 --seed 1

Each size is an example place that is read and linked once. Then either engine, of two threads each, runs both stages on
the tables of that run, `--times` times. Spark's session has begun before and its beginning is told apart, as is its
first run, in which its virtual machine compiles itself. The tables are compared row by row at the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "src")]

import pyarrow.parquet as pq  # noqa: E402

from braid.example.write import write_example  # noqa: E402
from braid.pipeline import TABLES_OF_STAGE, run_chain  # noqa: E402
from braid.problems.load import load_statements  # noqa: E402
from braid.problems.run import run as run_problems  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.store.engine import Engine  # noqa: E402
from braid.store.lake import Run  # noqa: E402
from braid.store.place_folder import Place, load_place  # noqa: E402
from braid.store.spark_engine import SparkEngine  # noqa: E402
from braid.waits.run import run as run_waits  # noqa: E402

MADE = (*TABLES_OF_STAGE["waits"], *TABLES_OF_STAGE["problems"])


def main() -> None:
    """Print one line of JSON a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=2)
    options = parser.parse_args()
    start = time.perf_counter()
    with closing(SparkEngine()) as spark, closing(DuckDBEngine(threads=2)) as embedded:
        begun = round(time.perf_counter() - start, 1)
        for people in options.people:
            with tempfile.TemporaryDirectory(prefix="braid-engines-") as name:
                write_example(Path(name) / "place", people=people, seed=options.seed, weeks=1)
                place = load_place(Path(name) / "place")
                made = run_chain(place).run
                seconds = {
                    kind: [measure(engine, place, made, Path(name) / kind) for _ in range(options.times)]
                    for kind, engine in (("duckdb", embedded), ("spark", spark))
                }
                found = {
                    "people": people,
                    "seed": options.seed,
                    "waits": pq.read_metadata(made.table("person_wait")).num_rows,
                    "spark_began_in_seconds": begun,
                    "seconds": seconds,
                    "ratio_of_the_last": round(seconds["spark"][-1] / seconds["duckdb"][-1], 1),
                    "tables_that_differ": [table.name for table in MADE if _differ(Path(name), table.name)],
                }
                print(json.dumps(found), flush=True)


def measure(engine: Engine, place: Place, made: Run, folder: Path) -> float:
    """Return the seconds of both stages, from the tables of a run to their own on the disk."""
    folder.mkdir(exist_ok=True)
    as_of = dt.date.fromisoformat(made.manifest["as_of"])
    for stage in ("read", "link"):
        for table in TABLES_OF_STAGE[stage]:
            engine.load_parquet(table.name, made.table(table.name))
    start = time.perf_counter()
    run_waits(engine, place.calendar, as_of, feed_services={one.id: one.service for one in place.feeds if one.service})
    run_problems(engine, load_statements(place.folder), as_of)
    for table in MADE:
        engine.write(table, folder / f"{table.name}.parquet")
    return round(time.perf_counter() - start, 1)


def _differ(folder: Path, table: str) -> bool:
    one, other = (pq.read_table(folder / kind / f"{table}.parquet") for kind in ("duckdb", "spark"))
    return one.to_pylist() != other.to_pylist()


if __name__ == "__main__":
    main()
