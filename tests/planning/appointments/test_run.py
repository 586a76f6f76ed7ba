"""From problem to plan: the same plan again, agreed appointments kept, the reference instances mapped exactly."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from braid.language.documents import write
from braid.planning.appointments.checker import broken_rules, check, levels_of
from braid.planning.appointments.engines.first_come import Policy, book
from braid.planning.appointments.engines.grid import Grid
from braid.planning.appointments.model import (
    After,
    Agreed,
    AppointmentsProblem,
    Booking,
    Staff,
    Task,
    Victim,
    faults,
)
from braid.planning.appointments.reference import plan_of
from braid.planning.appointments.run import solve
from braid.planning.contract import Limits, value_of
from planning.appointments.instances import random_problem
from planning.appointments.made import MONDAY, PROBLEM
from shared import REPOSITORY, shared_folder

ONE_RUN = """
import sys
from dataclasses import replace
from planning.appointments.instances import random_problem
from braid.planning.appointments.run import solve
from braid.planning.contract import Limits
from braid.language.documents import write
plan = solve(random_problem(5, victims=6, tasks=24, days=5, length=240), Limits(seed=3, seconds=1))
print(write(replace(plan, certificate=replace(plan.certificate, seconds=0.0))))
"""


def _in_a_process(hash_seed: str) -> str:
    path = os.pathsep.join(str(REPOSITORY / part) for part in ("src", "tests"))
    surroundings = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", ONE_RUN], env=surroundings, capture_output=True, text=True, check=True)
    return hashlib.sha256(done.stdout.encode()).hexdigest() + str(len(done.stdout) > 500)


def test_two_processes_make_the_same_plan() -> None:
    assert _in_a_process("1") == _in_a_process("2")


def test_a_wall_clock_that_ends_the_search_is_told() -> None:
    problem = random_problem(5, victims=6, tasks=24, days=5, length=240)
    plan = solve(problem, Limits(seconds=60, stop_seconds=0.0))
    assert not plan.certificate.repeatable
    assert check(problem, plan).passes


def _agree(problem: AppointmentsProblem, seed: int, is_locked: bool) -> AppointmentsProblem:
    """Return a problem whose plan is agreed, with a part of the diaries otherwise."""
    bookings = solve(replace(problem, agreed=()), Limits(seconds=0.2)).bookings
    agreed = tuple(Agreed(each.task, each.staff, each.date, each.start_minute, is_locked) for each in bookings)
    chance = random.Random(seed)
    staff = tuple(replace(one, busy=()) if chance.random() < 0.5 else one for one in problem.staff)
    return replace(problem, agreed=agreed, staff=staff)


def test_what_was_agreed_stays_where_a_move_costs_more_than_it_brings() -> None:
    for seed in range(20):
        problem = random_problem(seed)
        dear = _agree(replace(problem, prices=replace(problem.prices, move=10**6)), seed, is_locked=False)
        plan = solve(dear, Limits(seconds=0.2))
        assert check(dear, plan).passes
        assert {level.name: level.amount for level in plan.certificate.levels}["moved"] == 0


def test_a_locked_appointment_stays_or_ends() -> None:
    for seed in range(20):
        problem = _agree(random_problem(seed), seed, is_locked=True)
        plan = solve(problem, Limits(seconds=0.2))
        assert check(problem, plan).passes
        agreed = {each.task: (each.staff, each.date, each.start_minute) for each in problem.agreed}
        for each in plan.bookings:
            assert agreed.get(each.task, (each.staff, each.date, each.start_minute)) == (
                each.staff,
                each.date,
                each.start_minute,
            )


def test_what_changed_since_a_plan_before_is_told() -> None:
    problem = random_problem(11, victims=3, tasks=8)
    before = solve(problem, Limits(seconds=0.2))
    gone = before.bookings[0]
    after = solve(
        replace(problem, staff=tuple(one for one in problem.staff if one.id != gone.staff), agreed=()),
        Limits(seconds=0.2),
        before,
    )
    assert after.diff is not None
    assert any(change.item == gone.task and change.was and gone.staff in change.was for change in after.diff.changes)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_reference_instance_is_worth_what_its_own_judge_says(seed: int) -> None:
    shared_folder("design", "bench-planning")
    sys.path.append(str(Path(REPOSITORY) / "benchmarks" / "planning"))
    import reference_instances

    made, problem = reference_instances.appointments_problem(seed=seed)
    judge = reference_instances.reference("c_gen")
    grid = Grid(problem)
    for case, victim in zip(made["cases"], problem.victims, strict=True):
        for task in victim.tasks:
            offered = judge.alts(made, case, task.id.split("/")[1])
            assert sum(len(starts) for _, starts in offered) == _offered(grid, task.id)
    for policy in (Policy("arrival"), Policy("weight"), Policy("risk", same_day_first=True), Policy(tries=12)):
        bookings = tuple(grid.booking(name, choice) for name, choice in book(grid, policy).items())
        found, broken = judge.evaluate(made, reference_instances.as_reference(made, bookings))
        assert broken == []
        assert broken_rules(problem, plan_of(bookings)) == []
        assert value_of(levels_of(problem, plan_of(bookings))) == found["obj"]


def _offered(grid: Grid, name: str) -> int:
    task = next(task for victim in grid.victims for task in victim.tasks if task.name == name)
    return sum(starts.bit_count() for day in task.offered for _, starts in day)


def test_a_plan_reads_as_a_document() -> None:
    problem = random_problem(1)
    assert '"bookings"' in write(solve(problem, Limits(seconds=0.1)))


def test_nobody_and_nothing_to_do_have_plans_too() -> None:
    problem = random_problem(1)
    nobody = replace(problem, victims=(), agreed=())
    idle = replace(problem, victims=tuple(replace(one, tasks=()) for one in problem.victims), agreed=())
    for each in (nobody, idle):
        plan = solve(each, Limits(seconds=0.1))
        assert check(each, plan).passes
        assert plan.certificate.gap == 0


def test_a_task_that_waits_for_all_before_it_is_asked_for_after_them_at_once() -> None:
    """Each of forty waits for all before it: to go along every way through them would take longer than anybody has."""
    tasks = tuple(
        Task(
            f"task-{number}", "idva", 15, MONDAY, MONDAY, 40 - number, tuple(After(f"task-{n}") for n in range(number))
        )
        for number in range(40)
    )
    staff = (Staff("idva-1", "idva", "north", "female"),)
    problem = replace(PROBLEM, days=14, staff=staff, agreed=(), victims=(Victim("anna", MONDAY, True, tasks),))
    assert faults(problem) == []
    grid = Grid(problem)
    choices = book(grid, Policy("weight"))
    assert len(choices) == 40
    bookings = tuple(grid.booking(name, choice) for name, choice in choices.items())
    assert broken_rules(problem, plan_of(bookings)) == []


def test_what_was_had_before_the_plan_needs_no_appointment_and_is_followed() -> None:
    """Bela saw the advocate the Friday before: the review can come, and nothing is said to be unbooked."""
    friday = Agreed("bela/idva", "idva-2", MONDAY - timedelta(days=3), 540, is_locked=True)
    problem = replace(PROBLEM, agreed=(friday,))
    made = solve(problem, Limits(seconds=0.2))
    assert check(problem, made).passes
    days = {each.task: each.date for each in made.bookings}
    assert "bela/idva" not in days
    assert days.keys() >= {"bela/review", "bela/housing"}
    amounts = {each.name: each.amount for each in made.certificate.levels}
    assert (amounts["unbooked"], amounts["moved"]) == (0.0, 0.0)
    assert "bela/idva" not in {each.item for each in made.reasons}


def test_what_stands_off_the_steps_holds_both_diaries() -> None:
    """Bela's appointment of 10:07 to 11:07: nobody else sees that member of staff, and Bela is nowhere else."""
    off_step = Agreed("bela/idva", "idva-2", MONDAY, 607, is_locked=True)
    problem = replace(PROBLEM, agreed=(off_step,))
    made = solve(problem, Limits(seconds=0.2))
    assert check(problem, made).passes
    anna, bela = problem.victims
    early = tuple(replace(task, release_date=MONDAY) for task in bela.tasks)
    free = replace(problem, victims=(replace(anna, same_sex=()), replace(bela, tasks=early)))
    for name, staff, rule in (("anna/idva", "idva-2", "staff_twice"), ("bela/housing", "housing-2", "travel_time")):
        at_eleven = plan_of((Booking(name, staff, MONDAY, 660),))
        assert [each.rule for each in broken_rules(free, at_eleven)] == [rule]
        assert broken_rules(free, plan_of((Booking(name, staff, MONDAY, 675),))) == []
