"""Agendas as a problem and its plan: meetings with slots, items with whom they need, who is away when.

Minutes are minutes after the beginning of a meeting. An item takes whole slots; its position counts them from 1 on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from braid.language.documents import Part, ids_twice
from braid.planning.contract import Plan

MOST_SLOTS = 96
"""Slots of the longest meeting that is planned: a day of quarters of an hour."""
FaultLine = tuple[str, str, str]


@dataclass(frozen=True)
class Meeting(Part):
    """A meeting at which items are discussed."""

    id: str
    date: dt.date
    slots: int


@dataclass(frozen=True)
class Away(Part):
    """Somebody cannot be at a part of a meeting, or at all of it."""

    person: str
    meeting: str
    from_minute: int
    until_minute: int
    """The first minute at which they are there again."""


@dataclass(frozen=True)
class Item(Part):
    """A case that has to be discussed, and who has to be in the room."""

    id: str
    people: tuple[str, ...]
    ready_date: dt.date
    """Not at a meeting before this day."""
    deadline_date: dt.date
    """Late at meetings after it."""
    urgency: int
    """How much it matters, from 1 on."""
    minutes: int
    """Rounded up to whole slots."""
    agreed_meeting: str | None = None
    """At which meeting it was to be discussed; elsewhere, or at none, it counts as moved."""


@dataclass(frozen=True)
class Held(Part):
    """A human decided where an item stands. It may still be at no meeting, where there is no room for it."""

    item: str
    meeting: str
    """At this meeting and no other."""
    rank: int | None = None
    """As the how-many-th of its meeting, from 1 on; of a meeting with fewer items as late as those held behind it let
    it; null where that is open."""
    from_minute: int = 0
    """It begins no earlier."""


@dataclass(frozen=True)
class Prices(Part):
    """What one unit of each level counts in the value."""

    unscheduled: int = 400
    """A unit of urgency at no meeting; an item without urgency counts as one."""
    late_meeting: int = 60
    """A unit of urgency, a meeting past its deadline."""
    waiting_meeting: int = 10
    """A unit of urgency, a meeting that it was ready for and is not at."""
    move: int = 30
    """An item that is not at its agreed meeting."""
    attendance: int = 1
    """A person in the room for a slot, from their first item to their last."""
    urgent_first: int = 1
    """A hundred units of urgency that wait a slot inside their meeting."""


@dataclass(frozen=True)
class AgendasProblem(Part):
    """Items and the meetings at which they can be discussed."""

    kind: Literal["agendas"]
    slot_minutes: int
    meetings: tuple[Meeting, ...]
    """In the order of their days."""
    items: tuple[Item, ...]
    away: tuple[Away, ...] = ()
    held: tuple[Held, ...] = ()
    prices: Prices = field(default_factory=Prices)

    def slots_of(self, item: Item) -> int:
        """Return how many slots an item takes."""
        return -(-item.minutes // self.slot_minutes)


@dataclass(frozen=True)
class Placed(Part):
    """An item on the agenda of a meeting."""

    item: str
    meeting: str
    position: int
    """Its first slot, from 1 on."""


@dataclass(frozen=True, kw_only=True)
class AgendasPlan(Plan):
    """Which items are at which meeting and when; an item that is not here is at none."""

    kind: Literal["agendas"] = "agendas"
    placed: tuple[Placed, ...]


def faults(problem: AgendasProblem) -> list[FaultLine]:
    """Return what is wrong between the parts of a problem: each a place, the rule and the next step."""
    return [
        *ids_twice("meetings", (meeting.id for meeting in problem.meetings)),
        *ids_twice("items", (item.id for item in problem.items)),
        *_meeting_faults(problem),
        *_item_faults(problem),
        *_away_faults(problem),
        *_held_faults(problem),
        *_price_faults(problem.prices),
    ]


def _meeting_faults(problem: AgendasProblem) -> Iterator[FaultLine]:
    if not 1 <= problem.slot_minutes <= 24 * 60:
        yield "slot_minutes", "a slot lasts from a minute to a day", "give its minutes"
    latest = dt.date.min
    for number, meeting in enumerate(problem.meetings):
        if not 1 <= meeting.slots <= MOST_SLOTS:
            yield f"meetings[{number}].slots", f"slots lie between 1 and {MOST_SLOTS}", "split the meeting"
        if meeting.date < latest:
            yield f"meetings[{number}].date", "meetings stand in the order of their days", "sort them"
        latest = meeting.date


def _item_faults(problem: AgendasProblem) -> Iterator[FaultLine]:
    meetings = {meeting.id for meeting in problem.meetings}
    for number, item in enumerate(problem.items):
        place = f"items[{number}]"
        if item.minutes < 1:
            yield f"{place}.minutes", "an item takes at least a minute", "give its minutes"
        if item.urgency < 0:
            yield f"{place}.urgency", "urgency counts from 0", "give at least 0"
        if item.deadline_date < item.ready_date:
            yield f"{place}.deadline_date", "it does not lie before the ready date", "correct one of the two"
        if item.agreed_meeting is not None and item.agreed_meeting not in meetings:
            yield f"{place}.agreed_meeting", "it is among the meetings", "correct the id or leave it out"
        yield from ids_twice(f"{place}.people", item.people)


def _away_faults(problem: AgendasProblem) -> Iterator[FaultLine]:
    meetings = {meeting.id for meeting in problem.meetings}
    for number, away in enumerate(problem.away):
        if away.meeting not in meetings:
            yield f"away[{number}].meeting", "it is among the meetings", "correct the id"
        if not 0 <= away.from_minute < away.until_minute:
            yield f"away[{number}]", "a time ends after it begins", "correct the minutes"


def _held_faults(problem: AgendasProblem) -> Iterator[FaultLine]:
    meetings, items = {each.id for each in problem.meetings}, {each.id for each in problem.items}
    ranks: set[tuple[str, int]] = set()
    for number, held in enumerate(problem.held):
        place = f"held[{number}]"
        if held.item not in items:
            yield f"{place}.item", "it is among the items", "correct the id"
        if held.meeting not in meetings:
            yield f"{place}.meeting", "it is among the meetings", "correct the id"
        if held.from_minute < 0:
            yield f"{place}.from_minute", "it does not lie before the meeting", "give 0 or more"
        if held.rank is None:
            continue
        if held.rank < 1:
            yield f"{place}.rank", "ranks count from 1", "give at least 1"
        if (held.meeting, held.rank) in ranks:
            yield f"{place}.rank", "one item is held at a rank of a meeting", "leave one of the two open"
        ranks.add((held.meeting, held.rank))
    yield from ids_twice("held", (held.item for held in problem.held))


def _price_faults(prices: Prices) -> Iterator[FaultLine]:
    for name, price in vars(prices).items():
        if price < 0:
            yield f"prices.{name}", "a price is not negative", "give 0 where it does not count"
