"""Prices of what separate purses share: bounds that hold, choices that keep the rules, against all choices."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from braid.planning.contract import Limits
from braid.planning.portfolio.checker import check
from braid.planning.portfolio.engines import integer_program
from braid.planning.portfolio.engines.program import exclusive_groups, program_of
from braid.planning.portfolio.engines.purse_prices import Split, find_choices, find_split
from braid.planning.portfolio.model import Body, Intervention, Pair, PortfolioProblem, Scale
from braid.planning.portfolio.reference import best_value
from braid.planning.portfolio.run import solve
from drawn import IS_FULL

from .drawn_problems import drawn_problem, plan_of

STEPS = 20_000_000
DRAWN = 600 if IS_FULL else 150


def _apart(seed: int) -> tuple[PortfolioProblem, Split] | None:
    """Return a drawn problem whose purses stand apart and whose costs are whole pounds; None where it has none."""
    problem = drawn_problem(seed)
    if problem.risk is not None:
        return None
    split = find_split(program_of(_in_pounds(problem)))
    return None if split is None else (_in_pounds(problem), split)


def _in_pounds(problem: PortfolioProblem) -> PortfolioProblem:
    return replace(
        problem,
        interventions=tuple(
            replace(
                each, scales=tuple(replace(scale, cost_pence=scale.cost_pence // 100 * 100) for scale in each.scales)
            )
            for each in problem.interventions
        ),
    )


def test_a_bound_of_prices_holds_and_what_they_find_is_within_it() -> None:
    """More than one in six drawn problems has purses apart and something shared; most come to the best."""
    looked, best_found = 0, 0
    for seed in range(DRAWN):
        drawn = _apart(seed)
        if drawn is None:
            continue
        problem, split = drawn
        constant = split.program.constant
        best = best_value(problem, plan_of(problem, {}))
        assert best is not None, "to buy nothing keeps every rule"
        prices = np.zeros(len(split.limits))
        found = find_choices(split, 0.0, prices, STEPS, seed, lambda: False)
        assert found.bound + constant >= best - 1e-6, seed
        looked += 1
        if found.chosen is not None:
            bought = split.program.bought(np.append(found.chosen, 0.0))
            value = float(split.program.worth[:-1] @ found.chosen) + constant
            plan = plan_of(problem, bought)
            assert check(problem, plan).broken == (), seed
            assert plan.certificate.value == pytest.approx(value, abs=1e-9), seed
            best_found += value >= best - 1e-6
        else:
            best_found += best <= constant + 1e-6
    assert looked > DRAWN / 6
    assert best_found > 0.8 * looked


def test_what_is_ruled_out_is_in_no_better_choice() -> None:
    """Against every choice of small problems: who is worth more than what is known has only variables that are left."""
    ruled_out = 0
    for seed in range(0, DRAWN, 3):
        drawn = _apart(seed)
        if drawn is None:
            continue
        problem, split = drawn
        program = split.program
        known = 0.6 * ((best_value(problem, plan_of(problem, {})) or 0.0) - program.constant)
        found = find_choices(split, known, np.zeros(len(split.limits)), STEPS, seed, lambda: False)
        reached = known if found.chosen is None else float(program.worth[:-1] @ found.chosen)
        ruled_out += int((~found.can_better).sum())
        for bought in _kept(problem):
            value = plan_of(problem, bought).certificate.value - program.constant
            if value > reached + 1e-6:
                assert all(found.can_better[program.scales[name, scale]] for name, scale in bought.items()), seed
    assert ruled_out > 0


def _kept(problem: PortfolioProblem) -> list[dict[str, int]]:
    ranges = [range(-1, len(each.scales)) for each in problem.interventions]
    choices = [
        {each.id: scale for each, scale in zip(problem.interventions, scales, strict=True) if scale >= 0}
        for scales in product(*ranges)
    ]
    return [bought for bought in choices if not check(problem, plan_of(problem, bought)).broken]


def tight_problem(seed: int, bodies: int, jobs: int) -> PortfolioProblem:
    """Return jobs of which each may be led by any one body, dearer where it brings more: hard for purses apart."""
    draw = random.Random(seed)
    costs = [[draw.randint(1, 100) for _ in range(jobs)] for _ in range(bodies)]
    worth = [[200 + cost + draw.randint(-10, 10) for cost in row] for row in costs]
    names = [f"body {number}" for number in range(bodies)]
    return PortfolioProblem(
        kind="portfolio",
        purse="aligned",
        bodies=tuple(Body(name, int(0.8 * sum(row) / bodies)) for name, row in zip(names, costs, strict=True)),
        interventions=tuple(
            Intervention(
                f"{job} by {body}", names[body], (Scale(costs[body][job], {names[body]: float(worth[body][job])}),)
            )
            for job in range(jobs)
            for body in range(bodies)
        ),
        excludes=tuple(
            Pair(f"{job} by {one}", f"{job} by {other}")
            for job in range(jobs)
            for one, other in combinations(range(bodies), 2)
        ),
    )


def test_purses_apart_are_planned_by_prices_alike_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the program alone proves nothing in its steps; the plan keeps every rule and is no worse than without."""
    problem = tight_problem(1, 4, 24)
    limits = Limits(seconds=2)
    asked: list[int] = []

    def find(*given: object) -> object:
        asked.append(1)
        return find_choices(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(integer_program, "find_choices", find)
    plan, again = solve(problem, limits), solve(problem, limits)
    assert len(asked) == 2
    assert check(problem, plan).broken == ()
    assert plan.choices == again.choices
    assert plan.certificate.bound == again.certificate.bound
    assert plan.certificate.repeatable
    monkeypatch.setattr(integer_program, "find_split", lambda _: None)
    alone = solve(problem, limits)
    assert plan.certificate.value >= alone.certificate.value
    assert plan.certificate.bound is not None
    assert alone.certificate.bound is not None
    assert plan.certificate.bound >= alone.certificate.value - 1e-6


def test_a_clock_that_has_run_out_leaves_a_plan_that_says_so() -> None:
    problem = tight_problem(2, 8, 60)
    plan = solve(problem, Limits(seconds=60, stop_seconds=0.5))
    assert check(problem, plan).broken == ()
    assert not plan.certificate.repeatable


def test_pairs_that_exclude_each_other_all_are_one_group() -> None:
    pairs = [Pair(*pair) for pair in combinations("abcd", 2)] + [Pair("d", "e")]
    assert [sorted(group) for group in exclusive_groups(pairs)] == [list("abcd"), list("de")]


def test_each_excluded_pair_stands_in_a_group_and_nothing_else_does() -> None:
    for seed in range(200):
        draw = random.Random(seed)
        every = list(combinations("abcdefg", 2))
        pairs = draw.sample(every, draw.randint(0, len(every)))
        groups = exclusive_groups([Pair(*draw.choice((pair, pair[::-1]))) for pair in pairs])
        inside = {tuple(sorted(pair)) for group in groups for pair in combinations(group, 2)}
        assert inside == set(pairs), seed
