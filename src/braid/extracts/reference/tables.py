"""The rows of each kind of table, as they are stored: checked, and without what nobody asks for."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from braid.extracts.reference.areas import is_code
from braid.extracts.reference.model import RowRefused
from braid.language.identifiers import find_postcode

Cells = Mapping[str, str]
Row = dict[str, Any]
NO_LATITUDE = 99.0
"""A directory writes 99.999999 for a postcode without a place on the grid."""
LONGEST = 300
_TEXT, _WHOLE, _DECIMAL = pa.string(), pa.int64(), pa.float64()
_TERM = re.compile(r"holiday|half[ -]?term|break|closed|closure|inset|training", re.IGNORECASE)
_POSTCODE_IN_TEXT = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b")


def _schema(texts: str, wholes: str = "", decimals: str = "") -> pa.Schema:
    kinds = ((texts, _TEXT), (wholes, _WHOLE), (decimals, _DECIMAL))
    return pa.schema([(name, kind) for names, kind in kinds for name in names.split()])


SCHEMAS: Mapping[str, pa.Schema] = {
    "postcodes": _schema(
        "postcode district_code area_2011 area_2021 area_code terminated", "easting northing", "longitude latitude"
    ),
    "deprivation": _schema("area_code", "decile rank", "score"),
    "schools": _schema(
        "urn name status phase type district_code postcode",
        "easting northing places pupils lowest_age highest_age",
        "longitude latitude",
    ),
    "courts": _schema(
        "slug name status types areas_of_law crown_code county_code magistrates_code postcode district_code",
        "",
        "longitude latitude",
    ),
    "term_dates": _schema("kind name first_date last_date"),
    "bank_holidays": _schema("date name"),
}
KEYS: Mapping[str, str] = {
    "postcodes": "postcode",
    "deprivation": "area_code",
    "schools": "urn",
    "courts": "slug",
    "bank_holidays": "date",
}
"""The column of which no two rows may have the same."""


def clean_postcode_row(cells: Cells) -> Row:
    """Return a row of a postcode directory. A postcode without a place on the grid has none."""
    postcode = find_postcode(cells["postcode"])
    if postcode is None:
        raise RowRefused("postcode_form", "the postcode has not the form of one")
    latitude = _decimal(cells, "latitude", 90)
    is_placed = latitude is not None and latitude < NO_LATITUDE and latitude != 0
    return {
        "postcode": postcode,
        "district_code": _code(cells, "district_code"),
        **{name: _code(cells, name) for name in ("area_2011", "area_2021", "area_code")},
        "terminated": _month(cells.get("terminated", "")),
        "easting": _whole(cells, "easting"),
        "northing": _whole(cells, "northing"),
        "longitude": _decimal(cells, "longitude", 180) if is_placed else None,
        "latitude": latitude if is_placed else None,
    }


def clean_deprivation_row(cells: Cells) -> Row:
    """Return a row of the indices of deprivation: its decile is 1, the most deprived tenth, to 10."""
    area = _code(cells, "area_code")
    decile = _whole(cells, "decile")
    if area is None:
        raise RowRefused("area_missing", "there is no code of a small area")
    if decile is None or not 1 <= decile <= 10:
        raise RowRefused("decile", "the decile is no whole number from 1 to 10")
    return {
        "area_code": area,
        "decile": decile,
        "rank": _whole(cells, "rank"),
        "score": _decimal(cells, "score", 1000),
    }


def clean_school_row(cells: Cells) -> Row:
    """Return a school. A blank number is not zero: nobody has said it."""
    urn = cells["urn"]
    if not re.fullmatch(r"\d{5,7}", urn):
        raise RowRefused("urn", "the unique reference number is not of 5 to 7 digits")
    numbers = ("easting", "northing", "places", "pupils", "lowest_age", "highest_age")
    return {
        "urn": urn,
        "name": _text(cells, "name", needed=True),
        **{name: _text(cells, name) for name in ("status", "phase", "type")},
        "district_code": _code(cells, "district_code"),
        "postcode": find_postcode(cells.get("postcode")),
        **{name: _whole(cells, name) for name in numbers},
        "longitude": _decimal(cells, "longitude", 180),
        "latitude": _decimal(cells, "latitude", 90),
    }


def clean_court_row(cells: Cells) -> Row:
    """Return a court or tribunal. Where no column has its postcode, it is that of the address to visit."""
    slug = cells["slug"]
    if not slug or len(slug) > LONGEST:
        raise RowRefused("slug", "the court has no short name (slug)")
    names = ("status", "types", "areas_of_law", "crown_code", "county_code", "magistrates_code")
    return {
        "slug": slug,
        "name": _text(cells, "name", needed=True),
        **{name: _text(cells, name, longest=4000) for name in names},
        "postcode": find_postcode(cells.get("postcode")) or _postcode_of(cells.get("addresses", "")),
        "district_code": _code(cells, "district_code"),
        "longitude": _decimal(cells, "longitude", 180),
        "latitude": _decimal(cells, "latitude", 90),
    }


def clean_term_row(cells: Cells) -> Row:
    """Return a term, or days inside one on which schools are closed. What could be either is refused."""
    first, last = _day(cells["first_date"]), _day(cells["last_date"])
    if first is None or last is None:
        raise RowRefused("date", "a date is not written as yyyy-mm-dd or dd/mm/yyyy")
    if not dt.timedelta() <= last - first <= dt.timedelta(days=150):
        raise RowRefused("dates_order", "the last day comes before the first, or 150 days after it")
    kind = cells.get("kind", "").lower()
    name = _text(cells, "name") or ""
    if kind not in ("", "term", "closed"):
        raise RowRefused("term_kind", "the kind is neither term nor closed")
    if not kind and _TERM.search(name):
        words = "the name speaks of a holiday or a closed day: write a column kind with term or closed"
        raise RowRefused("term_or_holiday", words)
    return {"kind": kind or "term", "name": name, "first_date": first.isoformat(), "last_date": last.isoformat()}


CLEANERS: Mapping[str, Callable[[Cells], Row]] = {
    "postcodes": clean_postcode_row,
    "deprivation": clean_deprivation_row,
    "schools": clean_school_row,
    "courts": clean_court_row,
    "term_dates": clean_term_row,
}


def _text(cells: Cells, name: str, *, needed: bool = False, longest: int = LONGEST) -> str | None:
    text = " ".join(cells.get(name, "").split())
    if (needed and not text) or len(text) > longest:
        raise RowRefused(f"{name}_text", f"{name} is missing or longer than {longest} characters")
    return text or None


def _code(cells: Cells, name: str) -> str | None:
    text = cells.get(name, "").upper()
    if text and not is_code(text):
        raise RowRefused(f"{name}_form", f"{name} is no code of the Government Statistical Service")
    return text or None


def _number(cells: Cells, name: str) -> float | None:
    text = cells.get(name, "").replace(",", "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RowRefused(f"{name}_number", f"{name} is no number")
    return number


def _whole(cells: Cells, name: str) -> int | None:
    number = _number(cells, name)
    if number is not None and not (number.is_integer() and 0 <= number <= 10_000_000):
        raise RowRefused(f"{name}_number", f"{name} is no whole number from nought to ten million")
    return None if number is None else int(number)


def _decimal(cells: Cells, name: str, most: float) -> float | None:
    number = _number(cells, name)
    if number is not None and abs(number) > max(most, 100):
        raise RowRefused(f"{name}_number", f"{name} is out of its range")
    return number


def _month(text: str) -> str | None:
    """Return a month that a directory writes as yyyymm."""
    if text and not re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])", text):
        raise RowRefused("terminated_month", "the month in which the postcode ended is not written as yyyymm")
    return f"{text[:4]}-{text[4:]}" if text else None


def _day(text: str) -> dt.date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _postcode_of(addresses: str) -> str | None:
    """Return the postcode of the address that people visit, else of the first, where the text has any."""
    lines = sorted(addresses.splitlines(), key=lambda line: "visit" not in line.lower())
    found = [match for line in lines for match in _POSTCODE_IN_TEXT.finditer(line)]
    return f"{found[0][1]} {found[0][2]}" if found else None
