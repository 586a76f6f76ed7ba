"""What comes of opening a container, and the limits within which one is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_BYTES, MOST_ENTRIES, DEEPEST, MOST_RATIO, RATIO_FROM = 48_000_000, 2_000, 4, 200, 1_000_000
"""Of everything unfolded together: bytes and entries. Containers inside one another. How many times its packed size an
entry may have, looked at from a size on that could do harm."""


class CannotOpen(ValueError):
    """The content cannot be read in full, and so it is not read at all. Names the kind of thing, never a value."""


@dataclass(frozen=True)
class Opened:
    """One layer unfolded: words that can be read, and files that may be containers themselves."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    inner: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass
class Budget:
    """What may still be unfolded of one payload."""

    bytes_left: int = MOST_BYTES
    entries_left: int = MOST_ENTRIES

    def take(self, size: int) -> None:
        """Count one entry of `size` bytes; raise `CannotOpen` when the limits are passed."""
        self.bytes_left -= size
        self.entries_left -= 1
        if self.bytes_left < 0 or self.entries_left < 0:
            raise CannotOpen("it unfolds to more than can be searched; send it in smaller parts")
