"""The counts by small area, worked out slowly and obviously, person by person; the fast ones are held against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def area_measures(tables: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    """Return the rows of `area_measure`, in order of kind, district and area, from those of the tables it rests on."""
    postcodes = {row["postcode"]: row for row in tables["postcode"]}
    records: dict[str, set[str]] = {}
    for link in tables["person_link"]:
        records.setdefault(link["person_id"], set()).add(link["person_record_id"])
    counted: Counter[tuple[str, str, str]] = Counter()
    protected = {row["person_id"] for row in tables["person"] if row["protected"]}
    for wait in tables["person_wait"]:
        if wait["stop_date"] is None and wait["person_id"] not in protected:
            home = _home(tables["stay"], records.get(wait["person_id"], set()), postcodes)
            if home is not None and home[1] is not None:
                counted[wait["kind"], home[0], home[1]] += 1
    return [
        {"kind": kind, "district_code": district, "area_code": area, "waiting": waits}
        for (kind, district, area), waits in sorted(counted.items())
    ]


def _home(stays: Sequence[Row], records: set[str], postcodes: Mapping[str, Row]) -> tuple[str, str | None] | None:
    """Return district and small area of the latest open stay of which the district is known, else of the latest."""
    best: tuple[Any, tuple[str, str | None]] | None = None
    for stay in stays:
        if stay["person_record_id"] not in records or stay["confidential"] or stay["kind"] == "refuge":
            continue
        known = postcodes.get(stay["postcode"], {})
        district = known.get("district_code") or stay["district_code"]
        if district is None:
            continue
        began = stay["start_date"]
        order = (stay["end_date"] is not None, began is None, -began.toordinal() if began else 0, stay["record_id"])
        if best is None or order < best[0]:
            best = (order, (district, known.get("area_code") or stay["area_code"]))
    return best[1] if best else None
