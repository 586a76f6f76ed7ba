"""The engine gives what queueing theory says exactly, and a theory that is 1 % off is found out.

Ordinary tests simulate some 10**6 events of each model, slow ones 10**8; each starts with seeds of its own, chosen
before anything was measured. `tools/simulation_validation.py` writes the figures into docs/simulation/validation.md.
"""

from __future__ import annotations

import math
import runpy

import pytest
from scipy import integrate

from braid.simulation.engines import compiled, plain
from braid.simulation.program import Counting, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import differences
from shared import REPOSITORY
from simulation import closed_forms
from simulation.known_models import LARGE, MODELS, MOST_DEVIATION, OPPOSITE, SMALL, check, known_model

TOOL = runpy.run_path(str(REPOSITORY / "tools" / "simulation_validation.py"))
needs_compiler = pytest.mark.skipif(not compiled.is_available(), reason="no C compiler on this machine")


# -- the closed forms among themselves and against published figures


def test_erlangs_formulas_are_those_of_published_tables():
    assert closed_forms.erlang_b(5, 4.0) == pytest.approx(0.1991, abs=5e-5)
    assert closed_forms.erlang_b(10, 5.0) == pytest.approx(0.0184, abs=5e-5)
    assert closed_forms.erlang_c(1, 0.8) == pytest.approx(0.8)
    assert closed_forms.erlang_c(2, 1.0) == pytest.approx(1 / 3)


def test_the_reference_networks_have_the_answers_that_they_state():
    jackson, mmc = known_model("three stations with feedback, two priorities"), known_model("M/M/10")
    stated = (6.2165, 5.2048, 5.0811, 0.14582, 0.72910)
    assert [figure.exact for figure in jackson.figures] == pytest.approx(stated, rel=2e-5)
    assert mmc.figures[0].exact == pytest.approx(0.66873, rel=1e-5)


def test_the_mean_wait_of_md1_is_the_area_of_its_tail():
    pieces = [(k * 0.2, (k + 1) * 0.2) for k in range(14)]
    area = math.fsum(integrate.quad(lambda t: closed_forms.md1_wait_over(2.0, 0.2, t), *piece)[0] for piece in pieces)
    assert area == pytest.approx(closed_forms.mg1_wait(2.0, 0.2, 0.04), rel=1e-6)


def test_pollaczek_and_khinchine_agree_with_erlang_where_both_speak():
    assert closed_forms.mg1_wait(8.0, 0.1, closed_forms.erlang_second_moment(0.1, 1)) == pytest.approx(
        closed_forms.mmc_wait(8.0, 0.1)
    )
    assert closed_forms.weibull_second_moment(0.3, 1.0) == pytest.approx(2 * 0.3**2)


def test_priorities_keep_the_sum_of_load_times_wait():
    arrivals, services = (2.0, 3.0, 1.5), (0.05, 0.1, 0.2)
    seconds = [2 * mean**2 for mean in services]
    waits = closed_forms.cobham_waits(arrivals, services, seconds)
    total = sum(rate * mean * wait for rate, mean, wait in zip(arrivals, services, waits, strict=True))
    assert total == pytest.approx(closed_forms.conserved_wait(arrivals, services, seconds))
    assert closed_forms.cobham_waits_mmc([8.0], 0.1, 1) == pytest.approx([closed_forms.mmc_wait(8.0, 0.1)])


def test_two_derivations_of_the_queue_for_slots_agree():
    by_matrix = closed_forms.slots_waiting_in_cycle(9.0, (10,))
    assert by_matrix == pytest.approx(closed_forms.slots_waiting(9.0, 10), rel=1e-9)


def test_endless_patience_waits_as_in_erlangs_queue_and_none_is_turned_away_as_in_his_loss():
    assert closed_forms.erlang_a_waiting(9.0, 1.0, 10, 1e9) / 9.0 == pytest.approx(
        closed_forms.mmc_wait(9.0, 1.0, 10), rel=1e-6
    )
    hurried = closed_forms.erlang_a_waiting(40.0, 0.1, 5, 1e-9) / 1e-9 / 40.0
    assert hurried == pytest.approx(closed_forms.erlang_b(5, 4.0), rel=1e-6)
    assert closed_forms.fixed_patience_leaving(12.0, 0.1, 0.0) == pytest.approx(closed_forms.erlang_b(1, 1.2))


def test_one_class_of_a_loss_network_is_erlangs():
    assert closed_forms.joint_services_blocked([4.0], [(0,)], [5]) == pytest.approx([closed_forms.erlang_b(5, 4.0)])


def test_a_closed_network_with_a_place_for_everybody_has_no_queue():
    assert closed_forms.closed_network_served(12, 0.5, 0.2, 12) == pytest.approx(12 / 0.7)


# -- the engine against them


@needs_compiler
@pytest.mark.parametrize("name", MODELS)
def test_a_million_events_are_as_theory_says(name):
    checked = check(name, SMALL)
    assert checked.identities.broken == 0
    assert _beyond(name, checked) == {}


@needs_compiler
@pytest.mark.parametrize("name", MODELS)
def test_a_million_events_of_opposite_luck_are_as_theory_says(name):
    checked = check(name, OPPOSITE)
    assert checked.identities.broken == 0
    assert _beyond(name, checked) == {}


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_hundred_million_events_are_as_theory_says(name):
    checked = check(name, LARGE)
    assert checked.identities.broken == 0
    assert _beyond(name, checked) == {}


@needs_compiler
@pytest.mark.parametrize("name", MODELS)
def test_the_plain_engine_writes_the_same_record_of_a_model_known_exactly(name):
    network = known_model(name).make(2_000)
    program = compile_network(network, Counting(window_weeks=50, bins=12, check_weeks=10))
    for replication in range(2):
        seed, flip = seed_of(9, replication), bool(replication)
        assert (
            differences(plain.run(program, seed, is_antithetic=flip), compiled.run(program, seed, is_antithetic=flip))
            == []
        )


def _beyond(name, checked, longer=1.0):
    model = known_model(name, longer)
    deviations = dict(zip((figure.name for figure in model.figures), checked.deviations(model), strict=True))
    return {figure: z for figure, z in deviations.items() if abs(z) > MOST_DEVIATION}


@needs_compiler
def test_a_theory_one_percent_off_is_mostly_found_with_a_million_events():
    found = [name for name in MODELS if _beyond(name, check(name, SMALL), longer=1.01)]
    assert len(found) >= len(MODELS) / 2


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_theory_one_percent_off_is_found_with_a_hundred_million_events(name):
    assert _beyond(name, check(name, LARGE), longer=1.01)


# -- the page, in this module so that nothing is simulated twice


@needs_compiler
def test_the_ordinary_part_of_the_page_comes_out_again():
    page = TOOL["PAGE"].read_text(encoding="utf-8")
    assert page == TOOL["new_page"](TOOL["QUICK"]), "run: python tools/simulation_validation.py --ordinary"


@needs_compiler
@pytest.mark.slow
def test_the_whole_page_comes_out_again():
    page = TOOL["PAGE"].read_text(encoding="utf-8")
    assert page == TOOL["new_page"](), "run: python tools/simulation_validation.py"
