"""The victim service, and the harm that brings people to it: the cause of much that happens in other services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from braid.example.model import CHILD, HEAD, PARTNER, Stay, World
from braid.example.proportions import Sizes
from braid.example.records import Referral
from braid.example.streams import chance, choose, days_between, draw_some, scalar_stream


@dataclass
class Harm:
    """Somebody harmed, by whom where known, and what follows: `flight` is refuge, accommodation, register or stayed."""

    victim: int
    perpetrator: int | None
    day: date
    kind: str
    flight: str
    family: tuple[int, ...]
    """The victim and the children who go where she goes."""
    urn: str = ""


def simulate_harm(world: World, sizes: Sizes) -> list[Harm]:
    """Return those harmed in the last year and a half: domestic abuse and sexual violence."""
    random = scalar_stream(world.seed, "harm")
    harmed: list[Harm] = []
    for victim in _draw_victims(world, sizes.abuse, random):
        flight = choose(random, {"stayed": 0.55, "register": 0.12, "accommodation": 0.23, "refuge": 0.10})
        since = round(random.expovariate(1 / (70 if flight == "refuge" else 170)))
        day = world.as_of - timedelta(days=8 + min(since, 540))
        harmed.append(
            Harm(victim, _perpetrator(world, victim, random), day, "domestic_abuse", flight, _family(world, victim))
        )
    for victim in _draw_adults(world, sizes.sexual_violence, random):
        day = world.as_of - days_between(random, 20, 700)
        harmed.append(Harm(victim, None, day, "sexual_violence", "stayed", (victim,)))
    return harmed


def simulate_victim_service(world: World, harmed: list[Harm]) -> None:
    """Write the victim service's referrals: advocacy, refuge and therapy. Most wait; therapy waits for months."""
    random = scalar_stream(world.seed, "victim service")
    for harm in harmed:
        if chance(random, 0.92):
            _refer(world, harm, "IDVA" if harm.kind == "domestic_abuse" else "ISVA", random)
        if chance(random, 0.75 if harm.kind == "sexual_violence" else 0.42):
            _refer(world, harm, "THERAPY", random)
        if harm.flight == "refuge":
            _take_to_refuge(world, harm, random)
    for person in _draw_adults(world, max(2, len(harmed) // 60), random):
        mistake = Harm(person, None, world.as_of - timedelta(days=40), "domestic_abuse", "stayed", (person,))
        _refer(world, mistake, "IDVA", random)
        world.referrals[-1].withdrawn = world.as_of - days_between(random, 1, 30)


def _draw_victims(world: World, count: int, random: Random) -> list[int]:
    """Return victims of abuse: mostly women under 60 who live with a partner or children."""
    people = world.people
    pool = [
        k
        for k in random.sample(range(len(people)), min(len(people), count * 40))
        if people.role[k] in (HEAD, PARTNER) and 18 <= world.age_years(k) < 62 and _lives_with_others(world, k)
    ]
    women = [k for k in pool if people.female[k]]
    men = [k for k in pool if not people.female[k]]
    chosen = draw_some(random, women, round(count * 0.9)) + draw_some(random, men, round(count * 0.1))
    return list({world.household_of(k): k for k in chosen}.values())


def _lives_with_others(world: World, person: int) -> bool:
    return len(world.members(world.household_of(person))) > 1


def _draw_adults(world: World, count: int, random: Random) -> list[int]:
    people = world.people
    pool = random.sample(range(len(people)), min(len(people), count * 12))
    return [k for k in pool if people.role[k] != CHILD and world.age_years(k) < 60 and people.female[k]][:count]


def _perpetrator(world: World, victim: int, random: Random) -> int | None:
    """Return the partner at home, or a former partner who lives elsewhere; unknown to services in one case of ten."""
    home = world.members(world.household_of(victim))
    partners = [k for k in home if k != victim and world.people.role[k] in (HEAD, PARTNER)]
    if partners:
        return partners[0]
    return find_former_partner(world, victim, random) if chance(random, 0.9) else None


def find_former_partner(world: World, person: int, random: Random) -> int | None:
    """Return the other parent who lives elsewhere, fixed for good once drawn: an adult of like age and tradition."""
    if person in world.former_partners:
        return world.former_partners[person]
    people, age = world.people, world.age_years(person)
    for _ in range(400):
        other = random.randrange(len(people))
        fits = people.role[other] != CHILD and people.female[other] != people.female[person]
        near = abs(world.age_years(other) - age) <= 8 and people.tradition[other] == people.tradition[person]
        if fits and near and people.household[other] != people.household[person]:
            world.former_partners[person] = other
            return other
    return None


def _family(world: World, victim: int) -> tuple[int, ...]:
    home = world.members(world.household_of(victim))
    return (victim, *(k for k in home if world.people.role[k] == CHILD and world.age_years(k) < 18))


def _refer(world: World, harm: Harm, service: str, random: Random) -> None:
    latest = max(1, (world.as_of - harm.day).days)
    referred = harm.day + days_between(random, 0, min(90 if service == "THERAPY" else 25, latest))
    contact, support, closed = _follow(referred, world.as_of, service, random)
    safe = harm.flight == "refuge" or (harm.kind == "domestic_abuse" and chance(random, 0.22))
    world.referrals.append(
        Referral(
            number=len(world.referrals) + 1,
            person=harm.victim,
            service=service,
            harm=harm.kind,
            referred=referred,
            source=choose(random, {"Police": 0.5, "Self": 0.15, "GP": 0.12, "Housing": 0.1, "Social care": 0.13}),
            contact=contact,
            support=support,
            closed=closed,
            closure="Support completed" if closed and support else "No longer engaging" if closed else "",
            score=random.randint(6, 22) if harm.kind == "domestic_abuse" else 0,
            urn=harm.urn,
            safe=safe,
        )
    )


def _follow(referred: date, as_of: date, service: str, random: Random) -> tuple[date | None, date | None, date | None]:
    """Return first contact, start of support and closure, each only if it has happened by the as-of date."""
    first_days = {"THERAPY": 30, "ISVA": 110, "IDVA": 28}.get(service, 7)
    contact = referred + days_between(random, 1, first_days)
    mean_days = 190 if service == "THERAPY" else 20
    support = contact + timedelta(days=5 + round(random.gammavariate(2.2, mean_days / 2.2)))
    closed = support + days_between(random, 60, 240)
    gives_up = chance(random, 0.12)
    if gives_up:
        closed = contact + days_between(random, 20, 160)
    started = support if support <= as_of and not (gives_up and closed < support) else None
    return (contact if contact <= as_of else None), started, (closed if closed <= as_of else None)


def _take_to_refuge(world: World, harm: Harm, random: Random) -> None:
    refuges = world.geography.refuges
    away = [k for k, site in enumerate(refuges) if site.district != world.district_of(harm.victim)] or [0]
    chosen = random.choice(away)
    start = harm.day + days_between(random, 0, 6)
    end = start + days_between(random, 60, 330)
    stay = Stay(
        start, end if end <= world.as_of else None, "refuge", refuges[chosen].address, refuges[chosen].reference
    )
    for person in harm.family:
        world.stays.setdefault(person, []).append(stay)
    _refer(world, harm, "REFUGE", random)
    referral = world.referrals[-1]
    referral.refuge, referral.safe, referral.referred = chosen, True, harm.day
    referral.contact, referral.support = start, start
    referral.closed, referral.closure = stay.end, "Moved on" if stay.end else ""
    for other in world.referrals[:-1]:
        if other.person == harm.victim:
            other.refuge = chosen
