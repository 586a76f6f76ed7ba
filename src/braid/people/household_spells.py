"""Who lived with whom from day to day, as spells.

The rule of one day is that of `households`, asked of the keys that hold on that day. Between two days on which nothing
begins or ends, nothing changes, so only the days of change are looked at; and people who never had a key in common, by
whatever way round, are looked at apart. A household keeps its label from one day to the next as a person keeps their
id: it goes with most of those who had it.

A household in which somebody lived before is called by its label again where nobody lives in it meanwhile: whoever left
a home that goes on takes nothing of it along.

Where a source states no first day, extracts show the stay on the as-of day, and of one that ended on its last day: no
earlier day is claimed. A stay that ends on the as-of day or later holds on the day before: of the as-of day itself only
what has no end counts, as for the household that a person belongs to now.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType

from braid.people.households import APPLICATION, LARGEST_HOUSEHOLD, Apart, Sign, unite
from braid.people.identity import assign_ids

ONE_DAY = dt.timedelta(days=1)
Draw = Callable[[], str]


@dataclass(frozen=True)
class Presence:
    """A person has a key from the first day to the last that is shown; `last_date` is `None` while it lasts.

    `start_date` and `end_date` are as a source states them, or `None`.
    """

    person_id: str
    key: str
    first_date: dt.date
    last_date: dt.date | None
    start_date: dt.date | None
    end_date: dt.date | None
    role: str | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether they have the key on a day."""
        return self.first_date <= day and (self.last_date is None or day <= self.last_date)


@dataclass(frozen=True)
class Spell:
    """A person in one household without a break. `label` names the household among these spells alone.

    `start_date` and `end_date` are as sources state them, or `None`; `first_date` and `last_date` are what is shown.
    """

    label: str
    person_id: str
    first_date: dt.date
    last_date: dt.date
    start_date: dt.date | None
    end_date: dt.date | None
    is_open: bool
    keys: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


def find_presences(signs: Iterable[Sign], person_ids: Mapping[str, str], as_of: dt.date) -> list[Presence]:
    """Return the signs of known people as days that are shown, in an order that does not depend on theirs."""
    found = {
        presence
        for sign in signs
        if sign.record_id in person_ids
        for presence in _shown(sign, person_ids[sign.record_id], as_of)
    }
    return sorted(found, key=_order)


def _shown(sign: Sign, person_id: str, as_of: dt.date) -> Iterator[Presence]:
    start, end = sign.start_date, sign.end_date
    stated = start if start is not None and start <= as_of else None
    if end is None:
        yield Presence(person_id, sign.key, stated or as_of, None, stated, None, sign.role)
        return
    last = min(end, as_of - ONE_DAY)
    first = last if start is None else start
    if first <= last and (start is None or start <= end):
        yield Presence(person_id, sign.key, first, last, stated, end, sign.role)


def _order(presence: Presence) -> tuple[str, str, dt.date, dt.date, bool, str]:
    last = presence.last_date or dt.date.max
    return (
        presence.person_id, presence.key, presence.first_date, last, presence.start_date is None, presence.role or ""
    )  # fmt: skip


def find_spells(presences: Sequence[Presence], as_of: dt.date, apart: Apart = MappingProxyType({})) -> list[Spell]:
    """Return the spells of everybody, by person and first day; nobody is in two households on one day."""
    found: list[Spell] = []
    for number, members in enumerate(_apart_for_ever(presences)):
        found += _spells(members, as_of, apart, f"{number}")
    return sorted(found, key=lambda spell: (spell.person_id, spell.first_date))


def _apart_for_ever(presences: Sequence[Presence]) -> list[list[Presence]]:
    """Return the presences in parts that have neither a person nor a key in common."""
    heads: dict[str, str] = {}

    def head(name: str) -> str:
        heads.setdefault(name, name)
        while heads[name] != name:
            heads[name] = heads[heads[name]]
            name = heads[name]
        return name

    institutions = _institutions(presences)
    told = [presence for presence in presences if presence.key not in institutions]
    for presence in told:
        ours, theirs = sorted((head(f"person {presence.person_id}"), head(presence.key)))
        heads[theirs] = ours
    parts: dict[str, list[Presence]] = defaultdict(list)
    for presence in told:
        parts[head(presence.key)].append(presence)
    return list(parts.values())


