"""Care proceedings: the children, their parents as respondents, and hearings that fail for coded reasons."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from braid.example.model import CHILD, World
from braid.example.proportions import Sizes
from braid.example.records import FamilyCase, Hearing
from braid.example.streams import chance, choose, days_between, draw_uuid, scalar_stream, working_day
from braid.example.victims import Harm, find_former_partner

REASONS = {
    "LA5": 0.12, "LA8": 0.06, "LA3": 0.09, "LA4": 0.05, "LA1": 0.03, "LA10": 0.03, "CA1": 0.06, "CA2": 0.03,
    "EX1": 0.11, "EX2": 0.05, "HE1": 0.05, "CR1": 0.06, "OT5": 0.04, "HM1": 0.05, "JU1": 0.06, "HM3": 0.03, "LW5": 0.02,
    "LW1": 0.03, "OS1": 0.02, "OT6": 0.02, "OT7": 0.02, "OT1": 0.02, "OT8": 0.02, "OT11": 0.03,
}  # fmt: skip
"""Reasons why hearings are cancelled (HMCTS Family Public Law `HearingCancellationReason`), with shares."""
ORDERS = {"CARE_ORDER": 0.5, "SUPERVISION_ORDER": 0.3, "SPECIAL_GUARDIANSHIP_ORDER": 0.2}


def simulate_family_court(world: World, sizes: Sizes, harmed: list[Harm]) -> None:
    """Write open cases and those that ended in the last half year, of about 40 weeks on average."""
    random = scalar_stream(world.seed, "family court")
    families = _draw_families(world, round(sizes.family_cases * 1.5), harmed, random)
    for number, (home, abuse) in enumerate(families):
        closed = None if number % 3 < 2 else world.as_of - days_between(random, 1, 175)
        # an open case is met part-way through a course of some 40 weeks, a closed one at its end
        weeks = random.gammavariate(5, 8) * (1 if closed else random.uniform(0.05, 1.0))
        issued = working_day((closed or world.as_of) - timedelta(days=10 + round(weeks * 7)))
        issued = min(issued, world.as_of)
        case = _issue(world, number, home, issued, abuse, random)
        case.closed, case.abuse, case.hidden = closed, abuse, abuse and chance(random, 0.5)
        case.order = choose(random, ORDERS) if closed else ""
        case.extended = ((closed or world.as_of) - issued).days > 182
        case.hearings = _hearings(issued, closed, world.as_of, random)
        world.family_cases.append(case)
    open_cases = [case for case in world.family_cases if case.closed is None]
    for case in open_cases[: max(2, len(open_cases) // 4)]:
        case.crisis = True


def _draw_families(world: World, count: int, harmed: list[Harm], random: Random) -> list[tuple[int, bool]]:
    """Return households with children, one in three of them after domestic abuse."""
    # a prosecution is what brings many of these families to the court's notice
    known = sorted((h for h in harmed if len(h.family) > 1 and h.kind == "domestic_abuse"), key=lambda h: not h.urn)
    hurt = [world.household_of(harm.victim) for harm in known]
    chosen = dict.fromkeys(hurt[: count // 3], True)
    while len(chosen) < count:
        person = random.randrange(len(world.people))
        home = world.household_of(person)
        fits = world.people.role[person] == CHILD and world.age_years(person) < 13
        if fits and world.households.tenure[home] != 0:
            chosen.setdefault(home, False)
    order = list(chosen.items())
    random.shuffle(order)
    return order


def _issue(world: World, number: int, home: int, issued: date, abuse: bool, random: Random) -> FamilyCase:
    members = world.members(home)
    children = [k for k in members if world.people.role[k] == CHILD and 0 <= world.age_years(k, issued) < 17]
    born = [k for k in children if world.birth_date(k) <= issued]
    return FamilyCase(
        number=str(1_680_000_000_000_000 + number * 7919 + world.seed % 1000),
        family_number=f"QB{issued.year % 100}C{50001 + number}",
        district=world.district_of(members[0]),
        children=born or children or [k for k in members if world.people.role[k] == CHILD][:1],
        respondents=_respondents(world, members, abuse, random),
        issued=issued,
        hearings=[],
        items={},
    )


def _respondents(world: World, members: list[int], abuse: bool, random: Random) -> list[tuple[int, str]]:
    people = world.people
    parents = [k for k in members[:2] if people.role[k] != CHILD]
    found = [(k, "Mother" if people.female[k] else "Father") for k in parents]
    if len(found) == 1 and (abuse or chance(random, 0.7)):
        other = find_former_partner(world, found[0][0], random)
        if other is not None:
            found.append((other, "Mother" if people.female[other] else "Father"))
    return found


def assign_items(world: World) -> None:
    """Give every party of every family case the item id under which the court's system keeps them."""
    random = scalar_stream(world.seed, "family court items")
    for case in world.family_cases:
        for person in [*case.children, *(k for k, _ in case.respondents)]:
            case.items[person] = draw_uuid(random)


def _hearings(issued: date, closed: date | None, as_of: date, random: Random) -> list[Hearing]:
    """Return the course of a case: each hearing may fail and be listed again."""
    end = closed or as_of
    hearings: list[Hearing] = []
    day = working_day(issued + days_between(random, 12, 18))
    for kind, gap_days in (
        ("CASE_MANAGEMENT", 70),
        ("FURTHER_CASE_MANAGEMENT", 70),
        ("ISSUE_RESOLUTION", 42),
        ("FINAL", 56),
    ):
        day = _hold(hearings, kind, day, end, random)
        if day > end:
            break
        day = working_day(day + timedelta(days=round(gap_days * random.uniform(0.7, 1.5))))
    if closed:
        hearings = [h for h in hearings if h.day < closed]
        hearings.append(Hearing(draw_uuid(random), "FINAL", closed, closed - timedelta(days=45)))
    return hearings


def _hold(hearings: list[Hearing], kind: str, day: date, end: date, random: Random) -> date:
    """Append the hearing, and every earlier date on which it failed; return the day on which it is heard or due."""
    while True:
        hearing = Hearing(draw_uuid(random), kind, day, _listed(hearings, day))
        hearings.append(hearing)
        if day > end or not chance(random, 0.34):
            return day
        hearing.reason = choose(random, REASONS)
        hearing.failed = day - days_between(random, 0, 6)
        hearing.failed = max(hearing.failed, hearing.listed)
        hearing.status = choose(
            random, {"ADJOURNED_AND_RE_LISTED": 0.5, "ADJOURNED_TO_BE_RE_LISTED": 0.3, "VACATED": 0.2}
        )
        if hearing.status == "ADJOURNED_TO_BE_RE_LISTED" and (end - day).days < 60:
            return end + timedelta(days=30)
        day = working_day(day + days_between(random, 14, 63))


def _listed(hearings: list[Hearing], day: date) -> date:
    """Return when a hearing was fixed: at the one before it, or a fortnight ahead."""
    if hearings:
        return hearings[-1].failed or hearings[-1].day
    return day - timedelta(days=14)
