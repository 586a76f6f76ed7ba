"""Who lives in temporary accommodation, in which stock, going to which schools: a run as a problem of placements.

Whoever is protected is left to people who may know, and so is everybody in their household: nothing about where they
could live is planned, written or counted apart. Their units are simply not to be had. A household whose location is
withheld only because it shares a building with somebody protected is planned like any other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from braid.planning.placements.bedrooms import Sleeper, bedrooms_needed
from braid.planning.placements.model import Child, Household, Point, Problem, School, Unit, UnitType
from braid.store.engine import Engine

TABLES = ("stay", "person", "person_link", "relationship", "episode", "need", "unit", "postcode", "school")
"""The tables of a run that a problem of placements is made of."""
UNIT_TYPES: Mapping[str, UnitType] = {
    "ta_bnb": "bed_and_breakfast",
    "ta_nightly": "nightly",
    "ta_leased": "leased",
    "ta_own_stock": "council",
    # Hostels and the rest belong to councils, registered providers or charities: the Order of 2003 does not count them.
    "ta_hostel": "leased",
    "ta_other": "leased",
}
SCHOOL_AGES = range(4, 19)
EXAM_YEAR_GROUPS = ("11", "13")
"""Years in which public examinations end: GCSE and A level."""
USUAL_NIGHT_PENCE = 6_000
"""For a unit whose rate the council did not send; the summary counts them."""

MEMBERS = """
select s.household_ref, s.feed, s.organisation_id, s.kind, s.location_ref, s.start_date, l.person_id,
       p.birth_date, p.sex, p.protected
from stay s
join person_link l on l.person_record_id = s.person_record_id
join person p on p.person_id = l.person_id
where s.kind in ('ta_bnb', 'ta_nightly', 'ta_hostel', 'ta_leased', 'ta_own_stock', 'ta_other')
  and s.start_date <= cast(? as date) and (s.end_date is null or s.end_date > cast(? as date))
  and s.household_ref is not null
order by s.feed, s.household_ref, l.person_id
"""
BED_AND_BREAKFAST = """
select l.person_id,
       sum(greatest(0, br_days(s.start_date, least(coalesce(s.end_date, cast(? as date)), cast(? as date))))) as days
from stay s join person_link l on l.person_record_id = s.person_record_id
where s.kind = 'ta_bnb'
group by l.person_id
"""
COUPLES = """
select distinct a.person_id as one, b.person_id as other
from relationship r
join person_link a on a.person_record_id = r.person_record_id
join person_link b on b.person_record_id = r.other_person_record_id
where r.kind = 'partner' and a.person_id <> b.person_id
"""
PUPILS = """
select l.person_id, e.organisation_ref as urn, e.service as year_group
from episode e join person_link l on l.person_record_id = e.person_record_id
where e.kind = 'school_roll'
  and e.start_date <= cast(? as date) and (e.end_date is null or e.end_date > cast(? as date))
order by l.person_id, e.start_date, e.organisation_ref
"""
NEEDS = """
select distinct l.person_id,
       case when lower(n.source_code) like '%wheelchair%' then 'wheelchair' else 'pregnancy' end as code
from need n join person_link l on l.person_record_id = n.person_record_id
where lower(n.source_code) like '%wheelchair%' or lower(n.source_code) like '%pregnan%'
"""
UNITS = """
select u.unit_ref, u.kind, u.bedrooms, u.is_accessible, u.night_pence, u.available_from_date, u.withdrawn_from_date,
       p.district_code, p.longitude, p.latitude
