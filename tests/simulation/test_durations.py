"""Laws of a duration: what each refuses, what each means, and how it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from braid.language.documents import DocumentInvalid, Part, parse
from braid.simulation.durations import (
    Duration,
    Erlang,
    Exponential,
    Fixed,
    Lognormal,
    Quantiles,
    Uniform,
    Weibull,
)
from simulation.laws import LAWS


def _quantiles(shares, weeks):
    return Quantiles("quantiles", tuple(shares), tuple(weeks))


SOUND = [
    Fixed("fixed", 0.0),
    Exponential("exponential", 0.001),
    Weibull("weibull", 1.0, 0.2),
    Weibull("weibull", 1.0, 50.0),
    Lognormal("lognormal", 1.0, 1.0001),
    Lognormal("lognormal", 1.0, 200.0),
    Erlang("erlang", 1.0, 1),
    Erlang("erlang", 1.0, 20),
    Uniform("uniform", 0.0, 0.1),
    _quantiles((0.0, 1.0), (0.0, 0.0)),
    _quantiles((0.0, 0.5, 1.0), (1.0, 1.0, 4.0)),
]
FAULTY = [
    (Fixed("fixed", -0.1), "x.weeks", "no duration is below 0"),
    (Exponential("exponential", 0.0), "x.mean", "it is above 0"),
    (Exponential("exponential", float("nan")), "x.mean", "it is above 0"),
    (Weibull("weibull", -1.0, 2.0), "x.mean", "it is above 0"),
    (Weibull("weibull", 1.0, 0.19), "x.shape", "the shape lies between 0.2 and 50"),
    (Weibull("weibull", 1.0, 50.1), "x.shape", "the shape lies between 0.2 and 50"),
    (Lognormal("lognormal", 2.0, 2.0), "x.p95", "it lies above the median, at most 200 times as high"),
    (Lognormal("lognormal", 2.0, 401.0), "x.p95", "it lies above the median, at most 200 times as high"),
    (Erlang("erlang", 0.0, 2), "x.mean", "it is above 0"),
    (Erlang("erlang", 1.0, 0), "x.phases", "there are 1 to 20 phases"),
    (Erlang("erlang", 1.0, 21), "x.phases", "there are 1 to 20 phases"),
    (Uniform("uniform", 2.0, 2.0), "x", "low is 0 or more and below high"),
    (Uniform("uniform", -1.0, 2.0), "x", "low is 0 or more and below high"),
    (_quantiles((0.0, 1.0), (1.0,)), "x", "each share has its weeks, and there are two or more"),
    (_quantiles((0.0,), (1.0,)), "x", "each share has its weeks, and there are two or more"),
    (_quantiles((0.1, 1.0), (0.0, 1.0)), "x.shares", "shares rise from 0 to 1"),
    (_quantiles((0.0, 0.9), (0.0, 1.0)), "x.shares", "shares rise from 0 to 1"),
    (_quantiles((0.0, 0.5, 0.5, 1.0), (0.0, 1.0, 2.0, 3.0)), "x.shares", "shares rise from 0 to 1"),
    (_quantiles((0.0, 1.0), (-1.0, 1.0)), "x.weeks", "weeks are 0 or more and never fall"),
    (_quantiles((0.0, 0.5, 1.0), (0.0, 2.0, 1.0)), "x.weeks", "weeks are 0 or more and never fall"),
]


@pytest.mark.parametrize("duration", SOUND, ids=repr)
def test_nothing_is_wrong_at_the_edges_of_what_may_be(duration):
    assert list(duration.faults("x")) == []


@pytest.mark.parametrize(("duration", "place", "rule"), FAULTY, ids=[repr(one[0]) for one in FAULTY])
def test_what_cannot_be_is_named_with_place_rule_and_next_step(duration, place, rule):
    found = list(duration.faults("x"))
    assert [each[:2] for each in found] == [(place, rule)]
    assert all(next_step for _place, _rule, next_step in found)


@pytest.mark.parametrize(
    ("duration", "places"),
    [
        (Weibull("weibull", 0.0, 99.0), ["x.mean", "x.shape"]),
        (Lognormal("lognormal", 0.0, 1.0), ["x.median", "x.p95"]),
        (Erlang("erlang", -1.0, 99), ["x.mean", "x.phases"]),
    ],
)
def test_two_faults_are_both_named(duration, places):
    assert [place for place, _rule, _next_step in duration.faults("x")] == places


@pytest.mark.parametrize("name", LAWS)
def test_a_law_of_twice_the_time_has_twice_every_quantile(name):
    duration, _law = LAWS[name]
    shares = np.array([1e-6, 0.01, 0.3, 0.5])
    for once, twice in zip(
        duration.quantiles(shares, shares), duration.scaled(2.0).quantiles(shares, shares), strict=True
    ):
        assert twice == pytest.approx(2 * once, rel=1e-9)
    assert duration.scaled(2.0).mean == pytest.approx(2 * duration.mean, rel=1e-12)


def test_a_lognormal_law_has_its_median_and_its_95th_percentile():
    law = Lognormal("lognormal", 3.0, 12.0)
    lower, upper = law.quantiles(np.array([0.5]), np.array([0.05]))
    assert [lower[0], upper[0]] == pytest.approx([3.0, 12.0])


def test_a_measured_law_is_straight_between_its_points():
    law = _quantiles((0.0, 0.5, 1.0), (1.0, 3.0, 7.0))
    lower, upper = law.quantiles(np.array([0.0, 0.25, 0.5]), np.array([0.0, 0.25, 0.5]))
    assert lower.tolist() == [1.0, 2.0, 3.0]
    assert upper.tolist() == [7.0, 5.0, 3.0]
    assert law.mean == 3.5


@dataclass(frozen=True)
class Holder(Part):
    """Something with a duration."""

    duration: Duration


@pytest.mark.parametrize("duration", SOUND, ids=repr)
def test_a_law_is_read_back_as_it_was_written(duration):
    written = json.dumps({"duration": vars(duration)})
    assert parse(written, Holder, "network.json").duration == duration


@pytest.mark.parametrize(
    "written",
    [
        {"law": "gamma", "mean": 1.0},
        {"law": "fixed"},
        {"law": "fixed", "weeks": "2"},
        {"law": "exponential", "mean": 1.0, "shape": 2.0},
        {"law": "erlang", "mean": 1.0, "phases": 2.5},
    ],
)
def test_what_is_no_law_is_refused(written):
    with pytest.raises(DocumentInvalid):
        parse(json.dumps({"duration": written}), Holder, "network.json")
