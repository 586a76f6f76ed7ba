"""When each case of an agenda comes, and from when to when each organisation has to be there for its own.

An organisation is in the room from its first case to its last. Times follow from the order: a case begins when the one
before it ends, or at the time before which it was said not to begin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from braid.care.agendas import Slot


@dataclass(frozen=True)
class Discussed:
    """A case on the agenda: its slot, the organisations that take part in it, and how often it was put off."""

    slot: Slot
    organisations: frozenset[str]
    times_put_off: int = 0


@dataclass(frozen=True)
class Timed:
    """A case with its time, in minutes after the beginning of the meeting."""

    case: Discussed
    begin: int
    end: int


@dataclass(frozen=True)
class Span:
    """From when to when an organisation sits in a meeting, in minutes after its beginning, and for which cases."""

    organisation: str
    own: tuple[Timed, ...]

    @property
    def begin(self) -> int:
        """When its first case begins."""
        return self.own[0].begin

    @property
    def end(self) -> int:
        """When its last case ends."""
        return self.own[-1].end

    @property
    def minutes(self) -> int:
        """How long it is in the room."""
        return self.end - self.begin

    @property
    def waited(self) -> int:
        """For how much of that another case than its own is discussed, or none."""
        return self.minutes - sum(one.end - one.begin for one in self.own)


@dataclass(frozen=True)
class Compared:
    """An organisation in one order and in another."""

    organisation: str
    now: Span
    then: Span

    @property
    def more(self) -> int:
        """By how many minutes longer it is in the room now."""
        return self.now.minutes - self.then.minutes


def time_in_order(ordered: Iterable[Discussed]) -> tuple[Timed, ...]:
    """Return the cases with their times, as they are ordered."""
    found, end = [], 0
    for case in ordered:
        begin = max(end, case.slot.from_minute)
        end = begin + case.slot.minutes
        found.append(Timed(case, begin, end))
    return tuple(found)


def time_cases(cases: Iterable[Discussed]) -> tuple[Timed, ...]:
    """Return the cases with their times, in the order of their places."""
    return time_in_order(sorted(cases, key=lambda one: (one.slot.position, one.slot.item)))


def spans_of(timed: Iterable[Timed]) -> tuple[Span, ...]:
    """Return the span of each organisation, in the order of their names."""
    own: dict[str, list[Timed]] = defaultdict(list)
    for one in timed:
        for organisation in one.case.organisations:
            own[organisation].append(one)
    return tuple(Span(organisation, tuple(own[organisation])) for organisation in sorted(own))


def minutes_in_room(timed: Iterable[Timed]) -> int:
    """Return the minutes that the organisations spend in the room, each from its first case to its last, together."""
    return sum(span.minutes for span in spans_of(timed))


def minutes_sitting_through(timed: Sequence[Timed]) -> int:
    """Return the minutes that they would spend there if each of them sat through the whole meeting."""
    return len(spans_of(timed)) * max((one.end for one in timed), default=0)


def compare(now: Sequence[Timed], then: Sequence[Timed]) -> tuple[Compared, ...]:
    """Return each organisation in two orders of the same cases."""
    others = {span.organisation: span for span in spans_of(then)}
    return tuple(Compared(span.organisation, span, others[span.organisation]) for span in spans_of(now))
