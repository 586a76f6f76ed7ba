"""The backlogs: the people who stand in several at once, and how long each queue is."""

from __future__ import annotations

import datetime as dt

from braid.store.engine import Engine
from braid.waits.model import RECENT_DAYS, YEAR_DAYS

_IN_SEVERAL = """
select person_id, count(distinct backlog) as backlog_count, count(*) as wait_count, max(elapsed_days) as longest_days,
  sum(elapsed_days) as total_days
from person_wait where stop_date is null
group by person_id having count(distinct backlog) >= 2"""

_BACKLOGS = """
select person_id, string_agg(backlog, ' ' order by longest desc, backlog) as backlogs
from (select person_id, backlog, max(elapsed_days) as longest from person_wait where stop_date is null
      group by person_id, backlog) b
group by person_id"""

_DISTRICTS = "select person_id, case when not protected then district_code end as district_code from person"
"""A protected person's district is withheld from every count by district, where few stand."""

_MULTI_BACKLOG = f"""
select s.person_id, d.district_code, b.backlogs, s.backlog_count, s.wait_count, s.longest_days, s.total_days,
  coalesce(c.n, 0) as blocker_count
from wait_in_several s
join ({_BACKLOGS}) b on b.person_id = s.person_id
left join ({_DISTRICTS}) d on d.person_id = s.person_id
left join (select person_id, count(*) as n from blocker group by person_id) c on c.person_id = s.person_id"""


def create_multi_backlog(engine: Engine) -> None:
    """Create `multi_backlog`, people who wait in two or more backlogs, from person_wait, person and blocker."""
    engine.create("wait_in_several", _IN_SEVERAL)
    engine.create("multi_backlog", _MULTI_BACKLOG)


def create_backlog_measure(engine: Engine, as_of: dt.date) -> None:
    """Create `backlog_measure` for each kind of wait, by district and for the whole place (district empty).

    Reads person_wait and person. Completed waits are those that ended in the last 91 days. The whole place counts
    everybody, also those whose district is withheld or unknown.
    """
    engine.create("wait_in_several", _IN_SEVERAL)
    engine.create("wait_in_scope", _scope(as_of))
    engine.create("backlog_measure", _MEASURE)


def _scope(as_of: dt.date) -> str:
    recent = f"w.stop_date > br_add_days(date '{as_of}', -{RECENT_DAYS})"
    columns = f"""w.kind, w.backlog, w.person_id, w.elapsed_days, w.due_date, w.clock,
      case when w.stop_date is null then 1 else 0 end as running,
      case when w.stop_date is not null and {recent} then 1 else 0 end as recent,
      case when s.person_id is null then 0 else 1 end as elsewhere"""
    several = "left join wait_in_several s on s.person_id = w.person_id"
    counted = f"(w.stop_date is null or {recent})"
    return f"""
    select {columns}, cast(null as varchar) as district_code from person_wait w {several} where {counted}
    union all
    select {columns}, d.district_code from person_wait w {several} join ({_DISTRICTS}) d on d.person_id = w.person_id
    where {counted} and d.district_code is not null"""


_MEASURE = f"""
select kind, any_value(backlog) as backlog, district_code, sum(running) as waiting,
  median(case when running = 1 then elapsed_days end) as median_days,
  br_quantile(case when running = 1 then elapsed_days end, 0.92) as p92_days,
  sum(case when running = 1 and elapsed_days > {YEAR_DAYS} then 1 else 0 end) as over_year,
  sum(case when running = 1 and due_date is not null then 1 else 0 end) as with_limit,
  sum(case when clock = 'within' then 1 else 0 end) as within_limit,
  sum(recent) as completed,
  sum(case when recent = 1 and clock = 'stopped_within' then 1 else 0 end) as completed_within,
  sum(case when recent = 1 and due_date is not null then 1 else 0 end) as completed_with_limit,
  count(distinct case when running = 1 and elsewhere = 1 then person_id end) as also_elsewhere
from wait_in_scope
group by kind, district_code"""
