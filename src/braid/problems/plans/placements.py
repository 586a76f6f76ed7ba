"""Who lives in temporary accommodation, in which stock, going to which schools: a run as a problem of placements.

Whoever is protected is left to people who may know, with everybody in their household. In the problem they are a
household without people that stays where it is, just like every household without children that lives lawfully in its
own district, and like those whose ages nobody knows: whoever reads the problem cannot tell which is which. Households
are numbered in the order of their units; which people they are is kept apart. A household whose location is withheld
only because it shares a building with somebody protected is planned like any other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from braid.language.dates import years_lived
from braid.planning.placements.bedrooms import Sleeper, bedrooms_needed
from braid.planning.placements.model import Child, Household, Prices, Problem, School, Shortlists, Unit, UnitType
from braid.planning.travel.model import Point
from braid.problems.plans.decisions import Decided, apply_decisions
from braid.store.engine import Engine

TABLES = (
    "stay", "person", "person_link", "person_record", "relationship", "episode", "need", "unit", "postcode", "school",
)  # fmt: skip
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
ADULT_FROM_YEARS = 18
EXAM_YEAR_GROUPS = ("11", "13")
"""Years in which public examinations end: GCSE and A level."""
USUAL_NIGHT_PENCE = 6_000
"""For a unit whose rate the council did not send; the summary counts them."""

MEMBERS = """
select s.household_ref, s.feed, s.organisation_id, s.location_ref, s.start_date, l.person_id,
       p.birth_date, p.sex, p.protected, r.role
from stay s
join person_record r on r.record_id = s.person_record_id
join person_link l on l.person_record_id = s.person_record_id
join person p on p.person_id = l.person_id
where s.kind in ('ta_bnb', 'ta_nightly', 'ta_hostel', 'ta_leased', 'ta_own_stock', 'ta_other')
  and s.start_date <= cast(? as date) and (s.end_date is null or s.end_date > cast(? as date))
  and s.household_ref is not null
order by s.start_date desc, s.feed, s.household_ref, s.location_ref, l.person_id, s.record_id
"""
BED_AND_BREAKFAST = """
select l.person_id, s.feed, s.household_ref, s.start_date,
       least(coalesce(s.end_date, cast(? as date)), cast(? as date)) as until
from stay s join person_link l on l.person_record_id = s.person_record_id
where s.kind = 'ta_bnb' and s.start_date <= cast(? as date)
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
       u.organisation_id, p.district_code, p.longitude, p.latitude
