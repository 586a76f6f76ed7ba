"""Portfolios: as good as trying every choice, checked by rules each of which is missed when it is dropped."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from braid.language.documents import parse, write
from braid.planning.contract import Broken, Limits, NoPlan
from braid.planning.portfolio import checker
from braid.planning.portfolio.checker import RULES, check
from braid.planning.portfolio.compare import compare, frontier
from braid.planning.portfolio.engines import integer_program
from braid.planning.portfolio.model import (
    Body,
    Choice,
    Contribution,
    Effect,
    Intervention,
    Pair,
    PortfolioPlan,
    PortfolioProblem,
    Risk,
    Scale,
    faults,
)
from braid.planning.portfolio.payments import pay_together
from braid.planning.portfolio.reference import best_value
from braid.planning.portfolio.run import solve

from .drawn_problems import drawn_problem, plan_of, with_everything, with_shares

LIMITS = Limits(seconds=5)
HOUSING, HEALTH = Body("housing", 100_00), Body("health", 100_00)


def of(**changed: object) -> PortfolioProblem:
    """Return a problem of two bodies and three interventions, one led by health and two by housing."""
    plain = PortfolioProblem(
        kind="portfolio",
        purse="pooled",
        bodies=(HOUSING, HEALTH),
        interventions=(
            Intervention("advocates", "health", (Scale(80_00, {"health": 2.0, "housing": 6.0}),)),
            Intervention("lettings", "housing", (Scale(60_00, {"housing": 3.0}), Scale(110_00, {"housing": 5.0}))),
            Intervention("repairs", "housing", (Scale(50_00, {"housing": 1.0, "health": 1.0}),)),
        ),
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("hundred", range(6))
def test_a_portfolio_is_as_good_as_the_best_of_all_choices(hundred: int) -> None:
    """600 problems in all; where no choice keeps the rules, that is said."""
    for seed in range(hundred * 100, hundred * 100 + 100):
        problem = drawn_problem(seed)
        assert faults(problem) == []
        best = best_value(problem, plan_of(problem, {}))
        if best is None:
            with pytest.raises(NoPlan):
                solve(problem, LIMITS)
            continue
        plan = solve(problem, LIMITS)
        assert check(problem, plan).broken == (), seed
        assert plan.certificate.value == pytest.approx(best, rel=1e-6, abs=1e-6), seed
        assert plan.certificate.bound is not None
        assert plan.certificate.bound >= best - 1e-6, seed


def test_costs_that_bodies_share_are_planned_as_well_as_any_choice() -> None:
    shared = 0
    for seed in range(1_000, 1_150):
        problem = with_shares(drawn_problem(seed), seed)
        assert faults(problem) == []
        best = best_value(problem, plan_of(problem, {}))
        if best is None:
            continue
        plan = solve(problem, LIMITS)
        assert check(problem, plan).broken == (), seed
        assert plan.certificate.value == pytest.approx(best, rel=1e-6, abs=1e-6), seed
        shared += best != best_value(drawn_problem(seed), plan_of(drawn_problem(seed), {}))
    assert shared > 10


@pytest.mark.parametrize("half", range(2))
def test_every_feature_at_once_is_planned_as_well_as_any_choice(half: int) -> None:
    """600 problems with least scales, payers, shared costs, floors, pairs and effects that are somebody's."""
    bound_by = dict.fromkeys(("too_small", "payers", "values"), 0)
    for seed in range(2_000 + half * 300, 2_300 + half * 300):
        problem = drawn_problem(seed)
        problem = with_everything(with_shares(problem, seed) if seed % 2 else problem, seed)
        assert faults(problem) == []
        best = best_value(problem, plan_of(problem, {}))
        if best is None:
            with pytest.raises(NoPlan):
                solve(problem, LIMITS)
            continue
        plan = solve(problem, LIMITS)
        assert check(problem, plan).broken == (), seed
        assert plan.certificate.value == pytest.approx(best, rel=1e-6, abs=1e-6), seed
        for name, without in (
            _without(problem).items() if problem.purse in ("silo", "no_loser") or seed % 3 == 0 else ()
        ):
            bound_by[name] += best_value(without, plan_of(without, {})) != best
    assert min(bound_by.values()) > 0, bound_by


