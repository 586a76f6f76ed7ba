"""Sharing what is gained together: textbook games, axioms, a slow twin, and Kohlberg's criterion for the nucleolus."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from braid.planning.contract import Limits
from braid.planning.portfolio.coalitions import game_of, problem_of, share_out
from braid.planning.portfolio.engines.nucleolus import nucleolus
from braid.planning.portfolio.games import (
    Coalition,
    Payment,
    Worth,
    coalitions,
    sampled_shapley,
    settle,
    shapley,
    to_pence,
    worst_excess,
)
from braid.planning.portfolio.model import Body, Effect, Intervention, Pair, PortfolioProblem, Scale
from braid.planning.portfolio.reference import best_value
from braid.planning.portfolio.run import solve

from .drawn_problems import drawn_problem, plan_of, with_everything

LIMITS = Limits(seconds=2)


def votes(quota: int, weights: dict[str, int]) -> Worth:
    """Return the game of a vote: a coalition with the quota is worth 1."""
    return lambda members: float(sum(weights[one] for one in members) >= quota)


def bankrupt(estate: float, claims: dict[str, float]) -> Worth:
    """Return the game of a bankruptcy: what is left when everybody else has been paid."""
    return lambda members: max(0.0, estate - sum(claim for one, claim in claims.items() if one not in members))


def gloves(members: Coalition) -> float:
    """One has a left glove, two a right one; a pair is worth 1."""
    return float("left" in members and len(members) > 1)


def runways(costs: dict[str, float]) -> Worth:
    """Return the airport game: a coalition pays for the longest runway that one of it needs."""
    return lambda members: -max((costs[one] for one in members), default=0.0)


def of_shapley(players: list[str], worth: Worth) -> dict[str, float]:
    return {share.player: share.value for share in shapley(players, worth)}


PUBLISHED = {
    "gloves": (["left", "one", "other"], gloves, [2 / 3, 1 / 6, 1 / 6]),
    "51 of 50, 49, 1": (list("abc"), votes(51, {"a": 50, "b": 49, "c": 1}), [2 / 3, 1 / 6, 1 / 6]),
    "majority of three": (list("abc"), votes(2, dict.fromkeys("abc", 1)), [1 / 3, 1 / 3, 1 / 3]),
    "runways of 8, 11, 13, 18": (
        list("abcd"),
        runways({"a": 8, "b": 11, "c": 13, "d": 18}),
        [-2.0, -3.0, -4.0, -9.0],
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_shapley_value_of_textbook_games(name: str) -> None:
    """Gloves and weighted votes (Osborne and Rubinstein), runways by the closed form of Littlechild and Owen 1973."""
    players, worth, values = PUBLISHED[name]
    assert list(of_shapley(players, worth).values()) == pytest.approx(values)


@pytest.mark.parametrize(("estate", "values"), [(100, (100 / 3,) * 3), (200, (50, 75, 75)), (300, (50, 100, 150))])
def test_the_nucleolus_shares_a_bankrupt_estate_as_the_talmud_does(estate: int, values: tuple[float, ...]) -> None:
    """Aumann and Maschler 1985: claims of 100, 200 and 300."""
    claims = {"a": 100.0, "b": 200.0, "c": 300.0}
    assert list(nucleolus(list("abc"), bankrupt(estate, claims)).given.values()) == pytest.approx(values)


def test_where_two_of_three_can_do_without_the_third_no_sharing_satisfies_everybody() -> None:
    majority = votes(2, dict.fromkeys("abc", 1))
    found = nucleolus(list("abc"), majority)
    assert found.complaint == pytest.approx(1 / 3)
    assert list(found.given.values()) == pytest.approx([1 / 3] * 3)
    assert worst_excess(list("abc"), majority, found.given).amount == pytest.approx(1 / 3)


def test_the_owner_of_the_only_left_glove_takes_all_in_the_core() -> None:
    players = ["left", "one", "other"]
    found = nucleolus(players, gloves)
    assert found.complaint == pytest.approx(0.0, abs=1e-7)
    assert found.given["left"] == pytest.approx(1.0)
    worst = worst_excess(players, gloves, of_shapley(players, gloves))
    assert worst.amount == pytest.approx(1 / 6), "the Shapley value is not in the core of this game"


def drawn_game(seed: int, players: list[str]) -> Worth:
    """Return a game in which every coalition is worth something at random, larger ones mostly more."""
    draw = random.Random(seed)
    worths = {each: draw.uniform(0, 10) * len(each) for each in coalitions(players)} | {frozenset(): 0.0}
    return worths.__getitem__


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_the_shapley_value_is_the_mean_over_all_orders(count: int) -> None:
    players = list("abcde")[:count]
    for seed in range(20):
        worth = drawn_game(seed, players)
        added = dict.fromkeys(players, 0.0)
        for order in permutations(players):
            for at, player in enumerate(order):
                added[player] += worth(frozenset(order[: at + 1])) - worth(frozenset(order[:at]))
        slow = {player: total / math.factorial(count) for player, total in added.items()}
        assert of_shapley(players, worth) == pytest.approx(slow)


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=80, deadline=None)
def test_axioms_of_the_shapley_value(seed: int, count: int) -> None:
    """All is shared; who adds nothing gets nothing; who adds the same gets the same; games add up."""
    players = list("abcde")[:count]
    one, other = drawn_game(seed, players), drawn_game(seed + 1, players)
    assert sum(of_shapley(players, one).values()) == pytest.approx(one(frozenset(players)))

    def with_idle(members: Coalition) -> float:
        return one(members - {"idle", "twin"}) if "idle" in members else one(members - {"twin"})

    assert of_shapley([*players, "idle"], with_idle)["idle"] == pytest.approx(0.0, abs=1e-9)

    def with_twins(members: Coalition) -> float:
        return one(members - {"x", "y"}) + len(members & {"x", "y"}) ** 2

    shared = of_shapley([*players, "x", "y"], with_twins)
    assert shared["x"] == pytest.approx(shared["y"]) == pytest.approx(2.0)
    both = of_shapley(players, lambda members: one(members) + other(members))
    summed = {p: of_shapley(players, one)[p] + of_shapley(players, other)[p] for p in players}
    assert both == pytest.approx(summed)


def test_orders_drawn_at_random_come_near_the_value_and_say_how_near() -> None:
    """Of 12 players' shares over 20 games, some 95 % lie within two standard errors; each sharing is complete."""
    players = [f"p{number}" for number in range(6)]
    within = total = 0
    for seed in range(20):
        worth, exact = drawn_game(seed, players), of_shapley(players, drawn_game(seed, players))
        shares = sampled_shapley(players, worth, 60, seed)
        assert sum(share.value for share in shares) == pytest.approx(worth(frozenset(players)))
        within += sum(abs(share.value - exact[share.player]) <= 2 * share.error for share in shares)
        total += len(shares)
    assert 0.89 <= within / total <= 1.0
    with pytest.raises(ValueError, match="two pairs"):
        sampled_shapley(players, worth, 1, 1)


