"""The picture of the risks of a board: likelihood by impact, each risk before and after what is done about it.

The table beside it holds the same levels. Geometry alone; the template draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from braid.place.boards.risks import BANDS, IMPACTS, LIKELIHOODS, Level
from braid.web.models import BoardRisk, BoardRiskRating
from braid.web.served_place import body_words

CELL_WIDTH, CELL_HEIGHT, MARK = 100, 64, 13
SHADES = {"low": "#dfeedd", "moderate": "#fff2c4", "high": "#fbd9b9", "very_high": "#f4c1bd"}
IN_ROW = 3
"""Marks beside each other in one cell; more begin a row beneath."""


@dataclass(frozen=True)
class RiskSeen:
    """A risk with its newest rating; `number` is its mark in the picture."""

    number: int
    row: BoardRisk
    rating: BoardRiskRating
    owner_name: str
    before: Level
    after: Level

    @property
    def before_name(self) -> str:
        """The band before what is done."""
        return BANDS[self.before.band][1]

    @property
    def after_name(self) -> str:
        """The band after what is done."""
        return BANDS[self.after.band][1]


@dataclass(frozen=True)
class Cell:
    """A cell of the grid."""

    x: int
    y: int
    shade: str


@dataclass(frozen=True)
class Mark:
    """A risk in the grid, where it is after what is done, and the place where it was before."""

    number: int
    x: float
    y: float
    from_x: float
    from_y: float
    moves: bool


@dataclass(frozen=True)
class Grid:
    """The grid with its marks; impact grows to the right, likelihood upwards."""

    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...]
    impacts: tuple[tuple[float, str], ...]
    likelihoods: tuple[tuple[float, str], ...]
    width: int
    height: int


def level_before(rating: BoardRiskRating) -> Level:
    """Return the level before what is done about a risk."""
    return Level(rating.likelihood_before, rating.impact_before)


def level_after(rating: BoardRiskRating) -> Level:
    """Return the level after what is done about a risk."""
    return Level(rating.likelihood_after, rating.impact_after)


def list_risks(board_id: str, closed: bool = False) -> list[RiskSeen]:
    """Return the risks of a board with their newest rating, the highest first: the open ones, or the closed."""
    found = BoardRisk.objects.filter(board_id=board_id, closed_at__isnull=not closed).order_by("written_at", "pk")
    rows = [(row, max(row.ratings.all(), key=lambda one: one.number)) for row in found.prefetch_related("ratings")]
    rows.sort(key=lambda one: (-level_after(one[1]).score, -level_before(one[1]).score))
    return [
        RiskSeen(number, row, rating, body_words(row.owner_body), level_before(rating), level_after(rating))
        for number, (row, rating) in enumerate(rows, start=1)
    ]


def draw_risks(risks: Sequence[RiskSeen]) -> Grid:
    """Return the grid of risks."""
    cells = tuple(
        Cell((impact - 1) * CELL_WIDTH, (5 - likelihood) * CELL_HEIGHT, SHADES[Level(likelihood, impact).band])
        for likelihood in LIKELIHOODS
        for impact in IMPACTS
    )
    taken: dict[Level, int] = {}
    marks = []
    for one in risks:
        x, y = _place(one.after, taken)
        from_x, from_y = _middle(one.before)
        marks.append(Mark(one.number, x, y, from_x, from_y, one.before != one.after))
    impacts = tuple(((key - 0.5) * CELL_WIDTH, name) for key, name in IMPACTS.items())
    likelihoods = tuple(((5.5 - key) * CELL_HEIGHT, name) for key, name in LIKELIHOODS.items())
    return Grid(cells, tuple(marks), impacts, likelihoods, 5 * CELL_WIDTH, 5 * CELL_HEIGHT)


def _middle(level: Level) -> tuple[float, float]:
    return (level.impact - 0.5) * CELL_WIDTH, (5.5 - level.likelihood) * CELL_HEIGHT


def _place(level: Level, taken: dict[Level, int]) -> tuple[float, float]:
    """Return where the next mark of a cell stands: beside the others, in rows from its upper left corner."""
    index = taken.get(level, 0)
    taken[level] = index + 1
    x = (level.impact - 1) * CELL_WIDTH + 20 + (index % IN_ROW) * 30
    y = (5 - level.likelihood) * CELL_HEIGHT + 18 + (index // IN_ROW) * 28
    return float(x), float(y)
