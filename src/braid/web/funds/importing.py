"""A finance system's journal, read into the ledger: every row is posted, found there already, or rejected with its
reason."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from braid.language.dates import london_date
from braid.place.money.entries import LedgerRefused, Order
from braid.place.money.funds import Fund
from braid.place.money.journal_file import Row, read_journal
from braid.web.care.kept import now_of_database
from braid.web.funds import keeping
from braid.web.funds.books import COUNTED, DatabaseBooks
from braid.web.funds.form import holds_person
from braid.web.models import LedgerEntry
from braid.web.recording import Asker, Facts, record

POSTED, AWAITING, THERE, REJECTED = "posted", "awaiting", "there already", "rejected"


@dataclass(frozen=True)
class Told:
    """What became of a row of a journal: its number in the file, its reference, and why where it was rejected."""

    row: int
    reference: str
    state: str
    reason: str = ""


@transaction.atomic
def import_journal(asker: Asker, content: bytes, funds: Mapping[str, Fund]) -> list[Told]:
    """Post the rows of a journal and return what became of each. Raises `JournalInvalid` where the file is none.

    A row whose reference is in the ledger with the same content changes nothing; with other content it is rejected. So
    the same file twice posts nothing, and a file that was cut off is sent again whole.
    """
    books, today = keeping.hold(asker, funds, funds), london_date(now_of_database())
    told = [_post(asker, row, funds, books, today) for row in read_journal(content, asker.username, _find_commitment)]
    counts = {state: sum(1 for one in told if one.state == state) for state in (POSTED, AWAITING, THERE, REJECTED)}
    details = {"what": "ledger journal read", **{state.replace(" ", "_"): count for state, count in counts.items()}}
    record("changed", asker, facts=Facts(details=details))
    return told


def _find_commitment(fund: str, reference: str) -> UUID | None:
    found = LedgerEntry.objects.filter(COUNTED, fund_id=fund, reference=reference, kind="commitment")
    return found.values_list("pk", flat=True).first()


def _post(asker: Asker, row: Row, funds: Mapping[str, Fund], books: DatabaseBooks, today: dt.date) -> Told:
    if row.order is None:
        return Told(row.number, row.reference, REJECTED, row.reason)
    if reason := _why_not(row.order, today):
        return Told(row.number, row.reference, REJECTED, reason)
    kept = LedgerEntry.objects.filter(fund_id=row.order.fund, reference=row.reference).first()
    if kept is not None:
        if _is_same(kept, row.order):
            return Told(row.number, row.reference, THERE)
        reason = "the reference is in the ledger with other content; give the row its own"
        return Told(row.number, row.reference, REJECTED, reason)
    try:
        state = keeping.post_held(asker, row.order, funds, books).state
    except LedgerRefused as refused:
        return Told(row.number, row.reference, REJECTED, str(refused))
    return Told(row.number, row.reference, state)


def _why_not(order: Order, today: dt.date) -> str:
    """Return why a row is not posted whatever the ledger has; nothing where it may be. The form asks for the same."""
    if order.occurred_date > today:
        return "the day is still to come; send the row again once it has come"
    if holds_person(order.note):
        return "the note holds what looks like a postcode or a number of a person; take it out"
    return ""


def _is_same(kept: LedgerEntry, order: Order) -> bool:
    """Whether an entry is what a row asks for; a release has the line of its commitment, whatever the row says."""
    same = (kept.kind, kept.occurred_date, kept.amount_pence, kept.body, kept.line) == (
        *(order.kind, order.occurred_date, order.amount_pence, order.body, order.line),
    )
    return same and (order.kind == "commitment" or kept.commitment == order.commitment)
