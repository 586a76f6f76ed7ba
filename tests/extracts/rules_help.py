"""Running the rules of a return in tests: over an example of a rule's file, and over files."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from braid.extracts.rules.check import check_files, check_tables, load_tables, tables_of_examples
from braid.extracts.rules.layouts import LAYOUTS
from braid.extracts.rules.model import Example, Finding, Rule
from braid.pipeline import new_engine


def find_in_examples(rules: Sequence[Rule], examples: Sequence[Example], year: int) -> list[Finding]:
    """Return what rules of one standard find in rows by table, each example being a file."""
    layout = LAYOUTS[rules[0].standard]
    with tempfile.TemporaryDirectory() as name, closing(new_engine()) as engine:
        folder = Path(name)
        rows = tables_of_examples(layout, examples, folder)
        load_tables(engine, layout, {table.name: folder / f"{table.name}.parquet" for table in layout.tables}, year)
        return [found for each in check_tables(engine, layout, rules, year, rows) for found in each.findings()]


def find_in_files(files: Sequence[Path], standard: str, year: int | None) -> dict[str, list[Finding]]:
    """Return what the rules of a standard find in files, by code; rules that could not be checked are left out."""
    with tempfile.TemporaryDirectory() as name, closing(new_engine()) as engine:
        checked = list(check_files(files, standard, year, engine, Path(name)))
        return {each.rule.code: list(each.findings()) for each in checked if not each.missing}
