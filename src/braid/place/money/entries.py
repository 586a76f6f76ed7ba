"""Entries of the ledger: what somebody asks to be posted, and what then stands in the journal for good."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from braid.place.money.accounts import book_of

KINDS: Mapping[str, str] = {
    "budget": "Opening budget",
    "contribution": "Contribution falls due",
    "settlement": "Money received from or paid to a body",
    "commitment": "Commitment",
    "release": "Release of a commitment",
    "actual": "Payment",
    "accrual": "Accrual",
    "reversal": "Reversal of an accrual",
    "virement": "Virement",
    "correction": "Correction by reversing an entry",
    "year_end": "Year end",
}
ASKED = tuple(kind for kind in KINDS if kind not in ("budget", "year_end"))
"""Kinds that somebody posts; the others follow from the file and from the rule of the fund."""
OVERRIDES: Mapping[str, str] = {
    "board_decision": "A board decided on it",
    "statutory_duty": "The law leaves no choice",
    "emergency": "An emergency",
    "already_paid": "It was paid before it was entered",
}
"""Why more may be committed or spent than a line has available; each with a note."""
MINE = "braid:"
"""How references begin that the ledger gives itself."""


class LedgerRefused(Exception):
    """An entry breaks a rule of the ledger. The message names the place, the rule and the next step; `code` the
    rule."""

    def __init__(self, code: str, place: str, rule: str, next_step: str) -> None:
        self.code = code
        super().__init__(f"{place}: {rule}; {next_step}")


@dataclass(frozen=True)
class Order:
    """What somebody asks to be posted. What a kind has no use for stays empty.

    `occurred_date` is the day that it belongs to; `reference` that of the finance system, once for each fund.
    """

    kind: str
    fund: str
    occurred_date: dt.date
    by: str
    amount_pence: int = 0
    line: str = ""
    to_line: str = ""
    to_fund: str = ""
    body: str = ""
    commitment: UUID | None = None
    reverses: UUID | None = None
    reference: str = ""
    note: str = ""
    override: str = ""
    sent_as: UUID | None = None
    """The id that the entry gets, as a form was given it: the same form sent twice is one entry."""


@dataclass(frozen=True)
class Posting:
    """One line of an entry: so many pence on an account of a fund, debits positive."""

    fund: str
    account: str
    pence: int


@dataclass(frozen=True)
class Entry:
    """An entry of the journal. It is never changed: whoever was wrong posts another that reverses it.

    `month` is the period that it stands in; `late_for` the period that it belongs to where that was closed.
    """

    kind: str
    fund: str
    month: dt.date
    occurred_date: dt.date
    amount_pence: int
    postings: tuple[Posting, ...]
    by: str
    line: str = ""
    body: str = ""
    commitment: UUID | None = None
    reverses: UUID | None = None
    reference: str = ""
    note: str = ""
    override: str = ""
    late_for: dt.date | None = None
    needs_approval: bool = False
    id: UUID = field(default_factory=uuid4)

    @property
    def funds(self) -> tuple[str, ...]:
        """Return the funds that it touches, by id."""
        return tuple(sorted({posting.fund for posting in self.postings}))


@dataclass(frozen=True)
class Kept:
    """An entry with how it stands: `awaiting` approval, `posted`, or `refused`."""

    entry: Entry
    state: str


STATES: Mapping[str, str] = {"awaiting": "Waits for approval", "posted": "Posted", "refused": "Refused"}


def check_balanced(entry: Entry) -> None:
    """Raise `LedgerRefused` unless an entry has two lines and sums to zero in every book of every fund."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for posting in entry.postings:
        sums[posting.fund, book_of(posting.account)] += posting.pence
    if len(entry.postings) < 2 or any(sums.values()):
        raise LedgerRefused(
            "unbalanced", f"fund {entry.fund}", "an entry sums to zero in each book", "correct its lines"
        )


def mirror(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """Return the lines that undo others."""
    return tuple(Posting(one.fund, one.account, -one.pence) for one in postings)


def transfer(fund: str, debit: str, credit: str, pence: int) -> tuple[Posting, Posting]:
    """Return two lines: so many pence on one account and off another."""
    return Posting(fund, debit, pence), Posting(fund, credit, -pence)
