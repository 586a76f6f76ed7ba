"""The chart of accounts of a fund, which follows from its bodies and lines, and the three books that it is kept in.

An account is a code of its fund: `cash`, or `spent:line`. Debits are positive pence and credits negative. Every entry
sums to zero in every book of every fund that it touches:

- **money**: `cash`, `payable`, `due:body` (what a body owes, negative what it is owed), `contributed:body`,
  `shared:body` (what a year end gave back or claimed), `moved` (to or from other funds), `spent:line`;
- **budget**: `budget:line` (credit) against `appropriated`;
- **commitment**: `committed:line` against `reserved`. Commitments are memoranda: they are no debts yet, so they stand
  in a book of their own, as encumbrance accounting has them.

What a line has available is derived from the three and is written nowhere: budget less committed less spent.
"""

from __future__ import annotations

from collections.abc import Mapping

from braid.place.money.funds import Fund

BOOKS: Mapping[str, str] = {"money": "Money", "budget": "Budget", "commitment": "Commitments"}
BOOK_OF: Mapping[str, str] = {
    **dict.fromkeys(("cash", "payable", "due", "contributed", "shared", "moved", "spent"), "money"),
    **dict.fromkeys(("budget", "appropriated"), "budget"),
    **dict.fromkeys(("committed", "reserved"), "commitment"),
}
OF_BODY = ("due", "contributed", "shared")
OF_LINE = ("spent", "budget", "committed")
ALONE = ("cash", "payable", "moved", "appropriated", "reserved")
NAMES: Mapping[str, str] = {
    "cash": "Cash",
    "payable": "Owed to suppliers",
    "moved": "Moved to or from other funds",
    "appropriated": "Given as budget",
    "reserved": "Reserved for commitments",
    "due": "Due from",
    "contributed": "Contributed by",
    "shared": "Shared at year end with",
    "spent": "Spent on",
    "budget": "Budget of",
    "committed": "Committed on",
}


def account(kind: str, item: str = "") -> str:
    """Return the code of an account: of a body or line where `item` names one."""
    return f"{kind}:{item}" if item else kind


def book_of(code: str) -> str:
    """Return the book that an account stands in."""
    return BOOK_OF[code.partition(":")[0]]


def chart_of(fund: Fund) -> tuple[str, ...]:
    """Return every account of a fund, book by book."""
    codes = [*ALONE]
    codes += [account(kind, body) for kind in OF_BODY for body in sorted({*fund.bodies, fund.host})]
    codes += [account(kind, line) for kind in OF_LINE for line in sorted(fund.lines)]
    return tuple(sorted(codes, key=lambda code: (list(BOOKS).index(book_of(code)), code)))
