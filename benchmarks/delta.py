"""A nightly delta beside a full run of the same night, of the stages that reckon waits and problems.

    python benchmarks/delta.py 100000 300000 1000000

The place is that of `benchmarks/blockers.py`: N people, about three waits each. In the night a day passes, each extract
comes again with a new date, and of one person in a hundred (`--share`) something changes: a wait ends, another begins,
two persons turn out to be one, or a district is another. The evening's run and the night's full run and delta are
processes of their own. Each reads its tables from Parquet and ends when its own are safely on the disk; then every
table of the delta is compared with the full run's, row by row. What the stages before cost, reading and linking, is in
neither.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "src")]

from blockers import AS_OF, MADE, TERMS, _in_a_process, _quiet_engine, make  # noqa: E402

from braid.language.calendars import Calendar  # noqa: E402
from braid.language.findings import TABLES  # noqa: E402
from braid.pipeline import TABLES_OF_STAGE  # noqa: E402
from braid.problems.delta import EARLIER_TABLES, Before, Delta  # noqa: E402
from braid.problems.load import shipped_statements  # noqa: E402
from braid.problems.run import run as run_problems  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.waits.delta.changes import FINDING_SOURCES, SOURCES  # noqa: E402
from braid.waits.run import run as run_waits  # noqa: E402

NEXT_DAY = AS_OF + dt.timedelta(days=1)
INPUT = (*SOURCES, *FINDING_SOURCES)
CALENDAR = Calendar(terms=TERMS)


def main() -> None:
    """Print one line of JSON a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--share", type=int, default=100, help="of so many people one is changed")
    options = parser.parse_args()
    for people in options.people:
        with tempfile.TemporaryDirectory(prefix="braid-delta-") as name:
            folder = Path(name)
            for part in ("made", "evening", "night", "run_evening", "run_full", "run_delta"):
                (folder / part).mkdir()
            _in_a_process(make, folder / "made", people)
            _in_a_process(prepare, folder, options.share)
            _in_a_process(run, folder, "evening", "run_evening", False)
            _in_a_process(run, folder, "night", "run_full", False)
            _in_a_process(run, folder, "night", "run_delta", True)
            different = compare(folder)
            full, delta = (json.loads((folder / f"run_{kind}" / "cost.json").read_text()) for kind in ("full", "delta"))
            ratios = {name: round(delta[name] / full[name], 3) for name in ("seconds", "cpu_seconds")}
            found = {"people": people, "full": full, "delta": delta, "ratio": ratios, "tables_that_differ": different}
            print(json.dumps(found), flush=True)


def prepare(folder: Path, share: int) -> None:
    """Write the tables of the evening and of the night after it."""
    with closing(_quiet_engine(folder)) as engine:
        sql = engine.connection.execute
        for name in INPUT:
            if name in MADE:
                engine.load_parquet(f"made_{name}", folder / "made" / f"{name}.parquet")
            else:
                engine.load_rows(TABLES[name], [])
                sql(f"create view made_{name} as select * from {name}")
            standard = ", 'hclic' as standard" if name in ("wait", "episode", "event") else ""
            lineage = f" replace (feed || ' of ' || organisation_id as feed{standard})" if standard else ""
            sql(f"create view evening_{name} as select *{lineage} from made_{name}")
            dated = f" replace (date '{NEXT_DAY}' as as_of_date)" if name in SOURCES else ""
            sql(f"create view again_{name} as select *{dated} from evening_{name}")
            _copy(engine, f"select * from evening_{name}", folder / "evening" / f"{name}.parquet")
        chosen = f"hash(person_record_id, 77) % {share} = 0"
        ended = f"{chosen} and hash(record_id, 5) % 3 = 0"
        person = "cast(substring(person_record_id, 7) as bigint)"
        changed = {
            "wait": f"""
              select * replace (case when {ended} then date '{NEXT_DAY}' else stop_date end as stop_date)
              from again_wait
              union all
              select * replace (substring(md5(concat('new', record_id)), 1, 20) as record_id, 'therapy' as kind,
                'charity' as organisation_id, 'feed of charity' as feed, date '{AS_OF}' as start_date,
                null as episode_ref) from again_wait where {chosen} and hash(record_id, 6) % 3 = 0""",
            "person_link": f"""
              select * replace (case when {chosen} and {person} % 20 = 4
                then md5(cast({person} - 1 as varchar)) else person_id end as person_id) from again_person_link""",
            "person": f"""
              select * replace (case when hash(person_id, 78) % {share * 4} = 0 then 'E08990009' else district_code end
                as district_code) from again_person p
              where exists (select 1 from night_link l where l.person_id = p.person_id)""",
        }
        sql(f"create view night_link as {changed['person_link']}")
        for name in INPUT:
            _copy(engine, changed.get(name, f"select * from again_{name}"), folder / "night" / f"{name}.parquet")


