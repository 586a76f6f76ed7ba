"""Write `docs/reference/schema.md` and `clocks.md` from the registry and the clock rules; the tests diff both."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

from braid.language.clock_rules import CLOCK_RULES, NO_LIMIT_REASONS, ClockRule, Limit  # noqa: E402
from braid.language.codes import BACKLOGS, CODE_LISTS, WAIT_KINDS  # noqa: E402
from braid.language.findings import FINDING_TABLES, REFERENCE_TABLES  # noqa: E402
from braid.language.records import ISSUE, LINEAGE, REJECT, SOURCE_TABLES  # noqa: E402
from braid.language.schema import Column, Sensitivity, Table  # noqa: E402

HEAD = "<!-- Written by tools/schema_reference.py from the registry; do not edit. -->\n"


def schema_page() -> str:
    """Return the schema reference: every table and column, every code list."""
    parts = [HEAD, "# Schema reference\n"]
    parts.append("Sensitivity classes: " + "; ".join(f"**{c.value}** {c.name.lower()}" for c in Sensitivity) + ".\n")
    parts.append("## Columns that every source record carries\n")
    parts.append(_columns(LINEAGE))
    for title, tables in (
        ("Source records", SOURCE_TABLES),
        ("What reading found", (ISSUE, REJECT)),
        ("Reference data of the place", REFERENCE_TABLES),
        ("Findings", FINDING_TABLES),
    ):
        parts.append(f"## {title}\n")
        parts.extend(_table(table) for table in tables)
    parts.append("## Code lists\n")
    parts.extend(_code_list(name) for name in sorted(CODE_LISTS))
    return "\n".join(parts)


def clocks_page() -> str:
    """Return the reference of clock rules: every kind of wait, its limit, convention, law and version."""
    rows = [
        f"| `{kind.code}` | {kind.name} | {BACKLOGS[kind.backlog].name} | {_limits(kind.code)} |"
        for kind in WAIT_KINDS.values()
    ]
    head = "| kind | name | backlog | limit, how it counts, law |\n|---|---|---|---|"
    intro = (
        "A wait is reckoned by the version that held on the day it started. Without a limit in law, none is shown.\n"
    )
    return "\n".join([HEAD, "# Clocks\n", intro, head, *rows, "", *_worked_examples(), ""])


def _worked_examples() -> list[str]:
    """The worked cases that the tests hold the clocks to; `tests/spec/clocks.csv` is where to add one."""
    path = REPOSITORY / "tests" / "spec" / "clocks.csv"
    names = ("kind", "start", "as_of", "stop", "extended_to", "due", "other", "clock", "why")
    lines = ["## Worked examples\n", "| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        lines.append("| " + " | ".join(row[name] for name in names) + " |")
    return lines


def _limits(kind: str) -> str:
    rules = [rule for rule in CLOCK_RULES if rule.kind == kind]
    if not rules:
        return f"no limit. {NO_LIMIT_REASONS.get(kind, '')}".strip()
    return "<br>".join(_rule(rule) for rule in rules)


def _rule(rule: ClockRule) -> str:
    force = "" if rule.binding else " (a standard, not a duty)"
    other = f" Also in use: {_limit(rule.other)}, by {rule.other_used_by}." if rule.other else ""
    lapse = " The duty may be ended the day after." if rule.lapses else ""
    return f"{_limit(rule.limit)} {rule.start_words}, from {rule.holds_from}: {rule.law}{force}.{lapse}{other}"


def _limit(limit: Limit) -> str:
    joint = "beginning with" if limit.beginning_with else "after"
    return f"{limit.count} {limit.day_type} {limit.unit} {joint}"


def _table(table: Table) -> str:
    own = [column for column in table.columns if column not in LINEAGE or table in (ISSUE, REJECT)]
    keys = ", ".join(f"`{name}`" for name in table.key)
    return f"### {table.name}\nA row is {table.row_is}. Key: {keys}.\n\n{_columns(own)}"


def _columns(columns: Iterable[Column]) -> str:
    lines = ["| column | type | class | meaning |", "|---|---|---|---|"]
    for column in columns:
        notes = [column.description + "."]
        if column.unit:
            notes.append(f"Unit: {column.unit}.")
        if column.codes:
            notes.append(f"Codes: {column.codes}.")
        if column.required:
            notes.append("Required.")
        lines.append(f"| `{column.name}` | {column.type} | {column.sensitivity} | {' '.join(notes)} |")
    return "\n".join(lines) + "\n"


def _code_list(name: str) -> str:
    codes = "; ".join(f"`{code}` {words}" for code, words in CODE_LISTS[name].items())
    return f"**{name}**: {codes}.\n"


PAGES = {"schema.md": schema_page, "clocks.md": clocks_page}

if __name__ == "__main__":
    for file_name, page in PAGES.items():
        (REPOSITORY / "docs" / "reference" / file_name).write_text(page(), encoding="utf-8")
