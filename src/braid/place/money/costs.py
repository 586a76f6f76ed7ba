"""What somebody's services cost each payer in each month: unit costs over the stays, episodes, events and waits of a
run.

Portable SQL on any engine, in whole pence and exact. A unit of a day counts the days on which something lasted, its
last day not among them, as stays are counted by nights; one that begins and ends on a day counts that day. A unit each
counts on the day it begins. A week of waiting is seven days of it: of each wait the pence of all days so far are
rounded down once, so that months add up to what the wait cost in all. Something without a first day is left out, and
counted as left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa

from braid.place.money.periods import next_month
from braid.place.money.unit_costs import UnitCost
from braid.store.engine import Engine

NEEDED = ("person_link", "person_wait", "stay", "episode", "event")
"""The tables of a run that costs are reckoned over."""
DAYS_A_WEEK = 7


def create_person_cost(engine: Engine, costs: Sequence[UnitCost], first: dt.date, until: dt.date) -> None:
    """Create `person_cost`: person_id, payer, month, pence; of the months from that of `first` to before `until`.

    A row for each with any cost. What runs still counts to `until`, which is the day after the last that is known.
    """
    engine.load_arrow("unit_cost", _table_of(costs))
    engine.load_arrow("cost_month", _months(first, until))
    engine.create("cost_span", _SPANS)
    engine.create("person_cost", _COSTS)


def uncosted(engine: Engine) -> int:
    """Return how many stays, episodes and events with a unit cost have no first day and are left out."""
    sql = " union all ".join(
        f"select count(*) as n from {table} t where t.start_date is null and t.kind in"
        f" (select code from unit_cost where of_table = '{table}')"
        for table in ("stay", "episode", "event")
    )
    return sum(int(row["n"]) for row in engine.rows(sql))


def _table_of(costs: Sequence[UnitCost]) -> pa.Table:
    return pa.table(
        {
            "of_table": pa.array([cost.table for cost in costs], pa.string()),
            "code": pa.array([cost.code for cost in costs], pa.string()),
            "unit": pa.array([cost.unit for cost in costs], pa.string()),
            "payer": pa.array([cost.payer for cost in costs], pa.string()),
            "pence": pa.array([cost.pence for cost in costs], pa.int64()),
            "valid_from": pa.array([cost.valid_from for cost in costs], pa.date32()),
            "valid_to": pa.array([cost.valid_to for cost in costs], pa.date32()),
        }
    )


def _months(first: dt.date, until: dt.date) -> pa.Table:
    """Return each month with its first day and the first day after it that counts."""
    months = [first.replace(day=1)]
    while next_month(months[-1]) < until:
        months.append(next_month(months[-1]))
    ends = [min(next_month(month), until) for month in months]
    return pa.table({"month": pa.array(months, pa.date32()), "month_end": pa.array(ends, pa.date32())})


_RECORDED = """
select l.person_id, '{0}' as of_table, t.kind, t.start_date, t.{1} as end_date
  from {0} t join person_link l on l.person_record_id = t.person_record_id where t.start_date is not null"""
_SPANS = f"""
select distinct person_id, of_table, kind, start_date, end_date from (
{_RECORDED.format("stay", "end_date")}
union all {_RECORDED.format("episode", "end_date")}
union all {_RECORDED.format("event", "start_date")}
union all
select person_id, 'wait' as of_table, kind, start_date, stop_date as end_date from person_wait) told"""
"""Everything that may have a cost: whose, of which kind, from which day to which; once where two sources tell of it."""

_LASTING = """
select s.person_id, c.payer, m.month, c.unit, c.pence, s.start_date,
    greatest(s.start_date, m.month, c.valid_from) as counted_from,
    least(m.month_end, coalesce(c.valid_to, m.month_end),
      case when s.end_date is null then m.month_end
           when s.end_date <= s.start_date then br_add_days(s.start_date, 1) else s.end_date end) as counted_to,
    greatest(s.start_date, c.valid_from) as cost_from
  from cost_span s
  join unit_cost c on c.of_table = s.of_table and c.code = s.kind
  join cost_month m on s.start_date < m.month_end and (s.end_date is null or s.end_date >= m.month)"""

_COSTS = f"""
select person_id, payer, month, cast(sum(cost) as bigint) as pence from (
  select person_id, payer, month,
    case
      when unit = 'each' then case when start_date = counted_from and counted_from < counted_to then pence else 0 end
      when counted_from >= counted_to then 0
      when unit = 'day' then pence * br_days(counted_from, counted_to)
      else cast(floor(cast(pence * br_days(cost_from, counted_to) as double) / {DAYS_A_WEEK}) as bigint)
        - cast(floor(cast(pence * br_days(cost_from, counted_from) as double) / {DAYS_A_WEEK}) as bigint)
    end as cost
  from ({_LASTING}) lasting) costed
where cost > 0 group by person_id, payer, month"""
