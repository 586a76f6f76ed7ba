"""Where a fund stands in a financial year: by line, by body, as a trial balance, over the months, and by its forecast.

Everything is derived from sums of the ledger; nothing here is kept.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from braid.place.money.accounts import account, book_of, chart_of
from braid.place.money.funds import PAID_FOR, WHOLE, Fund
from braid.place.money.periods import months_of, year_of

Sums = Mapping[tuple[str, dt.date], int]
"""What came to each account in each period, debits less credits, in pence: of entries that are posted."""


@dataclass(frozen=True)
class LinePosition:
    """A line in a year: `budget` with what earlier years left it and what their open commitments keep."""

    id: str
    name: str
    paid_for: str
    budget: int
    committed: int
    spent: int

    @property
    def available(self) -> int:
        """Return what may still be committed, in pence; negative where more was."""
        return self.budget - self.committed - self.spent


@dataclass(frozen=True)
class BodyPosition:
    """A body in a year: what it agreed to give, what fell due, what a year end gave back (negative: claimed), and
    owes."""

    id: str
    agreed: int
    fell_due: int
    shared: int
    owes: int


@dataclass(frozen=True)
class MonthOfSpend:
    """What was spent in a period on posts, services and outcomes, in pence."""

    month: dt.date
    spent: Mapping[str, int]
    is_closed: bool

    @property
    def total(self) -> int:
        """Return all of it."""
        return sum(self.spent.values())

    def share(self, paid_for: str) -> int | None:
        """Return a part in whole per cent, halves upwards; `None` where nothing, or less than nothing, was spent."""
        if self.total <= 0:
            return None
        return (2 * WHOLE * self.spent[paid_for] + self.total) // (2 * self.total)


@dataclass(frozen=True)
class Forecast:
    """What a year is likely to come to: spent so far, and what the months that are left are likely to add."""

    spent: int
    committed: int
    months_spent: int
    to_come: int
    budget: int

    @property
    def out_turn(self) -> int:
        """Return what the year is likely to come to, in pence."""
        return self.spent + self.to_come

    @property
    def variance(self) -> int:
        """Return by how much that is over the budget; negative under it."""
        return self.out_turn - self.budget


@dataclass(frozen=True)
class Position:
    """Where a fund stands in a financial year."""

    fund: Fund
    year: int
    closed_to: dt.date | None
    lines: tuple[LinePosition, ...]
    bodies: tuple[BodyPosition, ...]
    months: tuple[MonthOfSpend, ...]
    trial_balance: tuple[tuple[str, str, int], ...]
    """Book, account and balance to the end of the year; each book comes to nothing."""
    forecast: Forecast

    def total(self, what: str) -> int:
        """Return a figure of all lines together: budget, committed, spent or available."""
        return sum(int(getattr(line, what)) for line in self.lines)

    @property
    def fell_due(self) -> int:
        """Return what all bodies contribute in the year, in pence."""
        return sum(body.fell_due for body in self.bodies)

    @property
    def spent_for(self) -> Mapping[str, int]:
        """Return what the year spent on posts, services and outcomes."""
        return {code: sum(line.spent for line in self.lines if line.paid_for == code) for code in PAID_FOR}


def position_of(fund: Fund, year: int, sums: Sums, closed_to: dt.date | None) -> Position:
    """Return where a fund stands in a financial year."""
    by_year: defaultdict[tuple[str, int], int] = defaultdict(int)
    for (code, month), pence in sums.items():
        by_year[code, year_of(month)] += pence
    upto = [one for one in fund.years if one <= year]

    def until(code: str) -> int:
        return sum(by_year[code, one] for one in upto)

    lines = tuple(_line(fund, line_id, year, by_year) for line_id in fund.lines)
    bodies = tuple(
        BodyPosition(
            body,
            fund.contributions.get((body, year), 0),
            -by_year[account("contributed", body), year],
            by_year[account("shared", body), year],
            until(account("due", body)),
        )
        for body in sorted({*fund.bodies, fund.host})
    )
    months = tuple(_month(fund, month, sums, closed_to) for month in months_of(year))
    chart = chart_of(fund)
    left_out = sorted({code for code, _ in by_year if code not in chart})
    balance = tuple((book_of(code), code, until(code)) for code in (*chart, *left_out))
    return Position(fund, year, closed_to, lines, bodies, months, balance, _forecast(lines, _running(fund, months)))


def _line(fund: Fund, line_id: str, year: int, by_year: Mapping[tuple[str, int], int]) -> LinePosition:
    line = fund.lines[line_id]
    left = committed = 0
    for one in (one for one in fund.years if one <= year):
        came = {kind: by_year.get((account(kind, line_id), one), 0) for kind in ("budget", "committed", "spent")}
        committed += came["committed"]
        left = (left if fund.underspend == "carry" else 0) - sum(came.values())
    spent = by_year.get((account("spent", line_id), year), 0)
    return LinePosition(line_id, line.name, line.paid_for, left + committed + spent, committed, spent)


def _month(fund: Fund, month: dt.date, sums: Sums, closed_to: dt.date | None) -> MonthOfSpend:
    spent = dict.fromkeys(PAID_FOR, 0)
    for line in fund.lines.values():
        spent[line.paid_for] += sums.get((account("spent", line.id), month), 0)
    return MonthOfSpend(month, spent, closed_to is not None and month <= closed_to)


def _running(fund: Fund, months: tuple[MonthOfSpend, ...]) -> tuple[MonthOfSpend, ...]:
    """Return the months of a year in which the fund runs: before and after them nothing is to be spent."""
    return tuple(one for one in months if fund.first_month <= one.month <= fund.to_date)


def _forecast(lines: tuple[LinePosition, ...], months: tuple[MonthOfSpend, ...]) -> Forecast:
    """What is to come is the mean month so far for each month that is left, and no less than what is committed.

    `months` are those in which the fund runs. Months so far are those of them that are closed; before the first one is
    closed, those until the last with any spending.
    """
    closed = [one for one in months if one.is_closed]
    known = closed or months[: max((at for at, one in enumerate(months, start=1) if one.total), default=0)]
    spent_known = sum(one.total for one in known)
    left = len(months) - len(known)
    rest = (2 * spent_known * left + len(known)) // (2 * len(known)) if known else 0
    later = sum(one.total for one in months[len(known) :])
    committed, spent = sum(line.committed for line in lines), sum(line.spent for line in lines)
    to_come = max(rest - later, committed, 0)
    return Forecast(spent, committed, len(known), to_come, sum(line.budget for line in lines))
