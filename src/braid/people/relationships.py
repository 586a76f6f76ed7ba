"""Who is what to whom by the sources, between persons rather than records: from when, by which standard, how surely.

A parent of somebody and a child of somebody is one relationship seen from two ends, so it is written from the child's;
one that is the same from both ends is written once. Nothing is added to what a source says: who lives with a child is
not its parent for that.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from braid.people.households import Apart, are_apart
from braid.store.engine import Engine

FROM_THE_OTHER_END = {"child": "parent"}
SAME_FROM_BOTH_ENDS = frozenset(
    {"sibling", "partner", "ex_partner", "household", "respondent_in_case_with", "same_family_case"}
)
STRICTNESS = ("normal", "special", "criminal", "safe_address")
"""Sensitivities of a row from the least strict."""

Key = tuple[str, str, str]
"""A person, the other, and what the other is to the first."""
Row = dict[str, Any]


def find_relationships(engine: Engine, person_ids: Mapping[str, str], apart: Apart, as_of: dt.date) -> list[Row]:
    """Return the rows of `person_relationship`. A relationship that would lead across a seal is none."""
    said: dict[Key, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in engine.rows("select * from relationship order by record_id"):
        for key in _keys(row, person_ids):
            said[key][row["standard"]].append(row)
    nobody: frozenset[tuple[str, str]] = frozenset()
    return [
        _described(key, standard, rows, len(by_standard), as_of)
        for key, by_standard in sorted(said.items())
        if not are_apart(apart.get(key[0], nobody), apart.get(key[1], nobody))
        for standard, rows in sorted(by_standard.items())
    ]


def _keys(row: Row, person_ids: Mapping[str, str]) -> Iterator[Key]:
    one, other = person_ids.get(row["person_record_id"]), person_ids.get(row["other_person_record_id"])
    kind = row["kind"]
    if one is None or other is None or one == other:
        return
    if kind in FROM_THE_OTHER_END:
        yield other, one, FROM_THE_OTHER_END[kind]
    elif kind in SAME_FROM_BOTH_ENDS:
        yield min(one, other), max(one, other), kind
    else:
        yield one, other, kind


def _described(key: Key, standard: str, rows: list[Row], standards: int, as_of: dt.date) -> Row:
    starts = [row["start_date"] for row in rows if row["start_date"]]
    ends = [row["end_date"] for row in rows]
    return {
        "person_id": key[0],
        "other_person_id": key[1],
        "kind": key[2],
        "standard": standard,
        "from_date": min(starts, default=None),
        "to_date": max((end for end in ends if end), default=None) if None not in ends else None,
        "as_of_date": max((row["as_of_date"] for row in rows if row["as_of_date"]), default=as_of),
        "legal_responsibility": _responsibility(rows),
        "assertions": len(rows),
        "standards": standards,
        "sensitivity": max((row["sensitivity"] for row in rows), key=STRICTNESS.index),
    }


def _responsibility(rows: list[Row]) -> bool | None:
    """Return what the sources say of it; a child's own row says nothing of the responsibility for the other."""
    said = {row["legal_responsibility"] for row in rows if row["kind"] not in FROM_THE_OTHER_END}
    said -= {None}
    return any(said) if said else None
