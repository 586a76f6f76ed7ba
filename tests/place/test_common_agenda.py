"""The common agenda: each point follows from what is published and from nothing else, whichever board comes first."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from braid.place.common_agenda import (
    KINDS,
    Aim,
    Hold,
    Known,
    Pull,
    Recut,
    Saving,
    Shares,
    Side,
    aim_words,
    compare_boards,
    derive_agenda,
    gaps,
    span_words,
)
from braid.place.remits import Remit

DAY = dt.date(2026, 11, 15)
WEEKS = Aim("care_weeks", "Weeks of care proceedings", "weeks", True, 30.0, dt.date(2027, 3, 31), "44 weeks")
FAMILY = Side(
    "family-justice", "Family Justice Board", Remit("family-justice", ("court_readiness",), ("care_proceedings",)),
    frozenset({"court", "council"}), frozenset({"court", "council"}), ("Heard when ready",), (WEEKS,),
    (("joint", "Joint fund"),),
)  # fmt: skip
HEALTH = Side(
    "health", "Health Board", Remit("health", (), ("hospital_treatment",)),
    frozenset({"icb", "council"}), frozenset({"icb", "council"}),
)  # fmt: skip
NOTHING = Known(DAY, {}, (), (), (), (), {"backlog_care_proceedings": "Care proceedings"}, {"icb": "Vale ICB"})
PERIOD = "from 1 April 2026 to 31 March 2028"
BOTH = frozenset({"family-justice", "health"})


def kinds_of(one: Side, other: Side, known: Known) -> list[str]:
    return [point.kind for point in derive_agenda(one, other, known)]


def test_of_nothing_known_there_is_no_point_and_that_is_said() -> None:
    assert derive_agenda(FAMILY, HEALTH, NOTHING) == ()
    said = " ".join(gaps(FAMILY, HEALTH, NOTHING))
    for words in ("Health Board has no target", "on both lists is not published", "pays and who saves is not known"):
        assert words in said
    assert "no remit" not in said
    assert "has no remit" in " ".join(gaps(replace(HEALTH, remit=Remit("health")), FAMILY, NOTHING))


def test_a_remit_that_was_changed_is_told_with_what_it_was_and_that_lists_are_cut_once() -> None:
    recut = (Recut("Health Board", ("backlog_care_proceedings",)), Recut("gone", ()))
    said = " ".join(gaps(FAMILY, HEALTH, replace(NOTHING, recut=recut)))
    assert "Health Board, which was Care proceedings; gone, which was empty" in said
    assert "lists are cut once" in said and "Put back in boards.toml what stood there" in said
    shown = replace(NOTHING, recut=recut, people={BOTH: (8, 12)})
    assert "cut once" not in " ".join(gaps(FAMILY, HEALTH, shown)), "what is published needs no excuse"


@pytest.mark.parametrize(
    ("known", "kind", "figure"),
    [
        (replace(NOTHING, people={BOTH: (408, 412)}), "shared_people", "408 to 412 people"),
        (replace(NOTHING, shares=(Shares("family-justice", {"health": 60}),)), "shared_waits", "about 60%"),
        (
            replace(NOTHING, holds=(Hold("care_proceedings", "Care proceedings", "icb", "Write the report", 40, 300),)),
            "holds",
            "40 waits, 300 weeks waited so far",
        ),
        (
            replace(
                NOTHING, savings=(Saving("More therapy", "icb", "court", 12_345_00, PERIOD, "interventions.toml"),)
            ),
            "pays_and_saves",
            "\N{POUND SIGN}12,345 " + PERIOD,
        ),
        (
            replace(NOTHING, pulls=(Pull("Six lettings", "family-justice", "health", "+0.7 weeks", "simulation"),)),
            "conflict",
            "+0.7 weeks",
        ),
    ],
)
def test_each_point_follows_from_one_thing_that_is_known(known: Known, kind: str, figure: str) -> None:
    (point,) = derive_agenda(FAMILY, HEALTH, known)
    assert (point.kind, point.figure) == (kind, figure)
    assert point.why and point.source
    assert derive_agenda(HEALTH, FAMILY, known) == (point,)


@pytest.mark.parametrize(
    "known",
    [
        replace(NOTHING, people={BOTH: (0, 7)}),
        replace(NOTHING, people={frozenset({"health", "safety"}): (408, 412)}),
        replace(NOTHING, shares=(Shares("family-justice", {"family-justice": 60}),)),
        replace(NOTHING, holds=(Hold("care_proceedings", "Care proceedings", "council", "Assess", 40, 300),)),
        replace(NOTHING, holds=(Hold("send", "Plans", "icb", "Assess", 40, 300),)),
        replace(NOTHING, savings=(Saving("More", "council", "court", 100, PERIOD, "x"),)),
        replace(NOTHING, pulls=(Pull("Six", "family-justice", "safety", "more", "x"),)),
    ],
)
def test_what_is_of_one_board_alone_or_of_another_pair_is_no_point(known: Known) -> None:
    assert derive_agenda(FAMILY, HEALTH, known) == ()


def test_a_conflict_comes_first_and_larger_before_smaller() -> None:
    known = replace(
        NOTHING,
        people={BOTH: (408, 412)},
        holds=(
            Hold("care_proceedings", "Care proceedings", "icb", "Write the report", 40, None),
            Hold("care_proceedings", "Care proceedings", "icb", "See the child", 90, None),
            Hold("hospital_treatment", "Hospital", "court", "Fix a date", 10, None),
        ),
        pulls=(Pull("Six lettings", "health", "family-justice", "+0.7 weeks", "simulation"),),
    )
    points = derive_agenda(FAMILY, HEALTH, known)
    assert [point.kind for point in points] == ["conflict", "shared_people", "holds", "holds", "holds"]
    assert [point.title for point in points][2:] == ["See the child", "Write the report", "Fix a date"]
    assert next(iter(KINDS)) == "conflict"


def test_one_outcome_with_two_targets_is_a_conflict_and_with_one_is_common() -> None:
    same = replace(HEALTH, aims=(WEEKS,))
    assert kinds_of(FAMILY, same, NOTHING) == ["same_outcome"]
    other = replace(HEALTH, aims=(replace(WEEKS, target=26.0),))
    points = derive_agenda(FAMILY, other, NOTHING)
    assert [point.kind for point in points] == ["conflict", "same_outcome"]
    assert points[0].figure == "30 and 26 weeks"


def test_what_both_look_after_and_decide_on_is_said() -> None:
    other = replace(HEALTH, remit=Remit("health", ("court_readiness",), ("care_proceedings",)), funds=FAMILY.funds)
    points = derive_agenda(FAMILY, other, NOTHING)
    assert [(point.kind, point.title) for point in points] == [
        ("same_population", "Care proceedings"),
        ("same_population", "statement_court_readiness"),
        ("same_money", "Joint fund"),
    ]


def test_boards_stand_side_by_side() -> None:
    heads = {line.head: line for line in compare_boards(FAMILY, HEALTH, NOTHING)}
    assert heads["Priorities"].first == ("Heard when ready",) and heads["Priorities"].second == ()
    assert heads["Bodies"].second == ("Vale ICB", "council")
    assert heads["Outcomes and targets"].first == (aim_words(WEEKS),)
    assert aim_words(WEEKS) == "Weeks of care proceedings, now 44 weeks; target 30 weeks by March 2027"
    assert aim_words(replace(WEEKS, target=None, shown="")) == "Weeks of care proceedings, not published; no target"


def test_a_range_is_said_as_it_is_known() -> None:
    assert [span_words(span) for span in ((5, 5), (8, 12), (0, 7))] == [
        "5 people",
        "8 to 12 people",
        "at most 7 people",
    ]
