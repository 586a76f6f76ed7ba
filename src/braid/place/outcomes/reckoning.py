"""Outcomes as portable queries: tables of a run in, `outcome_count` out.

Each outcome says what is observed; an observation is of one person on one day. It counts in the period that it falls
into, in its person's district and in the whole place. Protected people count in the whole place alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import pyarrow as pa

from braid.language.outcome_findings import OUTCOME_COUNT
from braid.place.outcomes.conditions import candidates_sql, cohort_predicate, create_held
from braid.place.outcomes.intervals import median_rank
from braid.place.outcomes.known import find_first_days, is_known
from braid.place.outcomes.model import Measure, Met, Outcome
from braid.place.outcomes.periods import Period, periods_before
from braid.problems.model import Cohort
from braid.store.engine import Engine
from braid.waits.model import quoted
from braid.waits.quantiles import quantiles_sql
from braid.waits.tallies import DISTRICTS

COUNTED, PER = "counted", "per"
GROUP = ("outcome_id", "period_end_date", "district")
_NO_DAYS = "cast(null as integer)"


def create_outcome_count(engine: Engine, outcomes: Sequence[Outcome], as_of: dt.date, districts: Sequence[str]) -> None:
    """Create `outcome_count`: each outcome in each period that is over, by district and for the whole place.

    `districts` are the codes of the place. A period in which nothing was counted is there with noughts. Reads
    person_wait, person, person_link, stay, episode, need, event and outcome.
    """
    if not outcomes:
        engine.load_rows(OUTCOME_COUNT, [])
        return
    create_held(engine)
    engine.load_arrow("outcome_period", _periods(engine, outcomes, as_of))
    engine.load_arrow("outcome_district", pa.table({"district": pa.array(["", *districts], pa.string())}))
    engine.create("outcome_observation", " union all ".join(_observations(outcomes)))
    engine.create("outcome_who", " union all ".join(_who(outcomes)))
    engine.create("outcome_row", _ROW)
    engine.create("outcome_scope", _SCOPE)
    engine.create("outcome_people", _people_met(outcomes))
    _create_ranks(engine)
    engine.create("outcome_count", _COUNT)


def _periods(engine: Engine, outcomes: Iterable[Outcome], as_of: dt.date) -> pa.Table:
    """The periods of each outcome, and whether all that it counts is known of each."""
    first = find_first_days(engine, as_of)
    rows: list[tuple[Outcome, Period, bool]] = []
    for outcome in outcomes:
        since = first.since(outcome.measure)
        found = periods_before(outcome.measure.period, as_of)
        rows += [(outcome, period, is_known(period, outcome.measure, since)) for period in found]
    return pa.table(
        {
            "outcome_id": pa.array([outcome.id for outcome, _, _ in rows], pa.string()),
            "period_start_date": pa.array([period.first for _, period, _ in rows], pa.date32()),
            "period_end_date": pa.array([period.last for _, period, _ in rows], pa.date32()),
            "known": pa.array([known for _, _, known in rows], pa.bool_()),
        }
    )


def _observations(outcomes: Iterable[Outcome]) -> Iterable[str]:
    for outcome in outcomes:
        measure = outcome.measure
        yield _filtered(outcome, COUNTED, _OBSERVED[measure.counted.of](measure), measure.counted.among)
        if measure.per is not None:
            yield _filtered(outcome, PER, _people(measure.per), measure.per)


def _filtered(outcome: Outcome, side: str, observed: str, among: Cohort | None) -> str:
    """What is observed in the outcome's periods, of whom conditions leave in on the day."""
    where = f" where {cohort_predicate(among)}" if among else ""
    source = observed.format(periods=f"(select * from outcome_period where outcome_id = '{outcome.id}')")
    return (
        f"select '{outcome.id}' as outcome_id, '{side}' as side, o.observation_id, o.person_id, o.day,"
        f" o.period_end_date, o.days, o.base_met from ({source}) o{where}"
    )


def _who(outcomes: Iterable[Outcome]) -> Iterable[str]:
    """Which observations meet what a measure asks of the person, where it asks anything."""
    columns = "select o.outcome_id, o.observation_id from outcome_observation o where o.side = 'counted' and"
    for outcome in outcomes:
        who = outcome.measure.met.who
        asked = f" and {cohort_predicate(who)}" if who else ""
        yield f"{columns} o.outcome_id = '{outcome.id}' and o.base_met = 1{asked}"


