"""Accounting periods: the months of a financial year, which runs from 1 April to 31 March."""

from __future__ import annotations

import datetime as dt

FIRST_MONTH, MONTHS = 4, 12


def first_month_of(day: dt.date) -> dt.date:
    """Return the period in which a day lies: the first day of its month."""
    return day.replace(day=1)


def next_month(month: dt.date) -> dt.date:
    """Return the period after one."""
    return _moved(month, 1)


def month_before(month: dt.date) -> dt.date:
    """Return the period before one."""
    return _moved(month, -1)


def _moved(month: dt.date, by: int) -> dt.date:
    years, index = divmod(month.month - 1 + by, MONTHS)
    return dt.date(month.year + years, index + 1, 1)


def year_of(day: dt.date) -> int:
    """Return the financial year of a day, by the year in which it begins."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def last_month_of(year: int) -> dt.date:
    """Return the March in which a financial year ends."""
    return dt.date(year + 1, FIRST_MONTH - 1, 1)


def is_last_of_year(month: dt.date) -> bool:
    """Whether a period is the last of its financial year."""
    return month.month == FIRST_MONTH - 1


def months_of(year: int) -> tuple[dt.date, ...]:
    """Return the twelve periods of a financial year, April first."""
    months = [dt.date(year, FIRST_MONTH, 1)]
    while len(months) < MONTHS:
        months.append(next_month(months[-1]))
    return tuple(months)


def year_words(year: int) -> str:
    """Return a financial year as finance writes it: 2026-27."""
    return f"{year}-{(year + 1) % 100:02d}"
