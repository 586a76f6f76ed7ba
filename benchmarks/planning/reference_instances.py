"""The reference instances of joint appointments and agendas, as problems of Braid.

Their generators are not part of this repository: they are imported from `$BRAID_SHARED/design/bench-planning`, or from
`shared/design/bench-planning` beside the repository. A day of theirs is 36 steps of 15 minutes from nine o'clock.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.planning.agendas import model as agendas  # noqa: E402
from braid.planning.appointments import model as appointments  # noqa: E402
from braid.planning.appointments.model import MARGIN_MINUTES, STEP_MINUTES  # noqa: E402

FIRST_DATE = dt.date(2026, 11, 30)
OPENS_MINUTE = 9 * 60
SAME_SEX_SERVICES = ("sarc", "therapy", "isva")


def reference(name: str) -> ModuleType:
    """Return a generator of the reference instances. Raises `SystemExit` where they are not beside the project."""
    root = Path(os.environ.get("BRAID_SHARED", REPOSITORY.parent / "shared")) / "design" / "bench-planning"
    if not (root / f"{name}.py").exists():
        raise SystemExit(f"the generator {name} is not there; set BRAID_SHARED to the folder that holds design/")
    if str(root) not in sys.path:
        sys.path.append(str(root))
    return importlib.import_module(name)


def _runs(marks: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks.astype(np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _minute(step: int) -> int:
    return OPENS_MINUTE + STEP_MINUTES * step


def _days_of(marks: np.ndarray, day_steps: int) -> Iterator[tuple[dt.date, int, int]]:
    """Yield date, first and last minute of each run inside a day."""
    for day, steps in enumerate(marks.reshape(-1, day_steps)):
        for begin, end in _runs(steps):
            yield FIRST_DATE + dt.timedelta(days=day), _minute(begin), _minute(end)


def appointments_problem(
    people: int = 60, days: int = 20, seed: int = 1
) -> tuple[Any, appointments.AppointmentsProblem]:
    """Return a reference instance as its generator gives it, and as a problem."""
    generator = reference("c_gen")
    made = generator.generate(people, days, seed)
    sites = tuple(f"site-{number}" for number in range(len(made["T"])))
    travel = tuple(
        appointments.Travel(sites[one], sites[other], STEP_MINUTES * int(made["T"][one, other]))
        for one in range(len(sites))
        for other in range(one)
    )
    problem = appointments.AppointmentsProblem(
        kind="appointments",
        first_date=FIRST_DATE,
        days=days,
        opens_minute=OPENS_MINUTE,
        closes_minute=_minute(generator.DAY),
        sites=sites,
        travel=travel,
        staff=tuple(_staff(each, sites, generator.DAY) for each in made["staff"]),
        victims=tuple(_victim(each, sites, generator) for each in made["cases"]),
        same_sex_fallback="anyone_where_none_can",
    )
    return made, problem


def _staff(given: dict[str, Any], sites: tuple[str, ...], day_steps: int) -> appointments.Staff:
    busy = tuple(appointments.Busy(*each) for each in _days_of(given["busy"], day_steps))
    sex = "female" if given["female"] else "male"
    return appointments.Staff(f"staff-{given['id']}", given["agency"], sites[given["site"]], sex, busy)


def _victim(given: dict[str, Any], sites: tuple[str, ...], generator: ModuleType) -> appointments.Victim:
    own = tuple(appointments.OwnTime(*each) for each in _days_of(given["busy"], generator.DAY))
    asks = SAME_SEX_SERVICES if given["female_only"] else ()
    return appointments.Victim(
        id=f"victim-{given['id']}",
        arrival_date=_date(given["arr"]),
        is_high_risk=given["high"],
        tasks=tuple(_task(given, name, generator) for name in given["tasks"]),
        own_times=own,
        same_sex=tuple(appointments.SameSex(service, "female") for service in asks),
        presences=tuple(_presences(given["perp"], sites, generator.DAY)),
    )


def _task(given: dict[str, Any], name: str, generator: ModuleType) -> appointments.Task:
    service, steps, release, deadline, before, weight = generator.PATH[name]
    return appointments.Task(
        id=task_id(given["id"], name),
        service=service,
        minutes=STEP_MINUTES * steps,
        release_date=_date(given["arr"] + release),
        deadline_date=_date(given["arr"] + deadline),
        weight=weight,
        after=tuple(
            appointments.After(task_id(given["id"], each), gap) for each, gap in before if each in given["tasks"]
        ),
    )


def _presences(marks: np.ndarray, sites: tuple[str, ...], day_steps: int) -> Iterator[appointments.Presence]:
    """Yield the presences whose margins are the times that the generator marks: an hour on both sides is among them.

    A mark that begins with the day, or ends with it, may be the margin alone: the presence lies before or after it.
    """
    opens, closes = OPENS_MINUTE, _minute(day_steps)
    for site, steps in zip(sites, marks, strict=True):
        for date, begin, end in _days_of(steps, day_steps):
            first, last = begin + MARGIN_MINUTES, end - MARGIN_MINUTES
            if begin == opens:
                first = min(first, last - STEP_MINUTES)
            if end == closes:
                last = max(last, first + STEP_MINUTES)
            yield appointments.Presence(site, date, first, last)


def _date(day: int) -> dt.date:
    return FIRST_DATE + dt.timedelta(days=day)


def task_id(victim: int, name: str) -> str:
    """Return the id of a victim's task."""
    return f"victim-{victim}/{name}"


