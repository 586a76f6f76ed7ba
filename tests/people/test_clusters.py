"""Edges of brought rows into clusters, beside a slow obvious version."""

from __future__ import annotations

import random
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from braid.people.files.clusters import (
    LEAST_MEAN_BITS,
    STRONGEST_BITS,
    UNSEEN_BITS,
    make_clusters,
)
from braid.people.model import Edge, Facts

IDS = [f"r{number}" for number in range(8)]


def one_register(*records: str) -> dict[str, Facts]:
    return {record: Facts({"row register": record}) for record in records}


@st.composite
def drawn_edges(draw: st.DrawFn) -> list[Edge]:
    pairs = [(left, right) for left in IDS for right in IDS if left < right]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=18))
    return [Edge(left, right, draw(st.integers(-4, 24)) / 1) for left, right in chosen]


def obvious_clusters(edges: list[Edge], weak: list[Edge], facts: dict[str, Facts]) -> set[frozenset[str]]:
    """Look at every edge again after every join, and add up every pair between two clusters anew each time."""
    known = {frozenset((edge.left, edge.right)): edge.weight for edge in (*edges, *weak)}
    groups = [frozenset([record]) for record in IDS]
    pending = sorted(edges, key=lambda edge: (-edge.weight, edge.left, edge.right))
    has_joined = True
    while has_joined:
        has_joined, left_over = False, []
        for edge in pending:
            left, right = (next(group for group in groups if end in group) for end in (edge.left, edge.right))
            if left is right:
                continue
            bits = [min(known.get(frozenset(pair), UNSEEN_BITS), STRONGEST_BITS) for pair in product(left, right)]
            claimed = [record for record in left | right if record in facts]
            if sum(bits) < LEAST_MEAN_BITS * len(bits) - 1e-9 or len(claimed) > 1:
                left_over.append(edge)
                continue
            groups = [group for group in groups if group not in (left, right)] + [left | right]
            has_joined = True
        pending = left_over
    return set(groups)


@given(drawn_edges(), st.sets(st.sampled_from(IDS), max_size=3), st.randoms())
def test_clusters_are_those_of_the_obvious_version_in_any_order(
    edges: list[Edge], registered: set[str], chance: random.Random
) -> None:
    facts = one_register(*registered)
    strong, weak = [e for e in edges if e.weight >= 1], [e for e in edges if e.weight < 1]
    found = make_clusters(IDS, strong, weak, facts)
    untied = not found.refused.get("tie")
    if untied:
        assert {frozenset(group) for group in found.groups} == obvious_clusters(strong, weak, facts)
    ids = list(IDS)
    for mixed in (ids, strong, weak):
        chance.shuffle(mixed)
    assert make_clusters(ids, strong, weak, facts).groups == found.groups


def test_two_rows_of_a_source_with_one_row_a_person_are_never_one() -> None:
    edges = [Edge("r0", "r1", 30.0), Edge("r1", "r2", 20.0)]
    found = make_clusters(IDS[:3], edges, [], one_register("r0", "r2"))
    assert found.groups == (("r0", "r1"), ("r2",))
    assert found.refused["constraint"] == 1
    assert found.held_by["r0"] == edges[0] and "r2" not in found.held_by


def test_one_edge_does_not_chain_two_clusters_of_many_rows() -> None:
    ids = [f"a{n:02}" for n in range(20)] + [f"b{n:02}" for n in range(20)]
    within = [Edge(left, right, 15.0) for left in ids for right in ids if left < right and left[0] == right[0]]
    thread = Edge("a00", "b00", 12.0)
    found = make_clusters(ids, [*within, thread], [], {})
    assert [len(group) for group in found.groups] == [20, 20]
    assert found.refused["thread"] == 1
    several = [Edge(f"a{n:02}", f"b{n:02}", 10.0) for n in range(20)]
    assert [len(group) for group in make_clusters(ids, [*within, *several], [], {}).groups] == [40]
