"""The time in which people who wait for one service wait for another too.

Time is counted in days of a person over the last 52 weeks: two waits of one person for one service on one day are one
day. Days become person-weeks, so that two services, or two places, can be held against each other.
"""

from __future__ import annotations

import datetime as dt

from braid.store.engine import Engine
from braid.waits.model import MEASURED_WEEKS, WEEK_DAYS
from braid.waits.services import window_start

END = MEASURED_WEEKS * WEEK_DAYS + 1
"""Days are numbered from 1; this is the day after the last."""


def create_service_overlap(engine: Engine, as_of: dt.date) -> None:
    """Create `service_overlap` from person_wait and service_measure: pairs of providers, and of kinds in the place."""
    engine.create("service_number", _NUMBERS)
    engine.create("service_span", _spans(window_start(as_of)))
    engine.create("service_island", _ISLANDS)
    engine.create("service_both", _BOTH)
    engine.create("service_overlap", _OVERLAP)


_NUMBERS = """
select kind, organisation_id, coalesce(organisation_id, '') as organisation,
  case when organisation_id is null then 1 else 0 end as whole_place,
  row_number() over (order by kind, coalesce(organisation_id, '')) as service
from service_measure"""


def _spans(before: dt.date) -> str:
    """From which day until before which each wait stands in the window, at both levels."""
    return f"""
    select w.person_id, s.whole_place, s.service, w.first_day, w.end_day
    from (
      select person_id, kind, organisation_id,
        greatest(br_days(date '{before}', start_date), 1) as first_day,
        least(coalesce(br_days(date '{before}', stop_date), {END}), {END}) as end_day
      from person_wait) w
    join service_number s on s.kind = w.kind and (s.organisation = w.organisation_id or s.whole_place = 1)
    where w.first_day < w.end_day"""


_ORDER = "partition by person_id, service order by first_day, end_day rows between unbounded preceding and"
_ISLANDS = f"""
select person_id, whole_place, service, min(first_day) as first_day, max(end_day) as end_day
from (
  select person_id, whole_place, service, first_day, end_day,
    sum(case when first_day <= reached then 0 else 1 end) over ({_ORDER} current row) as island
  from (
    select person_id, whole_place, service, first_day, end_day,
      max(end_day) over ({_ORDER} 1 preceding) as reached
    from service_span) reaching) islands
group by person_id, whole_place, service, island"""
"""Waits of one person for one service that touch are one island, so that no day counts twice."""

_BOTH = """
select a.service, b.service as other, count(distinct a.person_id) as people,
  sum(least(a.end_day, b.end_day) - greatest(a.first_day, b.first_day)) as both_days
from service_island a
join service_island b on b.person_id = a.person_id and b.whole_place = a.whole_place
where a.service < b.service and a.first_day < b.end_day and b.first_day < a.end_day
group by a.service, b.service"""

_OVERLAP = f"""
select s.kind, s.organisation_id, o.kind as other_kind, o.organisation_id as other_organisation_id, p.people,
  cast(p.both_days as double) / {WEEK_DAYS} as both_weeks, cast(t.days as double) / {WEEK_DAYS} as service_weeks,
  cast(p.both_days as double) / t.days as share
from (
  select service, other, people, both_days from service_both
  union all
  select other as service, service as other, people, both_days from service_both) p
join (select service, sum(end_day - first_day) as days from service_island group by service) t on t.service = p.service
join service_number s on s.service = p.service
join service_number o on o.service = p.other"""
