"""What must follow when a network is changed in a way whose effect is known, whatever its figures are."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.simulation.durations import Erlang, Exponential, Fixed, Lognormal, Weibull
from braid.simulation.engines import compiled, plain
from braid.simulation.faults import faults
from braid.simulation.model import Change, Network, Pathway, Present, Service, Step, Weekly
from braid.simulation.program import Counting, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import differences
from simulation.drawn_networks import drawn_network
from simulation.known_models import MODELS, SMALL, known_model
from simulation.readings import Reading, check_identities

pytestmark = pytest.mark.skipif(not compiled.is_available(), reason="no C compiler on this machine")

START = dt.date(2025, 1, 6)
COUNTING = Counting(window_weeks=5, bins=30, check_weeks=5)
SEEDS = st.integers(0, 2**31)
SERVE = ("person", "serve")
DURATIONS = st.sampled_from(
    [
        Fixed("fixed", 0.7),
        Exponential("exponential", 1.0),
        Weibull("weibull", 1.0, 0.7),
        Lognormal("lognormal", 0.5, 4.0),
        Erlang("erlang", 2.0, 2),
    ]
)


def _read(
    network: Network, seed: int, counting: Counting = COUNTING, base: Network | None = None, **how: bool
) -> Reading:
    program = compile_network(network, counting, base)
    return Reading(network, program, compiled.run(program, seed_of(seed, 0), **how))


def _list(gives: str, capacity: Weekly, arrivals: Weekly, step: Step, weeks: int = 40, waiting: int = 0) -> Network:
    """Return a single list: one service, one pathway of one step."""
    present = (Present("person", waiting, least=1.0, most=9.0),) if waiting else ()
    service = Service("desk", gives, capacity)  # type: ignore[arg-type]
    return Network(
        "network", "list", START, weeks, (service,), (Pathway("person", (step,), arrivals),), present=present
    )


# -- more capacity

LISTS = st.builds(
    lambda gives, capacity, rates, duration, waiting: _list(
        gives,
        Weekly(values=tuple(capacity)),
        Weekly(values=tuple(rates)),
        Step("serve", ("desk",), duration),
        40,
        waiting,
    ),
    st.sampled_from(["slots", "places"]),
    st.lists(st.sampled_from([0.0, 1.0, 2.5, 4.0, 7.0]), min_size=1, max_size=9),
    st.lists(st.sampled_from([0.0, 1.0, 3.0, 6.0]), min_size=1, max_size=9),
    DURATIONS,
    st.sampled_from([0, 0, 15]),
)


@given(LISTS, SEEDS)
def test_one_more_never_lengthens_a_single_list(network, seed):
    """First come first served with each person's own times: nobody is started later (Kiefer and Wolfowitz 1955)."""
    service = network.services[0]
    capacity = tuple(value + 1 for value in service.capacity.values)
    more = replace(network, services=(replace(service, capacity=Weekly(values=capacity)),))
    before, after = _read(network, seed), _read(more, seed)
    assert (after.step_column("joined", SERVE) == before.step_column("joined", SERVE)).all()
    assert (after.step_column("started", SERVE) >= before.step_column("started", SERVE)).all()
    assert (after.step_column("waiting", SERVE) <= before.step_column("waiting", SERVE)).all()
    assert (_waiting_longer(after) <= _waiting_longer(before)).all()


def _waiting_longer(reading: Reading) -> np.ndarray:
    """Return by check and week how many of those who wait have waited so long or longer."""
    return reading.record.ages[:, 0, ::-1].cumsum(axis=1)


