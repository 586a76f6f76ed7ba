"""The page of board states says what the rules of boards and the templates say."""

from __future__ import annotations

import runpy
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = runpy.run_path(str(REPOSITORY / "tools" / "board_pages.py"))


def test_the_page_of_board_states_is_not_behind() -> None:
    assert PAGE["TARGET"].read_text(encoding="utf-8") == PAGE["render"](), "run: python tools/board_pages.py"
