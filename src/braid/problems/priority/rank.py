"""Placing people by priority rules, in portable queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from braid.language.priority_findings import PRIORITY_RANK, PRIORITY_REASON, PRIORITY_RULE
from braid.problems.cohorts import condition_sql
from braid.problems.model import Cohort, Condition
from braid.problems.priority.model import PriorityRules
from braid.store.engine import Engine
from braid.trust.roles import VICTIM_RESPONSE
from braid.waits.model import quoted


def create_priority(engine: Engine, versions: Sequence[PriorityRules], as_of: dt.date) -> None:
    """Create `priority_rule`, `priority_rank` and `priority_reason` under one version a problem.

    Reads `cohort` and what its conditions read: person_wait, person, person_link, stay, episode, need, running_wait.
    """
    rules = [
        {"problem": each.problem, "holds_from_date": each.holds_from, "digest": each.digest, "text": each.text}
        for each in versions
    ]
    engine.load_rows(PRIORITY_RULE, rules)
    place_people(engine, versions, as_of)


def place_people(engine: Engine, versions: Sequence[PriorityRules], as_of: dt.date, prefix: str = "") -> None:
    """Create the tables `<prefix>priority_rank` and `<prefix>priority_reason` under one version a problem."""
    rank, reason = f"{prefix}priority_rank", f"{prefix}priority_reason"
    if not versions:
        for name, table in ((rank, PRIORITY_RANK), (reason, PRIORITY_REASON)):
            engine.load_rows(replace(table, name=name), [])
        return
    engine.create("priority_met", " union all ".join(_met(each, as_of) for each in versions))
    engine.create("priority_longest", " union all ".join(_longest(each) for each in versions))
    engine.create("priority_placed", f"{_PLACED} where c.problem in ({_problems(versions)})")
    engine.create(reason, _REASON)
    engine.create(rank, _RANK)


def _met(rules: PriorityRules, as_of: dt.date) -> str:
    """Return a query of every band and entry of points whose conditions somebody of the cohort meets.

    Everybody meets the last band; which band somebody is in is the first of those they meet.
    """
    entries: list[tuple[str, int | None, int | None, Cohort | None]] = [
        (band.band_id, position, None, band.when) for position, band in enumerate(rules.bands, start=1)
    ]
    entries += [(each.points_id, None, each.points, each.when) for each in rules.points]
    sees_secret = rules.purpose_code == VICTIM_RESPONSE
    return " union all ".join(
        f"select c.problem, c.person_id, '{entry}' as reason_id, {_integer(position)} as band_position,"
        f" {_integer(points)} as points from cohort c where c.problem = '{rules.problem}'"
        + (f" and {_meets(when, as_of, sees_secret=sees_secret)}" if when else "")
        for entry, position, points, when in entries
    )


def _integer(number: int | None) -> str:
    return f"cast({'null' if number is None else number} as integer)"


def _meets(cohort: Cohort, as_of: dt.date, *, sees_secret: bool) -> str:
    def among(condition: Condition) -> str:
        return f"c.person_id in ({condition_sql(condition, as_of, sees_secret=sees_secret)})"

    parts = [among(condition) for condition in cohort.all_of]
    if cohort.any_of:
        parts.append(f"({' or '.join(among(condition) for condition in cohort.any_of)})")
    parts += [f"not {among(condition)}" for condition in cohort.none_of]
    return " and ".join(parts)


def _longest(rules: PriorityRules) -> str:
    return (
        f"select '{rules.problem}' as problem, person_id, min(start_date) as longest_since_date from person_wait"
        f" where stop_date is null and kind in ({quoted(rules.longest_of)}) group by person_id"
    )


def _problems(versions: Sequence[PriorityRules]) -> str:
    return quoted(tuple(rules.problem for rules in versions))


_PLACED = """
select c.problem, c.purpose, c.person_id, m.band_position, coalesce(m.points, 0) as points, l.longest_since_date
from cohort c
join (
  select problem, person_id, min(band_position) as band_position, sum(points) as points
  from priority_met group by problem, person_id) m on m.problem = c.problem and m.person_id = c.person_id
left join priority_longest l on l.problem = c.problem and l.person_id = c.person_id"""

_REASON = """
select m.problem, m.person_id, m.reason_id, m.points
from priority_met m join priority_placed p on p.problem = m.problem and p.person_id = m.person_id
where m.points is not null or m.band_position = p.band_position"""

_RANK = """
select problem, purpose, person_id, band_position, points, longest_since_date,
  rank() over (
    partition by problem
    order by band_position, points desc, coalesce(longest_since_date, date '9999-12-31')) as position
from priority_placed"""
