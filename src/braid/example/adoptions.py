"""A few sealed adoptions: two of the place's people become the identity of one child before and since.

The first identity keeps its NHS number, surname, pupil number and home, and has left its school; the second has its own
of each, the forename and birth date of the first, and, by a school's oversight, the first one's pupil number as former.
That makes it look like one person to any linkage. No draw of any other part of the world depends on this one.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from braid.example.model import Adoption, World
from braid.example.records import Enrolment
from braid.example.streams import days_between, scalar_stream, words
from braid.example.write_geography import write_table

PEOPLE_PER_ADOPTION, FEWEST = 4_000, 2


def simulate_adoptions(world: World) -> None:
    """Make the second of each pair of pupils of one year what the first became."""
    random = scalar_stream(world.seed, "adoptions")
    known = _known_elsewhere(world)
    plain = [e for e in world.enrolments if e.person not in known]
    random.shuffle(plain)
    patients = {pathway.person for pathway in world.pathways}
    plain.sort(key=lambda enrolment: enrolment.person not in patients)
    waiting: dict[int, Enrolment] = {}
    for enrolment in plain:
        if len(world.adoptions) >= max(FEWEST, len(world.people) // PEOPLE_PER_ADOPTION):
            return
        before = waiting.pop(enrolment.year_group, None)
        if before is None:
            waiting[enrolment.year_group] = enrolment
        elif world.household_of(before.person) != world.household_of(enrolment.person):
            left = world.as_of - days_between(random, 40, 150)
            before.left = max(left, before.entered + timedelta(days=1))
            _adopt(world, before, enrolment)


def _known_elsewhere(world: World) -> set[int]:
    """Return those whom a wait, a case or a stay would follow from one identity into the other."""
    known = {k for application in world.register for k in application.members}
    known |= {k for case in world.homeless for k in case.members}
    known |= {k for case in world.family_cases for k in case.children}
    known |= {admission.person for admission in world.admissions} | {r.person for r in world.plan_requests}
    known |= {referral.person for referral in world.referrals} | world.stays.keys()
    known |= {case.person for case in world.child_cases} | {case.person for case in world.care_episodes}
    return {k for person in known for k in world.members(world.household_of(person))}


def _adopt(world: World, before: Enrolment, since: Enrolment) -> None:
    people, old, new = world.people, before.person, since.person
    people.given[new], people.ethnicity[new] = people.given[old], people.ethnicity[old]
    people.birth[new], people.female[new] = people.birth[old], people.female[old]
    since.former_upn = before.upn
    world.adoptions.append(Adoption(f"A{len(world.adoptions) + 1:03d}", old, new))


def write_seals(world: World, keys: dict[str, dict[str, int]], folder: Path) -> None:
    """Write which records a seal keeps apart, readable by the owner alone."""
    path = folder / "sealed.csv"
    path.touch(mode=0o600)
    path.chmod(0o600)
    sides = {person: (a.seal, side) for a in world.adoptions for person, side in _sides(a)}
    rows = [
        [*sides[person], feed, key]
        for feed in sorted(keys)
        for key, person in sorted(keys[feed].items())
        if person in sides
    ]
    write_table(path, words("seal side feed partner_record_id"), sorted(rows))


def write_true_seals(world: World, folder: Path) -> None:
    """Write who each side of a seal truly is."""
    rows = [[a.seal, side, f"T{person:07d}"] for a in world.adoptions for person, side in _sides(a)]
    write_table(folder / "sealed.csv", words("seal side true_person_id"), rows)


def _sides(adoption: Adoption) -> tuple[tuple[int, str], tuple[int, str]]:
    return (adoption.before, "pre_adoptive"), (adoption.since, "adoptive")
