"""What somebody sees who may not know: the same words with and without an exclusion, and nothing to draw it from."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from braid.planning.contract import Limits, redact
from braid.planning.placements.lawfulness import Case, is_excluded, straight_km
from braid.planning.placements.model import (
    Circle,
    ExclusionZone,
    Household,
    Point,
    Problem,
    Shortlists,
    Unit,
)
from braid.planning.placements.reasons import reasons_of
from braid.planning.placements.run import solve
from braid.planning.placements.shortlists import Answer, Desk

from .instances import ON_DATE

KEY = b"a key of the place for tests only"
QUIET_KM = 4.0


def county(seed: int, households: int = 50, units: int = 160, share: float = 0.5) -> tuple[Problem, dict[str, Circle]]:
    """Households of whom a share are kept from a circle, and the circle of each, kept from it or not."""
    draw = random.Random(seed)
    middle = lambda: Point(draw.gauss(-2.3, 0.06), draw.gauss(53.5, 0.04))  # noqa: E731
    stock = tuple(
        Unit(f"u{u}", "Alder", "leased", draw.choice([1, 2]), draw.uniform(2500, 7000), middle()) for u in range(units)
    )
    homes = [middle() for _ in range(households)]
    circles = {f"h{h}": Circle(_beside(draw, home), draw.uniform(1.0, 2.5)) for h, home in enumerate(homes)}
    families = tuple(
        Household(
            f"h{h}",
            "Alder",
            1,
            home=home,
            exclusion_zone=ExclusionZone(circles=(circles[f"h{h}"],)) if draw.random() < share else ExclusionZone(),
        )
        for h, home in enumerate(homes)
    )
    rules = Shortlists(quiet_km=QUIET_KM, length=6, blank_share=0.2, left_out_share=0.3)
    return Problem("placements", ON_DATE, ("Alder",), (), stock, families, shortlists=rules), circles


def _beside(draw: random.Random, home: Point) -> Point:
    return Point(home.longitude + draw.uniform(-0.012, 0.012), home.latitude + draw.uniform(-0.008, 0.008))


def desk(problem: Problem, placed: dict[str, str]) -> Desk:
    return Desk(Case(problem), placed, KEY)


def placed_by(problem: Problem) -> dict[str, str]:
    return {each.household: each.unit for each in solve(problem, Limits()).placements}


def without_exclusions(problem: Problem) -> Problem:
    return replace(
        problem, households=tuple(replace(each, exclusion_zone=ExclusionZone()) for each in problem.households)
    )


def test_the_words_are_the_same_with_and_without_an_exclusion() -> None:
    told = 0
    for seed in range(6):
        problem, _ = county(seed)
        placed = placed_by(problem)
        real, bare = desk(problem, placed), desk(without_exclusions(problem), placed)
        for household in problem.households:
            assert not real.reaches_beyond_quiet(household.id)
            assert real.answers(household.id) == bare.answers(household.id)
            told += len(real.shortlist(household.id))
        assert redact(reasons_of(Case(problem), placed)) == redact(reasons_of(bare.case, placed))
    assert told > 300


def test_two_users_differ_in_nothing_but_what_one_may_know() -> None:
    problem, _ = county(3)
    placed = placed_by(problem)
    asked = desk(problem, placed)
    known = [each.id for each in problem.households if each.exclusion_zone.circles][:3]
    for household in problem.households:
        plain, knowing = asked.answers(household.id), asked.answers(household.id, known)
        assert (plain == knowing) == (household.id not in known)
    told = [word for name in known for answer in asked.answers(name, known) for word in answer.words]
    assert "exclusion_zone" in told
    hidden = [word for each in problem.households for answer in asked.answers(each.id) for word in answer.words]
    assert "exclusion_zone" not in hidden


def test_nothing_offered_is_where_the_household_must_not_be() -> None:
    problem, _ = county(4)
    asked = desk(problem, placed_by(problem))
    offered = [(h, u) for h in problem.households for u in asked.shortlist(h.id)]
    assert offered
    assert not any(is_excluded(asked.case, household, asked.case.units[unit]) for household, unit in offered)


def test_not_offered_says_nothing_of_a_unit() -> None:
    problem, _ = county(5)
    asked = desk(problem, placed_by(problem))
    found = [each for h in problem.households for each in asked.answers(h.id) if each.words == ("not_offered",)]
    assert len(found) > 1000
    assert all(each == Answer(each.unit, ("not_offered",)) for each in found)


def _middle(points: list[Point]) -> Point:
    east = math.fsum(each.longitude for each in points) / len(points)
    north = math.fsum(each.latitude for each in points) / len(points)
    return Point(east, north)


def _chance_of_telling(protected: list[float], others: list[float]) -> float:
    """The share of pairs in which the protected one scores higher: one half where a score says nothing."""
    wins = sum((one > other) + 0.5 * (one == other) for one in protected for other in others)
    return wins / (len(protected) * len(others))


def _scores(
    problem: Problem, circles: dict[str, Circle], placed: dict[str, str], is_naive: bool
) -> dict[str, list[float]]:
    """How near the middle of what is refused lies to the truth, and how far from it all offers are; by household.

    The naive desk offers whatever is free and safe, and refuses the rest: what one would build without thinking.
    """
    asked = desk(problem, placed)
    found: dict[str, list[float]] = {}
    for household in problem.households:
        truth = circles[household.id].centre
        answers = asked.answers(household.id)
        free = [each.unit for each in answers if each.words[0] in ("offered", "not_offered")]
        offered = set(asked.shortlist(household.id))
        if is_naive:
            offered = {u for u in free if not is_excluded(asked.case, household, asked.case.units[u])}
        refused = [asked.case.units[each].point for each in free if each not in offered]
        near = -straight_km(_middle(refused), truth) if refused else -99.0
        gap = min((straight_km(asked.case.units[each].point, truth) for each in offered), default=0.0)
        found[household.id] = [near, gap]
    return found


def _told_apart(is_naive: bool) -> list[float]:
    protected: list[list[float]] = []
    others: list[list[float]] = []
    for seed in range(100, 112):
        problem, circles = county(seed)
        # Where people live is held apart: what a plan says by placing somebody is another matter than what answers say.
        placed = {each.id: f"u{position}" for position, each in enumerate(problem.households)}
        for household, scores in _scores(problem, circles, placed, is_naive).items():
            is_protected = bool(Case(problem).households[household].exclusion_zone.circles)
            (protected if is_protected else others).append(scores)
    return [
        _chance_of_telling([each[attack] for each in protected], [each[attack] for each in others]) for attack in (0, 1)
    ]


@pytest.mark.parametrize(("is_naive", "least", "most"), [(False, 0.44, 0.56), (True, 0.75, 1.0)])
def test_who_is_protected_cannot_be_told_from_what_is_refused(is_naive: bool, least: float, most: float) -> None:
    """Both attacks know where the circle would be; on a desk that refuses what is unsafe alone they succeed."""
    for chance in _told_apart(is_naive):
        assert least <= chance <= most


def test_a_household_whose_exclusion_reaches_far_is_offered_nothing_like_a_fifth_of_all() -> None:
    problem, _ = county(9, share=0.0)
    far = replace(problem.households[0], exclusion_zone=ExclusionZone(districts=("Alder",)))
    asked = desk(replace(problem, households=(far, *problem.households[1:])), {})
    assert asked.reaches_beyond_quiet("h0")
    assert asked.shortlist("h0") == ()
    blank = sum(not asked.shortlist(each.id) for each in problem.households[1:])
    assert 2 <= blank <= 20


def test_another_key_leaves_out_others() -> None:
    problem, _ = county(10)
    one, other = (Desk(Case(problem), {}, key) for key in (KEY, b"another key of thirty-two bytes.."))
    assert any(one.shortlist(each.id) != other.shortlist(each.id) for each in problem.households)
    assert all(one.shortlist(each.id) == desk(problem, {}).shortlist(each.id) for each in problem.households)
