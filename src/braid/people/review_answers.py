"""What answers of reviewers come to, and how far reviewers agree who do not know of each other.

One answer decides, or two alike where two people must stand behind it: of a guarded record, or of the blind sample.
Where two differ, or one cannot tell, another is asked; after three nobody is, and the pair is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
ANSWERS = (SAME, DIFFERENT, UNSURE)
MOST_ANSWERS = 3
LEAST_PAIRS = 20
"""Pairs of the blind sample from which on agreement is told: of fewer, whoever gave one answer could tell the other."""
STEP_PAIRS = 10
"""It is told anew after so many more, for the same reason."""
REASONS = {
    "agrees": (SAME, "One person: what agrees says so"),
    "confirmed_same": (SAME, "One person: the source confirms it"),
    "relatives": (DIFFERENT, "Two people: of one family or home"),
    "contradicts": (DIFFERENT, "Two people: what they hold contradicts"),
    "confirmed_two": (DIFFERENT, "Two people: the source confirms it"),
    "too_little": (UNSURE, "Cannot tell: too little is known"),
    "ask_source": (UNSURE, "Cannot tell: a source should be asked"),
}
"""Why, by code: the answer that it belongs to, and its words."""


@dataclass(frozen=True)
class Answer:
    """What one reviewer said of a pair."""

    answer: str
    by: str


@dataclass(frozen=True)
class Outcome:
    """What answers came to: `decided` by whom, `left` as it is, or `open` for others."""

    state: str
    is_same: bool = False
    by: tuple[str, ...] = ()


def settle(answers: Sequence[Answer], *, needs_two: bool) -> Outcome:
    """Return what the answers on a pair, in the order in which they were given, come to.

    An answer by somebody who answered already counts for nothing.
    """
    first = {one.by: one for one in reversed(answers)}
    given = [one for one in answers if first[one.by] is one][:MOST_ANSWERS]
    wanted = 2 if needs_two else 1
    for place in range(1, len(given) + 1):
        for verdict in (SAME, DIFFERENT):
            by = tuple(one.by for one in given[:place] if one.answer == verdict)
            if len(by) >= wanted:
                return Outcome("decided", verdict == SAME, by)
    return Outcome("left" if len(given) == MOST_ANSWERS else "open")


@dataclass(frozen=True)
class Agreement:
    """Over how many pairs two answered, of how many they said the same, and Cohen's kappa."""

    pairs: int
    agreed: int
    kappa: float | None


def measure_agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Return the agreement of first and second answers: Cohen (1960), who was first being one rater.

    Kappa is none where chance alone would agree on every pair.
    """
    agreed = sum(one == other for one, other in pairs)
    first, second = (Counter(pair[place] for pair in pairs) for place in (0, 1))
    by_chance = sum(first[answer] * second[answer] for answer in ANSWERS)
    total = len(pairs)
    if by_chance == total * total:
        return Agreement(total, agreed, None)
    return Agreement(total, agreed, (agreed * total - by_chance) / (total * total - by_chance))
