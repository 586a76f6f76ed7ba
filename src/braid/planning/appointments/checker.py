"""Checks a plan of joint appointments against its problem alone: every hard rule, and what the plan is worth.

Nothing here is shared with what searches: times are compared minute by minute as the problem states them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from braid.language.documents import fingerprint
from braid.planning.appointments.model import (
    MARGIN_MINUTES,
    STEP_MINUTES,
    AppointmentsPlan,
    AppointmentsProblem,
    Booking,
    Busy,
    OwnTime,
    Staff,
    Task,
    Victim,
    settled,
)
from braid.planning.contract import Broken, Checked, Level, broken_certificate


@dataclass(frozen=True)
class Seat:
    """A booking of which everything is known: whose task it is, and who serves it."""

    victim: Victim
    task: Task
    staff: Staff
    booking: Booking

    @property
    def start(self) -> int:
        """The minute after midnight at which it begins."""
        return self.booking.start_minute

    @property
    def end(self) -> int:
        """The first minute after it."""
        return self.booking.start_minute + self.task.minutes

    def meets(self, date: dt.date, from_minute: int, until_minute: int) -> bool:
        """Whether it shares a minute with a time of a day."""
        return self.booking.date == date and self.start < until_minute and from_minute < self.end


class View:
    """A plan beside its problem. The first booking of a task counts; what names unknown ids is left to `unknown`."""

    def __init__(self, problem: AppointmentsProblem, plan: AppointmentsPlan) -> None:
        self.problem = problem
        self.plan = plan
        self.staff = {one.id: one for one in problem.staff}
        self.owners = {task.id: (victim, task) for victim, task in problem.tasks()}
        self.agreed = {each.task: each for each in problem.agreed}

    @cached_property
    def seats(self) -> dict[str, Seat]:
        """The bookings by task."""
        found: dict[str, Seat] = {}
        for booking in self.plan.bookings:
            if booking.task in self.owners and booking.staff in self.staff and booking.task not in found:
                found[booking.task] = Seat(*self.owners[booking.task], self.staff[booking.staff], booking)
        return found

    @cached_property
    def held(self) -> dict[str, Seat]:
        """The appointments that stand though no booking can say them, by task."""
        return {
            each.task: Seat(
                *self.owners[each.task],
                self.staff[each.staff],
                Booking(each.task, each.staff, each.date, each.start_minute),
            )
            for each in settled(self.problem)
            if each.task in self.owners and each.staff in self.staff
        }

    def find_seat(self, task: str) -> Seat | None:
        """Return the appointment of a task, whether it is held or booked."""
        return self.held.get(task) or self.seats.get(task)

    def days_of(self, victim: Victim) -> dict[dt.date, list[Seat]]:
        """Return the appointments of a victim by day, each day in its order."""
        days: dict[dt.date, list[Seat]] = {}
        for task in victim.tasks:
            if seat := self.seats.get(task.id):
                days.setdefault(seat.booking.date, []).append(seat)
        return {date: sorted(seats, key=lambda one: (one.start, one.end)) for date, seats in days.items()}

    @cached_property
    def travel_minutes(self) -> dict[tuple[str, str], int]:
        """Minutes between two sites, either way."""
        ways = {(each.one_site, each.other_site): each.minutes for each in self.problem.travel}
        return ways | {(other, one): minutes for (one, other), minutes in ways.items()}

    def travel_between(self, one: Staff, other: Staff) -> int:
        """Return the minutes from where one works to where another does."""
        return 0 if one.site == other.site else self.travel_minutes.get((one.site, other.site), 0)

    def weight_of(self, victim: Victim, task: Task) -> int:
        """Return how much a task counts: double, or as the prices say, where the risk is high."""
        return task.weight * (self.problem.prices.high_risk_times if victim.is_high_risk else 1)


Rule = Callable[[View], Iterator[Broken]]


def unknown(view: View) -> Iterator[Broken]:
    """A booking names a task or a member of staff that the problem does not know."""
    for booking in view.plan.bookings:
        if booking.task not in view.owners or booking.staff not in view.staff:
            yield Broken("unknown", (booking.task, booking.staff))


def twice(view: View) -> Iterator[Broken]:
    """A task is booked twice."""
    counts = Counter(booking.task for booking in view.plan.bookings)
    yield from (Broken("twice", (task,)) for task, count in counts.items() if count > 1)


def other_service(view: View) -> Iterator[Broken]:
    """Somebody of another service serves a task."""
    for seat in view.seats.values():
        if seat.staff.service != seat.task.service:
            yield Broken("other_service", (seat.task.id, seat.staff.id))


def outside_hours(view: View) -> Iterator[Broken]:
    """An appointment lies on a day that is not planned, outside opening, or does not start on a step."""
    problem = view.problem
    for seat in view.seats.values():
        is_planned = problem.first_date <= seat.booking.date <= problem.last_date
        is_open = problem.opens_minute <= seat.start and seat.end <= problem.closes_minute
        if not (is_planned and is_open and (seat.start - problem.opens_minute) % STEP_MINUTES == 0):
            yield Broken("outside_hours", (seat.task.id,))


def staff_busy(view: View) -> Iterator[Broken]:
    """An appointment meets what the diary of the member of staff holds already."""
    for seat in view.seats.values():
        if _meets_any(seat, seat.staff.busy):
            yield Broken("staff_busy", (seat.task.id, seat.staff.id))


def staff_twice(view: View) -> Iterator[Broken]:
    """A member of staff sees two at once."""
    days: dict[tuple[str, dt.date], list[Seat]] = {}
    for seat in view.seats.values():
        days.setdefault((seat.staff.id, seat.booking.date), []).append(seat)
    for (staff, _), seats in days.items():
        seats.sort(key=lambda one: (one.start, one.end))
        for number, one in enumerate(seats):
            for other in seats[number + 1 :]:
                if other.start < one.end:
                    yield Broken("staff_twice", (one.task.id, other.task.id, staff))
    for seat in view.seats.values():
        for held in view.held.values():
            if _takes_staff(held, seat):
                yield Broken("staff_twice", (held.task.id, seat.task.id, seat.staff.id))


def _takes_staff(held: Seat, seat: Seat) -> bool:
    return held.staff.id == seat.staff.id and seat.meets(held.booking.date, held.start, held.end)


def own_time(view: View) -> Iterator[Broken]:
    """An appointment meets the school run, work, or what else the victim needs the time for."""
    for seat in view.seats.values():
        if _meets_any(seat, seat.victim.own_times):
            yield Broken("own_time", (seat.task.id,))


def travel_time(view: View) -> Iterator[Broken]:
    """Two appointments of a day overlap, or the way between them takes longer than the time between them."""
    for victim in view.problem.victims:
        for seats in view.days_of(victim).values():
            for one, other in pairwise(seats):
                if other.start < one.end + view.travel_between(one.staff, other.staff):
                    yield Broken("travel_time", (one.task.id, other.task.id))
    for seat in view.seats.values():
        for held in view.held.values():
            if _takes_victim(view, held, seat):
                yield Broken("travel_time", (held.task.id, seat.task.id))


def _takes_victim(view: View, held: Seat, seat: Seat) -> bool:
    """Whether the same victim has no time between two appointments for the way."""
    way = view.travel_between(held.staff, seat.staff)
    return held.victim.id == seat.victim.id and seat.meets(held.booking.date, held.start - way, held.end + way)


def too_early(view: View) -> Iterator[Broken]:
    """An appointment lies before the day from which the task can be done."""
    for seat in view.seats.values():
        if seat.booking.date < seat.task.release_date:
            yield Broken("too_early", (seat.task.id,))


def order(view: View) -> Iterator[Broken]:
    """What comes before a task is not booked, has not ended, or too few days lie between."""
    for seat in view.seats.values():
        for before in seat.task.after:
            first = view.find_seat(before.task)
            if first is None or not _is_in_order(first, seat, before.days):
                yield Broken("order", (before.task, seat.task.id))


def _is_in_order(first: Seat, then: Seat, days: int) -> bool:
    between = (then.booking.date - first.booking.date).days
    return between >= days and (between > 0 or then.start >= first.end)


def same_sex(view: View) -> Iterator[Broken]:
    """Somebody of another sex than the victim asked for serves a task, and the problem does not allow it."""
    for seat in view.seats.values():
        asked = {each.service: each.sex for each in seat.victim.same_sex}.get(seat.task.service)
        if asked is None or asked == seat.staff.sex:
            continue
        if view.problem.same_sex_fallback == "leave_unbooked" or _can_be_met(view, seat, asked):
            yield Broken("same_sex", (seat.task.id, seat.staff.id))


def _can_be_met(view: View, seat: Seat, sex: str) -> bool:
    """Whether anybody of a sex has a time for the task, were nobody else booked."""
    problem = view.problem
    dates = [problem.first_date + dt.timedelta(days=number) for number in range(problem.days)]
    starts = range(problem.opens_minute, problem.closes_minute - seat.task.minutes + 1, STEP_MINUTES)
    those = [one for one in problem.staff if one.service == seat.task.service and one.sex == sex]
    return any(
        _is_offered(view, Seat(seat.victim, seat.task, one, Booking(seat.task.id, one.id, date, start)))
        for one in those
        for date in dates
        if date >= seat.task.release_date
        for start in starts
    )


def _is_offered(view: View, seat: Seat) -> bool:
    if any(_takes_staff(held, seat) or _takes_victim(view, held, seat) for held in view.held.values()):
        return False
    return not (_meets_any(seat, seat.staff.busy) or _meets_any(seat, seat.victim.own_times) or _is_near(seat))


def perpetrator_near(view: View) -> Iterator[Broken]:
    """An appointment lies in a building within the margin of the perpetrator's known presence there."""
    for seat in view.seats.values():
        if _is_near(seat):
            yield Broken("perpetrator_near", (seat.task.id,))


