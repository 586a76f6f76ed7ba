"""Cost of finding what holds up what, from waits to the ranking of the place.

    python benchmarks/blockers.py 100000 1000000

N people in households of four, about three waits each, are made from numbers: registers, temporary accommodation,
treatment, school places, care proceedings with respondents, trials with victims, therapy, hearings that failed. The
rules are those that ship, and two more with --deadlocks, by which register and treatment wait for each other. Making
and measuring are processes of their own; memory is the peak resident set of the one that measures, whose engine has
the chain's own limit and spills like the chain.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.language.calendars import Calendar  # noqa: E402
from braid.language.findings import TABLES  # noqa: E402
from braid.language.schema import Type  # noqa: E402
from braid.pipeline import new_engine  # noqa: E402
from braid.problems.load import shipped_statements  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.waits.backlogs import create_backlog_measure, create_multi_backlog  # noqa: E402
from braid.waits.blockers import create_blocker  # noqa: E402
from braid.waits.deadlocks import create_deadlock  # noqa: E402
from braid.waits.graph import create_graph  # noqa: E402
from braid.waits.paths import create_person_path  # noqa: E402
from braid.waits.person_waits import create_person_wait  # noqa: E402
from braid.waits.rules import BlockerRule, HolderWait, Whose, Words  # noqa: E402
from braid.waits.tallies import create_tallies  # noqa: E402
from braid.waits.unblock import create_unblock  # noqa: E402
from braid.waits.unblock_measures import create_unblock_action, create_unblock_measure  # noqa: E402

AS_OF = dt.date(2026, 11, 15)
TERMS = ((dt.date(2025, 9, 3), dt.date(2026, 7, 20)), (dt.date(2026, 9, 3), dt.date(2027, 7, 20)))
MADE = ("person_link", "person", "wait", "episode", "event")
SQL_TYPE = {Type.TEXT: "varchar", Type.DATE: "date", Type.INTEGER: "bigint", Type.DECIMAL: "double"}

ADULT, CHILD = "i % 4 < 2", "i % 4 >= 2"
HOUSEHOLD, CASE = "i // 4", "concat('F', i // 4)"
WAITS = (
    # kind, who, of which number, salt, share in a thousand (from, to), organisation, case, longest days
    ("register", "true", HOUSEHOLD, 1, (80, 680), "council", "null", 2500),
    ("temporary_accommodation", "true", HOUSEHOLD, 1, (0, 300), "council", "null", 700),
    ("homelessness_relief", "true", HOUSEHOLD, 1, (0, 300), "council", "null", 90),
    ("rtt", "true", "i", 2, (0, 900), "hospital", "concat('R', i)", 800),
    ("rtt", "true", "i", 3, (0, 400), "hospital", "concat('S', i)", 800),
    ("in_year_admission", CHILD, "i", 4, (0, 250), "council", "concat('A', i)", 60),
    ("ehcp_plan", CHILD, "i", 5, (0, 150), "council", "null", 400),
    ("cf_assessment", CHILD, "i", 6, (0, 150), "council", "null", 80),
    ("care_proceedings", CHILD, HOUSEHOLD, 7, (0, 120), "family-court", CASE, 500),
    ("therapy", ADULT, "i", 8, (0, 150), "charity", "null", 400),
    ("victim_support", ADULT, "i", 9, (0, 100), "charity", "null", 100),
    ("crown_trial", "i % 4 = 0", "i", 10, (0, 150), "crown-court", "concat('C', i)", 900),
)
EPISODES = (
    # kind, role, who, of which number, salt, share, organisation, case
    ("family_case", "respondent", ADULT, HOUSEHOLD, 7, (0, 120), "family-court", CASE),
    ("criminal_case", "victim", "i % 4 = 1", "i - 1", 10, (0, 100), "charity", "concat('C', i - 1)"),
)
EVENTS = (
    # of which number, salt, share, organisation, case, days from the as-of day, status, cause group
    (HOUSEHOLD, 11, (0, 400), "family-court", CASE, -20, "adjourned", "service_evidence"),
    (HOUSEHOLD, 11, (400, 600), "family-court", CASE, -20, "vacated", "court_capacity"),
    ("i", 12, (0, 600), "crown-court", "concat('C', i)", 60, "booked", None),
)


def main() -> None:
    """Print one line of JSON a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--deadlocks", action="store_true", help="two rules more, which deadlock many people's waits")
    options = parser.parse_args()
    for people in options.people:
        with tempfile.TemporaryDirectory(prefix="braid-blockers-") as name:
            folder = Path(name)
            _in_a_process(make, folder, people)
            _in_a_process(measure, folder, options.deadlocks)
            print(json.dumps({"people": people, **json.loads((folder / "found.json").read_text())}), flush=True)


def _in_a_process(work: Callable[..., None], *arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} ended with {process.exitcode}")


def _quiet_engine(folder: Path) -> DuckDBEngine:
    """Return an engine as the chain's, without the bar that it draws over what takes long."""
    engine = new_engine(folder)
    engine.connection.execute("set enable_progress_bar = false")
    return engine


