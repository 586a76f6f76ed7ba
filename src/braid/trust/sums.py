"""A sum over people, such as what services cost, as it may be published beside how many people it is of."""

from __future__ import annotations

from braid.trust.disclosure import publishable_count, publishable_sum

DIGITS = 2
"""So many digits of a mean are shown."""


def publish_sum(total: float, people: int) -> tuple[int | None, int | None]:
    """Return the published number of people and the published sum in whole units; `None` where there are too few.

    The sum is the published number times the mean to two digits. In whole pounds the means of two nights, one after the
    other, would say what the night cost: one hearing of one person, or how many of a cohort were in bed and breakfast.
    """
    shown = publishable_count(people)
    if shown is None or publishable_sum(total, people, shown) is None:
        return shown, None
    return shown, shown * _to_digits(total / people)


def _to_digits(mean: float) -> int:
    """Return a mean to two digits, halves upwards; one below a hundred to the nearest whole unit."""
    step: int = 10 ** max(0, len(str(int(abs(mean)))) - DIGITS)
    return int(mean / step + 0.5) * step