def _is_near(seat: Seat) -> bool:
    """Whether a presence, widened by the margin on both sides and over midnight, meets the appointment."""
    begin = seat.booking.date.toordinal() * 24 * 60 + seat.start
    end = begin + seat.task.minutes
    for presence in seat.victim.presences:
        midnight = presence.date.toordinal() * 24 * 60
        first, last = (
            midnight + presence.from_minute - MARGIN_MINUTES,
            midnight + presence.until_minute + MARGIN_MINUTES,
        )
        if presence.site == seat.staff.site and begin < last and first < end:
            return True
    return False


def locked(view: View) -> Iterator[Broken]:
    """A task whose appointment is locked has another one."""
    for seat in view.seats.values():
        agreed = view.agreed.get(seat.task.id)
        if agreed and agreed.is_locked and not _is_kept(view, seat.task.id):
            yield Broken("locked", (seat.task.id,))


def _is_kept(view: View, task: str) -> bool:
    agreed, seat = view.agreed[task], view.seats.get(task)
    if seat is None:
        return False
    now = seat.booking
    return (now.staff, now.date, now.start_minute) == (agreed.staff, agreed.date, agreed.start_minute)


def _meets_any(seat: Seat, times: tuple[Busy, ...] | tuple[OwnTime, ...]) -> bool:
    return any(seat.meets(each.date, each.from_minute, each.until_minute) for each in times)


