"""Priorities of a board: what it wants changed, for whom and until when. Made, changed and ended by a decision only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from braid.language.steps import NotPossible

MOST = 12
"""A board with more priorities than that has none."""


def check_priority(
    title: str, why: str, statements: Collection[str], from_date: dt.date, to_date: dt.date, count: int
) -> None:
    """Raise `NotPossible` unless a priority says what, why, about which statements and for how long.

    `count` is how many the board has without it.
    """
    if not title.strip() or not why.strip():
        raise NotPossible("Enter the priority, and why it is one")
    if not statements:
        raise NotPossible("Choose at least one problem statement that it is about")
    if not from_date < to_date:
        raise NotPossible("A priority ends after it begins")
    if count >= MOST:
        raise NotPossible(f"The board has {count} priorities. End one before another begins")


def check_decided(board_id: str, of_board: str, carried: bool, superseded: bool) -> None:
    """Raise `NotPossible` unless a decision of this board that stands makes, changes or ends a priority."""
    if of_board != board_id or not carried or superseded:
        raise NotPossible("Priorities change by a decision of this board that was carried and stands. Choose it")