def _institutions(presences: Sequence[Presence]) -> set[str]:
    """Return the keys that on each of their days more people share than a home holds: they tell of nobody."""
    holders: dict[str, list[Presence]] = defaultdict(list)
    for presence in presences:
        holders[presence.key].append(presence)
    return {
        key
        for key, held in holders.items()
        if len({presence.person_id for presence in held}) > LARGEST_HOUSEHOLD
        and all(
            len({each.person_id for each in held if each.holds_on(day)}) > LARGEST_HOUSEHOLD
            for day in _days_of_change(held, dt.date.max)
            if any(each.holds_on(day) for each in held)
        )
    }


def _days_of_change(presences: Iterable[Presence], as_of: dt.date) -> list[dt.date]:
    presences = list(presences)
    days = {presence.first_date for presence in presences}
    days |= {
        presence.last_date + ONE_DAY for presence in presences if presence.last_date and presence.last_date < as_of
    }
    return sorted(days)


def _spells(members: Sequence[Presence], as_of: dt.date, apart: Apart, name: str) -> list[Spell]:
    numbers = count()
    lived: dict[str, str] = {}
    before: dict[str, str] = {}
    running: dict[str, Spell] = {}
    ended: list[Spell] = []
    for day in _days_of_change(members, as_of):
        held = [presence for presence in members if presence.holds_on(day)]
        labels = _labels(held, apart, before, lived, lambda: f"{name} {next(numbers):04d}")
        is_stated = _is_stated(members, day)
        for person_id in sorted(running.keys() | labels.keys()):
            now = labels.get(person_id)
            if person_id in running and running[person_id].label != now:
                ended.append(_end(running.pop(person_id), day, members, is_stated=is_stated))
            if now is None:
                continue
            own = [presence for presence in held if presence.person_id == person_id]
            if person_id not in running:
                running[person_id] = _begin(now, day, own, was_at_home=person_id in before, is_stated=is_stated)
            running[person_id] = _with_signs(running[person_id], own)
        lived |= before
        before = labels
    return ended + [replace(spell, last_date=as_of, is_open=True) for spell in running.values()]


def _labels(
    held: Iterable[Presence], apart: Apart, before: Mapping[str, str], lived: Mapping[str, str], draw: Draw
) -> dict[str, str]:
    applications: dict[str, set[str]] = defaultdict(set)
    homes: dict[str, set[str]] = defaultdict(set)
    for presence in held:
        keys = applications if presence.key.startswith(APPLICATION) else homes
        keys[presence.key].add(presence.person_id)
    groups: dict[str, list[str]] = defaultdict(list)
    for person_id, head in unite(applications, homes, apart).items():
        groups[head].append(person_id)
    ordered = sorted(sorted(group) for group in groups.values())
    there = set(before.values())
    gone = {person_id: label for person_id, label in lived.items() if label not in there}
    return dict(assign_ids(before, ordered, draw, gone).person_ids)


def _is_stated(members: Iterable[Presence], day: dt.date) -> bool:
    """Whether a source states that something changes between a day and the one before."""
    return any(presence.start_date == day or presence.end_date == day - ONE_DAY for presence in members)


def _begin(label: str, day: dt.date, own: Sequence[Presence], *, was_at_home: bool, is_stated: bool) -> Spell:
    """Begin a spell: its first day is stated where the person's own stay begins on it, or where the others' part."""
    stated = is_stated if was_at_home else any(presence.start_date == day for presence in own)
    return Spell(label, own[0].person_id, day, day, day if stated else None, None, is_open=False)


def _end(spell: Spell, day: dt.date, members: Iterable[Presence], *, is_stated: bool) -> Spell:
    """End a spell before a day. Where the person's own stays end then, the last of their days is the stated one."""
    last = day - ONE_DAY
    ends = [
        presence.end_date
        for presence in members
        if presence.person_id == spell.person_id and presence.last_date == last and presence.end_date
    ]
    return replace(spell, last_date=last, end_date=max(ends) if ends else last if is_stated else None)


def _with_signs(spell: Spell, own: Iterable[Presence]) -> Spell:
    keys = spell.keys | {presence.key for presence in own}
    roles = spell.roles | {presence.role for presence in own if presence.role}
    return replace(spell, keys=keys, roles=roles) if keys != spell.keys or roles != spell.roles else spell
