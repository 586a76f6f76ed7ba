"""Linking of brought tables beside stock Splink, on the same files in the same run.

    python benchmarks/linkage/beside_stock.py --labelled DIR [--sets febrl3 febrl4] [--page docs/linkage/measured.md]

DIR holds the labelled sets as Parquet files. Each way of linking runs in a process of its own; CPU seconds are user and
system time of it, memory is its peak resident set, wall time is not given since other work may share the machine. More
towns of pseudopeople, by seeds that nobody tuned to, are written by `pseudopeople_town.py` and added with --towns.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(Path(__file__).parent)]

from labelled_sets import MAPPINGS, SETS, LabelledSet  # noqa: E402 - the path is set first
from results import keep, kept, measure_apart, write_part  # noqa: E402

WAYS = ("stock", "published", "trained")
TITLES = {"stock": "stock Splink", "published": "ours", "trained": "ours, `--train`"}
GOALS_OF_TOWNS = {False: ("F1", 0.993), True: ("F1", 0.955)}
"""Goals of towns of pseudopeople, by whether their noise was multiplied: the name of their file ends so."""


def main() -> None:
    """Measure every set by every way, or one of them where this is the process of one."""
    arguments = _parse()
    if arguments.one:
        way, name = arguments.one
        print(json.dumps(measure(way, _chosen(name, arguments), arguments.labelled)))
        return
    names = [*arguments.sets, *(f"town:{path}" for path in arguments.towns)]
    for name in names:
        for way in arguments.ways:
            keep(arguments.results, _title(name), way, _in_its_own_process(name, way, arguments))
    table = "\n".join(_lines(kept(arguments.results, WAYS)))
    print(table)
    if arguments.page:
        write_part(arguments.page, "measured", table)


def measure(way: str, chosen: LabelledSet, folder: Path) -> dict[str, Any]:
    """Return what one way of linking makes of one set, and what it costs."""
    from braid.people.files.linking import link_tables
    from braid.people.files.mapping import load_file_mapping
    from braid.people.files.tables import read_tables
    from braid.people.quality import score_b_cubed, score_pairs

    paths = [folder / f"{name}.parquet" for name in chosen.files]
    mapping = load_file_mapping(MAPPINGS / f"{chosen.mapping}.toml")
    began = time.process_time()
    brought = read_tables(paths, mapping, chosen.id_column, chosen.truth_column)
    if way == "stock":
        from stock_splink import link_by_stock

        by_key, pairs = link_by_stock(chosen, paths)
        found = {record_id: by_key[str(key)] for record_id, (_, key) in brought.keys.items()}
    else:
        linked = link_tables(brought, mapping, "4GB", is_trained=way == "trained")
        found = {record_id: group[0] for group in linked.clusters.groups for record_id in group}
        pairs = linked.found.pairs_scored
    cpu = time.process_time() - began
    score, b_cubed = score_pairs(found, brought.truth), score_b_cubed(found, brought.truth)
    return {
        "records": brought.rows.num_rows,
        "people": len(set(brought.truth.values())),
        "pairs": pairs,
        "P": score.precision,
        "R": score.recall,
        "F1": score.f1,
        "B-cubed P": b_cubed[0],
        "B-cubed R": b_cubed[1],
        "B-cubed F1": b_cubed[2],
        "cpu": cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _chosen(name: str, arguments: argparse.Namespace) -> LabelledSet:
    """Return a set by its name, or a town of pseudopeople by its file."""
    if not name.startswith("town:"):
        return SETS[name]
    path = Path(name.removeprefix("town:"))
    arguments.labelled = path.parent
    return replace(SETS["pseudopeople_default"], name=f"pseudopeople {path.stem}", files=(path.stem,))


def _in_its_own_process(name: str, way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    found = measure_apart(__file__, ["--labelled", str(arguments.labelled), "--one", way, name])
    print(name, way, {key: round(value, 4) for key, value in found.items()}, file=sys.stderr, flush=True)
    return found


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| set | records / people | way | P | R | F1 | B-cubed F1 | goal | pairs scored | CPU s | peak MB |",
        "|---|---|---|---:|---:|---:|---:|---|---:|---:|---:|",
    ]
    for found in rows:
        goal = SETS[found["set"]].goal if found["set"] in SETS else GOALS_OF_TOWNS.get(found["set"].endswith("noisy"))
        shown = f"{goal[0]} {goal[1]}" if goal else "no worse than stock"
        scores = " | ".join(f"{found[key]:.4f}" for key in ("P", "R", "F1", "B-cubed F1"))
        lines.append(
            f"| {found['set']} | {found['records']:,} / {found['people']:,} | {TITLES[found['way']]} | {scores}"
            f" | {shown} | {found['pairs']:,} | {found['cpu']:.1f} | {found['peak']:,} |"
        )
    return lines


def _title(name: str) -> str:
    return f"pseudopeople, {Path(name.removeprefix('town:')).stem}" if name.startswith("town:") else name


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labelled", type=Path, required=True, help="the folder of the labelled sets")
    parser.add_argument("--sets", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--towns", nargs="*", default=[], help="files that pseudopeople_town.py wrote")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--results", type=Path, default=Path("linkage-results.jsonl"), help="where results are kept")
    parser.add_argument("--page", type=Path, help="a page whose table is replaced")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "SET"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
