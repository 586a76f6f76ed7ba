"""Who lives together now.

A household is the people who share, today, a property, or a postcode and surname, or an open housing application or
homelessness case; and whoever shares one with any of them. Confidential stays join nobody. A key that more people share
than a home holds is an institution and is left out. Two sides of a seal never share a household.

An application names a household: whoever lives with the applicant as family, or might be expected to (Housing Act 1996
s.176). Where people of two of them live, strangers share a building, and that says nothing of them. Only where too many
are better than too few, for protection, are they one household all the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from itertools import pairwise
from types import MappingProxyType

from braid.people.names import split_surname
from braid.store.engine import Engine

LARGEST_HOUSEHOLD = 14
"""People who may share a key before it is taken for an institution."""

NOT_HOMES = (
    "ta_bnb",
    "ta_hostel",
    "ta_nightly",
    "ta_other",
    "hospital",
    "custody",
    "care_placement",
    "rough",
    "refuge",
)
"""Stays whose property is shared by strangers."""

APPLICATIONS = ("register", "homelessness_prevention", "homelessness_relief", "main_duty", "ta")


Apart = Mapping[str, frozenset[tuple[str, str]]]
"""Of a person whom a seal concerns: each seal, and the side of it on which they stand."""


def find_households(
    engine: Engine,
    person_ids: Mapping[str, str],
    apart: Apart = MappingProxyType({}),
    *,
    over_shared_buildings: bool = False,
) -> dict[str, str]:
    """Return the household id of every person who is known to live somewhere.

    The id is a hash of the smallest person id in it: as random as that id, and the same while that person stays. Two
    homes that would bring two sides of a seal under one roof stay two. With `over_shared_buildings`, households of
    several applications at one address are one.
    """
    united = _United({person_id: set(held) for person_id, held in apart.items()})
    applications = _members(_applications(engine), person_ids)
    for key in sorted(applications):
        united.add(applications[key])
    applied = {person_id: united.head(person_id) for person_id in united.heads}
    homes = _members(_homes(engine), person_ids)
    for key in sorted(homes):
        if over_shared_buildings or len({applied[person_id] for person_id in homes[key] if person_id in applied}) < 2:
            united.add(homes[key])
    return {person_id: _household_id(united.head(person_id)) for person_id in united.heads}


def are_apart(ours: Set[tuple[str, str]], theirs: Set[tuple[str, str]]) -> bool:
    """Tell whether two people, or two homes, stand on two sides of one seal."""
    return any(seal == other and side != other_side for seal, side in ours for other, other_side in theirs)


def _homes(engine: Engine) -> Iterable[tuple[str, str]]:
    kinds = ", ".join(f"'{kind}'" for kind in NOT_HOMES)
    for row in engine.rows(
        "select s.person_record_id, s.uprn, s.postcode, p.family_name from stay s join person_record p"
        " on p.record_id = s.person_record_id"
        f" where s.end_date is null and not s.confidential and s.kind not in ({kinds})"
    ):
        surname = split_surname(row["family_name"] or "")
        if row["uprn"]:
            yield row["person_record_id"], f"uprn {row['uprn']}"
        if row["postcode"] and surname:
            yield row["person_record_id"], f"home {row['postcode']} {surname[0]}"


def _applications(engine: Engine) -> Iterable[tuple[str, str]]:
    kinds = ", ".join(f"'{kind}'" for kind in APPLICATIONS)
    for row in engine.rows(
        "select person_record_id, feed, episode_ref from episode"
        f" where end_date is null and episode_ref is not null and kind in ({kinds})"
    ):
        yield row["person_record_id"], f"application {row['feed']} {row['episode_ref']}"


def _members(keys: Iterable[tuple[str, str]], person_ids: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the persons by key; a key that more of them share than a home holds is an institution and left out."""
    members: dict[str, set[str]] = defaultdict(set)
    for record_id, key in keys:
        if record_id in person_ids:
            members[key].add(person_ids[record_id])
    return {key: people for key, people in members.items() if len(people) <= LARGEST_HOUSEHOLD}


class _United:
    """Homes that grow together: each person leads to the head of theirs, and no home holds two sides of a seal."""

    def __init__(self, sides: dict[str, set[tuple[str, str]]]) -> None:
        self.heads: dict[str, str] = {}
        self._apart = frozenset(sides)
        self._sides = sides

    def add(self, people: Set[str]) -> None:
        """Unite people who share a key; whom a seal concerns comes last, so that the others are united without them."""
        ordered = sorted(people, key=lambda person_id: (person_id in self._apart, person_id))
        for person_id in ordered:
            self.heads.setdefault(person_id, person_id)
        for left, right in pairwise(ordered):
            self._unite(left, right)

    def head(self, person_id: str) -> str:
        """Return the smallest person id of their home."""
        while self.heads[person_id] != person_id:
            self.heads[person_id] = self.heads[self.heads[person_id]]
            person_id = self.heads[person_id]
        return person_id

    def _unite(self, left: str, right: str) -> None:
        first, second = sorted((self.head(left), self.head(right)))
        ours, theirs = self._sides.get(first, set()), self._sides.get(second, set())
        if first == second or (ours and theirs and are_apart(ours, theirs)):
            return
        self.heads[second] = first
        if theirs:
            self._sides[first] = ours | theirs


def _household_id(person_id: str) -> str:
    return hashlib.blake2b(f"household {person_id}".encode(), digest_size=16).hexdigest()