def _without(problem: PortfolioProblem) -> dict[str, PortfolioProblem]:
    """Return a problem without each of three features, to see that it mattered."""
    interventions = problem.interventions
    return {
        "too_small": replace(problem, interventions=tuple(replace(each, least_scale=0) for each in interventions)),
        "payers": replace(problem, interventions=tuple(replace(each, payers=()) for each in interventions)),
        "values": replace(problem, effects=tuple(replace(each, values={}) for each in problem.effects)),
    }


def test_each_pays_its_share_and_its_own_purse_must_hold_it() -> None:
    share = {"housing": 30_00}
    advocates = Intervention("advocates", "health", (Scale(80_00, {"health": 2.0}, share),))
    problem = of(purse="aligned", interventions=(advocates, *of().interventions[1:]))
    plan = solve(problem, LIMITS)
    assert {each.body: each.pence for each in plan.contributions} == {"health": 50_00, "housing": 90_00}
    tight = replace(problem, bodies=(Body("housing", 20_00), Body("health", 100_00)))
    assert solve(tight, LIMITS).choices == ()
    assert [each.rule for each in check(tight, plan_of(tight, {"advocates": 0})).broken] == [
        "budget",
        "contribution_within_budget",
    ]
    (reason, *_) = solve(tight, LIMITS).reasons
    assert [(each.rule, each.resource) for each in reason.bindings] == [("budget", "housing")]


def test_what_few_nodes_do_not_prove_is_bettered_in_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred interventions of which each takes from ten purses, for a tenth of a second."""
    draw = random.Random(2)
    bodies = [f"body {number}" for number in range(10)]
    taken = [{body: draw.randint(1, 1000) for body in bodies} for _ in range(100)]
    problem = PortfolioProblem(
        kind="portfolio",
        purse="aligned",
        bodies=tuple(Body(body, sum(each[body] for each in taken) // 4) for body in bodies),
        interventions=tuple(
            Intervention(
                str(number),
                bodies[0],
                (Scale(sum(each.values()), {bodies[0]: sum(each.values()) / 10 + draw.random() * 500}, _others(each)),),
            )
            for number, each in enumerate(taken)
        ),
    )
    better = integer_program._better
    gains = []

    def spied(program, best, *rest, **named):
        found = better(program, best, *rest, **named)
        gains.append(found.value - best.value)
        assert found.bound == best.bound
        return found

    monkeypatch.setattr(integer_program, "_better", spied)
    plan, again = solve(problem, Limits(seconds=0.1)), solve(problem, Limits(seconds=0.1))
    assert check(problem, plan).broken == ()
    assert plan.choices == again.choices
    assert len(gains) == 2
    assert min(gains) >= 0
    assert max(gains) > 0


def _others(taken: dict[str, int]) -> dict[str, int]:
    return {body: pence for body, pence in taken.items() if body != "body 0"}


@pytest.mark.parametrize("share", [{"health": 1_00}, {"moon": 1_00}, {"housing": -1}, {"housing": 80_01}])
def test_a_share_that_cannot_be_is_a_fault(share: dict[str, int]) -> None:
    advocates = Intervention("advocates", "health", (Scale(80_00, {}, share),))
    places = [place for place, _, _ in faults(of(interventions=(advocates,)))]
    assert places == ["interventions[0].scales[0].paid_by_others"]


BREAKS = {
    "requires": (of(requires=(Pair("advocates", "repairs"),)), {"advocates": 0}),
    "excludes": (of(excludes=(Pair("advocates", "repairs"),)), {"advocates": 0, "repairs": 0}),
    "budgets": (of(purse="aligned"), {"lettings": 1}),
    "pool": (of(budget_share=0.5), {"lettings": 1}),
    "floors": (of(purse="no_loser", floors={"housing": 0.0, "health": 2.0}), {"repairs": 0}),
    "too_small": (
        of(interventions=(*of().interventions[::2], replace(of().interventions[1], least_scale=1))),
        {"lettings": 0},
    ),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_is_broken_alone_and_missed_when_it_is_dropped(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, bought = BREAKS[rule]
    plan = plan_of(problem, bought)
    if rule == "budgets":
        plan = replace(plan, contributions=(Contribution("housing", 110_00), Contribution("health", 0)))
        problem = replace(problem, bodies=(Body("housing", 220_00), HEALTH), budget_share=0.5)
        plan = replace(plan, certificate=replace(plan.certificate, problem=plan_of(problem, {}).certificate.problem))
        assert check(problem, plan).broken == ()
        problem = replace(problem, budget_share=0.45)
        plan = replace(plan, certificate=replace(plan.certificate, problem=plan_of(problem, {}).certificate.problem))
    broken = check(problem, plan).broken
    assert {each.rule for each in broken} == {rule.removesuffix("s") if rule in ("budgets", "floors") else rule}
    monkeypatch.setattr(checker, "RULES", tuple(each for each in RULES if each.__name__ != rule))
    assert check(problem, plan).passes, "no other rule guards what this one does"


def test_what_only_some_may_pay_for_is_paid_by_them_and_no_more_than_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two letters of one body's, 110 of 100: all together have the money, and it may not be used."""
    advocates, lettings, repairs = (replace(each, payers=(each.lead,)) for each in of().interventions)
    problem = of(interventions=(advocates, lettings, repairs))
    apart = {Contribution("housing", 60_00), Contribution("health", 80_00)}
    assert set(plan_of(problem, {"advocates": 0, "lettings": 0}).contributions) == apart
    plan = plan_of(problem, {"lettings": 1})
    plan = replace(plan, contributions=(Contribution("housing", 100_00), Contribution("health", 10_00)))
    broken = [str(each) for each in check(problem, plan).broken]
    assert broken == ["payers: housing", "contributions_by_who_may_pay: housing"]
    monkeypatch.setattr(checker, "RULES", tuple(each for each in RULES if each.__name__ != "payers"))
    assert [str(each) for each in check(problem, plan).broken] == broken[1:]
    monkeypatch.setattr(checker, "RULES", tuple(each for each in checker.RULES if each.__name__ != "contributions"))
    assert check(problem, plan).passes
    solved = solve(replace(problem, bodies=(Body("housing", 90_00), HEALTH)), LIMITS)
    assert {reason.item: reason.bindings[0].rule for reason in solved.reasons} == {"repairs": "payers"}


