"""Teams: to whom something is referred. An inbox is a team's, never one person's: nobody's leave is a silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from braid.care.model import Acting
from braid.language.steps import NotPossible

LONGEST_NOTE = 120


@dataclass(frozen=True)
class Capacity:
    """Whether a team can take referrals now. `takes` are the urgencies that it may still be sent."""

    name: str
    takes: frozenset[str]


CAPACITIES: Mapping[str, Capacity] = {
    "open": Capacity("Takes referrals", frozenset({"same_day", "urgent", "standard"})),
    "limited": Capacity("Takes few referrals", frozenset({"same_day", "urgent", "standard"})),
    "full": Capacity("Full: same-day and urgent referrals only", frozenset({"same_day", "urgent"})),
    "closed": Capacity("Takes no referrals", frozenset()),
}
"""Said by the team itself. Whoever is in danger today is not turned away by a team that is merely full."""


@dataclass(frozen=True)
class Team:
    """A team of an organisation, what it offers, and whether it can take referrals.

    `members` and `leads` are usernames of active accounts. `capacity` is a code of `CAPACITIES`; `capacity_until` is
    the day until which that holds, where it is known.
    """

    id: str
    name: str
    organisation: str
    services: frozenset[str]
    members: frozenset[str]
    leads: frozenset[str]
    capacity: str = "open"
    capacity_until: dt.date | None = None


def capacity_of(team: Team, today: dt.date) -> Capacity:
    """Return what the team said of its capacity; open again once the day until which it held has passed."""
    has_passed = team.capacity_until is not None and team.capacity_until < today
    return CAPACITIES["open" if has_passed else team.capacity]


def check_answers(team: Team) -> None:
    """Raise `NotPossible` for a team of which nobody would see that something was sent, or that it was not answered."""
    if not team.members:
        raise NotPossible(f"{team.name} has nobody who could answer. Ask {team.organisation} to name its members")
    if not team.leads & team.members:
        raise NotPossible(f"{team.name} has no lead to whom silence would rise. Ask {team.organisation} to name one")


def check_capacity_change(by: Acting, team: Team, capacity: str, until: dt.date | None, today: dt.date) -> None:
    """Raise `NotPossible` unless `by` is of the team and what they say can hold."""
    if team.id not in by.teams:
        raise NotPossible("Only the team says whether it can take referrals. Ask somebody of it")
    if capacity not in CAPACITIES:
        raise NotPossible("Choose from the list whether the team takes referrals")
    if until is not None and until < today:
        raise NotPossible("The day until which it holds has passed. Choose today or a later day, or none")


def check_removal(team: Team, username: str, waiting: int = 0) -> None:
    """Raise `NotPossible` where the team would have nobody left to whom silence rises.

    `waiting` counts what the team has still to answer or to do. A team that has no lead keeps nobody.
    """
    others = team.members - {username}
    if others and team.leads & team.members == {username}:
        raise NotPossible("They are the only lead of the team. Name another lead first")
    if waiting and username in team.members and not others:
        raise NotPossible("They are the last of the team, and something waits for it. Name another member first")
