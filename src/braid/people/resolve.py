"""Edges into persons: the best edge first, and never a person who contradicts themselves.

Connected components chain twins and namesakes of one household together. Here two groups are joined along their best
edge only if the union holds at most one trusted identifier of each scheme and no two people of one case. The result is
a function of the set of edges: the order in which they arrive cannot matter.

A best edge may be a bridge between two people. So the mean weight of all pairs across the two groups is asked as well:
where it is against, they stay two.

Two things no weight can buy: a guarded record is joined by a certain edge or by a human alone, and records of two sides
of a seal are never one person, not even by a human.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from braid.people.model import (
    NO_BARRIERS,
    NO_DECISIONS,
    NO_FACTS,
    NO_REST,
    Barriers,
    Decisions,
    Edge,
    Facts,
    RefusedEdge,
    Resolution,
    Rest,
    Sides,
)

TIE_BITS = 1.0
"""Two edges of a record closer than this do not tell which of two contradicting records it belongs to."""

LEAST_MEAN = 0.0
"""Bits that all pairs across two groups weigh on average, at least; below it they are rather two persons than one."""

UNSCORED = -4.0
"""Bits that a pair counts which could be compared and was not kept: nothing that is kept weighs less."""

MUST_LINK_WEIGHT = 999.0

_SEAL = "seal\x1f"
"""How the line of a seal begins."""
NO_SIDES: Sides = {}
NOTHING_PARTED: Mapping[str, Mapping[str, set[str]]] = {}


@dataclass
class _Group:
    members: list[str]
    values: dict[str, set[str]] = field(default_factory=dict)
    formers: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    sides: dict[str, set[str]] = field(default_factory=dict)
    is_guarded: bool = False

    @property
    def is_sealed(self) -> bool:
        """Whether any record of it stands on a side of a seal."""
        return any(line.startswith(_SEAL) for line in self.sides)


def resolve(
    record_ids: Iterable[str],
    edges: Iterable[Edge],
    facts: Mapping[str, Facts],
    decisions: Decisions = NO_DECISIONS,
    barriers: Barriers = NO_BARRIERS,
    rest: Rest = NO_REST,
) -> Resolution:
    """Return the persons that `edges` make of `record_ids` without contradicting `facts`, `decisions` or `barriers`.

    `rest` says what is known of other pairs; without it no edge is a bridge. Edges that name an unknown record raise
    `KeyError`. Must-links are joined first whatever the identifiers say, but
    never across a seal or a cannot-link, by whatever way round; cannot-links hold against everything.
    """
    facts = _with_cannot_links(facts, decisions)
    parted = _parted(decisions, barriers.sides)
    groups = {
        record_id: _new_group(record_id, facts.get(record_id, NO_FACTS), parted, barriers.guarded)
        for record_id in record_ids
    }
    held_by: dict[str, Edge] = {}
    refused: list[RefusedEdge] = []
    edges = tuple(edges)
    mean = _MeanWeight((*edges, *rest.weak), rest.comparable)
    for left, right in sorted(decisions.must_link):
        edge = Edge(left, right, MUST_LINK_WEIGHT)
        if _are_parted(groups[left], groups[right]):
            refused.append(RefusedEdge(edge, "decision"))
            continue
        _join(groups, groups[left], groups[right])
        held_by[left] = held_by[right] = edge
    ordered = sorted(edges, key=best_first)
    tied = find_ties(ordered, facts)
    refused += [RefusedEdge(edge, "tie") for edge in ordered if edge in tied]
    for edge in ordered:
        if edge in tied:
            continue
        left_group, right_group = groups[edge.left], groups[edge.right]
        if left_group is not right_group:
            reason = _why_not(edge, left_group, right_group, barriers.certain) or mean.against(left_group, right_group)
            if reason:
                refused.append(RefusedEdge(edge, reason))
                continue
            _join(groups, left_group, right_group)
        for record_id in (edge.left, edge.right):
            held_by.setdefault(record_id, edge)
    found, contested = _sorted_groups(groups), tuple(_find_contested(groups, refused))
    return Resolution(found, held_by, tuple(refused), _propose(groups, refused, barriers), contested)


class _MeanWeight:
    """How all pairs across two groups weigh: those scored, and those that could have been and were not."""

    def __init__(self, pairs: Iterable[Edge], comparable: frozenset[str]) -> None:
        self._comparable = comparable
        self._beside: dict[str, dict[str, float]] = defaultdict(dict)
        for pair in pairs:
            self._beside[pair.left][pair.right] = self._beside[pair.right][pair.left] = pair.weight

    def against(self, left: _Group, right: _Group) -> str:
        """Return `bridge` where the pairs across two groups are, on average, against one person; else nothing."""
        if len(left.members) == len(right.members) == 1:
            return ""
        small, large = sorted((left.members, right.members), key=len)
        others = set(large)
        weights = [weight for record in small for other, weight in self._beside[record].items() if other in others]
        unscored = self._count_unscored(small, large)
        total = math.fsum(weights) + UNSCORED * unscored
        return "bridge" if total < LEAST_MEAN * (len(weights) + unscored) else ""

    def _count_unscored(self, small: Sequence[str], large: Sequence[str]) -> int:
        ours = self._comparable.intersection(small)
        theirs = self._comparable.intersection(large)
        scored = sum(len(self._beside[record].keys() & theirs) for record in ours)
        return len(ours) * len(theirs) - scored


def _find_contested(groups: Mapping[str, _Group], refused: Iterable[RefusedEdge]) -> Iterator[RefusedEdge]:
    """Yield the best refused edge between each two persons whom only numbers, or the rest of their records, keep apart.

    Nobody who is sealed is in one, nor anybody whom a human or a case has parted.
    """
    seen: set[frozenset[int]] = set()
    for item in refused:
        left, right = groups[item.edge.left], groups[item.edge.right]
        pair = frozenset((id(left), id(right)))
        if item.reason not in ("constraint", "bridge") or left is right or pair in seen:
            continue
        if left.is_sealed or right.is_sealed or _are_parted(left, right) or not left.cases.isdisjoint(right.cases):
            continue
        seen.add(pair)
        yield item


def _why_not(edge: Edge, left: _Group, right: _Group, certain: frozenset[Edge]) -> str:
    """Return why an edge may not join two groups; empty where it may."""
    if not _can_join(left, right):
        return "constraint"
    if _are_parted(left, right):
        return "sealed"
    return "protected" if (left.is_guarded or right.is_guarded) and edge not in certain else ""


def _propose(groups: dict[str, _Group], refused: Iterable[RefusedEdge], barriers: Barriers) -> tuple[Edge, ...]:
    """Return the refused edges that would make guarded records whole, best first; joins `groups` as if confirmed.

    Nobody who is sealed is in one, by whichever of their records: what might be the other identity must not stand in a
    list.
    """
    open_edges = [item.edge for item in refused if item.reason == "protected"]
    open_edges += [item.edge for item in refused if item.reason == "tie"]
    found: list[Edge] = []
    for edge in open_edges:
        left, right = groups[edge.left], groups[edge.right]
        ends = {edge.left, edge.right}
        if left is right or ends.isdisjoint(barriers.guarded) or left.is_sealed or right.is_sealed:
            continue
        if not _are_parted(left, right) and _can_join(left, right):
            found.append(edge)
            _join(groups, left, right)
    return tuple(found)


def can_be_one_person(left: Facts, right: Facts) -> bool:
    """Tell whether two records, by themselves, do not contradict each other."""
    return _can_join(_new_group("", left), _new_group("", right))


class Contradictions:
    """Which persons cannot be one: by what their records hold, what humans decided, or a seal."""

    def __init__(
        self, facts: Mapping[str, Facts], decisions: Decisions = NO_DECISIONS, sides: Sides = NO_SIDES
    ) -> None:
        """Take the same as `resolve` does."""
        self._facts, self._parted = _with_cannot_links(facts, decisions), _parted(decisions, sides)
        self._known: dict[str, _Group] = {}

    def between(self, left: Sequence[str], right: Sequence[str], *, apart_if_sealed: bool = False) -> bool:
        """Whether two persons, by their records, contradict each other; `apart_if_sealed`: or whether one is sealed."""
        ours, theirs = self._group(left), self._group(right)
        if apart_if_sealed and (ours.is_sealed or theirs.is_sealed):
            return True
        return not _can_join(ours, theirs) or _are_parted(ours, theirs)

    def _group(self, records: Sequence[str]) -> _Group:
        if records[0] not in self._known:
            groups = {one: _new_group(one, self._facts.get(one, NO_FACTS), self._parted) for one in records}
            for record in records[1:]:
                _join(groups, groups[records[0]], groups[record])
            self._known[records[0]] = groups[records[0]]
        return self._known[records[0]]


def find_ties(edges: Iterable[Edge], facts: Mapping[str, Facts]) -> set[Edge]:
    """Return the edges of a record that fits two contradicting records equally well: it cannot be told which it is.

    A hospital row without a name fits both twins of a household; choosing by chance would be wrong every second time.
    """
    by_record: dict[str, list[tuple[float, str, Edge]]] = defaultdict(list)
    for edge in edges:
        by_record[edge.left].append((edge.weight, edge.right, edge))
        by_record[edge.right].append((edge.weight, edge.left, edge))
    tied: set[Edge] = set()
    for neighbours in by_record.values():
        tied |= _ties_of_one(neighbours, facts)
    return tied


def _ties_of_one(neighbours: list[tuple[float, str, Edge]], facts: Mapping[str, Facts]) -> set[Edge]:
    tied: set[Edge] = set()
    neighbours = sorted(neighbours, key=lambda item: (-item[0], item[1]))
    for place, (weight, other, edge) in enumerate(neighbours):
        for next_weight, next_other, next_edge in neighbours[place + 1 :]:
            if weight - next_weight > TIE_BITS:
                break
            if not can_be_one_person(facts.get(other, NO_FACTS), facts.get(next_other, NO_FACTS)):
                tied |= {edge, next_edge}
    return tied


def best_first(edge: Edge) -> tuple[float, str, str]:
    """Return by what edges are ordered: the weightiest first, of equal ones by id."""
    return (-round(edge.weight, 6), edge.left, edge.right)


def _with_cannot_links(facts: Mapping[str, Facts], decisions: Decisions) -> dict[str, Facts]:
    """Say a cannot-link as a case that both records stand in: two people of one case are never joined."""
    found = dict(facts)
    for pair in sorted(decisions.cannot_link):
        case = "cannot\x1f" + "\x1f".join(sorted(pair))
        for record_id in pair:
            old = found.get(record_id, NO_FACTS)
            found[record_id] = Facts(old.claims, old.formers, old.cases | {case})
    return found


def _parted(decisions: Decisions, sides: Sides) -> dict[str, dict[str, set[str]]]:
    """Return of each record on which side of which line it stands: seals, and cannot-links as lines of two."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record_id, held in sides.items():
        for seal, side in held:
            found[record_id][f"{_SEAL}{seal}"].add(side)
    for pair in decisions.cannot_link:
        for record_id in pair:
            found[record_id]["cannot\x1f" + "\x1f".join(sorted(pair))].add(record_id)
    return found


