"""What one thing, action, team or resource holds up, and what it alone would free.

An **agent** is whatever lifts some blockers at once: one holder that goes away (all blockers it holds by), every use of
one action on one kind of holder, everything that is one team's move, everything that one resource holds. Two figures
of an agent are kept apart:

* it **holds** a wait whose blocker it lifts, and every wait that is held by a wait it holds;
* it alone **frees** a wait if everything that holds the wait would be gone: each of its blockers is one that the agent
  lifts, or is held by a wait that the agent frees. A wait that is free is taken to end in its turn.

A wait with two blockers is therefore not freed by lifting one. Waits in a deadlock keep each other and are freed by
none of what holds them from outside. A holder that is a wait does not count itself.

Frees is the least set with this property, reached in rounds: what is free at once, then what that frees. Each round is
a query over all agents, so the number of queries is the length of the longest chain and not the number of people.
"""

from __future__ import annotations

from braid.store.engine import Engine
from braid.waits.graph import is_empty
from braid.waits.model import code_sql


def create_unblock(engine: Engine) -> None:
    """Create `unblock_pair`, `unblock_agent` and `unblock_wait` from the graph.

    `unblock_pair`: agent, node (a wait that the agent holds), steps (fewest blockers between the two, counted from the
    blocker that the agent lifts) and is_freed. The number of a holder as agent is its node's; the other
    agents follow, and stand in `unblock_agent` with their scope, owner, action and kind of holder.
    """
    engine.create("unblock_agent", _AGENTS)
    engine.create("unblock_lift", _LIFTS)
    _reach(engine)
    _free(engine)
    engine.create("unblock_pair", _PAIRS)
    engine.create("unblock_wait", _UNBLOCK_WAIT)


_AGENTS = """
select row_number() over (order by scope, owner_organisation, owner_role, next_action, holder_type, holder_kind)
  + (select coalesce(max(node), 0) from graph_node) as agent, a.*
from (
  select 'action' as scope, owner_organisation, owner_role, next_action, holder_type, holder_kind from graph_words
  union all
  select distinct 'team', owner_organisation, owner_role, cast(null as varchar), cast(null as varchar),
    cast(null as varchar) from graph_words
  union all
  select distinct 'resource', cast(null as varchar), cast(null as varchar), cast(null as varchar), holder_type,
    holder_kind from graph_words) a"""

_AGENT_WORDS = """
select a.agent, w.words from unblock_agent a join graph_words w
  on (a.owner_role is null or (a.owner_organisation = w.owner_organisation and a.owner_role = w.owner_role))
  and (a.next_action is null or a.next_action = w.next_action)
  and (a.holder_type is null or (a.holder_type = w.holder_type and a.holder_kind = w.holder_kind))"""

_LIFTS = f"""
select holder as agent, edge, held from graph_edge
union all
select a.agent, e.edge, e.held from graph_edge e join ({_AGENT_WORDS}) a on a.words = e.words"""


def _reach(engine: Engine) -> None:
    """Create `unblock_reach`: agent, node, steps; one row for each wait that an agent holds."""
    engine.create("unblock_frontier", _FIRST)
    engine.create("unblock_reach", "select * from unblock_frontier")
    while not is_empty(engine, "unblock_frontier"):
        engine.create("unblock_frontier", _FURTHER)
        engine.create("unblock_reach", "select * from unblock_reach union all select * from unblock_frontier")


_FIRST = """
select distinct agent, held as node, 1 as steps from unblock_lift"""

_FURTHER = """
select distinct f.agent, e.held as node, f.steps + 1 as steps
from unblock_frontier f join graph_edge e on e.holder = f.node
where e.held <> f.agent
  and not exists (select 1 from unblock_reach r where r.agent = f.agent and r.node = e.held)"""


def _free(engine: Engine) -> None:
    """Create `unblock_freed`: agent, node; one row for each wait that an agent alone frees."""
    engine.create("unblock_left", _LEFT)
    engine.create("unblock_frontier", "select agent, node from unblock_left where blockers = 0")
    engine.create("unblock_freed", "select * from unblock_frontier")
    engine.create("unblock_left", "select * from unblock_left where blockers > 0")
    while not is_empty(engine, "unblock_frontier"):
        engine.create("unblock_left", _LESS)
        engine.create("unblock_frontier", "select agent, node from unblock_left where blockers = 0")
        engine.create("unblock_freed", "select * from unblock_freed union all select * from unblock_frontier")
        engine.create("unblock_left", "select * from unblock_left where blockers > 0")


_LEFT = """
select r.agent, r.node, i.blockers - coalesce(l.blockers, 0) as blockers
from unblock_reach r
join (select held, count(*) as blockers from graph_edge group by held) i on i.held = r.node
left join (select agent, held, count(*) as blockers from unblock_lift group by agent, held) l
  on l.agent = r.agent and l.held = r.node"""
"""How many blockers of each wait that an agent holds are not lifted by it."""

_LESS = """
select w.agent, w.node, w.blockers - coalesce(c.blockers, 0) as blockers
from unblock_left w left join (
  select f.agent, e.held, count(*) as blockers
  from unblock_frontier f join graph_edge e on e.holder = f.node
  where not exists (select 1 from unblock_lift l where l.agent = f.agent and l.edge = e.edge)
  group by f.agent, e.held) c on c.agent = w.agent and c.held = w.node"""
"""The same after the waits of the last round ended. A blocker that the agent lifts itself was counted before."""

_PAIRS = """
select r.agent, r.node, r.steps, f.node is not null as is_freed
from unblock_reach r left join unblock_freed f on f.agent = r.agent and f.node = r.node"""

_UNBLOCK_WAIT = f"""
select h.holder_id, w.holder_id as wait_id, w.person_id, p.steps, p.is_freed,
  {code_sql("w.sensitivity_rank")} as sensitivity
from unblock_pair p join graph_node h on h.node = p.agent join graph_node w on w.node = p.node"""
