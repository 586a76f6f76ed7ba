"""The temporary accommodation that a council can place households in, as CSV: one row a unit.

A refuge is no such unit and is refused: nobody may learn from a list of stock where one is.
"""

from __future__ import annotations

import re
from pathlib import Path

from braid.extracts import checks
from braid.extracts.fields import Fields, RowRefused
from braid.extracts.model import Connector, Reading
from braid.extracts.sheets import read_sheets

COLUMNS = (
    "UnitRef",
    "BuildingRef",
    "Type",
    "Bedrooms",
    "Accessible",
    "Postcode",
    "NightRate",
    "AvailableFrom",
    "WithdrawnFrom",
)
"""`Type` is one of `KINDS`; `NightRate` is in pounds, with pence after a point."""
REQUIRED = ("UnitRef", "Type", "Bedrooms")
KINDS = {
    "bnb": "ta_bnb",
    "nightly": "ta_nightly",
    "hostel": "ta_hostel",
    "leased": "ta_leased",
    "own_stock": "ta_own_stock",
    "other": "ta_other",
}
MOST_BEDROOMS, MOST_POUNDS = 12, 2_000
_POUNDS = re.compile(r"£?([0-9]{1,4})(?:\.([0-9]{2}))?")


def read_stock(path: Path, reading: Reading) -> None:
    """Read a list of units; raise `UnreadableFile` where it is none."""
    read_sheets(path, reading, "stock", (REQUIRED, COLUMNS), _read_unit)


def _read_unit(row: Fields) -> None:
    reference = row.key("UnitRef")
    kind = KINDS.get(row.key("Type").lower())
    if kind is None:
        raise RowRefused(checks.CODE_UNKNOWN, "Type")
    bedrooms, _ = checks.check_number(row.text("Bedrooms") or "", 0, MOST_BEDROOMS)
    if bedrooms is None:
        raise RowRefused(checks.NUMBER_INVALID, "Bedrooms")
    row.reading.emit(
        "unit", (reference,), row.position, "normal", row.quality,
        unit_ref=reference, building_ref=row.text("BuildingRef"), kind=kind, bedrooms=bedrooms,
        is_accessible=bool(row.flag("Accessible")), postcode=row.postcode("Postcode"), night_pence=_pence(row),
        available_from_date=row.date("AvailableFrom"), withdrawn_from_date=row.date("WithdrawnFrom"),
    )  # fmt: skip


def _pence(row: Fields) -> int | None:
    text = row.text("NightRate")
    if not text:
        return None
    found = _POUNDS.fullmatch(text.replace(",", ""))
    if found is None or int(found[1]) > MOST_POUNDS:
        row.doubt(checks.NUMBER_INVALID, "NightRate", "NightRate is no sum of pounds: write such as 58.20")
        return None
    return int(found[1]) * 100 + int(found[2] or 0)


CONNECTORS = (
    Connector(
        "ta_stock",
        2020,
        2035,
        read_stock,
        "Units of temporary accommodation that a council can let, CSV",
        is_piecewise=True,
    ),
)
