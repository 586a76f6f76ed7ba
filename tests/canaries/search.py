"""Finds many needles in many bytes: four bytes of each needle are looked up for every place at once, then compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from canaries.needles import Needle

GRAM = 4
BITS = 20
AT_ONCE = 4_000_000
REACH = 80


class Search:
    """A set of needles ready to be looked for."""

    def __init__(self, needles: list[Needle]) -> None:
        """Choose for each needle the four bytes of it that are rarest among all needles."""
        grams = Counter(content[i : i + GRAM] for content in {n.content for n in needles} for i in _places(content))
        self.anchors: dict[int, list[tuple[int, Needle]]] = defaultdict(list)
        for needle in needles:
            at = min(_places(needle.content), key=lambda i, content=needle.content: grams[content[i : i + GRAM]])
            self.anchors[int.from_bytes(needle.content[at : at + GRAM], "little")].append((at, needle))
        keys = np.array(sorted(self.anchors), dtype=np.uint32)
        self.table = np.zeros(1 << BITS, dtype=bool)
        self.table[_spread(keys)] = True
        self.keys = keys

    def find(self, content: bytes) -> Iterator[Needle]:
        """Yield each needle that `content` holds, once."""
        seen: set[int] = set()
        for start in range(0, max(len(content) - GRAM + 1, 0), AT_ONCE):
            chunk = np.frombuffer(content, dtype=np.uint8, offset=start)[: AT_ONCE + GRAM - 1].astype(np.uint32)
            grams = chunk[:-3] | chunk[1:-2] << 8 | chunk[2:-1] << 16 | chunk[3:] << 24
            places = np.flatnonzero(self.table[_spread(grams)])
            found = grams[places]
            places = places[self.keys[np.searchsorted(self.keys, found) % len(self.keys)] == found]
            for place, gram in zip((places + start).tolist(), grams[places].tolist(), strict=True):
                for at, needle in self.anchors[gram]:
                    begin = place - at
                    if id(needle) not in seen and begin >= 0 and _stands_at(needle, content, begin):
                        seen.add(id(needle))
                        yield needle


def _places(content: bytes) -> range:
    return range(len(content) - GRAM + 1)


def _spread(grams: np.ndarray) -> np.ndarray:
    return (grams * np.uint32(2654435761)) >> np.uint32(32 - BITS)


def _stands_at(needle: Needle, content: bytes, begin: int) -> bool:
    if not content.startswith(needle.content, begin):
        return False
    if needle.beside is None:
        return True
    if needle.beside.pattern.endswith(b"$"):
        return needle.beside.search(content[max(0, begin - REACH) : begin]) is not None
    return needle.beside.search(content[max(0, begin - REACH) : begin + REACH]) is not None
