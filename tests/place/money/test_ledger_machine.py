"""The ledger as a state machine: beside a twin of plain dicts, over what hypothesis and chance think of."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

sys.path.insert(0, str(Path(__file__).parent))

from ledger_driver import PEOPLE, Pair, example_funds

from braid.place.money.entries import Kept, Order
from braid.place.money.ledger import Ledger

FUNDS = example_funds()
LEDGERS, OPERATIONS = 400, 2500
"""A million operations."""
KINDS = {
    "contribution",
    "settlement",
    "commitment",
    "release",
    "actual",
    "accrual",
    "reversal",
    "virement",
    "correction",
}
REFUSED_FOR = {
    *(
        "amount",
        "unknown_line",
        "unknown_body",
        "unknown_commitment",
        "unknown_entry",
        "other_line",
        "same_line",
        "basis",
    ),
    *("outside_fund", "books_closed", "reference", "override", "reversed", "not_accrual", "uncorrected", "too_early"),
    *(
        "remaining",
        "not_owed",
        "moved",
        "not_available",
        "four_eyes",
        "awaiting",
        "not_next",
        "budget_given",
        "no_budget",
    ),
}
"""Rules that chance must have run into: one that it never meets is one that nobody tested."""


class LedgerMachine(RuleBasedStateMachine):
    """Whatever is asked in whatever order, ledger and twin take the same, and stand alike."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair(Ledger(FUNDS))
        self.closed: dict[str, Counter] = {}

    @rule(seed=st.integers(0, 2**32))
    def some_order(self, seed):
        self.pair.random.seed(seed)
        self.pair.post(self.pair.order(self.pair.random.choice([fund.id for fund in FUNDS])))

    @rule(fund=st.sampled_from([fund.id for fund in FUNDS]), year=st.sampled_from([2024, 2025]))
    def open_year(self, fund, year):
        self.pair.open_year(fund, year)

    @rule(seed=st.integers(0, 2**32))
    def close(self, seed):
        self.pair.random.seed(seed)
        fund = self.pair.random.choice([fund.id for fund in FUNDS])
        self.pair.close(fund, self.pair._month_to_close(fund))

    @rule(by=st.sampled_from(PEOPLE), at=st.integers(0, 30), yes=st.booleans())
    def decide(self, by, at, yes):
        waiting = self.pair.ids["", "awaiting"]
        if waiting:
            entry_id = waiting[at % len(waiting)]
            self.pair.approve(entry_id, by) if yes else self.pair.refuse(entry_id)

    @invariant()
    def stands_alike(self):
        self.pair.check()


LedgerMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLedgerMachine = LedgerMachine.TestCase


def closed_figures(ledger: Ledger) -> dict[tuple, int]:
    """What stands in closed periods, from the journal alone: account by account and month by month."""
    figures: Counter = Counter()
    for kept in ledger.journal.values():
        for one in kept.entry.postings if kept.state == "posted" else ():
            closed = ledger.closed_to(one.fund)
            if closed is not None and kept.entry.month <= closed:
                figures[one.fund, one.account, kept.entry.month] += one.pence
    return figures


def run_a_life(seed: int, operations: int) -> Pair:
    """Run random operations; what stood in a closed period once stands there for good."""
    pair = Pair(Ledger(FUNDS), seed=seed)
    before: dict[tuple, int] = {}
    closings = 0
    for at in range(operations):
        pair.step()
        if pair.done["close"] > closings or at == operations - 1:
            closings = pair.done["close"]
            now = closed_figures(pair.ledger)
            assert all(now[key] == pence for key, pence in before.items())
            before = now
        if at % 250 == 249:
            pair.check()
    pair.check()
    return pair


def test_a_few_lives_of_a_ledger_are_those_of_its_twin():
    done: Counter = Counter()
    for seed in range(3):
        done += run_a_life(seed, 1500).done
    assert done.keys() >= KINDS | {"close", "approve", "refuse", "budget"}


@pytest.mark.slow
def test_a_million_random_operations(capsys):
    lives = int(os.environ.get("BRAID_LEDGER_LIVES", LEDGERS))
    began, done, refusals = time.monotonic(), Counter(), Counter()
    for seed in range(lives):
        pair = run_a_life(1000 + seed, OPERATIONS)
        done += pair.done
        refusals += pair.refusals
    with capsys.disabled():
        taken, refused = sum(done.values()), sum(refusals.values())
        print(f"\n{taken + refused:,} operations in {time.monotonic() - began:.0f} s: {dict(done)}; {dict(refusals)}")
    assert done.keys() >= KINDS | {"close", "approve", "refuse", "budget"}
    assert refusals.keys() >= REFUSED_FOR


def test_a_wrong_twin_is_found():
    """The test can fail: an entry that the ledger holds and the twin does not is seen."""
    pair = Pair(Ledger(FUNDS))
    pair.ledger.open_year("pool", 2024, "ann")
    with pytest.raises(AssertionError):
        pair.check()
    kept = pair.ledger.post(Order("commitment", "pool", dt.date(2024, 5, 1), "ann", 500, "beds"))
    assert isinstance(kept, Kept)
    assert kept.state == "posted"
