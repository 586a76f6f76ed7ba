"""A council's stock: what cannot be let is refused, what is doubtful is read and said, and no refuge gets in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from braid.extracts.model import Reading, Source
from braid.extracts.read import read_file

HEADING = "UnitRef,BuildingRef,Type,Bedrooms,Accessible,Postcode,NightRate,AvailableFrom,WithdrawnFrom"


def stock(tmp_path: Path, *rows: str) -> Reading:
    path = tmp_path / "stock.csv"
    path.write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")
    return read_file(path, Source("north-stock", "north-council", "ta_stock", 2026), None)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("R-1,,refuge,2,,,,,", "code_unknown"),
        ("R-1,,Women's refuge,2,,,,,", "code_unknown"),
        (",,leased,2,,,,,", "key_missing"),
        ("U-1,,leased,,,,,,", "number_invalid"),
        ("U-1,,leased,many,,,,,", "number_invalid"),
        ("U-1,,leased,99,,,,,", "number_invalid"),
    ],
)
def test_what_nobody_can_be_placed_in_is_refused_and_kept(row: str, rule: str, tmp_path: Path) -> None:
    reading = stock(tmp_path, row)
    assert reading.records["unit"] == []
    assert [reject.rule for reject in reading.rejects] == [rule]


@pytest.mark.parametrize(
    ("rate", "pence", "doubts"),
    [
        ("58.20", 5820, 0),
        ("£58", 5800, 0),
        ("1,200.00", 120000, 0),
        ("", None, 0),
        ("58.2", None, 1),
        ("9999", None, 1),
    ],
)
def test_a_rate_is_read_to_the_penny_or_left_out_with_a_doubt(
    rate: str, pence: int | None, doubts: int, tmp_path: Path
) -> None:
    reading = stock(tmp_path, f'U-1,,leased,2,Y,QB1 1AA,"{rate}",01/02/2027,')
    (unit,) = reading.records["unit"]
    assert (unit["night_pence"], unit["available_from_date"], unit["is_accessible"]) == (
        pence,
        dt.date(2027, 2, 1),
        True,
    )
    assert len(reading.issues) == doubts
