"""The expected error of linking as it may be published beside the rules: by group of people, by pair of standards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.problems.priority.groups import NAMES, group_in_place, groups_of_place
from braid.trust.link_error import ErrorShown, publish_error, sum_by_group

ALL = "all"
PAIRS = "Pair of standards"


@dataclass(frozen=True)
class LinkErrors:
    """A characteristic, or the pairs of standards, with what is published of each group in words."""

    name: str
    groups: tuple[tuple[str, ErrorShown], ...]


def publish_link_errors(rows: Sequence[Mapping[str, Any]], districts: Mapping[str, str]) -> tuple[LinkErrors, ...]:
    """Return rows of `link_error` as they may be published in a place of these districts; nothing without rows."""
    if not rows:
        return ()
    names = groups_of_place(districts)
    by_group = sum_by_group((row for row in rows if row["source_a"] == ALL), names, group_in_place)
    found = [
        LinkErrors(NAMES[name], tuple((names[name][code], publish_error(sums)) for code, sums in groups.items()))
        for name, groups in by_group.items()
    ]
    return (*found, LinkErrors(PAIRS, tuple(_pairs(rows))))


def _pairs(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ErrorShown]]:
    """Yield the pairs of standards that are large enough: that a small one is there would say somebody is in it."""
    pairs = [row for row in rows if row["characteristic"] == ALL and row["source_a"] != ALL]
    for row in sorted(pairs, key=lambda each: (each["source_a"], each["source_b"])):
        shown = publish_error(row)
        if shown.missed is not None:
            yield f"{row['source_a']} and {row['source_b']}", shown
