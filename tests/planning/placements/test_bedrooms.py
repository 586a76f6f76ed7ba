"""The bedroom standard: worked households, and never more rooms than the best way to share."""

from __future__ import annotations

import random

import pytest

from braid.planning.placements.bedrooms import Sleeper, bedrooms_needed


def of(text: str) -> list[Sleeper]:
    """Return sleepers written as age and sex: `34f 8m`."""
    sexes = {"f": "female", "m": "male", "u": "unknown"}
    return [Sleeper(int(word[:-1]), sexes[word[-1]]) for word in text.split()]


@pytest.mark.parametrize(
    ("household", "couples", "rooms"),
    [
        ("", 0, 0),
        ("34f", 0, 1),
        ("34f 36m", 1, 1),
        ("34f 36m", 0, 2),
        ("34f 8m 6f", 0, 2),
        ("34f 12m 11f", 0, 3),
        ("34f 12m 11m", 0, 2),
        ("34f 12m 6m", 0, 2),
        ("34f 12m 6f", 0, 3),
        ("34f 36m 15m 15f 5m 5f", 1, 3),
        ("34f 9m 10f", 0, 3),
        ("34f 20f 10f", 0, 2),
        ("34f 21f 10f", 0, 3),
        ("17f 0m", 0, 2),
        ("34f 8m 7m 6m", 0, 3),
        ("34f 14u 13u", 0, 3),
        ("70f 68m 40f 41m 12m 4m 3f", 2, 4),
    ],
)
def test_worked_households(household: str, couples: int, rooms: int) -> None:
    assert bedrooms_needed(of(household), couples) == rooms


@pytest.mark.parametrize(("household", "couples"), [("34f", 1), ("34f 8m", 1), ("34f 36m", -1)])
def test_a_couple_is_two_adults(household: str, couples: int) -> None:
    with pytest.raises(ValueError, match="a couple is two people"):
        bedrooms_needed(of(household), couples)


def test_children_share_as_well_as_they_may() -> None:
    draw = random.Random(3)
    for _ in range(500):
        children = [Sleeper(draw.randint(0, 20), draw.choice(("female", "male"))) for _ in range(draw.randint(0, 7))]
        assert bedrooms_needed(children) == _fewest_rooms(tuple(children))


def _fewest_rooms(children: tuple[Sleeper, ...]) -> int:
    """Try every way to put the first child alone or with another who may share."""
    if not children:
        return 0
    first, rest = children[0], children[1:]
    ways = [1 + _fewest_rooms(rest)]
    ways += [1 + _fewest_rooms(rest[:at] + rest[at + 1 :]) for at, other in enumerate(rest) if _may_share(first, other)]
    return min(ways)


def _may_share(one: Sleeper, other: Sleeper) -> bool:
    return one.sex == other.sex or max(one.age_years, other.age_years) < 10
