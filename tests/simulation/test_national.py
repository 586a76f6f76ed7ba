"""The national example: its figures have sources, its lists agree with them, and its care proceedings had the past."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from braid.simulation.durations import Fixed, Lognormal, Weibull
from braid.simulation.engines import compiled, plain
from braid.simulation.faults import faults
from braid.simulation.national import agreement, backtest
from braid.simulation.national.care import care_durations, wait_at, weeks_without_waiting
from braid.simulation.national.derivations import (
    WEEKS_A_YEAR,
    derivations,
    derived,
    patience_behind,
    patience_of,
    weeks_of_stay,
)
from braid.simulation.national.figures import (
    FiguresInvalid,
    assumed,
    care_points,
    figure,
    parse_figures,
    published,
    sitting_ratios,
)
from braid.simulation.national.network import PARTS, national_network
from braid.simulation.national.standing import in_the_middle, mean_of_longer, thinning_queue
from braid.simulation.program import compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import differences

REPOSITORY = Path(__file__).resolve().parents[2]
needs_compiler = pytest.mark.skipif(not compiled.is_available(), reason="no C compiler on this machine")


@pytest.fixture(scope="module")
def first_year():
    return agreement.run_first_year()


@pytest.fixture(scope="module")
def care_by_seed():
    return {seed: backtest.run_back_test(seed) for seed in sitting_ratios()}


@pytest.fixture(scope="module")
def care(care_by_seed):
    return care_by_seed[backtest.SEED]


# -- figures


def test_every_figure_says_where_it_was_read_and_every_assumption_why():
    assert len(published()) > 40
    assert all(one.publisher and one.title and one.date for one in published().values())
    assert all(one.source for one in published().values() if one.taken != "publisher")
    assert all(len(one.reason) > 20 for one in assumed().values())
    assert not set(published()) & set(assumed()) and not set(derivations()) & (set(published()) | set(assumed()))


FIGURE = """[[figure]]
id = "one"
value = 1
unit = "cases"
date = "2025"
area = "E"
publisher = "a department"
title = "statistics"
taken = "publisher"
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (FIGURE.replace('"E"', '"Wales"'), "area is E or EW"),
        (FIGURE.replace('"publisher"\n', '"press"\n'), "name who reported it"),
        (FIGURE + FIGURE, "two figures have one id"),
        (FIGURE.replace('unit = "cases"\n', ""), "one: fields are missing"),
        (FIGURE + "value", "mend the line"),
    ],
)
def test_a_figure_out_of_form_is_refused_with_its_name_and_next_step(text, says):
    with pytest.raises(FiguresInvalid, match=says):
        parse_figures(text, "figures.toml")


def test_a_figure_in_form_is_read():
    assert [one.value for one in parse_figures(FIGURE, "figures.toml")] == [1]


# -- Little's law


def test_a_quarter_of_a_million_leave_the_treatment_list_uncounted_in_a_month():
    gap = figure("rtt_starts_june") - figure("rtt_admitted_june") - figure("rtt_non_admitted_june")
    assert gap == 270_698
    assert derived("rtt_uncounted_june") == pytest.approx(260_000, rel=0.01)
    assert derived("rtt_uncounted_june") / figure("rtt_starts_june") == pytest.approx(0.14, abs=0.005)
    assert derived("rtt_uncounted_june") / figure("rtt_list_june") == pytest.approx(0.035, abs=0.001)
    assert derived("rtt_stay") == pytest.approx(18.7, abs=0.1)
    assert patience_of(figure("rtt_list_june"), derived("rtt_uncounted_june") / (365.25 / 84)) == pytest.approx(
        123, abs=1
    )


def test_one_queue_for_social_housing_would_make_everybody_wait_five_years():
    assert derived("register_naive_years") == pytest.approx(5.1, abs=0.05)
    assert figure("lettings_within_a_year") == 0.56


def test_temporary_accommodation_is_three_years_of_lets_and_the_crown_court_34_weeks_of_receipts():
    assert derived("temporary_accommodation_years") == pytest.approx(3.3, abs=0.05)
    assert derived("crown_stay") == pytest.approx(34, abs=0.5)
    assert weeks_of_stay(78_000, 30_000 / 13) == pytest.approx(33.8)


def test_patience_behind_makes_the_list_as_long_as_it_is():
    patience = patience_behind(644_529.0, 1_400.0, 208.0)
    waited = (np.arange(200_000) + 0.5) / 200_000 * 208.0
    joined = 1_400.0 * np.exp(208.0 / patience)
    assert joined * np.exp(-waited / patience).mean() * 208.0 == pytest.approx(644_529, rel=1e-4)


