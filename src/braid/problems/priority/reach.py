"""Who was reached, and who never was, group by group.

A team takes up so many people at a time (`places` of the rules). Whoever stood among so many in any run is reached; the
rest never were, whether they are still placed or left unreached. What was known at the run before is carried on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from braid.language.priority_findings import PRIORITY_FAIRNESS
from braid.problems.priority.groups import GROUPS, group_sql
from braid.problems.priority.model import PriorityRules
from braid.store.engine import Engine

KEPT_DAYS = 365
"""For so many days after they left, people count among those whom the rules placed."""


def create_reach(engine: Engine, versions: Sequence[PriorityRules], as_of: dt.date) -> None:
    """Create `priority_reach` from `priority_rank` and, as `earlier_priority_reach`, what the run before knew.

    Of two people that were joined, the earlier days count; a person who was parted from another begins anew.
    """
    cases = " ".join(f"when '{rules.problem}' then {rules.places}" for rules in versions)
    places = f"case problem {cases} else 0 end" if cases else "0"
    engine.create("reach_earlier", _EARLIER)
    engine.create("reach_now", f"select problem, person_id, position <= {places} as is_reached from priority_rank")
    engine.create("priority_reach", _REACH.format(as_of=as_of, oldest=as_of - dt.timedelta(days=KEPT_DAYS)))


_EARLIER = """
select e.problem, coalesce(h.other_person_id, e.person_id) as person_id, min(e.ranked_since_date) as ranked_since_date,
  min(e.reached_date) as reached_date,
  case when count(e.left_date) = count(*) then max(e.left_date) end as left_date
from earlier_priority_reach e
left join (
  select person_id, min(other_person_id) as other_person_id from person_history where change = 'merged'
  group by person_id) h on h.person_id = e.person_id
group by e.problem, coalesce(h.other_person_id, e.person_id)"""

_REACH = """
select * from (
  select coalesce(n.problem, e.problem) as problem, coalesce(n.person_id, e.person_id) as person_id,
    coalesce(e.ranked_since_date, date '{as_of}') as ranked_since_date,
    coalesce(e.reached_date, case when n.is_reached then date '{as_of}' end) as reached_date,
    case when n.person_id is null then coalesce(e.left_date, date '{as_of}') end as left_date
  from reach_now n
  full outer join reach_earlier e on e.problem = n.problem and e.person_id = n.person_id) known
where left_date is null or left_date > date '{oldest}'"""


def create_fairness(engine: Engine, as_of: dt.date) -> None:
    """Create `priority_fairness`: exact counts, none of which may leave before disclosure control."""
    engine.create("person_in_doubt", _IN_DOUBT)
    engine.create("reach_counted", _COUNTED)
    found = [_fairness(name, as_of) for name in GROUPS]
    engine.create(PRIORITY_FAIRNESS.name, " union all ".join(found))


_IN_DOUBT = """
select distinct l.person_id from person_link l join (
  select record_a as record_id from link_proposal union all select record_b as record_id from link_proposal) p
on p.record_id = l.person_record_id"""

_COUNTED = """
select e.problem, e.person_id, case when e.reached_date is null then 0 else 1 end as reached,
  case when r.band_position = 1 then 1 else 0 end as first_band,
  case when d.person_id is null then 0 else 1 end as in_doubt
from priority_reach e
left join priority_rank r on r.problem = e.problem and r.person_id = e.person_id
left join person_in_doubt d on d.person_id = e.person_id"""


def _fairness(characteristic: str, as_of: dt.date) -> str:
    return f"""
    select c.problem, '{characteristic}' as characteristic, g.group_code, count(*) as people,
      sum(c.first_band) as first_band, sum(c.reached) as reached, sum(1 - c.reached) as never_reached,
      sum(c.in_doubt) as in_doubt
    from reach_counted c join ({group_sql(characteristic, as_of)}) g on g.person_id = c.person_id
    group by c.problem, g.group_code"""
