"""Kaplan and Meier's estimate: by a published sample, by hand, and against laws that samples were drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from braid.simulation.calibration.survival import Spells, as_quantiles, kaplan_meier, tail_rate
from braid.simulation.durations import Quantiles, Weibull

WEEK = 7


def spells(left: list[int], ended: list[bool], entered: list[int] | None = None) -> Spells:
    return Spells(
        np.array(entered or [0] * len(left)), np.array(left), np.ones(len(left), np.int64), np.array(ended, bool)
    )


def test_the_estimate_of_a_published_sample() -> None:
    # Weeks of remission under 6-MP (Freireich et al., Blood 21, 1963), as in every textbook; minus is censored.
    sample = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
    curve = kaplan_meier(spells([abs(each) for each in sample], [each > 0 for each in sample]))
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {day: round(float(curve.survival[day]), 3) for day in published} == published


def test_whoever_is_seen_late_is_at_risk_only_from_then_on() -> None:
    # One ends at 2 and was always seen; two more were first seen at 3, and one of them ended at 5.
    curve = kaplan_meier(spells([2, 5, 9], [True, True, False], [0, 3, 3]))
    assert curve.at_risk[:7].tolist() == [1, 1, 1, 2, 2, 2, 1]
    assert curve.survival[5] == pytest.approx(np.exp(-1) * 0.5), "the first end emptied the risk set too early to say 0"
    assert kaplan_meier(spells([2, 5], [True, True])).survival[5] == 0.0


def _drawn(law: Weibull, count: int, seed: int) -> np.ndarray:
    uniform = np.random.default_rng(seed).random(count)
    return law.quantiles(uniform, 1 - uniform)[0]


def test_a_censored_sample_gives_back_its_law_where_the_naive_mean_is_biased() -> None:
    law, count = Weibull("weibull", 30.0, 1.6), 20_000
    weeks = _drawn(law, count, 1)
    censored_at = np.random.default_rng(2).random(count) * 60
    left = np.rint(np.minimum(weeks, censored_at) * WEEK).astype(int)
    ended = weeks <= censored_at
    found = as_quantiles(kaplan_meier(spells(left.tolist(), ended.tolist())), 8, 1040)
    # Beyond 60 weeks nothing is seen, and an exponential tail is longer than that of a law whose rate rises.
    assert found.mean == pytest.approx(30.0, rel=0.04)
    naive = weeks[ended].mean()
    assert naive < 0.75 * 30.0
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        wanted = law.quantiles(np.array([share]), np.array([1 - share]))[0][0]
        assert np.interp(share, found.shares, found.weeks) == pytest.approx(wanted, rel=0.04), share


def test_late_entry_gives_back_the_law_where_it_is_biased_without() -> None:
    # A window of half a year on people who come evenly over ten years: whoever ended before it is not shown.
    law, rng = Weibull("weibull", 30.0, 1.6), np.random.default_rng(3)
    began = rng.random(100_000) * 520
    ended = began + _drawn(law, 100_000, 4)
    is_shown = ended >= 494
    entered = np.maximum(np.ceil((494 - began[is_shown]) * WEEK), 0).astype(int)
    seen = np.minimum(ended[is_shown], 520.0)
    left = np.maximum(np.floor((seen - began[is_shown]) * WEEK).astype(int), entered)
    is_end = ended[is_shown] <= 520
    ones = np.ones(len(left), np.int64)
    with_entry = as_quantiles(kaplan_meier(Spells(entered, left, ones, is_end)), 8, 1040)
    without = as_quantiles(kaplan_meier(Spells(0 * entered, left, ones, is_end)), 8, 1040)
    assert with_entry.mean == pytest.approx(30.0, rel=0.03)
    assert without.mean > 1.3 * 30.0, "those who ended before the window are missed, those who lasted are not"


def test_beyond_the_last_end_the_tail_is_exponential_with_the_last_rate_and_capped() -> None:
    # Ends come at random at 0.05 a week, and nothing is seen beyond 20 weeks.
    weeks = -20.0 * np.log(np.random.default_rng(5).random(20_000))
    left = np.floor(np.minimum(weeks, 20) * WEEK).astype(int)
    curve = kaplan_meier(spells(left.tolist(), (weeks <= 20).tolist()))
    law = as_quantiles(curve, 8, 1040)
    assert law.mean == pytest.approx(20.0, rel=0.06)
    assert np.interp(1 - np.exp(-3.0), law.shares, law.weeks) == pytest.approx(60.0, rel=0.15)
    capped = as_quantiles(curve, 8, 40)
    assert capped.weeks[-1] == 40.0
    assert max(share for share in capped.shares if share < 1) == pytest.approx(1 - np.exp(-2.0), abs=0.02)


def test_where_many_end_on_one_day_and_few_are_left_the_rate_of_all_carries_on() -> None:
    left = [0] * 100 + [30, 30]
    curve = kaplan_meier(spells(left, [True] * 100 + [False] * 2))
    law = as_quantiles(curve, 8, 1040)
    assert law.weeks[-1] < 60
    assert tail_rate(curve, -1) > 1
    assert tail_rate(curve, 0) == 0.0


def test_each_point_has_as_many_ends_as_a_published_count_and_none_is_the_longest_wait() -> None:
    left = sorted(np.random.default_rng(6).integers(10, 900, 60).tolist())
    curve = kaplan_meier(spells(left, [True] * 60))
    law = as_quantiles(curve, 8, 1040)
    days = [round(week * WEEK - 0.5) for week in law.weeks[1:]]
    measured = [
        day
        for day, share in zip(days, law.shares[1:], strict=True)
        if day < len(curve.survival) and abs(1 - curve.survival[day] - share) < 1e-9
    ]
    assert len(measured) > 4
    for before, day in zip([-1, *measured], measured, strict=False):
        assert sum(before < each <= day for each in left) >= 8
    assert left[-1] not in measured


def test_a_law_that_is_written_is_sound() -> None:
    rng = np.random.default_rng(7)
    for seed in range(200):
        size = int(rng.integers(8, 60))
        left = rng.integers(0, rng.choice([2, 30, 900]), size)
        entered = np.minimum(rng.integers(0, 400, size) * (seed % 2), left)
        ended = rng.random(size) < 0.6
        if ended.sum() < 8:
            continue
        law = as_quantiles(kaplan_meier(Spells(entered, left, np.ones(size, np.int64), ended)), 8, 520)
        assert list(law.faults("law")) == [], seed
        assert isinstance(law, Quantiles)


def test_too_few_ends_are_no_curve() -> None:
    with pytest.raises(ValueError, match="too few"):
        as_quantiles(kaplan_meier(spells([5] * 7, [True] * 7)), 8, 1040)
