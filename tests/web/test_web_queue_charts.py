"""The drawings and the words of a queue: nothing outside its frame, nothing joined over a gap, nothing said unknown."""

import datetime as dt
import itertools
import math
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from braid.waits.reckoning import Asked, reckon
from braid.web.queue_charts import PAIR_HEIGHT, draw_line, draw_pairs
from braid.web.queue_words import explain, say_asked, sum_up

FIRST = dt.date(2026, 1, 4)
WIDTH, HEIGHT = 540, 220
VALUES = st.lists(st.tuples(st.integers(1, 40), st.none() | st.integers(0, 5000), st.booleans()), max_size=60)


def days_of(steps):
    day, made = FIRST, []
    for step, value, hollow in steps:
        day += dt.timedelta(step)
        made.append((day, value, hollow))
    return made


@given(VALUES)
def test_a_line_has_a_dot_for_each_value_in_proportion_and_in_its_frame(steps):
    values = days_of(steps)
    shown = [(day, value, hollow) for day, value, hollow in values if value is not None]
    line = draw_line(values, WIDTH, HEIGHT, 14)
    if len(shown) < 2:
        assert line is None
        return
    assert [dot.is_hollow for dot in line.dots] == [hollow for _, _, hollow in shown]
    top = float(line.steps[-1][1].replace(",", ""))
    assert top >= max(value for _, value, _ in shown)
    assert 2 <= len(line.steps) <= 7 and line.steps[0] == (HEIGHT, "0") and line.steps[-1][0] == 0
    whole = (shown[-1][0] - shown[0][0]).days
    for dot, (day, value, _) in zip(line.dots, shown, strict=True):
        assert 0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT
        assert abs(dot.x - WIDTH * (day - shown[0][0]).days / whole) < 0.06
        assert abs(dot.y - HEIGHT * (1 - value / top)) < 0.06
    assert line.last[2] == f"{shown[-1][1]:,}"


@given(VALUES)
def test_days_far_apart_and_days_without_a_value_are_not_joined(steps):
    values = days_of(steps)
    line = draw_line(values, WIDTH, HEIGHT, 14)
    if line is None:
        return
    joined = sum(len(points.split()) - 1 for points in line.lines)
    wanted = sum(
        one[1] is not None and other[1] is not None and (other[0] - one[0]).days <= 14
        for one, other in itertools.pairwise(values)
    )
    assert joined == wanted


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20))
def test_paired_bars_share_one_scale(values):
    drawn = draw_pairs(values, 250)
    top = max((max(one, other) for _, one, other in values), default=0)
    assert drawn.height == PAIR_HEIGHT * len(values)
    for pair, (label, upper, lower) in zip(drawn.pairs, values, strict=True):
        assert pair.label == label and (pair.upper_shown, pair.lower_shown) == (f"{upper:,}", f"{lower:,}")
        for length, value in ((pair.upper, upper), (pair.lower, lower)):
            assert 0 <= length <= 250
            assert abs(length * top - 250 * value) < 1e-6 * max(top, 1)


RATES = st.floats(0, 1000).map(lambda number: round(number, 3))


@given(RATES, RATES, RATES, st.none() | st.floats(0.1, 520).map(lambda number: round(number, 3)), st.integers(1, 520))
def test_what_theory_says_is_said_in_words_whatever_is_asked(size, demand, capacity, target, weeks):
    asked = Asked(size, demand, capacity, target, weeks)
    sentence, lines = explain(asked)
    words = " ".join([sentence, say_asked(asked), *(word for line in lines for word in vars(line).values())])
    assert not {"nan", "inf", "None", "-0"} & set(words.replace(",", "").split())
    found = reckon(asked)
    named = {line.name: line.figure for line in lines}
    assert ("never clears" in sentence) == (found.growth > 0)
    assert (named["Time to clear"] == "Never") == (found.time_to_clear is None)
    assert ("Relief capacity" in named) == (found.target_queue_size is not None)
    assert ("Without a target" in words) == (target is None)
    if found.target_queue_size is not None:
        assert math.isclose(float(named["Waiting-list pressure"].replace(",", "")), found.pressure, abs_tol=0.051)


def queue(waiting=2670, additions=1420, completed=650, change=770, trend="grows", is_known=True):
    figures = SimpleNamespace(waiting=waiting, completed=completed)
    return SimpleNamespace(figures=figures, additions=additions, change=change, trend=trend, is_known=is_known)


def test_how_a_queue_stands_is_said_in_a_sentence():
    assert sum_up(queue()) == "2,670 wait. In 13 weeks about 1,420 began and about 650 ended: the queue grew by 770."
    assert sum_up(queue(change=-770, trend="falls")).endswith("ended: the queue fell by 770.")
    assert sum_up(queue(change=5, trend="steady")).endswith("ended: the queue is about as long as it was.")


def test_what_is_not_known_or_not_shown_is_said_to_be_so():
    said = sum_up(queue(waiting=None, additions=None, change=None, trend="not_known"))
    assert said == (
        "Few wait. In 13 weeks about 650 ended; how many began is not shown, and so not whether the queue grows."
    )
    said = sum_up(queue(is_known=False, additions=None, change=None, trend="not_known"))
    assert said.endswith("began and what ended in 13 weeks is not known in full, and so not whether the queue grows.")
    assert sum_up(queue(completed=None, additions=None)).endswith(
        "few ended; how many began is not shown: the queue grew by 770."
    )
