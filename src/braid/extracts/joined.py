"""What the files of a large feed say only together, found in the Parquet files that they were read into.

What is asked of a person rests on that person's records alone. So people are taken some at a time, and the step that
small feeds take (`braid.extracts.read.FEED_STEPS`) is taken with their records: no more is held than those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import pyarrow.parquet as pq

from braid.extracts.model import PartCount, Reading, Source
from braid.extracts.read import FEED_STEPS
from braid.language.findings import TABLES
from braid.store.arrow_types import file_schema, to_arrow
from braid.store.engine import Engine

MOST_ROWS = 50_000
"""Records of people that are taken together, about so many."""
_BUCKETS = 256
"""People are told apart by the first two digits of the id of their record, which are spread evenly."""


class Read(Protocol):
    """The reading of a file whose records were written."""

    source: Source
    file_sha256: str
    file_name: str
    parts: dict[str, PartCount]


STEPS_READ: Mapping[str, Mapping[str, str]] = {
    "ssda903": {"episode": "kind = 'cla' and service is null", "event": "kind = 'review'"}
}
"""Of each standard whose files are joined: which rows of which tables its step reads."""
CHANGED = {"ssda903": "episode"}
"""The table whose rows the step changes or takes away."""


def join_files(readings: Sequence[Read], written: dict[str, list[Path]], engine: Engine, folder: Path) -> None:
    """Take the step of a standard over the tables of its files: put into `written` what they are afterwards.

    `written` holds the files of each table; new ones go to `folder`. A standard without a step stays as it is.
    """
    standard = readings[0].source.standard if readings else ""
    if standard not in STEPS_READ or not written.get(CHANGED[standard]):
        return
    read, changed = STEPS_READ[standard], CHANGED[standard]
    rows = 0
    for name, condition in read.items():
        _load(engine, name, written.get(name, []), condition)
        rows += engine.rows(f"select count(*) as n from joined_{name}")[0]["n"] if written.get(name) else 0
    new: dict[str, list[Path]] = defaultdict(list)
    for number, (first, last) in enumerate(_ranges(rows)):
        joined = _join_some(readings, {name: first for name in read if written.get(name)}, last, engine)
        for name in {one for reading in joined for one in reading.records} - (read.keys() - {changed}):
            table = TABLES[name]
            found = [row for reading in joined for row in reading.records[name]]
            new[name].append(folder / f"{name}.joined-{number}.parquet")
            pq.write_table(to_arrow(table, found).cast(file_schema(table)), new[name][-1])
    columns = ", ".join(TABLES[changed].names)
    engine.view(changed, f"select {columns} from all_{changed} where case when {read[changed]} then 0 else 1 end = 1")
    rest = folder / f"{changed}.rest.parquet"
    engine.write(TABLES[changed], rest, in_order=False)
    engine.forget(changed)
    written[changed] = [rest, *new.pop(changed, [])]
    for name, paths in new.items():
        written[name] = [*written.get(name, []), *paths]


def _load(engine: Engine, name: str, paths: Sequence[Path], condition: str) -> None:
    if not paths:
        return
    for place, path in enumerate(paths):
        engine.load_parquet(f"all_{name}_{place}", path)
    columns = ", ".join(TABLES[name].names)
    every = " union all ".join(
        f"select {place} as place, {columns} from all_{name}_{place}" for place in range(len(paths))
    )
    engine.view(f"all_{name}", every)
    engine.view(f"joined_{name}", f"select * from all_{name} where {condition}")


def _ranges(rows: int) -> list[tuple[str, str]]:
    """Return the first and the last two digits of the ids of people who are taken together."""
    steps = min(_BUCKETS, max(1, -(-rows // MOST_ROWS)))
    bounds = [_BUCKETS * step // steps for step in range(steps + 1)]
    return [(f"{low:02x}", f"{high - 1:02x}") for low, high in pairwise(bounds)]


def _join_some(readings: Sequence[Read], tables: Mapping[str, str], last: str, engine: Engine) -> list[Reading]:
    """Return the readings of the files with the records of some people, after the step."""
    made = [Reading(one.source, one.file_sha256, one.file_name, parts=one.parts) for one in readings]
    by_hash = {one.file_sha256: one for one in reversed(made)}
    for name, first in tables.items():
        columns = ", ".join(TABLES[name].names)
        rows: list[dict[str, Any]] = engine.rows(
            f"select {columns} from joined_{name}"
            " where substring(person_record_id, 1, 2) between ? and ? order by place, person_record_id, record_id",
            [first, last],
        )
        for row in rows:
            by_hash[row["file_sha256"]].records[name].append(row)
    FEED_STEPS[readings[0].source.standard](made)
    return made
