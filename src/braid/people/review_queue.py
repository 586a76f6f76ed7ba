"""Which links humans review, and in which order: by the error that a look is expected to save.

Expected error is the chance that what is done now is wrong, times what hangs on it: pairs of records, and pairs of open
waits in different services, that would become one person's or cease to be. The chance is the linkage's own. A pair
stands for two persons, or for two parts of one; of each two there is one pair at most, the weightiest. Nobody who is
sealed is in the queue, by whichever of their records, and nothing that humans decided is asked again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from braid.language.findings import TABLES
from braid.people.expected import Gap, chance_of
from braid.people.guarded import Settled
from braid.people.model import NO_FACTS, Edge, EdgeSet, Facts, FieldWeight
from braid.people.resolve import MUST_LINK_WEIGHT
from braid.store.engine import Engine

MOST = 1000
"""Pairs in a queue: what a place of a million people can look at in a season."""
MOST_DECIDED = 200
"""Decisions that stand beside it, the newest."""
LEAST_CHANCE = 0.05
"""Below it, twenty looks would find one error."""
DOUBTFUL_BITS = 10.0
"""Joined by an edge of more bits than this, fewer than one in a thousand is false."""
CONTRADICTION_BITS = 9.0
"""What two unequal trusted identifiers, or a case in which both stand, take from a weight: one true pair in 500 has
them by a slip of the pen or a wrong number."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Doubt:
    """Two records that a human is to look at: `left` and `right` are the records that would be joined or parted."""

    pair: Pair
    cause: str
    chance: float
    left: tuple[str, ...]
    right: tuple[str, ...]
    is_joined: bool


@dataclass(frozen=True)
class Review:
    """A doubt with its place in the queue, from 1; a decision has place 0."""

    doubt: Doubt
    position: int
    stake: int

    @property
    def expected(self) -> float:
        """Pairs that a look is expected to put right."""
        return self.doubt.chance * self.stake


@dataclass(frozen=True)
class Standing:
    """How linking ended: who each record is, and what linking knew."""

    persons: Mapping[str, tuple[str, ...]]
    settled: Settled
    found: EdgeSet
    causes: Mapping[Edge, str]
    """Of edges that a guard held back, why."""
    contested: Mapping[Edge, str]
    """Of edges that numbers alone refused, or the rest of the records, which of the two."""
    facts: Mapping[str, Facts]
    sealed: frozenset[str]
    """Records of which either identity is sealed."""


class _Persons:
    """Who is whom, and whom no doubt may name."""

    def __init__(self, standing: Standing) -> None:
        self.records = standing.persons
        self.of = {record: person for person, records in standing.persons.items() for record in records}
        self._sealed = {self.of[record] for record in standing.sealed}
        self._decided = {
            frozenset((self.of[one], self.of[other]))
            for one, other in standing.settled.decisions.cannot_link
            if one in self.of and other in self.of
        }

    def are_two(self, edge: Edge) -> bool:
        """Whether the ends of an edge are two persons."""
        return self.of[edge.left] != self.of[edge.right]

    def can_be_named(self, left: str, right: str) -> bool:
        """Whether neither of two records is of somebody who is sealed."""
        return self._sealed.isdisjoint((self.of[left], self.of[right]))

    def can_be_asked(self, edge: Edge) -> bool:
        """Whether an edge may stand in the queue: nobody sealed, and no two persons whom humans parted."""
        ends = frozenset((self.of[edge.left], self.of[edge.right]))
        return self.can_be_named(edge.left, edge.right) and ends not in self._decided

    def doubt(self, edge: Edge, cause: str, chance: float) -> Doubt:
        """Return the doubt whether two persons are one."""
        return Doubt(
            (edge.left, edge.right),
            cause,
            chance,
            self.records[self.of[edge.left]],
            self.records[self.of[edge.right]],
            is_joined=False,
        )