def test_payments_together_are_in_proportion_as_far_as_who_may_pay_allows() -> None:
    """Each group pays what nobody else may; the others share the rest by budget; held to trying every allocation."""
    draw = random.Random(5)
    bodies = ["a", "b", "c"]
    uneven = 0
    for _ in range(300):
        budgets = {body: draw.randint(0, 9) for body in bodies}
        bills = [(frozenset(draw.sample(bodies, draw.randint(1, 3))), draw.randint(0, 6)) for _ in range(3)]
        total = sum(pence for _, pence in bills)
        lawful = [paid for paid in product(range(10), repeat=3) if sum(paid) == total and _is_payable(paid, bills)]
        within = [paid for paid in lawful if all(one <= most for one, most in zip(paid, budgets.values(), strict=True))]
        if not within:
            continue
        paid = pay_together(budgets, bills)
        assert tuple(paid.values()) in within, (budgets, bills, paid)
        level = max(pence / budgets[body] for body, pence in paid.items() if budgets[body]) if total else 0
        least = (
            min(max(p / b for p, b in zip(one, budgets.values(), strict=True) if b) for one in within) if total else 0
        )
        penny = 1 / min([budget for budget in budgets.values() if budget], default=1)
        assert least <= level + 1e-9 <= least + penny + 1e-9
        uneven += level > total / max(1, sum(budgets.values())) + penny
    assert uneven > 10


def _is_payable(paid: tuple[int, ...], bills: list[tuple[frozenset[str], int]]) -> bool:
    """Whether amounts cover what each set of bodies alone may pay for."""
    subsets = [{body for body, bit in zip("abc", bits, strict=True) if bit} for bits in product((0, 1), repeat=3)]
    amounts = dict(zip("abc", paid, strict=True))
    return all(
        sum(amounts[body] for body in one) >= sum(pence for payers, pence in bills if payers <= one) for one in subsets
    )


