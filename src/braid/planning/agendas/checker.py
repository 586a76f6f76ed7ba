"""Checks a plan of agendas against its problem alone: every hard rule, and what the plan is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from braid.language.documents import fingerprint
from braid.planning.agendas.model import AgendasPlan, AgendasProblem, Held, Item, Meeting, Placed
from braid.planning.contract import Broken, Checked, Level, broken_certificate

FAR = 1_000_000
"""Slots: a place farther outside its meeting counts as this far, so that no number is too large to reckon with."""


@dataclass(frozen=True)
class Place:
    """An item on an agenda of which everything is known. Slots count from 0 here."""

    item: Item
    meeting: Meeting
    first: int
    slots: int

    @property
    def end(self) -> int:
        """The first slot after it."""
        return self.first + self.slots


class View:
    """A plan beside its problem. The first place of an item counts; what names unknown ids is left to `unknown`."""

    def __init__(self, problem: AgendasProblem, plan: AgendasPlan) -> None:
        self.problem = problem
        self.plan = plan
        self.items = {item.id: item for item in problem.items}
        self.meetings = {meeting.id: meeting for meeting in problem.meetings}
        self.places: dict[str, Place] = {}
        for placed in plan.placed:
            if placed.item in self.items and placed.meeting in self.meetings and placed.item not in self.places:
                self.places[placed.item] = self._place(placed)

    def _place(self, placed: Placed) -> Place:
        item = self.items[placed.item]
        first = max(-FAR, min(placed.position - 1, FAR))
        return Place(item, self.meetings[placed.meeting], first, self.problem.slots_of(item))


Rule = Callable[[View], Iterator[Broken]]


def unknown(view: View) -> Iterator[Broken]:
    """A place names an item or a meeting that the problem does not know."""
    for placed in view.plan.placed:
        if placed.item not in view.items or placed.meeting not in view.meetings:
            yield Broken("unknown", (placed.item, placed.meeting))


def twice(view: View) -> Iterator[Broken]:
    """An item has two places."""
    counts = Counter(placed.item for placed in view.plan.placed)
    yield from (Broken("twice", (item,)) for item, count in counts.items() if count > 1)


def not_ready(view: View) -> Iterator[Broken]:
    """An item is at a meeting before the day from which it can be discussed."""
    for place in view.places.values():
        if place.meeting.date < place.item.ready_date:
            yield Broken("not_ready", (place.item.id, place.meeting.id))


def outside(view: View) -> Iterator[Broken]:
    """An item begins before the first slot or ends after the last."""
    for place in view.places.values():
        if place.first < 0 or place.end > place.meeting.slots:
            yield Broken("outside", (place.item.id, place.meeting.id))


def overlap(view: View) -> Iterator[Broken]:
    """Two items of a meeting are discussed at once."""
    for one, other in combinations(view.places.values(), 2):
        if one.meeting.id == other.meeting.id and one.first < other.end and other.first < one.end:
            yield Broken("overlap", (one.item.id, other.item.id))


def person_away(view: View) -> Iterator[Broken]:
    """Somebody whom an item needs is away in its slots."""
    slot = view.problem.slot_minutes
    for place in view.places.values():
        begin, end = place.first * slot, place.end * slot
        for away in view.problem.away:
            is_needed = away.meeting == place.meeting.id and away.person in place.item.people
            if is_needed and begin < away.until_minute and away.from_minute < end:
                yield Broken("person_away", (place.item.id, away.person))


def held_elsewhere(view: View) -> Iterator[Broken]:
    """An item is at another meeting than the one at which a human holds it."""
    for held in view.problem.held:
        place = view.places.get(held.item)
        if place is not None and place.meeting.id != held.meeting:
            yield Broken("held_elsewhere", (held.item, place.meeting.id))


def held_rank(view: View) -> Iterator[Broken]:
    """An item does not stand at the rank at which a human holds it, or as near to it as its meeting allows."""
    for held, place in _held_places(view):
        if held.rank is None:
            continue
        with_it = [other for other in view.places.values() if other.meeting.id == held.meeting]
        behind = sum(1 for other, _ in _held_places(view) if other.meeting == held.meeting and _is_behind(other, held))
        wanted = min(held.rank, len(with_it) - behind)
        if sum(other.first < place.first for other in with_it) + 1 != wanted:
            yield Broken("held_rank", (held.item, held.meeting))


def held_from(view: View) -> Iterator[Broken]:
    """An item begins before the minute from which a human holds it."""
    for held, place in _held_places(view):
        if place.first * view.problem.slot_minutes < held.from_minute:
            yield Broken("held_from", (held.item, held.meeting))


def _held_places(view: View) -> Iterator[tuple[Held, Place]]:
    """Yield what is held and stands at the meeting at which it is held."""
    for held in view.problem.held:
        place = view.places.get(held.item)
        if place is not None and place.meeting.id == held.meeting:
            yield held, place


def _is_behind(one: Held, other: Held) -> bool:
    return one.rank is not None and other.rank is not None and one.rank > other.rank


RULES: tuple[Rule, ...] = (
    unknown,
    twice,
    not_ready,
    outside,
    overlap,
    person_away,
    held_elsewhere,
    held_rank,
    held_from,
)


def broken_rules(problem: AgendasProblem, plan: AgendasPlan) -> list[Broken]:
    """Return every hard rule that the places of a plan break."""
    view = View(problem, plan)
    return [broken for rule in RULES for broken in rule(view)]


def levels_of(problem: AgendasProblem, plan: AgendasPlan) -> tuple[Level, ...]:
    """Return what a plan is worth, level by level, the most important first."""
    view, prices = View(problem, plan), problem.prices
    places = view.places.values()
    amounts = {
        "unscheduled": (
            sum(max(item.urgency, 1) for item in problem.items if item.id not in view.places),
            prices.unscheduled,
        ),
        "late_meetings": (sum(place.item.urgency * _late(view, place) for place in places), prices.late_meeting),
        "waiting_meetings": (
            sum(place.item.urgency * _waited(view, place) for place in places),
            prices.waiting_meeting,
        ),
        "moved": (sum(_is_moved(view, item) for item in problem.items), prices.move),
        "attendance": (_attendance(view), prices.attendance),
        "urgent_first": (sum(place.item.urgency * place.first for place in places) / 100, prices.urgent_first),
    }
    return tuple(Level(name, float(amount), float(price)) for name, (amount, price) in amounts.items())


def _order(view: View, place: Place) -> int:
    return [meeting.id for meeting in view.problem.meetings].index(place.meeting.id)


def _late(view: View, place: Place) -> int:
    """Return how many meetings after the deadline there were, its own among them."""
    until = view.problem.meetings[: _order(view, place) + 1]
    return sum(meeting.date > place.item.deadline_date for meeting in until)


def _waited(view: View, place: Place) -> int:
    """Return how many meetings before its own it was ready for."""
    before = view.problem.meetings[: _order(view, place)]
    return sum(meeting.date >= place.item.ready_date for meeting in before)


def _is_moved(view: View, item: Item) -> bool:
    place = view.places.get(item.id)
    return item.agreed_meeting is not None and (place is None or place.meeting.id != item.agreed_meeting)


def _attendance(view: View) -> int:
    """Return the slots for which each person sits in each meeting, from their first item to their last."""
    sits: dict[tuple[str, str], tuple[int, int]] = {}
    for place in view.places.values():
        for person in set(place.item.people):
            first, end = sits.get((place.meeting.id, person), (place.first, place.end))
            sits[place.meeting.id, person] = min(first, place.first), max(end, place.end)
    return sum(end - first for first, end in sits.values())


def check(problem: AgendasProblem, plan: AgendasPlan) -> Checked:
    """Return which hard rules a plan breaks and what it is really worth. Raises nothing, whatever the plan says."""
    levels = levels_of(problem, plan)
    broken = [
        *broken_rules(problem, plan),
        *broken_certificate(plan.certificate, levels, fingerprint(problem)),
    ]
    return Checked(tuple(broken), levels)
