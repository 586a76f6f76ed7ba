"""Small places for the cube of what frees most, as an attacker may imagine them: so many waits of each kind.

A kind of wait is its backlog and the actions that hold it. A place is the number of waits of each kind; its table is
counted from it as the run counts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import numpy

WORDS = ("owner_organisation", "owner_role", "next_action", "holder_type", "holder_kind")
ACTIONS = {
    "a": ("council", "Manager", "Ring.", "wait", "register"),
    "b": ("council", "Manager", "Write.", "evidence", "letter"),
    "c": ("court", "Listing officer", "List.", "wait", "register"),
    "d": ("council", "Manager", "Go there.", "wait", "register"),
    "e": ("council", "Manager", "Ask.", "event", "review"),
}
WEEKS = 3
"""Every wait has waited as long: what is told of weeks then says no more than what is told of waits."""

Kind = tuple[str, str]
"""Backlog, and the actions that hold the wait, as letters."""
World = Mapping[Kind, int]


def kinds(actions: str, backlogs: str) -> list[Kind]:
    """Every kind of wait that these actions and backlogs make."""
    held = ["".join(some) for size in range(1, len(actions) + 1) for some in combinations(actions, size)]
    return list(product(backlogs, held))


def table(world: World) -> list[dict[str, Any]]:
    """The exact rows of a place: its actions by backlog and over all."""
    counts = numpy.array(list(world.values()))
    rows = []
    for words, held_by, freed_by in _cells(tuple(world)):
        held, freed = int(held_by @ counts), int(freed_by @ counts)
        if held:
            weeks = {"held_weeks": held * WEEKS, "freed_weeks": freed * WEEKS}
            rows.append({**words, "held_waits": held, "freed_waits": freed, **weeks})
    return rows


@lru_cache(maxsize=64)
def _cells(known: tuple[Kind, ...]) -> list[tuple[dict[str, Any], numpy.ndarray, numpy.ndarray]]:
    """Of each action and backlog the words, and which kinds of wait it holds and frees."""
    found = []
    for letter, backlog in product(ACTIONS, (None, *sorted({backlog for backlog, _ in known}))):
        words = {
            "unblock_id": letter,
            "scope": "action",
            "backlog": backlog,
            **dict(zip(WORDS, ACTIONS[letter], strict=True)),
        }
        held, freed = (
            numpy.array([counts_in(kind, letter, backlog or "", name) for kind in known], int)
            for name in ("held_waits", "freed_waits")
        )
        found.append((words, held, freed))
    return found


def counts_in(kind: Kind, action: str, backlog: str, name: str) -> bool:
    """Whether a wait of this kind is counted in a number of an action."""
    return backlog in ("", kind[0]) and (action in kind[1] if name == "held_waits" else action == kind[1])


def worlds(count: int, seed: int) -> Iterator[dict[Kind, int]]:
    """Places whose numbers lie where rounding turns: few, or just at a limit of what is shown."""
    chance = random.Random(seed)
    for _ in range(count):
        names = chance.choice(("a", "ab", "ac", "abc", "abd", "abcd", "abde"))
        found = dict.fromkeys(kinds(names, chance.choice(("x", "xy", "xy", "xyz", "wxyz"))), 0)
        alone = [kind for kind in found if len(kind[1]) == 1]
        for kind in alone:
            found[kind] = chance.choice((0, 1, 1, 2, 6, 7, 7, 8, 8, 12, 12, 13, 17))
        for kind in chance.sample(list(found), min(len(found), 2)):
            found[kind] = chance.choice((0, 0, 1, 3, 7, 8))
        if any(found.values()):
            yield found
