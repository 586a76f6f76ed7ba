"""What each row of a batch holds, as distinct values and which of them each row has.

Most columns of a partner's table hold few texts many times. What is asked of them is asked of each distinct value once;
the rows are gone through where rows differ from each other. A mask is a flag for each row; `None` is a mask that
holds everywhere, which most do, and costs nothing then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Coded:
    """`values` and for each row the `places` of its own among them; without places there is a value for each row.

    A row without a place holds nothing, and so does one whose value is null.
    """

    values: pa.Array
    places: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.values) if self.places is None else len(self.places)

    def plain(self) -> pa.Array:
        """Return the value of each row."""
        return self.values if self.places is None else self.values.take(self.places)

    def empty(self) -> Mask | None:
        """Return which rows hold nothing; `None` where all hold something."""
        without = None if self.places is None or not self.places.null_count else mask_of(self.places.is_null())
        if not self.values.null_count:
            return without
        nulls = mask_of(self.values.is_null())
        if self.places is None:
            return nulls
        found: Mask = nulls[pc.fill_null(self.places, 0).to_numpy(zero_copy_only=False)]
        return found if without is None else found | without

    def filled(self) -> Mask | None:
        """Return which rows hold something; `None` where all do."""
        empty = self.empty()
        return None if empty is None else ~empty

    def without(self, mask: Mask | None) -> Coded:
        """Return the same with nothing in the rows of a mask; `None` is none of them."""
        if mask is None or not mask.any():
            return self
        nothing = pa.scalar(None, self.values.type if self.places is None else self.places.type)
        kept = pc.if_else(pa.array(mask), nothing, self.values if self.places is None else self.places)
        return Coded(kept) if self.places is None else Coded(self.values, kept)

    def at(self, rows: pa.Array | None) -> Coded:
        """Return what some rows hold; `None` is all of them."""
        if rows is None:
            return self
        return Coded(self.values.take(rows)) if self.places is None else Coded(self.values, self.places.take(rows))

    def filter(self, mask: Mask | None) -> Coded:
        """Return what the rows of a mask hold."""
        if mask is None:
            return self
        kept = pa.array(mask)
        return Coded(self.values.filter(kept)) if self.places is None else Coded(self.values, self.places.filter(kept))

    def map(self, function: Callable[[Any], Any], kind: pa.DataType) -> Coded:
        """Return what a function makes of each value; nothing stays nothing."""
        made = [None if value is None else function(value) for value in self.values.to_pylist()]
        return Coded(pa.array(made, kind), self.places)

    def cast(self, kind: pa.DataType) -> Coded:
        """Return the same with values of another type."""
        return self if self.values.type == kind else Coded(self.values.cast(kind), self.places)

    def filled_with(self, other: Coded) -> Coded:
        """Return the same with what another holds where this one holds nothing."""
        empty = self.empty()
        if empty is None:
            return self
        is_whole = self.places is None or not self.places.null_count
        if is_whole and len(other.values) == 1 and not other.values.null_count:
            return Coded(pc.fill_null(self.values, other.values[0]), self.places)
        return Coded(pc.coalesce(self.plain(), other.plain()))

    def written(self) -> pa.Array:
        """Return the rows as a table holds them: texts that repeat as a dictionary without doubles and nulls."""
        if self.places is None or not pa.types.is_string(self.values.type) or 2 * len(self.values) > len(self.places):
            return self.plain()
        once = self.values.dictionary_encode()
        return pa.DictionaryArray.from_arrays(once.indices.take(self.places), once.dictionary)


def constant(value: Any, rows: int, kind: pa.DataType | None = None) -> Coded:
    """Return one value for every row, held once."""
    return Coded(pa.array([value], kind), pa.array(np.zeros(rows, np.int32)))


def mask_of(flags: pa.Array) -> Mask:
    """Return flags without nulls as a mask."""
    found: Mask = flags.to_numpy(zero_copy_only=False)
    return found


def both(masks: Sequence[Mask | None]) -> Mask | None:
    """Return where all of some masks hold."""
    held = [mask for mask in masks if mask is not None]
    return np.logical_and.reduce(held) if held else None


def spread(flags: Sequence[bool], places: pa.Array) -> Mask | None:
    """Return the flag of each row's value; `None` where it is true of every value."""
    if all(flags):
        return None
    found: Mask = np.array(flags, np.bool_)[places.to_numpy()]
    return found
