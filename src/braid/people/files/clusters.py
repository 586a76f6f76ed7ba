"""Edges between rows into clusters: the best edge first, never against what the mapping trusts, and never by a thread.

Many rows of one person give many edges, and one false edge between two such clusters would chain them together. Two
clusters are therefore joined only if the mean weight of all pairs between them is not too low, where a pair that was
never scored, or scored below what is kept, counts as the weakest. The result is a function of the set of edges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from braid.people.model import Edge, Facts
from braid.people.resolve import find_ties

UNSEEN_BITS = -4.0
"""What a pair counts between two clusters that has no edge, not even a weak one."""
STRONGEST_BITS = 20.0
"""What one pair counts between two clusters at most, so that one identifier does not outvote everything else."""
LEAST_MEAN_BITS = -3.6
"""The least mean between two clusters: of one strong edge and no other, about sixty pairs may be without."""
_MICROBITS = 1_000_000


@dataclass(frozen=True)
class Clusters:
    """Clusters of record ids, each sorted, in order; the best edge that holds each record; how many were refused."""

    groups: tuple[tuple[str, ...], ...]
    held_by: Mapping[str, Edge]
    refused: Mapping[str, int]


@dataclass
class _Cluster:
    members: list[str]
    claims: dict[str, set[str]]
    between: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of each other cluster with which pairs were scored: the sum of their weights in microbits, and their count."""


def make_clusters(
    record_ids: Sequence[str], edges: Iterable[Edge], weak: Iterable[Edge], facts: Mapping[str, Facts]
) -> Clusters:
    """Return the clusters that `edges` make of `record_ids`; `weak` edges join nobody and count in the mean alone.

    No cluster holds two values of one claim of `facts`. Edges of a record that fits two contradicting records equally
    well are refused as `tie`.
    """
    ordered = sorted(edges, key=lambda edge: (-edge.weight, edge.left, edge.right))
    tied = find_ties(ordered, facts)
    place = {record_id: number for number, record_id in enumerate(record_ids)}
    clusters = {
        number: _Cluster([record_id], {scheme: {value} for scheme, value in facts[record_id].claims.items()})
        if record_id in facts
        else _Cluster([record_id], {})
        for record_id, number in place.items()
    }
    for edge in (*ordered, *weak):
        bits = round(min(edge.weight, STRONGEST_BITS) * _MICROBITS)
        left, right = place[edge.left], place[edge.right]
        clusters[left].between[right] = clusters[right].between[left] = (bits, 1)
    pending = [edge for edge in ordered if edge not in tied]
    held_by: dict[str, Edge] = {}
    while True:
        left_over = [edge for edge in pending if not _follow(edge, place, clusters, held_by)]
        if len(left_over) == len(pending):
            break
        pending = left_over
    refused: dict[str, int] = defaultdict(int, {"tie": len(tied)})
    for edge in pending:
        refused[_why_not(clusters, place[edge.left], place[edge.right])] += 1
    groups = tuple(sorted(tuple(sorted(cluster.members)) for cluster in clusters.values()))
    return Clusters(groups, held_by, dict(refused))


def _follow(edge: Edge, place: dict[str, int], clusters: dict[int, _Cluster], held_by: dict[str, Edge]) -> bool:
    """Join what an edge joins; return whether it need not be looked at again."""
    left, right = place[edge.left], place[edge.right]
    if left != right:
        if _why_not(clusters, left, right):
            return False
        _join(clusters, place, *((left, right) if _is_larger(clusters, left, right) else (right, left)))
    for record_id in (edge.left, edge.right):
        held_by.setdefault(record_id, edge)
    return True


def _is_larger(clusters: Mapping[int, _Cluster], left: int, right: int) -> bool:
    return len(clusters[left].members) >= len(clusters[right].members)


def _why_not(clusters: Mapping[int, _Cluster], left: int, right: int) -> str:
    """Return why two clusters may not be joined; empty where they may."""
    ours, theirs = clusters[left], clusters[right]
    if any(
        len(ours.claims[scheme] | theirs.claims[scheme]) > 1 for scheme in ours.claims.keys() & theirs.claims.keys()
    ):
        return "constraint"
    total, count = ours.between[right]
    pairs = len(ours.members) * len(theirs.members)
    unseen = round(UNSEEN_BITS * _MICROBITS) * (pairs - count)
    return "thread" if total + unseen < round(LEAST_MEAN_BITS * _MICROBITS) * pairs else ""


def _join(clusters: dict[int, _Cluster], place: dict[str, int], large: int, small: int) -> None:
    kept, gone = clusters[large], clusters.pop(small)
    for record_id in gone.members:
        place[record_id] = large
    kept.members += gone.members
    for scheme, values in gone.claims.items():
        kept.claims.setdefault(scheme, set()).update(values)
    del kept.between[small]
    for other, (total, count) in gone.between.items():
        if other == large:
            continue
        known = kept.between.get(other, (0, 0))
        kept.between[other] = clusters[other].between[large] = (known[0] + total, known[1] + count)
        del clusters[other].between[small]
