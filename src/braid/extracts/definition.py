"""What a standard is: parts, columns, code lists, checks and the records that a row makes. The nouns of a definition.

`braid.extracts.definition_files` reads them from TOML; two readers do what they say. A definition is resolved for one
collection year (`resolve`) before anything is read with it: then no column and no code is of another year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from braid.extracts import checks
from braid.extracts.csv_files import normalise_heading
from braid.extracts.recognition_years import CALENDAR_YEAR, YearRule
from braid.language.identifiers import NONE, check
from braid.language.schema import Type

MISSING: Final = object()
MAPPING = "mapping"
"""The name of a definition that is a data officer's mapping, unless it says another."""
UNIT = "\x1f"
"""Stands between the parts of a key, as in `braid.language.records.record_id`."""
KINDS = ("text", "date", "moment", "number", "decimal", "flag", "code", "postcode", "identifier", "ignored")
"""What a cell can hold; `ignored` is a column that the standard has and that nothing is made of."""
_RULES = {
    "date": checks.DATE_INVALID,
    "moment": checks.MOMENT_INVALID,
    "number": checks.NUMBER_INVALID,
    "decimal": checks.NUMBER_INVALID,
    "flag": checks.FLAG_INVALID,
    "code": checks.CODE_UNKNOWN,
    "items": checks.CODE_UNKNOWN,
    "postcode": checks.POSTCODE_INVALID,
}
_LETTER = re.compile(r"^[A-Za-z]{1,2}\) ?")


@dataclass(frozen=True, eq=False)
class CodeList:
    """The codes a column may hold. `codes` are keyed in capital letters; `common` says what each is to us.

    `is_open` takes any other short code too, for lists that are not public; `since` and `until` are the first and last
    collection year of a code, keyed in capital letters like the rest.
    """

    name: str
    system: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    common: Mapping[str, Any] = field(default_factory=dict)
    group_only: frozenset[str] = frozenset()
    is_open: bool = False
    is_as_written: bool = False
    """Known codes keep the capital and small letters of the file, as mappings have always written them."""
    since: Mapping[str, int] = field(default_factory=dict)
    until: Mapping[str, int] = field(default_factory=dict)

    def resolve(self, year: int) -> CodeList:
        """Return the list as it is in a collection year."""
        kept = {code: written for code, written in self.codes.items() if self._is_of(code, year)}
        common = {code: meant for code, meant in self.common.items() if code in kept}
        return replace(self, codes=kept, common=common)

    def _is_of(self, code: str, year: int) -> bool:
        return self.since.get(code, 0) <= year <= self.until.get(code, 9999)

    def find(self, text: str) -> str | None:
        """Return the code that a cell holds, as the list writes it; `None` where it has no such code."""
        found = self.codes.get(text.upper())
        if found is None:
            return text if self.is_open and checks.has_code_form(text) else None
        return text if self.is_as_written else found

    def find_common(self, code: str) -> Any:
        """Return what a code of this list is in the common language, if the list says so."""
        return self.common.get(code.upper())

    def written(self, code: str) -> str:
        """Return a code as `system:code`."""
        return f"{self.system}:{code}" if self.system else code

    def precision(self, code: str) -> str:
        """Return whether the common code is exact or only right to its group."""
        return "group" if code.upper() in self.group_only else "exact"


