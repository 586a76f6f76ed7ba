"""How long a board waits for its answer: `python benchmarks/simulation/board_question.py`, by the clock.

N3, a place of 300,000 people, five years, 20 pairs with the same luck, all measures, fans of every list and where the
weeks go of every pathway, as the page asks it; its document is written too.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(Path(__file__).resolve().parent)]

from reference_networks import n3  # noqa: E402

from braid.language.documents import write  # noqa: E402
from braid.simulation.answer import Question, answer  # noqa: E402
from braid.simulation.engines.choice import choose_engine  # noqa: E402
from braid.simulation.scenarios import CapacityChange, Scenario  # noqa: E402

CHANGES = {"crown_court": 1.0, "expert": 2.0, "lettings": 0.5, "outpatient": 3.0}


def main() -> None:
    """Ask it some times, and print the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    changes = tuple(CapacityChange("capacity", service, add=more) for service, more in CHANGES.items())
    question = Question("simulation_question", n3(weeks=260), (Scenario("scenario", "all four", changes),))
    engine = choose_engine("compiled")
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        told = answer(question, engine=engine)
        size = len(write(told))
        seconds.append(time.perf_counter() - began)
    events = sum(each.events for each in told.told)
    median = sorted(seconds)[rounds // 2]
    print(f"load {os.getloadavg()[0]:.1f}: {median:.1f} s by the clock, {events:,} events, {size:,} bytes")


if __name__ == "__main__":
    main()
