"""Persons described by what most of their records say; ties go to the source that checks it best."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from braid.language.codes import ETHNICITIES, ethnicity_group
from braid.people.protection import Protection
from braid.store.engine import Engine

TRUST_ORDER = (
    "school",
    "cin",
    "ssda903",
    "housing_register",
    "hclic",
    "fpl",
    "common_platform",
    "victim_service",
    "wlmds",
)
"""Who checks names and birth dates against a document, in order; used only to break ties."""


def load_homes(engine: Engine, households: Mapping[str, str], protection: Protection) -> None:
    """Create `person_home`: households, and whom a safe address protects or withholds."""
    known = sorted(households.keys() | protection.location_withheld)
    engine.load_arrow(
        "person_home",
        pa.table(
            {
                "person_id": pa.array(known, pa.string()),
                "household_id": pa.array([households.get(person_id) for person_id in known], pa.string()),
                "protected": pa.array([person_id in protection.protected for person_id in known], pa.bool_()),
                "location_withheld": pa.array(
                    [person_id in protection.location_withheld for person_id in known], pa.bool_()
                ),
            }
        ),
    )


def describe_persons(engine: Engine) -> None:
    """Create table `person` from `person_link`, `person_record`, `stay`, `postcode` and `person_home`."""
    engine.load_arrow("ethnicity_of_code", _ethnicity_groups())
    for column in ("given_name", "family_name", "birth_date"):
        engine.create(f"person_{column}", _most_agreed(column, f"{column} is not null"))
    engine.create("person_sex", _most_agreed("sex", "sex in ('female', 'male', 'other')"))
    engine.create("person_ethnicity", _most_agreed("ethnicity_group", "ethnicity_group <> 'unknown'"))
    engine.create("person_district", LATEST_HOME)
    engine.create("person", _PERSON)


def _most_agreed(column: str, condition: str) -> str:
    """Return a query for the value of `column` that most records of a person hold.

    Capitals do not make a difference, and of two spellings the one that is not all capitals is shown (it sorts last).
    """
    order = " ".join(f"when '{standard}' then {place}" for place, standard in enumerate(TRUST_ORDER))
    return f"""
        with held as (
            select l.person_id, r.*, g.ethnicity_group, case r.standard {order} else {len(TRUST_ORDER)} end as trust
            from person_link l join person_record r on r.record_id = l.person_record_id
            left join ethnicity_of_code g on g.code = r.ethnicity
        ), counted as (
            select person_id, max({column}) as {column}, count(*) as holders, min(trust) as trust from held
            where {condition} group by person_id, lower(cast({column} as varchar))
        ), ranked as (
            select *, row_number() over (partition by person_id order by holders desc, trust, {column}) as place
            from counted
        )
        select person_id, {column} from ranked where place = 1"""


def _ethnicity_groups() -> pa.Table:
    return pa.table({"code": list(ETHNICITIES), "ethnicity_group": [ethnicity_group(code) for code in ETHNICITIES]})


LATEST_HOME = """
    with lived as (
        select l.person_id, coalesce(p.district_code, s.district_code) as district_code, s.record_id, s.start_date,
            coalesce(p.area_code, s.area_code) as area_code, p.deprivation_decile,
            case when s.end_date is null then 0 else 1 end as over
        from person_link l join stay s on s.person_record_id = l.person_record_id
        left join postcode p on p.postcode = s.postcode
        where not s.confidential and s.kind <> 'refuge'
    ), ranked as (
        select *, row_number() over (
            partition by person_id
            order by over, case when start_date is null then 1 else 0 end, start_date desc, record_id
        ) as place
        from lived where district_code is not null
    )
    select person_id, district_code, area_code, deprivation_decile from ranked where place = 1"""
"""Where each person lives: their latest open stay of which the district is known, else the latest. No safe address."""

_PERSON = """
    with counted as (select person_id, count(*) as record_count from person_link group by person_id)
    select c.person_id, g.given_name, f.family_name, b.birth_date, coalesce(s.sex, 'unknown') as sex,
        coalesce(e.ethnicity_group, 'unknown') as ethnicity_group,
        case when coalesce(h.protected, false) then null else d.district_code end as district_code,
        case when not coalesce(h.location_withheld, false) then cast(ceil(d.deprivation_decile / 2.0) as integer) end
            as deprivation_quintile, h.household_id,
        coalesce(h.protected, false) as protected, coalesce(h.location_withheld, false) as location_withheld,
        c.record_count
    from counted c
    left join person_given_name g on g.person_id = c.person_id
    left join person_family_name f on f.person_id = c.person_id
    left join person_birth_date b on b.person_id = c.person_id
    left join person_sex s on s.person_id = c.person_id
    left join person_ethnicity e on e.person_id = c.person_id
    left join person_district d on d.person_id = c.person_id
    left join person_home h on h.person_id = c.person_id"""