@given(st.sampled_from(["slots", "places"]), st.integers(1, 5), DURATIONS, SEEDS)
def test_one_more_never_lengthens_the_wait_of_anybody_when_all_are_served(gives, capacity, duration, seed):
    rates = Weekly(values=(4.0,) * 20 + (0.0,) * 980)
    step = Step("serve", ("desk",), duration)
    before, after = (_read(_list(gives, Weekly(more), rates, step, 1000), seed) for more in (capacity, capacity + 1))
    assert before.sums(SERVE)["started"] == after.sums(SERVE)["started"] == before.step_column("joined", SERVE)[-1]
    assert after.sums(SERVE)["waited"] <= before.sums(SERVE)["waited"]
    assert after.sums(SERVE)["served"] == before.sums(SERVE)["served"]
    longer = [reading.record.waits.sum(axis=(0, 1))[::-1].cumsum() for reading in (before, after)]
    assert (longer[1] <= longer[0]).all()


def test_the_check_of_more_capacity_can_fail():
    """Less capacity lengthens the list: the two comparisons above do tell the one from the other."""
    network = _list("places", Weekly(4), Weekly(4.0), Step("serve", ("desk",), Exponential("exponential", 1.0)))
    fewer = replace(network, services=(replace(network.services[0], capacity=Weekly(3)),))
    before, after = _read(network, 1), _read(fewer, 1)
    assert (after.step_column("waiting", SERVE) > before.step_column("waiting", SERVE)).any()


# -- what things are called, and in which order they are named


@given(SEEDS)
def test_titles_mean_nothing(seed):
    network = drawn_network(seed)
    titled = replace(
        network,
        name="another",
        services=tuple(replace(one, title=one.id.upper()) for one in network.services),
        pathways=tuple(replace(one, title="so called", unit="household") for one in network.pathways),
    )
    assert differences(_read(network, seed).record, _read(titled, seed).record) == []


@given(SEEDS)
def test_other_ids_mean_nothing(seed):
    network = drawn_network(seed)
    names = {one.id: f"renamed {one.id}" for one in network.services}
    renamed = replace(
        network,
        services=tuple(replace(one, id=names[one.id]) for one in network.services),
        pathways=tuple(
            replace(
                one, steps=tuple(replace(step, services=tuple(names[s] for s in step.services)) for step in one.steps)
            )
            for one in network.pathways
        ),
    )
    assert differences(_read(network, seed).record, _read(renamed, seed).record) == []


@given(SEEDS)
def test_the_order_in_which_services_are_named_means_nothing(seed):
    network = _one_service_a_step(drawn_network(seed))
    services = list(network.services)
    random.Random(seed).shuffle(services)
    shuffled = replace(network, services=tuple(services))
    before, after = _read(network, seed), _read(shuffled, seed)
    assert _differences_but_services(before, after) == []


def _one_service_a_step(network: Network) -> Network:
    """Return the network without steps of several services: which of two queues is asked first can matter there."""
    pathways = tuple(
        replace(one, steps=tuple(replace(step, services=step.services[:1]) for step in one.steps))
        for one in network.pathways
    )
    return replace(network, pathways=pathways)


def _differences_but_services(one: Reading, other: Reading) -> list[str]:
    """Return what differs, the columns of services compared by their names."""
    names = ("busy", "used", "lapsed", "offered")
    shared = [service.id for service in one.network.services if service in other.network.services]
    columns = [
        f"{service} {name}"
        for service in shared
        for name in names
        if (one.service_column(name, service) != other.service_column(name, service)).any()
    ]
    steps = 5 * one.program.steps
    rows = [
        np.delete(each.record.rows, np.s_[steps : steps + 4 * each.program.services], axis=1) for each in (one, other)
    ]
    rest = [
        each.name
        for each in fields(one.record)
        if each.name != "rows" and not np.array_equal(getattr(one.record, each.name), getattr(other.record, each.name))
    ]
    return [*columns, *rest, *([] if np.array_equal(*rows) else ["rows"])]


@given(SEEDS)
def test_a_service_that_nobody_uses_changes_nothing(seed):
    network = drawn_network(seed)
    more = replace(
        network, services=(Service("idle", "places", Weekly(3)), *network.services, Service("spare", "time"))
    )
    before, after = _read(network, seed), _read(more, seed)
    assert _differences_but_services(before, after) == []


