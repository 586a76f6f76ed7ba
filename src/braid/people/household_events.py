"""Who came into a household and who left it, and why, as far as a source says.

A day is that of the source, or it is empty: then the event is told with the first run that shows it. That somebody
moved in or out is said where a source states that a stay of theirs began or ended then; otherwise they are shown there,
or no longer. Why somebody separated is never told: a relationship ended, and no more.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from braid.people.household_members import Membership
from braid.people.household_spells import ONE_DAY

Away = Mapping[str, Sequence[tuple[dt.date, dt.date | None]]]
"""Of each person, the care placements away from home: first day, and day of return."""


@dataclass(frozen=True)
class HouseholdEvent:
    """Somebody came or left; `event_date` is `None` where no source states it."""

    household_id: str
    person_id: str
    change: str
    event_date: dt.date | None
    shown_date: dt.date
    other_household_id: str | None
    cause: str


@dataclass(frozen=True)
class Reasons:
    """What sources say that explains an event: births and deaths, care placements, and relationships that ended.

    `begun` and `ended` hold persons with the stated first and last days of their stays, `parted` those of them that
    ended because a relationship broke down.
    """

    born: Mapping[str, dt.date] = field(default_factory=dict)
    died: Mapping[str, dt.date] = field(default_factory=dict)
    away: Away = field(default_factory=dict)
    parted: Set[tuple[str, dt.date]] = frozenset()
    begun: Set[tuple[str, dt.date]] = frozenset()
    ended: Set[tuple[str, dt.date]] = frozenset()


def find_events(
    members: Sequence[Membership], reasons: Reasons, known_to: dt.date | None, as_of: dt.date
) -> list[HouseholdEvent]:
    """Return the events of all memberships whose day is stated, and those that this run is the first to show.

    `known_to` is the day of the run before; without one, nobody came who was simply there.
    """
    of_person: dict[str, list[Membership]] = defaultdict(list)
    of_household: dict[str, list[Membership]] = defaultdict(list)
    for member in sorted(members, key=lambda member: member.shown_from_date):
        of_person[member.person_id].append(member)
        of_household[member.household_id].append(member)
    found: list[HouseholdEvent] = []
    for member in members:
        own, home = of_person[member.person_id], of_household[member.household_id]
        found += _came(member, own, home, reasons, known_to)
        found += _left(member, own, home, reasons, known_to, as_of)
    return sorted(found, key=lambda event: (event.shown_date, event.household_id, event.person_id, event.change))


def _came(
    member: Membership,
    own: Sequence[Membership],
    home: Sequence[Membership],
    reasons: Reasons,
    known_to: dt.date | None,
) -> Iterator[HouseholdEvent]:
    is_new = known_to is not None and member.shown_from_date > known_to
    if member.from_date is None and not is_new:
        return
    before = [each for each in own if each.shown_to_date < member.shown_from_date]
    other = before[-1].household_id if before and before[-1].household_id != member.household_id else None
    cause = _why_came(member, home, reasons)
    yield HouseholdEvent(
        member.household_id, member.person_id, "came", member.from_date, member.shown_from_date, other, cause
    )


def _why_came(member: Membership, home: Sequence[Membership], reasons: Reasons) -> str:
    if member.from_date is not None and reasons.born.get(member.person_id) == member.from_date:
        return "born"
    if any(back == member.from_date for _, back in reasons.away.get(member.person_id, ()) if back):
        return "returned_from_care"
    if home[0].shown_from_date == member.shown_from_date:
        return "household_formed"
    return "moved_in" if (member.person_id, member.from_date) in reasons.begun else "first_shown"


def _left(
    member: Membership,
    own: Sequence[Membership],
    home: Sequence[Membership],
    reasons: Reasons,
    known_to: dt.date | None,
    as_of: dt.date,
) -> Iterator[HouseholdEvent]:
    is_to_come = member.to_date is not None and member.to_date >= as_of
    if member.is_open or is_to_come or (member.to_date is None and member.shown_to_date != known_to):
        return
    after = [each for each in own if each.shown_from_date > member.shown_to_date]
    other = after[0].household_id if after and after[0].household_id != member.household_id else None
    shown = member.shown_to_date if member.to_date else as_of
    cause = _why_left(member, home, reasons)
    yield HouseholdEvent(member.household_id, member.person_id, "left", member.to_date, shown, other, cause)


def _why_left(member: Membership, home: Sequence[Membership], reasons: Reasons) -> str:
    died = reasons.died.get(member.person_id)
    if died is not None and died <= member.shown_to_date + ONE_DAY:
        return "died"
    begun = (member.shown_to_date + ONE_DAY) if member.to_date else None
    if any(first == begun for first, _ in reasons.away.get(member.person_id, ())):
        return "placed_in_care"
    if (member.person_id, member.to_date) in reasons.ended:
        return _why_moved_out(member, home, reasons)
    return "application_ended" if member.to_date and member.evidence != "home" else "shown_no_longer"


def _why_moved_out(member: Membership, home: Sequence[Membership], reasons: Reasons) -> str:
    if all(_are_gone_after(each, member.shown_to_date) for each in home):
        return "home_ended"
    return "separated" if (member.person_id, member.to_date) in reasons.parted else "moved_out"


def _are_gone_after(member: Membership, day: dt.date) -> bool:
    """Whether somebody who lived there on a day lives there no more on the next, or came later."""
    return member.shown_from_date > day or (not member.is_open and member.shown_to_date <= day)


def keep_undated(
    earlier: Iterable[HouseholdEvent], now: Sequence[HouseholdEvent], members: Iterable[Membership]
) -> list[HouseholdEvent]:
    """Return the events of earlier runs that no source dates, of memberships that are still known."""
    known = {(member.household_id, member.person_id) for member in members}
    told = {(event.household_id, event.person_id, event.change, event.shown_date) for event in now}
    return [
        event
        for event in earlier
        if event.event_date is None
        and (event.household_id, event.person_id) in known
        and (event.household_id, event.person_id, event.change, event.shown_date) not in told
    ]
