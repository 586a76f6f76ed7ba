"""Linking of a place beside stock Splink, on the same records in the same run.

    python benchmarks/linkage/place_beside_stock.py place DIR              an example place that was run
    python benchmarks/linkage/place_beside_stock.py little --households 20000 --seed 1

Ours is the whole stage that links, where no human decides: it also reads facts, settles protected people, gives ids and
describes persons and households. Stock Splink is given the rows that our standardiser made; its cost is scoring and
clusters alone. `braid example DIR --people 63000` gives about 100,000 records, ten times as many people a million.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(Path(__file__).parent)]

from beside_stock import TITLES  # noqa: E402 - the path is set first
from linkage import read_place  # noqa: E402

from braid.people.quality import score_b_cubed, score_pairs  # noqa: E402
from braid.people.run import add_missing_tables, run  # noqa: E402
from braid.people.standardise import standardise  # noqa: E402
from people.little_place import make_place  # noqa: E402


def main() -> None:
    """Measure both ways, each in a process of its own, or one of them where this is its process."""
    arguments = _parse()
    if arguments.one:
        print(json.dumps(measure(arguments)))
        return
    print("| records | way | P | R | F1 | B-cubed F1 | CPU s | peak MB |\n|---:|---|---:|---:|---:|---:|---:|---:|")
    for way in ("stock", "published"):
        command = [sys.executable, __file__, *sys.argv[1:], "--one", way]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{way}: {done.stderr[-2000:]}")
        found = json.loads(done.stdout.splitlines()[-1])
        scores = " | ".join(f"{found[key]:.4f}" for key in ("P", "R", "F1", "B-cubed F1"))
        print(
            f"| {found['records']:,} | {TITLES[way]} | {scores} | {found['cpu']:.1f} | {found['peak']:,} |", flush=True
        )


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what one way makes of the place, and what it costs beyond reading it."""
    if arguments.command == "little":
        place = make_place(arguments.households, arguments.seed)
        engine, truth = place.engine(), place.truth
    else:
        engine, truth = read_place(arguments.folder)
    add_missing_tables(engine)
    if arguments.one == "stock":
        from stock_splink import link_place_by_stock

        records = standardise(engine)
        began = time.process_time()
        found, _ = link_place_by_stock(records)
    else:
        began = time.process_time()
        run(engine)
        found = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
    cpu = time.process_time() - began
    engine.close()
    score = score_pairs(found, truth)
    return {
        "records": len(found),
        "P": score.precision,
        "R": score.recall,
        "F1": score.f1,
        "B-cubed F1": score_b_cubed(found, truth)[2],
        "cpu": cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    place, little = commands.add_parser("place"), commands.add_parser("little")
    place.add_argument("folder", type=Path)
    little.add_argument("--households", type=int, default=20_000)
    little.add_argument("--seed", type=int, default=1)
    for command in (place, little):
        command.add_argument("--one", choices=("stock", "published"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
