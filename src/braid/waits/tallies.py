"""What the measures of backlogs and services are added up from: counts, with nobody's id in them.

Each person adds to a tally on their own, so a tally of a place is the tally of some of its people plus that of the
others. A nightly delta takes off what the people it touches added before, and puts on what they add now; the measures
are made of the tallies alone. No tally depends on the as-of date but by what has begun and ended on it.

* `wait_tally`: waits by all that their measures rest on;
* `people_tally`: people by service, and people who wait elsewhere too by backlog and district;
* `overlap_tally`: the time that people wait for two services at once, as changes by day.

**Time from changes.** Let a number of people grow by `change` on some days. From day S to day T, both counted, they
are the sum of `change * (T + 1 - max(day, S))` person-days, whatever came before S. So a change before S may be moved
to S, and what nobody asks for any more is dropped.
"""

from __future__ import annotations

import datetime as dt

from braid.store.engine import Engine
from braid.waits.model import MEASURED_WEEKS

TALLIES = ("wait_tally", "people_tally", "overlap_tally")
OPEN_END = "date '9999-12-31'"

IN_SEVERAL = """
select person_id, count(distinct backlog) as backlog_count, count(*) as wait_count, max(elapsed_days) as longest_days,
  sum(elapsed_days) as total_days
from person_wait where stop_date is null
group by person_id having count(distinct backlog) >= 2"""
"""People who wait in two backlogs or more."""

DISTRICTS = "select person_id, case when not protected then district_code end as district_code from person"
"""A protected person's district is withheld from every count by district, where few stand."""


def create_tallies(engine: Engine, as_of: dt.date) -> None:
    """Create the tables of `TALLIES` from person_wait and person, and `wait_in_several`."""
    engine.create("wait_in_several", IN_SEVERAL)
    engine.create("wait_tally", _WAIT_TALLY)
    engine.create("people_tally", _PEOPLE_TALLY)
    engine.create("tally_service", _SERVICES)
    engine.create("tally_island", _ISLANDS)
    engine.create("tally_both", _BOTH)
    engine.create("overlap_tally", overlap_tally_sql(_OVERLAP_TALLY, as_of))


def window_start(as_of: dt.date) -> dt.date:
    """Return the last day before the measured weeks."""
    return as_of - dt.timedelta(weeks=MEASURED_WEEKS)


_WAIT_TALLY = f"""
select w.kind, any_value(w.backlog) as backlog, w.organisation_id, d.district_code, w.start_date, w.stop_date,
  w.due_date, w.clock, count(*) as waits
from person_wait w left join ({DISTRICTS}) d on d.person_id = w.person_id
group by w.kind, w.organisation_id, d.district_code, w.start_date, w.stop_date, w.due_date, w.clock"""

_ELSEWHERE = "from person_wait w join wait_in_several s on s.person_id = w.person_id"
_NOTHING = "cast(null as varchar)"
_PEOPLE_TALLY = f"""
select 'service' as counted, kind, organisation_id, {_NOTHING} as district_code, count(distinct person_id) as people
from person_wait where stop_date is null group by kind, organisation_id
union all
select 'service', kind, {_NOTHING}, {_NOTHING}, count(distinct person_id)
from person_wait where stop_date is null group by kind
union all
select 'backlog', w.kind, {_NOTHING}, d.district_code, count(distinct w.person_id)
{_ELSEWHERE} join ({DISTRICTS}) d on d.person_id = w.person_id
where w.stop_date is null and d.district_code is not null group by w.kind, d.district_code
union all
select 'backlog', w.kind, {_NOTHING}, {_NOTHING}, count(distinct w.person_id)
{_ELSEWHERE} where w.stop_date is null group by w.kind"""

_SERVICES = """
select kind, organisation, whole_place, row_number() over (order by kind, organisation) as service from (
  select distinct kind, organisation_id as organisation, 0 as whole_place from person_wait
  union all select distinct kind, '' as organisation, 1 as whole_place from person_wait) s"""
"""A service is a kind of wait at one provider; the kind in the whole place is one too, its provider empty."""

_ORDER = "partition by person_id, service order by first_date, end_date rows between unbounded preceding and"
_ISLANDS = f"""
select person_id, whole_place, service, min(first_date) as first_date, max(end_date) as end_date
from (
  select person_id, whole_place, service, first_date, end_date,
    sum(case when first_date <= reached then 0 else 1 end) over ({_ORDER} current row) as island
  from (
    select person_id, whole_place, service, first_date, end_date,
      max(end_date) over ({_ORDER} 1 preceding) as reached
    from (
      select w.person_id, s.whole_place, s.service, w.start_date as first_date,
        coalesce(w.stop_date, {OPEN_END}) as end_date
      from person_wait w
      join tally_service s on s.kind = w.kind and (s.organisation = w.organisation_id or s.whole_place = 1)
      where w.stop_date is null or w.start_date < w.stop_date) spans) reaching) islands
group by person_id, whole_place, service, island"""
"""Waits of one person for one service that touch are one island, so that no day counts twice. The end is the first day
on which they wait no more."""

_BOTH = """
select person_id, service, other, first_date, end_date from (
  select a.person_id, a.service, b.service as other, greatest(a.first_date, b.first_date) as first_date,
    least(a.end_date, b.end_date) as end_date
  from tally_island a join tally_island b on b.person_id = a.person_id and b.whole_place = a.whole_place
  where a.service < b.service) pairs
where first_date < end_date"""

_MOVES = """
select service, other, first_date as day, 1 as change, 0 as people from tally_both
union all select service, other, end_date, -1, 0 from tally_both
union all select service, other, max(end_date), 0, 1 from tally_both group by person_id, service, other
union all select service, 0 as other, first_date, 1, 0 from tally_island
union all select service, 0 as other, end_date, -1, 0 from tally_island"""
"""A person counts once a pair of services, on the day on which they last stop waiting for both."""

_OVERLAP_TALLY = f"""
select s.kind, nullif(s.organisation, '') as organisation_id, o.kind as other_kind,
  nullif(o.organisation, '') as other_organisation_id, m.day, m.change, m.people
from ({_MOVES}) m join tally_service s on s.service = m.service left join tally_service o on o.service = m.other"""


def overlap_tally_sql(source: str, as_of: dt.date) -> str:
    """Return the query that adds up rows of the shape of `overlap_tally`, without what lies before the window."""
    first = f"date '{window_start(as_of) + dt.timedelta(days=1)}'"
    return f"""
    select kind, organisation_id, other_kind, other_organisation_id, day, sum(change) as change, sum(people) as people
    from (
      select kind, organisation_id, other_kind, other_organisation_id, greatest(day, {first}) as day, change,
        case when day <= {first} then 0 else people end as people
      from ({source}) moves where day < {OPEN_END} or people <> 0) clipped
    group by kind, organisation_id, other_kind, other_organisation_id, day
    having sum(change) <> 0 or sum(people) <> 0"""
