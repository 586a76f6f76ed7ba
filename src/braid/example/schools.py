"""Schools: who is on which roll, what temporary accommodation does to attendance, who waits for a place or a plan."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import numpy

from braid.example.calendar import school_year_group
from braid.example.model import World
from braid.example.numbers import pupil_number
from braid.example.records import Admission, Enrolment, PlanRequest
from braid.example.streams import chance, choose, days_between, scalar_stream, vector_stream, working_day

_SUPPORT_NEEDS = ("SPLD", "MLD", "SEMH", "SLCN", "ASD", "PD", "HI", "OTH")


def simulate_schools(world: World) -> None:
    """Write enrolments, in-year applications and requests for EHC plans."""
    _enrol(world)
    random = scalar_stream(world.seed, "school places")
    _apply_from_accommodation(world, random)
    _apply_from_care_cases(world, random)
    _apply_others(world, random)
    _request_plans(world, random)


def _enrol(world: World) -> None:
    """Put every child of school age but one in sixteen on a roll of the home district, in year groups as they fall."""
    random = scalar_stream(world.seed, "schools")
    schools = world.geography.schools
    born = world.people.birth
    start = world.as_of - timedelta(days=17 * 366)
    of_age = numpy.flatnonzero((born > start.toordinal()) & (born < world.as_of.toordinal() - 4 * 365))
    keep = vector_stream(world.seed, "on roll").random(len(of_age))
    by_kind: dict[tuple[int, str], list[int]] = {}
    for index, school in enumerate(schools):
        by_kind.setdefault((school.district, school.kind), []).append(index)
    for serial, (person, luck) in enumerate(zip(of_age.tolist(), keep.tolist(), strict=True)):
        group = school_year_group(world.birth_date(person), world.as_of)
        if 0 <= group <= 11 and luck < 0.94:
            phase = "special" if luck < 0.018 else "primary" if group < 7 else "secondary"
            world.enrolments.append(_enrolment(world, person, group, phase, by_kind, serial, random))


def _enrolment(
    world: World,
    person: int,
    group: int,
    phase: str,
    by_kind: dict[tuple[int, str], list[int]],
    serial: int,
    random: Random,
) -> Enrolment:
    district = world.district_of(person)
    pool = by_kind[district, phase]
    # households of one postcode send their children to the same one or two schools
    postcode = int(world.households.address[world.household_of(person)]) // 15
    school = pool[(postcode + (chance(random, 0.25))) % len(pool)]
    autumn = world.as_of.year if world.as_of.month >= 9 else world.as_of.year - 1
    entered = date(autumn - (group if group < 7 else group - 7), 9, 3)
    if chance(random, 0.06):
        entered = working_day(
            date(autumn, 9, 3) + days_between(random, 0, max(1, (world.as_of - date(autumn, 9, 3)).days))
        )
    support = "E" if phase == "special" else choose(random, {"N": 0.83, "K": 0.14, "E": 0.03})
    far_since = _far_since(world, person, world.geography.schools[school].district)
    return Enrolment(
        person=person,
        school=school,
        entered=min(entered, world.as_of),
        left=None,
        upn=pupil_number(
            world.geography.districts[district].la_number, serial // 1000 * 7 + school, autumn - group, serial % 1000
        ),
        support=support,
        need=random.choice(_SUPPORT_NEEDS) if support != "N" else "",
        year_group=group,
        free_meals=chance(random, 0.5 if person in world.stays else 0.2),
        far_since=far_since,
        absent=min(0.6, random.betavariate(1.2, 18) + (0.08 if far_since else 0)),
    )


def _far_since(world: World, person: int, school_district: int) -> date | None:
    """Return since when the child has lived in temporary accommodation in another district than the school's."""
    for stay in world.stays.get(person, ()):
        away = world.geography.district_of(stay.address) != school_district
        if stay.kind.startswith("ta_") and stay.end is None and away:
            return stay.start
    return None


def _apply_from_accommodation(world: World, random: Random) -> None:
    """Half the pupils placed far away apply for a nearer school; some of those placed nearby do too."""
    for enrolment in world.enrolments:
        stay = next(
            (s for s in world.stays.get(enrolment.person, ()) if s.kind.startswith("ta_") and s.end is None), None
        )
        if stay is None or not chance(random, 0.5 if enrolment.far_since else 0.08):
            continue
        earliest = max(stay.start, world.as_of - timedelta(days=70))
        applied = working_day(earliest + days_between(random, 3, max(4, (world.as_of - earliest).days)))
        _apply(world, enrolment, min(applied, world.as_of), "Moved to temporary accommodation", random, 0.62)


