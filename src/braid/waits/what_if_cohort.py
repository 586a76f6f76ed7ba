"""What if, for a cohort: how many waits of each kind end, begin again, stand still, pass their limit or are freed.

Counted over the same comparison as for one person (`braid.waits.what_if`), person by person, since what a change
begins, and what holds up what, is each person's own.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from braid.language.calendars import Calendar
from braid.waits.what_if import Hold, Planned, Running, Upshot, begins, compare

PUBLISHED_WEEKS = (6, 12, 26)
"""Weeks from the day of the run in which a change is told of where figures may leave; fixed, so that no two published
figures differ by a day that somebody chose."""
PUBLISHED_LOOK_WEEKS = 26
PUBLISHED_UNTIL_WEEKS = 8
"""How many weeks after a change its second day lies, where it has one: as long as one extension of care proceedings."""


class Waits(NamedTuple):
    """The running waits of one person, what holds them up, and their date of birth, where whoever asks may know it."""

    running: Sequence[Running]
    holds: Collection[Hold]
    birth_date: dt.date | None = None


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
    if len(planned) == 1:
        alone = _Alone(planned[0], calendar, as_of, looked_at)
        for each in people:
            counted.update(alone.upshots(each))
        return counted
    for each in people:
        rows = compare(each.running, each.holds, planned, calendar, as_of, looked_at, each.birth_date)
        counted.update((row.kind, row.upshot) for row in rows)
    return counted


class _Alone:
    """What one change comes to, worked out once for each wait that begins like another.

    Beside its own facts, what a wait comes to rests on other waits of the person in two ways alone: what holds it up
    may end or come, and a clock may begin beside one of them. Whether one begins may rest on the person's age too.
    """

    def __init__(self, planned: Planned, calendar: Calendar, as_of: dt.date, looked_at: dt.date) -> None:
        self.planned = planned
        self.days = (calendar, as_of, looked_at)
        self.known: dict[tuple[object, ...], Upshot] = {}

    def upshots(self, person: Waits) -> Iterator[tuple[str, Upshot]]:
        """Yield the kind of each wait of a person, with what it comes to; those that begin come last."""
        waits, holds, birth_date = person
        alone = [(wait, self._of(wait)) for wait in waits]
        gone = {wait.wait_id for wait, upshot in alone if upshot is Upshot.ENDED} | self.planned.change.clears
        left = {hold.held for hold in holds if hold.holder not in gone}
        freed = {hold.held for hold in holds} - left
        for wait, upshot in alone:
            is_freed = upshot is Upshot.UNCHANGED and wait.wait_id in freed
            yield wait.kind, Upshot.FREED if is_freed else upshot
        kinds = {wait.kind for wait in waits}
        for effect in self.planned.change.effects.values():
            if begins(effect, kinds, birth_date, self.planned.on):
                yield effect.wait, Upshot.BEGUN

    def _of(self, wait: Running) -> Upshot:
        """Return what a wait comes to were it the person's only one, and held by nothing."""
        facts = (
            wait.kind,
            wait.start,
            wait.extensions,
            wait.pauses,
            wait.exception,
            wait.not_before,
            wait.counted_from,
        )
        if facts not in self.known:
            self.known[facts] = compare((wait,), (), (self.planned,), *self.days)[0].upshot
        return self.known[facts]
