"""The clocks of reviews: each review held ends one and begins the next, by the limit of its place in the chain."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from braid.extracts.model import Source
from braid.extracts.read import read_feed
from braid.extracts.standards.review_clocks import LOOKED_AFTER, PROTECTION, chain_later_reviews, chain_reviews
from extracts.census import clocks_of, read_census

START = dt.date(2025, 1, 6)
FIRST, SECOND, THIRD = dt.date(2025, 1, 31), dt.date(2025, 4, 28), dt.date(2025, 10, 20)


def _told(clocks: list[Any]) -> list[tuple[Any, ...]]:
    return [(clock.kind, clock.start, clock.stop) for clock in clocks]


def test_each_review_ends_a_clock_and_begins_the_next() -> None:
    assert _told(chain_reviews(LOOKED_AFTER, START, None, [THIRD, FIRST, SECOND, FIRST])) == [
        ("cla_review", START, FIRST),
        ("cla_review_second", FIRST, SECOND),
        ("cla_review_later", SECOND, THIRD),
        ("cla_review_later", THIRD, None),
    ]
    assert _told(chain_reviews(PROTECTION, START, None, [FIRST, SECOND])) == [
        ("cpp_review", START, FIRST),
        ("cpp_review_later", FIRST, SECOND),
        ("cpp_review_later", SECOND, None),
    ]


@pytest.mark.parametrize(
    ("end", "last"),
    [
        (THIRD, ("cla_review_later", SECOND, THIRD)),
        (SECOND, ("cla_review_second", FIRST, SECOND)),
        (dt.date(2025, 1, 20), ("cla_review", START, dt.date(2025, 1, 20))),
        (START, ("cla_review", START, START)),
    ],
)
def test_the_end_ends_the_last_clock_and_nothing_begins_on_it(end: dt.date, last: tuple[Any, ...]) -> None:
    days = [dt.date(2024, 12, 1), FIRST, SECOND]
    assert _told(chain_reviews(LOOKED_AFTER, START, end, days))[-1] == last


def test_where_the_start_is_not_known_reviews_are_chained_by_the_longest_limit() -> None:
    assert _told(chain_later_reviews("cla_review_later", None, [SECOND, FIRST])) == [
        ("cla_review_later", FIRST, SECOND),
        ("cla_review_later", SECOND, None),
    ]
    assert chain_later_reviews("cla_review_later", FIRST, [FIRST]) == []
    assert chain_later_reviews("cla_review_later", None, []) == []


def test_a_plan_whose_last_review_was_nine_months_ago_has_a_running_clock(tmp_path: Path) -> None:
    waits = read_census(
        tmp_path,
        "<ChildProtectionPlans><CPPstartDate>2025-02-03</CPPstartDate><Reviews>"
        "<CPPreviewDate>2025-04-28</CPPreviewDate></Reviews></ChildProtectionPlans>",
    )
    assert clocks_of(waits, *PROTECTION) == [
        ("cpp_review", "2025-02-03", "CPPstartDate", "2025-04-28", "CPPreviewDate"),
        ("cpp_review_later", "2025-04-28", "CPPreviewDate", None, None),
    ]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (
            "S",
            [
                ("cla_review", "2025-01-06", "DECOM", "2025-01-31", "REVIEW"),
                ("cla_review_second", "2025-01-31", "REVIEW", None, None),
            ],
        ),
        ("P", [("cla_review_later", "2025-01-31", "REVIEW", None, None)]),
    ],
)
def test_reviews_of_a_looked_after_child_are_chained(tmp_path: Path, reason: str, expected: list[Any]) -> None:
    episodes, reviews = tmp_path / "episodes.csv", tmp_path / "reviews.csv"
    episodes.write_text(f"CHILD,DECOM,RNE,LS\n77,06/01/2025,{reason},C2\n", encoding="utf-8")
    reviews.write_text("CHILD,DOB,REVIEW,REVIEW_CODE\n77,01/02/2009,31/01/2025,PN1\n", encoding="utf-8")
    readings = read_feed([episodes, reviews], Source("feed", "partner", "ssda903", 2025))
    waits = [row for reading in readings for row in reading.records.get("wait", ())]
    assert clocks_of(waits, *LOOKED_AFTER) == expected