def _apply_from_care_cases(world: World, random: Random) -> None:
    """A third of the children in care proceedings move school with their home or carers; in a crisis all do."""
    applied = {admission.person for admission in world.admissions}
    cases = {child: case for case in world.family_cases if case.closed is None for child in case.children}
    for enrolment in world.enrolments:
        case = cases.get(enrolment.person)
        if case and enrolment.person not in applied and (case.crisis or chance(random, 0.3)):
            day = max(case.issued, world.as_of - days_between(random, 5, 60))
            _apply(
                world,
                enrolment,
                min(working_day(day), world.as_of),
                "Change of carer",
                random,
                1.0 if case.crisis else 0.6,
            )


def _apply_others(world: World, random: Random) -> None:
    count = max(6, round(len(world.enrolments) * 0.016))
    for enrolment in random.sample(world.enrolments, min(count, len(world.enrolments))):
        applied = working_day(world.as_of - days_between(random, 1, 180))
        reason = choose(random, {"Moved house": 0.6, "Parental preference": 0.25, "New to the country": 0.15})
        _apply(world, enrolment, min(applied, world.as_of), reason, random, 0.2)
        if chance(random, 0.05):
            world.admissions[-1].withdrawn = world.as_of - days_between(random, 1, 30)


def _apply(world: World, enrolment: Enrolment, applied: date, reason: str, random: Random, stuck: float) -> None:
    """Apply for two schools near where the pupil lives. `stuck` is the share that have no outcome letter yet."""
    district = world.geography.district_of(world.address(enrolment.person, world.as_of))
    kind = world.geography.schools[enrolment.school].kind
    pool = [k for k, s in enumerate(world.geography.schools) if s.district == district and s.kind == kind]
    wanted = [k for k in random.sample(pool, len(pool)) if k != enrolment.school] or pool
    answered = working_day(applied + days_between(random, 5, 34))
    if chance(random, stuck) or answered > world.as_of:
        answered_on, outcome, school = None, "", -1
    else:
        offered = chance(random, 0.7 if kind == "primary" else 0.4)
        answered_on, outcome, school = answered, "Offered" if offered else "Refused", wanted[0] if offered else -1
    world.admissions.append(
        Admission(
            number=len(world.admissions) + 1,
            person=enrolment.person,
            district=district,
            schools=(wanted[0], wanted[1] if len(wanted) > 1 else wanted[0]),
            reason=reason,
            applied=applied,
            answered=answered_on,
            outcome=outcome,
            outcome_school=school,
        )
    )


def _request_plans(world: World, random: Random) -> None:
    """Requests of the last 15 months: 97,000 a year for 9 million pupils, more among those in unsettled homes."""
    for enrolment in world.enrolments:
        rate = 0.015 + (0.13 if enrolment.far_since else 0.04 if enrolment.person in world.stays else 0)
        if enrolment.support != "E" and chance(random, rate):
            requested = world.as_of - days_between(random, 3, 460)
            world.plan_requests.append(_request(world, enrolment, requested, random))


def _request(world: World, enrolment: Enrolment, requested: date, random: Random) -> PlanRequest:
    """Follow a request: decision about the sixth week, half of the plans within 20 weeks."""
    request = PlanRequest(
        person=enrolment.person,
        district=world.district_of(enrolment.person),
        requested=requested,
        source=choose(random, {"School": 0.6, "Parent": 0.3, "Health": 0.1}),
        need=enrolment.need or random.choice(_SUPPORT_NEEDS),
        exception=chance(random, 0.06),
    )
    decided = requested + days_between(random, 25, 60)
    if decided > world.as_of:
        return request
    request.decided, request.decision = decided, choose(random, {"Y": 0.76, "N": 0.21, "W": 0.03})
    plan = max(decided + timedelta(days=40), requested + timedelta(days=round(140 * random.lognormvariate(0, 0.35))))
    assessed = decided + (plan - decided) * 0.7
    if request.decision != "Y" or assessed > world.as_of:
        return request
    request.assessed, request.assessment = assessed, choose(random, {"Y": 0.94, "N": 0.06})
    request.plan = plan if request.assessment == "Y" and plan <= world.as_of else None
    return request
