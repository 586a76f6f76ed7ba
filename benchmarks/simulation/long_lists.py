"""What an event costs by how many people wait: `python benchmarks/simulation/long_lists.py --rounds 3`.

One list, M/M/400, which stays about as long as it is, with people who wait for ever and with people who leave after a
mean of 300 weeks. Speeds are steady ones, between two horizons, so that filling the list is not in them; every run is
a process of its own and engines take turns within a round. `fill` is the processor time up to the shorter horizon.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from beside_peers import run_once, steady_speed  # noqa: E402

LENGTHS = (0, 1_000, 5_000, 25_000)
HORIZONS = {
    "braid": ((500, 2_500),) * 4,
    "braid plain": ((50, 150),) * 4,
    "simpy by hand": ((50, 250),) * 4,
    "simpy by its manual": ((5, 25), (2, 12), (1, 3), (1, 2)),
    "Ciw": ((5, 25), (5, 25), (2, 8), (1, 3)),
    "salabim": ((1, 4), (1, 3), (1, 2), (1, 2)),
    "cimba": ((100, 500), (100, 500), (50, 150), (5, 15)),
}
"""By engine, the two horizons in weeks of each length."""


def main() -> None:
    """Print a table for patient people and one for people who leave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", nargs="+", choices=list(HORIZONS), default=list(HORIZONS))
    parser.add_argument("--length", type=int, nargs="+", choices=LENGTHS, default=LENGTHS)
    options = parser.parse_args()
    engines = list(dict.fromkeys(["braid", *options.engine]))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    for network, title in (("list", "Nobody leaves"), ("leaving_list", "People leave after a mean of 300 weeks")):
        print(f"\n{title}\n{_line('engine', [f'{length:,} waiting' for length in options.length])}", flush=True)
        rounds = [_round(network, engines, options.length, number + 1) for number in range(options.rounds)]
        for engine in engines:
            print(_line(engine, [_cell(rounds, engine, length) for length in options.length]), flush=True)


Round = dict[tuple[str, int], dict[str, Any]]


def _line(engine: str, cells: list[str]) -> str:
    return f"{engine:22} " + " ".join(f"{cell:>44}" for cell in cells)


def _round(network: str, engines: list[str], lengths: tuple[int, ...], seed: int) -> Round:
    turn = (seed - 1) % len(engines)
    order = engines[turn:] + engines[:turn]
    return {(engine, length): _measure(network, engine, length, seed) for engine in order for length in lengths}


def _measure(network: str, engine: str, length: int, seed: int) -> dict[str, Any]:
    horizons = HORIZONS[engine][LENGTHS.index(length)]
    return run_once(network, engine, horizons, seed, "--waiting", str(length))


def _cell(rounds: list[Round], engine: str, length: int) -> str:
    skipped = [each[engine, length]["skipped"] for each in rounds if "skipped" in each[engine, length]]
    if skipped:
        return skipped[0][:44]
    its, own = [each[engine, length] for each in rounds], [each["braid", length] for each in rounds]
    speed = statistics.median(map(steady_speed, its))
    fill = statistics.median(each["seconds"][0] for each in its)
    peak = statistics.median(each["peak_mb"] for each in its)
    ratio = statistics.median(steady_speed(a) / steady_speed(b) for a, b in zip(own, its, strict=True))
    return f"{speed:,.0f}/s 1:{ratio:,.0f} fill {fill:.2g}s {peak:.0f}MB"


if __name__ == "__main__":
    main()
