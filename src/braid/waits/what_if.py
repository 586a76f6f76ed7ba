"""What if: the running waits of a person as they stand, and as they would stand after changes that somebody plans.

Nothing is foretold. What a change does to a clock is a rule with its reason (`braid.waits.changes`); every clock is
reckoned by the same rules as everywhere, on the same day with the change and without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from braid.language.calendars import ONE_DAY, Calendar
from braid.language.clock_model import Extension, Pause, Reckoning
from braid.language.clocks import reckon
from braid.language.dates import years_lived
from braid.waits.changes import Change, Does, Effect
from braid.waits.stay_totals import explain_total


class ChangeInvalid(Exception):
    """A planned change that cannot be: the message says which and why, and never whose."""


class Upshot(StrEnum):
    """What a wait comes to on the day looked at, told apart from the same wait without the change."""

    ENDED = "ended"
    RESTARTED = "restarted"
    BEGUN = "begun"
    BREACHED = "breached"
    """Past its limit with the changes, or sure to be, and not without them."""
    SAVED = "saved"
    """Within its limit with the change, and past it without."""
    PAUSED = "paused"
    """Its clock stood still for days that the law leaves out of the limit."""
    FREED = "freed"
    """It goes on as before, and nothing holds it up any more."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Running:
    """A running wait: what is needed to reckon its clock, and nothing of the person."""

    wait_id: str
    kind: str
    start: dt.date
    extensions: tuple[Extension, ...] = ()
    pauses: tuple[Pause, ...] = ()
    exception: str | None = None
    not_before: dt.date | None = None
    counted_from: dt.date | None = None
    """Where its clock begins, if that is the start of an earlier stay which the law adds up with this one."""


@dataclass(frozen=True)
class Hold:
    """That `holder`, a wait by its id or a kind of missing evidence, holds up a wait."""

    held: str
    holder: str


@dataclass(frozen=True)
class Planned:
    """A change on a day; `until` is the second day of changes that have one."""

    change: Change
    on: dt.date
    until: dt.date | None = None


@dataclass(frozen=True)
class Position:
    """A wait on the day looked at: since when its clock runs, what it says, and what holds it up.

    It cannot end before `not_before`, where a change says so.
    """

    start: dt.date
    clock: Reckoning
    held_by: frozenset[str]
    not_before: dt.date | None = None


@dataclass(frozen=True)
class Row:
    """One wait beside itself: without the changes, and with them. `effects` are the rules that touched it."""

    wait_id: str
    kind: str
    without: Position | None
    with_changes: Position | None
    upshot: Upshot
    effects: tuple[Effect, ...]


def compare(
    waits: Sequence[Running],
    holds: Collection[Hold],
    planned: Iterable[Planned],
    calendar: Calendar,
    as_of: dt.date,
    looked_at: dt.date,
    birth_date: dt.date | None = None,
) -> list[Row]:
    """Return every wait with and without the changes, as both would stand on `looked_at`; waits that begin come last.

    `waits` run on `as_of`, the day the findings speak of; changes are from that day to `looked_at`. An effect holds for
    every wait of its kind. `birth_date` is the person's, where it is known and whoever asks may know it. Raises
    `ChangeInvalid` for a change outside those days.
    """
    in_order = sorted(planned, key=lambda each: (each.on, each.change.code))
    _check(in_order, as_of, looked_at)
    after: dict[str, Running] = {wait.wait_id: wait for wait in waits}
    effects: dict[str, list[Effect]] = {wait.wait_id: [] for wait in waits}
    cleared: set[str] = set()
    for each in in_order:
        cleared |= each.change.clears
        _apply(each, after, effects, birth_date)
    holders = {hold.holder for hold in holds}
    gone = {wait.wait_id for wait in waits if wait.wait_id not in after} | (cleared & holders)
    now_held = _held_by(hold for hold in holds if hold.holder not in gone)
    was_held = _held_by(holds)
    before = {wait.wait_id: wait for wait in waits}
    rows = []
    for wait_id, wait in (before | after).items():
        was, now = before.get(wait_id), after.get(wait_id)
        without = _stand(was, was_held, calendar, looked_at)
        is_same = was is now and was_held.get(wait_id) == now_held.get(wait_id)
        changed = without if is_same else _stand(now, now_held, calendar, looked_at)
        touched = tuple(effects[wait_id])
        rows.append(Row(wait_id, wait.kind, without, changed, _upshot(without, changed, touched), touched))
    return rows


def _check(planned: Sequence[Planned], as_of: dt.date, looked_at: dt.date) -> None:
    for each in planned:
        if not as_of <= each.on <= looked_at:
            raise ChangeInvalid(f"{each.change.code} is on {each.on}; name a day from {as_of} to {looked_at}")
        if bool(each.change.until) != (each.until is not None):
            needed = f"say {each.change.until}" if each.change.until else "leave the second day out"
            raise ChangeInvalid(f"{each.change.code}: {needed}")
        if each.until is not None and each.until <= each.on:
            raise ChangeInvalid(f"{each.change.code}: the second day must come after {each.on}")


