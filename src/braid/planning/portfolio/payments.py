"""Who pays what of a portfolio, to the penny.

Apart, each body pays its share of each scale. Together, what is bought is paid in proportion to budgets as nearly as
the law lets it: where only some may pay for something, they pay it, and the others pay the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from braid.planning.portfolio.model import Contribution, PortfolioProblem, pence_of


def pay(problem: PortfolioProblem, bought: Mapping[str, int]) -> tuple[Contribution, ...]:
    """Return what each body pays of what is bought. Pennies that do not divide go by largest remainder."""
    those = [each for each in problem.interventions if each.id in bought]
    if problem.purse in ("silo", "aligned"):
        return tuple(
            Contribution(body.id, sum(pence_of(each, bought[each.id], body.id) for each in those))
            for body in problem.bodies
        )
    budgets = {body.id: body.budget_pence for body in problem.bodies}
    bills = [(frozenset(each.payers or budgets), each.scales[bought[each.id]].cost_pence) for each in those]
    paid = pay_together(budgets, bills)
    return tuple(Contribution(body.id, paid[body.id]) for body in problem.bodies)


Bill = tuple[frozenset[str], int]
"""Who may pay, and how many pence."""


def pay_together(budgets: Mapping[str, int], bills: Sequence[Bill]) -> dict[str, int]:
    """Return what each body pays of bills, each as the same share of its budget as far as who may pay allows it.

    The group that has most to pay, by its money, pays just that; the rest is paid by the others in the same way
    (decomposition of a base by density, Fujishige 1980). Whole pence; nobody pays for what they may not.
    """
    paid: dict[str, int] = {}
    left, open_bills = dict(budgets), [bill for bill in bills if bill[1]]
    while left:
        group = _heaviest(left, open_bills)
        inside = [bill for bill in open_bills if bill[0] <= group]
        paid |= _divide(sum(pence for _, pence in inside), {body: left[body] for body in left if body in group}, inside)
        open_bills = [(payers - group, pence) for payers, pence in open_bills if not payers <= group]
        left = {body: budget for body, budget in left.items() if body not in group}
    return {body: paid[body] for body in budgets}


def _heaviest(budgets: Mapping[str, int], bills: Sequence[Bill]) -> frozenset[str]:
    """Return the largest group of those with the most to pay by their money; everybody where nothing is to be paid."""
    groups = _unions(payers for payers, _ in bills) | {frozenset(budgets)}

    def density(group: frozenset[str]) -> tuple[Fraction, int, list[str]]:
        due = sum(pence for payers, pence in bills if payers <= group)
        money = sum(budgets[body] for body in group)
        return (Fraction(due, money) if money else Fraction(due), len(group), sorted(group))

    return max(groups, key=density)


def _unions(sets: Iterable[frozenset[str]]) -> set[frozenset[str]]:
    found: set[frozenset[str]] = set()
    for one in set(sets):
        found |= {one | other for other in found} | {one}
    return found


def _divide(total: int, budgets: Mapping[str, int], bills: Sequence[Bill]) -> dict[str, int]:
    """Return shares of a total by budget, in whole pence; no group pays less than what it alone may pay for."""
    money = sum(budgets.values())
    if not money:
        return dict.fromkeys(budgets, 0)
    shares = {body: divmod(total * budget, money) for body, budget in budgets.items()}
    missing = total - sum(whole for whole, _ in shares.values())
    by_remainder = sorted(shares, key=lambda body: (-shares[body][1], body))
    groups = [
        (group, sum(pence for payers, pence in bills if payers <= group)) for group in _unions(b for b, _ in bills)
    ]
    for rounded_up in combinations(by_remainder, missing):
        paid = {body: whole + (body in rounded_up) for body, (whole, _) in shares.items()}
        if all(sum(paid[body] for body in group) >= due for group, due in groups):
            return paid
    raise AssertionError("shares of a base always round to a base")
