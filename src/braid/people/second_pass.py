"""The second pass: what households say of who is whom, once, after the first pass has said who lives together.

Three rules, each over people whom the first pass left apart and whom no fact, human or seal parts:

- *one household*: two people of one household, or with a partner, parent, child or other relative in common, who were
  born on one day and whose forenames are forms of one name. It finds whoever changed a surname, and the row of a
  register that was entered twice.
- *one home, without a name*: a person none of whose records has a name, whom a member of a household fits by birth
  date and sex, at a postcode where another member of that household lives. It finds the patients of a family. Where
  two members were born on one day, or two households fit, it says nothing.

- *one relative, and much alike*: two people who stand with one third person, each by what another record says, whose
  forenames are much alike, and whose best pair the first pass scored and found too light. It finds who moved and is
  written otherwise, without a birth date: that both live with one and the same person it did not weigh. (Relational
  evidence: Bhattacharya and Getoor, Collective entity resolution in relational data, 2007.)

What it finds is joined as an edge of little weight is: after all others, never against a fact, and where a record is
guarded by a human alone.

No safe address is read: none is in a household, in the postcodes of the linkage table, or in a relationship.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pyarrow as pa

from braid.people.evidence import find_doubts
from braid.people.guarded import Evidence, Settled
from braid.people.households import find_households
from braid.people.model import Edge, FieldWeight
from braid.people.resolve import Contradictions, best_first
from braid.people.seals import find_apart
from braid.people.ties import read_family
from braid.store.engine import Engine

COLUMNS = ("record_id", "forename", "forename_groups", "birth_date", "birth_vague", "sex", "postcodes")
Pair = tuple[str, str]
SECOND_PASS_BITS = 4.5
"""Weight of an edge of this pass: a chance of 0.957. What it gains and costs is in `docs/measured.md`."""


def find_homes(engine: Engine, evidence: Evidence, settled: Settled) -> dict[str, str]:
    """Return of each person of the first pass, by their first record, the home that they live in."""
    person_of = {record: group[0] for group in settled.resolution.groups for record in group}
    return find_households(engine, person_of, find_apart(engine, evidence.sides, person_of))


def look_again(
    engine: Engine, records: pa.Table, evidence: Evidence, settled: Settled, homes: Mapping[str, str] | None = None
) -> tuple[Edge, ...]:
    """Return the edges that households add to those of the first pass, once it has settled who is whom.

    `homes` are those that `find_homes` finds.
    """
    person_of = {record: group[0] for group in settled.resolution.groups for record in group}
    homes = find_homes(engine, evidence, settled) if homes is None else homes
    contradictions = Contradictions(evidence.facts, settled.decisions, evidence.sides)
    family = read_family(engine, person_of)
    found = find_second_pass(records, person_of, homes, family, contradictions, evidence.rest.weak)
    known = {(edge.left, edge.right) for edge in evidence.edges}
    return tuple(edge for edge in found.edges if not {(edge.left, edge.right), (edge.right, edge.left)} & known)


def with_second_pass(evidence: Evidence, edges: Sequence[Edge], records: pa.Table) -> tuple[Evidence, dict[Edge, str]]:
    """Return the evidence with the edges of this pass, and of each that only a human may follow, why."""
    doubts = find_doubts(edges, records, evidence.facts)
    certain = evidence.certain | {edge for edge in edges if edge not in doubts}
    told = {edge: "household" if doubt == "identifier" else doubt for edge, doubt in doubts.items()}
    return replace(evidence, edges=(*evidence.edges, *edges), certain=certain), told


def with_household(
    fields: Mapping[Pair, Sequence[FieldWeight]], edges: Iterable[Edge]
) -> dict[Pair, list[FieldWeight]]:
    """Return how the fields of pairs weigh, where one is an edge of this pass with what the household adds to them."""
    found = {pair: list(weights) for pair, weights in fields.items()}
    for edge in edges:
        for pair in {(edge.left, edge.right), (edge.right, edge.left)} & found.keys():
            added = edge.weight - sum(one.bits for one in found[pair])
            found[pair].append(FieldWeight("household", "fits", added))
    return found


@dataclass(frozen=True)
class SecondPass:
    """The pairs of records that each rule would join."""

    household: tuple[Pair, ...]
    nameless: tuple[Pair, ...]
    alike: tuple[Pair, ...] = ()

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The pairs as edges."""
        pairs = {(min(pair), max(pair)) for pair in (*self.household, *self.nameless, *self.alike)}
        return tuple(Edge(left, right, SECOND_PASS_BITS) for left, right in sorted(pairs))


class _Known:
    """What the records say of each person: `person_of` gives the person of a record."""

    def __init__(self, records: pa.Table, person_of: Mapping[str, str], homes: Mapping[str, str]) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in records.select(COLUMNS).to_pylist():
            self.rows[person_of[row["record_id"]]].append(row)
        self.homes = homes
        self.members: dict[str, list[str]] = defaultdict(list)
        for person, home in sorted(homes.items()):
            self.members[home].append(person)

    def born(self, person: str) -> set[str]:
        return {row["birth_date"] for row in self.rows[person] if row["birth_date"] and row["birth_vague"] is False}

    def sexes(self, person: str) -> set[str]:
        return {row["sex"] for row in self.rows[person] if row["sex"]}

    def has_name(self, person: str) -> bool:
        return any(row["forename"] for row in self.rows[person])

    def postcodes(self, person: str) -> set[str]:
        return {postcode for row in self.rows[person] for postcode in row["postcodes"] or ()}

    def records(self, person: str) -> list[str]:
        return sorted(row["record_id"] for row in self.rows[person])


