"""The weights of two records as a picture: from the chance before anything is compared, field by field, to the sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from braid.people.review_words import bits_words, field_name, level_words

ROW_HEIGHT, TOP, LABEL_WIDTH, WIDTH = 34, 30, 250, 640
MARGIN = 50
"""Beside the bars, for the figures at their ends."""
MISSING = "missing"


@dataclass(frozen=True)
class Step:
    """One field: its name, how it compares, what it adds, and its bar; a field that says nothing has no bar."""

    name: str
    words: str
    shown: str
    sum_shown: str
    y: float
    x: float
    width: float
    is_for: bool
    shown_x: float
    shown_anchor: str
    is_silent: bool = False


@dataclass(frozen=True)
class Waterfall:
    """Steps from the prior to the sum, and where the sum and the threshold of joining lie."""

    steps: tuple[Step, ...]
    total: str
    zero_x: float
    total_x: float
    height: float

    @property
    def drawn(self) -> tuple[Step, ...]:
        """The steps that have a bar."""
        return tuple(step for step in self.steps if not step.is_silent)


def draw_waterfall(fields: Sequence[Sequence[Any]]) -> Waterfall:
    """Return the picture of fields, each with comparison, level and bits, in order."""
    sums = [0.0]
    for _, _, bits in fields:
        sums.append(sums[-1] + bits)
    low, high = min(sums), max(sums)
    scale = (WIDTH - LABEL_WIDTH - 2 * MARGIN) / ((high - low) or 1)

    def place(value: float) -> float:
        return LABEL_WIDTH + MARGIN + (value - low) * scale

    steps, row = [], 0
    for number, (comparison, level, bits) in enumerate(fields):
        before, after = place(sums[number]), place(sums[number + 1])
        is_silent = level == MISSING
        steps.append(
            Step(
                name=field_name(comparison),
                words=level_words(comparison, level),
                shown=bits_words(bits),
                sum_shown=bits_words(sums[number + 1]),
                y=TOP + row * ROW_HEIGHT,
                x=round(min(before, after), 1),
                width=round(max(abs(after - before), 1.0), 1),
                is_for=bits >= 0,
                shown_x=round(after + (6 if bits >= 0 else -6), 1),
                shown_anchor="start" if bits >= 0 else "end",
                is_silent=is_silent,
            )
        )
        row += not is_silent
    return Waterfall(
        tuple(steps), bits_words(sums[-1]), round(place(0.0), 1), round(place(sums[-1]), 1), TOP + row * ROW_HEIGHT
    )
