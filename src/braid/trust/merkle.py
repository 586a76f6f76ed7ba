"""The Merkle tree of RFC 6962: one hash that stands for a whole log, and short proofs about it.

A leaf is hashed after the byte 0x00 and a node after 0x01, so that neither can be passed off as the other. A tree of n
leaves is split at the largest power of two below n; complete subtrees never change again as the log grows, so they are
kept once as nodes `(level, index)`, and every root and proof is put together from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Node = tuple[int, int]
"""Level and index of a complete subtree: the leaves from index * 2**level on, 2**level of them. A leaf has level 0."""
Range = tuple[int, int]
"""First leaf, and the leaf after the last."""
EMPTY_ROOT = hashlib.sha256().digest()


class ProofInvalid(Exception):
    """A proof does not show what it should. The message says what and names no data."""


def hash_leaf(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class CompactRange:
    """A growing tree, held as the hashes of its complete subtrees from left to right: one for each bit of `size`."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf_hash: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf; return the subtrees above the leaf that it completes, lowest first."""
        completed: list[tuple[Node, bytes]] = []
        level, index, current = 0, self.size, leaf_hash
        while index & 1:
            current = hash_node(self.hashes.pop(), current)
            level, index = level + 1, index >> 1
            completed.append(((level, index), current))
        self.hashes.append(current)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the hash of the tree as it is."""
        return fold_right(self.hashes)


def fold_right(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees given from left to right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = hash_node(left, root)
    return root


def nodes_of(leaves: Range) -> list[Node]:
    """Return the complete subtrees that make up a range, from left to right; its start must be aligned to its size."""
    start, end = leaves
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def hash_range(leaves: Range, get_hash: Callable[[Node], bytes]) -> bytes:
    """Return the hash of the subtree over a range of leaves."""
    return fold_right([get_hash(node) for node in nodes_of(leaves)])


def inclusion_ranges(position: int, size: int) -> list[Range]:
    """Return the subtrees whose hashes prove that the leaf at `position` is in the tree of `size`, lowest first."""
    if not 0 <= position < size:
        raise ValueError("a leaf lies inside its tree")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return the subtrees whose hashes prove that the tree of `new` leaves begins with that of `old`, lowest first."""
    if not 0 <= old <= new:
        raise ValueError("the older tree is no larger than the newer")
    if old in (0, new):
        return []
    ranges: list[Range] = []
    start, end, is_whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        ranges.append((start, end))
    return ranges[::-1]


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def check_inclusion(leaf_hash: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise `ProofInvalid` unless `proof` shows the leaf at `position` of the tree with this size and root."""
    if not 0 <= position < size:
        raise ProofInvalid("the leaf lies outside the tree")
    node, last, current = position, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the proof of inclusion is too long")
        if node & 1 or node == last:
            current = hash_node(sibling, current)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            current = hash_node(current, sibling)
        node, last = node >> 1, last >> 1
    if last or current != root:
        raise ProofInvalid("the leaf is not in the tree of this root")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `ProofInvalid` unless `proof` shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        raise ProofInvalid("the log is shorter than it was")
    if old in (0, new):
        _check_trivial(old, new, old_root, new_root, proof)
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofInvalid("the proof of consistency is too short")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the proof of consistency is too long")
        if node & 1 or node == last:
            older, newer = hash_node(sibling, older), hash_node(sibling, newer)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            newer = hash_node(newer, sibling)
        node, last = node >> 1, last >> 1
    if last or older != old_root or newer != new_root:
        raise ProofInvalid("the newer log does not begin with the older one")


def _check_trivial(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofInvalid("the proof of consistency is too long")
    if old == new and old_root != new_root:
        raise ProofInvalid("two logs of the same size differ")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofInvalid("the older log is empty and has another hash than the empty one")
