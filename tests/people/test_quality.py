from __future__ import annotations

import pytest

from braid.people.quality import score_b_cubed, score_by_source_pair, score_pairs

TRUTH = {"a": 1, "b": 1, "c": 1, "d": 2}
FOUND = {"a": "x", "b": "x", "c": "y", "d": "y"}


def test_pairs_are_counted() -> None:
    score = score_pairs(FOUND, TRUTH)
    assert (score.true_positive, score.found, score.true) == (1, 2, 3)
    assert score.precision == pytest.approx(1 / 2)
    assert score.recall == pytest.approx(1 / 3)
    assert score.f1 == pytest.approx(0.4)


def test_b_cubed_is_the_mean_over_records() -> None:
    precision, recall, _ = score_b_cubed(FOUND, TRUTH)
    assert precision == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
    assert recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)


def test_source_pairs_add_up_to_the_whole() -> None:
    sources = {"a": "s", "b": "t", "c": "t", "d": "s"}
    by_pair = score_by_source_pair(FOUND, TRUTH, sources)
    whole = score_pairs(FOUND, TRUTH)
    assert sum(score.true_positive for score in by_pair.values()) == whole.true_positive
    assert sum(score.found for score in by_pair.values()) == whole.found
    assert sum(score.true for score in by_pair.values()) == whole.true


def test_no_records_is_no_error() -> None:
    assert score_pairs({}, {}).f1 == 1.0
    assert score_b_cubed({}, {}) == (1.0, 1.0, 1.0)
