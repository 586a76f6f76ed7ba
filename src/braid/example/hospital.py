"""The hospital waiting list: referral-to-treatment pathways, open and ended in the last half year."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import numpy

from braid.example.model import World
from braid.example.proportions import Sizes
from braid.example.records import Pathway
from braid.example.streams import chance, choose, days_between, draw_some, scalar_stream, vector_stream

MEDIAN_WEEKS, SPREAD = 13.4, 0.817
"""Log-normal waits: median 13.4 weeks, 92 in 100 within 42 weeks."""
ADULT_MENTAL_HEALTH, CHILD_MENTAL_HEALTH = "710", "711"
_ADULT = {
    "110": 0.20,
    "130": 0.13,
    "120": 0.10,
    "100": 0.09,
    "301": 0.09,
    "320": 0.08,
    "330": 0.09,
    "502": 0.10,
    "101": 0.07,
    "140": 0.05,
}
_CHILD = {"420": 0.40, "120": 0.20, "130": 0.12, "171": 0.10, "110": 0.10, "140": 0.08}


def simulate_hospital(world: World, sizes: Sizes) -> None:
    """Write pathways of people drawn by age, and those for the minds of parents in court and of victims."""
    random = scalar_stream(world.seed, "hospital")
    for person in _draw_patients(world, sizes.pathways, "open"):
        _wait(world, person, _function(world, person, random), random, None)
    for person in _draw_patients(world, round(sizes.pathways * 0.5), "closed"):
        _wait(world, person, _function(world, person, random), random, random.randint(1, 180))
    for case in world.family_cases:
        for parent, _ in case.respondents:
            if chance(random, 0.45):
                _wait(world, parent, ADULT_MENTAL_HEALTH, random, None)
        for child in case.children:
            if world.age_years(child) >= 5 and (case.crisis or chance(random, 0.25)):
                _wait(world, child, CHILD_MENTAL_HEALTH, random, None)
    for referral in draw_some(random, world.referrals, len(world.referrals) // 4):
        _wait(world, referral.person, ADULT_MENTAL_HEALTH, random, None)
    for pathway in draw_some(random, world.pathways, len(world.pathways) // 250):
        if pathway.stopped is None:
            pathway.withdrawn = world.as_of - days_between(random, 1, 34)


def _draw_patients(world: World, count: int, purpose: str) -> list[int]:
    """Return patients, some of them more than once; the rate of referral rises with age."""
    age = (world.as_of.toordinal() - world.people.birth) / 365.25
    rate = 0.35 + numpy.clip(age, 0, 85) / 45
    youngest_days = 30 if purpose == "open" else 200
    rate[world.people.birth > world.as_of.toordinal() - youngest_days] = 0
    chosen = vector_stream(world.seed, "patients", purpose).choice(len(rate), size=count, p=rate / rate.sum())
    return [int(person) for person in chosen]


def _function(world: World, person: int, random: Random) -> str:
    age = world.age_years(person)
    if chance(random, 0.05):
        return CHILD_MENTAL_HEALTH if age < 18 else ADULT_MENTAL_HEALTH
    function = choose(random, _CHILD if age < 17 else _ADULT)
    return "110" if function == "502" and not world.people.female[person] else function


def _wait(world: World, person: int, function: str, random: Random, ended_days_ago: int | None) -> None:
    days = max(2, round(7 * MEDIAN_WEEKS * random.lognormvariate(0, SPREAD)))
    stopped = world.as_of - timedelta(days=ended_days_ago) if ended_days_ago else None
    referred = (stopped or world.as_of) - timedelta(days=min(days, 900))
    referred = max(referred, world.birth_date(person) + timedelta(days=7))
    referred = min(referred, stopped or world.as_of)
    booked = world.as_of + days_between(random, 1, 90) if not stopped and chance(random, 0.35) else None
    past = (world.as_of - referred).days
    missed = referred + days_between(random, 5, past) if past > 10 and chance(random, 0.07) else None
    cancelled = referred + days_between(random, 5, past) if past > 10 and chance(random, 0.06) else None
    world.pathways.append(
        Pathway(
            number=len(world.pathways) + 1,
            person=person,
            referred=referred,
            stopped=stopped,
            status=_status(stopped is not None, random),
            function=function,
            priority=choose(random, {"1": 0.86, "2": 0.14}),
            admitted=chance(random, 0.2),
            hospital=world.district_of(person),
            booked=booked,
            missed=missed if not stopped or not missed or missed < stopped else None,
            cancelled=cancelled if not stopped or not cancelled or cancelled < stopped else None,
        )
    )


def _status(ended: bool, random: Random) -> str:
    """Return the RTT period status: 10 and 20 run on, 30 and above end it."""
    if ended:
        return choose(random, {"30": 0.78, "34": 0.10, "32": 0.05, "31": 0.03, "35": 0.02, "33": 0.02})
    return choose(random, {"10": 0.45, "20": 0.55})