RULES: tuple[Rule, ...] = (
    unknown,
    twice,
    other_service,
    outside_hours,
    staff_busy,
    staff_twice,
    own_time,
    travel_time,
    too_early,
    order,
    same_sex,
    perpetrator_near,
    locked,
)


def broken_rules(problem: AppointmentsProblem, plan: AppointmentsPlan) -> list[Broken]:
    """Return every hard rule that the bookings of a plan break."""
    view = View(problem, plan)
    return [broken for rule in RULES for broken in rule(view)]


def levels_of(problem: AppointmentsProblem, plan: AppointmentsPlan) -> tuple[Level, ...]:
    """Return what a plan is worth, level by level, the most important first."""
    view, prices = View(problem, plan), problem.prices
    unbooked = sum(view.weight_of(*owner) for name, owner in view.owners.items() if view.find_seat(name) is None)
    booked = [(view.weight_of(seat.victim, seat.task), seat) for seat in view.seats.values()]
    late = sum(weight * max(0, _days(seat.task.deadline_date, seat)) for weight, seat in booked)
    waiting = sum(weight * _days(seat.victim.arrival_date, seat) for weight, seat in booked)
    days = [seats for victim in problem.victims for seats in view.days_of(victim).values()]
    travel = sum(view.travel_between(one.staff, other.staff) for seats in days for one, other in pairwise(seats))
    moved = sum(not _is_kept(view, task) for task in view.agreed if task in view.owners and task not in view.held)
    amounts = {
        "unbooked": (unbooked, prices.unbooked),
        "late_days": (late, prices.late_day),
        "days_out": (len(days), prices.day_out),
        "travel_hours": (travel / 60, prices.travel_hour),
        "waiting_days": (waiting, prices.waiting_day),
        "moved": (moved, prices.move),
    }
    return tuple(Level(name, float(amount), float(price)) for name, (amount, price) in amounts.items())


def _days(since: dt.date, seat: Seat) -> int:
    return (seat.booking.date - since).days


def check(problem: AppointmentsProblem, plan: AppointmentsPlan) -> Checked:
    """Return which hard rules a plan breaks and what it is really worth. Raises nothing, whatever the plan says."""
    levels = levels_of(problem, plan)
    broken = [
        *broken_rules(problem, plan),
        *broken_certificate(plan.certificate, levels, fingerprint(problem)),
    ]
    return Checked(tuple(broken), levels)
