"""The rows of a place's own reference files, such as postcodes and schools, as the registry has them."""

from __future__ import annotations

from typing import Any

from braid.language.schema import Table, Type
from braid.store.place_folder import Place, PlaceInvalid

LARGEST_REFERENCE_NUMBER = 10**9
"""No count and no coordinate of a place is larger, on any grid."""


def read_reference(place: Place, table: Table) -> list[dict[str, Any]]:
    """Return the place's own reference rows; raise `PlaceInvalid` naming file, line and column where one is missing."""
    numbers = {column.name for column in table.columns if column.type is Type.INTEGER}
    needed = [column.name for column in table.columns if column.required]
    rows = place.reference_rows(f"{table.name}s")
    for line, row in enumerate(rows, 2):
        for name in needed:
            if not row.get(name):
                raise PlaceInvalid(f"geography/{table.name}s.csv line {line}: {name} is missing; fill the column")
    where = f"geography/{table.name}s.csv line"
    return [
        {name: _reference_value(row.get(name), name in numbers, f"{where} {line}: {name}") for name in table.names}
        for line, row in enumerate(rows, 2)
    ]


def _reference_value(text: str | None, is_number: bool, where: str) -> str | int | None:
    if not text or not is_number:
        return text or None
    try:
        number = round(float(text))
    except (ValueError, OverflowError):
        number = LARGEST_REFERENCE_NUMBER + 1
    if abs(number) > LARGEST_REFERENCE_NUMBER:
        raise PlaceInvalid(f"{where} is no number that a place can have; write it in digits")
    return number
