"""Fairness figures: what is published together leaves every small count open, whoever adds the tables up."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braid.trust.disclosure import SLACK, possible_counts, publishable_count
from braid.trust.fairness import COLUMNS, Beside, CharacteristicShown, publish_groups, wilson_interval

COUNT = st.integers(0, 13)
APART = Beside(0, 1)
"""As if nobody were concerned now, so that what stands beside the figures says nothing of them."""


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
        for each in publish_groups(exact, APART)
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
    assert publish_groups(exact, APART) == publish_groups(rounded, APART)


def _stand_in(count: int) -> int:
    shown = publishable_count(count)
    return 3 if shown is None else shown


def test_of_two_tables_that_tell_on_each_other_the_later_is_withheld() -> None:
    def of(*counts: int) -> dict[str, dict[str, int]]:
        return {str(place): dict.fromkeys(COLUMNS, count) for place, count in enumerate(counts)}

    first, second = publish_groups({"age": of(8, 8, 1), "sex": of(17)}, APART)
    assert (first.withheld, second.withheld) == (frozenset(), frozenset(COLUMNS))
    assert [group.reached for group in second.groups] == [None]
    assert [group.reached for group in first.groups] == [10, 10, None]


@st.composite
def first_runs(draw: st.DrawFn) -> tuple[dict[str, dict[str, dict[str, int]]], Beside]:
    """A first run: as many reached as there are places, everybody else never, and links in doubt of some of them."""
    people, places = draw(st.integers(0, 40)), draw(st.sampled_from([1, 10, 20, 25]))
    reached = min(places, people)
    exact: dict[str, dict[str, dict[str, int]]] = {}
    doubted = draw(st.integers(0, people))
    for name in ("one", "two"):
        count = draw(st.integers(1, 3))
        columns = {"reached": _split(draw, reached, count), "never_reached": _split(draw, people - reached, count)}
        groups = {str(each): {column: parts[each] for column, parts in columns.items()} for each in range(count)}
        left = doubted
        for each, counts in groups.items():
            most = sum(counts.values())
            rest = sum(sum(other.values()) for later, other in groups.items() if later > each)
            counts["in_doubt"] = draw(st.integers(max(0, left - rest), min(left, most)))
            left -= counts["in_doubt"]
        exact[name] = groups
    return exact, Beside(publishable_count(people), places)


def _split(draw: st.DrawFn, total: int, count: int) -> list[int]:
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=count - 1, max_size=count - 1)))
    return [end - start for start, end in itertools.pairwise([0, *cuts, total])]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(first_runs())
def test_nobody_reckons_a_small_count_from_the_number_of_people_and_of_places(drawn) -> None:
    exact, beside = drawn
    check_attacker(publish_groups(exact, beside), beside)


def check_attacker(published: list[CharacteristicShown], beside: Beside) -> None:
    """Try every total of reached and never that the first run allows, and count what each cell can then be."""
    tables = {
        column: {
            each.characteristic: [possible_counts(getattr(group, column)) for group in each.groups]
            for each in published
            if column not in each.withheld
        }
        for column in ("reached", "never_reached")
    }
    low, high = possible_counts(beside.people)
    pairs = {(min(beside.places, people), max(0, people - beside.places)) for people in range(low, high + 1)}
    for place, column in enumerate(tables):
        for spans in tables[column].values():
            sums = totals(spans)
            pairs = {pair for pair in pairs if pair[place] in sums}
    assert pairs
    for place, column in enumerate(tables):
        known = {pair[place] for pair in pairs}
        for name, spans in tables[column].items():
            for cell, (least, most) in enumerate(spans):
                rest = totals([span for other, span in enumerate(spans) if other != cell])
                left = [value for value in range(least, most + 1) if any(total - value in rest for total in known)]
                needed = 1 if (least, most) == (0, 0) else SLACK + 1 if least == 1 else 3
                assert len(left) >= needed, (column, name, cell)


def test_the_first_run_of_few_people_shows_no_group_of_one() -> None:
    counts = [{"reached": count, "never_reached": 0, "in_doubt": 0} for count in (8, 8, 1)]
    (sex,) = publish_groups({"sex": dict(zip("fmo", counts, strict=True))}, Beside(publishable_count(17), 20))
    assert sex.withheld == {"reached"}
    assert [group.reached for group in sex.groups] == [None] * 3


def test_every_first_run_of_up_to_thirty_people_in_three_groups_stays_open() -> None:
    for people in range(31):
        for places in (10, 20):
            reached = min(places, people)
            for one in range(reached + 1):
                for other in range(0, reached - one + 1, 3):
                    parts = (one, other, reached - one - other)
                    never = (people - reached, 0, 0)
                    groups = {
                        str(each): {"reached": parts[each], "never_reached": never[each], "in_doubt": 0}
                        for each in range(3)
                    }
                    beside = Beside(publishable_count(people), places)
                    check_attacker(publish_groups({"sex": groups}, beside), beside)


def test_links_in_doubt_tell_nothing_of_how_many_there_are() -> None:
    counts = {"reached": 7, "never_reached": 7, "in_doubt": 13}
    groups = {"a": counts, "b": {"reached": 50, "never_reached": 50, "in_doubt": 0}}
    ((shown),) = publish_groups({"sex": groups}, APART)
    assert shown.withheld == {"in_doubt"}, "13 in doubt would say that both are six or seven"


def test_a_share_is_of_published_counts_and_has_its_interval() -> None:
    counts = {"reached": 101, "never_reached": 52, "in_doubt": 3}
    ((group,),) = (each.groups for each in publish_groups({"sex": {"female": counts}}, APART))
    assert (group.reached, group.never_reached, group.in_doubt) == (100, 50, None)
    assert (group.share, group.low, group.high) == (33, 26, 42)


@pytest.mark.parametrize(("reached", "never"), [(0, 40), (40, 0), (5, 40), (40, 5)])
def test_a_share_of_nobody_of_everybody_or_of_few_is_not_shown(reached: int, never: int) -> None:
    counts = {"reached": reached, "never_reached": never, "in_doubt": 0}
    ((group,),) = (each.groups for each in publish_groups({"sex": {"female": counts}}, APART))
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
