"""Of what somebody is reminded, when, and in which words: counts, kinds and references, and nothing about anybody.

A reminder is known by a key, and nobody is told the same thing twice: that is kept before a mail leaves. So a mail
that was cut off may be lost, and is not repeated; what it spoke of stands on the work list, and in the next digest.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from braid.care.model import Escalation, Owner, escalation_of
from braid.language.calendars import Calendar
from braid.language.dates import LONDON, london_date
from braid.language.steps import NotPossible

MEETING_AHEAD = dt.timedelta(days=2)
DIGEST_FROM = dt.time(7)
"""UK time from which the digest of a day is sent, on working days."""
MOST_NAMED = 20
"""References named in a line of a mail; of more than that the number is told."""


class Kind(StrEnum):
    """What somebody may have to do."""

    REFERRAL = "referral"
    LOOK_AGAIN = "look_again"
    OFFER = "offer"
    RETURN = "return"
    ACTION = "action"
    REVIEW = "review"
    MINUTES = "minutes"
    MEETING_TO_HOLD = "meeting_to_hold"
    APPROVAL = "approval"
    PLAN_REVIEW = "plan_review"
    READINESS = "readiness"
    NOTICE = "notice"
    MOVE = "move"
    CLOCK = "clock"
    APPOINTMENT = "appointment"
    MEETING = "meeting"
    MEETING_MOVED = "meeting_moved"
    MEETING_CALLED_OFF = "meeting_called_off"
    FEED = "feed"


OF_MEETINGS = frozenset({Kind.MEETING, Kind.MEETING_MOVED, Kind.MEETING_CALLED_OFF})
"""Of these somebody is told; there is nothing to do about them, and they are never overdue."""
ONLY_TOLD = OF_MEETINGS | {Kind.FEED}
"""Of these nothing stands on the work list."""
PLURALS = {
    Kind.REFERRAL: ("referral", "referrals"),
    Kind.LOOK_AGAIN: ("accepted referral to look at again", "accepted referrals to look at again"),
    Kind.OFFER: ("offer of a case", "offers of a case"),
    Kind.RETURN: ("return for a meeting", "returns for a meeting"),
    Kind.ACTION: ("action", "actions"),
    Kind.REVIEW: ("review of a case", "reviews of a case"),
    Kind.MINUTES: ("set of minutes", "sets of minutes"),
    Kind.MEETING_TO_HOLD: ("meeting not held or not ended", "meetings not held or not ended"),
    Kind.APPROVAL: ("approval of a plan", "approvals of a plan"),
    Kind.PLAN_REVIEW: ("review of a plan", "reviews of a plan"),
    Kind.READINESS: ("readiness item", "readiness items"),
    Kind.NOTICE: ("notice of a move", "notices of a move"),
    Kind.MOVE: ("planned move to confirm", "planned moves to confirm"),
    Kind.CLOCK: ("clock of a case", "clocks of a case"),
    Kind.APPOINTMENT: ("appointment to call off", "appointments to call off"),
    Kind.MEETING: ("meeting", "meetings"),
    Kind.MEETING_MOVED: ("meeting", "meetings"),
    Kind.MEETING_CALLED_OFF: ("meeting", "meetings"),
    Kind.FEED: ("feed", "feeds"),
}


class Why(StrEnum):
    """Why somebody is told of something."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    OVERDUE = "overdue"
    RISEN = "risen"
    MEETING = "meeting"
    MOVED = "moved"
    CALLED_OFF = "called_off"
    CHANGED = "changed"


WORDS = {
    Why.TODAY: "due today",
    Why.TOMORROW: "due tomorrow",
    Why.OVERDUE: "overdue",
    Why.RISEN: "overdue, and risen to you",
    Why.MEETING: "in two days or less",
    Why.MOVED: "moved to another time",
    Why.CALLED_OFF: "called off",
    Why.CHANGED: "changed suddenly against what it was before",
}
TOLD_AT_ONCE = {
    Kind.MEETING_MOVED: Why.MOVED,
    Kind.MEETING_CALLED_OFF: Why.CALLED_OFF,
    Kind.FEED: Why.CHANGED,
}


@dataclass(frozen=True)
class Thing:
    """Something with a due time (of a meeting: when it begins), by its id, and as whose somebody has it.

    `mine` are the owners as which whoever is reminded holds it: of the team, its lead, the lead of whoever asked.
    `page` is the id of the row whose page they open; empty for what has risen to somebody who stands outside.
    """

    kind: Kind
    id: str
    reference: str
    due_at: dt.datetime
    mine: frozenset[Owner] = frozenset({Owner.INBOX})
    page: str = ""


