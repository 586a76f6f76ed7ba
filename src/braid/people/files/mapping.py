"""What the columns of a brought table hold, in TOML, read strictly.

```
[columns]                          # each a column, or a list of columns whose texts are joined
forename = "first_name"
surname = "last_name"
other_names = "middle"             # names beside the first
full_name = "name"                 # where names stand in one column, or as further evidence beside forename and surname
sex = "sex"                        # f, female, 2 or w; m, male or 1; anything else is not known
street = ["number", "street"]      # of one address: street with its number, town, postcode of any country
town = "city"
postcode = "zip"

[birth]
column = "date_of_birth"
formats = ["yyyy-mm-dd", "d/m/yyyy"]     # or year, month and day = columns of their own

[[identifiers]]
column = "ssn"
scheme = "ssn"                     # nhs, upn, nino and others that carry a check have it applied
trusted = ["register"]             # true, false, or the sources whose unequal numbers are two people

[[compare]]                        # anything else
name = "occupation"
column = "occupation"
kind = "text"                      # exact, text or number; number with within = [1, 5]

[sources]
column = "source"                  # otherwise each file is a source, by its name
one_row_a_person = ["register"]    # sources in which no two rows are one person
```
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

COLUMNS: Final = ("forename", "surname", "other_names", "full_name", "sex", "street", "town", "postcode")
KINDS: Final = ("exact", "text", "number")
_SECTIONS: Final = ("columns", "birth", "identifiers", "compare", "sources")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FORMAT_PARTS = re.compile(r"y+|m+|d+|.", re.DOTALL)
_FORMAT_PART: Final = {"yyyy": "y", "mm": "m", "m": "m", "dd": "d", "d": "d"}
_MARKS: Final = frozenset("-/. ")


class MappingInvalid(Exception):
    """A mapping breaks a rule. Exit code 2. The message names every place, rule and next step, and nobody's value."""


@dataclass(frozen=True)
class Birth:
    """Where the birth date stands: one column with its formats, or columns of year, month and day."""

    column: str | None = None
    formats: tuple[str, ...] = ()
    year: str | None = None
    month: str | None = None
    day: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(name for name in (self.column, self.year, self.month, self.day) if name)


@dataclass(frozen=True)
class Identifier:
    """A column of numbers that stand for people. `trusted_in` are the sources that are believed; None: all of them."""

    column: str
    scheme: str
    trusted_in: frozenset[str] | None = frozenset()

    def is_trusted_in(self, source: str) -> bool:
        """Whether two unequal numbers of records of this source and of another trusted one are two people."""
        return self.trusted_in is None or source in self.trusted_in


@dataclass(frozen=True)
class Comparable:
    """Any other column, and how it is compared: `exact`, `text`, or `number` with the distances that still count."""

    name: str
    column: str
    kind: str
    within: tuple[float, ...] = ()


