"""The critical path of each person, and the root blocker: the one holder that frees most of their waits.

**Chain.** A chain ends in a held wait of the person. What holds that wait is the step before, what holds that is the
step before that, and so on through waits of other people of the case too, to where the chain **begins**: at a holder
that nothing holds, or at the first wait of a deadlock that it comes to. A chain goes no further into a deadlock, since
its waits have no order: the deadlock as a whole is what the chain begins with. A wait in a deadlock is thus a chain of
its own, of no step.

**Weight.** Nobody knows how long a wait will still take, and Braid does not guess. A chain weighs the days that its
waits have waited so far, added up. The waits ran side by side, so the sum is no time by the calendar: it says how much
waiting must come to its end, one wait after another, before the last can. What is no wait (evidence, an event, a
capacity) weighs nothing. Waits without a limit in law have no day over it.

**Critical path.** Of all chains that end in a wait of the person, the one that weighs most days; of these, the one with
most days past limits; of these, with most steps; of these, the first by the id of the wait it ends in, and then by the
ids of its blockers from the end.

**Root blocker.** Of all holders of the person's waits, direct or not, the one that alone frees most of the person's
waits (`braid.waits.unblock`); of these, the one whose freed waits waited most days, then were most days past limits; of
these, the one that holds most of the person's waits; then one that nothing holds; then the first by id. It need not lie
on the critical path. It may free none: then no single call does, and `root_freed_waits` says so.

This is the longest path through a network of precedences, as in the critical path method (Kelley and Walker,
Critical-path planning and scheduling, 1959), with time waited in place of time planned.
"""

from __future__ import annotations

from braid.store.engine import Engine
from braid.waits.graph import is_empty
from braid.waits.model import code_sql
from braid.waits.passing_days import PASSED_IN_DAYS, first_values


def create_person_path(engine: Engine) -> None:
    """Create `person_path` and `path_step` from the graph, `graph_deadlock` and `unblock_pair`.

    A wait is weighed once all that holds it is: outside deadlocks nothing holds itself up, so each round weighs some
    until none is left, and the rounds are as many as the longest chain has steps.
    """
    engine.create("path_best", _BEGINNINGS)
    engine.create("path_edge", _OUTSIDE_DEADLOCKS)
    engine.create("path_next", _NEXT)
    while not is_empty(engine, "path_next"):
        engine.create("path_best", "select * from path_best union all select * from path_next")
        engine.create("path_edge", _NOT_YET)
        engine.create("path_next", _NEXT)
    engine.create("path_end", _ENDS)
    _walk_back(engine)
    engine.create("path_root", _ROOTS)
    engine.create("path_step", _STEPS)
    engine.create("person_path", _PERSON_PATH)


_HEAVIEST = "b.days desc, b.over_days desc, b.steps desc"

_BEGINNINGS = """
select n.node, n.elapsed_days as days, n.over_days, case when n.holder_type = 'wait' then 1 else 0 end as waits,
  case when n.over_days > 0 then 1 else 0 end as waits_over, 0 as steps, cast(null as bigint) as edge, n.node as begins,
  cast(null as bigint) as stands_days
from graph_node n left join graph_deadlock d on d.node = n.node
where not n.is_held or d.node is not null"""
"""`path_best`: of the chains that end in a node, the heaviest: its weight, its last blocker and where it begins."""

_OUTSIDE_DEADLOCKS = """
select e.edge, e.held, e.holder from graph_edge e
where not exists (select 1 from graph_deadlock d where d.node = e.held)"""

_NEXT = f"""
select r.held as node, n.elapsed_days + r.days as days, n.over_days + r.over_days as over_days, r.waits + 1 as waits,
  r.waits_over + case when n.over_days > 0 then 1 else 0 end as waits_over, r.steps + 1 as steps, r.edge, r.begins,
  r.stands_days
from (
  select held, edge, days, over_days, waits, waits_over, steps, begins, holders, weighed, place,
    min(least(stands_days, {PASSED_IN_DAYS})) over (partition by held) as stands_days
  from (
    select e.held, e.edge, b.days, b.over_days, b.waits, b.waits_over, b.steps, b.begins, b.stands_days,
      count(*) over (partition by e.held) as holders, count(b.node) over (partition by e.held) as weighed,
      row_number() over (partition by e.held order by {_HEAVIEST}, e.edge) as place,
      {first_values("b", f"partition by e.held order by {_HEAVIEST}, e.edge")}
    from path_edge e left join path_best b on b.node = e.holder) chosen) r
join graph_node n on n.node = r.held
where r.place = 1 and r.holders = r.weighed"""

