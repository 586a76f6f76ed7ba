"""Pictures for boards: their shapes lie on the picture, their lengths follow the figures, and words say all of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from braid.place.drawings import (
    LONGEST_NAME,
    NAMES,
    Bar,
    Limits,
    Mark,
    Pair,
    draw_bars,
    draw_pairs,
    draw_series,
    draw_shares,
    number_words,
    shortened,
)
from braid.store.exports import Area, Label, Line, Picture
from drawn import drawn

VALUES = st.none() | st.floats(0, 1e6, allow_nan=False)
NAME = st.text("abcdefgh ", min_size=1, max_size=50)


def points_of(picture: Picture) -> list[tuple[float, float]]:
    return [point for shape in picture.shapes for point in ((shape.at,) if isinstance(shape, Label) else shape.points)]


def lies_on(picture: Picture) -> bool:
    """Whether every point lies on the picture, dots on its edge apart."""
    return all(-3 <= x <= picture.width + 3 and -3 <= y <= picture.height + 3 for x, y in points_of(picture))


@drawn(60, 3000)
@given(st.lists(st.tuples(NAME, VALUES), max_size=12))
def test_bars_are_as_long_as_their_values_and_all_are_said(found: list) -> None:
    bars = [Bar(name, value, "not shown" if value is None else f"{value:.0f}") for name, value in found]
    picture = draw_bars("Waits", bars)
    assert lies_on(picture)
    lengths = [shape.points[1][0] - NAMES for shape in picture.shapes if isinstance(shape, Area)]
    shown = [bar.value for bar in bars if bar.value]
    assert len(lengths) == len(shown)
    if shown:
        longest = max(lengths)
        assert all(
            abs(length / longest - value / max(shown)) < 1e-6 for length, value in zip(lengths, shown, strict=True)
        )
    assert all(f"{bar.name}: {bar.words}" in picture.alternative for bar in bars)


@drawn(60, 3000)
@given(st.lists(VALUES, max_size=30), st.booleans(), st.booleans())
def test_a_series_lies_on_its_picture_and_a_gap_stays_a_gap(values: list, has_limits: bool, has_target: bool) -> None:
    marks = [Mark(f"week {number}", value) for number, value in enumerate(values)]
    limits, target = (Limits(5, 2, 8) if has_limits else None), (3.0 if has_target else None)
    picture = draw_series("Weeks", marks, "weeks", limits, target)
    assert lies_on(picture)
    drawn_lines = [shape for shape in picture.shapes if isinstance(shape, Line) and shape.colour == "blue"]
    on_lines = sum(len(line.points) for line in drawn_lines)
    dots = sum(isinstance(shape, Area) for shape in picture.shapes)
    assert dots == sum(value is not None for value in values)
    assert on_lines <= dots
    assert ("target 3" in picture.alternative) == (has_target and dots > 0)


def test_what_lies_outside_the_limits_is_named() -> None:
    marks = [Mark("May", 5.0), Mark("June", 9.5), Mark("July", None), Mark("August", 4.0)]
    words = draw_series("Weeks", marks, "weeks", Limits(5, 2, 8)).alternative
    assert "outside them: June" in words
    assert "5 (May) to 4 (August) weeks, 3 values" in words


def test_shares_fill_each_column_and_are_said_at_both_ends() -> None:
    picture = draw_shares("Paid for", ["April", "May"], [("posts", [75, 50]), ("outcomes", [25, 50])])
    areas = [shape for shape in picture.shapes if isinstance(shape, Area)]
    heights = [shape.points[2][1] - shape.points[0][1] for shape in areas[:4]]
    assert heights == [112.5, 37.5, 75, 75]
    assert "posts: 75% at first, 50% at last" in picture.alternative
    assert draw_shares("Nothing", [], []).alternative == "No columns."
    assert lies_on(draw_shares("Empty", ["May"], [("posts", [0])]))


def test_pairs_say_which_is_which() -> None:
    picture = draw_pairs(
        "Bought", ("apart", "together"), [Pair("weeks", 10, 15, "10", "15"), Pair("all", None, 1, "-", "1")]
    )
    assert "weeks: 10 apart, 15 together" in picture.alternative
    assert [shape.words for shape in picture.shapes if isinstance(shape, Label)][:3] == [
        "weeks",
        "10, apart",
        "15, together",
    ]
    assert lies_on(picture)


def test_numbers_and_names_are_said_shortly() -> None:
    assert [number_words(value) for value in (0, 4.25, 12, 1234.6)] == ["0", "4.2", "12", "1,235"]
    assert len(shortened("x" * 60)) == LONGEST_NAME
    assert shortened("short") == "short"
