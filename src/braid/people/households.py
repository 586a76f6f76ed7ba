"""Who lives together now.

A household is the people who share, today, a property, or a postcode and surname, or an open housing application or
homelessness case; and whoever shares one with any of them. Confidential stays join nobody. A key that more people share
than a home holds is an institution and is left out. Two sides of a seal never share a household.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from itertools import chain, pairwise
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
    engine: Engine, person_ids: Mapping[str, str], apart: Apart = MappingProxyType({})
) -> dict[str, str]:
    """Return the household id of every person who is known to live somewhere.

    The id is a hash of the smallest person id in it: as random as that id, and the same while that person stays. Two
    homes that would bring two sides of a seal under one roof stay two.
    """
    members: dict[str, set[str]] = defaultdict(set)
    for record_id, key in chain(_homes(engine), _applications(engine)):
        if record_id in person_ids:
            members[key].add(person_ids[record_id])
    heads: dict[str, str] = {}
    sides = {person_id: set(held) for person_id, held in apart.items()}
    for key in sorted(members):
        people = sorted(members[key], key=lambda person_id: (person_id in apart, person_id))
        if len(people) <= LARGEST_HOUSEHOLD:
            heads.setdefault(people[0], people[0])
            for left, right in pairwise(people):
                _unite(heads, left, right, sides)
    return {person_id: _household_id(_head(heads, person_id)) for person_id in heads}


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


def _head(heads: dict[str, str], person_id: str) -> str:
    while heads[person_id] != person_id:
        heads[person_id] = heads[heads[person_id]]
        person_id = heads[person_id]
    return person_id


def _unite(heads: dict[str, str], left: str, right: str, sides: dict[str, set[tuple[str, str]]]) -> None:
    heads.setdefault(left, left)
    heads.setdefault(right, right)
    first, second = sorted((_head(heads, left), _head(heads, right)))
    ours, theirs = sides.get(first, set()), sides.get(second, set())
    if first == second or (ours and theirs and are_apart(ours, theirs)):
        return
    heads[second] = first
    if theirs:
        sides[first] = ours | theirs


def _household_id(person_id: str) -> str:
    return hashlib.blake2b(f"household {person_id}".encode(), digest_size=16).hexdigest()
