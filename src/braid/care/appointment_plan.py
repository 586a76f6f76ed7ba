"""From what a joint case holds of appointments to a problem of planning, and from its plan back to proposals.

Where whoever is accused is known to be goes into the problem and comes out of no reason: what is told is what somebody
reads who may not know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from braid.care.appointment_sheet import (
    CLOSES_MINUTE,
    HORIZON_DAYS,
    OPENS_MINUTE,
    OTHER,
    SERVICES,
    Booked,
    Building,
    Known,
    Need,
    Offer,
    Sheet,
    Whereabouts,
    Why,
    agreed_of,
    leaves_out,
)
from braid.language.steps import NotPossible
from braid.planning.appointments.model import (
    MARGIN_MINUTES,
    After,
    Agreed,
    AppointmentsPlan,
    AppointmentsProblem,
    Busy,
    OwnTime,
    Presence,
    SameSex,
    Staff,
    Task,
    Travel,
    Victim,
)
from braid.planning.contract import Reason

VICTIM = "victim"
DAY_MINUTES = 24 * 60


def may_be_same(one: Building, other: Building) -> bool:
    """Whether two buildings may be one. Of a building in words nobody can be sure: it may be any."""
    return OTHER in (one.partner, other.partner) or one.partner == other.partner


def find_unsafe(sheet: Sheet, whereabouts: Whereabouts, today: dt.date) -> frozenset[str]:
    """Return the needs whose agreed appointment, from today on, cannot stay: they are told before they go there.

    The time is not offered any more, is one of their own, leaves too little time between two buildings, or is near one
    at which whoever is accused may be there: which of these, the answer does not say.
    """
    coming = [one for one in agreed_of(sheet) if one.date >= today]
    too_near = [
        pair for pair in combinations(coming, 2) if not _leaves_time(*pair, travel_minutes=sheet.travel_minutes)
    ]
    gone = {one for one in coming if not _can_stay(one, sheet, whereabouts)}
    return frozenset(one.need for one in gone.union(*too_near))


def without_unsafe(sheet: Sheet, whereabouts: Whereabouts) -> Sheet:
    """Return a sheet without the proposals that cannot stay: it is to be planned again."""
    kept = tuple(one for one in sheet.booked if one.is_agreed or _can_stay(one, sheet, whereabouts))
    return sheet if kept == sheet.booked else replace(sheet, booked=kept, is_planned=False)


def _can_stay(booked: Booked, sheet: Sheet, whereabouts: Whereabouts) -> bool:
    return (
        any(_holds(offer, booked) for offer in sheet.offers)
        and not any(booked.overlaps(own.date, own.from_minute, own.until_minute) for own in sheet.own_times)
        and not any(
            may_be_same(booked.building, known.building) and _is_near(booked, known) for known in whereabouts.known
        )
    )


def _leaves_time(one: Booked, other: Booked, *, travel_minutes: int) -> bool:
    """Whether they come from the one to the other: in the same building they need no time."""
    between = 0 if one.building.key() == other.building.key() else travel_minutes
    return (
        one.date != other.date
        or one.until_minute + between <= other.start_minute
        or other.until_minute + between <= one.start_minute
    )


def _holds(offer: Offer, booked: Booked) -> bool:
    is_theirs = _staff_id(offer) == _staff_id(booked)
    return is_theirs and booked.overlaps(offer.date, offer.from_minute, offer.until_minute)


def _is_near(booked: Booked, known: Known) -> bool:
    """Whether fewer than the margin's minutes lie between the two, over midnight too."""
    start = (booked.date - known.date).days * DAY_MINUTES + booked.start_minute
    end = start + booked.minutes
    return start < known.until_minute + MARGIN_MINUTES and known.from_minute - MARGIN_MINUTES < end


def pose(sheet: Sheet, whereabouts: Whereabouts, today: dt.date) -> AppointmentsProblem:
    """Return the problem of a sheet. Raises `NotPossible`."""
    if not sheet.needs:
        raise NotPossible("Say first which appointments are needed")
    sheet = replace(sheet, chosen=tuple(one for one in sheet.chosen if one.booked.date >= today))
    coming = (one for one in sheet.offers if one.date >= today)
    offers = [one for one in coming if not any(leaves_out(each, one) for each in sheet.refused)]
    staff = (*_staff(offers, sheet, today), *_chosen_staff(sheet, today))
    sites = tuple(dict.fromkeys(each.site for each in staff))
    placed: list[Offer | Booked] = [*offers, *agreed_of(sheet), *(one.booked for one in sheet.chosen)]
    buildings = {one.building.key(): one.building for one in placed}
    presences = tuple(
        Presence(site, each.date, each.from_minute, each.until_minute)
        for each in whereabouts.known
        for site in sites
        if each.date >= today - dt.timedelta(days=1) and may_be_same(each.building, buildings[site])
    )
    tasks = tuple(_task(need, sheet, today) for need in sheet.needs)
    services = {one.service for one in staff} | {one.service for one in tasks}
    victim = Victim(
        id=VICTIM,
        arrival_date=today,
        is_high_risk=True,  # of one person alone it weighs everything alike
        tasks=tasks,
        own_times=(*_own_times(sheet, today), *_refused_times(sheet, today)),
        same_sex=tuple(SameSex(one.service, one.sex) for one in sheet.wishes if one.service in services),
        presences=presences,
    )
    return AppointmentsProblem(
        kind="appointments",
        first_date=today,
        days=HORIZON_DAYS + 1,
        opens_minute=OPENS_MINUTE,
        closes_minute=CLOSES_MINUTE,
        sites=sites,
        travel=tuple(Travel(one, other, sheet.travel_minutes) for one, other in combinations(sites, 2)),
        staff=staff,
        victims=(victim,),
        agreed=tuple(
            Agreed(one.need, _staff_id(one), one.date, one.start_minute, is_locked=True) for one in agreed_of(sheet)
        ),
    )


