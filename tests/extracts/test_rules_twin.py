"""The rules find what their slow twin finds, element for element, in censuses full of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from extracts.rules_census import YEAR, write_census
from extracts.rules_help import find_in_files
from extracts.rules_twin import find_slowly


@pytest.mark.parametrize("seed", [11, 12])
def test_rules_find_what_plain_python_finds(tmp_path: Path, seed: int) -> None:
    path = write_census(tmp_path / "census.xml", 150, seed, odd_numbers=True)
    fast = find_in_files([path], "cin", YEAR)
    slow = find_slowly(path)
    assert sum(map(bool, slow.values())) > len(slow) * 0.8, "the census breaks too few rules to compare"
    for code, paths in slow.items():
        assert {found.position.removeprefix("/Message/Children[1]/") for found in fast[code]} == paths, f"rule {code}"
