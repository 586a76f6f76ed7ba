"""What stands in the ledger in the database, as the rules ask it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from braid.place.money.entries import Entry, Kept, Posting
from braid.place.money.periods import year_of
from braid.web.models import LedgerEntry, LedgerFund, LedgerLine

COUNTED = Q(needs_approval=False) | Q(decision__state="approved")
"""Entries that count: those that asked for no approval, and those that were approved."""
COUNTED_LINES = Q(entry__needs_approval=False) | Q(entry__decision__state="approved")
AWAITING = Q(needs_approval=True, decision=None)


class DatabaseBooks:
    """The books of funds over the database. Sums are read once: hold the lock of the funds for as long as you use
    it."""

    def __init__(self, fund_ids: Iterable[str]) -> None:
        """Read the sums of some funds."""
        ids = list(fund_ids)
        self._closed = dict(LedgerFund.objects.filter(pk__in=ids).values_list("fund_id", "closed_to"))
        self._sums: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        lines = LedgerLine.objects.filter(COUNTED_LINES, fund_id__in=ids)
        sums = lines.values_list("fund_id", "account", "entry__month").annotate(pence=Sum("pence"))
        for fund, account, month, pence in sums:
            self._sums[fund, account, year_of(month)] += int(pence)

    def count(self, entry: Entry) -> None:
        """Add an entry that was written since the sums were read."""
        for one in entry.postings:
            self._sums[one.fund, one.account, year_of(entry.month)] += one.pence

    def close(self, fund: str, month: dt.date) -> None:
        """Note a period that was closed since."""
        self._closed[fund] = month

    def closed_to(self, fund: str) -> dt.date | None:
        """Return the last closed period of a fund; `None` where its books are not open."""
        return self._closed.get(fund)

    def sum_in(self, fund: str, code: str, year: int) -> int:
        """Return what came to an account in a financial year, debits less credits."""
        return self._sums.get((fund, code, year), 0)

    def sums_of(self, fund: str) -> dict[tuple[str, int], int]:
        """Return all that came to the accounts of a fund, by account and financial year."""
        return {(code, year): pence for (of, code, year), pence in self._sums.items() if of == fund}

    def find(self, entry_id: UUID) -> Kept | None:
        """Return an entry by id."""
        row = LedgerEntry.objects.filter(pk=entry_id).select_related("decision").prefetch_related("postings").first()
        return kept_of(row) if row else None

    def is_reversed(self, entry_id: UUID) -> bool:
        """Whether an entry that was not refused reverses this one."""
        return LedgerEntry.objects.filter(COUNTED | AWAITING, reverses=entry_id).exists()

    def remaining(self, commitment: UUID) -> int:
        """Return what is left of a commitment, in pence."""
        return remaining_of([commitment]).get(commitment, 0)

    def has_reference(self, fund: str, reference: str) -> bool:
        """Whether a fund has an entry of that reference, refused ones among them."""
        return LedgerEntry.objects.filter(fund_id=fund, reference=reference).exists()

    def has_awaiting(self, fund: str, month: dt.date) -> bool:
        """Whether an entry of a period waits for approval."""
        return LedgerEntry.objects.filter(AWAITING, month=month, postings__fund_id=fund).exists()


def remaining_of(commitments: Iterable[UUID]) -> dict[UUID, int]:
    """Return what is left of commitments, in pence."""
    lines = LedgerLine.objects.filter(
        COUNTED_LINES, entry__commitment__in=list(commitments), account__startswith="committed:"
    )
    return dict(lines.values_list("entry__commitment").annotate(pence=Sum("pence")))


def entries_of(fund: str) -> QuerySet[LedgerEntry]:
    """Return the entries that touch a fund, newest first."""
    touching = LedgerLine.objects.filter(fund_id=fund).values("entry_id")
    return LedgerEntry.objects.filter(pk__in=touching).select_related("decision").order_by("-posted_at", "pk")


def state_of(row: LedgerEntry) -> str:
    """Return how an entry stands: awaiting, posted or refused."""
    decision = getattr(row, "decision", None)
    if decision is not None:
        return "posted" if decision.state == "approved" else "refused"
    return "awaiting" if row.needs_approval else "posted"


def kept_of(row: LedgerEntry) -> Kept:
    """Return an entry of the rules from its row and its lines."""
    postings = tuple(
        Posting(one.fund_id, one.account, one.pence) for one in sorted(row.postings.all(), key=lambda one: one.pk)
    )
    entry = Entry(
        kind=row.kind,
        fund=row.fund_id,
        month=row.month,
        occurred_date=row.occurred_date,
        amount_pence=row.amount_pence,
        postings=postings,
        by=row.posted_by,
        line=row.line,
        body=row.body,
        commitment=row.commitment,
        reverses=row.reverses,
        reference=row.reference,
        note=row.note,
        override=row.override,
        late_for=row.late_for,
        needs_approval=row.needs_approval,
        id=row.pk,
    )
    return Kept(entry, state_of(row))
