"""The services: how big each queue is, what comes in and goes out week by week, and how long people wait.

A service is a kind of wait at one provider; the whole place is measured as one too, its provider empty. A wait counts
once for each person who waits: a care case of two children, or a trial that a victim waits for, counts for each.

Whoever starts on a day waits at its end, whoever stops on it does not. So the size at the end of a week is the size at
the end of the week before, plus additions, less removals; whoever comes and goes in one week is in both.

Extracts show whoever waits now, and whose wait ended from some day on. Of the time before that day only the waits that
lasted beyond it are known, so queues seem shorter and nobody seems to leave. `known` says which weeks are not so.

Percentiles interpolate between the two nearest waits in order (type 7 of Hyndman and Fan, "Sample quantiles in
statistical packages", 1996), as those of `backlog_measure` do.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from braid.store.engine import Engine
from braid.waits.model import LONG_WEEKS, MEASURED_WEEKS, RECENT_DAYS, WEEK_DAYS

WHOLE_PLACE = "cast('' as varchar)"
PROVIDER = "organisation_id"
"""The two levels at which services are measured, as what stands for the provider."""


def create_service_measure(engine: Engine, as_of: dt.date) -> None:
    """Create `service_measure` from person_wait: services with a wait that is open or ended in the last 52 weeks."""
    engine.create("service_measure", f"{_measures(as_of, PROVIDER)} union all {_measures(as_of, WHOLE_PLACE)}")


def create_service_week(engine: Engine, as_of: dt.date) -> None:
    """Create `service_week` from person_wait: 52 weeks of each service of `service_measure`, quiet weeks too."""
    engine.load_arrow("measured_week", _weeks(as_of))
    engine.create("service_flow", f"{_flows(as_of, PROVIDER)} union all {_flows(as_of, WHOLE_PLACE)}")
    engine.create("service_week", _SERVICE_WEEK)


def window_start(as_of: dt.date) -> dt.date:
    """Return the last day before the measured weeks."""
    return as_of - dt.timedelta(weeks=MEASURED_WEEKS)


def _measures(as_of: dt.date, organisation: str) -> str:
    days = "elapsed_days"
    return f"""
    select kind, any_value(backlog) as backlog, nullif(organisation, '') as organisation_id, sum(running) as waiting,
      count(distinct case when running = 1 then person_id end) as people_waiting,
      avg({_running(days)}) as open_mean_days, median({_running(days)}) as open_median_days,
      br_quantile({_running(days)}, 0.92) as open_p92_days,
      sum(case when running = 1 and due_date is not null then 1 else 0 end) as with_limit,
      sum(case when clock = 'within' then 1 else 0 end) as within_limit,
      median(case when running = 1 or recent = 1 then limit_days end) as limit_days,
      {", ".join(_over(weeks) for weeks in LONG_WEEKS)},
      sum(recent) as completed, median({_recent(days)}) as completed_median_days,
      br_quantile({_recent(days)}, 0.92) as completed_p92_days,
      sum(case when recent = 1 and due_date is not null then 1 else 0 end) as completed_with_limit,
      sum(case when recent = 1 and clock = 'stopped_within' then 1 else 0 end) as completed_within,
      case when min(stop_date) <= br_add_days(date '{as_of}', -{RECENT_DAYS - 1})
        then cast(sum(running) as double) * {RECENT_DAYS // WEEK_DAYS} / nullif(sum(recent), 0) end as clearance_weeks,
      min(stop_date) as known_since_date
    from (
      select kind, backlog, person_id, elapsed_days, due_date, clock, stop_date, {organisation} as organisation,
        br_days(start_date, due_date) as limit_days,
        case when stop_date is null then 1 else 0 end as running,
        case when stop_date > br_add_days(date '{as_of}', -{RECENT_DAYS}) then 1 else 0 end as recent
      from person_wait) w
    group by kind, organisation
    having max(case when stop_date is null or stop_date > date '{window_start(as_of)}' then 1 else 0 end) = 1"""


def _running(column: str) -> str:
    return f"case when running = 1 then {column} end"


def _recent(column: str) -> str:
    return f"case when recent = 1 then {column} end"


def _over(weeks: int) -> str:
    counted = f"sum(case when running = 1 and elapsed_days > {weeks * WEEK_DAYS} then 1 else 0 end)"
    return f"case when kind = 'rtt' then {counted} end as over_{weeks}_weeks"


def _weeks(as_of: dt.date) -> pa.Table:
    """Each measured week, the last first, and one before them all that holds what came before."""
    back = range(MEASURED_WEEKS + 1)
    ends = [as_of - dt.timedelta(weeks=weeks) for weeks in back]
    return pa.table({"weeks_back": pa.array(back, pa.int64()), "week_end_date": pa.array(ends, pa.date32())})


def _flows(as_of: dt.date, organisation: str) -> str:
    """Additions and removals by weeks before the as-of date; those before the measured weeks all stand in one."""
    return f"""
    select kind, organisation, weeks_back, sum(added) as additions, sum(removed) as removals
    from (
      select kind, {organisation} as organisation, {_weeks_back("start_date", as_of)} as weeks_back,
        1 as added, 0 as removed
      from person_wait
      union all
      select kind, {organisation} as organisation, {_weeks_back("stop_date", as_of)} as weeks_back,
        0 as added, 1 as removed
      from person_wait where stop_date is not null) moves
    group by kind, organisation, weeks_back"""


def _weeks_back(column: str, as_of: dt.date) -> str:
    return f"least(cast(floor(br_days({column}, date '{as_of}') / {WEEK_DAYS}) as integer), {MEASURED_WEEKS})"


_SERVICE_WEEK = f"""
select kind, organisation_id, week_end_date, additions, removals, waiting,
  case when known_since_date <= br_add_days(week_end_date, -{WEEK_DAYS - 1}) then true else false end as known
from (
  select s.kind, s.organisation_id, s.known_since_date, d.week_end_date, d.weeks_back,
    coalesce(f.additions, 0) as additions, coalesce(f.removals, 0) as removals,
    sum(coalesce(f.additions, 0) - coalesce(f.removals, 0)) over (
      partition by s.kind, s.organisation_id order by d.weeks_back desc
      rows between unbounded preceding and current row) as waiting
  from service_measure s
  cross join measured_week d
  left join service_flow f on f.kind = s.kind and f.organisation = coalesce(s.organisation_id, '')
    and f.weeks_back = d.weeks_back) weeks
where weeks_back < {MEASURED_WEEKS}"""
