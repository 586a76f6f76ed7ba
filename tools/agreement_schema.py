"""Write the schema and the reference page of agreements from the vocabularies of `braid.trust`; the tests diff both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from braid.trust.agreement_schema import KEYS, PARTY_KEYS, agreement_schema
from braid.trust.agreement_terms import (
    ARTICLE_6,
    ARTICLE_9,
    CONTROLLER_ROLES,
    GATEWAYS,
    SCHEDULE_1,
    SCHEDULE_1_OF,
    Term,
)
from braid.trust.items import ITEMS, Item
from braid.trust.roles import PURPOSES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
INTRO = """<!-- Written by tools/agreement_schema.py from the vocabularies; do not edit. -->

# Agreements

An agreement is a TOML file in `agreements/` of the place folder: one `[agreement]`, and a `[[party]]` for each
organisation. `braid agreement check` reads every file and says, clause by clause, which rule it breaks, under which
law, and what to do; `braid agreement matrix` prints what the sound ones open to whom. What no agreement in force opens,
nobody sees: no rows, no fields, no file for analysts. Editors can use the [schema](agreement.schema.json). The example
place has five to copy from.

The law is as found in November 2026 and is not legal advice.
"""


def render() -> str:
    """Return the text of the schema."""
    return json.dumps(agreement_schema(), indent=1, ensure_ascii=False) + "\n"


def page() -> str:
    """Return the text of the reference page."""
    items = [(f"`{item.code}`", item.name, item.sensitivity.name.lower(), _where(item)) for item in ITEMS.values()]
    rests = [(f"`{code}`", ", ".join(f"`{one}`" for one in sorted(SCHEDULE_1_OF[code]))) for code in SCHEDULE_1_OF]
    parts = [
        INTRO,
        _section("`[agreement]`", ("key", "says"), _keys(KEYS)),
        _section("`[[party]]`", ("key", "says"), _keys(PARTY_KEYS)),
        _section("`purpose`", ("code", "is"), [(f"`{code}`", name) for code, name in PURPOSES.items()]),
        _section("`gateways`", ("code", "is", "law", "check first"), _terms(GATEWAYS)),
        _section("`controller_role`", ("code", "is", "law", "note"), _terms(CONTROLLER_ROLES)),
        _section("`article_6`", ("code", "is", "law", "note"), _terms(ARTICLE_6)),
        _section("`article_9`", ("code", "is", "law", "note"), _terms(ARTICLE_9)),
        _section("`schedule_1`", ("code", "is", "law", "note"), _terms(SCHEDULE_1)),
        _section("Which condition of Schedule 1 an article 9 condition needs", ("article 9", "one of"), rests),
        _section("`items`, `provides`, `receives`", ("code", "is", "class", "where"), items),
    ]
    return "\n".join(parts)


def _where(item: Item) -> str:
    if item.in_vault:
        return "vault: one field at a time, after a second factor"
    return "joined record: the host gives it" if item.joined else "rows of whoever provides it"


def _keys(words: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [(f"`{key}`", text) for key, text in words.items()]


def _terms(terms: Mapping[str, Term]) -> list[tuple[str, ...]]:
    return [(f"`{term.code}`", term.name, term.law, term.note) for term in terms.values()]


def _section(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"## {title}\n", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


WRITTEN = {"agreement.schema.json": render, "agreements.md": page}

if __name__ == "__main__":
    for name, make in WRITTEN.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
