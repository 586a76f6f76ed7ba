"""Linking of a place beside stock Splink, on the same records in the same run.

    python benchmarks/linkage/place_beside_stock.py place DIR… [--page docs/linkage/measured.md]
    python benchmarks/linkage/place_beside_stock.py little --households 20000 --seed 1

DIR is what `braid example DIR` wrote: 210,000 people give about 100,000 records. It need not be run. There are three
ways, each in a process of its own:

- `stock`: Splink as its examples have it, given the rows that our standardiser made; training, scoring, clusters.
- `ours`: weights, keys, constraints and seals at the shipped threshold, standardising to persons, where nobody is
  guarded: what stock is to be held against.
- `run`: the whole stage as a night does it, where no human decides. It joins no guarded record by a score, so that it
  misses what humans would confirm; it also finds households, gives ids and describes persons.

CPU seconds are user and system time of two threads, beyond reading the place; memory is the peak of the process. Pairs
are those of records that both hold a name, unless it says otherwise.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(Path(__file__).parent)]

import pyarrow as pa  # noqa: E402 - the path is set first
from example_places import Human, little_humans, read_humans, read_place, read_seals  # noqa: E402
from mistakes import link  # noqa: E402
from results import keep, kept, measure_apart, write_part  # noqa: E402

from braid.people.link_engine import load_model  # noqa: E402
from braid.people.quality import (  # noqa: E402
    Score,
    score_b_cubed,
    score_by_group,
    score_by_source_pair,
    score_pairs,
)
from braid.people.run import run  # noqa: E402
from braid.people.run_call import Course, Said  # noqa: E402
from braid.people.standardise import standardise  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from people.little_place import make_place  # noqa: E402

WAYS = ("stock", "ours", "run")
TITLES = {"stock": "stock Splink", "ours": "ours", "run": "whole stage, nobody decides"}
AGES = (18, 35, 65)
TODAY = 2026
FEWEST_PAIRS = 30
"""True pairs of a pair of sources below which its share that is missed is not shown."""


def main() -> None:
    """Measure every place by every way, or one of them where this is the process of one."""
    arguments = _parse()
    if arguments.one:
        print(json.dumps(measure(arguments)))
        return
    for name, command in _places(arguments):
        for way in arguments.ways:
            found = measure_apart(__file__, [*command, "--memory", arguments.memory, "--one", way])
            print(name, way, {k: v for k, v in found.items() if not isinstance(v, dict)}, file=sys.stderr, flush=True)
            keep(arguments.results, name, way, found)
    rows = kept(arguments.results, WAYS)
    text = "\n".join((*_table(rows), "", *_missed_table(rows)))
    print(text)
    if arguments.page:
        write_part(arguments.page, "place", text)


def _places(arguments: argparse.Namespace) -> list[tuple[str, list[str]]]:
    if arguments.command == "little":
        name = f"little place, {arguments.households:,} households, seed {arguments.seed}"
        return [(name, ["little", "--households", str(arguments.households), "--seed", str(arguments.seed)])]
    return [(folder.name.replace("_", " "), ["place", str(folder)]) for folder in arguments.folders]


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what one way makes of the place, and what it costs beyond reading it."""
    if arguments.command == "little":
        place = make_place(arguments.households, arguments.seed)
        engine, truth, humans, sealed = place.engine(), place.truth, little_humans(place), ()
    else:
        folder = arguments.folders[0]
        engine, truth = read_place(folder, arguments.memory)
        humans, sealed = read_humans(folder), read_seals(folder)
    began = time.process_time()
    if arguments.one == "stock":
        from stock_splink import link_place_by_stock

        records = standardise(engine)
        began = time.process_time()
        found, pairs = link_place_by_stock(records)
        cpu = time.process_time() - began
    elif arguments.one == "ours":
        linked = link(engine, sealed, load_model(), arguments.memory)
        cpu = time.process_time() - began
        records, found, pairs = linked.records, linked.person_of, linked.found.pairs_scored
    else:
        summary = run(engine, None, Said(sealed_rows=sealed), Course(arguments.memory))
        cpu = time.process_time() - began
        found = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
        records, pairs = standardise(engine), summary.pairs_scored
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    scored = describe(engine, records, found, truth, humans)
    engine.close()
    return {"records": len(found), "pairs": pairs, **scored, "cpu": cpu, "peak": peak}


