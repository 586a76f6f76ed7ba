"""Which collection year a file is of, where its columns leave several: by the newest date that stands in it.

A standard says when its year begins and whether it is named by the calendar year it begins or ends in. A date that lies
after today is passed over: it is planned or mistyped and tells nothing. Nothing of a row leaves this module but a year.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from braid.extracts import checks
from braid.extracts.csv_files import Line, clean_cell

_BEGINS = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
NAMED_BY = ("start", "end")


@dataclass(frozen=True)
class YearRule:
    """How a standard counts its collection years: the month and day on which one begins, and what names it.

    A year that begins in April and is named by its end is 2026 from 1 April 2025 to 31 March 2026.
    """

    month: int = 1
    day: int = 1
    is_named_by_end: bool = False

    def year_of(self, date: dt.date) -> int:
        """Return the collection year that a date lies in."""
        began = date.year if (date.month, date.day) >= (self.month, self.day) else date.year - 1
        return began + 1 if self.is_named_by_end else began


@dataclass(frozen=True)
class Dated:
    """The newest date that a file holds in the columns that tell its year, and in which of them it stands."""

    date: dt.date
    column: str


CALENDAR_YEAR = YearRule()


def make_year_rule(begins: str | None, named_by: str | None) -> YearRule:
    """Return a rule from `mm-dd` and start or end; raise `ValueError` saying what will not do."""
    if named_by not in (None, *NAMED_BY):
        raise ValueError(f"year_named_by is none of {', '.join(NAMED_BY)}")
    found = _BEGINS.fullmatch(begins or "01-01")
    if found is None:
        raise ValueError("year_begins is a month and a day, as in 04-01")
    return YearRule(int(found[1]), int(found[2]), named_by == "end")


def find_newest(header: Sequence[str], lines: Iterable[Line], columns: Sequence[str], today: dt.date) -> Dated | None:
    """Return the newest date up to today that the rows hold under some columns; none where they hold no date."""
    places = [(place, name) for place, name in enumerate(header) if name in columns]
    newest: Dated | None = None
    for line in lines if places else ():
        for place, name in places:
            text = clean_cell(line.cells[place]) if place < len(line.cells) else ""
            date = checks.check_date(text)[0] if text else None
            if date is not None and date <= today and (newest is None or date > newest.date):
                newest = Dated(date, name)
    return newest


def choose_year(rule: YearRule, first: int, last: int, dated: Dated | None, today: dt.date) -> tuple[int, str]:
    """Return the year that a file is read as, of the years that fit, and why."""
    if first == last:
        return first, "no other year fits"
    if dated is None:
        year = min(max(rule.year_of(today), first), last)
        return year, "no date in it tells the year, so that the latest that has begun is taken"
    said = rule.year_of(dated.date)
    year = min(max(said, first), last)
    if year == said:
        return year, f"the newest date under {dated.column} is of {year}"
    return year, f"the newest date under {dated.column} is of {said}, and {year} is the nearest year that fits"
