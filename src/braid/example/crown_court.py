"""The Crown Court: cases with defendants and victims, hearings fixed, moved and not yet fixed."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from braid.example.model import CHILD, World
from braid.example.proportions import Sizes
from braid.example.records import CrownCase, Hearing
from braid.example.streams import chance, choose, days_between, draw_uuid, scalar_stream, working_day
from braid.example.victims import Harm

_ABUSE = {
    ("OF61102", "Assault a person thereby occasioning them actual bodily harm"): 0.5,
    ("SC15003", "Engage in controlling or coercive behaviour in an intimate or family relationship"): 0.35,
    ("OF61018", "Wound or inflict grievous bodily harm without intent"): 0.15,
}
_SEXUAL = {("SX03001", "Rape a woman aged 16 or over"): 0.6, ("SX03013", "Sexual assault"): 0.4}
_OTHER = {
    ("MD71230", "Possess with intent to supply a controlled drug of Class A"): 0.35,
    ("TH68023", "Burglary dwelling with intent to steal"): 0.25,
    ("TH68007", "Robbery"): 0.15,
    ("OF61016", "Wound with intent to do grievous bodily harm"): 0.15,
    ("FI68421", "Fraud by false representation"): 0.10,
}


def simulate_crown_court(world: World, sizes: Sizes, harmed: list[Harm]) -> None:
    """Write open cases and those concluded in the last half year. Sets the case reference on the harm it follows from.

    Open cases have waited about 34 weeks on average (78,000 open, 30,000 received a quarter).
    """
    random = scalar_stream(world.seed, "crown court")
    reported = [harm for harm in harmed if (world.as_of - harm.day).days > 60]
    random.shuffle(reported)
    prosecuted = reported[: max(6, round(sizes.crown_cases * 0.45))]
    total = sizes.crown_cases + round(sizes.crown_cases * 0.6)
    for number in range(total):
        harm = prosecuted[number] if number < len(prosecuted) else None
        is_open = number < len(prosecuted) * 0.8 or number % 8 < 5
        _open_case(world, number, harm, is_open, random)


def _open_case(world: World, number: int, harm: Harm | None, is_open: bool, random: Random) -> None:
    closed = None if is_open else world.as_of - days_between(random, 1, 180)
    if harm and is_open:
        longest = max(1, (world.as_of - harm.day).days - 45)
        opened = world.as_of - timedelta(days=min(longest, 3 + round(random.gammavariate(1.8, 130))))
        offended = harm.day
    else:
        opened = (closed or world.as_of) - timedelta(days=5 + round(random.gammavariate(1.8, 130)))
        offended = opened - days_between(random, 40, 260)
    opened = min(working_day(opened), world.as_of if closed is None else closed)
    charged = offended + (opened - offended) * random.uniform(0.2, 0.8)
    case = CrownCase(
        urn=f"99QB0{number + 1:06d}",
        number=draw_uuid(random),
        defendants=_defendants(world, harm, random),
        offence=_offence(harm, random),
        offended=offended,
        charged=charged,
        magistrates=charged + (opened - charged) * 0.5,
        hearings=_hearings(opened, closed, world.as_of, random),
        victims=[harm.victim] if harm else [],
        closed=closed,
    )
    world.crown_cases.append(case)
    if harm:
        harm.urn = case.urn


def _offence(harm: Harm | None, random: Random) -> tuple[str, str]:
    if harm is None:
        return choose(random, _OTHER)
    return choose(random, _ABUSE if harm.kind == "domestic_abuse" else _SEXUAL)


def _defendants(world: World, harm: Harm | None, random: Random) -> list[tuple[int, str]]:
    who = [harm.perpetrator] if harm and harm.perpetrator is not None else []
    wanted = 1 if harm else choose(random, {1: 0.86, 2: 0.11, 3: 0.03})
    while len(who) < wanted:
        person = random.randrange(len(world.people))
        accused = world.people.role[person] != CHILD and 18 <= world.age_years(person) <= 62
        likely = not world.people.female[person] or chance(random, 0.15)
        if accused and likely and person not in who and not (harm and person in harm.family):
            who.append(person)
    return [(person, draw_uuid(random)) for person in who]


def _hearings(opened: date, closed: date | None, as_of: date, random: Random) -> list[Hearing]:
    """Return plea hearing, trials and mentions. One open case in three past its plea has no date at all."""
    plea = Hearing(draw_uuid(random), "Plea and Trial Preparation", opened, opened - timedelta(days=20), minutes=30)
    hearings, day = [plea], opened
    end = closed or as_of
    while (day := working_day(day + days_between(random, 50, 120))) < end and len(hearings) < 5:
        kind = "Trial" if chance(random, 0.4) else "Mention"
        hearings.append(Hearing(draw_uuid(random), kind, day, day - timedelta(days=40), minutes=240))
    if closed:
        hearings.append(Hearing(draw_uuid(random), "Sentence", closed, closed - timedelta(days=20), minutes=60))
    elif chance(random, 0.62):
        future = working_day(as_of + days_between(random, 2, 300))
        listed = max(opened, as_of - days_between(random, 3, 90))
        hearings.append(Hearing(draw_uuid(random), "Trial", future, listed, minutes=720))
    return hearings
