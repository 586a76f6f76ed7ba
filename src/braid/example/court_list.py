"""The lists of the family court: hearings of open cases still to come, who hears them, and who attends several cases.

Everything is drawn from streams of its own, so that the cases themselves are as they were. Hearings that the court has
fixed already stand on the days that its case system names.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from braid.example.model import World
from braid.example.records import FamilyCase, Hearing
from braid.example.streams import chance, scalar_stream
from braid.language.calendars import england_bank_holidays

STAGES = ("CASE_MANAGEMENT", "FURTHER_CASE_MANAGEMENT", "ISSUE_RESOLUTION", "FINAL")
"""The hearings of a case in their order."""
MINUTES = {"CASE_MANAGEMENT": 60, "FURTHER_CASE_MANAGEMENT": 60, "ISSUE_RESOLUTION": 120}
FINAL_MINUTES = (720, 720, 1080)
GAP_DAYS = {"CASE_MANAGEMENT": 14, "FURTHER_CASE_MANAGEMENT": 56, "ISSUE_RESOLUTION": 56, "FINAL": 35}
"""Days from the hearing before on which parties have to prepare, about."""
HORIZON_WEEKS = 40
DAY_MINUTES, SESSION_UNITS, UNIT_MINUTES = 360, 5, 30
JUDGE_DAYS = ((0, 1, 2, 3), (1, 2, 3, 4))
"""Weekdays on which judges sit in care cases, by turns."""
FULL = 0.6
"""Share of the sessions that the hearings of the horizon take: what is listed leaves gaps that nothing fits."""
LINKED = 0.06
"""Share of final hearings that are heard together with another case."""
FEWEST_JUDGES, MOST_WEEKS_APART = 2, 4
ROOM_FEATURES = (("screens", "step_free", "video_link"), ("step_free",))
FREE_WEEKDAYS = {"Monday": 0, "Friday": 4}
"""On which people who attend never can, by name and number."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A hearing of an open case that is still to come, with the day it was fixed for if it was."""

    reference: str
    case: FamilyCase
    kind: str
    minutes: int
    earliest: date
    hearing: Hearing | None
    is_linked: bool
    """Whether it is heard together with another case, so that people list it."""

    @property
    def days(self) -> int:
        """On how many days it is heard."""
        return math.ceil(self.minutes / DAY_MINUTES)

    @property
    def units(self) -> int:
        """Half hours that it takes in each of its sessions."""
        return SESSION_UNITS if self.days > 1 else math.ceil(self.minutes / UNIT_MINUTES)


@dataclass(frozen=True, slots=True)
class Attendant:
    """Somebody who attends several cases, under the reference of the office they work from."""

    reference: str
    role: str
    office: str
    away: tuple[tuple[date, date], ...]
    weekly: str
    """The weekday on which they never can; empty where there is none."""

    def kept_free(self, days: set[date]) -> Attendant:
        """Return them without absences on days on which a hearing was fixed with them."""
        away = tuple(span for span in self.away if not any(span[0] <= day <= span[1] for day in days))
        is_booked = any(day.weekday() == FREE_WEEKDAYS.get(self.weekly) for day in days)
        return replace(self, away=away, weekly="" if is_booked else self.weekly)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a hearing is listed: before whom and in which room."""

    judge: str
    room: str


@dataclass
class CourtList:
    """The court's list on a day: what is to come, and who sits when."""

    first: date
    last: date
    judges: dict[str, set[date]]
    """By judge, the days on which they sit in care cases."""
    rooms: dict[str, tuple[str, ...]]
    coming: list[Coming]
    seats: dict[str, Seat] = field(default_factory=dict)
    """By request, where it is listed already."""
    booked: dict[str, set[date]] = field(default_factory=dict)
    """By the reference of who attends, and by case, the days of hearings that are fixed."""

    def weekdays(self) -> list[date]:
        """Return the Mondays to Fridays of the horizon."""
        days = (self.first + timedelta(days=step) for step in range((self.last - self.first).days + 1))
        return [day for day in days if day.weekday() < 5]

    def holidays(self) -> list[date]:
        """Return the weekdays of the horizon on which no court sits."""
        return [day for day in self.weekdays() if day in england_bank_holidays()]


