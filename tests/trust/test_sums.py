"""Sums over people as they are published, held against whoever reads them night after night."""

from __future__ import annotations

import random

import pytest

from braid.trust.disclosure import MEDIAN_BASE
from braid.trust.sums import publish_sum


@pytest.mark.parametrize(
    ("total", "people", "shown"),
    [
        (24_680.0, 20, (20, 24_000)),  # 1,234 each: 1,200
        (25_000.0, 20, (20, 26_000)),  # 1,250 each: 1,300
        (1_980.0, 20, (20, 1_980)),  # 99 each
        (0.0, 20, (20, 0)),
        (24_680.0, 12, (10, None)),
        (24_680.0, 5, (None, None)),
    ],
)
def test_a_sum_is_the_published_number_times_the_mean_to_two_digits(total, people, shown):
    assert publish_sum(total, people) == shown


def test_what_one_person_cost_in_a_night_is_not_told_by_two_nights():
    """A hearing of 1,000 pounds, of one person of a cohort: in most worlds nothing that is shown becomes otherwise, and
    where something does, it is by far more or says only that a bound was crossed."""
    world, changed, told = random.Random(8), 0, 0
    for _ in range(2_000):
        people = world.randint(MEDIAN_BASE + 3, 60)
        total = people * world.uniform(2_000, 30_000)
        before, after = publish_sum(total, people)[1], publish_sum(total + 1_000, people)[1]
        assert before is not None and after is not None
        changed += before != after
        told += before != after and abs(after - before - 1_000) < people / 2
    assert changed < 400, "it was 2,000 of 2,000 in whole pounds"
    assert told == 0