def _new_group(
    record_id: str,
    facts: Facts,
    parted: Mapping[str, Mapping[str, set[str]]] = NOTHING_PARTED,
    guarded: frozenset[str] = frozenset(),
) -> _Group:
    values = {scheme: {value} for scheme, value in facts.claims.items()}
    lines = {line: set(held) for line, held in parted[record_id].items()} if record_id in parted else {}
    return _Group([record_id], values, set(facts.formers), set(facts.cases), lines, record_id in guarded)


def _are_parted(left: _Group, right: _Group) -> bool:
    return any(len(left.sides[line] | right.sides[line]) > 1 for line in left.sides.keys() & right.sides.keys())


def _can_join(left: _Group, right: _Group) -> bool:
    if not left.cases.isdisjoint(right.cases):
        return False
    formers = left.formers | right.formers
    for scheme in left.values.keys() & right.values.keys():
        ours, theirs = left.values[scheme], right.values[scheme]
        if len((ours | theirs) - formers) > max(1, len(ours - left.formers), len(theirs - right.formers)):
            return False
    return True


def _join(groups: dict[str, _Group], left: _Group, right: _Group) -> None:
    if left is right:
        return
    large, small = (left, right) if len(left.members) >= len(right.members) else (right, left)
    large.members += small.members
    large.formers |= small.formers
    large.cases |= small.cases
    large.is_guarded |= small.is_guarded
    for line, sides in small.sides.items():
        large.sides.setdefault(line, set()).update(sides)
    for scheme, values in small.values.items():
        large.values.setdefault(scheme, set()).update(values)
    for record_id in small.members:
        groups[record_id] = large


def _sorted_groups(groups: Mapping[str, _Group]) -> tuple[tuple[str, ...], ...]:
    distinct = {id(group): group for group in groups.values()}
    return tuple(sorted(tuple(sorted(group.members)) for group in distinct.values()))
