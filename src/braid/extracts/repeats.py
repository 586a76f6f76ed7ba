"""Whether any of many ids stands twice, told without holding them: a number of eight bytes for each rests in a file.

Equal ids have equal numbers. Where no two numbers are equal, which holds of most files, no id stands twice. Where two
are, two ids may have one number, so that whoever asks looks at the ids themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MOST_HELD = 1 << 22
"""Numbers that are held and sorted at once: 32 MB."""
_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_LENGTH = 20
"""An id is so many letters (`braid.language.records.record_id`)."""
_LETTERS = np.dtype([("first", "<u8"), ("second", "<u8"), ("last", "<u4")])
_MIDDLE = np.uint64(20)
Numbers = npt.NDArray[np.uint64]


def numbers_of(ids: pa.Array) -> Numbers:
    """Return a number for each id; raise `ValueError` where they are no ids of records."""
    _, ends, letters = ids.buffers()
    places = np.frombuffer(ends, np.int32)[ids.offset : ids.offset + len(ids) + 1]
    if ids.null_count or places[-1] - places[0] != _LENGTH * len(ids) or (np.diff(places) != _LENGTH).any():
        raise ValueError("an id of a record is twenty letters")
    held = np.frombuffer(letters, _LETTERS, len(ids), int(places[0])) if len(ids) else np.empty(0, _LETTERS)
    return _mixed(_mixed(_mixed(held["first"]) ^ held["second"]) ^ held["last"])


def _mixed(numbers: Numbers) -> Numbers:
    """Return other numbers for numbers, each its own, in which every bit has moved every higher and lower one."""
    found = numbers * _ODD
    return found ^ found >> _HALF


def may_repeat(paths: Sequence[Path], most: int = MOST_HELD) -> bool:
    """Whether a number stands twice in files of numbers. About `most` are held: one range of them after the other."""
    count = sum(path.stat().st_size for path in paths) // 8
    ranges = -(-count // most)
    return any(_has_double(_in_range(paths, number, ranges)) for number in range(ranges))


def _in_range(paths: Sequence[Path], number: int, ranges: int) -> Numbers:
    held: list[Numbers] = [np.empty(0, np.uint64)]
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(8 << 17):
                numbers = np.frombuffer(block, np.uint64)
                is_of_range = (numbers >> _MIDDLE) % np.uint64(ranges) == number
                held.append(numbers if ranges == 1 else numbers[is_of_range])
    return np.concatenate(held)


def _has_double(numbers: Numbers) -> bool:
    numbers.sort()
    return bool((numbers[1:] == numbers[:-1]).any())
