"""What answers come to: against every order of every set of answers, worked out again in the slow obvious way."""

from __future__ import annotations

import itertools

import pytest

from braid.people.comparisons import COMPARISONS
from braid.people.review_answers import ANSWERS, MOST_ANSWERS, REASONS, Answer, Outcome, measure_agreement, settle
from braid.people.review_words import NAMES, WORDS, bits_words, level_words


def settle_slowly(answers: list[Answer], *, needs_two: bool) -> Outcome:
    """Ask one after the other, as a clerk with a tally would, and stop as soon as it is enough."""
    heard: list[Answer] = []
    for one in answers:
        if one.by in {other.by for other in heard}:
            continue
        heard.append(one)
        same = [other.by for other in heard if other.answer == "same"]
        different = [other.by for other in heard if other.answer == "different"]
        if len(same) == (2 if needs_two else 1):
            return Outcome("decided", True, tuple(same))
        if len(different) == (2 if needs_two else 1):
            return Outcome("decided", False, tuple(different))
        if len(heard) == 3:
            return Outcome("left")
    return Outcome("open")


def test_every_way_to_answer_comes_to_what_a_clerk_would_say():
    ways = 0
    for length in range(MOST_ANSWERS + 2):
        for said in itertools.product(ANSWERS, repeat=length):
            for by in itertools.product("abc", repeat=length):
                answers = [Answer(one, who) for one, who in zip(said, by, strict=True)]
                for needs_two in (False, True):
                    found = settle(answers, needs_two=needs_two)
                    assert found == settle_slowly(answers, needs_two=needs_two), (answers, needs_two)
                    assert len(set(found.by)) == len(found.by)
                    ways += 1
    assert ways > 10_000


def test_two_people_stand_behind_what_needs_two():
    assert settle([Answer("same", "a"), Answer("same", "a")], needs_two=True).state == "open"
    assert settle([Answer("same", "a"), Answer("different", "b")], needs_two=True).state == "open"
    third = settle([Answer("same", "a"), Answer("different", "b"), Answer("different", "c")], needs_two=True)
    assert third == Outcome("decided", False, ("b", "c"))
    assert (
        settle([Answer("same", "a"), Answer("different", "b"), Answer("unsure", "c")], needs_two=True).state == "left"
    )


def test_agreement_is_that_of_the_textbook():
    """Cohen's kappa of 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreed 0.70, by chance 0.50, so 0.40."""
    pairs = [("same", "same")] * 20 + [("same", "different")] * 5 + [("different", "same")] * 10
    pairs += [("different", "different")] * 15
    found = measure_agreement(pairs)
    assert (found.pairs, found.agreed) == (50, 35)
    assert found.kappa == pytest.approx(0.4)
    assert measure_agreement([("same", "same")] * 9).kappa is None
    assert measure_agreement([("same", "different"), ("different", "same")]).kappa == pytest.approx(-1)


def test_every_level_has_its_words():
    """A comparison or a level that came to the model without words would be told by its code."""
    assert set(NAMES) == set(WORDS) == {"prior", "household", "alone", *(one.name for one in COMPARISONS)}
    for comparison in COMPARISONS:
        assert set(WORDS[comparison.name]) == set(comparison.level_names)
    assert level_words("nhs", "missing").startswith("cannot be compared")
    assert level_words("new", "some_level") == "reached the level some level"


@pytest.mark.parametrize(("bits", "words"), [(3.24, "+3.2"), (-1.2, "\u22121.2"), (0.04, "0.0"), (-0.04, "0.0")])
def test_a_weight_has_its_sign(bits, words):
    assert bits_words(bits) == words


def test_every_answer_has_a_reason():
    assert {answer for answer, _ in REASONS.values()} == set(ANSWERS)
