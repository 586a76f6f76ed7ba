"""Control charts against worked examples, closed forms and how often chance alarms; intervals and targets."""

from __future__ import annotations

import datetime as dt
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.place.outcomes.control_charts import (
    BEYOND,
    NEAR_LIMIT,
    SHIFTED,
    TRENDING,
    individuals_chart,
    rate_chart,
    share_chart,
)
from braid.place.outcomes.intervals import count_interval, median_rank, rate_interval, share_interval
from braid.place.outcomes.model import Baseline, Counted, Measure, Outcome, Step, Target
from braid.place.outcomes.targets import BETTER, CANNOT_TELL, NO_TARGET, WORSE, baseline_value, expected_on, judge
from braid.place.outcomes.values import Value

JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
"""Montgomery, section 7.2: cans that leak, of 50, in 30 samples."""
PAINT = [33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84]
"""Montgomery, section 6.4: viscosity of 15 batches of primer paint."""
SHIPMENTS = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]
"""Montgomery, section 7.3: errors in 50 shipments a week."""


def rules_of(values: list[float]) -> dict[str, list[tuple[int, ...]]]:
    found: dict[str, list[tuple[int, ...]]] = {}
    for signal in individuals_chart(values).signals:
        found.setdefault(signal.rule, []).append(signal.places)
    return found


def test_the_orange_juice_chart_of_the_textbook() -> None:
    chart = share_chart(JUICE, [50] * 30)
    spread = math.sqrt(0.2313 * 0.7687 / 50)
    assert chart.limits[0].centre == pytest.approx(0.2313, abs=5e-5)
    assert 0.2313 + 3 * spread == pytest.approx(0.4102, abs=2e-4)
    factor = chart.limits[0].sigma / math.sqrt(chart.limits[0].centre * (1 - chart.limits[0].centre) / 50)
    assert factor > 1
    assert share_chart(JUICE, [50] * 30).limits[0].upper > 0.4102


def test_without_more_than_chance_a_share_chart_is_the_textbooks() -> None:
    even = [11, 12] * 15
    limits = share_chart(even, [50] * 30).limits[0]
    assert limits.upper == pytest.approx(0.23 + 3 * math.sqrt(0.23 * 0.77 / 50))


def test_the_paint_chart_of_the_textbook() -> None:
    limits = individuals_chart(PAINT).limits[0]
    assert limits.centre == pytest.approx(33.52, abs=0.005)
    assert limits.sigma * 1.128 == pytest.approx(0.48, abs=0.005)
    assert (limits.upper, limits.lower) == (pytest.approx(34.80, abs=0.01), pytest.approx(32.24, abs=0.01))
    assert not individuals_chart(PAINT).signals


def test_the_shipments_of_the_textbook_but_for_what_varies_more_than_chance() -> None:
    limits = rate_chart(SHIPMENTS, [50.0] * 20).limits[0]
    assert limits.centre == pytest.approx(0.0740)
    factor = limits.sigma / math.sqrt(0.074 / 50)
    assert limits.centre + (limits.upper - limits.centre) / factor == pytest.approx(0.1894, abs=5e-5)
    assert limits.lower == 0


@given(st.lists(st.integers(0, 50), min_size=3, max_size=30), st.integers(51, 400))
def test_with_equal_sizes_laneys_limits_are_those_of_single_values(met: list[int], size: int) -> None:
    """Laney's closed form: sigma of the points times the factor is the mean moving range by 1.128."""
    chart, single = share_chart(met, [size] * len(met)), individuals_chart([one / size for one in met])
    chance = math.sqrt(chart.limits[0].centre * (1 - chart.limits[0].centre) / size)
    assert chart.limits[0].centre == pytest.approx(single.limits[0].centre)
    assert chart.limits[0].sigma == pytest.approx(max(chance, single.limits[0].sigma))


