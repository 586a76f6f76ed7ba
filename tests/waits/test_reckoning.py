"""What theory says of stated figures: the same as counting week by week finds, and sensible at the edges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.waits.reckoning import Asked, reckon

FIGURES = st.integers(0, 5000)
RATES = st.integers(0, 300)
WEEKS = st.integers(1, 60)


def week_by_week(
    size: float, demand: float, capacity: float, weeks: int, down_to: float = 0
) -> tuple[float, int | None]:
    """Count: so many come, so many leave, never more than there are. Return the size after the weeks, and when it is
    down to a size for the first time."""
    reached = 0 if size <= down_to else None
    for week in range(1, weeks + 1):
        size = max(0.0, size + demand - capacity)
        if reached is None and size <= down_to + 1e-9:
            reached = week
    return size, reached


@given(FIGURES, RATES, RATES, WEEKS)
def test_a_queue_at_these_rates_is_where_counting_finds_it(size: int, demand: int, capacity: int, weeks: int) -> None:
    found = reckon(Asked(size, demand, capacity, None, weeks))
    counted, _ = week_by_week(size, demand, capacity, weeks)
    assert found.size_then == pytest.approx(counted)
    assert found.growth == demand - capacity
    if found.time_to_clear is None:
        assert size > 0 and capacity <= demand
    else:
        _, reached = week_by_week(size, demand, capacity, math.ceil(found.time_to_clear) + 1)
        assert reached == math.ceil(found.time_to_clear)


@given(FIGURES, st.integers(1, 300), RATES, st.integers(1, 100), WEEKS)
def test_relief_brings_the_queue_to_its_target_size_in_its_weeks(
    size: int, demand: int, capacity: int, target: int, weeks: int
) -> None:
    found = reckon(Asked(size, demand, capacity, target, weeks))
    wanted = found.target_queue_size or 0.0
    assert (found.target_queue_size is None) == (demand * target / 4 < 1)
    if found.relief_capacity > 0:
        counted = size + (demand - found.relief_capacity) * weeks
        assert counted == pytest.approx(wanted, abs=1e-6)
    if found.needs_relief:
        assert size > 2 * wanted and found.relief_capacity > demand
    if found.pressure is not None and found.target_queue_size is not None:
        assert (found.pressure > 1 + 1e-9) <= (size > 2 * wanted), "pressure and relief say the same by Little's law"
        assert found.target_capacity > demand


def test_the_figures_of_a_growing_queue() -> None:
    found = reckon(Asked(size=2670, demand=109.2, capacity=50, target=18))
    assert found.queue_load == pytest.approx(2.184)
    assert found.time_to_clear is found.time_to_target is None
    assert found.size_then == pytest.approx(2670 + 26 * 59.2)
    assert found.target_queue_size == pytest.approx(109.2 * 18 / 4)
    assert found.relief_capacity == pytest.approx(109.2 + (2670 - 491.4) / 26)
    assert found.pressure == pytest.approx(2 * (2670 / 109.2) / 18)


def test_without_capacity_demand_or_target_less_is_said() -> None:
    nobody_seen = reckon(Asked(10, 1, 0, 18))
    assert nobody_seen.queue_load is None and nobody_seen.time_to_clear is None
    nobody_comes = reckon(Asked(10, 0, 2, 18))
    assert nobody_comes.mean_wait is nobody_comes.pressure is nobody_comes.target_queue_size is None
    assert nobody_comes.time_to_clear == 5
    no_target = reckon(Asked(10, 1, 2, None))
    assert (
        no_target.target_queue_size is no_target.needs_relief is no_target.target_capacity is no_target.pressure is None
    )
    assert no_target.relief_capacity == pytest.approx(1 + 10 / 26)
    empty = reckon(Asked(0, 0, 0, None))
    assert empty.time_to_clear == 0
