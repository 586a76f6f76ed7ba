"""Nights of linking beside full runs of the same nights, by the same release.

    python benchmarks/linkage/nights.py little --households 30000 --seed 1   a little place made in memory
    python benchmarks/linkage/nights.py place DIR --seed 1                   a place folder (braid example DIR)

The evening's run links everybody. In each night one record in a hundred (`--share`) is otherwise: of ten of them eight
are edited, one is deleted and one is new, as those that were left out of the evening; which, `--seed` says. Evening,
night and full run are processes of their own; the cost is that of the people stage, by step, in CPU seconds of the
process, and of writing its tables; memory is the peak of the process. Then every table that night and full run write,
and what they keep for the night after, are held against each other. Prints one line of JSON a night.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import warnings
from contextlib import closing
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

import pyarrow.parquet as pq  # noqa: E402

from braid.extracts import run as extracts  # noqa: E402
from braid.language.findings import TABLES  # noqa: E402
from braid.people import night  # noqa: E402
from braid.people.lineage import Moment  # noqa: E402
from braid.people.night import Night  # noqa: E402
from braid.people.run import INPUT_TABLES, add_missing_tables, run  # noqa: E402
from braid.people.run_call import Course  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.store.place_folder import load_place  # noqa: E402
from braid.store.reference_rows import read_reference  # noqa: E402
from people.little_place import make_place  # noqa: E402 - the path is set first

WRITTEN = (
    *("person_link", "record_memory", "membership", "person_lineage", "kept_apart", "person_history", "link_proposal"),
    *("person", "link_error", "link_review", "link_review_field", "sealed_person"),
    *("household_member", "household_event", "household_history", "person_relationship"),
)
EVENING = dt.datetime(2026, 11, 15, 2, tzinfo=dt.UTC)
MEMORY = "2GB"


def main() -> None:
    """Print one line of JSON a night."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("little", "place"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--households", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1, help="which records are otherwise, and a little place's people")
    parser.add_argument("--share", type=int, default=100, help="of so many records one is otherwise a night")
    parser.add_argument("--nights", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="braid-night-") as name:
        home = Path(name)
        _in_a_process(make, home, options.kind, options.folder, options.households, options.seed)
        for number in range(options.nights + 1):
            records = prepare(home, options.share, options.seed, number)
            before = home / f"run_{number - 1}" if number else None
            _in_a_process(link, home / f"tables_{number}", home / f"run_{number}", before, number, False)
            if before is not None:
                _in_a_process(link, home / f"tables_{number}", home / f"full_{number}", before, number, True)
                print(json.dumps(report(home, number, records, options)), flush=True)


def report(home: Path, number: int, records: int, options: argparse.Namespace) -> dict[str, object]:
    """Return what a night cost beside its full run, and the tables in which the two differ."""
    folders = {"night": home / f"run_{number}", "full": home / f"full_{number}"}
    costs = {kind: json.loads((folder / "cost.json").read_text()) for kind, folder in folders.items()}
    names = ("cpu_seconds", "write_cpu_seconds")
    ratios = {name: round(costs["full"][name] / max(costs["night"][name], 0.01), 1) for name in names}
    differ = compare(folders["night"], folders["full"])
    which = {"kind": options.kind, "seed": options.seed, "night": number, "records": records}
    return {**which, **costs, "full_by_night": ratios, "tables_that_differ": differ}


def _in_a_process(function, *arguments) -> None:
    child = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"{function.__name__} ended with {child.exitcode}")


def make(home: Path, kind: str, folder: Path | None, households: int, seed: int) -> None:
    """Write the source tables of the place, whole, under `whole_<name>.parquet`."""
    engine = make_place(households, seed).engine() if kind == "little" else read_extracts(folder, home / "parts")
    with closing(engine):
        add_missing_tables(engine)
        for name in INPUT_TABLES:
            engine.write(TABLES[name], home / f"whole_{name}.parquet")


def read_extracts(folder: Path, parts: Path) -> DuckDBEngine:
    """Return an engine with the source tables of a place folder, read as a run reads them."""
    place = load_place(folder)
    as_of = place.as_of or max(dt.date.fromisoformat(each.name) for each in (folder / "extracts").glob("*/????-??-??"))
    engine = DuckDBEngine(MEMORY)
    extracts.read_place(place, as_of, parts, 1)
    extracts.gather(engine, parts)
    engine.load_rows(TABLES["postcode"], read_reference(place, TABLES["postcode"]))
    return engine


