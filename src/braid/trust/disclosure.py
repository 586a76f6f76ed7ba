"""Disclosure control for published counts, after the rule of Hospital Episode Statistics: 0 is shown, 1 to 7 are
suppressed, every other count is rounded to the nearest 5. Totals are rounded from their own exact value, never summed
from rounded parts.
"""

from __future__ import annotations

SUPPRESSED_FROM, SUPPRESSED_TO, ROUND_TO = 1, 7, 5


def publishable_count(exact: int) -> int | None:
    """Return the count as it may be published; `None` where it is suppressed. Raises `ValueError` below zero."""
    if exact < 0:
        raise ValueError("a count cannot be below zero")
    if SUPPRESSED_FROM <= exact <= SUPPRESSED_TO:
        return None
    return ROUND_TO * ((exact + ROUND_TO // 2) // ROUND_TO)


def publishable_share(part: int, whole: int) -> int | None:
    """Return a share in whole per cent of rounded counts.

    `None` where the whole is 0 or suppressed, or where the part or what is left of the whole is 0 to 7: a share of
    nobody or of everybody says something about each of them.
    """
    shown_part, shown_whole = publishable_count(part), publishable_count(whole)
    if not shown_part or not shown_whole or not publishable_count(max(0, whole - part)):
        return None
    return min(100, round(100 * shown_part / shown_whole))


def publishable_measure(value: float | None, base: int) -> float | None:
    """Return a median or quantile only where it rests on more than the suppressed number of people."""
    return value if value is not None and base > SUPPRESSED_TO else None
