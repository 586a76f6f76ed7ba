"""The reference networks are what they say: by formula, beside the study that set them, and as the peers read them."""

from __future__ import annotations

import importlib.util
import math
import statistics
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from braid.simulation.durations import Weibull
from braid.simulation.engines import compiled, plain
from braid.simulation.program import CERTAIN, PLACES, RATE, SLOTS, TIME, Counting, Program, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.tables import SIDE, TICKS, table_of
from shared import shared_folder

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "simulation"
WEEKS = 156
ALLOWED_Z = 4


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch):
    """Have the modules of the benchmarks at hand, and away again afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS / "peers"))
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in set(sys.modules) - before:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def networks() -> ModuleType:
    import reference_networks

    return reference_networks


def _study(name: str) -> ModuleType:
    path = shared_folder("design", "bench-sim", f"{name}.py")
    described = importlib.util.spec_from_file_location(f"study_{name}", path)
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def _queueing(load: float, places: int) -> float:
    """Return the chance to wait, by the recursion of Erlang's loss formula."""
    loss = 1.0
    for place in range(1, places + 1):
        loss = load * loss / (place + load * loss)
    return loss / (1 - (load / places) * (1 - loss))


def test_the_exact_answers_are_what_the_formulas_say(networks):
    assert pytest.approx(networks.N1_WAIT, rel=1e-4) == _queueing(9, 10) / (10 - 9)
    flows = {"a": 4.0, "b": 4.0 / 0.825, "c": 0.7 * 4.0 / 0.825}
    means, places = {"a": 1.0, "b": 0.5, "c": 1.25}, {"a": 5, "b": 3, "c": 6}
    for station, flow in flows.items():
        load = flow * means[station]
        inside = load + _queueing(load, places[station]) * load / (places[station] - load)
        assert networks.N2_INSIDE[station] == pytest.approx(inside, rel=1e-4)
    first, both = 1.2 / 5, 4.0 / 5
    served = _queueing(4, 5) / 5
    assert networks.N2_WAIT_AT_A[0] == pytest.approx(served / (1 - first), rel=1e-4)
    assert networks.N2_WAIT_AT_A[1] == pytest.approx(served / (1 - first) / (1 - both), rel=1e-4)


def test_the_exact_answers_are_the_studys(networks):
    study = _study("nets")
    assert pytest.approx(study.n1_exact()["Wq"], rel=1e-4) == networks.N1_WAIT
    assert list(networks.N2_INSIDE.values()) == pytest.approx(list(study.n2_exact()["L"]), rel=1e-4)
    assert list(networks.N2_WAIT_AT_A) == pytest.approx(list(study.n2_exact()["WqA"]), rel=1e-4)


@pytest.mark.skipif(not compiled.is_available(), reason="no C compiler on this machine")
@pytest.mark.parametrize("name", ["n1", "n2"])
def test_the_fast_engine_finds_the_exact_answers(name):
    import beside_peers
    import own_engines

    program = own_engines.program_of(name, 20_000)
    records = [compiled.run(program, seed_of(7, number)) for number in range(20)]
    answers = [own_engines.answers_of(name, record, 20_000) for record in records]
    for which, exact in beside_peers.EXACT[name].items():
        found = [each[which] for each in answers]
        error = statistics.stdev(found) / len(found) ** 0.5
        assert abs(statistics.mean(found) - exact) < ALLOWED_Z * error
        assert error < 0.02 * exact


def test_every_engine_counts_the_same_events_of_a_model():
    """Of N2, with what the weeks and the second pathway add taken out, as many as its flows make."""
    import own_engines

    program = own_engines.program_of("n2", 3_000)
    events = own_engines.model_events("n2", program, plain.run(program, seed_of(1, 0)))
    assert events / 3_000 == pytest.approx(4 + 4 + 4 / 0.825 + 2.8 / 0.825, rel=0.03)


def test_stations_are_the_networks(networks):
    import stations

    for described, network in ((stations.N1, networks.n1(52)), (stations.N2, networks.n2(52))):
        assert described.places == tuple(one.capacity.level for one in network.services)
        arriving = [one for one in network.pathways if one.arrivals.level]
        assert described.arrivals == tuple(one.arrivals.level for one in arriving)
        assert [one.priority for one in arriving] == list(range(len(arriving)))
        assert described.means == tuple(step.duration.mean for step in arriving[0].steps)
    _a, b, c = networks.n2(52).pathways[0].steps
    assert (b.share, c.share) == (1.0, stations.N2.onward[1][2])
    assert c.leads_to[0].share == stations.N2.onward[2][1]
    for is_patient in (True, False):
        described = stations.long_list(5_000, is_patient=is_patient)
        network = networks.long_list(5_000, 10, patience=described.patience)
        assert described.arrivals == (network.pathways[0].arrivals.level,)
        assert described.present == network.present[0].count