_NOT_YET = """
select e.edge, e.held, e.holder from path_edge e
where not exists (select 1 from path_next b where b.node = e.held)"""

_ENDS = f"""
select person_id, node, days, over_days, waits_over, steps, begins, stands_days, held_waits, sensitivity_rank from (
  select person_id, node, days, over_days, waits_over, steps, begins, held_waits, sensitivity_rank, place,
    min(least(stands_days, {PASSED_IN_DAYS})) over (partition by person_id) as stands_days
  from (
    select n.person_id, b.node, b.days, b.over_days, b.waits, b.waits_over, b.steps, b.begins, b.stands_days,
      count(*) over (partition by n.person_id) as held_waits,
      max(n.sensitivity_rank) over (partition by n.person_id) as sensitivity_rank,
      row_number() over (partition by n.person_id order by {_HEAVIEST}, b.node) as place,
      {first_values("b", f"partition by n.person_id order by {_HEAVIEST}, b.node")}
    from path_best b join graph_node n on n.node = b.node where n.is_held) chosen) ranked
where place = 1"""


def _walk_back(engine: Engine) -> None:
    """Create `path_walk` (person_id, position, edge, node: what holds) by following each path from its end."""
    engine.create("path_here", "select person_id, 0 as position, cast(null as bigint) as edge, node from path_end")
    engine.create("path_walk", "select * from path_here")
    while not is_empty(engine, "path_here"):
        engine.create("path_here", _STEP_BACK)
        engine.create("path_walk", "select * from path_walk union all select * from path_here")


_STEP_BACK = """
select h.person_id, h.position + 1 as position, b.edge, e.holder as node
from path_here h join path_best b on b.node = h.node join graph_edge e on e.edge = b.edge"""

_STEPS = """
select w.person_id, w.position, e.blocker_id from path_walk w join graph_edge e on e.edge = w.edge"""

_ROOT_ORDER = """r.freed_waits desc, r.freed_days desc, r.freed_days_over desc, r.held_waits desc,
  case when h.is_held then 1 else 0 end, r.root"""
_ROOTS = f"""
select person_id, root, held_waits, freed_waits, stands_days from (
  select person_id, root, held_waits, freed_waits, place,
    min({PASSED_IN_DAYS}) over (partition by person_id) as stands_days
  from (
    select person_id, root, held_waits, freed_waits, place, freed_waits as waits, freed_days as days,
      freed_days_over as over_days, freed_waits_over as waits_over, first_waits, first_days, first_over_days,
      first_waits_over
    from (
      select r.*, row_number() over ({{whose}}) as place, first_value(r.freed_waits) over ({{whose}}) as first_waits,
        first_value(r.freed_days) over ({{whose}}) as first_days,
        first_value(r.freed_days_over) over ({{whose}}) as first_over_days,
        first_value(r.freed_waits_over) over ({{whose}}) as first_waits_over
      from (
        select n.person_id, p.agent as root, count(*) as held_waits,
          sum(case when p.is_freed then 1 else 0 end) as freed_waits,
          sum(case when p.is_freed then n.elapsed_days else 0 end) as freed_days,
          sum(case when p.is_freed then n.over_days else 0 end) as freed_days_over,
          sum(case when p.is_freed and n.over_days > 0 then 1 else 0 end) as freed_waits_over
        from unblock_pair p join graph_node n on n.node = p.node group by n.person_id, p.agent) r
      join graph_node h on h.node = r.root) named
    where freed_waits = first_waits) alike) ranked
where place = 1""".replace("{whose}", f"partition by r.person_id order by {_ROOT_ORDER}")
"""A holder that frees fewer waits never comes first by the passing of days, so only those that free as many compete."""

_PERSON_PATH = f"""
select p.person_id, p.held_waits, e.holder_id as end_wait_id, p.steps, p.days as path_days,
  p.over_days as path_days_over, p.waits_over as path_waits_over, least(p.stands_days, r.stands_days) as stands_days,
  b.holder_id as begin_holder_id, b.holder_type as begin_holder_type,
  b.holder_kind as begin_holder_kind, d.deadlock_id,
  h.holder_id as root_holder_id, h.holder_type as root_holder_type, h.holder_kind as root_holder_kind,
  r.held_waits as root_held_waits, r.freed_waits as root_freed_waits,
  {code_sql("p.sensitivity_rank")} as sensitivity
from path_end p
join graph_node e on e.node = p.node
join graph_node b on b.node = p.begins
left join graph_deadlock d on d.node = p.begins
join path_root r on r.person_id = p.person_id
join graph_node h on h.node = r.root"""
