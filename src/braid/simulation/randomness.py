"""Random numbers keyed by what they are for: the same person has the same luck in every scenario and every engine.

A number is found from seed, person, step, purpose and attempt alone, never from what was drawn before it. The mixing is
the finaliser of SplitMix64 (Steele, Lea and Flood 2014, constants of Stafford's variant 13), once over seed and person,
once more over the rest.
"""

from __future__ import annotations

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
ARRIVAL, KEEP, BAND, COIN, DURATION, PATIENCE, REPEAT, CLOCK, JOINED, BEGUN, LEAD = range(11)
INDEX_BITS = 48


def mix(number: int) -> int:
    """Return 64 bits that look unlike the 64 given; no two numbers become the same."""
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)


def seed_of(seed: int, replication: int) -> int:
    """Return the seed of one replication."""
    return mix((mix((seed + GOLDEN) & MASK) + (replication + 1) * GOLDEN) & MASK)


def key_of(pathway: int, stream: int, index: int) -> int:
    """Return the key of a person: pathway, stream of arrivals, and the how manieth of it."""
    return (pathway << 56) | (stream << INDEX_BITS) | index


def bits(person: int, step: int, purpose: int, attempt: int = 0) -> int:
    """Return 64 random bits for a purpose. `person` is the person's key mixed with the seed."""
    salt = (attempt << 8) | (step << 4) | purpose
    number = (person + (salt + 1) * GOLDEN) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)
