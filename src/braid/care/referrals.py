"""A referral: one person, one service, sent to a team's inbox; answered, refused with its effect, or risen in silence.

A refusal has a reason from a short closed list, and each reason an effect that is known beforehand. What was refused is
held against the next attempt, so that nobody is sent round in circles. The states are data; who may take which step,
and when, is below. The shape follows what users of case management ask for again and again: an answer in one place, a
closed list of reasons with defined effects, and duplicates shown at the moment of sharing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from braid.care.model import Acting, Escalation, escalation_of
from braid.care.teams import Team, capacity_of, check_answers
from braid.language.calendars import end_of_working_day
from braid.language.dates import london_date
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Referral",
    "pending",
    {
        "pending": State("Waiting for an answer"),
        "accepted": State("Accepted"),
        "refused": State("Refused", ends=True),
        "done": State("Done", ends=True),
        "revoked": State("Revoked", ends=True),
    },
    {
        "accept": Step("Accept", ("pending",), "accepted", "the team"),
        "refuse": Step("Refuse", ("pending",), "refused", "the team"),
        "complete": Step("Mark as done", ("accepted",), "done", "the team"),
        "revoke": Step("Revoke", ("pending", "accepted"), "revoked", "whoever sent it"),
    },
)
OPEN_STATES = frozenset(code for code, state in MACHINE.states.items() if not state.ends)
BY_TEAM = frozenset({"accept", "refuse", "complete"})
BY_LINK = frozenset({"accept", "refuse"})
"""What a partner without an account may do, once, by a link."""


@dataclass(frozen=True)
class Urgency:
    """How soon a referral wants an answer: hours by the clock, or the end of a working day."""

    name: str
    hours: int = 0
    working_days: int = 0


URGENCIES: Mapping[str, Urgency] = {
    "same_day": Urgency("Same day: an answer within 24 hours, at weekends too", hours=24),
    "urgent": Urgency("Urgent: an answer by the end of the next working day", working_days=1),
    "standard": Urgency("Standard: an answer within five working days", working_days=5),
}


class Effect(StrEnum):
    """What a refusal means for the next attempt."""

    PARK = "park"
    REASSESS = "reassess"
    NOT_ELIGIBLE = "not_eligible"


EFFECTS: Mapping[Effect, str] = {
    Effect.PARK: "Parked: may be sent again from the day that the team names",
    Effect.REASSESS: "To be assessed again: may be sent again once the sender says what was assessed",
    Effect.NOT_ELIGIBLE: "Not eligible: may be sent again only if something about the person has changed",
}


@dataclass(frozen=True)
class RefusalReason:
    """Why a team refuses, whose reason it is, and what that does."""

    name: str
    effect: Effect
    by_person: bool = False
    """The person's own choice, counted apart from what a service decides."""


REFUSALS: Mapping[str, RefusalReason] = {
    "no_capacity": RefusalReason("The team has no capacity", Effect.PARK),
    "not_safe_yet": RefusalReason("It is not safe for the person yet", Effect.PARK),
    "person_not_ready": RefusalReason("The person is not ready for it yet", Effect.PARK, by_person=True),
    "more_information": RefusalReason("The referral does not say enough to decide", Effect.REASSESS),
    "need_is_higher": RefusalReason("The need is greater than the service can meet", Effect.REASSESS),
    "other_service": RefusalReason("Another service fits better", Effect.REASSESS),
    "not_reached": RefusalReason("The person could not be reached", Effect.REASSESS),
    "conflict": RefusalReason("Somebody of the team is a party to the matter", Effect.REASSESS),
    "age": RefusalReason("The person is outside the ages served", Effect.NOT_ELIGIBLE),
    "area": RefusalReason("The person lives outside the area served", Effect.NOT_ELIGIBLE),
    "criteria": RefusalReason("The criteria of the service are not met", Effect.NOT_ELIGIBLE),
    "person_declined": RefusalReason("The person does not want the service", Effect.NOT_ELIGIBLE, by_person=True),
}
CHANGES: Mapping[str, str] = {
    "risk_rose": "The risk has risen",
    "need_changed": "What they need has changed",
    "moved": "They have moved",
    "age_reached": "They have reached the age served",
    "wants_it_now": "The person wants it now",
}
"""What may have changed since somebody was not eligible."""
ASSESSMENTS: Mapping[str, str] = {
    "assessed_again": "Assessed again since",
    "information_added": "What was missing is added",
    "contact_found": "A safe way to reach the person is known now",
}
"""What may have been done since a referral came back to be assessed again."""
LONGEST_PARKED = dt.timedelta(days=183)
LOOK_AGAIN_AFTER = dt.timedelta(days=28)
"""After how long a referral that was accepted is looked at again, unless the team names a day. Four weeks are a
start: no law or guidance that we know of names them."""


