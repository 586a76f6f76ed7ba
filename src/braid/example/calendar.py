"""School terms of the example place, 2024 to 2027, and the bank holidays on which everybody is closed."""

from __future__ import annotations

from datetime import date, timedelta

TERMS = tuple(
    (date.fromisoformat(first), date.fromisoformat(last))
    for first, last in (
        ("2024-09-03", "2024-10-25"),
        ("2024-11-04", "2024-12-20"),
        ("2025-01-06", "2025-02-14"),
        ("2025-02-24", "2025-04-04"),
        ("2025-04-22", "2025-05-23"),
        ("2025-06-02", "2025-07-22"),
        ("2025-09-03", "2025-10-24"),
        ("2025-11-03", "2025-12-19"),
        ("2026-01-05", "2026-02-13"),
        ("2026-02-23", "2026-03-27"),
        ("2026-04-13", "2026-05-22"),
        ("2026-06-01", "2026-07-21"),
        ("2026-09-03", "2026-10-23"),
        ("2026-11-02", "2026-12-18"),
        ("2027-01-04", "2027-02-12"),
        ("2027-02-22", "2027-03-25"),
        ("2027-04-12", "2027-05-28"),
        ("2027-06-07", "2027-07-21"),
    )
)
CLOSED_DAYS = tuple(date.fromisoformat(day) for day in ("2025-05-05", "2026-05-04", "2027-05-03"))


def school_year_group(born: date, day: date) -> int:
    """Return the year group by age on the last 31 August: 0 is reception, 11 the last of compulsory age."""
    september = day.year if day >= date(day.year, 9, 1) else day.year - 1
    completed = september - born.year - ((born.month, born.day) > (8, 31))
    return completed - 4


def school_weeks(cut: date, count: int) -> list[date]:
    """Return the Mondays of the last `count` school weeks that had ended by a day, oldest first."""
    monday = cut - timedelta(days=cut.weekday())
    weeks: list[date] = []
    while len(weeks) < count and monday > TERMS[0][0]:
        friday = monday + timedelta(days=4)
        if friday <= cut and any(first <= monday and friday <= last for first, last in TERMS):
            weeks.append(monday)
        monday -= timedelta(days=7)
    return weeks[::-1]