def as_reference(made: dict[str, Any], bookings: tuple[appointments.Booking, ...]) -> dict[int, dict[str, Any]]:
    """Return bookings as the reference's own `evaluate` reads them."""
    day_steps = reference("c_gen").DAY
    found: dict[int, dict[str, Any]] = {case["id"]: dict.fromkeys(case["tasks"]) for case in made["cases"]}
    for each in bookings:
        victim, name = each.task.removeprefix("victim-").split("/")
        start = (each.date - FIRST_DATE).days * day_steps + (each.start_minute - OPENS_MINUTE) // STEP_MINUTES
        found[int(victim)][name] = (int(each.staff.removeprefix("staff-")), start)
    return found


MEETING_EVERY_DAYS = 14
MEETING_SLOTS = 14
MEETINGS = 8


def agendas_problem(items: int = 100, seed: int = 1) -> tuple[Any, agendas.AgendasProblem]:
    """Return a reference instance of agendas as its generator gives it, and as a problem with its two levels alone."""
    made = reference("mdt_gen").generate(items, MEETINGS, MEETING_SLOTS, seed)
    dates = [FIRST_DATE + dt.timedelta(days=MEETING_EVERY_DAYS * number) for number in range(2 * MEETINGS)]
    problem = agendas.AgendasProblem(
        kind="agendas",
        slot_minutes=STEP_MINUTES,
        meetings=tuple(
            agendas.Meeting(f"meeting-{number}", dates[number], MEETING_SLOTS) for number in range(MEETINGS)
        ),
        items=tuple(
            agendas.Item(
                f"case-{case['id']}",
                tuple(f"person-{person}" for person in case["req"]),
                dates[case["ready"]],
                dates[case["dl"]],
                case["w"],
                STEP_MINUTES,
            )
            for case in made["cases"]
        ),
        away=tuple(
            agendas.Away(f"person-{person}", f"meeting-{meeting}", STEP_MINUTES * begin, STEP_MINUTES * end)
            for person in range(made["P"])
            for meeting in range(MEETINGS)
            for begin, end in _runs(~made["av"][person, meeting])
        ),
        prices=agendas.Prices(urgent_first=0),
    )
    return made, problem


def agendas_as_problem(made: dict[str, Any], places: dict[int, tuple[int, int] | None]) -> tuple[agendas.Placed, ...]:
    """Return places as the reference's own policy gives them: meeting and slot by case."""
    return tuple(
        agendas.Placed(f"case-{case['id']}", f"meeting-{places[case['id']][0]}", places[case["id"]][1] + 1)
        for case in made["cases"]
        if places[case["id"]] is not None
    )
