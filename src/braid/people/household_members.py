"""Households from run to run: ids that stay, with lineage, and what extracts have shown before and show no longer.

Most extracts say where somebody lives now, and neither since when nor where before. So what an earlier run
showed is kept: the first day on which it was shown, and, when extracts show it no longer, the last. A source that
states a day is believed over what was kept. Nobody is in two households on one day.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from braid.people.household_spells import ONE_DAY, Spell
from braid.people.households import Apart, are_apart
from braid.people.identity import assign_ids
from braid.people.model import HistoryRow


@dataclass(frozen=True)
class Membership:
    """A person in a household: days as sources state them, or `None`, and days that extracts show."""

    household_id: str
    person_id: str
    from_date: dt.date | None
    to_date: dt.date | None
    shown_from_date: dt.date
    shown_to_date: dt.date
    is_open: bool
    evidence: str = "home"
    applied_as: str | None = None


@dataclass(frozen=True)
class Earlier:
    """What the run before knew, its person ids brought up to date; `as_of` is its day, `None` where there was none.

    `homes` is the household to which each person belonged then.
    """

    as_of: dt.date | None = None
    members: Sequence[Membership] = ()
    homes: Mapping[str, str] = field(default_factory=dict)


NOTHING_EARLIER = Earlier()


@dataclass(frozen=True)
class Households:
    """The memberships of all times, the household of each person now, and what became of those of the run before."""

    members: tuple[Membership, ...]
    homes: Mapping[str, str]
    history: tuple[HistoryRow, ...]


def name_households(
    spells: Sequence[Spell], earlier: Earlier, draw: Callable[[], str], apart: Apart, as_of: dt.date
) -> Households:
    """Give each household of `spells` the id that most of its people had, as persons keep theirs, or a new one.

    An id under which people of two sides of a seal have lived ends, and nothing of it is kept.
    """
    ended = find_ended_households(earlier, apart)
    votes = _votes(spells, earlier)
    present = {f"present {home}": home for home in earlier.homes.values()}
    named = assign_ids({**present, **votes}, _groups(spells), draw, {}, ended)
    fresh = [_membership(spell, named.person_ids[_key(spell)]) for spell in spells]
    kept = [member for member in earlier.members if member.household_id not in ended]
    homes = {member.person_id: member.household_id for member in fresh if member.is_open}
    return Households(tuple(_remember(fresh, kept, earlier.as_of, as_of)), homes, named.history)


def find_ended_households(earlier: Earlier, apart: Apart) -> frozenset[str]:
    """Return the household ids that people of two sides of one seal have had: kept, they would lead across."""
    sides: dict[str, list[frozenset[tuple[str, str]]]] = defaultdict(list)
    held = [(member.household_id, member.person_id) for member in earlier.members]
    for household_id, person_id in [*held, *((home, who) for who, home in earlier.homes.items())]:
        if person_id in apart:
            sides[household_id].append(apart[person_id])
    return frozenset(
        household_id
        for household_id, found in sides.items()
        if any(are_apart(one, other) for one in found for other in found)
    )


def _key(spell: Spell) -> str:
    return f"{spell.person_id} {spell.first_date}"


def _groups(spells: Iterable[Spell]) -> list[list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for spell in spells:
        groups[spell.label].append(_key(spell))
    return sorted(sorted(group) for group in groups.values())


def _votes(spells: Iterable[Spell], earlier: Earlier) -> dict[str, str]:
    """Return of each spell the earlier household that shared most of its days, else, of one now, the one before."""
    known: dict[str, list[Membership]] = defaultdict(list)
    for member in earlier.members:
        known[member.person_id].append(member)
    found: dict[str, str] = {}
    unsettled: list[Spell] = []
    for spell in spells:
        shared = Counter[str]()
        for member in known[spell.person_id]:
            shared[member.household_id] += _days_shared(spell, member)
        best = min(shared.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
        if best[1] > 0:
            found[_key(spell)] = best[0]
        elif spell.is_open:
            unsettled.append(spell)
    settled = {(key.split(" ")[0], home) for key, home in found.items()}
    for spell in unsettled:
        home = earlier.homes.get(spell.person_id)
        if home and (spell.person_id, home) not in settled:
            found[_key(spell)] = home
    return found


def _days_shared(spell: Spell, member: Membership) -> int:
    first, last = max(spell.first_date, member.shown_from_date), min(spell.last_date, member.shown_to_date)
    return max(0, (last - first).days + 1)


def _membership(spell: Spell, household_id: str) -> Membership:
    is_application = {key.startswith("application ") for key in spell.keys}
    evidence = "both" if len(is_application) > 1 else "application" if True in is_application else "home"
    roles = sorted(spell.roles, key=lambda role: (role != "applicant", role))
    return Membership(
        household_id,
        spell.person_id,
        spell.start_date,
        spell.end_date,
        spell.first_date,
        spell.last_date,
        spell.is_open,
        evidence,
        roles[0] if roles else None,
    )


def _remember(
    fresh: Iterable[Membership], kept: Iterable[Membership], known_to: dt.date | None, as_of: dt.date
) -> Iterator[Membership]:
    """Yield what extracts show, from the day on which they first did, and what they showed and do not any longer."""
    now: dict[str, list[Membership]] = defaultdict(list)
    then: dict[str, list[Membership]] = defaultdict(list)
    for member in fresh:
        now[member.person_id].append(member)
    for member in kept:
        if member.shown_from_date <= as_of:
            then[member.person_id].append(replace(member, shown_to_date=min(member.shown_to_date, as_of)))
    for person_id in sorted(now.keys() | then.keys()):
        own, past = now[person_id], sorted(then[person_id], key=lambda member: member.shown_from_date)
        shown = _since_shown(own, past, known_to)
        yield from shown
        yield from _no_longer_shown(past, shown)


def _since_shown(own: Sequence[Membership], past: Sequence[Membership], known_to: dt.date | None) -> list[Membership]:
    """Begin the memberships of a person whose first day no source states on the day on which extracts first showed
    them.

    Where they lived before, a stay that no source ends runs on until the newest day, on which alone the other is shown.
    Since the day on which that was first shown they live there and not here; else they would move every night.
    """
    found = list(own)
    for place, member in enumerate(found):
        before = _find_before(member, past, known_to)
        if before is None:
            continue
        first = before.shown_from_date
        found = [
            replace(one, shown_to_date=first - ONE_DAY) if _runs_on_to(one, member, first) else one for one in found
        ]
        taken = max((one.shown_to_date for one in found if one.shown_to_date < member.shown_from_date), default=None)
        first = max(first, taken + ONE_DAY) if taken else first
        stated = before.from_date if first == before.shown_from_date else None
        found[place] = replace(found[place], from_date=stated, shown_from_date=first)
    return found


def _find_before(member: Membership, past: Iterable[Membership], known_to: dt.date | None) -> Membership | None:
    """Return what was shown before of a membership whose first day no source states."""
    for before in past if member.from_date is None else ():
        lasted = before.shown_to_date >= member.shown_from_date or (before.is_open and before.shown_to_date == known_to)
        earlier = before.shown_from_date < member.shown_from_date
        if before.household_id == member.household_id and lasted and earlier:
            return before
    return None


def _runs_on_to(other: Membership, member: Membership, first: dt.date) -> bool:
    """Whether one membership ends only because the other is shown, and began before that was shown first."""
    is_before = other.shown_to_date == member.shown_from_date - ONE_DAY
    return other.to_date is None and is_before and other.shown_from_date < first


def _no_longer_shown(past: Iterable[Membership], own: Sequence[Membership]) -> Iterator[Membership]:
    """Yield of what was shown before the days on which nothing else is shown now, as ended."""
    taken = list(own)
    for member in past:
        for first, last in free_days(member.shown_from_date, member.shown_to_date, taken):
            left = replace(
                member,
                from_date=member.from_date if first == member.shown_from_date else None,
                to_date=member.to_date if last == member.shown_to_date else None,
                shown_from_date=first,
                shown_to_date=last,
                is_open=False,
            )
            taken.append(left)
            yield left


def free_days(first: dt.date, last: dt.date, taken: Iterable[Membership]) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the stretches of the days from `first` to `last` that are not taken."""
    for member in sorted(taken, key=lambda member: member.shown_from_date):
        if member.shown_to_date < first or member.shown_from_date > last:
            continue
        if member.shown_from_date > first:
            yield first, member.shown_from_date - ONE_DAY
        first = max(first, member.shown_to_date + ONE_DAY)
    if first <= last:
        yield first, last