@dataclass(frozen=True)
class Referral:
    """A referral as rules know it. `refusal` is a code of `REFUSALS`; instants know their zone.

    `since` says, of what went before, what was assessed or has changed: a code of `ASSESSMENTS` or `CHANGES`, or empty.
    """

    person_id: str
    service: str
    team: str
    urgency: str
    sent_by: str
    sent_from: str
    sent_at: dt.datetime
    due_at: dt.datetime
    state: str = MACHINE.first
    since: str = ""
    refusal: str = ""
    parked_until: dt.date | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has a move to make."""
        return self.state in OPEN_STATES


def due_at(sent_at: dt.datetime, urgency: str) -> dt.datetime:
    """Return until when an answer is due. Hours are by the clock, over a change of the clocks too."""
    how = URGENCIES[urgency]
    if how.hours:
        return sent_at.astimezone(dt.UTC) + dt.timedelta(hours=how.hours)
    return end_of_working_day(sent_at, how.working_days)


@dataclass(frozen=True)
class Answer:
    """What a team answers: a step of `MACHINE`, and for a refusal its reason, and the day until which it is parked."""

    step: str
    refusal: str = ""
    parked_until: dt.date | None = None


def check_send(by: Acting, referral: Referral, team: Team, earlier: Iterable[Referral], now: dt.datetime) -> None:
    """Raise `NotPossible` where a referral may not be sent.

    `earlier` are all referrals of the person for the service to the team. Whether `by` may know of the person at all is
    asked before, by whoever found them. Raises `ValueError` for a referral that is not `by`'s own to this team.
    """
    own = (by.username, by.organisation, team.id, MACHINE.first)
    if (referral.sent_by, referral.sent_from, referral.team, referral.state) != own:
        raise ValueError("a referral is sent in one's own name to the team it names, and begins unanswered")
    if referral.urgency not in URGENCIES:
        raise NotPossible("Say how soon an answer is needed")
    if referral.since and referral.since not in ASSESSMENTS and referral.since not in CHANGES:
        raise NotPossible("Choose from the list what was assessed or has changed since")
    if referral.service not in team.services:
        raise NotPossible("The team does not offer that service. Choose one from its list, or another team")
    if team.id in by.teams:
        raise NotPossible("You are of that team. Take it up there, without a referral")
    if team.members:  # a team without an account answers by a link; its silence rises to the sender's side
        check_answers(team)
    capacity = capacity_of(team, london_date(now))
    if referral.urgency not in capacity.takes:
        until = f" until {team.capacity_until:%-d %B %Y}" if team.capacity_until else ""
        raise NotPossible(f"{team.name} says: {capacity.name.lower()}{until}. Choose another team, or refer later")
    before = sorted(earlier, key=lambda one: one.sent_at)
    if any(one.is_open for one in before):
        raise NotPossible("The team has this referral already. Look at your referrals for where it stands")
    answered = [one for one in before if one.state != "revoked"]  # else sending and taking back would wash it off
    if answered:
        _check_again(referral, answered[-1], london_date(now))


def _check_again(referral: Referral, last: Referral, today: dt.date) -> None:
    """Hold what went before against the next attempt."""
    if last.state != "refused":
        return
    effect = REFUSALS[last.refusal].effect
    if effect is Effect.PARK and last.parked_until is not None and today < last.parked_until:
        raise NotPossible(
            f"It is parked until {last.parked_until:%-d %B %Y}. Send it then; in danger, use another team's inbox"
        )
    if effect is Effect.REASSESS and referral.since not in ASSESSMENTS:
        raise NotPossible("It came back to be assessed again. Say what was assessed or added since")
    if effect is Effect.NOT_ELIGIBLE and referral.since not in CHANGES:
        raise NotPossible("The person was not eligible. Say what has changed since, or choose another service")


def answer(by: Acting, referral: Referral, given: Answer, now: dt.datetime) -> Referral:
    """Return the referral after the team's answer. Raises `NotPossible`."""
    if given.step not in BY_TEAM or referral.team not in by.teams:
        raise NotPossible("Only somebody of the team that was asked answers. Ask one of them")
    if by.username == referral.sent_by:
        raise NotPossible("Nobody answers their own referral. Ask somebody else of the team")
    return _answered(referral, given, now)


