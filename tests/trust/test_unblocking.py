"""What frees most, as published: nothing of one to seven is told, by itself, by a total, or by the order."""

from __future__ import annotations

import heapq
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.disclosure import possible_counts, publishable_count, publishable_sum
from braid.trust.unblocking import publish_unblocking
from trust.table_attacker import nearest_five
from trust.unblocking_world import ACTIONS, WEEKS, WORDS, Kind, counts_in, kinds, table, worlds

COUNTS = ("held_waits", "freed_waits")
Number = tuple[str, str, str]
"""A number of the table: action, backlog, and which of `COUNTS`."""
TRIES = 300
LETTER = {words: letter for letter, words in ACTIONS.items()}


def shown_by(world: dict[Kind, int], publish=publish_unblocking) -> dict[Number, int | None]:
    """What is published of every action, in the order in which it stands."""
    return {
        (LETTER[tuple(row[word] for word in WORDS)], row["backlog"], name): row[name]
        for row in publish(table(world))
        if row["scope"] == "action"
        for name in COUNTS
    }


def numbers_of(world: dict[Kind, int]) -> dict[Number, int]:
    return {(row["unblock_id"], row["backlog"] or "", name): row[name] for row in table(world) for name in COUNTS}


def hidden_numbers(world: dict[Kind, int], publish=publish_unblocking) -> dict[Number, int]:
    """The numbers of 1 to 7 that the table does not show."""
    shown = shown_by(world, publish)
    return {key: number for key, number in numbers_of(world).items() if shown[key] is None and 1 <= number <= 7}


def told(world: dict[Kind, int], publish=publish_unblocking) -> set[Number]:
    """The hidden numbers for which no other place is found that publishes the very same table.

    A number that is not here is safe from anybody, whatever they reckon with; one that is here may be told.
    """
    return {key for key in hidden_numbers(world, publish) if another_place(world, key, publish) is None}


def another_place(world: dict[Kind, int], asked: Number, publish=publish_unblocking) -> dict[Kind, int] | None:
    """A place that publishes the same and has another number there: changed wait by wait, nearest table first."""
    shown, true = list(shown_by(world, publish).items()), numbers_of(world)
    order = itertools.count()
    seen: set[tuple[int, ...]] = set()
    heap: list[tuple[int, int, list[Number], dict[Kind, int]]] = []

    def consider(place: dict[Kind, int], kind: Kind, step: int) -> None:
        other = {**place, kind: place[kind] + step}
        name = tuple(other.values())
        if other[kind] >= 0 and name not in seen and numbers_of(other).get(asked, 0) != true[asked]:
            seen.add(name)
            apart = differing(other)
            heapq.heappush(heap, (len(apart), next(order), apart, other))

    def differing(place: dict[Kind, int]) -> list[Number]:
        theirs = shown_by(place, publish)
        apart = [key for key, value in shown if theirs.get(key, "gone") != value] + [
            key for key in theirs if key not in true
        ]
        return apart or ([asked] if list(theirs.items()) != shown else [])

    for kind in world:
        for step in (1, -1):
            consider(world, kind, step)
    for _ in range(TRIES):
        if not heap:
            break
        _, _, apart, place = heapq.heappop(heap)
        if not apart:
            return place
        theirs = numbers_of(place)
        for key in apart[:2]:
            off = true.get(key, 0) - theirs.get(key, 0)
            for kind in world:
                if off and counts_in(kind, *key):
                    consider(place, kind, 1 if off > 0 else -1)
    return None


def only_rounded(rows):
    """Each number rounded by itself: what the search must find fault with."""
    return [
        {**row, "backlog": row["backlog"] or "", **{name: publishable_count(row[name]) for name in COUNTS}}
        for row in rows
    ]


BACKLOGS = {("x", "a"): 8, ("y", "a"): 8, ("z", "a"): 1}
"""One action over three backlogs, with the numbers of decision 15."""


def test_a_total_over_backlogs_that_would_give_a_part_away_is_joined() -> None:
    assert told(BACKLOGS) == set(), "another place publishes the same"
    assert told(BACKLOGS, only_rounded), "the numbers are such that rounding alone is not enough"
    assert shown_by(BACKLOGS)["a", "", "held_waits"] != shown_by(BACKLOGS, only_rounded)["a", "", "held_waits"]