def describe(
    engine: DuckDBEngine,
    records: pa.Table,
    found: Mapping[str, str],
    truth: Mapping[str, str],
    humans: Mapping[str, Human],
) -> dict[str, Any]:
    """Return how right persons are: over records with names, over all, and what is missed by source, age and group."""
    names = zip(records.column("record_id").to_pylist(), records.column("forename").to_pylist(), strict=True)
    named = {record: truth[record] for record, forename in names if forename and record in truth}
    score, every = score_pairs(found, named), score_pairs(found, truth)
    rows = engine.rows("select record_id, standard from person_record")
    standards = {row["record_id"]: row["standard"] for row in rows}
    return {
        "P": score.precision,
        "R": score.recall,
        "F1": score.f1,
        "false": score.found - score.true_positive,
        "true": score.true,
        "P of all": every.precision,
        "R of all": every.recall,
        "B-cubed F1": score_b_cubed(found, truth)[2],
        "largest": max(Counter(found.values()).values()),
        "two numbers": count_contradictions(records, found),
        "by source": {
            " and ".join(pair): [one.true, one.true_positive]
            for pair, one in score_by_source_pair(found, named, standards).items()
        },
        "by age": _by(found, named, {key: _age(one) for key, one in humans.items()}),
        "by group": _by(found, named, {key: one.group for key, one in humans.items() if one.group}),
    }


def count_contradictions(records: pa.Table, found: Mapping[str, str]) -> int:
    """Return how many pairs of records of one person hold two unequal numbers, NHS or pupil's, former ones left out."""
    held: dict[tuple[str, str], Counter[str]] = {}
    for name in ("nhs", "upn"):
        for record, value, former in zip(
            *(records.column(column).to_pylist() for column in ("record_id", name, "former_upns")), strict=True
        ):
            if value and value not in (former or ()):
                held.setdefault((name, found[record]), Counter())[value] += 1
    return sum(
        (sum(counts.values()) ** 2 - sum(count * count for count in counts.values())) // 2 for counts in held.values()
    )


def _by(found: Mapping[str, str], truth: Mapping[str, str], group_of: Mapping[str, str]) -> dict[str, list[int]]:
    scores: dict[str, Score] = score_by_group(found, truth, group_of)
    return {group: [one.true, one.true_positive] for group, one in scores.items()}


def _age(human: Human) -> str:
    age = TODAY - int(human.born[:4])
    return next((f"under {bound}" for bound in AGES if age < bound), f"{AGES[-1]} and over")


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| place | records | way | P | R | F1 | false pairs | two numbers | of all records: P | R | B-cubed F1"
        " | largest | pairs | CPU s | peak MB |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in rows:
        scores = " | ".join(f"{one[key]:.4f}" for key in ("P", "R", "F1"))
        every = " | ".join(f"{one[key]:.4f}" for key in ("P of all", "R of all", "B-cubed F1"))
        lines.append(
            f"| {one['set']} | {one['records']:,} | {TITLES[one['way']]} | {scores} | {one['false']:,} of"
            f" {one['true']:,} | {one['two numbers']} | {every} | {one['largest']} | {one['pairs']:,} |"
            f" {one['cpu']:.1f} | {one['peak']:,} |"
        )
    return lines


def _missed_table(rows: list[dict[str, Any]]) -> list[str]:
    """Return what is missed by pair of sources, age and group, over all places, by the ways that all were linked by."""
    places = {row["set"] for row in rows}
    ways = [way for way in WAYS if places == {row["set"] for row in rows if row["way"] == way}]
    lines = [
        "| missed of true pairs with names | true pairs | " + " | ".join(TITLES[way] for way in ways) + " |",
        "|---|---:|" + "---:|" * len(ways),
    ]
    for kind in ("by source", "by age", "by group"):
        sums = {way: _sum(rows, way, kind) for way in ways}
        for name in sorted({name for counts in sums.values() for name in counts}):
            true = max(sums[way].get(name, [0, 0])[0] for way in ways)
            if true >= FEWEST_PAIRS:
                shares = " | ".join(_share(sums[way].get(name, [0, 0])) for way in ways)
                lines.append(f"| {name.replace('_', ' ')} | {true:,} | {shares} |")
    return lines


def _sum(rows: list[dict[str, Any]], way: str, kind: str) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        if row["way"] == way:
            for name, (true, both) in row[kind].items():
                held = sums.setdefault(name, [0, 0])
                held[0], held[1] = held[0] + true, held[1] + both
    return sums


def _share(counts: list[int]) -> str:
    true, both = counts
    return f"{(true - both) / true:.2%}" if true else ""


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    place, little = commands.add_parser("place"), commands.add_parser("little")
    place.add_argument("folders", type=Path, nargs="+")
    little.add_argument("--households", type=int, default=20_000)
    little.add_argument("--seed", type=int, default=1)
    for command in (place, little):
        command.add_argument("--memory", default="1GB", help="what each engine may hold")
        command.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
        command.add_argument("--results", type=Path, default=Path("place-results.jsonl"), help="where results are kept")
        command.add_argument("--page", type=Path, help="a page whose table is replaced")
        command.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
