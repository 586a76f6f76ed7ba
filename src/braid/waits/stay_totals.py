"""Stays whose days the law adds up: the clock of each counts from the first of them, without the days in between.

A family may be in bed and breakfast for a period, or a total of periods, of six weeks at most (SI 2003/3326 art. 4).
The total is of an applicant's occupation, so the stays of one person that one feed tells of under one case reference,
which is one application, are one count. What ends a count is a new application: its stays begin another. A stay without
a case reference is counted alone, since nobody can say to which application it belongs. The day of moving out is a day
of the stay. A stay that runs covers every day after its start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

import pyarrow as pa

from braid.language.calendars import ONE_DAY
from braid.language.clock_model import Pause, Reckoning
from braid.language.clock_words import day_in_words
from braid.store.engine import Engine
from braid.waits.model import quoted

ADDED_UP = ("bnb_family",)
"""Kinds of wait of which the law limits the total."""

_COUNT = ("person_id", "feed", "kind", "episode_ref")


def create_stay_total(engine: Engine) -> None:
    """Create `stay_total` from `wait_once`: of each stay after the first of a count, where it begins and its pauses.

    Columns: stay_record_id, counted_from_date, and pauses as `pauses_text` writes them.
    """
    totals = list(_totals(engine.rows(_SEVERAL)))
    record, first, pauses = zip(*totals, strict=True) if totals else ((), (), ())
    engine.load_arrow(
        "stay_total",
        pa.table(
            {
                "stay_record_id": pa.array(record, pa.string()),
                "counted_from_date": pa.array(first, pa.date32()),
                "pauses": pa.array(pauses, pa.string()),
            }
        ),
    )


_SEVERAL = f"""
select record_id, {", ".join(_COUNT)}, start_date, stop_date from (
  select record_id, {", ".join(_COUNT)}, start_date, stop_date,
    count(*) over (partition by {", ".join(_COUNT)}) as stays
  from wait_once where kind in ({quoted(ADDED_UP)}) and episode_ref is not null) counted
where stays > 1 order by {", ".join(_COUNT)}, start_date, record_id"""


def _totals(stays: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dt.date, str | None]]:
    for _, count in groupby(stays, key=lambda stay: tuple(stay[name] for name in _COUNT)):
        first, *later = count
        pauses: list[Pause] = []
        reached = first["stop_date"]
        for stay in later:
            if reached is not None and stay["start_date"] > reached + ONE_DAY:
                pauses.append(Pause(reached + ONE_DAY, stay["start_date"] - ONE_DAY))
            yield stay["record_id"], first["start_date"], pauses_text(pauses)
            reached = None if None in (reached, stay["stop_date"]) else max(reached, stay["stop_date"])


def pauses_text(pauses: Iterable[Pause]) -> str | None:
    """Return pauses as FIRST:LAST in ISO dates with spaces between them; `None` without any."""
    return " ".join(f"{pause.first}:{pause.last}" for pause in pauses) or None


def stated_pauses(text: str | None) -> tuple[Pause, ...]:
    """Return the pauses that `pauses_text` wrote."""
    pairs = (each.split(":") for each in (text or "").split())
    return tuple(Pause(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) for first, last in pairs)


def explain_total(found: Reckoning, counted_from: dt.date | None) -> Reckoning:
    """Add to an explanation that stays were added up, where the clock counts from an earlier one."""
    if counted_from is None:
        return found
    words = (
        f" Stays under one application are added up: this one counts from the first, of {day_in_words(counted_from)}."
    )
    return replace(found, explanation=found.explanation + words)