@dataclass(frozen=True, eq=False)
class Cell:
    """One way to read a column. Two uses of a column that read it alike share one cell."""

    column: str
    kind: str = "text"
    codes: CodeList | None = None
    low: int = 0
    high: int = 999_999_999
    scheme: str = ""
    order: str = "dmy"
    separator: str = ";"

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """What tells this cell from every other of its part."""
        return (self.column, self.kind, self.codes.name if self.codes else "", self.scheme, self.separator)

    @cached_property
    def rule(self) -> str:
        """The one rule that this cell can break; empty where it can break none."""
        if self.kind == "identifier":
            return f"{self.scheme}_check" if check(self.scheme, "") != NONE else ""
        return _RULES.get(self.kind, "")

    def read(self, text: str | None) -> tuple[Any, bool]:
        """Return what a cell holds, and whether it breaks the rule of its kind. An empty cell is `None` and no breach.

        Dates come as `datetime.date`, moments as `datetime.datetime` in UTC, codes as the list writes them, items as a
        tuple of (item, code or None).
        """
        if not text:
            return None, False
        if self.kind == "items":
            items = tuple((item, self._find_item(item)) for item in _split(text, self.separator))
            return items, self.codes is not None and any(code is None for _, code in items)
        value, rule = self._read(text)
        return value, rule is not None

    def _find_item(self, item: str) -> str | None:
        return item if self.codes is None else self.codes.find(item)

    def _read(self, text: str) -> tuple[Any, str | None]:
        match self.kind:
            case "date":
                return checks.check_date(text, self.order)
            case "moment":
                return checks.check_moment(text)
            case "number":
                return checks.check_number(text, self.low, self.high)
            case "decimal":
                return checks.check_decimal(text)
            case "flag":
                return checks.check_flag(text)
            case "postcode":
                return checks.check_postcode(text)
            case "identifier":
                value, _, rule = checks.check_identifier(self.scheme, text)
                return value, rule
            case "code" if self.codes is not None:
                code = self.codes.find(text)
                return code, None if code is not None else checks.CODE_UNKNOWN
        return text, None

    def check_result(self, is_broken: bool) -> str:
        """Return the check result of an identifier: pass, fail, or none for a scheme without a check."""
        return "fail" if is_broken else "pass" if self.rule else NONE


def _split(text: str, separator: str) -> list[str]:
    return list(dict.fromkeys(item.strip() for item in text.split(separator) if item.strip()))


@dataclass(frozen=True, eq=False)
class Column:
    """A column that a part has: how its heading may be written, in which years it exists, and what it holds.

    `has_letter` drops a letter and a bracket before the code ("a) Female"); `label` stands between a code and its
    label ("N1 - Abuse or neglect"), which is dropped. In a definition that is walked, `unknown` marks a date that is
    lawfully none ("zz" for a part), `or_flag` a date for which some systems write yes or no, `alone` the item that
    stands beside no other, and `is_given` a column that stands in no file: whoever walks it says it. `is_unread` is one
    that only the rules of the return ask about, and one with a `table` may stand several times in a row.
    """

    name: str
    cell: Cell
    is_required: bool = False
    aliases: tuple[str, ...] = ()
    since: int = 0
    until: int = 9999
    has_letter: bool = False
    label: str = ""
    unknown: str = ""
    or_flag: bool = False
    alone: str = ""
    is_given: bool = False
    is_unread: bool = False
    table: str = ""
    is_key: bool = False
    """It tells people apart, or rows that mean nothing without it: there, NULL and its like are nothing."""

    def is_of(self, year: int) -> bool:
        """Whether the standard has the column in a collection year."""
        return self.since <= year <= self.until

    def clean(self, text: str) -> str:
        """Return the text of a cell without letter and label."""
        if self.has_letter:
            text = _LETTER.sub("", text) or text
        if self.label and self.label in text:
            text = text.split(self.label, 1)[0].strip()
        return text


@dataclass(frozen=True)
class Condition:
    """A test of one row: `column` is filled and, as far as stated, one of `values`, holding `contains`, or young.

    With `is_empty` it is not filled; with `is_other` it is filled with none of `values`. In a definition that is walked
    `is_yes` asks whether a flag says yes, and `is_read` whether the column holds something that could be read.
    """

    column: str
    values: frozenset[str] | None = None
    contains: str | None = None
    under_years: int | None = None
    at: str | None = None
    is_empty: bool = False
    is_other: bool = False
    is_yes: bool | None = None
    is_read: bool | None = None

    def fits(self, text: str) -> bool:
        """Whether the text of the column alone meets the condition; an age is another matter."""
        if self.is_empty or not text:
            return self.is_empty and not text
        if self.contains is not None:
            return self.contains.upper() in text.upper()
        if self.values is not None:
            return (text.upper() in self.values) is not self.is_other
        return True


