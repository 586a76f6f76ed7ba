"""A pack: headings, words, pictures and tables that leave together, as a tagged PDF or as a workbook.

A picture is shapes with coordinates, drawn alike on a page and on paper; the same figures stand in a table beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from braid.language.documents import Part

Point = tuple[float, float]
Colour = Literal["blue", "orange", "green", "red", "black", "grey", "pale_blue", "pale_grey", "white"]
COLOURS: dict[Colour, str] = {
    "blue": "#1d70b8",
    "orange": "#f47738",
    "green": "#00703c",
    "red": "#d4351c",
    "black": "#0b0c0c",
    "grey": "#505a5f",
    "pale_blue": "#bbd4ea",
    "pale_grey": "#dee0e2",
    "white": "#ffffff",
}
"""After the palette of the GOV.UK Design System. No meaning rests on a colour alone: shapes or words say it too."""


@dataclass(frozen=True)
class Area(Part):
    """A filled shape between its points; a bar is one of four."""

    kind: Literal["area"]
    points: tuple[Point, ...]
    colour: Colour


@dataclass(frozen=True)
class Line(Part):
    """A line through its points."""

    kind: Literal["line"]
    points: tuple[Point, ...]
    colour: Colour
    width: float = 1.5
    is_broken: bool = False


@dataclass(frozen=True)
class Label(Part):
    """Words at a point, which is the middle of their height."""

    kind: Literal["label"]
    at: Point
    words: str
    anchor: Literal["start", "middle", "end"] = "start"
    size: float = 11.0
    colour: Colour = "black"


Shape = Area | Line | Label


@dataclass(frozen=True)
class Picture(Part):
    """Shapes on a ground of so many points; `alternative` says in words what it shows to whoever does not see it."""

    title: str
    alternative: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


PackCell = str | int | float | None
_FIGURE = re.compile("[+\N{MINUS SIGN}]?£?[0-9][0-9,.]*%?|\N{EN DASH}")


def is_figure(cell: PackCell) -> bool:
    """Whether a cell holds a number, or a text that is one as people write it, or a dash: it stands to the right."""
    return isinstance(cell, int | float) or (cell is not None and _FIGURE.fullmatch(cell) is not None)


@dataclass(frozen=True)
class PackTable(Part):
    """Rows under a caption, as many cells a row as there are columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[PackCell, ...], ...]


def heads_of(table: PackTable) -> tuple[tuple[str, bool], ...]:
    """Return the columns of a table, each with whether nothing but figures stands beneath."""
    return tuple(
        (words, bool(table.rows) and all(is_figure(row[at]) for row in table.rows))
        for at, words in enumerate(table.columns)
    )


@dataclass(frozen=True)
class PackSection(Part):
    """A heading with pictures first, then words, then tables; each may be missing."""

    title: str
    pictures: tuple[Picture, ...] = ()
    lines: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[PackTable, ...] = ()


@dataclass(frozen=True)
class Pack(Part):
    """What leaves together. `inputs` names what it was made of with the SHA-256 of each.

    `marking` stands before the footer of every page: who alone may read it.
    """

    title: str
    subtitle: str
    sections: tuple[PackSection, ...]
    inputs: tuple[tuple[str, str], ...]
    marking: str = ""

    def tables(self) -> list[tuple[str, PackTable]]:
        """Return every table with the title of its section, in order."""
        return [(section.title, table) for section in self.sections for table in section.tables]
