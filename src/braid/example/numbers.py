"""Identifiers of the example's people, from ranges kept for tests, with right check digits."""

from __future__ import annotations

import numpy

from braid.example.streams import vector_stream
from braid.language.identifiers import upn_check_letter

_WEIGHTS = numpy.arange(10, 1, -1)


def nhs_numbers(count: int, seed: int) -> list[str]:
    """Return distinct NHS numbers from the 999 range; empty text for those beyond the range's 909,000 valid numbers.

    Modulus 11 with weights 10 to 2; a remainder that would give 10 is not issued.
    """
    serial = numpy.arange(1_000_000)
    digits = numpy.empty((len(serial), 9), dtype=numpy.int64)
    digits[:, :3] = 9
    for place in range(6):
        digits[:, 3 + place] = serial // 10 ** (5 - place) % 10
    check = (11 - (digits * _WEIGHTS).sum(axis=1) % 11) % 11
    valid = serial[check != 10]
    chosen = vector_stream(seed, "nhs numbers").permutation(valid)[:count]
    numbers = [f"999{number:06d}{check[number]}" for number in chosen.tolist()]
    return numbers + [""] * (count - len(numbers))


def pupil_number(la_number: int, school: int, year: int, serial: int) -> str:
    """Return a unique pupil number: council, establishment, year of allocation and serial, led by its check letter."""
    twelve = f"{la_number:03d}{2000 + school % 8000:04d}{year % 100:02d}{serial:03d}"
    return upn_check_letter(twelve) + twelve
