"""What all plans share: gaps, differences, redaction, and a certificate that cannot say what is not so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from braid.planning.contract import (
    NOT_OFFERED,
    Binding,
    Certificate,
    Level,
    Reason,
    broken_certificate,
    diff_of,
    redact,
    value_of,
)

LEVELS = (Level("late", 3.0, 4.0), Level("changes", 2.0, 20.0))
CERTIFICATE = Certificate(
    sense="least",
    levels=LEVELS,
    value=52.0,
    bound=40.0,
    bound_method="linear program",
    engine="diary",
    versions={"braid": "0"},
    seed=1,
    effort={"steps": 10},
    repeatable=True,
    problem="f",
    seconds=0.1,
)


def test_a_gap_is_a_share_of_the_value_and_nothing_where_the_bound_is_met() -> None:
    assert CERTIFICATE.gap == pytest.approx(12 / 52)
    assert replace(CERTIFICATE, sense="most", bound=60.0).gap == pytest.approx(8 / 52)
    assert replace(CERTIFICATE, bound=52.0).gap == 0
    assert replace(CERTIFICATE, bound=None).gap is None


def test_a_certificate_that_is_so_breaks_nothing() -> None:
    assert value_of(LEVELS) == 52
    assert broken_certificate(CERTIFICATE, LEVELS, "f") == []


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("certificate_problem", replace(CERTIFICATE, problem="g")),
        ("certificate_value", replace(CERTIFICATE, value=51.0)),
        ("certificate_level", replace(CERTIFICATE, levels=(Level("late", 2.0, 4.0), LEVELS[1]))),
        ("certificate_level", replace(CERTIFICATE, levels=(LEVELS[0], Level("changes", 2.0, 10.0)))),
        ("certificate_levels", replace(CERTIFICATE, levels=LEVELS[:1])),
        ("certificate_levels", replace(CERTIFICATE, levels=LEVELS[::-1])),
        ("certificate_bound", replace(CERTIFICATE, bound=52.1)),
        ("certificate_sense", replace(CERTIFICATE, sense="most")),
    ],
)
def test_each_thing_a_certificate_can_say_wrongly_is_found_alone(rule: str, changed: Certificate) -> None:
    assert [broken.rule for broken in broken_certificate(changed, LEVELS, "f")] == [rule]


def test_of_what_is_to_be_most_the_bound_lies_above() -> None:
    most = replace(CERTIFICATE, sense="most", bound=60.0)
    assert broken_certificate(most, LEVELS, "f", "most") == []
    below = broken_certificate(replace(most, bound=51.9), LEVELS, "f", "most")
    assert [broken.rule for broken in below] == ["certificate_bound"]


def test_a_difference_names_what_came_went_and_moved() -> None:
    diff = diff_of({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": "5"})
    assert [(each.item, each.was, each.now) for each in diff.changes] == [
        ("a", "1", None),
        ("c", "3", "4"),
        ("d", None, "5"),
    ]
    assert diff.unchanged == 1


def test_what_is_about_safety_is_not_offered_and_neither_counted_nor_timed() -> None:
    told = Binding("too few bedrooms", "unit 3", "", 2)
    hidden = tuple(Binding("exclusion zone", f"unit {n}", "Tuesday", n, is_safety=True) for n in (4, 5))
    reasons = (Reason("h1", "unplaced", (told, *hidden)), Reason("h2", "unplaced", (hidden[0],)))
    assert redact(reasons) == (
        Reason("h1", "unplaced", (told, NOT_OFFERED)),
        Reason("h2", "unplaced", (NOT_OFFERED,)),
    )
    assert redact(reasons, frozenset({"h1"})) == (reasons[0], Reason("h2", "unplaced", (NOT_OFFERED,)))