def find_second_pass(
    records: pa.Table,
    person_of: Mapping[str, str],
    homes: Mapping[str, str],
    family: Iterable[Pair],
    contradictions: Contradictions,
    weak: Iterable[Edge] = (),
) -> SecondPass:
    """Return what the rules find in the linkage table. `homes` is everybody's household, `family` who is related, and
    `weak` the pairs that the first pass scored and did not join."""
    family = list(family)
    known = _Known(records, person_of, homes)

    def are_two(left: str, right: str) -> bool:
        return contradictions.between(known.records(left), known.records(right), apart_if_sealed=True)

    household = tuple(
        pair
        for left, right in sorted(_close(known, family))
        if not are_two(left, right)
        for pair in _fitting_records(known, left, right)
    )
    nameless = tuple(
        (known.records(left)[0], known.records(right)[0])
        for left, right in sorted(_fits_at_home(known))
        if not are_two(left, right)
    )
    alike = tuple(
        (edge.left, edge.right)
        for edge in _best_of_one_relative(known, person_of, family, weak)
        if not are_two(person_of[edge.left], person_of[edge.right])
    )
    return SecondPass(household, nameless, alike)


def _close(known: _Known, family: Iterable[Pair]) -> Iterator[Pair]:
    """Yield pairs of one household, and of one relative, in order and once."""
    of_one_relative, related = _of_one_relative(family)
    found = {pair for members in known.members.values() for pair in combinations(members, 2)}
    yield from (found | of_one_relative) - related


def _of_one_relative(family: Iterable[Pair]) -> tuple[set[Pair], set[Pair]]:
    """Return the pairs of people with a relative in common, and those who are related, both ways round."""
    circles: dict[str, set[str]] = defaultdict(set)
    related: set[Pair] = set()
    for left, right in family:
        if left != right:
            circles[left].add(right)
            circles[right].add(left)
            related |= {(left, right), (right, left)}
    return {pair for people in circles.values() for pair in combinations(sorted(people), 2)}, related


def _best_of_one_relative(
    known: _Known, person_of: Mapping[str, str], family: Iterable[Pair], weak: Iterable[Edge]
) -> Iterator[Edge]:
    """Yield the heaviest weak pair of each two people with a relative in common whose forenames are much alike."""
    of_one_relative, related = _of_one_relative(family)
    best: dict[Pair, Edge] = {}
    for edge in sorted(weak, key=best_first):
        left, right = sorted((person_of[edge.left], person_of[edge.right]))
        if (left, right) in of_one_relative and (left, right) not in related:
            best.setdefault((left, right), edge)
    rows = {row["record_id"]: row for held in known.rows.values() for row in held}
    for pair in sorted(best):
        edge = best[pair]
        if are_alike(rows[edge.left], rows[edge.right]):
            yield edge


def are_alike(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Tell whether two records bear forms of one forename, its initial, or two that differ by one letter."""
    if not left["forename"] or not right["forename"]:
        return False
    if set(left["forename_groups"] or ()) & set(right["forename_groups"] or ()):
        return True
    one, other = sorted((left["forename"], right["forename"]), key=len)
    return one == other[:1] or _is_one_edit(one, other)


def _is_one_edit(short: str, long: str) -> bool:
    """Tell whether a letter left out, another, or two changed over make one word of the other."""
    if len(long) - len(short) > 1:
        return False
    same = next((at for at, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short))
    if len(short) < len(long):
        return short[same:] == long[same + 1 :]
    rest, other = short[same:], long[same:]
    return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])


def _fitting_records(known: _Known, left: str, right: str) -> Iterator[Pair]:
    """Yield the first records of two people that were born on one day and bear forms of one forename."""
    fitting = [
        (one["record_id"], other["record_id"])
        for one in known.rows[left]
        for other in known.rows[right]
        if one["birth_date"] == other["birth_date"] and one["birth_vague"] is other["birth_vague"] is False
        if set(one["forename_groups"] or ()) & set(other["forename_groups"] or ())
    ]
    yield from sorted(fitting)[:1]


def _fits_at_home(known: _Known) -> Iterator[Pair]:
    """Yield a person without a name and the one member of one household whom they fit."""
    patients: dict[tuple[str, str], set[str]] = defaultdict(set)
    for person in sorted(known.rows):
        for row in known.rows[person]:
            if not row["forename"] and row["birth_date"] and row["birth_vague"] is False:
                for postcode in row["postcodes"] or ():
                    patients[postcode, row["birth_date"]].add(person)
    fits: dict[str, set[str]] = defaultdict(set)
    for members in known.members.values():
        for patient, member in _fits(known, members, patients):
            fits[patient].add(member)
    yield from ((patient, min(members)) for patient, members in fits.items() if len(members) == 1)


def _fits(known: _Known, members: Sequence[str], patients: Mapping[tuple[str, str], set[str]]) -> Iterator[Pair]:
    born = {member: known.born(member) for member in members}
    lived = {member: known.postcodes(member) for member in members}
    for member in members:
        others = [other for other in members if other != member]
        if any(born[other] & born[member] for other in others):
            continue
        homes = set().union(*(lived[other] for other in others))
        fitting = {patient for home in homes for day in born[member] for patient in patients.get((home, day), ())}
        for patient in sorted(fitting - set(members)):
            if known.sexes(patient) == known.sexes(member) != set() and not known.has_name(patient):
                yield patient, member