def test_flows_of_homeless_households_add_up():
    assert derived("homeless_soon") + derived("homeless_long") == pytest.approx(derived("homeless_duties"))
    assert derived("homeless_soon_inside") > 0
    assert derived("homeless_soon_lets") + derived("homeless_long_lets") == pytest.approx(derived("lettings_homeless"))


# -- who stands where


@pytest.mark.parametrize(
    "duration", [Fixed("fixed", 5.0), Weibull("weibull", 9.0, 2.0), Lognormal("lognormal", 7.2, 47)]
)
def test_as_many_are_in_a_step_as_begin_it_a_week_times_its_weeks(duration):
    groups = list(in_the_middle("p", "s", duration, 10_000.0, (), (2.0, 3.0)))
    assert sum(one.count for one in groups) == pytest.approx(10_000 * duration.mean, rel=0.005)
    assert all(one.least == one.begun_least + 2 and one.most == one.begun_most + 3 for one in groups)


def test_those_longer_in_a_step_are_a_part_of_those_in_it():
    law = Weibull("weibull", 40.0, 1.5)
    every, long = (
        sum(one.count for one in in_the_middle("p", "s", law, 1e5, (), (0.0, 0.0), longer_than=weeks))
        for weeks in (0.0, 26.0)
    )
    below = np.minimum(40.0 / 0.9027452929509336 * np.random.default_rng(1).weibull(1.5, 400_000), 26.0).mean()
    assert (every - long) / 1e5 == pytest.approx(below, rel=0.01)


def test_a_thinning_queue_keeps_its_length_and_has_fewer_of_those_who_joined_long_ago():
    groups = list(thinning_queue("p", 9_000.0, (0.0, 10.0, 20.0, 30.0), 15.0))
    assert sum(one.count for one in groups) == pytest.approx(9_000, abs=2)
    assert groups[1].count / groups[0].count == pytest.approx(np.exp(-10 / 15), rel=1e-3)


def test_the_longer_of_two_things_is_as_long_as_arithmetic_says():
    two = Fixed("fixed", 6.0)
    assert mean_of_longer(Fixed("fixed", 4.0), two, 0.25) == pytest.approx(0.25 * 6 + 0.75 * 4)
    assert mean_of_longer(care_durations().assessment, two, 1.0) > 6.0


def test_a_case_that_waits_for_hearings_takes_its_work_and_its_waits():
    hearings = derived("care_hearings") + derived("care_finals")
    assert weeks_without_waiting() + hearings * wait_at(40.0) == pytest.approx(40.0)
    assert wait_at(10.0) == 0.0


# -- the network


@pytest.mark.parametrize("scale", [1.0, 0.05, 0.01])
def test_the_network_is_sound_at_every_scale(scale):
    assert list(faults(national_network(scale))) == []


def test_a_scale_scales_people_capacity_and_arrivals():
    whole, tenth = national_network(), national_network(0.1)
    assert sum(one.count for one in whole.present) == pytest.approx(
        10 * sum(one.count for one in tenth.present), rel=1e-4
    )
    for one, other in zip(whole.services, tenth.services, strict=True):
        assert other.capacity.level == pytest.approx(one.capacity.level / 10)
    for one, other in zip(whole.pathways, tenth.pathways, strict=True):
        assert other.arrivals.level == pytest.approx(one.arrivals.level / 10)


@pytest.mark.parametrize("scale", [0.0, -1.0, 1.5])
def test_a_scale_out_of_range_is_refused(scale):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        national_network(scale)


def test_lists_of_the_first_day_are_the_published_ones():
    network = national_network()
    inside = {one.id: 0 for one in network.pathways}
    for group in network.present:
        inside[group.pathway] += group.count
    treatment = inside["treatment_routine"] + inside["treatment_urgent"]
    assert treatment == pytest.approx(figure("rtt_list_june"), rel=1e-5)
    accommodated = sum(one.count for one in network.present if "accommodation" in one.begun)
    assert accommodated == pytest.approx(figure("temporary_accommodation_june"), abs=10)
    waiting = sum(one.count for one in network.present if one.pathway == "register_household" and not one.begun)
    assert waiting == pytest.approx(figure("register_households"), abs=10)


def test_the_network_has_a_source_for_each_published_figure():
    assert set(national_network(0.01).sources) == set(published())


@needs_compiler
def test_both_engines_write_the_same_record_of_the_example():
    program = compile_network(replace(national_network(0.001, 6)))
    assert differences(plain.run(program, seed_of(1, 0)), compiled.run(program, seed_of(1, 0))) == []


