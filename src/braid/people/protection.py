"""Whom a safe address protects, and whose location is withheld so that theirs cannot be told.

Protection widens on every doubt: a person too many shows one district less, a person too few can lead somebody to a
door. It spreads from a confidential or refuge stay to whoever lives with that person, is of their family by any source,
stands on one of their applications, has their surname at one of their postcodes, or may be the same person by an edge
that linking refused.

Location is withheld from more people still: everybody with a stay at a postcode where a protected person has one. Were
it withheld from the protected alone, "not known" would say that somebody is protected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from braid.people.households import Apart, are_apart
from braid.people.model import RefusedEdge
from braid.people.names import split_surname
from braid.people.ties import persons_of, read_ties
from braid.store.engine import Engine


@dataclass(frozen=True)
class Protection:
    """Person ids: whom a safe address protects, and from whose rows every location is withheld (a superset)."""

    protected: frozenset[str]
    location_withheld: frozenset[str]
    homes: frozenset[tuple[str, str]] = frozenset()
    """Who is protected, each with the postcodes of their stays."""


NOBODY_PROTECTED = Protection(frozenset(), frozenset())


@dataclass(frozen=True)
class Signs:
    """What sources say that protects: records with a safe address, pairs of one family, and stays with a postcode, each
    with record, postcode and folded surname."""

    safe: Sequence[str]
    ties: Sequence[tuple[str, str]]
    stays: Sequence[tuple[str, str, str]]


def read_signs(engine: Engine) -> Signs:
    """Return what `find_protection` reads of stay, person_record, relationship and episode, for whoever asks often."""
    rows = engine.rows("select distinct person_record_id from stay where confidential or kind = 'refuge'")
    return Signs([row["person_record_id"] for row in rows], read_ties(engine), _stays(engine))


def find_protection(
    engine: Engine,
    person_ids: Mapping[str, str],
    households: Mapping[str, str],
    refused: Collection[RefusedEdge] = (),
    apart: Apart = MappingProxyType({}),
    signs: Signs | None = None,
) -> Protection:
    """Return whom the safe addresses in `stay` protect. `person_ids` maps a record to its person, `signs` are those of
    `engine`.

    Ties that would lead across a seal, as `apart` gives it, are none.
    """
    signs = signs or read_signs(engine)
    named = {person_ids[record] for record in signs.safe if record in person_ids}
    nobody: frozenset[tuple[str, str]] = frozenset()
    families = [
        (left, right)
        for left, right in persons_of(signs.ties, person_ids)
        if not are_apart(apart.get(left, nobody), apart.get(right, nobody))
    ]
    fragments = persons_of(((item.edge.left, item.edge.right) for item in refused), person_ids)
    stays = [(person_ids[record], postcode, name) for record, postcode, name in signs.stays if record in person_ids]
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


def _stays(engine: Engine) -> list[tuple[str, str, str]]:
    """Return record id, postcode and folded surname of every stay with a postcode."""
    rows = engine.rows(
        "select s.person_record_id, s.postcode, p.family_name from stay s join person_record p"
        " on p.record_id = s.person_record_id where s.postcode is not null"
    )
    return [
        (row["person_record_id"], row["postcode"], (split_surname(row["family_name"] or "") or ("",))[0])
        for row in rows
    ]
