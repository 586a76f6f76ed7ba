"""Write the pages of `docs/reference` that come from registry, clock rules and connectors.

The tests diff them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tools")]

from braid.language.codes import CODE_LISTS  # noqa: E402
from braid.language.findings import FINDING_TABLES, REFERENCE_TABLES  # noqa: E402
from braid.language.records import ISSUE, LINEAGE, REJECT, SOURCE_TABLES  # noqa: E402
from braid.language.schema import Column, Sensitivity, Table  # noqa: E402
from change_page import changes_page  # noqa: E402
from clock_pages import cases_page, clocks_page  # noqa: E402
from crosswalk_page import crosswalk_page  # noqa: E402

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


PAGES = {
    "schema.md": schema_page,
    "clocks.md": clocks_page,
    "clock-cases.md": cases_page,
    "changes.md": changes_page,
    "crosswalk.md": crosswalk_page,
}

if __name__ == "__main__":
    for file_name, page in PAGES.items():
        (REPOSITORY / "docs" / "reference" / file_name).write_text(page(), encoding="utf-8")
