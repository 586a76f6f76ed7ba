"""Homelessness, temporary accommodation and the housing register."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from braid.example.model import CHILD, HEAD, PARTNER, Stay, World
from braid.example.proportions import Sizes
from braid.example.records import HomelessCase, RegisterApplication
from braid.example.streams import chance, choose, days_between, draw_some, scalar_stream
from braid.example.victims import Harm

_TYPES = {"bnb": 0.15, "nightly": 0.28, "hostel": 0.10, "leased": 0.40, "own_stock": 0.07}
_REASONS = {
    "END_OF_PRIVATE_TENANCY": 0.38,
    "FAMILY_NO_LONGER_WILLING": 0.27,
    "RELATIONSHIP_BREAKDOWN": 0.10,
    "EVICTION": 0.05,
    "LEFT_INSTITUTION": 0.05,
    "LEFT_ASYLUM_SUPPORT": 0.07,
    "REPOSSESSION": 0.03,
    "DISREPAIR": 0.05,
}
_BAND_YEARS = {"A": 0.7, "B": 1.7, "C": 3.4, "D": 4.6}
_BANDS = {"A": 0.07, "B": 0.21, "C": 0.34, "D": 0.38}


@dataclass
class _Demand:
    """Who has lost a home or asked for one, so that nobody is drawn twice."""

    homeless: set[int] = field(default_factory=set)
    registered: dict[int, RegisterApplication] = field(default_factory=dict)


def simulate_housing(world: World, sizes: Sizes, harmed: list[Harm]) -> None:
    """Write homelessness cases and register applications; people in temporary accommodation get stays there."""
    random = scalar_stream(world.seed, "housing")
    demand = _Demand()
    _flee(world, harmed, demand, random)
    _house_care_families(world, demand, random)
    _fill_accommodation(world, sizes, demand, random)
    _ask_for_help(world, sizes.homeless, demand, random)
    _register_others(world, sizes, demand, random)
    _fill_quiet_districts(world, demand, random)


def _flee(world: World, harmed: list[Harm], demand: _Demand, random: Random) -> None:
    for harm in harmed:
        home = world.household_of(harm.victim)
        if harm.flight == "stayed" or home in demand.homeless:
            continue
        if harm.flight == "accommodation":
            demand.homeless.add(home)
            case = _accommodate(world, list(harm.family), harm.day + timedelta(days=3), "DOMESTIC_ABUSE", random)
            case.needs.append("domestic_abuse")
        asked = harm.day + days_between(random, 2, 30)
        application = _apply(world, list(harm.family), asked, "Domestic abuse", "A", demand, random)
        application.sensitive = harm.flight == "refuge" or chance(random, 0.5)


def _house_care_families(world: World, demand: _Demand, random: Random) -> None:
    """A third of families in care proceedings have no settled home; half wait for one."""
    for case in world.family_cases:
        parent = case.respondents[0][0]
        home = world.household_of(parent)
        members = world.members(home)
        if home not in demand.homeless and (case.crisis or chance(random, 0.3)):
            demand.homeless.add(home)
            entered = case.issued + timedelta(days=random.randint(-200, 60))
            entered = min(entered, world.as_of - timedelta(days=2))
            case_opened = _accommodate(world, members, entered, choose(random, _REASONS), random)
            case_opened.needs.append("mental_health")
        if home not in demand.registered and (case.crisis or chance(random, 0.5)):
            submitted = world.as_of - timedelta(days=round(random.expovariate(1 / 600)) + 5)
            _apply(world, members, submitted, "Insecure housing", choose(random, _BANDS), demand, random)


def _fill_accommodation(world: World, sizes: Sizes, demand: _Demand, random: Random) -> None:
    """Fill temporary accommodation: open placements up to the target, and those that ended in the last half year."""
    occupied = sum(1 for case in world.homeless if case.ta_entry and not case.ta_exit)
    for home in _draw_homes(world, max(0, sizes.accommodation - occupied), demand.homeless, 0.8, random):
        demand.homeless.add(home)
        entered = world.as_of - timedelta(days=3 + min(2200, round(random.expovariate(1 / 420))))
        _accommodate(world, world.members(home), entered, choose(random, _REASONS), random)
        if chance(random, 0.88):
            band = choose(random, {"A": 0.25, "B": 0.6, "C": 0.15})
            _apply(world, world.members(home), entered + days_between(random, 0, 40), "Homeless", band, demand, random)
    for home in _draw_homes(
        world, round(sizes.accommodation * 0.3), demand.homeless | set(demand.registered), 0.7, random
    ):
        demand.homeless.add(home)
        left = world.as_of - days_between(random, 1, 180)
        entered = left - timedelta(days=20 + round(random.expovariate(1 / 300)))
        case = _accommodate(world, world.members(home), entered, choose(random, _REASONS), random)
        _leave(world, case, left)
        if chance(random, 0.7):
            asked = entered + timedelta(days=5)
            application = _apply(world, world.members(home), asked, "Homeless", "B", demand, random)
            application.closed, application.closed_reason = left, "Housed"


def _leave(world: World, case: HomelessCase, left: date) -> None:
    case.ta_exit = left
    if case.main_duty:
        case.main_duty = (case.main_duty[0], left)
    for person in case.members:
        world.stays[person][-1].end = left


def _draw_homes(world: World, count: int, taken: set[int], family_share: float, random: Random) -> list[int]:
    """Return renting households not yet drawn, families for the most part."""
    wanted = [round(count * (1 - family_share)), count - round(count * (1 - family_share))]
    chosen: list[int] = []
    seen = set(taken)
    homes = len(world.households.first) - 1
    for _ in range(count * 400):
        home = random.randrange(homes)
        has_children = any(world.people.role[k] == CHILD for k in world.members(home))
        if home not in seen and wanted[has_children] and world.households.tenure[home] != 0:
            wanted[has_children] -= 1
            seen.add(home)
            chosen.append(home)
        if not any(wanted):
            break
    return chosen


def _accommodate(world: World, members: list[int], entered: date, reason: str, random: Random) -> HomelessCase:
    """Open a case whose household is placed on a day: relief duty, then the main duty, and a stay for each member."""
    kind = choose(random, _TYPES)
    if (world.as_of - entered).days < 100 and chance(random, 0.25):
        kind = "bnb"
    home_district = world.district_of(members[0])
    site = _find_room(world, kind, home_district, random)
    applied = entered - days_between(random, 0, 20)
    relief_end = applied + timedelta(days=56)
    over = relief_end <= world.as_of
    case = HomelessCase(
        number=len(world.homeless) + 1,
        district=home_district,
        members=members,
        applied=applied,
        reason=reason,
        relief=(applied, relief_end if over else None),
        main_duty=(relief_end, None) if over else None,
        ta_type=kind,
        ta_entry=entered,
        ta_site=site,
        ta_unit=_free_unit(world, site, random.randint(1, max(2, world.geography.accommodation[site].capacity))),
        pregnant=chance(random, 0.08),
        needs=draw_some(random, ["mental_health", "physical_health", "repeat_homelessness"], random.randint(0, 1)),
    )
    place = world.geography.accommodation[site]
    for person in members:
        stay = Stay(entered, None, f"ta_{kind}", place.address, place.reference)
        world.stays.setdefault(person, []).append(stay)
    world.homeless.append(case)
    return case


def _free_unit(world: World, site: int, wished: int) -> int:
    """Return the unit wished for, or a new one of the building where somebody was placed in that: one home each."""
    used = world.units.setdefault(site, set())
    unit = wished if wished not in used else max(max(used), world.geography.accommodation[site].capacity) + 1
    used.add(unit)
    return unit


def _find_room(world: World, kind: str, home_district: int, random: Random) -> int:
    """Return a site of the kind: outside the home district for one household in three, half of those in B&B."""
    away = chance(random, 0.5 if kind in ("bnb", "nightly") else 0.22)
    sites = [k for k, site in enumerate(world.geography.accommodation) if site.kind == kind]
    fitting = [k for k in sites if (world.geography.accommodation[k].district != home_district) == away]
    return random.choice(fitting or sites)


def _ask_for_help(world: World, count: int, demand: _Demand, random: Random) -> None:
    """Open prevention and relief cases of the last nine months that never needed a placement."""
    for home in _draw_homes(world, count, demand.homeless, 0.45, random):
        demand.homeless.add(home)
        applied = world.as_of - days_between(random, 2, 270)
        duty = _duty(applied, world.as_of, random)
        threatened = chance(random, 0.55)
        world.homeless.append(
            HomelessCase(
                number=len(world.homeless) + 1,
                district=world.district_of(world.members(home)[0]),
                members=world.members(home),
                applied=applied,
                reason=choose(random, _REASONS),
                prevention=duty if threatened else None,
                relief=None if threatened else duty,
                pregnant=chance(random, 0.04),
            )
        )
        if chance(random, 0.35):
            _apply(world, world.members(home), applied + timedelta(days=4), "Homeless", "B", demand, random)


def _duty(applied: date, as_of: date, random: Random) -> tuple[date, date | None]:
    end = applied + days_between(random, 14, 120)
    return applied, end if end <= as_of else None


def _register_others(world: World, sizes: Sizes, demand: _Demand, random: Random) -> None:
    missing = max(0, sizes.register - sum(1 for application in world.register if application.closed is None))
    for home in _draw_homes(world, missing, set(demand.registered), 0.42, random):
        band = choose(random, _BANDS)
        waited = 5 + min(4400, round(random.expovariate(1 / (_BAND_YEARS[band] * 365))))
        reason = choose(random, {"Overcrowding": 0.3, "Medical": 0.2, "Insecure housing": 0.35, "Affordability": 0.15})
        members = world.members(home)
        application = _apply(world, members, world.as_of - timedelta(days=waited), reason, band, demand, random)
        application.suspended = chance(random, 0.05)
    for home in _draw_homes(world, sizes.lettings, set(demand.registered), 0.42, random):
        band = choose(random, {"A": 0.3, "B": 0.4, "C": 0.2, "D": 0.1})
        closed = world.as_of - days_between(random, 1, 180)
        waited = 20 + round(random.expovariate(1 / (_BAND_YEARS[band] * 300)))
        asked = closed - timedelta(days=waited)
        application = _apply(world, world.members(home), asked, "Insecure housing", band, demand, random)
        application.effective = min(application.effective, closed)
        application.closed = closed
        application.closed_reason = "Housed" if chance(random, 0.7) else "Closed"


def _fill_quiet_districts(world: World, demand: _Demand, random: Random) -> None:
    """See that every council has somebody on its register and a homelessness case, however small the place is."""
    quiet = set(range(len(world.geography.districts)))
    unregistered = quiet - {application.district for application in world.register}
    unhoused = quiet - {case.district for case in world.homeless}
    for home in range(len(world.households.first) - 1):
        if not unregistered | unhoused:
            return
        members = world.members(home)
        district = world.district_of(members[0])
        free = home not in demand.registered and home not in demand.homeless
        if free and district in unregistered:
            unregistered.discard(district)
            _apply(world, members, world.as_of - timedelta(days=400), "Insecure housing", "C", demand, random)
        elif free and district in unhoused:
            unhoused.discard(district)
            demand.homeless.add(home)
            _accommodate(world, members, world.as_of - timedelta(days=60), "FAMILY_NO_LONGER_WILLING", random)


def _apply(
    world: World, members: list[int], submitted: date, reason: str, band: str, demand: _Demand, random: Random
) -> RegisterApplication:
    """Put a household on its council's register, once. The clock starts on the effective date."""
    home = world.household_of(members[0])
    if home in demand.registered:
        return demand.registered[home]
    present = [k for k in members if world.birth_date(k) <= world.as_of]
    submitted = min(submitted, world.as_of)
    adults = [k for k in present if world.people.role[k] in (HEAD, PARTNER)] or present
    ordered = [adults[0], *(k for k in present if k != adults[0])]
    application = RegisterApplication(
        number=len(world.register) + 1,
        district=world.district_of(members[0]),
        members=ordered,
        submitted=submitted,
        effective=min(submitted + days_between(random, 0, 14), world.as_of),
        band=band,
        reason=reason,
        bedrooms=min(5, 1 + len(present) // 2),
        medical="Yes" if reason == "Medical" else "",
    )
    demand.registered[home] = application
    world.register.append(application)
    return application
