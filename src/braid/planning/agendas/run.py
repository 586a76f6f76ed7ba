"""From a problem of agendas to a plan: which meeting, then which order; then certificate and reasons."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.metadata import version

from braid import __version__
from braid.language.documents import fingerprint
from braid.planning.agendas.checker import levels_of
from braid.planning.agendas.engines.order import order
from braid.planning.agendas.engines.places import SCALE, Assigned, Room, Start, assign
from braid.planning.agendas.model import AgendasPlan, AgendasProblem, Placed
from braid.planning.agendas.reasons import reasons_of
from braid.planning.contract import Certificate, Limits, diff_of, value_of

NODES_A_SECOND = 100
"""Nodes of the integer program on one core of the machine of the benchmarks."""


def solve(problem: AgendasProblem, limits: Limits | None = None, before: AgendasPlan | None = None) -> AgendasPlan:
    """Return a plan with certificate and reasons, and with what changed since a plan before.

    `stop_seconds` is not asked for: every part ends by what there is to count.
    """
    limits = limits or Limits()
    begun = time.monotonic()
    nodes = max(1, int(limits.seconds * NODES_A_SECOND))
    room = Room(problem)
    assigned = assign(room, nodes)
    placed = _placed(problem, _ordered(room, assigned))
    bare = AgendasPlan(certificate=_certificate(problem, assigned, placed, limits, nodes, begun), placed=placed)
    diff = diff_of(_words(before), _words(bare)) if before else None
    return AgendasPlan(certificate=bare.certificate, placed=placed, reasons=reasons_of(problem, bare), diff=diff)


def _ordered(room: Room, assigned: Assigned) -> dict[int, Start]:
    """Return the places after each meeting was put in order. An item that no order has room for is at no meeting."""
    found: dict[int, Start] = {}
    for meeting in range(len(room.problem.meetings)):
        items = [number for number, start in enumerate(assigned.starts) if start and start[0] == meeting]
        given = {number: start[1] for number, start in enumerate(assigned.starts) if start}
        while (firsts := order(room, meeting, items, [given[number] for number in items])[0]) is None:
            items = _without_one(room, meeting, items, given)
        found.update({number: (meeting, first) for number, first in zip(items, firsts, strict=True)})
    return found


def _without_one(room: Room, meeting: int, items: list[int], given: Mapping[int, int]) -> list[int]:
    """Return the items without the least urgent that makes room, or without the least urgent where none alone does."""
    least = sorted(items, key=lambda number: (room.unscheduled(number), number))
    tried = [[number for number in items if number != out] for out in least]
    fits = (kept for kept in tried if order(room, meeting, kept, [given[number] for number in kept])[0] is not None)
    return next(fits, tried[0])


def _placed(problem: AgendasProblem, starts: Mapping[int, Start]) -> tuple[Placed, ...]:
    ranked = sorted(starts.items(), key=lambda each: each[1])
    return tuple(
        Placed(problem.items[number].id, problem.meetings[meeting].id, first + 1) for number, (meeting, first) in ranked
    )


def _words(plan: AgendasPlan) -> dict[str, str]:
    return {placed.item: f"{placed.meeting}, slot {placed.position}" for placed in plan.placed}


def _certificate(
    problem: AgendasProblem,
    assigned: Assigned,
    placed: tuple[Placed, ...],
    limits: Limits,
    nodes: int,
    begun: float,
) -> Certificate:
    empty = Certificate("least", (), 0.0, None, "", "", {}, 0, {}, True, "", 0.0)
    levels = levels_of(problem, AgendasPlan(certificate=empty, placed=placed))
    return Certificate(
        sense="least",
        levels=levels,
        value=value_of(levels),
        bound=assigned.bound / SCALE,
        bound_method=assigned.method,
        engine="assignment, then the order of each meeting",
        versions={"braid": __version__, "numpy": version("numpy"), "scipy": version("scipy")},
        seed=limits.seed,
        effort={"nodes": nodes},
        repeatable=True,
        problem=fingerprint(problem),
        seconds=round(time.monotonic() - begun, 3),
    )
