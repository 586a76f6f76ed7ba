"""Why an intervention is not bought: what keeps it out, each found by trying it beside the choice that was made."""

from __future__ import annotations

from collections.abc import Mapping

from braid.planning.contract import Binding, Reason
from braid.planning.portfolio.model import Intervention, PortfolioProblem

Bought = Mapping[str, int]


def reasons_of(problem: PortfolioProblem, bought: Bought) -> tuple[Reason, ...]:
    """Return for each intervention that is not bought what would have to give way for its smallest scale."""
    joined = _joined(problem, bought)
    return tuple(
        Reason(each.id, "not bought", _bindings(problem, each, bought, joined.get(each.id, [])))
        for each in problem.interventions
        if each.id not in bought
    )


def _joined(problem: PortfolioProblem, bought: Bought) -> Mapping[str, list[Binding]]:
    """Return by intervention what it requires that is not bought, and what is bought that excludes it."""
    found: dict[str, list[Binding]] = {}
    for pair in problem.requires:
        if pair.other not in bought:
            found.setdefault(pair.one, []).append(Binding("requires", pair.other, "", 1))
    for pair in problem.excludes:
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            if other in bought:
                found.setdefault(one, []).append(Binding("excludes", other, "", 1))
    return found


def _bindings(
    problem: PortfolioProblem, wanted: Intervention, bought: Bought, joined: list[Binding]
) -> tuple[Binding, ...]:
    found = [*joined, *_money(problem, wanted, bought)]
    return tuple(found) or (Binding("others bring more", "", "", 1),)


def _money(problem: PortfolioProblem, wanted: Intervention, bought: Bought) -> list[Binding]:
    """Name the purse in which the least cost of an intervention is no longer left."""
    least = min(scale.cost_pence for scale in wanted.scales)
    pooled = problem.purse in ("pooled", "no_loser")
    purses = problem.bodies if pooled else [body for body in problem.bodies if body.id == wanted.lead]
    budget = sum(body.budget_pence for body in purses) * problem.budget_share
    spent = sum(
        each.scales[bought[each.id]].cost_pence
        for each in problem.interventions
        if each.id in bought and (pooled or each.lead == wanted.lead)
    )
    return [Binding("budget", "" if pooled else wanted.lead, "", 1)] if spent + least > budget else []
