"""Random operations on a ledger and its twin, and what must hold of both at any time."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from uuid import UUID, uuid4

from ledger_twin import Twin, month_number

from braid.place.bodies import Body
from braid.place.money.accounts import account, book_of, chart_of
from braid.place.money.entries import LedgerRefused, Order
from braid.place.money.funds import parse_funds
from braid.place.money.periods import next_month

BODIES = tuple(
    Body(one, one.title(), kind, frozenset({"E1"}), frozenset())
    for one, kind in (("council", "council"), ("icb", "icb"), ("police", "police"), ("mayor", "authority"))
)
FUNDS_TOML = """
[[fund]]
id = "pool"
name = "Home from hospital"
basis = "s75"
host = "council"
from = 2024-04-01
to = 2026-03-31
approve_from_pence = 60000
underspend = "share"
overspend = "share"
agreement = "S75-1"
aims = "Fewer days waited"
functions = ["Accommodation under the Housing Act 1996", "Community health services"]
shares = { council = 57, icb = 43 }
contribution = [
  { body = "council", year = 2024, pence = 300001 }, { body = "icb", year = 2024, pence = 200000 },
  { body = "council", year = 2025, pence = 310000 }, { body = "icb", year = 2025, pence = 190003 },
]
[[fund.line]]
id = "advocates"
name = "Advocates"
paid_for = "posts"
budget = [{ year = 2024, pence = 200000 }, { year = 2025, pence = 150000 }]
[[fund.line]]
id = "beds"
name = "Beds"
paid_for = "services"
budget = [{ year = 2024, pence = 250001 }, { year = 2025, pence = 250000 }]
[[fund.line]]
id = "weeks"
name = "Weeks"
paid_for = "outcomes"
outcome = "wait"
budget = [{ year = 2025, pence = 100000 }]

[[fund]]
id = "grant"
name = "Safer streets"
basis = "grant"
host = "council"
from = 2024-06-01
to = 2025-12-31
approve_from_pence = 1000000000
underspend = "return"
overspend = "host"
agreement = "Award 7"
conditions = ["Spent on victims alone"]
contribution = [{ body = "police", year = 2024, pence = 90000 }, { body = "icb", year = 2025, pence = 80001 },
  { body = "police", year = 2025, pence = 10001 }]
[[fund.line]]
id = "support"
name = "Support"
paid_for = "services"
budget = [{ year = 2024, pence = 80000 }, { year = 2025, pence = 90000 }]

[[fund]]
id = "skills"
name = "Skills theme"
basis = "integrated_settlement"
host = "mayor"
from = 2024-04-01
to = 2026-03-31
approve_from_pence = 50000
underspend = "carry"
overspend = "carry"
agreement = "Memorandum"
most_moved_percent = 10
contribution = [{ body = "mayor", year = 2024, pence = 400000 }, { body = "mayor", year = 2025, pence = 400000 }]
[[fund.line]]
id = "courses"
name = "Courses"
paid_for = "services"
budget = [{ year = 2024, pence = 400000 }, { year = 2025, pence = 300000 }]

