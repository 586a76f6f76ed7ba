"""The nouns of care that its rules share: who acts, and a due time with whose move it is once it has passed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from braid.language.calendars import DateNotReckonable, end_of_working_day


@dataclass(frozen=True)
class Acting:
    """A named human as rules know them: of an organisation, in teams, some of which they lead.

    `teams` and `leads` are ids of teams; `coordinates` says that they coordinate joint work over the place.
    """

    username: str
    organisation: str
    teams: frozenset[str] = field(default_factory=frozenset)
    leads: frozenset[str] = field(default_factory=frozenset)
    coordinates: bool = False


class Owner(StrEnum):
    """Whose move something is while it waits for an answer."""

    INBOX = "inbox"
    """Everybody of the team that was asked, or whoever took the action on."""
    TEAM_LEAD = "team_lead"
    """Whoever leads the team that was asked."""
    ASKER_LEAD = "asker_lead"
    """Whoever asked, whoever leads their team, and the coordinators of the place."""


SECOND_LEVEL_WORKING_DAYS = 1
"""Working days of silence after the due time until the asker's side owns it too."""


@dataclass(frozen=True)
class Escalation:
    """Where the silence on something stands: how far it has risen, and whose move it is.

    Who owned it before owns it still. To whom of a place that leads is for whoever keeps teams and cases to say.
    """

    level: int
    owners: tuple[Owner, ...]

    @property
    def is_overdue(self) -> bool:
        """Whether the due time has passed."""
        return self.level > 0


def escalation_of(due_at: dt.datetime, now: dt.datetime) -> Escalation:
    """Return where the silence on something due stands at `now`. At the last instant it has risen.

    By the clock alone: nothing has to run for it to rise, so no job that fails can keep it quiet. Working days are
    those of the country: a place that is closed for a day of its own is silent all the same. Where they are not
    known, it rises to the top at once.
    """
    if now < due_at:
        return Escalation(0, (Owner.INBOX,))
    try:
        rises_further_at = end_of_working_day(due_at, SECOND_LEVEL_WORKING_DAYS)
    except DateNotReckonable:
        rises_further_at = due_at
    if now < rises_further_at:
        return Escalation(1, (Owner.INBOX, Owner.TEAM_LEAD))
    return Escalation(2, (Owner.INBOX, Owner.TEAM_LEAD, Owner.ASKER_LEAD))
