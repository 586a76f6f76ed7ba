"""Persons resolved where something is otherwise, and kept elsewhere.

Two records can be one person only where edges or human decisions lead from one to the other, so whatever is decided of
a component follows from its own edges, facts, decisions and guards. `Resolver` resolves the components of whom a
decision or guard touches; the rest stand as they were resolved the time before. It finds what
`braid.people.resolve.resolve` finds of everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from braid.people.model import (
    NO_BARRIERS,
    NO_DECISIONS,
    NO_REST,
    Barriers,
    Decisions,
    Edge,
    Facts,
    RefusedEdge,
    Resolution,
    Rest,
)
from braid.people.resolve import best_first, resolve

Pair = tuple[str, str]


class Resolver:
    """The persons of a set of records and edges, as decisions and guards change."""

    def __init__(
        self,
        record_ids: Sequence[str],
        edges: Sequence[Edge],
        facts: Mapping[str, Facts],
        rest: Rest = NO_REST,
    ) -> None:
        """Take what `resolve` takes."""
        self._ids, self._edges, self._facts, self._rest = record_ids, tuple(edges), facts, rest
        self._of: dict[str, list[Edge]] = defaultdict(list)
        self._weak_of: dict[str, list[Edge]] = defaultdict(list)
        self._index(edges)
        for edge in rest.weak:
            self._weak_of[edge.left].append(edge)
        self._decisions, self._barriers = NO_DECISIONS, NO_BARRIERS
        self._group_of: dict[str, tuple[str, ...]] = {}
        self._refused: dict[Edge, RefusedEdge] = {}
        self._contested: dict[Edge, RefusedEdge] = {}
        self._held_by: dict[str, Edge] = {}
        self._proposed: tuple[Edge, ...] = ()
        self._pending: set[str] | None = None

    def extend(self, edges: Sequence[Edge]) -> None:
        """Take edges beside the others; whom they name is resolved again. Raises `ValueError` before anybody was."""
        if self._pending is None:
            raise ValueError("nothing was resolved yet")
        self._edges += tuple(edges)
        self._index(edges)
        self._pending |= {record for edge in edges for record in (edge.left, edge.right)}

    def _index(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            self._of[edge.left].append(edge)
            self._of[edge.right].append(edge)

    def resolve(self, decisions: Decisions, barriers: Barriers) -> Resolution:
        """Return the persons under these decisions and guards; `certain` and `sides` are the same each time."""
        if self._pending is None:
            found = resolve(self._ids, self._edges, self._facts, decisions, barriers, self._rest)
            self._take(found)
        else:
            touched = self._pending | self._differ(decisions, barriers)
            self._resolve_some(self._reach(touched, decisions), decisions, barriers)
        self._pending, self._decisions, self._barriers = set(), decisions, barriers
        return self._resolution()

    def _differ(self, decisions: Decisions, barriers: Barriers) -> set[str]:
        pairs = (decisions.must_link ^ self._decisions.must_link) | (
            decisions.cannot_link ^ self._decisions.cannot_link
        )
        named = {record for pair in pairs for record in pair if record in self._group_of}
        return (
            named | (barriers.guarded ^ self._barriers.guarded) | (barriers.sides.keys() - self._barriers.sides.keys())
        )

    def _reach(self, touched: Iterable[str], decisions: Decisions) -> set[str]:
        """Return whoever edges or decisions lead to, now or the time before."""
        joined: dict[str, list[str]] = defaultdict(list)
        for left, right in decisions.must_link | self._decisions.must_link:
            joined[left].append(right)
            joined[right].append(left)
        found: set[str] = set()
        queue = [record for record in touched if record in self._group_of]
        while queue:
            record = queue.pop()
            if record not in found:
                found.add(record)
                queue += self._group_of[record]
                queue += joined.get(record, ())
                for edge in self._of.get(record, ()):
                    queue += (edge.left, edge.right)
        return found

    def _resolve_some(self, members: Set[str], decisions: Decisions, barriers: Barriers) -> None:
        inside = Decisions(
            frozenset(pair for pair in decisions.must_link if pair[0] in members),
            frozenset(pair for pair in decisions.cannot_link if not members.isdisjoint(pair)),
        )
        edges = {edge for record in members for edge in self._of.get(record, ())}
        facts = {record: self._facts[record] for record in members if record in self._facts}
        weak = tuple(edge for record in members for edge in self._weak_of.get(record, ()) if edge.right in members)
        found = resolve(sorted(members), edges, facts, inside, barriers, Rest(weak, self._rest.comparable))
        self._refused = {edge: item for edge, item in self._refused.items() if edge.left not in members}
        self._contested = {edge: item for edge, item in self._contested.items() if edge.left not in members}
        self._proposed = tuple(edge for edge in self._proposed if edge.left not in members)
        for record in members:
            self._held_by.pop(record, None)
        self._take(found)

    def _take(self, found: Resolution) -> None:
        for group in found.groups:
            self._group_of.update(dict.fromkeys(group, group))
        self._refused |= {item.edge: item for item in found.refused}
        self._contested |= {item.edge: item for item in found.contested}
        self._held_by |= found.held_by
        self._proposed = tuple(sorted((*self._proposed, *found.proposed), key=best_first))

    def _resolution(self) -> Resolution:
        groups = tuple(sorted(set(self._group_of.values())))
        refused, contested = (
            tuple(sorted(items.values(), key=lambda item: (best_first(item.edge), item.reason)))
            for items in (self._refused, self._contested)
        )
        return Resolution(groups, dict(self._held_by), refused, self._proposed, contested)


def find_named(decisions: Decisions, decided: Iterable[Pair], sides: Iterable[str]) -> frozenset[str]:
    """Return the records that a decision, given or written, or a seal names."""
    pairs = (*decisions.must_link, *decisions.cannot_link, *decided)
    return frozenset({record for pair in pairs for record in pair} | set(sides))
