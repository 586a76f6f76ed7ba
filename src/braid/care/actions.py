"""An action: one owner, one date, chased until it is done. Nobody owns "we should"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from braid.care.model import Acting, Escalation, escalation_of
from braid.language.calendars import LAST_DAY
from braid.language.dates import LONDON, london_date
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Action",
    "open",
    {
        "open": State("To do", said="still to do"),
        "done": State("Done"),
        "cancelled": State("Cancelled", ends=True),
        "checked": State("Done and checked", ends=True),
    },
    {
        "complete": Step("Mark as done", ("open",), "done", "its owner"),
        "check": Step("Check that it is done", ("done",), "checked", "the lead professional"),
        "send_back": Step("Send back", ("done",), "open", "the lead professional"),
        "cancel": Step("Cancel", ("open",), "cancelled", "the lead professional"),
    },
)
LONGEST_AHEAD = dt.timedelta(days=366)
LONGEST_WORDS = 300
RESULTS: Mapping[str, str] = {
    "done": "Done as agreed",
    "done_otherwise": "Done in another way",
    "no_effect": "Done, without the effect that was hoped for",
}
"""What came of an action."""
CANCELLATIONS: Mapping[str, str] = {
    "no_longer_needed": "It is no longer needed",
    "not_possible": "It turned out not to be possible",
    "replaced": "Another action replaces it",
    "person_declined": "The person does not want it",
}
"""Why an action is cancelled."""


@dataclass(frozen=True)
class Action:
    """An action as rules know it: the team that owns it, who of the team took it on, the last day on which it is due.

    `owner` is empty until somebody of the team takes it on: until then it is everybody's of the team.
    """

    team: str
    due_on: dt.date
    owner: str = ""
    state: str = MACHINE.first
    result: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to do."""
        return self.state == "open"

    @property
    def due_at(self) -> dt.datetime:
        """The instant at which it is overdue: the end of its last day, in UK time."""
        return dt.datetime.combine(self.due_on + dt.timedelta(days=1), dt.time(), LONDON).astimezone(dt.UTC)


def check_new(action: Action, words: str, teams_at_table: Collection[str], now: dt.datetime) -> None:
    """Raise `NotPossible` for an action without words, owner or date, or whose owner is not at the table."""
    today = london_date(now)
    if not words.strip():
        raise NotPossible("Say what is to be done")
    if len(words) > LONGEST_WORDS:
        raise NotPossible(f"Say in {LONGEST_WORDS} characters what is to be done")
    if not action.team or action.team not in teams_at_table:
        raise NotPossible("Choose one team of the case that owns it. Another team comes in by an offer first")
    if not today <= action.due_on <= min(today + LONGEST_AHEAD, LAST_DAY):
        raise NotPossible("Choose a day from today on, within a year, by which it is done")


def take_on(by: Acting, action: Action) -> Action:
    """Return the action taken on by somebody of its team. Raises `NotPossible`."""
    _check_team(by, action)
    if not action.is_open:
        raise NotPossible("It is not open any more")
    return replace(action, owner=by.username)


def reassign(action: Action, team: str, teams_at_table: Collection[str], leads: bool) -> Action:
    """Return the action given to another team of the case by the lead professional. Raises `NotPossible`."""
    _check_lead(leads)
    if not action.is_open:
        raise NotPossible("It is not open any more")
    if team == action.team or team not in teams_at_table:
        raise NotPossible("Choose another team of the case. One that is not there yet comes in by an offer first")
    return replace(action, team=team, owner="")


def complete(by: Acting, action: Action, result: str) -> Action:
    """Return the action marked as done by its team, with what came of it. Raises `NotPossible`.

    Whoever says that it is done owns it from then on, so that they cannot check it themselves.
    """
    _check_team(by, action)
    if result not in RESULTS:
        raise NotPossible("Choose what came of it")
    return replace(action, state=MACHINE.after(action.state, "complete"), result=result, owner=by.username)


def check_done(by: Acting, action: Action, leads: bool) -> Action:
    """Return the action checked by the lead professional, who is not the one who did it. Raises `NotPossible`."""
    _check_lead(leads)
    if by.username == action.owner:
        raise NotPossible("Nobody checks what they did themselves. It stands as done, unchecked")
    return replace(action, state=MACHINE.after(action.state, "check"))


def send_back(action: Action, leads: bool) -> Action:
    """Return the action sent back to its team by the lead professional. Raises `NotPossible`."""
    _check_lead(leads)
    return replace(action, state=MACHINE.after(action.state, "send_back"), result="")


def cancel(action: Action, reason: str, leads: bool) -> Action:
    """Return the action cancelled by the lead professional, with why. Raises `NotPossible`."""
    _check_lead(leads)
    if reason not in CANCELLATIONS:
        raise NotPossible("Choose why it is cancelled")
    return replace(action, state=MACHINE.after(action.state, "cancel"), result=reason)


def silence_on(action: Action, now: dt.datetime) -> Escalation | None:
    """Return where an open action stands against its date; `None` once it is not open."""
    return escalation_of(action.due_at, now) if action.is_open else None


def _check_team(by: Acting, action: Action) -> None:
    if action.team not in by.teams:
        raise NotPossible("Only the team that owns the action does that")


def _check_lead(leads: bool) -> None:
    if not leads:
        raise NotPossible("Only the lead professional of the case does that. Ask them")