def cut_out(
    members: Iterable[Membership], away: Mapping[str, Sequence[tuple[dt.date, dt.date | None]]]
) -> Iterator[Membership]:
    """Yield the memberships without the days on which their people lived elsewhere: first day, and day of return."""
    for member in members:
        first = member.shown_from_date
        left = member
        for begun, back in sorted(away.get(member.person_id, ()), key=lambda days: days[0]):
            if begun > left.shown_to_date or (back is not None and back <= first):
                continue
            if begun > first:
                yield replace(left, to_date=begun - ONE_DAY, shown_to_date=begun - ONE_DAY, is_open=False)
            if back is None or back > left.shown_to_date:
                break
            first = back
            left = replace(left, from_date=back, shown_from_date=back)
        else:
            yield left


def with_heirs(members: Iterable[Membership], heirs: Mapping[str, str]) -> list[Membership]:
    """Return earlier memberships as those of the people of now; whoever has no heir is gone, and so are theirs."""
    found = [replace(member, person_id=heirs[member.person_id]) for member in members if member.person_id in heirs]
    return list(dict.fromkeys(found))


def find_heirs(person_ids: Set[str], history: Iterable[HistoryRow]) -> dict[str, str]:
    """Return who each person of the run before is now: themselves, or whom they were merged into."""
    heirs = {person_id: person_id for person_id in person_ids}
    for row in history:
        if row.change == "merged" and row.other_person_id in person_ids:
            heirs[row.person_id] = str(row.other_person_id)
    return heirs
