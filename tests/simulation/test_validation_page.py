"""The page of validation is what the simulation gives, digit for digit."""

from __future__ import annotations

import runpy

import pytest

from braid.simulation.engines import compiled
from shared import REPOSITORY

TOOL = runpy.run_path(str(REPOSITORY / "tools" / "simulation_validation.py"))
pytestmark = pytest.mark.skipif(not compiled.is_available(), reason="no C compiler on this machine")


def test_the_ordinary_part_of_the_page_comes_out_again():
    page = TOOL["PAGE"].read_text(encoding="utf-8")
    assert page == TOOL["new_page"](ordinary=True), "run: python tools/simulation_validation.py --ordinary"


@pytest.mark.slow
def test_the_whole_page_comes_out_again():
    page = TOOL["PAGE"].read_text(encoding="utf-8")
    assert page == TOOL["new_page"](ordinary=False), "run: python tools/simulation_validation.py"
