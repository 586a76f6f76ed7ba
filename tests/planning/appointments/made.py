"""One small problem by hand with a plan that keeps every rule: where each test begins."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from braid.language.documents import fingerprint
from braid.planning.appointments.checker import levels_of
from braid.planning.appointments.model import (
    After,
    Agreed,
    AppointmentsPlan,
    AppointmentsProblem,
    Booking,
    Busy,
    OwnTime,
    Presence,
    SameSex,
    Staff,
    Task,
    Travel,
    Victim,
)
from braid.planning.contract import Certificate, value_of

MONDAY = dt.date(2026, 11, 30)
TUESDAY = dt.date(2026, 12, 1)
WEDNESDAY = dt.date(2026, 12, 2)


def task(name: str, service: str, after: tuple[After, ...] = (), minutes: int = 60, release: dt.date = MONDAY) -> Task:
    """Return a task that is late from Wednesday on."""
    return Task(name, service, minutes, release, TUESDAY, 4, after)


PROBLEM = AppointmentsProblem(
    kind="appointments",
    first_date=MONDAY,
    days=3,
    opens_minute=540,
    closes_minute=1080,
    sites=("north", "south"),
    travel=(Travel("north", "south", 30),),
    staff=(
        Staff("idva-1", "idva", "north", "female", (Busy(MONDAY, 540, 600),)),
        Staff("idva-2", "idva", "north", "male"),
        Staff("housing-1", "housing", "south", "female"),
        Staff("housing-2", "housing", "north", "female"),
    ),
    victims=(
        Victim(
            "anna",
            MONDAY,
            True,
            (task("anna/idva", "idva"), task("anna/housing", "housing", (After("anna/idva", 0),))),
            (OwnTime(MONDAY, 885, 945, "school_run"),),
            (SameSex("idva", "female"),),
            (Presence("south", TUESDAY, 600, 660),),
        ),
        Victim(
            "bela",
            MONDAY,
            False,
            (
                task("bela/idva", "idva"),
                task("bela/review", "idva", (After("bela/idva", 1),)),
                task("bela/housing", "housing", release=TUESDAY),
            ),
        ),
    ),
    agreed=(
        Agreed("bela/housing", "housing-1", TUESDAY, 900, is_locked=True),
        Agreed("bela/idva", "idva-2", MONDAY, 540),
    ),
)

BOOKINGS = {
    "anna/idva": Booking("anna/idva", "idva-1", MONDAY, 600),
    "anna/housing": Booking("anna/housing", "housing-1", MONDAY, 690),
    "bela/idva": Booking("bela/idva", "idva-2", MONDAY, 600),
    "bela/review": Booking("bela/review", "idva-2", TUESDAY, 600),
    "bela/housing": Booking("bela/housing", "housing-1", TUESDAY, 900),
}


def plan(problem: AppointmentsProblem, bookings: tuple[Booking, ...]) -> AppointmentsPlan:
    """Return bookings as a plan whose certificate tells the truth."""
    certificate = Certificate("least", (), 0.0, None, "", "by hand", {}, 0, {}, True, fingerprint(problem), 0.0)
    levels = levels_of(problem, AppointmentsPlan(certificate=certificate, bookings=bookings))
    return AppointmentsPlan(certificate=replace(certificate, levels=levels, value=value_of(levels)), bookings=bookings)


def plan_with(
    *changed: Booking, without: tuple[str, ...] = (), problem: AppointmentsProblem = PROBLEM
) -> AppointmentsPlan:
    """Return the plan by hand with some bookings otherwise, and some tasks unbooked."""
    bookings = {**BOOKINGS, **{each.task: each for each in changed}}
    return plan(problem, tuple(each for name, each in bookings.items() if name not in without))
