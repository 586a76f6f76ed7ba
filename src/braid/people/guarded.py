"""Which records no score may join, and the persons that follow: both are found together, round by round.

Guarded are the records with a safe address or of a service for victims, those of whoever such an address protects, and
sealed ones. Whom it protects depends on who is whom, so linking begins as if every score counted, guards whoever is
protected then, and links again until nobody is added. What was protected in any round stays so: a link that became a
proposal protects as the link did.

Whether a decision takes two people is asked without it as well: once all is settled, it is settled again by decisions
of two people alone, and whoever is guarded then stays so. So nobody alone takes a record out of a guarded person by
saying that it is somebody else, nor does an un-merge bring such a word into force.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from braid.people.components import Resolver
from braid.people.decisions import FORBIDDEN, NOTHING_DECIDED, Decided, choose, of_two_people, problem_at
from braid.people.households import find_households, read_open_keys
from braid.people.model import NO_DECISIONS, NO_REST, Barriers, Decisions, Edge, Facts, Resolution, Rest, Sides
from braid.people.protection import NOBODY_PROTECTED, Protection, find_protection, read_signs
from braid.people.seals import find_apart
from braid.store.engine import Engine

Protect = Callable[[Resolution, Mapping[str, str]], Protection]
"""Persons, and the label of the person of each record, into whom safe addresses protect, by label."""
Stays = Mapping[str, Set[str]]
"""Of records, the postcodes at which they have a stay."""
NO_STAYS: Stays = {}


@dataclass(frozen=True)
class Evidence:
    """All that speaks for and against links: records, edges, what may not be contradicted, decisions and seals."""

    record_ids: Sequence[str]
    edges: Sequence[Edge]
    facts: Mapping[str, Facts]
    certain: frozenset[Edge] = frozenset()
    decisions: Decisions = NO_DECISIONS
    decided: Decided = NOTHING_DECIDED
    sides: Sides = field(default_factory=dict)
    rest: Rest = NO_REST
    widen: Callable[[Decisions], Decisions] = lambda decisions: decisions
    """What follows from the decisions that hold: whom else they part."""


@dataclass(frozen=True)
class Settled:
    """The persons, which records are guarded, protected or withheld, and what was wrong with decisions."""

    resolution: Resolution
    guarded: frozenset[str]
    protected: frozenset[str]
    withheld: frozenset[str]
    problems: tuple[str, ...]
    decisions: Decisions = NO_DECISIONS
    """The decisions of humans that held."""
    homes: frozenset[tuple[str, str]] = frozenset()
    """Postcodes of stays of whoever was protected in any round, each with the first record of the person."""
    passing: frozenset[tuple[str, str]] = frozenset()
    """Records that were another person in some round, each with the postcodes of the stays of that person."""


def settle(
    evidence: Evidence,
    own: frozenset[str],
    protect: Protect,
    resolver: Resolver | None = None,
    stays: Stays = NO_STAYS,
    beside: frozenset[str] = frozenset(),
) -> Settled:
    """Return the persons of `evidence` with every guard in force.

    `own` are the records that are guarded of themselves; `protect` says whom safe addresses protect, given who is whom.
    What one human decided is followed of records that are guarded neither by it nor without it.
    `resolver` is one of the same records, edges and facts. Withheld is whoever, as a person in any round, had one of
    `stays` where anybody was protected in any, or at a postcode of `beside`.
    """
    resolver = resolver or Resolver(evidence.record_ids, evidence.edges, evidence.facts, evidence.rest)
    homes: frozenset[tuple[str, str]] = frozenset()
    seen: set[tuple[str, ...]] = set()
    guarded: frozenset[str] = frozenset()
    protected: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    decided, to_hear = evidence.decided, _in_turn(evidence.decided)
    while True:
        chosen, problems = choose(decided, guarded, evidence.decisions)
        decisions = evidence.widen(chosen)
        barriers = Barriers(guarded, evidence.certain, evidence.sides)
        resolution = resolver.resolve(decisions, barriers)
        labels = {record_id: group[0] for group in resolution.groups for record_id in group}
        found = protect(resolution, labels)
        homes |= found.homes
        seen.update(resolution.groups)
        protected |= {record_id for record_id, label in labels.items() if label in found.protected}
        withheld |= {record_id for record_id, label in labels.items() if label in found.location_withheld}
        protected, withheld = _over_seals(protected, evidence.sides), _over_seals(withheld, evidence.sides)
        touched = find_touched(resolution.groups, own, protected | guarded | evidence.sides.keys())
        if touched <= guarded and to_hear:
            decided = to_hear.pop()
        elif touched <= guarded:
            problems = (*evidence.decided.problems, *problems, *_forbidden(resolution, evidence.decided))
            passing = _with_stays(seen - set(resolution.groups), stays)
            there = beside.union(postcode for _, postcode in homes)
            near = frozenset(record for record, held in stays.items() if not there.isdisjoint(held))
            withheld |= find_touched(resolution.groups, near, frozenset())
            withheld |= {record for record, postcode in passing if postcode in there}
            withheld = _over_seals(withheld, evidence.sides)
            return Settled(resolution, guarded, protected, withheld | protected, problems, decisions, homes, passing)
        guarded |= touched


def _in_turn(decided: Decided) -> list[Decided]:
    """Return by which decisions all is settled again once it is settled by all: the last of the list first."""
    of_two = of_two_people(decided)
    return [decided, of_two] if of_two != decided else []


def read_own(engine: Engine) -> frozenset[str]:
    """Return the records that are guarded of themselves: a safe address, or a row whose existence is protected."""
    rows = [
        *engine.rows("select person_record_id as id from stay where confidential or kind = 'refuge'"),
        *engine.rows("select record_id as id from person_record where sensitivity = 'safe_address'"),
    ]
    return frozenset(row["id"] for row in rows)


def protect_with(engine: Engine, sides: Sides) -> Protect:
    """Return how protection spreads by the sources of `engine`: household, family, application, surname, refusals.

    They are read once, however many rounds ask. Where nobody has a safe address there is nobody to protect.
    """
    signs = read_signs(engine)
    keys = read_open_keys(engine) if signs.safe else None

    def protect(resolution: Resolution, labels: Mapping[str, str]) -> Protection:
        if keys is None:
            return NOBODY_PROTECTED
        apart = find_apart(engine, sides, labels)
        together = find_households(engine, labels, apart, over_shared_buildings=True, keys=keys)
        return find_protection(engine, labels, together, resolution.refused, apart, signs)

    return protect


def read_stays(engine: Engine) -> dict[str, set[str]]:
    """Return the postcodes of the stays of each record."""
    found: dict[str, set[str]] = defaultdict(set)
    held = engine.arrow("select distinct person_record_id, postcode from stay where postcode is not null")
    for record_id, postcode in zip(*(column.to_pylist() for column in held.columns), strict=True):
        found[record_id].add(postcode)
    return found


def _with_stays(groups: Iterable[Sequence[str]], stays: Stays) -> frozenset[tuple[str, str]]:
    """Return each record with every postcode at which any record of its person has a stay."""
    return frozenset(
        (record, postcode)
        for group in groups
        for postcode in set().union(*(stays.get(one, ()) for one in group))
        for record in group
    )


def _over_seals(records: frozenset[str], sides: Sides) -> frozenset[str]:
    """Return the records with those of the other side of a seal: a seal must not lift a protection."""
    seals = {seal for record_id, held in sides.items() if record_id in records for seal, _ in held}
    return records | {record_id for record_id, held in sides.items() if any(seal in seals for seal, _ in held)}


def find_touched(groups: Iterable[Sequence[str]], own: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Return every record of a person of whom one is guarded: of itself, by a protection that spreads, or by a seal."""
    records = own | others
    return frozenset(record_id for group in groups if not records.isdisjoint(group) for record_id in group)


def _forbidden(resolution: Resolution, decided: Decided) -> list[str]:
    pairs = {(item.edge.left, item.edge.right) for item in resolution.refused if item.reason == "decision"}
    last = {pair: decision.line for pair, decision in decided.pairs if decision.is_same}
    return [problem_at(line, FORBIDDEN) for pair, line in last.items() if pair in pairs]


def count_refused(resolution: Resolution) -> Counter[str]:
    """Count the refused edges by reason."""
    return Counter(item.reason for item in resolution.refused)