YEAR: Final = "{year}"
ITEM: Final = "{item}"
"""What a template calls the collection year, and the present item of a column that holds several."""


@dataclass(frozen=True, eq=False)
class Template:
    """A text with cells in it, as `{CHILD}/cla/{DECOM}`; nothing where one of them holds nothing.

    Each piece is a text, `YEAR`, `ITEM`, or cells of which the first that holds something is written.
    """

    pieces: tuple[str | tuple[Cell, ...], ...]


@dataclass(frozen=True, eq=False)
class Value:
    """Where one field of a record comes from: a literal, a cell, the present item, several joined or the first filled.

    `output` is what of a cell is meant: `value`, the `common` code, the `source` as system:code, the `precision`.
    """

    literal: Any = MISSING
    cell: Cell | None = None
    output: str = "value"
    default: Any = None
    is_item: bool = False
    parts: tuple[Value, ...] = ()
    joined_with: str | None = None
    joins_present: bool = False
    """Parts that are empty are passed over; without it they make the whole empty."""
    given: Cell | None = None
    """Nothing where this cell holds nothing."""
    otherwise: Any = None
    """What stands instead where `given` holds nothing."""
    template: Template | None = None
    without: frozenset[str] = frozenset()
    """Common codes that make nothing of the field."""
    all_with: str | None = None
    """What stands between all items of the cell that its list knows."""


@dataclass(frozen=True)
class PersonColumn:
    """A column with the partner's own key of a person, and what stands before the key where it is of another list."""

    column: str
    prefix: str = ""

    def key(self, texts: Mapping[str, str]) -> str:
        """Return the partner's key of the person that a row names; empty where it names none."""
        text = texts.get(self.column, "")
        return self.prefix + text if text else ""


@dataclass(frozen=True, eq=False)
class RecordRule:
    """One kind of record that a row makes. `needed` are the fields without which it makes none."""

    name: str
    type: str
    key: tuple[Cell, ...]
    when: tuple[Condition, ...]
    values: Mapping[str, Value]
    types: Mapping[str, Type]
    needed: tuple[str, ...]
    sensitivity: str
    items: Cell | None
    group: str | None
    group_any: tuple[Condition, ...]
    lead: Condition | None
    is_keyed_by_value: bool = False
    """An identifier without a stated key: its person, scheme and value tell it, whatever part it stands in."""
    has_person: bool = True
    person: PersonColumn | None = None
    """Whom it is about, where a row names more people than the part's own; a row that names none makes no record."""
    other: PersonColumn | None = None
    """Whom a relationship is to, where the row itself names them."""
    identity: tuple[Template, ...] = ()
    """What makes the record the same one again, where it is stated in full."""
    about: Template | None = None
    """The key of the person whom it is about, where that is made of several cells."""
    doubts: str = "row"
    """Whether its quality holds what was doubted of its row, or of its own cell alone (`own`)."""


@dataclass(frozen=True)
class Check:
    """A rule over one row: `later` must not lie before `earlier`, or where all of `when` hold, all of `then` must.

    `severity` is reject or warning; a later date out of order is left out of the records.
    """

    rule: str
    severity: str
    message: str
    column: str
    earlier: Cell | None = None
    later: Cell | None = None
    when: tuple[Condition, ...] = ()
    then: tuple[Condition, ...] = ()