def answer_by_link(referral: Referral, given: Answer, expires_at: dt.datetime, now: dt.datetime) -> Referral:
    """Return the referral after an answer by a link, which works until it expires and for one answer alone."""
    if now >= expires_at:
        raise NotPossible("The link has expired. Ask whoever sent it to you for a new one")
    if given.step not in BY_LINK:
        raise NotPossible("A link accepts or refuses, and nothing else. Ask whoever sent it to you")
    return _answered(referral, given, now)


def _answered(referral: Referral, given: Answer, now: dt.datetime) -> Referral:
    state = MACHINE.after(referral.state, given.step)
    if given.step != "refuse":
        return replace(referral, state=state)
    reason = REFUSALS.get(given.refusal)
    if reason is None:
        raise NotPossible("Choose the reason from the list; each says what it means for the next attempt")
    until = given.parked_until if reason.effect is Effect.PARK else None
    if reason.effect is Effect.PARK:
        _check_parked(until, london_date(now))
    return replace(referral, state=state, refusal=given.refusal, parked_until=until)


def _check_parked(until: dt.date | None, today: dt.date) -> None:
    if until is None or not today < until <= today + LONGEST_PARKED:
        raise NotPossible(
            f"Say from which day it may be sent again: tomorrow at the earliest, {LONGEST_PARKED.days} days at the most"
        )


def look_again_day(accepted_at: dt.datetime, chosen: dt.date | None) -> dt.date:
    """Return the day by which an accepted referral is looked at again: the one chosen, or the usual one."""
    return chosen or london_date(accepted_at) + LOOK_AGAIN_AFTER


def check_look_again(by: Acting, referral: Referral, day: dt.date | None, now: dt.datetime) -> dt.date:
    """Return the day by which the team looks at an accepted referral again. Raises `NotPossible`.

    Whoever is accepted and then waits is on nobody's list otherwise.
    """
    if referral.team not in by.teams:
        raise NotPossible("Only somebody of the team that accepted it says so. Ask one of them")
    if referral.state != "accepted":
        raise NotPossible("Only a referral that was accepted is looked at again. Look at it again for where it stands")
    today = london_date(now)
    if day is None or not today < day <= today + LONGEST_PARKED:
        raise NotPossible(
            f"Say by which day you look at it again: tomorrow at the earliest, {LONGEST_PARKED.days} days at the most"
        )
    return day


def revoke(by: Acting, referral: Referral, team_of_sender: frozenset[str]) -> Referral:
    """Return the referral revoked by whoever sent it, or by the lead of a team of theirs. Raises `NotPossible`.

    `team_of_sender` are the ids of the teams of whoever sent it: somebody who leaves leaves nothing that hangs.
    """
    is_lead = by.organisation == referral.sent_from and bool(by.leads & team_of_sender)
    if by.username != referral.sent_by and not is_lead:
        raise NotPossible("Only whoever sent it, or the lead of their team, takes it back. Ask one of them")
    return replace(referral, state=MACHINE.after(referral.state, "revoke"))


def silence_on(referral: Referral, now: dt.datetime) -> Escalation | None:
    """Return where the silence on a referral stands; `None` once it was answered or taken back."""
    return escalation_of(referral.due_at, now) if referral.state == "pending" else None
