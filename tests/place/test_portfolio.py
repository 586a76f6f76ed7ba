"""`interventions.toml`: what it may say, every fault it may have, and how what is believed becomes draws."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from importlib import resources

import pytest

from braid.language.documents import parse, write
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.place.portfolio.load import Known, parse_portfolio
from braid.place.portfolio.model import Estimate, Portfolio
from braid.place.portfolio.problem import drawn_problems, problem_of, reweigh
from braid.place.portfolio.study import Study, study
from braid.planning.kinds import KINDS
from braid.planning.portfolio.model import Effect, Pair, faults
from braid.problems.load import shipped_statements

SOLVE = KINDS["portfolio"].solve
KNOWN = Known(
    {"council": "The Council", "health": "Health", "police": "Police"},
    {"school_from_ta"},
    {outcome.measure_id: outcome for each in shipped_statements() for outcome in each.outcomes},
)
SOUND = """
[portfolio]
name = "Ours"
from = 2027-04-01
to = 2028-03-31
[[outcome]]
id = "journey_minutes"
counted_in = "minutes saved"
pence = 200
low_pence = 100
high_pence = 300
why = "agreed"
[[outcome]]
id = "own_measure"
name = "Own measure"
counted_in = "points"
pence = 1000
why = "agreed"
[[source]]
id = "pilot"
name = "A pilot"
grade = "before_after"
together = 0.5
[[purse]]
body = "council"
pence = 100000
fund = "s75"
[[purse]]
body = "health"
pence = 50000
[[intervention]]
id = "bus"
name = "A bus"
about = "It drives."
lead = "council"
from = 2027-04-01
least_units = 2
least_why = "one bus is too few"
payers = ["council", "health"]
payers_why = "nobody else's function"
statement = "school_from_ta"
[[intervention.size]]
name = "one"
units = 1
costs = { council = 20000 }
[[intervention.size]]
name = "two"
units = 2
costs = { council = 30000, health = 10000 }
[[intervention.effect]]
outcome = "journey_minutes"
body = "council"
low = [10, 20]
central = [20, 50]
high = [40, 90]
source = "pilot"
[[intervention]]
id = "bike"
name = "A bike"
about = "It rolls."
lead = "health"
from = 2027-09-01
[[intervention.size]]
name = "one"
units = 1
costs = { health = 5000 }
[[intervention.effect]]
outcome = "own_measure"
body = "health"
central = [4]
standard_error = [1]
source = "pilot"
[[intervention]]
id = "late"
name = "Late"
about = "Next year."
lead = "health"
from = 2028-09-01
[[intervention.size]]
name = "one"
units = 1
costs = { health = 5000 }
[[interaction]]
between = ["bus", "bike"]
outcome = "own_measure"
body = "council"
low = -4
central = -2
high = 0
source = "pilot"
why = "one of them is enough"
[[needs]]
between = ["bike", "bus"]
why = "it rides along"
"""


def sound() -> Portfolio:
    return parse_portfolio(SOUND, KNOWN)


def test_a_file_becomes_a_problem_of_what_can_begin_in_the_period() -> None:
    found = sound()
    problem = problem_of(found)
    assert faults(problem) == []
    bus, bike = problem.interventions
    assert (bus.id, bus.lead, bus.least_scale, bus.payers) == ("bus", "council", 1, ("council", "health"))
    assert [(scale.cost_pence, dict(scale.values), dict(scale.paid_by_others)) for scale in bus.scales] == [
        (20000, {"council": 40.0}, {}),
        (40000, {"council": 100.0}, {"health": 10000}),
    ]
    assert bike.scales[0].values == {"health": pytest.approx(40.0)}
    assert problem.effects == (Effect("bike", "bus", -20.0, {"council": -20.0}),)
    assert problem.requires == (Pair("bike", "bus"),)
    assert [body.budget_pence for body in problem_of(found, {"health": 7}).bodies] == [100000, 7]
    assert found.weight("journey_minutes").name == "Journey from placement to school"
    assert [offer.id for offer in found.offers if offer not in found.offered] == ["late"]


WRONG = {
    "unknown key 'colour'": ('name = "A bus"', 'name = "A bus"\ncolour = 1'),
    "body = 'moon' is not known": ('body = "council"\npence', 'body = "moon"\npence'),
    "lead = 'police' is not known": ('lead = "council"', 'lead = "police"'),
    "'central' must be a list of 2 numbers": ("central = [20, 50]", "central = [20]"),
    "the central figure lies outside its interval": ("high = [40, 90]", "high = [40, 30]"),
    "how sure it is is not said once": ("standard_error = [1]", "standard_error = [1]\nlow = [1]"),
    "no size has 'least_units'": ("least_units = 2", "least_units = 9"),
    "'pence' lies outside": ("high_pence = 300", "high_pence = 150"),
    "'together' must be a share": ("together = 0.5", "together = 1.5"),
    "grade = 'guess' is not known": ('grade = "before_after"', 'grade = "guess"'),
    "statement = 'none' is not known": ('statement = "school_from_ta"', 'statement = "none"'),
    "a body that may not pay": ('payers = ["council", "health"]', 'payers = ["council"]'),
    "'between' must name two": ('between = ["bike", "bus"]', 'between = ["bike"]'),
    "between holds 'boat'": ('between = ["bike", "bus"]', 'between = ["bike", "boat"]'),
    "it ends before it begins": ("to = 2028-03-31", "to = 2027-03-31"),
    "'bus' is there twice": ('id = "bike"', 'id = "bus"'),
    "sizes are not in order": ('name = "two"\nunits = 2', 'name = "two"\nunits = 1'),
    "source = 'other' is not known": ('source = "pilot"\nwhy', 'source = "other"\nwhy'),
    "two effects are on one outcome": ("[[interaction]]", "[[intervention.effect]]\n[[interaction]]"),
    "it costs nobody anything": ("costs = { health = 5000 }\n[[inter", "costs = {}\n[[inter"),
}


@pytest.mark.parametrize("rule", WRONG)
def test_every_fault_names_place_rule_and_next_step(rule: str) -> None:
    old, new = WRONG[rule]
    assert SOUND.count(old) >= 1
    text = SOUND.replace(old, new, 1)
    if rule.startswith("two effects"):
        again = SOUND[SOUND.index("[[intervention.effect]]") : SOUND.index('[[intervention]]\nid = "bike"')]
        text = SOUND.replace('[[intervention]]\nid = "bike"', again + '[[intervention]]\nid = "bike"')
    with pytest.raises(RulesInvalid) as raised:
        parse_portfolio(text, KNOWN)
    told = [str(fault) for fault in raised.value.faults]
    assert any(rule in one and one.startswith("interventions.toml: ") for one in told), told


def test_what_is_no_toml_is_said_so() -> None:
    with pytest.raises(RulesUnreadable):
        parse_portfolio("[[", KNOWN)


def test_two_half_normals_meet_at_the_central_figure() -> None:
    estimate = Estimate(10.0, 20.0, 40.0)
    assert estimate.at(0) == 20.0
    assert estimate.at(1.959964) == pytest.approx(40.0, abs=1e-4)
    assert estimate.at(-1.959964) == pytest.approx(10.0, abs=1e-4)


def test_draws_have_the_spread_that_is_believed_and_move_together_as_far_as_their_source_does() -> None:
    """4,000 draws: 2.5 % below and above the interval; the correlation of two estimates of one source is its share."""
    alike = replace(sound(), interactions=(), needs=())
    drawn = list(drawn_problems(alike, 4000, 3))
    bus = [each.interventions[0].scales[1].values["council"] / 2 for each in drawn]
    bike = [each.interventions[1].scales[0].values["health"] / 10 for each in drawn]
    assert sum(value < 20 for value in bus) / 4000 == pytest.approx(0.025, abs=0.008)
    assert sum(value > 90 for value in bus) / 4000 == pytest.approx(0.025, abs=0.008)
    assert statistics.mean(bike) == pytest.approx(4.0, abs=0.06)
    assert statistics.stdev(bike) == pytest.approx(1.0, abs=0.04)
    ranks = [[sorted(values).index(value) for value in values] for values in (bus[:800], bike[:800])]
    assert math.sin(math.pi / 6 * statistics.correlation(*ranks)) * 2 == pytest.approx(0.5, abs=0.09)
    smaller = [each.interventions[0].scales[0].values["council"] / 2 for each in drawn]
    assert statistics.correlation(smaller, bus) > 0.97, "the sizes of one effect move together"


def test_the_same_seed_draws_the_same_and_another_something_else() -> None:
    one, again, other = (list(drawn_problems(sound(), 3, seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_each_weight_is_looked_at_at_both_its_ends() -> None:
    found = [(each.outcome, each.end, each.portfolio.weight(each.outcome).pence) for each in reweigh(sound())]
    assert found == [("journey_minutes", "low", 100), ("journey_minutes", "high", 300)]


def example() -> Portfolio:
    """Return the portfolio of the example place, read with its bodies' ids as names."""
    text = resources.files("braid.example").joinpath("data", "interventions.toml").read_text(encoding="utf-8")
    ids = ("hallowmere-council", "arden-vale-icb", "arden-vale-police", "arden-vale-cafcass", "arden-vale-ca")
    outcomes = {outcome.measure_id: outcome for each in shipped_statements() for outcome in each.outcomes}
    statements = {each.problem_id for each in shipped_statements()}
    return parse_portfolio(text, Known(dict(zip(ids, ids, strict=True)), statements, outcomes))


