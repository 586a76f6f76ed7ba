"""Refused joins that a human should see: the numbers differ and all else agrees, or one number is held by two who look
like two of a family, or the rest is against a best pair.

A number on the wrong record parts one person for ever, unless somebody looks. What agrees is name, birth date and
place: two people agree on all three far more seldom than a number is mistyped or copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

import pyarrow as pa

from braid.people.guarded import Settled
from braid.people.model import Edge, RefusedEdge
from braid.people.resolve import best_first

COLUMNS = ("record_id", "forename", "forename_groups", "surname", "surnames", "birth_date", "birth_vague", "postcodes")
CAUSES = {"constraint": "number", "bridge": "bridge", "confused": "shared_number"}
"""The code of `proposal_cause` by the reason of a refusal, and of edges that a number makes against all else."""


def find_contested(candidates: Iterable[RefusedEdge], records: pa.Table) -> dict[Edge, str]:
    """Return the refused edges for review, each with its cause as a code of `proposal_cause`.

    `records` is the linkage table. Of edges that numbers refused only those on which all else agrees are proposed.
    """
    items = list(candidates)
    wanted = {record_id for item in items for record_id in (item.edge.left, item.edge.right)}
    rows = {row["record_id"]: row for row in records.select(COLUMNS).to_pylist() if row["record_id"] in wanted}
    return {
        item.edge: CAUSES[item.reason]
        for item in items
        if item.reason == "bridge" or all_agrees(rows[item.edge.left], rows[item.edge.right])
    }


def find_confused(edges: Iterable[Edge], settled: Settled, sealed: Set[str]) -> dict[Edge, str]:
    """Return the heaviest of the edges that a number makes against all else, between each two persons, for review.

    Edges between people whom this run did not settle are left out: what was said of them stands.
    Nobody who is `sealed` is in one, by whichever of their records, nor two persons whom humans parted.
    """
    group_of = {record: group for group in settled.resolution.groups for record in group}
    parted = {
        frozenset((group_of[one][0], group_of[other][0]))
        for one, other in settled.decisions.cannot_link
        if one in group_of and other in group_of
    }
    found: dict[frozenset[str], Edge] = {}
    for edge in sorted((edge for edge in edges if edge.left in group_of), key=best_first):
        left, right = group_of[edge.left], group_of[edge.right]
        ends = frozenset((left[0], right[0]))
        if left != right and ends not in parted and sealed.isdisjoint((*left, *right)):
            found.setdefault(ends, edge)
    return dict.fromkeys(found.values(), CAUSES["confused"])


def all_agrees(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Tell whether name (or a form or part of it), exact birth date and a place agree; what is missing does not."""
    born = left["birth_date"] is not None and left["birth_date"] == right["birth_date"] and left["birth_vague"] is False
    return (
        born
        and _share(left, right, "forename_groups")
        and _share(left, right, "surnames")
        and _share(left, right, "postcodes")
    )


def _share(left: Mapping[str, Any], right: Mapping[str, Any], column: str) -> bool:
    return not set(left[column] or ()).isdisjoint(right[column] or ())
