"""The page of traps: each names a test that is there, and every test of traps and unkind file is on it."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from extracts import nasty_files

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "reference" / "traps.md"
NAMED = re.compile(
    r"^\| .* \| `(?P<file>[a-z_/]+\.py)(?:::(?P<test>test_\w+)(?:\[(?P<case>[^\]]+)\])?)?` \|$", re.MULTILINE
)
FAMILIES = {
    "Tables": nasty_files.TABLES,
    "Workbooks": nasty_files.WORKBOOKS,
    "XML": nasty_files.XML,
    "JSON": nasty_files.JSON,
}


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def cases_of(file: str, test: str) -> Iterator[str]:
    """Yield the names of a test's cases, of each of its parameters by itself."""
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    for mark in getattr(module, test).pytestmark:
        if mark.name == "parametrize":
            ids = mark.kwargs.get("ids")
            for number, value in enumerate(mark.args[1]):
                yield str(ids(value) if callable(ids) else ids[number] if ids else value)


def test_every_trap_names_a_test_that_is_there() -> None:
    rows = [
        line for line in page().split("\n## Known")[0].splitlines() if line.startswith("| ") and "| test |" not in line
    ]
    named = list(NAMED.finditer(page()))
    assert len(named) == len(rows) > 60, "each row ends with the test that holds it"
    for row in named:
        path = TESTS / row["file"]
        assert path.is_file(), row["file"]
        assert row["test"] is None or row["test"] in names_in(path), row[0]


@pytest.mark.parametrize("row", [row for row in NAMED.finditer(page()) if row["case"]], ids=lambda row: row["case"])
def test_a_case_that_is_named_is_one_of_its_test(row: re.Match[str]) -> None:
    assert row["case"] in set(cases_of(row["file"], row["test"]))


def test_every_test_of_traps_is_on_the_page() -> None:
    named = {row["test"] for row in NAMED.finditer(page())}
    assert names_in(TESTS / "extracts" / "test_traps.py") <= named


@pytest.mark.parametrize("family", FAMILIES)
def test_every_unkind_file_is_on_the_page(family: str) -> None:
    (line,) = [line for line in page().splitlines() if line.startswith(f"- {family}: ")]
    names = [one.name.replace("-", " ") for one in FAMILIES[family]]
    assert len(names) >= 10
    assert line == f"- {family}: {', '.join(names)}."
