"""What if, for a cohort: how many waits of each kind end, begin again, stand still, pass their limit or are freed.

Counted over the same comparison as for one person (`braid.waits.what_if`), person by person, since what a change
begins, and what holds up what, is each person's own.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from braid.language.calendars import Calendar
from braid.waits.changes import Does
from braid.waits.what_if import Hold, Planned, Running, Upshot, compare

PUBLISHED_WEEKS = (6, 12, 26)
"""Weeks from the day of the run in which a change is told of where figures may leave; fixed, so that no two published
figures differ by a day that somebody chose."""
PUBLISHED_LOOK_WEEKS = 26
PUBLISHED_UNTIL_WEEKS = 8
"""How many weeks after a change its second day lies, where it has one: as long as one extension of care proceedings."""

Waits = tuple[Sequence[Running], Collection[Hold]]
"""The running waits of one person, and what holds them up."""


def count_upshots(
    people: Iterable[Waits],
    planned: Sequence[Planned],
    calendar: Calendar,
    as_of: dt.date,
    looked_at: dt.date,
) -> Counter[tuple[str, Upshot]]:
    """Return how many waits of each kind come to what, over the people. Raises `ChangeInvalid`."""
    compare((), (), planned, calendar, as_of, looked_at)
    counted: Counter[tuple[str, Upshot]] = Counter()
    for waits, holds in people:
        if not _touches(planned, waits, holds):
            counted.update((wait.kind, Upshot.UNCHANGED) for wait in waits)
            continue
        for row in compare(waits, holds, planned, calendar, as_of, looked_at):
            counted[row.kind, row.upshot] += 1
    return counted


def _touches(planned: Sequence[Planned], waits: Sequence[Running], holds: Collection[Hold]) -> bool:
    """Whether a change does anything to these waits: only then are their clocks reckoned."""
    kinds = {wait.kind for wait in waits}
    return any(
        kinds & each.change.effects.keys()
        or each.change.clears & {hold.holder for hold in holds}
        or any(effect.does is Does.BEGINS and not effect.beside for effect in each.change.effects.values())
        or any(kinds & effect.beside for effect in each.change.effects.values())
        for each in planned
    )