def coming_hearings(world: World, case: FamilyCase, cut: date) -> list[Coming]:
    """Return the hearings of a case that are still to come after a day, in their order; none of one that is over."""
    if case.issued > cut or (case.closed is not None and case.closed <= cut):
        return []
    known = [hearing for hearing in case.hearings if hearing.listed <= cut]
    standing = [hearing for hearing in known if hearing.failed is None or hearing.failed > cut]
    held = [STAGES.index(hearing.kind) for hearing in standing if hearing.day <= cut]
    fixed = {hearing.kind: hearing for hearing in standing if hearing.day > cut}
    number = int(case.family_number.rpartition("C")[2])
    found: list[Coming] = []
    before = max((hearing.failed or hearing.day for hearing in known if hearing.day <= cut), default=case.issued)
    for stage in range(max(held, default=-1) + 1, len(STAGES)):
        kind = STAGES[stage]
        random = scalar_stream(world.seed, "court list", case.number, kind)
        hearing = fixed.get(kind)
        earliest = before + timedelta(days=round(GAP_DAYS[kind] * random.uniform(0.7, 1.5)))
        if hearing is not None:
            earliest = min(earliest, hearing.day)
        minutes = MINUTES.get(kind) or random.choice(FINAL_MINUTES)
        is_linked = kind == "FINAL" and chance(random, LINKED)
        reference = str(2_000_000_000 + number * 10 + stage)
        found.append(Coming(reference, case, kind, minutes, earliest, hearing, is_linked))
        before = hearing.day if hearing is not None else earliest
    return found


