"""Deadlocks: services that wait for each other, so that none of the waits can end first.

A deadlock is a strongly connected component of more than one wait: each holds up each other one, directly or down the
line, be it of one person or across the people of a case. Nothing outside can free it: whatever else ends, its waits
still hold each other. The way out is inside, one of its own blockers.
"""

from __future__ import annotations

import pyarrow as pa

from braid.language.records import record_id
from braid.store.engine import Engine
from braid.waits.components import components
from braid.waits.graph import count
from braid.waits.model import code_sql


def create_deadlock(engine: Engine) -> None:
    """Create `deadlock` and `deadlock_blocker`, and `graph_deadlock` (node, deadlock_id), from the graph and `blocker`.

    What holds nothing or is held by nothing is on no cycle: it is taken off until nothing more comes off. Only what
    is left, the waits on a cycle and between two, leaves the engine; with the rules that ship that is nothing.
    """
    engine.create("graph_loop", _BETWEEN_WAITS)
    before = -1
    while before != (left := count(engine, "graph_loop")):
        before = left
        engine.create("graph_loop", _HELD_AND_HOLDING)
    engine.load_arrow("graph_deadlock", _deadlocks(engine))
    engine.create("deadlock_blocker", _DEADLOCK_BLOCKER)
    engine.create("deadlock", _DEADLOCK)


_BETWEEN_WAITS = """
select distinct e.held, e.holder from graph_edge e join graph_node n on n.node = e.holder
where n.holder_type = 'wait'"""

_HELD_AND_HOLDING = """
select l.held, l.holder from graph_loop l
where exists (select 1 from graph_loop a where a.held = l.holder)
  and exists (select 1 from graph_loop b where b.holder = l.held)"""


def _deadlocks(engine: Engine) -> pa.Table:
    loop = engine.arrow("select held, holder from graph_loop")
    groups = components(zip(loop.column("held").to_pylist(), loop.column("holder").to_pylist(), strict=True))
    ids = engine.arrow(
        "select node, holder_id from graph_node n where exists (select 1 from graph_loop l where l.held = n.node)"
    )
    wait_of = dict(zip(ids.column("node").to_pylist(), ids.column("holder_id").to_pylist(), strict=True))
    names = [record_id("braid", "deadlock", *sorted(wait_of[node] for node in group)) for group in groups]
    return pa.table(
        {
            "node": pa.array([node for group in groups for node in group], pa.int64()),
            "deadlock_id": pa.array(
                [name for name, group in zip(names, groups, strict=True) for _ in group], pa.string()
            ),
        }
    )


_DEADLOCK_BLOCKER = """
select d.deadlock_id, b.blocker_id, b.rule_id, b.person_id, b.held_wait_id, b.holder_wait_id
from graph_edge e
join graph_deadlock d on d.node = e.held
join graph_deadlock o on o.node = e.holder and o.deadlock_id = d.deadlock_id
join blocker b on b.blocker_id = e.blocker_id"""


def _listed(column: str, source: str) -> str:
    return f"""select deadlock_id, string_agg({column}, ' ' order by {column}) as words
      from (select distinct deadlock_id, {column} from {source}) s group by deadlock_id"""


_IN_IT = "(select d.deadlock_id, n.* from graph_deadlock d join graph_node n on n.node = d.node)"

_DEADLOCK = f"""
select d.deadlock_id, d.wait_count, d.person_count, o.words as organisations, k.words as kinds, r.words as rules,
  d.total_days, d.waits_over, d.total_days_over, {code_sql("d.sensitivity_rank")} as sensitivity
from (
  select deadlock_id, count(*) as wait_count, count(distinct person_id) as person_count,
    sum(elapsed_days) as total_days, sum(over_days) as total_days_over,
    sum(case when over_days > 0 then 1 else 0 end) as waits_over, max(sensitivity_rank) as sensitivity_rank
  from {_IN_IT} i group by deadlock_id) d
join ({_listed("organisation_id", _IN_IT)}) o on o.deadlock_id = d.deadlock_id
join ({_listed("holder_kind", _IN_IT)}) k on k.deadlock_id = d.deadlock_id
join ({_listed("rule_id", "deadlock_blocker")}) r on r.deadlock_id = d.deadlock_id"""
