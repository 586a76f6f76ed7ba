"""The page of faults says what the tests pose: each of the twenty, by tests that are there."""

from __future__ import annotations

import ast
import runpy
from functools import cache

import pytest

from shared import REPOSITORY

PAGE = runpy.run_path(str(REPOSITORY / "tools" / "faults_page.py"))
FAULTS = PAGE["CATALOGUE"]["FAULTS"]


def test_the_page_of_faults_is_up_to_date() -> None:
    assert PAGE["PAGE"].read_text(encoding="utf-8") == PAGE["new_page"](), "run: python tools/faults_page.py"


def test_each_fault_is_named_once_and_has_a_test() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) > 20
    assert all(fault.tests and fault.does and fault.told for fault in FAULTS)


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", sorted({test.partition("[")[0] for fault in FAULTS for test in fault.tests}))
def test_every_test_that_the_page_names_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert function in functions_of(path)


def test_every_fault_under_a_page_that_is_posed_is_on_the_page() -> None:
    source = (REPOSITORY / "tests" / "faults" / "pages_under_fault.py").read_text(encoding="utf-8")
    named = {node.targets[0].id if isinstance(node, ast.Assign) else node.target.id: node.value
             for node in ast.parse(source).body if isinstance(node, (ast.Assign, ast.AnnAssign))}  # fmt: skip
    posed = {key.value for name in ("POSES", "SLOW_POSES") for key in named[name].keys}
    on_page = {test.partition("[")[2].rstrip("]") for fault in FAULTS for test in fault.tests if "under_fault" in test}
    assert {name.replace(" ", "-") for name in posed} == on_page - {""}
