"""The geometry of the drawings: nothing outside its frame, nothing on top of another, nothing left out."""

import datetime as dt
import itertools
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from braid.web.charts import BOX_HEIGHT, BOX_WIDTH, draw_bars, draw_flows, draw_graph, draw_time_line

TODAY = dt.date(2026, 11, 15)
DAYS = st.integers(0, 4000)


def blocker(holder: str, held: str, own: bool = True):
    return SimpleNamespace(
        holder_wait_id=holder if own else "",
        own_wait_holds=own,
        holder=f"What {holder} is",
        held_wait_id=held,
        held=f"What {held} is",
    )


@given(st.lists(st.tuples(st.text(max_size=5), st.none() | st.integers(0, 10**6)), max_size=30))
def test_bars_keep_their_proportion(values):
    drawn = draw_bars(values, 300)
    assert [bar.label for bar in drawn.bars] == [label for label, _ in values]
    top = max((value or 0 for _, value in values), default=0)
    for bar, (_, value) in zip(drawn.bars, values, strict=True):
        assert 0 <= bar.width <= 300
        assert abs(bar.width * top - 300 * (value or 0)) < 1e-6 * max(top, 1)
        assert (bar.shown == "not shown") == (value is None)


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.booleans()), min_size=1, max_size=15)
)
def test_a_graph_holds_every_edge_and_boxes_lie_apart(edges):
    """Circles too: a wait may hold one that holds it."""
    drawn = draw_graph([blocker(*edge) for edge in edges])
    assert len(drawn.arrows) == len({(holder if own else f"What {holder} is", held) for holder, held, own in edges})
    for one in drawn.boxes:
        assert one.x >= 0 and one.x + BOX_WIDTH <= drawn.width
        assert one.y >= 0 and one.y + BOX_HEIGHT <= drawn.height
        for other in drawn.boxes:
            apart = abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
            assert one is other or apart


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwx")), st.none() | st.integers(8, 10**5), min_size=1
    )
)
def test_bands_are_as_wide_as_their_waits_and_lie_side_by_side(held):
    rows = [(holder, of, waits) for (holder, of), waits in held.items()]
    drawn = draw_flows(rows)
    top = max((waits or 0 for *_, waits in rows), default=0)
    assert [name for name, _ in drawn.left] == list(dict.fromkeys(holder for holder, _, _ in rows))
    for (_, _, waits), band in zip(rows, drawn.bands, strict=True):
        assert band.hidden == (waits is None)
        assert band.width == max(2.0, round(26 * (waits or 0) / (top or 1), 1))
    for side, end in ((0, "y1"), (1, "y2")):
        edges = sorted(
            (getattr(band, end) - band.width / 2, getattr(band, end) + band.width / 2) for band in drawn.bands
        )
        assert edges[0][0] >= -0.1 and edges[-1][1] <= drawn.height + 0.1
        assert all(one[1] <= other[0] + 0.2 for one, other in itertools.pairwise(edges)), side
    for names in (drawn.left, drawn.right):
        heights = [height for _, height in names]
        assert all(later - earlier >= 30 for earlier, later in itertools.pairwise(heights))


def test_a_holder_stands_above_what_it_holds():
    drawn = draw_graph([blocker("a", "b"), blocker("b", "c")])
    heights = {box.lines[0]: box.y for box in drawn.boxes}
    assert heights["What a is"] < heights["What b is"] < heights["What c is"]


def test_without_blockers_or_waits_nothing_is_drawn():
    assert draw_graph([]) is None
    assert draw_flows([]) is None
    assert draw_time_line([], TODAY, 580) is None


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(-2000, 2000), st.booleans()), min_size=1, max_size=10))
def test_a_time_line_keeps_order_and_frame(waits):
    rows = [
        SimpleNamespace(
            kind_name="Wait",
            elapsed_days=days,
            start_date=TODAY - dt.timedelta(days=days),
            stop_date=TODAY if ended else None,
            due_date=None if due is None else TODAY + dt.timedelta(days=due),
            clock="within",
        )
        for days, due, ended in waits
    ]
    drawn = draw_time_line(rows, TODAY, 580)
    assert len(drawn.spans) == len(rows)
    for span in drawn.spans:
        assert 0 <= span.x <= 580.1
        assert span.due_x is None or 0 <= span.due_x <= 580.1
        assert span.width >= 3
    for earlier, later in zip(drawn.spans, drawn.spans[1:], strict=False):
        assert later.y - earlier.y == 44
