"""The cube of how long people wait: percentiles of the whole place, which rest on counts that another cube publishes.

It has no count of its own. A percentile is shown or not by a count that is published already, and clearance is reckoned
of two such counts alone; so none of its figures says anything of a count that is not shown. Not by provider: a second
breakdown of a total beside its districts would undo the joining of totals (decision 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from braid.trust.cubes import HOW_LONG_BY_KIND, WHOLE_PLACE, Cell, Exact, Measure, Rule, Shown
from braid.trust.disclosure import publishable_median, publishable_percentile, publishable_ratio

COMPLETED_WEEKS = 13
"""The published count of completed waits is that of so many weeks."""


def publish_durations(rows: Iterable[Exact], counts: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return the published cells of `HOW_LONG_BY_KIND`, one for each kind of `counts` in the whole place.

    `rows` hold `kind` and the cube's exact columns, of the whole place; `counts` are the published cells of
    `WAITS_BY_KIND_AND_DISTRICT`.
    """
    exact = {row["kind"]: row for row in rows}
    place = [cell for cell in counts if cell.district == WHOLE_PLACE]
    return tuple(Cell(cell.kind, WHOLE_PLACE, _shown(exact.get(cell.kind, {}), cell.values)) for cell in place)


def _shown(row: Exact, counts: Shown) -> Shown:
    return {measure.name: _figure(measure, row, counts) for measure in HOW_LONG_BY_KIND.measures}


def _figure(measure: Measure, row: Exact, counts: Shown) -> int | None:
    base = counts[measure.base]
    if measure.rule is Rule.RATIO:
        return publishable_ratio(counts["waiting"], base, COMPLETED_WEEKS)
    days = row.get(measure.columns[0])
    return publishable_percentile(days, base) if measure.rule is Rule.PERCENTILE else publishable_median(days, base)
