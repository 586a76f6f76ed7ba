"""Why a task is late, unbooked or moved: what ruled out each better time.

What follows from diaries and bookings alone is told to everybody. What follows from the victim, their own times, other
appointments, whom they asked for and where the perpetrator is, is for those who may know, and is there for every
reason: whoever may not know reads the same whether there is a presence or not, and cannot reckon it from what was
counted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from braid.planning.appointments.checker import Seat, View
from braid.planning.appointments.model import (
    MARGIN_MINUTES,
    STEP_MINUTES,
    AppointmentsPlan,
    AppointmentsProblem,
    Booking,
    Staff,
    Task,
    Victim,
)
from braid.planning.contract import Binding, Certificate, Reason, redact

Cause = tuple[str, str, bool]
"""A rule, what it is about, and whether only those who may know of the victim read it."""
OFFERED: Cause = ("offered", "", True)


def reasons_of(problem: AppointmentsProblem, plan: AppointmentsPlan) -> tuple[Reason, ...]:
    """Return why each late, unbooked or moved task has nothing better, in the order of the problem."""
    view = View(problem, plan)
    taken = _taken(view)
    found = []
    for victim, task in problem.tasks():
        if task.id in view.held:
            continue
        seat, agreed = view.seats.get(task.id), view.agreed.get(task.id)
        if agreed and (
            seat is None or _differs(seat.booking, Booking(task.id, agreed.staff, agreed.date, agreed.start_minute))
        ):
            kept = Booking(task.id, agreed.staff, agreed.date, agreed.start_minute)
            found.append(_reason(view, taken, victim, task, "moved", [(view.staff[agreed.staff], kept)]))
        if seat is None:
            found.append(_reason(view, taken, victim, task, "unbooked", _times(view, task, problem.last_date)))
        elif seat.booking.date > task.deadline_date:
            found.append(_reason(view, taken, victim, task, "late", _times(view, task, task.deadline_date)))
    return tuple(found)


def seen_by(problem: AppointmentsProblem, plan: AppointmentsPlan, may_know: frozenset[str]) -> AppointmentsPlan:
    """Return a plan as somebody reads it who may know of the victims `may_know` alone.

    Of the certificate goes what is reckoned from presences, the problem's fingerprint, bound and effort, and how long
    it took: with all else known, each would tell a guess of a presence right or wrong.
    """
    items = frozenset(task.id for victim, task in problem.tasks() if victim.id in may_know)
    knows_all = all(victim.id in may_know for victim in problem.victims)
    certificate = plan.certificate if knows_all else _without_problem(plan.certificate)
    return replace(plan, reasons=redact(plan.reasons, items), certificate=certificate)


def _without_problem(certificate: Certificate) -> Certificate:
    """Return what of a certificate follows from the bookings and the request for a plan alone."""
    return replace(certificate, problem="", bound=None, bound_method="", effort={}, seconds=0.0)


def _differs(one: Booking, other: Booking) -> bool:
    return (one.staff, one.date, one.start_minute) != (other.staff, other.date, other.start_minute)


def _times(view: View, task: Task, last_date: dt.date) -> Iterator[tuple[Staff, Booking]]:
    """Yield every time at which somebody of the service could see the victim, were nothing in the way."""
    problem = view.problem
    starts = range(problem.opens_minute, problem.closes_minute - task.minutes + 1, STEP_MINUTES)
    date = max(problem.first_date, task.release_date)
    while date <= min(last_date, problem.last_date):
        for staff in problem.staff:
            if staff.service == task.service:
                yield from ((staff, Booking(task.id, staff.id, date, start)) for start in starts)
        date += dt.timedelta(days=1)


def _reason(
    view: View,
    taken: dict[tuple[str, dt.date], list[Seat]],
    victim: Victim,
    task: Task,
    about: str,
    times: Iterable[tuple[Staff, Booking]],
) -> Reason:
    causes: Counter[Cause] = Counter({OFFERED: 0})
    for staff, booking in times:
        causes[_cause(view, taken, Seat(victim, task, staff, booking))] += 1
    told = sorted(causes.items(), key=lambda each: (each[0][2], -each[1], each[0]))
    return Reason(task.id, about, tuple(_binding(cause, count) for cause, count in told))


def _binding(cause: Cause, count: int) -> Binding:
    rule, resource, is_safety = cause
    return Binding(rule, resource, "", count, is_safety)


def _taken(view: View) -> dict[tuple[str, dt.date], list[Seat]]:
    found: dict[tuple[str, dt.date], list[Seat]] = {}
    for seat in (*view.held.values(), *view.seats.values()):
        found.setdefault((seat.staff.id, seat.booking.date), []).append(seat)
    return found


def _cause(view: View, taken: dict[tuple[str, dt.date], list[Seat]], seat: Seat) -> Cause:
    """Return what rules a time out: first what everybody may know, so that its count says nothing of the rest."""
    return _open_cause(view, taken, seat) or _own_cause(view, seat) or OFFERED


def _open_cause(view: View, taken: dict[tuple[str, dt.date], list[Seat]], seat: Seat) -> Cause | None:
    """Return what rules a time out by diaries and bookings alone."""
    if any(seat.meets(each.date, each.from_minute, each.until_minute) for each in seat.staff.busy):
        return "staff_busy", seat.staff.id, False
    for other in taken.get((seat.staff.id, seat.booking.date), ()):
        if other.task.id != seat.task.id and seat.meets(other.booking.date, other.start, other.end):
            return "staff_booked", seat.staff.id, False
    for before in seat.task.after:
        first = view.find_seat(before.task)
        if first is None or not _is_after(seat, first, before.days):
            return "order", before.task, False
    return None


def _is_after(seat: Seat, first: Seat, days: int) -> bool:
    between = (seat.booking.date - first.booking.date).days
    return between >= days and (between > 0 or seat.start >= first.end)


def _own_cause(view: View, seat: Seat) -> Cause | None:
    """Return what rules a time out for this victim; only those who may know read it."""
    for each in seat.victim.own_times:
        if seat.meets(each.date, each.from_minute, each.until_minute):
            return each.kind, "", True
    for presence in seat.victim.presences:
        begin = presence.date.toordinal() * 1440 + presence.from_minute - MARGIN_MINUTES
        end = presence.date.toordinal() * 1440 + presence.until_minute + MARGIN_MINUTES
        start = seat.booking.date.toordinal() * 1440 + seat.start
        if presence.site == seat.staff.site and start < end and begin < start + seat.task.minutes:
            return "perpetrator_near", seat.staff.site, True
    for asked in seat.victim.same_sex:
        if asked.service == seat.task.service and asked.sex != seat.staff.sex:
            return "same_sex", seat.staff.id, True
    return _other_appointment(view, seat)


def _other_appointment(view: View, seat: Seat) -> Cause | None:
    """Return the appointment of the victim that leaves no time to come or to go on."""
    for task in seat.victim.tasks:
        other = view.find_seat(task.id)
        if other is None or task.id == seat.task.id or other.booking.date != seat.booking.date:
            continue
        way = view.travel_between(seat.staff, other.staff)
        if seat.start < other.end + way and other.start < seat.end + way:
            return "other_appointment", task.id, True
    return None
