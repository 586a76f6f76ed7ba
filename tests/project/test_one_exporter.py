"""Files for other people leave braid through the exporter alone; the syntax tree says so."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from pathlib import Path

import pytest

import braid

SOURCE = Path(braid.__file__).parent
WRITES_FILES = {"xlsxwriter", "openpyxl", "typst", "pypdf"}
WRITES_CSV = {"writer", "DictWriter"}
OWN_FILES = ("store/restricted.py", "store/own_extract.py", "store/reference_data.py")
ALLOWED = ("store/exports/", "example/", "outbound/", "extracts/workbooks.py", *OWN_FILES)
"""The exporter; the example place, which plays its partners; letters, which have a guard of their own; the reader of
partners' workbooks, which opens them to read alone; and the place's own lists under `restricted/`, its extract of joint
work and its geography, which the chain reads back and nobody is sent."""
EXPORTER = "braid.store.exports"
MAY_EXPORT = {
    "cli/issues.py": "what was wrong in a partner's files",
    "cli/reject_report.py": "what was wrong in one feed of a partner's; what stood in a row through trust alone",
    "outbound/table_export.py": "a table that the guard has yet to release",
    "web/crosswalk.py": "codes of standards beside ours: about nobody",
    "web/link_error.py": "how often linking is expected to err, as it may be published",
    "web/fairness_table.py": "whom the priority rules never reached, as it may be published",
    "web/together/pack.py": "what two boards have in common, of published figures and decisions",
    "web/chains/tables.py": "the links of chains, each as the page that it is from shows it",
    "web/rights/pack.py": "what somebody is told of themselves, which the guard has yet to release",
    "web/packs/handing.py": "the pack of a board, of published figures and decisions",
    "web/boards/minutes.py": "the minutes of a meeting of a board, as far as they are shown to who asks",
    "web/backlog_tables.py": "the figures of each queue",
    "web/geography/tables.py": "how many wait on the ground of each body, in ranges",
    "web/figures_table.py": "the place's figures",
    "web/funds/tables.py": "where joint funds stand: money, and about nobody",
    "web/costs/tables.py": "what cohorts cost each payer, as published sums",
    "web/commissions/tables.py": "people served under a commission as published counts, and what was posted",
    "web/outcomes/tables.py": "outcomes as they may be published",
    "web/simulations/tables.py": "what a simulation says of every queue, of a network in bands",
    "web/portfolio/tables.py": "what bodies may buy jointly, and who gains by it: about nobody",
    "web/graph_tables.py": "what holds up what over the place, and the problem statements",
}
"""Who hands a table to the exporter, and what. A new one needs a line here and in docs/reference."""


def told_of(code: str) -> tuple[ast.AST, ...]:
    """What a module imports, calls and takes from others."""
    kinds = (ast.Import, ast.ImportFrom, ast.Attribute, ast.Call)
    return tuple(node for node in ast.walk(ast.parse(code)) if isinstance(node, kinds))


def writers_of_files(nodes: Iterable[ast.AST]) -> set[str]:
    """What a module uses to write a file that other programs open."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] in WRITES_FILES}
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in WRITES_FILES:
            found.add(str(node.module))
        if isinstance(node, ast.ImportFrom) and node.module == "csv":
            found |= {alias.name for alias in node.names} & {*WRITES_CSV, "*"}
        if isinstance(node, ast.Attribute) and node.attr in WRITES_CSV:
            found.add(node.attr)
        if isinstance(node, ast.Call):
            named = {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
            found |= named & WRITES_FILES
    return found


@functools.cache
def modules() -> dict[str, tuple[ast.AST, ...]]:
    paths = sorted(SOURCE.rglob("*.py"))
    return {path.relative_to(SOURCE).as_posix(): told_of(path.read_text(encoding="utf-8")) for path in paths}


def test_no_module_but_the_exporter_writes_files_for_others() -> None:
    faults = {name: found for name, nodes in modules().items() if (found := writers_of_files(nodes))}
    assert [name for name in faults if not name.startswith(ALLOWED)] == []
    assert {name for name in faults if name.startswith("store/exports/")}, "the lint sees the exporter itself"


def test_the_exporters_parts_are_used_by_the_exporter_alone() -> None:
    """Nobody takes a writer without its check: other rooms import the room, not what is in it."""
    for name, nodes in modules().items():
        if not name.startswith("store/exports/"):
            parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
            assert not any(part.startswith(f"{EXPORTER}.") for part in parts), name


def test_who_exports_is_listed() -> None:
    using = {
        name
        for name, nodes in modules().items()
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == EXPORTER
        if {alias.name for alias in node.names} & {"export_table", "export_pack", "export_book"}
    }
    assert using - {"store/exports/__init__.py"} == set(MAY_EXPORT)


@pytest.mark.parametrize(
    "code",
    [
        "import csv\ncsv.writer(file)",
        "from csv import DictWriter",
        "import openpyxl",
        "from typst import compile",
        "import importlib\nimportlib.import_module('xlsxwriter')",
    ],
)
def test_the_lint_sees_a_writer(code: str) -> None:
    assert writers_of_files(told_of(code))
