"""The cube of what people wait for at once: parts of a time, of the whole place, by two kinds of wait.

A part of a time counts nobody, and bounds no count: whoever waited for both may have done so for a day or for a year.
How many they were is published only as what is known already, that there are 13 of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from braid.trust.cubes import WHOLE_PLACE, Cell, Exact
from braid.trust.disclosure import publishable_time_share


@dataclass(frozen=True)
class OverlapCell:
    """Of the time that people waited for one kind, the part in which they waited for the other too, in per cent."""

    kind: str
    other_kind: str
    time_share: int | None


def publish_overlaps(rows: Iterable[Exact], counts: Sequence[Cell]) -> tuple[OverlapCell, ...]:
    """Return the published cells of `OVERLAP_BY_KINDS`, the largest part of each kind first.

    `rows` hold `kind`, `other_kind`, `people` and `share`, of the whole place; `counts` are the published cells of
    `WAITS_BY_KIND_AND_DISTRICT`. Two kinds without a row, or not counted at all, have no cell.
    """
    waiting = {cell.kind: cell.values["waiting"] for cell in counts if cell.district == WHOLE_PLACE}
    cells = [
        OverlapCell(kind, other, publishable_time_share(row["share"], row["people"], (waiting[kind], waiting[other])))
        for row in rows
        for kind, other in [(row["kind"], row["other_kind"])]
        if kind in waiting and other in waiting
    ]
    return tuple(sorted(cells, key=lambda cell: (cell.kind, -(cell.time_share or 0), cell.other_kind)))
