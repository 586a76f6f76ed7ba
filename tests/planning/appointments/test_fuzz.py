"""Many bundles of crowded random problems: no rule is broken, and who may not know reads nothing of a presence."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from braid.planning.appointments.checker import broken_rules
from braid.planning.appointments.engines.bundles import Diaries, best_bundles
from braid.planning.appointments.engines.grid import Grid
from braid.planning.appointments.model import AppointmentsProblem
from braid.planning.appointments.reasons import reasons_of, seen_by
from braid.planning.appointments.reference import plan_of
from planning.appointments.instances import random_problem
from planning.appointments.test_reasons import NOBODY, elsewhere


def _book_all(problem: AppointmentsProblem) -> int:
    """Book every victim in turn, check the plan, compare what two readers see; return how many bundles that were."""
    grid, diaries, bookings = Grid(problem), Diaries(), []
    for victim in grid.victims:
        found = best_bundles(grid, victim, diaries)
        assert found.is_proved
        choices = found.bundles[0][1].choices
        diaries.book(victim.tasks, choices)
        bookings += [
            grid.booking(task.name, choice) for task, choice in zip(victim.tasks, choices, strict=True) if choice
        ]
    plan = plan_of(tuple(bookings))
    assert broken_rules(problem, plan) == []
    other = elsewhere(problem, random.Random(len(bookings)))
    views = [seen_by(each, replace(plan, reasons=reasons_of(each, plan)), NOBODY) for each in (problem, other)]
    assert views[0] == views[1]
    return len(grid.victims)


def _fuzz(block: int, bundles: int) -> None:
    done, seed = 0, 1_000_000 * (block + 1)
    while done < bundles:
        done += _book_all(random_problem(seed, victims=20, tasks=70, days=4, length=210))
        seed += 1


def test_hundreds_of_bundles_break_no_rule_and_tell_nothing() -> None:
    _fuzz(0, 300)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_a_hundred_thousand_bundles_break_no_rule_and_tell_nothing(block: int) -> None:
    _fuzz(block + 1, 5_000)
