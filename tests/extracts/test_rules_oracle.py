"""Our rules beside an independent oracle, rule by rule: the same rows, or a difference whose reason is written down.

The oracle is what children's services data teams use: two packages that need other versions of numpy and pandas than
ours, so they get an environment of their own. `BRAID_RULES_ORACLE` names one that is there already.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from braid.extracts.rules.rule_files import load_absent, load_rules
from extracts.oracle.compare import PACKAGES, Compared, compare, known_differences, run_oracle, table_of
from extracts.rules_census import write_census
from extracts.rules_looked_after import write_return
from shared import shared_folder

YEAR = 2026
CHILDREN = 2000
FIXTURES = (("CIN2rows.xml", 2024), ("CIN_Census_2021.xml", 2023))
"""Published samples, with the year in which their reference date lies."""
RANKS = ("rows", "not run", "children", "differs")


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment with the oracle; skip where it cannot be made."""
    given = os.environ.get("BRAID_RULES_ORACLE")
    folder = Path(given) if given else tmp_path_factory.mktemp("oracle")
    python = folder / "bin" / "python"
    if given is None:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", *PACKAGES.values()]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip("the oracle's packages cannot be installed: no package index can be reached")
    return python


def agree(standard: str, compared: list[list[Compared]]) -> None:
    """Print how every rule agrees over all returns, and fail where a difference has no reason, or a reason no use."""
    worst: dict[str, Compared] = {}
    for one in (one for found in compared for one in found):
        other = worst.get(one.code)
        if other is None or RANKS.index(one.agreement) > RANKS.index(other.agreement):
            worst[one.code] = one
    known = known_differences(standard)
    print("\n" + table_of(list(worst.values()), known))
    counts = {rank: sum(one.agreement == rank for one in worst.values()) for rank in RANKS}
    print(f"{standard}: {counts}")
    unexplained = [one.code for one in worst.values() if one.agreement != "rows" and one.code not in known]
    assert not unexplained, "these rules differ from the oracle, and differences.toml does not say why"
    always = known_differences(standard, seldom=False)
    stale = [code for code in always if code in worst and worst[code].agreement == "rows"]
    assert not stale, "differences.toml explains differences that are none"
    assert counts["rows"] > len(worst) / 2


@pytest.mark.slow
def test_rules_of_the_children_in_need_census_agree_with_the_oracle(oracle: Path, tmp_path: Path) -> None:
    files = [(write_census(tmp_path / "drawn.xml", CHILDREN, 1), YEAR)]
    files += [(shared_folder("fixtures", "cin", name), year) for name, year in FIXTURES]
    compared = []
    for path, year in files:
        found = run_oracle(oracle, "cin", path, year)
        compared.append(compare([path], "cin", year, found))
        assert set(found["rules"]) == {rule.code for rule in load_rules("cin") if rule.is_of(year)}
    agree("cin", compared)


@pytest.mark.slow
def test_rules_of_the_looked_after_children_return_agree_with_the_oracle(oracle: Path, tmp_path: Path) -> None:
    paths = write_return(tmp_path, CHILDREN, 1)
    found = run_oracle(oracle, "ssda903", tmp_path, YEAR)
    absent = {code for codes in load_absent("ssda903").values() for code in codes}
    ours = {rule.code for rule in load_rules("ssda903") if rule.is_of(YEAR)}
    assert set(found["rules"]) == ours | absent, "a rule of the oracle is neither written nor named in absent.toml"
    agree("ssda903", [compare(sorted(paths), "ssda903", YEAR, found)])