def test_each_rule_is_told_at_its_first_length_and_not_before() -> None:
    noise = [1.0, -1.0] * 6
    assert rules_of(noise) == {}
    assert rules_of([*noise, 9.0])[BEYOND] == [(12,)]
    seven, eight = [*([-1.0, -0.2] * 6), *([0.5, 0.9] * 4)[:7]], [*([-1.0, -0.2] * 6), *([0.5, 0.9] * 4)]
    assert SHIFTED in rules_of(eight)
    assert all(len(places) >= 8 for places in rules_of(seven).get(SHIFTED, []))
    rising = [0.0, 2.0, 0.0, 2.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert rules_of(rising)[TRENDING] == [(4, 5, 6, 7, 8, 9)]
    assert TRENDING not in rules_of(rising[:-1])
    two_near = [*noise, *noise, 5.0, 0.5, 5.0]
    assert rules_of(two_near)[NEAR_LIMIT] == [(24, 26)]
    assert NEAR_LIMIT not in rules_of([*noise, *noise, 5.0, 0.5, 0.5, 5.0])


def test_series_that_only_vary_alarm_seldom() -> None:
    draw = random.Random(5)
    alarmed = sum(bool(individuals_chart([draw.gauss(0, 1) for _ in range(24)]).signals) for _ in range(2_000))
    assert 0.05 < alarmed / 2_000 < 0.30


def test_limits_are_worked_out_anew_only_where_it_was_agreed() -> None:
    before, after = [10.0, 11.0] * 8, [30.0, 31.0] * 8
    one, two = individuals_chart([*before, *after]), individuals_chart([*before, *after], [16])
    assert one.signals
    assert not two.signals
    assert [limits.centre for limits in two.limits] == [10.5] * 16 + [30.5] * 16
    assert two.limits[:16] == individuals_chart(before).limits
    assert individuals_chart(before[:11]).is_provisional
    assert not two.is_provisional


@pytest.mark.parametrize(
    ("met", "counted", "low", "high"), [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (81, 263, 0.2553, 0.3662)]
)
def test_wilson_by_hand(met: int, counted: int, low: float, high: float) -> None:
    """The last one is Newcombe's worked example (Statistics in Medicine 17, 1998, table I)."""
    assert share_interval(met, counted) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.69), (1, 0.03, 5.57), (10, 4.80, 18.39), (50, 37.11, 65.92)]
)
def test_garwood_against_the_published_table(count: int, low: float, high: float) -> None:
    assert count_interval(count) == (pytest.approx(low, abs=5e-3), pytest.approx(high, abs=5e-3))
    assert rate_interval(count, 200, 100) == pytest.approx(tuple(end / 2 for end in count_interval(count)))


def test_ranks_enclose_the_median_as_often_as_they_say() -> None:
    for counted in range(1, 120):
        rank = median_rank(counted)
        below = sum(math.comb(counted, one) for one in range(rank)) / 2**counted
        more = below + math.comb(counted, rank) / 2**counted
        assert below < 0.025 or rank == 0
        assert more >= 0.025
    assert [median_rank(counted) for counted in (5, 6, 9, 10, 20, 50)] == [0, 1, 2, 2, 6, 18]


def outcome(better: str = "lower", target: Target | None = None) -> Outcome:
    return Outcome("a", "A", "why", better, "own", "", Measure("count", "month", Counted("people")), target=target)


def value(month: int, number: float, low: float | None = None, high: float | None = None) -> Value:
    return Value(dt.date(2026, month, 1), dt.date(2026, month, 28), number, low, high, 0, 0, 0)


LINE = Target((Step(dt.date(2027, 1, 1), 20.0),), "linear", dt.date(2026, 1, 1))
STEPS = Target((Step(dt.date(2026, 3, 1), 30.0), Step(dt.date(2026, 9, 1), 10.0)), "stepped")


def test_the_way_to_a_target_is_a_line_or_steps() -> None:
    assert expected_on(LINE, 40.0, dt.date(2025, 12, 31)) is None
    assert expected_on(LINE, 40.0, dt.date(2026, 1, 1)) == 40.0
    assert expected_on(LINE, 40.0, dt.date(2026, 7, 2)) == pytest.approx(40 - 20 * 182 / 365)
    assert expected_on(LINE, 40.0, dt.date(2030, 1, 1)) == 20.0
    assert expected_on(LINE, None, dt.date(2026, 7, 2)) is None
    assert expected_on(STEPS, None, dt.date(2026, 2, 28)) is None
    assert expected_on(STEPS, None, dt.date(2026, 8, 31)) == 30.0
    assert expected_on(STEPS, None, dt.date(2026, 9, 1)) == 10.0
    assert expected_on(None, 40.0, dt.date(2026, 9, 1)) is None


@pytest.mark.parametrize(
    ("better", "number", "low", "high", "verdict"),
    [
        ("lower", 20, 15, 25, BETTER),
        ("lower", 40, 35, 45, WORSE),
        ("lower", 40, 29, 51, CANNOT_TELL),
        ("higher", 40, 35, 45, BETTER),
        ("higher", 20, 15, 25, WORSE),
        ("lower", 20, None, None, CANNOT_TELL),
    ],
)
def test_a_verdict_waits_until_the_interval_rules_chance_out(
    better: str, number: float, low: float | None, high: float | None, verdict: str
) -> None:
    assert judge(outcome(better, STEPS), [value(1, 99), value(5, number, low, high)], None) == verdict
    assert judge(outcome(better, STEPS), [value(1, number, low, high)], None) == NO_TARGET
    assert judge(outcome(better, STEPS), [], None) == NO_TARGET


def test_a_baseline_is_stated_or_the_mean_of_its_periods() -> None:
    series = [value(1, 10), value(2, 20), value(3, 90)]
    assert baseline_value(Baseline(44.0, "Cafcass"), series) == 44.0
    assert baseline_value(Baseline(first_date=dt.date(2026, 1, 1), last_date=dt.date(2026, 2, 28)), series) == 15.0
    assert baseline_value(Baseline(first_date=dt.date(2020, 1, 1), last_date=dt.date(2020, 2, 28)), series) is None
    assert baseline_value(None, series) is None
