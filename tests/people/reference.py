"""The slow, obvious way to resolve: look at every pair of groups again after each join. For small cases only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product

from braid.people.model import NO_BARRIERS, NO_DECISIONS, NO_FACTS, NO_REST, Barriers, Decisions, Edge, Facts, Rest
from braid.people.resolve import find_ties

Group = frozenset[str]


def resolve_slowly(
    record_ids: Sequence[str],
    edges: Sequence[Edge],
    facts: Mapping[str, Facts],
    decisions: Decisions = NO_DECISIONS,
    barriers: Barriers = NO_BARRIERS,
    rest: Rest = NO_REST,
) -> set[Group]:
    """Return the groups: over and over, take the best edge between two groups whose union contradicts nothing."""
    tied = find_ties(edges, _with_strangers(facts, decisions))
    groups = {frozenset([record_id]) for record_id in record_ids}
    for one, other in sorted(decisions.must_link):
        left, right = _home(groups, one), _home(groups, other)
        if left != right and not crosses(left | right, decisions, barriers):
            groups = (groups - {left, right}) | {left | right}
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
        needs_a_human = bool((left | right) & barriers.guarded) and best not in barriers.certain
        contradicts = crosses(left | right, decisions, barriers) or worsens(left, right, facts)
        if needs_a_human or contradicts or is_bridge(left, right, edges, rest):
            refused.add(best)
        else:
            groups = (groups - {left, right}) | {left | right}


def is_bridge(left: Group, right: Group, edges: Sequence[Edge], rest: Rest) -> bool:
    """Tell whether all pairs across two groups, of which one is no single record, weigh less than nothing together."""
    weights = {frozenset((pair.left, pair.right)): pair.weight for pair in (*edges, *rest.weak)}
    total = 0.0
    for one, other in product(left, right):
        could_be_compared = {one, other} <= rest.comparable
        total += weights.get(frozenset((one, other)), -4.0 if could_be_compared else 0.0)
    return len(left | right) > 2 and total < 0


def crosses(group: Group, decisions: Decisions, barriers: Barriers) -> bool:
    """Tell whether a group holds two records that a seal or a human keeps apart."""
    for one, other in product(group, repeat=2):
        if (one, other) in decisions.cannot_link:
            return True
        for seal, side in barriers.sides.get(one, ()):
            if any(seal == theirs and side != their_side for theirs, their_side in barriers.sides.get(other, ())):
                return one != other or len(group) > 1
    return False


def worsens(left: Group, right: Group, facts: Mapping[str, Facts]) -> bool:
    """Tell whether a join brings people of one case together, or more live values of a scheme than either had."""
    ours, theirs = ([facts.get(record_id, NO_FACTS) for record_id in group] for group in (left, right))
    if any(not one.cases.isdisjoint(other.cases) for one in ours for other in theirs):
        return True
    shared = {scheme for one in ours for scheme in one.claims} & {scheme for one in theirs for scheme in one.claims}
    return any(
        len(_live([*ours, *theirs], scheme)) > max(1, len(_live(ours, scheme)), len(_live(theirs, scheme)))
        for scheme in shared
    )


def _live(held: Sequence[Facts], scheme: str) -> set[str]:
    formers = {former for item in held for former in item.formers}
    return {item.claims[scheme] for item in held if scheme in item.claims} - formers


def _with_strangers(facts: Mapping[str, Facts], decisions: Decisions) -> dict[str, Facts]:
    found = dict(facts)
    for pair in decisions.cannot_link:
        for record_id in pair:
            old = found.get(record_id, NO_FACTS)
            found[record_id] = Facts(old.claims, old.formers, old.cases | {f"strangers {sorted(pair)}"})
    return found


def holds(group: Group, facts: Mapping[str, Facts]) -> bool:
    """Tell whether a group of records is one possible person."""
    held = [facts.get(record_id, NO_FACTS) for record_id in group]
    formers = set().union(*(item.formers for item in held))
    for scheme in {scheme for item in held for scheme in item.claims}:
        if len({item.claims[scheme] for item in held if scheme in item.claims} - formers) > 1:
            return False
    return all(left.cases.isdisjoint(right.cases) for left, right in combinations(held, 2))


def _home(groups: set[Group], record_id: str) -> Group:
    return next(group for group in groups if record_id in group)