@given(SEEDS)
def test_a_pathway_that_nobody_takes_changes_nothing(seed):
    network = drawn_network(seed)
    step = Step("never", (network.services[0].id,), Fixed("fixed", 1.0))
    more = replace(network, pathways=(*network.pathways, Pathway("empty", (step,))))
    before, after = _read(network, seed), _read(more, seed)
    assert (after.record.counts == before.record.counts).all()
    assert all(
        (after.step_column("waiting", pair) == before.step_column("waiting", pair)).all() for pair in before.steps
    )


# -- the horizon


@given(SEEDS)
def test_a_longer_horizon_begins_with_the_shorter_one(seed):
    network = replace(drawn_network(seed), weeks=20)
    short, long = _read(network, seed).record, _read(replace(network, weeks=40), seed).record
    assert np.array_equal(short.rows, long.rows[: len(short.rows)])
    for name in ("waits", "wait_sums", "clocks", "clock_sums", "traces", "trace_sums", "ages", "clock_ages"):
        one, other = getattr(short, name), getattr(long, name)
        assert np.array_equal(one, other[: len(one)]), name


@given(SEEDS)
def test_how_finely_is_counted_means_nothing(seed):
    network = replace(drawn_network(seed), weeks=40)
    fine = _read(network, seed, Counting(window_weeks=1, bins=60, check_weeks=1))
    coarse = _read(network, seed, Counting(row_weeks=8, window_weeks=40, bins=10, check_weeks=20))
    assert np.array_equal(fine.record.rows[::8], coarse.record.rows)
    assert np.array_equal(fine.record.wait_sums.sum(axis=0), coarse.record.wait_sums[0])
    assert np.array_equal(fine.record.clock_sums.sum(axis=0), coarse.record.clock_sums[0])
    assert np.array_equal(fine.record.waits.sum(axis=0)[:, :9], coarse.record.waits[0][:, :9])
    assert np.array_equal(fine.record.ages[[19, 39], :, :9], coarse.record.ages[:, :, :9])
    assert np.array_equal(fine.record.counts, coarse.record.counts)


@given(SEEDS)
def test_every_record_adds_up(seed):
    held = check_identities(_read(drawn_network(seed), seed))
    assert held.broken == 0


# -- people in common


def _shut_every_second_week(arrivals: Weekly) -> Network:
    """Return a list at which who comes in a week without places waits until it ends: the wait says when they came."""
    step = Step("serve", ("desk",), Fixed("fixed", 0.0))
    return _list("places", Weekly(values=(0.0, 1e6)), arrivals, step, 200)


BY_WEEK = Counting(window_weeks=1, bins=5, check_weeks=0)


