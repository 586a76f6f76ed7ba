"""What stands in the documents as a block to be typed is typed, in its order, over a place that was just written."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared import REPOSITORY

pytestmark = pytest.mark.slow
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("README.md", "CONTRIBUTING.md")
"""Their blocks set up, serve, test and lock: the check of every change runs these."""
DONE = (0, 1)
"""Done, or done with something reported: refused rows of a partner, a start that is not safe."""


def blocks(page: Path) -> list[str]:
    """The commands of a page's blocks, without what is said behind them."""
    text = page.read_text(encoding="utf-8")
    lines = [line.split("  #")[0].strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    return [line for line in lines if line.startswith("./braid ")]


PAGES = {
    str(page.relative_to(REPOSITORY)): blocks(page)
    for page in [*REPOSITORY.glob("*.md"), *sorted(REPOSITORY.glob("docs/**/*.md"))]
    if blocks(page) and page.name not in ELSEWHERE[: page.parent == REPOSITORY and len(ELSEWHERE)]
}

MAPPING = (
    "[columns]",
    'forename = "first_name"',
    'surname = "last_name"',
    "[birth]",
    'column = "date_of_birth"',
    'formats = ["yyyy-mm-dd"]',
)


def braid(home: Path, command: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-P", "-m", "braid", *command.removeprefix("./braid ").split()]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    return subprocess.run(words, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example place as `demo` and `place`, and tables of people to link."""
    home = tmp_path_factory.mktemp("typed")
    for folder in ("demo", "place"):
        made = braid(home, f"./braid demo --dir {folder} --people 1500 --no-serve")
        assert made.returncode == 0, made.stderr
    rows = [
        ("1", "Ada", "Byron", "1990-01-02", "p1"),
        ("2", "Ada", "Byron", "1990-01-02", "p1"),
        ("3", "Bo", "Lee", "", "p2"),
    ]
    columns = ["row_id", "first_name", "last_name", "date_of_birth", "person"]
    with (home / "people.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    mapping = "\n".join(MAPPING)
    (home / "people.toml").write_text(mapping, encoding="utf-8")
    (home / "both.toml").write_text(mapping, encoding="utf-8")
    _write_parquet(home, columns, rows)
    return home


def _write_parquet(home: Path, columns: list[str], rows: list[tuple[str, ...]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    named = ["id", *columns[1:]]
    for name in ("a", "b"):
        pq.write_table(
            pa.table(dict(zip(named, map(list, zip(*rows, strict=True)), strict=True))), home / f"{name}.parquet"
        )


def in_this_place(home: Path, command: str) -> str:
    """Put what is here for the words that stand for something."""
    if "RECORD" in command:
        found = braid(home, "./braid waits place --json")
        record = re.search(r'"(p[0-9a-z-]+)"', found.stdout)
        assert record, found.stdout[:300] + found.stderr
        command = command.replace("RECORD", record[1])
    return command.replace("NAME", "demo-analyst").replace("REF", "MTG-2026-041")


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_block_of_a_page_can_be_typed_as_it_stands(page: str, home: Path) -> None:
    for command in PAGES[page]:
        done = braid(home, in_this_place(home, command))
        assert done.returncode in DONE, (command, done.stdout[-800:], done.stderr[-800:])