@pytest.mark.parametrize(
    ("rule", "paid"),
    [
        ("contribution_of_each_body_once", (Contribution("housing", 80_00),)),
        ("contribution_of_each_body_once", (Contribution("housing", 0), Contribution("housing", 80_00))),
        ("contributions_pay_it", (Contribution("housing", 40_00), Contribution("health", 39_99))),
        ("contribution_within_budget", (Contribution("housing", -20_00), Contribution("health", 100_00))),
    ],
)
def test_money_that_does_not_add_up_is_found(
    rule: str, paid: tuple[Contribution, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(plan_of(of(), {"advocates": 0}), contributions=paid)
    assert [each.rule for each in check(of(), plan).broken] == [rule]
    monkeypatch.setattr(checker, "RULES", tuple(each for each in RULES if each.__name__ != "contributions"))
    assert check(of(), plan).passes


def test_apart_a_body_pays_for_what_it_leads() -> None:
    problem = of(purse="aligned")
    plan = plan_of(problem, {"advocates": 0})
    other = replace(plan, contributions=(Contribution("housing", 80_00), Contribution("health", 0)))
    assert check(problem, plan).passes
    assert {each.rule for each in check(problem, other).broken} == {"contribution_for_what_it_leads"}


@pytest.mark.parametrize(
    ("choices", "rule"),
    [
        ((Choice("advocates", 0), Choice("advocates", 0)), "bought_twice"),
        ((Choice("moon", 0),), "unknown_choice"),
        ((Choice("advocates", 1),), "unknown_choice"),
        ((Choice("advocates", -1),), "unknown_choice"),
    ],
)
def test_a_plan_of_things_that_are_not_offered_is_refused(choices: tuple[Choice, ...], rule: str) -> None:
    plan = replace(plan_of(of(), {}), choices=choices)
    assert rule in {each.rule for each in check(of(), plan).broken}


def test_a_changed_plan_never_passes_by_chance() -> None:
    """Every plan with one thing changed breaks a rule or is worth what its new certificate would say."""
    for seed in range(60):
        problem = drawn_problem(seed)
        try:
            plan = solve(problem, LIMITS)
        except NoPlan:
            continue
        for choice in plan.choices:
            less = replace(plan, choices=tuple(each for each in plan.choices if each != choice))
            found = check(problem, less)
            left_out = next(each for each in problem.interventions if each.id == choice.intervention)
            assert not found.passes or left_out.scales[choice.scale].cost_pence == 0, seed


def test_the_price_of_the_silo_is_the_product_of_its_parts_and_nobody_loses() -> None:
    problem = of(effects=(Effect("advocates", "lettings", 1.5),))
    compared = compare(problem, LIMITS, solve)
    value = {worth.purse: worth.value for worth in compared.worths}
    assert value["silo"] <= value["aligned"] <= value["pooled"] >= value["no_loser"] >= 0
    assert compared.price_of_silo == pytest.approx(value["pooled"] / value["silo"] - 1)
    silo = compared.of("silo").by_body
    assert all(got >= silo[body] - 1e-6 for body, got in compared.of("no_loser").by_body.items())


def test_more_money_never_brings_less() -> None:
    for seed in range(20):
        problem = replace(drawn_problem(seed), risk=None, change_price=0.0)
        worths = [worth.value for worth in frontier(problem, LIMITS, solve, [0.2, 0.5, 0.8, 1.0])]
        assert worths == sorted(worths)


def test_a_price_on_changes_keeps_the_plan_before_until_it_is_worth_it() -> None:
    before = (Choice("repairs", 0), Choice("lettings", 0))
    cheap = solve(of(change_price=0.1, chosen_before=before), LIMITS)
    dear = solve(of(change_price=50.0, chosen_before=before), LIMITS)
    assert set(dear.choices) == set(before)
    assert set(cheap.choices) != set(before)


def test_a_bad_year_counts_as_the_mean_of_the_worst_scenarios() -> None:
    """One safe and one risky intervention of the same value: the more the tail counts, the safer the choice."""
    sure = Intervention("sure", "housing", (Scale(100_00, {"housing": 9.0}),), 0.0)
    bold = Intervention("bold", "housing", (Scale(100_00, {"housing": 10.0}),), 0.5)
    one_of = PortfolioProblem("portfolio", "pooled", (HOUSING,), (sure, bold))
    assert solve(one_of, LIMITS).choices == (Choice("bold", 0),)
    careful = solve(replace(one_of, risk=Risk(0.9)), LIMITS)
    assert careful.choices == (Choice("sure", 0),)
    assert careful.certificate.levels[2].amount == pytest.approx(9.0)


def test_why_an_intervention_is_left_out_names_what_stands_in_its_way() -> None:
    plan = solve(of(purse="silo", excludes=(Pair("lettings", "repairs"),)), LIMITS)
    reasons = {reason.item: [(each.rule, each.resource) for each in reason.bindings] for reason in plan.reasons}
    assert reasons["repairs"] == [("excludes", "lettings"), ("budget", "housing")]


def test_the_same_problem_gives_the_same_plan_in_another_process(tmp_path: Path) -> None:
    problem = replace(drawn_problem(3), purse="pooled", floors={}, risk=Risk(0.4, 0.2, 50))
    (tmp_path / "problem.json").write_text(write(problem), encoding="utf-8")
    script = (
        "import sys, dataclasses\nfrom pathlib import Path\nfrom braid.planning.contract import Limits\n"
        "from braid.language.documents import write\nfrom braid.planning.kinds import KINDS\n"
        "kind = KINDS['portfolio']\n"
        "plan = kind.solve(kind.read_problem(Path(sys.argv[1])), Limits(seconds=5))\n"
        "still = dataclasses.replace(plan.certificate, seconds=0.0)\n"
        "print(write(dataclasses.replace(plan, certificate=still)))\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "problem.json")],
            env={**os.environ, "PYTHONHASHSEED": hashing}, capture_output=True, check=True, text=True,
        ).stdout
        for hashing in ("1", "2")
    }  # fmt: skip
    assert len(answers) == 1
    assert json.loads(answers.pop())["choices"]


FAULTY = {
    "bodies[1]": of(bodies=(HOUSING, HOUSING, HEALTH)),
    "bodies[0].budget_pence": of(bodies=(Body("housing", -1), HEALTH)),
    "interventions": of(interventions=()),
    "interventions[0].lead": of(bodies=(HOUSING,)),
    "interventions[0].scales": of(interventions=(Intervention("none", "housing", ()),)),
    "interventions[0].spread": of(interventions=(Intervention("wild", "housing", (Scale(1, {}),), -0.1),)),
    "interventions[0].scales[0].cost_pence": of(interventions=(Intervention("gift", "housing", (Scale(-1, {}),)),)),
    "interventions[0].scales[0].values": of(interventions=(Intervention("far", "housing", (Scale(1, {"sea": 1.0}),)),)),
    "interventions[0].least_scale": of(interventions=(replace(of().interventions[0], least_scale=1),)),
    "interventions[0].payers": of(interventions=(replace(of().interventions[0], payers=("moon",)),)),
    "interventions[0].scales[0].paid_by_others": of(
        interventions=(replace(of().interventions[0], payers=("housing",)),)
    ),
    "effects[0].values": of(effects=(Effect("advocates", "repairs", 2.0, {"housing": 1.0}),)),
    "effects[0]": of(effects=(Effect("advocates", "moon", 1.0),)),
    "requires[0]": of(requires=(Pair("advocates", "advocates"),)),
    "budget_share": of(budget_share=1.5),
    "change_price": of(change_price=-1.0),
    "risk": of(risk=Risk(2.0)),
    "floors": of(purse="no_loser"),
    "chosen_before": of(chosen_before=(Choice("advocates", 3),)),
}


@pytest.mark.parametrize("place", FAULTY)
def test_what_cannot_be_is_named_by_its_place(place: str) -> None:
    assert place in [found for found, _, _ in faults(FAULTY[place])]


def test_a_problem_and_a_plan_come_back_from_their_files() -> None:
    for seed in random.Random(0).sample(range(10_000), 40):
        problem = drawn_problem(seed)
        plan = plan_of(problem, {})
        assert parse(write(problem), PortfolioProblem, "problem.json") == problem
        assert parse(write(plan), PortfolioPlan, "plan.json") == plan


def test_a_broken_rule_says_what_it_is_about() -> None:
    assert str(Broken("excludes", ("a", "b"))) == "excludes: a, b"
