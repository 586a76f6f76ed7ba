"""How good and how dear linking of a place is.

    python benchmarks/linkage/linkage.py little --households 20000 --seed 1    a little place made in memory
    python benchmarks/linkage/linkage.py place DIR                             a place folder with truth/
    python benchmarks/linkage/linkage.py grow                                  cost at 1, 3 and 10 times the size
    python benchmarks/linkage/linkage.py train DIR --version 2026-11-23.1      a new frozen model from a place

The places of `place` and `train` are written by `braid example DIR` and run. CPU seconds are user and system time of
this process; memory is its peak resident set.
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

from braid.language.records import SOURCE_TABLES  # noqa: E402
from braid.people.facts import read_facts, read_standards  # noqa: E402
from braid.people.link_engine import MODEL_PATH, find_edges, load_model  # noqa: E402
from braid.people.linkage import find_comparable  # noqa: E402
from braid.people.model import Rest  # noqa: E402
from braid.people.quality import Score, score_b_cubed, score_by_source_pair, score_pairs  # noqa: E402
from braid.people.release import format_release  # noqa: E402
from braid.people.resolve import resolve  # noqa: E402
from braid.people.retraining import make_release  # noqa: E402
from braid.people.run import add_missing_tables, run  # noqa: E402
from braid.people.standardise import standardise  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from people.little_place import make_place  # noqa: E402 - the path is set first


def main() -> None:
    """Run one of the four commands."""
    arguments = _parse()
    if arguments.command == "grow":
        _grow()
        return
    if arguments.command == "little":
        place = make_place(arguments.households, arguments.seed)
        engine, truth = place.engine(), place.truth
    else:
        engine, truth = read_place(arguments.folder)
    if arguments.command == "train":
        _train(engine, truth, arguments.version)
    else:
        report(engine, truth, by_source=arguments.sources)
    engine.close()


def read_place(folder: Path) -> tuple[DuckDBEngine, dict[str, str]]:
    """Return an engine with the source tables of the place's current run, and the truth by record id."""
    engine = DuckDBEngine()
    run_folder = folder / "lake" / "runs" / (folder / "lake" / "current").read_text(encoding="utf-8").strip()
    for name in (*(table.name for table in SOURCE_TABLES), "postcode"):
        path = run_folder / f"{name}.parquet"
        if path.exists():
            engine.load_parquet(name, path)
    with (folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        true = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    rows = engine.rows("select record_id, feed, partner_record_id from person_record")
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in rows}
    return engine, {record: true[key] for record, key in keys.items() if key in true}


def report(engine: DuckDBEngine, truth: Mapping[str, str], *, by_source: bool) -> None:
    """Link, then print cost, quality, and what the constraints did."""
    marks: list[tuple[str, float]] = []
    summary = run(engine, progress=lambda step, _place, _steps: marks.append((step, time.process_time())))
    marks.append(("end", time.process_time()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(summary)
    print("CPU s", {step: round(later - at, 2) for (step, at), (_, later) in pairwise(marks)}, end=" ")
    print("in all", round(marks[-1][1] - marks[0][1], 1), "peak MB", peak)
    found = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
    print(
        "with constraints   ", _words(score_pairs(found, truth)), "B-cubed F1", round(score_b_cubed(found, truth)[2], 4)
    )
    grouped, named = _unguarded(engine)
    print("nobody guarded      ", _words(score_pairs(grouped, truth)))
    with_names = {record: person for record, person in truth.items() if record in named}
    print("  records with names", _words(score_pairs(grouped, with_names)))
    print("connected components", _words(score_pairs(_components(engine), truth)))
    if by_source:
        feeds = engine.rows("select record_id, feed, standard from person_record")
        for pair, score in score_by_source_pair(
            found, truth, {row["record_id"]: row["standard"] for row in feeds}
        ).items():
            print(f"{' - '.join(pair):40}", _words(score))


def _unguarded(engine: DuckDBEngine) -> tuple[dict[str, str], set[str]]:
    """Return the persons that weights and constraints make where nobody is protected, and the records with a name."""
    records = standardise(engine)
    found = find_edges(records, load_model(), "1GB", standards=read_standards(engine))
    ids, facts = records.column("record_id").to_pylist(), read_facts(engine, records)
    groups = resolve(ids, found.edges, facts, rest=Rest(found.weak, find_comparable(records))).groups
    names = zip(ids, records.column("forename").to_pylist(), strict=True)
    return {record: group[0] for group in groups for record in group}, {record for record, name in names if name}


def _components(engine: DuckDBEngine) -> dict[str, str]:
    records = standardise(engine)
    edges = find_edges(records, load_model(), "1GB").edges
    groups = resolve(records.column("record_id").to_pylist(), edges, {}).groups
    return {record: group[0] for group in groups for record in group}


def _words(score: Score) -> str:
    return (
        f"P {score.precision:.4f} R {score.recall:.4f} F {score.f1:.4f}"
        f" (found {score.found}, true {score.true}, both {score.true_positive})"
    )


def _train(engine: DuckDBEngine, truth: Mapping[str, str], version: str) -> None:
    """Write the shipped release anew, without name frequencies: those of a fictional place are nobody else's."""
    add_missing_tables(engine)
    made = {**make_release(engine, load_model(), version, "1GB", truth), "term_frequencies": {}}
    MODEL_PATH.write_text(format_release(made), encoding="utf-8")
    print(f"wrote {MODEL_PATH.relative_to(REPOSITORY)}, trained on {made['trained_on']}")


def _grow() -> None:
    """Run each size in a process of its own, so that peaks do not mix."""
    for households in (6_000, 20_000, 60_000):
        print(f"{households} households", flush=True)
        subprocess.run([sys.executable, __file__, "little", "--households", str(households)], check=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    little = commands.add_parser("little")
    little.add_argument("--households", type=int, default=20_000)
    little.add_argument("--seed", type=int, default=1)
    place, train = commands.add_parser("place"), commands.add_parser("train")
    commands.add_parser("grow")
    for command in (place, train):
        command.add_argument("folder", type=Path)
    for command in (little, place):
        command.add_argument("--sources", action="store_true", help="also by pair of standards")
    train.add_argument("--version", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
