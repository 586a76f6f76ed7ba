from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.people.quality import score_b_cubed, score_by_group, score_by_source_pair, score_pairs

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


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=9), st.integers(0, 15))
def test_pairs_by_group_are_those_counted_one_by_one(drawn: list[tuple[int, int]], groups: int) -> None:
    found = {f"r{n}": f"f{pair[0]}" for n, pair in enumerate(drawn)}
    truth = {f"r{n}": f"t{pair[1]}" for n, pair in enumerate(drawn)}
    group_of = {f"t{n}": "ab"[groups >> n & 1] for n in range(4)}
    pairs = list(itertools.combinations(sorted(found), 2))
    for group, score in score_by_group(found, truth, group_of).items():
        true = [p for p in pairs if truth[p[0]] == truth[p[1]] and group_of[truth[p[0]]] == group]
        ours = [p for p in pairs if found[p[0]] == found[p[1]] and group in {group_of[truth[r]] for r in p}]
        assert (score.true, score.found, score.true_positive) == (len(true), len(ours), len({*true} & {*ours}))
