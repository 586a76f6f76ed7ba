"""Every test that the page of promises names exists, so that nobody is pointed at nothing."""

from __future__ import annotations

import re

from shared import REPOSITORY

PAGE = (REPOSITORY / "docs" / "promises.md").read_text(encoding="utf-8")
TESTS = {
    name
    for path in (REPOSITORY / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_every_promise_names_a_test_and_every_test_named_exists() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 15
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= TESTS, set(named) - TESTS