from unit u join postcode p on p.postcode = u.postcode
order by u.unit_ref
"""
SCHOOLS = "select urn, longitude, latitude from school where longitude is not null order by urn"


@dataclass(frozen=True)
class Left:
    """How many were left out of a problem, and why; of the protected nothing is told, not their number either."""

    unknown_birth_date: int = 0
    """Households with somebody whose age nobody knows: how many bedrooms they need cannot be said."""
    units_without_point: int = 0
    units_without_rate: int = 0


@dataclass(frozen=True)
class Posed:
    """A problem with what was left out of it."""

    problem: Problem
    left: Left


@dataclass(frozen=True)
class _Known:
    """What a run says of people, by person id."""

    bed_and_breakfast_days: Mapping[str, int]
    partners: frozenset[frozenset[str]]
    schools: Mapping[str, tuple[str, bool]]
    needs: Mapping[str, frozenset[str]]


def pose(engine: Engine, as_of: dt.date, districts: Mapping[str, str]) -> Posed:
    """Return the problem of placing everybody who is in temporary accommodation on `as_of`.

    `districts` says for each council, by its organisation id, the code of its district.
    """
    members = engine.rows(MEMBERS, (as_of, as_of))
    stock = engine.rows(UNITS)
    schools = tuple(School(row["urn"], Point(row["longitude"], row["latitude"])) for row in engine.rows(SCHOOLS))
    known = _known(engine, as_of, {school.id for school in schools})
    households, taken, unknown = _households(members, as_of, known, districts)
    units = tuple(_unit(row, as_of) for row in stock if _is_to_be_had(row, as_of, taken))
    left = Left(
        unknown_birth_date=unknown,
        units_without_point=sum(row["longitude"] is None for row in stock),
        units_without_rate=sum(row["night_pence"] is None for row in stock),
    )
    held = {unit.id for unit in units}
    settled = tuple(_in_stock(household, held) for household in households)
    problem = Problem(
        kind="placements",
        on_date=as_of,
        districts=tuple(sorted(set(districts.values()) | {unit.district for unit in units})),
        schools=schools,
        units=units,
        households=settled,
    )
    return Posed(problem, left)


def _known(engine: Engine, as_of: dt.date, schools: set[str]) -> _Known:
    days = {row["person_id"]: int(row["days"]) for row in engine.rows(BED_AND_BREAKFAST, (as_of, as_of))}
    pupils = {
        row["person_id"]: (row["urn"], row["year_group"] in EXAM_YEAR_GROUPS)
        for row in engine.rows(PUPILS, (as_of, as_of))
        if row["urn"] in schools
    }
    needs: defaultdict[str, set[str]] = defaultdict(set)
    for row in engine.rows(NEEDS):
        needs[row["person_id"]].add(row["code"])
    partners = frozenset(frozenset((row["one"], row["other"])) for row in engine.rows(COUPLES))
    return _Known(days, partners, pupils, {person: frozenset(codes) for person, codes in needs.items()})


Rows = Sequence[Mapping[str, Any]]


def _households(
    rows: Rows, as_of: dt.date, known: _Known, districts: Mapping[str, str]
) -> tuple[list[Household], set[str], int]:
    """Return the households that are planned, the units that others hold, and how many have somebody of unknown age.

    Whoever stands in two applications is planned with the first; a unit is one household's.
    """
    groups: defaultdict[tuple[str, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    seen: set[str] = set()
    for row in rows:
        if row["person_id"] not in seen:
            seen.add(row["person_id"])
            groups[row["feed"], row["household_ref"]][row["person_id"]] = row
    planned: list[Household] = []
    taken: set[str] = set()
    unknown = 0
    for group in groups.values():
        people = list(group.values())
        if any(row["protected"] for row in people) or people[0]["organisation_id"] not in districts:
            taken.add(people[0]["location_ref"])
        elif any(row["birth_date"] is None for row in people):
            unknown += 1
            taken.add(people[0]["location_ref"])
        else:
            planned.append(_household(people, as_of, known, districts))
    return _each_in_its_own(planned, taken), taken, unknown


def _each_in_its_own(households: Iterable[Household], taken: set[str]) -> list[Household]:
    """Let one household have a unit; who is said to be in a unit of somebody else is still to be placed."""
    held = set(taken)
    apart = []
    for household in households:
        apart.append(replace(household, current_unit=None) if household.current_unit in held else household)
        held.add(str(household.current_unit))
    return apart


def _household(people: Rows, as_of: dt.date, known: _Known, districts: Mapping[str, str]) -> Household:
    ids = [row["person_id"] for row in people]
    ages = {row["person_id"]: _age(row["birth_date"], as_of) for row in people}
    couples = sum(pair <= set(ids) and min(ages[one] for one in pair) >= 16 for pair in known.partners)
    sleepers = [Sleeper(ages[row["person_id"]], row["sex"] or "unknown") for row in people]
    grown = sum(age >= 16 for age in ages.values())
    return Household(
        id=min(ids),
        home_district=districts[people[0]["organisation_id"]],
        bedrooms_needed=max(1, bedrooms_needed(sleepers, min(couples, grown // 2))),
        needs_access=any("wheelchair" in known.needs.get(person, ()) for person in ids),
        children=tuple(_child(person, ages[person], known) for person in ids if ages[person] < SCHOOL_AGES.stop),
        is_pregnant=any("pregnancy" in known.needs.get(person, ()) for person in ids),
        current_unit=people[0]["location_ref"],
        bed_and_breakfast_days=max(known.bed_and_breakfast_days.get(person, 0) for person in ids),
    )


def _child(person: str, age: int, known: _Known) -> Child:
    school, is_exam_year = known.schools.get(person, (None, False)) if age in SCHOOL_AGES else (None, False)
    return Child(person, age, school, is_exam_year)


def _age(birth_date: dt.date, day: dt.date) -> int:
    return max(0, day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day)))


def _is_to_be_had(row: Mapping[str, Any], as_of: dt.date, taken: Iterable[str]) -> bool:
    gone = row["withdrawn_from_date"] is not None and row["withdrawn_from_date"] <= as_of
    return row["longitude"] is not None and not gone and row["unit_ref"] not in taken


def _unit(row: Mapping[str, Any], as_of: dt.date) -> Unit:
    later = row["available_from_date"]
    return Unit(
        id=row["unit_ref"],
        district=row["district_code"],
        type=UNIT_TYPES[row["kind"]],
        bedrooms=row["bedrooms"],
        night_pence=float(USUAL_NIGHT_PENCE if row["night_pence"] is None else row["night_pence"]),
        point=Point(row["longitude"], row["latitude"]),
        is_accessible=row["is_accessible"],
        available_from_date=later if later is not None and later > as_of else None,
    )


def _in_stock(household: Household, held: set[str]) -> Household:
    """A unit that no council listed is none that a plan can speak of: the household then is to be placed."""
    return household if household.current_unit in held else replace(household, current_unit=None)