def _arrivals_and_waits(reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """Return for the weeks without places how many came, and the ticks that they waited, as a sum."""
    sums = reading.record.wait_sums[1::2, 0]
    return np.diff(reading.pathway_column("arrived", "person"))[0::2], sums[:, 1]


@pytest.mark.parametrize("change", [Change(times=0.4), Change(times=2.0), Change(30, add=0.7), Change(50, times=0.0)])
@pytest.mark.parametrize("seed", range(5))
def test_whoever_arrives_in_a_scenario_too_arrives_at_the_same_moment(change, seed):
    base = _shut_every_second_week(Weekly(0.9, changes=(Change(100, times=3.0),)))
    arrivals = Weekly(0.9, changes=(Change(100, times=3.0), change))
    scenario = _shut_every_second_week(arrivals)
    came, waited = _arrivals_and_waits(_read(base, seed, BY_WEEK))
    come, wait = _arrivals_and_waits(_read(scenario, seed, BY_WEEK, base=base))
    is_more = change.times > 1 or change.add > 0
    assert (come >= came).all() if is_more else (come <= came).all()
    assert (wait >= waited).all() if is_more else (wait <= waited).all()
    assert (wait[come == came] == waited[come == came]).all()
    assert (come != came).any()
    assert ((come == came) & (came > 0)).any()


def test_without_its_base_a_scenario_has_other_people():
    base = _shut_every_second_week(Weekly(0.9))
    scenario = _shut_every_second_week(Weekly(0.9, changes=(Change(times=0.4),)))
    came, waited = _arrivals_and_waits(_read(base, 1, BY_WEEK))
    come, wait = _arrivals_and_waits(_read(scenario, 1, BY_WEEK))
    assert (wait[come == came] != waited[come == came]).any()


@given(SEEDS)
def test_a_scenario_that_changes_nothing_is_its_base(seed):
    network = drawn_network(seed)
    assert differences(_read(network, seed).record, _read(network, seed, base=network).record) == []


# -- size


@pytest.mark.parametrize("gives", ["slots", "places"])
def test_a_place_of_k_times_the_people_has_lists_k_times_as_long(gives):
    """Where more arrive than can be served, lists grow in proportion; the start at an empty list is felt but little."""
    ends = {factor: _ends_of_overloaded_list(gives, factor) for factor in (1, 4, 16)}
    for factor in (4, 16):
        one, many = ends[1], ends[factor] / factor
        error = np.sqrt(one.var(ddof=1) / len(one) + many.var(ddof=1) / len(many))
        assert abs(one.mean() - many.mean()) < 3 * error + 0.01 * one.mean()
        assert many.std(ddof=1) == pytest.approx(one.std(ddof=1) / factor**0.5, rel=0.35)


def _ends_of_overloaded_list(gives: str, factor: int) -> np.ndarray:
    step = Step("serve", ("desk",), Exponential("exponential", 1.0), patience=Exponential("exponential", 60.0))
    network = _list(gives, Weekly(25 * factor), Weekly(40.0 * factor), step, 60)
    program = compile_network(network, COUNTING)
    records = [compiled.run(program, seed_of(7, replication)) for replication in range(60)]
    return np.array([record.rows[-1, 0] for record in records], dtype=float)


# -- antithetic pairs


@pytest.mark.parametrize("gives", ["slots", "places"])
def test_antithetic_runs_have_opposite_luck(gives):
    step = Step("serve", ("desk",), Exponential("exponential", 1.0))
    program = compile_network(_list(gives, Weekly(25), Weekly(26.0), step, 100), COUNTING)
    ends = np.array(
        [
            [compiled.run(program, seed_of(5, number), is_antithetic=flip).rows[-1, 0] for flip in (False, True)]
            for number in range(100)
        ]
    )
    assert np.corrcoef(ends.T)[0, 1] < -0.3
    assert abs(ends[:, 0].mean() - ends[:, 1].mean()) < 3 * np.sqrt(ends.var(axis=0, ddof=1).sum() / len(ends))


# -- nothing at all


@pytest.mark.parametrize("engine", [compiled, plain])
def test_a_network_without_people_stands_still(engine):
    network = _list("slots", Weekly(3), Weekly(0.0), Step("serve", ("desk",), Fixed("fixed", 1.0)), 12)
    program = compile_network(network, COUNTING)
    reading = Reading(network, program, engine.run(program, seed_of(1, 0)))
    assert check_identities(reading).broken == 0
    assert reading.service_column("lapsed", "desk").tolist() == [3 * week for week in range(13)]
    assert reading.record.counts.tolist() == [12, 0, 0, 0, 0, 0, 0]


def test_a_network_without_pathways_or_services_is_refused():
    network = _list("slots", Weekly(3), Weekly(1.0), Step("serve", ("desk",), Fixed("fixed", 1.0)))
    assert faults(network) == []
    assert "network" in [place for place, _rule, _next_step in faults(replace(network, pathways=()))]
    assert "network" in [place for place, _rule, _next_step in faults(replace(network, services=()))]


@pytest.mark.parametrize("name", MODELS)
def test_the_networks_whose_answers_are_known_are_sound(name):
    assert faults(known_model(name).make(SMALL.events)) == []
