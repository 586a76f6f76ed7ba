"""Every plan of a tiny problem of agendas, one after another, and the best: slow, obvious, judged by the checker."""

from __future__ import annotations

from collections.abc import Iterator

from braid.planning.agendas.checker import broken_rules, levels_of
from braid.planning.agendas.model import AgendasPlan, AgendasProblem, Placed
from braid.planning.contract import Certificate, value_of

NO_CERTIFICATE = Certificate("least", (), 0.0, None, "", "", {}, 0, {}, True, "", 0.0)


def plan_of(placed: tuple[Placed, ...]) -> AgendasPlan:
    """Return places as a plan that says nothing of itself."""
    return AgendasPlan(certificate=NO_CERTIFICATE, placed=placed)


def best_plan(problem: AgendasProblem) -> tuple[float, tuple[Placed, ...]]:
    """Return the least value of any plan that keeps every rule, and the first such plan."""
    return min(
        (value_of(levels_of(problem, plan_of(placed))), number, placed)
        for number, placed in enumerate(_plans(problem, 0, ()))
    )[::2]


def _plans(problem: AgendasProblem, at: int, placed: tuple[Placed, ...]) -> Iterator[tuple[Placed, ...]]:
    """Yield every plan that keeps the rules; none of them is mended by placing more."""
    if at == len(problem.items):
        yield placed
        return
    yield from _plans(problem, at + 1, placed)
    for meeting in problem.meetings:
        for position in range(1, meeting.slots + 1):
            more = (*placed, Placed(problem.items[at].id, meeting.id, position))
            if not broken_rules(problem, plan_of(more)):
                yield from _plans(problem, at + 1, more)