@dataclass(frozen=True)
class Choices:
    """What somebody chose: a daily digest or none, and the hours in which no mail comes, from one to before another."""

    wants_digest: bool = True
    quiet_from: int | None = None
    quiet_to: int | None = None

    def is_quiet(self, now: dt.datetime) -> bool:
        """Whether no mail comes at this instant, by UK time. Hours over midnight begin in the evening."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        hour = now.astimezone(LONDON).hour
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to


def check_choices(choices: Choices) -> None:
    """Raise `NotPossible` for hours that are none, or that are the whole day: what has risen must reach somebody."""
    if (choices.quiet_from is None) != (choices.quiet_to is None):
        raise NotPossible("Give both hours, or neither")
    for hour in (choices.quiet_from, choices.quiet_to):
        if hour is not None and not 0 <= hour < 24:
            raise NotPossible("Give hours from 0 to 23")
    if choices.quiet_from is not None and choices.quiet_from == choices.quiet_to:
        raise NotPossible("From and to are the same hour. Leave an hour of the day in which mail may come")


@dataclass(frozen=True)
class Reminder:
    """One thing of which somebody is told, and why. Its key is the same however often it is worked out."""

    why: Why
    thing: Thing
    level: int = 0

    @property
    def key(self) -> str:
        """What this reminder is known by: codes, an id, and until when it is due; a new due time is a new thing."""
        due = int(self.thing.due_at.timestamp())
        return f"{self.why}:{self.thing.kind}:{self.thing.id}:{due}:{self.level}"


def reminder_of(thing: Thing, now: dt.datetime) -> Reminder | None:
    """Return of what somebody is reminded about a thing at `now`; `None` for what is further off, or no move of theirs.

    What has risen is told to whom it has risen, at each level anew; to its own team it is overdue, once.
    """
    if thing.kind in TOLD_AT_ONCE:
        return Reminder(TOLD_AT_ONCE[thing.kind], thing) if now < thing.due_at else None
    if thing.kind is Kind.MEETING:
        return Reminder(Why.MEETING, thing) if now < thing.due_at <= now + MEETING_AHEAD else None
    silence = escalation_of(thing.due_at, now)
    if not silence.is_overdue:
        why = _why_soon(thing, london_date(now))
        return Reminder(why, thing) if why and Owner.INBOX in thing.mine else None
    if _is_risen_to(thing, silence):
        return Reminder(Why.RISEN, thing, silence.level)
    return Reminder(Why.OVERDUE, thing) if Owner.INBOX in thing.mine else None


def _why_soon(thing: Thing, today: dt.date) -> Why | None:
    """Why somebody is told of a thing that is not overdue: its last day is today, or tomorrow."""
    last = _last_day(thing)
    if last <= today:
        return Why.TODAY
    return Why.TOMORROW if last == today + dt.timedelta(days=1) else None


def _is_risen_to(thing: Thing, silence: Escalation) -> bool:
    return bool(thing.mine & (set(silence.owners) - {Owner.INBOX}))


def _last_day(thing: Thing) -> dt.date:
    """The last day on which it is in time: midnight is the end of the day before."""
    return london_date(thing.due_at - dt.timedelta(microseconds=1))


@dataclass(frozen=True)
class Mail:
    """What somebody is told at once: keys to keep before it leaves, and the words."""

    keys: tuple[str, ...]
    words: str


def mail_of(
    things: Iterable[Thing],
    choices: Choices,
    told: Collection[str],
    now: dt.datetime,
    address: str = "",
) -> Mail | None:
    """Return what somebody is told at `now`; `None` where there is nothing new, or it is an hour of quiet.

    `told` are the keys of what they were told before, `address` that of the work list. What is in the day's digest is
    told by it.
    """
    if choices.is_quiet(now):
        return None
    listed = list(things)
    found = [one for one in (reminder_of(thing, now) for thing in listed) if one is not None]
    new = [one for one in found if one.key not in told]
    digest = digest_key(now)
    with_digest = choices.wants_digest and digest not in told and _is_digest_time(now) and bool(_to_do(listed))
    if not new and not with_digest:
        return None
    parts = [*_lines(new), *(_digest_lines(listed, now) if with_digest else ()), *_ending(address)]
    keys = [one.key for one in new] + ([digest] if with_digest else [])
    return Mail(tuple(keys), "\n\n".join(parts))


def digest_key(now: dt.datetime) -> str:
    """Return what the digest of a day is known by."""
    return f"digest:{london_date(now).isoformat()}"


def _is_digest_time(now: dt.datetime) -> bool:
    local = now.astimezone(LONDON)
    return local.time() >= DIGEST_FROM and Calendar().is_working_day(local.date())


def _to_do(things: Iterable[Thing]) -> list[Thing]:
    return [one for one in things if one.kind not in ONLY_TOLD and Owner.INBOX in one.mine]


def _lines(new: Iterable[Reminder]) -> list[str]:
    """One line for each reason and kind, the most pressing first."""
    groups: dict[tuple[Why, Kind], list[str]] = {}
    for one in new:
        groups.setdefault((one.why, one.thing.kind), []).append(one.thing.reference)
    order = (*(Why.CALLED_OFF, Why.MOVED, Why.RISEN, Why.OVERDUE, Why.TODAY, Why.TOMORROW, Why.MEETING, Why.CHANGED),)
    return [
        f"{counted(kind, len(names))} {WORDS[why]}: {_named(names)}."
        for why in order
        for kind in Kind
        if (names := groups.get((why, kind), []))
    ]


def counted(kind: Kind, count: int) -> str:
    """Return how many of a kind, in words: 1 action; 3 actions."""
    one, many = PLURALS[kind]
    return f"{count} {one if count == 1 else many}"


def _named(references: Iterable[str]) -> str:
    names = sorted(references)
    left = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {left} more" if left > 0 else "")


def _digest_lines(things: Iterable[Thing], now: dt.datetime) -> list[str]:
    mine = _to_do(things)
    count = Counter(one.kind for one in mine)
    late = sum(escalation_of(one.due_at, now).is_overdue for one in mine)
    said = ", ".join(counted(kind, count[kind]) for kind in Kind if count[kind])
    return [f"On your work list today: {said}. Overdue: {late}."]


def _ending(address: str) -> list[str]:
    return [f"Your work list: {address}" if address else "Sign in to Braid for your work list."]
