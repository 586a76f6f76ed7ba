"""The safety overlay: who is kept from whom, whatever agreements and roles permit. It is asked first and only narrows.

Two lists, not one flag. An exclusion bars one party from one subject. A restriction admits named users alone; several
of them admit only whom all of them admit. Both spread to whoever gives the subject away: ids merged with or split from
theirs, their household, their family, and the households of those.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EXCLUSION_REASONS = {
    "perpetrator": "Alleged to have harmed the subject",
    "relative": "Relative or associate of somebody who harmed the subject",
    "staff_self": "The record is the user's own",
    "staff_family": "The subject is of the user's family or household",
    "staff_knows": "The user knows the subject outside work",
    "court_order": "An order of a court keeps them apart",
    "agency_list": "On the list of a partner",
}
CONFLICT_REASONS = ("staff_self", "staff_family", "staff_knows")
"""Reasons that any user may give for barring themselves."""
RESTRICTION_REASONS = {
    "witness": "Protected witness",
    "public_profile": "Known to the public",
    "member_of_staff": "Record of a member of staff",
    "police_operation": "Subject of a police operation",
    "serious_risk": "Serious risk if anybody else learned of the record",
}


@dataclass(frozen=True)
class Exclusion:
    """`barred_user` (a user name) or `barred_person` (a person id, as recipient of what leaves) never sees the subject.

    `subject` is a person id; `reason` a code of `EXCLUSION_REASONS`. At `until` it asks to be decided on, and goes on.
    """

    subject: str
    reason: str
    entered_by: str
    since: dt.datetime
    barred_user: str = ""
    barred_person: str = ""
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Restriction:
    """Nobody but `admitted` (user names) sees the subject; an empty set admits nobody.

    `reason` is a code of `RESTRICTION_REASONS`. At `until` it asks to be decided on, and goes on.
    """

    subject: str
    admitted: frozenset[str]
    reason: str
    entered_by: str
    since: dt.datetime
    until: dt.datetime | None = None


Entry = Exclusion | Restriction


@dataclass(frozen=True)
class Effects:
    """What decisions read: (person id, user name) and (person id, person id) barred; of each restricted person the
    user names admitted."""

    barred: frozenset[tuple[str, str]]
    barred_parties: frozenset[tuple[str, str]]
    admitted: Mapping[str, frozenset[str]]


def spread(
    entries: Iterable[Entry],
    households: Mapping[str, str],
    ties: Iterable[tuple[str, str]],
    merges: Iterable[tuple[str, str]],
) -> Effects:
    """Return the effects of `entries` on everybody they reach. More entries, ties or merges never admit more.

    `households` maps a person to their household. `ties` are pairs of a family, `merges` pairs of ids of which one was
    merged into or split from the other; both hold in both directions.
    """
    near = _Neighbourhood(households, ties, merges)
    barred: set[tuple[str, str]] = set()
    parties: set[tuple[str, str]] = set()
    admitted: dict[str, frozenset[str]] = {}
    for entry in entries:
        for person in near.reach(entry.subject):
            if isinstance(entry, Restriction):
                users = entry.admitted - {""}
                admitted[person] = admitted[person] & users if person in admitted else users
            elif entry.barred_user:
                barred.add((person, entry.barred_user))
            elif person != entry.barred_person:
                parties.add((person, entry.barred_person))
    return Effects(frozenset(barred), frozenset(parties), admitted)


class _Neighbourhood:
    """Who is whose: households, families and ids, looked up from any side."""

    def __init__(
        self, households: Mapping[str, str], ties: Iterable[tuple[str, str]], merges: Iterable[tuple[str, str]]
    ) -> None:
        self._home = households
        self._members = defaultdict(set)
        for person, home in households.items():
            self._members[home].add(person)
        self._family = _both_ways(ties)
        self._ids = _both_ways(merges)

    def reach(self, subject: str) -> set[str]:
        """Subject, household, family of both, and the households of those; at each step every id of everybody."""
        people = self._with_homes(self._with_ids({subject}))
        for person in tuple(people):
            people |= self._family[person]
        return self._with_homes(self._with_ids(people))

    def _with_homes(self, people: set[str]) -> set[str]:
        homes = {self._home[person] for person in people if person in self._home}
        return self._with_ids(people.union(*(self._members[home] for home in homes)))

    def _with_ids(self, people: set[str]) -> set[str]:
        found, waiting = set(people), list(people)
        while waiting:
            for other in self._ids[waiting.pop()] - found:
                found.add(other)
                waiting.append(other)
        return found


def _both_ways(pairs: Iterable[tuple[str, str]]) -> defaultdict[str, set[str]]:
    others: defaultdict[str, set[str]] = defaultdict(set)
    for left, right in pairs:
        others[left].add(right)
        others[right].add(left)
    return others
