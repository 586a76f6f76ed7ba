"""Joint appointments as a problem and its plan: victims, their tasks, staff with diaries, sites, known presences.

Days are dates; times of a day are minutes after midnight. An appointment starts on a quarter of an hour from opening.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from braid.language.documents import Part, ids_twice
from braid.planning.contract import Plan

STEP_MINUTES = 15
"""Appointments start at opening or whole steps after it."""
MARGIN_MINUTES = 60
"""How long before and after a known presence of the perpetrator nobody is asked into that building."""
MINUTES_OF_DAY = 24 * 60
LONGEST_DAYS = 366
LONGEST_WAIT_DAYS = 10 * 366
"""How long before the first day somebody may have come, or a task have been due."""
LONGEST_WAIT = dt.timedelta(days=LONGEST_WAIT_DAYS)
LARGEST_PRICE, LARGEST_WEIGHT, LARGEST_TIMES = 100_000, 1_000, 100
"""Sums of costs stay whole numbers that a machine adds exactly."""

Sex = Literal["female", "male"]
BusyKind = Literal["school_run", "work", "other"]
SameSexFallback = Literal["leave_unbooked", "anyone_where_none_can"]
FaultLine = tuple[str, str, str]


@dataclass(frozen=True)
class Busy(Part):
    """A time of one day at which a member of staff cannot see anybody."""

    date: dt.date
    from_minute: int
    until_minute: int
    """The first minute that is free again."""


@dataclass(frozen=True)
class OwnTime(Part):
    """A time of one day that a victim needs for something else."""

    date: dt.date
    from_minute: int
    until_minute: int
    kind: BusyKind = "other"


@dataclass(frozen=True)
class Presence(Part):
    """When the perpetrator is known to be in a building. Safety data: only those who may know read it."""

    site: str
    date: dt.date
    from_minute: int
    until_minute: int


@dataclass(frozen=True)
class SameSex(Part):
    """A victim asks to be seen by somebody of this sex at this service."""

    service: str
    sex: Sex


@dataclass(frozen=True)
class After(Part):
    """A task that comes before, and at least how many days lie between; 0 is the same day, later."""

    task: str
    days: int = 0


@dataclass(frozen=True)
class Task(Part):
    """One appointment that a victim needs."""

    id: str
    """Unique in the problem, not only for the victim."""
    service: str
    minutes: int
    release_date: dt.date
    """Not before this day."""
    deadline_date: dt.date
    """Late from the day after."""
    weight: int
    """How much it matters, from 1 on."""
    after: tuple[After, ...] = ()


@dataclass(frozen=True)
class Victim(Part):
    """Somebody who was harmed, what they need, and when and where they cannot come."""

    id: str
    arrival_date: dt.date
    """The day of the referral: waiting counts from it."""
    is_high_risk: bool
    tasks: tuple[Task, ...]
    own_times: tuple[OwnTime, ...] = ()
    same_sex: tuple[SameSex, ...] = ()
    presences: tuple[Presence, ...] = ()


@dataclass(frozen=True)
class Staff(Part):
    """A member of staff, where they work, and when they are taken."""

    id: str
    service: str
    site: str
    sex: Sex
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True)
class Travel(Part):
    """How long it takes between two sites, either way. Within a site it takes nothing."""

    one_site: str
    other_site: str
    minutes: int


@dataclass(frozen=True)
class Agreed(Part):
    """An appointment that was agreed before. Locked, it stays as it is or ends; otherwise a move has its price."""

    task: str
    staff: str
    date: dt.date
    start_minute: int
    is_locked: bool = False


@dataclass(frozen=True)
class Prices(Part):
    """What one unit of each level counts in the value. Weights of tasks count double where the risk is high."""

    unbooked: int = 750
    """A unit of weight without an appointment."""
    late_day: int = 60
    """A unit of weight, a day past its deadline."""
    day_out: int = 25
    """A day on which a victim has to leave home."""
    travel_hour: int = 8
    """An hour of travel between two appointments of one day."""
    waiting_day: int = 1
    """A unit of weight, a day after arrival."""
    move: int = 50
    """An agreed appointment that is not kept."""
    high_risk_times: int = 2
    """How many times the weight of a task counts where the risk is high."""


@dataclass(frozen=True)
class AppointmentsProblem(Part):
    """Victims of an area whose appointments are planned together."""

    kind: Literal["appointments"]
    first_date: dt.date
    days: int
    """How many days are planned, weekends among them; staff who do not work are busy."""
    opens_minute: int
    closes_minute: int
    """Every appointment has ended by then."""
    sites: tuple[str, ...]
    travel: tuple[Travel, ...]
    """One entry for each pair of sites."""
    staff: tuple[Staff, ...]
    victims: tuple[Victim, ...]
    agreed: tuple[Agreed, ...] = ()
    same_sex_fallback: SameSexFallback = "leave_unbooked"
    """What holds where nobody of the sex asked for has any time for the task, were nobody else booked."""
    prices: Prices = field(default_factory=Prices)

    @property
    def last_date(self) -> dt.date:
        """The last day that is planned."""
        return self.first_date + dt.timedelta(days=self.days - 1)

    def tasks(self) -> Iterator[tuple[Victim, Task]]:
        """Yield each task with whose it is."""
        return ((victim, task) for victim in self.victims for task in victim.tasks)


@dataclass(frozen=True)
class Booking(Part):
    """One appointment of a plan."""

    task: str
    staff: str
    date: dt.date
    start_minute: int


@dataclass(frozen=True, kw_only=True)
class AppointmentsPlan(Plan):
    """Which tasks have which appointment; a task that is not here is unbooked."""

    kind: Literal["appointments"] = "appointments"
    bookings: tuple[Booking, ...]


def settled(problem: AppointmentsProblem) -> tuple[Agreed, ...]:
    """Return the agreed appointments that stand and that no booking can say: locked, outside the plan or off its steps.

    Their tasks are met. They hold the diaries of staff and victim, and what comes after them goes by them.
    """
    return tuple(each for each in problem.agreed if each.is_locked and not _can_be_booked(problem, each))


def _can_be_booked(problem: AppointmentsProblem, agreed: Agreed) -> bool:
    is_planned = problem.first_date <= agreed.date <= problem.last_date
    return is_planned and (agreed.start_minute - problem.opens_minute) % STEP_MINUTES == 0


def booking_words(booking: Booking | Agreed) -> str:
    """Return an appointment as one line: day, time and staff."""
    hours, minutes = divmod(booking.start_minute, 60)
    return f"{booking.date.isoformat()} {hours:02}:{minutes:02} {booking.staff}"


def faults(problem: AppointmentsProblem) -> list[FaultLine]:
    """Return what is wrong between the parts of a problem: each a place, the rule and the next step.

    Of a problem whose days cannot be, these faults alone.
    """
    if days := list(_day_faults(problem)):
        return days
    found = [
        *ids_twice("sites", problem.sites),
        *ids_twice("staff", (one.id for one in problem.staff)),
        *ids_twice("victims", (one.id for one in problem.victims)),
        *ids_twice("tasks", (task.id for _, task in problem.tasks())),
        *ids_twice("agreed", (one.task for one in problem.agreed)),
        *_price_faults(problem.prices),
        *_travel_faults(problem),
        *_staff_faults(problem),
        *_agreed_faults(problem),
    ]
    for number, victim in enumerate(problem.victims):
        found += _victim_faults(problem, f"victims[{number}]", victim)
    return found


def _day_faults(problem: AppointmentsProblem) -> Iterator[FaultLine]:
    if not 1 <= problem.days <= LONGEST_DAYS:
        yield "days", f"it lies between 1 and {LONGEST_DAYS}", "plan fewer days"
    elif problem.first_date > dt.date.max - dt.timedelta(days=2 * LONGEST_DAYS):
        yield "first_date", "the calendar ends before the plan", "begin earlier"
    if not 0 <= problem.opens_minute < problem.closes_minute <= MINUTES_OF_DAY:
        yield "closes_minute", "opening comes before closing, both in one day", "give minutes after midnight"


def _price_faults(prices: Prices) -> Iterator[FaultLine]:
    for name, price in vars(prices).items():
        largest = LARGEST_TIMES if name == "high_risk_times" else LARGEST_PRICE
        if not 0 <= price <= largest:
            yield f"prices.{name}", f"it lies between 0 and {largest}", "give 0 where it does not count"


def _travel_faults(problem: AppointmentsProblem) -> Iterator[FaultLine]:
    known = set(problem.sites)
    pairs: set[frozenset[str]] = set()
    for number, each in enumerate(problem.travel):
        place, pair = f"travel[{number}]", frozenset((each.one_site, each.other_site))
        if not pair <= known:
            yield place, "both sites are among the sites", "add the site or correct its id"
        if len(pair) == 1 or pair in pairs:
            yield place, "each pair of different sites stands once", "keep one entry for the pair"
        if not 0 <= each.minutes <= MINUTES_OF_DAY:
            yield place, "travel takes from nothing to a day", "give minutes from 0 on"
        pairs.add(pair)
    missing = len(known) * (len(known) - 1) // 2 - sum(pair <= known and len(pair) == 2 for pair in pairs)
    if missing > 0:
        yield "travel", f"every pair of sites has its minutes: {missing} missing", "add the pairs"


def _staff_faults(problem: AppointmentsProblem) -> Iterator[FaultLine]:
    for number, one in enumerate(problem.staff):
        if one.site not in problem.sites:
            yield f"staff[{number}].site", "the site is among the sites", "add the site or correct its id"
        for at, busy in enumerate(one.busy):
            yield from _period_faults(f"staff[{number}].busy[{at}]", busy)


def _agreed_faults(problem: AppointmentsProblem) -> Iterator[FaultLine]:
    tasks, staff = {task.id: task for _, task in problem.tasks()}, {one.id for one in problem.staff}
    for number, each in enumerate(problem.agreed):
        if each.task not in tasks:
            yield f"agreed[{number}].task", "the task is one of a victim", "correct the id or take the entry out"
        if each.staff not in staff:
            yield f"agreed[{number}].staff", "the staff id is among the staff", "correct the id"
        if not _is_open(problem, each, tasks.get(each.task)):
            yield f"agreed[{number}].start_minute", "it lies inside opening", "correct the time, or open for longer"


def _is_open(problem: AppointmentsProblem, agreed: Agreed, task: Task | None) -> bool:
    """Whether an appointment lies inside opening; of a day that is not planned nobody knows when it was open."""
    if not problem.first_date <= agreed.date <= problem.last_date:
        return 0 <= agreed.start_minute < MINUTES_OF_DAY
    end = agreed.start_minute + (task.minutes if task else 0)
    return problem.opens_minute <= agreed.start_minute and end <= problem.closes_minute


def _victim_faults(problem: AppointmentsProblem, place: str, victim: Victim) -> Iterator[FaultLine]:
    for number, time in enumerate(victim.own_times):
        yield from _period_faults(f"{place}.own_times[{number}]", time)
    for number, presence in enumerate(victim.presences):
        yield from _period_faults(f"{place}.presences[{number}]", presence)
        if presence.site not in problem.sites:
            yield f"{place}.presences[{number}].site", "the site is among the sites", "add the site or correct its id"
    if not problem.first_date - victim.arrival_date <= LONGEST_WAIT or victim.arrival_date > problem.last_date:
        rule = f"somebody comes before the plan ends, at most {LONGEST_WAIT_DAYS} days before it begins"
        yield f"{place}.arrival_date", rule, "correct the day, or leave the victim to a later plan"
    services = {one.service for one in problem.staff} | {task.service for _, task in problem.tasks()}
    for number, asked in enumerate(victim.same_sex):
        if asked.service not in services:
            yield f"{place}.same_sex[{number}].service", "some task or staff has the service", "correct its name"
    yield from ids_twice(f"{place}.same_sex", (one.service for one in victim.same_sex))
    own = {task.id for task in victim.tasks}
    for number, task in enumerate(victim.tasks):
        yield from _task_faults(f"{place}.tasks[{number}]", task, own)
        if problem.first_date - task.deadline_date > LONGEST_WAIT:
            rule = f"it lies at most {LONGEST_WAIT_DAYS} days before the plan begins"
            yield f"{place}.tasks[{number}].deadline_date", rule, "correct the day"
    if not _has_order(victim.tasks):
        yield f"{place}.tasks", "no task comes before itself", "take out what closes the circle"


def _task_faults(place: str, task: Task, own: set[str]) -> Iterator[FaultLine]:
    if not 1 <= task.minutes <= MINUTES_OF_DAY:
        yield f"{place}.minutes", "an appointment lasts from a minute to a day", "give its minutes"
    if not 1 <= task.weight <= LARGEST_WEIGHT:
        yield f"{place}.weight", f"a weight lies between 1 and {LARGEST_WEIGHT}", "give at least 1"
    if task.deadline_date < task.release_date:
        yield f"{place}.deadline_date", "it does not lie before the release date", "correct one of the two"
    yield from ids_twice(f"{place}.after", (one.task for one in task.after))
    for number, before in enumerate(task.after):
        if before.task not in own:
            yield f"{place}.after[{number}].task", "it is a task of the same victim", "correct the id"
        if not 0 <= before.days <= LONGEST_DAYS:
            yield f"{place}.after[{number}].days", f"days lie between 0 and {LONGEST_DAYS}", "give whole days"


def _period_faults(place: str, period: Busy | OwnTime | Presence) -> Iterator[FaultLine]:
    if not 0 <= period.from_minute < period.until_minute <= MINUTES_OF_DAY:
        yield place, "a time ends after it begins, in one day", "split what goes over midnight"


def _has_order(tasks: tuple[Task, ...]) -> bool:
    """Whether the tasks can be put in an order in which each comes after those it names."""
    waiting = {task.id: {one.task for one in task.after} for task in tasks}
    while waiting:
        ready = [name for name, names in waiting.items() if not names & waiting.keys()]
        if not ready:
            return False
        for name in ready:
            del waiting[name]
    return True
