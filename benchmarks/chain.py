"""Time, memory and growth of `braid example` and `braid run`, each in a process of its own.

    python benchmarks/chain.py 20000 200000 --seed 1

Peak memory is the sum over the process and its children of what each holds alone or shares (proportional set size),
sampled ten times a second, and so is CPU time (user and system, of every process of the tree); wall time is beside it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU time, and peak memory in megabytes."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


def measure(arguments: list[str]) -> tuple[Cost, str]:
    """Run the command line with `arguments` and return its cost and standard output."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    start = time.monotonic()
    with tempfile.TemporaryFile("w+") as captured:
        process = subprocess.Popen(
            [sys.executable, "-m", "braid", *arguments], env=environment, stdout=captured, stderr=subprocess.DEVNULL
        )
        peak, spent = 0.0, {}
        while process.poll() is None:
            tree = _tree(process.pid)
            peak = max(peak, sum(_proportional_kilobytes(member) for member in tree) / 1024)
            spent.update({member: seconds for member in tree if (seconds := _cpu(member))})
            time.sleep(0.1)
        wall = time.monotonic() - start
        captured.seek(0)
        output = captured.read()
    if process.returncode not in (0, 1):
        raise SystemExit(f"braid {' '.join(arguments)} ended with {process.returncode}")
    return Cost(wall, sum(spent.values()), peak), output


def _cpu(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _tree(root: int) -> list[int]:
    found, queue = [], [root]
    while queue:
        process = queue.pop()
        found.append(process)
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                queue.extend(int(child) for child in children.read_text().split())
            except OSError:
                continue
    return found


def _proportional_kilobytes(process: int) -> float:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0.0)


def main() -> None:
    """Print one row per size, and the growth between neighbouring sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows: list[tuple[int, int, Cost, Cost]] = []
    print("people | rows | example: wall s, CPU s, MB | run: wall s, CPU s, MB")
    for people in options.people:
        with tempfile.TemporaryDirectory() as folder:
            place = str(Path(folder) / "place")
            written, _ = measure(["example", place, "--people", str(people), "--seed", str(options.seed)])
            ran, output = measure(["run", place, "--json"])
            feeds = json.loads(output)["stages"]["read"]["feeds"]
            count = sum(feed["rows_in"] for feed in feeds)
        rows.append((people, count, written, ran))
        print(f"{people:,} | {count:,} | {_show(written)} | {_show(ran)}", flush=True)
    for (small, _, _, first), (large, _, _, second) in pairwise(rows):
        grown = math.log(large / small)
        time_growth = math.log(second.cpu_seconds / first.cpu_seconds) / grown
        memory_growth = math.log(second.peak_megabytes / first.peak_megabytes) / grown
        print(f"growth {small:,} to {large:,}: CPU n^{time_growth:.2f}, memory n^{memory_growth:.2f}")


def _show(cost: Cost) -> str:
    return f"{cost.wall_seconds:.1f}, {cost.cpu_seconds:.1f}, {cost.peak_megabytes:.0f}"


if __name__ == "__main__":
    main()
