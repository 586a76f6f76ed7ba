"""Comparisons on series with a known effect and with none: how often the 95 per cent interval holds what is true."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from braid.place.outcomes.attribution import FEWEST_AFTER, FEWEST_BEFORE, compare_steps, interrupt
from braid.place.outcomes.effects import NOT_TOLD, TOLD, TOO_FEW, TOO_SHORT, say_effects
from braid.place.outcomes.model import Change, Counted, Measure, Met, Outcome
from braid.place.outcomes.periods import periods_before

DISTRICTS = {"E1": "North", "E2": "South", "E3": "East", "E4": "West", "E5": "Mid"}


def noise(draw: np.random.Generator, size: int, strength: float) -> np.ndarray:
    found = np.zeros(size)
    found[0] = draw.normal() / np.sqrt(1 - strength**2)
    for place in range(1, size):
        found[place] = strength * found[place - 1] + draw.normal()
    return found


def drawn(
    draw: np.random.Generator, size: int, begins: int, strength: float, level: float, slope: float
) -> list[float]:
    times = np.arange(size)
    change = level * (times >= begins) + slope * np.maximum(0, times - begins)
    return list(5 + 0.1 * times + change + noise(draw, size, strength))


@pytest.mark.parametrize("strength", [0.0, 0.4, 0.7])
@pytest.mark.parametrize(("level", "slope"), [(3.0, 0.2), (0.0, 0.0)])
def test_intervals_of_an_interrupted_series_hold_the_truth(strength: float, level: float, slope: float) -> None:
    draw, tries = np.random.default_rng(11), 200
    held = [0, 0]
    for _ in range(tries):
        found = interrupt(drawn(draw, 36, 18, strength, level, slope), 18)
        assert found is not None
        held[0] += found.level.low <= level <= found.level.high
        held[1] += found.slope.low <= slope <= found.slope.high
    assert all(0.90 <= one / tries <= 1.0 for one in held), held


def test_without_noise_the_effect_is_found_exactly() -> None:
    values = [10.0 - 0.5 * place for place in range(12)] + [3.0 + 0.25 * place for place in range(8)]
    found = interrupt(values, 12)
    assert found is not None
    assert found.level.value == pytest.approx(3.0 - 4.0, abs=1e-6)
    assert found.slope.value == pytest.approx(0.75, abs=1e-6)
    assert found.at_end.value == pytest.approx(3.0 + 0.25 * 7 - (10.0 - 0.5 * 19), abs=1e-6)


def test_a_strong_effect_is_told_apart_and_few_periods_say_nothing() -> None:
    draw = np.random.default_rng(3)
    found = interrupt(drawn(draw, 40, 20, 0.3, -15.0, 0.0), 20)
    assert found is not None
    assert found.level.is_told_apart
    assert interrupt([1.0] * (FEWEST_BEFORE - 1 + FEWEST_AFTER), FEWEST_BEFORE - 1) is None
    assert interrupt([1.0] * (FEWEST_BEFORE + FEWEST_AFTER - 1), FEWEST_BEFORE) is None


def stepped(draw: np.random.Generator, begins: list[int | None], effect: float, strength: float) -> np.ndarray:
    values = np.array([noise(draw, 24, strength) for _ in begins])
    values += 2 * draw.normal(size=(1, 24)) + 3 * draw.normal(size=(len(begins), 1))
    for area, begin in enumerate(begins):
        if begin is not None:
            values[area, begin:] += effect
    return values


@pytest.mark.parametrize("effect", [2.0, 0.0])
def test_intervals_of_a_stepped_comparison_hold_the_truth(effect: float) -> None:
    draw, tries, begins = np.random.default_rng(5), 100, [5, 9, 13, 17, None]
    held = 0
    for _ in range(tries):
        found = compare_steps(stepped(draw, begins, effect, 0.5), begins)
        assert found is not None
        held += found.low <= effect <= found.high
    assert 0.89 <= held / tries <= 1.0


def test_a_stepped_comparison_needs_dates_that_can_be_dealt_otherwise() -> None:
    values = np.random.default_rng(1).normal(size=(5, 24))
    assert compare_steps(values, [12, 12, 12, 12, 12]) is None
    assert compare_steps(values, [12, None, None, None, None]) is None
    assert compare_steps(values[:3], [5, 9, None]) is None


def outcome(*changes: Change) -> Outcome:
    measure = Measure("share", "month", Counted("pupils"), Met(attended_percent=90))
    return Outcome("a", "A", "why", "higher", "own", "", measure, changes=changes)


def rows(after: int, people: int, begins: dict[str, int]) -> list[dict[str, Any]]:
    """Shares of 60 per cent before, `after` per cent after, give or take a little."""
    draw, found = np.random.default_rng(2), []
    for number, period in enumerate(periods_before("month", dt.date(2026, 11, 30), 30)):
        parts = {}
        for code in DISTRICTS:
            percent = after if number >= begins.get(code, 99) else 60
            parts[code] = (people, min(people, max(0, round(people * percent / 100) + int(draw.integers(-2, 3)))))
        parts[None] = tuple(sum(part[place] for part in parts.values()) for place in (0, 1))
        for code, (of, met) in parts.items():
            found.append(
                {
                    "outcome_id": "a",
                    "period_start_date": period.first,
                    "period_end_date": period.last,
                    "district_code": code,
                    "known": True,
                    "observations": of,
                    "met": met,
                    "people": of,
                    "median_days": None,
                    "low_days": None,
                    "high_days": None,
                }
            )
    return found


EVERYWHERE = Change("Breakfast clubs", dt.date(2025, 12, 1), (), "A new bus route opened in January.")
BEGINS = {"E1": 8, "E2": 12, "E3": 16, "E4": 20}


def one_by_one() -> tuple[Change, ...]:
    periods = periods_before("month", dt.date(2026, 11, 30), 30)
    return tuple(
        Change("Breakfast clubs", periods[begin].first, (code,), "A new bus route opened.")
        for code, begin in BEGINS.items()
    )


def test_words_say_what_was_compared_what_was_found_and_what_else_changed() -> None:
    (said,) = say_effects(outcome(EVERYWHERE), rows(75, 400, dict.fromkeys(DISTRICTS, 18)), DISTRICTS)
    assert "18 months before 1 December 2025 and 12 after" in said["compared"]
    assert said["compared"].startswith("The whole place")
    assert said["else_changed"] == "A new bus route opened in January."
    assert said["found"][0]["value"] == pytest.approx(15, abs=1)
    assert said["found"][0]["unit"] == "percentage points"
    assert said["verdict"] == TOLD


def test_no_effect_is_not_told_apart_and_few_people_are_not_told_of() -> None:
    (nothing,) = say_effects(outcome(EVERYWHERE), rows(60, 400, {}), DISTRICTS)
    assert nothing["verdict"] == NOT_TOLD
    (few,) = say_effects(outcome(EVERYWHERE), rows(60, 3, {}), DISTRICTS)
    assert (few["verdict"], few["found"]) == (TOO_FEW, [])
    late = Change("Late", dt.date(2026, 10, 1), (), "Nothing known.")
    (short,) = say_effects(outcome(late), rows(60, 400, {}), DISTRICTS)
    assert (short["verdict"], short["found"]) == (TOO_SHORT, [])


def test_districts_that_began_one_by_one_are_compared_with_each_other() -> None:
    *alone, together = say_effects(outcome(*one_by_one()), rows(70, 200, BEGINS), DISTRICTS)
    assert len(alone) == 4
    assert together["head"] == "Stepped comparison"
    assert together["found"][0]["value"] == pytest.approx(10, abs=1)
    assert together["verdict"] == TOLD


def test_nothing_that_is_said_claims_a_cause() -> None:
    said = [*say_effects(outcome(*one_by_one(), EVERYWHERE), rows(70, 200, BEGINS), DISTRICTS)]
    said += say_effects(outcome(EVERYWHERE), rows(60, 3, {}), DISTRICTS)
    words = repr(said).lower()
    for claim in ("caus", "because", "due to", "thanks to", "led to", "impact"):
        assert claim not in words
