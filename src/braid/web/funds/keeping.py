"""The ledger as it is kept: posted, approved, refused and closed in the name of whoever does it, each with its audit
entry.

Every function takes the funds' rows first and decides after, so that of two who post at once the second sees what the
first did. Where the pages call it, it runs inside `asking_as`, and the policies hold it to what the role may.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection, transaction

from braid.language.dates import london_date
from braid.place.money.entries import Entry, Kept, Order
from braid.place.money.funds import Fund
from braid.place.money.periods import is_last_of_year, month_before, year_of
from braid.place.money.rules import (
    check_approval,
    check_awaiting,
    check_close,
    check_over,
    check_whole,
    draft,
    opening_budget,
)
from braid.place.money.year_end import year_end
from braid.web.care.kept import now_of_database
from braid.web.funds.books import DatabaseBooks
from braid.web.models import LedgerDecision, LedgerEntry, LedgerFund, LedgerLine, LedgerPeriod
from braid.web.recording import Asker, Facts, record

Funds = Mapping[str, Fund]


@transaction.atomic
def post(asker: Asker, order: Order, funds: Funds) -> Kept:
    """Post an order. Raises `LedgerRefused`."""
    touched = [order.fund, order.to_fund, *(_touched(order.reverses) if order.reverses else ())]
    books = hold(asker, touched, funds)
    return post_held(asker, order, funds, books)


def post_held(asker: Asker, order: Order, funds: Funds, books: DatabaseBooks) -> Kept:
    """Post an order to funds that are held already. Raises `LedgerRefused`."""
    for one in {order.fund, order.to_fund} & set(funds):
        check_whole(funds[one], books.sums_of(one))
    entry = draft(order, funds, books)
    _write(asker, entry)
    state = "awaiting" if entry.needs_approval else "posted"
    if state == "posted":
        books.count(entry)
    _record(asker, entry, f"ledger entry {state}")
    return Kept(entry, state)


@transaction.atomic
def open_year(asker: Asker, fund: Fund, year: int) -> Kept:
    """Give the lines of a fund their opening budget of a year. Raises `LedgerRefused`."""
    books = hold(asker, [fund.id], {fund.id: fund})
    check_whole(fund, books.sums_of(fund.id))
    entry = opening_budget(fund, year, asker.username, books)
    _write(asker, entry)
    _record(asker, entry, "ledger budget opened")
    return Kept(entry, "posted")


@transaction.atomic
def approve(asker: Asker, entry_id: UUID, funds: Funds) -> Kept:
    """Approve an entry that waits. Raises `LedgerRefused`: whoever posts does not approve."""
    touched = _touched(entry_id)
    books = hold(asker, touched, funds)
    for one in set(touched) & set(funds):
        check_whole(funds[one], books.sums_of(one))
    entry = check_approval(books.find(entry_id), asker.username, funds, books)
    _decide(asker, entry, "approved", "")
    return Kept(entry, "posted")


@transaction.atomic
def refuse(asker: Asker, entry_id: UUID, reason: str, funds: Funds) -> Kept:
    """Refuse an entry that waits, or take it back. Raises `LedgerRefused`."""
    books = hold(asker, _touched(entry_id), funds)
    entry = check_awaiting(books.find(entry_id))
    _decide(asker, entry, "refused", reason)
    return Kept(entry, "refused")


@transaction.atomic
def close(asker: Asker, fund: Fund, month: dt.date) -> Kept | None:
    """Close a period; the last of a year with the year end, whose entry is returned. Raises `LedgerRefused`."""
    books = hold(asker, [fund.id], {fund.id: fund})
    check_whole(fund, books.sums_of(fund.id))
    check_close(fund, month, books)
    check_over(fund, month, london_date(now_of_database()))
    ended = year_end(fund, year_of(month), asker.username, books) if is_last_of_year(month) else None
    if ended:
        _write(asker, ended)
        _record(asker, ended, "ledger year ended")
    LedgerPeriod.objects.append_one(LedgerPeriod(fund_id=fund.id, month=month, closed_by=asker.username))
    details = {"what": "ledger period closed", "fund": fund.id, "month": month.isoformat()}
    record("changed", asker, facts=Facts(details=details))
    return Kept(ended, "posted") if ended else None


def hold(asker: Asker, fund_ids: Iterable[str], funds: Funds) -> DatabaseBooks:
    """Return the books of funds, held until the transaction ends; of one that has none yet they are opened."""
    ids = sorted({one for one in fund_ids if one in funds})
    there = _locked(ids)
    missing = [one for one in ids if one not in there]
    if missing:
        LedgerFund.objects.bulk_create(
            [
                LedgerFund(fund_id=one, closed_to=month_before(funds[one].first_month), opened_by=asker.username)
                for one in missing
            ],
            ignore_conflicts=True,
        )
        _locked(ids)
    return DatabaseBooks(ids)


def _locked(ids: list[str]) -> set[str]:
    rows = LedgerFund.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return set(rows.values_list("pk", flat=True))


def _touched(entry_id: UUID) -> list[str]:
    """Return the funds that an entry touches: two where money was moved between them."""
    return list(LedgerLine.objects.filter(entry_id=entry_id).values_list("fund_id", flat=True).distinct())


def _write(asker: Asker, entry: Entry) -> None:
    row = LedgerEntry(
        id=entry.id,
        kind=entry.kind,
        fund_id=entry.fund,
        month=entry.month,
        occurred_date=entry.occurred_date,
        amount_pence=entry.amount_pence,
        lines=len(entry.postings),
        line=entry.line,
        body=entry.body,
        commitment=entry.commitment,
        reverses=entry.reverses,
        reference=entry.reference,
        note=entry.note,
        override=entry.override,
        late_for=entry.late_for,
        needs_approval=entry.needs_approval,
        posted_by=asker.username,
    )
    LedgerEntry.objects.append_one(row)
    LedgerLine.objects.append(
        LedgerLine(entry_id=entry.id, fund_id=one.fund, account=one.account, pence=one.pence) for one in entry.postings
    )
    connection.check_constraints()  # here, where policies know who asks: later they would show the entry to nobody


def _decide(asker: Asker, entry: Entry, state: str, reason: str) -> None:
    decision = LedgerDecision(entry_id=entry.id, state=state, decided_by=asker.username, reason=reason)
    LedgerDecision.objects.append_one(decision)
    _record(asker, entry, f"ledger entry {state}")


def _record(asker: Asker, entry: Entry, what: str) -> None:
    details = {
        "what": what,
        "kind": entry.kind,
        "fund": entry.fund,
        "entry": str(entry.id),
        "month": entry.month.isoformat(),
    }
    record("changed", asker, facts=Facts(details=details))