def court_list(world: World, cut: date, cases: Iterable[FamilyCase]) -> CourtList:
    """Return the list of the family court as it stands after a day, for the cases that its case system shows then."""
    first = cut + timedelta(days=1)
    first += timedelta(days=(7 - first.weekday()) if first.weekday() > 4 else 0)
    last = first + timedelta(weeks=HORIZON_WEEKS, days=-1)
    coming = [each for case in cases for each in coming_hearings(world, case, cut)]
    judges = _sittings(world, first)
    rooms = max(2, (len(judges) + 1) // 2)
    listed = CourtList(
        first, last, judges, {f"R{number + 1}": ROOM_FEATURES[number % 2] for number in range(rooms)}, coming
    )
    _seat(listed)
    _book(world, listed)
    return listed


def allocated_judge(listed: CourtList, case: FamilyCase) -> str:
    """Return the judge who is to hear a case throughout."""
    judges = list(listed.judges)
    return judges[int(case.family_number.rpartition("C")[2]) % len(judges)]


def _sittings(world: World, first: date) -> dict[str, set[date]]:
    """Return who sits when: as few judges, as seldom, as leaves the lists tight."""
    coming = (each for case in world.family_cases for each in coming_hearings(world, case, world.as_of))
    sessions = sum(2 * each.days if each.days > 1 else each.units / SESSION_UNITS for each in coming)
    in_horizon = 2 * len(JUDGE_DAYS[0]) * HORIZON_WEEKS
    judges = max(FEWEST_JUDGES, math.ceil(sessions / (FULL * in_horizon)))
    apart = max(1, min(MOST_WEEKS_APART, math.floor(judges * in_horizon * FULL / max(1.0, sessions))))
    monday = first - timedelta(days=first.weekday())
    weeks = [monday + timedelta(weeks=week) for week in range(HORIZON_WEEKS + 1)]
    return {f"J{number + 1}": set(_sitting_days(weeks, number, apart)) for number in range(judges)}


def _sitting_days(weeks: list[date], number: int, apart: int) -> Iterator[date]:
    """Yield the days of a judge, by number, who sits in one week of `apart`: the same weeks in every extract."""
    for monday in weeks:
        if (monday.toordinal() // 7 + number) % apart == 0:
            yield from (monday + timedelta(days=day) for day in JUDGE_DAYS[number % len(JUDGE_DAYS)])


def _seat(listed: CourtList) -> None:
    """Give each hearing that is fixed a judge who sits then and a room; its own judge where nobody is free."""
    taken: defaultdict[tuple[str, date], int] = defaultdict(int)
    rooms: dict[tuple[str, date], str] = {}
    fixed = [each for each in listed.coming if each.hearing is not None]
    for each in sorted(fixed, key=lambda one: (one.hearing.day if one.hearing else date.min, one.reference)):
        days = list(_days(each))
        own = allocated_judge(listed, each.case)
        others = [judge for judge in listed.judges if judge != own]
        judge = next((one for one in (own, *others) if _fits(each, one, days, taken)), own)
        room = next((one for one in listed.rooms if all(rooms.get((one, day), judge) == judge for day in days)), "R1")
        for day in days:
            taken[judge, day] += each.units
            rooms[room, day] = judge
        listed.judges[judge].update(days)
        listed.seats[each.reference] = Seat(judge, room)


def _book(world: World, listed: CourtList) -> None:
    for each in listed.coming:
        if each.hearing is not None:
            names = [each.case.number, *(one.reference for one in attendants_of(world, each.case))]
            for name in names:
                listed.booked.setdefault(name, set()).update(_days(each))


def _fits(each: Coming, judge: str, days: list[date], taken: dict[tuple[str, date], int]) -> bool:
    return all(taken[judge, day] + each.units <= SESSION_UNITS for day in days)


def _days(each: Coming) -> Iterator[date]:
    """Yield the days on which a hearing that is fixed is heard."""
    day = each.hearing.day if each.hearing else each.earliest
    yield day
    for _ in range(each.days - 1):
        day += timedelta(days=1)
        while day.weekday() > 4 or day in england_bank_holidays():
            day += timedelta(days=1)
        yield day


def attendants_of(world: World, case: FamilyCase) -> list[Attendant]:
    """Return who attends a case besides its parties: a social worker, a guardian, an advocate for each respondent."""
    random = scalar_stream(world.seed, "court list", "attendants", case.number)
    cases = max(1, sum(one.closed is None for one in world.family_cases))
    of_district = max(1, sum(one.closed is None and one.district == case.district for one in world.family_cases))
    council = world.geography.districts[case.district]
    desks = [f"QB{case.district + 1}-SW{1 + random.randrange(max(1, math.ceil(of_district / 3)))}"]
    guardians = [f"GUARDIAN-{1 + random.randrange(max(2, math.ceil(cases / 4)))}"]
    pool = range(1, 1 + max(3, math.ceil(cases / 2)))
    advocates = [f"ADVOCATE-{one}" for one in random.sample(pool, min(len(case.respondents), len(pool)))]
    return [
        *(_attendant(world, one, "SWKR", f"{council.council_name}, children's social work") for one in desks),
        *(_attendant(world, one, "GRDN", "Cafcass, Arden Vale") for one in guardians),
        *(_attendant(world, one, "LGRP", f"Chambers {one.rpartition('-')[2]}") for one in advocates),
    ]


def _attendant(world: World, reference: str, role: str, office: str) -> Attendant:
    """Return an attendant: away for two weeks of the horizon, and one in four never on Mondays or never on Fridays."""
    random = scalar_stream(world.seed, "court list", "attendant", reference)
    begins = [world.as_of + timedelta(days=random.randint(4, 7 * HORIZON_WEEKS - 14)) for _ in range(2)]
    away = tuple((day, day + timedelta(days=random.randint(2, 6))) for day in sorted(begins))
    return Attendant(reference, role, office, away, random.choice(list(FREE_WEEKDAYS)) if chance(random, 0.25) else "")
