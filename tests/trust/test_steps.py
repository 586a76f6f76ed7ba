"""Outcomes in steps: what is shown, what is not, and what an attacker learns who knows the rule and the other cubes."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.cubes import OUTCOMES_BY_DISTRICT, OUTCOMES_BY_PERIOD
from braid.trust.disclosure import possible_counts, publishable_count, share_step
from braid.trust.steps import HIDDEN, publish_step

COUNTS = st.integers(0, 1200)


def share(met: int, counted: int, people: int | None = None, ends: tuple[float, float] | None = None) -> object:
    exact = {"met": met, "observations": counted, "people": counted if people is None else people, "median_days": None}
    return publish_step("share", exact, *(ends or (None, None)))


@given(COUNTS, COUNTS)
def test_a_share_is_shown_of_20_and_where_8_stand_on_either_side(met: int, rest: int) -> None:
    shown = share(met, met + rest)
    is_open = met >= 8 and rest >= 8 and met + rest >= 18
    assert (shown != HIDDEN) is is_open
    if is_open:
        step = share_step(met + rest)
        assert step == (1 if met + rest >= 498 else 5)
        assert shown.value % step == 0
        sides = (publishable_count(met), publishable_count(rest))
        assert abs(shown.value - 100 * sides[0] / sum(sides)) <= step / 2 + 1e-9


@given(st.integers(18, 2000), st.floats(0, 50), st.floats(50, 100))
def test_an_interval_is_widened_to_whole_steps_and_holds_the_value(people: int, low: float, high: float) -> None:
    shown = share(people // 2, people, ends=(low, high))
    if shown != HIDDEN:
        assert shown.low <= low
        assert high <= shown.high <= 100
        assert shown.low <= shown.value <= shown.high
        assert shown.low % shown.step == 0


@pytest.mark.parametrize(
    ("figure", "exact", "value"),
    [
        ("count", {"met": 17, "people": 17}, None),
        ("count", {"met": 18, "people": 18}, 20),
        ("count", {"met": 24, "people": 24}, 20),
        ("count", {"met": 25, "people": 25}, 30),
        ("count", {"met": 0, "people": 0}, None),
        ("count", {"met": 40, "people": 9}, None),
        ("median", {"median_days": 12.4, "people": 18}, 10),
        ("median", {"median_days": 12.6, "people": 18}, 15),
        ("median", {"median_days": 12.6, "people": 17}, None),
        ("median", {"median_days": None, "people": 0}, None),
        ("rate", {"met": 37, "observations": 1000, "people": 30}, 3.7),
        ("rate", {"met": 3777, "observations": 1000, "people": 30}, 380.0),
        ("rate", {"met": 37, "observations": 1000, "people": 17}, None),
        ("rate", {"met": 0, "observations": 0, "people": 0}, None),
        ("share", {"met": 40, "observations": 80, "people": 9}, None),
    ],
)
def test_each_figure_has_its_own_steps(figure: str, exact: dict, value: float | None) -> None:
    assert publish_step(figure, exact, None, None).value == value


def test_a_figure_that_no_cube_has_is_refused() -> None:
    with pytest.raises(KeyError):
        publish_step("mean", {"met": 1, "people": 30}, None, None)


def test_no_count_is_published_by_district() -> None:
    assert {measure.name for measure in OUTCOMES_BY_DISTRICT.measures} == {"share", "rate", "median"}
    assert not any(
        dimension.total for cube in (OUTCOMES_BY_PERIOD, OUTCOMES_BY_DISTRICT) for dimension in cube.dimensions
    )


def test_an_outcome_leaves_of_a_hidden_count_more_than_one_number_possible() -> None:
    """The attacker knows a district's count as published elsewhere, and the outcome's share of the same waits.

    For each that they may see together, the numbers of those who meet it that fit both: never one alone, whatever
    stands behind, and none of 1 to 7 where a share is shown.
    """
    behind: dict[tuple, set[int]] = defaultdict(set)
    for counted in range(121):
        for met in range(counted + 1):
            behind[publishable_count(counted), share(met, counted).value].add(met)
    for (count, shown), fits in behind.items():
        _, high = possible_counts(count)
        assert len(fits) > 1 or high == 0, (count, shown)
        if shown is not None:
            assert min(fits) >= 8
            assert len(fits) >= 2, (count, shown)


def test_quarters_beside_the_counts_of_91_days_narrow_no_hidden_district() -> None:
    """Four quarters of three districts: what is shown of outcomes says of a quarter at most that 18 or more ended.

    So a district that is not shown is known to have had 17 or fewer, or few on one side: no hidden count of 1 to 7
    loses a possible value, since each of them is 17 or fewer.
    """
    draw = random.Random(4)
    for _ in range(2_000):
        counted = draw.choice((draw.randrange(8), draw.randrange(40)))
        shown = share(draw.randrange(counted + 1), counted)
        if publishable_count(counted) is None:
            assert shown == HIDDEN
            assert all(share(met, other) == HIDDEN for other in range(1, 8) for met in range(other + 1))
