"""The best of many problems that differ in their values alone, each helped by the answers to those before.

What was best in one draw is near the best of the next: it is a value to beat, and the linear program says which scales
nothing that beats it can have (fixing by reduced costs). Only what is left is searched; often nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from braid.planning.contract import Limits, NoPlan
from braid.planning.portfolio.engines.integer_program import constraint_of, nodes_of, relax, solve_program
from braid.planning.portfolio.engines.program import Program, Vector, program_of
from braid.planning.portfolio.model import PortfolioProblem, Purse

Matrix = NDArray[np.float64]
NEAR = 1e-6
"""How far a choice may be from the best of its draw, as a share."""
MOST_STEPS = 12
MOST_NEIGHBOURS = 40_000
"""Steps of the search for least regret, and choices that one step looks at."""


class Redrawn:
    """One problem under one purse, drawn again and again; keeps what was best before."""

    def __init__(self, problem: PortfolioProblem, purse: Purse, limits: Limits) -> None:
        self.purse, self.limits = purse, limits
        self.shape = program_of(_under(problem, purse))
        self.names = {at: key for key, at in self.shape.scales.items()}
        self.known: list[dict[str, int]] = []
        self.searched = 0
        """Draws in which something was searched, beyond the linear program."""

    def know(self, bought: Mapping[str, int]) -> None:
        """Take a choice that keeps every rule of the purse as a value to beat."""
        if dict(bought) not in self.known:
            self.known.append(dict(bought))

    def best(self, drawn: PortfolioProblem) -> dict[str, int]:
        """Return the best choice of a draw, to a millionth of its value. Raises `NoPlan`."""
        program = program_of(_under(drawn, self.purse))
        at_hand = max(self.known, key=lambda bought: float(program.worth @ _variables(program, bought)), default=None)
        value = -math.inf if at_hand is None else float(program.worth @ _variables(program, at_hand))
        found = self._search(program, value)
        chosen = at_hand if found is None else found
        assert chosen is not None
        self.know(chosen)
        return chosen

    def _search(self, program: Program, value: float) -> dict[str, int] | None:
        """Return what beats a value; None where nothing does."""
        relaxed = relax(program)
        if relaxed.x is None:
            raise NoPlan("no choice keeps every rule. Next step: lower a floor, or leave out a requirement")
        slack = -relaxed.fun - value
        if slack <= NEAR * max(1.0, abs(value)):
            return None
        least, most = np.zeros(len(program.worth)), np.ones(len(program.worth))
        most[-1] = 0.0
        if math.isfinite(value):
            margin = slack + NEAR * max(1.0, abs(value))
            most[np.asarray(relaxed.lower.marginals) > margin] = 0.0
            least[np.asarray(relaxed.upper.marginals) < -margin] = 1.0
            least[-1] = 0.0
        self.searched += 1
        try:
            solved = solve_program(program, [], nodes_of(program, self.limits), None, span=(least, most))
        except NoPlan:
            if math.isfinite(value):
                return None
            raise
        better = solved.value - program.constant > value + NEAR * max(1.0, abs(value))
        return program.bought(solved.values) if better else None


def _under(problem: PortfolioProblem, purse: Purse) -> PortfolioProblem:
    return replace(problem, purse=purse, floors={}, risk=None, change_price=0.0, chosen_before=())


def _variables(program: Program, bought: Mapping[str, int]) -> Vector:
    """Return the variables of a choice: scales, and the effects that follow from them."""
    found = np.zeros(len(program.worth))
    found[[program.scales[name, scale] for name, scale in bought.items()]] = 1.0
    _set_effects(program, found[None, :])
    return found


def _set_effects(program: Program, rows: Matrix) -> None:
    """Set the variables of effects in each row: 1 where both are bought."""
    for effect, (one, other) in program.sides.items():
        rows[:, effect] = rows[:, one].sum(axis=1) * rows[:, other].sum(axis=1)


def values_of(drawn: Sequence[PortfolioProblem], plans: Sequence[Mapping[str, int]]) -> Matrix:
    """Return what each plan is worth to all together in each draw, as a matrix (draws, plans)."""
    programs = [program_of(_under(problem, "pooled")) for problem in drawn]
    chosen = np.stack([_variables(programs[0], plan) for plan in plans])
    worths = np.stack([program.worth for program in programs])
    found: Matrix = worths @ chosen.T
    return found


def least_regret(
    drawn: Sequence[PortfolioProblem], best: Vector, begun: Sequence[Mapping[str, int]], quantile: float
) -> dict[str, int]:
    """Return a choice whose regret is small in all but the worst draws, begun at the best of some and bettered by
    buying, leaving, resizing or exchanging one intervention as long as that helps.

    Regret is what the best of a draw has more; `quantile` of the draws have no more than what is made small. No bound
    is proved: it is the best of what was looked at.
    """
    programs = [program_of(_under(problem, "pooled")) for problem in drawn]
    program, worths = programs[0], np.stack([each.worth for each in programs])
    rows = constraint_of(program.rows, len(program.worth))

    def regrets(chosen: Matrix) -> Vector:
        found: Vector = np.quantile(best[:, None] - worths @ chosen.T, quantile, axis=0)
        return found

    starts = np.stack([_variables(program, bought) for bought in begun])
    at = starts[int(np.argmin(regrets(starts)))]
    for _ in range(MOST_STEPS):
        near = _neighbours(program, at)
        totals = near @ rows.A.T.toarray()
        near = near[(totals <= rows.ub + NEAR).all(axis=1) & (totals >= rows.lb - NEAR).all(axis=1)]
        if not len(near):
            break
        found = regrets(near)
        if found.min() >= regrets(at[None, :])[0] - 1e-9:
            break
        at = near[int(np.argmin(found))]
    return program.bought(at)


def _neighbours(program: Program, at: Vector) -> Matrix:
    """Return the variables of every choice that differs in one intervention, or in one given up for another."""
    groups: dict[str, list[int]] = {}
    for (name, _), variable in program.scales.items():
        groups.setdefault(name, []).append(variable)
    single: list[dict[int, float]] = []
    for variables in groups.values():
        for option in (None, *variables):
            if option is None or not at[option]:
                single.append({each: float(each == option) for each in variables})
    drops = [one for one in single if not any(one.values()) and any(at[list(one)])]
    gains = [one for one in single if any(one.values())]
    moves = single + [drop | gain for drop in drops for gain in gains if drop.keys() != gain.keys()]
    moves = moves[:MOST_NEIGHBOURS]
    found = np.repeat(at[None, :], len(moves), axis=0)
    for number, move in enumerate(moves):
        found[number, list(move)] = list(move.values())
    _set_effects(program, found)
    return found
