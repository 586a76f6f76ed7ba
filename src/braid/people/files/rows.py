"""Rows of a brought table into one comparable row each: names folded, dates taken apart, identifiers checked."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import pyarrow as pa

from braid.language.identifiers import FAIL, check, normalise
from braid.people.files.mapping import Birth, FileMapping, format_pattern
from braid.people.names import fold, forename_groups, is_accent, other_words, split_forenames, split_surname

_TEXTS = pa.list_(pa.string())
_NAMES = {
    "forename": pa.string(),
    "forename_groups": _TEXTS,
    "other_names": _TEXTS,
    "surname": pa.string(),
    "surnames": _TEXTS,
    "name_words": _TEXTS,
    "rare_words": _TEXTS,
}
_BIRTH = {"birth_date": pa.string(), "birth_date_swapped": pa.string(), "birth_vague": pa.bool_()}
_ADDRESS = {"sex": pa.string(), "street": pa.string(), "town": pa.string(), "postcode": pa.string()}

PARTICLES = frozenset(["the", "of", "de", "la", "le", "von", "van", "der", "den", "du", "da", "di", "el", "al", "and"])
"""Words of names that many people share and that tell nobody apart."""
EARLIEST_YEAR = 1500
"""A date that can be read as a day since, in one of the formats, is read so: 12082016 is no day of the year 1208."""
NOT_FORENAMES = frozenset(["female", "male", "child", "girl", "boy", "adult", "person", "resident", "occupant"])
"""What is written for a forename that nobody knows."""
RARE_WORD_ROWS = 60
"""A word of a name held by no more rows than this finds pairs by itself."""
_SEXES = {"f": "female", "female": "female", "2": "female", "w": "female", "woman": "female", "m": "male"}
_SEXES |= {"male": "male", "1": "male", "man": "male"}


def standardise_rows(table: pa.Table, mapping: FileMapping) -> pa.Table:
    """Return the linkage table of a table of texts: `record_id`, `source`, and `column x` for each `x` of the mapping.

    Its columns are those that `make_design` compares. Identifiers whose check fails, or that repeat one character, are
    left out; so are dates that fit no format of the mapping.
    """
    columns = {name: table.column(f"column {name}").to_pylist() for name in mapping.column_names}
    rows = table.num_rows
    found: dict[str, Sequence[Any]] = {
        "record_id": table.column("record_id").to_pylist(),
        "source": table.column("source").to_pylist(),
        **_names(columns, mapping, rows),
        **_births(columns, mapping.birth, rows),
        "sex": [_SEXES.get((text or "").strip().lower()) for text in _joined(columns, mapping, "sex", rows)],
    }
    for name in ("street", "town", "postcode"):
        found[name] = [_plain(text or "") or None for text in _joined(columns, mapping, name, rows)]
    found["postcode"] = [text.replace(" ", "") if text else None for text in found["postcode"]]
    schema: dict[str, pa.DataType] = {"record_id": pa.string(), "source": pa.string(), **_NAMES, **_BIRTH, **_ADDRESS}
    for identifier in mapping.identifiers:
        name = f"id_{identifier.scheme}"
        found[name] = [clean_identifier(identifier.scheme, text) for text in columns[identifier.column]]
        schema[name] = pa.string()
    for item in mapping.comparables:
        name = f"value_{item.name}"
        read = _number if item.kind == "number" else _plain_or_none
        found[name] = [read(text) for text in columns[item.column]]
        schema[name] = pa.float64() if item.kind == "number" else pa.string()
    return pa.table({name: pa.array(found[name], kind) for name, kind in schema.items()})


def clean_identifier(scheme: str, text: str | None) -> str | None:
    """Return an identifier in capitals without marks; None where it is empty, fails its check or repeats one sign."""
    value = re.sub(r"[^A-Z0-9/]", "", normalise(scheme, text or ""))
    if len(set(value)) < 2 or check(scheme, value) == FAIL:
        return None
    return value


def read_birth(text: str | None, formats: tuple[str, ...]) -> str | None:
    """Return a date as `yyyy-mm-dd` by the first format it fits; None where it fits none.

    It need be no day of the calendar: 1861-01-81 still tells more than nothing. So do letters that stand for digits.
    """
    value = (text or "").strip().lower()
    return _read_birth(value, formats) if value else None


@lru_cache(maxsize=200_000)
def _read_birth(value: str, formats: tuple[str, ...]) -> str | None:
    """Try real days first, then what looks like a date, then what has letters where digits are meant."""
    fits = [match for digit in (r"\d", r"\w") for text in formats if (match := _pattern(text, digit).fullmatch(value))]
    dates = [f"{match['y']}-{match['m'].zfill(2)}-{match['d'].zfill(2)}" for match in fits]
    return next((date for date in dates if _is_day(date)), dates[0] if dates else None)


@cache
def _pattern(text: str, digit: str) -> re.Pattern[str]:
    pattern = format_pattern(text, digit)
    assert pattern is not None  # the mapping was checked
    return pattern


def _is_day(date: str) -> bool:
    """Whether a date is one of the calendar in which somebody of a table may be born."""
    try:
        return dt.date.fromisoformat(date).year >= EARLIEST_YEAR
    except ValueError:
        return False


def _joined(
    columns: Mapping[str, Sequence[str | None]], mapping: FileMapping, name: str, rows: int
) -> Sequence[str | None]:
    named = mapping.columns.get(name, ())
    if not named:
        return [None] * rows
    if len(named) == 1:
        return columns[named[0]]
    return [" ".join(text for text in texts if text) for texts in zip(*(columns[n] for n in named), strict=True)]


def _names(columns: Mapping[str, Sequence[str | None]], mapping: FileMapping, rows: int) -> dict[str, list[Any]]:
    parts = (_joined(columns, mapping, name, rows) for name in ("forename", "surname", "other_names", "full_name"))
    found: dict[str, list[Any]] = {name: [] for name in _NAMES}
    for forename, surname, others, full in zip(*parts, strict=True):
        for name, value in _one_name(forename or "", surname or "", others or "", full or "").items():
            found[name].append(value)
    held = Counter(word for words in found["name_words"] if words for word in words)
    found["rare_words"] = [
        [word for word in words if 1 < held[word] <= RARE_WORD_ROWS] or None if words else None
        for words in found["name_words"]
    ]
    return found


@lru_cache(maxsize=200_000)
def _one_name(forename: str, surname: str, others: str, full: str) -> dict[str, Any]:
    if full and not forename and not surname:
        forename, surname, others = _split_full_name(full, others)
    given = tuple(name for name in split_forenames(forename) if name not in NOT_FORENAMES)
    families = split_surname(surname)
    middle = (*given[1:], *split_forenames(others))
    words = _distinct(given, middle, families[1:] or families, _words(full))
    return {
        "forename": given[0] if given else None,
        "forename_groups": _distinct(*(forename_groups(name) for name in given)) or None,
        "other_names": _distinct(middle) or None,
        "surname": families[0] if families else None,
        "surnames": list(families) or None,
        "name_words": [word for word in words if _tells_apart(word)] or None,
        "rare_words": None,
    }


def _split_full_name(full: str, others: str) -> tuple[str, str, str]:
    """Return forename, surname and other names of a whole name; what stands before a comma is the surname."""
    before, comma, after = full.partition(",")
    if comma and len(before.split()) <= 2 and after.strip():
        words = after.split()
        return words[0], before, " ".join((*words[1:], others))
    words = list(split_forenames(full))
    if len(words) < 2:
        return (words[0] if words else ""), "", others
    return words[0], words[-1], " ".join((*words[1:-1], others))


def _words(text: str) -> tuple[str, ...]:
    return tuple(fold(text).split()) or other_words(text)


def _tells_apart(word: str) -> bool:
    """Whether a word of a name is worth looking others up by; of scripts that write a name in a sign or two, any is."""
    return (len(word) > 2 or not word.isascii()) and word not in PARTICLES


def _births(columns: Mapping[str, Sequence[str | None]], birth: Birth | None, rows: int) -> dict[str, list[Any]]:
    if birth is None:
        dates: list[str | None] = [None] * rows
    elif birth.column:
        dates = [read_birth(text, birth.formats) for text in columns[birth.column]]
    else:
        parts = ([None] * rows if name is None else columns[name] for name in (birth.year, birth.month, birth.day))
        dates = [_date_of_parts(*texts) for texts in zip(*parts, strict=True)]
    return {
        "birth_date": dates,
        "birth_date_swapped": [_swapped(date) for date in dates],
        "birth_vague": [date.endswith(("-01-01", "-00", "-00-00")) if date else None for date in dates],
    }


def _date_of_parts(year: str | None, month: str | None, day: str | None) -> str | None:
    whole = [(text or "").strip().split(".")[0] for text in (year, month, day)]
    if len(whole[0]) != 4:
        return None
    return f"{whole[0]}-{whole[1].zfill(2)}-{whole[2].zfill(2)}"


@lru_cache(maxsize=200_000)
def _swapped(date: str | None) -> str | None:
    """Return a date with day and month changed over, where that is another day of the calendar."""
    if date is None:
        return None
    year, month, day = date[:4], date[5:7], date[8:]
    try:
        return None if month == day else dt.date.fromisoformat(f"{year}-{day}-{month}").isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=200_000)
def _plain(text: str) -> str:
    """Return a text in small letters and digits of any script without accents, other marks as one space."""
    whole = (char for char in unicodedata.normalize("NFKD", text.casefold()) if not is_accent(char))
    kept = (char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in whole)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _plain_or_none(text: str | None) -> str | None:
    return _plain(text or "") or None


def _number(text: str | None) -> float | None:
    try:
        value = float((text or "").replace(",", "").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _distinct(*lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for values in lists for value in values))
