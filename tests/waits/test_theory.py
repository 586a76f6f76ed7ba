"""The theory of one list, held against closed forms, against the paper's own figures, and against a list let run."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.waits import theory
from braid.waits.outlook import find_outlook

RATES = st.floats(0.01, 1000, allow_nan=False)
AS_OF = dt.date(2026, 11, 15)
Steps = Callable[[random.Random], float]


@given(RATES, RATES)
def test_an_m_m_1_list_is_reckoned_exactly(demand: float, more: float) -> None:
    capacity = demand + more
    load = theory.queue_load(demand, capacity)
    wait = theory.average_wait(demand, capacity)
    assert wait == pytest.approx(1 / (capacity - demand), rel=1e-6)
    assert theory.average_size(demand, wait) == pytest.approx(load / (1 - load), rel=1e-6)


@given(RATES, RATES, st.floats(0, 3))
def test_of_an_m_g_1_list_it_is_off_by_what_it_says(demand: float, more: float, cv: float) -> None:
    capacity = demand + more
    load = demand / capacity
    pollaczek_khinchine = 1 / capacity + load * (1 + cv**2) / (2 * (capacity - demand))
    found = theory.average_wait(demand, capacity, theory.variability(1, cv**2))
    assert found - pollaczek_khinchine == pytest.approx((cv**2 - 1) / (2 * capacity), abs=1e-6 * found)


@given(RATES, RATES, st.floats(0.01, 5), st.floats(1, 10))
def test_target_capacity_gives_the_target_mean_wait(demand: float, target: float, f: float, factor: float) -> None:
    capacity = theory.target_capacity(demand, target, f, factor)
    spread = f / theory.target_mean_wait(target, factor)
    if spread > 1e-6 * demand:
        assert theory.average_wait(demand, capacity, f) == pytest.approx(target / factor, rel=1e-6)


@given(RATES, RATES, st.floats(0, 1000), RATES)
def test_relief_reaches_the_target_size_in_its_time(
    demand: float, size: float, target_size: float, weeks: float
) -> None:
    capacity = theory.relief_capacity(demand, size, target_size, weeks)
    if capacity > 0:
        assert size + (demand - capacity) * weeks == pytest.approx(target_size, abs=1e-6 * (size + demand * weeks))
    found = theory.time_to_clear(size, demand, capacity, target_size)
    if size > target_size + 1e-3 * demand * weeks:
        assert found == pytest.approx(weeks, rel=1e-3)


def test_the_papers_own_list() -> None:
    """Ear, nose and throat, priority 4: 1,200 wait, 30 come and 27 leave a week, 63 weeks on the mean, target 52."""
    assert theory.queue_load(30, 27) == pytest.approx(1.111, abs=1e-3)
    assert theory.target_mean_wait(52) == 13
    assert theory.target_queue_size(30, 52) == 390
    assert theory.needs_relief(1200, 390)
    assert not theory.needs_relief(780, 390)
    assert theory.relief_capacity(30, 1200, 390, 26) == pytest.approx(61.15, abs=1e-2)
    assert theory.target_capacity(30, 52, theory.variability(1.1**2, 1.2**2), 3) == pytest.approx(30.076442, abs=1e-6)
    assert theory.waiting_list_pressure(63, 52) == pytest.approx(2.42, abs=1e-2)
    assert theory.average_wait(30, 27) is None
    assert theory.time_to_clear(1200, 30, 27) is None


def test_a_quarter_of_the_target_leaves_two_in_a_hundred_beyond_it() -> None:
    assert theory.share_past(13, 52) == pytest.approx(0.018, abs=5e-4)
    assert theory.share_past(52 / 6, 52) == pytest.approx(0.0025, abs=5e-4)


def test_clearing() -> None:
    assert theory.clearance_time(120, 30) == 4
    assert theory.clearance_time(120, 0) is None
    assert theory.time_to_clear(120, 20, 30) == 12
    assert theory.time_to_clear(120, 20, 30, 60) == 6
    assert theory.time_to_clear(50, 40, 30, 60) == 0


@pytest.mark.parametrize(
    "asked",
    [
        lambda: theory.queue_load(1, 0),
        lambda: theory.queue_load(-1, 1),
        lambda: theory.average_wait(1, math.inf),
        lambda: theory.waiting_list_pressure(1, 0),
        lambda: theory.relief_capacity(1, 1, 1, 0),
        lambda: theory.share_past(0, 1),
    ],
)
def test_what_is_no_rate_or_time_is_refused_by_name(asked: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"^[a-z ]+ is a number (above 0|from 0 on)$"):
        asked()


def random_steps(rate: float) -> Steps:
    return lambda luck: luck.expovariate(rate)


def even_steps(rate: float) -> Steps:
    return lambda luck: 1 / rate


def steadier_steps(rate: float) -> Steps:
    """Four exponential steps as one: the squared coefficient of variation is a quarter."""
    return lambda luck: luck.gammavariate(4, 1 / (4 * rate))


def let_run(arrivals: Steps, services: Steps, people: int, seed: int) -> list[tuple[float, float]]:
    """One list, first come first served: when each comes and leaves, in weeks."""
    luck = random.Random(seed)
    came, free, moves = 0.0, 0.0, []
    for _ in range(people):
        came += arrivals(luck)
        free = max(free, came) + services(luck)
        moves.append((came, free))
    return moves


def mean_and_error(waits: list[float], batches: int = 40) -> tuple[float, float]:
    """The mean, and its standard error from the means of batches in a row: neighbours on a list wait alike."""
    size = len(waits) // batches
    means = [sum(waits[n * size : (n + 1) * size]) / size for n in range(batches)]
    mean = sum(means) / batches
    return mean, math.sqrt(sum((one - mean) ** 2 for one in means) / (batches - 1) / batches)


@pytest.mark.parametrize(("services", "cv_squared"), [(random_steps, 1), (even_steps, 0), (steadier_steps, 0.25)])
def test_a_list_that_is_let_run_waits_as_long_as_the_formula_says(
    services: Callable[[float], Steps], cv_squared: float
) -> None:
    demand, capacity = 8.0, 10.0
    moves = let_run(random_steps(demand), services(capacity), 200_000, seed=7)
    mean, error = mean_and_error([left - came for came, left in moves[10_000:]])
    told = theory.average_wait(demand, capacity, theory.variability(1, cv_squared))
    exact = told - (cv_squared - 1) / (2 * capacity)
    assert abs(mean - exact) <= 4 * error
    assert error < 0.05 * exact


def test_the_outlook_of_a_list_that_is_let_run_is_its_own() -> None:
    """Its weekly figures alone give back demand, capacity and variability; and Little's law holds between them."""
    demand, capacity = 20.0, 19.0
    moves = let_run(random_steps(demand), steadier_steps(capacity), 40_000, seed=11)
    weeks = 1_900
    additions = Counter(int(came) for came, _ in moves)
    removals = Counter(int(left) for _, left in moves)
    rows, size = [], 0
    for week in range(weeks):
        size += additions[week] - removals[week]
        end = AS_OF - dt.timedelta(weeks=weeks - 1 - week)
        rows.append({"week_end_date": end, "additions": additions[week], "removals": removals[week], "known": True})
    waited = [weeks - came for came, left in moves if came < weeks <= left]
    mean_days = 7 * sum(waited) / len(waited)
    outlook = find_outlook(measure(waiting=size, open_mean_days=mean_days, limit_days=126), rows)
    assert outlook.weeks == weeks
    assert outlook.demand == pytest.approx(demand, rel=0.02)
    assert outlook.capacity == pytest.approx(capacity, rel=0.02)
    assert outlook.variability == pytest.approx((1 + 0.25) / 2, rel=0.06)
    assert outlook.queue_load == pytest.approx(demand / capacity, rel=0.02)
    assert outlook.average_wait is None
    assert outlook.time_to_clear is None
    assert outlook.target == 18
    assert outlook.needs_relief
    assert outlook.size == len(waited)
    inside = [left - came for came, left in moves if left < weeks]
    in_time = sum(inside) + sum(waited)
    mean_size = in_time / weeks
    assert theory.average_size(len(inside) / weeks, in_time / len(inside)) == pytest.approx(mean_size)


