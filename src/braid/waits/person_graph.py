"""What holds up what of one person, from waits and blockers that are at hand: the critical path and the root blocker.

The run works the same out over the whole place (`braid.waits.paths`, where the definitions stand). Here it is worked
out anew from what one reader sees, so that what is said rests on nothing else. What holds and is no wait of the person
ends the line: it weighs no day, and what may hold it in turn is not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from braid.waits.components import components


@dataclass(frozen=True)
class Waiting:
    """A running wait of the person: days waited so far, and days past a limit, 0 where none is past."""

    wait_id: str
    days: int
    days_over: int = 0


@dataclass(frozen=True)
class Edge:
    """A blocker: `holder` holds up the wait `held`. Both are ids, also of a holder that is no wait of the person."""

    blocker_id: str
    held: str
    holder: str


@dataclass(frozen=True)
class Root:
    """The holder that alone frees most of the person's waits: those it holds, and of them those it frees, by id.

    `is_held`: something else moves first.
    """

    holder: str
    held: tuple[str, ...]
    freed: tuple[str, ...]
    is_held: bool


@dataclass(frozen=True)
class PersonPath:
    """The critical path: from `end`, each blocker held by the next. `deadlock`: the waits of one in which it begins."""

    end: str
    edges: tuple[Edge, ...]
    days: int
    days_over: int
    deadlock: tuple[str, ...]
    root: Root
    held_waits: int


Chain = tuple[int, int, int, tuple[Edge, ...]]
"""Days, days past a limit, number of blockers, and these: the heaviest chain that ends in a wait."""


def find_path(waits: Iterable[Waiting], edges: Iterable[Edge]) -> PersonPath | None:
    """Return the critical path and root blocker over these blockers; `None` where none holds one of these waits."""
    graph = _Graph(waits, edges)
    if not graph.holding:
        return None
    end, (days, over, _, walked) = min(
        ((wait, graph.heaviest(wait)) for wait in graph.holding), key=lambda found: (_lightness(found[1]), found[0])
    )
    begins = walked[-1].holder if walked else end
    stuck = graph.deadlock.get(begins, ())
    return PersonPath(end, walked, days, over, stuck, graph.root(), len(graph.holding))


class _Graph:
    def __init__(self, waits: Iterable[Waiting], edges: Iterable[Edge]) -> None:
        self.waits: Mapping[str, Waiting] = {wait.wait_id: wait for wait in waits}
        self.edges = sorted(
            (edge for edge in edges if edge.held in self.waits and edge.held != edge.holder),
            key=lambda edge: edge.blocker_id,
        )
        self.holding: dict[str, list[Edge]] = defaultdict(list)
        """The blockers of each held wait."""
        for edge in self.edges:
            self.holding[edge.held].append(edge)
        self.deadlock = self._deadlocks()
        self._heaviest: dict[str, Chain] = {}

    def _deadlocks(self) -> dict[str, tuple[str, ...]]:
        """Return the waits of the deadlock of each wait that is in one."""
        ids = sorted(self.waits)
        number = {wait: place for place, wait in enumerate(ids)}
        between = [(number[edge.held], number[edge.holder]) for edge in self.edges if edge.holder in number]
        groups = [tuple(ids[place] for place in group) for group in components(between)]
        return {wait: group for group in groups for wait in group}

    def heaviest(self, node: str) -> Chain:
        """Return the heaviest chain that ends in a node; of what nothing holds, or a deadlock, it has no blocker."""
        if node not in self._heaviest:
            self._heaviest[node] = self._find_heaviest(node)
        return self._heaviest[node]

    def _find_heaviest(self, node: str) -> Chain:
        wait = self.waits.get(node)
        own = (wait.days, wait.days_over) if wait else (0, 0)
        if node in self.deadlock or node not in self.holding:
            return *own, 0, ()
        edge = min(self.holding[node], key=lambda edge: _lightness(self.heaviest(edge.holder)))
        days, over, steps, rest = self.heaviest(edge.holder)
        return own[0] + days, own[1] + over, steps + 1, (edge, *rest)

    def root(self) -> Root:
        """Return the root blocker."""

        def order(root: Root) -> tuple[object, ...]:
            freed = [self.waits[wait] for wait in root.freed]
            days, over = sum(wait.days for wait in freed), sum(wait.days_over for wait in freed)
            return -len(freed), -days, -over, -len(root.held), root.is_held, root.holder

        return min((self._effect(holder) for holder in {edge.holder for edge in self.edges}), key=order)

    def _effect(self, holder: str) -> Root:
        """Return what a holder holds, directly or down the line, and what would be free were it gone."""
        held: set[str] = set()
        here = {edge.held for edge in self.edges if edge.holder == holder} - {holder}
        while here:
            held |= here
            here = {edge.held for edge in self.edges if edge.holder in here} - held - {holder}
        gone = {holder}
        while more := {wait for wait in held - gone if all(edge.holder in gone for edge in self.holding[wait])}:
            gone |= more
        return Root(holder, tuple(sorted(held)), tuple(sorted(gone - {holder})), holder in self.holding)


def _lightness(chain: Chain) -> tuple[int, int, int]:
    days, over, steps, _ = chain
    return -days, -over, -steps


def first_owner(edges: Sequence[Edge], words: Mapping[str, tuple[str, ...]], days: Mapping[str, int]) -> str:
    """Return the blocker whose words say whose move a holder is, of the `edges` by which it holds.

    That by whose words it holds most waits directly, then those whose waits waited longest, then the first in the order
    of the words. `words` go by blocker, `days` by wait.
    """

    def order(edge: Edge) -> tuple[object, ...]:
        said = words[edge.blocker_id]
        held = {other.held for other in edges if words[other.blocker_id] == said}
        return -len(held), -sum(days[wait] for wait in held), said, edge.blocker_id

    return min(edges, key=order).blocker_id
