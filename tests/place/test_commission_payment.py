"""Payment by outcome: worked examples to the penny, and a slow twin that pays one unit after another."""

import datetime as dt
from dataclasses import replace

import pytest
from commission_sample import FROM, TO, advocacy_lot, sample_terms, therapy_lot, with_lot
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.place.commissions.payment import Line, Paid, block_due, due, lines_of, months_between, part_caps
from braid.place.commissions.safeguards import REASONS, is_held, payable_units
from braid.place.commissions.selection import leaves_out, rate_of, rates_of
from braid.place.commissions.terms import OutcomePrice, Share

TERMS = sample_terms()
SAFER = Line("therapy", "outcome", "safer", "achieved", 60_000)
PARTLY = Line("therapy", "outcome", "safer", "partly", 20_000)
BEGUN = Line("therapy", "attachment", unit_pence=30_000)
SESSIONS = Line("advocacy", "session", unit_pence=4_500)
BLOCK = Line("therapy", "block")
START = FROM


def booked(paid, postings):
    """What stands on each line once postings are made."""
    after = dict(paid)
    for one in postings:
        was = after.get(one.line, Paid())
        after[one.line] = Paid(was.units + one.units, was.pence + one.pence)
    return after


def pence_of(postings):
    return {one.line: one.pence for one in postings}


def test_the_parts_of_a_lot_sum_to_it_to_the_penny():
    caps = part_caps(therapy_lot())
    assert caps == {"block": 9_999_000, "attachment": 5_001_000, "outcome": 15_000_001}
    assert sum(caps.values()) == 30_000_001
    thirds = replace(
        therapy_lot(),
        value_pence=100,
        shares=tuple(Share(c, h) for c, h in (("block", 3_334), ("session", 3_333), ("outcome", 3_333))),
    )
    assert part_caps(thirds) == {"block": 34, "session": 33, "outcome": 33}


@given(st.integers(1, 10**12), st.lists(st.integers(1, 9_999), min_size=0, max_size=3))
def test_whatever_the_shares_the_parts_sum_to_the_lot(value, cuts):
    edges = [0, *sorted(set(cuts)), 10_000]
    names = ("block", "attachment", "session", "outcome")
    shares = tuple(Share(name, b - a) for name, a, b in zip(names, edges, edges[1:], strict=False))
    assert sum(part_caps(replace(therapy_lot(), value_pence=value, shares=shares)).values()) == value


def test_a_block_is_paid_by_months_that_are_over_and_whole_at_the_end():
    assert months_between(FROM, TO) == 12
    assert block_due(TERMS, 9_999_000, FROM) == 0 and block_due(TERMS, 9_999_000, dt.date(2026, 5, 1)) == 833_250
    assert block_due(TERMS, 100, dt.date(2026, 12, 1)) == 66 and block_due(TERMS, 100, TO) == 91
    assert block_due(TERMS, 100, TO + dt.timedelta(days=1)) == 100
    assert block_due(TERMS, 100, dt.date(2026, 1, 1)) == 0


def test_a_worked_month():
    """On 1 May: a twelfth of the block, 25 begun, 15 safer, 10 in part, 120 sessions; nothing of it twice."""
    units = {BEGUN: 25, SAFER: 15, PARTLY: 10, SESSIONS: 120}
    postings = due(TERMS, units, {}, dt.date(2026, 5, 1))
    assert pence_of(postings) == {
        BLOCK: 833_250,
        BEGUN: 750_000,
        SESSIONS: 540_000,
        SAFER: 900_000,
        PARTLY: 200_000,
    }
    assert {one.fund for one in postings} == {"victims_pool"} and all(one.reason.startswith("Paid") for one in postings)
    assert due(TERMS, units, booked({}, postings), dt.date(2026, 5, 31)) == []


def test_what_does_not_hold_any_more_comes_back():
    paid = booked({}, due(TERMS, {SAFER: 15}, {}, START))
    back = due(TERMS, {SAFER: 10}, paid, START)
    assert [(one.units, one.pence, one.reason[:10]) for one in back] == [(-5, -300_000, "Taken back")]
    gone = due(TERMS, {}, booked(paid, back), START)
    assert pence_of(gone) == {SAFER: -600_000}


def test_a_part_the_lot_and_the_whole_are_capped():
    """167 once begun come to 5,010,000, the part is 5,001,000: 165 in steps of five, 166 in the settlement."""
    assert pence_of(due(TERMS, {BEGUN: 170}, {}, START)) == {BEGUN: 165 * 30_000}
    assert pence_of(due(TERMS, {BEGUN: 170}, {}, START, is_final=True)) == {BEGUN: 166 * 30_000}
    everything = due(TERMS, {BEGUN: 10_000, SAFER: 10_000, PARTLY: 10_000, SESSIONS: 50_000}, {}, TO)
    assert sum(one.pence for one in everything) <= TERMS.value_pence
    assert pence_of(everything)[SESSIONS] == 20_000_000 // 22_500 * 22_500


def test_the_whole_is_capped_where_the_lots_were_raised_apart():
    small = replace(TERMS, value_pence=1_000_000)
    assert sum(pence_of(due(small, {BEGUN: 30, SAFER: 30}, {}, START)).values()) == 900_000, (
        "thirty begun; no step of outcomes"
    )


def test_a_held_lot_pays_its_outcomes_no_further_and_still_takes_back():
    paid = booked({}, due(TERMS, {SAFER: 15}, {}, START))
    held = frozenset({"therapy"})
    assert due(TERMS, {SAFER: 40}, paid, START, held) == []
    assert pence_of(due(TERMS, {SAFER: 40, BEGUN: 10}, paid, START, held)) == {BEGUN: 300_000}
    assert pence_of(due(TERMS, {SAFER: 10}, paid, START, held)) == {SAFER: -300_000}


