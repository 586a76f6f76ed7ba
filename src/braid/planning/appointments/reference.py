"""Every plan of a tiny problem, one after another, and the best of them: slow, obvious, judged by the checker alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from braid.planning.appointments.checker import View, broken_rules, levels_of, order, staff_twice
from braid.planning.appointments.model import STEP_MINUTES, AppointmentsPlan, AppointmentsProblem, Booking, Task
from braid.planning.contract import Certificate, value_of

NO_CERTIFICATE = Certificate("least", (), 0.0, None, "", "", {}, 0, {}, True, "", 0.0)


def plan_of(bookings: tuple[Booking, ...]) -> AppointmentsPlan:
    """Return bookings as a plan that says nothing of itself."""
    return AppointmentsPlan(certificate=NO_CERTIFICATE, bookings=bookings)


def best_plan(problem: AppointmentsProblem) -> tuple[float, tuple[Booking, ...]]:
    """Return the least value of any plan that keeps every rule, and the first such plan."""
    ordered = _in_order([task for _, task in problem.tasks()])
    times = [(None, *_times(problem, task)) for task in ordered]
    return min(
        (value_of(levels_of(problem, plan_of(bookings))), number, bookings)
        for number, bookings in enumerate(_plans(problem, times, ()))
    )[::2]


def _plans(
    problem: AppointmentsProblem, times: list[tuple[Booking | None, ...]], bookings: tuple[Booking, ...]
) -> Iterator[tuple[Booking, ...]]:
    """Yield every plan that keeps the rules. A broken order or a member of staff taken twice is not mended later."""
    view = View(problem, plan_of(bookings))
    if any(True for rule in (order, staff_twice) for _ in rule(view)):
        return
    if not times:
        if not broken_rules(problem, plan_of(bookings)):
            yield bookings
        return
    for booking in times[0]:
        yield from _plans(problem, times[1:], bookings if booking is None else (*bookings, booking))


def _times(problem: AppointmentsProblem, task: Task) -> Iterator[Booking]:
    """Yield every appointment of a task that by itself breaks no rule but the order."""
    for number in range(problem.days):
        date = problem.first_date + dt.timedelta(days=number)
        for staff in problem.staff:
            for start in range(problem.opens_minute, problem.closes_minute, STEP_MINUTES):
                booking = Booking(task.id, staff.id, date, start)
                if all(broken.rule == "order" for broken in broken_rules(problem, plan_of((booking,)))):
                    yield booking


def _in_order(tasks: list[Task]) -> list[Task]:
    left, ordered = list(tasks), list[Task]()
    while left:
        waiting = {task.id for task in left}
        ready = [task for task in left if not any(each.task in waiting for each in task.after)]
        ordered += ready
        left = [task for task in left if task not in ready]
    return ordered
