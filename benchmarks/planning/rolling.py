"""Weeks of listing under each policy, on the same cases, readiness and calendars: the frontier, never one point.

    python benchmarks/planning/rolling.py --seeds 1 2 3

400 open cases and 140 that are issued over 40 weeks, of the generator `a_gen.py` in the folder `design/bench-planning`
of BRAID_SHARED: cases at the first stage, shifted to the day on which they are issued. Every plan of a week is made of
steps that are counted, so that the same seeds give the same figures anywhere.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
from datetime import timedelta

from court_instances import generator, problem_of

from braid.planning.listing.model import Case, Hearing, Problem, sittings_of
from braid.planning.listing.rolling import Outcome, RollingPolicy, simulate

OPEN, ARRIVING, JUDGES, WEEKS, BEYOND = 400, 140, 10, 40, 40
QUANTILES = {"CMH": 0.5, "FCMH": 0.55, "IRH": 0.65, "FH": 0.8}
"""With which probability a hearing shall be ready when the optimised list puts it there."""


def court(seed: int) -> Problem:
    """Return the cases of a seed, the arriving ones issued on their day."""
    made = generator().generate(seed, n_cases=OPEN + ARRIVING, n_judges=JUDGES, weeks=WEEKS + BEYOND)
    problem = problem_of(made)
    draw = random.Random(seed)
    first = {hearing.case for hearing in problem.hearings if hearing.type == "CMH"}
    arriving = {case: draw.randrange(7, 7 * WEEKS) for case in sorted(first)[:ARRIVING]}
    sittings = sittings_of(problem)

    def later(session: str, days: int) -> str:
        return sittings.name(sittings.position(session) + days * 10 // 7)

    def shifted(hearing: Hearing) -> Hearing:
        return replace(hearing, ready=later(hearing.ready, arriving.get(hearing.case, 0)))

    def arrives(case: Case) -> Case:
        if case.id not in arriving:
            return case
        days = arriving[case.id]
        issued = problem.first_date + timedelta(days=days)
        return replace(case, issued_date=issued, late_from=later(case.late_from, days))

    cases = tuple(map(arrives, problem.cases))
    types = tuple(replace(each, list_at_quantile=QUANTILES[each.id]) for each in problem.types)
    return replace(problem, cases=cases, hearings=tuple(map(shifted, problem.hearings)), types=types)


def row(name: str, problem: Problem, policy: RollingPolicy, seed: int) -> Outcome:
    """Print one policy's outcome."""
    began = time.process_time()
    found = simulate(problem, policy, WEEKS, seed)
    print(
        f"{seed}  {name:38} {found.mean_weeks:5.1f} weeks  {found.in_26_weeks:4.0%} in 26"
        f""
        f"  {found.concluded:4} concluded  {found.wasted_judge_days:5.1f} judge-days wasted"
        f"  changed {found.judge_changed:.2f}"
        f"  moves {found.moves_per_heard:.2f}  {time.process_time() - began:5.0f} CPU s",
        flush=True,
    )
    return found


def main() -> None:
    """Print the table of each seed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    arguments.add_argument("--steps", type=int, default=10_000, help="steps of the search a week")
    given = arguments.parse_args()
    for seed in given.seeds:
        problem = court(seed)
        for way in ("today", "aware"):
            for weeks in (0, 2, 4, 6, 8):
                policy = RollingPolicy(way, weeks)  # type: ignore[arg-type]
                row(policy.name, problem, policy, seed)
        for judge, move in ((60, 100), (120, 100), (180, 100), (300, 100)):
            priced = replace(problem, prices=replace(problem.prices, judge_change=judge, move=move))
            name = f"optimised, judge {judge}, move {move}"
            row(name, priced, RollingPolicy("optimised", search_steps=given.steps), seed)


if __name__ == "__main__":
    main()
