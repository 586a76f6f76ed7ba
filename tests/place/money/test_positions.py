"""Positions, amounts and journals: figures by hand, and those of a random life reckoned again from its journal."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from ledger_driver import Pair, example_funds

from braid.place.money.amounts import read_pounds, say_pence, say_pounds, write_pounds
from braid.place.money.entries import LedgerRefused, Order
from braid.place.money.journal_file import JournalInvalid, read_journal
from braid.place.money.ledger import Ledger
from braid.place.money.periods import year_of
from braid.place.money.positions import position_of
from braid.place.money.rules import check_whole, missing_of
from braid.place.money.savings import effects_of, givers_of

FUNDS = {fund.id: fund for fund in example_funds()}


def sums_of(ledger: Ledger, fund: str) -> Counter:
    sums: Counter = Counter()
    for kept in ledger.journal.values():
        for one in kept.entry.postings if kept.state == "posted" else ():
            if one.fund == fund:
                sums[one.account, kept.entry.month] += one.pence
    return sums


@pytest.mark.parametrize("seed", range(4))
def test_positions_are_those_of_the_twin(seed):
    pair = Pair(Ledger(FUNDS.values()), seed=seed)
    for _ in range(1200):
        pair.step()
    for fund in FUNDS.values():
        twin = pair.twin.funds[fund.id]
        for year in fund.years:
            position = position_of(fund, year, sums_of(pair.ledger, fund.id), pair.ledger.closed_to(fund.id))
            for line in position.lines:
                assert line.available == twin.left(line.id)[year]
                assert line.spent == twin.spent[line.id, year]
                assert line.committed == sum(twin.committed[line.id, at] for at in fund.years if at <= year)
            assert position.fell_due == sum(twin.contributed[body.id, year] for body in position.bodies)
            assert sum(month.total for month in position.months) == position.total("spent")
            books: Counter = Counter()
            for book, _, pence in position.trial_balance:
                books[book] += pence
            assert not any(books.values())
        assert {body.id: body.owes for body in position.bodies} == {
            body.id: twin.owes[body.id] for body in position.bodies
        }


def test_the_shift_from_posts_to_outcomes_and_the_forecast():
    pool, ledger = FUNDS["pool"], Ledger(FUNDS.values())
    ledger.open_year("pool", 2025, "ann")
    april, june = dt.date(2025, 4, 9), dt.date(2025, 6, 9)
    for day, line, pence in (
        (april, "advocates", 3_000),
        (april, "beds", 1_000),
        (june, "weeks", 6_000),
        (june, "beds", 2_000),
    ):
        ledger.post(Order("actual", "pool", day, "ann", pence, line))
    position = position_of(pool, 2025, sums_of(ledger, "pool"), None)
    first, _, third = position.months[:3]
    assert (first.share("posts"), first.share("services"), first.share("outcomes")) == (75, 25, 0)
    assert (third.share("posts"), third.share("outcomes")) == (0, 75)
    assert position.months[3].share("posts") is None
    # Three months came to 12,000: 4,000 a month for nine more.
    assert (position.forecast.months_spent, position.forecast.to_come, position.forecast.out_turn) == (
        3,
        36_000,
        48_000,
    )
    assert position.forecast.variance == 48_000 - 500_000
    ledger.post(Order("commitment", "pool", june, "ann", 50_000, "beds"))
    assert position_of(pool, 2025, sums_of(ledger, "pool"), None).forecast.to_come == 50_000


def test_an_order_that_is_sent_twice_is_one_entry():
    ledger = Ledger(FUNDS.values())
    ledger.open_year("pool", 2024, "ann")
    order = Order("actual", "pool", dt.date(2024, 5, 9), "ann", 7_000, "beds", sent_as=uuid4())
    assert ledger.post(order).entry.id == order.sent_as
    with pytest.raises(LedgerRefused, match="sent already"):
        ledger.post(order)
    assert sums_of(ledger, "pool")["spent:beds", dt.date(2024, 5, 1)] == 7_000


def test_a_price_is_paid_by_whoever_gives_also_of_a_year_in_which_nobody_does():
    """Of a year without an agreed contribution all years stand for it, and the price is paid whole."""
    grant = FUNDS["grant"]
    assert givers_of(grant, 2025) == {"icb": 80_001, "police": 10_001}
    assert givers_of(grant, 2026) == {"icb": 80_001, "police": 100_001}
    effects = effects_of([], [], dt.date(2026, 5, 1), 12_345, givers_of(grant, 2026))
    assert sum(one.pays for one in effects) == 12_345


@given(st.integers(0, 10**12))
def test_an_amount_is_read_as_it_is_said(pence):
    assert read_pounds(say_pence(pence)) == read_pounds(write_pounds(pence)) == pence
    assert write_pounds(-pence) == (f"-{write_pounds(pence)}" if pence else "0.00")


@pytest.mark.parametrize(
    "text", ["", "-1", "1.234", "1,23", "1e3", "£", "12,34.00", "NaN", "\u0661", "1 000", "9" * 13]
)
def test_what_is_no_amount_is_refused_and_never_rounded(text):
    with pytest.raises(ValueError, match="not an amount"):
        read_pounds(text)


def test_pounds_in_pictures_are_rounded_halves_upwards():
    assert [say_pounds(pence) for pence in (49, 50, 149, 150, -150, -49, 123_456_789)] == [
        *("£0", "£1", "£1", "£2", "\N{MINUS SIGN}£2", "£0", "£1,234,568"),
    ]


HEAD = "reference,date,fund,kind,line,amount,commitment\n"


def rows_of(text: str):
    return list(read_journal(text.encode(), "ann", lambda _fund, _reference: None))


def test_every_row_is_read_or_rejected_with_its_reason():
    good, *bad = rows_of(
        HEAD
        + 'A1,2024-05-10,pool,actual,beds,"1,234.50",\n'
        + "A2,2024-05-10,pool,actual,beds,12.345,\n"
        + "A3,10/13/2024,pool,actual,beds,12,\n"
        + "A4,10/05/2024,pool,virement,beds,12,\n"
        + ",10/05/2024,pool,actual,beds,12,\n"
        + "A6,10/05/2024,pool,actual,beds,12,C9\n"
        + "A7,10/05/2024,pool\n"
    )
    assert good.order == Order("actual", "pool", dt.date(2024, 5, 10), "ann", 123_450, "beds", reference="A1")
    reasons = [
        "not an amount",
        "not a date",
        "none that a file may post",
        "no reference",
        "no commitment",
        "fewer cells",
    ]
    assert [row.number for row in bad] == [3, 4, 5, 6, 7, 8]
    for row, reason in zip(bad, reasons, strict=True):
        assert row.order is None
        assert reason in row.reason


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"reference,date\n", "no column fund, kind, amount"),
        (b"\xff\xfe", "no text in UTF-8"),
        (HEAD.replace("line", "line,nhs_number").encode(), "1 columns of other names"),
        (HEAD.replace("line", "line,line").encode(), "a column twice"),
        (b"", "no column"),
    ],
)
def test_what_is_no_journal_is_refused_whole(content, fault):
    with pytest.raises(JournalInvalid, match=fault):
        list(read_journal(content, "ann", lambda _fund, _reference: None))


def test_months_before_a_fund_begins_and_after_it_ends_are_no_part_of_its_forecast():
    """Safer streets runs from June 2024 to December 2025: April and May were no months without spending."""
    grant, ledger = FUNDS["grant"], Ledger(FUNDS.values())
    ledger.open_year("grant", 2024, "ann")
    for month in (6, 7):
        ledger.post(Order("actual", "grant", dt.date(2024, month, 9), "ann", 3_000, "support"))
    for closed in (None, dt.date(2024, 7, 1)):
        forecast = position_of(grant, 2024, sums_of(ledger, "grant"), closed).forecast
        # Two months came to 6,000: 3,000 a month from August to March.
        assert (forecast.months_spent, forecast.to_come, forecast.out_turn) == (2, 24_000, 30_000)
    ledger.open_year("grant", 2025, "ann")
    ledger.post(Order("actual", "grant", dt.date(2025, 4, 9), "ann", 2_000, "support"))
    last = position_of(grant, 2025, sums_of(ledger, "grant"), None).forecast
    assert (last.months_spent, last.to_come) == (1, 16_000)  # until December


def test_what_the_file_leaves_out_is_found_and_the_trial_balance_still_comes_to_nothing():
    """Somebody takes a line out of the file on which money was spent."""
    pool, ledger = FUNDS["pool"], Ledger(FUNDS.values())
    ledger.open_year("pool", 2024, "ann")
    ledger.post(Order("actual", "pool", dt.date(2024, 5, 9), "ann", 7_000, "beds"))
    by_year: Counter = Counter()
    for (code, month), pence in sums_of(ledger, "pool").items():
        by_year[code, year_of(month)] += pence
    assert missing_of(pool, by_year) == []
    shorter = replace(pool, lines={key: line for key, line in pool.lines.items() if key != "beds"})
    later = replace(pool, from_date=dt.date(2025, 4, 1))
    assert missing_of(shorter, by_year) == ["budget:beds", "spent:beds"]
    assert missing_of(later, by_year) == ["2024-25"]
    with pytest.raises(LedgerRefused, match=r"leaves out what the ledger has entries on \(budget:beds, spent:beds\)"):
        check_whole(shorter, by_year)
    books: Counter = Counter()
    for book, _, pence in position_of(shorter, 2024, sums_of(ledger, "pool"), None).trial_balance:
        books[book] += pence
    assert not any(books.values())