def test_an_older_price_is_paid_under_its_own_line_within_the_caps_of_now():
    newer = with_lot(therapy_lot(prices=(OutcomePrice("safer", 50_000, 0), OutcomePrice("waits", 40_000, 0))))
    paid = booked({}, due(TERMS, {SAFER: 15}, {}, START))
    postings = due(newer, {SAFER: 20, Line("therapy", "outcome", "safer", "achieved", 50_000): 10}, paid, START)
    assert sorted(pence_of(postings).values()) == [300_000, 500_000]


@pytest.mark.parametrize(
    ("units", "people", "paid"),
    [(0, 0, 0), (9, 9, 0), (10, 7, 0), (10, 8, 10), (14, 14, 10), (15, 15, 15), (119, 12, 115)],
)
def test_money_moves_in_steps_that_tell_of_nobody(units, people, paid):
    assert payable_units(units, people) == paid


@pytest.mark.parametrize(
    ("verified", "overturned", "held"), [(0, 1, False), (0, 2, True), (18, 2, False), (17, 2, True), (100, 10, False)]
)
def test_scores_that_do_not_hold_stop_payment(verified, overturned, held):
    assert is_held(verified, overturned) == held


def twin(terms, units, paid, as_of, held, is_final):
    """Pay slowly: take back what is not owed, then add one step to one line, from the first line on, while it fits."""
    lines = lines_of(terms)
    lines.sort(key=lambda line: ("block", "attachment", "session", "outcome").index(line.component))
    stands = {}
    for line in lines:
        was = paid.get(line, Paid()).pence
        owed = block_due(terms, part_caps(terms.lot(line.lot)).get("block", 0), as_of)
        if line.unit_pence:
            owed = units.get(line, 0) * line.unit_pence
        stands[line] = [min(was, owed), was if line.component == "outcome" and line.lot in held else owed]
    for line in lines:
        step = line.unit_pence * (1 if is_final else 5) if line.unit_pence else 1_000
        lot = terms.lot(line.lot)
        while stands[line][0] + step <= stands[line][1]:
            stands[line][0] += step
            of_lot = [(other, now) for other, (now, _) in stands.items() if other.lot == line.lot]
            of_part = sum(now for other, now in of_lot if other.component == line.component)
            if (
                of_part > part_caps(lot)[line.component]
                or sum(now for _, now in of_lot) > lot.value_pence
                or sum(now for now, _ in stands.values()) > terms.value_pence
            ):
                stands[line][0] -= step
                break
    return {line: now - paid.get(line, Paid()).pence for line, (now, _) in stands.items()}


COUNTS = st.integers(0, 60).map(lambda steps: 5 * steps)
SMALL = replace(
    TERMS,
    value_pence=24_000_000,
    lots=(
        therapy_lot(
            value_pence=12_000_000, shares=(Share("block", 2_000), Share("attachment", 2_000), Share("outcome", 6_000))
        ),
        advocacy_lot(value_pence=1_000_000),
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(lines_of(SMALL)), COUNTS), min_size=1, max_size=4),
    st.frozensets(st.sampled_from(["therapy", "advocacy"])),
    st.booleans(),
)
def test_a_year_of_payments_is_that_of_the_slow_twin_and_sums_to_the_ledger(months, held, is_final):
    paid, total = {}, 0
    for number, counts in enumerate(months):
        units = {line: count for line, count in counts.items() if line.unit_pence}
        as_of = dt.date(2026, 5 + number, 1)
        final = is_final and number == len(months) - 1
        postings = due(SMALL, units, paid, as_of, held, is_final=final)
        slow = {line: pence for line, pence in twin(SMALL, units, paid, as_of, held, final).items() if pence}
        assert pence_of(postings) == slow
        paid = booked(paid, postings)
        total += sum(one.pence for one in postings)
        assert total == sum(one.pence for one in paid.values()) <= SMALL.value_pence
        for line, one in paid.items():
            assert one.pence >= 0 and (not line.unit_pence or one.pence == one.units * line.unit_pence)
            assert final or not line.unit_pence or one.units % 5 == 0
        for lot in SMALL.lots:
            for part, cap in part_caps(lot).items():
                assert sum(p.pence for n, p in paid.items() if (n.lot, n.component) == (lot.id, part)) <= cap
        assert due(SMALL, units, paid, as_of, held, is_final=final) == [], "nothing is paid twice"


def test_every_safeguard_says_why_it_is_there():
    assert len(REASONS) == 10 and all(words.endswith(".") for words in REASONS.values())


def test_rates_are_of_published_counts_with_their_interval():
    rate = rate_of(20, 100)
    assert (rate.percent, rate.low, rate.high) == (20, 13, 29)
    assert (
        rate_of(None, 100) is None
        and rate_of(100, 100) is None
        and rate_of(0, 100) is None
        and rate_of(5, None) is None
    )
    shown = {"refused": 20, "answered": 100, "dropped": None, "attached": 80, "achieved": 40, "scored": 80}
    assert {code for code, one in rates_of(shown).items() if one} == {"refusals", "achieved"}


def test_creaming_is_seen_where_the_intervals_lie_apart_alone():
    few, many = rate_of(10, 100), rate_of(40, 100)
    assert leaves_out({"low": few, "high": many})
    assert not leaves_out({"low": many, "high": few}) and not leaves_out({"low": few, "high": rate_of(15, 100)})
    assert not leaves_out({"low": None, "high": many})
