"""What only the files of a looked-after return together say: care periods over the years, and the clock of reviews.

A review clock runs from the start of care to the first review, and from each review to the next; it stops at the end of
care. Neither module says that alone: reviews have no end of care, episodes have no reviews.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from braid.extracts.model import Reading


def join_modules(readings: Sequence[Reading]) -> None:
    """Join the care periods that earlier and later files of one feed share, then add the review clocks."""
    periods = _join_periods(readings)
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
    if earlier["person_record_id"] != later["person_record_id"] or later["start_reason"] == "ssda903:S":
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
    """Add a clock a stretch between the start of care, its reviews and its end."""
    start, end = period["start_date"], period["end_date"]
    within = [day for day in reviews if start <= day and (end is None or day <= end)]
    starts = [start, *within]
    stops: list[dt.date | None] = [*within, end]
    for number, (begun, stopped) in enumerate(zip(starts, stops, strict=True)):
        is_last = number == len(starts) - 1
        if is_last and end == begun:
            continue
        reading.emit(
            "wait", (period["episode_ref"], "cla_review", begun.isoformat()), period["row_ref"], "special",
            period["quality"], person_record_id=period["person_record_id"], episode_ref=period["episode_ref"],
            kind="cla_review", start_date=begun, start_event=_start_event(number), stop_date=stopped,
            stop_event=None if stopped is None else ("DEC" if is_last else "REVIEW"),
        )  # fmt: skip


def _start_event(number: int) -> str:
    return ("DECOM", "first REVIEW")[number] if number < 2 else "REVIEW"
