"""Lists of several boards: what no subtraction may tell, by attack with all published figures at once."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import pytest

from braid.trust.disclosure import possible_counts, publishable_count
from braid.trust.grounds import LEAST
from braid.trust.lists import ANYWHERE, Combination, combinations_of, publish_combinations, span_of_lists
from trust.grounds_attacker import attack

ORDINARY, MANY = 30, 3_000


Cell = tuple[frozenset[str], str]
"""The populations that somebody is in, all of them, and the district they live in."""


@dataclass(frozen=True)
class World:
    """Boards with their populations, and how many people are in each set of populations and in no other, by district.

    `stated` are populations of which no district is published, as of whom a problem statement concerns.
    """

    populations: dict[str, tuple[str, ...]]
    stated: frozenset[str]
    people: dict[Cell, int]

    @property
    def cells(self) -> list[Cell]:
        return sorted(self.people, key=lambda cell: (sorted(cell[0]), cell[1]))

    @property
    def districts(self) -> list[str]:
        return sorted({district for _, district in self.people})

    def of(self, population: str, district: str | None = None) -> int:
        return sum(
            number
            for (pattern, lives), number in self.people.items()
            if population in pattern and district in (None, lives)
        )

    def boards_of(self, pattern: frozenset[str]) -> Combination:
        return frozenset(board for board, own in self.populations.items() if pattern & set(own))

    def counts(self) -> dict[Combination, int]:
        found: dict[Combination, int] = {}
        for (pattern, _), number in self.people.items():
            found[self.boards_of(pattern)] = found.get(self.boards_of(pattern), 0) + number
        return found

    def base(self, board: str) -> dict[str, int]:
        """The base of a board: of its largest population by what is published, the fewest by district."""
        return max((self.fewest(one) for one in self.populations[board]), key=lambda found: sum(found.values()))

    def fewest(self, population: str) -> dict[str, int]:
        if population in self.stated:
            return {ANYWHERE: possible_counts(publishable_count(self.of(population)))[0]}
        return {d: possible_counts(publishable_count(self.of(population, d)))[0] for d in self.districts}

    def most(self, board: str) -> int:
        own = self.populations[board]
        return sum(possible_counts(publishable_count(self.of(one, d)))[1] for one in own for d in self.parts(one))

    def parts(self, population: str) -> list[str | None]:
        return [None] if population in self.stated else list(self.districts)

    def bands(self) -> dict[Combination, tuple[int, int]]:
        boards = list(self.populations)
        return publish_combinations(
            {board: self.base(board) for board in boards}, self.counts(), {board: self.most(board) for board in boards}
        )


def draw_world(chance: random.Random) -> World:
    """Two to four boards with one or two populations each, at most four, skewed to small numbers and to limits."""
    boards = chance.choice((2, 2, 3, 3, 4))
    sizes = [1] * boards
    if boards < 4 and chance.random() < 0.4:
        sizes[chance.randrange(boards)] = 2
    populations = {f"b{board}": tuple(f"p{board}{one}" for one in range(size)) for board, size in enumerate(sizes)}
    every = [one for own in populations.values() for one in own]
    stated = frozenset(one for one in every if chance.random() < 0.25)
    people = {}
    for district in "ab"[: chance.choice((1, 2))]:
        usual = chance.choice((0, 2, 8, 30))
        for size in range(1, len(every) + 1):
            for pattern in itertools.combinations(every, size):
                top = usual * (8 if size == 1 else 1) * chance.choice((0, 1, 1))
                number = chance.choice((0, 1, 2, 7, 8, 12, 13, top, top, chance.randint(0, top + 3)))
                people[frozenset(pattern), district] = number
    return World(populations, stated, people)


def known_of_populations(world: World, *, exactly: bool) -> list:
    """What is known of populations by district: their published figures, or each exactly, as who keeps them may."""
    known = []
    for one in (one for own in world.populations.values() for one in own):
        for district in world.parts(one):
            members = [
                n for n, (pattern, lives) in enumerate(world.cells) if one in pattern and district in (None, lives)
            ]
            exact = world.of(one, district)
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
    bands = world.bands()
    of = {
        combination: [n for n, (pattern, _) in enumerate(world.cells) if world.boards_of(pattern) == combination]
        for combination in bands
    }
    said = [(of[combination], band) for combination, band in bands.items()]
    for members in of.values():
        assert is_kept(world, before, said, members)
    for pair in itertools.combinations(world.populations, 2):
        members = [n for combination, found in of.items() if frozenset(pair) <= combination for n in found]
        assert is_kept(world, before, said, members)
    for members, span in before:
        assert range_of(world, before + said, members) == range_of(world, before, members), span


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
            members = [n for n, (one, _) in enumerate(world.cells) if frozenset(pair) <= world.boards_of(one)]
            exact = sum(world.people[world.cells[n]] for n in members)
            pairs.append((members, possible_counts(publishable_count(exact))))
        broken += any(not is_kept(world, before, pairs, members) for members, _ in pairs)
    assert broken > 0


def test_exact_counts_lie_in_their_bands_and_an_order_is_known() -> None:
    chance = random.Random(11)
    for _ in range(400):
        world = draw_world(chance)
        counts, bands = world.counts(), world.bands()
        assert list(bands) == combinations_of(world.populations)
        for combination, (low, high) in bands.items():
            assert low <= counts.get(combination, 0) <= high
            assert low == 0 or low >= 8


def test_a_large_overlap_of_large_lists_is_said_to_within_five() -> None:
    bases = {"a": {"north": 1_000, "south": 900}, "b": {"north": 300, "south": 500}}
    bands = publish_combinations(bases, {frozenset("ab"): 412}, {"a": 2_500, "b": 1_000})
    assert bands == {frozenset("ab"): (408, 412)}
    assert span_of_lists(bands, "ab") == (408, 412)


def test_people_who_can_only_live_in_two_districts_cannot_be_on_both_lists() -> None:
    bases = {"a": {"north": 1_000, "south": 0}, "b": {"north": 0, "south": 500}}
    bands = publish_combinations(bases, {frozenset("ab"): 300}, {"a": 2_500, "b": 1_000})
    assert bands == {frozenset("ab"): (0, 1_000)}


def test_a_list_of_few_has_nothing_said_of_it() -> None:
    bases = {"a": {"north": 1_000}, "b": {ANYWHERE: 1}}
    assert publish_combinations(bases, {frozenset("ab"): 3}, {"a": 1_500, "b": 7}) == {frozenset("ab"): (0, 7)}


def test_below_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        publish_combinations({"a": {"x": 10}, "b": {"x": 10}}, {frozenset("ab"): -1}, {"a": 20, "b": 20})


@pytest.mark.slow
@pytest.mark.parametrize("exactly", [False, True])
def test_many_worlds_are_attacked(exactly: bool) -> None:
    chance = random.Random()
    for _ in range(MANY):
        check_hidden(draw_world(chance), exactly=exactly)
