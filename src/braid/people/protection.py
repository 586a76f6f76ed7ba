"""Whom a safe address protects, and whose location is withheld so that theirs cannot be told.

Protection widens on every doubt: a person too many shows one district less, a person too few can lead somebody to a
door. It spreads from a confidential or refuge stay to whoever lives with that person, is of their family by any source,
stands on one of their applications, has their surname at one of their postcodes, or may be the same person by an edge
that linking refused.

Location is withheld from more people still: everybody with a stay at a postcode where a protected person has one. Were
it withheld from the protected alone, "not known" would say that somebody is protected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from braid.people.households import Apart, are_apart
from braid.people.model import RefusedEdge
from braid.people.names import split_surname
from braid.people.ties import persons_of, read_family
from braid.store.engine import Engine


@dataclass(frozen=True)
class Protection:
    """Person ids: whom a safe address protects, and from whose rows every location is withheld (a superset)."""

    protected: frozenset[str]
    location_withheld: frozenset[str]
    homes: frozenset[tuple[str, str]] = frozenset()
    """Who is protected, each with the postcodes of their stays."""


def find_protection(
    engine: Engine,
    person_ids: Mapping[str, str],
    households: Mapping[str, str],
    refused: Collection[RefusedEdge] = (),
    apart: Apart = MappingProxyType({}),
) -> Protection:
    """Return whom the safe addresses in `stay` protect. `person_ids` maps a record to its person.

    Reads stay, person_record, relationship and episode. Ties that would lead across a seal, as `apart` gives it, are
    none.
    """
    rows = engine.rows("select distinct person_record_id from stay where confidential or kind = 'refuge'")
    named = {person_ids[row["person_record_id"]] for row in rows if row["person_record_id"] in person_ids}
    nobody: frozenset[tuple[str, str]] = frozenset()
    families = [
        (left, right)
        for left, right in read_family(engine, person_ids)
        if not are_apart(apart.get(left, nobody), apart.get(right, nobody))
    ]
    fragments = persons_of(((item.edge.left, item.edge.right) for item in refused), person_ids)
    stays = _stays(engine, person_ids)
    # A safe record is seldom joined, so the home and the family stand with the fragment beyond the refused edge.
    proposed = ((item.edge.left, item.edge.right) for item in refused if item.reason == "protected")
    named |= _along(persons_of(proposed, person_ids), named)
    protected = _with_household(named, households)
    protected = _with_household(protected | _along(families, protected), households)
    protected |= _along(fragments, protected)
    protected = _with_household(protected | _same_surname(stays, protected), households)
    homes = frozenset((person_id, postcode) for person_id, postcode, _ in stays if person_id in protected)
    postcodes = {postcode for _, postcode in homes}
    neighbours = {person_id for person_id, postcode, _ in stays if postcode in postcodes}
    return Protection(frozenset(protected), frozenset(protected | neighbours), homes)


def _with_household(people: set[str], households: Mapping[str, str]) -> set[str]:
    homes = {households[person_id] for person_id in people if person_id in households}
    return people | {person_id for person_id, home in households.items() if home in homes}


def _along(pairs: Iterable[tuple[str, str]], protected: set[str]) -> set[str]:
    return {person_id for pair in pairs if protected & set(pair) for person_id in pair}


def _same_surname(stays: Iterable[tuple[str, str, str]], protected: set[str]) -> set[str]:
    """Return whoever has a stay at a postcode of a protected person and a surname held by one of them there."""
    held = {(postcode, surname) for person_id, postcode, surname in stays if person_id in protected and surname}
    return {person_id for person_id, postcode, surname in stays if (postcode, surname) in held}


def _stays(engine: Engine, person_ids: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return person id, postcode and folded surname of every stay with a postcode."""
    rows = engine.rows(
        "select s.person_record_id, s.postcode, p.family_name from stay s join person_record p"
        " on p.record_id = s.person_record_id where s.postcode is not null"
    )
    return [
        (person_ids[row["person_record_id"]], row["postcode"], (split_surname(row["family_name"] or "") or ("",))[0])
        for row in rows
        if row["person_record_id"] in person_ids
    ]
