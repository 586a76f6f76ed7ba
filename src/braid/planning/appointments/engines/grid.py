"""What a problem of appointments offers, as whole numbers: days and steps from opening, sets of starts as bits.

A start is offered to a task where diary, own times, presence, release, sex and locks allow it, were nobody else booked.
Exact for any minutes: a start is struck out where the minutes of the appointment meet the minutes of a time.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from braid.planning.appointments.model import (
    MARGIN_MINUTES,
    MINUTES_OF_DAY,
    STEP_MINUTES,
    Agreed,
    AppointmentsProblem,
    Booking,
    Busy,
    OwnTime,
    Task,
    Victim,
    settled,
)

SCALE = 60
"""Costs are whole numbers of a sixtieth of the value, so that a minute of travel is one."""

Choice = tuple[int, int, int]
"""A member of staff by number, a day, and a start in steps from opening."""
Times = dict[int, list[tuple[int, int]]]
"""Minutes that are taken, by day: from and until, after opening."""
Offered = tuple[tuple[tuple[int, int], ...], ...]
"""By day: staff number and the starts as bits, only where there is any."""


@dataclass(frozen=True)
class GridTask:
    """A task as the engines see it. Costs are scaled."""

    name: str
    minutes: int
    steps: int
    """How many steps of a diary it takes."""
    before: tuple[tuple[int, int], ...]
    """Of its victim's tasks, which come before, and the days between."""
    day_costs: tuple[int, ...]
    """What each day costs: waiting, and lateness."""
    unbooked_cost: int
    agreed: Choice | None
    is_locked: bool
    offered: Offered
    """By day: staff number and the starts as bits, only where there is any."""


@dataclass(frozen=True)
class GridVictim:
    """A victim's tasks, so ordered that each comes after those it waits for."""

    name: str
    tasks: tuple[GridTask, ...]


