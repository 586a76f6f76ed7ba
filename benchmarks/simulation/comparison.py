"""How many runs a comparison of two futures takes: `python benchmarks/simulation/comparison.py --pairs 60 --seed 1`.

N3 with 300,000 people over five years, as it is and with one Crown Court room, two expert places, half a letting
a week and three outpatient places more. A pair has the same seed, so that the same people come and have the same luck
in both. VR, the variance reduction, is the variance of an independent comparison, the sum of the variances over runs of
the one and the other, by the variance of the paired difference. Antithetic: the variance of the mean of two independent
runs by that of two with opposite luck. `pairs` is how many make the 95 % interval +-20 % of the
effect: keyed, and independent.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from reference_networks import n3  # noqa: E402

from braid.simulation.engines import compiled  # noqa: E402
from braid.simulation.model import Network  # noqa: E402
from braid.simulation.program import compile_network  # noqa: E402
from braid.simulation.randomness import seed_of  # noqa: E402
from braid.simulation.record import STEP_COLUMNS, WAIT_SUMS, Record  # noqa: E402
from braid.simulation.tables import TICKS  # noqa: E402

YEARS = 5
WEEKS = 52 * YEARS
CHANGE = {"crown_court": 1.0, "expert": 2.0, "lettings": 0.5, "outpatient": 3.0}
NORMAL = 1.959964
FEW = 10


class Reader:
    """Reads figures of N3 from a record, by the names of its network."""

    def __init__(self, network: Network) -> None:
        self.pathways = {one.id: number for number, one in enumerate(network.pathways)}
        steps = [(pathway.id, step) for pathway in network.pathways for step in pathway.steps]
        self.steps = {(pathway, step.id): number for number, (pathway, step) in enumerate(steps)}
        self.at = {
            service.id: [number for number, (_pathway, step) in enumerate(steps) if service.id in step.services]
            for service in network.services
        }

    def of_pathways(self, *names: str) -> list[int]:
        """Return the steps of pathways."""
        return [number for (pathway, _step), number in self.steps.items() if pathway in names]

    def waiting(self, record: Record, steps: list[int]) -> float:
        """Return who waits on the last day."""
        return float(sum(record.rows[-1, step * len(STEP_COLUMNS)] for step in steps))

    def wait_weeks(self, record: Record, steps: list[int], years: int = YEARS) -> float:
        """Return the mean wait of those who were started in the last so many years."""
        sums = record.wait_sums[-years:, steps].sum(axis=(0, 1))
        return float(sums[WAIT_SUMS.index("waited")] / sums[WAIT_SUMS.index("started")] / TICKS)

    def clock_weeks(self, record: Record, pathway: str) -> float:
        """Return the mean clock of those who finished."""
        count, ticks = record.clock_sums[:, self.pathways[pathway]].sum(axis=0)
        return float(ticks / count / TICKS)

    def share_within(self, record: Record, pathway: str, weeks: int) -> float:
        """Return the per cent of those who finished whose clock was below so many weeks."""
        counts = record.clocks[:, self.pathways[pathway]].sum(axis=0)
        return float(100 * counts[:weeks].sum() / counts.sum())

    def share_waiting_within(self, record: Record, pathways: tuple[str, ...], weeks: int) -> float:
        """Return the per cent of those whose clock runs on the last day that have waited less than so many weeks."""
        counts = record.clock_ages[-1, [self.pathways[one] for one in pathways]].sum(axis=0)
        return float(100 * counts[:weeks].sum() / counts.sum())


RTT = ("rtt_urgent", "rtt_routine")
METRICS: dict[str, Callable[[Reader, Record], float]] = {
    "RTT list at 5 years": lambda n, r: n.waiting(r, n.of_pathways(*RTT)),
    "RTT wait, weeks": lambda n, r: n.wait_weeks(r, n.of_pathways(*RTT)),
    "RTT wait in the last year, weeks": lambda n, r: n.wait_weeks(r, n.of_pathways(*RTT), 1),
    "RTT within 18 weeks, %": lambda n, r: n.share_waiting_within(r, RTT, 18),
    "housing list": lambda n, r: n.waiting(r, n.at["lettings"]),
    "temporary accommodation queue": lambda n, r: n.waiting(r, n.at["temp_accom"]),
    "care cases, weeks": lambda n, r: n.clock_weeks(r, "care_child"),
    "care cases within 26 weeks, %": lambda n, r: n.share_within(r, "care_child", 26),
    "wait for trial, weeks": lambda n, r: n.wait_weeks(r, n.at["crown_court"]),
    "victim pathway, weeks": lambda n, r: n.clock_weeks(r, "victim"),
    "SEND child, weeks": lambda n, r: n.clock_weeks(r, "send_child"),
}


@dataclass(frozen=True)
class Comparison:
    """One metric over all pairs."""

    name: str
    base: np.ndarray
    """Of each run as it is."""
    other: np.ndarray
    mirrored: np.ndarray
    """Of each run as it is, with opposite luck."""

    @property
    def effect(self) -> float:
        """Mean of the paired differences."""
        return float((self.other - self.base).mean())

    @property
    def paired(self) -> float:
        """Variance of a paired difference."""
        return float((self.other - self.base).var(ddof=1))

    @property
    def independent(self) -> float:
        """Variance of a difference between runs of different seeds."""
        return float(self.base.var(ddof=1) + self.other.var(ddof=1))

    @property
    def antithetic(self) -> float:
        """Variance of the mean of two independent runs by that of two of opposite luck."""
        return float(self.base.var(ddof=1) / 2 / ((self.base + self.mirrored) / 2).var(ddof=1))

    def half_width(self, pairs: int) -> float:
        """Return half of the 95 % interval of the effect, were there so many pairs."""
        return NORMAL * (self.paired / pairs) ** 0.5

    def pairs_needed(self, variance: float) -> int:
        """Return how many pairs of a variance make the interval +-20 % of the effect."""
        return max(1, int(np.ceil(variance * (NORMAL / (0.2 * self.effect)) ** 2)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=300_000)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    began = time.process_time()
    found = compare(options.people, options.pairs, options.seed)
    seconds = time.process_time() - began
    print(f"{options.pairs} pairs and as many runs of opposite luck: {seconds:.1f} s of processor time")
    print(LINE.format("metric", "base (sd of a run)", "effect +- 95 %", "VR", "VR antithetic", "pairs", "independent"))
    for each in found:
        print(
            LINE.format(
                each.name,
                f"{each.base.mean():,.1f} ({each.base.std(ddof=1):,.2f})",
                f"{each.effect:+,.3f} +- {each.half_width(options.pairs):,.3f}",
                f"{each.independent / each.paired:,.0f}",
                f"{each.antithetic:.1f}",
                f"{each.pairs_needed(each.paired):,}",
                f"{each.pairs_needed(each.independent):,}",
            )
        )
    print(displacement(found[-1], options.pairs))


LINE = "{:32} {:>22} {:>24} {:>8} {:>14} {:>7} {:>12}"


def displacement(send: Comparison, pairs: int) -> str:
    """Say whether the first ten pairs show that SEND children wait longer, and how many pairs of others would."""
    difference = (send.other - send.base)[:FEW]
    half = NORMAL * statistics.stdev(difference) / len(difference) ** 0.5
    independent = int(np.ceil(send.independent * (NORMAL / send.effect) ** 2))
    return (
        f"SEND children wait {difference.mean():+.2f} +- {half:.2f} weeks by {len(difference)} of {pairs} pairs;"
        f" independent runs would take {independent:,} pairs to tell it from 0"
    )


def compare(people: int, pairs: int, seed: int) -> list[Comparison]:
    """Run all pairs and return each metric."""
    base = n3(people, WEEKS)
    reader = Reader(base)
    scale = people / 300_000
    programs = (
        compile_network(base),
        compile_network(n3(people, WEEKS, {name: more * scale for name, more in CHANGE.items()}), base=base),
    )
    values = np.array([_values(reader, programs, seed_of(seed, pair)) for pair in range(pairs)])
    return [Comparison(name, *values[:, :, number].T) for number, name in enumerate(METRICS)]


def _values(reader: Reader, programs: tuple, seed: int) -> list[list[float]]:
    """Return the metrics of a run as it is, as it might be, and as it is with opposite luck."""
    records = (
        compiled.run(programs[0], seed),
        compiled.run(programs[1], seed),
        compiled.run(programs[0], seed, is_antithetic=True),
    )
    return [[metric(reader, record) for metric in METRICS.values()] for record in records]


if __name__ == "__main__":
    main()
