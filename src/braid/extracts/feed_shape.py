"""Measuring the shape of each feed of a run: counts over its records, never what a record holds.

It is measured over the records of the common language, so that a table, an XML file and a bundle are measured alike: a
column that a partner no longer fills is a column of ours that is empty. What nobody mapped comes from the reading.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from braid.extracts.feed_alerts import Shape, ShapeAlert, find_alerts
from braid.extracts.run import FeedSummary
from braid.language.feed_findings import FEED_SHAPE
from braid.language.records import LINEAGE, SOURCE_TABLES
from braid.language.schema import Table
from braid.store.engine import Engine

DATED = ("wait", "event", "episode", "stay")
"""Tables whose first days tell how far a feed reaches."""
MOST_UNMAPPED = 200
"""Names that nobody mapped and that are kept of one feed, the most frequent first."""
EARLIER = "earlier_feed_shape"
Figure = tuple[str, str, str, str, int, int]
"""Measure, table, column, code, value and base."""


def create_feed_shape(engine: Engine, summaries: Sequence[FeedSummary]) -> None:
    """Create `feed_shape` of the source tables of a run and what reading them told."""
    dates = {one.feed: one.as_of_date for one in summaries}
    figures = [(one.feed, figure) for one in summaries for figure in _read_figures(one)]
    for table in SOURCE_TABLES:
        figures += _table_figures(engine, table)
    rows = [
        dict(zip(FEED_SHAPE.names, (feed, dates.get(feed), *figure), strict=True))
        for feed, figure in figures
        if feed in dates
    ]
    engine.load_rows(FEED_SHAPE, rows)


def _read_figures(summary: FeedSummary) -> Iterator[Figure]:
    rows = summary.rows_in
    yield "rows", "", "", "", rows, rows
    yield "rejected", "", "", "", summary.rows_rejected, rows
    for name, times in summary.unmapped.most_common(MOST_UNMAPPED):
        yield "unmapped", "", name[:100], "", times, rows


def _table_figures(engine: Engine, table: Table) -> Iterator[tuple[str, Figure]]:
    own = [column for column in table.columns if column not in LINEAGE]
    filled = ", ".join(f"count({column.name}) as {column.name}" for column in own)
    found = engine.rows(f"select feed, count(*) as n, {filled} from {table.name} group by feed order by feed")
    for row in found:
        yield row["feed"], ("records", table.name, "", "", row["n"], row["n"])
        for column in own:
            yield row["feed"], ("filled", table.name, column.name, "", row[column.name], row["n"])
    for column in own:
        if column.codes:
            yield from _code_figures(engine, table.name, column.name)
    if table.name in DATED:
        yield from _newest_figures(engine, table.name)


def _code_figures(engine: Engine, table: str, column: str) -> Iterator[tuple[str, Figure]]:
    rows = engine.rows(
        f"select feed, {column} as code, count(*) as n from {table} where {column} is not null"
        f" group by feed, {column} order by feed, {column}"
    )
    for row in rows:
        base = sum(one["n"] for one in rows if one["feed"] == row["feed"])
        yield row["feed"], ("codes", table, column, str(row["code"]), row["n"], base)


def _newest_figures(engine: Engine, table: str) -> Iterator[tuple[str, Figure]]:
    rows = engine.rows(
        "select feed, max(as_of_date) as as_of_date, max(start_date) as newest, count(*) as n"
        f" from {table} where start_date <= as_of_date group by feed order by feed"
    )
    for row in rows:
        yield row["feed"], ("newest", table, "start_date", "", (row["as_of_date"] - row["newest"]).days, row["n"])


def shape_of(rows: Iterable[Mapping[str, Any]]) -> Shape:
    """Return value and base by measure, table, column and code, from the rows of `feed_shape` of one feed."""
    return {
        (row["measure"], row["table_name"], row["column_name"], row["code"]): (int(row["value"]), int(row["base"]))
        for row in rows
    }


def find_feed_alerts(engine: Engine, paths: Sequence[Path]) -> dict[str, list[ShapeAlert]]:
    """Return the sudden changes of each feed of `feed_shape` against the shapes of the runs before, oldest run first.

    `paths` are their Parquet files. Of several runs over one extract the newest counts, and extracts of this day or
    later do not: a look back is compared with what was before it.
    """
    present = _shapes_by_feed(engine, FEED_SHAPE.name)
    past: dict[str, dict[dt.date, Shape]] = defaultdict(dict)
    for path in paths:
        engine.load_parquet(EARLIER, path)
        for feed, (day, shape) in _shapes_by_feed(engine, EARLIER).items():
            past[feed][day] = shape
        engine.forget(EARLIER)
    found = {}
    for feed, (day, shape) in present.items():
        history = [past[feed][earlier] for earlier in sorted(past[feed]) if earlier < day]
        found[feed] = find_alerts(shape, history)
    return found


def _shapes_by_feed(engine: Engine, table: str) -> dict[str, tuple[dt.date, Shape]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in engine.rows(f"select * from {table} where as_of_date is not null"):
        rows[row["feed"]].append(row)
    return {feed: (ones[0]["as_of_date"], shape_of(ones)) for feed, ones in rows.items()}