@pytest.fixture
def n3_pair(networks) -> tuple[Program, dict]:
    return compile_network(networks.n3(weeks=WEEKS)), _study("n3_spec").spec(weeks=WEEKS)


def test_the_capacity_of_n3_is_the_studys(n3_pair):
    program, study = n3_pair
    assert list(program.gives) == [{0: PLACES, 1: SLOTS, 2: TIME}[kind] for kind in study["kind"]]
    places, slots = study["kind"] == 0, study["kind"] == 1
    differ = program.capacity[places] - study["cap"][places]
    assert set(np.unique(differ)) <= {0, 1}  # halves are rounded up here, to even there
    assert (differ != 0).mean() < 0.01
    given = program.capacity[slots].cumsum(axis=1) - study["cap"][slots].cumsum(axis=1)
    assert np.abs(given).max() <= 1
    assert (given != 0).mean() < 0.05


def test_the_arrivals_of_n3_are_the_studys(n3_pair):
    program, study = n3_pair
    assert list(program.source_pathway) == list(range(6))
    assert np.abs(program.source_rate / RATE - study["rate"]).max() <= 0.5 / RATE + 1e-9
    assert list(program.pathway_priority) == list(study["prio"])


def _steps(study: dict):
    """Yield the number, class and place of each step, as they follow one another."""
    number = 0
    for pathway, size in enumerate(study["ns"]):
        for step in range(size):
            yield number, pathway, step
            number += 1


def test_the_steps_of_n3_are_the_studys(n3_pair):
    program, study = n3_pair
    assert list(np.diff(program.first_step)) == list(study["ns"])
    for number, *at in _steps(study):
        at = tuple(at)
        assert program.queue_services[program.step_queue[number]] == study["svc"][at]
        assert program.step_after[number] == study["pred"][at]
        assert program.step_hold[number] == study["hold"][at]
        assert program.step_share[number] == (CERTAIN if study["prob"][at] == 1 else int(study["prob"][at] * CERTAIN))
    coins = [{} for _ in study["ns"]]
    for number, pathway, step in _steps(study):
        if study["prob"][pathway, step] < 1:
            coin = coins[pathway].setdefault(study["grp"][pathway, step], program.step_coin[number])
            assert program.step_coin[number] == coin
    assert [len(set(each.values())) for each in coins] == [len(each) for each in coins]


def test_the_durations_and_the_patience_of_n3_are_the_studys(n3_pair):
    program, study = n3_pair
    for number, *at in _steps(study):
        at = tuple(at)
        scale, shape, patience = (study[name][at] for name in ("dsc", "dsh", "pat"))
        table = program.tables[program.step_duration[number]]
        expected = table_of(Weibull("weibull", scale * math.gamma(1 + 1 / shape), shape))
        assert np.array_equal(table, expected)
        assert table[SIDE - 1] / TICKS == pytest.approx(scale * math.log(2) ** (1 / shape), rel=1e-3)
        waits = program.step_patience[number]
        if patience == 0:
            assert waits == -1
        else:
            assert program.tables[waits][SIDE - 1] / TICKS == pytest.approx(patience * math.log(2), rel=1e-3)


def test_who_waits_in_n3_are_the_studys_but_for_the_draw(n3_pair):
    program, study = n3_pair
    present = program.present
    for pathway, done in {(int(a), int(b)) for a, b in zip(study["i_cls"], study["i_done"], strict=True)}:
        theirs = (study["i_cls"] == pathway) & (study["i_done"] == done)
        rows = present[(present[:, 0] == pathway) & (present[:, 2] == done)]
        assert rows[:, 4].sum() == theirs.sum()
        since = -study["i_since"][theirs]
        ours = (rows[:, 5] * rows[:, 4]).sum() / rows[:, 4].sum() / TICKS
        assert abs(ours - since.mean()) < 6 * since.std() / math.sqrt(len(since)) + 1 / 7
    assert present[:, 4].sum() == len(study["i_cls"])


def test_an_engine_on_simpys_clock_writes_the_very_rows_of_ours(networks):
    pytest.importorskip("simpy", reason="simpy is not installed: see benchmarks/simulation/README.md")
    import simpy_by_hand

    program = compile_network(networks.n3(6_000, 52), Counting())
    seed = seed_of(3, 0)
    found = simpy_by_hand.run_program(program, [52], seed, is_keyed=True)
    assert np.array_equal(np.array(found.rows), plain.run(program, seed).rows)