[[fund]]
id = "homes"
name = "Homes theme"
basis = "integrated_settlement"
host = "mayor"
from = 2024-04-01
to = 2026-03-31
approve_from_pence = 80000
underspend = "return"
overspend = "host"
agreement = "Memorandum"
most_moved_percent = 25
contribution = [{ body = "mayor", year = 2024, pence = 200000 }, { body = "mayor", year = 2025, pence = 200000 }]
[[fund.line]]
id = "retrofit"
name = "Retrofit"
paid_for = "services"
budget = [{ year = 2024, pence = 150000 }, { year = 2025, pence = 150000 }]
[[fund.line]]
id = "warm"
name = "Warm homes"
paid_for = "outcomes"
outcome = "warm"
budget = [{ year = 2024, pence = 50000 }]
"""
PEOPLE = ("ann", "ben", "cat")
OVERRIDES = ("", "", "", "emergency", "board_decision")


def example_funds():
    return parse_funds(FUNDS_TOML, BODIES)


class Pair:
    """A ledger and its twin, driven together. `ledger` answers as `braid.place.money.ledger.Ledger` does."""

    def __init__(self, ledger, funds=None, seed=0) -> None:
        self.ledger = ledger
        self.twin = Twin(funds or ledger.funds.values())
        self.random = random.Random(seed)
        self.refusals: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.ids: defaultdict[tuple[str, str], list[UUID]] = defaultdict(list)
        self.twin_id: dict[UUID, UUID] = {}

    def post(self, order: Order) -> None:
        """Post an order to both: they agree on whether it is taken and how it stands."""
        try:
            kept = self.ledger.post(order)
        except LedgerRefused as refused:
            self.refusals[refused.code] += 1
            assert self.twin.post(uuid4(), order) == "no", (order, str(refused))
            return
        assert self.twin.post(kept.entry.id, order) == kept.state, order
        self.done[order.kind] += 1
        self.ids[order.fund, "any"].append(kept.entry.id)
        if kept.state == "awaiting":
            self.ids["", "awaiting"].append(kept.entry.id)
        if order.kind in ("commitment", "accrual"):
            self.ids[order.fund, order.kind].append(kept.entry.id)

    def _both(self, what: str, ask, answer: bool) -> None:
        try:
            ask()
        except LedgerRefused as refused:
            self.refusals[refused.code] += 1
            assert not answer, (what, str(refused))
        else:
            self.done[what] += 1
            assert answer, what

    def open_year(self, fund: str, year: int) -> None:
        self._both("budget", lambda: self.ledger.open_year(fund, year, "ann"), self.twin.open_year(fund, year))

    def approve(self, entry_id: UUID, by: str) -> None:
        self._both("approve", lambda: self.ledger.approve(entry_id, by), self.twin.approve(entry_id, by))

    def refuse(self, entry_id: UUID) -> None:
        self._both("refuse", lambda: self.ledger.refuse(entry_id), self.twin.refuse(entry_id))

    def close(self, fund: str, month: dt.date) -> None:
        self._both("close", lambda: self.ledger.close(fund, month, "ann"), self.twin.close(fund, month))

    def step(self, closes: float = 0.03) -> None:
        """Do one random thing."""
        choose = self.random
        fund = choose.choice(sorted(self.twin.funds))
        at = choose.random()
        if at < closes:
            return self.close(fund, self._month_to_close(fund))
        if at < 0.06:
            return self.open_year(fund, choose.choice((2024, 2025, 2026)))
        if at < 0.18 and self.ids["", "awaiting"]:
            waiting = self.ids["", "awaiting"]
            entry_id = waiting.pop(choose.randrange(len(waiting)))
            if choose.random() < 0.75:
                self.approve(entry_id, choose.choice(PEOPLE))
            else:
                self.refuse(entry_id)
            if self.twin.entries[entry_id]["state"] == "awaiting":
                waiting.append(entry_id)
            return None
        return self.post(self.order(fund))

    def _month_to_close(self, fund: str) -> dt.date:
        closed = self.ledger.closed_to(fund)
        month = next_month(closed) if closed else self.ledger.funds[fund].first_month
        return month if self.random.random() < 0.9 else next_month(month)

    def order(self, fund: str) -> Order:
        """Return a random order, often one that may be taken."""
        choose, twin = self.random, self.twin.funds[fund]
        kind = choose.choices(
            (
                "contribution",
                "settlement",
                "commitment",
                "release",
                "actual",
                "accrual",
                "reversal",
                "virement",
                "correction",
            ),
            (10, 8, 18, 7, 24, 8, 5, 10, 8),
        )[0]
        first = twin.closed + 1 if twin.closed is not None else month_number(twin.first)
        number = max(month_number(twin.first) - 1, first + choose.randrange(-3, 4))
        day = dt.date(number // 12, number % 12 + 1, choose.randrange(1, 29))
        other = choose.choice(sorted(self.twin.funds)) if choose.random() < 0.3 else fund
        own = [*self.ids[fund, "commitment"][-12:]]
        with_commitment = kind == "release" or (kind in ("actual", "accrual") and choose.random() < 0.5)
        reverses = self.ids[fund, "accrual" if kind == "reversal" and choose.random() < 0.9 else "any"][-15:]
        override = choose.choice(OVERRIDES)
        line = choose.choice([*twin.lines, *twin.lines, *twin.lines, "none"])
        others = self.twin.funds[other].lines
        return Order(
            kind=kind,
            fund=fund,
            occurred_date=day,
            by=choose.choice(PEOPLE),
            amount_pence=choose.choice((1, 7, 333, 2_500, 10_001, 25_000, 70_000, 0)) + choose.randrange(0, 500),
            line=line if kind != "release" else "",
            to_line=choose.choice([one for one in others if one != line] or others),
            to_fund="" if other == fund else other,
            body=choose.choice((*twin.bodies, *twin.bodies, "mayor", "council")),
            commitment=choose.choice(own) if with_commitment and own else None,
            reverses=choose.choice(reverses) if kind in ("correction", "reversal") and reverses else None,
            reference=f"T{choose.randrange(400)}" if choose.random() < 0.1 else "",
            note="Agreed" if override and choose.random() < 0.9 else "",
            override=override,
        )

    def check(self) -> None:
        """Every figure of the ledger is that of the twin, and every book of every fund sums to zero."""
        for fund in self.ledger.funds.values():
            twin = self.twin.funds[fund.id]
            sums: Counter[str] = Counter()
            for code in chart_of(fund):
                total = sum(self.ledger.sum_in(fund.id, code, year) for year in fund.years)
                sums[book_of(code)] += total
                assert total == self.expected(twin, code), (fund.id, code)
            assert not any(sums.values()), fund.id
            for line in fund.lines:
                for year in fund.years:
                    for kind, sign in (("budget", -1), ("committed", 1), ("spent", 1)):
                        pence = getattr(twin, kind)[line, year]
                        assert sign * self.ledger.sum_in(fund.id, account(kind, line), year) == pence
        for commitment in [one for ids in (self.ids[f, "commitment"] for f in self.ledger.funds) for one in ids]:
            assert self.ledger.remaining(commitment) == self.twin.remaining(commitment)

    @staticmethod
    def expected(twin, code: str) -> int:
        """What the twin says of an account, in the signs of the ledger."""
        kind, _, item = code.partition(":")
        by_year = {"spent": 1, "committed": 1, "budget": -1, "contributed": -1}
        if kind in by_year:
            return by_year[kind] * sum(getattr(twin, kind)[item, year] for year in twin.years())
        if kind == "reserved":
            return -sum(twin.committed.values())
        if kind == "appropriated":
            return sum(twin.budget.values())
        if kind == "moved":
            return sum(twin.moved_out.values())
        plain = {"cash": twin.cash, "payable": -twin.payable, "due": twin.owes[item], "shared": twin.given_back[item]}
        return plain[kind]
