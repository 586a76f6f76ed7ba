"""A fictional history of the demo's funds, entered through the same functions as pages: a year that is closed and one
that runs.

Over it money moves from posts to outcomes. Nobody is named, and nothing of it happened.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from braid.place.money.entries import Kept, Order
from braid.place.money.funds import Fund
from braid.place.money.periods import first_month_of, month_before, months_of, next_month, year_of
from braid.store.place_folder import Place
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.funds import keeping
from braid.web.funds.definitions import funds
from braid.web.funds.seen import position
from braid.web.models import LedgerEntry
from braid.web.watch import known_asker

FIRST, SECOND = "demo-finance-officer", "demo-finance-officer-2"
QUARTER = 3


@dataclass(frozen=True)
class Plan:
    """What a line spends of its budget in a month of a year, in per cent of a twelfth, by the year's number and
    month."""

    start: int
    a_month: int


SPENDING = {
    "coordinators": Plan(100, -1),
    "step-down": Plan(88, 1),
    "settled": Plan(25, 5),
    "advocates": Plan(98, -1),
    "first-contact": Plan(40, 4),
}


def enter_history(place: Place) -> int:
    """Enter the history where the place is a demo with funds and an empty ledger; return how many entries there are."""
    known = funds()
    with known_asker():
        is_empty = not LedgerEntry.objects.exists()
    if not (place.is_example and place.as_of and known and is_empty):
        return 0
    for fund in known.values():
        _enter(fund, place.as_of)
    with known_asker():
        return LedgerEntry.objects.count()


def _enter(fund: Fund, today: dt.date) -> None:
    month, last = fund.first_month, first_month_of(today)
    while month <= last:
        year = year_of(month)
        if month == max(months_of(year)[0], fund.first_month):
            _open_year(fund, year)
        for order in _orders(fund, month, today):
            _post(order)
        _settle(fund, min(month.replace(day=25), today))
        if month < last:
            with asking_as(FIRST, ""):
                keeping.close(_asker(FIRST), fund, month)
        month = next_month(month)
    _leave_work(fund, today)


def _open_year(fund: Fund, year: int) -> None:
    with asking_as(FIRST, ""):
        keeping.open_year(_asker(FIRST), fund, year)


def _orders(fund: Fund, month: dt.date, today: dt.date) -> Iterator[Order]:
    """Give what happens in a month: contributions each quarter, payments on every line, a commitment and its
    payment."""
    year, index = year_of(month), months_of(year_of(month)).index(month)
    day = min(month.replace(day=20), today)
    if index % QUARTER == 0:
        for body in fund.bodies:
            pence = fund.contributions.get((body, year), 0) // 4
            if pence:
                yield Order("contribution", fund.id, day, FIRST, pence, body=body, note="A quarter of the year")
    for line in fund.lines.values():
        plan = SPENDING[line.id]
        percent = plan.start + plan.a_month * (index + 12 * (year - fund.years[0]))
        pence = line.budgets.get(year, 0) * max(0, min(percent, 100)) // 1200
        if pence:
            note = "Outcomes of the month" if line.is_for_outcomes else "Invoices of the month"
            yield Order("actual", fund.id, day, FIRST, pence, line.id, note=note)


def _settle(fund: Fund, day: dt.date) -> None:
    """Have every body pay what it owes, and be paid what the year end before gave back."""
    with asking_as(FIRST, ""):
        owed = [(body.id, body.owes) for body in position(fund, year_of(day)).bodies if body.owes]
    for body, pence in owed:
        note = "Received" if pence > 0 else "Paid back"
        _post(Order("settlement", fund.id, day, FIRST, abs(pence), body=body, note=note))


def _post(order: Order) -> Kept:
    """Post an order, and have a colleague approve it where it is large."""
    with asking_as(order.by, ""):
        kept = keeping.post(_asker(order.by), order, funds())
    if kept.state == "awaiting":
        with asking_as(SECOND, ""):
            keeping.approve(_asker(SECOND), kept.entry.id, funds())
    return kept


def _leave_work(fund: Fund, today: dt.date) -> None:
    """Leave something of each kind to look at: a commitment, a late invoice, a correction, a virement, one to
    approve."""
    first, *others = fund.lines
    small, large = fund.approve_from_pence // 10, fund.approve_from_pence * 2
    _post(Order("commitment", fund.id, today, FIRST, small * 6, first, reference="PO-1041", note="Until March"))
    late = month_before(first_month_of(today)).replace(day=14)
    _post(Order("actual", fund.id, late, FIRST, small, first, reference="INV-7730", note="Came late"))
    wrong = _post(Order("actual", fund.id, today, FIRST, small, others[0], reference="INV-7731", note="Paid twice"))
    _post(Order("correction", fund.id, today, FIRST, reverses=wrong.entry.id, note="Paid twice"))
    _post(Order("virement", fund.id, today, FIRST, small, first, others[-1], note="From posts to outcomes"))
    with asking_as(FIRST, ""):
        order = Order("commitment", fund.id, today, FIRST, large, others[-1], note="Next two quarters")
        keeping.post(_asker(FIRST), order, funds())


def _asker(username: str) -> Viewer:
    return Viewer(username, "finance_officer", "", "", "funds")