def test_teams_and_resources_say_nothing_that_their_actions_do_not_say() -> None:
    """Two tables with the same figures of actions have the same of teams and resources, whatever lies behind."""
    for world in worlds(60, seed=3):
        rows = publish_unblocking(table(world))
        actions = [row for row in rows if row["scope"] == "action"]
        for scope, columns in (("team", WORDS[:2]), ("resource", WORDS[3:])):
            for row in (row for row in rows if row["scope"] == scope):
                mine = [
                    action
                    for action in actions
                    if action["backlog"] == row["backlog"] and all(action[name] == row[name] for name in columns)
                ]
                assert mine
                for name in (*COUNTS, "held_weeks", "freed_weeks"):
                    shown = [action[name] for action in mine if action[name] is not None]
                    assert row[name] == (sum(shown) if shown else None)
                assert row["held_hidden"] == sum(action["held_waits"] is None for action in mine)
                assert not any(row[name] for name in WORDS if name not in columns)


def sizes_of_what_is_told(count: int, seed: int, publish=publish_unblocking) -> tuple[int, int]:
    hidden = given_away = 0
    for world in worlds(count, seed):
        hidden += len(hidden_numbers(world, publish))
        given_away += len(told(world, publish))
    return hidden, given_away


def test_every_hidden_number_has_another_place_that_publishes_the_same() -> None:
    hidden, given_away = sizes_of_what_is_told(30, seed=1)
    print(f"{hidden:,} hidden numbers of 30 places, {given_away} without another place that publishes the same")
    assert hidden > 150
    assert given_away == 0


@pytest.mark.slow
def test_every_hidden_number_of_many_places_has_another_place_that_publishes_the_same() -> None:
    hidden, given_away = sizes_of_what_is_told(1_500, seed=2)
    print(f"{hidden:,} hidden numbers of 1,500 places, {given_away} without another place that publishes the same")
    assert given_away == 0


EXACT = st.dictionaries(st.sampled_from(kinds("abcd", "xy")), st.integers(0, 20) | st.integers(0, 400), min_size=1)


@given(EXACT)
def test_counts_follow_the_rule_and_totals_are_off_by_seven_at_most(world: dict[Kind, int]) -> None:
    rows = [row for row in publish_unblocking(table(world)) if row["scope"] == "action"]
    shown = {(LETTER[tuple(row[word] for word in WORDS)], row["backlog"]): row for row in rows}
    assert len(shown) == len(table(world))
    for row in table(world):
        values = shown[row["unblock_id"], row["backlog"] or ""]
        for name in COUNTS:
            value, number = values[name], row[name]
            assert (value == 0) == (number == 0)
            assert not (1 <= number <= 7 and value is not None)
            assert value == nearest_five(number) if row["backlog"] else value is None or abs(value - number) <= 7
            assert value is not None or number <= 12
            weeks = values[name.replace("waits", "weeks")]
            assert (weeks is None) == (value is None or value < 15)
            assert weeks is None or weeks == WEEKS * value


@given(EXACT, st.randoms())
def test_the_order_rests_on_what_is_shown_and_not_on_how_it_came(world: dict[Kind, int], draw: random.Random) -> None:
    rows = table(world)
    found = publish_unblocking(rows)
    assert found == publish_unblocking(draw.sample(rows, len(rows)))
    for scope in ("action", "team", "resource"):
        for backlog in {row["backlog"] for row in found}:
            alike = [row for row in found if (row["scope"], row["backlog"]) == (scope, backlog)]
            assert [row["position"] for row in alike] == list(range(1, len(alike) + 1))
            counts = [7 if row["freed_waits"] is None else row["freed_waits"] for row in alike]
            assert counts == sorted(counts, reverse=True)


def test_two_that_show_the_same_stand_in_the_order_of_their_words() -> None:
    for few, more in ((8, 12), (12, 8), (1, 7), (7, 1)):
        world = {("x", "a"): few, ("x", "c"): more}
        rows = [row for row in publish_unblocking(table(world)) if (row["scope"], row["backlog"]) == ("action", "")]
        assert [row["owner_organisation"] for row in rows] == ["council", "court"]


def test_a_sum_is_told_of_fifteen_or_more_and_is_no_ones_own() -> None:
    assert publishable_sum(1000.0, 12, publishable_count(12)) is None
    assert publishable_sum(1000.0, 7, publishable_count(7)) is None
    assert publishable_sum(0.0, 0, 0) is None
    for count in (13, 17, 18, 230):
        shown = publishable_count(count)
        assert publishable_sum(40.2 * count, count, shown) == 40 * (shown or 0)
        low, high = possible_counts(shown)
        assert (high - low) * 40 >= 4 * 40, "four more or fewer waits of the usual length would show the same"
