"""The reference pages say what the registry says."""

from __future__ import annotations

import runpy

import pytest

from shared import REPOSITORY

PAGES = runpy.run_path(str(REPOSITORY / "tools" / "schema_reference.py"))["PAGES"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_what_the_registry_says(name: str) -> None:
    on_disk = (REPOSITORY / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert on_disk == PAGES[name](), "run: python tools/schema_reference.py"
