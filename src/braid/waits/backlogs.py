"""The backlogs: the people who stand in several at once, and how long each queue is."""

from __future__ import annotations

import datetime as dt

from braid.store.engine import Engine
from braid.waits.model import RECENT_DAYS, YEAR_DAYS
from braid.waits.quantiles import quantiles_sql
from braid.waits.tallies import DISTRICTS, IN_SEVERAL

_BACKLOGS = """
select person_id, string_agg(backlog, ' ' order by longest desc, backlog) as backlogs
from (select person_id, backlog, max(elapsed_days) as longest from person_wait where stop_date is null
      group by person_id, backlog) b
group by person_id"""

_MULTI_BACKLOG = f"""
select s.person_id, d.district_code, b.backlogs, s.backlog_count, s.wait_count, s.longest_days, s.total_days,
  coalesce(c.n, 0) as blocker_count
from wait_in_several s
join ({_BACKLOGS}) b on b.person_id = s.person_id
left join ({DISTRICTS}) d on d.person_id = s.person_id
left join (select person_id, count(*) as n from blocker group by person_id) c on c.person_id = s.person_id"""


def create_multi_backlog(engine: Engine) -> None:
    """Create `multi_backlog`, people who wait in two or more backlogs, from person_wait, person and blocker."""
    engine.create("wait_in_several", IN_SEVERAL)
    engine.create("multi_backlog", _MULTI_BACKLOG)


def create_backlog_measure(engine: Engine, as_of: dt.date) -> None:
    """Create `backlog_measure` for each kind of wait, by district and for the whole place (district empty).

    Reads the tallies. Completed waits are those that ended in the last 91 days. The whole place counts everybody, also
    those whose district is withheld or unknown.
    """
    engine.create("backlog_scope", _scope(as_of))
    engine.create("backlog_measure", _MEASURE)


def _scope(as_of: dt.date) -> str:
    recent = f"stop_date > br_add_days(date '{as_of}', -{RECENT_DAYS})"
    columns = f"""kind, backlog, due_date, clock, waits,
      case when stop_date is null then br_days(start_date, date '{as_of}') end as running_days,
      case when stop_date is null then waits else 0 end as running,
      case when {recent} then waits else 0 end as recent"""
    counted = f"(stop_date is null or {recent})"
    return f"""
    select {columns}, '' as district from wait_tally where {counted}
    union all
    select {columns}, district_code as district from wait_tally where {counted} and district_code is not null"""


_QUANTILES = quantiles_sql(
    "select kind, district, running_days as amount, waits from backlog_scope",
    ("kind", "district"),
    {"median_days": 0.5, "p92_days": 0.92},
)

_MEASURE = f"""
select m.kind, m.backlog, nullif(m.district, '') as district_code, m.waiting, q.median_days, q.p92_days, m.over_year,
  m.with_limit, m.within_limit, m.completed, m.completed_within, m.completed_with_limit,
  coalesce(p.people, 0) as also_elsewhere
from (
  select kind, district, any_value(backlog) as backlog, sum(running) as waiting,
    sum(case when running_days > {YEAR_DAYS} then waits else 0 end) as over_year,
    sum(case when due_date is not null then running else 0 end) as with_limit,
    sum(case when clock = 'within' then waits else 0 end) as within_limit,
    sum(recent) as completed,
    sum(case when clock = 'stopped_within' then recent else 0 end) as completed_within,
    sum(case when due_date is not null then recent else 0 end) as completed_with_limit
  from backlog_scope group by kind, district) m
left join ({_QUANTILES}) q on q.kind = m.kind and q.district = m.district
left join people_tally p on p.counted = 'backlog' and p.kind = m.kind and coalesce(p.district_code, '') = m.district"""
