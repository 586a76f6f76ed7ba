"""Worked examples, by hand: a commitment paid in part, a late invoice, an underspend shared to the penny."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from ledger_driver import example_funds
from ledger_twin import pennies

from braid.place.money.entries import LedgerRefused, Order
from braid.place.money.ledger import Ledger
from braid.place.money.periods import months_of, year_of, year_words
from braid.place.money.rules import available
from braid.place.money.sharing import share_out

POOL = next(fund for fund in example_funds() if fund.id == "pool")
MAY, JUNE = dt.date(2024, 5, 10), dt.date(2024, 6, 10)


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(example_funds())
    made.open_year("pool", 2024, "ann")
    made.post(Order("contribution", "pool", MAY, "ann", 30_001, body="council"))
    made.post(Order("contribution", "pool", MAY, "ann", 20_000, body="icb"))
    return made


def test_a_commitment_is_drawn_down_and_what_is_left_released(ledger):
    beds = ledger.post(Order("commitment", "pool", MAY, "ann", 50_000, "beds")).entry
    assert available(POOL, "beds", ledger)[2024] == 200_001
    ledger.post(Order("actual", "pool", JUNE, "ann", 30_000, "beds", commitment=beds.id))
    assert available(POOL, "beds", ledger)[2024] == 200_001
    assert ledger.remaining(beds.id) == 20_000
    ledger.post(Order("release", "pool", JUNE, "ann", 20_000, commitment=beds.id))
    assert available(POOL, "beds", ledger)[2024] == 220_001
    assert ledger.sum_in("pool", "cash", 2024) == -30_000


def test_nobody_commits_more_than_is_there_without_a_reason(ledger):
    too_much = Order("commitment", "pool", MAY, "ann", 59_999, "weeks")
    with pytest.raises(LedgerRefused, match="line weeks has not so much available") as refused:
        ledger.post(too_much)
    assert refused.value.code == "not_available"
    named = Order("commitment", "pool", MAY, "ann", 59_999, "weeks", override="emergency", note="Flood")
    assert ledger.post(named).state == "posted"


def test_who_posts_does_not_approve_and_nothing_counts_before(ledger):
    large = ledger.post(Order("commitment", "pool", MAY, "ann", 60_000, "beds"))
    assert large.state == "awaiting"
    assert available(POOL, "beds", ledger)[2024] == 250_001
    with pytest.raises(LedgerRefused, match="whoever posts an entry does not approve it"):
        ledger.approve(large.entry.id, "ann")
    ledger.approve(large.entry.id, "ben")
    assert available(POOL, "beds", ledger)[2024] == 190_001


def test_a_late_invoice_goes_into_the_first_open_period_and_says_so(ledger):
    ledger.close("pool", dt.date(2024, 4, 1), "ann")
    ledger.close("pool", dt.date(2024, 5, 1), "ann")
    late = ledger.post(Order("actual", "pool", MAY, "ann", 100, "beds")).entry
    assert (late.month, late.late_for, late.occurred_date) == (dt.date(2024, 6, 1), dt.date(2024, 5, 1), MAY)


def test_a_correction_reverses_once_and_nothing_is_changed(ledger):
    wrong = ledger.post(Order("actual", "pool", MAY, "ann", 700, "beds")).entry
    ledger.post(Order("correction", "pool", JUNE, "ann", reverses=wrong.id))
    assert ledger.find(wrong.id).entry == wrong
    assert ledger.sum_in("pool", "spent:beds", 2024) == 0
    with pytest.raises(LedgerRefused, match="reversed already"):
        ledger.post(Order("correction", "pool", JUNE, "ann", reverses=wrong.id))


def test_what_is_left_is_shared_to_the_penny_and_the_budget_lapses(ledger):
    open_order = ledger.post(Order("commitment", "pool", MAY, "ann", 10_000, "beds")).entry
    ledger.post(Order("actual", "pool", MAY, "ann", 9_998, "beds"))
    ended = None
    for month in months_of(2024):
        ended = ledger.close("pool", month, "ann")
    # 50,001 fell due, 9,998 spent, 10,000 committed: 30,003 left, 57 to 43: 17,101.71 and 12,901.29.
    assert ended is not None
    assert ledger.sum_in("pool", "shared:council", 2024) == 17_102
    assert ledger.sum_in("pool", "shared:icb", 2024) == 12_901
    assert ledger.sum_in("pool", "due:icb", 2024) == 20_000 - 12_901
    assert available(POOL, "beds", ledger) == {2024: 0, 2025: 0}
    ledger.post(Order("actual", "pool", dt.date(2025, 4, 2), "ann", 10_000, "beds", commitment=open_order.id))
    assert available(POOL, "beds", ledger)[2025] == 0


def test_what_lacks_is_claimed_from_partners(ledger):
    ledger.post(Order("actual", "pool", MAY, "ann", 50_101, "beds"))
    for month in months_of(2024):
        ledger.close("pool", month, "ann")
    assert ledger.sum_in("pool", "due:council", 2024) == 30_001 + 57
    assert ledger.sum_in("pool", "due:icb", 2024) == 20_000 + 43


@given(st.integers(0, 10**9), st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 1000), min_size=1))
def test_parts_come_to_the_whole(pence, weights):
    if not any(weights.values()):
        with pytest.raises(ValueError, match="come to more than nothing"):
            share_out(pence, weights)
        return
    parts = share_out(pence, weights)
    assert sum(parts.values()) == pence
    assert parts == pennies(pence, weights)
    assert all(
        abs(parts[one] * sum(weights.values()) - pence * weights[one]) < sum(weights.values()) for one in weights
    )


def test_a_financial_year_begins_in_april():
    assert (year_of(dt.date(2026, 3, 31)), year_of(dt.date(2026, 4, 1)), year_words(2026)) == (2025, 2026, "2026-27")
    assert (months_of(2026)[0], months_of(2026)[-1]) == (dt.date(2026, 4, 1), dt.date(2027, 3, 1))
