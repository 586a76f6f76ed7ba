"""Estimates from a reviewed sample: closed forms, every sample of little populations, and coverage over many draws."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest

from braid.people.estimates import Cell, Estimate, allocate, estimate, number_limits, share_missed, share_of


def test_the_limits_are_clopper_and_pearsons_where_hardly_any_of_very_many_are_drawn():
    """1 of 10, as textbooks print it: 0.0025 to 0.4450; none of 20: 1 less the twentieth root of 0.025."""
    low, high = number_limits(10**6, 10, 1)
    assert (round(low / 10**6, 4), round(high / 10**6, 4)) == (0.0025, 0.4450)
    assert number_limits(10**6, 20, 0)[1] / 10**6 == pytest.approx(1 - 0.025 ** (1 / 20), abs=1e-4)


def test_limits_are_those_found_by_trying_every_number():
    """Every outcome of every little population, with exact fractions."""
    for pairs in range(1, 10):
        for reviewed in range(pairs + 1):
            whole = math.comb(pairs, reviewed)
            for wrong in range(reviewed + 1):

                def chance(bad, numbers, pairs=pairs, reviewed=reviewed, whole=whole):
                    ways = (math.comb(bad, one) * math.comb(pairs - bad, reviewed - one) for one in numbers)
                    return Fraction(sum(ways), whole)

                possible = [
                    bad
                    for bad in range(wrong, pairs - reviewed + wrong + 1)
                    if chance(bad, range(wrong + 1)) > Fraction(1, 40)
                    and chance(bad, range(wrong, reviewed + 1)) > Fraction(1, 40)
                ]
                assert number_limits(pairs, reviewed, wrong) == (possible[0], possible[-1])


@pytest.mark.parametrize(("wrong", "reviewed"), [(0, 9), (3, 9), (9, 9)])
def test_of_everything_reviewed_the_number_is_known(wrong, reviewed):
    assert number_limits(reviewed, reviewed, wrong) == (wrong, wrong)


def test_nothing_reviewed_says_nothing():
    assert number_limits(50, 0, 0) == (0, 50)
    assert estimate([Cell(50, 0, 0)]) == Estimate(25.0, 0.0, 50.0), "any number, and none of them rather"
    assert estimate([Cell(50, 0, 0, undecided=5)]) == Estimate(25.0, 0.0, 50.0)
    assert estimate([Cell(50, 0, 0, 0.1)]) == Estimate(5.0, 0.0, 50.0)
    assert estimate([Cell(0, 0, 0)]) == Estimate(0.0, 0.0, 0.0)


def test_more_looks_never_widen_what_is_left_open():
    widths = [high - low for low, high in (number_limits(1000, n, n // 5) for n in (5, 50, 500, 1000))]
    assert widths == sorted(widths, reverse=True) and widths[-1] == 0


@pytest.mark.parametrize(("wrong", "drawn"), [((2, 1), (2, 2)), ((0, 3), (3, 1)), ((4, 0), (1, 3))])
def test_over_every_sample_there_is_the_estimate_is_the_truth_on_average(wrong, drawn):
    """Two strata of 5 and 4 pairs; all samples, in fractions."""
    sizes = (5, 4)
    strata = [[True] * bad + [False] * (size - bad) for bad, size in zip(wrong, sizes, strict=True)]
    samples = itertools.product(*(itertools.combinations(one, n) for one, n in zip(strata, drawn, strict=True)))
    numbers = []
    for sample in samples:
        cells = [Cell(size, len(one), sum(one)) for size, one in zip(sizes, sample, strict=True)]
        found = estimate(cells)
        exact = sum(Fraction(cell.pairs * cell.wrong, cell.reviewed) for cell in cells)
        assert found.number == pytest.approx(float(exact)) and found.low <= found.number <= found.high
        numbers.append(exact)
    assert sum(numbers) / len(numbers) == sum(wrong)


def covered(sizes, wrong, drawn) -> float:
    """Return the exact chance that the interval holds the truth: all outcomes of all strata, each by how likely."""
    outcomes = []
    for size, bad, n in zip(sizes, wrong, drawn, strict=True):
        whole = math.comb(size, n)
        outcomes.append(
            [
                (Cell(size, n, found), math.comb(bad, found) * math.comb(size - bad, n - found) / whole)
                for found in range(max(0, n - size + bad), min(bad, n) + 1)
            ]
        )
    chance = 0.0
    for drawn_cells in itertools.product(*outcomes):
        found = estimate(cell for cell, _ in drawn_cells)
        if found.low - 1e-9 <= sum(wrong) <= found.high + 1e-9:
            chance += math.prod(each for _, each in drawn_cells)
    return chance


@pytest.mark.parametrize(
    ("sizes", "wrong", "drawn"),
    [
        ((400,), (40,), (60,)),
        ((400,), (4,), (60,)),
        ((5000, 300, 80), (10, 30, 40), (40, 25, 20)),
        ((5000, 300, 80), (0, 3, 40), (40, 25, 20)),
        ((5000, 300), (50, 100), (80, 50)),
        ((20000, 900), (20, 45), (60, 40)),
    ],
)
def test_the_interval_of_several_strata_holds_the_truth_as_often_as_it_says(sizes, wrong, drawn):
    """By every outcome there is, weighted by its chance: no draw, no seed."""
    assert covered(sizes, wrong, drawn) >= 0.95


def test_an_interval_by_the_variance_would_be_wrong_far_more_often():
    """Why it is not that one: of 5,000 pairs with ten wrong, most samples of 80 hold none, and it would say zero."""
    none_found = math.comb(4990, 80) / math.comb(5000, 80)
    assert none_found > 0.8
    assert estimate([Cell(5000, 80, 0)]).high > 10


def test_over_many_places_drawn_at_random_intervals_of_both_shares_hold_the_truth():
    """Strata of any size and error: of shares false and missed, at least 95 in 100 intervals hold the truth."""
    draw = random.Random(7)
    held = {"false": 0, "missed": 0}
    places = 400
    for _ in range(places):
        joined = [(draw.randrange(200, 6000), draw.choice([0.0, 0.001, 0.01, 0.05])) for _ in range(3)]
        apart = [(draw.randrange(20, 2000), draw.choice([0.01, 0.1, 0.5, 0.9])) for _ in range(3)]
        cells, truth = [], []
        for size, rate in (*joined, *apart):
            wrong = sum(draw.random() < rate for _ in range(size))
            n = min(size, draw.choice([30, 60, 120]))
            found = sum(draw.sample([True] * wrong + [False] * (size - wrong), n))
            cells.append(Cell(size, n, found))
            truth.append(wrong)
        false, missed = estimate(cells[:3]), estimate(cells[3:])
        links = sum(cell.pairs for cell in cells[:3])
        share = share_of(false, links)
        held["false"] += share.low - 1e-12 <= sum(truth[:3]) / links <= share.high + 1e-12
        right = links - sum(truth[:3])
        share = share_missed(missed, links, false)
        held["missed"] += share.low - 1e-12 <= sum(truth[3:]) / (sum(truth[3:]) + right) <= share.high + 1e-12
    print({name: count / places for name, count in held.items()})
    assert held["false"] / places >= 0.95 and held["missed"] / places >= 0.95


def test_shares_of_nothing_are_not_known_or_none():
    assert share_of(Estimate(0.0, 0.0, 0.0), 0) == Estimate(0.0, 0.0, 1.0)
    assert share_missed(Estimate(0.0, 0.0, 0.0), 0, Estimate(0.0, 0.0, 0.0)) == Estimate(0.0, 0.0, 0.0)
    assert share_missed(Estimate(10, 5, 20), 100, Estimate(0.0, 0.0, 0.0)).number == pytest.approx(10 / 110)


def test_a_cell_that_cannot_be_is_refused():
    for numbers in ((3, 4, 0), (3, 2, 3), (3, 1, -1), (3, 2, 1, None, 2), (3, 2, 1, None, -1)):
        with pytest.raises(ValueError, match="no more pairs"):
            Cell(*numbers)


def test_undecided_pairs_open_both_ends_as_far_as_all_right_and_all_wrong():
    """Of 100 pairs all were drawn, ten found wrong and five not decided: 10 to 15, and nothing is left to chance."""
    assert estimate([Cell(100, 95, 10, undecided=5)]) == Estimate(pytest.approx(100 * 10 / 95), 10.0, 15.0)
    two = [Cell(100, 95, 10, undecided=5), Cell(40, 30, 0, undecided=10)]
    found = estimate(two)
    assert (found.low, found.high) == (10.0, 25.0), "they add up, and not as squares: one reason may stand behind both"


@pytest.mark.parametrize("whose", ["wrong", "right"])
def test_whoever_is_hard_to_decide_intervals_hold_the_truth_as_often_as_they_say(whose):
    """By every outcome there is: of the drawn pairs that are wrong, or that are right, up to four are never decided."""
    sizes, bad, drawn = (400, 60), (20, 12), (60, 30)
    chance = 0.0
    for found in itertools.product(*(range(min(number, n) + 1) for number, n in zip(bad, drawn, strict=True))):
        cells = []
        for size, n, wrong in zip(sizes, drawn, found, strict=True):
            lost = min(4, wrong if whose == "wrong" else n - wrong)
            cells.append(Cell(size, n - lost, wrong - lost * (whose == "wrong"), undecided=lost))
        told = estimate(cells)
        if told.low - 1e-9 <= sum(bad) <= told.high + 1e-9:
            chance += math.prod(
                math.comb(number, wrong) * math.comb(size - number, n - wrong) / math.comb(size, n)
                for size, number, n, wrong in zip(sizes, bad, drawn, found, strict=True)
            )
    assert chance >= 0.95


def test_pairs_are_drawn_where_they_say_most_and_some_of_each_stratum():
    """Neyman: sizes 1,000 and 1,000 with 1 and 50 in a hundred wrong are drawn as 0.0995 to 0.5."""
    drawn = allocate([1000, 1000, 5, 0], [0.01, 0.5, 0.5, 0.5], 200, 20)
    assert drawn[2:] == [5, 0]
    assert (drawn[1] - 20) / (drawn[0] - 20) == pytest.approx(0.5 / math.sqrt(0.01 * 0.99), rel=0.1)
    assert 190 <= sum(drawn) <= 200
    assert allocate([3, 4], [0.0, 1.0], 10, 2) == [2, 2]
    assert allocate([30], [0.5], 10, 20) == [20]
