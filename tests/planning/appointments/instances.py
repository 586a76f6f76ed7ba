"""Tiny random problems of joint appointments, so narrow that every plan can be tried."""

from __future__ import annotations

import datetime as dt
import random

from braid.planning.appointments.model import (
    After,
    Agreed,
    AppointmentsProblem,
    Busy,
    OwnTime,
    Presence,
    Prices,
    SameSex,
    Staff,
    Task,
    Travel,
    Victim,
)

MONDAY = dt.date(2026, 11, 30)
OPENS = 9 * 60
SERVICES = ("idva", "sarc", "therapy")


def random_problem(
    seed: int, victims: int = 2, tasks: int = 4, days: int = 3, length: int = 105
) -> AppointmentsProblem:
    """Return a problem of up to so many victims and tasks; everything in it is made up."""
    chance = random.Random(seed)
    sites = ("north", "south", "west")[: chance.choice((1, 2, 3))]
    travel = tuple(
        Travel(one, other, chance.choice((5, 15, 20, 40)))
        for number, one in enumerate(sites)
        for other in sites[:number]
    )
    staff = tuple(
        _staff(chance, f"{service}-{number}", service, sites, days, length)
        for service in SERVICES
        for number in range(chance.choice((1, 1, 2)))
    )
    left = chance.randint(1, tasks)
    people: list[Victim] = []
    while left and len(people) < victims:
        count = left if len(people) == victims - 1 else chance.randint(1, left)
        people.append(_victim(chance, f"victim-{len(people)}", count, sites, days, length))
        left -= count
    agreed = tuple(
        Agreed(
            task.id,
            chance.choice(staff).id,
            MONDAY + dt.timedelta(days=chance.randrange(days)),
            OPENS + 15 * chance.randrange(5),
            chance.random() < 0.3,
        )
        for victim in people
        for task in victim.tasks
        if chance.random() < 0.2
    )
    minutes = {task.id: task.minutes for victim in people for task in victim.tasks}
    agreed = tuple(each for each in agreed if each.start_minute + minutes[each.task] <= OPENS + length)
    return AppointmentsProblem(
        kind="appointments",
        first_date=MONDAY,
        days=days,
        opens_minute=OPENS,
        closes_minute=OPENS + length,
        sites=sites,
        travel=travel,
        staff=staff,
        victims=tuple(people),
        agreed=agreed,
        same_sex_fallback=chance.choice(("leave_unbooked", "anyone_where_none_can")),
        prices=chance.choice(
            (Prices(), Prices(750, 60, 0, 8, 1, 50), Prices(5, 1, 25, 8, 1, 3), Prices(20, 3, 40, 60, 2))
        ),
    )


def _time(chance: random.Random, days: int, length: int) -> tuple[dt.date, int, int]:
    begin = OPENS + chance.randrange(-10, length - 5, 5)
    return MONDAY + dt.timedelta(days=chance.randrange(days)), begin, begin + chance.choice((10, 30, 45, length))


def _staff(chance: random.Random, name: str, service: str, sites: tuple[str, ...], days: int, length: int) -> Staff:
    busy = tuple(Busy(*_time(chance, days, length)) for _ in range(chance.randint(0, 4)))
    return Staff(name, service, chance.choice(sites), chance.choice(("female", "male")), busy)


def _victim(chance: random.Random, name: str, count: int, sites: tuple[str, ...], days: int, length: int) -> Victim:
    arrival = chance.randrange(2)
    made: list[Task] = []
    for number in range(count):
        release = arrival + chance.choice((0, 0, 1))
        after = tuple(After(other.id, chance.choice((0, 0, 1, 2))) for other in made if chance.random() < 0.4)
        made.append(
            Task(
                f"{name}/task-{number}",
                chance.choice(SERVICES),
                chance.choice((15, 30, 40, 45, 60)),
                MONDAY + dt.timedelta(days=release),
                MONDAY + dt.timedelta(days=release + chance.randrange(2)),
                chance.randint(1, 10),
                after,
            )
        )
    chance.shuffle(made)
    return Victim(
        name,
        MONDAY + dt.timedelta(days=arrival),
        chance.random() < 0.4,
        tuple(made),
        tuple(
            OwnTime(*_time(chance, days, length), chance.choice(("school_run", "work")))
            for _ in range(chance.randrange(3))
        ),
        tuple(SameSex(service, "female") for service in SERVICES if chance.random() < 0.3),
        tuple(Presence(chance.choice(sites), *_presence(chance, days)) for _ in range(chance.randrange(3))),
    )


def _presence(chance: random.Random, days: int) -> tuple[dt.date, int, int]:
    """Return a time of the perpetrator's; now and then just before or after midnight."""
    begin = chance.choice((0, 7 * 60 + 40, 8 * 60 + 10, 9 * 60 + 30, 11 * 60, 23 * 60))
    return MONDAY + dt.timedelta(days=chance.randrange(-1, days + 1)), begin, begin + chance.choice((15, 35))
