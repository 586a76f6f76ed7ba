"""The drawing of the house is what the contracts say, and the contracts see a fault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def test_the_drawing_is_what_the_contracts_say() -> None:
    command = [sys.executable, str(REPOSITORY / "tools" / "architecture.py"), "--check"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(
    ("module", "fault", "contract"),
    [
        ("language/dates.py", "import braid.store.lake", "The house has one direction"),
        ("newroom.py", "", "The house has one direction"),
        ("trust/roles.py", "import braid.trust.decide", "No cycles inside a room"),
        ("trust/roles.py", "import django", "Rules know no web framework"),
        ("trust/roles.py", "import duckdb", "Only an engine's own file imports the tool"),
        ("extracts/model.py", "import braid.store.duckdb_engine", "The pipeline alone picks engines"),
        ("example/planted.py", "import braid.trust.roles", "The example place knows the common language alone"),
    ],
)
def test_a_planted_fault_breaks_its_contract(tmp_path: Path, module: str, fault: str, contract: str) -> None:
    if not LINT_IMPORTS.exists():
        pytest.skip("import-linter is not installed beside this Python")
    shutil.copytree(REPOSITORY / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(REPOSITORY / ".importlinter", tmp_path)
    planted = tmp_path / "src" / "braid" / module
    planted.parent.mkdir(exist_ok=True)
    planted.parent.joinpath("__init__.py").touch()
    planted.write_text((planted.read_text() if planted.exists() else "") + f"\n{fault}\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "COLUMNS": "200"}
    finished = subprocess.run(
        [str(LINT_IMPORTS), "--no-cache"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert f"{contract} BROKEN" in finished.stdout
