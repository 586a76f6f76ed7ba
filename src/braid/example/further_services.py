"""What happens in services whose formats are written only when asked for: emergency and community care, MARAC, care.

Each part draws from a stream of its own, after everything else of the world is there: no other part depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from random import Random

from braid.example.model import CHILD, HEAD, PARTNER, World
from braid.example.records import CareEpisode, Referral
from braid.example.records_further import (
    Adopter,
    AdoptionPlan,
    Attendance,
    CareLeaver,
    EarlyHelp,
    HealthReferral,
    RiskReferral,
)
from braid.example.streams import chance, choose, days_between, draw_some, scalar_stream, working_day

VISIBLE_HIGH_RISK = 14
"""How many ticks of the DASH checklist are a visible high risk."""
_ATTENDING_SHARE, _REFERRED_SHARE = 0.012, 0.02


def simulate_further(world: World, standards: Collection[str]) -> None:
    """Add what the formats of these standards tell of, and the usual ones do not."""
    for fitting, simulate in _PARTS:
        if not set(fitting).isdisjoint(standards):
            simulate(world, scalar_stream(world.seed, simulate.__name__))


def _attend(world: World, random: Random) -> None:
    """Write attendances of the last half year: some of people harmed, some of people without a settled home."""
    waiting = [case for case in world.homeless if case.relief and not case.ta_entry]
    on_sofas = {k: case.relief[0] for case in waiting if case.relief for k in case.members}
    everybody = draw_some(random, range(len(world.people)), max(20, round(len(world.people) * _ATTENDING_SHARE)))
    hurt = {r.person for r in world.referrals if r.withdrawn is None and r.harm == "domestic_abuse"}
    housed = [case.members[0] for case in world.homeless if case.ta_entry and case.ta_exit is None]
    people = [*everybody, *draw_some(random, sorted(hurt), 1 + len(hurt) // 4), *draw_some(random, housed, 12)]
    for person in people:
        if world.birth_date(person) < world.as_of - timedelta(days=180):
            _attend_once(world, person, person in hurt, on_sofas, random)
    if world.attendances:
        world.attendances[-1].left = None


def _attend_once(world: World, person: int, is_hurt: bool, on_sofas: dict[int, date], random: Random) -> None:
    number = len(world.attendances) + 1
    day = world.as_of - days_between(random, 1, 170)
    arrived = datetime.combine(day, time(random.randrange(24), random.randrange(60)))
    left = arrived + timedelta(minutes=random.randint(40, 900))
    injury = "assault" if is_hurt and chance(random, 0.6) else "self_harm" if chance(random, 0.02) else ""
    if number == 2:
        injury = "self_harm"  # one at least, however small the place
    hospital = world.district_of(person)
    world.attendances.append(
        Attendance(number, person, hospital, arrived, left, injury, _home(world, person, day, on_sofas))
    )


def _home(world: World, person: int, day: date, on_sofas: dict[int, date]) -> str:
    """Return where somebody without a settled home lives; what lies behind a case that has no place is a sofa."""
    for stay in world.stays.get(person, ()):
        if stay.start <= day and (stay.end is None or day < stay.end):
            return "refuge" if stay.kind == "refuge" else "temporary"
    return "sofa" if on_sofas.get(person, date.max) <= day else ""


def _refer_to_health(world: World, random: Random) -> None:
    """Write referrals of the last year to community services (mostly children) and to mental health services."""
    people = draw_some(random, range(len(world.people)), max(40, round(len(world.people) * _REFERRED_SHARE)))
    known = [case.person for case in world.child_cases if case.plan and case.plan_end is None]
    for person in dict.fromkeys([*draw_some(random, known, 1 + len(known) // 4), *people]):
        is_child = world.age_years(person) < 18
        referred = world.as_of - days_between(random, 5, 400)
        if referred <= world.birth_date(person):
            continue
        referral = HealthReferral(
            number=len(world.health_referrals) + 1,
            person=person,
            is_mental=chance(random, 0.3 if is_child else 0.6),
            referred=referred,
            source=choose(random, {"A1": 0.5, "B1": 0.2, "D1": 0.2, "N1": 0.1}),
            reason=choose(random, {"01": 0.5, "05": 0.3, "25": 0.2}),
        )
        _follow(referral, world.as_of, random)
        world.health_referrals.append(referral)


def _follow(referral: HealthReferral, as_of: date, random: Random) -> None:
    if chance(random, 0.12):
        referral.rejected = min(referral.referred + days_between(random, 2, 20), as_of)
        return
    begun = referral.referred + days_between(random, 10, 300)
    if chance(random, 0.15) and begun - timedelta(days=5) > referral.referred:
        missed = begun - timedelta(days=5)
        referral.missed = missed if missed <= as_of else None
    referral.started = begun if begun <= as_of else None
    over = begun + days_between(random, 30, 200)
    referral.discharged = over if over <= as_of else None


def _help_early(world: World, random: Random) -> None:
    """Early help follows a case that was closed to it (RC9)."""
    for case in world.child_cases:
        if case.closed and case.closed_reason == "RC9":
            started = min(working_day(case.closed + timedelta(days=1)), world.as_of)
            done = working_day(started + days_between(random, 10, 40))
            world.early_help.append(
                EarlyHelp(case.person, case.district, started, done if done <= world.as_of else None)
            )


def _leave_care(world: World, random: Random) -> None:
    """Some of those from 17 to 20 have left care: who they are, whether anybody is in touch, where they live."""
    by_district: dict[int, list[int]] = {number: [] for number in range(len(world.geography.districts))}
    for person in range(len(world.people)):
        if 17 <= world.age_years(person) <= 20 and person not in world.stays:
            by_district[world.district_of(person)].append(person)
    for district, young in by_district.items():
        for person in draw_some(random, young, max(2, round(len(young) * 0.04))):
            is_touched = chance(random, 0.85)
            world.care_leavers.append(
                CareLeaver(
                    person,
                    district,
                    "Former relevant child" if world.age_years(person) >= 18 else "Relevant child",
                    "YES" if is_touched else "NO",
                    choose(random, {"U": 0.4, "D": 0.25, "E": 0.1, "W": 0.1, "S": 0.1, "V": 0.05}),
                    choose(random, {"F2": 0.4, "F5": 0.2, "G5": 0.3, "G4": 0.1}),
                )
            )


def _plan_adoptions(world: World, random: Random) -> None:
    """A decision to place for adoption follows care proceedings of young children; each second one is given up."""
    young = [e for e in world.care_episodes if world.age_years(e.person) <= 6]
    for number, episode in enumerate(young or world.care_episodes[:2], start=1):
        world.adoption_plans.append(_adoption_plan(world, episode, f"F{number:04d}", random))
    adults = [k for k in range(len(world.people)) if world.people.role[k] in (HEAD, PARTNER) and _may_adopt(world, k)]
    for number, person in enumerate(draw_some(random, adults, max(6, len(world.people) // 3000)), start=1):
        enquired = world.as_of - days_between(random, 60, 700)
        approved = enquired + days_between(random, 120, 260)
        left = approved + timedelta(days=90) if chance(random, 0.3) else None
        world.adopters.append(
            Adopter(
                person,
                world.district_of(person),
                f"A{number:04d}",
                enquired,
                approved if approved <= world.as_of else None,
                left if left and left <= world.as_of else None,
            )
        )


def _may_adopt(world: World, person: int) -> bool:
    return 28 <= world.age_years(person) <= 50


def _adoption_plan(world: World, episode: CareEpisode, family: str, random: Random) -> AdoptionPlan:
    entered = episode.placements[0].start
    steps: list[date | None] = []
    day = entered
    for _ in range(4):
        day = day + days_between(random, 20, 120)
        steps.append(day if day <= world.as_of else None)
    plan = AdoptionPlan(episode.person, episode.district, family, entered, steps[0] or world.as_of, *steps[1:])
    if plan.placed is None and chance(random, 0.5):
        plan.given_up = world.as_of - timedelta(days=random.randrange(5))
    return plan


def _assess_risk(world: World, random: Random) -> None:
    """The victim service's gravest cases go to the next conference; a partner at home or a known former one harmed."""
    grave = [
        r
        for r in world.referrals
        if r.withdrawn is None and r.harm == "domestic_abuse" and r.service == "IDVA" and r.score >= 10
    ]
    for referral in grave:
        if referral.score >= VISIBLE_HIGH_RISK or chance(random, 0.3):
            world.risk_referrals.append(_risk_referral(world, referral, random))