def test_the_example_place_pays_a_price_for_its_silos_and_says_what_it_is() -> None:
    """Fifteen interventions, one of them too late; the study is a document, adds up, and comes again."""
    portfolio = example()
    assert len(portfolio.offered) == 14
    steps: list[tuple[int, int]] = []
    found = study(portfolio, SOLVE, draws=20, tell=lambda done, of: steps.append((done, of)))
    assert steps[-1] == (5, 5)
    assert parse(write(found), Study, "study") == found
    silo, pooled = found.plan("silo"), found.plan("pooled")
    assert found.price_of_silo == pytest.approx(pooled.value / silo.value - 1)
    assert 0.1 < found.price_of_silo < 0.5
    band = found.uncertainty.price_of_silo
    assert band.low is not None and band.median is not None and band.high is not None
    assert 0 <= band.low <= band.median <= band.high
    for plan in found.plans:
        assert sum(plan.paid.values()) == plan.pence
        assert all(pence <= found.budgets[body] for body, pence in plan.paid.items())
        assert sum(plan.by_body.values()) == pytest.approx(plan.value), "every effect is somebody's"
    assert all(got >= silo.by_body[body] - 1e-3 for body, got in found.plan("no_loser").by_body.items())
    values = [point.value for point in found.frontier]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(pooled.value)
    sharing = found.sharing
    assert sum(sharing.transfers.values()) == 0
    assert sum(sharing.fair.values()) == pytest.approx(sharing.whole) == pytest.approx(pooled.value)
    received = dict.fromkeys(sharing.transfers, 0)
    for payer, payee, pence in sharing.payments:
        received[payer] -= pence
        received[payee] += pence
    assert received == sharing.transfers
    assert sharing.is_in_core
    regrets = {regret.plan: regret.worst for regret in found.uncertainty.regrets}
    assert regrets["least_regret"] == min(regrets.values())
    assert {swing.about for swing in found.swings} > {"money"}


def test_less_money_buys_less() -> None:
    portfolio = example()
    budgets = {purse.body: purse.pence // 2 for purse in portfolio.purses}
    found = study(portfolio, SOLVE, budgets=budgets, draws=4)
    assert found.budgets == budgets
    assert found.plan("pooled").pence <= sum(budgets.values())
