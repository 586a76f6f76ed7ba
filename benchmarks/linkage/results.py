"""Results of benchmarks: kept as JSON lines, so that parts may be measured one by one, and written into a page."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def measure_apart(script: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Return the last line that a script prints, as JSON; it runs in a process of its own, so that peaks do not mix."""
    done = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def keep(results: Path, name: str, way: str, found: dict[str, Any]) -> None:
    """Add what was measured of a set by a way."""
    with results.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"set": name, "way": way, **found}) + "\n")


def kept(results: Path, ways: Sequence[str]) -> list[dict[str, Any]]:
    """Return the newest result of each set and way, the sets in the order in which they were first measured."""
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    newest = {(row["set"], row["way"]): row for row in rows}
    sets = list(dict.fromkeys(row["set"] for row in rows))
    return [newest[name, way] for name in sets for way in ways if (name, way) in newest]


def write_part(page: Path, name: str, text: str) -> None:
    """Put text between the marks `<!-- name: start -->` and `<!-- name: end -->` of a page.

    Raises `ValueError` where the page has no such marks.
    """
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page} has no marks {start} and {end}; put them where the table is to stand")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")
