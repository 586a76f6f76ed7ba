"""Lists of several boards: what no subtraction may tell, by attack with all published figures at once."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import pytest

from braid.trust.disclosure import possible_counts, publishable_count
from braid.trust.grounds import LEAST
from braid.trust.lists import Combination, ordered, publishable_combinations, span_of_lists
from trust.grounds_attacker import attack

ORDINARY, MANY = 60, 3_000


@dataclass(frozen=True)
class World:
    """Boards with their populations, and how many people are in each set of populations and in no other."""

    populations: dict[str, tuple[str, ...]]
    people: dict[frozenset[str], int]

    @property
    def patterns(self) -> list[frozenset[str]]:
        return sorted(self.people, key=sorted)

    def of(self, population: str) -> int:
        return sum(number for pattern, number in self.people.items() if population in pattern)

    def boards_of(self, pattern: frozenset[str]) -> Combination:
        return frozenset(board for board, own in self.populations.items() if pattern & set(own))

    def counts(self) -> dict[Combination, int]:
        found: dict[Combination, int] = {}
        for pattern, number in self.people.items():
            found[self.boards_of(pattern)] = found.get(self.boards_of(pattern), 0) + number
        return found

    def shown(self) -> dict[str, list[int | None]]:
        return {board: [publishable_count(self.of(one)) for one in own] for board, own in self.populations.items()}


def draw_world(chance: random.Random) -> World:
    """Two to four boards with one or two populations each, at most five, skewed to small numbers and to limits."""
    boards = chance.choice((2, 2, 3, 3, 4))
    sizes = [chance.choice((1, 2)) if boards < 4 else 1 for _ in range(boards)]
    while sum(sizes) > 5:
        sizes[sizes.index(max(sizes))] -= 1
    populations = {f"b{board}": tuple(f"p{board}{one}" for one in range(size)) for board, size in enumerate(sizes)}
    every = [one for own in populations.values() for one in own]
    usual = chance.choice((0, 2, 8, 30))
    people = {}
    for size in range(1, len(every) + 1):
        for pattern in itertools.combinations(every, size):
            alone = size == 1
            top = usual * (8 if alone else 1)
            people[frozenset(pattern)] = chance.choice((0, 1, 2, 7, 8, 12, 13, top, chance.randint(0, top + 3)))
    return World(populations, people)


def known_of_populations(world: World, *, exactly: bool) -> list:
    """What is known of populations: their published figures, or each exactly, as who keeps them may."""
    known = []
    for one in (one for own in world.populations.values() for one in own):
        members = [number for number, pattern in enumerate(world.patterns) if one in pattern]
        exact = world.of(one)
        known.append((members, (exact, exact) if exactly else possible_counts(publishable_count(exact))))
    return known


def range_of(world: World, known: list, members: list[int]) -> tuple[int, int]:
    found = attack(len(world.people), known, [1 if number in members else 0 for number in range(len(world.people))])
    assert found is not None
    return found


def is_kept(world: World, before: list, bands: list, members: list[int]) -> bool:
    """Whether five values are left of a sum of people, or as many as were before anything was said of combinations."""
    least, most = range_of(world, before + bands, members)
    return most - least >= LEAST - 1 or (least, most) == range_of(world, before, members)


def check_hidden(world: World, *, exactly: bool) -> None:
    """Attack with every published figure, and what the attacker knows of populations."""
    before = known_of_populations(world, exactly=exactly)
    bands = publishable_combinations(world.shown(), world.counts())
    of = {
        combination: [n for n, pattern in enumerate(world.patterns) if world.boards_of(pattern) == combination]
        for combination in bands
    }
    said = [(of[combination], band) for combination, band in bands.items()]
    for members in of.values():
        assert is_kept(world, before, said, members)
    for pair in itertools.combinations(world.populations, 2):
        members = [n for combination, found in of.items() if frozenset(pair) <= combination for n in found]
        assert is_kept(world, before, said, members)
    for members, span in before:
        assert range_of(world, before + said, members) == span


@pytest.mark.parametrize("exactly", [False, True])
def test_all_figures_at_once_leave_five_values_of_each_combination_and_pair(exactly: bool) -> None:
    chance = random.Random(7)
    for _ in range(ORDINARY):
        check_hidden(draw_world(chance), exactly=exactly)


def test_counting_pair_by_pair_is_what_this_is_for() -> None:
    """Rounding each pair by itself does not hold: the attack of these tests finds pairs told to fewer than five."""
    chance, broken = random.Random(3), 0
    for _ in range(60):
        world = draw_world(chance)
        before = known_of_populations(world, exactly=True)
        pairs = []
        for pair in itertools.combinations(world.populations, 2):
            members = [n for n, one in enumerate(world.patterns) if frozenset(pair) <= world.boards_of(one)]
            exact = sum(world.people[world.patterns[n]] for n in members)
            pairs.append((members, possible_counts(publishable_count(exact))))
        broken += any(not is_kept(world, before, pairs, members) for members, _ in pairs)
    assert broken > 0


def test_exact_counts_lie_in_their_bands_and_an_order_is_known() -> None:
    chance = random.Random(11)
    for _ in range(400):
        world = draw_world(chance)
        counts = world.counts()
        bands = publishable_combinations(world.shown(), counts)
        assert list(bands) == ordered(bands)
        for combination, (low, high) in bands.items():
            assert low <= counts.get(combination, 0) <= high
            assert low == 0 or low >= 8


def test_a_large_overlap_of_large_lists_is_said_to_within_five() -> None:
    bands = publishable_combinations({"a": [2_000, None], "b": [900]}, {frozenset("ab"): 412})
    assert bands == {frozenset("ab"): (408, 412)}
    assert span_of_lists(bands, "ab") == (408, 412)


def test_a_list_of_few_has_nothing_said_of_it() -> None:
    bands = publishable_combinations({"a": [2_000], "b": [None]}, {frozenset("ab"): 3})
    assert bands == {frozenset("ab"): (0, 7)}


def test_below_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        publishable_combinations({"a": [10], "b": [10]}, {frozenset("ab"): -1})


@pytest.mark.slow
@pytest.mark.parametrize("exactly", [False, True])
def test_many_worlds_are_attacked(exactly: bool) -> None:
    chance = random.Random()
    for _ in range(MANY):
        check_hidden(draw_world(chance), exactly=exactly)
