"""Strongly connected components of a directed graph: what can be reached from each other, both ways.

Tarjan's algorithm (Depth-first search and linear graph algorithms, SIAM Journal on Computing 1, 1972), without
recursion, in time and memory proportional to nodes and edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def components(edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the components of more than one node, each sorted, in order of their smallest node."""
    following: dict[int, list[int]] = {}
    for source, target in edges:
        following.setdefault(source, []).append(target)
        following.setdefault(target, [])
    search = _Search(following)
    for node in following:
        if node not in search.found_at:
            search.visit(node)
    return sorted(sorted(group) for group in search.groups if len(group) > 1)


class _Search:
    """The state of one depth-first search."""

    def __init__(self, following: dict[int, list[int]]) -> None:
        self.following = following
        self.found_at: dict[int, int] = {}
        self.lowest: dict[int, int] = {}
        """The earliest node still open that is reached from this one."""
        self.open: list[int] = []
        self.is_open: set[int] = set()
        self.groups: list[list[int]] = []

    def visit(self, root: int) -> None:
        walk = [self._enter(root)]
        while walk:
            node, rest = walk[-1]
            target = next(rest, None)
            if target is None:
                walk.pop()
                if walk:
                    self._lower(walk[-1][0], self.lowest[node])
                if self.lowest[node] == self.found_at[node]:
                    self._close(node)
            elif target not in self.found_at:
                walk.append(self._enter(target))
            elif target in self.is_open:
                self._lower(node, self.found_at[target])

    def _enter(self, node: int) -> tuple[int, Iterator[int]]:
        self.found_at[node] = self.lowest[node] = len(self.found_at)
        self.open.append(node)
        self.is_open.add(node)
        return node, iter(self.following[node])

    def _lower(self, node: int, value: int) -> None:
        self.lowest[node] = min(self.lowest[node], value)

    def _close(self, node: int) -> None:
        group: list[int] = []
        while not group or group[-1] != node:
            group.append(self.open.pop())
            self.is_open.discard(group[-1])
        self.groups.append(group)