def _staff_id(one: Offer | Booked) -> str:
    return "\n".join((one.service, one.who.strip(), one.sex, one.building.key()))


def _staff(offers: Iterable[Offer], sheet: Sheet, today: dt.date) -> tuple[Staff, ...]:
    """Return who can see them: somebody of a service at a building, busy whenever no time was offered."""
    free: dict[str, list[tuple[dt.date, int, int]]] = {}
    first: dict[str, Offer | Booked] = {}
    for one in offers:
        free.setdefault(_staff_id(one), []).append((one.date, one.from_minute, one.until_minute))
        first.setdefault(_staff_id(one), one)
    for kept in agreed_of(sheet):
        free.setdefault(_staff_id(kept), []).append((kept.date, kept.start_minute, kept.until_minute))
        first.setdefault(_staff_id(kept), kept)
    return tuple(
        Staff(name, first[name].service, first[name].building.key(), first[name].sex, tuple(_busy(spans, today)))
        for name, spans in free.items()
    )


def _chosen_staff(sheet: Sheet, today: dt.date) -> Iterator[Staff]:
    """Yield for each time that was chosen somebody who has that time alone, for that need alone."""
    for one in _chosen(sheet).values():
        span = one.date, one.start_minute, one.until_minute
        building, busy = one.building.key(), tuple(_busy([span], today))
        yield Staff(_chosen_id(one), _chosen_service(one), building, one.sex, busy)


def _chosen(sheet: Sheet) -> dict[str, Booked]:
    """Return what was chosen by its need."""
    return {one.booked.need: one.booked for one in sheet.chosen}


def _chosen_id(booked: Booked) -> str:
    return f"{_staff_id(booked)}\n{booked.need}"


def _chosen_service(booked: Booked) -> str:
    return f"{booked.service}\n{booked.need}"


def _busy(spans: Collection[tuple[dt.date, int, int]], today: dt.date) -> Iterable[Busy]:
    for number in range(HORIZON_DAYS + 1):
        day = today + dt.timedelta(days=number)
        reached = 0
        for start, end in sorted((start, end) for date, start, end in spans if date == day):
            if start > reached:
                yield Busy(day, reached, start)
            reached = max(reached, end)
        if reached < 24 * 60:
            yield Busy(day, reached, 24 * 60)


def _task(need: Need, sheet: Sheet, today: dt.date) -> Task:
    after = (After(need.after, need.days_between),) if need.after else ()
    release = max(need.from_date, today)
    chosen = _chosen(sheet).get(need.id)
    service = need.service if chosen is None else _chosen_service(chosen)
    return Task(need.id, service, need.minutes, release, max(need.by_date, release), SERVICES[need.service][1], after)


def _own_times(sheet: Sheet, today: dt.date) -> tuple[OwnTime, ...]:
    return tuple(
        OwnTime(one.date, one.from_minute, one.until_minute, one.kind) for one in sheet.own_times if one.date >= today
    )


def _refused_times(sheet: Sheet, today: dt.date) -> tuple[OwnTime, ...]:
    refused = (one.booked for one in sheet.refused if one.kind == "time" and one.booked.date >= today)
    return tuple(OwnTime(one.date, one.start_minute, one.until_minute, "other") for one in refused)


def take_plan(sheet: Sheet, plan: AppointmentsPlan, days_out: tuple[int, int]) -> Sheet:
    """Return a sheet with what a plan proposes beside what was agreed.

    `plan` is as somebody reads it who may not know of presences; `days_out` are days on which they have to leave home,
    were each service's first time taken, and by the plan.
    """
    needs = {one.id: one for one in sheet.needs}
    rows: list[Offer | Booked] = [*sheet.offers, *agreed_of(sheet)]
    known = {_staff_id(one): one for one in rows} | {_chosen_id(one): one for one in _chosen(sheet).values()}
    agreed = {one.need for one in agreed_of(sheet)}
    proposed = [
        Booked(
            need=each.task,
            service=needs[each.task].service,
            who=known[each.staff].who,
            sex=known[each.staff].sex,
            building=known[each.staff].building,
            date=each.date,
            start_minute=each.start_minute,
            minutes=needs[each.task].minutes,
        )
        for each in plan.bookings
        if each.task not in agreed
    ]
    booked = sorted((*agreed_of(sheet), *proposed), key=lambda one: (one.date, one.start_minute))
    return replace(
        sheet, booked=tuple(booked), why=tuple(_why(each) for each in plan.reasons), days_out=days_out, is_planned=True
    )


def _why(reason: Reason) -> Why:
    return Why(reason.item, reason.about, tuple((each.rule, each.times) for each in reason.bindings))
