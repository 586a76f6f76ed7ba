"""Names made comparable: folded, freed of titles, split into parts, and gathered into groups of forms of one name."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

TITLES = frozenset(["mr", "mrs", "ms", "miss", "mx", "master", "dr", "prof", "rev", "sir", "dame", "lady", "lord"])
NOT_NAMES = frozenset(["baby", "unknown", "unborn", "notknown", "na", "none", "test", "infant", "twin"])
"""Words that systems put where a name should be; a name of such words alone is no name."""

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "æ": "ae", "Æ": "ae", "đ": "d", "\u0131": "i"}
)
_KNOWN_AS = re.compile(r"\s+(?:known as|aka|a\.k\.a\.|also known as)\s+|[;(/]", re.IGNORECASE)
_APOSTROPHES = re.compile("['`\u2019\u00b4]")
_NOT_LETTERS = re.compile(r"[^a-z]+")


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Return a name in small plain letters: no accents, apostrophes closed up, other marks and hyphens as one space."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    return _NOT_LETTERS.sub(" ", _APOSTROPHES.sub("", letters)).strip()


@lru_cache(maxsize=200_000)
def split_forenames(text: str) -> tuple[str, ...]:
    """Return the forenames in order, folded, without titles; names after "known as" follow the others."""
    parts = " ".join(fold(part) for part in _KNOWN_AS.split(text) if part)
    names = [part for part in parts.split() if part not in TITLES and part not in NOT_NAMES]
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=200_000)
def split_surname(text: str) -> tuple[str, ...]:
    """Return the surname closed up, then its parts of three letters or more; empty where there is no name."""
    parts = [part for part in fold(text).split() if part not in NOT_NAMES]
    if not parts:
        return ()
    return tuple(dict.fromkeys(["".join(parts), *(part for part in parts if len(part) > 2)]))


@lru_cache(maxsize=200_000)
def forename_groups(name: str) -> tuple[str, ...]:
    """Return the groups a folded forename belongs to, in order: itself where no group knows it.

    A short form may stand for several names (`ali` for Alison, Alice or Ali), so there may be several.
    """
    return _groups().get(name, (name,))


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    groups: dict[str, set[str]] = {}
    with Path(__file__).with_name("forenames.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for form in (row["name"], *row["forms"].split()):
                groups.setdefault(form, set()).add(row["name"])
    return {form: tuple(sorted(names)) for form, names in groups.items()}
