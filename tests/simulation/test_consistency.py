"""What does not add up in figures: nothing in closed forms, and what is known to be odd in published figures."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from braid.simulation.consistency import (
    WEEKS_A_MONTH,
    WEEKS_A_YEAR,
    Figures,
    Finding,
    check_consistency,
    implied_wait,
    uncounted_leaving,
)

MM1 = Figures(
    "one",
    "One desk",
    waiting=4.0,
    additions=0.8,
    removals=0.8,
    leaving=0.0,
    growth=0.0,
    mean_wait=5.0,
    capacity=1.0,
)
"""M/M/1 at a load of 0.8: L = 0.8 / (1 - 0.8) = 4 inside, W = 1 / (1 - 0.8) = 5."""
RTT = Figures(
    "rtt",
    "Referral to treatment",
    waiting=7_400_000,
    additions=1_828_833 / (30 / 7),
    removals=(320_947 + 1_237_188) / (30 / 7),
    growth=10_000 / (30 / 7),
)
"""England, June 2025: starts, completed admitted and other, and what the list grew by (NHS England by the press)."""
HOUSING = Figures(
    "lettings",
    "Social housing",
    waiting=1_340_000,
    additions=263_000 / WEEKS_A_YEAR,
    removals=263_000 / WEEKS_A_YEAR,
    within_weeks=WEEKS_A_YEAR,
    within_share=0.56,
)
"""England, 2024-25: households on registers, lettings in the year, and how many new lets came within a year (MHCLG)."""


def found(figures: Figures) -> dict[str, Finding]:
    return {finding.rule: finding for finding in check_consistency(figures)}


def test_a_settled_queue_adds_up() -> None:
    assert check_consistency(MM1) == ()


def test_a_settled_queue_whose_people_leave_adds_up() -> None:
    # M/M/1 with slots for half of who come, the others leaving after 20 weeks on the mean: L = 5 * 20 = 100.
    waiting, additions, patience = 100.0, 10.0, 20.0
    figures = Figures(
        "one", "One desk", waiting=waiting, additions=additions, removals=5.0, leaving=waiting / patience, growth=0.0,
        mean_wait=waiting / additions, capacity=5.0,
    )  # fmt: skip
    assert check_consistency(figures) == ()


def test_a_size_that_is_not_additions_times_wait_is_told() -> None:
    finding = found(replace(MM1, waiting=8.0))["little"]
    assert finding.figures["implied_wait"] == pytest.approx(10.0)
    assert "10 weeks" in finding.words
    assert "5 weeks" in finding.words
    assert finding.next_step.startswith("See whether the mean is of everybody")
    assert "missing from the size" in found(replace(MM1, waiting=2.0))["little"].next_step


def test_a_queue_that_grows_has_no_mean_wait_of_its_own() -> None:
    grows = replace(MM1, waiting=40.0, additions=1.6, growth=0.8)
    assert "not settled" in found(grows)["little"].next_step


def test_few_who_wait_may_be_off_by_chance() -> None:
    assert "little" in found(replace(MM1, waiting=7.0))
    assert "little" not in found(replace(MM1, waiting=7.0, weeks=26.0))
    assert "little" in found(replace(MM1, waiting=700.0, additions=80.0, weeks=26.0))


def test_referral_to_treatment_loses_a_quarter_of_a_million_a_month_uncounted() -> None:
    finding = found(RTT)["uncounted"]
    a_june = finding.figures["uncounted_a_week"] * 30 / 7
    assert a_june == pytest.approx(1_828_833 - 320_947 - 1_237_188 - 10_000)
    assert 255_000 < a_june < 265_000
    assert finding.figures["patience"] == pytest.approx(120, abs=5)
    assert "leave uncounted, 14% of those who come" in finding.words
    assert "patience" in finding.next_step


def test_who_come_uncounted_are_told_too() -> None:
    finding = found(replace(MM1, growth=0.4))["uncounted"]
    assert finding.figures["uncounted_a_month"] == pytest.approx(-0.4 * WEEKS_A_MONTH)
    assert "come whom the additions do not count" in finding.words


def test_a_housing_register_is_not_first_come_first_served() -> None:
    finding = found(HOUSING)["order"]
    assert finding.figures["in_turn"] / WEEKS_A_YEAR == pytest.approx(5.1, abs=0.05)
    assert "56%" in finding.words
    assert "bands" in finding.next_step
    assert "order" not in found(replace(HOUSING, within_share=0.05))


def test_a_queue_that_grew_may_have_been_served_in_turn() -> None:
    grew = replace(HOUSING, growth=3 * 263_000 / WEEKS_A_YEAR)
    assert "order" not in found(replace(grew, within_weeks=WEEKS_A_YEAR))


def test_how_long_published_queues_take_by_little() -> None:
    assert implied_wait(131_140, 0.15 * 263_000 / WEEKS_A_YEAR) / WEEKS_A_YEAR == pytest.approx(3.3, abs=0.05)
    assert implied_wait(78_329, 30_000 / 13) == pytest.approx(34, abs=0.5)
    assert implied_wait(7_400_000, 400_000) == pytest.approx(18.5)
    with pytest.raises(ValueError, match="above 0"):
        implied_wait(1.0, 0.0)


def test_slots_that_cannot_take_up_who_come_are_told_by_how_much() -> None:
    short = Figures("one", "One desk", weeks=26.0, waiting=100.0, additions=100.0, leaving=5.0, capacity=70.0)
    assert found(short)["capacity"].figures["growth"] == pytest.approx(25.0)
    assert "capacity" not in found(replace(short, capacity=94.0)), "within two standard errors of 26 weeks"
    assert "capacity" in found(replace(short, capacity=90.0))
    assert "capacity" not in found(replace(short, leaving=30.0))


def test_places_are_loaded_by_who_come_times_their_stay() -> None:
    places = Figures("ta", "Shelter", gives="places", waiting=95.0, additions=2.0, in_place_weeks=50.0, capacity=100.0)
    assert found(places)["load"].figures["load"] == pytest.approx(1.0)
    assert found(places)["load"].weight == "warning"
    assert found(replace(places, capacity=104.0))["load"].weight == "note"
    assert "load" not in found(replace(places, capacity=120.0))


def test_slots_of_a_queue_that_was_empty_are_a_lower_bound() -> None:
    assert set(found(replace(MM1, was_empty=True))) == {"idle"}


def test_what_is_not_known_is_not_told() -> None:
    assert check_consistency(Figures("one", "One desk")) == ()
    assert check_consistency(Figures("one", "One desk", waiting=0.0, additions=0.0, removals=0.0, growth=0.0)) == ()


def test_uncounted_leaving_is_the_rest_of_the_balance() -> None:
    assert uncounted_leaving(10.0, 6.0, 1.0, 2.0) == pytest.approx(1.0)
    assert math.isclose(uncounted_leaving(10.0, 6.0, 1.0, 3.0), 0.0)
