"""Braid's engines and their peers on the same networks in one run.

    python benchmarks/simulation/beside_peers.py --rounds 3

Every run is a process of its own, engines take turns within a round, and a ratio is taken within its round; medians are
printed. Seconds are of processor time. An event is the same for every engine: an arrival, an end of service, a person
who leaves unserved, and on N3, whose weeks differ, the beginning of a week. `steady` is the speed between two horizons,
since the 40,000 people who are there on the first day of N3 cost time to load and are not counted as events.

Answers: N1 against Erlang's formula, N2 against Jackson's and Cobham's, as z = error / standard error, where the spread
is that of 40 runs of Braid over the same horizon; N3 against the people who wait at the end of as many runs. simpy by
hand with Braid's keyed numbers must write the very rows of every week that Braid writes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import own_engines  # noqa: E402
from reference_networks import N1_WAIT, N2_INSIDE, N2_WAIT_AT_A  # noqa: E402

from braid.simulation.engines import compiled  # noqa: E402
from braid.simulation.randomness import seed_of  # noqa: E402

EXACT = {
    "n1": {"wait_0": N1_WAIT},
    "n2": {f"inside_{n}": each for n, each in enumerate(N2_INSIDE.values())}
    | {f"wait_{n}": each for n, each in enumerate(N2_WAIT_AT_A)},
}
HORIZONS: dict[str, dict[str, tuple[int, ...]]] = {
    "n1": {
        "braid": (100_000,),
        "braid plain": (5_000,),
        "simpy by hand": (20_000,),
        "simpy by its manual": (10_000,),
        "Ciw": (5_000,),
        "salabim": (2_000,),
        "cimba": (100_000,),
    },
    "n2": {
        "braid": (100_000,),
        "braid plain": (5_000,),
        "simpy by hand": (20_000,),
        "simpy by its manual": (10_000,),
        "Ciw": (5_000,),
        "salabim": (2_000,),
        "cimba": (100_000,),
    },
    "n3": {
        "braid": (52, 522),
        "braid plain": (13, 52),
        "simpy by hand": (13, 52),
        "simpy by hand, keyed": (13, 52),
        "simpy by its manual": (1, 2),
        "Ciw": (2,),
        "salabim": (2,),
        "cimba": (2,),
    },
}
"""Weeks of each engine; of two, the longer is the speed and the difference is the steady speed."""
SPREAD_RUNS = 40


def main() -> None:
    """Print a table for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", nargs="+", choices=sorted(HORIZONS), default=sorted(HORIZONS))
    parser.add_argument("--engine", nargs="+", help="some engines only, beside braid")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}", flush=True)
    for network in options.network:
        horizons = {
            engine: weeks
            for engine, weeks in HORIZONS[network].items()
            if not options.engine or engine in ("braid", *options.engine)
        }
        rounds = [run_round(network, horizons, number + 1) for number in range(options.rounds)]
        print_table(network, horizons, rounds)


Round = dict[str, dict[str, Any]]
"""What each engine found, by its name."""


def run_round(network: str, horizons: dict[str, tuple[int, ...]], seed: int) -> Round:
    """Run every engine once, each beginning one later in the next round."""
    turn = (seed - 1) % len(horizons)
    order = list(horizons)
    return {engine: run_once(network, engine, horizons[engine], seed) for engine in order[turn:] + order[:turn]}


