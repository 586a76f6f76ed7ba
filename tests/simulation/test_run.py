"""Runs: the same digits whoever makes them, paired scenarios, and records that contradict themselves refused."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from braid.language.documents import read_document
from braid.simulation.comparison import compare, variance_reduction
from braid.simulation.engines import compiled
from braid.simulation.engines.choice import choose_engine
from braid.simulation.intervals import half_width
from braid.simulation.measures import level_of
from braid.simulation.model import Band, Change, Clock, Network, Pathway, Present, Service, Weekly
from braid.simulation.record import EVENTS, STEP_COLUMNS
from braid.simulation.run import RecordWrong, check_record, simulate
from braid.simulation.scenarios import (
    ArrivalChange,
    CapacityChange,
    OrderChange,
    PriorityChange,
    Scenario,
    StepChange,
    apply_scenario,
    faults,
)
from braid.simulation.targets import ReachQuestion, Target, capacity_to_reach, most_tried, simulate_until
from simulation.small_networks import exponential, fixed, network, one_list, places, slots, step

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "simulation"))
from reference_networks import n3

SMALL = n3(people=15_000, weeks=60)
MORE = Scenario("scenario", "more lettings", (CapacityChange("capacity", "lettings", add=0.5),))


def test_the_plain_engine_and_the_compiled_one_give_the_same_digest():
    plain = simulate(one_list(weeks=30), 3, engine=choose_engine("plain"))
    assert plain.engine == "plain"
    assert plain.digest() == simulate(one_list(weeks=30), 3).digest()


def test_the_digest_is_the_one_of_every_machine():
    """Nothing but whole numbers decides: a digest that differs here means that figures are no longer repeatable."""
    town = read_document(Path(__file__).resolve().parents[2] / "docs" / "simulation" / "town.json", Network)
    assert simulate(town, 2, seed=7).digest() == "f84a858d79509740d55cfdf2c1e891ad9093f924a2673c543183a9c36b38daf8"


def test_replications_go_on_where_earlier_ones_stopped():
    whole, first, rest = simulate(SMALL, 4), simulate(SMALL, 2), simulate(SMALL, 2, first=2)
    assert replace(whole, records=first.records + rest.records).digest() == whole.digest()


def test_another_seed_gives_other_figures():
    assert simulate(SMALL, 1, seed=1).digest() != simulate(SMALL, 1, seed=2).digest()


def test_progress_is_told_after_each_replication():
    told = []
    simulate(one_list(weeks=10), 3, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("place", [(0, 0), (-1, 1), (-1, -1), (-1, -3)])
def test_a_record_that_contradicts_itself_is_refused(place):
    runs = simulate(SMALL, 1)
    record = runs.records[0]
    check_record(runs.program, record)
    record.rows[-1, place[1]] += 1
    with pytest.raises(RecordWrong, match="contradicts itself"):
        check_record(runs.program, record)


@pytest.mark.parametrize("count", range(1, 7))
def test_a_record_whose_counts_are_wrong_is_refused(count):
    runs = simulate(SMALL, 1)
    runs.records[0].counts[count] += 1
    with pytest.raises(RecordWrong):
        check_record(runs.program, runs.records[0])


def test_the_same_people_come_in_a_scenario_with_more_or_fewer_of_them():
    """A tenth more are new people; of a tenth fewer, some stay away. Nobody else comes at another moment."""
    base = one_list(arrivals=20.0, level=30.0, weeks=40)
    joined = simulate(base, 1).records[0].rows[:, 1]
    for times in (1.1, 0.9):
        change = ArrivalChange("arrivals", "person", times=times)
        other = apply_scenario(base, Scenario("scenario", "x", (change,)))
        paired = simulate(other, 1, base=base).records[0].rows[:, 1]
        difference = np.diff(paired - joined)
        assert (difference >= 0).all() if times > 1 else (difference <= 0).all()
        assert paired[-1] == pytest.approx(joined[-1] * times, rel=0.05)


def test_pairs_with_the_same_luck_tell_far_more_than_independent_ones():
    base = simulate(SMALL, 8)
    other = apply_scenario(SMALL, MORE)
    paired = simulate(other, 8, base=SMALL).values()["list.lettings"]
    apart = simulate(other, 8, seed=99).values()["list.lettings"]
    now = base.values()["list.lettings"]
    assert variance_reduction(now, paired) > 20 > 5 > np.var(apart) / np.var(paired) * 0.5


def test_a_scenario_that_changes_nothing_shows_no_difference():
    base = simulate(SMALL, 4)
    same = simulate(SMALL, 4, base=SMALL)
    found = compare(base, same, "nothing")
    assert not found.gains()
    assert not found.losses()
    assert all(one.difference.mean in (0.0, None) for one in found.differences)


def test_what_one_list_gains_another_loses_where_people_go_on_to_it():
    base = simulate(SMALL, 12)
    told = compare(base, simulate(apply_scenario(SMALL, MORE), 12, base=SMALL), "more lettings")
    assert "list.lettings" in {one.measure.id for one in told.gains()}
    assert "list.school_place" in {one.measure.id for one in told.losses()}


def test_runs_of_other_seeds_are_not_compared():
    with pytest.raises(ValueError, match="same seed"):
        compare(simulate(SMALL, 2), simulate(SMALL, 2, seed=2), "x")


def test_intervals_of_a_comparison_hold_together():
    """Of pairs that differ by chance alone, hardly any comparison of many measures finds a difference."""
    found = 0
    for seed in range(20):
        one, other = simulate(SMALL, 6, seed=seed), simulate(SMALL, 6, seed=1000 + seed)
        told = compare(one, replace(other, seed=seed), "another seed")
        found += any(each.is_found for each in told.differences)
    assert found <= 4


def test_antithetic_pairs_make_means_steadier():
    def spread(*, is_antithetic):
        values = simulate(SMALL, 60, is_antithetic=is_antithetic).values()["list.outpatient"]
        return np.var(values.reshape(-1, 2).mean(axis=1))

    assert spread(is_antithetic=True) < 0.7 * spread(is_antithetic=False)


def test_every_kind_of_change_changes_what_it_says():
    two = Pathway("p", (step("a", "s", exponential(1.0)),), Weekly(2.0))
    made = network((places("s", 3, order="joined"), slots("t", 1)), (two,), 30)
    scenario = Scenario(
        "scenario",
        "all",
        (
            CapacityChange("capacity", "s", add=1.0, times=2.0, from_week=3),
            OrderChange("order", "s", "clock", 4.0),
            ArrivalChange("arrivals", "p", times=0.5),
            PriorityChange("priority", "p", 2),
            StepChange("step", "p", "a", times=2.0, share=0.5),
        ),
    )
    assert faults(scenario, made) == []
    changed = apply_scenario(made, scenario)
    assert changed.service("s").order == "clock"
    assert changed.service("s").ageing_weeks == 4.0
    assert changed.pathway("p").priority == 2
    assert changed.pathway("p").steps[0].duration.mean == 2.0
    assert changed.pathway("p").steps[0].share == 0.5
    program = simulate(changed, 1, base=made).program
    assert program.capacity[0, :5].tolist() == [3, 3, 3, 7, 7]
    assert program.source_keep[0, 0] == 1 << 62


def test_what_a_scenario_cannot_change_is_told():
    wrong = Scenario(
        "scenario",
        "wrong",
        (
            CapacityChange("capacity", "nowhere"),
            ArrivalChange("arrivals", "nowhere"),
            StepChange("step", "person", "nowhere"),
            StepChange("step", "person", "serve", times=0.0),
            StepChange("step", "person", "serve", repeat_share=0.5),
            PriorityChange("priority", "person", 1, band="nowhere"),
        ),
    )
    assert [place for place, *_ in faults(wrong, one_list())] == [
        "changes[0].service",
        "changes[1].pathway",
        "changes[2].step",
        "changes[3].times",
        "changes[4].repeat_share",
        "changes[5].band",
    ]


def test_without_a_compiler_the_plain_engine_says_so_in_one_line(monkeypatch):
    def refuse():
        raise compiled.NoCompiler("no C compiler was found (cc, gcc or clang)")

    monkeypatch.setattr(compiled, "load", refuse)
    chosen = choose_engine()
    assert chosen.name == "plain"
    assert "no C compiler" in chosen.note
    assert "\n" not in chosen.note
    with pytest.raises(compiled.NoCompiler):
        choose_engine("compiled")


def test_a_library_is_built_once_and_moved_into_place_whole(tmp_path, monkeypatch):
    if not compiled.is_available():
        pytest.skip("no C compiler on this machine")
    path = tmp_path / "lib" / "engine.so"
    compiled.build(path)
    assert path.is_file()
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.setattr(compiled, "COMPILERS", ("no-such-compiler",))
    with pytest.raises(compiled.NoCompiler):
        compiled.build(tmp_path / "other.so")


def test_events_are_counted_the_same_by_both_engines_on_the_reference_network():
    slow = simulate(n3(people=3_000, weeks=30), 1, engine=choose_engine("plain"))
    fast = simulate(n3(people=3_000, weeks=30), 1)
    assert slow.records[0].counts[EVENTS] == fast.records[0].counts[EVENTS] > 500
    assert slow.digest() == fast.digest()


@pytest.mark.parametrize("engine", ["plain", "any"])
def test_who_is_in_the_middle_of_a_step_needs_the_other_steps_of_its_coin(engine):
    first = step("first", "s", exponential(1.0), share=0.5, coin="both")
    other = step("other", "t", exponential(1.0), after=("first",), share=0.5, coin="both")
    apart = replace(other, id="apart", coin=None)
    made = network(
        (places("s", 100), places("t", 100)),
        (Pathway("p", (first, other, apart)),),
        100,
        (Present("p", 60, begun=("first",)),),
    )
    last = simulate(made, 1, engine=choose_engine(engine)).records[0].rows[-1]
    assert last[STEP_COLUMNS.index("joined") + len(STEP_COLUMNS)] == 60
    assert 15 < last[STEP_COLUMNS.index("joined") + 2 * len(STEP_COLUMNS)] < 45


@pytest.mark.parametrize(("level", "weeks"), [(1 / 3, 3), (1 / 7, 7), (0.1, 10), (2.5, 2)])
def test_parts_of_slots_are_kept_until_they_make_one(level, weeks):
    made = network((slots("s", level),), (Pathway("p", (step("a", "s"),), Weekly(1.0)),), 10 * weeks)
    given = simulate(made, 1).program.capacity[0]
    assert given.reshape(10, weeks).sum(axis=1).tolist() == [round(level * weeks)] * 10


@pytest.mark.parametrize("weeks", [60, 103, 104, 130])
def test_the_last_year_ends_with_the_last_week(weeks):
    """Places come 52 weeks before the end: whoever is started in the last year waits no more, whatever the weeks."""
    path = Pathway("p", (step("a", "s", exponential(1.0)),), Weekly(9.0))
    more = (Change(weeks - 52, add=40.0),)
    services = (Service("s", "places", Weekly(0.0, changes=more)),)
    values = simulate(network(services, (path,), weeks), 4).values()
    started = simulate(network(services, (path,), weeks), 1).records[0].wait_sums[-1, 0, 0]
    assert started == simulate(network(services, (path,), weeks), 1).records[0].rows[-1, 2]
    assert (values["list.s"] == 0).all()


@pytest.mark.parametrize("weeks", [5, 13, 60, 65])
def test_who_is_open_for_long_is_counted_on_the_last_day(weeks):
    path = Pathway("p", (step("a", "s"),), Weekly(10.0), clock=Clock(4.0))
    runs = simulate(network((places("s", 0),), (path,), weeks), 1)
    ages = runs.records[0].clock_ages[-1, 0]
    assert ages.sum() == runs.values()["list.s"][0]
    assert ages[52:].sum() == runs.values()["long.p"][0]
    assert (runs.values()["long.p"][0] > 0) == (weeks > 52)


@pytest.mark.parametrize("weeks", [2.5, 300.0])
def test_a_limit_that_is_not_counted_has_no_measure(weeks):
    path = Pathway("p", (step("a", "s"),), Weekly(10.0), clock=Clock(weeks))
    assert not {"within.p", "open.p"} & set(simulate(network((places("s", 9),), (path,), 20), 1).values())


def test_more_than_the_places_that_are_left_are_told_as_used():
    held = Pathway("p", (step("a", "s", fixed(500.0)),), Weekly(20.0))
    halved = Service("s", "places", Weekly(40.0, changes=(Change(60, times=0.5),)))
    runs = simulate(network((halved,), (held,), 120), 3)
    measure = next(one for one in runs.reading.measures if one.id == "used.s")
    found = level_of(measure, runs.values()["used.s"], 0.95)
    assert found.mean == pytest.approx(2.0, rel=0.02)
    assert found.low <= found.mean <= found.high


def test_the_priority_of_a_pathway_moves_its_bands():
    bands = (Band("first", 0.5, 1), Band("later", 0.5, 3))
    path = Pathway("p", (step("a", "s"),), Weekly(1.0), bands=bands)
    made = network((places("s", 3),), (path,))
    moved = apply_scenario(made, Scenario("scenario", "x", (PriorityChange("priority", "p", 5),)))
    assert [band.priority for band in moved.pathway("p").bands] == [5, 7]


def test_changes_that_could_change_nothing_are_told():
    made = network((Service("t", "time"), places("s", 1)), (Pathway("p", (step("a", "s"),), Weekly(1.0)),), 52)
    late = CapacityChange("capacity", "s", add=1.0, from_week=52)
    nothing = CapacityChange("capacity", "t", add=1.0)
    wrong = Scenario("scenario", "x", (late, nothing, OrderChange("order", "t", "clock")))
    assert [place for place, *_ in faults(wrong, made)] == [
        "changes[0].from_week",
        "changes[1].service",
        "changes[2].service",
    ]


def test_replications_are_added_until_a_measure_is_known():
    runs = simulate_until(SMALL, "list.lettings", 0.02, most=60)
    assert 5 < len(runs.records) < 60
    assert half_width(runs.values()["list.lettings"], 0.95) <= 0.02 * runs.values()["list.lettings"].mean()
    assert runs.digest() == simulate(SMALL, len(runs.records)).digest()
    assert len(simulate_until(SMALL, "list.lettings", 0.0001, most=8).records) == 8


def test_the_whole_of_what_may_be_added_is_tried():
    asked = ReachQuestion("reach_question", Target("list.s", 30, 0.0), "s", most=0.3, step=0.1)
    path = Pathway("p", (step("a", "s", fixed(0.0)),), Weekly())
    there = (Present("p", 9, least=1.0),)
    made = network((slots("s", 0.0),), (path,), 30, there)
    told: list[tuple[int, int]] = []
    found = capacity_to_reach(made, asked, replications=2, progress=lambda done, of: told.append((done, of)))
    assert found.add == 0.3
    assert [done for done, _ in told] == list(range(1, 2 * found.tried + 1))
    assert {of for _, of in told} == {2 * most_tried(asked)}