def find_doubts_of(standing: Standing, gaps: Iterable[Gap]) -> list[Doubt]:
    """Return every doubt, one of each two persons or parts. `gaps` say what is likely missed."""
    persons = _Persons(standing)
    missed = {frozenset((gap.person_id, gap.other_person_id)): gap.missed for gap in gaps}
    found: dict[frozenset[str], Doubt] = {}
    apart = (
        *_held_back(standing, persons, missed),
        *_contested(standing, persons, missed),
        *_missed(standing, persons, missed),
        *_refused(standing, persons),
    )
    for doubt in apart:
        ends = frozenset((persons.of[doubt.pair[0]], persons.of[doubt.pair[1]]))
        found.setdefault(ends, doubt)
    return [*found.values(), *_joined(standing, persons)]


def _held_back(standing: Standing, persons: _Persons, missed: Mapping[frozenset[str], float]) -> Iterator[Doubt]:
    """What only a human may join: the fewest that would make guarded records whole, as proposed."""
    tied = {item.edge for item in standing.settled.resolution.refused if item.reason == "tie"}
    for edge in standing.settled.resolution.proposed:
        if persons.can_be_asked(edge):
            ends = frozenset((persons.of[edge.left], persons.of[edge.right]))
            cause = "tie" if edge in tied else standing.causes[edge]
            yield persons.doubt(edge, cause, missed.get(ends, chance_of(edge.weight)))


def _contested(standing: Standing, persons: _Persons, missed: Mapping[frozenset[str], float]) -> Iterator[Doubt]:
    """What numbers alone refused, or the rest of the records, as proposed."""
    for edge, cause in sorted(standing.contested.items(), key=lambda item: _heaviest_first(item[0])):
        if persons.can_be_asked(edge):
            ends = frozenset((persons.of[edge.left], persons.of[edge.right]))
            yield persons.doubt(edge, cause, missed.get(ends, _chance_against(edge, standing.facts)))


def _missed(standing: Standing, persons: _Persons, missed: Mapping[frozenset[str], float]) -> Iterator[Doubt]:
    """Ties, and pairs below the threshold; guarded pairs that proposals would join are not asked beside them."""
    tied = {item.edge for item in standing.settled.resolution.refused if item.reason == "tie"}
    guards = {item.edge for item in standing.settled.resolution.refused if item.reason == "protected"}
    apart = (edge for edge in (*standing.found.edges, *standing.found.weak) if persons.are_two(edge))
    for edge in sorted(apart, key=_heaviest_first):
        ends = frozenset((persons.of[edge.left], persons.of[edge.right]))
        if ends in missed and edge not in guards and persons.can_be_asked(edge):
            yield persons.doubt(edge, "tie" if edge in tied else "below_threshold", missed[ends])


def _refused(standing: Standing, persons: _Persons) -> Iterator[Doubt]:
    """Edges that contradict what records hold, though much else agrees."""
    for item in sorted(standing.settled.resolution.refused, key=lambda item: _heaviest_first(item.edge)):
        edge = item.edge
        is_apart = item.reason == "constraint" and persons.of[edge.left] != persons.of[edge.right]
        if is_apart and persons.can_be_asked(edge):
            yield persons.doubt(edge, "strong_refused", _chance_against(edge, standing.facts))


def _chance_against(edge: Edge, facts: Mapping[str, Facts]) -> float:
    """Return the chance of an edge that something refuses; unequal numbers of its own two weigh in it already."""
    ours, theirs = (facts.get(record, NO_FACTS).claims for record in (edge.left, edge.right))
    is_weighed = any(theirs.get(scheme, value) != value for scheme, value in ours.items())
    return chance_of(edge.weight if is_weighed else edge.weight - CONTRADICTION_BITS)


def _joined(standing: Standing, persons: _Persons) -> Iterator[Doubt]:
    """Joins of few bits: without that edge the person would fall into two, unless another goes round it."""
    decided = [Edge(*pair, MUST_LINK_WEIGHT) for pair in standing.settled.decisions.must_link]
    of = persons.of
    weak = {of[edge.left] for edge in standing.found.edges if edge.weight <= DOUBTFUL_BITS}  # the rest have no doubt
    within: dict[str, list[Edge]] = defaultdict(list)
    for edge in (*decided, *standing.found.edges):
        if of[edge.left] == of[edge.right] and of[edge.left] in weak and persons.can_be_asked(edge):
            within[of[edge.left]].append(edge)
    for person in sorted(within):
        yield from _weak_joins(persons.records[person], sorted(within[person], key=_heaviest_first))