class Grid:
    """A problem as whole numbers."""

    def __init__(self, problem: AppointmentsProblem) -> None:
        self.problem = problem
        self.days = problem.days
        self.day_minutes = problem.closes_minute - problem.opens_minute
        self.site_numbers = {site: number for number, site in enumerate(problem.sites)}
        self.staff_numbers = {one.id: number for number, one in enumerate(problem.staff)}
        self.staff_sites = [self.site_numbers[one.site] for one in problem.staff]
        self.day_out_cost = problem.prices.day_out * SCALE
        self.move_cost = problem.prices.move * SCALE
        self._staff_starts: dict[tuple[int, int], list[int]] = {}
        self._settled = {each.task: each for each in settled(problem)}
        self._minutes = {task.id: task.minutes for _, task in problem.tasks()}
        self._staff_times = [self._times(one.busy) for one in problem.staff]
        for each in self._settled.values():
            self._staff_times[self.staff_numbers[each.staff]][self.day(each.date)].append(self._span(each))
        self._agreed = {each.task: each for each in problem.agreed}
        self.by_service: dict[str, list[int]] = defaultdict(list)
        for number, one in enumerate(problem.staff):
            self.by_service[one.service].append(number)
        self.victims = tuple(self._victim(victim) for victim in problem.victims)

    @cached_property
    def travel(self) -> list[list[int]]:
        """Minutes between sites, by their numbers."""
        ways = [[0] * len(self.site_numbers) for _ in self.site_numbers]
        for each in self.problem.travel:
            one, other = self.site_numbers[each.one_site], self.site_numbers[each.other_site]
            ways[one][other] = ways[other][one] = each.minutes
        return ways

    @cached_property
    def travel_cost(self) -> list[list[int]]:
        """What the way between two sites costs, scaled."""
        return [[minutes * self.problem.prices.travel_hour for minutes in row] for row in self.travel]

    @cached_property
    def is_metric(self) -> bool:
        """Whether no way over a third site is shorter than the way."""
        ways = self.travel
        return all(
            ways[one][other] <= ways[one][third] + ways[third][other]
            for one in range(len(ways))
            for other in range(len(ways))
            for third in range(len(ways))
        )

    @cached_property
    def later(self) -> list[list[int]]:
        """By how many minutes at most somebody at one site, rather than another, is later wherever they go next."""
        return _worst(self.travel)

    @cached_property
    def dearer(self) -> list[list[int]]:
        """The same of the cost; whoever goes nowhere pays nothing."""
        return _worst(self.travel_cost)

    def booking(self, task: str, choice: Choice) -> Booking:
        """Return a choice as the plan says it."""
        staff, day, start = choice
        date = self.problem.first_date + dt.timedelta(days=day)
        minute = self.problem.opens_minute + start * STEP_MINUTES
        return Booking(task, self.problem.staff[staff].id, date, minute)

    def choice(self, staff: str, date: dt.date, start_minute: int) -> Choice:
        """Return an appointment as a choice; it may lie outside what is planned."""
        steps = (start_minute - self.problem.opens_minute) // STEP_MINUTES
        return self.staff_numbers[staff], self.day(date), steps

    def day(self, date: dt.date) -> int:
        """Return the number of a date, from the first day on."""
        return (date - self.problem.first_date).days

    def _times(self, times: Iterable[Busy | OwnTime]) -> Times:
        found: Times = defaultdict(list)
        for each in times:
            opens = self.problem.opens_minute
            found[self.day(each.date)].append((each.from_minute - opens, each.until_minute - opens))
        return found

    def _span(self, agreed: Agreed) -> tuple[int, int]:
        """Return the minutes after opening that an agreed appointment takes."""
        begin = agreed.start_minute - self.problem.opens_minute
        return begin, begin + self._minutes[agreed.task]

    def _settled_times(self, victim: Victim, site: str) -> Times:
        """Return when a victim cannot be at a site because of what stands, with the way there and back."""
        found: Times = defaultdict(list)
        for each in (self._settled[task.id] for task in victim.tasks if task.id in self._settled):
            way = self.travel[self.site_numbers[site]][self.staff_sites[self.staff_numbers[each.staff]]]
            begin, end = self._span(each)
            found[self.day(each.date)].append((begin - way, end + way))
        return found

    def _away_times(self, victim: Victim) -> dict[str, Times]:
        """Return when a victim is not asked to which site, but for own times."""
        near = {site: self._presence_times(victim, site) for site in {each.site for each in victim.presences}}
        if not any(task.id in self._settled for task in victim.tasks):
            return near
        for site in self.problem.sites:
            times = near.setdefault(site, defaultdict(list))
            for day, spans in self._settled_times(victim, site).items():
                times[day].extend(spans)
        return near

    def _presence_times(self, victim: Victim, site: str) -> Times:
        """Return when a victim is not asked into a building, with the margin, also over midnight."""
        found: Times = defaultdict(list)
        for each in victim.presences:
            if each.site != site:
                continue
            first, last = each.from_minute - MARGIN_MINUTES, each.until_minute + MARGIN_MINUTES
            for shift in (-1, 0, 1):
                begin = first - shift * MINUTES_OF_DAY - self.problem.opens_minute
                end = last - shift * MINUTES_OF_DAY - self.problem.opens_minute
                if begin < self.day_minutes and end > 0:
                    found[self.day(each.date) + shift].append((begin, end))
        return found

    def _starts(self, minutes: int, times: Times) -> list[int]:
        """Return by day the starts, as bits, at which an appointment of so many minutes meets none of the times."""
        steps = max(0, (self.day_minutes - minutes) // STEP_MINUTES + 1)
        return [strike(steps, minutes, times.get(day, ())) for day in range(self.days)]

    def _starts_of_staff(self, staff: int, minutes: int) -> list[int]:
        key = staff, minutes
        if key not in self._staff_starts:
            self._staff_starts[key] = self._starts(minutes, self._staff_times[staff])
        return self._staff_starts[key]

    def _victim(self, victim: Victim) -> GridVictim:
        ordered = [task for task in in_order(victim.tasks) if task.id not in self._settled]
        numbers = {task.id: number for number, task in enumerate(ordered)}
        own = self._times(victim.own_times)
        near = self._away_times(victim)
        return GridVictim(victim.id, tuple(self._task(victim, task, numbers, own, near) for task in ordered))

    def _task(
        self, victim: Victim, task: Task, numbers: dict[str, int], own: Times, near: dict[str, Times]
    ) -> GridTask:
        prices, problem = self.problem.prices, self.problem
        weight = task.weight * (prices.high_risk_times if victim.is_high_risk else 1)
        arrival, deadline = self.day(victim.arrival_date), self.day(task.deadline_date)
        agreed = self._agreed.get(task.id)
        is_locked = agreed is not None and agreed.is_locked
        choice = self.choice(agreed.staff, agreed.date, agreed.start_minute) if agreed else None
        is_on_step = agreed is None or (agreed.start_minute - problem.opens_minute) % STEP_MINUTES == 0
        offered = self._after_settled(task, self._offered(victim, task, own, near))
        if is_locked:
            offered = _only(offered, choice if is_on_step else None)
        return GridTask(
            name=task.id,
            minutes=task.minutes,
            steps=-(-task.minutes // STEP_MINUTES),
            before=tuple((numbers[each.task], each.days) for each in task.after if each.task in numbers),
            day_costs=tuple(
                SCALE * weight * (prices.waiting_day * (day - arrival) + prices.late_day * max(0, day - deadline))
                for day in range(self.days)
            ),
            unbooked_cost=SCALE * weight * prices.unbooked + (self.move_cost if agreed else 0),
            agreed=choice if is_on_step else (-1, -1, -1),
            is_locked=is_locked,
            offered=offered,
        )

    def _after_settled(self, task: Task, offered: Offered) -> Offered:
        """Return what is offered after the appointments that stand and come before, with the days between."""
        for each in task.after:
            if each.task not in self._settled:
                continue
            first = self._settled[each.task]
            on = self.day(first.date)
            begun = (1 << max(0, -(-self._span(first)[1] // STEP_MINUTES))) - 1
            offered = tuple(
                ()
                if day < on + each.days
                else tuple((who, starts & ~begun) for who, starts in found if starts & ~begun)
                if day == on
                else found
                for day, found in enumerate(offered)
            )
        return offered

    def _offered(
        self, victim: Victim, task: Task, own: Times, near: dict[str, Times]
    ) -> tuple[tuple[tuple[int, int], ...], ...]:
        asked = {each.service: each.sex for each in victim.same_sex}.get(task.service)
        serving = self.by_service.get(task.service, [])
        those = [number for number in serving if asked is None or self.problem.staff[number].sex == asked]
        offered = self._offered_by(those, task, own, near)
        if asked and self.problem.same_sex_fallback == "anyone_where_none_can" and not any(offered):
            offered = self._offered_by(serving, task, own, near)
        return offered

    def _offered_by(
        self, serving: list[int], task: Task, own: Times, near: dict[str, Times]
    ) -> tuple[tuple[tuple[int, int], ...], ...]:
        mine = self._starts(task.minutes, own)
        by_site = {site: self._starts(task.minutes, times) for site, times in near.items()}
        release = max(0, self.day(task.release_date))
        days: list[tuple[tuple[int, int], ...]] = []
        for day in range(self.days):
            found = []
            for number in serving if day >= release else ():
                starts = self._starts_of_staff(number, task.minutes)[day] & mine[day]
                away = by_site.get(self.problem.staff[number].site)
                starts = starts & away[day] if away else starts
                if starts:
                    found.append((number, starts))
            days.append(tuple(found))
        return tuple(days)


def _worst(ways: list[list[int]]) -> list[list[int]]:
    """Return by how much at most going on from one site is worse than from another, to any site or to none."""
    return [
        [
            max([0, *(mine - theirs for mine, theirs in zip(ways[one], ways[other], strict=True))])
            for other in range(len(ways))
        ]
        for one in range(len(ways))
    ]


def _only(
    offered: tuple[tuple[tuple[int, int], ...], ...], choice: Choice | None
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return what is offered where one choice alone is left."""
    if choice is None:
        return tuple(() for _ in offered)
    staff, on, start = choice
    return tuple(
        tuple(
            (number, 1 << start) for number, starts in found if number == staff and start >= 0 and starts >> start & 1
        )
        if day == on
        else ()
        for day, found in enumerate(offered)
    )


def strike(steps: int, minutes: int, times: Iterable[tuple[int, int]]) -> int:
    """Return the starts 0..steps-1, as bits, at which an appointment of so many minutes meets none of the times."""
    starts = (1 << steps) - 1
    for begin, end in times:
        first = max(0, (begin - minutes) // STEP_MINUTES + 1)
        last = min(steps, -(-end // STEP_MINUTES))
        if last > first:
            starts &= ~(((1 << (last - first)) - 1) << first)
    return starts


def free_starts(taken: int, steps: int, starts: int) -> int:
    """Return those of the starts at which so many steps in a row are not taken."""
    free = ~taken
    for _ in range(steps):
        starts &= free
        free >>= 1
    return starts


def bits_of(starts: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, the lowest first."""
    while starts:
        low = starts & -starts
        yield low.bit_length() - 1
        starts ^= low


def in_order(tasks: tuple[Task, ...]) -> list[Task]:
    """Return tasks so that each comes after those it waits for; otherwise as they stand."""
    left, done, ordered = list(tasks), set[str](), []
    while left:
        task = next(each for each in left if all(before.task in done for before in each.after))
        left.remove(task)
        done.add(task.id)
        ordered.append(task)
    return ordered