def _copy(engine: DuckDBEngine, query: str, path: Path) -> None:
    engine.connection.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd)")


def run(folder: Path, source: str, target: str, by_delta: bool) -> None:
    """Run both stages over the tables of `source`, and write cost.json: seconds, memory, and whom a delta touched."""
    spill = folder / f"spill_{target}"
    spill.mkdir()
    engine = _quiet_engine(spill)
    for name in INPUT:
        engine.load_parquet(name, folder / source / f"{name}.parquet")
    as_of = AS_OF if source == "evening" else NEXT_DAY
    start, spent = time.perf_counter(), time.process_time()
    steps: dict[str, float] = {}

    def tell(step: str) -> None:
        steps[step] = round(time.perf_counter() - start, 1)

    touched: dict[str, int] = {}
    if by_delta:
        touched = _run_delta(engine, folder, spill, target, tell)
    else:
        summary = run_waits(engine, CALENDAR, as_of, tell)
        (folder / target / "waits.json").write_text(json.dumps(summary.as_document()))
        _write(engine, "waits", folder / target, in_order=True)
        tell("problems")
        run_problems(engine, shipped_statements(), as_of)
        tell("writing")
        _write(engine, "problems", folder / target, in_order=True)
    tell("end")
    cost = {
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(time.process_time() - spent, 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        **touched,
        "begun_at": steps,
    }
    (folder / target / "cost.json").write_text(json.dumps(cost))
    engine.close()


def _run_delta(engine: DuckDBEngine, folder: Path, spill: Path, target: str, tell) -> dict[str, int]:
    earlier = folder / "run_evening"
    for name in EARLIER_TABLES:
        engine.load_parquet(f"earlier_{name}", (folder / "evening" if name in INPUT else earlier) / f"{name}.parquet")
    before = Before(AS_OF, json.loads((earlier / "waits.json").read_text()))
    delta = Delta(engine, lambda: _quiet_engine(spill), CALENDAR, NEXT_DAY, before, shipped_statements(), {})
    tell("touched")
    touched = delta.touched
    tell("waits")
    delta.run_waits()
    tell("writing waits")
    _write(engine, "waits", folder / target, in_order=False)
    tell("problems")
    delta.run_problems()
    tell("writing")
    _write(engine, "problems", folder / target, in_order=False)
    delta.close()
    return {"rows_changed": touched.rows_changed, "people_touched": touched.persons}


def _write(engine: DuckDBEngine, stage: str, target: Path, *, in_order: bool) -> None:
    for table in TABLES_OF_STAGE[stage]:
        path = target / f"{table.name}.parquet"
        engine.write(table, path, in_order=in_order)
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        engine.load_parquet(table.name, path)


def compare(folder: Path) -> list[str]:
    """Return the names of tables in which delta and full run differ: by number of rows or the sum of their hashes."""
    different = []
    with closing(_quiet_engine(folder)) as engine:
        for table in (*TABLES_OF_STAGE["waits"], *TABLES_OF_STAGE["problems"]):
            found = [
                engine.connection.execute(
                    f"select count(*), sum(hash({', '.join(table.names)}))"
                    f" from read_parquet('{folder}/run_{kind}/{table.name}.parquet')"
                ).fetchall()
                for kind in ("full", "delta")
            ]
            if found[0] != found[1]:
                different.append(table.name)
    return different


if __name__ == "__main__":
    main()
