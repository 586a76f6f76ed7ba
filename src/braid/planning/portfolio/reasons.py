"""Why an intervention is not bought: what keeps it out, each found by trying it beside the choice that was made."""

from __future__ import annotations

from collections.abc import Mapping

from braid.planning.contract import Binding, Reason
from braid.planning.portfolio.model import Intervention, PortfolioProblem, pence_of
from braid.planning.portfolio.payments import pay_together

Bought = Mapping[str, int]


def reasons_of(problem: PortfolioProblem, bought: Bought) -> tuple[Reason, ...]:
    """Return for each intervention that is not bought what would have to give way for its smallest scale."""
    joined, left = _joined(problem, bought), _left(problem, bought)
    found = []
    for each in problem.interventions:
        if each.id not in bought:
            kept_out = [*joined.get(each.id, []), *_unpayable(problem, each, bought)]
            found.append(Reason(each.id, "not bought", _bindings(each, kept_out, left)))
    return tuple(found)


def _unpayable(problem: PortfolioProblem, wanted: Intervention, bought: Bought) -> list[Binding]:
    """Return a binding where all together have the money and those who may pay for it have not."""
    if problem.purse in ("silo", "aligned") or not wanted.payers:
        return []
    budgets = {body.id: int(body.budget_pence * problem.budget_share) for body in problem.bodies}
    cost = wanted.scales[_cheapest(wanted)].cost_pence
    bills = [(frozenset(wanted.payers), cost)]
    for each in problem.interventions:
        if each.id in bought:
            bills.append((frozenset(each.payers or budgets), each.scales[bought[each.id]].cost_pence))
    if sum(pence for _, pence in bills) > sum(budgets.values()):
        return []
    paid = pay_together(budgets, bills)
    return [Binding("payers", "", "", 1)] if any(paid[body] > budgets[body] for body in budgets) else []


def _cheapest(wanted: Intervention) -> int:
    """Return the cheapest scale that is large enough."""
    return min(range(wanted.least_scale, len(wanted.scales)), key=lambda scale: wanted.scales[scale].cost_pence)


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


def _left(problem: PortfolioProblem, bought: Bought) -> Mapping[str, float]:
    """Return the money that is left in each purse, in pence: by body, or of all under an empty name."""
    those = [each for each in problem.interventions if each.id in bought]
    if problem.purse in ("pooled", "no_loser"):
        budget = sum(body.budget_pence for body in problem.bodies) * problem.budget_share
        return {"": budget - sum(each.scales[bought[each.id]].cost_pence for each in those)}
    return {
        body.id: body.budget_pence * problem.budget_share
        - sum(pence_of(each, bought[each.id], body.id) for each in those)
        for body in problem.bodies
    }


def _bindings(wanted: Intervention, joined: list[Binding], left: Mapping[str, float]) -> tuple[Binding, ...]:
    found = [*joined, *(Binding("budget", purse, "", 1) for purse in _too_empty(wanted, left))]
    return tuple(found) or (Binding("others bring more", "", "", 1),)


def _too_empty(wanted: Intervention, left: Mapping[str, float]) -> list[str]:
    """Return the purses in which what the cheapest scale of an intervention takes is no longer left."""
    cheapest = _cheapest(wanted)
    if "" in left:
        return [""] if wanted.scales[cheapest].cost_pence > left[""] else []
    payers = (wanted.lead, *wanted.scales[cheapest].paid_by_others)
    return [body for body in payers if pence_of(wanted, cheapest, body) > left[body]]
