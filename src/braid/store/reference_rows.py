"""The rows of a place's own reference files, such as postcodes and schools, as the registry has them."""

from __future__ import annotations

import math
from typing import Any

from braid.language.schema import Table, Type
from braid.store.place_folder import Place, PlaceInvalid

LARGEST_REFERENCE_NUMBER = 10**9
"""No count and no coordinate of a place is larger, on any grid."""


def read_reference(place: Place, table: Table) -> list[dict[str, Any]]:
    """Return the place's own reference rows; raise `PlaceInvalid` naming file, line and column where one is missing."""
    types = {column.name: column.type for column in table.columns}
    needed = [column.name for column in table.columns if column.required]
    rows = place.reference_rows(f"{table.name}s")
    for line, row in enumerate(rows, 2):
        for name in needed:
            if not row.get(name):
                raise PlaceInvalid(f"geography/{table.name}s.csv line {line}: {name} is missing; fill the column")
    where = f"geography/{table.name}s.csv line"
    return [
        {name: _reference_value(row.get(name), types[name], f"{where} {line}: {name}") for name in table.names}
        for line, row in enumerate(rows, 2)
    ]


def _reference_value(text: str | None, kind: Type, where: str) -> str | int | float | None:
    if not text or kind not in (Type.INTEGER, Type.DECIMAL):
        return text or None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST_REFERENCE_NUMBER:
        raise PlaceInvalid(f"{where} is no number that a place can have; write it in digits")
    return round(number) if kind is Type.INTEGER else number
