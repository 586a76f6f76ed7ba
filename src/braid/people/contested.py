"""Refused joins that a human should see: the numbers differ and all else agrees, or the rest is against a best pair.

A number on the wrong record parts one person for ever, unless somebody looks. What agrees is name, birth date and
place: two people agree on all three far more seldom than a number is mistyped or copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from braid.people.model import Edge, RefusedEdge

COLUMNS = ("record_id", "forename", "forename_groups", "surname", "surnames", "birth_date", "birth_vague", "postcodes")
CAUSES = {"constraint": "number", "bridge": "bridge"}
"""The code of `proposal_cause` by the reason of a refusal."""


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