from unit u left join postcode p on p.postcode = u.postcode
order by u.unit_ref, u.feed
"""
SCHOOLS = "select urn, longitude, latitude from school where longitude is not null order by urn"


NOTHING_TO_HIDE = Shortlists(quiet_km=0.0, blank_share=0.0, left_out_share=0.0)
"""Of nobody who is planned is an exclusion known, since whoever is protected is left to people: all may be told of."""
PRICES = Prices(exam_year=1_000.0, bed_and_breakfast=3_000.0)
"""What aims count unless a place says otherwise: a family in bed and breakfast comes next to a school out of reach."""
NOTICE_DAYS = 28
"""A unit that is withdrawn sooner is offered to nobody new."""


@dataclass(frozen=True)
class Left:
    """What was left out of a problem, and why; of the protected nothing is told, not their number either."""

    unknown_birth_date: int = 0
    """Households with somebody whose age nobody knows: how many bedrooms they need cannot be said."""
    unit_not_listed: int = 0
    """Households in a unit that no council listed with its place."""
    units_without_point: int = 0
    units_without_rate: int = 0
    units_twice: int = 0
    """Units whose key another council uses too: the first one counts."""
    decisions_lost: int = 0
    """Decisions on earlier plans whose unit is out of the stock. Of households nothing is counted."""


@dataclass(frozen=True)
class Posed:
    """A problem, which people its households are, and what was left out of it."""

    problem: Problem
    people: Mapping[str, tuple[str, ...]]
    """By the number of a household; none for a household that is only there to stay."""
    left: Left


@dataclass(frozen=True)
class _Known:
    """What a run says of people, by person id."""

    bed_and_breakfast: Mapping[tuple[str, str, str], list[tuple[dt.date, dt.date]]]
    """Stays of a person in an application, from and until."""
    partners: frozenset[frozenset[str]]
    schools: Mapping[str, tuple[str, bool]]
    needs: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class _Group:
    """The people of one application in one unit, by their latest stay."""

    unit: str
    people: tuple[Mapping[str, Any], ...]
    is_left: bool
    """Whether people decide: somebody is protected, or of unknown age, or the council is none of the place."""


Rows = Sequence[Mapping[str, Any]]


def pose(engine: Engine, as_of: dt.date, districts: Mapping[str, str], decided: Sequence[Decided] = ()) -> Posed:
    """Return the problem of placing everybody who is in temporary accommodation on `as_of`.

    `districts` says for each council, by its organisation id, the code of its district; `decided` is what people said
    to earlier plans, in the order of time.
    """
    members = engine.rows(MEMBERS, (as_of, as_of))
    stock = engine.rows(UNITS)
    schools = tuple(School(row["urn"], Point(row["longitude"], row["latitude"])) for row in engine.rows(SCHOOLS))
    known = _known(engine, as_of, {school.id for school in schools})
    listed: dict[str, Mapping[str, Any]] = {}
    for row in stock:
        if row["longitude"] is not None:
            listed.setdefault(row["unit_ref"], row)
    groups = _groups(members, districts)
    occupied = {row["location_ref"] for row in members}
    units = tuple(
        _unit(row, as_of, districts) for row in listed.values() if row["unit_ref"] in occupied or _is_kept(row, as_of)
    )
    everybody, people = _numbered(groups, {unit.id: unit for unit in units}, as_of, known, districts)
    everybody, gone = apply_decisions(everybody, people, decided, {unit.id for unit in units})
    households = [each for each in everybody if not _is_settled(each, {unit.id: unit for unit in units})]
    people = {each.id: people[each.id] for each in households}
    households += _placeholders(occupied, households, {unit.id: unit for unit in units})
    left = Left(
        unknown_birth_date=sum(any(row["birth_date"] is None for row in group.people) for group in groups),
        unit_not_listed=sum(group.unit not in listed for group in groups if not group.is_left),
        units_without_point=sum(row["longitude"] is None for row in stock),
        units_without_rate=sum(row["night_pence"] is None for row in stock),
        units_twice=len(stock) - len({row["unit_ref"] for row in stock}),
        decisions_lost=gone,
    )
    problem = Problem(
        kind="placements",
        on_date=as_of,
        districts=tuple(sorted(set(districts.values()) | {unit.district for unit in units})),
        schools=schools,
        units=units,
        households=tuple(sorted(households, key=lambda household: str(household.current_unit))),
        prices=PRICES,
        shortlists=NOTHING_TO_HIDE,
    )
    return _renumbered(Posed(problem, people, left))


def _known(engine: Engine, as_of: dt.date, schools: set[str]) -> _Known:
    stays: defaultdict[tuple[str, str, str], list[tuple[dt.date, dt.date]]] = defaultdict(list)
    for row in engine.rows(BED_AND_BREAKFAST, (as_of, as_of, as_of)):
        stays[row["person_id"], row["feed"], row["household_ref"]].append((row["start_date"], row["until"]))
    pupils = {
        row["person_id"]: (row["urn"], row["year_group"] in EXAM_YEAR_GROUPS)
        for row in engine.rows(PUPILS, (as_of, as_of))
        if row["urn"] in schools
    }
    needs: defaultdict[str, set[str]] = defaultdict(set)
    for row in engine.rows(NEEDS):
        needs[row["person_id"]].add(row["code"])
    partners = frozenset(frozenset((row["one"], row["other"])) for row in engine.rows(COUPLES))
    return _Known(stays, partners, pupils, {person: frozenset(codes) for person, codes in needs.items()})


def _groups(rows: Rows, districts: Mapping[str, str]) -> list[_Group]:
    """Return the households, each person in that of their latest stay.

    Whoever shares an application with somebody protected, in whichever of their applications, is left to people too.
    """
    protected = {row["person_id"] for row in rows if row["protected"]}
    unsafe = {(row["feed"], row["household_ref"]) for row in rows if row["person_id"] in protected}
    sharing = {row["person_id"] for row in rows if (row["feed"], row["household_ref"]) in unsafe}
    groups: defaultdict[tuple[str, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    seen: set[str] = set()
    for row in rows:
        if row["person_id"] not in seen:
            seen.add(row["person_id"])
            groups[row["feed"], row["household_ref"]][row["person_id"]] = row
    return [_group(tuple(group.values()), sharing, districts) for _, group in sorted(groups.items())]


def _group(people: tuple[Mapping[str, Any], ...], sharing: set[str], districts: Mapping[str, str]) -> _Group:
    is_left = (
        any(row["person_id"] in sharing or row["birth_date"] is None for row in people)
        or people[0]["organisation_id"] not in districts
    )
    return _Group(people[0]["location_ref"] or "", people, is_left)


def _numbered(
    groups: Iterable[_Group],
    units: Mapping[str, Unit],
    as_of: dt.date,
    known: _Known,
    districts: Mapping[str, str],
) -> tuple[list[Household], dict[str, tuple[str, ...]]]:
    """Return the households of which is known who they are, and who; of two in one unit the second is to be placed."""
    households: list[Household] = []
    people: dict[str, tuple[str, ...]] = {}
    held = {group.unit for group in groups if group.is_left}
    for group in groups:
        if group.is_left or group.unit not in units:
            continue
        household = _household(group, as_of, known, districts)
        if group.unit in held:
            household = replace(household, current_unit=None, shared_unit=group.unit)
        held.add(group.unit)
        households.append(household)
        people[household.id] = tuple(sorted(row["person_id"] for row in group.people))
    return households, people


def _is_settled(household: Household, units: Mapping[str, Unit]) -> bool:
    """Whether nothing would be gained by a move: no child, the own district, rooms enough, a lawful kind of unit."""
    unit = units.get(household.current_unit or "")
    return (
        unit is not None
        and household.accepted_unit in (None, unit.id)
        and unit.id not in household.refused_units
        and not household.is_family
        and not household.is_young_applicant
        and unit.district == household.home_district
        and unit.bedrooms >= household.bedrooms_needed
        and (unit.is_accessible or not household.needs_access)
    )


def _placeholders(occupied: Iterable[str], planned: Iterable[Household], units: Mapping[str, Unit]) -> list[Household]:
    """Return a household without people for each unit in which somebody lives who is not planned: it stays there."""
    held = {household.current_unit for household in planned}
    return [
        Household(
            id=f"stays {name}",
            home_district=units[name].district,
            bedrooms_needed=units[name].bedrooms,
            current_unit=name,
            may_move=False,
        )
        for name in sorted(set(occupied) - held)
        if name in units
    ]


def _renumbered(posed: Posed) -> Posed:
    """Give every household a number in the order of the units, so that no id says who or of which sort it is."""
    numbers = {each.id: f"household {number}" for number, each in enumerate(posed.problem.households, 1)}
    children = {
        child.id: f"{numbers[household.id]}, child {number}"
        for household in posed.problem.households
        for number, child in enumerate(household.children, 1)
    }
    households = tuple(
        replace(
            household,
            id=numbers[household.id],
            children=tuple(replace(child, id=children[child.id]) for child in household.children),
        )
        for household in posed.problem.households
    )
    people = {numbers[name]: persons for name, persons in posed.people.items()}
    people |= {children[name]: (name,) for name in children}
    return Posed(replace(posed.problem, households=households), people, posed.left)


def _household(group: _Group, as_of: dt.date, known: _Known, districts: Mapping[str, str]) -> Household:
    people, ids = group.people, [row["person_id"] for row in group.people]
    ages = {row["person_id"]: max(0, years_lived(row["birth_date"], as_of)) for row in people}
    couples = [pair for pair in known.partners if pair <= set(ids) and min(ages[one] for one in pair) >= 16]
    grown_up = {one for pair in couples for one in pair} | {
        row["person_id"] for row in people if row["role"] == "applicant"
    }
    grown = sum(age >= 16 for age in ages.values())
    sleepers = [Sleeper(ages[row["person_id"]], row["sex"] or "unknown") for row in people]
    children = [one for one in ids if ages[one] < SCHOOL_AGES.stop and one not in grown_up and len(ids) > 1]
    return Household(
        id=min(ids),
        home_district=districts[people[0]["organisation_id"]],
        bedrooms_needed=max(1, bedrooms_needed(sleepers, min(len(couples), grown // 2))),
        needs_access=any("wheelchair" in known.needs.get(person, ()) for person in ids),
        children=tuple(_child(person, ages[person], known) for person in children),
        is_pregnant=any("pregnancy" in known.needs.get(person, ()) for person in ids),
        is_young_applicant=all(age < ADULT_FROM_YEARS for age in ages.values()),
        current_unit=group.unit,
        bed_and_breakfast_days=max(_nights(known, row) for row in people),
    )


def _nights(known: _Known, row: Mapping[str, Any]) -> int:
    """Return a person's days in bed and breakfast in this application: of stays that overlap each day counts once."""
    days, reached = 0, dt.date.min
    for start, until in sorted(known.bed_and_breakfast.get((row["person_id"], row["feed"], row["household_ref"]), ())):
        days += max(0, (until - max(start, reached)).days)
        reached = max(reached, until)
    return days


def _child(person: str, age: int, known: _Known) -> Child:
    school, is_exam_year = known.schools.get(person, (None, False)) if age in SCHOOL_AGES else (None, False)
    return Child(person, age, school, is_exam_year)


def _is_kept(row: Mapping[str, Any], as_of: dt.date) -> bool:
    """Whether a unit can be let to somebody new: it is not withdrawn before they would have settled."""
    gone = row["withdrawn_from_date"]
    return gone is None or gone > as_of + dt.timedelta(days=NOTICE_DAYS)


def _unit(row: Mapping[str, Any], as_of: dt.date, districts: Mapping[str, str]) -> Unit:
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
        council_district=districts.get(row["organisation_id"]),
    )
