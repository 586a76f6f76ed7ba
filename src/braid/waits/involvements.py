"""Which service knows a person: since when, whom to ask, how fresh its word is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pyarrow as pa

from braid.store.engine import Engine
from braid.waits.model import code_sql, rank_sql

STANDARD_SERVICES: Mapping[str, str] = {
    "cin": "Children's social care",
    "ssda903": "Children's social care",
    "housing_register": "Housing register",
    "hclic": "Homelessness",
    "wlmds": "Hospital",
    "school": "School",
    "fpl": "Family court",
    "common_platform": "Crown Court",
    "victim_service": "Support for victims",
    "core": "Social housing lettings",
    "fhir_ukcore": "Health record",
    "csds": "Community health",
    "mhsds": "Mental health",
    "rtt_open_pathways": "Hospital",
    "annex_a": "Children's social care",
    "annex_a_sen": "Special educational needs",
    "xhibit": "Crown Court",
    "sen2": "Education, health and care plans",
    "ecds": "Emergency department",
    "attendance": "School",
    "school_census": "School",
    "ctf": "School",
    "marac": "Risk conference",
}
"""What a service is called where the place gives its feed no name of its own."""


def create_involvement(engine: Engine, as_of: dt.date, feed_services: Mapping[str, str]) -> None:
    """Create `involvement`: one row a person, organisation and service, from records, episodes, waits and events.

    `feed_services` names the service of a feed. Only days up to `as_of` count as activity. Worker and team are those of
    the latest episode that names one, running episodes first.
    """
    load_service_names(engine, feed_services)
    engine.create("activity", _activity(as_of))
    engine.create("involvement_worker", _WORKERS)
    engine.create("involvement", _involvement(as_of))


def load_service_names(engine: Engine, feed_services: Mapping[str, str]) -> None:
    """Create `feed_service` and `standard_service`: what the service behind a feed, or a standard, is called."""
    engine.load_arrow("feed_service", _names("feed", feed_services))
    engine.load_arrow("standard_service", _names("standard", STANDARD_SERVICES))


def _names(key: str, services: Mapping[str, str]) -> pa.Table:
    columns = {key: pa.array(list(services), pa.string()), "service": pa.array(list(services.values()), pa.string())}
    return pa.table(columns)


def _rows_of(table: str, first: str, last: str, worker: str, as_of: dt.date) -> str:
    return f"""
    select l.person_id, t.organisation_id, coalesce(f.service, s.service, t.standard) as service, t.record_id,
      t.as_of_date, {rank_sql("t.sensitivity")} as sensitivity_rank,
      case when {first} <= date '{as_of}' then {first} end as first_date,
      case when {last} <= date '{as_of}' then {last} end as last_date, {worker}
    from {table} t
    join person_link l on l.person_record_id = t.person_record_id
    left join feed_service f on f.feed = t.feed
    left join standard_service s on s.standard = t.standard"""


def _activity(as_of: dt.date) -> str:
    nobody = "cast(null as varchar) as worker, cast(null as varchar) as team"
    no_day = "cast(null as date)"
    records = _rows_of("person_record", no_day, no_day, nobody, as_of).replace(
        "join person_link l on l.person_record_id = t.person_record_id",
        "join person_link l on l.person_record_id = t.record_id",
    )
    episodes = _rows_of("episode", "t.start_date", "t.end_date", "t.worker, t.team", as_of)
    waits = _rows_of("wait", "t.start_date", "t.stop_date", nobody, as_of)
    events = _rows_of("event", "t.start_date", "t.end_date", nobody, as_of)
    return " union all ".join((records, episodes, waits, events))


_WORKERS = """
select * from (
  select person_id, organisation_id, service, worker, team,
    row_number() over (partition by person_id, organisation_id, service
      order by case when last_date is null then 0 else 1 end,
        case when first_date is null then 1 else 0 end, first_date desc, record_id) as place
  from activity where worker is not null or team is not null) ranked
where place = 1"""


def _involvement(as_of: dt.date) -> str:
    return f"""
    select a.person_id, a.organisation_id, a.service, min(a.first_date) as since_date,
      max(case when a.last_date > a.first_date or a.first_date is null then a.last_date else a.first_date end)
        as last_date,
      max(w.worker) as worker, max(w.team) as team, coalesce(max(a.as_of_date), date '{as_of}') as as_of_date,
      {code_sql("max(a.sensitivity_rank)")} as sensitivity
    from activity a
    left join involvement_worker w
      on w.person_id = a.person_id and w.organisation_id = a.organisation_id and w.service = a.service
    group by a.person_id, a.organisation_id, a.service"""
