"""Streams of repeatable random numbers.

Each part of the world draws from its own stream, named by what it is for, so that a change in one part leaves the
others as they were. Nothing here depends on Python's hash seed.
"""

from __future__ import annotations

import zlib
from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TypeVar
from uuid import UUID

import numpy

T = TypeVar("T")


def scalar_stream(seed: int, *names: str) -> Random:
    """Return a generator for single draws, the same for the same seed and names."""
    return Random(f"{seed}/{'/'.join(names)}")


def vector_stream(seed: int, *names: str) -> numpy.random.Generator:
    """Return a generator for vectors, the same for the same seed and names."""
    return numpy.random.default_rng([seed, zlib.crc32("/".join(names).encode())])


def choose(random: Random, weights: dict[T, float]) -> T:
    """Return one key, drawn in proportion to its weight. Raises `IndexError` on an empty mapping."""
    keys = list(weights)
    sums = list(accumulate(weights.values()))
    return keys[min(bisect(sums, random.random() * sums[-1]), len(keys) - 1)]


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, such as the columns of a table."""
    return tuple(text.split())


def chance(random: Random, probability: float) -> bool:
    """Return whether an event of this probability happens."""
    return random.random() < probability


def days_between(random: Random, low_days: int, high_days: int) -> timedelta:
    """Return a whole number of days from low to high, both included."""
    return timedelta(days=random.randint(low_days, max(low_days, high_days)))


def working_day(day: date) -> date:
    """Return the day itself, or the Monday after when it falls on a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def draw_uuid(random: Random) -> str:
    """Return a version 4 UUID made from the stream."""
    return str(UUID(int=random.getrandbits(128), version=4))


def draw_some(random: Random, pool: Sequence[T], count: int) -> list[T]:
    """Return up to `count` distinct members of the pool, in the order drawn."""
    return random.sample(pool, min(count, len(pool)))
