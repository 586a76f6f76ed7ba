"""What each part of a place costs as it grows: `python benchmarks/sizing.py 20000 100000 300000 --seed 1`.

For each number of people a fictional place is written, run, opened for the pages, changed for a night, kept and put
back by a drill. Each stage of the run is measured apart: CPU seconds of the process and its ended children, user and
system. Memory is the peak of the whole tree of processes (proportional set size, ten samples a second). Bytes are what
stands on the disk. CPU time is told and not wall time, so other work on the machine disturbs it little.
Growth is the exponent between neighbouring sizes: 1 is in proportion to the people.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from chain import REPOSITORY, measure

IN_STAGES = """
import json, os, sys
from pathlib import Path
from chain import _cpu, _tree
from braid.pipeline import run_chain
from braid.store.place_folder import load_place
spent, last = {}, [""]
def cpu():
    return sum(os.times()[:4]) + sum(map(_cpu, _tree(os.getpid())[1:]))
def tell(stage, detail):
    if stage != last[0]:
        last[0] = stage
        spent[stage] = cpu()
run_chain(load_place(Path(sys.argv[1])), tell=tell)
spent["end"] = cpu()
names = list(spent)
print(json.dumps({a: spent[b] - spent[a] for a, b in zip(names, names[1:])}))
"""
"""Run in a process of its own: the CPU seconds of it and of all that it started, between two stages' first words."""


def stages(place: Path) -> dict[str, float]:
    """Run the chain over a copy of nothing before, and return the CPU seconds of each stage."""
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY / 'src'}:{REPOSITORY / 'benchmarks'}"}
    command = [sys.executable, "-c", IN_STAGES, str(place)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return {name: float(seconds) for name, seconds in json.loads(done.stdout.splitlines()[-1]).items()}


def megabytes(folder: Path) -> float:
    """Return what the files below a folder hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def one_size(people: int, seed: int) -> dict[str, float]:
    """Measure a place of so many people; the figures by their names, in the order of the chain."""
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)  # PostgreSQL runs as another user where root measures, and keeps its files here
        place, backups = Path(home, "place"), Path(home, "backups")
        written, _ = measure(["example", str(place), "--people", str(people), "--seed", str(seed)])
        found = {"extracts, MB": megabytes(place / "extracts"), "example, CPU s": written.cpu_seconds}
        found |= {f"{stage}, CPU s": seconds for stage, seconds in stages(place).items()}
        again, _ = measure(["run", str(place), "--again", "--json"])
        found |= {"run, CPU s": again.cpu_seconds, "run, peak MB": again.peak_megabytes}
        runs = [path for path in (place / "lake" / "runs").iterdir() if path.is_dir()]
        found["a run in the lake, MB"] = megabytes(place / "lake") / max(len(runs), 1)
        opened, _ = measure(["link", "proposals", str(place), "--by", "demo-analyst", "--reference", "MTG-2026-041"])
        found |= {"published for the pages, CPU s": opened.cpu_seconds, "published, peak MB": opened.peak_megabytes}
        found["database, MB"] = megabytes(place / "state" / "postgres")
        kept, _ = measure(["backup", str(place), "--to", str(backups), "--keys-to", str(Path(home, "keys"))])
        found |= {"backup, CPU s": kept.cpu_seconds, "backup, MB": megabytes(backups)}
    return found


def main() -> None:
    """Print one row per figure, a column per size, and how it grew from the smallest to the largest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    measured = {}
    for people in options.people:
        measured[people] = one_size(people, options.seed)
        print(people, json.dumps(measured[people]), file=sys.stderr, flush=True)
    print(table(measured))


def table(measured: dict[int, dict[str, float]]) -> str:
    """Return the figures as a table of the documents."""
    sizes = list(measured)
    grow: Callable[[float, float, int, int], float] = lambda a, b, m, n: math.log(b / a) / math.log(n / m)  # noqa: E731
    lines = ["| what | " + " | ".join(f"{size:,}" for size in sizes) + " | growth |", "|---" * (len(sizes) + 2) + "|"]
    for name in measured[sizes[0]]:
        values = [measured[size][name] for size in sizes]
        powers = [
            f"{grow(a, b, m, n):.2f}" if min(a, b) > 0.05 else "-"
            for (a, b), (m, n) in zip(pairwise(values), pairwise(sizes), strict=True)
        ]
        lines.append(f"| {name} | " + " | ".join(f"{value:,.1f}" for value in values) + f" | {', '.join(powers)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
