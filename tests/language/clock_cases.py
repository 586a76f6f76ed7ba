"""The worked cases of the clocks, read from the data file that is their specification."""

from __future__ import annotations

import csv
import datetime as dt
from importlib import resources

from braid.language.calendars import Calendar
from braid.language.clock_hours import reckon_moments
from braid.language.clock_model import Extension, Pause, Reckoning
from braid.language.clocks import reckon
from braid.language.dates import LONDON, parse_moment


def read_data(name: str) -> list[dict[str, str]]:
    text = resources.files("braid.language").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def find_day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _ends(row: dict[str, str]) -> tuple[dt.date, dt.date]:
    return dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["last"])


_TERMS = read_data("clock_case_terms.csv")
CALENDAR = Calendar(
    tuple(_ends(row) for row in _TERMS if row["what"] == "term"),
    frozenset(_ends(row)[0] for row in _TERMS if row["what"] == "closed"),
)
CASES = read_data("clock_cases.csv")


def reckon_case(case: dict[str, str]) -> Reckoning:
    """Reckon a worked case with the code under test."""
    if "T" in case["start"]:
        stop = parse_moment(case["stop"]) if case["stop"] else None
        return reckon_moments(case["kind"], parse_moment(case["start"]), parse_moment(case["as_of"]), stop=stop)
    return reckon(
        case["kind"],
        max(dt.date.fromisoformat(day) for day in case["start"].split()),
        dt.date.fromisoformat(case["as_of"]),
        CALENDAR,
        stop=find_day(case["stop"]),
        extensions=[_extension(text) for text in case["extensions"].split()],
        pauses=[Pause(*map(dt.date.fromisoformat, text.split(":"))) for text in case["pauses"].split()],
        exception=case["exception"] or None,
    )


def _extension(text: str) -> Extension:
    until, _, granted = text.partition(":")
    return Extension(dt.date.fromisoformat(until), find_day(granted))


def found_words(found: Reckoning) -> tuple[str, str, str, str]:
    """Return what a reckoning found as a case writes it: last day or moment, the other one, standing, and the rest."""
    due = found.due_date.isoformat() if found.due_date else ""
    if found.due_at is not None:
        due = f"{found.due_at.astimezone(LONDON):%Y-%m-%dT%H:%M}"
    also = {"aim": found.aim_date, "opens": found.opens_date, "would_be": found.would_be_date}
    rest = [f"{name}={day}" for name, day in also.items() if day] + (
        [f"doubts={len(found.doubts)}"] if found.doubts else []
    )
    other = found.due_date_other.isoformat() if found.due_date_other else ""
    return due, other, found.clock, " ".join(rest)