def prepare(home: Path, share: int, seed: int, number: int) -> int:
    """Write the tables of one night, 0 for the evening; return how many records it has.

    A record has one of `share` x 10 lots. In night n whoever has lot 10n is gone, whoever has 10n + 1 is new, and the
    eight lots after it are edited, and stay so.
    """
    target = home / f"tables_{number}"
    target.mkdir()
    with closing(DuckDBEngine(MEMORY)) as engine:
        sql = engine.connection.execute
        sql("set enable_progress_bar = false")
        for name in INPUT_TABLES:
            sql(f"create view {name} as select * from read_parquet('{home}/whole_{name}.parquet')")
        lot = f"hash(record_id, {seed}) % {share * 10}"
        is_gone = f"({lot} % 10 = 0 and {lot} // 10 between 1 and {number})"
        is_to_come = f"({lot} % 10 = 1 and {lot} // 10 > {number})"
        is_edited = f"({lot} % 10 > 1 and {lot} // 10 between 1 and {number})"
        here = f"select record_id from person_record where not {is_gone} and not {is_to_come}"
        for name in INPUT_TABLES:
            key = {"person_record": "record_id", "postcode": ""}.get(name, "person_record_id")
            where = f" where {key} in ({here})" if key else ""
            columns = "*"
            if name == "person_record":
                coin = f"hash(record_id, {seed + 1}) % 2"
                columns = (
                    f"* replace (case when {is_edited} and {coin} = 0 then given_name || 'a' else given_name end as"
                    f" given_name, case when {is_edited} and {coin} = 1 then family_name || 'e' else family_name end as"
                    f" family_name, cast('{_day(number)}' as date) as as_of_date)"
                )
            sql(f"copy (select {columns} from {name}{where}) to '{target}/{name}.parquet' (format parquet)")
        return int(sql(f"select count(*) from read_parquet('{target}/person_record.parquet')").fetchall()[0][0])


def _day(number: int) -> dt.date:
    return EVENING.date() + dt.timedelta(days=number)


def link(source: Path, target: Path, before: Path | None, number: int, full: bool) -> None:
    """Link the tables of `source` and write cost.json: CPU seconds by step, memory and what was compared."""
    warnings.simplefilter("ignore")
    target.mkdir()
    begun: list[tuple[str, float]] = []
    import splink  # noqa: F401 - loading it is no part of a night

    with closing(DuckDBEngine(MEMORY)) as engine:
        for name in INPUT_TABLES:
            os.link(source / f"{name}.parquet", target / f"{name}.parquet")  # as a run holds them
            engine.load_parquet(name, target / f"{name}.parquet")
        start = time.process_time()
        summary = run(
            engine,
            before / "person_link.parquet" if before else None,
            course=Course(
                MEMORY,
                progress=lambda step, _place, _of: begun.append((step, time.process_time())),
                draw=_drawing(number),
                as_of=_day(number),
                moment=Moment(_day(number), EVENING + dt.timedelta(days=number)),
                night=Night(before, target, full),
            ),
        )
        end = time.process_time()
        for name in WRITTEN:
            engine.write(TABLES[name], target / f"{name}.parquet")
        written = time.process_time()
    steps = [*begun, ("end", end)]
    cost = {
        "how": summary.compared,
        "records_changed": summary.records_changed,
        "pairs_scored": summary.pairs_scored,
        "records_linked": summary.records_linked,
        "cpu_seconds": round(end - start, 2),
        "by_step": {name: round(later - at, 2) for (name, at), (_, later) in pairwise(steps)},
        "write_cpu_seconds": round(written - end, 2),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    (target / "cost.json").write_text(json.dumps(cost), encoding="utf-8")


def _drawing(seed: int):
    draws = random.Random(seed)
    return lambda: f"{draws.getrandbits(128):032x}"


def compare(ours: Path, theirs: Path) -> list[str]:
    """Return the names of tables in which two runs differ, of those that they keep for the night after too."""
    tables = (
        (name, *(pq.read_table(folder / f"{name}.parquet") for folder in (ours, theirs)))
        for name in (*WRITTEN, *night.FILES)
    )
    return [name for name, one, other in tables if not one.equals(other)]


if __name__ == "__main__":
    main()
