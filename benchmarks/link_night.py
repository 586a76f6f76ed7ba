"""A night of linking beside a full run of the same night, by the same release.

    python benchmarks/link_night.py little --households 30000     a little place made in memory, about 100,000 records
    python benchmarks/link_night.py place DIR                     a place folder that was run (braid example DIR; braid
    run DIR)

The evening's run links everybody. In the night one record in a hundred (`--share`) is otherwise: of ten of them eight
are edited, one is deleted and one is new, as those that were left out of the evening. Evening, night and full run are
processes of their own; the cost is that of the people stage, by step, in CPU seconds of the process. Then persons, ids,
pairs and weights of night and full run are held against each other.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import warnings
from contextlib import closing
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

import pyarrow.parquet as pq  # noqa: E402

from braid.language.findings import TABLES  # noqa: E402
from braid.people import night  # noqa: E402
from braid.people.lineage import Moment  # noqa: E402
from braid.people.night import Night  # noqa: E402
from braid.people.run import INPUT_TABLES, add_missing_tables, run  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from people.little_place import make_place  # noqa: E402 - the path is set first

WRITTEN = ("person_link", "record_memory", "membership", "person_lineage", "kept_apart", "person_history")
COMPARED = ("person_link", "person_history", "record_memory")
EVENING = dt.datetime(2026, 11, 15, 2, tzinfo=dt.UTC)
MEMORY = "2GB"


def main() -> None:
    """Print one line of JSON."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("little", "place"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--households", type=int, default=30_000)
    parser.add_argument("--share", type=int, default=100, help="of so many records one is otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="braid-night-") as name:
        home = Path(name)
        for part in ("evening", "night", "run_evening", "run_night", "run_full"):
            (home / part).mkdir()
        _in_a_process(make, home, options.kind, options.folder, options.households)
        records = prepare(home, options.share)
        _in_a_process(link, home, "evening", "run_evening", None, False)
        _in_a_process(link, home, "night", "run_night", home / "run_evening", False)
        _in_a_process(link, home, "night", "run_full", home / "run_evening", True)
        costs = {kind: json.loads((home / f"run_{kind}" / "cost.json").read_text()) for kind in ("night", "full")}
        ratios = {
            name: round(costs["full"][name] / max(costs["night"][name], 0.01), 1)
            for name in ("compare_cpu_seconds", "resolve_cpu_seconds", "cpu_seconds")
        }
        found = {"records": records, **costs, "full_by_night": ratios, "tables_that_differ": compare(home)}
        print(json.dumps(found), flush=True)


def _in_a_process(function, *arguments) -> None:
    child = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"{function.__name__} ended with {child.exitcode}")


def make(home: Path, kind: str, folder: Path | None, households: int) -> None:
    """Write the source tables of the place, whole, under `whole_<name>.parquet`."""
    if kind == "little":
        engine = make_place(households, 1).engine()
    else:
        engine = DuckDBEngine(MEMORY)
        lake = folder / "lake"
        current = lake / "runs" / (lake / "current").read_text(encoding="utf-8").strip()
        for name in INPUT_TABLES:
            engine.load_parquet(name, current / f"{name}.parquet")
    with closing(engine):
        add_missing_tables(engine)
        for name in INPUT_TABLES:
            engine.write(TABLES[name], home / f"whole_{name}.parquet")


def prepare(home: Path, share: int) -> int:
    """Write the tables of the evening and of the night; return how many records the night has."""
    with closing(DuckDBEngine(MEMORY)) as engine:
        sql = engine.connection.execute
        for name in INPUT_TABLES:
            sql(f"create view {name} as select * from read_parquet('{home}/whole_{name}.parquet')")
        chosen = f"hash(record_id, 5) % {share * 10}"
        for when, absent in (("evening", 0), ("night", 1)):
            here = f"select record_id from person_record where {chosen} <> {absent}"
            for name in INPUT_TABLES:
                key = {"person_record": "record_id", "postcode": ""}.get(name, "person_record_id")
                where = f" where {key} in ({here})" if key else ""
                columns = "*"
                if name == "person_record" and when == "night":
                    edited = f"{chosen} between 2 and 9 and"
                    columns = (
                        f"* replace (case when {edited} hash(record_id, 6) % 2 = 0 then given_name || 'a'"
                        f" else given_name end as given_name, case when {edited} hash(record_id, 6) % 2 = 1"
                        " then family_name || 'e' else family_name end as family_name)"
                    )
                sql(f"copy (select {columns} from {name}{where}) to '{home}/{when}/{name}.parquet' (format parquet)")
        return int(sql(f"select count(*) from read_parquet('{home}/night/person_record.parquet')").fetchall()[0][0])


def link(home: Path, source: str, target: str, before: Path | None, full: bool) -> None:
    """Link the tables of `source` and write cost.json: CPU seconds by step, memory and what was compared."""
    warnings.simplefilter("ignore")
    begun: list[tuple[str, float]] = []
    spent = {"resolver": 0.0}
    _time_resolving(spent)
    import splink  # noqa: F401 - loading it is no part of a night

    with closing(DuckDBEngine(MEMORY)) as engine:
        for name in INPUT_TABLES:
            engine.load_parquet(name, home / source / f"{name}.parquet")
        start = time.process_time()
        summary = run(
            engine,
            before / "person_link.parquet" if before else None,
            memory_limit=MEMORY,
            progress=lambda step, _place, _of: begun.append((step, time.process_time())),
            draw=_drawing(7),
            moment=Moment(EVENING.date(), EVENING),
            night=Night(before, home / target, full),
        )
        end = time.process_time()
        for name in WRITTEN:
            engine.write(TABLES[name], home / target / f"{name}.parquet")
    steps = [*begun, ("end", end)]
    by_step = {name: round(later - at, 2) for (name, at), (_, later) in pairwise(steps)}
    compared = sum(by_step.get(name, 0.0) for name in ("standardise", "compare"))
    cost = {
        "how": summary.compared,
        "records_changed": summary.records_changed,
        "pairs_scored": summary.pairs_scored,
        "compare_cpu_seconds": round(compared, 2),
        "resolve_cpu_seconds": round(spent["resolver"], 2),
        "cpu_seconds": round(end - start, 2),
        "by_step": by_step,
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    (home / target / "cost.json").write_text(json.dumps(cost), encoding="utf-8")


def _time_resolving(spent: dict[str, float]) -> None:
    from braid.people.components import Resolver

    resolve = Resolver.resolve

    def timed(self, *arguments):
        start = time.process_time()
        try:
            return resolve(self, *arguments)
        finally:
            spent["resolver"] += time.process_time() - start

    Resolver.resolve = timed


def _drawing(seed: int):
    draws = random.Random(seed)
    return lambda: f"{draws.getrandbits(128):032x}"


def compare(home: Path) -> list[str]:
    """Return the names of tables in which night and full run differ, scored pairs among them."""
    names = (*COMPARED, night.FOUND)
    tables = (
        (name, *(pq.read_table(home / f"run_{kind}" / f"{name}.parquet") for kind in ("night", "full")))
        for name in names
    )
    return [name for name, ours, theirs in tables if not ours.equals(theirs)]


if __name__ == "__main__":
    main()
