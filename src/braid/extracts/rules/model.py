"""A rule of a return, the tables it speaks of, and what it found.

A rule is one TOML file: its code as the publisher numbers it, what it asks, and the rows that break it as a condition
in portable SQL. It refuses nothing: a row that could be read stays read, and the rule says what is doubtful about it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SEVERITIES = ("error", "query")
"""What the publisher calls a rule: an error is to be corrected, a query corrected or explained."""
ISSUE_SEVERITY = {"error": "warning", "query": "note"}
"""How an issue of a rule of each severity is called in the table of issues: a row is never refused by a rule."""

Example = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by table, as cells of a file: what the file of a rule shows that breaks it, or keeps to it."""


@dataclass(frozen=True)
class RuleTable:
    """A table that rules speak of: its columns as the return names them, by what their cells hold.

    A date column `D` stands beside `D_text`, the cell as written; a flag `F` beside `F_flag`, true, false or empty.
    `keys` are whole numbers that tell which row holds which.
    """

    name: str
    texts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """Those of the texts that are pupil numbers: the letter that should lead `UPN` stands in `UPN_letter`."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The names of all cells of a row."""
        return (*self.texts, *self.dates, *self.flags)


@dataclass(frozen=True)
class Layout:
    """The tables of a return, how a row reaches those it stands in, and what is reckoned from them once.

    `joins` give, for a short name used in a rule, the table and the columns that must be equal: its own, the
    row's. `derived` are tables by name in portable SQL, made in order before any rule runs; one that bears the
    name of a table replaces it for the rules, whose rows stand in `raw_<name>`. `codes` are lists by name; one of
    some years alone is written `K3@2024-`.
    """

    standard: str
    source: str
    tables: tuple[RuleTable, ...]
    joins: Mapping[str, tuple[str, str, str]]
    derived: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def table(self, name: str) -> RuleTable:
        """Return a table by its name; raises `KeyError` where there is none."""
        return next((each for each in self.tables if each.name == name), None) or self._no_table(name)

    def _no_table(self, name: str) -> RuleTable:
        raise KeyError(f"{self.standard} has no table {name}")


@dataclass(frozen=True)
class Rule:
    """One rule of a return."""

    standard: str
    code: str
    severity: str
    table: str
    """The table whose rows the rule looks at, one after another."""
    fields: tuple[str, ...]
    message: str
    """What is wrong and what to do, without any value."""
    where: str
    """The condition that holds of a row which breaks the rule: SQL, the row being `r`."""
    breaks: Example
    keeps: Example
    since: int = 0
    until: int = 9999

    @property
    def name(self) -> str:
        """The rule as it is named among all rules, as in `cin:8925`."""
        return f"{self.standard}:{self.code}"

    @property
    def issue_severity(self) -> str:
        """The severity of its issues."""
        return ISSUE_SEVERITY[self.severity]

    def is_of(self, year: int) -> bool:
        """Whether the rule is one of the return of a collection year."""
        return self.since <= year <= self.until

    def tables_used(self, layout: Layout) -> set[str]:
        """Return the names of the return's tables that the rule needs, in its condition or by a join."""
        words = set(re.findall(r"\w+", self.where))
        prefixes = set(re.findall(r"\b(\w+)\.", self.where))
        used = {self.table} | {each.name for each in layout.tables if each.name in words}
        used |= {layout.joins[alias][0] for alias in prefixes if alias in layout.joins}
        derived = words & set(layout.derived)
        for name in derived:
            inner = set(re.findall(r"\w+", layout.derived[name]))
            used |= {each.name for each in layout.tables if each.name in inner}
        return used


@dataclass(frozen=True)
class Finding:
    """A row that breaks a rule: the number of the file among those checked, and where in it."""

    rule: Rule
    file: int
    position: str