def run_once(network: str, engine: str, horizons: tuple[int, ...], seed: int, *more: str) -> dict[str, Any]:
    """Run one engine in a process of its own: events and seconds to each horizon, peak of memory, answers."""
    command = [sys.executable, str(Path(__file__).with_name("one_run.py")), engine, network, "--seed", str(seed)]
    command += [*more, "--weeks", *map(str, horizons)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return {"skipped": f"stopped with exit code {done.returncode}: {last[:160]}"}
    return json.loads(done.stdout.splitlines()[-1])


def speed(found: dict[str, Any]) -> float:
    """Return events a second up to the longest horizon."""
    return found["events"][-1] / found["seconds"][-1]


def steady_speed(found: dict[str, Any]) -> float:
    """Return events a second between the first and the last horizon."""
    seconds = found["seconds"][-1] - found["seconds"][0]
    return (found["events"][-1] - found["events"][0]) / max(seconds, 1e-9)


def print_table(network: str, horizons: dict[str, tuple[int, ...]], rounds: list[Round]) -> None:
    """Print one line for each engine."""
    print(f"\n{network.upper()}", flush=True)
    head = ("engine", "weeks", "events", "CPU s", "events/s", "steady", "braid : it", "steady", "MB", "answer")
    print(LINE.format(*head))
    for engine, weeks in horizons.items():
        skipped = [each[engine]["skipped"] for each in rounds if "skipped" in each[engine]]
        cells = skipped[:1] or [*_cells(engine, weeks, rounds), answer_of(network, engine, weeks[-1], rounds)]
        print(f"{engine:22} {skipped[0]}" if skipped else LINE.format(engine, *cells), flush=True)


LINE = "{:22} {:>8} {:>10} {:>8} {:>11} {:>11} {:>10} {:>10} {:>6}  {}"


def _cells(engine: str, weeks: tuple[int, ...], rounds: list[Round]) -> list[str]:
    """Return the medians over rounds, of speeds and of what Braid's are by them within a round."""
    its, own = [each[engine] for each in rounds], [each["braid"] for each in rounds]
    is_steady = len(weeks) > 1 and len(own[0]["seconds"]) > 1
    return [
        f"{weeks[-1]:,}",
        f"{statistics.median(each['events'][-1] for each in its):,.0f}",
        f"{statistics.median(each['seconds'][-1] for each in its):.3g}",
        f"{statistics.median(map(speed, its)):,.0f}",
        f"{statistics.median(map(steady_speed, its)):,.0f}" if is_steady else "-",
        _ratio(speed(a) / speed(b) for a, b in zip(own, its, strict=True)),
        _ratio(steady_speed(a) / steady_speed(b) for a, b in zip(own, its, strict=True)) if is_steady else "-",
        f"{statistics.median(each['peak_mb'] for each in its):.0f}",
    ]


def _ratio(ratios: Iterable[float]) -> str:
    middle = statistics.median(ratios)
    return f"{middle:,.0f}" if middle >= 10 else f"{middle:.2g}"


def answer_of(network: str, engine: str, weeks: int, rounds: list[Round]) -> str:
    """Say how far the answers are from the exact ones, or whether the rows are the very same."""
    if engine == "simpy by hand, keyed":
        same = [each[engine]["rows"] == own_rows(weeks, n + 1) for n, each in enumerate(rounds)]
        return f"rows of {weeks} weeks the same in {sum(same)} of {len(same)} rounds"
    spread = own_spread(network, weeks)
    exact = EXACT.get(network) or {name: statistics.mean(each) for name, each in spread.items()}
    found = {name: statistics.mean(each[engine]["answers"][name] for each in rounds) for name in exact}
    z = {name: (found[name] - exact[name]) / (_deviation(spread[name]) / len(rounds) ** 0.5) for name in exact}
    worst = max(z, key=lambda name: abs(z[name]))
    return f"{worst} {found[worst]:.4g} for {exact[worst]:.4g}, z {z[worst]:+.1f} (worst of {len(z)})"


def _deviation(values: Iterable[float]) -> float:
    return max(statistics.stdev(values), 1e-12)


def own_rows(weeks: int, seed: int) -> str:
    """Return the fingerprint of the rows that Braid writes of N3."""
    program = own_engines.program_of("n3", weeks)
    return own_engines.fingerprint(compiled.run(program, seed_of(seed, 0)).rows)


def own_spread(network: str, weeks: int) -> dict[str, list[float]]:
    """Return the answers of 40 runs over a horizon, of other seeds than the rounds'."""
    program = own_engines.program_of(network, weeks)
    answers = [
        own_engines.answers_of(network, compiled.run(program, seed_of(1_000, n)), weeks) for n in range(SPREAD_RUNS)
    ]
    return {name: [each[name] for each in answers] for name in answers[0]}


if __name__ == "__main__":
    main()