@dataclass(frozen=True, eq=False)
class Part:
    """One kind of table of a standard, counted under its name. `told_by` are the columns that tell it.

    `person` is the column of the partner's own key; a part about no person has none. `cells` are read in this order.
    """

    name: str
    person: str | None
    told_by: tuple[str, ...]
    columns: Mapping[str, Column]
    cells: tuple[Cell, ...]
    checks: tuple[Check, ...]
    rules: tuple[RecordRule, ...]
    sheet: str = ""
    person_prefix: str = ""
    dated_by: tuple[str, ...] = ()
    """The columns whose newest date tells the collection year of a file; the required dates unless stated."""
    rows: str = ""
    """Where its rows stand in a JSON or XML document, by names from the top down."""
    groups: tuple[str, ...] = ()
    """Elements right below a row whose own are counted as the row's."""
    holders: tuple[str, ...] = ()
    """Elements that only hold others."""
    first: tuple[str, ...] = ()
    """The columns that are read before any record is made, in this order."""
    table: str = ""
    """What the rules of its return call it; its name unless stated."""
    file_names: tuple[str, ...] = ()
    """What a file that holds this part alone may be called."""

    def person_of(self, texts: Mapping[str, str]) -> str:
        """Return the partner's key of the person of a row; empty where the part is about none."""
        return self.person_prefix + texts[self.person] if self.person else ""

    @cached_property
    def required(self) -> tuple[Column, ...]:
        """The columns without which a row is refused, the person's first."""
        first = [self.columns[self.person]] if self.person else []
        return (*first, *(one for one in self.columns.values() if one.is_required and one.name != self.person))

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Every heading that is read, and the column it is."""
        return {heading: one.name for one in self.columns.values() for heading in (one.name, *one.aliases)}

    @cached_property
    def told_by_names(self) -> Mapping[str, frozenset[str]]:
        """Each column that tells the part, and the headings that stand for it, as `normalise_heading` writes them."""
        return {
            told: frozenset(normalise_heading(heading) for heading, name in self.spellings.items() if name == told)
            | {normalise_heading(told)}
            for told in self.told_by
        }

    @cached_property
    def has_twin_rules(self) -> bool:
        """Whether two of its rules may make the same record of one row; the first of them then keeps it."""
        names = [(rule.type, "" if rule.type in ("person_record", "identifier") else rule.name) for rule in self.rules]
        return len(names) > len(set(names))

    @property
    def has_groups(self) -> bool:
        """Whether a row says something only together with others of its group."""
        return any(rule.group for rule in self.rules)


@dataclass(frozen=True, eq=False)
class Definition:
    """A standard over its collection years. `blanks` are texts, in capital letters, that mean an empty cell."""

    standard: str
    title: str
    first_year: int
    last_year: int
    blanks: frozenset[str]
    parts: tuple[Part, ...]
    year: int | None = None
    """The collection year it is resolved for."""
    is_by_configuration: bool = False
    """The national names are not public: a place matches the columns to those of its own system."""
    year_rule: YearRule = CALENDAR_YEAR
    """When a collection year begins, and what names it."""
    is_walked: bool = False
    """Its rows say something only together: a connector walks them and makes of each what stands here."""
    lists: Mapping[str, CodeList] = field(default_factory=dict)
    """The code lists by name, of all years."""

    def part(self, name: str) -> Part:
        """Return a part by its name. Raises `KeyError` where there is none."""
        return {one.name: one for one in self.parts}[name]

    @property
    def is_of_documents(self) -> bool:
        """Whether it is read from JSON or XML documents rather than from tables."""
        return any(part.rows for part in self.parts)

    @property
    def waits(self) -> tuple[str, ...]:
        """The kinds of wait that it starts."""
        kinds = [_kinds(rule.values["kind"]) for part in self.parts for rule in part.rules if rule.type == "wait"]
        return tuple(sorted({kind for found in kinds for kind in found}))

    def leaves_alone(self, column: Column | None) -> bool:
        """Whether the cells of a column are taken as they stand, but for a key that says that it is none."""
        return not self.blanks and not (column and (column.has_letter or column.label))

    def clean(self, column: Column | None, text: str) -> str:
        """Return the text of a cell of a column without what stands for nothing."""
        cleaned = column.clean(text) if column else text
        if column and column.is_key and checks.is_no_key(cleaned):
            return ""
        return "" if cleaned.upper() in self.blanks else cleaned


def _kinds(value: Value) -> list[str]:
    if value.literal is not MISSING:
        return [str(value.literal)]
    codes = value.cell.codes if value.cell else None
    return [str(kind) for kind in codes.common.values()] if codes else []