def _waits_ended(measure: Measure) -> str:
    last_day = "greatest(w.start_date, br_add_days(w.stop_date, -1))"
    return _waits(measure, "w.stop_date", last_day, "w.stop_date", "w.clock = 'stopped_within'")


def _waits_began(measure: Measure) -> str:
    return _waits(measure, "w.start_date", "w.start_date", "w.start_date", "true")


def _waits(measure: Measure, falls: str, day: str, until: str, within: str) -> str:
    days = f"br_days(w.start_date, {until})"
    return f"""
    select w.wait_id as observation_id, w.person_id, {day} as day, p.period_end_date, {days} as days,
      {_met_days(measure.met, days, within)} as base_met
    from person_wait w join {{periods}} p on {falls} between p.period_start_date and p.period_end_date
    where w.kind in ({quoted(measure.counted.kinds)}){_limited(measure.met)}"""


def _waits_open(measure: Measure) -> str:
    days = "br_days(w.start_date, p.period_end_date)"
    return f"""
    select concat(w.wait_id, '|', cast(p.period_end_date as varchar)) as observation_id, w.person_id,
      p.period_end_date as day, p.period_end_date, {days} as days,
      {_met_days(measure.met, days, "w.due_date >= p.period_end_date")} as base_met
    from person_wait w join {{periods}} p on w.start_date <= p.period_end_date
      and (w.stop_date is null or w.stop_date > p.period_end_date)
    where w.kind in ({quoted(measure.counted.kinds)}){_limited(measure.met)}"""


def _met_days(met: Met, days: str, within: str) -> str:
    parts = [within] if met.within_limit else []
    parts += [f"{days} <= {met.days_at_most}"] if met.days_at_most is not None else []
    parts += [f"{days} >= {met.days_at_least}"] if met.days_at_least is not None else []
    return f"case when {' and '.join(parts)} then 1 else 0 end" if parts else "1"


def _limited(met: Met) -> str:
    return " and w.due_date is not null" if met.within_limit else ""


def _people_counted(measure: Measure) -> str:
    assert measure.counted.among is not None
    return _people(measure.counted.among)


def _people(cohort: Cohort) -> str:
    return f"""
    select concat(c.person_id, '|', cast(p.period_end_date as varchar)) as observation_id, c.person_id,
      p.period_end_date as day, p.period_end_date, {_NO_DAYS} as days, 1 as base_met
    from (select distinct person_id from ({candidates_sql(cohort)}) everybody) c cross join {{periods}} p"""


def _events(measure: Measure) -> str:
    met = measure.met
    parts = [f"e.status in ({quoted(met.statuses)})"] if met.statuses else []
    parts += [f"e.cause_group in ({quoted(met.causes)})"] if met.causes else []
    meets = f"case when {' and '.join(parts)} then 1 else 0 end" if parts else "1"
    return f"""
    select concat(l.person_id, '|', e.kind, '|', cast(e.start_date as varchar)) as observation_id, l.person_id,
      e.start_date as day, p.period_end_date, {_NO_DAYS} as days, max({meets}) as base_met
    from event e join person_link l on l.person_record_id = e.person_record_id
    join {{periods}} p on e.start_date between p.period_start_date and p.period_end_date
    where e.kind in ({quoted(measure.counted.kinds)}) and coalesce(e.status, '') <> 'entered_in_error'
    group by l.person_id, e.kind, e.start_date, p.period_end_date"""


def _pupils(measure: Measure) -> str:
    """A pupil's sessions stand in the week that they were of: `attended/possible`."""
    met = measure.met.attended_percent
    meets = "1" if met is None else f"case when 100 * s.attended >= {met} * s.possible then 1 else 0 end"
    return f"""
    select concat(s.person_id, '|', cast(s.period_end_date as varchar)) as observation_id, s.person_id,
      s.period_end_date as day, s.period_end_date, {_NO_DAYS} as days, {meets} as base_met
    from (
      select l.person_id, p.period_end_date, sum(try_cast(split_part(r.result, '/', 1) as integer)) as attended,
        sum(try_cast(split_part(r.result, '/', 2) as integer)) as possible
      from outcome r join person_link l on l.person_record_id = r.person_record_id
      join {{periods}} p on r.result_date between p.period_start_date and p.period_end_date
      where r.measure = 'attendance:sessions'
      group by l.person_id, p.period_end_date) s
    where s.possible > 0"""


_OBSERVED = {
    "waits_ended": _waits_ended,
    "waits_began": _waits_began,
    "waits_open": _waits_open,
    "people": _people_counted,
    "events": _events,
    "pupils": _pupils,
}

