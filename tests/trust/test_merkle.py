"""The tree against known answers of RFC 6962, against its definition written as recursion, and every proof to 40."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.merkle import (
    EMPTY_ROOT,
    CompactRange,
    ProofInvalid,
    check_consistency,
    check_inclusion,
    consistency_ranges,
    hash_leaf,
    hash_range,
    inclusion_ranges,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Roots over the first 0 to 8 leaves, the known answers of certificate transparency."""
LARGEST = 40


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], False), naive_root(leaves[:k])]


class Grown:
    """A tree grown leaf by leaf, with every node it completed kept, as the log keeps them."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.range, self.nodes = CompactRange(), {}
        for position, leaf in enumerate(leaves):
            self.nodes[0, position] = hash_leaf(leaf)
            self.nodes.update(self.range.append(hash_leaf(leaf)))

    def proof(self, ranges: list[tuple[int, int]]) -> list[bytes]:
        return [hash_range(each, self.nodes.__getitem__) for each in ranges]


def test_known_answers():
    assert EMPTY_ROOT.hex() == ROOTS[0]
    for size, root in enumerate(ROOTS):
        assert Grown(LEAVES[:size]).range.root().hex() == root
        assert naive_root(LEAVES[:size]).hex() == root


def test_every_proof_of_every_size():
    leaves = [bytes([n]) * (n % 5) + bytes([n]) for n in range(LARGEST)]
    grown = Grown(leaves)
    roots = [naive_root(leaves[:size]) for size in range(LARGEST + 1)]
    for new in range(1, LARGEST + 1):
        assert hash_range((0, new), grown.nodes.__getitem__) == roots[new]
        for position in range(new):
            proof = grown.proof(inclusion_ranges(position, new))
            assert proof == naive_path(position, leaves[:new])
            check_inclusion(hash_leaf(leaves[position]), position, new, proof, roots[new])
        for old in range(1, new + 1):
            proof = grown.proof(consistency_ranges(old, new))
            assert proof == naive_proof(old, leaves[:new])
            check_consistency(old, new, roots[old], roots[new], proof)
        check_consistency(0, new, EMPTY_ROOT, roots[new], [])


def test_every_false_proof_of_small_sizes_is_refused():
    """Another position, another size, another root, one step more, one less, one bit turned: all are refused."""
    size = 12
    leaves = [bytes([n]) for n in range(size)]
    grown, refused, tried = Grown(leaves), 0, 0
    roots = [naive_root(leaves[:n]) for n in range(size + 1)]
    for new in range(1, size + 1):
        for position in range(new):
            proof = grown.proof(inclusion_ranges(position, new))
            leaf = hash_leaf(leaves[position])
            cases = [(leaf, other, new, proof, roots[new]) for other in range(new) if other != position]
            cases += [(leaf, position, new, [*proof, leaf], roots[new]), (leaf, new, new, proof, roots[new])]
            cases += [(leaf, position, new, bad, roots[new]) for bad in _turned(proof)]
            cases += [(leaf, position, new, proof, roots[other]) for other in range(size + 1) if other != new]
            refused, tried = refused + sum(map(_refuses_inclusion, cases)), tried + len(cases)
        for old in range(1, new):
            proof = grown.proof(consistency_ranges(old, new))
            cases = [(old, new, roots[old], roots[new], bad) for bad in (*_turned(proof), [*proof, roots[1]])]
            cases += [(old, new, roots[other], roots[new], proof) for other in range(size + 1) if other != old]
            cases += [(old, new, roots[old], roots[other], proof) for other in range(size + 1) if other != new]
            cases.append((new, old, roots[new], roots[old], proof))
            refused, tried = refused + sum(map(_refuses_consistency, cases)), tried + len(cases)
    assert refused == tried > 3000


def _turned(proof: list[bytes]) -> list[list[bytes]]:
    turned = [[*proof[:n], bytes([step[0] ^ 1]) + step[1:], *proof[n + 1 :]] for n, step in enumerate(proof)]
    return turned + ([proof[:-1]] if proof else [])


def _refuses_inclusion(case) -> bool:
    try:
        check_inclusion(*case)
    except ProofInvalid:
        return True
    return False


def _refuses_consistency(case) -> bool:
    try:
        check_consistency(*case)
    except ProofInvalid:
        return True
    return False


@given(st.lists(st.binary(max_size=8), max_size=300), st.data())
def test_a_grown_tree_is_the_tree(leaves, data):
    grown = Grown(leaves)
    assert grown.range.root() == naive_root(leaves)
    if leaves:
        old = data.draw(st.integers(1, len(leaves)))
        proof = grown.proof(consistency_ranges(old, len(leaves)))
        check_consistency(old, len(leaves), naive_root(leaves[:old]), naive_root(leaves), proof)


def test_a_log_that_got_shorter_or_differs_at_its_size_is_refused():
    one, other = naive_root(LEAVES[:5]), naive_root(LEAVES[1:6])
    with pytest.raises(ProofInvalid, match="shorter"):
        check_consistency(5, 4, one, one, [])
    with pytest.raises(ProofInvalid, match="same size"):
        check_consistency(5, 5, one, other, [])
    with pytest.raises(ProofInvalid, match="empty"):
        check_consistency(0, 5, one, other, [])
