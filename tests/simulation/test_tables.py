"""What is drawn from a quantile table is the law that it was made of, in both engines, to the last tick."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from braid.simulation import tables
from braid.simulation.durations import Fixed
from braid.simulation.engines import compiled, plain
from braid.simulation.model import Network, Pathway, Present, Service, Step, Weekly
from braid.simulation.program import PRESENT_STREAM, Counting, compile_network
from braid.simulation.randomness import DURATION, MASK, PATIENCE, bits, key_of, mix, seed_of
from braid.simulation.tables import SHARES, SIDE, TICKS
from simulation.laws import ALL, HEAVY, LAWS, MEASURED

WHOLE = 1 << 64
TABLES = {name: tables.table_of(duration).tolist() for name, (duration, _law) in ALL.items()}
LIKELY = [0.001, 0.01, 0.05, 0.1, 0.25, 0.4, 0.499, 0.501, 0.6, 0.75, 0.9, 0.95, 0.99, 0.999]
CLOSE = 1e-4
needs_compiler = pytest.mark.skipif(not compiled.is_available(), reason="no C compiler on this machine")


def _at(table, share):
    """Return the weeks at a share, from the side it lies on."""
    side, part = (0, share) if share < 0.5 else (1, 1 - share)
    return tables.at(table, side, int(part * WHOLE)) / TICKS


# -- the tables


@pytest.mark.parametrize("name", [*LAWS, *MEASURED])
def test_quantiles_are_those_of_the_law(name):
    duration, law = ALL[name]
    lower, upper = duration.quantiles(SHARES, SHARES)
    likely = SHARES > 1e-6
    assert lower[likely] == pytest.approx(law.ppf(SHARES)[likely], rel=1e-8)
    assert upper == pytest.approx(law.ppf(1 - SHARES) if name in MEASURED else law.isf(SHARES), rel=1e-8)


@pytest.mark.parametrize("name", [*LAWS, *MEASURED])
def test_a_table_has_the_mean_of_its_law(name):
    duration, law = ALL[name]
    assert duration.mean == pytest.approx(law.mean(), rel=1e-12)
    assert _moment(TABLES[name], 1) == pytest.approx(law.mean(), rel=1e-7)


@pytest.mark.parametrize("name", [*LAWS, *MEASURED])
def test_a_table_has_the_spread_of_its_law(name):
    _duration, law = ALL[name]
    mean = _moment(TABLES[name], 1)
    assert (_moment(TABLES[name], 2) - mean**2) ** 0.5 == pytest.approx(law.std(), rel=CLOSE)


@pytest.mark.parametrize("name", HEAVY)
def test_a_law_of_a_very_long_tail_keeps_its_mean_and_most_of_its_spread(name):
    duration, law = HEAVY[name]
    mean = _moment(TABLES[name], 1)
    assert mean == pytest.approx(law.mean(), rel=1e-7)
    assert duration.mean == pytest.approx(law.mean(), rel=1e-12)
    assert (_moment(TABLES[name], 2) - mean**2) ** 0.5 == pytest.approx(law.std(), rel=0.01)


def _moment(table, power):
    """Return a moment, in weeks, of the straight lines between the points of a table, exactly."""
    weeks = np.array(table, dtype=float).reshape(2, SIDE) / TICKS
    low, high = weeks[:, :-1], weeks[:, 1:]
    each = (low + high) / 2 if power == 1 else (low * low + low * high + high * high) / 3
    return float((each * np.diff(SHARES)).sum() + (weeks[:, 0] ** power).sum() * SHARES[0])


@pytest.mark.parametrize("share", LIKELY)
@pytest.mark.parametrize("name", LAWS)
def test_what_is_drawn_at_a_share_is_the_quantile(name, share):
    _duration, law = LAWS[name]
    assert _at(TABLES[name], share) == pytest.approx(float(law.ppf(share)), rel=CLOSE)


@pytest.mark.parametrize("share", LIKELY)
@pytest.mark.parametrize("name", HEAVY)
def test_what_is_drawn_of_a_very_long_tail_is_the_quantile_within_a_tick(name, share):
    _duration, law = HEAVY[name]
    assert _at(TABLES[name], share) == pytest.approx(float(law.ppf(share)), rel=4 * CLOSE, abs=1 / TICKS)


@pytest.mark.parametrize("share", [*LIKELY, 0.8999, 0.9001])
@pytest.mark.parametrize("name", MEASURED)
def test_what_is_drawn_of_a_measured_law_is_the_quantile_within_a_cell(name, share):
    _duration, law = MEASURED[name]
    cell = min(share, 1 - share) / tables.CELLS
    low, high = law.ppf([max(share - cell, 0.0), min(share + cell, 1.0)])
    assert low * (1 - CLOSE) <= _at(TABLES[name], share) <= high * (1 + CLOSE)
    is_far = np.abs(np.array([0.25, 0.5, 0.9]) - share).min() > cell
    assert not is_far or _at(TABLES[name], share) == pytest.approx(float(law.ppf(share)), rel=CLOSE)


@pytest.mark.parametrize("exponent", [-10, -20, -30, -33])
@pytest.mark.parametrize("name", ["exponential", "Weibull 0.7", "lognormal", "Erlang 3"])
def test_both_tails_are_as_fine_as_the_middle(name, exponent):
    _duration, law = LAWS[name]
    assert tables.at(TABLES[name], 1, 1 << (64 + exponent)) / TICKS == pytest.approx(law.isf(2.0**exponent), rel=CLOSE)
    lowest = float(law.ppf(2.0**exponent))
    assert tables.at(TABLES[name], 0, 1 << (64 + exponent)) / TICKS == pytest.approx(lowest, rel=CLOSE, abs=1 / TICKS)


@given(st.sampled_from(sorted(TABLES)), st.integers(0, WHOLE - 1), st.integers(0, WHOLE - 1))
def test_a_larger_share_is_never_shorter(name, one, other):
    """As a share of the whole, `bits` on the lower side are `bits >> 1`, on the upper one what is left to 1."""
    table = TABLES[name]
    pairs = sorted((number >> 1 if number & 1 == 0 else WHOLE - 1 - (number >> 1), number) for number in (one, other))
    assert tables.draw(table, pairs[0][1]) <= tables.draw(table, pairs[1][1])


@given(st.sampled_from(sorted(TABLES)), st.integers(0, WHOLE - 1))
def test_antithetic_luck_is_as_far_out_on_the_other_side(name, number):
    table = TABLES[name]
    lower, upper = tables.draw(table, number & ~1), tables.draw(table, number | 1)
    assert lower <= table[SIDE - 1] + 1
    assert table[-1] - 1 <= upper


@pytest.mark.parametrize("name", [*LAWS, *MEASURED])
def test_what_many_people_draw_follows_the_law(name):
    _duration, law = ALL[name]
    drawn = [tables.draw(TABLES[name], bits(mix(person), 3, DURATION)) / TICKS for person in range(50_000)]
    assert stats.kstest(drawn, law.cdf).pvalue > 0.001


@pytest.mark.parametrize("name", ["exponential", "Weibull 2", "lognormal"])
def test_the_check_of_what_is_drawn_finds_a_law_three_percent_off(name):
    duration, law = LAWS[name]
    longer = tables.table_of(duration.scaled(1.03)).tolist()
    drawn = [tables.draw(longer, bits(mix(person), 3, DURATION)) / TICKS for person in range(50_000)]
    assert stats.kstest(drawn, law.cdf).pvalue < 0.001


@pytest.mark.parametrize("name", ["exponential", "Weibull 2"])
def test_luck_for_one_purpose_says_nothing_of_another(name):
    lucks = [mix(person) for person in range(20_000)]
    first = [tables.draw(TABLES[name], bits(luck, 0, DURATION)) for luck in lucks]
    for other in ((1, DURATION, 0), (0, PATIENCE, 0), (0, DURATION, 1)):
        second = [tables.draw(TABLES[name], bits(luck, *other)) for luck in lucks]
        assert stats.spearmanr(first, second).pvalue > 0.001


def test_a_fixed_time_is_a_table_of_one_number():
    table = tables.table_of(Fixed("fixed", 2.5))
    assert tables.fixed_ticks(table) == 2.5 * TICKS
    assert tables.fixed_ticks(tables.table_of(Fixed("fixed", 0.0))) == 0
    assert tables.fixed_ticks(np.array(TABLES["uniform"])) == -1


# -- what is left of something that has lasted


@pytest.mark.parametrize("lasted", [0.01, 0.2, 0.5, 0.8, 0.99, 0.9999])
@pytest.mark.parametrize("name", LAWS)
def test_what_is_left_follows_the_conditional_law(name, lasted):
    """Of those that last longer than `begun`, a share u lasts beyond the quantile of u S(begun) from above."""
    _duration, law = LAWS[name]
    begun = float(law.ppf(lasted))
    for share in (0.001, 0.1, 0.37, 0.5, 0.9, 0.999):
        left = tables.remaining(TABLES[name], round(begun * TICKS), int(share * WHOLE)) / TICKS
        exact = float(law.isf(share * law.sf(begun))) - begun
        assert left == pytest.approx(exact, rel=2 * CLOSE, abs=CLOSE * max(exact + begun, 1e-3))


@pytest.mark.parametrize("name", LAWS)
def test_how_many_last_longer_is_the_survival(name):
    _duration, law = LAWS[name]
    for share in LIKELY:
        weeks = float(law.ppf(share))
        last = tables.survival(TABLES[name], round(weeks * TICKS)) / WHOLE
        assert last == pytest.approx(1 - share, abs=CLOSE * share, rel=20 * CLOSE)


@pytest.mark.parametrize("name", LAWS)
def test_what_has_not_begun_has_all_of_it_left(name):
    _duration, law = LAWS[name]
    for share in LIKELY:
        assert tables.remaining(TABLES[name], 0, int((1 - share) * WHOLE)) / TICKS == pytest.approx(
            float(law.ppf(share)), rel=CLOSE
        )


@given(st.sampled_from(sorted(LAWS)), st.integers(0, 1 << 50), st.integers(0, WHOLE - 1))
def test_what_is_left_is_never_less_than_nothing(name, begun, number):
    assert tables.remaining(TABLES[name], begun, number) >= 0


# -- both engines


def _first_then(duration):
    """Return a network of one person who passes a gate at once, and then takes some time."""
    steps = (
        Step("gate", ("gate",), Fixed("fixed", 0.0)),
        Step("stay", ("home",), duration, after=("gate",)),
    )
    services = (Service("gate", "places", Weekly(5.0)), Service("home", "time"))
    start = dt.date(2025, 1, 6)
    return Network("network", "one", start, 1, services, (Pathway("person", steps),), present=(Present("person", 1),))


@needs_compiler
@pytest.mark.parametrize("is_antithetic", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_engines_draw_what_the_table_says(name, is_antithetic):
    duration, _law = ALL[name]
    program = compile_network(_first_then(duration), Counting())
    for replication in range(40):
        seed = seed_of(3, replication)
        luck = mix((key_of(0, PRESENT_STREAM, 0) + seed) & MASK)
        expected = tables.draw(TABLES[name], bits(luck, 1, DURATION) ^ int(is_antithetic))
        for engine in (compiled, plain):
            record = engine.run(program, seed, is_antithetic=is_antithetic)
            assert record.wait_sums[0, 1].tolist() == [1, 0, expected, 0, 0]


@needs_compiler
@pytest.mark.parametrize("is_antithetic", [False, True])
@pytest.mark.parametrize("name", [*LAWS, *MEASURED])
def test_engines_take_what_is_left_from_the_table(name, is_antithetic):
    duration, law = ALL[name]
    begun = float(law.ppf(0.6))
    steps = (Step("stay", ("home",), duration),)
    present = (Present("person", 1, begun=("stay",), least=begun),)
    start = dt.date(2025, 1, 6)
    services, pathways = (Service("home", "time"),), (Pathway("person", steps),)
    program = compile_network(Network("network", "one", start, 400, services, pathways, present=present), Counting())
    ago = round(begun * TICKS)
    for replication in range(20):
        seed = seed_of(3, replication)
        drawn = bits(mix((key_of(0, PRESENT_STREAM, 0) + seed) & MASK), 0, DURATION) ^ (MASK * is_antithetic)
        expected = ago + tables.remaining(TABLES[name], ago, drawn)
        for engine in (compiled, plain):
            record = engine.run(program, seed, is_antithetic=is_antithetic)
            assert record.clock_sums.sum(axis=0).tolist() == [[1, expected]]
