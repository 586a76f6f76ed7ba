"""What our rules and an independent oracle flag in one return, rule by rule, and what is known of where they differ."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from braid.extracts.rules.check import check_files
from braid.pipeline import new_engine

HERE = Path(__file__).parent
NAMES = {"ChildIdentifiers": "Child", "ChildCharacteristics": "Child", "CINplanDates": "CINPlanDates",
         "AssessmentFactorsList": "AssessmentFactors"}  # fmt: skip
"""Our names for the oracle's tables, where they differ."""
PACKAGES = {"cin": "csc-validator-be-cin==0.1.13", "ssda903": "csc-validator-be-903==0.1.17"}


@dataclass(frozen=True)
class Compared:
    """One rule: how many rows of its table we flag, how many the oracle, and how they stand to each other.

    `agreement` is rows (the same rows), children (the same children by other rows), differs, or not run.
    """

    code: str
    ours: int
    theirs: int
    agreement: str


def known_differences(standard: str, *, seldom: bool = True) -> dict[str, str]:
    """Return why the two may differ, by rule; without `seldom` only differences that show in every drawn file."""
    document = tomllib.loads((HERE / "differences.toml").read_text(encoding="utf-8"))
    entries = [entry for entry in document[standard] if seldom or not entry.get("seldom")]
    return {code: entry["why"] for entry in entries for code in entry["rules"].split()}


def run_oracle(python: Path, standard: str, what: Path, year: int) -> dict[str, Any]:
    """Return what the oracle of a standard flags in a file or folder, as its script prints it."""
    script = HERE / f"run_{standard}.py"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(python), str(script), str(what), str(year)], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def compare(files: Sequence[Path], standard: str, year: int, oracle: dict[str, Any]) -> list[Compared]:
    """Return how our rules and the oracle agree on one return."""
    with tempfile.TemporaryDirectory() as name, closing(new_engine()) as engine:
        folder = Path(name)
        checked = list(check_files(files, standard, year, engine, folder))
        key = "child" if standard == "cin" else "CHILD"
        children = {
            path.stem: pq.read_table(path).column(key).to_pylist()
            for path in folder.glob("*.parquet")
            if path.stem != "Header" or standard == "ssda903"
        }
        reviews = _dated_reviews(folder) if standard == "cin" else []
    return [
        _compare_one(
            each.rule.code, each.rule.table, set(each.found.column("id").to_pylist()), oracle, children, reviews
        )
        for each in checked
        if not each.missing
    ]


def _dated_reviews(folder: Path) -> list[int]:
    """Return the reviews that have a date, by the place that the oracle knows them by: it reads no others."""
    table = pq.read_table(folder / "Reviews.parquet")
    return [row["id"] for row in table.to_pylist() if row["CPPreviewDate_text"] is not None]


def _compare_one(
    code: str, table: str, ours: set[int], oracle: dict[str, Any], children: dict[str, list[Any]], reviews: list[int]
) -> Compared:
    if code not in oracle["found"]:
        return Compared(code, len(ours), 0, "not run")
    flagged = {}
    for name, rows in oracle["found"][code].items():
        own = NAMES.get(name, name)
        flagged[own] = {reviews[row] for row in rows} if own == "Reviews" and reviews else set(rows)
    if "" in flagged or (table == "Header" and table not in children):
        return Compared(code, len(ours), len(flagged), "rows" if bool(ours) == bool(flagged) else "differs")
    theirs = flagged.get(table, set())
    if theirs == ours:
        return Compared(code, len(ours), len(theirs), "rows")
    theirs_children = {children[name][row] for name, rows in flagged.items() if name in children for row in rows}
    same = theirs_children == {children[table][row] for row in ours}
    return Compared(code, len(ours), len(theirs), "children" if same else "differs")


def table_of(compared: Sequence[Compared], known: dict[str, str]) -> str:
    """Return the agreement as a table to be read."""
    lines = [f"{'rule':10}{'ours':>8}{'oracle':>8}  agreement"]
    for one in compared:
        why = known.get(one.code, "") if one.agreement != "rows" else ""
        lines.append(f"{one.code:10}{one.ours:>8}{one.theirs:>8}  {one.agreement}{': ' + why if why else ''}")
    return "\n".join(lines)
