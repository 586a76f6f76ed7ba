"""Fairness figures: what is published together leaves every small count open, whoever adds the tables up."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.disclosure import SLACK, possible_counts, publishable_count
from braid.trust.fairness import COLUMNS, publish_groups, wilson_interval

COUNT = st.integers(0, 13)


@st.composite
def two_tables(draw: st.DrawFn) -> dict[str, dict[str, dict[str, int]]]:
    """Two characteristics of the same people, each count of a column the same in total."""
    first = {name: draw(COUNT) for name in draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", "c")]))}
    total = sum(first.values())
    cut = sorted(draw(st.lists(st.integers(0, total), min_size=1, max_size=2)))
    second = dict(enumerate(end - start for start, end in itertools.pairwise([0, *cut, total])))
    return {
        name: {str(group): dict.fromkeys(COLUMNS, count) for group, count in groups.items()}
        for name, groups in (("one", first), ("two", second))
    }


def totals(spans: list[tuple[int, int]]) -> set[int]:
    return {sum(counts) for counts in itertools.product(*(range(low, high + 1) for low, high in spans))}


@given(two_tables(), st.sampled_from(COLUMNS))
def test_every_suppressed_count_keeps_five_values_by_trying_all_of_them(exact, column: str) -> None:
    shown = {
        each.characteristic: [possible_counts(getattr(group, column)) for group in each.groups]
        for each in publish_groups(exact)
        if column not in each.withheld
    }
    for name, spans in shown.items():
        other = [totals(others) for each, others in shown.items() if each != name]
        for cell, (low, high) in enumerate(spans):
            rest = totals([span for place, span in enumerate(spans) if place != cell])
            left = [value for value in range(low, high + 1) if all({value + r for r in rest} & sums for sums in other)]
            needed = 1 if (low, high) == (0, 0) else SLACK + 1 if low == 1 else 3
            assert len(left) >= needed, (name, cell)


@given(two_tables())
def test_the_same_publication_follows_from_every_table_that_is_shown_alike(exact) -> None:
    rounded = {
        name: {group: {column: _stand_in(counts[column]) for column in COLUMNS} for group, counts in groups.items()}
        for name, groups in exact.items()
    }
    assert publish_groups(exact) == publish_groups(rounded)


def _stand_in(count: int) -> int:
    shown = publishable_count(count)
    return 3 if shown is None else shown


def test_of_two_tables_that_tell_on_each_other_the_later_is_withheld() -> None:
    def of(*counts: int) -> dict[str, dict[str, int]]:
        return {str(place): dict.fromkeys(COLUMNS, count) for place, count in enumerate(counts)}

    first, second = publish_groups({"age": of(8, 8, 1), "sex": of(17)})
    assert (first.withheld, second.withheld) == (frozenset(), frozenset(COLUMNS))
    assert [group.reached for group in second.groups] == [None]
    assert [group.reached for group in first.groups] == [10, 10, None]


def test_a_share_is_of_published_counts_and_has_its_interval() -> None:
    counts = {"reached": 101, "never_reached": 52, "in_doubt": 3}
    ((group,),) = (each.groups for each in publish_groups({"sex": {"female": counts}}))
    assert (group.reached, group.never_reached, group.in_doubt) == (100, 50, None)
    assert (group.share, group.low, group.high) == (33, 26, 42)


@pytest.mark.parametrize(("reached", "never"), [(0, 40), (40, 0), (5, 40), (40, 5)])
def test_a_share_of_nobody_of_everybody_or_of_few_is_not_shown(reached: int, never: int) -> None:
    counts = {"reached": reached, "never_reached": never, "in_doubt": 0}
    ((group,),) = (each.groups for each in publish_groups({"sex": {"female": counts}}))
    assert (group.share, group.low, group.high) == (None, None, None)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_every_proportion_that_the_score_test_would_not_refuse(part: int, more: int) -> None:
    whole = part + more
    low, high = wilson_interval(part, whole)
    for bound in (low, high):
        if 0 < bound < 1:
            spread = math.sqrt(bound * (1 - bound) / whole)
            assert abs(part / whole - bound) / spread == pytest.approx(1.959964, rel=1e-6)
    assert 0 <= low <= part / whole <= high <= 1
