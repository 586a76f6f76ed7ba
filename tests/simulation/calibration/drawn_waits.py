"""Waits of a queue that is known: drawn here, without the engine, and shown as an extract shows them."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from braid.simulation.calibration.pose import Posed, pose
from braid.simulation.calibration.rules import Rules
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.engine import Engine

AS_OF = dt.date(2026, 11, 15)
KEPT_DAYS = 182
WEEK_DAYS = 7
Wait = tuple[float, float | None, str | None]
"""Weeks at which it began and ended, and by which code; none while it runs."""


def drawn_slots(arrivals: float, slots: int, patience: float, weeks: int, seed: int) -> list[Wait]:
    """Return waits of a queue served first come, first served, so many each week, people leaving at random."""
    rng = np.random.default_rng(seed)
    queue: deque[tuple[float, float]] = deque()
    waits: list[Wait] = []
    for week in range(weeks):
        given = slots
        while queue and given:
            began, until = queue.popleft()
            if until <= week:
                waits.append((began, until, "left"))
            else:
                waits.append((began, float(week), "served"))
                given -= 1
        for began in sorted(week + rng.random(rng.poisson(arrivals))):
            queue.append((began, began + rng.exponential(patience)))
    return waits + [(began, until, "left") if until < weeks else (began, None, None) for began, until in queue]


def drawn_stays(arrivals: float, lengths: Iterable[float], weeks: int, seed: int) -> list[Wait]:
    """Return stays of people who come evenly over some weeks, each as long as given."""
    rng = np.random.default_rng(seed)
    stays = list(lengths)[: rng.poisson(arrivals * weeks)]
    return [
        (began, began + length, "ended") if began + length < weeks else (began, None, None)
        for began, length in zip(rng.random(len(stays)) * weeks, stays, strict=True)
    ]


def rows_of(kind: str, waits: Sequence[Wait], weeks: int, kept_days: int | None = KEPT_DAYS) -> list[dict[str, Any]]:
    """Return waits as rows that an extract of the last day shows; whoever ended longer ago is not in it."""
    first = AS_OF - dt.timedelta(days=WEEK_DAYS * weeks - 1)
    rows = []
    for number, (began, ended, code) in enumerate(waits):
        stop = None if ended is None else first + dt.timedelta(days=int(ended * WEEK_DAYS))
        if stop is None or kept_days is None or (AS_OF - stop).days < kept_days:
            start = first + dt.timedelta(days=int(began * WEEK_DAYS))
            rows.append(row(f"{kind}{number}", f"person {kind}{number}", kind, start, stop, code))
    return rows


def row(
    wait: str,
    person: str,
    kind: str,
    start: dt.date,
    stop: dt.date | None = None,
    code: str | None = None,
    priority: str | None = None,
) -> dict[str, Any]:
    """Return one wait of a person."""
    return {
        "wait_id": wait, "case_record_id": wait, "person_id": person, "kind": kind, "priority": priority,
        "start_date": start, "stop_date": stop, "stop_event": code, "feed": "feed",
    }  # fmt: skip


def posed_from(
    rows: Sequence[Mapping[str, Any]], rules: Rules, ended: Sequence[Mapping[str, Any]] = (), **more: Any
) -> Posed:
    """Return the network of a run with these waits and the episodes `ended`."""
    engine = loaded(rows, ended)
    try:
        return pose(engine, AS_OF, 52, rules, **more)
    finally:
        engine.close()


def loaded(rows: Sequence[Mapping[str, Any]], ended: Sequence[Mapping[str, Any]] = ()) -> Engine:
    """Return an engine with waits, their records and the episodes `ended`. Whoever asks for it closes it."""
    engine = DuckDBEngine(memory_limit="512MB", threads=1)
    text, day = pa.string(), pa.date32()
    waits = {"wait_id": text, "case_record_id": text, "person_id": text, "kind": text, "priority": text, "feed": text}
    waits |= {"start_date": day, "stop_date": day}
    engine.load_arrow("person_wait", _table(rows, waits))
    records = [{**each, "record_id": each["wait_id"], "person_record_id": each["person_id"]} for each in rows]
    records = [{**each, "episode_ref": each["wait_id"]} for each in records]
    columns = {"record_id": text, "person_record_id": text, "episode_ref": text, "kind": text, "stop_event": text}
    columns |= {"stop_date": day}
    engine.load_arrow("wait", _table(records, columns))
    episode = {"person_record_id": text, "episode_ref": text, "kind": text, "end_reason": text}
    engine.load_arrow("episode", _table(ended, episode))
    return engine


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in columns.items()})
