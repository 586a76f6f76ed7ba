"""Whom to ring first: each thing that holds waits up, and the actions, teams and resources of the whole place.

What frees most comes first: waits, then weeks waited, then weeks past a limit; where these are equal, what holds most
waits and weeks; then the id, so that the order is the same whenever the findings are.
"""

from __future__ import annotations

from braid.store.engine import Engine
from braid.waits.model import code_sql


def create_unblock_action(engine: Engine) -> None:
    """Create `unblock_action`, one row a holder, from the graph, `unblock_pair` and `graph_deadlock`.

    Several rules may name several actions on one holder. The one shown is that by which it holds most waits directly,
    then the one whose waits waited longest, then the first in the order of the words; `blocker` has them all.
    """
    engine.create("unblock_effect", _effects("p.agent", _OF_HOLDERS))
    engine.create("unblock_first_words", _FIRST_WORDS)
    engine.create("unblock_action", _UNBLOCK_ACTION)


def create_unblock_measure(engine: Engine) -> None:
    """Create `unblock_measure` from `unblock_pair` and `unblock_agent`: by backlog, and over all (backlog empty).

    Counts rest on every wait, also those of protected people, and name nobody; a page that shows them suppresses.
    """
    engine.create("unblock_in_all", _effects("p.agent", _OF_OTHERS))
    engine.create("unblock_by_backlog", _effects("p.agent, n.backlog", _OF_OTHERS))
    engine.create("unblock_effect", _BOTH)
    engine.create("unblock_measure", _UNBLOCK_MEASURE)


_OF_HOLDERS = "join graph_node h on h.node = p.agent"
_OF_OTHERS = "join unblock_agent a on a.agent = p.agent"


def _effects(group: str, agents: str) -> str:
    """Return the query of what agents hold and free; each column counts waits, people or calendar days."""
    return f"""
    select {group}, count(*) as held_waits, count(distinct n.person_id) as held_people,
      sum(n.elapsed_days) as held_days, sum(n.over_days) as held_days_over,
      sum(case when n.over_days > 0 then 1 else 0 end) as held_waits_over,
      sum(case when p.is_freed then 1 else 0 end) as freed_waits,
      count(distinct case when p.is_freed then n.person_id end) as freed_people,
      sum(case when p.is_freed then n.elapsed_days else 0 end) as freed_days,
      sum(case when p.is_freed then n.over_days else 0 end) as freed_days_over,
      sum(case when p.is_freed and n.over_days > 0 then 1 else 0 end) as freed_waits_over,
      max(n.sensitivity_rank) as sensitivity_rank
    from unblock_pair p {agents} join graph_node n on n.node = p.node
    group by {group}"""


_DAYS = """held_waits, held_people, held_days, held_days_over, held_waits_over, freed_waits, freed_people, freed_days,
  freed_days_over, freed_waits_over"""
_BOTH = f"""
select agent, backlog, {_DAYS} from unblock_by_backlog
union all select agent, cast(null as varchar) as backlog, {_DAYS} from unblock_in_all"""


def _weeks(name: str) -> str:
    """Return a sum of days as weeks: the sum is whole, so that the order of adding changes nothing."""
    return f"cast({name.replace('weeks', 'days')} as double) / 7 as {name}"


_COLUMNS = f"""held_waits, held_people, {_weeks("held_weeks")}, held_waits_over, {_weeks("held_weeks_over")},
  freed_waits, freed_people, {_weeks("freed_weeks")}, freed_waits_over, {_weeks("freed_weeks_over")}"""
_ORDER = "freed_waits desc, freed_days desc, freed_days_over desc, held_waits desc, held_days desc"

_FIRST_WORDS = """
select agent, words, action_count from (
  select agent, words, count(*) over (partition by agent) as action_count,
    row_number() over (partition by agent order by waits desc, days desc, words) as place
  from (
    select h.agent, h.words, count(*) as waits, sum(n.elapsed_days) as days
    from (select distinct holder as agent, words, held from graph_edge) h join graph_node n on n.node = h.held
    group by h.agent, h.words) w) ranked
where place = 1"""

_UNBLOCK_ACTION = f"""
select h.holder_id, h.holder_type, h.holder_kind, h.person_id as holder_person_id, h.is_held, d.deadlock_id,
  w.owner_organisation, w.owner_role, w.next_action, f.action_count, b.waits as held_directly, {_COLUMNS},
  row_number() over (order by {_ORDER}, h.holder_id) as position,
  {code_sql("greatest(e.sensitivity_rank, h.sensitivity_rank)")} as sensitivity
from unblock_effect e
join graph_node h on h.node = e.agent
join unblock_first_words f on f.agent = e.agent
join graph_words w on w.words = f.words
join (select holder, count(distinct held) as waits from graph_edge group by holder) b on b.holder = e.agent
left join graph_deadlock d on d.node = e.agent"""

_UNBLOCK_MEASURE = f"""
select unblock_id, scope, backlog, owner_organisation, owner_role, next_action, holder_type, holder_kind, holders,
  {_COLUMNS},
  row_number() over (partition by scope, backlog order by {_ORDER}, unblock_id) as position
from (
  select substring(br_hash(concat(a.scope, '|', coalesce(a.owner_organisation, ''), '|', coalesce(a.owner_role, ''),
      '|', coalesce(a.next_action, ''), '|', coalesce(a.holder_type, ''), '|', coalesce(a.holder_kind, ''))), 1, 20)
    as unblock_id, a.*, h.holders, e.backlog, e.held_waits, e.held_people, e.held_days, e.held_days_over,
    e.held_waits_over, e.freed_waits, e.freed_people, e.freed_days, e.freed_days_over, e.freed_waits_over
  from unblock_effect e join unblock_agent a on a.agent = e.agent
  join (select l.agent, count(distinct g.holder) as holders
        from unblock_lift l join graph_edge g on g.edge = l.edge group by l.agent) h on h.agent = e.agent) u"""
