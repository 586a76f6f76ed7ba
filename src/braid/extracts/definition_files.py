"""Definitions read from TOML, strictly: a standard of `definitions/`, or the mapping that a data officer writes.

```
standard = "example"              # a mapping leaves out what stands before its first part
title = "What the standard is"
years = [2023, 2035]
year_begins = "04-01"             # the day on which a collection year begins; 1 January unless stated
year_named_by = "end"             # the calendar year that it is named by, start or end; start unless stated
blanks = ["#N/A"]                 # texts that mean an empty cell

[codes.outcome]                   # a named code list
system = "example_outcome"        # a source code is written as system:code
known = ["1", "2"]                # codes without a meaning of ours
words = { Male = "M" }            # words that files write in the place of a code
common = { M = "male" }           # codes and what they are in the common language; both lists may be given
since = { "2" = 2025 }            # the first, and with until the last, collection year of a code
open = true                       # other short codes are taken too: the list is not public
base = "dfe.sex"                  # or: a list of ours, as dfe.sex, nhs.ethnicity

[shape.child]                     # columns, checks and records that several parts have: with = ["child"]
columns = { ChildId = { required = true } }

[[part]]
name = "referral"                 # its rows are counted under this name
with = ["child"]
told_by = ["RefDate"]             # the columns that tell it; the required ones unless stated
dated_by = ["RefDate"]            # whose newest date tells the year of a file; the required dates unless stated
sheet = "List 3"                  # the worksheet it is, in a workbook
rows = "Message/Children/Child"   # in XML or JSON where its rows stand; its columns are then paths below a row
person = "ChildId"                # the column with the partner's own key of the person
person_prefix = "adopter/"        # before the key, where it is of another list than those of the other parts
sensitivity = "special"           # of its records

[part.columns]
ChildId = { required = true, aliases = ["Child Unique ID"] }
RefDate = { type = "date", required = true }
Sex = { type = "code", codes = "sex", letter = true, label = ":", since = 2024 }

[[part.check]]
rule = "8555"                     # the number of the rule at its publisher, where it has one
severity = "warning"              # or reject
message = "what is wrong and what to do"
order = ["RefDate", "EndDate"]    # the second must not lie before the first; or
when = [conditions]               # where all of these hold,
then = [conditions]               # all of those must

[[part.record]]
type = "stay"                     # a record type of the common language
key = ["case_ref", "ta_entry"]    # with the person and the rule's name, what makes the record the same one again
when = [{ column = "ta_entry" }]  # filled; or with values, other_than, contains, empty, under_years and at
[part.record.values]
start_date = "ta_entry"           # a cell, read by the type of the column or else of the field
kind = { column = "ta_type", codes = { bnb = "ta_bnb" } }    # default = "..." for a code that is not listed
reason_in = { column = "reason", as = "source" }             # system:code; common and precision are the others
episode_ref = { join = ["case_ref", "ta_entry"], with = "/" }   # present = true passes over what is empty
start_date = { first = ["a", "b"] }                          # the first that is filled
confidential = { value = false }                             # a literal
stop_event = { column = "status", if = "end" }               # nothing where another column holds nothing
```
A record may be about another person that the row names: `person = "column"` and `person_prefix = "perpetrator/"`. A
relationship is to whom `other = "column"`, with `other_prefix`, names.

`each = "column"` with `separator = ";"` makes a record an item; `{ item = true, codes = … }` is that item. `group =
"column"` with `group_any = [conditions]` asks whether any row of the group meets one; with `lead = condition` the
record is a relationship to the group's lead person. A mapping may write one part as `[table]` and its records as
`[[record]]`; then columns are those that its records name. What a definition may say besides whose rows a connector
walks, stands in `braid.extracts.definition_walks`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from braid.extracts import checks
from braid.extracts.definition import (
    KINDS,
    MAPPING,
    MISSING,
    Cell,
    Check,
    CodeList,
    Column,
    Condition,
    Definition,
    Part,
    PersonColumn,
    RecordRule,
    Template,
    Value,
)
from braid.extracts.definition_walks import column_words, condition_words, doubts_of, part_words, read_template
from braid.extracts.entries import Entry, invalid
from braid.extracts.files import decode, read_bytes
from braid.extracts.model import UnreadableFile
from braid.extracts.recognition_years import YearRule, make_year_rule
from braid.language.codes import CODE_LISTS, ETHNICITY_CROSSWALKS, ETHNICITY_GROUP_ONLY, IDENTIFIER_SCHEMES
from braid.language.records import LINEAGE, SOURCE_TABLES
from braid.language.schema import Table, Type

_TABLES = {table.name: table for table in SOURCE_TABLES}
_SET_BY_US = {"person_record_id", "partner_record_id", "other_person_record_id", "check_result"}
_GIVEN = _SET_BY_US | {column.name for column in LINEAGE}
_KIND_OF_FIELD = {
    Type.DATE: "date",
    Type.BOOLEAN: "flag",
    Type.INTEGER: "number",
    Type.DECIMAL: "decimal",
    Type.TEXT: "text",
}
_FITTING = {
    Type.DATE: {"date"},
    Type.TIMESTAMP: {"moment"},
    Type.BOOLEAN: {"flag"},
    Type.INTEGER: {"number"},
    Type.DECIMAL: {"decimal", "number"},
    Type.TEXT: {"text", "code", "postcode", "identifier", "items"},
}
_OUTPUTS = ("value", "common", "source", "precision")
_UNCOUNTED_SCHEMES = {"uprn": "Unique property reference number", "urn": "Unique reference number of a school"}


def load_definition(path: Path) -> Definition:
    """Return a definition or mapping file, checked; raise `UnreadableFile` naming what is wrong with it."""
    return definition_of(parse(path))


def parse(path: Path) -> dict[str, Any]:
    """Return a TOML file as a document; raise `UnreadableFile` where it is none."""
    try:
        return tomllib.loads(decode(read_bytes(path))[0])
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("mapping_invalid", f"the mapping is no TOML: {error}") from None


@cache
def load_definitions() -> tuple[Definition, ...]:
    """Return every standard that ships as a definition, by name."""
    folder = resources.files("braid.extracts").joinpath("definitions")
    paths = sorted(Path(str(one)) for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(load_definition(path) for path in paths)


def definition_of(document: Mapping[str, Any]) -> Definition:
    """Return a parsed document as a checked definition; raise `UnreadableFile` naming place, rule and next step."""
    whole = Entry(document, "the file")
    years = whole.list("years") or [0, 9999]
    if len(years) != 2 or not all(isinstance(year, int) for year in years) or years[0] > years[1]:
        raise invalid("years is the first and the last collection year, as in [2023, 2035]")
    whole.find_text("source")
    lists = {name: _code_list(name, entry) for name, entry in whole.table("codes").items()}
    default = str(whole.get("sensitivity", "normal"))
    is_walked = whole.flag("walked")
    parts = _parts(whole, lists, default, is_walked)
    definition = Definition(
        standard=whole.find_text("standard") or MAPPING,
        title=whole.find_text("title") or "a mapping",
        first_year=years[0],
        last_year=years[1],
        blanks=frozenset(text.upper() for text in whole.texts("blanks")),
        parts=parts,
        is_by_configuration=whole.flag("by_configuration"),
        year_rule=_year_rule(whole),
        is_walked=is_walked,
        lists=lists,
    )
    whole.finish()
    return definition


def _year_rule(whole: Entry) -> YearRule:
    try:
        return make_year_rule(whole.find_text("year_begins"), whole.find_text("year_named_by"))
    except ValueError as error:
        raise invalid(str(error)) from None


def _parts(whole: Entry, lists: Mapping[str, CodeList], sensitivity: str, is_walked: bool) -> tuple[Part, ...]:
    if whole.has("table"):
        return (_short_part(whole, lists, sensitivity),)
    entries = [Entry(content, f"part {number}") for number, content in enumerate(whole.list("part"), 1)]
    if not entries:
        raise invalid("it has no [table] table and no [[part]] where one is needed")
    shapes = {name: Entry(content, f"shape {name}") for name, content in whole.table("shape").items()}
    parts = tuple(_PartReader(entry, lists, sensitivity, shapes, is_walked=is_walked).read() for entry in entries)
    for shape in shapes.values():
        shape.finish()
    names = [part.name for part in parts]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise invalid(f"part {doubled[0]} stands twice: give each a name of its own")
    return parts


def _short_part(whole: Entry, lists: Mapping[str, CodeList], sensitivity: str) -> Part:
    """Read `[table]` and `[[record]]`: a part whose columns are those that it names."""
    table = whole.entry("table")
    dates, required = set(table.texts("dates")), table.texts("required")
    columns: dict[str, Any] = {name: {} for name in (table.text("person"), *required)}
    columns |= {name: {"type": "ignored"} for name in table.texts("ignored") if name not in columns}
    for name in required:
        columns[name] = {"required": True, **({"type": "date"} if name in dates else {})}
    content = {
        "name": str(table.get("part", "row")),
        "person": table.text("person"),
        "columns": columns,
        "record": whole.list("record"),
        "sensitivity": sensitivity,
        **({"rows": table.text("rows")} if table.has("rows") else {}),
    }
    table.finish()
    return _PartReader(Entry(content, "the table"), lists, sensitivity, may_name_columns=True).read()


def _code_list(name: str, content: Any) -> CodeList:
    entry = Entry(content, f"codes.{name}")
    base = _base_list(entry.find_text("base"), entry.where) if entry.has("base") else CodeList(name)
    common = {str(code): meant for code, meant in entry.table("common").items()}
    codes = {code.upper(): code for code in (*common, *entry.texts("known"))}
    words = _words(entry, {**base.codes, **codes})
    found = CodeList(
        name=name,
        system=entry.find_text("system") or base.system,
        codes={**base.codes, **codes, **words},
        common={**base.common, **{code.upper(): meant for code, meant in common.items()}},
        group_only=base.group_only | frozenset(code.upper() for code in entry.texts("group_only")),
        is_open=entry.flag("open"),
        since=_years(entry, "since", {**base.codes, **codes}),
        until=_years(entry, "until", {**base.codes, **codes}),
    )
    entry.finish()
    if not found.codes and not found.is_open:
        raise invalid(f"{entry.where} has no codes: give known, common, base or open")
    return found


def _words(entry: Entry, codes: Mapping[str, str]) -> dict[str, str]:
    """Return the words that files write in the place of a code, each with its code."""
    found = {str(word).upper(): str(code) for word, code in entry.table("words").items()}
    strange = sorted(code for code in found.values() if code.upper() not in codes)
    if strange:
        raise invalid(f"{entry.where}: words name {strange[0]}, which is no code of the list")
    return {word: codes[code.upper()] for word, code in found.items()}


def _years(entry: Entry, name: str, codes: Mapping[str, str]) -> dict[str, int]:
    years = {str(code).upper(): year for code, year in entry.table(name).items()}
    strange = sorted(code for code, year in years.items() if code not in codes or not isinstance(year, int))
    if strange:
        raise invalid(f"{entry.where}: {name} names {strange[0]}, which is no code of the list with a year")
    return years


def _base_list(name: str | None, where: str) -> CodeList:
    """Return a list of the common language by name: `dfe.sex`, `nhs.ethnicity`."""
    system, _, what = (name or "").partition(".")
    if what == "sex" and system in checks.SEX_CODES:
        common: Mapping[str, str] = checks.SEX_CODES[system]
        return CodeList(str(name), f"{system}_sex", {code: code for code in common}, common)
    if what == "ethnicity" and system in ETHNICITY_CROSSWALKS:
        common = ETHNICITY_CROSSWALKS[system]
        return CodeList(str(name), system, {code: code for code in common}, common, ETHNICITY_GROUP_ONLY[system])
    known = [f"{one}.sex" for one in checks.SEX_CODES] + [f"{one}.ethnicity" for one in ETHNICITY_CROSSWALKS]
    raise invalid(f"{where}: base is none of {', '.join(known)}")


def _shape(name: str, shapes: Mapping[str, Entry], where: str) -> Entry:
    if name not in shapes:
        raise invalid(f"{where}: there is no shape {name}; declare it as [shape.{name}]")
    return shapes[name]


class _PartReader:
    """Reads one part: its columns first, then checks and records, whose uses of a column become cells."""

    def __init__(
        self,
        entry: Entry,
        lists: Mapping[str, CodeList],
        sensitivity: str,
        shapes: Mapping[str, Entry] | None = None,
        may_name_columns: bool = False,
        is_walked: bool = False,
    ) -> None:
        self.entry = entry
        self.shapes = [_shape(name, shapes or {}, entry.where) for name in entry.texts("with")]
        self.lists = lists
        self.sensitivity = str(entry.get("sensitivity", sensitivity))
        self.may_name_columns = may_name_columns
        self.is_walked = is_walked
        self.columns: dict[str, Column] = {}
        self.cells: dict[tuple[str, ...], Cell] = {}
        self.person: str | None = None

    def read(self) -> Part:
        """Return the part; raise `UnreadableFile` naming what is wrong with it."""
        entry = self.entry
        name = entry.text("name")
        entry.where = entry.where if self.may_name_columns else f"part {name}"
        stated = {name: one for shape in self.shapes for name, one in shape.table("columns").items()}
        for column, content in {**stated, **entry.table("columns")}.items():
            self.columns[column] = self._column(column, content)
        self._check_headings()
        self.person = entry.find_text("person")
        if self.person:
            self._need(self.person, entry.where)
        found = [self._check(number, content) for number, content in enumerate(self._all("check"), 1)]
        rules = tuple(self._rule(number, content) for number, content in enumerate(self._all("record"), 1))
        if not rules and not self.is_walked:
            raise invalid(f"{entry.where}: it has no [[record]]")
        told_by = entry.texts("told_by")
        for column in told_by:
            self._need(column, f"{entry.where}: told_by")
        dated_by = entry.texts("dated_by")
        for column in dated_by:
            if self._need(column, f"{entry.where}: dated_by").cell.kind != "date":
                raise invalid(f"{entry.where}: dated_by names {column}, which is no date")
        rows = entry.find_text("rows") or ""
        sheet, prefix = entry.find_text("sheet") or "", entry.find_text("person_prefix") or ""
        words = part_words(entry) if self.is_walked else {}
        for column in words.get("first", ()):
            self._need(column, f"{entry.where}: first")
        entry.finish()
        required = [one.name for one in self.columns.values() if one.is_required or one.name == self.person]
        return Part(
            name, self.person, told_by or tuple(required), self._with_keys(rules), tuple(self.cells.values()),
            tuple(found), rules, sheet, prefix, dated_by or self._required_dates(), rows, **words,
        )  # fmt: skip

    def _with_keys(self, rules: Sequence[RecordRule]) -> Mapping[str, Column]:
        """Return the columns, those marked that tell people or rows apart."""
        people = {one.column for rule in rules for one in (rule.person, rule.other) if one} | {self.person}
        keys = {cell.column for rule in rules for cell in rule.key}
        return {
            name: replace(one, is_key=name in people or (name in keys and one.is_required and not one.cell.codes))
            for name, one in self.columns.items()
        }

    def _required_dates(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns.values() if one.is_required and one.cell.kind == "date")

    def _all(self, name: str) -> list[Any]:
        """Return the checks or records of the shapes that the part has, and then its own."""
        return [one for shape in self.shapes for one in shape.list(name)] + self.entry.list(name)

    def _column(self, name: str, content: Any) -> Column:
        entry = Entry(content, f"{self.entry.where}: column {name}")
        kind = entry.find_text("type") or "text"
        if kind not in KINDS:
            raise invalid(f"{entry.where}: type is none of {', '.join(KINDS)}")
        cell = Cell(
            column=name,
            kind=kind,
            codes=self._list(entry.get("codes"), entry.where) if kind == "code" else None,
            low=entry.number("low", 0),
            high=entry.number("high", 999_999_999),
            scheme=self._scheme(entry) if kind == "identifier" else "",
            order="mdy" if kind == "date" and not self.is_walked and entry.flag("month_first") else "dmy",
        )
        column = Column(
            name=name,
            cell=cell,
            is_required=entry.flag("required"),
            aliases=entry.texts("aliases"),
            since=entry.number("since", 0),
            until=entry.number("until", 9999),
            has_letter=entry.flag("letter"),
            label=entry.find_text("label") or "",
            **(column_words(entry) if self.is_walked else {}),
        )
        entry.finish()
        if kind != "ignored":
            self.cells[cell.identity] = cell
        return column

    def _check_headings(self) -> None:
        seen: dict[str, str] = {}
        for column in self.columns.values():
            for heading in (column.name, *column.aliases):
                other = seen.setdefault(" ".join(heading.upper().split()), column.name)
                if other != column.name and self._overlap(self.columns[other], column):
                    raise invalid(f"{self.entry.where}: {other} and {column.name} may both be headed {heading}")

    def _overlap(self, one: Column, other: Column) -> bool:
        return one.since <= other.until and other.since <= one.until

    def _scheme(self, entry: Entry) -> str:
        scheme = entry.text("scheme")
        if scheme not in IDENTIFIER_SCHEMES and scheme not in _UNCOUNTED_SCHEMES:
            raise invalid(f"{entry.where}: scheme is none of {', '.join((*IDENTIFIER_SCHEMES, *_UNCOUNTED_SCHEMES))}")
        return scheme

    def _list(self, content: Any, where: str) -> CodeList:
        """Return the list that `codes` names or holds: a name, or a table of codes and what they are to us."""
        if isinstance(content, str):
            if content not in self.lists:
                raise invalid(f"{where}: there is no code list {content}; declare it as [codes.{content}]")
            return self.lists[content]
        if not isinstance(content, Mapping):
            raise invalid(f"{where}: codes of it is no table and no name of a list")
        common = {str(code).upper(): meant for code, meant in content.items()}
        return CodeList(f"={json.dumps(common, sort_keys=True)}", None, {code: code for code in common}, common)

    def _need(self, column: str, where: str) -> Column:
        if column not in self.columns:
            if not self.may_name_columns:
                raise invalid(f"{where}: there is no column {column}; declare it under columns")
            self.columns[column] = Column(column, Cell(column))
        return self.columns[column]

    def _cell(self, cell: Cell) -> Cell:
        return self.cells.setdefault(cell.identity, cell)

    def _plain(self, column: str, where: str) -> Cell:
        """Return the cell of a column as it is declared."""
        declared = self._need(column, where).cell
        return self._cell(Cell(column) if declared.kind == "ignored" else declared)

    def _key(self, column: str, where: str) -> Cell:
        cell = self._plain(column, where)
        if cell.kind == "moment":
            raise invalid(f"{where}: {column} is a moment, which is written in several ways and no part of a key")
        return cell

    def _check(self, number: int, content: Any) -> Check:
        entry = Entry(content, f"{self.entry.where}: check {number}")
        severity = str(entry.get("severity", "warning"))
        severities = ("warning", "reject", "note") if self.is_walked else ("warning", "reject")
        if severity not in severities:
            raise invalid(f"{entry.where}: severity is none of {', '.join(severities)}")
        order = entry.texts("order")
        when, then = self._conditions(entry, "when"), self._conditions(entry, "then")
        is_note = severity == "note" and bool(when)
        if not is_note and (bool(order) == bool(then) or len(order) not in (0, 2)):
            raise invalid(f"{entry.where}: give order, two columns with dates, or then, conditions")
        cells = [self._plain(column, entry.where) for column in order]
        if any(cell.kind != "date" for cell in cells):
            raise invalid(f"{entry.where}: order is of columns with dates")
        is_plain_order = self.is_walked and bool(order)
        found = Check(
            rule=checks.DATES_OUT_OF_ORDER if is_plain_order and not entry.has("rule") else entry.text("rule"),
            severity=severity,
            message="" if is_plain_order and not entry.has("message") else entry.text("message"),
            column=order[1] if order else (then or when)[0].column,
            earlier=cells[0] if cells else None,
            later=cells[1] if cells else None,
            when=when,
            then=then,
        )
        entry.finish()
        return found

    def _rule(self, number: int, content: Any) -> RecordRule:
        entry = Entry(content, f"record {number}" if self.may_name_columns else f"{self.entry.where}: record {number}")
        kind = entry.text("type")
        if kind not in _TABLES:
            raise invalid(f"{entry.where}: type is none of {', '.join(sorted(_TABLES))}")
        table = _TABLES[kind]
        has_person = "person_record_id" in table.names or kind == "person_record"
        person, other = self._person(entry, "person"), self._person(entry, "other")
        about = self._template(entry, "about") if self.is_walked and entry.has("about") else None
        if has_person and self.person is None and person is None:
            raise invalid(f"{entry.where}: a {kind} is about a person, and the part names no column as person")
        each = entry.find_text("each")
        items = Cell(each, "items", separator=entry.find_text("separator") or ";") if each else None
        if items:
            self._need(items.column, entry.where)
        values, items = self._values(table, entry, items)
        rule = RecordRule(
            name=str(entry.get("name", f"{kind}-{number}")),
            type=kind,
            key=tuple(self._key(column, entry.where) for column in entry.texts("key")),
            when=self._conditions(entry, "when"),
            values=values,
            types={name: table.column(name).type for name in values},
            needed=(*_needed(table), *(entry.texts("needs") if self.is_walked else ())),
            sensitivity=str(entry.get("sensitivity", self.sensitivity)),
            items=self._cell(items) if items else None,
            group=entry.find_text("group"),
            group_any=self._conditions(entry, "group_any"),
            lead=self._condition(entry.get("lead"), entry.where) if entry.has("lead") else None,
            is_keyed_by_value=kind == "identifier" and not entry.has("key"),
            has_person=has_person,
            person=person,
            other=other,
            identity=tuple(self._write(text, entry.where) for text in entry.texts("id")) if self.is_walked else (),
            about=about,
            doubts=doubts_of(entry, kind) if self.is_walked else "row",
        )
        entry.finish()
        self._check_rule(rule, entry.where)
        return rule

    def _template(self, entry: Entry, name: str) -> Template:
        return self._write(entry.text(name), entry.where)

    def _write(self, text: str, where: str) -> Template:
        return read_template(text, lambda column: self._plain(column, where))

    def _person(self, entry: Entry, name: str) -> PersonColumn | None:
        """Return the column of a record that names a person, with what stands before the key."""
        column, prefix = entry.find_text(name), entry.find_text(f"{name}_prefix")
        if column is None:
            if prefix is not None:
                raise invalid(f"{entry.where}: {name}_prefix stands before {name}, and there is none")
            return None
        self._need(column, entry.where)
        return PersonColumn(column, prefix or "")

    def _check_rule(self, rule: RecordRule, where: str) -> None:
        if rule.sensitivity not in CODE_LISTS["row_sensitivity"]:
            raise invalid(f"{where}: sensitivity is none of {', '.join(CODE_LISTS['row_sensitivity'])}")
        absent = [name for name in rule.needed if name not in rule.values]
        if absent:
            raise invalid(f"{where} ({rule.type}) lacks values for {', '.join(absent)}")
        if (rule.type == "relationship") != (rule.lead is not None or rule.other is not None):
            raise invalid(f"{where}: a relationship needs lead or other, and nothing else may have them")
        if rule.lead is not None and rule.other is not None:
            raise invalid(f"{where}: lead and other both say whom the relationship is to: give one")
        if rule.person is not None and not rule.has_person:
            raise invalid(f"{where}: a {rule.type} is about no person")
        if (rule.lead is not None or rule.group_any) and rule.group is None:
            raise invalid(f"{where}: group_any and lead need group")
        if rule.group:
            self._need(rule.group, where)

    def _values(self, table: Table, entry: Entry, items: Cell | None) -> tuple[dict[str, Value], Cell | None]:
        if not entry.has("values"):
            raise invalid("it has no [values] table where one is needed")
        values = {}
        stated = entry.table("values")
        for name, content in stated.items():
            where = f"{entry.where}: {name}"
            if name in _GIVEN or name not in table.names:
                raise invalid(f"{entry.where}: {table.name} has no field {name} to map")
            if isinstance(content, Mapping) and content.get("item") is True:
                if items is None:
                    raise invalid(f"{where} is an item and the record has no each")
                value, items = self._item(table, name, content, items, where)
            else:
                value = self._value(table, name, content, where, stated)
            values[name] = value
        return values, items

    def _item(self, table: Table, name: str, content: Any, items: Cell, where: str) -> tuple[Value, Cell]:
        entry = Entry(content, where)
        entry.flag("item")
        if entry.has("codes"):
            items = replace(items, codes=self._list(entry.get("codes"), where))
        output = self._output(entry, table, name, items)
        value = Value(cell=items, output=output, default=entry.get("default"), is_item=True)
        if self.is_walked:
            value = replace(value, without=frozenset(entry.texts("without")))
        entry.finish()
        self._check_codes(value, table, name, where)
        return value, items

    def _value(self, table: Table, name: str, content: Any, where: str, stated: Mapping[str, Any]) -> Value:
        if isinstance(content, str):
            content = {"column": content}
        if not isinstance(content, Mapping):
            raise invalid(f"{where} is neither a column nor a table")
        entry = Entry(content, where)
        value = self._read_value(entry, table, name, stated)
        if entry.has("if"):
            value = replace(value, given=self._plain(entry.text("if"), entry.where))
        if self.is_walked:
            value = replace(value, otherwise=entry.get("else"), without=frozenset(entry.texts("without")))
        entry.finish()
        self._check_codes(value, table, name, where)
        return value

    def _read_value(self, entry: Entry, table: Table, name: str, stated: Mapping[str, Any]) -> Value:
        if entry.has("value"):
            return Value(literal=entry.get("value"))
        if entry.has("join"):
            cells = tuple(Value(cell=self._joined(one, entry.where)) for one in entry.texts("join"))
            return Value(parts=cells, joined_with=str(entry.get("with", "/")), joins_present=entry.flag("present"))
        if entry.has("first"):
            return Value(parts=tuple(self._one_of(one, entry, table, name, stated) for one in entry.list("first")))
        if self.is_walked and entry.has("text"):
            return Value(template=self._template(entry, "text"))
        if self.is_walked and entry.has("all"):
            cell = self._plain(entry.text("all"), entry.where)
            return Value(cell=cell, output="source", all_with=entry.text("with"))
        return self._use(entry.text("column"), entry, table, name, stated)

    def _one_of(self, content: Any, entry: Entry, table: Table, name: str, stated: Mapping[str, Any]) -> Value:
        if self.is_walked and isinstance(content, Mapping):
            return self._value(table, name, content, entry.where, stated)
        if not isinstance(content, str):
            raise invalid(f"{entry.where}: first is no list of texts")
        return self._use(content, entry, table, name, stated)

    def _use(self, column: str, entry: Entry, table: Table, name: str, stated: Mapping[str, Any]) -> Value:
        """Return a cell of a column as a field uses it: as stated here, as declared, or by the type of the field."""
        declared = self._need(column, entry.where).cell
        kind = table.column(name).type
        if entry.has("codes") or entry.has("system"):
            cell = Cell(column, "code", self._stated_list(entry))
        elif declared.kind not in ("text", "ignored"):
            cell = declared
        elif name == "value" and table.name == "identifier":
            cell = Cell(column, "identifier", scheme=self._stated_scheme(stated, entry.where))
        elif kind not in _KIND_OF_FIELD:
            raise invalid(f"{entry.where} cannot be read from a column")
        else:
            cell = Cell(column, "postcode" if name == "postcode" else _KIND_OF_FIELD[kind])
        if cell.kind not in _FITTING.get(kind, ()):
            raise invalid(f"{entry.where}: a column of type {cell.kind} does not fit the field")
        return Value(cell=self._cell(cell), output=self._output(entry, table, name, cell), default=entry.get("default"))

    def _joined(self, column: str, where: str) -> Cell:
        cell = self._plain(column, where)
        if cell.kind in ("flag", "decimal", "moment"):
            raise invalid(f"{where}: {column} is a {cell.kind}, which is not joined to others")
        return cell

    def _stated_list(self, entry: Entry) -> CodeList:
        if entry.has("codes"):
            return self._list(entry.get("codes"), entry.where)
        system, known = entry.text("system"), entry.texts("known")
        codes = {code.upper(): code for code in known}
        return CodeList(f"{system}:{','.join(known)}", system, codes, is_open=True, is_as_written=True)

    def _stated_scheme(self, stated: Mapping[str, Any], where: str) -> str:
        scheme = stated.get("scheme")
        if not isinstance(scheme, Mapping) or scheme.get("value") not in IDENTIFIER_SCHEMES:
            raise invalid(f"{where}: scheme is a literal, none other than {', '.join(IDENTIFIER_SCHEMES)}")
        return str(scheme["value"])

    def _output(self, entry: Entry, table: Table, name: str, cell: Cell) -> str:
        """Return what of a cell the field takes; for a code the common one where the field has a list of ours."""
        stated = entry.find_text("as")
        if stated is not None:
            if stated not in _OUTPUTS:
                raise invalid(f"{entry.where}: as is none of {', '.join(_OUTPUTS)}")
            return stated
        if cell.codes is None:
            return "value"
        if table.column(name).codes or cell.codes.system is None:
            return "common"
        return "source"

    def _check_codes(self, value: Value, table: Table, name: str, where: str) -> None:
        """Raise where a literal, a code or a default is not of the common list; a bare column is not allowed there."""
        list_name = table.column(name).codes
        if not list_name or value.output == "precision":
            return
        known = CODE_LISTS[list_name]
        wrong = [str(code) for code in _stated_codes(value, list_name, where) if code not in known]
        if wrong:
            raise invalid(f"{where}: {', '.join(wrong)} not in the list {list_name}")

    def _conditions(self, entry: Entry, name: str) -> tuple[Condition, ...]:
        return tuple(self._condition(content, entry.where) for content in entry.list(name))

    def _condition(self, content: Any, where: str) -> Condition:
        if not isinstance(content, Mapping):
            raise invalid(f"{where}: a condition is a table with a column")
        entry = Entry(content, where)
        years = entry.get("under_years")
        if years is not None and not (isinstance(years, int) and entry.get("at")):
            raise invalid(f"{where}: under_years is a number and needs at, a column with a date")
        column, at = entry.text("column"), entry.find_text("at")
        if years is not None and "mdy" in (self._need(one, where).cell.order for one in (column, at or column)):
            raise invalid(f"{where}: under_years reads days first, and a column of it is month_first")
        self._need(column, where)
        if at:
            self._need(at, where)
        listed = "values" if entry.has("values") else "other_than" if entry.has("other_than") else None
        condition = Condition(
            column=column,
            values=frozenset(text.upper() for text in entry.texts(listed)) if listed else None,
            contains=entry.find_text("contains"),
            under_years=years,
            at=at,
            is_empty=entry.flag("empty"),
            is_other=listed == "other_than",
        )
        if self.is_walked:
            condition = replace(condition, **condition_words(entry, self.lists))
        entry.finish()
        return condition


def _needed(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.required and column.name not in _GIVEN)


def _stated_codes(value: Value, list_name: str, where: str) -> Iterable[Any]:
    if value.literal is not MISSING:
        return [value.literal, *([] if value.otherwise is None else [value.otherwise])]
    if value.parts and value.joined_with is None:
        return [code for part in value.parts for code in _stated_codes(part, list_name, where)]
    if value.cell is None or value.cell.codes is None or value.output != "common":
        raise invalid(f"{where} needs codes, each of the list {list_name}")
    return [*value.cell.codes.common.values(), *([] if value.default is None else [value.default])]
