"""Who lives together now.

A household is the people who share, today, a property, or a postcode and surname, or an open housing application or
homelessness case; and whoever shares one with any of them. Confidential stays join nobody. A key that more people share
than a home holds is an institution and is left out. Two sides of a seal never share a household.

An application names a household: whoever lives with the applicant as family, or might be expected to (Housing Act 1996
s.176). Where people of two of them live, strangers share a building, and that says nothing of them. Only where too many
are better than too few, for protection, are they one household all the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
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
APPLICATION = "application "
"""How the key of an application begins."""

Apart = Mapping[str, frozenset[tuple[str, str]]]
"""Of a person whom a seal concerns: each seal, and the side of it on which they stand."""


@dataclass(frozen=True)
class OpenKeys:
    """The keys that hold now, each with the records that have it."""

    applications: Mapping[str, Sequence[str]]
    homes: Mapping[str, Sequence[str]]


def read_open_keys(engine: Engine) -> OpenKeys:
    """Return the keys that hold now: what `find_households` asks, read once for whoever asks it often."""
    return OpenKeys(_records(read_applications(engine)), _records(read_homes(engine)))


def _records(signs: Iterable[Sign]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for sign in signs:
        if sign.end_date is None:
            found[sign.key].append(sign.record_id)
    return found


def find_households(
    engine: Engine,
    person_ids: Mapping[str, str],
    apart: Apart = MappingProxyType({}),
    *,
    over_shared_buildings: bool = False,
    keys: OpenKeys | None = None,
) -> dict[str, str]:
    """Return the household id of every person who is known to live somewhere. `keys` are those of `engine`.

    The id is a hash of the smallest person id in it: as random as that id, and the same while that person stays. Two
    homes that would bring two sides of a seal under one roof stay two. With `over_shared_buildings`, households of
    several applications at one address are one.
    """
    keys = keys or read_open_keys(engine)
    applications, homes = _members(keys.applications, person_ids), _members(keys.homes, person_ids)
    heads = unite(applications, homes, apart, over_shared_buildings=over_shared_buildings)
    return {person_id: _household_id(head) for person_id, head in heads.items()}


def unite(
    applications: Mapping[str, Set[str]],
    homes: Mapping[str, Set[str]],
    apart: Apart = MappingProxyType({}),
    *,
    over_shared_buildings: bool = False,
) -> dict[str, str]:
    """Return of each person the smallest person id of their household, given the persons by key on one day."""
    united = _United({person_id: set(held) for person_id, held in apart.items()})
    for key in sorted(_of_homes(applications)):
        united.add(applications[key])
    applied = {person_id: united.head(person_id) for person_id in united.heads}
    for key in sorted(_of_homes(homes)):
        if over_shared_buildings or len({applied[person_id] for person_id in homes[key] if person_id in applied}) < 2:
            united.add(homes[key])
    return {person_id: united.head(person_id) for person_id in united.heads}


def _of_homes(members: Mapping[str, Set[str]]) -> Iterable[str]:
    """Return the keys that are no institution's."""
    return (key for key, people in members.items() if len(people) <= LARGEST_HOUSEHOLD)


def are_apart(ours: Set[tuple[str, str]], theirs: Set[tuple[str, str]]) -> bool:
    """Tell whether two people, or two homes, stand on two sides of one seal."""
    return any(seal == other and side != other_side for seal, side in ours for other, other_side in theirs)


@dataclass(frozen=True)
class Sign:
    """What a source says of where a record lives: whoever has the same key on a day lives there too.

    Days are those that the source states; it may state neither.
    """

    record_id: str
    key: str
    start_date: dt.date | None
    end_date: dt.date | None
    role: str | None = None
    """What the record is on an application."""


def read_homes(engine: Engine) -> Iterator[Sign]:
    """Yield the properties, and the postcodes with a surname, of everybody's stays; no safe address is among them."""
    kinds = ", ".join(f"'{kind}'" for kind in NOT_HOMES)
    for row in engine.rows(
        "select s.person_record_id, s.uprn, s.postcode, p.family_name, s.start_date, s.end_date from stay s"
        " join person_record p on p.record_id = s.person_record_id"
        f" where not s.confidential and s.kind not in ({kinds})"
    ):
        surname = split_surname(row["family_name"] or "")
        days = row["start_date"], row["end_date"]
        if row["uprn"]:
            yield Sign(row["person_record_id"], f"uprn {row['uprn']}", *days)
        if row["postcode"] and surname:
            yield Sign(row["person_record_id"], f"home {row['postcode']} {surname[0]}", *days)


def read_applications(engine: Engine) -> Iterator[Sign]:
    """Yield the housing applications and homelessness cases on which a record stands."""
    kinds = ", ".join(f"'{kind}'" for kind in APPLICATIONS)
    for row in engine.rows(
        "select e.person_record_id, e.feed, e.episode_ref, e.start_date, e.end_date, coalesce(e.role, p.role) as role"
        " from episode e left join person_record p on p.record_id = e.person_record_id"
        f" where e.episode_ref is not null and e.kind in ({kinds})"
    ):
        key = f"{APPLICATION}{row['feed']} {row['episode_ref']}"
        yield Sign(row["person_record_id"], key, row["start_date"], row["end_date"], row["role"])


def _members(records: Mapping[str, Iterable[str]], person_ids: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the persons by key."""
    members = {key: {person_ids[one] for one in held if one in person_ids} for key, held in records.items()}
    return {key: people for key, people in members.items() if people}


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
