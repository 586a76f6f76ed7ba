"""Two packs of a board: each figure then and now, and nothing that came or went is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.place.packs import VERDICTS, PackFigure, compare_packs
from drawn import drawn


def figure(key: str, value: float | None, lower: bool | None = True) -> PackFigure:
    return PackFigure(key, key.upper(), value, "-" if value is None else f"{value:g}", "2026-11-15", "run", lower)


@pytest.mark.parametrize(
    ("then", "now", "lower", "verdict"),
    [
        (5, 4, True, "better"),
        (5, 6, True, "worse"),
        (5, 6, False, "better"),
        (5, 6, None, "changed"),
        (5, 5, True, "same"),
        (None, 5, True, "not_shown"),
        (5, None, True, "not_shown"),
    ],
)
def test_a_change_is_said_the_way_that_is_better(
    then: float | None, now: float | None, lower: bool | None, verdict: str
) -> None:
    (change,) = compare_packs([figure("a", then, lower)], [figure("a", now, lower)])
    assert change.verdict == verdict


FIGURES = st.dictionaries(st.sampled_from("abcdef"), st.none() | st.integers(0, 3), max_size=6).map(
    lambda found: [figure(key, value) for key, value in found.items()]
)


@drawn(80, 3000)
@given(FIGURES, FIGURES)
def test_every_figure_of_either_pack_is_told_once(then: list[PackFigure], now: list[PackFigure]) -> None:
    changes = compare_packs(then, now)
    assert [change.title for change in changes][: len(now)] == [one.title for one in now]
    assert sorted(change.title for change in changes) == sorted({one.title for one in (*then, *now)})
    known = {one.title for one in then}
    assert all((change.verdict == "new") == (change.title not in known) for change in changes)
    assert all(change.verdict in VERDICTS for change in changes)
    assert all(change.then is None for change in changes if change.verdict == "new")
    assert all(change.now is None for change in changes if change.verdict == "gone")