# -- agreement

MISSED = {"Lettings after five years or more"}
"""What the model is known not to give: a queue that serves whoever waits longest has no long beside short waits."""


@needs_compiler
def test_a_first_year_agrees_with_what_is_published(first_year):
    rows = agreement.compare_with_published(first_year)
    assert {one.title for one in rows if not one.agrees} == MISSED
    assert sum(one.kind == "follows" and one.agrees for one in rows) >= 7


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_first_year_agrees_by_more_than_luck(seed):
    rows = agreement.compare_with_published(agreement.run_first_year(seed=seed))
    assert {one.title for one in rows if not one.agrees} == MISSED


@needs_compiler
@pytest.mark.slow
def test_the_parts_apart_are_the_whole_together():
    """What is simulated apart for its size, and all in one network, give the same within what chance allows."""
    network = national_network(0.1, 52)
    assert len(PARTS) == 7
    runs = agreement.simulate(network, 1, counting=agreement.COUNTING)
    year = agreement.Year(runs, 0.1)
    rows = agreement.compare_with_published(agreement.FirstYear(year, year))
    assert sum(one.agrees for one in rows) >= len(rows) - 6


# -- back-test


def test_every_stretch_has_its_sitting_time():
    assert len(sitting_ratios()) >= 3
    for ratios in sitting_ratios().values():
        assert len(ratios) == len(backtest.fitting(care_points()))
        assert all(0.8 < ratio < 1.3 for ratio in ratios)


def test_cases_come_as_they_are_published_to_have_come():
    cases = backtest.cases_by_week(backtest.care_volumes())
    first, after = backtest.weeks_of("2017")
    assert cases[first:after].sum() == pytest.approx(19_190, rel=0.02)
    first, after = backtest.weeks_of("2013 Q3")
    assert cases[first:after].mean() == pytest.approx(3_673 / (WEEKS_A_YEAR / 4), rel=0.02)


@needs_compiler
def test_the_back_test_meets_the_means_that_it_was_fitted_to(care):
    for one in backtest.predictions(care):
        if one.point.use == "capacity":
            assert one.mean_weeks == pytest.approx(one.point.mean_weeks, abs=0.3), one.point.period


@needs_compiler
def test_the_back_test_predicts_means_between_no_worse_than_a_straight_line(care):
    found = backtest.predictions(care)
    errors = backtest.errors_of(found)
    assert errors.mean_weeks < 1.8
    assert errors.mean_weeks < errors.straight
    held = [one for one in found if one.point.use == "held"]
    assert len(held) >= 14
    assert max(abs(one.mean_weeks - one.point.mean_weeks) for one in held) < 5


@needs_compiler
def test_the_back_test_has_the_shape_of_later_years(care):
    found = backtest.predictions(care)
    errors = backtest.errors_of(found)
    assert errors.within < 0.03
    assert errors.within < errors.lognormal < errors.exponential
    held = [one for one in found if one.point.within is not None and not one.point.shape]
    assert len(held) >= 18
    assert max(abs(one.within - one.point.within) for one in held) < 0.075


@needs_compiler
def test_more_are_within_the_limit_at_the_same_mean_when_waits_fall(care):
    found = {one.point.period: one for one in backtest.predictions(care)}
    rising, falling = found["2021 Q2"], found["2023 Q2"]
    assert rising.point.mean_weeks == falling.point.mean_weeks
    assert rising.point.within < falling.point.within
    assert falling.within - rising.within > 0.01
    assert rising.lognormal == falling.lognormal


@needs_compiler
def test_the_back_test_concludes_about_as_many_cases_as_are_published(care):
    for one in backtest.concluded_volumes(care):
        assert one.simulated == pytest.approx(one.volume.disposed, rel=0.2), one.volume.period


@needs_compiler
def test_the_shape_is_not_luck(care_by_seed):
    for runs in care_by_seed.values():
        errors = backtest.errors_of(backtest.predictions(runs))
        assert errors.mean_weeks < 1.8
        assert errors.within < 0.03
        assert errors.corrected < 0.025
        assert errors.corrected < errors.lognormal < errors.at_mean < errors.exponential / 4


# -- the page


@needs_compiler
def test_the_page_of_the_national_example_is_up_to_date(first_year, care_by_seed):
    page = runpy.run_path(str(REPOSITORY / "tools" / "national_page.py"))
    written = page["PAGE"].read_text(encoding="utf-8")
    assert written == page["render"](first_year, care_by_seed), "run: python tools/national_page.py"
