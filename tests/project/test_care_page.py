"""The page of care states is what the rules of care say, and the glossary has their words."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = runpy.run_path(str(REPOSITORY / "tools" / "care_pages.py"))
GLOSSARY = (
    (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8").partition("\n## Care\n")[2].partition("\n## ")
)
WORDS = {
    word for line in GLOSSARY[0].splitlines() if line.startswith("| ") for word in line.split(" | ")[0][2:].split(", ")
}


def test_the_page_of_care_states_is_up_to_date() -> None:
    assert PAGE["TARGET"].read_text(encoding="utf-8") == PAGE["render"](), "run: python tools/care_pages.py"


@pytest.mark.parametrize("title", [machine.title for machine in PAGE["MACHINES"]])
def test_each_process_is_on_the_page_and_in_the_glossary(title: str) -> None:
    assert f"\n### {title}\n" in PAGE["render"]()
    word = {"Offer of a case": "offer", "Case on an agenda": "agenda", "Approval of a joint plan": "approval"}.get(
        title, title.lower()
    )
    assert word in WORDS
