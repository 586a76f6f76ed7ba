"""How good and how dear linking of a place is.

    python benchmarks/linkage/linkage.py little --households 20000 --seed 1    a little place made in memory
    python benchmarks/linkage/linkage.py place DIR                             a place folder with truth/
    python benchmarks/linkage/linkage.py grow                                  cost at 1, 3 and 10 times the size
    python benchmarks/linkage/linkage.py train DIR… --little 8000 --version V  the shipped release anew, from places

The places of `place` and `train` are written by `braid example DIR` and need not be run; `--little` adds a little place
of so many households, seed 1. CPU seconds are user and system time of this process; memory is its peak resident set.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(Path(__file__).parent)]

from example_places import read_place, read_seals  # noqa: E402 - the path is set first
from mistakes import link  # noqa: E402

from braid.people.facts import read_standards  # noqa: E402
from braid.people.link_engine import (  # noqa: E402
    ALL_PAIRS,
    MODEL_PATH,
    count_levels_by_pair,
    find_edges,
    load_model,
)
from braid.people.quality import Score, score_b_cubed, score_by_source_pair, score_pairs  # noqa: E402
from braid.people.release import format_release, made_for  # noqa: E402
from braid.people.resolve import resolve  # noqa: E402
from braid.people.run import add_missing_tables, run  # noqa: E402
from braid.people.run_call import Course, Said  # noqa: E402
from braid.people.seals import SealedRow  # noqa: E402
from braid.people.standardise import standardise  # noqa: E402
from braid.people.training import train_model  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from people.little_place import make_place  # noqa: E402


def main() -> None:
    """Run one of the four commands."""
    arguments = _parse()
    if arguments.command == "grow":
        _grow()
        return
    if arguments.command == "train":
        little = [make_place(arguments.little, 1)] if arguments.little else []
        places = [*map(read_place, arguments.folders), *((one.engine(), one.truth) for one in little)]
        _train(places, arguments.version)
        return
    if arguments.command == "little":
        place = make_place(arguments.households, arguments.seed)
        engine, truth, sealed = place.engine(), place.truth, ()
    else:
        engine, truth = read_place(arguments.folder)
        sealed = read_seals(arguments.folder)
    report(engine, truth, sealed, by_source=arguments.sources)
    engine.close()


def report(engine: DuckDBEngine, truth: Mapping[str, str], sealed: Collection[SealedRow], *, by_source: bool) -> None:
    """Link, then print cost, quality, and what the constraints did."""
    marks: list[tuple[str, float]] = []
    course = Course(progress=lambda step, _place, _steps: marks.append((step, time.process_time())))
    summary = run(engine, None, Said(sealed_rows=sealed), course)
    marks.append(("end", time.process_time()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(summary)
    print("CPU s", {step: round(later - at, 2) for (step, at), (_, later) in pairwise(marks)}, end=" ")
    print("in all", round(marks[-1][1] - marks[0][1], 1), "peak MB", peak)
    found = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
    print(
        "with constraints   ", _words(score_pairs(found, truth)), "B-cubed F1", round(score_b_cubed(found, truth)[2], 4)
    )
    linked = link(engine, sealed, load_model())
    grouped = linked.person_of
    print("nobody guarded      ", _words(score_pairs(grouped, truth)))
    with_names = {record: person for record, person in truth.items() if linked.rows[record]["forename"]}
    print("  records with names", _words(score_pairs(grouped, with_names)))
    print("connected components", _words(score_pairs(_components(engine), truth)))
    if by_source:
        feeds = engine.rows("select record_id, feed, standard from person_record")
        for pair, score in score_by_source_pair(
            found, truth, {row["record_id"]: row["standard"] for row in feeds}
        ).items():
            print(f"{' - '.join(pair):40}", _words(score))


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


def _train(places: Sequence[tuple[DuckDBEngine, Mapping[str, str]]], version: str) -> None:
    """Write the shipped release anew, drawn towards the one that stands, whatever that was made for.

    It has no name frequencies: those of fictional places are nobody else's.
    """
    old = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
    counts: dict[str, dict[str, Counter[str]]] = {}
    tables = []
    for engine, truth in places:
        add_missing_tables(engine)
        records, standards = standardise(engine), read_standards(engine)
        tables.append((records, standards))
        for pair, levels in count_levels_by_pair(records, truth, "1GB", standards).items():
            _add(counts.setdefault(pair, {}), levels)
        engine.close()
    pooled = {pair: _as_pairs(levels) for pair, levels in counts.items()}
    pairs = {pair: levels for pair, levels in pooled.items() if pair != ALL_PAIRS}
    made = {
        **train_model(old, pooled[ALL_PAIRS], version, pairs),
        "made_for": made_for(),
        "term_frequencies": {},
    }
    edge_levels: dict[str, Counter[str]] = {}
    for records, standards in tables:
        for name, levels in find_edges(records, made, "1GB", standards=standards).levels.items():
            edge_levels.setdefault(name, Counter()).update(levels)
    made["edge_levels"] = {name: dict(levels) for name, levels in edge_levels.items()}
    MODEL_PATH.write_text(format_release(made), encoding="utf-8")
    print(f"wrote {MODEL_PATH.relative_to(REPOSITORY)}")


def _add(sums: dict[str, Counter[str]], levels: Mapping[str, Mapping[str, tuple[int, int]]]) -> None:
    """Add counted levels to those of other places, true pairs and blind ones each under a name of their own."""
    for name, held in levels.items():
        for level, (true, blind) in held.items():
            sums.setdefault(name, Counter()).update({f"{level} true": true, f"{level} blind": blind})


def _as_pairs(sums: Mapping[str, Counter[str]]) -> dict[str, dict[str, tuple[int, int]]]:
    return {
        name: {
            level.removesuffix(" true"): (count, held[f"{level.removesuffix(' true')} blind"])
            for level, count in held.items()
            if level.endswith(" true")
        }
        for name, held in sums.items()
    }


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
    place.add_argument("folder", type=Path)
    train.add_argument("folders", type=Path, nargs="+")
    train.add_argument("--little", type=int, default=0)
    for command in (little, place):
        command.add_argument("--sources", action="store_true", help="also by pair of standards")
    train.add_argument("--version", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
