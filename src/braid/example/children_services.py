"""Children's social care: referrals, assessments, enquiries, protection plans, and children looked after."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from braid.example.model import CHILD, World
from braid.example.records import CareEpisode, ChildCase, FamilyCase, Placement
from braid.example.streams import chance, choose, days_between, scalar_stream, working_day
from braid.example.victims import Harm

OPEN_SHARE, REFERRED_SHARE, LOOKED_AFTER_SHARE = 0.028, 0.02, 0.005
"""Of all children: open cases, referrals of the last half year that were closed, and those looked after."""
_SOURCES = {
    "1A": 0.10,
    "2A": 0.19,
    "3A": 0.06,
    "3E": 0.06,
    "4": 0.05,
    "5A": 0.08,
    "5D": 0.07,
    "6": 0.30,
    "7": 0.03,
    "9": 0.06,
}
_NEEDS = {"N1": 0.57, "N2": 0.09, "N3": 0.04, "N4": 0.10, "N5": 0.14, "N8": 0.06}
_FACTORS = ("1B", "2B", "4A", "4B", "16A", "17A", "6A", "5A", "7A", "24A", "20")


def simulate_childrens_services(world: World, harmed: list[Harm]) -> None:
    """Write children in need and children looked after, starting with those the family court and abuse bring."""
    random = scalar_stream(world.seed, "children's services")
    known: set[int] = set()
    for case in world.family_cases:
        _follow_to_court(world, case, known, random)
    for harm in harmed:
        if harm.kind == "domestic_abuse" and chance(random, 0.6):
            for child in harm.family[1:]:
                _refer(world, child, harm.day + days_between(random, 0, 10), known, "3B", random)
    children = [k for k in range(len(world.people)) if world.people.role[k] == CHILD and world.age_years(k) < 18]
    for child in random.sample(children, round(len(children) * OPEN_SHARE)):
        started = world.as_of - timedelta(days=1 + round(random.expovariate(1 / 260)))
        _refer(world, child, started, known, "", random)
    for child in random.sample(children, round(len(children) * REFERRED_SHARE)):
        _refer(world, child, world.as_of - days_between(random, 20, 200), known, "", random, closing=True)
    looked_after = {episode.person for episode in world.care_episodes}
    for child in random.sample(children, round(len(children) * LOOKED_AFTER_SHARE)):
        if child not in looked_after and world.age_years(child) >= 1:
            start = world.as_of - timedelta(days=30 + round(random.expovariate(1 / 700)))
            start = max(start, world.birth_date(child) + timedelta(days=30))
            _look_after(world, child, start, "C2" if chance(random, 0.7) else "V2", None, random)

    _fill_quiet_districts(world, children, known, random)


def _fill_quiet_districts(world: World, children: list[int], known: set[int], random: Random) -> None:
    """See that every council knows a child in need and looks after one, however small the place is."""
    for district in range(len(world.geography.districts)):
        own = [k for k in children if world.district_of(k) == district and world.age_years(k) >= 2]
        if own and not any(case.district == district for case in world.child_cases):
            _refer(world, random.choice(own), world.as_of - timedelta(days=30), known, "", random)
        if own and not any(episode.district == district for episode in world.care_episodes):
            _look_after(world, random.choice(own), world.as_of - timedelta(days=200), "C2", None, random)


def _follow_to_court(world: World, case: FamilyCase, known: set[int], random: Random) -> None:
    for child in case.children:
        referred = case.issued - days_between(random, 90, 400)
        referred = max(referred, world.birth_date(child))
        _refer(world, child, referred, known, "3B" if case.abuse else "", random)
        record = world.child_cases[-1]
        if record.person == child:
            record.closed, record.closed_reason, record.no_action = None, "", False
            begun = max(referred, case.issued - days_between(random, 40, 110))
            if begun <= case.issued:  # a child born later joins a case that is before the court already
                record.pre_proceedings, record.to_court = begun, case.issued
        if chance(random, 0.62):
            legal = "C1" if case.closed is None or case.order != "CARE_ORDER" else "C2"
            ended = case.closed if case.closed and case.order != "CARE_ORDER" else None
            _look_after(world, child, case.issued + days_between(random, 0, 4), legal, ended, random)


def _refer(
    world: World, child: int, day: date, known: set[int], factor: str, random: Random, closing: bool = False
) -> None:
    """Open a case unless the child has one, and follow it as far as the as-of date."""
    day = min(max(working_day(day), world.birth_date(child)), world.as_of)
    if child in known:
        return
    known.add(child)
    case = ChildCase(child, world.district_of(child), day, choose(random, _SOURCES), choose(random, _NEEDS))
    if factor:
        case.source, case.need = choose(random, {"6": 0.8, "1A": 0.2}), "N1"
    case.no_action = closing and chance(random, 0.2)
    if not case.no_action:
        _assess(case, world.as_of, factor, random)
    if closing:
        case.closed = min(day + days_between(random, 10, 90), world.as_of)
        case.closed_reason = choose(random, {"RC7": 0.4, "RC8": 0.4, "RC9": 0.2})
        case.assessed = min(case.assessed, case.closed) if case.assessed else None if case.no_action else case.closed
    elif case.assessed and chance(random, 0.3):
        _protect(case, world.as_of, random)
    world.child_cases.append(case)


def _assess(case: ChildCase, as_of: date, factor: str, random: Random) -> None:
    """Authorise the assessment: four in five within 45 working days."""
    days = random.randint(10, 62) if chance(random, 0.8) else random.randint(64, 130)
    authorised = working_day(case.referred + timedelta(days=days))
    case.assessed = authorised if authorised <= as_of else None
    case.factors = tuple(dict.fromkeys([f for f in (factor,) if f] + random.sample(_FACTORS, random.randint(1, 2))))


def _protect(case: ChildCase, as_of: date, random: Random) -> None:
    """Start an enquiry; a conference within 15 working days for most, and a plan for those who need one."""
    case.enquiry = min(working_day(case.referred + days_between(random, 0, 30)), as_of)
    case.conference_needed = chance(random, 0.6)
    conference = working_day(case.enquiry + days_between(random, 10, 30))
    if not case.conference_needed or conference > as_of:
        return
    case.conference = conference
    if chance(random, 0.8):
        case.plan, case.category = conference, choose(random, {"NEG": 0.48, "EMO": 0.38, "PHY": 0.09, "SAB": 0.05})
        end = conference + days_between(random, 150, 500)
        case.plan_end = end if end <= as_of else None
        case.reviews = _protection_reviews(conference, case.plan_end or as_of, random)


def _protection_reviews(start: date, last: date, random: Random) -> tuple[date, ...]:
    """Reviews fall within three months and then every six; a few are late."""
    reviews, day = [], start + timedelta(days=86 + random.randint(-6, 12))
    while (held := working_day(day)) < last:
        reviews.append(held)
        day += timedelta(days=176 + random.randint(-6, 12))
    return tuple(reviews)


def _look_after(world: World, child: int, start: date, legal: str, ended: date | None, random: Random) -> None:
    """Write the placements of a child: one to four, some far from home."""
    last = ended or world.as_of
    start = min(start, last)
    days = (last - start).days
    moves = sorted({start + timedelta(days=random.randint(20, max(21, days))) for _ in range(random.randint(0, 3))})
    starts = [start, *(day for day in moves if start < day < last)]
    placements = []
    for number, begun in enumerate(starts):
        final = number == len(starts) - 1
        placements.append(
            Placement(
                start=begun,
                end=ended if final else starts[number + 1],
                reason="S" if number == 0 else choose(random, {"P": 0.7, "B": 0.3}),
                legal=legal,
                place=choose(random, {"U6": 0.5, "U4": 0.1, "U3": 0.2, "K2": 0.13, "P1": 0.07}),
                provider=choose(random, {"PR1": 0.5, "PR4": 0.45, "PR2": 0.05}),
                ended_by=("E4A" if ended else "") if final else "X1",
                changed_by="" if final else choose(random, {"CARPL": 0.5, "CREQB": 0.2, "CREQO": 0.2, "CHILD": 0.1}),
                address=random.randrange(world.geography.first_home[-1]),
            )
        )
    reviews = _reviews(start, last, world.age_years(child), random)
    world.care_episodes.append(
        CareEpisode(
            child, world.district_of(child), "N1", placements, reviews, _missing(world, child, start, last, random)
        )
    )


def _reviews(start: date, last: date, age_years: int, random: Random) -> list[tuple[date, str]]:
    """Reviews fall after 20 working days, three months and then every six months; some are late."""
    reviews, day = [], start + timedelta(days=26)
    gap = 90
    while day <= last:
        code = "PN0" if age_years < 4 else choose(random, {"PN1": 0.6, "PN2": 0.1, "PN5": 0.1, "PN6": 0.1, "PN7": 0.1})
        reviews.append((working_day(day), code))
        day, gap = day + timedelta(days=gap + random.randint(-10, 14)), 180
    return [review for review in reviews if review[0] <= last]


def _missing(world: World, child: int, start: date, last: date, random: Random) -> list[tuple[date, date | None]]:
    if world.age_years(child) < 12 or (last - start).days < 10 or not chance(random, 0.2):
        return []
    begun = start + days_between(random, 1, (last - start).days - 1)
    found = begun + days_between(random, 0, 3)
    return [(begun, found if found <= last else None)]