@dataclass(frozen=True)
class FileMapping:
    """A checked mapping. `columns` holds, by what they are (`COLUMNS`), the names of one column or several."""

    columns: Mapping[str, tuple[str, ...]]
    birth: Birth | None = None
    identifiers: tuple[Identifier, ...] = ()
    comparables: tuple[Comparable, ...] = ()
    source_column: str | None = None
    one_row_a_person: frozenset[str] = field(default_factory=frozenset)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Every column that is read, each once, in order."""
        named = [name for names in self.columns.values() for name in names]
        named += self.birth.columns if self.birth else ()
        named += [identifier.column for identifier in self.identifiers]
        named += [comparable.column for comparable in self.comparables]
        named += [self.source_column] if self.source_column else []
        return tuple(dict.fromkeys(named))


def load_file_mapping(path: Path) -> FileMapping:
    """Return the mapping in a TOML file; raise `MappingInvalid` with everything that is wrong with it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise MappingInvalid(f"{path.name} cannot be read: name a mapping file after --mapping") from None
    except UnicodeDecodeError:
        raise MappingInvalid(f"{path.name} is not UTF-8 text: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise MappingInvalid(f"{path.name} is no TOML: {error}") from None
    return parse_file_mapping(document, path.name)


def parse_file_mapping(document: Mapping[str, Any], name: str = "the mapping") -> FileMapping:
    """Return a parsed document as a checked mapping; raise `MappingInvalid` with every fault, one a line."""
    faults: list[str] = []
    for section in document.keys() - set(_SECTIONS):
        faults.append(f"[{section}] is no section of a mapping: write {', '.join(_SECTIONS)}")
    columns = _columns(_table(document, "columns", faults), faults)
    birth = _birth(_table(document, "birth", faults), faults) if "birth" in document else None
    identifiers = tuple(_identifier(row, where, faults) for where, row in _rows(document, "identifiers", faults))
    comparables = tuple(_comparable(row, where, faults) for where, row in _rows(document, "compare", faults))
    sources = _table(document, "sources", faults)
    _check_keys(sources, ("column", "one_row_a_person"), "[sources]", faults)
    mapping = FileMapping(
        columns=columns,
        birth=birth,
        identifiers=identifiers,
        comparables=comparables,
        source_column=_text(sources, "column", "[sources]", faults) if "column" in sources else None,
        one_row_a_person=frozenset(_texts(sources, "one_row_a_person", "[sources]", faults)),
    )
    faults += _clashes(mapping)
    if faults:
        raise MappingInvalid("\n".join(f"{name}: {fault}" for fault in faults))
    return mapping


def format_pattern(text: str, digit: str = r"\d") -> re.Pattern[str] | None:
    """Return what a date of the format looks like, with groups `y`, `m` and `d`; None where it is no format.

    `digit` is what may stand where a digit is meant: `\\w` also takes letters that were read for digits.
    """
    pattern, seen = "", ""
    for part in _FORMAT_PARTS.findall(text):
        name = _FORMAT_PART.get(part)
        if name is None and part not in _MARKS:
            return None
        seen += name or ""
        least = "1," if part in ("m", "d") else ""
        size = "4" if name == "y" else f"{least}2"
        pattern += f"(?P<{name}>{digit}{{{size}}})" if name else re.escape(part)
    return re.compile(pattern) if sorted(seen) == ["d", "m", "y"] else None


def _columns(table: Mapping[str, Any], faults: list[str]) -> dict[str, tuple[str, ...]]:
    _check_keys(table, COLUMNS, "[columns]", faults)
    found = {}
    for name in COLUMNS:
        if name in table:
            value = table[name]
            texts = [value] if isinstance(value, str) else value
            if not _are_texts(texts) or not texts:
                faults.append(
                    f"[columns] {name} is neither the name of a column nor a list of them: write it in quotes"
                )
                continue
            found[name] = tuple(texts)
    return found


def _birth(table: Mapping[str, Any], faults: list[str]) -> Birth:
    _check_keys(table, ("column", "formats", "year", "month", "day"), "[birth]", faults)
    if ("column" in table) == ("year" in table):
        faults.append("[birth] needs either column with formats, or year: name one of them")
        return Birth()
    if "column" not in table:
        named = {part: _text(table, part, "[birth]", faults) for part in ("year", "month", "day") if part in table}
        if "day" in named and "month" not in named:
            faults.append("[birth] has day but no month: name the column of the month as well")
        return Birth(year=named.get("year"), month=named.get("month"), day=named.get("day"))
    for part in table.keys() & {"month", "day"}:
        faults.append(f"[birth] has column as well as {part}: keep one of the two ways")
    formats = _texts(table, "formats", "[birth]", faults)
    if not formats:
        faults.append('[birth] formats is empty: say how dates are written, as in formats = ["yyyy-mm-dd"]')
    for number, text in enumerate(formats, 1):
        if format_pattern(text) is None:
            faults.append(
                f"[birth] format {number} is none: write yyyy, mm or m, and dd or d, once each, with - / . or a space"
            )
    return Birth(column=_text(table, "column", "[birth]", faults), formats=formats)


def _identifier(row: Mapping[str, Any], where: str, faults: list[str]) -> Identifier:
    _check_keys(row, ("column", "scheme", "trusted"), where, faults)
    trusted = row.get("trusted", False)
    if not isinstance(trusted, bool) and not _are_texts(trusted):
        faults.append(f"{where} trusted is neither true, false nor a list of sources: write one of these")
        trusted = False
    scheme = _text(row, "scheme", where, faults)
    if scheme and not _WORD.fullmatch(scheme):
        faults.append(f"{where} scheme is no word of small letters, digits and _: write one such as ssn or nhs")
    believed = frozenset(trusted) if not isinstance(trusted, bool) else None if trusted else frozenset()
    return Identifier(_text(row, "column", where, faults), scheme, believed)


def _comparable(row: Mapping[str, Any], where: str, faults: list[str]) -> Comparable:
    _check_keys(row, ("name", "column", "kind", "within"), where, faults)
    name, kind = _text(row, "name", where, faults), _text(row, "kind", where, faults)
    if name and not _WORD.fullmatch(name):
        faults.append(f"{where} name is no word of small letters, digits and _: write one such as occupation")
    if kind and kind not in KINDS:
        faults.append(f"{where} kind is none of {', '.join(KINDS)}: write one of them")
    within = row.get("within", [])
    numbers = isinstance(within, list) and all(
        isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in within
    )
    if not numbers or any(number <= 0 for number in within) or list(within) != sorted(set(within)):
        faults.append(f"{where} within is no list of numbers above 0 from least to most: write it so, as in [1, 5]")
        within = []
    if within and kind != "number":
        faults.append(f'{where} has within, which belongs to kind = "number": take it out')
    return Comparable(name, _text(row, "column", where, faults), kind, tuple(float(number) for number in within))


def _clashes(mapping: FileMapping) -> Iterator[str]:
    for what, names in (
        ("scheme", [item.scheme for item in mapping.identifiers]),
        ("name", [item.name for item in mapping.comparables]),
    ):
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            yield f"{what} {name} stands twice: give each its own"
    columns = mapping.columns
    if not ({"forename", "surname", "full_name"} & columns.keys() or mapping.identifiers):
        yield "no column of a name or an identifier is mapped: map forename, surname or full_name under [columns]"


def _table(document: Mapping[str, Any], name: str, faults: list[str]) -> Mapping[str, Any]:
    table = document.get(name, {})
    if isinstance(table, Mapping):
        return table
    faults.append(f"{name} is no table: write it as [{name}]")
    return {}


def _rows(document: Mapping[str, Any], name: str, faults: list[str]) -> list[tuple[str, Mapping[str, Any]]]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        faults.append(f"{name} is no list of tables: write each as [[{name}]]")
        return []
    return [(f"[[{name}]] {number}", row) for number, row in enumerate(rows, 1)]


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str, faults: list[str]) -> None:
    for key in sorted(table.keys() - set(known)):
        faults.append(f"{where} {key} is not known: write {', '.join(known)}")


def _text(table: Mapping[str, Any], key: str, where: str, faults: list[str]) -> str:
    value = table.get(key)
    if isinstance(value, str) and value:
        return value
    faults.append(f"{where} {key} is missing or no text: write it in quotes")
    return ""


def _texts(table: Mapping[str, Any], key: str, where: str, faults: list[str]) -> tuple[str, ...]:
    value = table.get(key, [])
    if _are_texts(value):
        return tuple(value)
    faults.append(f"{where} {key} is no list of texts: write each in quotes, between [ and ]")
    return ()


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) and text for text in value)
