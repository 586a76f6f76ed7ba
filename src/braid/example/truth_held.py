"""What truly holds what down the line: the closure of the true blockers, across the people of a case.

Written apart from the chain's own findings on purpose, so that one can be held against the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from braid.example.truth_blockers import TrueBlocker


class TrueHeld(NamedTuple):
    """A kind of wait of a person, and the kind of something that holds it, directly or down the line."""

    person: int
    held_kind: str
    holder_kind: str


def true_held(blockers: Iterable[TrueBlocker]) -> list[TrueHeld]:
    """Return each pair once, sorted. A person's waits of one kind count as one: rules hold all of them or none."""
    holders: dict[tuple[int, str], set[tuple[int, str]]] = defaultdict(set)
    for blocker in blockers:
        whose = blocker.person if blocker.holder_person is None else blocker.holder_person
        holders[blocker.person, blocker.held_kind].add((whose, blocker.holder_kind))
    found = set()
    for person, kind in list(holders):
        above: set[tuple[int, str]] = set()
        fresh = {(person, kind)}
        while fresh:
            fresh = {holder for wait in fresh for holder in holders.get(wait, ())} - above
            above |= fresh
        found |= {TrueHeld(person, kind, holder_kind) for _, holder_kind in above}
    return sorted(found)