def _risk_referral(world: World, referral: Referral, random: Random) -> RiskReferral:
    home = world.members(world.household_of(referral.person))
    partners = [k for k in home if k != referral.person and world.people.role[k] in (HEAD, PARTNER)]
    children = tuple(k for k in home if world.people.role[k] == CHILD and world.age_years(k) < 18)
    born = tuple(k for k in children if world.birth_date(k) <= referral.referred)
    is_high = referral.score >= VISIBLE_HIGH_RISK
    return RiskReferral(
        number=len(world.risk_referrals) + 1,
        victim=referral.person,
        perpetrator=partners[0] if partners else world.former_partners.get(referral.person),
        children=born,
        referred=referral.referred,
        meeting=working_day(referral.referred + days_between(random, 7, 21)),
        agency="Police" if referral.source == "Police" else "IDVA",
        ticks=referral.score,
        criterion="Visible high risk" if is_high else "Professional judgement",
        is_repeat=chance(random, 0.25),
    )


_PARTS: tuple[tuple[tuple[str, ...], Callable[[World, Random], None]], ...] = (
    (("ecds", "fhir_ukcore"), _attend),
    (("csds", "mhsds"), _refer_to_health),
    (("annex_a",), _help_early),
    (("annex_a", "csc_api"), _leave_care),
    (("annex_a", "csc_api"), _plan_adoptions),
    (("marac",), _assess_risk),
)
