"""A ledger in memory: the rules over plain dicts. Tests run it beside the database, and files are tried on it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from braid.place.money.entries import Entry, Kept, Order, check_balanced
from braid.place.money.funds import Fund
from braid.place.money.periods import is_last_of_year, year_of
from braid.place.money.rules import check_approval, check_awaiting, check_close, draft, opening_budget
from braid.place.money.year_end import year_end


class Ledger:
    """The ledger of some funds. Its functions do what they say or raise `LedgerRefused` and change nothing."""

    def __init__(self, funds: Iterable[Fund]) -> None:
        """Begin with no entry."""
        self.funds = {fund.id: fund for fund in funds}
        self.journal: dict[UUID, Kept] = {}
        self._closed: dict[str, dt.date] = {}
        self._sums: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._remaining: defaultdict[UUID, int] = defaultdict(int)
        self._reversed: set[UUID] = set()
        self._references: set[tuple[str, str]] = set()
        self._awaiting: defaultdict[tuple[str, dt.date], int] = defaultdict(int)

    def post(self, order: Order) -> Kept:
        """Post an order; it waits for approval where its amount asks for it."""
        entry = draft(order, self.funds, self)
        return self._keep(entry, "awaiting" if entry.needs_approval else "posted")

    def open_year(self, fund: str, year: int, by: str) -> Kept:
        """Give the lines of a fund their opening budget of a year."""
        return self._keep(opening_budget(self.funds[fund], year, by, self), "posted")

    def approve(self, entry_id: UUID, by: str) -> Kept:
        """Approve an entry that waits."""
        entry = check_approval(self.find(entry_id), by, self.funds, self)
        self._wait(entry, -1)
        return self._keep(entry, "posted")

    def refuse(self, entry_id: UUID) -> Kept:
        """Refuse an entry that waits, or take it back: it stays in the journal and never counts."""
        entry = check_awaiting(self.find(entry_id))
        self._wait(entry, -1)
        self._reversed.discard(entry.reverses or entry.id)
        self.journal[entry.id] = Kept(entry, "refused")
        return self.journal[entry.id]

    def close(self, fund: str, month: dt.date, by: str) -> Kept | None:
        """Close a period; the last of a year with the year end, whose entry is returned where there is one."""
        check_close(self.funds[fund], month, self)
        ended = year_end(self.funds[fund], year_of(month), by, self) if is_last_of_year(month) else None
        kept = self._keep(ended, "posted") if ended else None
        self._closed[fund] = month
        return kept

    def _keep(self, entry: Entry, state: str) -> Kept:
        check_balanced(entry)
        self.journal[entry.id] = kept = Kept(entry, state)
        if entry.reverses:
            self._reversed.add(entry.reverses)
        if entry.reference:
            self._references.add((entry.fund, entry.reference))
        if state == "awaiting":
            self._wait(entry, 1)
            return kept
        year = year_of(entry.month)
        for one in entry.postings:
            self._sums[one.fund, one.account, year] += one.pence
            if entry.commitment and one.account.startswith("committed:"):
                self._remaining[entry.commitment] += one.pence
        return kept

    def _wait(self, entry: Entry, by: int) -> None:
        for fund in entry.funds:
            self._awaiting[fund, entry.month] += by

    def closed_to(self, fund: str) -> dt.date | None:
        """Return the last closed period of a fund; `None` before the first."""
        return self._closed.get(fund)

    def sum_in(self, fund: str, code: str, year: int) -> int:
        """Return what came to an account in a financial year, debits less credits."""
        return self._sums.get((fund, code, year), 0)

    def find(self, entry_id: UUID) -> Kept | None:
        """Return an entry by id."""
        return self.journal.get(entry_id)

    def is_reversed(self, entry_id: UUID) -> bool:
        """Whether an entry that was not refused reverses this one."""
        return entry_id in self._reversed

    def remaining(self, commitment: UUID) -> int:
        """Return what is left of a commitment, in pence."""
        return self._remaining.get(commitment, 0)

    def has_reference(self, fund: str, reference: str) -> bool:
        """Whether a fund has an entry of that reference, refused ones among them."""
        return (fund, reference) in self._references

    def has_awaiting(self, fund: str, month: dt.date) -> bool:
        """Whether an entry of a period waits for approval."""
        return self._awaiting.get((fund, month), 0) > 0