def _weak_joins(records: Sequence[str], edges: Sequence[Edge]) -> Iterator[Doubt]:
    """Yield the doubtful edges of the heaviest tree over a person: no edge goes round one of them that weighs more."""
    tree: list[Edge] = []
    label = {record: record for record in records}
    for edge in edges:
        left, right = label[edge.left], label[edge.right]
        if left != right:
            tree.append(edge)
            label = {record: left if held == right else held for record, held in label.items()}
    for edge in tree:
        if edge.weight <= DOUBTFUL_BITS:
            left_side = _reached(edge.left, (other for other in tree if other is not edge))
            part = label[edge.left]
            right_side = [one for one in records if label[one] == part and one not in left_side]
            across = sum((other.left in left_side) != (other.right in left_side) for other in edges)
            cause = "single_join" if across == 1 and len(records) > 2 else "above_threshold"
            yield Doubt(
                (edge.left, edge.right),
                cause,
                1 - chance_of(edge.weight),
                tuple(sorted(left_side)),
                tuple(right_side),
                is_joined=True,
            )


def _reached(start: str, edges: Iterable[Edge]) -> set[str]:
    beside: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        beside[edge.left].append(edge.right)
        beside[edge.right].append(edge.left)
    found, waiting = {start}, [start]
    while waiting:
        new = [one for one in beside[waiting.pop()] if one not in found]
        found.update(new)
        waiting += new
    return found


def order_queue(doubts: Iterable[Doubt], waits: Mapping[str, Sequence[str]], most: int = MOST) -> list[Review]:
    """Return the queue: of the doubts worth a look the `most` with the greatest expected error, the greatest first.

    `waits` are the kinds of the open waits of each record.
    """
    worth = (doubt for doubt in doubts if doubt.chance >= LEAST_CHANCE)
    staked = sorted(
        ((doubt, count_stake(doubt.left, doubt.right, waits)) for doubt in worth),
        key=lambda item: (-round(item[0].chance * item[1], 9), item[0].pair),
    )
    return [Review(doubt, position, stake) for position, (doubt, stake) in enumerate(staked[:most], 1)]


def count_stake(left: Sequence[str], right: Sequence[str], waits: Mapping[str, Sequence[str]]) -> int:
    """Return the pairs of records, and of open waits of different kinds, between two sides."""
    ours, theirs = ([kind for record in side for kind in waits.get(record, ())] for side in (left, right))
    return len(left) * len(right) + sum(one != other for one in ours for other in theirs)


def list_decided(standing: Standing, latest: Iterable[tuple[Pair, dt.date]]) -> list[Review]:
    """Return what humans decided, the newest first, so that a later decision can undo it."""
    persons = _Persons(standing)
    found: list[Review] = []
    newest = sorted(latest, key=lambda item: (-item[1].toordinal(), item[0]))
    for (left, right), _ in newest:
        is_joined = persons.of[left] == persons.of[right]
        if len(found) < MOST_DECIDED and persons.can_be_named(left, right):
            ours, theirs = ((one,) if is_joined else persons.records[persons.of[one]] for one in (left, right))
            found.append(Review(Doubt((left, right), "decided", 0.0, ours, theirs, is_joined), 0, 0))
    return found


def list_sample(pairs: Iterable[Pair], standing: Standing) -> list[Review]:
    """Return pairs that were drawn by chance as they stand now, in their order; what humans decided of them stands."""
    persons = _Persons(standing)
    decided = standing.settled.decisions.must_link | standing.settled.decisions.cannot_link
    found: list[Review] = []
    for left, right in pairs:
        is_joined = persons.of[left] == persons.of[right]
        ours, theirs = ((one,) if is_joined else persons.records[persons.of[one]] for one in (left, right))
        cause = "decided" if (left, right) in decided else "sample"
        found.append(Review(Doubt((left, right), cause, 0.0, ours, theirs, is_joined), 0, 0))
    return found


