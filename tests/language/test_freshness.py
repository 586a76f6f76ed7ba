"""How fresh a source is: its rhythm by its own extracts, and how late it is, in words."""

from __future__ import annotations

import datetime as dt

import pytest

from braid.language.freshness import LATEST_EXTRACTS, describe_freshness, find_rhythm_days

TODAY = dt.date(2026, 11, 15)


def _ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("age", "every", "late", "words"),
    [
        (0, 7, 0, "Comes weekly; this one is of the same day"),
        (7, 7, 0, "Comes weekly; this one is 7 days old"),
        (8, 7, 1, "Comes weekly; this one is 8 days old, 1 day late"),
        (21, 7, 14, "Comes weekly; this one is 21 days old, 14 days late"),
        (1, 1, 0, "Comes daily; this one is 1 day old"),
        (40, 30, 10, "Comes monthly; this one is 40 days old, 10 days late"),
        (40, 10, 30, "Comes every 10 days; this one is 40 days old, 30 days late"),
        (300, None, 0, "How often an extract comes is not known; this one is 300 days old"),
        (-3, 7, 0, "Comes weekly; this one is of the same day"),
    ],
)
def test_lateness_is_told_against_the_rhythm(age: int, every: int | None, late: int, words: str) -> None:
    fresh = describe_freshness(_ago(age), every, TODAY)
    assert (fresh.is_late, fresh.late_days, fresh.words) == (late > 0, late, words)


def test_the_rhythm_is_that_of_the_latest_extracts_and_none_of_too_few() -> None:
    assert find_rhythm_days([]) is None
    assert find_rhythm_days([_ago(7), TODAY]) is None
    assert find_rhythm_days([TODAY, _ago(7), _ago(14)]) == 7
    assert find_rhythm_days([TODAY, _ago(7), _ago(14), _ago(100)]) == 7
    monthly_once = [_ago(7 * LATEST_EXTRACTS + 30 * number) for number in range(30)]
    assert find_rhythm_days([*(_ago(7 * number) for number in range(LATEST_EXTRACTS)), *monthly_once]) == 7
