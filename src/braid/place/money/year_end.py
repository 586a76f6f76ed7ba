"""The end of a financial year: what is left or lacking goes where the rule of the fund says, to the penny."""

from __future__ import annotations

import datetime as dt

from braid.place.money.accounts import account
from braid.place.money.entries import MINE, Entry, Posting, transfer
from braid.place.money.funds import Fund
from braid.place.money.periods import last_month_of, year_words
from braid.place.money.rules import Books, available
from braid.place.money.sharing import share_out


def surplus(fund: Fund, year: int, books: Books) -> int:
    """Return what a fund has at the end of a year beyond what is spent and committed, in pence; negative what it lacks.

    What fell due counts, paid or not: whoever has not paid owes it, and nobody else bears it.
    """
    codes = ["moved", *(account("spent", line) for line in fund.lines)]
    codes += [account(kind, body) for kind in ("contributed", "shared") for body in {*fund.bodies, fund.host}]
    codes += [account("committed", line) for line in fund.lines]
    return -sum(books.sum_in(fund.id, code, each) for code in codes for each in fund.years if each <= year)


def year_end(fund: Fund, year: int, by: str, books: Books) -> Entry | None:
    """Return the entry that applies the rule of a fund at a year's end; `None` where it carries, or nothing is left.

    What is left is shared out or paid back and every line's budget that is left lapses; what lacks is claimed, and
    every overspent line is made good. Commitments that are open keep their budget.
    """
    if fund.underspend == "carry":
        return None
    left = surplus(fund, year, books)
    postings = (*_shares(fund, year, left, books), *_lapses(fund, year, books))
    if not postings:
        return None
    month = last_month_of(year)
    day = dt.date(month.year, month.month, 31)
    note = f"Year end {year_words(year)}"
    return Entry(
        "year_end", fund.id, month, day, abs(left), postings, by, reference=f"{MINE}year-end-{year}", note=note
    )


def _shares(fund: Fund, year: int, left: int, books: Books) -> tuple[Posting, ...]:
    parts = share_out(abs(left), _weights(fund, year, left, books)) if left else {}
    found: list[Posting] = []
    for body, pence in parts.items():
        ways = (account("shared", body), account("due", body))
        debit, credit = ways if left > 0 else ways[::-1]
        found += transfer(fund.id, debit, credit, pence) if pence else ()
    return tuple(found)


def _weights(fund: Fund, year: int, left: int, books: Books) -> dict[str, int]:
    """Return by body in which proportion it is given back to or claims: agreed shares, what fell due, or the host
    alone."""
    rule = fund.underspend if left > 0 else fund.overspend
    if rule == "share":
        return dict(fund.shares)
    if rule == "host":
        return {fund.host: 1}
    codes = {body: account("contributed", body) for body in fund.bodies}
    came = {body: max(0, -books.sum_in(fund.id, code, year)) for body, code in codes.items()}
    if not any(came.values()):
        came = {body: fund.contributions.get((body, year), 0) for body in fund.bodies}
    return came if any(came.values()) else {fund.host: 1}


def _lapses(fund: Fund, year: int, books: Books) -> tuple[Posting, ...]:
    found: list[Posting] = []
    for line in sorted(fund.lines):
        left = available(fund, line, books)[year]
        if left > 0:
            found += transfer(fund.id, account("budget", line), "appropriated", left)
        elif left < 0:
            found += transfer(fund.id, "appropriated", account("budget", line), -left)
    return tuple(found)
