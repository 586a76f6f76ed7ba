"""The table of replays of joint work in docs/trust.md is what the replays are held to."""

from __future__ import annotations

import runpy

from shared import REPOSITORY

PAGE = runpy.run_path(str(REPOSITORY / "tools" / "replay_table.py"))


def test_the_table_of_replays_is_up_to_date() -> None:
    assert PAGE["PAGE"].read_text(encoding="utf-8") == PAGE["new_page"](), "run: python tools/replay_table.py"