def weekly(counts: list[tuple[int, int]], unknown: int = 0) -> list[dict]:
    """Rows of weeks in any order, before them some that are not known."""
    rows = [(0, 0, False)] * unknown + [(*count, True) for count in counts]
    ends = [AS_OF - dt.timedelta(weeks=len(rows) - 1 - n) for n in range(len(rows))]
    return [
        {"week_end_date": end, "additions": came, "removals": left, "known": known}
        for end, (came, left, known) in reversed(list(zip(ends, rows, strict=True)))
    ]


def measure(**more: object) -> dict:
    return {"waiting": 40, "open_mean_days": 70.0, "limit_days": None, **more}


def test_without_a_limit_nothing_is_said_of_a_target() -> None:
    outlook = find_outlook(measure(), weekly([(10, 12)] * 52))
    rest_on_one = "target target_queue_size target_capacity needs_relief relief_capacity time_to_target"
    assert {getattr(outlook, name) for name in f"{rest_on_one} waiting_list_pressure".split()} == {None}
    assert outlook.time_to_clear == pytest.approx(20)


def test_weeks_that_are_not_known_are_left_out() -> None:
    outlook = find_outlook(measure(), weekly([(10, 9)] * 22, unknown=30))
    assert (outlook.weeks, outlook.demand, outlook.capacity) == (22, 10, 9)
    assert outlook.since_date == AS_OF - dt.timedelta(days=22 * 7 - 1)


@pytest.mark.parametrize(
    ("counts", "unknown"),
    [([], 52), ([(10, 9)] * 12, 40), ([(10, 0)] * 52, 0), ([(0, 10)] * 52, 0)],
    ids=["nothing known", "too few weeks", "nobody left", "nobody came"],
)
def test_too_little_is_known_for_an_outlook(counts: list[tuple[int, int]], unknown: int) -> None:
    assert find_outlook(measure(), weekly(counts, unknown)) is None


def test_of_a_target_size_below_one_wait_nothing_is_reckoned_but_pressure() -> None:
    outlook = find_outlook(measure(limit_days=1.0, open_mean_days=7.0), weekly([(10, 12)] * 52))
    assert (outlook.target_queue_size, outlook.target_capacity, outlook.time_to_target) == (None, None, None)
    assert (outlook.target, outlook.waiting_list_pressure) == (pytest.approx(1 / 7), pytest.approx(14))


def test_dispersion() -> None:
    assert theory.index_of_dispersion([5, 5, 5]) == 0
    assert theory.index_of_dispersion([4, 6]) == pytest.approx(2 / 5)
    assert theory.index_of_dispersion([5]) is None
    assert theory.index_of_dispersion([0, 0]) is None
