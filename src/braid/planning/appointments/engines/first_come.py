"""Appointments as they are made today: each agency by itself, in the order in which people come, the first free time.

An agency offers its times from the earliest on; the victim takes the first at which they can come, and rings again
until there is one, `tries` times at most. Nobody looks at anything but what is booked already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from braid.planning.appointments.engines.grid import Choice, Grid, GridVictim, bits_of, free_starts
from braid.planning.appointments.model import STEP_MINUTES

Order = Literal["arrival", "risk", "weight"]
Choices = dict[str, Choice]


@dataclass(frozen=True)
class Policy:
    """How today's agencies work: who is asked first, and how often somebody rings again."""

    order: Order = "arrival"
    tries: int | None = None
    """How many offers an agency makes before it gives up; None is until one fits."""
    same_day_first: bool = False
    """Whether a day on which the victim is out anyway is asked for before others."""


def book(grid: Grid, policy: Policy | None = None) -> Choices:
    """Return the appointments that today's way makes, by task. A policy of none is: arrival, until booked."""
    policy = policy or Policy()
    diaries: dict[tuple[int, int], int] = {}
    choices: Choices = {}
    for victim, number in _requests(grid, policy.order):
        choice = _first(grid, victim, number, choices, diaries, policy)
        if choice is not None:
            task = victim.tasks[number]
            choices[task.name] = choice
            staff, day, start = choice
            diaries[staff, day] = diaries.get((staff, day), 0) | ((1 << task.steps) - 1) << start
    return choices


def _requests(grid: Grid, order: Order) -> list[tuple[GridVictim, int]]:
    """Return victims and numbers of tasks in the order in which they are asked for, predecessors first."""
    problem = grid.problem
    keys = {
        one.id: (one.arrival_date, not one.is_high_risk)
        if order == "arrival"
        else (not one.is_high_risk, one.arrival_date)
        for one in problem.victims
    }
    victims = sorted(grid.victims, key=lambda one: keys[one.name]) if order != "arrival" else _by_arrival(grid)
    requests = [(victim, number) for victim in victims for number in range(len(victim.tasks))]
    if order == "weight":
        counts = {one.name: _least_unbooked(one) for one in victims}
        requests.sort(key=lambda each: -counts[each[0].name][each[1]])
    return requests


def _by_arrival(grid: Grid) -> list[GridVictim]:
    arrivals = {one.id: one.arrival_date for one in grid.problem.victims}
    return sorted(grid.victims, key=lambda one: arrivals[one.name])


def _least_unbooked(victim: GridVictim) -> list[int]:
    """Return what each task counts, and never more than what it waits for, so that this is asked for first.

    Tasks stand after those they wait for, so that one pass is enough.
    """
    counts: list[int] = []
    for task in victim.tasks:
        counts.append(min([task.unbooked_cost, *(counts[other] for other, _ in task.before)]))
    return counts


def _first(
    grid: Grid,
    victim: GridVictim,
    number: int,
    choices: Choices,
    diaries: dict[tuple[int, int], int],
    policy: Policy,
) -> Choice | None:
    task = victim.tasks[number]
    before = [(choices.get(victim.tasks[other].name), victim.tasks[other].minutes, gap) for other, gap in task.before]
    own = [(choices[each.name], each.minutes) for each in victim.tasks if each.name in choices]
    out = {choice[1] for choice, _ in own} if policy.same_day_first else set()
    tried = 0
    for day in sorted(range(grid.days), key=lambda each: (each not in out, each)):
        offers = [
            (start, staff)
            for staff, starts in task.offered[day]
            for start in bits_of(free_starts(diaries.get((staff, day), 0), task.steps, starts))
        ]
        for start, staff in sorted(offers):
            tried += 1
            if policy.tries is not None and tried > policy.tries:
                return None
            choice = staff, day, start
            if _is_after(choice, before) and _fits(grid, choice, task.minutes, own):
                return choice
    return None


def _is_after(choice: Choice, before: list[tuple[Choice | None, int, int]]) -> bool:
    """Whether what comes before is booked, has ended, and lies the days before."""
    _, day, start = choice
    for first, minutes, gap in before:
        if first is None or day < first[1] + gap:
            return False
        if day == first[1] and start * STEP_MINUTES < first[2] * STEP_MINUTES + minutes:
            return False
    return True


def _fits(grid: Grid, choice: Choice, minutes: int, own: list[tuple[Choice, int]]) -> bool:
    """Whether there is time to come from, and to go on to, each other appointment of the day."""
    staff, day, start = choice
    for (other_staff, other_day, other_start), other_minutes in own:
        if other_day == day:
            way = grid.travel[grid.staff_sites[staff]][grid.staff_sites[other_staff]]
            is_after = start * STEP_MINUTES >= other_start * STEP_MINUTES + other_minutes + way
            is_before = other_start * STEP_MINUTES >= start * STEP_MINUTES + minutes + way
            if not (is_after or is_before):
                return False
    return True
