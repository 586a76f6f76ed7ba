"""What a suppressed count is taken for."""

from __future__ import annotations

import pytest

from braid.simulation.calibration.queues import BandedCount, present_from_bands


def _counts(hidden: int, total: int | None) -> list[int]:
    bands = [BandedCount(0, 1, 100), *(BandedCount(week, week + 1, None) for week in range(1, hidden + 1))]
    return [group.count for group in present_from_bands("rtt", bands, total)][1:]


@pytest.mark.parametrize(
    ("total", "imputed"),
    [
        (109, [3, 3, 3]),
        (110, [3, 3, 4]),
        (101, [1, 1, 1]),
        (90, [1, 1, 1]),
        (180, [4, 4, 4]),
        (None, [2, 3, 2]),
    ],
)
def test_what_the_total_leaves_is_shared_within_1_and_4(total: int | None, imputed: list[int]) -> None:
    assert _counts(3, total) == imputed


def test_nothing_is_imputed_where_nothing_is_hidden() -> None:
    assert _counts(0, 500) == []
