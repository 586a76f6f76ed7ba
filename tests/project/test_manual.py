"""The manual is held to the test that makes its pictures: the same steps, in the same order, each with words for who
does not see it."""

from __future__ import annotations

import re
import sys

import pytest

from shared import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "web"))

from manual_album import CYCLES, STEPS, name_of

MANUAL = REPOSITORY / "docs" / "manual"
PICTURES = MANUAL / "pictures"
PICTURE = re.compile(r"^!\[([^\]]*)\]\(pictures/([\w-]+\.webp)\)\n\n\*(\d+)\. ([^*\n]{20,})\*$", re.MULTILINE)
"""A picture with the words for who does not see it, and its numbered caption below."""
MOST_BYTES = 2_000_000


@pytest.mark.parametrize("case_type", CYCLES)
def test_a_page_of_the_manual_shows_every_step_of_the_test_in_its_order(case_type: str) -> None:
    text = (MANUAL / f"{CYCLES[case_type]}.md").read_text(encoding="utf-8")
    shown = PICTURE.findall(text)
    assert [name for _, name, _, _ in shown] == [name_of(case_type, step) for step in STEPS]
    assert [int(number) for *_, number, _ in shown] == list(range(1, len(STEPS) + 1))
    assert len(shown) == text.count("!["), "a picture without words, number or caption"


def test_words_for_who_does_not_see_a_picture_say_what_is_on_it() -> None:
    every = [
        (alt, caption)
        for page in CYCLES.values()
        for alt, _, _, caption in PICTURE.findall((MANUAL / f"{page}.md").read_text(encoding="utf-8"))
    ]
    assert len({alt for alt, _ in every}) == len(every) == len(CYCLES) * len(STEPS)
    assert [alt for alt, caption in every if len(alt) < 40 or alt == caption or "picture of" in alt.lower()] == []


def test_every_picture_is_there_once_is_small_and_is_shown() -> None:
    wanted = {name_of(case_type, step) for case_type in CYCLES for step in STEPS}
    assert {path.name for path in PICTURES.iterdir()} == wanted
    for path in PICTURES.iterdir():
        content = path.read_bytes()
        assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP"), path.name
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) <= MOST_BYTES


def test_each_page_is_named_by_the_first_and_every_phrase_on_a_button_is_a_page_s_own() -> None:
    index = (MANUAL / "README.md").read_text(encoding="utf-8")
    said = "\n".join(
        path.read_text(encoding="utf-8")
        for kind in ("*.html", "*.py", "*.toml")
        for path in sorted((REPOSITORY / "src" / "braid").rglob(kind))
    )
    for page in CYCLES.values():
        assert f"({page}.md)" in index
        text = (MANUAL / f"{page}.md").read_text(encoding="utf-8")
        pressed = re.findall(r"\*\*([^*]+)\*\*", text)
        assert len(pressed) > 4
        assert sorted({one for one in pressed if one not in said}) == []
