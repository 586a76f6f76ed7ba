"""What only the files of a looked-after return together say: care periods over the years, and the clocks of reviews.

Each review ends one clock and begins the next, from the start of care to its end. Neither module says that alone:
reviews have no start of care, episodes have no reviews. The files are taken to hold every review since the start of
care that they hold. Where they do not hold that start, nobody knows how many reviews there were before: those on file
are chained by the longest limit, six months, so that no second review is called late that may be a later one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from braid.extracts.model import Reading
from braid.extracts.standards.review_clocks import LOOKED_AFTER, chain_later_reviews, chain_reviews

STARTED = "ssda903:S"


def join_modules(readings: Sequence[Reading]) -> None:
    """Join the care periods that earlier and later files of one feed share, then add the clocks of reviews.

    Without any file of reviews nobody can say that a review is outstanding: no clock then.
    """
    periods = _join_periods(readings)
    if not any("reviews" in reading.parts for reading in readings):
        return
    reviews = _reviews(readings)
    for reading, period in periods:
        _emit_clocks(reading, period, reviews[period["person_record_id"]])


def _is_period(record: dict[str, Any]) -> bool:
    return record["kind"] == "cla" and record.get("service") is None


def _join_periods(readings: Sequence[Reading]) -> list[tuple[Reading, dict[str, Any]]]:
    """Return the care periods; one that starts within an earlier one of the same child extends it and goes."""
    found = [(reading, row) for reading in readings for row in reading.records.get("episode", ()) if _is_period(row)]
    found.sort(key=lambda item: (item[1]["person_record_id"], item[1]["start_date"]))
    kept: list[tuple[Reading, dict[str, Any]]] = []
    gone: set[int] = set()
    for reading, period in found:
        if kept and _reaches(kept[-1][1], period):
            _extend(kept[-1][1], period)
            gone.add(id(period))
        else:
            kept.append((reading, period))
    for reading in readings:
        if gone and "episode" in reading.records:
            reading.records["episode"] = [row for row in reading.records["episode"] if id(row) not in gone]
    return kept


def _reaches(earlier: dict[str, Any], later: dict[str, Any]) -> bool:
    if earlier["person_record_id"] != later["person_record_id"] or later["start_reason"] == STARTED:
        return False
    end = earlier["end_date"]
    return end is None or later["start_date"] <= end


def _extend(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    for name in ("end_date", "end_reason", "status", "legal_basis"):
        earlier[name] = later[name]


def _reviews(readings: Sequence[Reading]) -> dict[str, list[dt.date]]:
    days: dict[str, set[dt.date]] = defaultdict(set)
    for reading in readings:
        for event in reading.records.get("event", ()):
            if event["kind"] == "review":
                days[event["person_record_id"]].add(event["start_date"])
    return defaultdict(list, {person: sorted(own) for person, own in days.items()})


def _emit_clocks(reading: Reading, period: dict[str, Any], reviews: list[dt.date]) -> None:
    """Add the clocks of the reviews within a care period, the first where the file holds the start of care itself."""
    start, end, ref = period["start_date"], period["end_date"], period["episode_ref"]
    within = [day for day in reviews if start <= day and (end is None or day <= end)]
    if period["start_reason"] == STARTED:
        clocks = chain_reviews(LOOKED_AFTER, start, end, within)
    else:
        clocks = chain_later_reviews(LOOKED_AFTER[-1], end, within)
    for clock in clocks:
        key = (ref, clock.kind) if clock.is_first else (ref, clock.kind, clock.start.isoformat())
        reading.emit(
            "wait", key, period["row_ref"], "special", period["quality"],
            person_record_id=period["person_record_id"], episode_ref=ref, kind=clock.kind, start_date=clock.start,
            start_event="DECOM" if clock.is_first else "REVIEW", stop_date=clock.stop,
            stop_event=None if clock.stop is None else "REVIEW" if clock.is_held else "DEC",
        )  # fmt: skip
