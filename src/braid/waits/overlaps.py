"""The time in which people who wait for one service wait for another too.

Time is counted in days of a person: two waits of one person for one service on one day are one day. Of the last 52
weeks only days count that are known of both services. On those before, only who waited on is known, and a share would
be that of long waits. Of a service whose ended waits no extract shows, the as-of date alone is known.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from braid.store.engine import Engine
from braid.waits.model import MEASURED_WEEKS, WEEK_DAYS
from braid.waits.services import window_start

DAYS = MEASURED_WEEKS * WEEK_DAYS
"""Days are numbered from 1; the as-of date is the last."""


def create_service_overlap(engine: Engine, as_of: dt.date) -> None:
    """Create `service_overlap` from person_wait and service_measure: pairs of providers, and of kinds in the place."""
    engine.load_arrow("measured_day", pa.table({"day": pa.array(range(1, DAYS + 1), pa.int64())}))
    engine.create("service_number", _numbers(as_of))
    engine.create("service_span", _spans(as_of))
    engine.create("service_island", _ISLANDS)
    engine.create("service_time", _TIME)
    engine.create("service_both", _BOTH)
    engine.create("service_overlap", _overlap(as_of))


def _numbers(as_of: dt.date) -> str:
    since = f"br_days(date '{window_start(as_of)}', coalesce(known_since_date, date '{as_of}'))"
    return f"""
    select kind, organisation_id, coalesce(organisation_id, '') as organisation,
      case when organisation_id is null then 1 else 0 end as whole_place, greatest({since}, 1) as since_day,
      row_number() over (order by kind, coalesce(organisation_id, '')) as service
    from service_measure"""


def _spans(as_of: dt.date) -> str:
    """From which day until before which each wait stands in the known days of its service, at both levels."""
    before = f"date '{window_start(as_of)}'"
    return f"""
    select person_id, whole_place, service, since_day, greatest(first_day, since_day) as first_day, end_day
    from (
      select w.person_id, s.whole_place, s.service, s.since_day, br_days({before}, w.start_date) as first_day,
        least(coalesce(br_days({before}, w.stop_date), {DAYS + 1}), {DAYS + 1}) as end_day
      from person_wait w
      join service_number s on s.kind = w.kind and (s.organisation = w.organisation_id or s.whole_place = 1)) spans
    where greatest(first_day, since_day) < end_day"""


_ORDER = "partition by person_id, service order by first_day, end_day rows between unbounded preceding and"
_ISLANDS = f"""
select person_id, whole_place, service, since_day, min(first_day) as first_day, max(end_day) as end_day
from (
  select person_id, whole_place, service, since_day, first_day, end_day,
    sum(case when first_day <= reached then 0 else 1 end) over ({_ORDER} current row) as island
  from (
    select person_id, whole_place, service, since_day, first_day, end_day,
      max(end_day) over ({_ORDER} 1 preceding) as reached
    from service_span) reaching) islands
group by person_id, whole_place, service, since_day, island"""
"""Waits of one person for one service that touch are one island, so that no day counts twice."""

_TIME = """
select service, day, sum(people) over (
    partition by service order by day desc rows between unbounded preceding and current row) as person_days
from (
  select s.service, d.day, sum(coalesce(m.change, 0)) over (
      partition by s.service order by d.day rows between unbounded preceding and current row) as people
  from service_number s
  cross join measured_day d
  left join (
    select service, day, sum(change) as change
    from (
      select service, first_day as day, 1 as change from service_island
      union all select service, end_day as day, -1 as change from service_island) moves
    group by service, day) m on m.service = s.service and m.day = d.day) daily"""
"""How many person-days each service has from a day on: the sum of how many people wait on each."""

_BOTH = """
select service, other, since_day, count(distinct person_id) as people, sum(end_day - first_day) as both_days
from (
  select a.person_id, a.service, b.service as other, greatest(a.since_day, b.since_day) as since_day,
    greatest(a.first_day, b.first_day) as first_day, least(a.end_day, b.end_day) as end_day
  from service_island a
  join service_island b on b.person_id = a.person_id and b.whole_place = a.whole_place
  where a.service < b.service) pairs
where first_day < end_day
group by service, other, since_day"""
"""Each span begins in the known days of its service, so what two have in common lies in those of both."""


def _overlap(as_of: dt.date) -> str:
    return f"""
    select s.kind, s.organisation_id, o.kind as other_kind, o.organisation_id as other_organisation_id,
      br_add_days(date '{window_start(as_of)}', p.since_day) as since_date, p.people,
      cast(p.both_days as double) / {WEEK_DAYS} as both_weeks,
      cast(t.person_days as double) / {WEEK_DAYS} as service_weeks,
      cast(p.both_days as double) / t.person_days as share
    from (
      select service, other, since_day, people, both_days from service_both
      union all
      select other as service, service as other, since_day, people, both_days from service_both) p
    join service_time t on t.service = p.service and t.day = p.since_day
    join service_number s on s.service = p.service
    join service_number o on o.service = p.other"""
