"""What other rules would do: the same people on the same day under both, before anybody adopts them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from braid.problems.priority.groups import GROUPS, group_in_place, group_sql
from braid.problems.priority.model import PriorityRules
from braid.problems.priority.rank import place_people
from braid.store.engine import Engine

PROPOSED = "proposed_"
"""Prefix of `priority_rank` and `priority_reason` under the proposed rules."""


@dataclass(frozen=True)
class Simulation:
    """What a change of rules would do to the people of one problem. Every field counts people; none may leave as it is.

    `first` is how many come first and could be reached; people who share the last of these places are all among them.
    """

    people: int
    first: int
    earlier: int
    """People who would move to an earlier place."""
    later: int
    unmoved: int
    bands: Mapping[int, tuple[int, int]]
    """By position of the band: how many are in it, and how many would be."""
    entering: int
    """People who would come to be among the first and are not."""
    leaving: int
    composition: Mapping[str, Mapping[str, tuple[int, int, int]]]
    """By characteristic and group: people ranked, of these among the first, and how many would be."""


def simulate(
    engine: Engine,
    rules: PriorityRules,
    proposed: PriorityRules,
    as_of: dt.date,
    first: int,
    groups: Mapping[str, Mapping[str, str]],
) -> Simulation:
    """Return what `proposed` would do to those whom `rules` rank, in an engine that holds what both ask about.

    `groups` are those of the place, by characteristic and code.
    """
    place_people(engine, [rules], as_of)
    place_people(engine, [proposed], as_of, PROPOSED)
    engine.create("rank_compared", _COMPARED.format(first=first))
    rows = engine.rows("select * from rank_compared")
    moves = Counter("earlier" if row["moved"] < 0 else "later" if row["moved"] > 0 else "unmoved" for row in rows)
    return Simulation(
        people=len(rows),
        first=first,
        earlier=moves["earlier"],
        later=moves["later"],
        unmoved=moves["unmoved"],
        bands=_bands(rows, max(len(rules.bands), len(proposed.bands))),
        entering=sum(1 for row in rows if row["would_be_first"] and not row["is_first"]),
        leaving=sum(1 for row in rows if row["is_first"] and not row["would_be_first"]),
        composition={name: _composition(engine, name, as_of, groups[name]) for name in GROUPS},
    )


_COMPARED = """
select r.person_id, r.band_position, p.band_position as proposed_band_position, p.position - r.position as moved,
  case when r.position <= {first} then 1 else 0 end as is_first,
  case when p.position <= {first} then 1 else 0 end as would_be_first
from priority_rank r join proposed_priority_rank p on p.problem = r.problem and p.person_id = r.person_id"""


def _bands(rows: list[dict[str, Any]], count: int) -> dict[int, tuple[int, int]]:
    now = Counter(row["band_position"] for row in rows)
    proposed = Counter(row["proposed_band_position"] for row in rows)
    return {position: (now[position], proposed[position]) for position in range(1, count + 1)}


def _composition(
    engine: Engine, name: str, as_of: dt.date, groups: Mapping[str, str]
) -> dict[str, tuple[int, int, int]]:
    rows = engine.rows(
        f"select g.group_code, count(*) as people, sum(c.is_first) as first, sum(c.would_be_first) as proposed"
        f" from rank_compared c join ({group_sql(name, as_of)}) g on g.person_id = c.person_id"
        " group by g.group_code order by g.group_code"
    )
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        group = group_in_place(row["group_code"], groups)
        found.update({(group, key): int(row[key]) for key in ("people", "first", "proposed")})
    return {
        group: (found[group, "people"], found[group, "first"], found[group, "proposed"])
        for group in dict.fromkeys(group for group, _ in found)
    }