def _is_balanced(rows: np.ndarray) -> bool:
    """Whether weights above 0 on every row add up to 1 for every player."""
    found = linprog(np.append(np.zeros(len(rows)), -1.0), A_eq=np.column_stack([rows.T, np.zeros(rows.shape[1])]),
                    b_eq=np.ones(rows.shape[1]), A_ub=np.column_stack([-np.eye(len(rows)), np.ones(len(rows))]),
                    b_ub=np.zeros(len(rows)), bounds=[*[(0, None)] * len(rows), (None, 1)], method="highs")  # fmt: skip
    return found.status == 0 and -found.fun > 1e-9


@pytest.mark.parametrize("count", [3, 4, 5])
def test_the_nucleolus_keeps_the_criterion_of_kohlberg(count: int) -> None:
    """At every level, the coalitions that complain at least so much are balanced (Kohlberg 1971)."""
    players, levels = list("abcde")[:count], 0
    for seed in range(25):
        draw = random.Random(seed)
        convex = {each: draw.uniform(0.5, 1.5) * len(each) ** 2 for each in coalitions(players)} | {frozenset(): 0.0}
        convex |= {frozenset({one}): 0.0 for one in players}
        found = nucleolus(players, convex.__getitem__)
        assert sum(found.given.values()) == pytest.approx(convex[frozenset(players)])
        smaller = [each for each in coalitions(players) if len(each) < count]
        excess = {each: convex[each] - sum(found.given[one] for one in each) for each in smaller}
        assert max(excess.values()) == pytest.approx(found.complaint, abs=1e-6)
        if min(found.given.values()) < 1e-6:
            continue
        for level in sorted({round(amount, 6) for amount in excess.values()}, reverse=True):
            those = [each for each in smaller if excess[each] >= level - 1e-6]
            rows = np.array([[float(one in each) for one in players] for each in those])
            assert _is_balanced(rows), (seed, level)
            levels += 1
    assert levels > 40, "where somebody is held to nothing the criterion is another one"


