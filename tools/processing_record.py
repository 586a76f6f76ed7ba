"""Write `docs/reference/processing.md` from roles, items, statements, retention and algorithms; a test diffs it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.planning.kinds import KINDS  # noqa: E402
from braid.problems.load import shipped_statements  # noqa: E402
from braid.problems.priority.load import load_versions  # noqa: E402
from braid.trust.agreement_terms import GATEWAYS  # noqa: E402
from braid.trust.items import ITEMS  # noqa: E402
from braid.trust.retention import load_schedule  # noqa: E402
from braid.trust.roles import PURPOSES, ROLES  # noqa: E402
from braid.trust.transparency import FIELDS, load_records  # noqa: E402

PAGE = REPOSITORY / "docs" / "reference" / "processing.md"
HEAD = "<!-- Written by tools/processing_record.py from code and data; do not edit. -->\n"
INTRO = """# Record of processing, and of algorithms

What a record of processing activities says (UK GDPR article 30), as far as it follows from Braid itself: purposes, who
may see which items, how long things are kept, and by which laws a partner may be told. Who shares what with whom is
said by a place's agreements: the page `/rights/processing/` shows this record with the agreements in force, and the
impact assessment that each names. No legal advice.
"""


def processing_page() -> str:
    """Return the page."""
    parts = [HEAD + INTRO, "## Purposes\n", *_purposes(), "## Who may see what\n", *_roles(), "## Items\n", *_items()]
    parts += ["## How long it is kept\n", *_retention(), "## Laws by which a partner may be told\n", *_gateways()]
    return "\n".join([*parts, "## Algorithms\n", *_algorithms()])


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(columns)
    return [
        f"| {' | '.join(names)} |",
        f"|{'---|' * len(names)}",
        *(f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows),
        "",
    ]


def _purposes() -> list[str]:
    said = {one.problem_id: one.purpose for one in shipped_statements()}
    named = "`dpia` of each agreement, after the [template](../dpia-template.md)"
    rows = ((code, name, said.get(code, ""), named) for code, name in PURPOSES.items())
    return _table(("purpose", "name", "problem statement", "impact assessment"), rows)


def _roles() -> list[str]:
    rows = (
        (
            role.name,
            ", ".join(sorted(role.purposes)) or "none: figures or the record alone",
            role.reach.value if role.sees_people else "nobody",
            ", ".join(sorted(role.row_sensitivities)) or "none",
            ", ".join(sorted(role.vault_items)) or "none",
        )
        for role in ROLES.values()
    )
    return _table(("role", "purposes", "reaches", "rows of sensitivity", "of the vault"), rows)


def _items() -> list[str]:
    return _table(
        ("item", "what", "in the vault"),
        ((code, one.name, "yes" if one.in_vault else "no") for code, one in ITEMS.items()),
    )


def _retention() -> list[str]:
    rows = (
        (
            one.name,
            f"{one.days} days from {one.begins}" if one.days else "kept, or by a clock of its own",
            one.law,
            one.why,
        )
        for one in load_schedule()
    )
    return _table(("what", "how long", "law", "why"), rows)


def _gateways() -> list[str]:
    return _table(("gateway", "what", "law"), ((one.code, one.name, one.law) for one in GATEWAYS.values()))


def _algorithms() -> list[str]:
    lines = []
    for record in load_records():
        lines += [f"### {record['name']}\n"]
        facts = [*((FIELDS[name], record[name]) for name in FIELDS), *_from_code(record["code"])]
        lines += _table(("field", "what"), facts)
    return lines


def _from_code(code: str) -> list[tuple[str, str]]:
    """Return what is taken from the code and data of an algorithm."""
    if code == "priority":
        rules = load_versions(shipped_statements())
        return [("Versions in force or to come", ", ".join(f"{one.problem} from {one.holds_from}" for one in rules))]
    if code == "planning":
        return [("Kinds of plans", ", ".join(KINDS))]
    return []


if __name__ == "__main__":
    PAGE.write_text(processing_page(), encoding="utf-8")
