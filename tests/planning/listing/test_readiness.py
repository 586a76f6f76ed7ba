"""Forecasts of readiness: closed forms, draws, and the signal that a hearing will not be ready while there is time."""

from __future__ import annotations

import datetime as dt
import random
from statistics import NormalDist

import pytest

from braid.planning.listing.readiness import (
    ALL,
    Lateness,
    Outstanding,
    early_signals,
    forecast,
    learn_lateness,
    ready_probability,
)

AS_OF = dt.date(2027, 1, 4)
EVEN = {ALL: Lateness(10.0, 7.0, 100)}


def due(days: int, kind: str = "fpl:LA5", owner: str = "council") -> Outstanding:
    return Outstanding(kind, owner, AS_OF + dt.timedelta(days=days))


def test_one_item_due_far_ahead_comes_as_late_as_its_kind() -> None:
    found = forecast([due(100)], EVEN, AS_OF)
    assert abs((found.median_date - AS_OF).days - 110) <= 1
    assert found.spread_days == pytest.approx(7, abs=1)


@pytest.mark.parametrize("items", [2, 3, 8])
def test_of_several_alike_the_last_one_comes_by_the_closed_form(items: int) -> None:
    """The median of the greatest of n alike lies where each is there with probability 0.5 to the 1/n."""
    found = forecast([due(100)] * items, EVEN, AS_OF)
    wanted = 110 + 7 * NormalDist().inv_cdf(0.5 ** (1 / items))
    assert (found.median_date - AS_OF).days == pytest.approx(wanted, abs=1)
    assert found.spread_days <= 7.5


def test_the_probability_is_the_share_of_draws_that_have_come() -> None:
    draw = random.Random(1)
    items = [due(5), due(12, "fpl:LA6"), due(20)]
    lateness = EVEN | {"fpl:LA6": Lateness(3.0, 15.0, 40)}
    day = AS_OF + dt.timedelta(days=28)
    come = total = 0
    while total < 20_000:
        days = [
            (item.due_date - AS_OF).days
            + round(draw.gauss(lateness.get(item.kind, lateness[ALL]).median_days,
                               lateness.get(item.kind, lateness[ALL]).spread_days))
            for item in items
        ]  # fmt: skip
        if min(days) <= 0:
            continue  # it has not come by today
        total += 1
        come += max(days) <= 28
    assert ready_probability(items, lateness, day, AS_OF) == pytest.approx(come / total, abs=0.012)


def test_nothing_outstanding_is_ready_and_the_past_is_not() -> None:
    assert forecast([], EVEN, AS_OF).median_date == AS_OF
    assert ready_probability([], EVEN, AS_OF, AS_OF) == 1
    assert ready_probability([due(3)], EVEN, AS_OF - dt.timedelta(days=1), AS_OF) == 0


def test_what_is_long_overdue_still_takes_time() -> None:
    found = forecast([due(-400)], EVEN, AS_OF)
    assert found.median_date == AS_OF + dt.timedelta(days=7)
    later = [ready_probability([due(-400)], EVEN, AS_OF + dt.timedelta(days=days), AS_OF) for days in range(0, 60, 5)]
    assert later == sorted(later)
    assert later[0] == 0
    assert later[-1] > 0.99


def test_a_kind_is_learned_from_its_own_items_once_there_are_enough() -> None:
    draw = random.Random(4)
    history = [("report", round(draw.gauss(30, 10))) for _ in range(2000)]
    history += [("statement", round(draw.gauss(5, 3))) for _ in range(2000)] + [("rare", 300)] * 5
    learned = learn_lateness(history)
    assert set(learned) == {ALL, "report", "statement"}
    assert learned["report"].median_days == pytest.approx(30, abs=1)
    assert learned["report"].spread_days == pytest.approx(10, rel=0.1)
    assert learned["statement"].spread_days == pytest.approx(3, rel=0.2)
    with pytest.raises(ValueError, match="nothing has come"):
        learn_lateness([])
    assert learn_lateness([("once", 4)])[ALL] == Lateness(4.0, 1.0, 1)


def test_a_hearing_that_will_not_be_ready_is_told_of_while_there_is_time_with_whose_move_it_is() -> None:
    lateness = EVEN | {"expert": Lateness(40.0, 10.0, 30)}
    listed = {"final": AS_OF + dt.timedelta(days=63), "issues": AS_OF + dt.timedelta(days=21), "fine": AS_OF}
    outstanding = {
        "final": [due(35), due(40, "expert", "Dr of the court")],
        "issues": [due(2)],
    }
    (signal,) = early_signals(listed, outstanding, lateness, AS_OF)
    assert (signal.hearing, signal.weeks_left, signal.holds_up.owner) == ("final", 9.0, "Dr of the court")
    assert signal.ready_probability < 0.1
    both = early_signals(listed, outstanding, lateness, AS_OF, unlikely=0.99)
    assert [each.hearing for each in both] == ["final", "issues"]
