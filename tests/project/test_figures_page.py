"""The page of published figures is the one that the cubes write."""

from __future__ import annotations

import runpy
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_page_of_figures_is_up_to_date() -> None:
    page = runpy.run_path(str(REPOSITORY / "tools" / "figures_reference.py"))
    assert page["TARGET"].read_text(encoding="utf-8") == page["render"](), "run: python tools/figures_reference.py"
