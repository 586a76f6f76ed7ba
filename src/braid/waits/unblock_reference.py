"""Whom to ring first, worked out slowly from the definitions, row by row. The tests hold the queries against it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from braid.waits.graph_reference import Effect, Graph, days_over
from braid.waits.model import strictest
from braid.waits.reference import Row

WORDS = ("owner_organisation", "owner_role", "next_action", "holder_type", "holder_kind")
SCOPES = {"action": WORDS, "team": WORDS[:2], "resource": WORDS[3:]}


def unblock_actions(graph: Graph) -> list[Row]:
    """Return the rows of `unblock_action` in order of position."""
    rows = []
    for holder, effect in graph.effects_of_holders().items():
        wait = graph.waits.get(holder)
        mine = [row for row in graph.blockers if graph.holder[row["blocker_id"]] == holder]
        held = {row["held_wait_id"] for row in mine}
        actions = sorted({_words(row) for row in mine}, key=lambda words: _much(graph, mine, words))
        rests_on = [graph.sensitivity(one) for one in effect.held]
        rows.append(
            {
                "holder_id": holder,
                "holder_person_id": wait["person_id"] if wait else None,
                "is_held": holder in graph.holding,
                "deadlock_id": graph.deadlock.get(holder),
                **dict(zip(WORDS, actions[0], strict=True)),
                "action_count": len(actions),
                "held_directly": len(held),
                **_figures(graph, effect),
                "sensitivity": strictest(*rests_on, *([graph.sensitivity(holder)] if wait else [])),
            }
        )
    return _in_order(rows, "holder_id")


def _words(blocker: Row) -> tuple[str, ...]:
    return tuple(blocker[name] for name in WORDS)


def _much(graph: Graph, blockers: Sequence[Row], words: tuple[str, ...]) -> tuple[Any, ...]:
    held = {row["held_wait_id"] for row in blockers if _words(row) == words}
    return -len(held), -sum(graph.waits[one]["elapsed_days"] for one in held), words


def unblock_measures(graph: Graph) -> list[Row]:
    """Return the rows of `unblock_measure` in order of scope, backlog and position."""
    found = []
    for scope, columns in SCOPES.items():
        agents = sorted({tuple(row[name] for name in columns) for row in graph.blockers})
        effects = {agent: graph.effect(_lifted_by(columns, agent)) for agent in agents}
        backlogs = {graph.waits[wait]["backlog"] for wait in graph.holding}
        for backlog in (None, *sorted(backlogs)):
            rows = [_measure(graph, scope, agent, effects[agent], backlog) for agent in agents]
            found += _in_order([row for row in rows if row["held_waits"]], "unblock_id")
    return found


def _lifted_by(columns: tuple[str, ...], agent: tuple[str, ...]) -> Callable[[Row], bool]:
    return lambda row: tuple(row[name] for name in columns) == agent


def _measure(graph: Graph, scope: str, agent: tuple[str, ...], effect: Effect, backlog: str | None) -> Row:
    columns = SCOPES[scope]
    said = {**dict.fromkeys(WORDS), **dict(zip(columns, agent, strict=True))}
    lifted = [row for row in graph.blockers if _lifted_by(columns, agent)(row)]
    name = "|".join((scope, *(said[column] or "" for column in WORDS)))
    return {
        "unblock_id": hashlib.sha256(name.encode()).hexdigest()[:20],
        "scope": scope,
        "backlog": backlog,
        **said,
        "holders": len({graph.holder[row["blocker_id"]] for row in lifted}),
        **_figures(graph, effect, backlog),
    }


def _figures(graph: Graph, effect: Effect, backlog: str | None = None) -> Row:
    """Return the figures of an effect over the waits of one backlog, or of all."""
    found: Row = {}
    for name, ids in (("held", effect.held.keys()), ("freed", effect.freed)):
        waits = [graph.waits[one] for one in ids if backlog is None or graph.waits[one]["backlog"] == backlog]
        found |= {
            f"{name}_waits": len(waits),
            f"{name}_people": len({wait["person_id"] for wait in waits}),
            f"{name}_weeks": sum(wait["elapsed_days"] for wait in waits) / 7,
            f"{name}_waits_over": sum(days_over(wait) > 0 for wait in waits),
            f"{name}_weeks_over": sum(map(days_over, waits)) / 7,
        }
    return found


def _in_order(rows: Sequence[Row], key: str) -> list[Row]:
    """Return rows in the order of what frees most, each with its position."""

    def order(row: Row) -> tuple[Any, ...]:
        freed = (-row["freed_waits"], -row["freed_weeks"], -row["freed_weeks_over"])
        return *freed, -row["held_waits"], -row["held_weeks"], row[key]

    return [{**row, "position": position} for position, row in enumerate(sorted(rows, key=order), 1)]
