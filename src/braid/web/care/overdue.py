"""What is overdue and whose: of one's own, of one's teams, and what has risen to whoever leads or coordinates."""

import datetime as dt
from dataclasses import dataclass

from braid.care.model import Escalation, Owner, escalation_of
from braid.care.reminders import PLURALS, Kind, Thing
from braid.web.access.sight import Sight
from braid.web.care.things import list_things

AS = {
    Owner.INBOX: "yours or your team's",
    Owner.TEAM_LEAD: "risen to you: you lead the team",
    Owner.ASKER_LEAD: "risen to you: you asked, lead the team of whoever asked, or coordinate",
}
"""As whose somebody has something, in words; the first that holds is said."""
PAGES = {
    Kind.REFERRAL: "referral",
    Kind.LOOK_AGAIN: "referral",
    Kind.OFFER: "offer",
    Kind.RETURN: "agenda_item",
    Kind.ACTION: "case",
    Kind.REVIEW: "case",
    Kind.MINUTES: "minutes",
    Kind.MEETING_TO_HOLD: "meeting",
    Kind.APPROVAL: "plan",
    Kind.PLAN_REVIEW: "plan",
    Kind.READINESS: "readiness",
    Kind.NOTICE: "moves",
    Kind.MOVE: "moves",
    Kind.CLOCK: "case",
    Kind.APPOINTMENT: "appointments",
}
"""The page on which somebody who takes part does something about a thing."""


@dataclass(frozen=True)
class Overdue:
    """Something overdue: what it is, its reference, since when, and why mine.

    `page` and `id` name where something is done about it; empty for whoever stands outside: to them it is a reference.
    """

    what: str
    reference: str
    page: str
    id: str
    due_at: dt.datetime
    silence: Escalation
    owned_as: str


def list_overdue(sight: Sight) -> list[Overdue]:
    """Return what is overdue and whoever looks owns, longest first. By reference; nobody is named."""
    now = sight.now
    found = [(thing, escalation_of(thing.due_at, now)) for thing in list_things(now)]
    return [_seen(thing, silence) for thing, silence in found if silence.is_overdue and thing.mine & {*silence.owners}]


def _seen(thing: Thing, silence: Escalation) -> Overdue:
    owned_as = next(AS[owner] for owner in Owner if owner in thing.mine and owner in silence.owners)
    what = PLURALS[thing.kind][0].capitalize()
    page = PAGES[thing.kind] if thing.page else ""
    return Overdue(what, thing.reference, page, thing.page, thing.due_at, silence, owned_as)
