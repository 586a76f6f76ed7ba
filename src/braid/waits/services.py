"""The services: how big each queue is, what comes in and goes out week by week, and how long people wait.

A service is a kind of wait at one provider; the whole place is measured as one too, its provider empty. A wait counts
once for each person who waits: a care case of two children, or a trial that a victim waits for, counts for each.

Whoever starts on a day waits at its end, whoever stops on it does not. So the size at the end of a week is the size at
the end of the week before, plus additions, less removals; whoever comes and goes in one week is in both.

Extracts show whoever waits now, and whose wait ended from some day on. Of the time before that day only the waits that
lasted beyond it are known, so queues seem shorter and nobody seems to leave. `known` says which weeks are not so.

Everything is reckoned from the tallies (`braid.waits.tallies`), percentiles by `braid.waits.quantiles`.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from braid.store.engine import Engine
from braid.waits.model import LONG_WEEKS, MEASURED_WEEKS, RECENT_DAYS, WEEK_DAYS
from braid.waits.quantiles import quantiles_sql
from braid.waits.tallies import window_start

WHOLE_PLACE = "cast('' as varchar)"
PROVIDER = "organisation_id"
"""The two levels at which services are measured, as what stands for the provider."""


def create_service_measure(engine: Engine, as_of: dt.date) -> None:
    """Create `service_measure` from the tallies: services with a wait that is open or ended in the last 52 weeks."""
    engine.create("service_scope", f"{_scope(as_of, PROVIDER)} union all {_scope(as_of, WHOLE_PLACE)}")
    engine.create("service_measure", _measures(as_of))


def create_service_week(engine: Engine, as_of: dt.date) -> None:
    """Create `service_week` from the tallies: 52 weeks of each service of `service_measure`, quiet weeks too."""
    engine.load_arrow("measured_week", _weeks(as_of))
    engine.create("service_flow", f"{_flows(as_of, PROVIDER)} union all {_flows(as_of, WHOLE_PLACE)}")
    engine.create("service_week", _SERVICE_WEEK)


def _scope(as_of: dt.date, organisation: str) -> str:
    recent = f"stop_date > br_add_days(date '{as_of}', -{RECENT_DAYS})"
    return f"""
    select kind, backlog, {organisation} as organisation, due_date, clock, stop_date, waits,
      br_days(start_date, due_date) as limit_days,
      case when stop_date is null then br_days(start_date, date '{as_of}') end as running_days,
      case when {recent} then br_days(start_date, stop_date) end as recent_days,
      case when stop_date is null then waits else 0 end as running,
      case when {recent} then waits else 0 end as recent
    from wait_tally"""


_SERVICE = ("kind", "organisation")


def _of_service(amount: str, where: str = "true") -> str:
    return f"select kind, organisation, {amount} as amount, waits from service_scope where {where}"


_OPEN = quantiles_sql(_of_service("running_days"), _SERVICE, {"median_days": 0.5, "p92_days": 0.92})
_COMPLETED = quantiles_sql(_of_service("recent_days"), _SERVICE, {"median_days": 0.5, "p92_days": 0.92})
_LIMIT = quantiles_sql(_of_service("limit_days", "running + recent > 0"), _SERVICE, {"limit_days": 0.5})


def _measures(as_of: dt.date) -> str:
    """Return the query of the measures of all services, from `service_scope` and `people_tally`."""
    counts = ", ".join(f"over_{weeks}_weeks" for weeks in LONG_WEEKS)
    same = "{0}.kind = m.kind and {0}.organisation = m.organisation"
    return f"""
    select m.kind, m.backlog, nullif(m.organisation, '') as organisation_id, m.waiting,
      coalesce(p.people, 0) as people_waiting, m.open_mean_days, o.median_days as open_median_days,
      o.p92_days as open_p92_days, m.with_limit, m.within_limit, l.limit_days, {counts}, m.completed,
      c.median_days as completed_median_days, c.p92_days as completed_p92_days, m.completed_with_limit,
      m.completed_within, m.clearance_weeks, m.known_since_date
    from ({_sums(as_of)}) m
    left join ({_OPEN}) o on {same.format("o")}
    left join ({_COMPLETED}) c on {same.format("c")}
    left join ({_LIMIT}) l on {same.format("l")}
    left join people_tally p on p.counted = 'service' and p.kind = m.kind
      and coalesce(p.organisation_id, '') = m.organisation"""


def _sums(as_of: dt.date) -> str:
    return f"""
    select kind, organisation, any_value(backlog) as backlog, sum(running) as waiting,
      cast(sum(running_days * waits) as double) / nullif(sum(running), 0) as open_mean_days,
      sum(case when due_date is not null then running else 0 end) as with_limit,
      sum(case when clock = 'within' then waits else 0 end) as within_limit,
      {", ".join(_over(weeks) for weeks in LONG_WEEKS)},
      sum(recent) as completed,
      sum(case when due_date is not null then recent else 0 end) as completed_with_limit,
      sum(case when clock = 'stopped_within' then recent else 0 end) as completed_within,
      case when min(stop_date) <= br_add_days(date '{as_of}', -{RECENT_DAYS - 1})
        then cast(sum(running) as double) * {RECENT_DAYS // WEEK_DAYS} / nullif(sum(recent), 0) end as clearance_weeks,
      min(stop_date) as known_since_date
    from service_scope
    group by kind, organisation
    having max(case when stop_date is null or stop_date > date '{window_start(as_of)}' then 1 else 0 end) = 1"""


def _over(weeks: int) -> str:
    counted = f"sum(case when running_days > {weeks * WEEK_DAYS} then waits else 0 end)"
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
        waits as added, 0 as removed
      from wait_tally
      union all
      select kind, {organisation} as organisation, {_weeks_back("stop_date", as_of)} as weeks_back,
        0 as added, waits as removed
      from wait_tally where stop_date is not null) moves
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