def begins(effect: Effect, running: Set[str], birth_date: dt.date | None, day: dt.date) -> bool:
    """Whether an effect begins a wait of somebody who has waits of the kinds `running` on the day."""
    if effect.does is not Does.BEGINS or effect.wait in running or effect.unless & running:
        return False
    if effect.aged is not None and birth_date is not None:
        first, under = effect.aged
        return first <= years_lived(birth_date, day) < under
    return bool(effect.beside & running) if effect.beside or effect.aged else True


def _apply(
    planned: Planned, after: dict[str, Running], effects: dict[str, list[Effect]], birth_date: dt.date | None
) -> None:
    """Let a change do what it does to the waits that still run on its day."""
    running = {wait.kind for wait in after.values()}
    for wait in list(after.values()):
        effect = planned.change.effects.get(wait.kind)
        if effect is None or effect.does is Does.BEGINS:
            continue
        effects[wait.wait_id].append(effect)
        if effect.does is Does.ENDS:
            del after[wait.wait_id]
        elif effect.does is Does.RESTARTS:
            after[wait.wait_id] = Running(wait.wait_id, wait.kind, planned.on)
        elif effect.does is Does.EXTENDS and planned.until:
            granted = Extension(planned.until, planned.on)
            after[wait.wait_id] = replace(wait, extensions=(*wait.extensions, granted))
        elif effect.does is Does.PAUSES and planned.until:
            standing = Pause(planned.on, planned.until - ONE_DAY)
            after[wait.wait_id] = replace(wait, pauses=(*wait.pauses, standing))
        elif planned.until:
            after[wait.wait_id] = replace(wait, not_before=planned.until)
    for effect in planned.change.effects.values():
        if begins(effect, running, birth_date, planned.on):
            wait_id = f"{planned.change.code} {planned.on} {effect.wait}"
            after[wait_id] = Running(wait_id, effect.wait, planned.on)
            effects[wait_id] = [effect]


def _held_by(holds: Iterable[Hold]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for hold in holds:
        found.setdefault(hold.held, set()).add(hold.holder)
    return {held: frozenset(holders) for held, holders in found.items()}


def _stand(
    wait: Running | None, held_by: Mapping[str, frozenset[str]], calendar: Calendar, day: dt.date
) -> Position | None:
    if wait is None:
        return None
    counted_from = wait.counted_from or wait.start
    clock = _reckon(wait.kind, counted_from, day, calendar, wait.extensions, wait.pauses, wait.exception)
    clock = explain_total(clock, wait.counted_from)
    return Position(wait.start, clock, held_by.get(wait.wait_id, frozenset()), wait.not_before)


@lru_cache(maxsize=100_000)
def _reckon(
    kind: str,
    start: dt.date,
    day: dt.date,
    calendar: Calendar,
    extensions: tuple[Extension, ...],
    pauses: tuple[Pause, ...],
    exception: str | None,
) -> Reckoning:
    """Reckon a clock once: the waits of a cohort share far fewer starts."""
    return reckon(kind, start, day, calendar, extensions=extensions, pauses=pauses, exception=exception)


def _upshot(without: Position | None, changed: Position | None, effects: tuple[Effect, ...]) -> Upshot:
    """Name what matters most: that it ended or began, its limit, that it began again or stood still, what held it."""
    if changed is None:
        return Upshot.ENDED
    if without is None:
        return Upshot.BEGUN
    if without.clock.clock == "within" and _is_past(changed):
        return Upshot.BREACHED
    if any(effect.does is Does.RESTARTS for effect in effects):
        return Upshot.RESTARTED
    if (without.clock.clock, changed.clock.clock) == ("past", "within"):
        return Upshot.SAVED
    if any(effect.does is Does.PAUSES for effect in effects):
        return Upshot.PAUSED
    if without.held_by and not changed.held_by:
        return Upshot.FREED
    return Upshot.UNCHANGED


def _is_past(position: Position) -> bool:
    """Whether the limit is past, or will be on the day before which the wait cannot end."""
    due = position.clock.due_date
    too_late = due is not None and position.not_before is not None and due < position.not_before
    return position.clock.clock == "past" or too_late


def side_by_side(options: Mapping[str, Sequence[Row]]) -> dict[str, dict[str, Row]]:
    """Return the rows of several options by wait, then by the name of the option, in the order of the first."""
    waits: dict[str, dict[str, Row]] = {}
    for name, rows in options.items():
        for row in rows:
            waits.setdefault(row.wait_id, {})[name] = row
    return waits


def postponed(planned: Planned, weeks: int) -> Planned:
    """Return the same change so many weeks later."""
    later = dt.timedelta(weeks=weeks)
    return replace(planned, on=planned.on + later, until=planned.until + later if planned.until else None)
