"""Other people's instances: ours beside stock solvers in the same run, each for the same time by the clock.

    python benchmarks/planning/literature.py gap FOLDER --seconds 20 --only d05100 d10100

The first word names the set (`literature_instances.SETS`); the folder holds its files as published, which whoever runs
this brings, and may hold `best_known.csv` (name, value). Ours searches for `--seconds` as a count of steps; stock
solvers then get as many seconds of the clock as that took here: HiGHS one core, CP-SAT two. CPU seconds are printed, as
other work on the machine takes from all. Each of our plans passes its kind's own checker; each value is reckoned anew
from the answer by the set's published rules.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(Path(__file__).resolve().parent)]

from literature_instances import SETS, Set, best_known, instances_of  # noqa: E402
from literature_stock import STOCK  # noqa: E402

from braid.planning.contract import Limits  # noqa: E402
from braid.planning.kinds import KINDS  # noqa: E402


def main() -> None:
    """Print a line for each instance and the mean gaps."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("set", choices=sorted(SETS))
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--seconds", type=float, default=20.0, help="of our search, as a count of steps")
    arguments.add_argument("--only", nargs="+", help="names of instances")
    given = arguments.parse_args()
    known = best_known(given.folder)
    stock = STOCK[given.set]
    heads = ["instance", "best known", *stock, "ours", "bound", "gap to best known", "CPU s: ours, " + ", ".join(stock)]
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    gaps: dict[str, list[float]] = {name: [] for name in ("ours", *stock)}
    for instance in instances_of(SETS[given.set], given.folder):
        if not given.only or instance.name in given.only:
            _measure(SETS[given.set], instance, stock, given.seconds, known.get(instance.name), gaps)
    for name, those in gaps.items():
        if those:
            print(f"{name}: mean gap {statistics.mean(those):.3%}, largest {max(those):.3%}, of {len(those)}")


def _measure(
    of: Set,
    instance: Any,
    stock: dict[str, Callable[[Any, float], tuple[float | None, float | None]]],
    seconds: float,
    known: float | None,
    gaps: dict[str, list[float]],
) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    problem = of.problem(instance)
    plan = KINDS[of.kind].solve(problem, Limits(seconds=seconds))
    took, cpus = time.perf_counter() - began, [time.process_time() - cpu]
    value = of.value(instance, of.answer(instance, plan))
    found = {"ours": float(value)}
    theirs = []
    for name, solve in stock.items():
        cpu = time.process_time()
        best, bound = solve(instance, took)
        cpus.append(time.process_time() - cpu)
        theirs.append("none" if best is None else f"{best:,.0f} [{bound:,.0f}]")
        if best is not None:
            found[name] = best
    if known is not None:
        for name, best in found.items():
            gaps[name].append(abs(best - known) / known)
    bound = plan.certificate.bound
    row = [
        instance.name,
        "" if known is None else f"{known:,.0f}",
        *theirs,
        f"{value:,.0f}",
        "" if bound is None else f"{of.bound(instance, bound):,.1f}",
        "" if known is None else f"{(value - known) / known:+.2%}",
        ", ".join(f"{each:.1f}" for each in cpus),
    ]
    print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
