"""What in a migration would stop the pages of the version before, or make them wait: the rules, over its SQL.

    PYTHONPATH=src:tools python tools/migration_lint.py      (with DATABASE_URL and BRAID_SECRET_KEY as for the pages)

A new version is brought in while pages of the older one answer (expand, then contract): a migration may add, and takes
away only what no supported version reads any more. What locks a table for as long as it has rows is done in steps.
Rules are those of PostgreSQL's manual (ALTER TABLE, Notes; Explicit Locking).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

FIRST = "0058"
"""The first migration that is held to the rules: those before it had no older version that was in use."""
SMALL = frozenset({"braid_user", "braid_apitoken"})
"""Tables of thousands of rows at most, accounts and tokens: what reads them whole takes less than a page does."""
_TABLE = r'(?:only )?(?:"?public"?\.)?"?([a-z_]+)"?'
_MADE = re.compile(rf"create table (?:if not exists )?{_TABLE}")
_ALTERED = re.compile(rf"alter table (?:if exists )?{_TABLE}")
_INDEXED = re.compile(rf"create (?:unique )?index (?!concurrently).*? on {_TABLE}", re.DOTALL)
_ROWS = re.compile(rf"(?:^|;)\s*(?:update|delete from|insert into) {_TABLE}")
_VOLATILE = re.compile(r"default \(?(gen_random_uuid|uuid_generate|random|clock_timestamp|nextval|uuidv7)\b")


@dataclass(frozen=True)
class Unsafe:
    """What a statement would do: the rule, the table, and the next step."""

    rule: str
    table: str
    next_step: str


def find_unsafe(statements: Iterable[str]) -> list[Unsafe]:
    """Return what the statements of one migration, in their order, would do to a place that is served meanwhile."""
    made: set[str] = set()
    found = []
    for statement in statements:
        text = " ".join(re.sub(r"--(?! this operation)[^\n]*", "", statement.lower()).split())
        made |= {match[1] for match in _MADE.finditer(text)}
        found += [each for each in _unsafe_of(text) if each.table not in made]
    return found


def _unsafe_of(text: str) -> list[Unsafe]:
    if "create function" in text or "create or replace function" in text:  # a trigger: its body runs for later rows
        return []
    found = []
    if "cannot be written as sql" in text:
        found.append(Unsafe("rows by Python", "", "say what it changes, and that it takes rows in batches"))
    for match in re.finditer(rf"drop table (?:if exists )?{_TABLE}", text):
        found.append(Unsafe("drop table", match[1], "drop it in a version after that which stopped reading it"))
    for match in re.finditer(rf"\b(lock table|vacuum full|cluster|reindex table|truncate(?: table)?) {_TABLE}", text):
        found.append(Unsafe(match[1].split()[0], match[2], "leave it to a person at a quiet hour"))
    found += [Unsafe("rows", match[1], "take rows in batches beside the pages") for match in _ROWS.finditer(text)]
    found += [
        Unsafe("index", match[1], "AddIndexConcurrently, in a migration that is not atomic")
        for match in _INDEXED.finditer(text)
        if match[1] not in SMALL
    ]
    if (altered := _ALTERED.search(text)) is not None:
        found += _altering(text, altered[1])
    return found


def _altering(text: str, table: str) -> list[Unsafe]:
    """What an `alter table` would do, by its clauses."""
    rules = [
        (r"\bdrop column\b", "drop column", "drop it in a version after that which stopped reading it", False),
        (r"\brename\b", "rename", "add the new name, fill it, and drop the old one in a later version", False),
        (
            r"\balter column \S+ drop default\b",
            "no default",
            "give it db_default: the older version inserts too",
            False,
        ),
        (
            r"\balter column \S+ type\b",
            "type",
            "add a column of the new type, fill it, and drop the old one later",
            True,
        ),
        (r"\bset not null\b", "not null", "add a check that is not valid, validate it, then set it", True),
        (
            r"\badd constraint (?!.*\bnot valid\b).*\b(check|foreign key|unique|exclude)\b",
            "constraint",
            "add it not valid and validate it in a second migration; for uniqueness an index made concurrently",
            True,
        ),
        (r"\badd column (?!constraint).*\bcheck \(", "check of a new column", "add the check apart, not valid", True),
    ]
    found = [
        Unsafe(rule, table, step)
        for pattern, rule, step, by_rows in rules
        if re.search(pattern, text) and not (by_rows and table in SMALL)
    ]
    if re.search(r"\badd column\b", text):
        if "not null" in text and "default" not in text:
            found.append(Unsafe("no default", table, "give it db_default: the older version inserts too"))
        if _VOLATILE.search(text):
            found.append(Unsafe("rewrite", table, "add it empty, and fill it in batches"))
    return found


def statements_of_migrations() -> dict[str, list[str]]:
    """Return the SQL of each migration from `FIRST` on, by its name. Django must be set up, with its database."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection, replace_migrations=False)
    names = sorted(name for app, name in loader.disk_migrations if app == "braid" and name >= FIRST)
    return {name: loader.collect_sql([(loader.get_migration("braid", name), False)]) for name in names}


def main() -> int:
    """Print what is unsafe, one finding a line; 1 where there is any."""
    import django

    django.setup()
    found = [(name, each) for name, texts in statements_of_migrations().items() for each in find_unsafe(texts)]
    for name, each in found:
        print(f"{name}: {each.rule} of {each.table or 'rows'}. Next step: {each.next_step}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
