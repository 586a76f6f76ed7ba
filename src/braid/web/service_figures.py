"""What publication takes of the measures of services: the whole place's, none by provider; and what it keeps as shown.

Each publication keeps the size of every queue as it was published. At the place's first one, weeks before it are filled
in as far as `braid.trust.sizes` lets them; never again, since a later look at a day whose size was published would be a
second count of it (decision 25).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from braid.language.clock_rules import shortest_days
from braid.language.codes import WAIT_KINDS
from braid.language.findings import SERVICE_MEASURE, SERVICE_OVERLAP, SERVICE_WEEK
from braid.store.lake import Run
from braid.trust.cubes import WHOLE_PLACE, Cell
from braid.trust.durations import COMPLETED_WEEKS, publish_durations
from braid.trust.sizes import fill_in_sizes, find_known
from braid.web.copying import rows_of
from braid.web.figures import get_published_counts
from braid.web.models import ServiceMeasure, ShownSize
from braid.web.refusals import NotPublishable

MEASURE_COLUMNS = ("kind", "open_p92_days", "completed_median_days", "completed_p92_days", "additions")
OVERLAP_COLUMNS = ("kind", "other_kind", "people", "share")
TABLES = (SERVICE_MEASURE.name, SERVICE_WEEK.name, SERVICE_OVERLAP.name)
DURATIONS = MEASURE_COLUMNS[1:4]
Row = Mapping[str, Any]


def is_measured(run: Run) -> bool:
    """Whether the run holds measures of services: one made before there were any has none, and is published without."""
    return all(run.table(name).is_file() for name in TABLES)


def has_measures(run: Run) -> bool:
    """Whether the measures of the run are published: not so where an older Braid published it."""
    return (
        not is_measured(run)
        or ServiceMeasure.objects.exists()
        or not any(rows_of(run, SERVICE_MEASURE.name, ("kind",)))
    )


def read_measures(run: Run) -> Iterator[Row]:
    """Return the rows of `ServiceMeasure`."""
    weeks = _weeks(run)
    for row in _whole_place(run, SERVICE_MEASURE.name, ("kind", "organisation_id", *DURATIONS)):
        yield {**row, "additions": _additions(weeks[row["kind"]])}


def read_overlaps(run: Run) -> Iterator[Row]:
    """Return the rows of `ServiceOverlap`."""
    columns = ("kind", "organisation_id", "other_kind", "other_organisation_id", "people", "share")
    for row in _whole_place(run, SERVICE_OVERLAP.name, columns):
        if not row["other_organisation_id"]:
            yield row


def keep_shown(run: Run, as_of: dt.date | None, *, is_first: bool) -> None:
    """Keep what the published tables show of each queue on the day of the run; fill in the weeks before the first."""
    if as_of is None:
        return
    measures = {row["kind"]: row for row in ServiceMeasure.objects.values(*MEASURE_COLUMNS)}
    cells = [cell for cell in get_published_counts() if cell.district == WHOLE_PLACE]
    shown = []
    for cell in cells:
        is_known = measures.get(cell.kind, {}).get("additions") is not None
        values = {"waiting": cell.values["waiting"], "completed": cell.values["completed"] if is_known else None}
        shown.append(ShownSize(kind=cell.kind, day=as_of, is_filled_in=False, **values))
    if is_first and is_measured(run):
        shown += _fill_in(run, as_of, cells, list(measures.values()))
    ShownSize.objects.filter(day=as_of).delete()
    ShownSize.objects.bulk_create(shown)


def _fill_in(run: Run, as_of: dt.date, cells: Sequence[Cell], measures: Sequence[Row]) -> Iterator[ShownSize]:
    durations = {cell.kind: cell.values for cell in publish_durations(measures, cells)}
    weeks = _weeks(run)
    for cell in cells:
        before = [
            ((as_of - row["week_end_date"]).days, row["waiting"])
            for row in weeks[cell.kind]
            if row["known"] and row["week_end_date"] < as_of
        ]
        known = find_known(cell, durations[cell.kind], shortest_days(cell.kind))
        for days, size in fill_in_sizes(before, known):
            yield ShownSize(kind=cell.kind, day=as_of - dt.timedelta(days), waiting=size, is_filled_in=True)


def _weeks(run: Run) -> dict[str, list[Row]]:
    """The weeks of each kind of wait in the whole place, the last one first."""
    columns = ("kind", "organisation_id", "week_end_date", "additions", "waiting", "known")
    found: dict[str, list[Row]] = defaultdict(list)
    for row in _whole_place(run, SERVICE_WEEK.name, columns):
        found[row["kind"]].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row["week_end_date"], reverse=True)
    return found


def _additions(weeks: Sequence[Row]) -> int | None:
    """How many came in the last 13 weeks; `None` where not all of these are known."""
    last = weeks[:COMPLETED_WEEKS]
    if len(last) < COMPLETED_WEEKS or not all(row["known"] for row in last):
        return None
    return sum(row["additions"] for row in last)


def _whole_place(run: Run, table: str, columns: Sequence[str]) -> Iterator[Row]:
    for row in rows_of(run, table, columns):
        if row["kind"] not in WAIT_KINDS or row.get("other_kind", row["kind"]) not in WAIT_KINDS:
            raise NotPublishable(f"{table} holds a kind of wait that the common language does not know")
        if not row["organisation_id"]:
            yield row
