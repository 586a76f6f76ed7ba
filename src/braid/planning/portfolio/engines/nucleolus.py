"""The least core and the nucleolus of a game, by linear programs.

The nucleolus (Schmeidler 1969) makes the largest complaint of a coalition as small as it can be, then the next largest,
and so on. Complaints that cannot be smaller are fixed, and the program is solved again for the others (Maschler, Peleg
and Shapley 1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from braid.planning.portfolio.games import Worth, coalitions

MOST_PLAYERS = 8
TIGHT = 1e-7
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Nucleolus:
    """What each player is given, and the largest complaint of a coalition: the core is empty where it is above 0."""

    given: Mapping[str, float]
    complaint: float


def nucleolus(players: Sequence[str], worth: Worth) -> Nucleolus:
    """Return the nucleolus of a game of at most eight players, each given at least what it is worth alone.

    Where that asks for more than everybody is worth, nobody is held to it. Raises `ValueError` for more players.
    """
    if len(players) > MOST_PLAYERS:
        raise ValueError(f"linear programs over all coalitions are for {MOST_PLAYERS} players at most")
    if len(players) == 1:
        return Nucleolus({players[0]: worth(frozenset(players))}, 0.0)
    smaller = [each for each in coalitions(players) if len(each) < len(players)]
    rows = np.array([[float(player in each) for player in players] for each in smaller])
    worths = np.array([worth(each) for each in smaller])
    whole = worth(frozenset(players))
    alone = np.array([worth(frozenset({player})) for player in players])
    scale = max(1.0, float(np.abs(worths).max()), abs(whole))
    least = alone / scale if alone.sum() <= whole + TIGHT * scale else np.full(len(players), -np.inf)
    given, complaint = _by_programs(rows, worths / scale, whole / scale, least)
    return Nucleolus(dict(zip(players, (float(value * scale) for value in given), strict=True)), complaint * scale)


def _by_programs(rows: Vector, worths: Vector, whole: float, least: Vector) -> tuple[Vector, float]:
    """Solve program after program until all is fixed; return the shares and the first program's largest complaint."""
    players = rows.shape[1]
    fixed, totals = np.ones((1, players)), [whole]
    is_open = np.ones(len(rows), dtype=bool)
    first, given = None, np.zeros(players)
    while np.linalg.matrix_rank(fixed) < players and is_open.any():
        found = linprog(
            np.append(np.zeros(players), 1.0),
            A_ub=np.column_stack([-rows[is_open], -np.ones(int(is_open.sum()))]),
            b_ub=-worths[is_open],
            A_eq=np.column_stack([fixed, np.zeros(len(fixed))]),
            b_eq=totals,
            bounds=[*((low, None) for low in least), (None, None)],
            method="highs",
        )
        if found.x is None:
            break
        given, complaint = found.x[:-1], float(found.x[-1])
        first = complaint if first is None else first
        numbers = np.flatnonzero(is_open)
        tight = numbers[-np.asarray(found.ineqlin.marginals) > TIGHT]
        if not len(tight):
            break
        fixed = np.vstack([fixed, rows[tight]])
        totals += [float(worths[at]) - complaint for at in tight]
        fixed, totals = _independent(fixed, totals)
        is_open[[at for at in numbers if _is_spanned(fixed, rows[at])]] = False
    if np.linalg.matrix_rank(fixed) == players:
        given = np.linalg.lstsq(fixed, np.array(totals), rcond=None)[0]
    return given, first or 0.0


def _independent(rows: Vector, totals: Sequence[float]) -> tuple[Vector, list[float]]:
    """Return the rows that say something new, in their order."""
    kept = [0]
    for at in range(1, len(rows)):
        if np.linalg.matrix_rank(rows[[*kept, at]]) > len(kept):
            kept.append(at)
    return rows[kept], [totals[at] for at in kept]


def _is_spanned(rows: Vector, row: Vector) -> bool:
    return bool(np.linalg.matrix_rank(np.vstack([rows, row])) == len(rows))
