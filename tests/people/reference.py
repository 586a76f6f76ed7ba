"""The slow, obvious way to resolve: look at every pair of groups again after each join. For small cases only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from braid.people.model import NO_FACTS, Edge, Facts
from braid.people.resolve import find_ties


def resolve_slowly(record_ids: Sequence[str], edges: Sequence[Edge], facts: Mapping[str, Facts]) -> set[frozenset[str]]:
    """Return the groups: over and over, take the best edge between two groups whose union contradicts nothing."""
    tied = find_ties(edges, facts)
    groups = {frozenset([record_id]) for record_id in record_ids}
    refused: set[Edge] = set()
    while True:
        candidates = [
            edge
            for edge in edges
            if edge not in tied | refused and _home(groups, edge.left) != _home(groups, edge.right)
        ]
        if not candidates:
            return groups
        best = min(candidates, key=lambda edge: (-round(edge.weight, 6), edge.left, edge.right))
        left, right = _home(groups, best.left), _home(groups, best.right)
        if holds(left | right, facts):
            groups = (groups - {left, right}) | {left | right}
        else:
            refused.add(best)


def holds(group: frozenset[str], facts: Mapping[str, Facts]) -> bool:
    """Tell whether a group of records is one possible person."""
    held = [facts.get(record_id, NO_FACTS) for record_id in group]
    formers = set().union(*(item.formers for item in held))
    for scheme in {scheme for item in held for scheme in item.claims}:
        if len({item.claims[scheme] for item in held if scheme in item.claims} - formers) > 1:
            return False
    return all(left.cases.isdisjoint(right.cases) for left, right in combinations(held, 2))


def _home(groups: set[frozenset[str]], record_id: str) -> frozenset[str]:
    return next(group for group in groups if record_id in group)
