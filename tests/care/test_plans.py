"""What words a goal of a joint plan may have, and who is asked about it."""

from __future__ import annotations

import datetime as dt

import pytest

from braid.care import plans
from braid.care.plans import Goal, check_goal, check_nobody_apart
from care.table import is_refused, london

NOW = london("2026-11-27T10:00")
DAY = dt.date(2026, 12, 1)


@pytest.mark.parametrize(
    ("words", "name", "refused"),
    [
        ("Keep Kim away", "Kim Sample", True),
        ("kim sample moves out", "Kim Sample", True),
        ("KIM  SAMPLE moves out", "Kim Sample", True),
        ("Sample is told", "Kim Sample", True),
        ("A blood sample is taken", "Kim Sample", False),
        ("Kimberley helps", "Kim Sample", False),
        ("Speak with Al", "Al Bo", False),
        ("al bo is told", "Al Bo", True),
        ("O'Neill is told", "Pat O'Neill", True),
        ("Sample's brother", "Kim Sample", True),
        ("normal bottles", "Al Bo", False),
        ("anything", "", False),
        ("anything", "  ", False),
        ("a (b) c", "(", False),
        ("Zoë waits", "zoë Test", True),
    ],
)
def test_words_that_name_somebody_apart_are_refused(words: str, name: str, refused: bool) -> None:
    assert is_refused(check_nobody_apart, words, [name]) is refused


@pytest.mark.parametrize(
    ("goal", "standing", "may"),
    [
        (Goal("Sleep", "person", DAY), 0, True),
        (Goal("Sleep", "person", DAY), plans.MOST_GOALS - 1, True),
        (Goal("Sleep", "person", DAY), plans.MOST_GOALS, False),
        (Goal(" ", "person", DAY), 0, False),
        (Goal("x" * plans.LONGEST_GOAL, "person", DAY), 0, True),
        (Goal("x" * (plans.LONGEST_GOAL + 1), "person", DAY), 0, False),
        (Goal("Sleep", "nobody", DAY), 0, False),
        (Goal("Sleep", "person", DAY, apart=True), 0, False),
        (Goal("Sleep", "person", dt.date(2026, 11, 26)), 0, False),
        (Goal("Sleep", "person", dt.date(2026, 11, 27)), 0, True),
        (Goal("Sleep", "person", dt.date(9999, 12, 31)), 0, False),
    ],
)
def test_what_may_be_a_goal(goal: Goal, standing: int, may: bool) -> None:
    assert is_refused(check_goal, goal, ["Kim Sample"], standing, NOW) is not may
