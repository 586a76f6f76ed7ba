"""Access in an emergency: one human, one person, the items listed, four hours, a reference to check, and a review due.

It stands in for a missing relationship and for nothing else: exclusion, restriction, seal, agreement and role are
asked before it (`braid.trust.decide`). It opens waits, and what else was asked for by name; location and identity only
once a second human approved. Whoever lets two reviews fall overdue loses the right until they are done. An
alert has an owner and a clock; one that nobody acknowledged passes to a second role by the clock alone, so that
nothing has to run for it to escalate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from braid.language.calendars import Calendar, end_of_working_day
from braid.language.schema import Sensitivity
from braid.trust.items import HOUSEHOLD, ITEMS, PLAN_ITEMS, Item, is_wait, needs_approval
from braid.trust.roles import Role

OPEN_FOR = dt.timedelta(hours=4)
REVIEW_WORKING_DAYS = 1
MOST_OVERDUE = 2
"""Reviews overdue at which a user may no longer ask."""
ACKNOWLEDGE_WITHIN = dt.timedelta(hours=1)
ALERT_WITHIN = dt.timedelta(seconds=60)
GUARDIAN, SECOND_ROLE = "ig_lead", "board_member"
"""The role that owns an alert, and the role that owns it too once it is overdue."""

BY_TAKING_PART = frozenset({"joint_case"})
"""Items that no emergency opens: they are seen by who takes part, whatever else permits."""

REASONS = {
    "immediate_danger": "Immediate danger to life or limb",
    "missing_person": "The person is missing",
    "child_at_risk": "A child is at risk of serious harm now",
    "emergency_admission": "Emergency admission or call-out",
    "court_direction": "A court asks for it today",
}
REFERENCE_KINDS = {"incident": "Incident number", "call": "Call number", "case": "Case number"}
FINDINGS = {
    "justified": "Justified",
    "not_justified": "Not justified",
    "more_information": "More information is needed",
}
CLOSING_FINDINGS = frozenset({"justified", "not_justified"})
"""Findings that end a review; any other leaves it due."""


@dataclass(frozen=True)
class Request:
    """What somebody asks for. `colleague` is the user name of another human who knows of it.

    `items` are codes of what is asked for beyond waits.
    """

    username: str
    person_id: str
    purpose: str
    reason: str
    reference_kind: str
    reference: str
    colleague: str
    items: tuple[str, ...] = ()


def listable_items(role: Role) -> dict[str, Item]:
    """Return what a role may ask for by name: items beyond waits that it could be shown, by code."""

    def may(item: Item) -> bool:
        if item.code in BY_TAKING_PART or item.code in (HOUSEHOLD, *PLAN_ITEMS.values()):
            return False  # a household, and what a plan proposes for one or a case, is no emergency of one person
        if item.in_vault:
            return item.code in role.vault_items
        return role.sees_location or item.sensitivity is not Sensitivity.LOCATION

    return {code: item for code, item in ITEMS.items() if not is_wait(code) and may(item)}


def waits_for_approval(items: Iterable[str]) -> bool:
    """Whether any of these items opens only once a second human approved."""
    return any(code in ITEMS and needs_approval(ITEMS[code]) for code in items)


@dataclass(frozen=True)
class Review:
    """A grant as its review sees it: whose, since when, by when, and whether it was reviewed."""

    username: str
    granted_at: dt.datetime
    due_at: dt.datetime
    reviewed_at: dt.datetime | None = None

    def is_overdue(self, now: dt.datetime) -> bool:
        """Whether nobody reviewed it although it was due before `now`."""
        return self.reviewed_at is None and self.due_at <= now


class NotGranted(Exception):
    """The request is refused. The message names the rule and the next step, and nothing of a person."""


def check_request(request: Request, reviews: Iterable[Review], now: dt.datetime) -> None:
    """Raise `NotGranted` where the request breaks a rule. Says nothing of the person, so that it betrays nobody."""
    if is_suspended(request.username, reviews, now):
        raise NotGranted(
            f"{MOST_OVERDUE} reviews of your emergency access are overdue, so you may not ask again until they are"
            " done. Ask the information governance lead"
        )
    if request.reason not in REASONS or request.reference_kind not in REFERENCE_KINDS or not request.reference:
        raise NotGranted("Emergency access needs a reason and a reference from the lists. Choose both and ask again")
    if not request.colleague or request.colleague == request.username:
        raise NotGranted("Name a colleague who knows of it, other than yourself")


def is_suspended(username: str, reviews: Iterable[Review], now: dt.datetime) -> bool:
    """Whether so many reviews of this user are overdue at `now` that they may not ask."""
    return sum(review.username == username and review.is_overdue(now) for review in reviews) >= MOST_OVERDUE


def review_due_at(granted_at: dt.datetime, calendar: Calendar | None = None) -> dt.datetime:
    """Return the end, in UK time, of the working day after the grant. Bank holidays are those of England and Wales."""
    return end_of_working_day(granted_at, REVIEW_WORKING_DAYS, calendar)


@dataclass(frozen=True)
class Standing:
    """Where an alert stands: `state` is acknowledged, open or overdue; `owners` are roles; `age` is since then."""

    state: str
    owners: tuple[str, ...]
    age: dt.timedelta


def standing_of(raised_at: dt.datetime, acknowledged_at: dt.datetime | None, now: dt.datetime) -> Standing:
    """Return where an alert stands at `now`. At the last instant of its clock it is overdue and has a second owner."""
    if acknowledged_at is not None and acknowledged_at <= now:
        return Standing("acknowledged", (GUARDIAN,), acknowledged_at - raised_at)
    age = now - raised_at
    if age >= ACKNOWLEDGE_WITHIN:
        return Standing("overdue", (GUARDIAN, SECOND_ROLE), age)
    return Standing("open", (GUARDIAN,), age)
