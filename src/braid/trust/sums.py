"""A sum over people, such as what services cost, as it may be published beside how many people it is of."""

from __future__ import annotations

from braid.trust.disclosure import publishable_count, publishable_sum


def publish_sum(total: float, people: int) -> tuple[int | None, int | None]:
    """Return the published number of people and the published sum in whole units; `None` where there are too few."""
    shown = publishable_count(people)
    return shown, publishable_sum(total, people, shown)
