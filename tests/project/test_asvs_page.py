"""The page of ASVS 5.0: each requirement of its chapters stands there once, and each met names tests that there are."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "reference" / "asvs.md"
NUMBERS = {
    1: {1: 2, 2: 9, 3: 11, 4: 3, 5: 2},
    2: {1: 3, 2: 3, 3: 4, 4: 1},
    3: {2: 2, 3: 4, 4: 6, 5: 5, 7: 2},
    4: {1: 3, 2: 1, 3: 2, 4: 4},
    5: {1: 1, 2: 3, 3: 2, 4: 3},
    6: {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    7: {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    8: {1: 2, 2: 3, 3: 1, 4: 1},
    9: {1: 3, 2: 4},
    10: {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
    11: {1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1},
    12: {1: 3, 2: 2, 3: 4},
    13: {1: 1, 2: 5, 3: 2, 4: 5},
    14: {1: 2, 2: 4, 3: 3},
    15: {1: 3, 2: 3, 3: 7},
    16: {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
    17: {1: 1, 2: 4, 3: 2},
}
"""How many requirements of levels 1 and 2 each section of a chapter has, from the first on: OWASP ASVS 5.0.0."""
BEYOND = frozenset({"1.2.10", "2.3.5", "3.4.8", "4.1.4", "4.1.5", "7.5.3", "8.3.2", "14.2.7", "16.5.4"})
"""Requirements of level 3 that the page speaks of too."""
STATES = ("met", "not met", "not applicable")


def rows() -> list[list[str]]:
    """Number, what it asks, state, and test or reason of each row."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d+\.\d+\.\d+ ", line)
    ]
    assert all(len(row) == 4 for row in found)
    return found


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_of_the_chapters_stands_there_once():
    expected = {
        f"{chapter}.{section}.{number}"
        for chapter, sections in NUMBERS.items()
        for section, count in sections.items()
        for number in range(1, count + 1)
    }
    assert len(expected) == 253, "levels 1 and 2 have 70 and 183"
    said = [row[0] for row in rows()]
    assert len(said) == len(set(said)) and set(said) == expected | BEYOND


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_met_names_tests_that_there_are_and_each_other_says_why(row):
    _, asks, state, because = row
    assert state in STATES and asks
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", because)
    pages = re.findall(r"\]\(([\w./#-]+)\)", because)
    if state == "met":
        assert named or pages, "a test, or for what is documented the page"
    else:
        assert len(because.split()) >= 4, "why"
    assert not [f"{file}::{name}" for file, name in named if name not in names_in(file)]
    assert all((PAGE.parent / page.partition("#")[0]).is_file() for page in pages)
    assert because.count("`tests/") == len(named), "each test is written as file::name"


def test_the_counts_at_the_top_are_those_of_the_table():
    text = PAGE.read_text(encoding="utf-8")
    counted = {state: sum(row[2] == state for row in rows()) for state in STATES}
    assert f"{counted['met']} met, {counted['not met']} not met, {counted['not applicable']} not applicable" in text
