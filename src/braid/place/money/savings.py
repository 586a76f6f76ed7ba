"""Who pays and who saves: weeks of waiting that a change saves, at what a week costs each payer, beside who funds it.

Weeks times a unit cost is a reckoning and not a saving in cash: a bed or a post that somebody does without is used by
the next until it is taken away. It says who carries the cost of waiting and who of shortening it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from braid.place.money.funds import Fund
from braid.place.money.sharing import share_out
from braid.place.money.unit_costs import UnitCost


@dataclass(frozen=True)
class Change:
    """So many people wait so many whole weeks less for one kind of thing."""

    wait_kind: str
    people: int
    weeks: int


@dataclass(frozen=True)
class PayerEffect:
    """What a change is to one payer, in pence: what it pays towards it, and what the weeks saved are worth to it."""

    payer: str
    pays: int
    saves: int

    @property
    def net(self) -> int:
        """Return what it gains; negative what it loses."""
        return self.saves - self.pays


def week_costs(costs: Sequence[UnitCost], wait_kind: str, day: dt.date) -> dict[str, int]:
    """Return by payer what a week of waiting costs on a day, in pence."""
    return {
        cost.payer: cost.pence
        for cost in costs
        if (cost.table, cost.code, cost.unit) == ("wait", wait_kind, "week")
        and cost.valid_from <= day
        and (cost.valid_to is None or day < cost.valid_to)
    }


def givers_of(fund: Fund, year: int) -> dict[str, int]:
    """Return by body what it agreed to give to a fund in a financial year, in pence: a price is paid by it.

    Of a year in which nobody gives anything, what each gives in all years: a price is never paid by nobody as long as
    anybody gives.
    """
    in_year = {body: fund.contributions.get((body, year), 0) for body in fund.bodies}
    if any(in_year.values()):
        return in_year
    return {body: sum(pence for (one, _), pence in fund.contributions.items() if one == body) for body in fund.bodies}


def effects_of(
    changes: Sequence[Change], costs: Sequence[UnitCost], day: dt.date, price_pence: int, paid_by: Mapping[str, int]
) -> tuple[PayerEffect, ...]:
    """Return what changes are to each payer, those who gain most first.

    `price_pence` is paid by bodies in proportion to `paid_by` (what each puts into the fund), to the penny.
    """
    saves: defaultdict[str, int] = defaultdict(int)
    for change in changes:
        for payer, pence in week_costs(costs, change.wait_kind, day).items():
            saves[payer] += change.people * change.weeks * pence
    pays = share_out(price_pence, paid_by) if any(paid_by.values()) else {}
    effects = (PayerEffect(one, pays.get(one, 0), saves.get(one, 0)) for one in {*saves, *pays})
    return tuple(sorted(effects, key=lambda effect: (-effect.net, effect.payer)))
