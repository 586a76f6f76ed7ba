from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from braid.people.identity import assign_ids, draw_id

RECORDS = [f"r{number}" for number in range(10)]
PARTITION = st.lists(st.integers(0, 4), min_size=10, max_size=10)


def counter() -> Callable[[], str]:
    serial: Iterator[int] = count(100)
    return lambda: f"p{next(serial)}"


def groups_of(labels: list[int], records: list[str]) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for record, label in zip(records, labels, strict=False):
        groups.setdefault(label, []).append(record)
    return sorted(groups.values())


@given(PARTITION)
@settings(deadline=None)
def test_an_unchanged_place_keeps_every_id(labels: list[int]) -> None:
    groups = groups_of(labels, RECORDS)
    first = assign_ids({}, groups, counter())
    again = assign_ids(first.person_ids, groups, counter())
    assert again.person_ids == first.person_ids
    assert again.history == ()
    assert {row.change for row in first.history} == {"new"}


@given(PARTITION, PARTITION, st.integers(0, 10), st.integers(0, 10))
@settings(deadline=None, max_examples=300)
def test_every_change_is_told_and_no_id_serves_twice(before: list[int], after: list[int], old: int, new: int) -> None:
    previous = assign_ids({}, groups_of(before, RECORDS[:old]), counter()).person_ids
    groups = groups_of(after, RECORDS[10 - new :])
    found = assign_ids(previous, groups, counter())
    ids_now, ids_before = set(found.person_ids.values()), set(previous.values())
    assert len(ids_now) == len(groups)
    ended = {row.person_id for row in found.history if row.change in ("merged", "retired")}
    begun = {row.person_id for row in found.history if row.change in ("new", "split")} - ids_before
    assert ended == ids_before - ids_now
    assert begun == ids_now - ids_before
    merged_into = {row.other_person_id for row in found.history if row.change == "merged"}
    assert merged_into <= ids_now
    keys = Counter((row.person_id, row.change, row.other_person_id) for row in found.history)
    assert all(number == 1 for number in keys.values())


@given(PARTITION, PARTITION)
@settings(deadline=None)
def test_the_order_of_groups_does_not_decide_who_keeps_an_id(before: list[int], after: list[int]) -> None:
    previous = assign_ids({}, groups_of(before, RECORDS), counter()).person_ids
    groups = groups_of(after, RECORDS)
    kept = assign_ids(previous, groups, counter()).person_ids
    turned = assign_ids(previous, groups[::-1], counter()).person_ids
    old = set(previous.values())
    assert {r: p for r, p in kept.items() if p in old} == {r: p for r, p in turned.items() if p in old}


def test_a_merge_keeps_the_larger_and_retires_the_smaller() -> None:
    previous = {"r0": "b", "r1": "b", "r2": "a"}
    found = assign_ids(previous, [["r0", "r1", "r2"]], counter())
    assert set(found.person_ids.values()) == {"b"}
    assert [(row.person_id, row.change, row.other_person_id) for row in found.history] == [("a", "merged", "b")]


def test_a_split_leaves_the_id_with_the_larger_part() -> None:
    found = assign_ids(dict.fromkeys(RECORDS[:3], "a"), [["r0"], ["r1", "r2"]], counter())
    assert found.person_ids == {"r0": "p100", "r1": "a", "r2": "a"}
    assert ("p100", "split", "a") in {(row.person_id, row.change, row.other_person_id) for row in found.history}


def test_a_drawn_id_in_use_is_drawn_again() -> None:
    draws = iter(["a", "a", "b"])
    found = assign_ids({"r0": "a"}, [["r0"], ["r1"]], lambda: next(draws))
    assert found.person_ids == {"r0": "a", "r1": "b"}


def test_drawn_ids_say_nothing_and_differ() -> None:
    assert len({draw_id() for _ in range(100)}) == 100
    assert len(draw_id()) == 32


@given(st.integers(1, 9), st.integers(0, 3))
@settings(deadline=None)
def test_a_merge_that_is_undone_gives_each_the_id_it_had(size: int, arrived: int) -> None:
    """Whichever of the two was larger, kept its id in the merge, or had records come to it since."""
    one, other = RECORDS[:size], RECORDS[size:]
    first = assign_ids({}, [one, other], counter()).person_ids
    merged = assign_ids(first, [RECORDS], counter()).person_ids
    formers = {record: (first[record],) for record in RECORDS if first[record] != merged[record]}
    with_new = [*one, *(f"s{number}" for number in range(arrived))]
    found = assign_ids(merged, [other, with_new], counter(), formers=formers)
    assert {record: found.person_ids[record] for record in RECORDS} == first
    back, stays = next(iter(formers.values()))[0], merged["r0"]
    told = {(row.person_id, row.change, row.other_person_id) for row in found.history}
    assert told == {(back, "returned", None), (back, "split", stays)}


def test_whoever_came_to_an_id_last_leaves_it_to_who_came_before() -> None:
    """Nobody is left who had the id first: one was merged into it years ago, two came last night and go again."""
    previous, formers = dict.fromkeys("pqr", "P"), {"p": ("Z",), "q": ("Q",), "r": ("Q",)}
    years_ago, last_night = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    arrived = {"p": years_ago, "q": last_night, "r": last_night}
    found = assign_ids(previous, [["p"], ["q", "r"]], counter(), formers=formers, arrived=arrived)
    assert found.person_ids == {"p": "P", "q": "Q", "r": "Q"}


def test_an_id_given_up_long_before_does_not_stand_in_for_the_one_that_was_merged() -> None:
    formers = {"q": ("Q", "A"), "r": ("Q", "A")}
    found = assign_ids(dict.fromkeys("pqr", "P"), [["p"], ["q", "r"]], counter(), formers=formers)
    assert found.person_ids == {"p": "P", "q": "Q", "r": "Q"}
