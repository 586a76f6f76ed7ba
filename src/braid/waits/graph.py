"""The graph of what holds up what: nodes are holders and held waits, and an edge is one blocker.

A node is a running wait, or a piece of evidence, an event or a capacity that is missing. An edge says that one wait is
held by one node. A wait that is held and holds is one node, so that what holds it holds, down the line, all that it
holds. What is missing in a case is one thing, whoever of the case waits for it: the hearing that failed holds the
proceedings of every child in it.

This is the shape of blocking reasons between schemes in the single accommodation service of HM Prison and Probation
Service, taken across departments and people.
"""

from __future__ import annotations

from braid.store.engine import Engine
from braid.waits.model import case_reference_sql, rank_sql

GRAPH_INPUT = ("person_wait", "blocker", "wait", "episode")


def create_graph(engine: Engine) -> None:
    """Create `graph_node` and `graph_edge` from the tables of `GRAPH_INPUT`.

    `graph_node`: node (a number, in order of the id), holder_id, holder_type, holder_kind, is_held, sensitivity_rank;
    of a wait its person_id, backlog, organisation_id, elapsed_days and over_days (days past a limit; 0 where the
    law sets none). What is not a wait has waited for no day. `graph_edge`: edge (a number, in order of the blocker's
    id), blocker_id, held and holder (nodes) and words (a number in `graph_words`). `graph_words`: each owner, next
    action and kind of holder that blockers name. A blocker that names one wait as both is no edge.

    The sensitivity_rank of a node is the strictest of it and of every blocker and wait up the line: whether a wait is
    freed, or what holds it longest, rests on all of these, also on those that are not the answer.
    """
    engine.create("graph_case", _CASES)
    engine.create("graph_blocker", _BLOCKERS)
    engine.create("graph_node", _NODES)
    engine.create("graph_words", _WORDS)
    engine.create("graph_edge", _EDGES)
    _spread_sensitivity(engine)


def _spread_sensitivity(engine: Engine) -> None:
    """Raise the rank of each node to the strictest up the line, until none rises; each rises three times at most."""
    engine.create("graph_raised", _RAISED_BY_BLOCKERS)
    while not is_empty(engine, "graph_raised"):
        engine.create("graph_node", _WITH_RAISED)
        engine.create("graph_raised", _RAISED)


_CASES = f"""
select p.wait_id, p.organisation_id, case when p.kind = 'crown_trial'
    then {case_reference_sql("coalesce(own.episode_ref, referral.episode_ref)")}
    else coalesce(own.episode_ref, referral.episode_ref) end as case_ref
from person_wait p
join (select distinct held_wait_id from blocker where holder_wait_id is null) b on b.held_wait_id = p.wait_id
left join wait own on own.record_id = p.case_record_id
left join episode referral on referral.record_id = p.case_record_id"""

_MISSING = """
select b.blocker_id, min(b.held_wait_id) over (partition by b.holder_type, b.holder_kind, c.organisation_id,
    coalesce(c.case_ref, ''), case when c.case_ref is null then b.held_wait_id else '' end) as first_wait_id
from blocker b join graph_case c on c.wait_id = b.held_wait_id
where b.holder_wait_id is null"""
"""What is missing has no id in any extract. It is called by the first wait of the case that it holds: a hash of the
case's own reference would tell whoever knows the reference who waits in it."""

_BLOCKERS = f"""
select b.blocker_id, b.held_wait_id, b.holder_wait_id, b.holder_type, b.holder_kind, b.owner_organisation, b.owner_role,
  b.next_action, {rank_sql("b.sensitivity")} as sensitivity_rank,
  coalesce(b.holder_wait_id, substring(br_hash(concat(b.holder_type, '|', b.holder_kind, '|', m.first_wait_id)), 1, 20))
    as holder_id
from blocker b left join ({_MISSING}) m on m.blocker_id = b.blocker_id
where b.holder_wait_id is null or b.holder_wait_id <> b.held_wait_id"""

_NODES = f"""
select row_number() over (order by holder_id) as node, n.* from (
  select p.wait_id as holder_id, 'wait' as holder_type, p.kind as holder_kind, held.wait_id is not null as is_held,
    {rank_sql("p.sensitivity")} as sensitivity_rank, p.person_id, p.backlog, p.organisation_id, p.elapsed_days,
    case when p.clock = 'past' then 0 - p.days_left else 0 end as over_days
  from person_wait p
  join (select held_wait_id as wait_id from graph_blocker
        union select holder_wait_id from graph_blocker where holder_wait_id is not null) some
    on some.wait_id = p.wait_id
  left join (select distinct held_wait_id as wait_id from graph_blocker) held on held.wait_id = p.wait_id
  union all
  select holder_id, min(holder_type), min(holder_kind), false, 0, null, null, null, 0, 0
  from graph_blocker where holder_wait_id is null group by holder_id) n"""

_WORDS = """
select row_number() over (order by owner_organisation, owner_role, next_action, holder_type, holder_kind) as words, w.*
from (select distinct owner_organisation, owner_role, next_action, holder_type, holder_kind from graph_blocker) w"""

_EDGES = """
select row_number() over (order by b.blocker_id) as edge, b.blocker_id, held.node as held, holder.node as holder,
  w.words, b.sensitivity_rank
from graph_blocker b
join graph_node held on held.holder_id = b.held_wait_id
join graph_node holder on holder.holder_id = b.holder_id
join graph_words w on w.owner_organisation = b.owner_organisation and w.owner_role = b.owner_role
  and w.next_action = b.next_action and w.holder_type = b.holder_type and w.holder_kind = b.holder_kind"""


_RAISED_BY_BLOCKERS = """
select e.held as node, max(greatest(e.sensitivity_rank, h.sensitivity_rank)) as sensitivity_rank
from graph_edge e join graph_node h on h.node = e.holder join graph_node n on n.node = e.held
where greatest(e.sensitivity_rank, h.sensitivity_rank) > n.sensitivity_rank group by e.held"""

_RAISED = """
select e.held as node, max(r.sensitivity_rank) as sensitivity_rank
from graph_raised r join graph_edge e on e.holder = r.node join graph_node n on n.node = e.held
where r.sensitivity_rank > n.sensitivity_rank group by e.held"""

_WITH_RAISED = """
select n.node, n.holder_id, n.holder_type, n.holder_kind, n.is_held,
  greatest(n.sensitivity_rank, coalesce(r.sensitivity_rank, 0)) as sensitivity_rank,
  n.person_id, n.backlog, n.organisation_id, n.elapsed_days, n.over_days
from graph_node n left join graph_raised r on r.node = n.node"""


def is_empty(engine: Engine, table: str) -> bool:
    """Return whether a table of the engine has no row."""
    return count(engine, table) == 0


def count(engine: Engine, table: str) -> int:
    """Return the number of rows of a table of the engine."""
    rows: int = engine.rows(f"select count(*) as n from {table}")[0]["n"]
    return rows