_MET = """
select o.outcome_id, o.side, o.period_end_date, o.person_id, o.days,
  case when w.observation_id is not null then 1 else 0 end as met
from outcome_observation o
left join outcome_who w on w.outcome_id = o.outcome_id and w.observation_id = o.observation_id and o.side = 'counted'"""

_ROW = f"""
select m.outcome_id, m.side, m.period_end_date, m.person_id, m.days, m.met, d.district_code as district
from ({_MET}) m join ({DISTRICTS}) d on d.person_id = m.person_id where d.district_code is not null
union all
select outcome_id, side, period_end_date, person_id, days, met, '' as district from ({_MET}) m"""

_SCOPE = """
select outcome_id, side, period_end_date, district, days, count(*) as n, sum(met) as met
from outcome_row group by outcome_id, side, period_end_date, district, days"""


def _people_met(outcomes: Iterable[Outcome]) -> str:
    """How many people are behind a figure: of a rate or count those who meet it, of others all who are counted."""
    of_all = [outcome.id for outcome in outcomes if outcome.measure.figure in ("share", "median")]
    counts = f"met = 1 or outcome_id in ({quoted(tuple(of_all))})" if of_all else "met = 1"
    return f"""
    select outcome_id, period_end_date, district, count(distinct person_id) as people
    from outcome_row where side = 'counted' and ({counts}) group by outcome_id, period_end_date, district"""


_DAYS = "select outcome_id, period_end_date, district, days, n from outcome_scope where days is not null"
_MEDIANS = quantiles_sql(
    "select outcome_id, period_end_date, district, days as amount, n as waits from outcome_scope"
    " where days is not null",
    GROUP,
    {"median_days": 0.5},
)
_ENDS = f"""
select outcome_id, period_end_date, district, min(case when upto >= r.low then days end) as low_days,
  min(case when upto >= r.high then days end) as high_days
from (
  select outcome_id, period_end_date, district, days,
    sum(n) over (partition by {", ".join(GROUP)} order by days
      rows between unbounded preceding and current row) as upto,
    sum(n) over (partition by {", ".join(GROUP)}) as total
  from ({_DAYS}) d) ordered
join outcome_rank r on r.total = ordered.total
group by outcome_id, period_end_date, district"""


def _create_ranks(engine: Engine) -> None:
    """Load which ranks enclose the median of so many, for as many as there are anywhere."""
    sizes = engine.rows(
        f"select distinct total from (select sum(n) as total from ({_DAYS}) d group by {', '.join(GROUP)}) s"
    )
    totals = sorted(int(row["total"]) for row in sizes)
    ranks = [(total, median_rank(total)) for total in totals]
    enclosed = [(total, rank) for total, rank in ranks if rank]
    engine.load_arrow(
        "outcome_rank",
        pa.table(
            {
                "total": pa.array([total for total, _ in enclosed], pa.int64()),
                "low": pa.array([rank for _, rank in enclosed], pa.int64()),
                "high": pa.array([total - rank + 1 for total, rank in enclosed], pa.int64()),
            }
        ),
    )


_SUMS = """
select outcome_id, period_end_date, district, sum(case when side = 'counted' then n else 0 end) as counted,
  sum(case when side = 'per' then n else 0 end) as per,
  sum(case when side = 'counted' then met else 0 end) as met
from outcome_scope group by outcome_id, period_end_date, district"""

_OF = "{0}.outcome_id = p.outcome_id and {0}.period_end_date = p.period_end_date and {0}.district = d.district"
_RATES = "select distinct outcome_id from outcome_observation where side = 'per'"

_COUNT = f"""
select p.outcome_id, p.period_start_date, p.period_end_date, nullif(d.district, '') as district_code, p.known,
  case when r.outcome_id is null then coalesce(s.counted, 0) else coalesce(s.per, 0) end as observations,
  coalesce(s.met, 0) as met, coalesce(h.people, 0) as people, m.median_days, cast(e.low_days as double) as low_days,
  cast(e.high_days as double) as high_days
from outcome_period p cross join outcome_district d
left join ({_RATES}) r on r.outcome_id = p.outcome_id
left join ({_SUMS}) s on {_OF.format("s")}
left join outcome_people h on {_OF.format("h")}
left join ({_MEDIANS}) m on {_OF.format("m")}
left join ({_ENDS}) e on {_OF.format("e")}"""
