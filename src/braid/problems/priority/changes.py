"""Every change of rank since the run before, with its causes.

What changed of the facts is told apart from what changed of the rules: today's people are also placed under the rules
of the run before, and what still differs from then is the facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from braid.language.rule_files import RulesInvalid
from braid.problems.model import Statement
from braid.problems.priority.load import parse_rules
from braid.problems.priority.model import PriorityRules
from braid.problems.priority.rank import place_people
from braid.store.engine import Engine

EARLIER = "earlier_"
"""Prefix of `priority_rule`, `priority_rank` and `priority_reason` of the run before."""

THEN = "then_"
"""Prefix of the tables of today's people under the rules of the run before."""


def create_rank_change(
    engine: Engine, statements: Iterable[Statement], as_of: dt.date, histories: Iterable[str]
) -> None:
    """Create `rank_change`. Reads ranks, the same of the run before as `earlier_…`, and `histories` since then."""
    place_people(engine, earlier_rules(engine, statements), as_of, THEN)
    engine.create("rank_then", _together("then_priority_rank", "then_priority_reason"))
    engine.create("rank_earlier", _together("earlier_priority_rank", "earlier_priority_reason"))
    engine.create("rank_now", _together("priority_rank", "priority_reason"))
    engine.create("rank_moved", _MOVED)
    engine.create("rank_identity", _identity(histories))
    engine.create("rank_cause", " union all ".join(f"{_CAUSE.format(cause=cause)} where {when}" for cause, when in OWN))
    engine.create("rank_reason_change", _REASON_CHANGE)
    engine.create("rank_change", _RANK_CHANGE)


def earlier_rules(engine: Engine, statements: Iterable[Statement]) -> list[PriorityRules]:
    """Return the rules of the run before that can still be read; a text that no reader takes any more is left out."""
    known = {statement.problem_id: statement for statement in statements}
    found = []
    for row in engine.rows("select problem, text from earlier_priority_rule order by problem"):
        try:
            found.append(parse_rules(row["text"], "the rules of the run before", known))
        except RulesInvalid:
            continue
    return found


def _together(rank: str, reason: str) -> str:
    """Return a query of ranks with all their reasons in one text, so that two can be compared."""
    return f"""
    select r.problem, r.purpose, r.person_id, r.band_position, r.points, r.longest_since_date, r.position, w.reasons
    from {rank} r
    join (
      select problem, person_id, string_agg(reason_id, ' ' order by reason_id) as reasons
      from {reason} group by problem, person_id) w on w.problem = r.problem and w.person_id = r.person_id"""


_MOVED = """
select coalesce(n.problem, e.problem) as problem, coalesce(n.purpose, e.purpose) as purpose,
  coalesce(n.person_id, e.person_id) as person_id,
  e.position as from_position, n.position as to_position,
  e.band_position as from_band_position, n.band_position as to_band_position,
  e.points as from_points, n.points as to_points,
  case when e.person_id is null then 1 else 0 end as joined,
  case when n.person_id is null then 1 else 0 end as has_left,
  case when t.person_id is not null and t.reasons <> e.reasons then 1 else 0 end as reasons_differ,
  case when (t.person_id is null and (n.reasons <> e.reasons or n.points <> e.points))
    or t.reasons <> n.reasons or t.points <> n.points or t.band_position <> n.band_position
    then 1 else 0 end as rules_differ,
  case when coalesce(n.longest_since_date, date '9999-12-31') <> coalesce(e.longest_since_date, date '9999-12-31')
    then 1 else 0 end as longest_differs
from rank_now n
full outer join rank_earlier e on e.problem = n.problem and e.person_id = n.person_id
left join rank_then t on t.problem = n.problem and t.person_id = n.person_id
where n.person_id is null or e.person_id is null
  or n.position <> e.position or n.band_position <> e.band_position or n.points <> e.points"""


def _identity(histories: Iterable[str]) -> str:
    """Return a query of everybody whose records were joined or parted."""
    found = " union all ".join(
        f"select {column} as person_id from {history} where change in ('merged', 'split')"
        for history in histories
        for column in ("person_id", "other_person_id")
    )
    return f"select distinct person_id from ({found}) changed where person_id is not null"


_CAUSE = "select m.*, '{cause}' as cause from rank_moved m left join rank_identity i on i.person_id = m.person_id"

_STAYED = "m.joined = 0 and m.has_left = 0"
OWN = (
    ("joined", "m.joined = 1"),
    ("left", "m.has_left = 1"),
    ("identity_changed", "i.person_id is not null"),
    ("rule_changed", f"{_STAYED} and m.rules_differ = 1"),
    ("reasons_changed", f"{_STAYED} and m.reasons_differ = 1"),
    ("longest_changed", f"{_STAYED} and m.longest_differs = 1"),
    (
        "others_moved",
        f"{_STAYED} and i.person_id is null and m.rules_differ = 0 and m.reasons_differ = 0 and m.longest_differs = 0",
    ),
)
"""Each cause and when it is one; every row of `rank_moved` has at least one."""

_REASON_CHANGE = """
select problem, person_id,
  string_agg(case when was = 0 then reason_id end, ' ' order by reason_id) as gained,
  string_agg(case when holds = 0 then reason_id end, ' ' order by reason_id) as lost
from (
  select problem, person_id, reason_id, max(holds) as holds, max(was) as was from (
    select problem, person_id, reason_id, 1 as holds, 0 as was from priority_reason
    union all select problem, person_id, reason_id, 0 as holds, 1 as was from earlier_priority_reason) both_runs
  group by problem, person_id, reason_id) compared
group by problem, person_id"""

_RANK_CHANGE = """
select c.problem, c.purpose, c.person_id, c.cause, c.from_position, c.to_position, c.from_band_position,
  c.to_band_position, c.from_points, c.to_points, r.gained, r.lost
from rank_cause c join rank_reason_change r on r.problem = c.problem and r.person_id = c.person_id"""