def test_amounts_become_whole_pence_that_add_up() -> None:
    assert to_pence({"a": 1.5, "b": -0.75, "c": -0.75}) == {"a": 2, "b": -1, "c": -1}
    draw = random.Random(1)
    for _ in range(200):
        amounts = {name: draw.uniform(-1e6, 1e6) for name in "abcd"}
        amounts["e"] = -sum(amounts.values())
        pence = to_pence(amounts)
        assert sum(pence.values()) == 0
        assert all(abs(pence[name] - amount) < 1 for name, amount in amounts.items())
        paid = dict.fromkeys(amounts, 0)
        payments = settle(pence)
        for each in payments:
            assert each.pence > 0
            paid[each.payer] -= each.pence
            paid[each.payee] += each.pence
        assert paid == pence
        assert len(payments) < len(amounts)
    assert settle({"a": -3, "b": 3}) == (Payment("a", "b", 3),)


TWO = PortfolioProblem(
    kind="portfolio",
    purse="pooled",
    bodies=(Body("housing", 60_00), Body("health", 60_00), Body("idle", 0)),
    interventions=(
        Intervention("joint", "housing", (Scale(100_00, {"housing": 4.0, "health": 8.0}),)),
        Intervention("own", "health", (Scale(60_00, {"health": 5.0}),)),
    ),
)


def test_what_two_can_do_together_is_shared_and_who_brings_nothing_gets_nothing() -> None:
    """Alone housing can buy nothing, health what brings 5; together the joint one brings 12: 3.5 to each more."""
    sharing = share_out(TWO, {"joint": 0}, 100.0, LIMITS, solve)
    assert sharing.alone == {"housing": 0.0, "health": 5.0, "idle": 0.0}
    assert {share.player: share.value for share in sharing.shares} == pytest.approx(
        {"housing": 3.5, "health": 8.5, "idle": 0.0}
    )
    assert sharing.has == {"housing": 4.0, "health": 8.0, "idle": 0.0}
    assert sharing.payments == (Payment("housing", "health", 50),)
    assert sharing.is_in_core
    assert sharing.complaint == pytest.approx(0.0, abs=1e-6)
    assert sharing.coalitions == 7


def test_a_coalition_buys_what_it_leads_for_itself() -> None:
    """Others' value is not counted, others' money not used, and what requires what is not theirs falls away."""
    problem = replace(
        TWO, requires=(Pair("joint", "own"),), effects=(Effect("joint", "own", 3.0, {"housing": 1.0, "health": 2.0}),)
    )
    assert problem_of(problem, frozenset({"housing"})) is None
    assert problem_of(problem, frozenset({"idle"})) is None
    alone = problem_of(problem, frozenset({"health"}))
    assert alone is not None
    assert [each.id for each in alone.interventions] == ["own"]
    assert alone.effects == ()
    both = problem_of(problem, frozenset({"housing", "health"}))
    assert both is not None
    assert both.effects == problem.effects
    assert both.requires == problem.requires


def test_coalitions_are_worth_what_trying_every_choice_finds() -> None:
    """Every coalition of 60 drawn problems with every feature."""
    looked_at = 0
    for seed in range(60):
        problem = with_everything(drawn_problem(seed), seed)
        worth = game_of(problem, LIMITS, solve)
        for members in coalitions([body.id for body in problem.bodies]):
            alone = problem_of(problem, members)
            best = best_value(alone, plan_of(alone, {})) if alone else 0.0
            assert worth(members) == pytest.approx(best, abs=1e-6)
            looked_at += 1
    assert looked_at > 150
