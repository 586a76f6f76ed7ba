"""The cube of what frees most: actions by backlog as published, and teams and resources as the sums of their actions.

Backlogs do not overlap, so that an action's count over all of them is a total beside its parts, as that of the place is
beside its districts, and is joined as that is. Teams and resources are different: a wait counts with every action that
holds it, and with the team and the resource of each. Their own counts would be unions of the same small numbers, over
and over, and give them away (decision 22). They are therefore added up from what is published of their actions, and
say nothing more: a wait that two actions of a team hold is counted twice, and what only both together would free, not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from braid.trust.cubes import WHAT_FREES_MOST, publish
from braid.trust.disclosure import SUPPRESSED_TO, publishable_count

ALL_BACKLOGS = ""
ACTION, TEAM, RESOURCE = "action", "team", "resource"
WORDS = ("owner_organisation", "owner_role", "next_action", "holder_type", "holder_kind")
SCOPES: Mapping[str, tuple[str, ...]] = {ACTION: WORDS, TEAM: WORDS[:2], RESOURCE: WORDS[3:]}
"""Which words tell a row of each scope from the others; the rest are empty."""
COUNTS = ("held_waits", "freed_waits")
SUMS = ("held_weeks", "freed_weeks")

Exact = Mapping[str, Any]
Shown = dict[str, Any]


def publish_unblocking(rows: Iterable[Exact]) -> list[Shown]:
    """Return what is published of what frees most, by scope and backlog, what frees most first.

    `rows` are those of the table `unblock_measure`; of these, actions alone count. Each row returned has `scope`,
    `backlog` (empty for all), the `WORDS`, `held_waits`, `held_weeks`, `freed_waits`, `freed_weeks`, and `position`
    from 1. `None` is not shown; `held_hidden` and `freed_hidden` say how many actions' counts are not shown, and a
    team's count is that of the others, or `None` where there is no other. The order rests on what is shown alone: of
    two rows that show the same, the words decide.
    """
    actions = _actions(row for row in rows if row["scope"] == ACTION)
    found: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for scope, columns in SCOPES.items():
        groups: dict[tuple[str, ...], list[Shown]] = defaultdict(list)
        for action in actions:
            groups[action["backlog"], *(action[name] for name in columns)].append(action)
        for members in groups.values():
            row = _added_up(scope, columns, members)
            found[row["scope"], row["backlog"]].append(row)
    return [
        {**row, "position": position}
        for key in sorted(found)
        for position, row in enumerate(sorted(found[key], key=_order), 1)
    ]


def publish_counts(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return the published counts of groups of which none is a total of others; `None` is not shown."""
    return {name: publishable_count(count) for name, count in counts.items()}


def _actions(rows: Iterable[Exact]) -> list[Shown]:
    """Return the cells of actions as the cube publishes them; where an action holds nothing there is none."""
    exact = list(rows)
    words = {row["unblock_id"]: {name: row[name] or "" for name in WORDS} for row in exact}
    backlogs = sorted({row["backlog"] for row in exact if row["backlog"]})
    as_cells = [{**row, "kind": row["unblock_id"], "district_code": row["backlog"]} for row in exact]
    return [
        {**words[cell.kind], "backlog": cell.district, **cell.values}
        for cell in publish(WHAT_FREES_MOST, as_cells, backlogs)
        if cell.values["held_waits"] != 0
    ]


def _added_up(scope: str, columns: Sequence[str], members: Sequence[Shown]) -> Shown:
    words = {name: members[0][name] if name in columns else "" for name in WORDS}
    counts = {name: _sum(members, name) for name in COUNTS}
    hidden = {name.replace("waits", "hidden"): sum(member[name] is None for member in members) for name in COUNTS}
    return {
        "scope": scope,
        "backlog": members[0]["backlog"],
        **words,
        **counts,
        **{name: _sum(members, name) for name in SUMS},
        **hidden,
    }


def _sum(members: Sequence[Shown], name: str) -> int | None:
    """Return the sum of what is shown; `None` where nothing is."""
    shown = [member[name] for member in members if member[name] is not None]
    return sum(shown) if shown else None


def _order(row: Shown) -> tuple[Any, ...]:
    """What frees most first, by what is shown: a hidden count lies between none and the smallest that is shown."""
    counts = [SUPPRESSED_TO if row[name] is None else row[name] for name in ("freed_waits", "held_waits")]
    weeks = [row[name] or 0 for name in ("freed_weeks", "held_weeks")]
    return -counts[0], -weeks[0], -counts[1], -weeks[1], *(row[name] for name in WORDS)
