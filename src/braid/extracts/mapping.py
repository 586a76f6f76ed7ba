"""The mapping language: which columns of a table make which records of the common language, in TOML.

```
[table]
part = "case"                     # the name its rows are counted under
person = "person_ref"             # the column with the partner's own key of the person
required = ["case_ref"]           # a row is refused without them; dates = [...] says which must be dates

[[record]]
type = "stay"                     # a record type of the common language
key = ["case_ref", "ta_entry"]    # with the person and the rule's name, what makes the record the same one again
when = [{ column = "ta_entry" }]  # filled; or with values = [...], contains = "...", under_years = 18 and at = "column"
sensitivity = "normal"
[record.values]
start_date = "ta_entry"           # a cell, read by the type of the field
kind = { column = "ta_type", codes = { bnb = "ta_bnb" } }    # default = "..." for a code that is not listed
reason_in = { column = "reason", system = "hclic_reason" }   # written as system:code
confidential = { value = false }  # a literal
```
`each = "column"` with `separator = ";"` makes a record an item; `{ item = true, codes = {…} }` is that item. `group =
"column"` with `group_any = [conditions]` asks whether any row of the group meets one; with `lead = condition` the
record is a relationship to the group's lead person.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from braid.extracts.files import decode, read_bytes
from braid.extracts.model import UnreadableFile
from braid.language.codes import CODE_LISTS
from braid.language.records import LINEAGE, SOURCE_TABLES
from braid.language.schema import Table, Type

MISSING: Final = object()
SHIPPED = Path(__file__).parent / "mappings"
_TABLES = {table.name: table for table in SOURCE_TABLES}
_SET_BY_US = {"person_record_id", "partner_record_id", "other_person_record_id", "check_result"}
_LINEAGE = {column.name for column in LINEAGE}


@dataclass(frozen=True)
class Condition:
    """A test of one row: `column` is filled and, as far as stated, one of `values`, holding `contains`, or young."""

    column: str
    values: frozenset[str] | None = None
    contains: str | None = None
    under_years: int | None = None
    at: str | None = None


@dataclass(frozen=True)
class Value:
    """Where one field of a record comes from. `codes` are keyed in capital letters."""

    column: str | None = None
    literal: Any = MISSING
    codes: Mapping[str, Any] | None = None
    default: Any = None
    system: str | None = None
    known: frozenset[str] = frozenset()
    is_item: bool = False


@dataclass(frozen=True, eq=False)
class RecordRule:
    """One kind of record that a row makes. `needed` are the fields without which it makes none."""

    name: str
    type: str
    key: tuple[str, ...]
    when: tuple[Condition, ...]
    values: Mapping[str, Value]
    types: Mapping[str, Type]
    needed: tuple[str, ...]
    sensitivity: str
    each: str | None
    separator: str
    group: str | None
    group_any: tuple[Condition, ...]
    lead: Condition | None


@dataclass(frozen=True)
class Document:
    """A checked mapping: how rows are counted and keyed, the columns it knows, and the rules in order."""

    part: str
    person: str
    required: tuple[str, ...]
    dates: frozenset[str]
    columns: tuple[str, ...]
    rules: tuple[RecordRule, ...]


def load_mapping(path: Path) -> dict[str, Any]:
    """Return a mapping file parsed and checked; raise `UnreadableFile` naming what is wrong with it."""
    try:
        mapping = tomllib.loads(decode(read_bytes(path))[0])
    except ValueError as error:
        raise UnreadableFile("mapping_invalid", f"the mapping is no TOML: {error}") from None
    document_of(mapping)
    return mapping


def find_shipped_mapping(standard: str) -> Path | None:
    """Return the mapping file that ships for a standard, as for `hclic`; `None` where a place must write its own."""
    path = SHIPPED / f"{standard}.toml"
    return path if path.is_file() else None


def document_of(mapping: Mapping[str, Any]) -> Document:
    """Return a parsed mapping as checked rules; raise `UnreadableFile` naming table, rule and field at fault."""
    table = _section(mapping, "table")
    person = _text(table, "person", "table")
    rules = tuple(_rule(number, entry) for number, entry in enumerate(_list(mapping, "record"), 1))
    if not rules:
        raise _invalid("it has no [[record]]")
    required = tuple(dict.fromkeys((person, *_texts(table, "required"))))
    columns = {person, *required, *_texts(table, "ignored"), *(name for rule in rules for name in _columns(rule))}
    return Document(
        part=str(table.get("part", "row")),
        person=person,
        required=required,
        dates=frozenset(_texts(table, "dates")),
        columns=tuple(sorted(columns)),
        rules=rules,
    )


def _rule(number: int, entry: Any) -> RecordRule:
    where = f"record {number}"
    if not isinstance(entry, Mapping):
        raise _invalid(f"{where} is no table")
    kind = _text(entry, "type", where)
    if kind not in _TABLES:
        raise _invalid(f"{where}: type is none of {', '.join(sorted(_TABLES))}")
    table = _TABLES[kind]
    values = {name: _value(table, name, value, where) for name, value in _section(entry, "values").items()}
    sensitivity = str(entry.get("sensitivity", "normal"))
    if sensitivity not in CODE_LISTS["row_sensitivity"]:
        raise _invalid(f"{where}: sensitivity is none of {', '.join(CODE_LISTS['row_sensitivity'])}")
    needed = tuple(column.name for column in table.columns if column.required and column.name not in _given())
    absent = [name for name in needed if name not in values]
    if absent:
        raise _invalid(f"{where} ({kind}) lacks values for {', '.join(absent)}")
    lead = entry.get("lead")
    if (kind == "relationship") != (lead is not None):
        raise _invalid(f"{where}: a relationship needs lead, and nothing else may have it")
    group = _optional(entry, "group", where)
    group_any = _conditions(entry, "group_any", where)
    if (lead is not None or group_any) and group is None:
        raise _invalid(f"{where}: group_any and lead need group")
    return RecordRule(
        name=str(entry.get("name", f"{kind}-{number}")),
        type=kind,
        key=_texts(entry, "key"),
        when=_conditions(entry, "when", where),
        values=values,
        types={name: table.column(name).type for name in values},
        needed=needed,
        sensitivity=sensitivity,
        each=_optional(entry, "each", where),
        separator=_optional(entry, "separator", where) or ";",
        group=group,
        group_any=group_any,
        lead=_condition(lead, where) if lead is not None else None,
    )


def _given() -> set[str]:
    return _LINEAGE | _SET_BY_US


def _value(table: Table, name: str, entry: Any, where: str) -> Value:
    if name in _given() or name not in table.names:
        raise _invalid(f"{where}: {table.name} has no field {name} to map")
    codes_name = table.column(name).codes
    if isinstance(entry, str):
        value = Value(column=entry)
    elif isinstance(entry, Mapping):
        value = _value_of(entry, where, name)
    else:
        raise _invalid(f"{where}: {name} is neither a column nor a table")
    if codes_name:
        _check_codes(value, codes_name, f"{where}: {name}")
    if table.column(name).type in (Type.DECIMAL, Type.TIMESTAMP) and value.literal is MISSING:
        raise _invalid(f"{where}: {name} cannot be read from a column")
    return value


def _value_of(entry: Mapping[str, Any], where: str, name: str) -> Value:
    if "value" in entry:
        return Value(literal=entry["value"])
    codes = entry.get("codes")
    if codes is not None and not isinstance(codes, Mapping):
        raise _invalid(f"{where}: codes of {name} is no table")
    is_item = entry.get("item") is True
    return Value(
        column=None if is_item else _text(entry, "column", f"{where}: {name}"),
        codes={str(code).upper(): common for code, common in codes.items()} if codes is not None else None,
        default=entry.get("default"),
        system=_optional(entry, "system", where),
        known=frozenset(text.upper() for text in _texts(entry, "known")),
        is_item=is_item,
    )


def _check_codes(value: Value, list_name: str, where: str) -> None:
    """Raise where a literal, a code or a default is not of the common list; a bare column is not allowed there."""
    known = CODE_LISTS[list_name]
    if value.literal is not MISSING:
        stated: list[Any] = [value.literal]
    elif value.codes is None:
        raise _invalid(f"{where} needs codes, each of the list {list_name}")
    else:
        stated = [*value.codes.values(), *([] if value.default is None else [value.default])]
    wrong = [str(code) for code in stated if code not in known]
    if wrong:
        raise _invalid(f"{where}: {', '.join(wrong)} not in the list {list_name}")


def _columns(rule: RecordRule) -> list[str]:
    conditions = [*rule.when, *rule.group_any, *([rule.lead] if rule.lead else [])]
    found = [*rule.key, rule.each, rule.group, *(value.column for value in rule.values.values())]
    found += [name for condition in conditions for name in (condition.column, condition.at)]
    return [name for name in found if name]


def _conditions(entry: Mapping[str, Any], name: str, where: str) -> tuple[Condition, ...]:
    return tuple(_condition(item, where) for item in _list(entry, name))


def _condition(entry: Any, where: str) -> Condition:
    if not isinstance(entry, Mapping):
        raise _invalid(f"{where}: a condition is a table with a column")
    years = entry.get("under_years")
    if years is not None and not (isinstance(years, int) and entry.get("at")):
        raise _invalid(f"{where}: under_years is a number and needs at, a column with a date")
    return Condition(
        column=_text(entry, "column", where),
        values=frozenset(text.upper() for text in _texts(entry, "values")) if "values" in entry else None,
        contains=_optional(entry, "contains", where),
        under_years=years,
        at=_optional(entry, "at", where),
    )


def _section(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = entry.get(name)
    if not isinstance(found, Mapping):
        raise _invalid(f"it has no [{name}] table where one is needed")
    return found


def _list(entry: Mapping[str, Any], name: str) -> list[Any]:
    found = entry.get(name, [])
    if not isinstance(found, list):
        raise _invalid(f"{name} is no list")
    return found


def _texts(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = _list(entry, name)
    if not all(isinstance(text, str) for text in found):
        raise _invalid(f"{name} is no list of texts")
    return tuple(found)


def _text(entry: Mapping[str, Any], name: str, where: str) -> str:
    found = entry.get(name)
    if not isinstance(found, str) or not found:
        raise _invalid(f"{where} lacks {name}")
    return found


def _optional(entry: Mapping[str, Any], name: str, where: str) -> str | None:
    return _text(entry, name, where) if name in entry else None


def _invalid(reason: str) -> UnreadableFile:
    return UnreadableFile("mapping_invalid", f"the mapping will not do: {reason}")
