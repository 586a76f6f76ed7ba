"""The rules of the ledger: what may be posted, approved and closed, and which lines an order becomes.

Pure functions over `Books`, which say what stands in the ledger. The same functions decide in memory and over the
database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID, uuid4

from braid.place.money.accounts import account, chart_of
from braid.place.money.entries import (
    ASKED,
    MINE,
    OVERRIDES,
    Entry,
    Kept,
    LedgerRefused,
    Order,
    Posting,
    check_balanced,
    mirror,
    transfer,
)
from braid.place.money.funds import MOST_PENCE, WHOLE, Fund
from braid.place.money.periods import first_month_of, last_month_of, months_of, next_month, year_of, year_words

Funds = Mapping[str, Fund]
Posts = tuple[Posting, ...]
SENT_ALREADY = "sent_already"
DRAWING = ("actual", "accrual")
WITHIN_DATES = ("commitment", "actual", "accrual", "virement")
"""Kinds that are lawful between the first and the last day of a fund alone."""
UNCORRECTED = ("budget", "year_end", "reversal", "correction")


class Books(Protocol):
    """What stands in the ledger. Sums are over entries that are posted; those that wait for approval do not count."""

    def closed_to(self, fund: str) -> dt.date | None:
        """Return the last closed period of a fund; `None` before the first."""

    def sum_in(self, fund: str, code: str, year: int) -> int:
        """Return what came to an account in a financial year, debits less credits."""

    def find(self, entry_id: UUID) -> Kept | None:
        """Return an entry by id."""

    def is_reversed(self, entry_id: UUID) -> bool:
        """Whether an entry that was not refused reverses this one."""

    def remaining(self, commitment: UUID) -> int:
        """Return what is left of a commitment, in pence."""

    def has_reference(self, fund: str, reference: str) -> bool:
        """Whether a fund has an entry of that reference, refused ones among them."""

    def has_awaiting(self, fund: str, month: dt.date) -> bool:
        """Whether an entry of a period waits for approval."""


def available(fund: Fund, line: str, books: Books) -> dict[int, int]:
    """Return what a line has available in each financial year of the fund, in pence.

    Budget less committed less spent of the year, and what the year before leaves: all of it where the fund carries,
    nothing where the rule of the fund gives back or claims.
    """
    found: dict[int, int] = {}
    left = 0
    for year in fund.years:
        came = sum(books.sum_in(fund.id, account(kind, line), year) for kind in ("budget", "committed", "spent"))
        found[year] = left - came
        left = found[year] if fund.underspend == "carry" else 0
    return found


def draft(order: Order, funds: Funds, books: Books) -> Entry:
    """Return the entry that an order becomes, waiting for approval where its amount asks for it.

    Raises `LedgerRefused` with the rule that it breaks.
    """
    fund = _fund(order, funds)
    if order.kind not in ASKED:
        raise _refused(order, "unknown_kind", "nobody posts this kind of entry", f"use one of {', '.join(ASKED)}")
    if order.override and (order.override not in OVERRIDES or not order.note.strip()):
        raise _refused(order, "override", "an override is one of the list, with a note", "choose one and say why")
    if order.sent_as is not None and books.find(order.sent_as) is not None:
        raise _refused(order, SENT_ALREADY, "this form was sent already", "look at the journal: it was posted once")
    _check_reference(order, books)
    entry = _entry(order, fund, funds, books)
    check_balanced(entry)
    check_stands(entry, funds, books)
    return entry


def _entry(order: Order, fund: Fund, funds: Funds, books: Books) -> Entry:
    entry_id = order.sent_as or uuid4()
    if order.kind in ("correction", "reversal"):
        was = _reversed(order, books)
        postings, commitment, amount = mirror(was.postings), was.commitment, was.amount_pence
        line, body = was.line, was.body
    else:
        if not 0 < order.amount_pence <= MOST_PENCE:
            raise _refused(order, "amount", "an amount is more than nothing, in whole pence", "write it without a sign")
        postings = _MAKERS[order.kind](order, fund, funds, books)
        commitment = entry_id if order.kind == "commitment" else order.commitment
        amount, line, body = order.amount_pence, order.line, order.body
    touched = sorted({posting.fund for posting in postings})
    month, late_for = _month(order, [funds[one] for one in touched], books)
    return Entry(
        kind=order.kind,
        fund=order.fund,
        month=month,
        occurred_date=order.occurred_date,
        amount_pence=amount,
        postings=postings,
        by=order.by,
        line=line,
        body=body,
        commitment=commitment,
        reverses=order.reverses,
        reference=order.reference,
        note=order.note.strip(),
        override=order.override,
        late_for=late_for,
        needs_approval=amount >= min(funds[one].approve_from_pence for one in touched),
        id=entry_id,
    )


def _fund(order: Order, funds: Funds) -> Fund:
    if order.fund not in funds:
        raise _refused(order, "unknown_fund", "funds.toml has no such fund", "choose one of its funds")
    return funds[order.fund]


def _check_reference(order: Order, books: Books) -> None:
    if order.reference.startswith(MINE):
        raise _refused(order, "reference", f"{MINE} begins references of the ledger itself", "use another reference")
    if order.reference and books.has_reference(order.fund, order.reference):
        raise _refused(order, "reference", "this reference is in the journal already", "post it once")


def _month(order: Order, touched: list[Fund], books: Books) -> tuple[dt.date, dt.date | None]:
    """Return the period that an entry stands in, and the one that it belongs to where that is closed."""
    wanted = first_month_of(order.occurred_date)
    for fund in touched:
        is_within = fund.from_date <= order.occurred_date <= fund.to_date
        if order.kind in WITHIN_DATES and not is_within:
            raise _refused(order, "outside_fund", "the fund does not run on that day", "use a fund that does")
        if wanted < fund.first_month:
            raise _refused(order, "outside_fund", "the fund had not begun", "give a later day")
    month = max([wanted, *(next_month(closed) for one in touched if (closed := books.closed_to(one.id)))])
    if any(month > last_month_of(fund.years[-1]) for fund in touched):
        raise _refused(order, "books_closed", "the books of the fund are closed", "post it to a fund that still runs")
    return month, wanted if month > wanted else None


def _contribution(order: Order, fund: Fund, _funds: Funds, _books: Books) -> Posts:
    body = _body(order, fund)
    return transfer(fund.id, account("due", body), account("contributed", body), order.amount_pence)


def _settlement(order: Order, fund: Fund, _funds: Funds, books: Books) -> Posts:
    """Money comes in from a body that owes, and goes out to one that is owed."""
    due = account("due", _body(order, fund))
    owed = _balance(fund, due, books)
    pence = order.amount_pence
    return transfer(fund.id, "cash", due, pence) if owed >= 0 else transfer(fund.id, due, "cash", pence)


def _commitment(order: Order, fund: Fund, _funds: Funds, _books: Books) -> Posts:
    return transfer(fund.id, account("committed", _line(order, fund)), "reserved", order.amount_pence)


def _release(order: Order, fund: Fund, _funds: Funds, books: Books) -> Posts:
    line = _committed_line(order, books)
    if order.line and order.line != line:
        raise _refused(order, "other_line", "the commitment is on another line", "name the line of the commitment")
    return transfer(fund.id, "reserved", account("committed", line), order.amount_pence)


def _actual(order: Order, fund: Fund, _funds: Funds, books: Books) -> Posts:
    line = _line(order, fund)
    paid_from = "payable" if order.kind == "accrual" else "cash"
    spent = transfer(fund.id, account("spent", line), paid_from, order.amount_pence)
    if order.commitment is None:
        return spent
    if _committed_line(order, books) != line:
        raise _refused(order, "other_line", "the commitment is on another line", "name the line of the commitment")
    drawn = min(order.amount_pence, books.remaining(order.commitment))
    return (*spent, *transfer(fund.id, "reserved", account("committed", line), drawn)) if drawn > 0 else spent


def _virement(order: Order, fund: Fund, funds: Funds, _books: Books) -> Posts:
    line, pence = _line(order, fund), order.amount_pence
    other = funds.get(order.to_fund or fund.id)
    if other is None or order.to_line not in other.lines:
        raise _refused(order, "unknown_line", "the line to move to is not there", "choose a line of the fund")
    if other.id == fund.id:
        if order.to_line == line:
            raise _refused(order, "same_line", "a virement moves to another line", "choose another line")
        return transfer(fund.id, account("budget", line), account("budget", order.to_line), pence)
    if not (fund.basis.moves_between_funds and other.basis.moves_between_funds and fund.host == other.host):
        rule = f"money on this basis stays in its fund ({fund.basis.law}; {other.basis.law})"
        raise _refused(order, "basis", rule, "move it between lines of the fund, or change the agreement")
    return (
        *transfer(fund.id, account("budget", line), "appropriated", pence),
        *transfer(fund.id, "moved", "cash", pence),
        *transfer(other.id, "appropriated", account("budget", order.to_line), pence),
        *transfer(other.id, "cash", "moved", pence),
    )


_MAKERS: Mapping[str, Callable[[Order, Fund, Funds, Books], Posts]] = {
    "contribution": _contribution,
    "settlement": _settlement,
    "commitment": _commitment,
    "release": _release,
    "actual": _actual,
    "accrual": _actual,
    "virement": _virement,
}


def _reversed(order: Order, books: Books) -> Entry:
    """Return the entry that an order reverses."""
    kept = books.find(order.reverses) if order.reverses else None
    if kept is None or kept.state != "posted" or kept.entry.fund != order.fund:
        raise _refused(order, "unknown_entry", "there is no such posted entry in the fund", "choose one of the journal")
    if books.is_reversed(kept.entry.id):
        raise _refused(order, "reversed", "the entry is reversed already", "post a new one")
    if order.kind == "reversal" and kept.entry.kind != "accrual":
        raise _refused(order, "not_accrual", "a reversal undoes an accrual", "post a correction")
    if kept.entry.kind in UNCORRECTED:
        raise _refused(order, "uncorrected", "this kind of entry is not reversed", "post a new entry")
    if order.kind == "reversal" and first_month_of(order.occurred_date) <= kept.entry.month:
        raise _refused(order, "too_early", "an accrual is reversed in a later period", "give a later day")
    return kept.entry


def _committed_line(order: Order, books: Books) -> str:
    """Return the line of the commitment that an order names."""
    kept = books.find(order.commitment) if order.commitment else None
    if kept is None or kept.state != "posted" or kept.entry.kind != "commitment" or kept.entry.fund != order.fund:
        raise _refused(order, "unknown_commitment", "there is no such commitment in the fund", "choose an open one")
    return kept.entry.line


def _body(order: Order, fund: Fund) -> str:
    if order.body not in (*fund.bodies, fund.host):
        raise _refused(order, "unknown_body", "this body does not contribute to the fund", "choose one that does")
    return order.body


def _line(order: Order, fund: Fund) -> str:
    if order.line not in fund.lines:
        raise _refused(order, "unknown_line", "the fund has no such line", "choose one of its lines")
    return order.line


def check_stands(entry: Entry, funds: Funds, books: Books) -> None:
    """Raise `LedgerRefused` unless an entry may be counted now: asked when it is posted and again when it is
    approved."""
    for one in entry.funds:
        closed = books.closed_to(one)
        if closed is not None and entry.month <= closed:
            raise _refused(entry, "closed", "the period is closed", "post it in the first open period")
    _check_commitment(entry, books)
    _check_settlement(entry, funds, books)
    _check_moved(entry, funds, books)
    _check_available(entry, funds, books)


def _check_commitment(entry: Entry, books: Books) -> None:
    """Nobody takes more out of a commitment than is left of it."""
    if entry.commitment is None or entry.commitment == entry.id:
        return
    taken = -sum(one.pence for one in entry.postings if one.account.startswith("committed:"))
    if taken > books.remaining(entry.commitment):
        raise _refused(entry, "remaining", "so much is not left of the commitment", "release or reverse what is left")


def _check_settlement(entry: Entry, funds: Funds, books: Books) -> None:
    if entry.kind != "settlement":
        return
    paid = next(one for one in entry.postings if one.account.startswith("due:"))
    owed = _balance(funds[entry.fund], paid.account, books)
    if abs(paid.pence) > abs(owed) or paid.pence * owed > 0:
        raise _refused(entry, "not_owed", "so much is not owed", "post what falls due first")


def _check_moved(entry: Entry, funds: Funds, books: Books) -> None:
    """No more leaves a fund in a year than its settlement lets it, of what was agreed for the year."""
    if entry.kind != "virement":
        return
    year = year_of(entry.month)
    for one in entry.postings:
        if one.account == "moved" and one.pence > 0:
            fund = funds[one.fund]
            most = fund.contributed_in(year) * fund.most_moved_percent // WHOLE
            if books.sum_in(fund.id, "moved", year) + one.pence > most:
                rule = f"no more than {fund.most_moved_percent} per cent of a year's money leaves the fund"
                raise _refused(entry, "moved", rule, "move less")


def _check_available(entry: Entry, funds: Funds, books: Books) -> None:
    """No line is brought below nothing, in any year that the entry reaches, without a named reason; by no virement at
    all."""
    year = year_of(entry.month)
    takes: dict[tuple[str, str], int] = {}
    for one in entry.postings:
        kind, _, line = one.account.partition(":")
        if kind in ("budget", "committed", "spent"):
            takes[one.fund, line] = takes.get((one.fund, line), 0) + one.pence
    for (fund_id, line), taken in takes.items():
        if taken <= 0:
            continue
        fund = funds[fund_id]
        reached = {at: left for at, left in available(fund, line, books).items() if _reaches(fund, year, at)}
        if min(reached.values()) < taken and (entry.kind == "virement" or not entry.override):
            step = (
                "move less"
                if entry.kind == "virement"
                else "give a reason from the list with a note, or move budget first"
            )
            raise _refused(entry, "not_available", f"line {line} has not so much available", step)


def _reaches(fund: Fund, year: int, at: int) -> bool:
    """Whether what is taken in one year is missing in another: in later ones where the fund carries."""
    return at == year or (at > year and fund.underspend == "carry")


def _balance(fund: Fund, code: str, books: Books) -> int:
    return sum(books.sum_in(fund.id, code, year) for year in fund.years)


def check_approval(kept: Kept | None, by: str, funds: Funds, books: Books) -> Entry:
    """Return the entry that somebody may approve now. Raises `LedgerRefused`: whoever posts does not approve."""
    entry = check_awaiting(kept)
    if by == entry.by:
        raise _refused(entry, "four_eyes", "whoever posts an entry does not approve it", "ask a colleague")
    check_stands(entry, funds, books)
    return entry


def check_awaiting(kept: Kept | None) -> Entry:
    """Return the entry that waits for approval. Raises `LedgerRefused` where none does."""
    if kept is None or kept.state != "awaiting":
        raise LedgerRefused("not_awaiting", "the journal", "no such entry waits for approval", "look at the journal")
    return kept.entry


def check_close(fund: Fund, month: dt.date, books: Books) -> None:
    """Raise `LedgerRefused` unless a period of a fund may be closed: the first open one, with nothing left to
    approve."""
    closed, place = books.closed_to(fund.id), f"fund {fund.id}"
    if month != (next_month(closed) if closed else fund.first_month):
        raise LedgerRefused("not_next", place, "periods are closed one after another", "close the first open one")
    if month > last_month_of(fund.years[-1]):
        raise LedgerRefused("books_closed", place, "the books of the fund are closed", "there is nothing to close")
    if books.has_awaiting(fund.id, month):
        raise LedgerRefused(
            "awaiting", place, "entries of the period wait for approval", "approve or refuse them first"
        )


def check_over(fund: Fund, month: dt.date, today: dt.date) -> None:
    """Raise `LedgerRefused` for a period that is not over: closed for good, it would take nothing of its own days."""
    if today < next_month(month):
        raise LedgerRefused(
            "not_over", f"fund {fund.id}", f"{month:%B %Y} is not over", "close it on a day of the month after"
        )


def missing_of(fund: Fund, sums: Mapping[tuple[str, int], int]) -> list[str]:
    """Return what the ledger has pence on, by account and financial year, and the fund as it is written has not.

    Lines, bodies and years that somebody took out of `funds.toml`: every figure would be reckoned without them, and a
    year end would give back what was spent.
    """
    chart = set(chart_of(fund))
    accounts = {code for (code, _), pence in sums.items() if pence and code not in chart}
    years = {year for (_, year), pence in sums.items() if pence and year not in fund.years}
    return [*sorted(accounts), *(year_words(year) for year in sorted(years))]


def check_whole(fund: Fund, sums: Mapping[tuple[str, int], int]) -> None:
    """Raise `LedgerRefused` where the file has not everything of a fund that its ledger has."""
    missing = missing_of(fund, sums)
    if missing:
        rule = f"funds.toml leaves out what the ledger has entries on ({', '.join(missing)})"
        step = "write it back; a line that is over stays in the file without a further budget"
        raise LedgerRefused("left_out", f"fund {fund.id}", rule, step)


def opening_budget(fund: Fund, year: int, by: str, books: Books) -> Entry:
    """Return the entry that gives the lines of a fund their opening budget of a year, as the file has it.

    Raises `LedgerRefused` where it was given, its first period is closed, or the file has none.
    """
    place, reference = f"fund {fund.id}", f"{MINE}budget-{year}"
    if books.has_reference(fund.id, reference):
        raise LedgerRefused("budget_given", place, "the year has its opening budget", "move budget with a virement")
    month = max(months_of(year)[0], fund.first_month)
    closed = books.closed_to(fund.id)
    if year not in fund.years or not fund.budget_of(year) or (closed and month <= closed):
        raise LedgerRefused("no_budget", place, "there is no budget to give for that year", "look at funds.toml")
    postings = tuple(
        one
        for line in fund.lines.values()
        if line.budgets.get(year)
        for one in transfer(fund.id, "appropriated", account("budget", line.id), line.budgets[year])
    )
    return Entry("budget", fund.id, month, month, fund.budget_of(year), postings, by, reference=reference)


def _refused(what: Order | Entry, code: str, rule: str, next_step: str) -> LedgerRefused:
    return LedgerRefused(code, f"fund {what.fund}, {what.kind}", rule, next_step)