def make(folder: Path, people: int) -> None:
    """Write the source tables and links of a place of `people` people, as the stages before would."""
    engine = _quiet_engine(folder)
    everybody = f"(select i from range({people}) r(i))"
    lineage = {"feed": "'feed'", "sensitivity": "'normal'", "as_of_date": f"date '{AS_OF}'"}
    record = {"record_id": "row_id", "person_record_id": "concat('record', i)", **lineage}
    parts: dict[str, list[str]] = {name: [] for name in MADE}
    parts["person"].append(_select("person", {"person_id": "md5(cast(i as varchar))", "protected": "false"}, everybody))
    link = {"person_id": "md5(cast(i as varchar))", "person_record_id": "concat('record', i)", "method": "'single'"}
    parts["person_link"].append(_select("person_link", link, everybody))
    for number, (kind, who, of, salt, share, organisation, case, longest) in enumerate(WAITS):
        start = f"date '{AS_OF}' - cast(1 + hash(i, {number}) % {longest} as integer)"
        values = {"kind": f"'{kind}'", "organisation_id": f"'{organisation}'", "episode_ref": case, "start_date": start}
        source = _chosen(everybody, who, of, salt, share, f"w{number}-")
        parts["wait"].append(_select("wait", {**record, **values, "start_event": "'field'"}, source))
    for number, (kind, role, who, of, salt, share, organisation, case) in enumerate(EPISODES):
        values = {"kind": f"'{kind}'", "role": f"'{role}'", "organisation_id": f"'{organisation}'", "episode_ref": case}
        source = _chosen(everybody, who, of, salt, share, f"e{number}-")
        parts["episode"].append(_select("episode", {**record, **values}, source))
    for number, (of, salt, share, organisation, case, days, status, cause) in enumerate(EVENTS):
        values = {
            "kind": "'hearing'",
            "organisation_id": f"'{organisation}'",
            "episode_ref": case,
            "start_date": f"date '{AS_OF + dt.timedelta(days=days)}'",
            "status": f"'{status}'",
            "cause_group": f"'{cause}'" if cause else "null",
        }
        source = _chosen(everybody, "i % 4 = 0", of, salt, share, f"h{number}-")
        parts["event"].append(_select("event", {**record, **values}, source))
    for name, selects in parts.items():
        text = " union all ".join(selects)
        engine.connection.execute(f"copy ({text}) to '{folder / name}.parquet' (format parquet)")
    engine.close()


def _chosen(everybody: str, who: str, of: str, salt: int, share: tuple[int, int], prefix: str) -> str:
    drawn = f"hash({of}, {salt}) % 1000"
    condition = f"{who} and {drawn} >= {share[0]} and {drawn} < {share[1]}"
    return f"(select i, substring(md5(concat('{prefix}', i)), 1, 20) as row_id from {everybody} p where {condition})"


def _select(table: str, values: dict[str, str], source: str) -> str:
    columns = (
        f"cast({values.get(column.name, 'null')} as {SQL_TYPE.get(column.type, 'boolean')}) as {column.name}"
        for column in TABLES[table].columns
    )
    return f"select {', '.join(columns)} from {source} s"


def measure(folder: Path, deadlocks: bool) -> None:
    """Write found.json: seconds of each step, peak memory, and what was found."""
    engine = _quiet_engine(folder)
    for name in MADE:
        engine.load_parquet(name, folder / f"{name}.parquet")
    rules = [rule for statement in shipped_statements() for rule in statement.rules]
    rules += DEADLOCK_RULES if deadlocks else []
    calendar = Calendar(terms=TERMS)
    steps: dict[str, Callable[[], None]] = {
        "clocks": lambda: create_person_wait(engine, calendar, AS_OF),
        "tallies": lambda: create_tallies(engine, AS_OF),
        "backlogs": lambda: create_backlog_measure(engine, AS_OF),
        "blockers": lambda: create_blocker(engine, rules, AS_OF),
        "list": lambda: create_multi_backlog(engine),
        "graph": lambda: create_graph(engine),
        "deadlocks": lambda: create_deadlock(engine),
        "unblock": lambda: create_unblock(engine),
        "paths": lambda: create_person_path(engine),
        "actions": lambda: create_unblock_action(engine),
        "place": lambda: create_unblock_measure(engine),
    }
    seconds, cpu, memory = {}, {}, {}
    for name, step in steps.items():
        start, spent = time.perf_counter(), time.process_time()
        step()
        seconds[name] = round(time.perf_counter() - start, 1)
        cpu[name] = round(time.process_time() - spent, 1)
        memory[name] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    counted = ("person_wait", "multi_backlog", "blocker", "person_path", "deadlock", "unblock_action", "unblock_wait")
    rows = {name: engine.rows(f"select count(*) as n from {name}")[0]["n"] for name in counted}
    most = "select max(freed_waits) as n, max(held_waits) as held from unblock_action"
    found = {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "total_seconds": round(sum(seconds.values()), 1),
        "total_cpu_seconds": round(sum(cpu.values()), 1),
        "peak_megabytes_by_step": memory,
        "rows": rows,
        "calls_that_free_three": engine.rows("select count(*) as n from unblock_action where freed_waits >= 3")[0]["n"],
        "most_by_one": engine.rows(most)[0],
    }
    (folder / "found.json").write_text(json.dumps(found))
    engine.close()


_WORDS = Words("Held: {holder}.", "council", "Housing options manager", "Agree who goes first.")
DEADLOCK_RULES = [
    BlockerRule(f"deadlock_{held}", "deadlocks", held, None, HolderWait((holder,), Whose.SAME_PERSON, None, _WORDS))
    for held, holder in (("register", "rtt"), ("rtt", "register"))
]


if __name__ == "__main__":
    main()