def _heaviest_first(edge: Edge) -> tuple[float, str, str]:
    return (-round(edge.weight, 6), edge.left, edge.right)


def read_waits(engine: Engine, records: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Return the kinds of the open waits of each record that has one, in order; with `records`, of these alone."""
    asked = ""
    if records is not None:
        engine.load_arrow("asked_record", pa.table({"record_id": pa.array(sorted(set(records)), pa.string())}))
        asked = " join asked_record a on a.record_id = w.person_record_id"
    found: dict[str, list[str]] = defaultdict(list)
    for row in engine.rows(
        f"select w.person_record_id, w.kind from wait w{asked} where w.stop_date is null"
        " order by w.person_record_id, w.kind, w.start_date"
    ):
        found[row["person_record_id"]].append(row["kind"])
    engine.forget("asked_record")
    return found


def write_queue(
    engine: Engine,
    standing: Standing,
    reviews: Sequence[Review],
    fields: Mapping[Pair, Sequence[FieldWeight]],
    waits: Mapping[str, Sequence[str]],
    drawn: Sequence[Review] = (),
) -> None:
    """Create `link_review` and `link_review_field`. `fields` say of each pair, of those `drawn` by chance too, how its
    fields weighed."""
    engine.load_rows(TABLES["link_review"], describe_reviews(engine, standing, reviews, fields, waits))
    engine.load_rows(
        TABLES["link_review_field"],
        [
            {
                "record_a": pair[0],
                "record_b": pair[1],
                "comparison": one.comparison,
                "level": one.level,
                "bits": one.bits,
            }
            for pair in dict.fromkeys(review.doubt.pair for review in (*reviews, *drawn))
            for one in fields[pair]
        ],
    )


def _read_feeds(engine: Engine, records: Iterable[str]) -> dict[str, str]:
    engine.load_arrow("reviewed_record", pa.table({"record_id": pa.array(sorted(records), pa.string())}))
    rows = engine.rows(
        "select p.record_id, p.feed from person_record p join reviewed_record r on r.record_id = p.record_id"
    )
    engine.forget("reviewed_record")
    return {row["record_id"]: row["feed"] for row in rows}


def describe_reviews(
    engine: Engine,
    standing: Standing,
    reviews: Sequence[Review],
    fields: Mapping[Pair, Sequence[FieldWeight]],
    waits: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """Return the rows of `link_review` of reviews."""
    person_of = {record: person for person, records in standing.persons.items() for record in records}
    feeds = _read_feeds(engine, {one for each in reviews for one in (*each.doubt.left, *each.doubt.right)})
    return [_row(review, standing, person_of, feeds, fields[review.doubt.pair], waits) for review in reviews]


def _row(
    review: Review,
    standing: Standing,
    person_of: Mapping[str, str],
    feeds: Mapping[str, str],
    fields: Sequence[FieldWeight],
    waits: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    doubt = review.doubt
    left, right = doubt.pair
    sides = {"a": doubt.left, "b": doubt.right}
    return {
        "record_a": left,
        "record_b": right,
        "person_a": person_of[left],
        "person_b": person_of[right],
        "position": review.position,
        "cause": doubt.cause,
        "weight": round(sum(one.bits for one in fields), 6),
        "is_joined": doubt.is_joined,
        "needs_two": not standing.settled.guarded.isdisjoint(doubt.pair),
        "chance": round(doubt.chance, 6),
        "stake": review.stake,
        "expected": round(review.expected, 6),
        **{f"records_{name}": len(side) for name, side in sides.items()},
        **{
            f"waits_{name}": " ".join(sorted(kind for one in side for kind in waits.get(one, ())))
            for name, side in sides.items()
        },
        **{f"feeds_{name}": " ".join(sorted({feeds[one] for one in side})) for name, side in sides.items()},
    }
